/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The choice among bids, and why it fell so (DESIGN 6.2). PURE.
 *
 * Each bid gets four parts of 0..1000: price (cheapest / own), reliability (its jobs for this node
 * that ended well, with one success and one failure put in front of a stranger's record), latency
 * (fastest / own, round trip and expected time together) and locality (what it already has of the
 * job's data). Parts are weighted; whole numbers only, so that every machine chooses the same.
 * At equal totals the cheaper one wins, then the smaller peer id.
 */
#pragma once
#include "market/bid.h"

#define SOUK_SCORE_WHOLE 1000

typedef struct {
  uint32_t price;
  uint32_t reliability;
  uint32_t latency;
  uint32_t locality;
} SoukScoreParts;

/* The usual weights; they sum to 100. */
#define SOUK_SCHEDULER_WEIGHTS ((SoukScoreParts){ 50, 25, 15, 10 })

/* What the requester knows of one bidder. */
typedef struct {
  SoukPeerId peer;
  SoukWei price;
  uint64_t eta_ms;
  uint32_t rtt_ms;
  uint32_t local_permille;
  uint32_t done;        /* its jobs for this node that ended well */
  uint32_t failed;      /* and those that did not */
  bool is_out;          /* declined, or failed at this job before: shown, never chosen */
  const char *out_word; /* why, when is_out: "It declined." */
} SoukBidder;

typedef struct {
  SoukScoreParts parts;
  uint32_t total; /* 0..1000 */
  char *reason;   /* one sentence; owned by the choice */
} SoukBidScore;

typedef struct {
  SoukScoreParts weights;
  ptrdiff_t winner; /* index into the bidders, or -1 */
  size_t count;
  SoukBidScore *scores; /* in the bidders' order */
} SoukChoice;

/* Weights must not all be 0. Returns: (transfer full): the choice; no winner when all are out. */
SoukChoice *souk_scheduler_choose (const SoukBidder *bidders, size_t count, SoukScoreParts weights);
void souk_choice_free (SoukChoice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukChoice, souk_choice_free)
