/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The requester's money: paying into the contract, taking back, releasing, and what the chain says.
 * See jobs.h and money.h.
 *
 * A transaction's owner is the job; its step is the command and the attempt's deal.
 */
#include "trade/jobs-private.h"

#include "chain/calls.h"
#include "swarm/clock.h"

#include <string.h>

#define OWNER_KIND "job"
#define STEP_DEAL_SHIFT 8

typedef struct {
  SoukJobEntry *entry;
  SoukJobCommand command;
  size_t deal;
} Sending;

static SoukMoney *
money_of (const SoukJobEntry *entry)
{
  return entry->jobs->context.money;
}

/* ---- sending ---- */

static bool
on_signed (SoukMoneyWrite *write, const uint8_t tx_hash[SOUK_HASH_SIZE], void *user)
{
  Sending *sending = user;
  SoukJobEvent event = {
    .kind = SOUK_JOB_EVENT_TX_STORED,
    .command = sending->command,
    .deal_index = sending->deal,
  };
  memcpy (event.hash, tx_hash, SOUK_HASH_SIZE);
  return souk_job_entry_take (sending->entry, &event, write) == SOUK_STATUS_OK;
}

static SoukJobReason
reason_of (const GError *error)
{
  if (g_error_matches (error, SOUK_MONEY_ERROR, SOUK_MONEY_ERROR_NO_FUNDS))
    return SOUK_JOB_REASON_NO_FUNDS;
  if (g_error_matches (error, SOUK_MONEY_ERROR, SOUK_MONEY_ERROR_NO_WALLET))
    return SOUK_JOB_REASON_NO_WALLET;
  return SOUK_JOB_REASON_FUND_FAILED;
}

static void
on_sent (const uint8_t *tx_hash, const GError *error, void *user)
{
  Sending *sending = user;
  SoukJobEntry *entry = sending->entry;
  entry->pending--;
  if (error != NULL && !g_error_matches (error, SOUK_MONEY_ERROR, SOUK_MONEY_ERROR_STALE))
    souk_job_entry_fail (entry, sending->command, sending->deal, reason_of (error),
                         !souk_money_error_is_passing (error), error->message);
  g_free (sending);
}

/* Takes `data` over. */
static void
submit (SoukJobEntry *entry, SoukJobCommand command, size_t deal, SoukWei value, GBytes *data,
        const char *what)
{
  const SoukJobSpec *spec = entry->job->spec;
  g_autofree char *purpose = g_strdup_printf ("%s “%s”", what, spec->title);
  SoukMoneyTx tx = {
    .owner = { .kind = OWNER_KIND },
    .step = (uint32_t)command | (uint32_t)deal << STEP_DEAL_SHIFT,
    .to = spec->contract,
    .value = value,
    .data = data,
    .purpose = purpose,
  };
  Sending *sending = g_new0 (Sending, 1);
  *sending = (Sending){ entry, command, deal };
  memcpy (tx.owner.id, entry->job->id, sizeof tx.owner.id);
  entry->pending++;
  souk_money_submit (money_of (entry), &tx, on_signed, on_sent, sending);
  g_bytes_unref (data);
}

void
souk_job_fund (SoukJobEntry *entry)
{
  const SoukJobBid *bid = souk_job_current_bid (entry->job);
  if (money_of (entry) == NULL)
    {
      souk_job_entry_fail (entry, SOUK_JOB_COMMAND_SUBMIT_FUND, 0, SOUK_JOB_REASON_NO_WALLET, true,
                           "This node was started without a network.");
      return;
    }
  submit (entry, SOUK_JOB_COMMAND_SUBMIT_FUND, entry->job->deal_count, bid->bid.price,
          souk_call_accept (&bid->bid.terms, souk_slice (bid->bid.signature, SOUK_ECDSA_SIZE),
                            SOUK_SLICE_EMPTY),
          "Paying for the job");
}

