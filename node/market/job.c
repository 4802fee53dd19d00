/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The job machine: its life. PURE. See job.h; the rows are in job-table.c and job-deal.c.
 */
#include "market/job.h"

#include "market/job-table.h"

#include <string.h>

#define FETCH_S 600
/* An attempt that starts so shortly before the job's deadline cannot end before it. */
#define RETRY_LEFT_S 30

/* ---- making and freeing ---- */

SoukJob *
souk_job_new (const SoukRecord *record, const SoukJobSpec *spec, SoukWei exposure_max, SoukWall now,
              SoukRng *rng)
{
  g_assert (souk_wei_compare (exposure_max, spec->max_price) >= 0);
  SoukJob *self = g_new0 (SoukJob, 1);
  SoukStatus status
      = souk_record_decode_kept (souk_slice_from_bytes (record->bytes), &self->record);
  g_assert (status == SOUK_STATUS_OK);
  status = souk_job_spec_from_record (self->record, &self->spec);
  g_assert (status == SOUK_STATUS_OK);
  souk_rng_fill (rng, self->id, sizeof self->id);
  souk_bid_expected_of (&self->expected, self->record, self->spec);
  self->exposure_max = exposure_max;
  self->phase = SOUK_JOB_DRAFT;
  self->current = -1;
  souk_timeline_add (&self->timeline, self->phase, now);
  return self;
}

void
souk_job_free (SoukJob *self)
{
  if (self == NULL)
    return;
  souk_record_free (self->record);
  souk_job_spec_free (self->spec);
  for (size_t i = 0; i < self->bid_count; i++)
    g_free (self->bids[i]);
  g_free (self);
}

/* ---- what it holds ---- */

const SoukJobBid *
souk_job_current_bid (const SoukJob *self)
{
  return self->current >= 0 ? self->bids[self->current] : NULL;
}

ptrdiff_t
souk_job_current_deal (const SoukJob *self)
{
  for (size_t i = 0; i < self->deal_count; i++)
    if ((ptrdiff_t)self->deals[i].bid == self->current)
      return (ptrdiff_t)i;
  return -1;
}

static bool
has_open_deal (const SoukJob *self)
{
  for (size_t i = 0; i < self->deal_count; i++)
    if (souk_deal_is_open (&self->deals[i]))
      return true;
  return false;
}

bool
souk_job_receipt (const SoukJob *self, SoukReceiptTerms *out)
{
  ptrdiff_t deal = souk_job_current_deal (self);
  if ((self->phase != SOUK_JOB_ACCEPTED && self->phase != SOUK_JOB_SETTLING) || deal < 0)
    return false;
  memcpy (out->id, souk_job_current_bid (self)->deal, sizeof out->id);
  souk_result_hash (out->result_hash, &self->result.cid);
  out->amount = souk_wei_to_u256 (self->receipt_amount);
  return true;
}

bool
souk_job_is_over (const SoukJob *self)
{
  const SoukJobPhaseInfo *info = souk_job_phase_info (self->phase);
  switch (self->phase)
    {
    case SOUK_JOB_SETTLED:
    case SOUK_JOB_NO_BIDS:
    case SOUK_JOB_REFUNDED:
    case SOUK_JOB_TIMED_OUT:
    case SOUK_JOB_CANCELLED:
    case SOUK_JOB_FAILED:
      g_assert (info->command == SOUK_JOB_COMMAND_NONE);
      return !has_open_deal (self);
    case SOUK_JOB_DRAFT:
    case SOUK_JOB_POSTED:
    case SOUK_JOB_BIDDING:
    case SOUK_JOB_AWARDING:
    case SOUK_JOB_AWARDED:
    case SOUK_JOB_FUNDING:
    case SOUK_JOB_FUNDED:
    case SOUK_JOB_STAGING:
    case SOUK_JOB_RUNNING:
    case SOUK_JOB_RESULT_COMMITTED:
    case SOUK_JOB_ACCEPTED:
    case SOUK_JOB_SETTLING:
    case SOUK_JOB_PROVIDER_LOST:
    case SOUK_JOB_REFUNDING:
      return false;
    case SOUK_JOB_PHASE_COUNT:
      break;
    }
  g_assert_not_reached ();
}

