/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The buyer's commands that need no money: ask the seller, fetch the content, open it. GLIB, node
 * thread. See orders-private.h.
 *
 * An answer that comes after the order has gone on has no meaning to the machine, which says so.
 */
#include "trade/orders-private.h"

#include "chain/eip712.h"
#include "market/content.h"
#include "store/documents.h"
#include "swarm/clock.h"
#include "swarm/rpc.h"
#include "trade/prompts.h"
#include "wire/message.h"
#include "wire/souk.pb-c.h"

#include <string.h>

#define FETCH_BLOCK_MS 20000

/* ---- reaching the seller ---- */

typedef struct Ask Ask;
/* `error` NULL: the seller is connected. */
typedef void (*ReachedFunc) (SoukLiveOrder *live, const GError *error);

/* A dial or a question under way. */
struct Ask {
  SoukOrders *orders; /* NULL once that is gone */
  SoukLiveOrder *live;
  ReachedFunc reached;
  SoukRpcCall *call;
};

static Ask *
ask_new (SoukLiveOrder *live)
{
  Ask *ask = g_new0 (Ask, 1);
  ask->orders = live->orders;
  ask->live = live;
  g_hash_table_add (live->orders->asks, ask);
  souk_orders_begin_call (live);
  return ask;
}

/* Returns: the order, whose call the caller ends; NULL when the orders are gone. */
static SoukLiveOrder *
ask_free (Ask *ask)
{
  SoukLiveOrder *live = ask->orders != NULL ? ask->live : NULL;
  if (ask->orders != NULL)
    g_hash_table_remove (ask->orders->asks, ask);
  g_free (ask);
  return live;
}

void
souk_orders_cancel_calls (SoukOrders *self)
{
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, self->asks);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      Ask *ask = key;
      ask->orders = NULL; /* a dial cannot be called off: its answer finds nobody */
      if (ask->call == NULL)
        continue;
      souk_rpc_cancel (ask->call);
      g_free (ask);
    }
}

static void
on_dialled (SoukSwarm *swarm, const SoukPeerId *peer, const GError *error, void *user)
{
  Ask *ask = user;
  ReachedFunc reached = ask->reached;
  SoukLiveOrder *live = ask_free (ask);
  if (live == NULL)
    return;
  reached (live, error);
  souk_orders_end_call (live);
}

static void
reach_seller (SoukLiveOrder *live, ReachedFunc reached)
{
  SoukSwarm *swarm = live->orders->context.swarm;
  if (souk_swarm_is_connected (swarm, &live->machine->peer))
    {
      reached (live, NULL);
      return;
    }
  Ask *ask = ask_new (live);
  ask->reached = reached;
  souk_swarm_dial_peer (swarm, &live->machine->peer, on_dialled, ask);
}

/* ---- the offer ---- */

static void
bad_reply (SoukLiveOrder *live, const char *detail)
{
  souk_orders_command_failed (live, SOUK_ORDER_COMMAND_REQUEST_OFFER, SOUK_ORDER_REASON_OFFER_BAD,
                              true, detail);
}

static void
take_offer (SoukLiveOrder *live, const Souk__Offer *offer)
{
  SoukOrder *machine = live->machine;
  SoukDomain domain = { machine->chain_id, machine->contract };
  SoukOfferTerms terms;
  SoukOrderEvent event = { .kind = SOUK_ORDER_EVENT_OFFER, .terms = &terms };

  if (souk_offer_terms_read (souk_slice_from_field (offer->terms), &terms) != SOUK_STATUS_OK
      || offer->signature.len != SOUK_ECDSA_SIZE || offer->capsule.len != 32)
    {
      bad_reply (live, "The seller's offer has not the form of one.");
      return;
    }
  event.signature = offer->signature.data;
  event.capsule = offer->capsule.data;
  souk_offer_digest (&domain, &terms, event.hash);
  /* A deal is opened once; an offer that was made before would pay for nothing. */
  g_autoptr (SoukOrder) earlier = souk_orders_read_deal (live->orders, event.hash);
  if (earlier != NULL || g_hash_table_contains (live->orders->by_deal, event.hash))
    bad_reply (live, "The seller made the same offer before.");
  else
    souk_orders_apply (live, &event);
}

