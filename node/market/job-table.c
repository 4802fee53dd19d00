/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The job machine's rows. PURE. See job.h and job-table.h.
 *
 * Read a row as: in any of these phases, when this comes, do the action, go there. Why a job ends
 * is in its reason, which is set before the row is taken.
 */
#include "market/job-table.h"

#include <string.h>

#define ON(phase) (UINT64_C (1) << SOUK_JOB_##phase)
#define IN(input) SOUK_JOB_IN_##input
#define TO(phase) SOUK_JOB_##phase
#define STAYS 0
#define KEEPS SOUK_SEEN_KEEPS
#define NOTHING SOUK_SEEN_BECOMES_NOTHING
#define SENT SOUK_SEEN_BECOMES_SENT
#define SEEN SOUK_SEEN_BECOMES_SEEN

/* ---- actions ---- */

static void
open_bids (SoukJob *self, const SoukJobEvent *event, SoukWall now)
{
  self->bids_until.us = now.us + self->spec->bid_window_ms * SOUK_US_PER_MS;
}

static void
start_attempt (SoukJob *self, const SoukJobEvent *event, SoukWall now)
{
  self->attempt++;
  self->heard = now;
  self->percent = 0;
}

static void
open_deal (SoukJob *self, const SoukJobEvent *event, SoukWall now)
{
  g_assert (self->deal_count < SOUK_JOB_ATTEMPTS_MAX);
  SoukJobDeal *deal = &self->deals[self->deal_count++];
  *deal = (SoukJobDeal){ .bid = (uint32_t)self->current, .phase = SOUK_DEAL_FUNDING };
  deal->has_tx[event->command] = true;
  memcpy (deal->tx[event->command], event->hash, SOUK_HASH_SIZE);
}

static void
hear (SoukJob *self, const SoukJobEvent *event, SoukWall now)
{
  self->heard = now;
}

static void
keep_percent (SoukJob *self, const SoukJobEvent *event, SoukWall now)
{
  self->percent = MIN (event->percent, 100);
  self->heard = now;
}

static void
keep_result (SoukJob *self, const SoukJobEvent *event, SoukWall now)
{
  self->result = *event->result;
  self->has_result = true;
  self->percent = 100;
}

static void
owe (SoukJob *self, const SoukJobEvent *event, SoukWall now)
{
  ptrdiff_t deal = souk_job_current_deal (self);
  self->reason = SOUK_JOB_REASON_NONE;
  self->detail[0] = '\0';
  self->receipt_amount = souk_job_current_bid (self)->bid.price;
  if (deal >= 0)
    souk_deal_apply (&self->deals[deal], SOUK_DEAL_IN_OWE, NULL, now);
}

static void
new_round (SoukJob *self, const SoukJobEvent *event, SoukWall now)
{
  souk_job_age_bids (self);
  self->has_result = false;
  self->percent = 0;
}

/* ---- rows ---- */

#define SEEKING (ON (POSTED) | ON (BIDDING) | ON (AWARDING) | ON (AWARDED))
#define AT_WORK (ON (FUNDED) | ON (STAGING) | ON (RUNNING))
#define ATTEMPT (ON (FUNDING) | AT_WORK | ON (RESULT_COMMITTED))

static const SoukJobRow rows[] = {
  /* clang-format off */
  { ON (DRAFT),                     IN (START),         TO (POSTED),           KEEPS,   NULL },
  { ON (POSTED),                    IN (PUBLISHED),     TO (BIDDING),          SENT,    open_bids },
  { ON (POSTED) | ON (BIDDING),     IN (BID),           STAYS,                 KEEPS,   NULL },
  { ON (BIDDING) | ON (AWARDING) | ON (AWARDED),
                                    IN (CHOSEN),        TO (AWARDING),         NOTHING, NULL },
  { ON (AWARDING),                  IN (ACK_FREE),      TO (STAGING),          SEEN,    start_attempt },
  { ON (AWARDING),                  IN (ACK_PAID),      TO (AWARDED),          SEEN,    start_attempt },
  { ON (AWARDED),                   IN (FUND_STORED),   TO (FUNDING),          SENT,    open_deal },
  { ON (FUNDING),                   IN (FUNDED),        TO (FUNDED),           SENT,    hear },
  { ON (FUNDED),                    IN (FUND_UNDONE),   TO (FUNDING),          SENT,    NULL },
  { ON (FUNDED),                    IN (STAGING),       TO (STAGING),          SEEN,    hear },
  { ON (FUNDED) | ON (STAGING),     IN (RUNNING),       TO (RUNNING),          SEEN,    keep_percent },
  { ON (RUNNING),                   IN (RUNNING),       STAYS,                 SEEN,    keep_percent },
  { AT_WORK,                        IN (RESULT),        TO (RESULT_COMMITTED), SEEN,    keep_result },
  { ON (RESULT_COMMITTED),          IN (FETCHED),       TO (ACCEPTED),         NOTHING, owe },
  { ON (ACCEPTED),                  IN (SENT_PAID),     TO (SETTLING),         SENT,    NULL },
  { ON (ACCEPTED),                  IN (SENT_LAST),     TO (SETTLED),          SENT,    NULL },
  { ON (ACCEPTED) | ON (SETTLING),  IN (CLOSED),        TO (SETTLED),          SEEN,    NULL },
  { ON (SETTLED),                   IN (REOPENED),      TO (SETTLING),         KEEPS,   NULL },

  { ATTEMPT,                        IN (RETRY),         TO (POSTED),           NOTHING, new_round },
  { ATTEMPT,                        IN (WAIT),          TO (PROVIDER_LOST),    KEEPS,   NULL },
  { ON (PROVIDER_LOST),             IN (RETRY),         TO (POSTED),           NOTHING, new_round },
  { ON (PROVIDER_LOST) | ON (REFUNDING),
                                    IN (ALL_REFUNDED),  TO (REFUNDED),         SEEN,    NULL },
  { ON (PROVIDER_LOST) | ON (REFUNDING),
                                    IN (ALL_CLOSED),    TO (FAILED),           SEEN,    NULL },
  { ON (REFUNDED) | ON (FAILED),    IN (REOPENED),      TO (REFUNDING),        KEEPS,   NULL },

  { SEEKING | ATTEMPT | ON (PROVIDER_LOST),
                                    IN (END_OPEN),      TO (REFUNDING),        KEEPS,   NULL },
  { ON (BIDDING) | ON (AWARDING) | ON (AWARDED),
                                    IN (END_NO_BIDS),   TO (NO_BIDS),          KEEPS,   NULL },
  { SEEKING | ON (FUNDING) | AT_WORK,
                                    IN (END_LATE),      TO (TIMED_OUT),        KEEPS,   NULL },
  { ON (DRAFT) | SEEKING | ON (FUNDING) | AT_WORK,
                                    IN (END_CANCELLED), TO (CANCELLED),        KEEPS,   NULL },
  { ON (AWARDED) | ATTEMPT,         IN (END_FAILED),    TO (FAILED),           KEEPS,   NULL },
  /* clang-format on */
};