/* ---- steps ---- */

static SoukStatus
take (SoukJob *self, SoukJobInput input, const SoukJobEvent *event, SoukWall now)
{
  const SoukJobRow *row = souk_job_find_row (self->phase, input);
  if (row == NULL)
    return SOUK_STATUS_STALE_EVENT;
  if (row->action != NULL)
    row->action (self, event, now);
  souk_seen_change (&self->seen, row->seen);
  if (row->to != 0)
    {
      self->phase = (SoukJobPhase)row->to;
      souk_retry_reset (&self->retry);
      souk_timeline_add (&self->timeline, row->to, now);
    }
  return SOUK_STATUS_OK;
}

static void
set_reason (SoukJob *self, SoukJobReason reason, const char *detail)
{
  self->reason = reason;
  souk_sentence_copy (self->detail, sizeof self->detail, detail);
}

static void
abandon_deal (SoukJob *self, SoukWall now)
{
  ptrdiff_t deal = souk_job_current_deal (self);
  if (deal >= 0)
    souk_deal_apply (&self->deals[deal], SOUK_DEAL_IN_ABANDON, NULL, now);
}

/* The job ends: at once when no money is bound, else when all of it is back. */
static SoukStatus
end (SoukJob *self, SoukJobInput closed, SoukJobReason reason, const char *detail, SoukWall now)
{
  SoukJobInput input = has_open_deal (self) ? SOUK_JOB_IN_END_OPEN : closed;
  if (souk_job_find_row (self->phase, input) == NULL)
    return SOUK_STATUS_STALE_EVENT;
  abandon_deal (self, now); /* which leaves it open */
  set_reason (self, reason, detail);
  return take (self, input, NULL, now);
}

static bool
can_retry (const SoukJob *self, SoukWall now)
{
  return self->attempt < SOUK_JOB_ATTEMPTS_MAX
         && souk_wall_seconds (now) + RETRY_LEFT_S < self->spec->deadline;
}

/* True when another attempt keeps the money that is bound at once below the person's limit. */
static bool
fits_exposure (const SoukJob *self)
{
  SoukWei bound = self->spec->max_price;
  for (size_t i = 0; i < self->deal_count; i++)
    {
      const SoukJobDeal *deal = &self->deals[i];
      if (souk_deal_is_open (deal)
          && souk_wei_add (bound, self->bids[deal->bid]->bid.price, &bound) != SOUK_STATUS_OK)
        return false;
    }
  return souk_wei_compare (bound, self->exposure_max) <= 0;
}

/* The current provider failed. It is barred, and another is tried if there is a way. */
static SoukStatus
fault (SoukJob *self, SoukJobReason reason, const char *detail, SoukWall now)
{
  if (souk_job_find_row (self->phase, SOUK_JOB_IN_WAIT) == NULL)
    return SOUK_STATUS_STALE_EVENT;
  const char *words = detail != NULL ? detail : souk_job_reason_sentence (reason);
  abandon_deal (self, now);
  souk_job_drop_current (self, SOUK_BID_FAULTY, words);
  if (!can_retry (self, now))
    return end (self, SOUK_JOB_IN_END_FAILED, reason, words, now);
  set_reason (self, reason, words);
  return take (self, fits_exposure (self) ? SOUK_JOB_IN_RETRY : SOUK_JOB_IN_WAIT, NULL, now);
}

static SoukStatus
choose (SoukJob *self, SoukWall now)
{
  if (self->attempt < SOUK_JOB_ATTEMPTS_MAX && souk_job_choose (self, now))
    return take (self, SOUK_JOB_IN_CHOSEN, NULL, now);
  SoukJobReason reason
      = souk_job_had_bids (self) ? SOUK_JOB_REASON_ALL_DECLINED : SOUK_JOB_REASON_NO_BIDS;
  return end (self, SOUK_JOB_IN_END_NO_BIDS, reason, NULL, now);
}

