/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The work machine: its life. PURE. See work.h; the rows are in work-table.c.
 */
#include "market/work.h"

#include "market/work-table.h"

#include <string.h>

#define GRACE_S 15
#define RECEIPT_S 600
/* A submission needs some blocks before the contract's deadline. */
#define SUBMIT_LEFT_S 180

SoukWork *
souk_work_new (const SoukRecord *record, const SoukBid *bid, const uint8_t *deal, SoukWall now,
               SoukRng *rng)
{
  g_assert (bid->has_terms == (deal != NULL));
  SoukWork *self = g_new0 (SoukWork, 1);
  SoukStatus status
      = souk_record_decode_kept (souk_slice_from_bytes (record->bytes), &self->record);
  g_assert (status == SOUK_STATUS_OK);
  status = souk_job_spec_from_record (self->record, &self->spec);
  g_assert (status == SOUK_STATUS_OK);
  souk_rng_fill (rng, self->id, sizeof self->id);
  self->requester = record->author;
  self->bid = *bid;
  if (deal != NULL)
    memcpy (self->deal, deal, sizeof self->deal);
  self->phase = SOUK_WORK_BID_MADE;
  self->seen = SOUK_SEEN_SENT;
  souk_timeline_add (&self->timeline, self->phase, now);
  return self;
}

void
souk_work_free (SoukWork *self)
{
  if (self == NULL)
    return;
  souk_record_free (self->record);
  souk_job_spec_free (self->spec);
  g_free (self);
}

bool
souk_work_is_free (const SoukWork *self)
{
  return !self->bid.has_terms;
}

/* ---- events ---- */

static SoukWorkInput
by_price (const SoukWork *self, SoukWorkInput when_free, SoukWorkInput when_paid)
{
  return souk_work_is_free (self) ? when_free : when_paid;
}

/* Only the requester's word for this deal, this result and the whole price is a receipt. */
static bool
receipt_is_good (const SoukWork *self, const SoukWorkEvent *event)
{
  uint8_t result_hash[SOUK_HASH_SIZE];
  SoukAddress signer;
  if (souk_work_is_free (self))
    return true;
  if (event->receipt == NULL || event->signature == NULL || !self->has_result)
    return false;
  souk_result_hash (result_hash, &self->result.cid);
  return memcmp (event->receipt->id, self->deal, SOUK_HASH_SIZE) == 0
         && memcmp (event->receipt->result_hash, result_hash, SOUK_HASH_SIZE) == 0
         && souk_u256_compare (event->receipt->amount, souk_wei_to_u256 (self->bid.price)) == 0
         && souk_ecdsa_recover (event->hash, event->signature, &signer) == SOUK_STATUS_OK
         && souk_address_is_equal (&signer, &self->bid.terms.requester);
}

/* A result that says less than it must is the worker's fault. */
static SoukWorkInput
refine_done (const SoukWorkEvent *event)
{
  bool is_fault
      = souk_job_failure_is_providers (event->result->failure) || event->result->cid.version == 0;
  return is_fault ? SOUK_WORK_IN_FAULT : SOUK_WORK_IN_DONE;
}

static SoukWorkInput
refine_sent (const SoukWork *self)
{
  if (self->phase != SOUK_WORK_REPORTING)
    return SOUK_WORK_IN_SENT;
  return by_price (self, SOUK_WORK_IN_SENT_FREE, SOUK_WORK_IN_SENT_PAID);
}

static SoukWorkInput
refine_funded (const SoukWork *self)
{
  /* What is told again after the end is a replay. */
  if (souk_work_is_free (self) || self->settlement.end != SOUK_END_NONE)
    return SOUK_WORK_INPUT_COUNT;
  return self->has_result ? SOUK_WORK_IN_FUNDED_DONE : SOUK_WORK_IN_FUNDED;
}

/* A log that is read again tells what is known. */
static SoukWorkInput
unless_known (int64_t known, int64_t told, SoukWorkInput input)
{
  return known == told ? SOUK_WORK_INPUT_COUNT : input;
}

