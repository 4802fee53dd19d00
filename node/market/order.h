/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order machine: one sale, as the buyer or the seller has it (DESIGN 6, 6.1). PURE.
 *
 * Two axes: the phase, and what the other side has seen of our last step. The rows of the machine
 * are in order-table.c; this is its life: make one, apply events, store it after each event that
 * was taken, execute the command that it gives (see machine.h for the loop). A buyer fetches the
 * sealed content before paying, and never releases money before the content is opened and checked.
 * What the chain says overrules what the machine believes.
 *
 * Transactions: the command SUBMIT_X means "make, sign and store the transaction X for this order
 * if there is none yet"; the event TX_STORED is applied and stored in ONE write with it; only then
 * is it broadcast. TX_FAILED says that it is in the chain as failed or can never be.
 * Owned by whoever made it; holds keys, which souk_order_free clears.
 */
#pragma once
#include "market/machine.h"
#include "market/order-phases.h"
#include "market/terms.h"

#define SOUK_ORDER_ID_SIZE 32

/* On disk: do not renumber. */
typedef enum {
  SOUK_ORDER_BUYER = 1,
  SOUK_ORDER_SELLER = 2,
} SoukOrderRole;

/* How a deal ended; the contract's State. On disk: do not renumber. */
typedef enum {
  SOUK_END_NONE = 0,
  SOUK_END_RELEASED = 4,
  SOUK_END_REFUNDED = 5,
  SOUK_END_RESOLVED = 6,
} SoukDealEnd;

typedef struct {
  SoukDealEnd end;
  SoukWei to_payee;
  SoukWei fee;
  SoukWei to_payer;
} SoukSettlement;

typedef struct {
  uint8_t id[SOUK_ORDER_ID_SIZE];
  SoukOrderRole role;
  SoukOrderPhase phase;
  SoukOrderPhase before; /* where a settlement found it, for when the chain takes it back */
  SoukSeen seen;
  SoukOrderReason reason;
  char detail[SOUK_SENTENCE_MAX + 1]; /* the other side's or the chain's own words, if any */

  /* what is sold */
  uint8_t thing[SOUK_RECORD_ID_SIZE];  /* the listing */
  uint8_t record[SOUK_RECORD_ID_SIZE]; /* and its version */
  SoukPeerId peer;                     /* the other side */
  char title[SOUK_TITLE_MAX + 1];
  SoukCid cid;
  uint64_t size_bytes;
  SoukWei price;
  uint64_t chain_id; /* 0 exactly when free */
  SoukAddress contract;
  SoukOfferExpected expected; /* seller, buyer, token, price, H(K), windows */

  /* the deal */
  bool has_offer;
  SoukOfferTerms terms;
  uint8_t signature[SOUK_ECDSA_SIZE];
  uint8_t deal[SOUK_HASH_SIZE]; /* the EIP-712 digest of the terms */
  uint8_t capsule[32];
  bool has_key;
  uint8_t key[32]; /* k: drawn by the seller, revealed to the buyer */
  bool has_content_key;
  uint8_t content_key[32]; /* K, checked against H(K); the buyer's */
  int64_t deliver_by;      /* seconds since 1970, from the chain; 0: not known */
  int64_t confirm_by;
  int64_t resolve_by;
  bool has_tx[SOUK_ORDER_COMMAND_COUNT];
  uint8_t tx[SOUK_ORDER_COMMAND_COUNT][SOUK_HASH_SIZE]; /* the last of each kind */
  SoukSettlement settlement;

  SoukTimeline timeline;
  SoukRetry retry;
} SoukOrder;

