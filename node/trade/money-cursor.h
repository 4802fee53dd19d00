/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the money stands in the chain, on disk: the follower's cursor, and the events that are not
 * deep enough to be told. GLIB, node thread.
 *
 * One for each network (chain id and both contracts), so that a data folder can change networks and
 * come back. It is cut into documents, since a busy contract makes it large.
 */
#pragma once
#include "trade/money-private.h"

SoukMoneyLog *souk_money_log_new (const SoukChainLog *log, bool is_undo);
void souk_money_log_free (gpointer item);

/* Puts self's start block and pending events with the follower's cursor (empty: none yet). */
void souk_money_cursor_put (SoukMoney *self, GBytes *cursor, SoukStoreBatch *batch);
/* Reads all of it back into self.
 * Returns: (transfer full) (nullable): the follower's cursor; NULL when this network is new here. */
GBytes *souk_money_cursor_read (SoukMoney *self);