/* Decides what an event means before the rows are asked; INPUT_COUNT: nothing. */
static SoukWorkInput
refine (const SoukWork *self, const SoukWorkEvent *event)
{
  const SoukWorkPhaseInfo *info = souk_work_phase_info (self->phase);
  switch (event->kind)
    {
    case SOUK_WORK_EVENT_AWARDED:
      return by_price (self, SOUK_WORK_IN_AWARDED_FREE, SOUK_WORK_IN_AWARDED_PAID);
    case SOUK_WORK_EVENT_DECLINED:
      return SOUK_WORK_IN_DECLINED;
    case SOUK_WORK_EVENT_CANCELLED:
      return by_price (self, SOUK_WORK_IN_CANCELLED_FREE, SOUK_WORK_IN_CANCELLED_PAID);
    case SOUK_WORK_EVENT_STAGED:
      return SOUK_WORK_IN_STAGED;
    case SOUK_WORK_EVENT_DONE:
      return refine_done (event);
    case SOUK_WORK_EVENT_STOP:
      return SOUK_WORK_IN_FAULT;
    case SOUK_WORK_EVENT_RESULT_SENT:
      return refine_sent (self);
    case SOUK_WORK_EVENT_RECEIPT:
      return by_price (self, SOUK_WORK_IN_RECEIPT_FREE, SOUK_WORK_IN_RECEIPT_PAID);
    case SOUK_WORK_EVENT_COMMAND_FAILED:
      return SOUK_WORK_IN_GIVE_UP;
    case SOUK_WORK_EVENT_TX_STORED:
      return event->command == info->command ? SOUK_WORK_IN_TX_STORED : SOUK_WORK_INPUT_COUNT;
    case SOUK_WORK_EVENT_TX_FAILED:
      return event->command == info->watched ? SOUK_WORK_IN_TX_FAILED : SOUK_WORK_INPUT_COUNT;
    case SOUK_WORK_EVENT_FUNDED:
      return unless_known (self->submit_by, event->deadline, refine_funded (self));
    case SOUK_WORK_EVENT_SUBMITTED:
      return unless_known (self->confirm_by, event->deadline, SOUK_WORK_IN_SUBMITTED);
    case SOUK_WORK_EVENT_SETTLED:
      return event->settlement.end == SOUK_END_REFUNDED ? SOUK_WORK_IN_REFUNDED : SOUK_WORK_IN_PAID;
    case SOUK_WORK_EVENT_UNDO_FUNDED:
      return SOUK_WORK_IN_UNDO_FUNDED;
    case SOUK_WORK_EVENT_UNDO_SUBMITTED:
      return SOUK_WORK_IN_UNDO_SUBMITTED;
    case SOUK_WORK_EVENT_UNDO_SETTLED:
      return self->settlement.end != SOUK_END_NONE ? SOUK_WORK_IN_UNDO_SETTLED
                                                   : SOUK_WORK_INPUT_COUNT;
    case SOUK_WORK_EVENT_TIMEOUT:
      return by_price (self, SOUK_WORK_IN_TIMEOUT_FREE, SOUK_WORK_IN_TIMEOUT_PAID);
    }
  g_assert_not_reached ();
}

static void
take_row (SoukWork *self, const SoukWorkRow *row, const SoukWorkEvent *event, SoukWall now)
{
  if (row->action != NULL)
    row->action (self, event);
  if (row->reason != SOUK_WORK_REASON_NONE)
    self->reason = row->reason;
  souk_seen_change (&self->seen, row->seen);
  if (row->to == SOUK_WORK_STAYS)
    return;
  self->phase = row->to == SOUK_WORK_BACK ? self->before : (SoukWorkPhase)row->to;
  g_assert (souk_work_phase_info (self->phase) != NULL);
  souk_timeline_add (&self->timeline, self->phase, now);
  if (row->input == SOUK_WORK_IN_TX_FAILED)
    souk_retry_later (&self->retry, souk_work_phase_info (self->phase)->pause_ms, now);
  else if (row->input != SOUK_WORK_IN_TX_STORED)
    souk_retry_reset (&self->retry);
}

static SoukStatus
command_failed (SoukWork *self, const SoukWorkEvent *event, SoukWall now)
{
  const SoukWorkPhaseInfo *info = souk_work_phase_info (self->phase);
  if (event->command == SOUK_WORK_COMMAND_NONE || event->command != info->command)
    return SOUK_STATUS_STALE_EVENT;
  bool is_last
      = info->tries_max != 0 && (event->is_final || self->retry.tries + 1 >= info->tries_max);
  /* A requester that cannot be told learns it from the refund. */
  const SoukWorkRow *row = souk_work_find_row (
      self->phase, self->phase == SOUK_WORK_REPORTING ? refine_sent (self) : SOUK_WORK_IN_GIVE_UP);
  if (is_last && row != NULL)
    take_row (self, row, event, now);
  else
    souk_retry_later (&self->retry, info->pause_ms, now);
  return SOUK_STATUS_OK;
}

