/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The provider's money: signed bids, settling, submitting, claiming, giving back, and what the chain
 * says. See works.h and money.h.
 */
#include "trade/works-private.h"

#include "chain/calls.h"
#include "swarm/clock.h"

#include <string.h>

#define OWNER_KIND "work"

typedef struct {
  SoukWorkEntry *entry;
  SoukWorkCommand command;
} Sending;

/* ---- bids ---- */

bool
souk_works_sign_bid (SoukWorks *self, const SoukRecord *record, const SoukJobSpec *spec,
                     SoukBid *bid, uint8_t out_deal[SOUK_HASH_SIZE], const char **out_sentence)
{
  SoukMoney *money = self->context.money;
  SoukDomain domain = souk_job_domain (spec);
  SoukU256 counter;
  if (!souk_money_counter (money, SOUK_ESCROW_MARKET_COMPUTE, &counter))
    {
      *out_sentence = "The chain was not reached yet, so a bid cannot be bound to it.";
      return false;
    }
  bid->wallet = *souk_money_address (money);
  souk_bid_terms_fill (&bid->terms, spec, bid->job_hash, &bid->wallet, &bid->peer, &record->wallet,
                       bid->price, counter, souk_wall_now (), souk_swarm_rng (self->context.swarm));
  uint64_t valid_until = 0;
  (void)souk_u256_to_u64 (bid->terms.valid_until, &valid_until);
  bid->valid_until = (int64_t)valid_until;
  bid->has_terms = true;
  souk_bid_digest (&domain, &bid->terms, out_deal);
  *out_sentence = "The wallet is locked, so a bid cannot be signed.";
  return souk_money_sign (money, out_deal, bid->signature);
}

/* ---- sending ---- */

static bool
on_signed (SoukMoneyWrite *write, const uint8_t tx_hash[SOUK_HASH_SIZE], void *user)
{
  Sending *sending = user;
  SoukWorkEvent event = { .kind = SOUK_WORK_EVENT_TX_STORED, .command = sending->command };
  memcpy (event.hash, tx_hash, SOUK_HASH_SIZE);
  return souk_work_entry_take (sending->entry, &event, write) == SOUK_STATUS_OK;
}

static void
on_sent (const uint8_t *tx_hash, const GError *error, void *user)
{
  Sending *sending = user;
  SoukWorkEntry *entry = sending->entry;
  entry->pending--;
  if (error == NULL && sending->command == SOUK_WORK_COMMAND_SUBMIT_SETTLE)
    souk_work_say_settled (entry);
  else if (error != NULL && !g_error_matches (error, SOUK_MONEY_ERROR, SOUK_MONEY_ERROR_STALE))
    souk_work_entry_fail (entry, sending->command, false, error->message);
  g_free (sending);
}

static GBytes *
calldata (const SoukWork *work, SoukWorkCommand command)
{
  const SoukBidTerms *terms = &work->bid.terms;
  SoukReceiptTerms receipt;
  memcpy (receipt.id, work->deal, sizeof receipt.id);
  souk_result_hash (receipt.result_hash, &work->result.cid);
  receipt.amount = souk_wei_to_u256 (work->receipt_amount);
  switch (command)
    {
    case SOUK_WORK_COMMAND_SUBMIT_SETTLE:
      return souk_call_settle (terms, &receipt,
                               souk_slice (work->receipt_signature, SOUK_ECDSA_SIZE));
    case SOUK_WORK_COMMAND_SUBMIT_RESULT:
      return souk_call_submit (terms, receipt.result_hash);
    case SOUK_WORK_COMMAND_SUBMIT_RELEASE:
      return souk_call_bid_release (terms);
    case SOUK_WORK_COMMAND_SUBMIT_REFUND:
      return souk_call_bid_refund (terms);
    case SOUK_WORK_COMMAND_NONE:
    case SOUK_WORK_COMMAND_STAGE_JOB:
    case SOUK_WORK_COMMAND_RUN_JOB:
    case SOUK_WORK_COMMAND_SEND_RESULT:
    case SOUK_WORK_COMMAND_COUNT:
      break;
    }
  g_assert_not_reached ();
}