/* A refusal that passes is asked again; another one is the end. */
static void
take_refusal (SoukLiveOrder *live, const Souk__Refusal *refusal)
{
  bool is_passing = strcmp (refusal->code, "busy") == 0 || strcmp (refusal->code, "not-ready") == 0;
  SoukOrderEvent event = { .kind = SOUK_ORDER_EVENT_REFUSED, .detail = refusal->sentence };
  if (is_passing)
    souk_orders_command_failed (live, SOUK_ORDER_COMMAND_REQUEST_OFFER,
                                SOUK_ORDER_REASON_SELLER_REFUSED, false, refusal->sentence);
  else
    souk_orders_apply (live, &event);
}

static void
on_reply (SoukSwarm *swarm, GBytes *bytes, const GError *error, void *user)
{
  SoukLiveOrder *live = ask_free (user);
  if (live == NULL)
    return;
  if (bytes == NULL)
    souk_orders_command_failed (live, SOUK_ORDER_COMMAND_REQUEST_OFFER,
                                SOUK_ORDER_REASON_SELLER_SILENT, false, error->message);
  else
    {
      SOUK_AUTO_MESSAGE Souk__OfferReply *reply
          = souk_message_unpack (&souk__offer_reply__descriptor, souk_slice_from_bytes (bytes));
      if (reply != NULL && reply->body_case == SOUK__OFFER_REPLY__BODY_OFFER)
        take_offer (live, reply->offer);
      else if (reply != NULL && reply->body_case == SOUK__OFFER_REPLY__BODY_REFUSAL)
        take_refusal (live, reply->refusal);
      else
        bad_reply (live, "The seller's node answered with something else than an offer.");
    }
  souk_orders_end_call (live);
}

static void
ask_offer (SoukLiveOrder *live, const GError *error)
{
  SoukOrder *machine = live->machine;
  if (error != NULL)
    {
      souk_orders_command_failed (live, SOUK_ORDER_COMMAND_REQUEST_OFFER,
                                  SOUK_ORDER_REASON_SELLER_SILENT, false, error->message);
      return;
    }
  Souk__OfferRequest request = SOUK__OFFER_REQUEST__INIT;
  request.listing = souk_field_from_slice (souk_slice (machine->record, sizeof machine->record));
  request.buyer_wallet
      = souk_field_from_slice (souk_slice (machine->expected.buyer.bytes, SOUK_ADDRESS_SIZE));
  request.chain_id = machine->chain_id;
  request.contract
      = souk_field_from_slice (souk_slice (machine->contract.bytes, SOUK_ADDRESS_SIZE));
  g_autoptr (GBytes) bytes = souk_message_pack (&request);
  Ask *ask = ask_new (live);
  ask->call = souk_rpc_call (live->orders->context.swarm, &machine->peer, SOUK_DELIVER_PROTOCOL,
                             bytes, SOUK_DELIVER_REPLY_MAX, SOUK_DELIVER_TIMEOUT_MS, on_reply, ask);
}

void
souk_orders_request_offer (SoukLiveOrder *live)
{
  reach_seller (live, ask_offer);
}

/* ---- the content ---- */

/* Fetches the content from the store as far as it is there, and keeps it from then on. */
static void
fetch_with (SoukLiveOrder *live, SoukFetchDone done)
{
  g_autofree char *reason = g_strdup_printf ("Bought: %s", live->machine->title);
  SoukFetchOptions options = {
    .preferred = &live->machine->peer,
    .size_max = SOUK_PROMPT_SIZE_MAX + SOUK_CONTENT_OVERHEAD,
    .timeout_ms = FETCH_BLOCK_MS,
    .owner = SOUK_PURCHASE_PIN,
    .reason = reason,
  };
  souk_orders_begin_call (live);
  souk_library_fetch (live->orders->context.library, &live->machine->cid, &options, done, live);
}

