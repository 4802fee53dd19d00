/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Jobs: what this node asked for and what it runs for others. GTK, main thread.
 */
#pragma once
#include "ui/place.h"

G_BEGIN_DECLS

#define SOUK_TYPE_JOBS_PAGE (souk_jobs_page_get_type ())
G_DECLARE_FINAL_TYPE (SoukJobsPage, souk_jobs_page, SOUK, JOBS_PAGE, SoukPlace)

/* Opens the dialog that requests a job. */
void souk_jobs_page_request (SoukJobsPage *self);

/* Shows one job; nothing when it is not known. */
void souk_jobs_page_show (SoukJobsPage *self, const char *id);

G_END_DECLS