static SoukStatus
try_next (SoukJob *self, const char *why, SoukWall now)
{
  souk_job_drop_current (self, SOUK_BID_DECLINED, why);
  return choose (self, now);
}

/* ---- events of the person and the mesh ---- */

static SoukStatus
on_cancel (SoukJob *self, SoukWall now)
{
  /* Who has a provider's result in hand owes for it. */
  if (self->phase == SOUK_JOB_RESULT_COMMITTED)
    return SOUK_STATUS_STALE_EVENT;
  return end (self, SOUK_JOB_IN_END_CANCELLED, SOUK_JOB_REASON_CANCELLED, NULL, now);
}

static SoukStatus
on_refused (SoukJob *self, const SoukJobEvent *event, SoukWall now)
{
  const char *why = event->detail != NULL ? event->detail : "It declined.";
  if (self->phase == SOUK_JOB_AWARDING || self->phase == SOUK_JOB_AWARDED)
    return try_next (self, why, now);
  return fault (self, SOUK_JOB_REASON_PROVIDER_FAILED, why, now);
}

static SoukStatus
on_result (SoukJob *self, const SoukJobEvent *event, SoukWall now)
{
  uint8_t hash[SOUK_HASH_SIZE];
  if (souk_job_find_row (self->phase, SOUK_JOB_IN_RESULT) == NULL)
    return SOUK_STATUS_STALE_EVENT;
  if (souk_job_failure_is_providers (event->result->failure))
    return fault (self, SOUK_JOB_REASON_PROVIDER_FAILED,
                  souk_job_failure_sentence (event->result->failure), now);
  souk_result_hash (hash, &event->result->cid);
  if (memcmp (hash, event->hash, sizeof hash) != 0)
    return fault (self, SOUK_JOB_REASON_RESULT_BAD, NULL, now);
  return take (self, SOUK_JOB_IN_RESULT, event, now);
}

static SoukStatus
on_receipt_sent (SoukJob *self, SoukWall now)
{
  ptrdiff_t deal = souk_job_current_deal (self);
  bool is_last = deal < 0 || !souk_deal_is_open (&self->deals[deal]);
  return take (self, is_last ? SOUK_JOB_IN_SENT_LAST : SOUK_JOB_IN_SENT_PAID, NULL, now);
}

/* ---- events of the chain ---- */

/* Money that was waited for is all back, or gone. */
static SoukStatus
money_came_back (SoukJob *self, SoukWall now)
{
  if (self->phase == SOUK_JOB_PROVIDER_LOST && can_retry (self, now) && fits_exposure (self))
    return take (self, SOUK_JOB_IN_RETRY, NULL, now);
  if (has_open_deal (self) || souk_job_find_row (self->phase, SOUK_JOB_IN_ALL_REFUNDED) == NULL)
    return SOUK_STATUS_OK;
  for (size_t i = 0; i < self->deal_count; i++)
    if (self->deals[i].phase == SOUK_DEAL_PAID)
      {
        self->reason = SOUK_JOB_REASON_PAID_FOR_NOTHING;
        return take (self, SOUK_JOB_IN_ALL_CLOSED, NULL, now);
      }
  return take (self, SOUK_JOB_IN_ALL_REFUNDED, NULL, now);
}

