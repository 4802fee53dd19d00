/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Purchases and sales of prompts (DESIGN 6.1): drives market/order over the mesh, the library and the
 * money. GLIB, node thread.
 *
 * Serves /souk/deliver/1.0.0, binds prompt.purchase, order.list and order.show, and emits
 * order.changed with the whole order. The loop is machine.h's: nothing is done before the state that
 * wants it done is on disk, and what the chain says is stored in one write with the chain's cursor.
 * A node that is killed at any moment goes on from the stored states.
 */
#pragma once
#include "trade/context.h"

typedef struct SoukOrders SoukOrders;

/* Loads what is not over and goes on with it. */
SoukOrders *souk_orders_new (const SoukTradeContext *context);
/* The store is stopped by then (souk_store_stop), and the context does not run again before the
 * library, the swarm and the money are freed. */
void souk_orders_free (SoukOrders *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukOrders, souk_orders_free)
