/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * prompt.purchase, order.list, order.show. GLIB, node thread. See orders-private.h.
 */
#include "trade/orders-private.h"

#include "api/values.h"
#include "swarm/clock.h"
#include "swarm/system-rng.h"
#include "trade/prompts.h"

#include <string.h>

#define PAGE_DEFAULT 100
#define PAGE_MAX 1000

/* ---- buying ---- */

/* False when the call is answered: the price is above what the caller allows. */
static bool
check_price (SoukCall *call, const SoukListing *listing)
{
  SoukWei most;
  const char *text = souk_call_string (call, "max_price", NULL);
  if (text == NULL)
    return true;
  if (souk_wei_parse_coins (text, SOUK_COIN_DECIMALS, &most) != SOUK_STATUS_OK)
    {
      souk_call_fail (call, 400, "bad-amount", "\"%s\" is no amount; write \"9.7\".", text);
      return false;
    }
  if (souk_wei_compare (listing->price, most) > 0)
    {
      g_autofree char *price = souk_wei_to_coins (listing->price, SOUK_COIN_DECIMALS);
      souk_call_fail (call, 409, "too-dear", "It costs %s by now, which is more than %s.", price,
                      text);
      return false;
    }
  return true;
}

/* False when the call is answered: the money's side does not allow it. */
static bool
check_money (SoukOrders *self, SoukCall *call, const SoukRecord *record, const SoukListing *listing)
{
  SoukMoney *money = self->context.money;
  if (money == NULL)
    {
      souk_call_fail (call, 409, "no-chain",
                      "This node is on no chain, so it can only get what is free; start it with "
                      "--network.");
      return false;
    }
  SoukDomain here = souk_money_domain (money, SOUK_ESCROW_MARKET_PROMPT);
  if (listing->chain_id != here.chain_id
      || !souk_address_is_equal (&listing->contract, &here.contract))
    {
      souk_call_fail (call, 409, "other-chain",
                      "It is sold on another chain or contract than this node's.");
      return false;
    }
  if (!souk_address_is_zero (&listing->token))
    {
      souk_call_fail (call, 409, "other-coin",
                      "It is sold for a token, and this node pays in the chain's coin only.");
      return false;
    }
  if (souk_address_is_equal (&record->wallet, souk_money_address (money)))
    {
      souk_call_fail (call, 409, "own-wallet", "The seller has the same wallet as this node.");
      return false;
    }
  return true;
}

/* False when the call is answered: it is here already, or on its way. */
static bool
check_new (SoukOrders *self, SoukCall *call, const SoukRecord *record, const SoukListing *listing)
{
  const SoukTradeContext *context = &self->context;
  if (souk_peer_id_is_equal (&record->author, souk_swarm_self (context->swarm)))
    {
      souk_call_fail (call, 409, "own-listing",
                      "This is your own prompt; there is nothing to buy.");
      return false;
    }
  const SoukLiveOrder *open = souk_orders_open_purchase (self, record->thing);
  if (open != NULL)
    {
      g_autofree char *id = souk_hex_encode (souk_slice (open->machine->id, SOUK_ORDER_ID_SIZE));
      souk_call_fail (call, 409, "already-ordered", "It is being bought already: order %s.", id);
      return false;
    }
  /* What was owned and is gone from the store is fetched again by a free purchase. */
  if (souk_prompts_is_owned (context, record, listing))
    {
      souk_call_fail (call, 409, "already-owned", "You have this prompt already; open it.");
      return false;
    }
  return true;
}

static void
on_purchase_saved (SoukLiveOrder *live, const GError *error, void *user)
{
  SoukCall *call = user;
  if (error != NULL)
    souk_call_fail (call, 507, "not-stored", "The order could not be stored: %s", error->message);
  else
    souk_call_reply (call, souk_json_object_node (souk_orders_json (live->orders, live->machine)));
}

