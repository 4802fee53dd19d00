/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Logs: how the node is, who it is connected to, and what it has noted. GTK, main thread.
 */
#pragma once
#include "ui/place.h"

G_BEGIN_DECLS

#define SOUK_TYPE_LOGS_PAGE (souk_logs_page_get_type ())
G_DECLARE_FINAL_TYPE (SoukLogsPage, souk_logs_page, SOUK, LOGS_PAGE, SoukPlace)

G_END_DECLS
