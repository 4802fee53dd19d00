/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order machine's stored form (souk-state.proto, OrderState). PURE. See order.h.
 */
#include "market/order.h"

#include "market/order-table.h"
#include "market/state-codec.h"

#include <sodium.h>
#include <string.h>

#define ORDER_STATE_VERSION 1
/* Terms, a timeline and a dozen hashes; a larger file is none of ours. */
#define ORDER_STATE_SIZE_MAX (16 * 1024)

static ProtobufCBinaryData
fixed (const uint8_t *bytes, size_t len)
{
  return souk_field_from_slice (souk_slice (bytes, len));
}

static void
write_goods (const SoukOrder *self, Souk__OrderState *message)
{
  message->thing = fixed (self->thing, sizeof self->thing);
  message->record = fixed (self->record, sizeof self->record);
  message->title = (char *)self->title;
  message->size_bytes = self->size_bytes;
  message->chain_id = self->chain_id;
  message->contract = souk_field_from_slice (souk_address_bytes (&self->contract));
  message->seller = souk_field_from_slice (souk_address_bytes (&self->expected.seller));
  message->buyer = souk_field_from_slice (souk_address_bytes (&self->expected.buyer));
  message->token = souk_field_from_slice (souk_address_bytes (&self->expected.token));
  message->arbiter = souk_field_from_slice (souk_address_bytes (&self->expected.arbiter));
  message->key_commitment = fixed (self->expected.key_commitment, SOUK_HASH_SIZE);
  message->deliver_within_s = self->expected.deliver_within_s;
  message->confirm_window_s = self->expected.confirm_window_s;
}

static void
write_deal (const SoukOrder *self, Souk__OrderState *message, uint8_t terms[SOUK_OFFER_TERMS_SIZE])
{
  if (self->has_offer)
    {
      souk_offer_terms_write (&self->terms, terms);
      message->terms = fixed (terms, SOUK_OFFER_TERMS_SIZE);
      message->signature = fixed (self->signature, sizeof self->signature);
      message->deal = fixed (self->deal, sizeof self->deal);
      message->capsule = fixed (self->capsule, sizeof self->capsule);
    }
  if (self->has_key)
    message->key = fixed (self->key, sizeof self->key);
  if (self->has_content_key)
    message->content_key = fixed (self->content_key, sizeof self->content_key);
  message->deliver_by = self->deliver_by;
  message->confirm_by = self->confirm_by;
  message->resolve_by = self->resolve_by;
}

GBytes *
souk_order_to_bytes (const SoukOrder *self)
{
  uint8_t terms[SOUK_OFFER_TERMS_SIZE], price[32];
  Souk__Transaction transactions[SOUK_ORDER_COMMAND_COUNT];
  Souk__Transaction *transaction_list[SOUK_ORDER_COMMAND_COUNT];
  SoukTimelineField timeline;
  SoukSettlementField settlement;
  g_autoptr (GBytes) peer = souk_peer_id_to_bytes (&self->peer);
  g_autoptr (GBytes) cid = souk_cid_to_bytes (&self->cid);

  Souk__OrderState message = SOUK__ORDER_STATE__INIT;
  message.version = ORDER_STATE_VERSION;
  message.id = fixed (self->id, sizeof self->id);
  message.role = (uint32_t)self->role;
  message.phase = (uint32_t)self->phase;
  message.before = (uint32_t)self->before;
  message.seen = (uint32_t)self->seen;
  message.reason = (uint32_t)self->reason;
  message.detail = (char *)self->detail;
  message.peer = souk_field_from_slice (souk_slice_from_bytes (peer));
  message.cid = souk_field_from_slice (souk_slice_from_bytes (cid));
  message.price = souk_field_from_slice (souk_amount_bytes (self->price, price));
  write_goods (self, &message);
  write_deal (self, &message, terms);
  for (size_t i = 0; i < SOUK_ORDER_COMMAND_COUNT; i++)
    {
      if (!self->has_tx[i])
        continue;
      Souk__Transaction *transaction = &transactions[message.n_transactions];
      souk__transaction__init (transaction);
      transaction->command = (uint32_t)i;
      transaction->hash = fixed (self->tx[i], SOUK_HASH_SIZE);
      transaction_list[message.n_transactions++] = transaction;
    }
  message.transactions = transaction_list;
  message.settlement = souk_settlement_write (&self->settlement, &settlement);
  message.n_timeline = souk_timeline_write (&self->timeline, &timeline);
  message.timeline = timeline.list;
  message.tries = self->retry.tries;
  return souk_message_pack (&message);
}

