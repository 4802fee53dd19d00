/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Money: its life, what it knows of the account, and the chain's events. GLIB, node thread. See
 * money.h; money-send.c has the transactions.
 *
 * The follower says which logs hold. Those that are not deep enough wait in `pending`, which is
 * stored with the cursor; each checkpoint tells what is due and stores cursor, pending and what the
 * watchers made of it as one.
 */
#include "trade/money-private.h"

#include "chain/calls.h"
#include "market/record.h"
#include "trade/money-cursor.h"

#include <string.h>

enum { MARKETPLACE = 0, RENTAL = 1 };

static void start_follow (SoukMoney *self);

/* ---- what it knows ---- */

SoukMoneyState
souk_money_state (const SoukMoney *self)
{
  return self->state;
}

const char *
souk_money_state_name (const SoukMoney *self)
{
  if (self == NULL)
    return "none";
  switch (self->state)
    {
    case SOUK_MONEY_CONNECTING:
      return "connecting";
    case SOUK_MONEY_FOLLOWING:
      return "following";
    case SOUK_MONEY_UNREACHABLE:
      return "unreachable";
    }
  g_assert_not_reached ();
}

uint64_t
souk_money_block (const SoukMoney *self)
{
  return self->follow != NULL && self->state != SOUK_MONEY_CONNECTING
             ? souk_follow_tip (self->follow)
             : 0;
}

int64_t
souk_money_block_time (const SoukMoney *self)
{
  return self->follow != NULL ? (int64_t)souk_follow_head (self->follow)->time_s : 0;
}

const SoukAddress *
souk_money_address (const SoukMoney *self)
{
  return &self->config.address;
}

static int
index_of (SoukEscrowMarket market)
{
  g_assert (market != SOUK_ESCROW_MARKET_BOTH);
  return market == SOUK_ESCROW_MARKET_PROMPT ? MARKETPLACE : RENTAL;
}

static const SoukAddress *
contract_of (const SoukMoney *self, int index)
{
  return index == MARKETPLACE ? &self->config.marketplace : &self->config.rental;
}

SoukDomain
souk_money_domain (const SoukMoney *self, SoukEscrowMarket market)
{
  return (SoukDomain){ self->config.chain_id, *contract_of (self, index_of (market)) };
}

bool
souk_money_balance (const SoukMoney *self, SoukWei *out)
{
  if (self->has_balance)
    *out = self->balance;
  return self->has_balance;
}

bool
souk_money_credit (const SoukMoney *self, SoukWei *out)
{
  return self->has_credit[MARKETPLACE] && self->has_credit[RENTAL]
         && souk_wei_add (self->credits[MARKETPLACE], self->credits[RENTAL], out) == SOUK_STATUS_OK;
}

bool
souk_money_counter (const SoukMoney *self, SoukEscrowMarket market, SoukU256 *out)
{
  int index = index_of (market);
  if (self->has_counter[index])
    *out = self->counters[index];
  return self->has_counter[index];
}

bool
souk_money_sign (SoukMoney *self, const uint8_t digest[SOUK_HASH_SIZE],
                 uint8_t out_signature[SOUK_ECDSA_SIZE])
{
  return self->config.sign (digest, out_signature, self->config.sign_user);
}

bool
souk_money_wallet_proof (SoukMoney *self, uint8_t out_proof[SOUK_ECDSA_SIZE])
{
  uint8_t digest[SOUK_HASH_SIZE];
  if (!self->has_proof)
    {
      souk_wallet_proof_digest (digest, &self->config.self);
      self->has_proof = souk_money_sign (self, digest, self->proof);
    }
  if (self->has_proof)
    memcpy (out_proof, self->proof, SOUK_ECDSA_SIZE);
  return self->has_proof;
}

/* ---- asking for it ---- */

static void
emit_wallet (SoukMoney *self)
{
  JsonObject *event = json_object_new ();
  json_object_set_object_member (event, "wallet", souk_money_wallet_object (self));
  souk_dispatch_emit (self->config.dispatch, "wallet.changed", event);
}

