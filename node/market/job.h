/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The job machine: one job, as its requester has it (DESIGN 6.2). PURE.
 *
 * One phase for the job, and beside it one small machine for the money of each funded attempt: a
 * provider that fails is left at once, while its deal is refunded later, when the contract's
 * deadline allows. At most SOUK_JOB_ATTEMPTS_MAX attempts, never two on one node after a fault; an
 * attempt that would bind more money than `exposure_max` together with deals still open waits until
 * they are closed. See machine.h for the loop, order.h for the rule about transactions.
 * A provider is paid only for a result that is fetched and checked here.
 */
#pragma once
#include "market/job-phases.h"
#include "market/order.h"
#include "market/scheduler.h"

#define SOUK_JOB_ATTEMPTS_MAX 3
#define SOUK_JOB_BIDS_MAX (SOUK_BIDS_MAX * SOUK_JOB_ATTEMPTS_MAX)
#define SOUK_AWARD_ANSWER_MS 5000
#define SOUK_HEARTBEAT_MS 5000
#define SOUK_SUSPECT_MS 15000
#define SOUK_LOST_MS 60000

/* Why a bid is not considered any more. On disk: do not renumber. */
typedef enum {
  SOUK_BID_IN = 0,
  SOUK_BID_DECLINED = 1, /* it refused the award, or did not answer */
  SOUK_BID_FAULTY = 2,   /* it failed at this job: barred for good */
  SOUK_BID_OLD = 3,      /* of an earlier round */
} SoukBidOut;

typedef struct {
  SoukBid bid;
  uint8_t deal[SOUK_HASH_SIZE]; /* the EIP-712 digest of its terms, zero when free */
  uint32_t rtt_ms;
  uint32_t done;
  uint32_t failed;
  SoukBidOut out;
  char detail[SOUK_SENTENCE_MAX + 1]; /* its refusal, or why it failed */
  uint32_t score;
  SoukScoreParts parts;
  char sentence[SOUK_SENTENCE_MAX + 1]; /* why it won or lost; empty before the choice */
} SoukJobBid;

/* One funded attempt's money. */
typedef struct {
  uint32_t bid; /* index */
  SoukDealPhase phase;
  SoukDealPhase before;
  int64_t submit_by; /* seconds since 1970, from the chain; 0: not known */
  int64_t confirm_by;
  bool has_tx[SOUK_JOB_COMMAND_COUNT];
  uint8_t tx[SOUK_JOB_COMMAND_COUNT][SOUK_HASH_SIZE];
  SoukSettlement settlement;
  SoukRetry retry;
} SoukJobDeal;

typedef struct {
  SoukJobFailure failure;
  int32_t exit_code;
  SoukCid cid;
  uint64_t stdout_bytes;
  uint64_t stderr_bytes;
  uint64_t fuel;
  uint64_t wall_ms;
  char sentence[SOUK_SENTENCE_MAX + 1];
} SoukJobResult;

typedef struct {
  uint8_t id[SOUK_ORDER_ID_SIZE];
  SoukJobPhase phase;
  SoukSeen seen;
  SoukJobReason reason;
  char detail[SOUK_SENTENCE_MAX + 1];
  SoukRecord *record; /* of the present round */
  SoukJobSpec *spec;  /* of that record */
  SoukBidExpected expected;
  SoukWei exposure_max;
  SoukJobBid *bids[SOUK_JOB_BIDS_MAX];
  size_t bid_count;
  SoukJobDeal deals[SOUK_JOB_ATTEMPTS_MAX];
  size_t deal_count;
  uint32_t attempt;  /* awards that were accepted so far */
  ptrdiff_t current; /* index of the awarded bid, or -1 */
  SoukWall bids_until;
  uint32_t percent;
  bool has_result;
  SoukJobResult result;
  SoukWei receipt_amount;
  SoukWall heard; /* when the provider was last heard of; not on disk */
  SoukTimeline timeline;
  SoukRetry retry;
} SoukJob;

