/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the requester's side share: jobs.c, jobs-request.c, jobs-bids.c, jobs-link.c,
 * jobs-result.c, jobs-money.c, jobs-commands.c. GLIB, node thread.
 */
#pragma once
#include "trade/jobs-wire.h"
#include "trade/jobs.h"
#include "trade/money.h"

typedef struct SoukJobEar SoukJobEar;

/* The conversation with one bid's provider. */
typedef struct {
  SoukReach *reach; /* on its way */
  SoukStream *stream;
  SoukJobEar *ear; /* the stream's */
  uint8_t bid[SOUK_BID_ID_SIZE];
  SoukPeerId peer;
  SoukAlarm answer; /* how long an answer to the receipt is waited for */
} SoukJobLink;

/* One job and what belongs to it. Owned by SoukJobs; goes when the job is over, when `pending` is
 * 0, and when room is needed. */
typedef struct {
  SoukJobs *jobs;
  SoukJob *job;
  SoukJobLink link;
  SoukAlarm alarm;
  char *progress;     /* the newest output line, or NULL */
  int64_t emitted_us; /* when the last progress was told */
  unsigned writes;    /* on their way to the disk */
  unsigned pending;   /* calls to others that have not come back */
  bool is_fetching;
  SoukCall *call; /* compute.request or compute.cancel, to be answered when it is stored */
} SoukJobEntry;

struct SoukJobs {
  SoukTradeContext context;
  SoukWorks *works;
  GHashTable *entries; /* by the job's id, which the entry holds */
  GHashTable *history; /* of SoukPeerId * -> SoukHistory *: those who worked for this node lately,
                        * since a read of the store lags behind */
};

/* How a provider's jobs for this node ended. */
typedef struct {
  uint32_t done;
  uint32_t failed;
} SoukHistory;

/* ---- jobs.c ---- */

/* Adds a new job, and starts it; `call` is answered when it is stored. */
void souk_jobs_add (SoukJobs *self, SoukJob *job, SoukCall *call);
/* Applies an event, and stores what it changed: with `write`, or in a batch of its own when NULL. */
SoukStatus souk_job_entry_take (SoukJobEntry *entry, const SoukJobEvent *event,
                                SoukMoneyWrite *write);
/* Stores the job as it is with `write`, and tells of it when that is durable. */
void souk_job_entry_keep (SoukJobEntry *entry, SoukMoneyWrite *write);
/* The command of the present phase, or of a deal, did not work out. */
void souk_job_entry_fail (SoukJobEntry *entry, SoukJobCommand command, size_t deal,
                          SoukJobReason reason, bool is_final, const char *detail);
/* Tells of the job as it is. */
void souk_job_entry_emit (SoukJobEntry *entry);
/* Returns: (nullable): the live job of a board's thing. */
SoukJobEntry *souk_jobs_find_thing (SoukJobs *self, const uint8_t thing[SOUK_RECORD_ID_SIZE]);
/* Takes a job off the board, where it finds no bidders any more. */
void souk_job_entry_withdraw (SoukJobEntry *entry);

/* ---- jobs-request.c ---- */
void souk_jobs_bind_request (SoukJobs *self);

/* ---- jobs-bids.c ---- */
void souk_jobs_serve_bids (SoukJobs *self);
SoukHistory souk_jobs_history (SoukJobs *self, const SoukPeerId *peer);
/* Counts one more, in the batch. */
void souk_jobs_note (SoukJobs *self, SoukStoreBatch *batch, const SoukPeerId *peer, bool is_good);

/* ---- jobs-link.c ---- */

/* Opens the conversation with the current bid's provider, or uses it, and says what the phase wants
 * said: SEND_AWARD, FOLLOW_JOB, SEND_RECEIPT. */
void souk_job_link_speak (SoukJobEntry *entry);
/* Ends a conversation that is not with the current bid's provider, or that has no more use. */
void souk_job_link_check (SoukJobEntry *entry);
void souk_job_link_close (SoukJobEntry *entry);

/* ---- jobs-result.c ---- */
void souk_job_fetch_result (SoukJobEntry *entry);
void souk_job_reply_result (SoukJobs *self, const SoukJob *job, SoukCall *call);

/* ---- jobs-money.c ---- */
void souk_job_fund (SoukJobEntry *entry);
void souk_job_close_deal (SoukJobEntry *entry, size_t deal, SoukJobCommand command);
/* Signs the receipt of the current deal. False when the wallet is locked. */
bool souk_job_sign_receipt (SoukJobEntry *entry, const SoukReceiptTerms *terms,
                            uint8_t out_signature[SOUK_ECDSA_SIZE]);
void souk_jobs_watch_money (SoukJobs *self);

/* ---- jobs-commands.c ---- */
void souk_jobs_bind_commands (SoukJobs *self);
/* Returns: (transfer full): the shape "Job". `progress` may be NULL. */
JsonObject *souk_job_json (const SoukTradeContext *context, const SoukJob *job,
                           const char *progress);
