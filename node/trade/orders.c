/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The loop of orders: event in, state to disk, command out. GLIB, node thread. See orders.h.
 *
 * An order leaves the memory when it is over and nothing of it is under way; the disk has it, and an
 * event of the chain brings it back.
 */
#include "trade/orders-private.h"

#include "swarm/clock.h"
#include "trade/prompts.h"

#include <string.h>

/* Wall clocks jump, so a timer is never longer than this. */
#define TIMER_MS_MAX 60000
/* How soon a deadline is looked at again that must wait for the chain. */
#define CHAIN_WAIT_MS 1000
/* Purchases that are looked through before content is let go; with more it is kept. */
#define SHARED_LOOK_MAX 1000

static void run (SoukLiveOrder *live);

/* ---- the table ---- */

static guint
hash_of_id (gconstpointer id)
{
  guint value;
  memcpy (&value, id, sizeof value);
  return value;
}

static gboolean
is_same_id (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, SOUK_ORDER_ID_SIZE) == 0;
}

static void
drop_timer (SoukLiveOrder *live)
{
  if (live->timer == NULL)
    return;
  g_source_destroy (live->timer);
  g_clear_pointer (&live->timer, g_source_unref);
}

static void
live_free (gpointer data)
{
  SoukLiveOrder *live = data;
  drop_timer (live);
  souk_order_free (live->machine);
  g_free (live);
}

/* An order is found by its deal as soon as it has an offer. */
static void
index_deal (SoukLiveOrder *live)
{
  if (live->machine->has_offer)
    g_hash_table_insert (live->orders->by_deal, live->machine->deal, live);
}

SoukLiveOrder *
souk_orders_add (SoukOrders *self, SoukOrder *machine)
{
  SoukLiveOrder *live = g_new0 (SoukLiveOrder, 1);
  live->orders = self;
  live->machine = machine;
  g_hash_table_insert (self->by_id, machine->id, live);
  index_deal (live);
  return live;
}

/* True when another purchase needs the same content. */
static bool
is_content_shared (const SoukLiveOrder *live)
{
  int64_t total;
  g_autoptr (GPtrArray) purchases
      = souk_orders_page (live->orders, SOUK_ORDER_BUYER, 0, SHARED_LOOK_MAX, &total);
  for (guint i = 0; i < purchases->len; i++)
    {
      const SoukOrder *other = g_ptr_array_index (purchases, i);
      if (memcmp (other->id, live->machine->id, SOUK_ORDER_ID_SIZE) != 0
          && souk_cid_is_equal (&other->cid, &live->machine->cid))
        return true;
    }
  return total > SHARED_LOOK_MAX;
}

/* Sealed content without its key is of no use to a buyer. */
static void
drop_useless_content (const SoukLiveOrder *live)
{
  const SoukOrder *machine = live->machine;
  bool is_useless = machine->role == SOUK_ORDER_BUYER && !souk_order_is_free (machine)
                    && machine->phase != SOUK_ORDER_COMPLETE && !machine->has_content_key;
  if (is_useless && !is_content_shared (live))
    souk_library_unpin (live->orders->context.library, &machine->cid, SOUK_PURCHASE_PIN);
}

static void
evict (SoukLiveOrder *live)
{
  SoukOrders *self = live->orders;
  drop_useless_content (live);
  if (live->machine->has_offer)
    g_hash_table_remove (self->by_deal, live->machine->deal);
  g_hash_table_remove (self->by_id, live->machine->id);
}

/* From the disk: what it says is known, so it is not told again. */
static SoukLiveOrder *
revive (SoukOrders *self, SoukOrder *machine)
{
  if (machine == NULL)
    return NULL;
  SoukLiveOrder *live = souk_orders_add (self, machine);
  live->told_len = machine->timeline.len;
  return live;
}

SoukLiveOrder *
souk_orders_find (SoukOrders *self, const uint8_t id[SOUK_ORDER_ID_SIZE])
{
  SoukLiveOrder *live = g_hash_table_lookup (self->by_id, id);
  return live != NULL ? live : revive (self, souk_orders_read (self, id));
}

SoukLiveOrder *
souk_orders_find_deal (SoukOrders *self, const uint8_t deal[SOUK_HASH_SIZE])
{
  SoukLiveOrder *live = g_hash_table_lookup (self->by_deal, deal);
  return live != NULL ? live : revive (self, souk_orders_read_deal (self, deal));
}

/* ---- telling ---- */

