/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Money: the chain as the flows see it. GLIB, node thread.
 *
 * One per node that has a network and a wallet. It signs, sends and follows transactions, tells what
 * the two contracts say about deals, and knows what the account holds.
 *
 * Writes: what the chain or the outbox tells is given to the watchers BEFORE it is stored, with a
 * write into which each puts what it makes of it, so that the cause (the chain's cursor, the
 * transaction's row) and its effects become durable as one. Whoever executes a command does it after
 * the write is durable: souk_money_write_then().
 *
 * A deal's event is told once the block is as deep as the network's confirmations say. If a block is
 * undone after that, its events come again with is_undo, newest first. After a very deep
 * reorganisation events may come twice: whoever cannot use one ignores it.
 */
#pragma once
#include "api/call.h"
#include "base/rng.h"
#include "chain/eip712.h"
#include "chain/escrow.h"
#include "log/log.h"
#include "store/store.h"

typedef struct SoukMoney SoukMoney;

/* ---- life ---- */

/* Signs a 32-byte digest; false when the wallet is locked or refuses. */
typedef bool (*SoukMoneySign) (const uint8_t digest[SOUK_HASH_SIZE],
                               uint8_t out_signature[SOUK_ECDSA_SIZE], void *user);

typedef struct {
  SoukStore *store; /* this and the next two outlive it */
  SoukLog *log;
  SoukDispatch *dispatch;
  SoukPeerId self; /* whose word the wallet gives (wallet proof) */
  const char *const *rpc_urls;
  uint64_t chain_id;
  SoukAddress marketplace;
  SoukAddress rental;
  unsigned confirmations; /* blocks, the event's own included, until it is told; at least 1 */
  unsigned poll_ms;
  SoukAddress address; /* the account */
  SoukMoneySign sign;
  void *sign_user;
} SoukMoneyConfig;

/* Starts to follow the chain and goes on with stored transactions. Watchers are added before the
 * context runs again, so that they miss nothing. NULL when an RPC address has not the form of one. */
SoukMoney *souk_money_new (const SoukMoneyConfig *config, GError **error);
/* Calls that wait end without an answer; what is stored goes on at the next start. */
void souk_money_free (SoukMoney *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukMoney, souk_money_free)
/* Binds wallet.show and wallet.transactions. `self` NULL: a node without a chain. */
void souk_money_bind (SoukMoney *self, SoukDispatch *dispatch);

/* ---- what it knows ---- */

typedef enum {
  SOUK_MONEY_CONNECTING,  /* not caught up yet */
  SOUK_MONEY_FOLLOWING,   /* all that the chain says is known */
  SOUK_MONEY_UNREACHABLE, /* no endpoint answers well; asked again and again */
} SoukMoneyState;

SoukMoneyState souk_money_state (const SoukMoney *self);
/* "connecting", "following", "unreachable"; "none" when `self` is NULL. */
const char *souk_money_state_name (const SoukMoney *self);
/* The newest block that was followed; 0: none yet. */
uint64_t souk_money_block (const SoukMoney *self);
/* The chain's own time: seconds since 1970 of its newest block; 0: not known. */
int64_t souk_money_block_time (const SoukMoney *self);
const SoukAddress *souk_money_address (const SoukMoney *self);
/* The contract and the chain id of a market: what digests and listings bind. */
SoukDomain souk_money_domain (const SoukMoney *self, SoukEscrowMarket market);
/* What the account holds. False when it is not known yet. */
bool souk_money_balance (const SoukMoney *self, SoukWei *out);
/* What waits in both contracts together. False when it is not known yet. */
bool souk_money_credit (const SoukMoney *self, SoukWei *out);
/* The account's counter in a contract, which offers and bids bind. False when it is not known yet. */
bool souk_money_counter (const SoukMoney *self, SoukEscrowMarket market, SoukU256 *out);

/* ---- signing ---- */

/* Signs an EIP-712 digest. False when the wallet is locked. */
bool souk_money_sign (SoukMoney *self, const uint8_t digest[SOUK_HASH_SIZE],
                      uint8_t out_signature[SOUK_ECDSA_SIZE]);
/* The wallet's word for this peer, as records carry it; made once. False when the wallet is locked. */
bool souk_money_wallet_proof (SoukMoney *self, uint8_t out_proof[SOUK_ECDSA_SIZE]);

/* ---- writes ---- */

/* One batch on its way to the disk. Valid during the call that gets it. */
typedef struct SoukMoneyWrite SoukMoneyWrite;
/* Where to put documents. Not to be committed. */
SoukStoreBatch *souk_money_write_batch (SoukMoneyWrite *write);
/* Calls `done` when the write is durable, or with the error. In the order of these calls. */
void souk_money_write_then (SoukMoneyWrite *write, SoukStoreDone done, gpointer user);

/* ---- transactions ---- */

typedef enum {
  SOUK_MONEY_ERROR_NO_FUNDS,    /* the account cannot pay value and gas */
  SOUK_MONEY_ERROR_REVERTED,    /* the contract would refuse; the message says why */
  SOUK_MONEY_ERROR_UNREACHABLE, /* try later */
  SOUK_MONEY_ERROR_TOO_DEAR,    /* gas costs more than the cap; try later */
  SOUK_MONEY_ERROR_NO_WALLET,   /* the wallet is locked */
  SOUK_MONEY_ERROR_STALE,       /* the owner no longer wants it (SoukMoneyAdd) */
  SOUK_MONEY_ERROR_REFUSED,     /* the node refuses it for another reason; the message says which */
  SOUK_MONEY_ERROR_DISK,        /* it could not be stored, so it was not sent */
} SoukMoneyError;
#define SOUK_MONEY_ERROR (souk_money_error_quark ())
GQuark souk_money_error_quark (void);
/* True when the same transaction may go through later without anybody's doing. */
bool souk_money_error_is_passing (const GError *error);

#define SOUK_MONEY_OWNER_ID_SIZE 32
/* Whose transaction it is: kind "order" or "job", at most 8 letters. */
typedef struct {
  const char *kind;
  uint8_t id[SOUK_MONEY_OWNER_ID_SIZE];
} SoukMoneyOwner;

typedef struct {
  SoukMoneyOwner owner;
  uint32_t step; /* the owner's own number for it: its command */
  SoukAddress to;
  SoukWei value;
  GBytes *data;        /* borrowed */
  const char *purpose; /* for a person: "Buying “Title”"; cut at 200 bytes */
} SoukMoneyTx;

/* The transaction is signed: put the owner's state with it (TX_STORED) into the write. False: the
 * owner no longer wants it, and nothing is stored or sent. */
typedef bool (*SoukMoneyAdd) (SoukMoneyWrite *write, const uint8_t tx_hash[SOUK_HASH_SIZE],
                              void *user);
/* `tx_hash` when it is durable, with what was added, and about to be broadcast; else `error`
 * (SOUK_MONEY_ERROR), and nothing was stored. */
typedef void (*SoukMoneyDone) (const uint8_t *tx_hash, const GError *error, void *user);
/* Estimates, signs, stores, then sends, and goes on until a block has it, over restarts. `add` and then
 * `done` come once each and later; on an error maybe `done` alone; neither after souk_money_free(). */
void souk_money_submit (SoukMoney *self, const SoukMoneyTx *tx, SoukMoneyAdd add,
                        SoukMoneyDone done, void *user);

/* The owner's transaction of this step that is on its way or in the chain as good, as far as the chain
 * may still change. Returns: false when there is none. Out: its hash, as `done` gave it. */
bool souk_money_find_tx (SoukMoney *self, const SoukMoneyOwner *owner, uint32_t step,
                         uint8_t out_hash[SOUK_HASH_SIZE]);
/* What all of an owner's transactions have cost so far: gas used times what was paid for it. */
SoukWei souk_money_gas_spent (SoukMoney *self, const SoukMoneyOwner *owner);
/* True while one of the owner's transactions is in no block yet. */
bool souk_money_has_open_tx (SoukMoney *self, const SoukMoneyOwner *owner);
/* Returns: (transfer full): the hashes of the owner's transactions, oldest first: strings "0x…". */
JsonArray *souk_money_transactions (SoukMoney *self, const SoukMoneyOwner *owner);

/* ---- watching ---- */

typedef enum {
  SOUK_DEAL_BOUGHT,    /* a prompt's deal was opened: deadline is deliver-by */
  SOUK_DEAL_ACCEPTED,  /* a job's deal was opened: deadline is submit-by */
  SOUK_DEAL_DELIVERED, /* hash is the key or the result's hash; deadline is confirm-by */
  SOUK_DEAL_DISPUTED,  /* deadline is resolve-by */
  SOUK_DEAL_SETTLED,   /* end and amounts */
} SoukDealKind;

typedef struct {
  SoukDealKind kind;
  bool is_undo; /* the chain took it back */
  SoukEscrowMarket market;
  uint8_t deal[SOUK_HASH_SIZE]; /* the EIP-712 digest of the terms */
  uint8_t hash[SOUK_HASH_SIZE]; /* DELIVERED */
  int64_t deadline;             /* seconds since 1970, by the chain's clock */
  SoukEscrowState end;          /* SETTLED: RELEASED, REFUNDED or RESOLVED */
  SoukWei to_payee;             /* SETTLED; so the next two */
  SoukWei fee;
  SoukWei to_payer;
  uint64_t block;
  uint8_t tx_hash[SOUK_HASH_SIZE];
} SoukDealEvent;

/* What became of a transaction that was stored. */
typedef struct {
  SoukMoneyOwner owner;
  uint32_t step;
  uint8_t stored_hash[SOUK_HASH_SIZE]; /* as `done` gave it */
  uint8_t tx_hash[SOUK_HASH_SIZE];     /* the version that counts: fees may have been raised */
  bool is_included;                    /* in a block and good; it may still be undone */
  bool is_failed;     /* in the chain as failed, or another transaction took its place */
  const char *detail; /* is_failed: a sentence */
} SoukTxOutcome;

typedef struct {
  /* Any deal of both contracts, in the chain's order. */
  void (*on_deal) (const SoukDealEvent *event, SoukMoneyWrite *write, void *user);
  /* A transaction of ours is in a block, has failed, or (neither flag) was undone and is sent again. */
  void (*on_tx) (const SoukTxOutcome *outcome, SoukMoneyWrite *write, void *user);
} SoukMoneyWatch;

/* Is told for as long as the money lives. `watch` is static; any member may be NULL. */
void souk_money_watch (SoukMoney *self, const SoukMoneyWatch *watch, void *user);
