/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Provide: one switch that shares this computer, its price and limits, what runs and what it has
 * earned. GTK, main thread.
 */
#pragma once
#include "ui/place.h"

G_BEGIN_DECLS

#define SOUK_TYPE_PROVIDE_PAGE (souk_provide_page_get_type ())
G_DECLARE_FINAL_TYPE (SoukProvidePage, souk_provide_page, SOUK, PROVIDE_PAGE, SoukPlace)

G_END_DECLS
