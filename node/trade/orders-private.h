/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of orders share: orders.c (the loop), orders-buyer.c and orders-seller.c (commands
 * and answers over the mesh), orders-pay.c (transactions and the chain's events), orders-store.c
 * (documents), orders-view.c (JSON), orders-commands.c. See orders.h.
 *
 * Documents: "purchase" and "sale" (an order by its id; phase LIVE, OVER or LAPSED), "order-deal" (role
 * and order of a deal, by the deal's id).
 */
#pragma once
#include "market/order.h"
#include "trade/money.h"
#include "trade/orders.h"

#define SOUK_DELIVER_PROTOCOL "/souk/deliver/1.0.0"
#define SOUK_DELIVER_REQUEST_MAX 512
#define SOUK_DELIVER_REPLY_MAX 4096
#define SOUK_DELIVER_TIMEOUT_MS 20000

#define SOUK_DOCUMENT_PURCHASE "purchase"
#define SOUK_DOCUMENT_SALE "sale"
#define SOUK_DOCUMENT_DEAL "order-deal"
/* The owner of an order's transactions. */
#define SOUK_ORDER_OWNER "order"

/* Phases of the documents. On disk: do not renumber. */
typedef enum {
  SOUK_ORDER_DOC_LIVE = 0,
  SOUK_ORDER_DOC_OVER = 1,
  SOUK_ORDER_DOC_LAPSED = 2, /* an offer that nobody took up: no sale, so not listed */
} SoukOrderDocPhase;

typedef struct SoukOfferLimits SoukOfferLimits; /* orders-seller.c */

/* An order in memory: those that are not over, and those that something is under way for. */
typedef struct {
  SoukOrders *orders;
  SoukOrder *machine;
  unsigned n_writes; /* states on their way to the disk; no command until it is 0 */
  unsigned n_calls;  /* commands under way */
  bool is_broken;    /* the disk failed: nothing more is done before a restart */
  uint32_t told_len; /* entries of the timeline that the log has */
  GSource *timer;
} SoukLiveOrder;

struct SoukOrders {
  SoukTradeContext context;
  GMainContext *main_context;
  GHashTable *by_id;   /* of SoukLiveOrder, by its machine's id */
  GHashTable *by_deal; /* the same, by its machine's deal, once it has an offer */
  GHashTable *asks;    /* set: the buyer's questions over the mesh that are under way */
  SoukOfferLimits *limits;
};

/* ---- orders.c ---- */

/* Takes the machine. */
SoukLiveOrder *souk_orders_add (SoukOrders *self, SoukOrder *machine);
/* Returns: (transfer none) (nullable): in memory, or from the disk into it. */
SoukLiveOrder *souk_orders_find (SoukOrders *self, const uint8_t id[SOUK_ORDER_ID_SIZE]);
SoukLiveOrder *souk_orders_find_deal (SoukOrders *self, const uint8_t deal[SOUK_HASH_SIZE]);

/* Called when a state is durable, or the disk has failed. */
typedef void (*SoukOrderSaved) (SoukLiveOrder *live, const GError *error, void *user);
/* Stores the present state, goes on when it is durable. `batch` (taken; NULL: none) may hold what must
 * become durable with it; `saved` may be NULL. */
void souk_orders_save (SoukLiveOrder *live, SoukStoreBatch *batch, SoukOrderSaved saved,
                       void *user);
/* The same in a write of the money's. */
void souk_orders_save_in (SoukLiveOrder *live, SoukMoneyWrite *write);
/* Applies an event and stores, if it has a meaning. Returns: what the machine says. */
SoukStatus souk_orders_apply (SoukLiveOrder *live, const SoukOrderEvent *event);
/* A command has failed: later again, or the end of the order. */
void souk_orders_command_failed (SoukLiveOrder *live, SoukOrderCommand command,
                                 SoukOrderReason reason, bool is_final, const char *detail);
/* A command is under way until souk_orders_end_call(), which goes on with the order. */
void souk_orders_begin_call (SoukLiveOrder *live);
void souk_orders_end_call (SoukLiveOrder *live);
/* Tells whoever watches. */
void souk_orders_emit (SoukLiveOrder *live);

/* ---- orders-store.c ---- */

const char *souk_orders_kind (const SoukOrder *machine);
SoukOrderDocPhase souk_orders_doc_phase (const SoukOrder *machine);
void souk_orders_put (const SoukOrder *machine, SoukStoreBatch *batch);
/* Returns: (transfer full) (nullable). */
SoukOrder *souk_orders_read (SoukOrders *self, const uint8_t id[SOUK_ORDER_ID_SIZE]);
SoukOrder *souk_orders_read_deal (SoukOrders *self, const uint8_t deal[SOUK_HASH_SIZE]);
/* Returns: (transfer full) (element-type SoukOrder): newest first; `role` 0: both. */
GPtrArray *souk_orders_page (SoukOrders *self, SoukOrderRole role, unsigned offset, unsigned limit,
                             int64_t *out_total);
/* Puts all that is not over into memory. */
void souk_orders_load (SoukOrders *self);
/* Removes the oldest offers that nobody took up, beyond a number. */
void souk_orders_prune (SoukOrders *self);

/* ---- orders-buyer.c ---- */

void souk_orders_request_offer (SoukLiveOrder *live);
void souk_orders_fetch (SoukLiveOrder *live);
void souk_orders_open (SoukLiveOrder *live);
/* Ends what waits for peers, without an answer. */
void souk_orders_cancel_calls (SoukOrders *self);
/* Returns: the buyer's purchase of a thing that is not over, or NULL. */
SoukLiveOrder *souk_orders_open_purchase (SoukOrders *self,
                                          const uint8_t thing[SOUK_RECORD_ID_SIZE]);

/* ---- orders-seller.c ---- */

void souk_orders_serve (SoukOrders *self);
void souk_orders_unserve (SoukOrders *self);

/* ---- orders-pay.c ---- */

void souk_orders_submit (SoukLiveOrder *live, SoukOrderCommand command);
void souk_orders_watch_money (SoukOrders *self);
SoukMoneyOwner souk_orders_owner (const SoukOrder *machine);

/* ---- orders-view.c ---- */

/* Returns: (transfer full): the shape "Order". */
JsonObject *souk_orders_json (SoukOrders *self, const SoukOrder *machine);

/* ---- orders-commands.c ---- */

void souk_orders_bind (SoukOrders *self);
