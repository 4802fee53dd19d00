/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Orders and the chain: the transactions of both sides, and what the chain says of their deals.
 * GLIB, node thread. See orders-private.h.
 */
#include "trade/orders-private.h"

#include "chain/calls.h"
#include "swarm/clock.h"

#include <string.h>

/* A silent arbiter halves: what the contract then takes. */
#define HALF_BPS (SOUK_BPS_WHOLE / 2)

SoukMoneyOwner
souk_orders_owner (const SoukOrder *machine)
{
  SoukMoneyOwner owner = { .kind = SOUK_ORDER_OWNER };
  memcpy (owner.id, machine->id, sizeof owner.id);
  return owner;
}

/* ---- transactions ---- */

/* Returns: (transfer full): the calldata of a command. Out: what it carries, and its purpose. */
static GBytes *
call_of (const SoukOrder *machine, SoukOrderCommand command, SoukWei *out_value,
         const char **out_verb)
{
  static const uint8_t no_words[SOUK_HASH_SIZE] = { 0 };
  const SoukOfferTerms *terms = &machine->terms;
  *out_value = SOUK_WEI_ZERO;
  switch (command)
    {
    case SOUK_ORDER_COMMAND_SUBMIT_BUY:
      *out_verb = "Buying";
      *out_value = machine->price;
      return souk_call_buy (terms, souk_slice (machine->signature, SOUK_ECDSA_SIZE),
                            SOUK_SLICE_EMPTY);
    case SOUK_ORDER_COMMAND_SUBMIT_RELEASE:
      *out_verb = machine->role == SOUK_ORDER_BUYER ? "Releasing the money for"
                                                    : "Claiming the money for";
      return souk_call_offer_release (terms);
    case SOUK_ORDER_COMMAND_SUBMIT_REFUND:
      *out_verb = "Claiming the money back for";
      return souk_call_offer_refund (terms);
    case SOUK_ORDER_COMMAND_SUBMIT_MISMATCH:
      *out_verb = "Proving a wrong key for";
      return souk_call_prove_mismatch (terms, machine->key, machine->capsule);
    case SOUK_ORDER_COMMAND_SUBMIT_DISPUTE:
      *out_verb = "Calling the arbiter for";
      return souk_call_offer_dispute (terms, no_words);
    case SOUK_ORDER_COMMAND_SUBMIT_RESOLVE:
      *out_verb = "Halving the money for";
      return souk_call_offer_resolve (terms, HALF_BPS, no_words);
    case SOUK_ORDER_COMMAND_SUBMIT_DELIVER:
      *out_verb = "Handing over the key of";
      return souk_call_deliver (terms, machine->key);
    case SOUK_ORDER_COMMAND_NONE:
    case SOUK_ORDER_COMMAND_REQUEST_OFFER:
    case SOUK_ORDER_COMMAND_FETCH_CONTENT:
    case SOUK_ORDER_COMMAND_OPEN_CONTENT:
    case SOUK_ORDER_COMMAND_COUNT:
      break;
    }
  g_assert_not_reached ();
}

/* A transaction on its way to its first write. */
typedef struct {
  SoukLiveOrder *live;
  SoukOrderCommand command;
} Sending;

static bool
on_signed (SoukMoneyWrite *write, const uint8_t tx_hash[SOUK_HASH_SIZE], void *user)
{
  Sending *sending = user;
  SoukLiveOrder *live = sending->live;
  SoukOrderEvent event = { .kind = SOUK_ORDER_EVENT_TX_STORED, .command = sending->command };
  memcpy (event.hash, tx_hash, sizeof event.hash);
  if (souk_order_apply (live->machine, &event, souk_wall_now ()) != SOUK_STATUS_OK)
    return false;
  souk_orders_save_in (live, write);
  return true;
}

static SoukOrderReason
reason_of (const GError *error)
{
  switch ((SoukMoneyError)error->code)
    {
    case SOUK_MONEY_ERROR_NO_FUNDS:
      return SOUK_ORDER_REASON_NO_FUNDS;
    case SOUK_MONEY_ERROR_NO_WALLET:
      return SOUK_ORDER_REASON_NO_WALLET;
    case SOUK_MONEY_ERROR_REVERTED:
    case SOUK_MONEY_ERROR_UNREACHABLE:
    case SOUK_MONEY_ERROR_TOO_DEAR:
    case SOUK_MONEY_ERROR_STALE:
    case SOUK_MONEY_ERROR_REFUSED:
    case SOUK_MONEY_ERROR_DISK:
      return SOUK_ORDER_REASON_BUY_FAILED;
    }
  g_assert_not_reached ();
}

static void
on_sent (const uint8_t *tx_hash, const GError *error, void *user)
{
  Sending *sending = user;
  SoukLiveOrder *live = sending->live;
  SoukOrderCommand command = sending->command;
  g_free (sending);
  if (error != NULL && !g_error_matches (error, SOUK_MONEY_ERROR, SOUK_MONEY_ERROR_STALE))
    souk_orders_command_failed (live, command, reason_of (error),
                                !souk_money_error_is_passing (error), error->message);
  souk_orders_end_call (live);
}