/* What a deal's step means for the job. */
static SoukStatus
follow_deal (SoukJob *self, size_t index, SoukDealInput input, const SoukJobEvent *event,
             SoukWall now)
{
  bool is_current = souk_job_current_deal (self) == (ptrdiff_t)index;
  switch (input)
    {
    case SOUK_DEAL_IN_FUNDED:
      if (is_current)
        (void)take (self, SOUK_JOB_IN_FUNDED, event, now);
      return SOUK_STATUS_OK;
    case SOUK_DEAL_IN_UNDO_FUNDED:
      if (is_current)
        (void)take (self, SOUK_JOB_IN_FUND_UNDONE, event, now);
      return SOUK_STATUS_OK;
    case SOUK_DEAL_IN_FUND_FAILED:
      if (is_current && self->phase == SOUK_JOB_FUNDING)
        {
          set_reason (self, SOUK_JOB_REASON_FUND_FAILED, event->detail);
          return take (self, has_open_deal (self) ? SOUK_JOB_IN_END_OPEN : SOUK_JOB_IN_END_FAILED,
                       NULL, now);
        }
      return money_came_back (self, now);
    case SOUK_DEAL_IN_REFUNDED:
      if (is_current && souk_job_find_row (self->phase, SOUK_JOB_IN_WAIT) != NULL)
        return fault (self, SOUK_JOB_REASON_PROVIDER_GAVE_UP, NULL, now);
      if (is_current)
        (void)take (self, SOUK_JOB_IN_CLOSED, event, now);
      return money_came_back (self, now);
    case SOUK_DEAL_IN_PAID:
      if (is_current)
        (void)take (self, SOUK_JOB_IN_CLOSED, event, now);
      return money_came_back (self, now);
    case SOUK_DEAL_IN_UNDO_SETTLED:
      if (is_current || self->phase != SOUK_JOB_SETTLED)
        (void)take (self, SOUK_JOB_IN_REOPENED, event, now);
      return SOUK_STATUS_OK;
    case SOUK_DEAL_IN_SUBMITTED:
    case SOUK_DEAL_IN_UNDO_SUBMITTED:
    case SOUK_DEAL_IN_TX_STORED:
    case SOUK_DEAL_IN_TX_FAILED:
    case SOUK_DEAL_IN_ABANDON:
    case SOUK_DEAL_IN_OWE:
    case SOUK_DEAL_IN_TIMEOUT:
      return SOUK_STATUS_OK;
    case SOUK_DEAL_INPUT_COUNT:
      break;
    }
  g_assert_not_reached ();
}

static SoukStatus
deal_event (SoukJob *self, size_t index, SoukDealInput input, const SoukJobEvent *event,
            SoukWall now)
{
  if (index >= self->deal_count || !souk_deal_apply (&self->deals[index], input, event, now))
    return SOUK_STATUS_STALE_EVENT;
  return follow_deal (self, index, input, event, now);
}

static SoukStatus
chain_event (SoukJob *self, SoukDealInput input, const SoukJobEvent *event, SoukWall now)
{
  for (size_t i = 0; i < self->deal_count; i++)
    if (memcmp (self->bids[self->deals[i].bid]->deal, event->hash, SOUK_HASH_SIZE) == 0)
      return deal_event (self, i, input, event, now);
  return SOUK_STATUS_STALE_EVENT;
}

static SoukStatus
on_tx (SoukJob *self, const SoukJobEvent *event, SoukWall now)
{
  bool is_stored = event->kind == SOUK_JOB_EVENT_TX_STORED;
  if (event->command == SOUK_JOB_COMMAND_SUBMIT_FUND)
    return is_stored ? take (self, SOUK_JOB_IN_FUND_STORED, event, now)
                     : deal_event (self, event->deal_index, SOUK_DEAL_IN_FUND_FAILED, event, now);
  if (event->deal_index >= self->deal_count)
    return SOUK_STATUS_STALE_EVENT;
  const SoukDealPhaseInfo *info = souk_deal_phase_info (self->deals[event->deal_index].phase);
  if (event->command != (is_stored ? info->command : info->watched))
    return SOUK_STATUS_STALE_EVENT;
  return deal_event (self, event->deal_index,
                     is_stored ? SOUK_DEAL_IN_TX_STORED : SOUK_DEAL_IN_TX_FAILED, event, now);
}

/* ---- commands that fail ---- */

