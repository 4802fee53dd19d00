/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The routing table: k-buckets by the length of the prefix that a peer's key shares with ours
 * (Kademlia, 2.2 to 2.4). PURE.
 *
 * An old peer that still answers is worth more than a new one, since what has stayed long will
 * stay: a full bucket asks the peer that was heard least recently before it gives its place away,
 * and keeps a few newcomers waiting meanwhile. So nobody can push good peers out by coming often.
 * Of one public address range a bucket takes SOUK_KAD_RANGE_MAX peers.
 * Owner: the machine. Limits: kad-limits.h.
 */
#pragma once
#include "mesh/kad-codec.h"

typedef struct SoukKadTable SoukKadTable;

typedef struct {
  SoukPeerId id;
  SoukKadKey key;
  GBytes *addrs; /* packed; NULL when none is known */
  SoukMono seen_at;
  unsigned failures;
  bool is_checked; /* a liveness check is under way */
  uint64_t range;  /* of its first public address; 0: none */
} SoukKadEntry;

typedef enum {
  SOUK_KAD_IS_IN,   /* it was there, or has a place now */
  SOUK_KAD_WAITS,   /* the bucket is full */
  SOUK_KAD_REFUSED, /* too many of its range, or it is ourselves */
} SoukKadPlace;

SoukKadTable *souk_kad_table_new (const SoukKadKey *self_key);
void souk_kad_table_free (SoukKadTable *self);
/* A peer that serves the protocol was heard from. `addrs` (nullable) replaces older ones.
 * Out: on WAITS, `out_check` is set to the entry to ask for a sign of life, or to NULL when one is
 * being asked already; answer souk_kad_table_seen() or souk_kad_table_failed(). */
SoukKadPlace souk_kad_table_add (SoukKadTable *self, const SoukPeerId *id, GBytes *addrs,
                                 SoukMono now, const SoukKadEntry **out_check);
/* It has answered; nothing when it is not in the table. */
void souk_kad_table_seen (SoukKadTable *self, const SoukPeerId *id, SoukMono now);
/* It has not. SOUK_KAD_FAILURES_MAX in a row, or a failed check, and a waiting one takes its place.
 * Returns: true when it left the table. */
bool souk_kad_table_failed (SoukKadTable *self, const SoukPeerId *id);
void souk_kad_table_remove (SoukKadTable *self, const SoukPeerId *id);
const SoukKadEntry *souk_kad_table_find (const SoukKadTable *self, const SoukPeerId *id);

/* The up to `max` entries nearest to `target`, the nearest first.
 * Returns: (element-type SoukKadEntry) (transfer container): valid until the table changes. */
GPtrArray *souk_kad_table_nearest (const SoukKadTable *self, const SoukKadKey *target, size_t max);
size_t souk_kad_table_size (const SoukKadTable *self);
/* Peers in one bucket. */
size_t souk_kad_table_bucket_size (const SoukKadTable *self, unsigned bucket);
/* One more than the deepest bucket that holds a peer; 0 for an empty table. */
unsigned souk_kad_table_depth (const SoukKadTable *self);