void
souk_orders_submit (SoukLiveOrder *live, SoukOrderCommand command)
{
  const SoukOrder *machine = live->machine;
  SoukMoneyOwner owner = souk_orders_owner (machine);
  SoukOrderEvent stored = { .kind = SOUK_ORDER_EVENT_TX_STORED, .command = command };
  const char *verb;
  SoukWei value;
  /* What the chain took back, the outbox sends again by itself. */
  if (souk_money_find_tx (live->orders->context.money, &owner, command, stored.hash))
    {
      souk_orders_apply (live, &stored);
      return;
    }
  g_autoptr (GBytes) data = call_of (machine, command, &value, &verb);
  g_autofree char *purpose = g_strdup_printf ("%s “%s”", verb, machine->title);
  SoukMoneyTx tx = {
    .owner = owner,
    .step = command,
    .to = machine->contract,
    .value = value,
    .data = data,
    .purpose = purpose,
  };
  Sending *sending = g_new (Sending, 1);
  *sending = (Sending){ live, command };
  souk_orders_begin_call (live);
  souk_money_submit (live->orders->context.money, &tx, on_signed, on_sent, sending);
}

/* ---- what the chain says ---- */

static SoukDealEnd
end_of (SoukEscrowState state)
{
  switch (state)
    {
    case SOUK_ESCROW_RELEASED:
      return SOUK_END_RELEASED;
    case SOUK_ESCROW_REFUNDED:
      return SOUK_END_REFUNDED;
    case SOUK_ESCROW_RESOLVED:
      return SOUK_END_RESOLVED;
    case SOUK_ESCROW_NONE:
    case SOUK_ESCROW_FUNDED:
    case SOUK_ESCROW_DELIVERED:
    case SOUK_ESCROW_DISPUTED:
    case SOUK_ESCROW_STATE_COUNT:
      return SOUK_END_NONE;
    }
  g_assert_not_reached ();
}

static SoukOrderEventKind
kind_of (const SoukDealEvent *deal)
{
  switch (deal->kind)
    {
    case SOUK_DEAL_BOUGHT:
    case SOUK_DEAL_ACCEPTED:
      return deal->is_undo ? SOUK_ORDER_EVENT_UNDO_BOUGHT : SOUK_ORDER_EVENT_BOUGHT;
    case SOUK_DEAL_DELIVERED:
      return deal->is_undo ? SOUK_ORDER_EVENT_UNDO_DELIVERED : SOUK_ORDER_EVENT_DELIVERED;
    case SOUK_DEAL_DISPUTED:
      return deal->is_undo ? SOUK_ORDER_EVENT_UNDO_DISPUTED : SOUK_ORDER_EVENT_DISPUTED;
    case SOUK_DEAL_SETTLED:
      return deal->is_undo ? SOUK_ORDER_EVENT_UNDO_SETTLED : SOUK_ORDER_EVENT_SETTLED;
    }
  g_assert_not_reached ();
}

static void
apply_in (SoukLiveOrder *live, const SoukOrderEvent *event, SoukMoneyWrite *write)
{
  if (souk_order_apply (live->machine, event, souk_wall_now ()) == SOUK_STATUS_OK)
    souk_orders_save_in (live, write);
}

/* A purchase that the chain took back and has again: the key is known from before, so there is nothing
 * to wait for, and a release that was sent then may well come before the key does. */
static void
apply_known_key (SoukLiveOrder *live, SoukMoneyWrite *write)
{
  const SoukOrder *machine = live->machine;
  /* Not before this; the chain says it exactly when it has the delivery again. */
  SoukOrderEvent event = { .kind = SOUK_ORDER_EVENT_DELIVERED,
                           .deadline = machine->deliver_by + machine->expected.confirm_window_s };
  if (machine->role != SOUK_ORDER_BUYER || machine->phase != SOUK_ORDER_BOUGHT
      || !machine->has_content_key)
    return;
  memcpy (event.hash, machine->key, sizeof event.hash);
  apply_in (live, &event, write);
}

static void
on_deal (const SoukDealEvent *deal, SoukMoneyWrite *write, void *user)
{
  SoukOrders *self = user;
  if (deal->market != SOUK_ESCROW_MARKET_PROMPT)
    return;
  SoukLiveOrder *live = souk_orders_find_deal (self, deal->deal);
  if (live == NULL)
    return;
  SoukOrderEvent event = {
    .kind = kind_of (deal),
    .deadline = deal->deadline,
    .settlement = { .end = end_of (deal->end),
                    .to_payee = deal->to_payee,
                    .fee = deal->fee,
                    .to_payer = deal->to_payer },
  };
  memcpy (event.hash, deal->hash, sizeof event.hash);
  souk_orders_begin_call (live);
  apply_in (live, &event, write);
  if (event.kind == SOUK_ORDER_EVENT_BOUGHT)
    apply_known_key (live, write);
  souk_orders_end_call (live);
}

static void
on_tx (const SoukTxOutcome *outcome, SoukMoneyWrite *write, void *user)
{
  SoukOrders *self = user;
  if (strcmp (outcome->owner.kind, SOUK_ORDER_OWNER) != 0
      || outcome->step >= SOUK_ORDER_COMMAND_COUNT)
    return;
  SoukLiveOrder *live = souk_orders_find (self, outcome->owner.id);
  if (live == NULL)
    return;
  SoukOrderEvent event = {
    .kind = SOUK_ORDER_EVENT_TX_FAILED,
    .command = (SoukOrderCommand)outcome->step,
    .detail = outcome->detail,
  };
  /* A step that was made anew has no use for the fate of its first transaction. */
  bool is_last
      = memcmp (live->machine->tx[outcome->step], outcome->stored_hash, SOUK_HASH_SIZE) == 0;
  souk_orders_begin_call (live);
  if (outcome->is_failed && is_last)
    apply_in (live, &event, write);
  if (live->n_writes == 0)
    souk_orders_save_in (live, write); /* what it has cost is told when that is stored */
  souk_orders_end_call (live);
}

void
souk_orders_watch_money (SoukOrders *self)
{
  static const SoukMoneyWatch watch = { .on_deal = on_deal, .on_tx = on_tx };
  if (self->context.money != NULL)
    souk_money_watch (self->context.money, &watch, self);
}