static void
log_phase (SoukLiveOrder *live, SoukOrderPhase phase)
{
  const SoukOrder *machine = live->machine;
  g_autofree char *id = souk_hex_encode (souk_slice (machine->id, sizeof machine->id));
  g_autofree char *listing = souk_thing_to_string (machine->thing);
  g_autofree char *event = g_strconcat ("order.", souk_order_phase_name (phase), NULL);
  bool is_end = phase == machine->phase && souk_order_is_over (machine);
  souk_log_record (live->orders->context.log, is_end ? SOUK_LOG_NOTICE : SOUK_LOG_INFO, event,
                   souk_order_phase_sentence (phase), souk_log_string ("order", id),
                   souk_log_string ("role", machine->role == SOUK_ORDER_BUYER ? "buyer" : "seller"),
                   souk_log_peer ("peer", &machine->peer), souk_log_string ("listing", listing),
                   souk_log_string ("reason", souk_order_reason_name (machine->reason)),
                   souk_log_string ("detail", machine->detail));
}

void
souk_orders_emit (SoukLiveOrder *live)
{
  const SoukTimeline *timeline = &live->machine->timeline;
  for (uint32_t i = MIN (live->told_len, timeline->len); i < timeline->len; i++)
    log_phase (live, (SoukOrderPhase)timeline->entries[i].phase);
  live->told_len = timeline->len;
  JsonObject *event = json_object_new ();
  json_object_set_object_member (event, "order", souk_orders_json (live->orders, live->machine));
  souk_dispatch_emit (live->orders->context.dispatch, "order.changed", event);
}

/* ---- to the disk ---- */

typedef struct {
  SoukLiveOrder *live;
  SoukOrderSaved saved;
  void *user;
} Saving;

static void
on_saved (const GError *error, gpointer data)
{
  Saving *saving = data;
  SoukLiveOrder *live = saving->live;
  live->n_writes--;
  if (error != NULL)
    {
      live->is_broken = true;
      souk_log_record (live->orders->context.log, SOUK_LOG_ERROR, "order.not-stored",
                       "An order could not be written to the disk; it stands still until the node "
                       "is restarted.",
                       souk_log_error ("reason", error));
    }
  else
    souk_orders_emit (live);
  if (saving->saved != NULL)
    saving->saved (live, error, saving->user);
  g_free (saving);
  run (live);
}

static Saving *
saving_new (SoukLiveOrder *live, SoukOrderSaved saved, void *user)
{
  Saving *saving = g_new (Saving, 1);
  *saving = (Saving){ live, saved, user };
  live->n_writes++;
  index_deal (live);
  return saving;
}

void
souk_orders_save (SoukLiveOrder *live, SoukStoreBatch *batch, SoukOrderSaved saved, void *user)
{
  if (batch == NULL)
    batch = souk_store_batch_new (live->orders->context.store);
  souk_orders_put (live->machine, batch);
  souk_store_commit (batch, on_saved, saving_new (live, saved, user));
}

void
souk_orders_save_in (SoukLiveOrder *live, SoukMoneyWrite *write)
{
  souk_orders_put (live->machine, souk_money_write_batch (write));
  souk_money_write_then (write, on_saved, saving_new (live, NULL, NULL));
}

SoukStatus
souk_orders_apply (SoukLiveOrder *live, const SoukOrderEvent *event)
{
  SoukStatus status = souk_order_apply (live->machine, event, souk_wall_now ());
  if (status == SOUK_STATUS_OK)
    souk_orders_save (live, NULL, NULL, NULL);
  return status;
}

void
souk_orders_command_failed (SoukLiveOrder *live, SoukOrderCommand command, SoukOrderReason reason,
                            bool is_final, const char *detail)
{
  g_autofree char *id = souk_hex_encode (souk_slice (live->machine->id, SOUK_ORDER_ID_SIZE));
  SoukOrderEvent event = {
    .kind = SOUK_ORDER_EVENT_COMMAND_FAILED,
    .command = command,
    .reason = reason,
    .is_final = is_final,
    .detail = detail,
  };
  souk_log_record (live->orders->context.log, SOUK_LOG_NOTICE, "order.step-failed",
                   "A step of an order did not work.", souk_log_string ("order", id),
                   souk_log_string ("step", souk_order_command_name (command)),
                   souk_log_string ("reason", souk_order_reason_name (reason)),
                   souk_log_bool ("is_final", is_final), souk_log_string ("detail", detail));
  souk_orders_apply (live, &event);
}

/* ---- commands ---- */

