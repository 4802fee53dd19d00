/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The money of one attempt at a job. PURE. See job.h and job-table.h.
 *
 * HELD while its provider works; then OWED, when the provider has our receipt, or ABANDONED, when
 * it failed. An abandoned deal is refunded after the contract's deadline; an owed one that the
 * provider never settles is released by us just before that deadline.
 */
#include "market/job-table.h"

#include <string.h>

#define GRACE_S 15
#define RELEASE_BEFORE_S 60

#define ON(phase) (UINT64_C (1) << SOUK_DEAL_##phase)
#define IN(input) SOUK_DEAL_IN_##input
#define TO(phase) SOUK_DEAL_##phase

#define LEAVING (ON (ABANDONED) | ON (REFUND_DUE) | ON (REFUNDING))
#define PAYING (ON (OWED) | ON (RELEASE_DUE) | ON (RELEASING))
#define OPEN (ON (FUNDING) | ON (HELD) | LEAVING | PAYING)

static const SoukDealRow rows[] = {
  { ON (FUNDING), IN (FUNDED), TO (HELD) },
  { ON (FUNDING) | ON (ABANDONED), IN (FUND_FAILED), TO (VOID) },
  /* The chain is the truth: what was given up is in it all the same. */
  { ON (VOID), IN (FUNDED), TO (ABANDONED) },
  { ON (ABANDONED) | PAYING, IN (FUNDED), SOUK_DEAL_STAYS },
  { ON (FUNDING) | ON (HELD), IN (ABANDON), TO (ABANDONED) },
  { ON (FUNDING) | ON (HELD), IN (OWE), TO (OWED) },
  { ON (HELD) | ON (ABANDONED) | PAYING, IN (SUBMITTED), SOUK_DEAL_STAYS },
  /* A result that is on chain cannot be refunded by us any more. */
  { ON (REFUND_DUE) | ON (REFUNDING), IN (SUBMITTED), TO (ABANDONED) },
  { ON (ABANDONED), IN (TIMEOUT), TO (REFUND_DUE) },
  { ON (REFUND_DUE), IN (TX_STORED), TO (REFUNDING) },
  { ON (REFUNDING), IN (TX_FAILED), TO (REFUND_DUE) },
  { ON (OWED), IN (TIMEOUT), TO (RELEASE_DUE) },
  { ON (RELEASE_DUE), IN (TX_STORED), TO (RELEASING) },
  { ON (RELEASING), IN (TX_FAILED), TO (RELEASE_DUE) },
  { OPEN, IN (PAID), TO (PAID) },
  { OPEN, IN (REFUNDED), TO (REFUNDED) },
  { ON (HELD), IN (UNDO_FUNDED), TO (FUNDING) },
  { LEAVING, IN (UNDO_FUNDED), TO (ABANDONED) },
  { PAYING, IN (UNDO_FUNDED), TO (OWED) },
  { ON (HELD) | ON (ABANDONED) | PAYING, IN (UNDO_SUBMITTED), SOUK_DEAL_STAYS },
  { ON (PAID) | ON (REFUNDED), IN (UNDO_SETTLED), SOUK_DEAL_BACK },
};

const SoukDealRow *
souk_deal_rows (size_t *out_count)
{
  *out_count = G_N_ELEMENTS (rows);
  return rows;
}

const SoukDealRow *
souk_deal_find_row (SoukDealPhase phase, SoukDealInput input)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].input == input && (rows[i].from >> phase & 1) != 0)
      return &rows[i];
  return NULL;
}

