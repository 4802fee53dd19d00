/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The work machine: one job, as its provider has it (DESIGN 6.2). PURE.
 *
 * Work starts when the money is in the contract (or the job is free), and the result's CID is bound
 * before it is handed over. With the requester's receipt one transaction settles; without one the
 * result is committed on chain in time, and claimed when the requester stays silent. A provider
 * that cannot run the job says so and gives the money back at once. See machine.h for the loop and
 * order.h for the rule about transactions.
 */
#pragma once
#include "market/job.h"
#include "market/work-phases.h"

typedef struct {
  uint8_t id[SOUK_ORDER_ID_SIZE];
  SoukWorkPhase phase;
  SoukWorkPhase before; /* where a settlement found it */
  SoukSeen seen;
  SoukWorkReason reason;
  char detail[SOUK_SENTENCE_MAX + 1];
  SoukRecord *record; /* the job's */
  SoukJobSpec *spec;
  SoukPeerId requester;
  SoukBid bid;                  /* this node's own */
  uint8_t deal[SOUK_HASH_SIZE]; /* the EIP-712 digest of its terms, zero when free */
  int64_t submit_by;            /* seconds since 1970, from the chain; 0: not known */
  int64_t confirm_by;
  bool has_result;
  SoukJobResult result;
  bool has_receipt;
  SoukWei receipt_amount;
  uint8_t receipt_signature[SOUK_ECDSA_SIZE];
  bool has_tx[SOUK_WORK_COMMAND_COUNT];
  uint8_t tx[SOUK_WORK_COMMAND_COUNT][SOUK_HASH_SIZE];
  SoukSettlement settlement;
  SoukTimeline timeline;
  SoukRetry retry;
} SoukWork;

typedef enum {
  SOUK_WORK_EVENT_AWARDED,   /* and this node takes it: answer the award when it is stored */
  SOUK_WORK_EVENT_DECLINED,  /* and this node does not; detail */
  SOUK_WORK_EVENT_CANCELLED, /* by the requester */
  SOUK_WORK_EVENT_STAGED,
  SOUK_WORK_EVENT_DONE, /* result; its blocks are stored and pinned, or it failed */
  SOUK_WORK_EVENT_STOP, /* the person's or the policy's will; detail */
  SOUK_WORK_EVENT_RESULT_SENT,
  SOUK_WORK_EVENT_RECEIPT, /* receipt, signature, hash: its EIP-712 digest; all NULL if free */
  SOUK_WORK_EVENT_COMMAND_FAILED, /* command, is_final, detail */
  SOUK_WORK_EVENT_TX_STORED,      /* command, hash */
  SOUK_WORK_EVENT_TX_FAILED,      /* command, detail */
  SOUK_WORK_EVENT_FUNDED,         /* chain: deadline */
  SOUK_WORK_EVENT_SUBMITTED,      /* chain: deadline */
  SOUK_WORK_EVENT_SETTLED,        /* chain: settlement */
  SOUK_WORK_EVENT_UNDO_FUNDED,
  SOUK_WORK_EVENT_UNDO_SUBMITTED,
  SOUK_WORK_EVENT_UNDO_SETTLED,
  SOUK_WORK_EVENT_TIMEOUT, /* made by souk_work_tick */
} SoukWorkEventKind;

typedef struct {
  SoukWorkEventKind kind;
  SoukWorkCommand command;
  bool is_final;
  const char *detail;              /* borrowed; NULL for none */
  const SoukJobResult *result;     /* borrowed */
  const SoukReceiptTerms *receipt; /* borrowed */
  const uint8_t *signature;        /* 65 bytes */
  uint8_t hash[SOUK_HASH_SIZE];
  int64_t deadline;
  SoukSettlement settlement;
} SoukWorkEvent;

/* A bid that is about to be sent. `deal` is the digest of its terms, NULL when free. */
SoukWork *souk_work_new (const SoukRecord *record, const SoukBid *bid, const uint8_t *deal,
                         SoukWall now, SoukRng *rng);
void souk_work_free (SoukWork *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukWork, souk_work_free)

/* OK: the state changed, store it. STALE_EVENT: no meaning now. RECEIPT_BAD: a receipt that is not
 * this result's, price's or requester's; nothing changed. */
SoukStatus souk_work_apply (SoukWork *self, const SoukWorkEvent *event, SoukWall now);
SoukWorkCommand souk_work_next_command (SoukWork *self, SoukWall now);
void souk_work_resume (SoukWork *self);

SoukWall souk_work_wake (const SoukWork *self);
bool souk_work_tick (SoukWork *self, SoukWall now);
SoukWall souk_work_deadline (const SoukWork *self, const char **out_then);

bool souk_work_is_free (const SoukWork *self);
/* True while the requester expects a heartbeat every SOUK_HEARTBEAT_MS. */
bool souk_work_is_live (const SoukWork *self);
bool souk_work_is_over (const SoukWork *self);
SoukWorkCommand souk_work_watched (const SoukWork *self);

GBytes *souk_work_to_bytes (const SoukWork *self);
SoukStatus souk_work_from_bytes (SoukSlice in, SoukWork **out);
