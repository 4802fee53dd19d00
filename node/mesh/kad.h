/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The distributed hash table as one machine: client and server (libp2p specs, kad-dht). PURE.
 *
 * Requests and answers (without their length prefix) and `now` go in; events are pulled until there
 * are none; one deadline says when souk_kad_tick() has work.
 *
 *   client: souk_kad_find_… etc. start a lookup, which ends with one DONE. A lookup sends REQUESTs;
 *           the driver dials, asks, and answers each once with souk_kad_replied().
 *   server: souk_kad_serve() answers a request at once.
 *   upkeep: peers that serve the protocol are added when identify says so; full buckets ask for signs
 *           of life; buckets are refreshed; what this node provides is announced again in the order
 *           of the keys, so that neighbours in the key space are done together.
 *
 * In client mode souk_kad_serve() refuses; the driver does not offer the protocol then.
 * Owner: whoever made it. Limits: kad-limits.h. A lookup that fails says so by DONE's status.
 */
#pragma once
#include "base/rng.h"
#include "mesh/kad-codec.h"
#include "mesh/kad-names.h"

#define SOUK_KAD_PROTOCOL "/souk/kad/1.0.0"
#define SOUK_KAD_PROTOCOL_WAN "/ipfs/kad/1.0.0"
#define SOUK_KAD_PROTOCOL_LAN "/ipfs/lan/kad/1.0.0"

typedef struct SoukKad SoukKad;

typedef struct {
  SoukPeerId self;
  bool is_server;
  SoukKadAddrs addrs;
  /* Ends with NULL; static. NULL: "/pk/", and "/ipns/" refused by name. */
  const SoukKadNamespace *const *namespaces;
} SoukKadConfig;

typedef enum {
  /* Send `bytes` to `peer` (at `addrs`, when not connected), then souk_kad_replied (request, …). */
  SOUK_KAD_EVENT_REQUEST,
  /* `peer` provides what `query` looks for. */
  SOUK_KAD_EVENT_PROVIDER,
  /* `query` is over; see the functions that start one. */
  SOUK_KAD_EVENT_DONE,
  /* The run that fills the table: `done` of `total` lookups; `n_peers` in the table. */
  SOUK_KAD_EVENT_PROGRESS,
} SoukKadEventType;

/* Valid until the next call of souk_kad_next(). */
typedef struct {
  SoukKadEventType type;
  uint64_t request, query;
  SoukPeerId peer;   /* REQUEST, PROVIDER; DONE of souk_kad_find_peer() */
  GBytes *addrs;     /* (nullable) likewise: packed */
  GBytes *bytes;     /* REQUEST; DONE of souk_kad_get(): the value */
  bool wants_reply;  /* REQUEST: false when having sent it is all */
  SoukStatus status; /* DONE */
  unsigned n_peers;  /* DONE: that answered, or that took the value or the announcement */
  GArray *closest;   /* DONE: of SoukPeerId, the nearest that answered; at most SOUK_KAD_K */
  unsigned done, total;
} SoukKadEvent;

typedef struct {
  size_t peers, contacts, queries, requests, values, provider_records, own;
  uint64_t requests_sent, replies, failures, served, refused, lookups;
} SoukKadStats;

SoukKad *souk_kad_new (const SoukKadConfig *config, SoukRng *rng, SoukMono now);
void souk_kad_free (SoukKad *self);
void souk_kad_set_server (SoukKad *self, bool is_server);
bool souk_kad_is_server (const SoukKad *self);
/* Where this node is reached, for its announcements. */
void souk_kad_set_addrs (SoukKad *self, const SoukMultiaddr *addrs, size_t n_addrs);

/* A peer is connected and identified; `serves` when it lists the protocol: only such are asked.
 * Again when its addresses or protocols change. */
void souk_kad_add_peer (SoukKad *self, const SoukPeerId *peer, const SoukMultiaddr *addrs,
                        size_t n_addrs, bool serves, SoukMono now);
/* It is not connected any more; it may stay in the table. */
void souk_kad_remove_contact (SoukKad *self, const SoukPeerId *peer);

/* ---- client: each sets `out_query` and returns OK, or LIMIT or TOO_LARGE ---- */

/* DONE: `closest`. KAD_ALONE when no peer answers, here and below. */
SoukStatus souk_kad_find_closest (SoukKad *self, SoukSlice key, SoukMono now, uint64_t *out_query);
/* DONE: `peer` and `addrs`; KAD_NOT_FOUND. */
SoukStatus souk_kad_find_peer (SoukKad *self, const SoukPeerId *peer, SoukMono now,
                               uint64_t *out_query);
/* DONE: `bytes`, the best value of those found until `quorum` (>= 1) peers had one; KAD_NOT_FOUND.
 * Peers that should have it, or have a worse one, are sent it afterwards. */
SoukStatus souk_kad_get (SoukKad *self, SoukSlice key, unsigned quorum, SoukMono now,
                         uint64_t *out_query);
/* DONE: `n_peers` that took it; also kept here. What souk_kad_validate() says, before anything. */
SoukStatus souk_kad_put (SoukKad *self, SoukSlice key, SoukSlice value, SoukWall wall, SoukMono now,
                         uint64_t *out_query);
/* PROVIDER events until `wanted` (>= 1) are found. `key` is a multihash. */
SoukStatus souk_kad_find_providers (SoukKad *self, SoukSlice key, unsigned wanted, SoukMono now,
                                    uint64_t *out_query);
/* Announces at once, and again in time until souk_kad_unprovide(). `out_query` may be NULL: then it
 * takes its turn among the others and no DONE comes. */
SoukStatus souk_kad_provide (SoukKad *self, SoukSlice key, SoukMono now, uint64_t *out_query);
void souk_kad_unprovide (SoukKad *self, SoukSlice key);
/* Ends a lookup without DONE. */
void souk_kad_cancel (SoukKad *self, uint64_t query);
/* Fills the table: PROGRESS comes until done == total. Also runs by itself, every 10 minutes. */
void souk_kad_bootstrap (SoukKad *self, SoukMono now);

/* The answer to a REQUEST; NULL when it failed. Without wants_reply an empty one.
 * Returns: not OK when the peer broke the protocol. */
SoukStatus souk_kad_replied (SoukKad *self, uint64_t request, const SoukSlice *reply, SoukMono now);

/* ---- server ---- */

/* Appends the answer to `out`; nothing when there is none to be sent.
 * Returns: not OK when the request is refused and the stream to be reset: what the peer did wrong,
 * LIMIT, or PROTOCOL_REFUSED in client mode. */
SoukStatus souk_kad_serve (SoukKad *self, const SoukPeerId *peer, SoukSlice request, SoukWall wall,
                           SoukMono now, GByteArray *out);

bool souk_kad_next (SoukKad *self, SoukKadEvent *out);
SoukMono souk_kad_deadline (const SoukKad *self);
void souk_kad_tick (SoukKad *self, SoukMono now);
void souk_kad_stats (const SoukKad *self, SoukKadStats *out);