typedef enum {
  SOUK_ORDER_EVENT_START,          /* the person wants it */
  SOUK_ORDER_EVENT_CANCEL,         /* the person no longer wants it */
  SOUK_ORDER_EVENT_OFFER,          /* offer, capsule, signature, deal */
  SOUK_ORDER_EVENT_REFUSED,        /* the seller's refusal; detail */
  SOUK_ORDER_EVENT_FETCHED,        /* the content is stored and pinned here */
  SOUK_ORDER_EVENT_OPENED,         /* it opened, or is_good is false */
  SOUK_ORDER_EVENT_COMMAND_FAILED, /* command, reason, is_final: never again */
  SOUK_ORDER_EVENT_TX_STORED,      /* command, hash */
  SOUK_ORDER_EVENT_TX_FAILED,      /* command, detail */
  SOUK_ORDER_EVENT_BOUGHT,         /* chain: deadline */
  SOUK_ORDER_EVENT_DELIVERED,      /* chain: hash is the key; deadline */
  SOUK_ORDER_EVENT_DISPUTED,       /* chain: deadline */
  SOUK_ORDER_EVENT_SETTLED,        /* chain: settlement */
  SOUK_ORDER_EVENT_UNDO_BOUGHT,    /* the chain took it back; so the next three */
  SOUK_ORDER_EVENT_UNDO_DELIVERED,
  SOUK_ORDER_EVENT_UNDO_DISPUTED,
  SOUK_ORDER_EVENT_UNDO_SETTLED,
  SOUK_ORDER_EVENT_TIMEOUT, /* made by souk_order_tick */
} SoukOrderEventKind;

typedef struct {
  SoukOrderEventKind kind;
  SoukOrderCommand command;
  SoukOrderReason reason;
  bool is_final;
  bool is_good;
  const char *detail;           /* borrowed; NULL for none */
  const SoukOfferTerms *terms;  /* borrowed */
  const uint8_t *signature;     /* 65 bytes */
  const uint8_t *capsule;       /* 32 bytes */
  uint8_t hash[SOUK_HASH_SIZE]; /* deal, key or transaction */
  int64_t deadline;             /* seconds since 1970 */
  SoukSettlement settlement;
} SoukOrderEvent;

/* A buyer's draft for a live listing. `buyer` is zero for a free one. */
SoukOrder *souk_order_new_buyer (const SoukRecord *record, const SoukListing *listing,
                                 const SoukAddress *buyer, SoukWall now, SoukRng *rng);
/* A seller's order: the offer is made and signed, `deal` is its digest. */
SoukOrder *souk_order_new_seller (const SoukRecord *record, const SoukListing *listing,
                                  const SoukPeerId *buyer_peer, const SoukOfferDraft *draft,
                                  const uint8_t signature[SOUK_ECDSA_SIZE],
                                  const uint8_t deal[SOUK_HASH_SIZE], SoukWall now, SoukRng *rng);
void souk_order_free (SoukOrder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukOrder, souk_order_free)

/* Takes one event. OK: the state changed, store it. STALE_EVENT: it has no meaning now (a replay,
 * a late answer); nothing changed. */
SoukStatus souk_order_apply (SoukOrder *self, const SoukOrderEvent *event, SoukWall now);
/* The command to execute now, once; NONE when there is none or it is not yet due again. Call only
 * when the state is stored. */
SoukOrderCommand souk_order_next_command (SoukOrder *self, SoukWall now);
/* After souk_order_from_bytes at start-up, or when a driver lost its work: the command of the
 * present phase is given again. */
void souk_order_resume (SoukOrder *self);

/* When to call souk_order_tick or souk_order_next_command again, at the latest. */
SoukWall souk_order_wake (const SoukOrder *self);
/* Applies what the clock brings. Returns: true when the state changed: store it. */
bool souk_order_tick (SoukOrder *self, SoukWall now);
/* The present phase's deadline for a person to see, or SOUK_WALL_NEVER.
 * Out: (transfer none): what then happens by itself; empty when nothing does. */
SoukWall souk_order_deadline (const SoukOrder *self, const char **out_then);

bool souk_order_is_free (const SoukOrder *self);
/* True when only the chain taking something back can move it. */
bool souk_order_is_over (const SoukOrder *self);
/* True when the machine waits for a transaction of this kind to get into the chain. */
SoukOrderCommand souk_order_watched (const SoukOrder *self);

/* Returns: (transfer full): the stored form; holds keys. */
GBytes *souk_order_to_bytes (const SoukOrder *self);
/* STATE_FORM when the bytes are no order. Out: (transfer full). */
SoukStatus souk_order_from_bytes (SoukSlice in, SoukOrder **out);
