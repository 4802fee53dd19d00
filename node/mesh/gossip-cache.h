/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The message cache: what was accepted in the last heartbeats, to be advertised by IHAVE and sent
 * on IWANT (gossipsub v1.0, "Message Cache"). PURE.
 *
 * Messages are kept whole, as they were received, so that an answer is what the author signed.
 * Limits: SOUK_GOSSIP_CACHE_MESSAGES_MAX and _BYTES_MAX; over them the oldest leave early.
 */
#pragma once
#include "mesh/gossip-codec.h"

typedef struct SoukGossipCache SoukGossipCache;

/* One message; owned by the cache. */
typedef struct {
  SoukGossipId id, alias;
  GBytes *message;  /* the Message, encoded */
  GBytes *names[2]; /* by SoukGossipNaming; the js one may be NULL */
  char *topic;
  GArray *sent; /* {peer serial, times}: answers to IWANT */
} SoukGossipCached;

SoukGossipCache *souk_gossip_cache_new (void);
void souk_gossip_cache_free (SoukGossipCache *self);
/* Puts a message into the newest window; does nothing when the id is there. Takes references. */
void souk_gossip_cache_put (SoukGossipCache *self, SoukGossipId id, SoukGossipId alias,
                            const char *topic, GBytes *message, GBytes *const names[2]);
/* By either id; NULL when it is not (or no longer) there. */
SoukGossipCached *souk_gossip_cache_get (SoukGossipCache *self, SoukGossipId id);
/* Counts one more answer of `cached` to a peer. Returns: how many there were, this one included. */
unsigned souk_gossip_cached_count (SoukGossipCached *cached, uint64_t peer_serial);
/* Returns: (transfer container): the messages of `topic` in the windows that are gossiped. */
GPtrArray *souk_gossip_cache_recent (SoukGossipCache *self, const char *topic);
/* A heartbeat has passed: starts a new window and forgets the oldest. */
void souk_gossip_cache_shift (SoukGossipCache *self);
size_t souk_gossip_cache_size (const SoukGossipCache *self);
size_t souk_gossip_cache_bytes (const SoukGossipCache *self);