static void
on_balance (SoukU256 value, const GError *error, gpointer user)
{
  SoukMoney *self = user;
  SoukWei balance = souk_wei_from_u256 (value);
  if (error != NULL || (self->has_balance && souk_wei_compare (balance, self->balance) == 0))
    return;
  self->has_balance = true;
  self->balance = balance;
  emit_wallet (self);
}

static void
take_credit (SoukMoney *self, int index, GBytes *value)
{
  SoukU256 amount;
  if (value == NULL || souk_answer_u256 (souk_slice_from_bytes (value), &amount) != SOUK_STATUS_OK)
    return;
  SoukWei credit = souk_wei_from_u256 (amount);
  bool is_new = !self->has_credit[index] || souk_wei_compare (credit, self->credits[index]) != 0;
  self->has_credit[index] = true;
  self->credits[index] = credit;
  if (is_new)
    emit_wallet (self);
}

static void
take_counter (SoukMoney *self, int index, GBytes *value)
{
  if (value != NULL
      && souk_answer_u256 (souk_slice_from_bytes (value), &self->counters[index]) == SOUK_STATUS_OK)
    self->has_counter[index] = true;
}

static void
on_marketplace_credit (GBytes *value, const GError *error, gpointer user)
{
  take_credit (user, MARKETPLACE, value);
}

static void
on_rental_credit (GBytes *value, const GError *error, gpointer user)
{
  take_credit (user, RENTAL, value);
}

static void
on_marketplace_counter (GBytes *value, const GError *error, gpointer user)
{
  take_counter (user, MARKETPLACE, value);
}

static void
on_rental_counter (GBytes *value, const GError *error, gpointer user)
{
  take_counter (user, RENTAL, value);
}

static void
ask_view (SoukMoney *self, int index, GBytes *data, SoukEthBytesCallback callback)
{
  SoukEthMessage message
      = { .to = contract_of (self, index), .data = souk_slice_from_bytes (data) };
  souk_eth_call (self->client, &message, callback, self);
}

static void
ask_facts (SoukMoney *self)
{
  static const SoukAddress coin = { 0 };
  g_autoptr (GBytes) credit = souk_call_credit (&coin, &self->config.address);
  g_autoptr (GBytes) counter = souk_call_counter (&self->config.address);
  ask_view (self, MARKETPLACE, credit, on_marketplace_credit);
  ask_view (self, RENTAL, credit, on_rental_credit);
  ask_view (self, MARKETPLACE, counter, on_marketplace_counter);
  ask_view (self, RENTAL, counter, on_rental_counter);
}

/* ---- the chain's events ---- */

static void
set_state (SoukMoney *self, SoukMoneyState state, const GError *why)
{
  if (self->state == state)
    return;
  self->state = state;
  if (state == SOUK_MONEY_UNREACHABLE)
    souk_log_record (self->config.log, SOUK_LOG_WARNING, "money.chain-unreachable",
                     "The chain does not answer; it is asked again and again.",
                     souk_log_error ("reason", why));
  else if (state == SOUK_MONEY_FOLLOWING)
    souk_log_record (self->config.log, SOUK_LOG_NOTICE, "money.chain-followed",
                     "All that the chain says so far is known.",
                     souk_log_int ("block", (int64_t)souk_money_block (self)));
  emit_wallet (self);
}

