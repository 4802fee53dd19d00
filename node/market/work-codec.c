/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The stored form of the work machine (souk-state.proto, WorkState). PURE. See work.h.
 */
#include "market/state-codec.h"
#include "market/work-table.h"

#define WORK_STATE_VERSION 1
/* A record and a bid. */
#define WORK_STATE_SIZE_MAX (128 * 1024)

static ProtobufCBinaryData
fixed (const uint8_t *bytes, size_t len)
{
  return souk_field_from_slice (souk_slice (bytes, len));
}

GBytes *
souk_work_to_bytes (const SoukWork *self)
{
  SoukBid own = self->bid;
  g_autoptr (GBytes) bid = souk_bid_to_bytes (&own);
  g_autoptr (GBytes) peer = souk_peer_id_to_bytes (&self->bid.peer);
  g_autoptr (GBytes) requester = souk_peer_id_to_bytes (&self->requester);
  g_autoptr (GBytes) cid = NULL;
  SoukTransactionField transactions;
  SoukTimelineField timeline;
  SoukSettlementField settlement;
  Souk__ResultState result;
  uint8_t amount[32];

  Souk__WorkState message = SOUK__WORK_STATE__INIT;
  message.version = WORK_STATE_VERSION;
  message.id = fixed (self->id, sizeof self->id);
  message.phase = (uint32_t)self->phase;
  message.before = (uint32_t)self->before;
  message.seen = (uint32_t)self->seen;
  message.reason = (uint32_t)self->reason;
  message.detail = (char *)self->detail;
  message.record = souk_field_from_slice (souk_slice_from_bytes (self->record->bytes));
  message.requester = souk_field_from_slice (souk_slice_from_bytes (requester));
  message.bid = souk_field_from_slice (souk_slice_from_bytes (bid));
  message.peer = souk_field_from_slice (souk_slice_from_bytes (peer));
  message.deal = fixed (self->deal, sizeof self->deal);
  message.submit_by = self->submit_by;
  message.confirm_by = self->confirm_by;
  if (self->has_result || self->result.failure != SOUK_JOB_FAILURE_NONE)
    {
      souk_result_write (&self->result, &result, &cid);
      message.result = &result;
    }
  if (self->has_receipt)
    {
      message.receipt_amount
          = souk_field_from_slice (souk_amount_bytes (self->receipt_amount, amount));
      message.receipt_signature = fixed (self->receipt_signature, SOUK_ECDSA_SIZE);
    }
  message.n_transactions
      = souk_transactions_write (self->has_tx, self->tx, SOUK_WORK_COMMAND_COUNT, &transactions);
  message.transactions = transactions.list;
  message.settlement = souk_settlement_write (&self->settlement, &settlement);
  message.n_timeline = souk_timeline_write (&self->timeline, &timeline);
  message.timeline = timeline.list;
  message.tries = self->retry.tries;
  return souk_message_pack (&message);
}

static bool
read_work_axes (const Souk__WorkState *message, SoukWork *work)
{
  if (souk_work_phase_info (message->phase) == NULL
      || (message->before != 0 && souk_work_phase_info (message->before) == NULL)
      || message->seen > SOUK_SEEN_SEEN || message->reason >= SOUK_WORK_REASON_COUNT)
    return false;
  work->phase = (SoukWorkPhase)message->phase;
  work->before = (SoukWorkPhase)message->before;
  work->seen = (SoukSeen)message->seen;
  work->reason = (SoukWorkReason)message->reason;
  work->submit_by = message->submit_by;
  work->confirm_by = message->confirm_by;
  work->retry.tries = message->tries;
  return souk_fixed_read (message->id, work->id, sizeof work->id)
         && souk_text_read (message->detail, work->detail, sizeof work->detail)
         && souk_stored_job_read (message->record, &work->record, &work->spec)
         && souk_peer_read (message->requester, &work->requester)
         && souk_field_hash (message->deal, work->deal)
         && souk_settlement_read (message->settlement, &work->settlement)
         && (work->settlement.end == SOUK_END_NONE || work->before != 0)
         && souk_timeline_read (message->timeline, message->n_timeline, &work->timeline);
}

static bool
read_work_parts (const Souk__WorkState *message, SoukWork *work)
{
  SoukPeerId peer;
  if (!souk_peer_read (message->peer, &peer)
      || souk_bid_from_bytes (souk_slice_from_field (message->bid), &peer, &work->bid)
             != SOUK_STATUS_OK)
    return false;
  if (message->result != NULL && !souk_result_read (message->result, &work->result))
    return false;
  work->has_result = message->result != NULL && work->result.cid.version != 0;
  work->has_receipt = message->receipt_signature.len != 0;
  if (work->has_receipt
      && (!souk_fixed_read (message->receipt_signature, work->receipt_signature, SOUK_ECDSA_SIZE)
          || !souk_field_amount (message->receipt_amount, &work->receipt_amount)))
    return false;
  return souk_transactions_read (message->transactions, message->n_transactions, work->has_tx,
                                 work->tx, SOUK_WORK_COMMAND_COUNT);
}

SoukStatus
souk_work_from_bytes (SoukSlice in, SoukWork **out)
{
  if (in.len > WORK_STATE_SIZE_MAX)
    return SOUK_STATUS_STATE_FORM;
  SOUK_AUTO_MESSAGE Souk__WorkState *message
      = souk_message_unpack (&souk__work_state__descriptor, in);
  if (message == NULL || message->version != WORK_STATE_VERSION)
    return SOUK_STATUS_STATE_FORM;
  g_autoptr (SoukWork) work = g_new0 (SoukWork, 1);
  if (!read_work_axes (message, work) || !read_work_parts (message, work))
    return SOUK_STATUS_STATE_FORM;
  *out = g_steal_pointer (&work);
  return SOUK_STATUS_OK;
}