static void
on_fetched (GBytes *content, const GError *error, void *user)
{
  SoukLiveOrder *live = user;
  SoukOrder *machine = live->machine;
  SoukOrderEvent event = { .kind = SOUK_ORDER_EVENT_FETCHED };
  if (content == NULL)
    souk_orders_command_failed (live, SOUK_ORDER_COMMAND_FETCH_CONTENT,
                                SOUK_ORDER_REASON_CONTENT_MISSING, false, error->message);
  else if (souk_order_apply (machine, &event, souk_wall_now ()) == SOUK_STATUS_OK)
    {
      SoukStoreBatch *batch = souk_store_batch_new (live->orders->context.store);
      if (souk_order_is_free (machine))
        souk_prompts_note_owned (batch, machine->thing, machine->record);
      souk_orders_save (live, batch, NULL, NULL);
    }
  souk_orders_end_call (live);
}

/* Others may have the content when the seller cannot be reached. */
static void
fetch_now (SoukLiveOrder *live, const GError *error)
{
  fetch_with (live, on_fetched);
}

void
souk_orders_fetch (SoukLiveOrder *live)
{
  reach_seller (live, fetch_now);
}

/* Stores K with the state that says that it is right, so that the text can be opened from now on. */
static void
apply_opened (SoukLiveOrder *live, bool is_good, const char *detail)
{
  SoukOrder *machine = live->machine;
  SoukOrderEvent event = { .kind = SOUK_ORDER_EVENT_OPENED, .is_good = is_good, .detail = detail };
  SoukWall now = souk_wall_now ();
  if (souk_order_apply (machine, &event, now) != SOUK_STATUS_OK)
    return;
  SoukStoreBatch *batch = souk_store_batch_new (live->orders->context.store);
  if (is_good && machine->has_content_key)
    {
      souk_documents_put (batch, SOUK_CONTENT_KEY_KIND,
                          souk_slice (machine->expected.key_commitment, SOUK_HASH_SIZE), 0, now,
                          souk_slice (machine->content_key, sizeof machine->content_key));
      souk_prompts_note_owned (batch, machine->thing, machine->record);
    }
  souk_orders_save (live, batch, NULL, NULL);
}

static void
on_content (GBytes *content, const GError *error, void *user)
{
  SoukLiveOrder *live = user;
  const SoukOrder *machine = live->machine;
  if (content == NULL)
    souk_orders_command_failed (live, SOUK_ORDER_COMMAND_OPEN_CONTENT,
                                SOUK_ORDER_REASON_CONTENT_MISSING, false, error->message);
  else if (souk_order_is_free (machine))
    apply_opened (live, true, NULL);
  else
    {
      g_autoptr (GBytes) plain = NULL;
      SoukStatus status
          = souk_content_open (machine->content_key, souk_slice_from_bytes (content), &plain);
      apply_opened (live, status == SOUK_STATUS_OK,
                    status == SOUK_STATUS_OK ? NULL : souk_status_sentence (status));
    }
  souk_orders_end_call (live);
}

void
souk_orders_open (SoukLiveOrder *live)
{
  fetch_with (live, on_content);
}

/* ---- looking ---- */

SoukLiveOrder *
souk_orders_open_purchase (SoukOrders *self, const uint8_t thing[SOUK_RECORD_ID_SIZE])
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SoukLiveOrder *live = value;
      if (live->machine->role == SOUK_ORDER_BUYER && !souk_order_is_over (live->machine)
          && memcmp (live->machine->thing, thing, SOUK_RECORD_ID_SIZE) == 0)
        return live;
    }
  return NULL;
}
