/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Wallet: this node's account, what it holds, and its transactions. GTK, main thread.
 */
#pragma once
#include "ui/place.h"

G_BEGIN_DECLS

#define SOUK_TYPE_WALLET_PAGE (souk_wallet_page_get_type ())
G_DECLARE_FINAL_TYPE (SoukWalletPage, souk_wallet_page, SOUK, WALLET_PAGE, SoukPlace)

G_END_DECLS