const SoukJobRow *
souk_job_rows (size_t *out_count)
{
  *out_count = G_N_ELEMENTS (rows);
  return rows;
}

const SoukJobRow *
souk_job_find_row (SoukJobPhase phase, SoukJobInput input)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].input == input && (rows[i].from >> phase & 1) != 0)
      return &rows[i];
  return NULL;
}

/* ---- words ---- */

static const SoukJobPhaseInfo phases[SOUK_JOB_PHASE_COUNT] = {
#define PHASE_ROW(number, symbol, name, command, tries, pause, deadline, sentence, then)           \
  [number]                                                                                         \
      = { name, SOUK_JOB_COMMAND_##command, tries, pause, SOUK_JOB_DEADLINE_##deadline, sentence,  \
          then },
  SOUK_JOB_PHASES (PHASE_ROW)
#undef PHASE_ROW
};

static const char *const command_names[SOUK_JOB_COMMAND_COUNT] = {
#define COMMAND_NAME(number, symbol, name) [number] = name,
  SOUK_JOB_COMMANDS (COMMAND_NAME)
#undef COMMAND_NAME
};

static const char *const reason_words[SOUK_JOB_REASON_COUNT][2] = {
#define REASON_WORDS(number, symbol, name, sentence) [number] = { name, sentence },
  SOUK_JOB_REASONS (REASON_WORDS)
#undef REASON_WORDS
};

#define FAULT_JOB false
#define FAULT_PROVIDER true

static const struct {
  const char *name;
  bool is_providers;
  const char *sentence;
} failures[SOUK_JOB_FAILURE_COUNT] = {
#define FAILURE_ROW(number, symbol, name, whose, sentence)                                         \
  [number] = { name, FAULT_##whose, sentence },
  SOUK_JOB_FAILURES (FAILURE_ROW)
#undef FAILURE_ROW
};

const SoukJobPhaseInfo *
souk_job_phase_info (unsigned phase)
{
  return phase < SOUK_JOB_PHASE_COUNT && phases[phase].name != NULL ? &phases[phase] : NULL;
}

const char *
souk_job_command_name (SoukJobCommand command)
{
  g_assert ((unsigned)command < SOUK_JOB_COMMAND_COUNT);
  return command_names[command];
}

const char *
souk_job_reason_name (SoukJobReason reason)
{
  g_assert ((unsigned)reason < SOUK_JOB_REASON_COUNT);
  return reason_words[reason][0];
}

const char *
souk_job_reason_sentence (SoukJobReason reason)
{
  g_assert ((unsigned)reason < SOUK_JOB_REASON_COUNT);
  return reason_words[reason][1];
}

const char *
souk_job_phase_name (SoukJobPhase phase)
{
  g_assert (souk_job_phase_info (phase) != NULL);
  return phases[phase].name;
}

const char *
souk_job_phase_sentence (SoukJobPhase phase)
{
  g_assert (souk_job_phase_info (phase) != NULL);
  return phases[phase].sentence;
}

const char *
souk_job_failure_name (SoukJobFailure failure)
{
  g_assert ((unsigned)failure < SOUK_JOB_FAILURE_COUNT);
  return failures[failure].name;
}

const char *
souk_job_failure_sentence (SoukJobFailure failure)
{
  g_assert ((unsigned)failure < SOUK_JOB_FAILURE_COUNT);
  return failures[failure].sentence;
}

bool
souk_job_failure_is_providers (SoukJobFailure failure)
{
  g_assert ((unsigned)failure < SOUK_JOB_FAILURE_COUNT);
  return failures[failure].is_providers;
}