static SoukStatus
give_up (SoukJob *self, const SoukJobEvent *event, SoukWall now)
{
  switch (self->phase)
    {
    case SOUK_JOB_AWARDING:
      return try_next (self, "It could not be reached.", now);
    case SOUK_JOB_AWARDED:
      return end (self, SOUK_JOB_IN_END_FAILED, event->reason, event->detail, now);
    case SOUK_JOB_ACCEPTED:
      /* A receipt that nobody takes ends a free job; a priced one is settled by its deal. */
      return on_receipt_sent (self, now);
    case SOUK_JOB_DRAFT:
    case SOUK_JOB_POSTED:
    case SOUK_JOB_BIDDING:
    case SOUK_JOB_FUNDING:
    case SOUK_JOB_FUNDED:
    case SOUK_JOB_STAGING:
    case SOUK_JOB_RUNNING:
    case SOUK_JOB_RESULT_COMMITTED:
    case SOUK_JOB_SETTLING:
    case SOUK_JOB_SETTLED:
    case SOUK_JOB_NO_BIDS:
    case SOUK_JOB_PROVIDER_LOST:
    case SOUK_JOB_REFUNDING:
    case SOUK_JOB_REFUNDED:
    case SOUK_JOB_TIMED_OUT:
    case SOUK_JOB_CANCELLED:
    case SOUK_JOB_FAILED:
    case SOUK_JOB_PHASE_COUNT:
      break;
    }
  g_assert_not_reached ();
}

static SoukStatus
command_failed (SoukJob *self, const SoukJobEvent *event, SoukWall now)
{
  const SoukJobPhaseInfo *info = souk_job_phase_info (self->phase);
  if (event->command == SOUK_JOB_COMMAND_NONE)
    return SOUK_STATUS_STALE_EVENT;
  if (event->command == info->command)
    {
      bool can_give_up = info->tries_max != 0;
      if (can_give_up && (event->is_final || self->retry.tries + 1 >= info->tries_max))
        return give_up (self, event, now);
      souk_retry_later (&self->retry, info->pause_ms, now);
      return SOUK_STATUS_OK;
    }
  if (event->deal_index >= self->deal_count)
    return SOUK_STATUS_STALE_EVENT;
  SoukJobDeal *deal = &self->deals[event->deal_index];
  if (souk_deal_phase_info (deal->phase)->command != event->command)
    return SOUK_STATUS_STALE_EVENT;
  souk_retry_later (&deal->retry, SOUK_DEAL_PAUSE_MS, now);
  return SOUK_STATUS_OK;
}

/* ---- time ---- */

static SoukWall
bid_end (const SoukJob *self)
{
  const SoukJobBid *bid = souk_job_current_bid (self);
  return bid == NULL ? SOUK_WALL_NEVER
                     : souk_wall_from_seconds (bid->bid.valid_until - SOUK_BID_LEFT_S_MIN);
}

static SoukWall
after_phase_start (const SoukJob *self, int64_t ms)
{
  return (SoukWall){ souk_timeline_since (&self->timeline).us + ms * SOUK_US_PER_MS };
}

static SoukWall
deadline_of (const SoukJob *self, SoukJobDeadline kind)
{
  SoukWall job_end = souk_wall_from_seconds (self->spec->deadline);
  switch (kind)
    {
    case SOUK_JOB_DEADLINE_NONE:
      return SOUK_WALL_NEVER;
    case SOUK_JOB_DEADLINE_JOB:
      return job_end;
    case SOUK_JOB_DEADLINE_BIDS:
      return self->bids_until;
    case SOUK_JOB_DEADLINE_AWARD:
      return after_phase_start (self, SOUK_AWARD_ANSWER_MS);
    case SOUK_JOB_DEADLINE_BID:
      return souk_wall_min (bid_end (self), job_end);
    case SOUK_JOB_DEADLINE_HEARD:
      return souk_wall_min ((SoukWall){ self->heard.us + SOUK_LOST_MS * SOUK_US_PER_MS }, job_end);
    case SOUK_JOB_DEADLINE_FETCH:
      return after_phase_start (self, FETCH_S * 1000);
    }
  g_assert_not_reached ();
}

