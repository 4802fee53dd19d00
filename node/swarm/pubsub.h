/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Publish and subscribe among the swarm's peers: drives mesh/gossip over streams. GLIB, node thread.
 *
 * Each side of a connection opens one stream and writes its RPCs to it (libp2p specs, pubsub: "the
 * RPC … exchanged between peers over … a pair of streams"). A peer that gossipsub turns away is
 * still connected for everything else. The machine's limits hold; a peer that breaks a rule has its
 * stream reset and loses score in the swarm as well.
 */
#pragma once
#include "mesh/gossip.h"
#include "swarm/swarm.h"

typedef struct SoukPubsub SoukPubsub;

/* A message that passed StrictSign. Its verdict decides whether it goes further. The slice is valid
 * during the call. `author` signed it, `from` brought it here first. */
typedef SoukGossipVerdict (*SoukPubsubFunc) (SoukPubsub *self, const SoukPeerId *author,
                                             const SoukPeerId *from, SoukSlice data, void *user);

/* The swarm outlives it. */
SoukPubsub *souk_pubsub_new (SoukSwarm *swarm);
void souk_pubsub_free (SoukPubsub *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukPubsub, souk_pubsub_free)

/* Takes part in a topic; one handler a topic. Returns: OK, LIMIT or TOO_LARGE. */
SoukStatus souk_pubsub_subscribe (SoukPubsub *self, const char *topic, SoukPubsubFunc func,
                                  void *user);
void souk_pubsub_unsubscribe (SoukPubsub *self, const char *topic);
/* Signs and sends; the own handler is not called. Out (may be NULL): to how many peers at once.
 * Returns: OK or TOO_LARGE. */
SoukStatus souk_pubsub_publish (SoukPubsub *self, const char *topic, SoukSlice data,
                                size_t *out_peers);

size_t souk_pubsub_mesh_size (const SoukPubsub *self, const char *topic);
size_t souk_pubsub_topic_peers (const SoukPubsub *self, const char *topic);
void souk_pubsub_stats (const SoukPubsub *self, SoukGossipStats *out);