static const SoukDealPhaseInfo phases[SOUK_DEAL_PHASE_COUNT] = {
#define PHASE_ROW(number, symbol, name, command, watched)                                          \
  [number] = { name, SOUK_JOB_COMMAND_##command, SOUK_JOB_COMMAND_##watched },
  SOUK_DEAL_PHASES (PHASE_ROW)
#undef PHASE_ROW
};

const SoukDealPhaseInfo *
souk_deal_phase_info (unsigned phase)
{
  return phase < SOUK_DEAL_PHASE_COUNT && phases[phase].name != NULL ? &phases[phase] : NULL;
}

const char *
souk_deal_phase_name (SoukDealPhase phase)
{
  g_assert (souk_deal_phase_info (phase) != NULL);
  return phases[phase].name;
}

bool
souk_deal_is_open (const SoukJobDeal *self)
{
  return (OPEN >> self->phase & 1) != 0;
}

/* A log that is read again tells what is known. */
static bool
is_known (const SoukJobDeal *self, SoukDealInput input, const SoukJobEvent *event)
{
  if (input == SOUK_DEAL_IN_FUNDED)
    return self->submit_by == event->deadline;
  if (input == SOUK_DEAL_IN_SUBMITTED)
    return self->confirm_by == event->deadline;
  return false;
}

static void
note (SoukJobDeal *self, SoukDealInput input, const SoukJobEvent *event)
{
  switch (input)
    {
    case SOUK_DEAL_IN_FUNDED:
      self->submit_by = event->deadline;
      return;
    case SOUK_DEAL_IN_SUBMITTED:
      self->confirm_by = event->deadline;
      return;
    case SOUK_DEAL_IN_TX_STORED:
      self->has_tx[event->command] = true;
      memcpy (self->tx[event->command], event->hash, SOUK_HASH_SIZE);
      return;
    case SOUK_DEAL_IN_PAID:
    case SOUK_DEAL_IN_REFUNDED:
      self->before = self->phase;
      self->settlement = event->settlement;
      return;
    case SOUK_DEAL_IN_UNDO_FUNDED:
      self->submit_by = 0;
      self->confirm_by = 0;
      return;
    case SOUK_DEAL_IN_UNDO_SUBMITTED:
      self->confirm_by = 0;
      return;
    case SOUK_DEAL_IN_UNDO_SETTLED:
      self->settlement = (SoukSettlement){ 0 };
      return;
    case SOUK_DEAL_IN_FUND_FAILED:
    case SOUK_DEAL_IN_ABANDON:
    case SOUK_DEAL_IN_OWE:
    case SOUK_DEAL_IN_TIMEOUT:
    case SOUK_DEAL_IN_TX_FAILED:
      return;
    case SOUK_DEAL_INPUT_COUNT:
      break;
    }
  g_assert_not_reached ();
}

bool
souk_deal_apply (SoukJobDeal *self, SoukDealInput input, const SoukJobEvent *event, SoukWall now)
{
  const SoukDealRow *row = souk_deal_find_row (self->phase, input);
  if (row == NULL || (row->to == SOUK_DEAL_STAYS && is_known (self, input, event)))
    return false;
  note (self, input, event);
  if (row->to == SOUK_DEAL_STAYS)
    return true;
  self->phase = row->to == SOUK_DEAL_BACK ? self->before : (SoukDealPhase)row->to;
  if (input == SOUK_DEAL_IN_TX_FAILED)
    souk_retry_later (&self->retry, SOUK_DEAL_PAUSE_MS, now);
  else if (input != SOUK_DEAL_IN_TX_STORED)
    souk_retry_reset (&self->retry);
  return true;
}

SoukWall
souk_deal_deadline (const SoukJobDeal *self)
{
  bool can_end = self->submit_by > 0 && self->submit_by < INT64_MAX / SOUK_US_PER_S - GRACE_S;
  if (!can_end)
    return SOUK_WALL_NEVER;
  if (self->phase == SOUK_DEAL_ABANDONED && self->confirm_by == 0)
    return souk_wall_from_seconds (self->submit_by + GRACE_S);
  if (self->phase == SOUK_DEAL_OWED)
    return souk_wall_from_seconds (self->submit_by - RELEASE_BEFORE_S);
  return SOUK_WALL_NEVER;
}

SoukWall
souk_deal_wake (const SoukJobDeal *self)
{
  SoukWall wake = souk_deal_deadline (self);
  if (souk_deal_phase_info (self->phase)->command != SOUK_JOB_COMMAND_NONE
      && !self->retry.is_issued)
    wake = souk_wall_min (wake, self->retry.due);
  return wake;
}
