/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The job machine's rows and parts, for job.c, job-deal.c, job-bids.c and the tests. PURE.
 */
#pragma once
#include "market/job.h"
#include "market/order-table.h"

/* Events as the rows see them: what had to be decided is decided (job.c). */
/* clang-format off */
#define SOUK_JOB_INPUTS(X)                                                                          \
  X (START) X (PUBLISHED) X (BID) X (CHOSEN) X (ACK_FREE) X (ACK_PAID) X (FUND_STORED)              \
  X (FUNDED) X (FUND_UNDONE) X (STAGING) X (RUNNING) X (RESULT) X (FETCHED)                         \
  X (SENT_PAID) X (SENT_LAST) X (CLOSED)                                                            \
  X (RETRY) X (WAIT) X (END_OPEN) X (END_NO_BIDS) X (END_LATE) X (END_CANCELLED) X (END_FAILED)     \
  X (ALL_REFUNDED) X (ALL_CLOSED) X (REOPENED)

#define SOUK_DEAL_INPUTS(X)                                                                         \
  X (FUNDED) X (FUND_FAILED) X (ABANDON) X (OWE) X (SUBMITTED) X (TIMEOUT) X (TX_STORED)            \
  X (TX_FAILED) X (PAID) X (REFUNDED) X (UNDO_FUNDED) X (UNDO_SUBMITTED) X (UNDO_SETTLED)
/* clang-format on */

typedef enum {
#define SOUK_JOB_INPUT_ENUM(symbol) SOUK_JOB_IN_##symbol,
  SOUK_JOB_INPUTS (SOUK_JOB_INPUT_ENUM)
#undef SOUK_JOB_INPUT_ENUM
      SOUK_JOB_INPUT_COUNT
} SoukJobInput;

typedef enum {
#define SOUK_DEAL_INPUT_ENUM(symbol) SOUK_DEAL_IN_##symbol,
  SOUK_DEAL_INPUTS (SOUK_DEAL_INPUT_ENUM)
#undef SOUK_DEAL_INPUT_ENUM
      SOUK_DEAL_INPUT_COUNT
} SoukDealInput;

typedef struct {
  uint64_t from; /* a mask of phases */
  SoukJobInput input;
  uint8_t to; /* a phase, or 0: stays */
  SoukSeenChange seen;
  void (*action) (SoukJob *self, const SoukJobEvent *event, SoukWall now); /* NULL: none */
} SoukJobRow;

/* A deal that stays stays in its phase; BACK is the phase before its settlement. */
#define SOUK_DEAL_STAYS 0
#define SOUK_DEAL_BACK 63

typedef struct {
  uint64_t from;
  SoukDealInput input;
  uint8_t to;
} SoukDealRow;

const SoukJobRow *souk_job_rows (size_t *out_count);
const SoukJobRow *souk_job_find_row (SoukJobPhase phase, SoukJobInput input);
const SoukDealRow *souk_deal_rows (size_t *out_count);
const SoukDealRow *souk_deal_find_row (SoukDealPhase phase, SoukDealInput input);

typedef enum {
  SOUK_JOB_DEADLINE_NONE,
  SOUK_JOB_DEADLINE_JOB,   /* the job's own */
  SOUK_JOB_DEADLINE_BIDS,  /* the end of the bid window */
  SOUK_JOB_DEADLINE_AWARD, /* SOUK_AWARD_ANSWER_MS after the award */
  SOUK_JOB_DEADLINE_BID,   /* shortly before the bid ends */
  SOUK_JOB_DEADLINE_HEARD, /* SOUK_LOST_MS without a word, or the job's own */
  SOUK_JOB_DEADLINE_FETCH, /* ten minutes for fetching the result */
} SoukJobDeadline;

typedef struct {
  const char *name;
  SoukJobCommand command;
  uint32_t tries_max;
  uint32_t pause_ms;
  SoukJobDeadline deadline;
  const char *sentence;
  const char *then;
} SoukJobPhaseInfo;

typedef struct {
  const char *name;
  SoukJobCommand command;
  SoukJobCommand watched;
} SoukDealPhaseInfo;

/* Returns: (nullable): NULL for a number that is no phase. */
const SoukJobPhaseInfo *souk_job_phase_info (unsigned phase);
const SoukDealPhaseInfo *souk_deal_phase_info (unsigned phase);

/* ---- deals (job-deal.c) ---- */

/* Takes one input; false when it has no row. `event` may be NULL for ABANDON, OWE and TIMEOUT. */
bool souk_deal_apply (SoukJobDeal *self, SoukDealInput input, const SoukJobEvent *event,
                      SoukWall now);
bool souk_deal_is_open (const SoukJobDeal *self);
/* When something happens to it by itself. */
SoukWall souk_deal_deadline (const SoukJobDeal *self);
SoukWall souk_deal_wake (const SoukJobDeal *self);
/* The pause before a deal's transaction is tried again. */
#define SOUK_DEAL_PAUSE_MS 5000

/* ---- bids (job-bids.c) ---- */

/* Checks and keeps a bid of the present round. */
SoukStatus souk_job_add_bid (SoukJob *self, const SoukJobEvent *event, SoukWall now);
/* Takes the current bid out of the choice. */
void souk_job_drop_current (SoukJob *self, SoukBidOut out, const char *detail);
/* Chooses among what is left, writes scores and sentences; sets current. False when none is left. */
bool souk_job_choose (SoukJob *self, SoukWall now);
/* A new round: bids so far are old. */
void souk_job_age_bids (SoukJob *self);
/* True when this round had any bid. */
bool souk_job_had_bids (const SoukJob *self);
