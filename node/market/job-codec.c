/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The stored form of the job machine (souk-state.proto, JobState). PURE. See job.h.
 */
#include "market/job-table.h"
#include "market/state-codec.h"

#include <string.h>

#define JOB_STATE_VERSION 1
/* A record and 96 bids with their sentences. */
#define JOB_STATE_SIZE_MAX (512 * 1024)

static ProtobufCBinaryData
fixed (const uint8_t *bytes, size_t len)
{
  return souk_field_from_slice (souk_slice (bytes, len));
}

/* ---- bids and deals ---- */

typedef struct {
  Souk__BidState message;
  GBytes *bid;
  GBytes *peer;
  uint32_t parts[4];
} BidField;

static void
write_bid (SoukJobBid *self, BidField *field)
{
  field->bid = souk_bid_to_bytes (&self->bid);
  field->peer = souk_peer_id_to_bytes (&self->bid.peer);
  const uint32_t parts[4]
      = { self->parts.price, self->parts.reliability, self->parts.latency, self->parts.locality };
  memcpy (field->parts, parts, sizeof parts);
  souk__bid_state__init (&field->message);
  field->message.bid = souk_field_from_slice (souk_slice_from_bytes (field->bid));
  field->message.peer = souk_field_from_slice (souk_slice_from_bytes (field->peer));
  field->message.deal = fixed (self->deal, sizeof self->deal);
  field->message.rtt_ms = self->rtt_ms;
  field->message.done = self->done;
  field->message.failed = self->failed;
  field->message.out = (uint32_t)self->out;
  field->message.detail = self->detail;
  field->message.score = self->score;
  field->message.n_parts = G_N_ELEMENTS (field->parts);
  field->message.parts = field->parts;
  field->message.sentence = self->sentence;
}

static bool
read_bid (const Souk__BidState *message, SoukJobBid *out)
{
  SoukPeerId peer;
  if (!souk_peer_read (message->peer, &peer)
      || souk_bid_from_bytes (souk_slice_from_field (message->bid), &peer, &out->bid)
             != SOUK_STATUS_OK
      || message->out > SOUK_BID_OLD || message->n_parts != 4)
    return false;
  out->rtt_ms = message->rtt_ms;
  out->done = message->done;
  out->failed = message->failed;
  out->out = (SoukBidOut)message->out;
  out->score = message->score;
  out->parts = (SoukScoreParts){ message->parts[0], message->parts[1], message->parts[2],
                                 message->parts[3] };
  return souk_field_hash (message->deal, out->deal)
         && souk_text_read (message->detail, out->detail, sizeof out->detail)
         && souk_text_read (message->sentence, out->sentence, sizeof out->sentence);
}

typedef struct {
  Souk__DealState message;
  SoukTransactionField transactions;
  SoukSettlementField settlement;
} DealField;

static void
write_deal (const SoukJobDeal *self, DealField *field)
{
  souk__deal_state__init (&field->message);
  field->message.bid = self->bid;
  field->message.phase = (uint32_t)self->phase;
  field->message.before = (uint32_t)self->before;
  field->message.submit_by = self->submit_by;
  field->message.confirm_by = self->confirm_by;
  field->message.n_transactions = souk_transactions_write (
      self->has_tx, self->tx, SOUK_JOB_COMMAND_COUNT, &field->transactions);
  field->message.transactions = field->transactions.list;
  field->message.settlement = souk_settlement_write (&self->settlement, &field->settlement);
  field->message.tries = self->retry.tries;
}

static bool
read_deal (const Souk__DealState *message, size_t bid_count, SoukJobDeal *out)
{
  if (message->bid >= bid_count || souk_deal_phase_info (message->phase) == NULL
      || (message->before != 0 && souk_deal_phase_info (message->before) == NULL))
    return false;
  out->bid = message->bid;
  out->phase = (SoukDealPhase)message->phase;
  out->before = (SoukDealPhase)message->before;
  out->submit_by = message->submit_by;
  out->confirm_by = message->confirm_by;
  out->retry.tries = message->tries;
  bool is_closed = out->phase == SOUK_DEAL_PAID || out->phase == SOUK_DEAL_REFUNDED;
  return souk_settlement_read (message->settlement, &out->settlement)
         && is_closed == (out->settlement.end != SOUK_END_NONE) && (!is_closed || out->before != 0)
         && souk_transactions_read (message->transactions, message->n_transactions, out->has_tx,
                                    out->tx, SOUK_JOB_COMMAND_COUNT);
}

/* ---- the job ---- */

static void
write_axes (const SoukJob *self, Souk__JobState *message)
{
  message->version = JOB_STATE_VERSION;
  message->id = fixed (self->id, sizeof self->id);
  message->phase = (uint32_t)self->phase;
  message->seen = (uint32_t)self->seen;
  message->reason = (uint32_t)self->reason;
  message->detail = (char *)self->detail;
  message->record = souk_field_from_slice (souk_slice_from_bytes (self->record->bytes));
  message->attempt = self->attempt;
  message->current = (uint32_t)(self->current + 1);
  message->tries = self->retry.tries;
  message->percent = self->percent;
  message->bids_until_us = self->bids_until.us;
}

