/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One job: its phases, who bid and why one won, what it says while it runs, and its result.
 * GTK, main thread.
 */
#pragma once
#include "ui/model/client.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define SOUK_TYPE_JOB_PAGE (souk_job_page_get_type ())
G_DECLARE_FINAL_TYPE (SoukJobPage, souk_job_page, SOUK, JOB_PAGE, AdwNavigationPage)

AdwNavigationPage *souk_job_page_new (SoukClient *client, SoukItem *job);

G_END_DECLS