static SoukStatus
on_timeout (SoukJob *self, SoukWall now)
{
  bool is_late = souk_wall_seconds (now) >= self->spec->deadline;
  SoukJobDeadline deadline = souk_job_phase_info (self->phase)->deadline;
  /* A result that is there already is taken, however late it is fetched. */
  if (is_late && deadline != SOUK_JOB_DEADLINE_NONE && deadline != SOUK_JOB_DEADLINE_FETCH)
    return end (self, SOUK_JOB_IN_END_LATE, SOUK_JOB_REASON_TIMED_OUT, NULL, now);
  switch (deadline)
    {
    case SOUK_JOB_DEADLINE_NONE:
    case SOUK_JOB_DEADLINE_JOB:
      return SOUK_STATUS_STALE_EVENT;
    case SOUK_JOB_DEADLINE_BIDS:
      return choose (self, now);
    case SOUK_JOB_DEADLINE_AWARD:
      return try_next (self, "It did not answer.", now);
    case SOUK_JOB_DEADLINE_BID:
      return try_next (self, "It ran out before it was paid.", now);
    case SOUK_JOB_DEADLINE_HEARD:
      return fault (self, SOUK_JOB_REASON_PROVIDER_LOST, NULL, now);
    case SOUK_JOB_DEADLINE_FETCH:
      return fault (self, SOUK_JOB_REASON_RESULT_MISSING, NULL, now);
    }
  g_assert_not_reached ();
}

SoukWall
souk_job_deadline (const SoukJob *self, const char **out_then)
{
  const SoukJobPhaseInfo *info = souk_job_phase_info (self->phase);
  *out_then = info->then;
  return deadline_of (self, info->deadline);
}

SoukWall
souk_job_wake (const SoukJob *self)
{
  const SoukJobPhaseInfo *info = souk_job_phase_info (self->phase);
  SoukWall wake = deadline_of (self, info->deadline);
  if (info->command != SOUK_JOB_COMMAND_NONE && !self->retry.is_issued)
    wake = souk_wall_min (wake, self->retry.due);
  for (size_t i = 0; i < self->deal_count; i++)
    wake = souk_wall_min (wake, souk_deal_wake (&self->deals[i]));
  return wake;
}

bool
souk_job_tick (SoukJob *self, SoukWall now)
{
  bool has_changed = false;
  /* Each step leaves the phase whose deadline passed; a round ends with a deadline in the future. */
  while (deadline_of (self, souk_job_phase_info (self->phase)->deadline).us <= now.us)
    {
      SoukStatus status = on_timeout (self, now);
      g_assert (status == SOUK_STATUS_OK);
      has_changed = true;
    }
  for (size_t i = 0; i < self->deal_count; i++)
    if (souk_deal_deadline (&self->deals[i]).us <= now.us)
      has_changed |= souk_deal_apply (&self->deals[i], SOUK_DEAL_IN_TIMEOUT, NULL, now);
  return has_changed;
}

bool
souk_job_next_command (SoukJob *self, SoukWall now, SoukJobOrder *out)
{
  ptrdiff_t current = souk_job_current_deal (self);
  SoukJobCommand command = souk_job_phase_info (self->phase)->command;
  if (command != SOUK_JOB_COMMAND_NONE && souk_retry_take (&self->retry, now))
    {
      *out = (SoukJobOrder){ command, (size_t)MAX (current, 0) };
      return true;
    }
  for (size_t i = 0; i < self->deal_count; i++)
    {
      command = souk_deal_phase_info (self->deals[i].phase)->command;
      if (command == SOUK_JOB_COMMAND_NONE || !souk_retry_take (&self->deals[i].retry, now))
        continue;
      *out = (SoukJobOrder){ command, i };
      return true;
    }
  return false;
}

void
souk_job_resume (SoukJob *self, SoukWall now)
{
  self->retry.is_issued = false;
  self->retry.due = (SoukWall){ 0 };
  self->heard = now;
  for (size_t i = 0; i < self->deal_count; i++)
    {
      self->deals[i].retry.is_issued = false;
      self->deals[i].retry.due = (SoukWall){ 0 };
    }
}

