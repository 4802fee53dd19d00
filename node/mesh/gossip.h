/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gossipsub 1.0 to 1.2 as one machine (libp2p specs, pubsub/gossipsub). PURE.
 *
 * Bytes of RPCs (without their length prefix) and `now` go in; events are pulled until there are
 * none; one deadline says when souk_gossip_tick() has work. A message from a peer is checked
 * (StrictSign), reported by a MESSAGE event, and goes no further until the driver answers with
 * souk_gossip_validated(). Peers are named by their ids; one peer is one connection here.
 *
 * Owner: whoever made it; the identity and the generator must outlive it. Limits: gossip-limits.h.
 * A peer that breaks a rule loses score; below the thresholds of gossip-score.h it gets no gossip,
 * no messages, and at last is not read any more. Failure of one peer never touches another.
 */
#pragma once
#include "base/rng.h"
#include "base/time.h"
#include "mesh/gossip-codec.h"

typedef struct SoukGossip SoukGossip;

typedef enum { SOUK_GOSSIP_V1_0, SOUK_GOSSIP_V1_1, SOUK_GOSSIP_V1_2 } SoukGossipProtocol;

/* "/meshsub/1.2.0" and so on. */
const char *souk_gossip_protocol_name (SoukGossipProtocol protocol);

typedef struct {
  size_t data_size_max;    /* 0 means SOUK_GOSSIP_DATA_SIZE_DEFAULT */
  bool no_flood_publish;   /* own messages go to the mesh only */
  SoukGossipNaming naming; /* how IHAVE names messages to peers that have not shown theirs */
} SoukGossipConfig;

/* The node's word on a message. IGNORE neither forwards nor punishes. */
typedef enum { SOUK_GOSSIP_ACCEPT, SOUK_GOSSIP_IGNORE, SOUK_GOSSIP_REJECT } SoukGossipVerdict;

typedef enum {
  SOUK_GOSSIP_EVENT_SEND,         /* write `rpc` to `peer`, with a length prefix */
  SOUK_GOSSIP_EVENT_MESSAGE,      /* judge it: souk_gossip_validated (id, …) */
  SOUK_GOSSIP_EVENT_SUBSCRIBED,   /* `peer` takes part in `topic` */
  SOUK_GOSSIP_EVENT_UNSUBSCRIBED, /* and no longer */
  SOUK_GOSSIP_EVENT_GRAFTED,      /* `peer` is in the mesh of `topic` */
  SOUK_GOSSIP_EVENT_PRUNED,       /* and no longer */
  SOUK_GOSSIP_EVENT_REFUSED, /* `peer` sent a message that never comes to a verdict: `status` */
} SoukGossipEventType;

/* Its pointers are valid until the next call of souk_gossip_next(). */
typedef struct {
  SoukGossipEventType type;
  const SoukPeerId *peer; /* to whom; from whom it came first; whose doing */
  GBytes *rpc;            /* SEND */
  const char *topic;      /* all but SEND */
  SoukStatus status;      /* REFUSED */
  /* MESSAGE: */
  SoukGossipId id;
  const SoukPeerId *author;
  uint64_t seqno;
  SoukSlice data;
} SoukGossipEvent;

/* What a figure page and the simulator read. */
typedef struct {
  size_t peers, topics, seen, cached, cached_bytes, pending, pending_bytes, queued_bytes, promises;
  uint64_t published, delivered, forwarded, duplicates, invalid, ignored, dropped, iwant_served;
} SoukGossipStats;

/* `seqno_first` is the wall clock in nanoseconds: numbers must grow over restarts, since other
 * programs drop an author's message whose number is not above the last. */
SoukGossip *souk_gossip_new (const SoukGossipConfig *config, const SoukIdentity *identity,
                             uint64_t seqno_first, SoukRng *rng, SoukMono now);
void souk_gossip_free (SoukGossip *self);

/* A peer's streams are open. `is_outbound`: this node dialled it.
 * Returns: OK; LIMIT when there are SOUK_GOSSIP_PEERS_MAX, or when it is here already. */
SoukStatus souk_gossip_add_peer (SoukGossip *self, const SoukPeerId *peer,
                                 SoukGossipProtocol protocol, bool is_outbound, SoukMono now);
/* It is gone; nothing when it is unknown. */
void souk_gossip_remove_peer (SoukGossip *self, const SoukPeerId *peer, SoukMono now);
/* False keeps SENDs to a slow peer back in its bounded queue. A new peer is writable. */
void souk_gossip_set_writable (SoukGossip *self, const SoukPeerId *peer, bool is_writable);
/* P5: the node's own opinion of a peer. */
void souk_gossip_set_application_score (SoukGossip *self, const SoukPeerId *peer, double value);
/* False when the peer is unknown. */
bool souk_gossip_score (SoukGossip *self, const SoukPeerId *peer, double *out);

/* Takes part in a topic; twice is once. LIMIT for too many topics, TOO_LARGE for a long name. */
SoukStatus souk_gossip_subscribe (SoukGossip *self, const char *topic, SoukMono now);
void souk_gossip_unsubscribe (SoukGossip *self, const char *topic, SoukMono now);

/* Signs and sends. Out: how many peers it goes to at once (may be 0: IHAVE tells others later).
 * TOO_LARGE when the data or the topic's name is too long. */
SoukStatus souk_gossip_publish (SoukGossip *self, const char *topic, SoukSlice data, SoukMono now,
                                size_t *out_peers);
/* The verdict on a MESSAGE. False when it came too late. */
bool souk_gossip_validated (SoukGossip *self, SoukGossipId id, SoukGossipVerdict verdict,
                            SoukMono now);

/* One RPC from a peer. Not OK: the stream is to be reset, the peer has lost score. Unknown and
 * graylisted peers are not read. */
SoukStatus souk_gossip_recv (SoukGossip *self, const SoukPeerId *peer, SoukSlice rpc, SoukMono now);
bool souk_gossip_next (SoukGossip *self, SoukGossipEvent *out);
SoukMono souk_gossip_deadline (const SoukGossip *self);
void souk_gossip_tick (SoukGossip *self, SoukMono now);

void souk_gossip_stats (const SoukGossip *self, SoukGossipStats *out);
/* Returns: how many peers are in the mesh of a topic; 0 when it is not joined. */
size_t souk_gossip_mesh_size (const SoukGossip *self, const char *topic);
/* True when `peer` is in that mesh. */
bool souk_gossip_is_meshed (const SoukGossip *self, const char *topic, const SoukPeerId *peer);
/* Returns: how many known peers take part in a topic. */
size_t souk_gossip_topic_peers (const SoukGossip *self, const char *topic);