void
souk_job_close_deal (SoukJobEntry *entry, size_t deal, SoukJobCommand command)
{
  const SoukBidTerms *terms = &entry->job->bids[entry->job->deals[deal].bid]->bid.terms;
  bool is_refund = command == SOUK_JOB_COMMAND_SUBMIT_REFUND;
  if (money_of (entry) == NULL)
    {
      souk_job_entry_fail (entry, command, deal, SOUK_JOB_REASON_NO_WALLET, false,
                           "This node was started without a network.");
      return;
    }
  submit (entry, command, deal, SOUK_WEI_ZERO,
          is_refund ? souk_call_bid_refund (terms) : souk_call_bid_release (terms),
          is_refund ? "Taking back the money of the job" : "Releasing the money of the job");
}

bool
souk_job_sign_receipt (SoukJobEntry *entry, const SoukReceiptTerms *terms,
                       uint8_t out_signature[SOUK_ECDSA_SIZE])
{
  uint8_t digest[SOUK_HASH_SIZE];
  SoukDomain domain = souk_job_domain (entry->job->spec);
  souk_receipt_digest (&domain, terms, digest);
  return money_of (entry) != NULL && souk_money_sign (money_of (entry), digest, out_signature);
}

/* ---- what the chain says ---- */

/* What a deal's event is for the job. False when it is nothing. */
static bool
event_of (const SoukDealEvent *deal, SoukJobEvent *out)
{
  switch (deal->kind)
    {
    case SOUK_DEAL_ACCEPTED:
      out->kind = deal->is_undo ? SOUK_JOB_EVENT_UNDO_FUNDED : SOUK_JOB_EVENT_FUNDED;
      break;
    case SOUK_DEAL_DELIVERED:
      out->kind = deal->is_undo ? SOUK_JOB_EVENT_UNDO_SUBMITTED : SOUK_JOB_EVENT_SUBMITTED;
      break;
    case SOUK_DEAL_SETTLED:
      out->kind = deal->is_undo ? SOUK_JOB_EVENT_UNDO_SETTLED : SOUK_JOB_EVENT_SETTLED;
      break;
    case SOUK_DEAL_BOUGHT:
    case SOUK_DEAL_DISPUTED:
      return false;
    }
  memcpy (out->hash, deal->deal, SOUK_HASH_SIZE);
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
  SoukJobs *self = user;
  SoukJobEvent event = { 0 };
  GHashTableIter iter;
  gpointer value;
  if (deal->market != SOUK_ESCROW_MARKET_COMPUTE || !event_of (deal, &event))
    return;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SoukJobEntry *entry = value;
      /* Whose deal it is the machine knows; to the others it has no meaning. */
      if (entry->job->deal_count > 0)
        souk_job_entry_take (entry, &event, write);
    }
}

static void
on_tx (const SoukTxOutcome *outcome, SoukMoneyWrite *write, void *user)
{
  SoukJobs *self = user;
  if (strcmp (outcome->owner.kind, OWNER_KIND) != 0)
    return;
  SoukJobEntry *entry = g_hash_table_lookup (self->entries, outcome->owner.id);
  if (entry == NULL)
    return;
  SoukJobEvent event = {
    .kind = SOUK_JOB_EVENT_TX_FAILED,
    .command = (SoukJobCommand)(outcome->step & ((1u << STEP_DEAL_SHIFT) - 1)),
    .deal_index = outcome->step >> STEP_DEAL_SHIFT,
    .detail = outcome->detail,
  };
  if (outcome->is_failed)
    souk_job_entry_take (entry, &event, write);
  /* What it has cost, and whether that is all, is told when it is stored. */
  if (entry->writes == 0)
    souk_job_entry_keep (entry, write);
}

void
souk_jobs_watch_money (SoukJobs *self)
{
  static const SoukMoneyWatch watch = { on_deal, on_tx };
  souk_money_watch (self->context.money, &watch, self);
}
