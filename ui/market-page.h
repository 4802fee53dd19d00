/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Market: what can be had, what this node sells, purchases and sales. GTK, main thread.
 */
#pragma once
#include "ui/place.h"

G_BEGIN_DECLS

#define SOUK_TYPE_MARKET_PAGE (souk_market_page_get_type ())
G_DECLARE_FINAL_TYPE (SoukMarketPage, souk_market_page, SOUK, MARKET_PAGE, SoukPlace)

/* Opens the dialog that publishes a prompt. */
void souk_market_page_publish (SoukMarketPage *self);

/* Shows the listing of an order; nothing when the order is not known. */
void souk_market_page_show_order (SoukMarketPage *self, const char *id);

G_END_DECLS
