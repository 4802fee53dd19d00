/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The distributed hash table among the swarm's peers: drives mesh/kad over streams. GLIB, node thread.
 *
 * Who is named by an answer is dialled when it is to be asked; peers whose identify lists the protocol
 * come into the table by themselves. In server mode the protocol is offered, in client mode it is not.
 *
 * Each lookup calls `done` once, never from inside the call that began it; errors are the statuses of
 * mesh/kad.h. Limits: mesh/kad-limits.h.
 */
#pragma once
#include "mesh/kad.h"
#include "swarm/swarm.h"

typedef struct SoukDht SoukDht;
typedef struct SoukDhtQuery SoukDhtQuery;

typedef struct {
  /* Static: SOUK_KAD_PROTOCOL, or one of the two of IPFS, which also say which addresses count. */
  const char *protocol;
  bool is_server;
  const SoukKadNamespace *const *namespaces; /* as in SoukKadConfig; may be NULL */
  /* The table is being filled: `done` of `total`; may be NULL. */
  void (*on_progress) (SoukDht *self, unsigned done, unsigned total, unsigned n_peers, void *user);
  void *user;
} SoukDhtConfig;

/* Valid during the call. */
typedef struct {
  SoukStatus status;
  unsigned n_peers; /* that answered, or took the value or the announcement */
  GBytes *value;    /* souk_dht_get(): NULL unless OK */
  /* SoukPeerId: providers; or the peer that was looked for; or the nearest. The swarm knows their
   * addresses. */
  GArray *peers;
} SoukDhtResult;

typedef void (*SoukDhtFunc) (SoukDht *self, const SoukDhtResult *result, void *user);

/* The swarm outlives it. */
SoukDht *souk_dht_new (SoukSwarm *swarm, const SoukDhtConfig *config);
/* Open lookups end without a call. Not from inside a callback. */
void souk_dht_free (SoukDht *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukDht, souk_dht_free)
/* Offers the protocol from now on, or no longer: by whether others can reach this node. */
void souk_dht_set_server (SoukDht *self, bool is_server);
bool souk_dht_is_server (const SoukDht *self);
void souk_dht_bootstrap (SoukDht *self);

/* Each returns OK, or why it cannot begin; then `done` is not called. `out` (may be NULL): valid until
 * `done`, for souk_dht_cancel(). What each does: mesh/kad.h. */
SoukStatus souk_dht_find_closest (SoukDht *self, SoukSlice key, SoukDhtFunc done, void *user,
                                  SoukDhtQuery **out);
SoukStatus souk_dht_find_peer (SoukDht *self, const SoukPeerId *peer, SoukDhtFunc done, void *user,
                               SoukDhtQuery **out);
SoukStatus souk_dht_get (SoukDht *self, SoukSlice key, unsigned quorum, SoukDhtFunc done,
                         void *user, SoukDhtQuery **out);
SoukStatus souk_dht_put (SoukDht *self, SoukSlice key, SoukSlice value, SoukDhtFunc done,
                         void *user, SoukDhtQuery **out);
/* Content is named by the multihash of its CID. */
SoukStatus souk_dht_find_providers (SoukDht *self, const SoukCid *cid, unsigned wanted,
                                    SoukDhtFunc done, void *user, SoukDhtQuery **out);
SoukStatus souk_dht_provide (SoukDht *self, const SoukCid *cid, SoukDhtFunc done, void *user,
                             SoukDhtQuery **out);
/* Announces in turn, without a call; souk_dht_unprovide() ends it. */
SoukStatus souk_dht_keep_provided (SoukDht *self, const SoukCid *cid);
void souk_dht_unprovide (SoukDht *self, const SoukCid *cid);
/* Ends a lookup; `done` is not called. */
void souk_dht_cancel (SoukDhtQuery *query);
void souk_dht_stats (const SoukDht *self, SoukKadStats *out);