static void
execute (SoukLiveOrder *live, SoukOrderCommand command)
{
  switch (command)
    {
    case SOUK_ORDER_COMMAND_REQUEST_OFFER:
      souk_orders_request_offer (live);
      return;
    case SOUK_ORDER_COMMAND_FETCH_CONTENT:
      souk_orders_fetch (live);
      return;
    case SOUK_ORDER_COMMAND_OPEN_CONTENT:
      souk_orders_open (live);
      return;
    case SOUK_ORDER_COMMAND_SUBMIT_BUY:
    case SOUK_ORDER_COMMAND_SUBMIT_RELEASE:
    case SOUK_ORDER_COMMAND_SUBMIT_REFUND:
    case SOUK_ORDER_COMMAND_SUBMIT_MISMATCH:
    case SOUK_ORDER_COMMAND_SUBMIT_DISPUTE:
    case SOUK_ORDER_COMMAND_SUBMIT_RESOLVE:
    case SOUK_ORDER_COMMAND_SUBMIT_DELIVER:
      souk_orders_submit (live, command);
      return;
    case SOUK_ORDER_COMMAND_NONE:
    case SOUK_ORDER_COMMAND_COUNT:
      return;
    }
}

void
souk_orders_begin_call (SoukLiveOrder *live)
{
  live->n_calls++;
}

void
souk_orders_end_call (SoukLiveOrder *live)
{
  g_assert (live->n_calls > 0);
  live->n_calls--;
  run (live);
}

/* An order of another chain or contract stands still until the node is there again. */
static bool
is_elsewhere (const SoukLiveOrder *live)
{
  const SoukMoney *money = live->orders->context.money;
  if (souk_order_is_free (live->machine))
    return false;
  if (money == NULL)
    return true;
  SoukDomain here = souk_money_domain (money, SOUK_ESCROW_MARKET_PROMPT);
  return here.chain_id != live->machine->chain_id
         || !souk_address_is_equal (&here.contract, &live->machine->contract);
}

/* While the money may be in the contract, only who knows what the chain says may say that time is
 * over. */
static bool
must_wait_for_chain (const SoukLiveOrder *live)
{
  const SoukOrder *machine = live->machine;
  bool is_on_chain
      = machine->deliver_by != 0 || (machine->has_offer && machine->role == SOUK_ORDER_SELLER);
  return is_on_chain && souk_money_state (live->orders->context.money) != SOUK_MONEY_FOLLOWING;
}

static gboolean
on_timer (gpointer data)
{
  SoukLiveOrder *live = data;
  drop_timer (live);
  if (!must_wait_for_chain (live) && souk_order_tick (live->machine, souk_wall_now ()))
    souk_orders_save (live, NULL, NULL, NULL);
  else
    run (live);
  return G_SOURCE_REMOVE;
}

static void
arm (SoukLiveOrder *live)
{
  SoukWall now = souk_wall_now ();
  SoukWall wake = souk_order_wake (live->machine);
  drop_timer (live);
  if (wake.us == SOUK_WALL_NEVER.us)
    return;
  int64_t least_ms = wake.us <= now.us && must_wait_for_chain (live) ? CHAIN_WAIT_MS : 0;
  int64_t wait_ms = CLAMP ((wake.us - now.us) / SOUK_US_PER_MS + 1, least_ms, TIMER_MS_MAX);
  live->timer = g_timeout_source_new ((guint)wait_ms);
  g_source_set_callback (live->timer, on_timer, live, NULL);
  g_source_attach (live->timer, live->orders->main_context);
}

/* Gives out the command that is due, waits for the next deadline, or lets the order go. */
static void
run (SoukLiveOrder *live)
{
  if (live->n_writes > 0 || live->is_broken || is_elsewhere (live))
    return;
  SoukOrderCommand command = souk_order_next_command (live->machine, souk_wall_now ());
  if (command != SOUK_ORDER_COMMAND_NONE)
    {
      souk_orders_begin_call (live);
      execute (live, command);
      souk_orders_end_call (live);
      return;
    }
  if (souk_order_is_over (live->machine) && live->n_calls == 0)
    evict (live);
  else
    arm (live);
}

/* ---- life ---- */

SoukOrders *
souk_orders_new (const SoukTradeContext *context)
{
  SoukOrders *self = g_new0 (SoukOrders, 1);
  self->context = *context;
  self->main_context = g_main_context_ref_thread_default ();
  self->by_id = g_hash_table_new_full (hash_of_id, is_same_id, NULL, live_free);
  self->by_deal = g_hash_table_new (hash_of_id, is_same_id);
  self->asks = g_hash_table_new (NULL, NULL);
  souk_orders_load (self);
  souk_orders_prune (self);
  souk_orders_watch_money (self);
  souk_orders_serve (self);
  souk_orders_bind (self);

  GHashTableIter iter;
  gpointer live;
  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &live))
    {
      /* By the timer, since running may change the table. */
      souk_order_resume (((SoukLiveOrder *)live)->machine);
      if (!is_elsewhere (live))
        arm (live);
    }
  return self;
}

void
souk_orders_free (SoukOrders *self)
{
  if (self == NULL)
    return;
  souk_orders_unserve (self);
  souk_orders_cancel_calls (self);
  g_hash_table_unref (self->by_deal);
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->asks);
  g_main_context_unref (self->main_context);
  g_free (self);
}