typedef enum {
  SOUK_JOB_EVENT_START,
  SOUK_JOB_EVENT_CANCEL,
  SOUK_JOB_EVENT_PUBLISHED,
  SOUK_JOB_EVENT_BID,       /* bid; hash is the digest of its terms; rtt_ms, done, failed */
  SOUK_JOB_EVENT_AWARD_ACK, /* from the current bid's peer; so the next four */
  SOUK_JOB_EVENT_REFUSED,   /* detail */
  SOUK_JOB_EVENT_STAGING,
  SOUK_JOB_EVENT_RUNNING, /* percent */
  SOUK_JOB_EVENT_RESULT,  /* result; hash is the result hash it states */
  SOUK_JOB_EVENT_FETCHED, /* the result is here; its blocks match its CID */
  SOUK_JOB_EVENT_RECEIPT_SENT,
  SOUK_JOB_EVENT_COMMAND_FAILED, /* command, deal_index for a deal's, reason, is_final */
  SOUK_JOB_EVENT_TX_STORED,      /* command, deal_index unless SUBMIT_FUND, hash */
  SOUK_JOB_EVENT_TX_FAILED,      /* command, deal_index */
  SOUK_JOB_EVENT_FUNDED,         /* chain: hash is the deal; deadline */
  SOUK_JOB_EVENT_SUBMITTED,      /* chain: hash is the deal; deadline */
  SOUK_JOB_EVENT_SETTLED,        /* chain: hash is the deal; settlement */
  SOUK_JOB_EVENT_UNDO_FUNDED,    /* chain: hash is the deal; so the next two */
  SOUK_JOB_EVENT_UNDO_SUBMITTED,
  SOUK_JOB_EVENT_UNDO_SETTLED,
  SOUK_JOB_EVENT_TIMEOUT, /* made by souk_job_tick */
} SoukJobEventKind;

typedef struct {
  SoukJobEventKind kind;
  SoukJobCommand command;
  size_t deal_index;
  SoukJobReason reason;
  bool is_final;
  const char *detail; /* borrowed; NULL for none */
  const SoukBid *bid; /* borrowed */
  uint32_t rtt_ms;
  uint32_t done;
  uint32_t failed;
  uint32_t percent;
  const SoukJobResult *result; /* borrowed */
  uint8_t hash[SOUK_HASH_SIZE];
  int64_t deadline;
  SoukSettlement settlement;
} SoukJobEvent;

/* What to execute. `deal` says for which attempt's deal, where it is about one. */
typedef struct {
  SoukJobCommand command;
  size_t deal;
} SoukJobOrder;

/* A draft of this node's own job record. `exposure_max` is at least the job's highest price. */
SoukJob *souk_job_new (const SoukRecord *record, const SoukJobSpec *spec, SoukWei exposure_max,
                       SoukWall now, SoukRng *rng);
void souk_job_free (SoukJob *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukJob, souk_job_free)

/* Takes one event. OK: the state changed, store it. STALE_EVENT: no meaning now. For a bid also
 * what souk_bid_check says, BID_LATE, BID_BARRED, LIMIT: the answer that its sender gets. */
SoukStatus souk_job_apply (SoukJob *self, const SoukJobEvent *event, SoukWall now);
/* Each command that is due, once; false when there is none. Call only when the state is stored. */
bool souk_job_next_command (SoukJob *self, SoukWall now, SoukJobOrder *out);
void souk_job_resume (SoukJob *self, SoukWall now);
/* Any sign of life of the current provider. Needs no storing. */
void souk_job_heard (SoukJob *self, SoukWall now);
/* True when the provider ought to have been heard of. */
bool souk_job_is_suspect (const SoukJob *self, SoukWall now);

SoukWall souk_job_wake (const SoukJob *self);
bool souk_job_tick (SoukJob *self, SoukWall now);
SoukWall souk_job_deadline (const SoukJob *self, const char **out_then);

/* Returns: (transfer none) (nullable): the awarded bid. */
const SoukJobBid *souk_job_current_bid (const SoukJob *self);
/* The current attempt's deal, -1 when it has none. */
ptrdiff_t souk_job_current_deal (const SoukJob *self);
/* The receipt for the current deal; only in ACCEPTED and SETTLING of a priced bid. */
bool souk_job_receipt (const SoukJob *self, SoukReceiptTerms *out);
/* True when the job has ended and no deal is open. */
bool souk_job_is_over (const SoukJob *self);

GBytes *souk_job_to_bytes (const SoukJob *self);
SoukStatus souk_job_from_bytes (SoukSlice in, SoukJob **out);