/* False for an event that is nobody's deal, which is then of no use to a watcher. */
static bool
deal_of_event (const SoukMoney *self, const SoukChainLog *log, const SoukChainEvent *event,
               SoukDealEvent *out)
{
  *out = (SoukDealEvent){
    .market = souk_address_is_equal (&log->address, &self->config.marketplace)
                  ? SOUK_ESCROW_MARKET_PROMPT
                  : SOUK_ESCROW_MARKET_COMPUTE,
    .block = log->block_number,
  };
  memcpy (out->deal, event->id, sizeof out->deal);
  memcpy (out->tx_hash, log->tx_hash, sizeof out->tx_hash);
  switch (event->kind)
    {
    case SOUK_CHAIN_EVENT_BOUGHT:
      out->kind = SOUK_DEAL_BOUGHT;
      out->deadline = (int64_t)event->bought.deliver_by_s;
      return true;
    case SOUK_CHAIN_EVENT_ACCEPTED:
      out->kind = SOUK_DEAL_ACCEPTED;
      out->deadline = (int64_t)event->accepted.submit_by_s;
      return true;
    case SOUK_CHAIN_EVENT_DELIVERED:
      out->kind = SOUK_DEAL_DELIVERED;
      out->deadline = (int64_t)event->delivered.confirm_by_s;
      memcpy (out->hash, event->delivered.what, sizeof out->hash);
      return true;
    case SOUK_CHAIN_EVENT_DISPUTED:
      out->kind = SOUK_DEAL_DISPUTED;
      out->deadline = (int64_t)event->disputed.resolve_by_s;
      return true;
    case SOUK_CHAIN_EVENT_SETTLED:
      out->kind = SOUK_DEAL_SETTLED;
      out->end = event->settled.state;
      out->to_payee = event->settled.to_payee;
      out->fee = event->settled.fee;
      out->to_payer = event->settled.to_payer;
      return true;
    case SOUK_CHAIN_EVENT_CREDITED:
    case SOUK_CHAIN_EVENT_PAID:
    case SOUK_CHAIN_EVENT_WITHDRAWN:
    case SOUK_CHAIN_EVENT_CANCELLED:
    case SOUK_CHAIN_EVENT_COUNTER_BUMPED:
    case SOUK_CHAIN_EVENT_BOND_RETURNED:
    case SOUK_CHAIN_EVENT_COUNT:
      return false;
    }
  g_assert_not_reached ();
}

/* True when the event changes what waits for this account, or its counter. */
static bool
is_about_us (const SoukMoney *self, const SoukChainEvent *event)
{
  switch (event->kind)
    {
    case SOUK_CHAIN_EVENT_CREDITED:
    case SOUK_CHAIN_EVENT_WITHDRAWN:
      return souk_address_is_equal (&event->money.who, &self->config.address);
    case SOUK_CHAIN_EVENT_COUNTER_BUMPED:
      return souk_address_is_equal (&event->signer.signer, &self->config.address);
    case SOUK_CHAIN_EVENT_BOUGHT:
    case SOUK_CHAIN_EVENT_ACCEPTED:
    case SOUK_CHAIN_EVENT_DELIVERED:
    case SOUK_CHAIN_EVENT_DISPUTED:
    case SOUK_CHAIN_EVENT_SETTLED:
    case SOUK_CHAIN_EVENT_PAID:
    case SOUK_CHAIN_EVENT_CANCELLED:
    case SOUK_CHAIN_EVENT_BOND_RETURNED:
    case SOUK_CHAIN_EVENT_COUNT:
      return false;
    }
  g_assert_not_reached ();
}

static void
tell_log (SoukMoney *self, const SoukMoneyLog *item, SoukMoneyWrite *write)
{
  SoukChainEvent event;
  SoukDealEvent deal;
  if (souk_chain_event_decode (item->log, &event) != SOUK_STATUS_OK)
    return;
  if (is_about_us (self, &event))
    ask_facts (self);
  if (!deal_of_event (self, item->log, &event, &deal))
    return;
  deal.is_undo = item->is_undo;
  souk_money_tell_deal (self, &deal, write);
}

static void
on_apply (const SoukChainLog *log, gpointer user)
{
  SoukMoney *self = user;
  g_queue_push_tail (&self->pending, souk_money_log_new (log, false));
  self->is_changed = true;
}