void
souk_job_heard (SoukJob *self, SoukWall now)
{
  self->heard = now;
}

bool
souk_job_is_suspect (const SoukJob *self, SoukWall now)
{
  return souk_job_phase_info (self->phase)->deadline == SOUK_JOB_DEADLINE_HEARD
         && now.us - self->heard.us > SOUK_SUSPECT_MS * SOUK_US_PER_MS;
}

/* ---- the door ---- */

SoukStatus
souk_job_apply (SoukJob *self, const SoukJobEvent *event, SoukWall now)
{
  const SoukJobBid *bid = souk_job_current_bid (self);
  switch (event->kind)
    {
    case SOUK_JOB_EVENT_START:
      return take (self, SOUK_JOB_IN_START, event, now);
    case SOUK_JOB_EVENT_CANCEL:
      return on_cancel (self, now);
    case SOUK_JOB_EVENT_PUBLISHED:
      return take (self, SOUK_JOB_IN_PUBLISHED, event, now);
    case SOUK_JOB_EVENT_BID:
      SOUK_TRY (souk_job_add_bid (self, event, now));
      return take (self, SOUK_JOB_IN_BID, event, now);
    case SOUK_JOB_EVENT_AWARD_ACK:
      return take (self,
                   bid != NULL && bid->bid.has_terms ? SOUK_JOB_IN_ACK_PAID : SOUK_JOB_IN_ACK_FREE,
                   event, now);
    case SOUK_JOB_EVENT_REFUSED:
      return on_refused (self, event, now);
    case SOUK_JOB_EVENT_STAGING:
      self->heard = now;
      return take (self, SOUK_JOB_IN_STAGING, event, now);
    case SOUK_JOB_EVENT_RUNNING:
      self->heard = now;
      /* A heartbeat that says nothing new is not worth a write. */
      if (self->phase == SOUK_JOB_RUNNING && self->percent == MIN (event->percent, 100))
        return SOUK_STATUS_STALE_EVENT;
      return take (self, SOUK_JOB_IN_RUNNING, event, now);
    case SOUK_JOB_EVENT_RESULT:
      return on_result (self, event, now);
    case SOUK_JOB_EVENT_FETCHED:
      return take (self, SOUK_JOB_IN_FETCHED, event, now);
    case SOUK_JOB_EVENT_RECEIPT_SENT:
      return on_receipt_sent (self, now);
    case SOUK_JOB_EVENT_COMMAND_FAILED:
      return command_failed (self, event, now);
    case SOUK_JOB_EVENT_TX_STORED:
    case SOUK_JOB_EVENT_TX_FAILED:
      return on_tx (self, event, now);
    case SOUK_JOB_EVENT_FUNDED:
      return chain_event (self, SOUK_DEAL_IN_FUNDED, event, now);
    case SOUK_JOB_EVENT_SUBMITTED:
      return chain_event (self, SOUK_DEAL_IN_SUBMITTED, event, now);
    case SOUK_JOB_EVENT_SETTLED:
      return chain_event (self,
                          event->settlement.end == SOUK_END_REFUNDED ? SOUK_DEAL_IN_REFUNDED
                                                                     : SOUK_DEAL_IN_PAID,
                          event, now);
    case SOUK_JOB_EVENT_UNDO_FUNDED:
      return chain_event (self, SOUK_DEAL_IN_UNDO_FUNDED, event, now);
    case SOUK_JOB_EVENT_UNDO_SUBMITTED:
      return chain_event (self, SOUK_DEAL_IN_UNDO_SUBMITTED, event, now);
    case SOUK_JOB_EVENT_UNDO_SETTLED:
      return chain_event (self, SOUK_DEAL_IN_UNDO_SETTLED, event, now);
    case SOUK_JOB_EVENT_TIMEOUT:
      return on_timeout (self, now);
    }
  g_assert_not_reached ();
}
