/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the provider's side share: works.c, works-bid.c, works-talk.c, works-run.c,
 * works-money.c, works-view.c. GLIB, node thread.
 */
#pragma once
#include "trade/jobs-wire.h"
#include "trade/money.h"
#include "trade/provider.h"
#include "trade/works.h"

typedef struct SoukTalk SoukTalk;       /* works-talk.c */
typedef struct SoukRun SoukRun;         /* works-run.c */
typedef struct SoukSandbox SoukSandbox; /* works-sandbox.h */

/* One bid and what becomes of it. Owned by SoukWorks; goes when the work is over, when `pending`
 * is 0, and when room is needed. */
typedef struct {
  SoukWorks *works;
  SoukWork *work;
  SoukTalk *talk;   /* the requester's stream, or NULL */
  SoukRun *run;     /* what is fetched or runs, or NULL */
  SoukReach *reach; /* the bid on its way */
  SoukAlarm alarm;
  SoukAlarm beat;
  char line[SOUK_SENTENCE_MAX + 1]; /* the newest line of output */
  int64_t told_us;                  /* when it was last told */
  bool was_awarded;
  unsigned writes;
  unsigned pending;
} SoukWorkEntry;

struct SoukWorks {
  SoukTradeContext context;
  SoukProvider *provider;
  SoukSandbox *sandbox;
  GHashTable *entries; /* by the work's id, which the entry holds */
  GPtrArray *talks;    /* of SoukTalk *: all open ones */
  SoukWei earned;
  uint64_t run_ms_usual; /* how long jobs took here, for what bids promise */
};

/* ---- works.c ---- */

SoukWorkEntry *souk_works_add (SoukWorks *self, SoukWork *work);
SoukStatus souk_work_entry_take (SoukWorkEntry *entry, const SoukWorkEvent *event,
                                 SoukMoneyWrite *write);
/* Stores the work as it is with `write`, and tells of it when that is durable. */
void souk_work_entry_keep (SoukWorkEntry *entry, SoukMoneyWrite *write);
void souk_work_entry_fail (SoukWorkEntry *entry, SoukWorkCommand command, bool is_final,
                           const char *detail);
/* The present command again, now: what it waited for is there. */
void souk_work_entry_retry (SoukWorkEntry *entry);
void souk_work_entry_emit (SoukWorkEntry *entry);
/* Returns: (nullable): by the bid's id. */
SoukWorkEntry *souk_works_find_bid (SoukWorks *self, const uint8_t bid[SOUK_BID_ID_SIZE]);
/* Jobs that hold a place: awarded, and not handed over. */
unsigned souk_works_busy (SoukWorks *self);

/* ---- works-bid.c ---- */
void souk_works_watch_board (SoukWorks *self);
/* What the owner's rules say about a job now. Returns: (nullable): the refusal's code. */
const char *souk_works_refuse (SoukWorks *self, const SoukJobSpec *spec, const char **out_sentence);

/* ---- works-talk.c ---- */
void souk_works_serve (SoukWorks *self);
/* Closes all of them, without a word. */
void souk_works_unserve (SoukWorks *self);
/* Answers the award; the work is stored by then. */
void souk_work_acknowledge (SoukWorkEntry *entry);
/* Hands the result over, as far as the stream takes it: SEND_RESULT. */
void souk_work_hand_over (SoukWorkEntry *entry);
/* Tells the phase and the newest line. */
void souk_work_tell (SoukWorkEntry *entry);
/* Says that the receipt is here, with the settlement's transaction if there is one. */
void souk_work_say_settled (SoukWorkEntry *entry);
void souk_work_drop_talk (SoukWorkEntry *entry);

/* ---- works-run.c ---- */
void souk_work_stage (SoukWorkEntry *entry);
void souk_work_run (SoukWorkEntry *entry);
/* Ends fetching and kills the job, whatever there is. */
void souk_work_drop_run (SoukWorkEntry *entry);
/* Lets the job's data and result go from the store. */
void souk_work_unpin (SoukWorkEntry *entry);

/* ---- works-money.c ---- */
/* Fills and signs the terms of a priced bid; the digest of them is the deal. False with a reason. */
bool souk_works_sign_bid (SoukWorks *self, const SoukRecord *record, const SoukJobSpec *spec,
                          SoukBid *bid, uint8_t out_deal[SOUK_HASH_SIZE],
                          const char **out_sentence);
void souk_work_submit (SoukWorkEntry *entry, SoukWorkCommand command);
void souk_works_watch_money (SoukWorks *self);

/* ---- works-view.c ---- */
JsonObject *souk_work_json (const SoukTradeContext *context, const SoukWork *work,
                            const char *line);
