/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the simulator's files share.
 *
 *   sim-world.c   virtual time, the event heap, links, faults, the run
 *   sim-node.c    one node: machines, disk, publishing, sync sessions
 *   sim-liar.c    what a hostile node does besides
 *   sim-report.c   truth, latencies, the last check, the figures
 */
#pragma once
#include "sim.h"

#include "market/catalogue.h"
#include "mesh/gossip.h"
#include "mesh/gossip-limits.h"
#include "mesh/gossip-score.h"
#include "mesh/sync.h"

#define SIM_TOPIC "/souk/1/prompts"
/* The storm's last crash and partition are over this long after its end. */
#define CALM_AFTER_S 45
#define SIM_EPOCH_S INT64_C (1790000000)

typedef struct World World;
typedef struct Node Node;
typedef struct Link Link;

/* What travels on a link. A sync session is named by the end that began it. */
typedef enum { PAYLOAD_GOSSIP, PAYLOAD_SYNC, PAYLOAD_RECORD } Payload;

typedef enum {
  EVENT_TIMER,   /* a node's machines have work */
  EVENT_ARRIVAL, /* bytes at the end of a link */
  EVENT_LINK_UP, /* try to connect */
  EVENT_LINK_DROP,
  EVENT_CRASH,
  EVENT_RESTART,
  EVENT_PARTITION,
  EVENT_HEAL,
  EVENT_PUBLISH,
  EVENT_SYNC, /* a node begins a session with somebody */
  EVENT_LIE,  /* a hostile node does something */
} EventType;

typedef struct {
  int64_t at_us;
  uint64_t serial; /* orders events of one moment */
  EventType type;
  Node *node;
  Link *link;
  uint32_t epoch; /* of link or node: an event of an older life is void */
  /* ARRIVAL: */
  Payload payload;
  unsigned to, session; /* ends */
  GBytes *bytes;
} Event;

struct Link {
  size_t index;
  Node *ends[2]; /* 0 dials */
  bool is_up;
  uint32_t epoch;
  int64_t latency_us, bytes_per_s;
  int64_t last_arrival_us[2];
  size_t in_flight[2];   /* bytes, by receiving end */
  SoukSync *sync[2][2];  /* [end][session] */
  unsigned pushed[2][2]; /* records pushed: [end][session] */
};

struct Node {
  World *world;
  size_t index;
  SoukIdentity identity;
  SoukPeerId id;
  SoukSeededRng rng;
  SoukGossipProtocol protocol;
  int64_t skew_us;
  bool is_liar, was_found;
  bool is_up, side; /* side: of the partition */
  uint32_t epoch;   /* which life */
  GPtrArray *links;
  Link **by_peer; /* by node index */
  int64_t timer_at_us;
  /* Lost by a crash: */
  SoukGossip *gossip;
  SoukCatalogue *catalogue;
  GHashTable *delivered; /* (author, seqno) -> itself: what the app has been given */
  /* Kept: */
  GHashTable *disk; /* thing -> record bytes */
  uint64_t sequence;
};

typedef struct {
  uint8_t id[SOUK_RECORD_ID_SIZE], thing[SOUK_RECORD_ID_SIZE];
  int64_t at_us;
  bool is_withdrawn, was_calm;
} Publication;

struct World {
  SimConfig config;
  SoukSeededRng rng;
  int64_t now_us;
  uint64_t serial;
  GPtrArray *heap; /* Event, owned */
  Node *nodes;
  GPtrArray *links;     /* owned */
  GHashTable *index_of; /* SoukPeerId -> index + 1 */
  bool is_split, is_storm;
  GPtrArray *publications;            /* owned, in order */
  GHashTable *by_id;                  /* record id -> Publication */
  GHashTable *truth;                  /* thing -> the Publication that counts */
  GArray *latencies, *calm_latencies; /* double, ms */
  SimReport report;
};

/* ---- sim-world.c ---- */
void sim_schedule (World *world, int64_t at_us, Event event);
/* Puts bytes on a link; nothing when it is down. */
void sim_send (World *world, Link *link, unsigned from, Payload payload, unsigned session,
               GBytes *bytes);
void sim_link_drop (World *world, Link *link, int64_t again_in_us);
/* 0 to bound - 1, from the world's generator. */
int64_t sim_below (World *world, int64_t bound);
void sim_trace (World *world, const void *data, size_t len);
/* Ends the program unless `holds`. */
void sim_check (World *world, const Node *node, bool holds, const char *what);

/* ---- sim-node.c ---- */
void node_init (Node *node, World *world, size_t index);
void node_done (Node *node);
void node_start (Node *node);
void node_crash (Node *node);
void node_timer (Node *node);
void node_link_up (Node *node, Link *link, unsigned end);
void node_link_down (Node *node, Link *link, unsigned end);
void node_arrival (Node *node, Link *link, const Event *event);
/* The link has drained (or filled): the gossip machine may send (or not). */
void node_set_writable (Node *node, Link *link, unsigned end, bool is_writable);
/* A new listing, or a new version or the end of an old one. */
void node_publish (Node *node);
/* Begins a session with a neighbour by random. */
void node_sync (Node *node);
void node_begin_sync (Node *node, Link *link, unsigned end);
SoukMono node_mono (const Node *node);
SoukWall node_wall (const Node *node);

/* ---- sim-liar.c ---- */
void node_lie (Node *node);

/* ---- sim-report.c ---- */
void report_init (World *world);
void report_done (World *world);
void report_published (Node *node, const SoukRecord *record);
/* A record is in a node's catalogue for the first time. */
void report_received (Node *node, const uint8_t id[SOUK_RECORD_ID_SIZE], bool by_gossip);
void report_finish (World *world);
