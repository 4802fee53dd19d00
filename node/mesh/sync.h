/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Catalogue sync: which records has the other side that this one lacks, and the other way round
 * (/souk/sync/1.0.0). Range-based set reconciliation; what crosses the wire grows with the
 * difference, not with the sets. PURE.
 *
 * Items are {bucket, id}: a coarse time and a 32-byte hash, in this order. One side, the initiator,
 * sends the fingerprint of everything. Whoever gets a fingerprint that differs from its own for the
 * range answers with fingerprints of up to 16 parts of it, or, when it has few items there, with
 * their list. Whoever gets a list knows the difference: it answers with a bit for each listed item
 * that it lacks, and owes the items that were not listed. Both sides then push the records that
 * they owe over the same stream.
 *
 * Fingerprints: at the start the initiator draws a 16-byte key; an item counts as SipHash-2-4 of its
 * id under that key, and a range's fingerprint is the sum of these modulo 2^64, together with the
 * count. Nobody can make records today whose sums will collide under a key drawn tomorrow, which a
 * sum of the bare hashes would allow; and a chance collision (2^-64) is gone with the next session.
 * The price is one pass over the set for each session: 5 ms for 100,000 items. Lists give 48 bits of
 * the same hash for each item.
 *
 *   message = [version 1, key 16: only the initiator's first] flags 1, range*
 *   flags   = 1 open (some range asks for an answer) | 2 more (ranges are left for the next one)
 *   range   = bound, mode varint, body; it begins where the one before ends, the first at zero
 *   bound   = 0 (no end) | 1 + bucket - bucket of the bound before (varint), len 1, len bytes that
 *             the end's id begins with (zeros follow); the end is not in the range
 *   mode 0 skip         body nothing
 *   mode 1 fingerprint  body count varint, sum 8 (big-endian)
 *   mode 2 list         body count varint, 6 for each item in order
 *   mode 3 answer       body pushed varint: how many items the sender owes in this range;
 *                       count varint (0 or the receiver's count), bits: item i is lacking
 *
 * The sides take turns. The session is over when a message asks for nothing and neither side has
 * ranges left. A side may push what it owes as soon as it knows it.
 *
 * Limits: below. A peer that breaks them, or that contradicts itself, ends the session (BAD_SYNC,
 * LIMIT); nothing else is touched.
 */
#pragma once
#include "base/bytes.h"
#include "base/rng.h"
#include "base/status.h"

#define SOUK_SYNC_PROTOCOL "/souk/sync/1.0.0"

/* A larger set is synced in parts by the driver. 48 bytes of memory for each item. */
#define SOUK_SYNC_ITEMS_MAX (1 << 20)
#define SOUK_SYNC_MESSAGE_SIZE_MAX (256 * 1024)
/* Messages of one session, both directions: a peer cannot keep one open for ever. */
#define SOUK_SYNC_MESSAGES_MAX 512
/* Ranges that wait to be sent: each range of a message can make 16, of 100 bytes each. */
#define SOUK_SYNC_RANGES_MAX 65536
/* Ranges with more items are split, not listed. */
#define SOUK_SYNC_LIST_MAX 32
#define SOUK_SYNC_PARTS_MAX 16
#define SOUK_SYNC_PART_ITEMS 8

typedef struct {
  uint64_t bucket;
  uint8_t id[32];
} SoukSyncItem;

/* A set that does not change while sessions use it; counted. */
typedef struct SoukSyncSet SoukSyncSet;
typedef struct SoukSync SoukSync;

/* Copies, sorts, and drops what is there twice. `count` <= SOUK_SYNC_ITEMS_MAX; buckets are below
 * 2^62. */
SoukSyncSet *souk_sync_set_new (const SoukSyncItem *items, size_t count);
SoukSyncSet *souk_sync_set_ref (SoukSyncSet *self);
void souk_sync_set_unref (SoukSyncSet *self);
size_t souk_sync_set_size (const SoukSyncSet *self);

/* Both take a reference to the set. Only the initiator draws from a generator. */
SoukSync *souk_sync_new_initiator (SoukSyncSet *set, SoukRng *rng);
SoukSync *souk_sync_new_responder (SoukSyncSet *set);
void souk_sync_free (SoukSync *self);

/* One message from the other side. Not OK: the session is to be ended. */
SoukStatus souk_sync_recv (SoukSync *self, SoukSlice message);
/* Returns: (transfer full) (nullable): the message to send now; NULL when it is the other's turn. */
GBytes *souk_sync_take_message (SoukSync *self);
/* The next item that the other side lacks: push its record. False when none is known (yet). */
bool souk_sync_next_owed (SoukSync *self, SoukSyncItem *out);
/* How many records the other side has said that it will push, together with those that this side
 * has asked for. */
uint64_t souk_sync_expected (const SoukSync *self);
/* True when no more messages will come or go. */
bool souk_sync_is_done (const SoukSync *self);