static void
start_purchase (SoukOrders *self, SoukCall *call, const SoukRecord *record,
                const SoukListing *listing)
{
  static const SoukAddress nobody = { 0 };
  SoukOrderEvent start = { .kind = SOUK_ORDER_EVENT_START };
  bool is_free = souk_listing_is_free (listing);
  SoukWall now = souk_wall_now ();
  SoukOrder *machine = souk_order_new_buyer (
      record, listing, is_free ? &nobody : souk_money_address (self->context.money), now,
      souk_system_rng ());
  SoukStatus status = souk_order_apply (machine, &start, now);
  g_assert (status == SOUK_STATUS_OK);
  SoukStoreBatch *batch = souk_store_batch_new (self->context.store);
  souk_prompts_keep_version (batch, record);
  souk_orders_save (souk_orders_add (self, machine), batch, on_purchase_saved, call);
}

static void
on_purchase (SoukCall *call, gpointer user)
{
  SoukOrders *self = user;
  uint8_t thing[SOUK_RECORD_ID_SIZE];
  g_autoptr (SoukRecord) record = NULL;
  g_autoptr (SoukListing) listing = NULL;
  const char *id = souk_call_string (call, "id", "");

  if (souk_thing_parse (id, thing) == SOUK_STATUS_OK)
    listing = souk_prompts_find (&self->context, thing, &record);
  if (listing == NULL)
    {
      souk_call_fail (call, 404, "no-such-listing",
                      "There is no listing %s here; it may have been withdrawn or have run out.",
                      id);
      return;
    }
  if (!check_new (self, call, record, listing) || !check_price (call, listing)
      || (!souk_listing_is_free (listing) && !check_money (self, call, record, listing)))
    return;
  start_purchase (self, call, record, listing);
}

/* ---- looking ---- */

static void
on_order_list (SoukCall *call, gpointer user)
{
  SoukOrders *self = user;
  const char *role = souk_call_string (call, "role", NULL);
  SoukOrderRole only = 0;
  int64_t total;
  if (role != NULL && strcmp (role, "buyer") == 0)
    only = SOUK_ORDER_BUYER;
  else if (role != NULL && strcmp (role, "seller") == 0)
    only = SOUK_ORDER_SELLER;
  else if (role != NULL)
    {
      souk_call_fail (call, 400, "bad-role", "\"%s\" is no role; there are buyer and seller.",
                      role);
      return;
    }
  unsigned limit = (unsigned)CLAMP (souk_call_integer (call, "limit", PAGE_DEFAULT), 1, PAGE_MAX);
  unsigned offset = (unsigned)CLAMP (souk_call_integer (call, "offset", 0), 0, G_MAXINT32);
  g_autoptr (GPtrArray) page = souk_orders_page (self, only, offset, limit, &total);
  JsonArray *items = json_array_new ();
  for (guint i = 0; i < page->len; i++)
    json_array_add_object_element (items, souk_orders_json (self, g_ptr_array_index (page, i)));
  souk_call_reply_list (call, items, total);
}

static void
on_order_show (SoukCall *call, gpointer user)
{
  SoukOrders *self = user;
  uint8_t id[SOUK_ORDER_ID_SIZE];
  g_autoptr (SoukOrder) machine = NULL;
  const char *text = souk_call_string (call, "id", "");
  if (souk_hex_decode_exact (text, id, sizeof id))
    machine = souk_orders_read (self, id);
  if (machine == NULL)
    souk_call_fail (call, 404, "no-such-order", "There is no order %s here.", text);
  else
    souk_call_reply (call, souk_json_object_node (souk_orders_json (self, machine)));
}

void
souk_orders_bind (SoukOrders *self)
{
  SoukDispatch *dispatch = self->context.dispatch;
  souk_dispatch_bind (dispatch, "prompt.purchase", on_purchase, self);
  souk_dispatch_bind (dispatch, "order.list", on_order_list, self);
  souk_dispatch_bind (dispatch, "order.show", on_order_show, self);
}
