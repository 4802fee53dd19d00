/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Peer scores (gossipsub v1.1, "Peer Scoring"). PURE.
 *
 *   score = min(cap, sum over topics (w1 P1 + w2 P2 + w4 P4)) + w5 P5 + w7 P7
 *
 * P1 time in mesh, P2 first deliveries, P4 invalid messages (squared), P5 what the node says, P7
 * behaviour (squared above a threshold: an IWANT that a lossy link left unanswered is forgiven).
 * P3 and P3b (delivery rate) ask for a known message rate, which Souk's topics do not have, and P6
 * (addresses) is the driver's to judge, through P5; their places are the rows of `SoukGossipTopicScore`
 * and the sum in souk_gossip_score_value(). What a peer can earn is capped far below what a few
 * rejected messages cost.
 *
 * A score belongs to a peer id, is opened when the peer connects and kept for a while after it
 * left with a negative one. Topics are the small numbers (slots) that the router gives to the
 * topics it has joined.
 */
#pragma once
#include "base/peer-id.h"
#include "base/time.h"

/* "GossipThreshold", "PublishThreshold", "GraylistThreshold". */
#define SOUK_GOSSIP_SCORE_GOSSIP (-10.0)
#define SOUK_GOSSIP_SCORE_PUBLISH (-50.0)
#define SOUK_GOSSIP_SCORE_GRAYLIST (-80.0)
/* "OpportunisticGraftThreshold". */
#define SOUK_GOSSIP_SCORE_OPPORTUNISTIC 1.0

typedef struct SoukGossipScores SoukGossipScores;
typedef struct SoukGossipScore SoukGossipScore;

SoukGossipScores *souk_gossip_scores_new (void);
void souk_gossip_scores_free (SoukGossipScores *self);
/* The score of a peer that connects: a new one, or what was kept. Owned by `self`. */
SoukGossipScore *souk_gossip_scores_open (SoukGossipScores *self, const SoukPeerId *peer);
/* The peer left; `score` is not valid any more. */
void souk_gossip_scores_close (SoukGossipScores *self, SoukGossipScore *score, SoukMono now);
/* Once each heartbeat: counters decay, kept scores expire. */
void souk_gossip_scores_decay (SoukGossipScores *self, SoukMono now);
/* The topic in `slot` was left: what was counted for it is forgotten. */
void souk_gossip_scores_forget_topic (SoukGossipScores *self, unsigned slot);

/* What happens to a score. */
void souk_gossip_score_grafted (SoukGossipScore *score, unsigned slot);
void souk_gossip_score_pruned (SoukGossipScore *score, unsigned slot);
void souk_gossip_score_first_delivery (SoukGossipScore *score, unsigned slot);
void souk_gossip_score_invalid (SoukGossipScore *score, unsigned slot);
void souk_gossip_score_misbehaved (SoukGossipScore *score, double amount);
void souk_gossip_score_set_application (SoukGossipScore *score, double value);

/* The score's value now. */
double souk_gossip_score_value (const SoukGossipScore *score);
