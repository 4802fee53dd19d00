/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the gossipsub machine's files share; nobody else includes it. PURE.
 *
 *   gossip.c          life, peers, topics, publishing, verdicts, events, the clock
 *   gossip-receive.c  RPCs: subscriptions, messages
 *   gossip-control.c  IHAVE, IWANT, GRAFT, PRUNE, IDONTWANT, promises
 *   gossip-mesh.c     the heartbeat
 *   gossip-queue.c    what waits to be sent
 *
 * Every list that is walked is an array in order of coming, never a hash table: a run is a function
 * of its inputs and its seed.
 */
#pragma once
#include "mesh/gossip.h"
#include "mesh/gossip-cache.h"
#include "mesh/gossip-limits.h"
#include "mesh/gossip-score.h"
#include "mesh/gossip-seen.h"

typedef struct SoukGossipTopic SoukGossipTopic;
typedef struct SoukGossipPeer SoukGossipPeer;

/* Exists while somebody takes part, this node included. */
struct SoukGossipTopic {
  SoukGossipId key; /* of its name */
  char *name;
  SoukSlice text; /* the name again */
  bool is_joined;
  unsigned slot;     /* while joined: its number in scores */
  GPtrArray *peers;  /* subscribers */
  GPtrArray *mesh;   /* subset of peers; empty unless joined */
  GPtrArray *fanout; /* subset of peers; empty when joined */
  SoukMono fanout_until;
  GHashTable *backoffs; /* SoukPeerId -> Backoff: not to be grafted; outlives the connection */
};

struct SoukGossipPeer {
  SoukPeerId id;
  uint64_t serial; /* never used again, unlike the address of this struct */
  SoukGossipProtocol protocol;
  SoukGossipNaming naming; /* how it names messages */
  bool is_outbound, is_writable;
  bool is_queued; /* in self->sendable */
  GPtrArray *topics;
  SoukGossipScore *score;
  SoukGossipSeen *dont_want; /* NULL until it sends an IDONTWANT */
  /* Since the last heartbeat. */
  unsigned ihave_messages, ihave_ids, iwant_ids, idontwant_ids;
  /* What waits: RPC fields, control fields, messages. */
  GByteArray *subscriptions, *control;
  GQueue messages;
  size_t queued_bytes; /* of the messages */
};

/* A message that waits for its verdict; a counted box (g_rc_box). */
typedef struct {
  SoukGossipId id, alias;
  GBytes *message;
  GBytes *names[2];
  SoukGossipMessage view; /* into `message` */
  char *topic;
  SoukPeerId author, sender;
  GArray *senders; /* uint64_t serials: who has sent a copy, the first one first */
  SoukMono until;
} SoukGossipPending;

typedef struct {
  SoukGossipEventType type;
  SoukPeerId peer;
  SoukGossipPending *pending; /* MESSAGE: owned */
  char *topic;                /* others: owned */
  SoukStatus status;          /* REFUSED */
} SoukGossipQueuedEvent;

typedef struct {
  SoukGossipId id;
  uint64_t serial;
  SoukMono until;
} SoukGossipPromise;

struct SoukGossip {
  SoukGossipConfig config;
  const SoukIdentity *identity;
  SoukPeerId id;
  SoukRng *rng;
  uint8_t id_key[16];
  uint64_t seqno, serial;
  GPtrArray *peers;    /* owned */
  GHashTable *by_id;   /* &peer->id -> peer */
  GPtrArray *topics;   /* owned */
  GHashTable *by_name; /* &topic->key -> topic */
  uint64_t slots;      /* bit set: slot in use */
  SoukGossipScores *scores;
  SoukGossipSeen *seen;
  SoukGossipCache *cache;
  GHashTable *pending;  /* &pending->id -> SoukGossipPending, counted */
  GQueue pending_order; /* of SoukGossipPending, borrowed; the oldest first */
  size_t pending_bytes;
  GArray *promises; /* SoukGossipPromise */
  GQueue events;    /* SoukGossipQueuedEvent, owned */
  GQueue sendable;  /* SoukGossipPeer, borrowed: writable and with something to send */
  SoukGossipQueuedEvent *current; /* what the last event points into */
  GBytes *current_rpc;
  SoukPeerId current_peer;
  SoukMono heartbeat_at;
  uint64_t ticks;
  SoukGossipStats stats;
};

