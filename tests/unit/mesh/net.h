/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Some gossipsub machines in one test, joined by lines that lose nothing and take no time; and
 * the vectors file. Every test makes its own.
 */
#pragma once
#include "mesh/gossip.h"
#include "mesh/gossip-limits.h"

#define NET_NODES_MAX 32

typedef struct {
  SoukIdentity identity;
  SoukPeerId id;
  SoukSeededRng rng;
  SoukGossip *gossip;
  bool holds_verdicts;       /* the test answers, not net_pump() */
  SoukGossipVerdict verdict; /* what net_pump() answers */
  GPtrArray *messages;       /* GBytes: data of each MESSAGE event */
  SoukGossipId last_id;
  SoukPeerId last_author;
  uint64_t last_seqno;
  unsigned grafted, pruned, subscribed, unsubscribed, sent;
  GBytes *last_rpc;        /* the last SEND */
  SoukStatus last_status;  /* of the last RPC that it got */
  SoukStatus last_refusal; /* of the last message that it refused */
} NetNode;

typedef struct {
  NetNode nodes[NET_NODES_MAX];
  size_t count;
  SoukMono now;
  bool is_connected[NET_NODES_MAX][NET_NODES_MAX];
} Net;

void net_init (Net *net, size_t count, const SoukGossipConfig *config);
void net_done (Net *net);
/* `a` dials `b`; both speak `protocol`. */
void net_connect (Net *net, size_t a, size_t b, SoukGossipProtocol protocol);
void net_disconnect (Net *net, size_t a, size_t b);
void net_subscribe_all (Net *net, const char *topic);
/* Carries events until no node has any. */
void net_pump (Net *net);
/* Lets time pass in steps of 100 ms, pumping. */
void net_run (Net *net, int64_t ms);
double net_score (Net *net, size_t of, size_t by);
size_t net_publish (Net *net, size_t node, const char *topic, const char *text);

/* The bytes of vectors/mesh.json's SECTION/NAME, given in hexadecimal; (transfer full). */
GBytes *vector_bytes (const char *section, const char *name);
char *vector_text (const char *section, const char *name);