static bool
read_axes (const Souk__OrderState *message, SoukOrder *order)
{
  const SoukOrderPhaseInfo *info = souk_order_phase_info (message->phase);
  bool has_before = souk_order_phase_info (message->before) != NULL;
  if (info == NULL || (message->before != 0 && !has_before))
    return false;
  if (message->role != SOUK_ORDER_BUYER && message->role != SOUK_ORDER_SELLER)
    return false;
  if (message->seen > SOUK_SEEN_SEEN || message->reason >= SOUK_ORDER_REASON_COUNT)
    return false;
  order->role = (SoukOrderRole)message->role;
  order->phase = (SoukOrderPhase)message->phase;
  order->before = (SoukOrderPhase)message->before;
  order->seen = (SoukSeen)message->seen;
  order->reason = (SoukOrderReason)message->reason;
  order->retry.tries = message->tries;
  return souk_text_read (message->detail, order->detail, sizeof order->detail)
         && souk_fixed_read (message->id, order->id, sizeof order->id);
}

static bool
read_goods (const Souk__OrderState *message, SoukOrder *order)
{
  SoukOfferExpected *expected = &order->expected;
  order->size_bytes = message->size_bytes;
  order->chain_id = message->chain_id;
  expected->deliver_within_s = message->deliver_within_s;
  expected->confirm_window_s = message->confirm_window_s;
  if (!souk_field_amount (message->price, &order->price))
    return false;
  expected->price = order->price;
  return souk_fixed_read (message->thing, order->thing, sizeof order->thing)
         && souk_fixed_read (message->record, order->record, sizeof order->record)
         && souk_peer_read (message->peer, &order->peer)
         && souk_text_read (message->title, order->title, sizeof order->title)
         && souk_field_cid (message->cid, &order->cid)
         && souk_field_address (message->contract, &order->contract)
         && souk_field_address (message->seller, &expected->seller)
         && souk_field_address (message->buyer, &expected->buyer)
         && souk_field_address (message->token, &expected->token)
         && souk_field_address (message->arbiter, &expected->arbiter)
         && souk_field_hash (message->key_commitment, expected->key_commitment);
}

static bool
read_deal (const Souk__OrderState *message, SoukOrder *order)
{
  order->has_offer = message->terms.len != 0;
  if (order->has_offer
      && (souk_offer_terms_read (souk_slice_from_field (message->terms), &order->terms)
              != SOUK_STATUS_OK
          || !souk_fixed_read (message->signature, order->signature, sizeof order->signature)
          || !souk_field_hash (message->deal, order->deal)
          || !souk_fixed_read (message->capsule, order->capsule, sizeof order->capsule)))
    return false;
  order->has_key = message->key.len != 0;
  if (order->has_key && !souk_fixed_read (message->key, order->key, sizeof order->key))
    return false;
  order->has_content_key = message->content_key.len != 0;
  if (order->has_content_key
      && !souk_fixed_read (message->content_key, order->content_key, sizeof order->content_key))
    return false;
  order->deliver_by = message->deliver_by;
  order->confirm_by = message->confirm_by;
  order->resolve_by = message->resolve_by;
  return true;
}

static bool
read_history (const Souk__OrderState *message, SoukOrder *order)
{
  for (size_t i = 0; i < message->n_transactions; i++)
    {
      const Souk__Transaction *transaction = message->transactions[i];
      if (transaction->command >= SOUK_ORDER_COMMAND_COUNT
          || !souk_field_hash (transaction->hash, order->tx[transaction->command]))
        return false;
      order->has_tx[transaction->command] = true;
    }
  if (!souk_settlement_read (message->settlement, &order->settlement))
    return false;
  /* A settlement always remembers where it found the order. */
  if (order->settlement.end != SOUK_END_NONE && order->before == 0)
    return false;
  return souk_timeline_read (message->timeline, message->n_timeline, &order->timeline);
}

SoukStatus
souk_order_from_bytes (SoukSlice in, SoukOrder **out)
{
  if (in.len > ORDER_STATE_SIZE_MAX)
    return SOUK_STATUS_STATE_FORM;
  SOUK_AUTO_MESSAGE Souk__OrderState *message
      = souk_message_unpack (&souk__order_state__descriptor, in);
  if (message == NULL || message->version != ORDER_STATE_VERSION)
    return SOUK_STATUS_STATE_FORM;
  g_autoptr (SoukOrder) order = g_new0 (SoukOrder, 1);
  if (!read_axes (message, order) || !read_goods (message, order) || !read_deal (message, order)
      || !read_history (message, order))
    return SOUK_STATUS_STATE_FORM;
  *out = g_steal_pointer (&order);
  return SOUK_STATUS_OK;
}