static const char *
purpose_of (SoukWorkCommand command)
{
  if (command == SOUK_WORK_COMMAND_SUBMIT_RESULT)
    return "Committing the result of the job";
  if (command == SOUK_WORK_COMMAND_SUBMIT_REFUND)
    return "Giving back the money of the job";
  return "Getting paid for the job";
}

void
souk_work_submit (SoukWorkEntry *entry, SoukWorkCommand command)
{
  const SoukWork *work = entry->work;
  if (entry->works->context.money == NULL)
    {
      souk_work_entry_fail (entry, command, false, "This node was started without a network.");
      return;
    }
  g_autoptr (GBytes) data = calldata (work, command);
  g_autofree char *purpose = g_strdup_printf ("%s “%s”", purpose_of (command), work->spec->title);
  SoukMoneyTx tx = {
    .owner = { .kind = OWNER_KIND },
    .step = (uint32_t)command,
    .to = work->spec->contract,
    .value = SOUK_WEI_ZERO,
    .data = data,
    .purpose = purpose,
  };
  Sending *sending = g_new0 (Sending, 1);
  *sending = (Sending){ entry, command };
  memcpy (tx.owner.id, work->id, sizeof tx.owner.id);
  entry->pending++;
  souk_money_submit (entry->works->context.money, &tx, on_signed, on_sent, sending);
}

/* ---- what the chain says ---- */

static bool
event_of (const SoukDealEvent *deal, SoukWorkEvent *out)
{
  switch (deal->kind)
    {
    case SOUK_DEAL_ACCEPTED:
      out->kind = deal->is_undo ? SOUK_WORK_EVENT_UNDO_FUNDED : SOUK_WORK_EVENT_FUNDED;
      break;
    case SOUK_DEAL_DELIVERED:
      out->kind = deal->is_undo ? SOUK_WORK_EVENT_UNDO_SUBMITTED : SOUK_WORK_EVENT_SUBMITTED;
      break;
    case SOUK_DEAL_SETTLED:
      out->kind = deal->is_undo ? SOUK_WORK_EVENT_UNDO_SETTLED : SOUK_WORK_EVENT_SETTLED;
      break;
    case SOUK_DEAL_BOUGHT:
    case SOUK_DEAL_DISPUTED:
      return false;
    }
  out->deadline = deal->deadline;
  out->settlement = (SoukSettlement){
    .end = (SoukDealEnd)deal->end,
    .to_payee = deal->to_payee,
    .fee = deal->fee,
    .to_payer = deal->to_payer,
  };
  return true;
}

static void
on_deal (const SoukDealEvent *deal, SoukMoneyWrite *write, void *user)
{
  SoukWorks *self = user;
  SoukWorkEvent event = { 0 };
  GHashTableIter iter;
  gpointer value;
  if (deal->market != SOUK_ESCROW_MARKET_COMPUTE || !event_of (deal, &event))
    return;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SoukWorkEntry *entry = value;
      if (!souk_work_is_free (entry->work)
          && memcmp (entry->work->deal, deal->deal, SOUK_HASH_SIZE) == 0)
        souk_work_entry_take (entry, &event, write);
    }
}

static void
on_tx (const SoukTxOutcome *outcome, SoukMoneyWrite *write, void *user)
{
  SoukWorks *self = user;
  SoukWorkEvent event = {
    .kind = SOUK_WORK_EVENT_TX_FAILED,
    .command = (SoukWorkCommand)outcome->step,
    .detail = outcome->detail,
  };
  if (strcmp (outcome->owner.kind, OWNER_KIND) != 0)
    return;
  SoukWorkEntry *entry = g_hash_table_lookup (self->entries, outcome->owner.id);
  if (entry == NULL)
    return;
  if (outcome->is_failed)
    souk_work_entry_take (entry, &event, write);
  /* What it has cost, and whether that is all, is told when it is stored. */
  if (entry->writes == 0)
    souk_work_entry_keep (entry, write);
}

void
souk_works_watch_money (SoukWorks *self)
{
  static const SoukMoneyWatch watch = { on_deal, on_tx };
  souk_money_watch (self->context.money, &watch, self);
}