GBytes *
souk_job_to_bytes (const SoukJob *self)
{
  g_autofree BidField *bids = g_new0 (BidField, self->bid_count + 1);
  g_autofree DealField *deals = g_new0 (DealField, SOUK_JOB_ATTEMPTS_MAX);
  Souk__BidState *bid_list[SOUK_JOB_BIDS_MAX];
  Souk__DealState *deal_list[SOUK_JOB_ATTEMPTS_MAX];
  SoukTimelineField timeline;
  Souk__ResultState result;
  g_autoptr (GBytes) cid = NULL;
  uint8_t exposure[32], amount[32];

  Souk__JobState message = SOUK__JOB_STATE__INIT;
  write_axes (self, &message);
  for (size_t i = 0; i < self->bid_count; i++)
    {
      write_bid (self->bids[i], &bids[i]);
      bid_list[i] = &bids[i].message;
    }
  message.n_bids = self->bid_count;
  message.bids = bid_list;
  for (size_t i = 0; i < self->deal_count; i++)
    {
      write_deal (&self->deals[i], &deals[i]);
      deal_list[i] = &deals[i].message;
    }
  message.n_deals = self->deal_count;
  message.deals = deal_list;
  message.exposure_max = souk_field_from_slice (souk_amount_bytes (self->exposure_max, exposure));
  message.receipt_amount = souk_field_from_slice (souk_amount_bytes (self->receipt_amount, amount));
  if (self->has_result)
    {
      souk_result_write (&self->result, &result, &cid);
      message.result = &result;
    }
  message.n_timeline = souk_timeline_write (&self->timeline, &timeline);
  message.timeline = timeline.list;
  GBytes *bytes = souk_message_pack (&message);
  for (size_t i = 0; i < self->bid_count; i++)
    {
      g_bytes_unref (bids[i].bid);
      g_bytes_unref (bids[i].peer);
    }
  return bytes;
}

static bool
read_job_axes (const Souk__JobState *message, SoukJob *job)
{
  if (souk_job_phase_info (message->phase) == NULL || message->seen > SOUK_SEEN_SEEN
      || message->reason >= SOUK_JOB_REASON_COUNT || message->attempt > SOUK_JOB_ATTEMPTS_MAX
      || message->current > message->n_bids || message->percent > 100)
    return false;
  job->phase = (SoukJobPhase)message->phase;
  job->seen = (SoukSeen)message->seen;
  job->reason = (SoukJobReason)message->reason;
  job->attempt = message->attempt;
  job->current = (ptrdiff_t)message->current - 1;
  job->percent = message->percent;
  job->bids_until.us = message->bids_until_us;
  job->retry.tries = message->tries;
  return souk_fixed_read (message->id, job->id, sizeof job->id)
         && souk_text_read (message->detail, job->detail, sizeof job->detail)
         && souk_stored_job_read (message->record, &job->record, &job->spec)
         && souk_field_amount (message->exposure_max, &job->exposure_max)
         && souk_field_amount (message->receipt_amount, &job->receipt_amount)
         && souk_timeline_read (message->timeline, message->n_timeline, &job->timeline);
}

static bool
read_job_parts (const Souk__JobState *message, SoukJob *job)
{
  if (message->n_bids > SOUK_JOB_BIDS_MAX || message->n_deals > SOUK_JOB_ATTEMPTS_MAX)
    return false;
  for (size_t i = 0; i < message->n_bids; i++)
    {
      job->bids[job->bid_count++] = g_new0 (SoukJobBid, 1);
      if (!read_bid (message->bids[i], job->bids[i]))
        return false;
    }
  for (size_t i = 0; i < message->n_deals; i++)
    if (!read_deal (message->deals[i], job->bid_count, &job->deals[i]))
      return false;
  job->deal_count = message->n_deals;
  job->has_result = message->result != NULL;
  return !job->has_result || souk_result_read (message->result, &job->result);
}

/* What the rows take for granted in a phase. */
static bool
job_is_whole (const SoukJob *job)
{
  const uint64_t needs_bid = UINT64_C (1) << SOUK_JOB_AWARDING | UINT64_C (1) << SOUK_JOB_AWARDED
                             | UINT64_C (1) << SOUK_JOB_FUNDING | UINT64_C (1) << SOUK_JOB_FUNDED
                             | UINT64_C (1) << SOUK_JOB_STAGING | UINT64_C (1) << SOUK_JOB_RUNNING
                             | UINT64_C (1) << SOUK_JOB_RESULT_COMMITTED
                             | UINT64_C (1) << SOUK_JOB_ACCEPTED
                             | UINT64_C (1) << SOUK_JOB_SETTLING;
  const uint64_t needs_result = UINT64_C (1) << SOUK_JOB_RESULT_COMMITTED
                                | UINT64_C (1) << SOUK_JOB_ACCEPTED
                                | UINT64_C (1) << SOUK_JOB_SETTLING;
  if ((needs_bid >> job->phase & 1) != 0 && job->current < 0)
    return false;
  if ((needs_result >> job->phase & 1) != 0 && !job->has_result)
    return false;
  /* A deal more than attempts would have no place for the next. */
  return job->deal_count <= job->attempt;
}

SoukStatus
souk_job_from_bytes (SoukSlice in, SoukJob **out)
{
  if (in.len > JOB_STATE_SIZE_MAX)
    return SOUK_STATUS_STATE_FORM;
  SOUK_AUTO_MESSAGE Souk__JobState *message
      = souk_message_unpack (&souk__job_state__descriptor, in);
  if (message == NULL || message->version != JOB_STATE_VERSION)
    return SOUK_STATUS_STATE_FORM;
  g_autoptr (SoukJob) job = g_new0 (SoukJob, 1);
  if (!read_job_axes (message, job) || !read_job_parts (message, job) || !job_is_whole (job))
    return SOUK_STATUS_STATE_FORM;
  souk_bid_expected_of (&job->expected, job->record, job->spec);
  *out = g_steal_pointer (&job);
  return SOUK_STATUS_OK;
}
