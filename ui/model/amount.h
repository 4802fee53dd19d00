/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Amounts of money for people: decimal strings in, decimal strings out, never a double. GLIB; what
 * has to do with the coin's name on the main thread.
 *
 * An amount in coins has up to 18 digits after the point. The node counts with 256 bits; what is
 * counted here (what the seller is left with) fits in 128 bits for every amount of coins that
 * exists, and is left out where it does not.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* The fee of Souk's contracts: 3 %, rounded down. */
#define SOUK_AMOUNT_FEE_POINTS 300

/* Returns: (transfer full): "250000000000000000" as "0.25"; "" when `wei` is no number. */
char *souk_amount_from_wei (const char *wei);

/* What the coin is called from now on: one name for the whole program, since one node runs in it.
 * NULL: amounts stand without a name. */
void souk_amount_set_coin (const char *name);

/* Returns: the name; "" when there is none. */
const char *souk_amount_coin (void);

/* An amount as it is shown, never broken between the number and the coin: "0.25" as "0.25 ETH".
 * Returns: (transfer full): "" when `coins` is "". */
char *souk_amount_shown (const char *coins);

/* True when `coins` is an amount that a price can be: digits, and at most 18 after one point. */
bool souk_amount_is_valid (const char *coins);

/* True when it is an amount of nothing: "0", "0.00", "". */
bool souk_amount_is_zero (const char *coins);

/* What of a price the seller gets and what the contract keeps, both (out) (transfer full).
 * Returns: false and no strings when `coins` is no amount or is too large to count here. */
bool souk_amount_split (const char *coins, char **out_net, char **out_fee);

G_END_DECLS
