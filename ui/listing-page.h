/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One listing: what it is, what it costs and who gets what of it, the purchase while it goes on,
 * and the text once it is here. GTK, main thread.
 */
#pragma once
#include "ui/model/client.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define SOUK_TYPE_LISTING_PAGE (souk_listing_page_get_type ())
G_DECLARE_FINAL_TYPE (SoukListingPage, souk_listing_page, SOUK, LISTING_PAGE, AdwNavigationPage)

/* With the newest order for it, if there is one. */
AdwNavigationPage *souk_listing_page_new (SoukClient *client, SoukItem *listing);
/* With just this order. */
AdwNavigationPage *souk_listing_page_new_for_order (SoukClient *client, SoukItem *order);

G_END_DECLS