SoukStatus
souk_work_apply (SoukWork *self, const SoukWorkEvent *event, SoukWall now)
{
  if (event->kind == SOUK_WORK_EVENT_COMMAND_FAILED)
    return command_failed (self, event, now);
  SoukWorkInput input = refine (self, event);
  if (input == SOUK_WORK_INPUT_COUNT)
    return SOUK_STATUS_STALE_EVENT;
  const SoukWorkRow *row = souk_work_find_row (self->phase, input);
  if (row == NULL)
    return SOUK_STATUS_STALE_EVENT;
  if (event->kind == SOUK_WORK_EVENT_RECEIPT && !receipt_is_good (self, event))
    return SOUK_STATUS_RECEIPT_BAD;
  take_row (self, row, event, now);
  return SOUK_STATUS_OK;
}

/* ---- commands and time ---- */

SoukWorkCommand
souk_work_next_command (SoukWork *self, SoukWall now)
{
  SoukWorkCommand command = souk_work_phase_info (self->phase)->command;
  if (command == SOUK_WORK_COMMAND_NONE || !souk_retry_take (&self->retry, now))
    return SOUK_WORK_COMMAND_NONE;
  return command;
}

void
souk_work_resume (SoukWork *self)
{
  self->retry.is_issued = false;
  self->retry.due = (SoukWall){ 0 };
}

static SoukWall
at_second (int64_t second, int64_t more)
{
  if (second <= 0 || second > INT64_MAX / SOUK_US_PER_S - GRACE_S)
    return SOUK_WALL_NEVER;
  return souk_wall_from_seconds (second + more);
}

static SoukWall
deadline_of (const SoukWork *self)
{
  SoukWall since = souk_timeline_since (&self->timeline);
  switch (souk_work_phase_info (self->phase)->deadline)
    {
    case SOUK_WORK_DEADLINE_NONE:
      return SOUK_WALL_NEVER;
    case SOUK_WORK_DEADLINE_BID:
      return at_second (self->bid.valid_until, GRACE_S);
    case SOUK_WORK_DEADLINE_JOB:
      return at_second (self->spec->deadline, 0);
    case SOUK_WORK_DEADLINE_RECEIPT:
      return souk_wall_min ((SoukWall){ since.us + RECEIPT_S * SOUK_US_PER_S },
                            at_second (self->submit_by, -SUBMIT_LEFT_S));
    case SOUK_WORK_DEADLINE_SUBMIT:
      return at_second (self->submit_by, GRACE_S);
    case SOUK_WORK_DEADLINE_CLAIM:
      return at_second (self->confirm_by, GRACE_S);
    }
  g_assert_not_reached ();
}

SoukWall
souk_work_deadline (const SoukWork *self, const char **out_then)
{
  *out_then = souk_work_phase_info (self->phase)->then;
  return deadline_of (self);
}

/* The deadline, where something happens at it. */
static SoukWall
acting_deadline (const SoukWork *self)
{
  SoukWorkInput input = by_price (self, SOUK_WORK_IN_TIMEOUT_FREE, SOUK_WORK_IN_TIMEOUT_PAID);
  return souk_work_find_row (self->phase, input) != NULL ? deadline_of (self) : SOUK_WALL_NEVER;
}

SoukWall
souk_work_wake (const SoukWork *self)
{
  SoukWall wake = acting_deadline (self);
  if (souk_work_phase_info (self->phase)->command != SOUK_WORK_COMMAND_NONE
      && !self->retry.is_issued)
    wake = souk_wall_min (wake, self->retry.due);
  return wake;
}

bool
souk_work_tick (SoukWork *self, SoukWall now)
{
  bool has_changed = false;
  while (acting_deadline (self).us <= now.us)
    {
      SoukWorkEvent timeout = { .kind = SOUK_WORK_EVENT_TIMEOUT };
      SoukStatus status = souk_work_apply (self, &timeout, now);
      g_assert (status == SOUK_STATUS_OK);
      has_changed = true;
    }
  return has_changed;
}

bool
souk_work_is_live (const SoukWork *self)
{
  const uint64_t live = UINT64_C (1) << SOUK_WORK_WAITING_FUNDS | UINT64_C (1) << SOUK_WORK_STAGING
                        | UINT64_C (1) << SOUK_WORK_RUNNING | UINT64_C (1) << SOUK_WORK_UPLOADING;
  return (live >> self->phase & 1) != 0;
}

bool
souk_work_is_over (const SoukWork *self)
{
  const uint64_t over = UINT64_C (1) << SOUK_WORK_SETTLED | UINT64_C (1) << SOUK_WORK_REFUNDED
                        | UINT64_C (1) << SOUK_WORK_LOST | UINT64_C (1) << SOUK_WORK_CANCELLED
                        | UINT64_C (1) << SOUK_WORK_FAILED;
  return (over >> self->phase & 1) != 0;
}

SoukWorkCommand
souk_work_watched (const SoukWork *self)
{
  return souk_work_phase_info (self->phase)->watched;
}
