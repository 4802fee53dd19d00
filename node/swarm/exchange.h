/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Exchanging blocks with the swarm's peers: drives mesh/bitswap over streams. GLIB, node thread.
 *
 * Blocks that are asked for are verified against their CIDs; keeping them is the caller's. What
 * peers ask for is read from a source, synchronously.
 */
#pragma once
#include "mesh/bitswap.h"
#include "swarm/swarm.h"

typedef struct SoukExchange SoukExchange;
typedef struct SoukExchangeWant SoukExchangeWant;

/* Where the blocks are that this node serves. */
typedef struct {
  /* Returns: (transfer full) (nullable). */
  GBytes *(*get) (const SoukCid *cid, void *user);
  /* False when it is not here; else its size. */
  bool (*has) (const SoukCid *cid, size_t *out_size_bytes, void *user);
  void *user;
} SoukBlockSource;

/* `block` is NULL when it did not come in time. The want is over. */
typedef void (*SoukBlockFunc) (SoukExchange *self, const SoukCid *cid, GBytes *block, void *user);

/* The swarm outlives it. */
SoukExchange *souk_exchange_new (SoukSwarm *swarm, const SoukBlockSource *source);
/* Open wants end without a call. */
void souk_exchange_free (SoukExchange *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukExchange, souk_exchange_free)

/* Asks for a block; `preferred` (nullable) is asked first. `done` is called once, never from inside
 * this call; several may want the same block. Returns: (transfer none) (nullable): valid until
 * `done`, for souk_exchange_cancel(); NULL when it cannot be asked for (a hash that is not known, or
 * too many wants), and then `done` is not called. */
SoukExchangeWant *souk_exchange_want (SoukExchange *self, const SoukCid *cid,
                                      const SoukPeerId *preferred, unsigned timeout_ms,
                                      SoukBlockFunc done, void *user);
/* Ends a want; `done` is not called. */
void souk_exchange_cancel (SoukExchangeWant *want);
/* A block came into the store: peers that wait for it get it. */
void souk_exchange_block_added (SoukExchange *self, const SoukCid *cid);
void souk_exchange_stats (const SoukExchange *self, SoukBitswapStats *out);
