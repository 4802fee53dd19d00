/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of money share: money.c (life, facts, the chain's events), money-send.c (the outbox
 * and its owners), money-write.c (writes), money-record.c (transactions on disk, who spent what),
 * money-view.c (commands). See money.h.
 *
 * Documents: "chain" (the cursor and the events that are not deep enough yet, one for each network),
 * "transaction" (one for each, by its outbox id; phase 0 while the outbox works on it), "spending" (by
 * owner: nonce, hash and cost of each of its transactions).
 */
#pragma once
#include "eth/client.h"
#include "eth/follow.h"
#include "eth/outbox.h"
#include "trade/money.h"

/* Blocks that a reorganisation may undo without the money forgetting what was in them. */
#define SOUK_MONEY_DEPTH 32
/* Without events the cursor is written this often. */
#define SOUK_MONEY_CURSOR_EVERY_US (10 * G_USEC_PER_SEC)
/* A transaction that no block takes for so long is sent again with a higher fee. */
#define SOUK_MONEY_STUCK_MS (2 * 60 * 1000)
/* The outbox looks at each new block; this often in any case. */
#define SOUK_MONEY_OUTBOX_POLL_MS 2000
#define SOUK_MONEY_PURPOSE_MAX 200
#define SOUK_MONEY_KIND_MAX 8
/* Bounds of stored lists; beyond them a document is not believed. */
#define SOUK_MONEY_PENDING_MAX 100000
#define SOUK_MONEY_SPENDING_MAX 100000

#define SOUK_DOCUMENT_CHAIN "chain"
#define SOUK_DOCUMENT_TRANSACTION "transaction"
#define SOUK_DOCUMENT_SPENDING "spending"

/* What the owner of a transaction has been told. On disk: do not renumber. */
typedef enum {
  SOUK_TOLD_NOTHING = 0,
  SOUK_TOLD_INCLUDED = 1,
  SOUK_TOLD_FAILED = 2,
} SoukTold;

/* A transaction as the money knows it; the outbox has its bytes and its fate. */
typedef struct {
  SoukMoney *money;
  char *id; /* in the outbox */
  char kind[SOUK_MONEY_KIND_MAX + 1];
  uint8_t owner[SOUK_MONEY_OWNER_ID_SIZE];
  uint32_t step;
  char *purpose;
  SoukWall created;
  SoukTold told;

  /* copies of the outbox's entry, for views and for what was spent */
  SoukOutboxPhase phase;
  uint64_t nonce;
  SoukAddress to;
  SoukU256 value;
  uint8_t hash[SOUK_HASH_SIZE];
  uint64_t block; /* 0: in none */
  bool is_success;
  SoukU256 gas;  /* wei; zero while in no block */
  GBytes *entry; /* the outbox's own form */

  /* until the first version is durable */
  bool is_stored;
  bool is_unwanted; /* its owner said no */
  SoukMoneyAdd add;
  SoukMoneyDone done;
  void *user;
} SoukMoneyRecord;

/* What one owner has spent. */
typedef struct {
  uint64_t nonce;
  uint8_t hash[SOUK_HASH_SIZE];
  SoukU256 gas;
  bool is_open;
} SoukSpendingItem;

/* A log that waits for its depth, or an undone one that waits to be told. */
typedef struct {
  SoukChainLog *log;
  bool is_undo;
} SoukMoneyLog;

struct SoukMoneyWrite {
  SoukMoney *money; /* NULL once that is gone */
  SoukStoreBatch *batch;
  GArray *thens;
  SoukOutboxStored stored; /* the outbox's, called last */
  gpointer token;
};

typedef struct {
  const SoukMoneyWatch *watch;
  void *user;
} SoukMoneyWatcher;

struct SoukMoney {
  SoukMoneyConfig config;
  GMainContext *context;
  SoukEthRpc *rpc;
  SoukEthClient *client;
  SoukOutbox *outbox;
  SoukFollow *follow; /* NULL until the first block is known */
  GSource *retry;
  guint64 start_block;
  SoukMoneyState state;
  GQueue pending; /* (element-type SoukMoneyLog), oldest first, not deep enough yet */
  GQueue due;     /* (element-type SoukMoneyLog), to be told with the next write */
  bool is_changed;
  gint64 cursor_at_us;
  uint64_t facts_block;

  SoukWei balance;
  SoukWei credits[2]; /* marketplace, rental */
  SoukU256 counters[2];
  bool has_balance, has_credit[2], has_counter[2];
  bool has_proof;
  uint8_t proof[SOUK_ECDSA_SIZE];

  GHashTable *records;  /* by id: those of this run and the open ones */
  GHashTable *spending; /* by owner key (GBytes): GArray of SoukSpendingItem */
  GHashTable *writes;   /* set of SoukMoneyWrite under way */
  GArray *watchers;
  bool sign_failed;
  gint64 serial;      /* of transactions: counts on from the time of the start */
  GPtrArray *sources; /* (element-type GSource): refusals that wait to be told */
};

/* ---- money-write.c ---- */

SoukMoneyWrite *souk_money_write_new (SoukMoney *self);
/* Takes the write. */
void souk_money_write_commit (SoukMoneyWrite *write);
void souk_money_write_drop (SoukMoneyWrite *write);
/* Cuts the writes under way from the money, which is about to go. */
void souk_money_writes_orphan (SoukMoney *self);
void souk_money_tell_deal (SoukMoney *self, const SoukDealEvent *event, SoukMoneyWrite *write);
void souk_money_tell_tx (SoukMoney *self, const SoukTxOutcome *outcome, SoukMoneyWrite *write);

/* ---- money-record.c ---- */

void souk_money_record_free (SoukMoneyRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukMoneyRecord, souk_money_record_free)
/* Returns: (transfer full) (nullable): NULL when the body is none. */
SoukMoneyRecord *souk_money_record_read (SoukSlice id, SoukSlice body);
/* Puts the record, and its part of what its owner has spent. */
void souk_money_record_put (SoukMoney *self, const SoukMoneyRecord *record, SoukStoreBatch *batch);
/* Returns: (transfer none) (element-type SoukSpendingItem): by nonce. */
GArray *souk_money_spending (SoukMoney *self, const char *kind,
                             const uint8_t owner[SOUK_MONEY_OWNER_ID_SIZE]);
GHashTable *souk_money_spending_table (void);

/* ---- money-view.c ---- */

/* Returns: (transfer full): shape Wallet; `self` may be NULL. */
JsonObject *souk_money_wallet_object (const SoukMoney *self);

/* ---- money-send.c ---- */

/* Makes the outbox and gives it what is stored. */
void souk_money_start_outbox (SoukMoney *self);
/* True when a transaction has failed in the chain and its owner does not know yet. */
bool souk_money_has_failures (const SoukMoney *self);
/* Those that are deep enough now are told. */
void souk_money_check_failures (SoukMoney *self, SoukMoneyWrite *write);