/* An event that nobody was told of is simply forgotten; the others are taken back. */
static void
on_undo (const SoukChainLog *log, gpointer user)
{
  SoukMoney *self = user;
  SoukMoneyLog *last = g_queue_peek_tail (&self->pending);
  self->is_changed = true;
  if (last != NULL && last->log->log_index == log->log_index
      && memcmp (last->log->block_hash, log->block_hash, SOUK_HASH_SIZE) == 0)
    souk_money_log_free (g_queue_pop_tail (&self->pending));
  else
    g_queue_push_tail (&self->due, souk_money_log_new (log, true));
}

static void
on_reset (gpointer user)
{
  SoukMoney *self = user;
  souk_log_record (self->config.log, SOUK_LOG_ERROR, "money.chain-reset",
                   "The chain changed deeper than this node keeps in mind; events are read anew. "
                   "Compare your open orders with the contract.");
  g_queue_clear_full (&self->pending, souk_money_log_free);
  self->is_changed = true;
}

/* Moves what is deep enough from pending to due. */
static void
ripen (SoukMoney *self)
{
  SoukMoneyLog *first;
  while ((first = g_queue_peek_head (&self->pending)) != NULL
         && first->log->block_number + self->config.confirmations - 1
                <= souk_follow_tip (self->follow))
    {
      g_queue_push_tail (&self->due, g_queue_pop_head (&self->pending));
      self->is_changed = true;
    }
}

static void
on_checkpoint (GBytes *cursor, bool is_caught_up, gpointer user)
{
  SoukMoney *self = user;
  gint64 now_us = g_get_monotonic_time ();
  bool is_new_block = souk_follow_tip (self->follow) != self->facts_block;
  if (is_caught_up)
    set_state (self, SOUK_MONEY_FOLLOWING, NULL);
  ripen (self);
  /* Without events an older cursor says the same. */
  if (self->is_changed || now_us - self->cursor_at_us >= SOUK_MONEY_CURSOR_EVERY_US
      || souk_money_has_failures (self))
    {
      SoukMoneyWrite *write = souk_money_write_new (self);
      SoukMoneyLog *item;
      while ((item = g_queue_pop_head (&self->due)) != NULL)
        {
          tell_log (self, item, write);
          souk_money_log_free (item);
        }
      souk_money_check_failures (self, write);
      souk_money_cursor_put (self, cursor, souk_money_write_batch (write));
      souk_money_write_commit (write);
      self->is_changed = false;
      self->cursor_at_us = now_us;
    }
  if (is_caught_up && is_new_block)
    {
      self->facts_block = souk_follow_tip (self->follow);
      souk_eth_balance (self->client, &self->config.address, on_balance, self);
      if (!self->has_counter[MARKETPLACE] || !self->has_counter[RENTAL]
          || !self->has_credit[MARKETPLACE] || !self->has_credit[RENTAL])
        ask_facts (self);
      souk_outbox_poll (self->outbox);
    }
}

static void
on_trouble (const GError *error, gpointer user)
{
  SoukMoney *self = user;
  if (error != NULL)
    set_state (self, SOUK_MONEY_UNREACHABLE, error);
  else
    {
      set_state (self, SOUK_MONEY_CONNECTING, NULL);
      self->facts_block = 0; /* what was asked meanwhile has no answer: ask again */
      ask_facts (self);
    }
}

/* ---- starting to follow ---- */

static void
follow_from (SoukMoney *self, SoukSlice cursor)
{
  static const SoukFollowHooks hooks = { .apply = on_apply,
                                         .undo = on_undo,
                                         .reset = on_reset,
                                         .checkpoint = on_checkpoint,
                                         .trouble = on_trouble };
  SoukAddress contracts[] = { self->config.marketplace, self->config.rental };
  SoukFollowConfig config = {
    .addresses = contracts,
    .n_addresses = G_N_ELEMENTS (contracts),
    .start_block = self->start_block,
    .depth = MAX (self->config.confirmations, SOUK_MONEY_DEPTH),
    .poll_ms = self->config.poll_ms,
  };
  self->follow = souk_follow_new (self->rpc, &config, cursor, &hooks, self);
}

