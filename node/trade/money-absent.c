/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Holds the place of money.c while that is written; removed with it. Never called: no node has money.
 */
#include "trade/money.h"

bool
souk_money_wallet_proof (SoukMoney *self, uint8_t out_proof[SOUK_ECDSA_SIZE])
{
  g_assert_not_reached ();
}

const SoukAddress *
souk_money_address (const SoukMoney *self)
{
  g_assert_not_reached ();
}

SoukDomain
souk_money_domain (const SoukMoney *self, SoukEscrowMarket market)
{
  g_assert_not_reached ();
}