/* ---- gossip.c ---- */
SoukGossipPeer *souk_gossip_find_peer (const SoukGossip *self, const SoukPeerId *id);
SoukGossipPeer *souk_gossip_find_serial (const SoukGossip *self, uint64_t serial);
SoukGossipTopic *souk_gossip_find_topic (const SoukGossip *self, SoukSlice name);
/* The topic of that name, made when needed; NULL for a name that is empty, too long or has a zero. */
SoukGossipTopic *souk_gossip_intern_topic (SoukGossip *self, SoukSlice name);
/* Frees the topic when nobody takes part in it any more. */
void souk_gossip_drop_topic_if_idle (SoukGossip *self, SoukGossipTopic *topic);
void souk_gossip_push_event (SoukGossip *self, SoukGossipEventType type, const SoukPeerId *peer,
                             const char *topic);
void souk_gossip_push_refusal (SoukGossip *self, const SoukPeerId *peer, const char *topic,
                               SoukStatus status);
void souk_gossip_push_message (SoukGossip *self, SoukGossipPending *pending);
void souk_gossip_pending_unref (SoukGossipPending *pending);
/* Makes both ids and both names of a message. */
void souk_gossip_name_message (const SoukGossip *self, const SoukGossipMessage *message,
                               GBytes *out_names[2], SoukGossipId *out_id, SoukGossipId *out_alias);

/* ---- gossip-receive.c ---- */
/* `peer` takes part in `topic`; false when it has too many topics. */
bool souk_gossip_add_subscription (SoukGossip *self, SoukGossipPeer *peer, SoukGossipTopic *topic);
void souk_gossip_remove_subscription (SoukGossip *self, SoukGossipPeer *peer,
                                      SoukGossipTopic *topic);

/* ---- gossip-control.c ---- */
void souk_gossip_recv_control (SoukGossip *self, SoukGossipPeer *peer, SoukSlice control,
                               SoukMono now);
void souk_gossip_keep_promises (SoukGossip *self, SoukGossipId id, SoukGossipId alias);
void souk_gossip_break_promises (SoukGossip *self, SoukMono now);
/* Tells the mesh that a large message is here. */
void souk_gossip_tell_dont_want (SoukGossip *self, SoukGossipTopic *topic,
                                 const SoukGossipPending *pending);

/* ---- gossip-mesh.c ---- */
double souk_gossip_peer_score (const SoukGossipPeer *peer);
void souk_gossip_graft (SoukGossip *self, SoukGossipTopic *topic, SoukGossipPeer *peer);
/* Takes `peer` out of the mesh; says so to it (with a backoff) when `tell` is set. */
void souk_gossip_prune (SoukGossip *self, SoukGossipTopic *topic, SoukGossipPeer *peer, bool tell,
                        int64_t backoff_ms, SoukMono now);
void souk_gossip_back_off (SoukGossipTopic *topic, const SoukPeerId *peer, int64_t backoff_ms,
                           SoukMono now);
/* True while the peer may not be grafted; `*out_is_fresh`: the backoff began a moment ago. */
bool souk_gossip_is_backed_off (SoukGossipTopic *topic, const SoukPeerId *peer, SoukMono now,
                                bool *out_is_fresh);
/* Grafts or adds to the fanout up to `count` peers with at least that score, at random. */
void souk_gossip_fill_mesh (SoukGossip *self, SoukGossipTopic *topic, size_t count, bool outbound,
                            double score_min, SoukMono now);
void souk_gossip_fill_fanout (SoukGossip *self, SoukGossipTopic *topic, SoukMono now);
void souk_gossip_heartbeat (SoukGossip *self, SoukMono now);

/* ---- gossip-queue.c ---- */
void souk_gossip_queue_init (SoukGossipPeer *peer);
void souk_gossip_queue_done (SoukGossip *self, SoukGossipPeer *peer);
/* Puts a message into the peer's queue; false when the queue is full. */
bool souk_gossip_queue_message (SoukGossip *self, SoukGossipPeer *peer, GBytes *message,
                                SoukGossipId id, SoukGossipId alias);
/* To be called after something was appended to peer->control or peer->subscriptions. */
void souk_gossip_queue_touch (SoukGossip *self, SoukGossipPeer *peer);
/* True while there is room for control messages that may be left out (IHAVE, IWANT, IDONTWANT). */
bool souk_gossip_queue_has_room (const SoukGossipPeer *peer);
/* Returns: (transfer full) (nullable): the next RPC to the peer. */
GBytes *souk_gossip_queue_take (SoukGossip *self, SoukGossipPeer *peer);