static void
on_start_stored (const GError *error, gpointer user)
{
  SoukMoney *self = user;
  if (error == NULL)
    follow_from (self, SOUK_SLICE_EMPTY);
}

static gboolean
on_retry (gpointer user)
{
  SoukMoney *self = user;
  g_clear_pointer (&self->retry, g_source_unref);
  start_follow (self);
  return G_SOURCE_REMOVE;
}

/* The first start: what was before this node is none of its deals. */
static void
on_first_head (const SoukChainHeader *head, const GError *error, gpointer user)
{
  SoukMoney *self = user;
  if (head == NULL)
    {
      set_state (self, SOUK_MONEY_UNREACHABLE, error);
      self->retry = g_timeout_source_new (MAX (self->config.poll_ms, 1000));
      g_source_set_callback (self->retry, on_retry, self, NULL);
      g_source_attach (self->retry, self->context);
      return;
    }
  set_state (self, SOUK_MONEY_CONNECTING, NULL);
  self->start_block = MAX (head->number, 1);
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  SoukMoneyWrite *write = souk_money_write_new (self);
  souk_money_cursor_put (self, none, souk_money_write_batch (write));
  souk_money_write_then (write, on_start_stored, self);
  souk_money_write_commit (write);
}

static void
start_follow (SoukMoney *self)
{
  g_autoptr (GBytes) cursor = souk_money_cursor_read (self);
  if (cursor != NULL)
    follow_from (self, souk_slice_from_bytes (cursor));
  else
    souk_eth_head (self->client, on_first_head, self);
}

/* ---- life ---- */

SoukMoney *
souk_money_new (const SoukMoneyConfig *config, GError **error)
{
  SoukEthRpcConfig rpc_config = { .urls = config->rpc_urls, .chain_id = config->chain_id };
  SoukEthRpc *rpc = souk_eth_rpc_new (&rpc_config, error);
  if (rpc == NULL)
    return NULL;
  g_assert (config->confirmations >= 1 && config->poll_ms > 0);
  SoukMoney *self = g_new0 (SoukMoney, 1);
  self->config = *config;
  self->config.rpc_urls = NULL;
  self->context = g_main_context_ref_thread_default ();
  self->rpc = rpc;
  self->client = souk_eth_client_new (rpc);
  g_queue_init (&self->pending);
  g_queue_init (&self->due);
  self->records = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                         (GDestroyNotify)souk_money_record_free);
  self->spending = souk_money_spending_table ();
  self->writes = g_hash_table_new (NULL, NULL);
  self->watchers = g_array_new (FALSE, FALSE, sizeof (SoukMoneyWatcher));
  self->sources = g_ptr_array_new_with_free_func ((GDestroyNotify)g_source_unref);
  souk_money_start_outbox (self);
  start_follow (self);
  return self;
}

static void
drop_source (gpointer source, gpointer unused)
{
  g_source_destroy (source);
}

void
souk_money_free (SoukMoney *self)
{
  if (self == NULL)
    return;
  souk_follow_free (self->follow);
  souk_outbox_free (self->outbox);
  souk_eth_client_free (self->client);
  souk_eth_rpc_free (self->rpc);
  souk_money_writes_orphan (self);
  if (self->retry != NULL)
    {
      g_source_destroy (self->retry);
      g_source_unref (self->retry);
    }
  g_ptr_array_foreach (self->sources, drop_source, NULL);
  g_ptr_array_unref (self->sources);
  g_queue_clear_full (&self->pending, souk_money_log_free);
  g_queue_clear_full (&self->due, souk_money_log_free);
  g_hash_table_unref (self->records);
  g_hash_table_unref (self->spending);
  g_hash_table_unref (self->writes);
  g_array_unref (self->watchers);
  g_main_context_unref (self->context);
  g_free (self);
}
