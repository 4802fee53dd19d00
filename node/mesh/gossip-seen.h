/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The seen cache: ids that were met within a time (gossipsub v1.0, "Message Cache"). PURE.
 *
 * One entry has up to two ids, the two names of one message. Entries live equally long, so they
 * leave in the order in which they came; when the cache is full the oldest leaves early. Used for
 * the node's seen messages and, smaller, for what a peer does not want. Owned by its maker.
 */
#pragma once
#include "base/time.h"
#include "mesh/gossip-codec.h"

typedef struct SoukGossipSeen SoukGossipSeen;

/* `entries_max` > 0; an entry is forgotten `keep_ms` after it came. */
SoukGossipSeen *souk_gossip_seen_new (size_t entries_max, int64_t keep_ms);
void souk_gossip_seen_free (SoukGossipSeen *self);
/* Adds an entry with `id` and, unless it is the same, `alias`.
 * Returns: false, and changes nothing, when `id` is there already. */
bool souk_gossip_seen_add (SoukGossipSeen *self, SoukGossipId id, SoukGossipId alias, SoukMono now);
bool souk_gossip_seen_has (const SoukGossipSeen *self, SoukGossipId id);
/* Forgets what is too old. */
void souk_gossip_seen_expire (SoukGossipSeen *self, SoukMono now);
size_t souk_gossip_seen_size (const SoukGossipSeen *self);
