/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The job machine's rows: random walks over many bidders, deals and reorganisations reach every one
 * of them and keep what must always hold.
 */
#include "fixture.h"
#include "market/job-table.h"

#include <string.h>

#define BIDDERS 5

typedef struct {
  SoukJobSpec *spec;
  SoukRecord *record;
  SoukBid bids[BIDDERS];
  uint8_t deals[BIDDERS][32];
  SoukJobResult results[3];
  SoukSeededRng rng;
} Parts;

static void
parts_init (Parts *parts)
{
  memset (parts, 0, sizeof *parts);
  souk_seeded_rng_init_number (&parts->rng, 20260803);
  parts->spec = fix_job_spec (FIX_PRICE);
  parts->spec->deadline = FIX_NOW_S + 900;
  parts->record = fix_job_record (1, parts->spec);
  for (unsigned i = 0; i < BIDDERS; i++)
    parts->bids[i]
        = fix_bid (10 + i, parts->record, parts->spec, i == 0 ? "0" : "500", parts->deals[i]);
  parts->results[0].cid = fix_cid ("result");
  parts->results[1].failure = SOUK_JOB_FAILURE_WORKER_DIED;
  parts->results[2].cid = fix_cid ("result");
  parts->results[2].failure = SOUK_JOB_FAILURE_TRAP;
}

static void
parts_done (Parts *parts)
{
  souk_record_free (parts->record);
  souk_job_spec_free (parts->spec);
}

/* Half of all events are what the phase waits for, so that walks get somewhere. */
static SoukJobEventKind
likely_kind (const SoukJob *job, SoukRng *rng)
{
  static const SoukJobEventKind likely[SOUK_JOB_PHASE_COUNT] = {
    [SOUK_JOB_DRAFT] = SOUK_JOB_EVENT_START,
    [SOUK_JOB_POSTED] = SOUK_JOB_EVENT_PUBLISHED,
    [SOUK_JOB_BIDDING] = SOUK_JOB_EVENT_BID,
    [SOUK_JOB_AWARDING] = SOUK_JOB_EVENT_AWARD_ACK,
    [SOUK_JOB_AWARDED] = SOUK_JOB_EVENT_TX_STORED,
    [SOUK_JOB_FUNDING] = SOUK_JOB_EVENT_FUNDED,
    [SOUK_JOB_FUNDED] = SOUK_JOB_EVENT_STAGING,
    [SOUK_JOB_STAGING] = SOUK_JOB_EVENT_RUNNING,
    [SOUK_JOB_RUNNING] = SOUK_JOB_EVENT_RESULT,
    [SOUK_JOB_RESULT_COMMITTED] = SOUK_JOB_EVENT_FETCHED,
    [SOUK_JOB_ACCEPTED] = SOUK_JOB_EVENT_RECEIPT_SENT,
    [SOUK_JOB_SETTLING] = SOUK_JOB_EVENT_SETTLED,
    [SOUK_JOB_PROVIDER_LOST] = SOUK_JOB_EVENT_SETTLED,
    [SOUK_JOB_REFUNDING] = SOUK_JOB_EVENT_SETTLED,
  };
  if (job->phase == SOUK_JOB_FUNDED && souk_rng_below (rng, 8) == 0)
    return SOUK_JOB_EVENT_SETTLED;
  if (souk_rng_below (rng, 2) == 0 && likely[job->phase] != 0)
    return likely[job->phase];
  if (job->phase == SOUK_JOB_DRAFT && souk_rng_below (rng, 3) != 0)
    return SOUK_JOB_EVENT_START;
  return (SoukJobEventKind)souk_rng_below (rng, SOUK_JOB_EVENT_TIMEOUT);
}

static SoukJobEvent
draw_event (const SoukJob *job, Parts *parts)
{
  SoukRng *rng = &parts->rng.rng;
  size_t bidder = souk_rng_below (rng, BIDDERS);
  SoukJobEvent event = { .kind = likely_kind (job, rng),
                         .bid = &parts->bids[bidder],
                         .percent = (uint32_t)souk_rng_below (rng, 120),
                         .detail = "words",
                         .reason = SOUK_JOB_REASON_NO_FUNDS,
                         .is_final = souk_rng_below (rng, 3) == 0,
                         .deadline = FIX_NOW_S + 300 + (int64_t)souk_rng_below (rng, 900),
                         .result = &parts->results[souk_rng_below (rng, 3)] };
  memcpy (event.hash, parts->deals[bidder], 32);
  if (event.kind == SOUK_JOB_EVENT_RESULT && souk_rng_below (rng, 8) != 0)
    souk_result_hash (event.hash, &event.result->cid);
  if (event.kind != SOUK_JOB_EVENT_RESULT && event.kind != SOUK_JOB_EVENT_BID
      && job->deal_count > 0)
    {
      /* About some deal that there is, in a way that fits it. */
      event.deal_index = souk_rng_below (rng, job->deal_count);
      const SoukJobDeal *deal = &job->deals[event.deal_index];
      const SoukDealPhaseInfo *info = souk_deal_phase_info (deal->phase);
      memcpy (event.hash, job->bids[deal->bid]->deal, 32);
      event.command = event.kind == SOUK_JOB_EVENT_TX_FAILED ? info->watched : info->command;
    }
  if (event.command == SOUK_JOB_COMMAND_NONE
      || (job->phase == SOUK_JOB_AWARDED && souk_rng_below (rng, 2) == 0))
    event.command = souk_job_phase_info (job->phase)->command;
  event.settlement.end = souk_rng_below (rng, 2) == 0 ? SOUK_END_RELEASED : SOUK_END_REFUNDED;
  return event;
}

typedef struct {
  uint64_t jobs[SOUK_JOB_PHASE_COUNT];   /* from -> mask of to */
  uint64_t deals[SOUK_DEAL_PHASE_COUNT]; /* the same */
} Seen;

static void
assert_same_after_restart (const SoukJob *job)
{
  g_autoptr (GBytes) one = souk_job_to_bytes (job);
  g_autoptr (SoukJob) again = NULL;
  souk_assert_status (souk_job_from_bytes (souk_slice_from_bytes (one), &again), OK);
  g_autoptr (GBytes) two = souk_job_to_bytes (again);
  g_assert_true (g_bytes_equal (one, two));
}

/* What must hold whatever comes. */
static void
check (const SoukJob *job, const SoukJobOrder *order)
{
  g_assert_cmpuint (job->attempt, <=, SOUK_JOB_ATTEMPTS_MAX);
  g_assert_cmpuint (job->deal_count, <=, job->attempt);
  if (order->command == SOUK_JOB_COMMAND_SEND_RECEIPT)
    g_assert_true (job->has_result && job->current >= 0);
  if (order->command == SOUK_JOB_COMMAND_SUBMIT_RELEASE)
    g_assert_true (job->has_result && job->deals[order->deal].bid == (uint32_t)job->current);
  /* Never twice on a node that failed. */
  for (size_t i = 0; i < job->deal_count; i++)
    for (size_t j = i + 1; j < job->deal_count; j++)
      g_assert_false (souk_peer_id_is_equal (&job->bids[job->deals[i].bid]->bid.peer,
                                             &job->bids[job->deals[j].bid]->bid.peer)
                      && job->bids[job->deals[i].bid]->out == SOUK_BID_FAULTY
                      && job->bids[job->deals[j].bid]->out == SOUK_BID_FAULTY);
}

static void
note (Seen *seen, SoukJobPhase was, const SoukJobDeal *deals_were, size_t count, const SoukJob *job)
{
  seen->jobs[was] |= UINT64_C (1) << job->phase;
  for (size_t i = 0; i < count; i++)
    seen->deals[deals_were[i].phase] |= UINT64_C (1) << job->deals[i].phase;
}

static void
walk (Parts *parts, bool has_wide_exposure, Seen *seen)
{
  SoukRng *rng = &parts->rng.rng;
  SoukWei exposure = parts->spec->max_price;
  if (has_wide_exposure)
    exposure = fix_wei ("9000000000000000000");
  g_autoptr (SoukJob) job
      = souk_job_new (parts->record, parts->spec, exposure, FIX_NOW, &parts->rng.rng);
  SoukWall now = FIX_NOW;
  for (unsigned i = 0; i < 100; i++)
    {
      SoukJobOrder order = { 0 };
      SoukJobDeal deals_were[SOUK_JOB_ATTEMPTS_MAX];
      while (souk_job_next_command (job, now, &order))
        check (job, &order);
      memcpy (deals_were, job->deals, sizeof deals_were);
      SoukJobPhase was = job->phase;
      size_t count = job->deal_count;
      SoukJobEvent event = draw_event (job, parts);
      souk_job_apply (job, &event, now);
      note (seen, was, deals_were, count, job);
      check (job, &order);
      if (i % 16 == 0)
        assert_same_after_restart (job);
      /* Now and then a computer sleeps. */
      bool is_asleep = souk_rng_below (rng, 25) == 0;
      now.us += (int64_t)souk_rng_below (rng, is_asleep ? 1200 : 4) * SOUK_US_PER_S;
      memcpy (deals_were, job->deals, sizeof deals_were);
      was = job->phase;
      count = job->deal_count;
      if (souk_rng_below (rng, 3) == 0 && souk_job_tick (job, now))
        note (seen, was, deals_were, count, job);
      if (souk_rng_below (rng, 10) == 0)
        souk_job_resume (job, now);
    }
}

static void
test_walks (void)
{
  Parts parts;
  Seen seen = { 0 };
  size_t count;
  unsigned missing = 0;
  parts_init (&parts);
  for (unsigned i = 0; i < 8000; i++)
    walk (&parts, i % 2 == 0, &seen);
  const SoukJobRow *rows = souk_job_rows (&count);
  for (size_t i = 0; i < count; i++)
    for (unsigned from = 1; from < SOUK_JOB_PHASE_COUNT; from++)
      if ((rows[i].from >> from & 1) != 0 && rows[i].to != 0
          && (seen.jobs[from] >> rows[i].to & 1) == 0)
        {
          g_test_message ("never %s to %s", souk_job_phase_name ((SoukJobPhase)from),
                          souk_job_phase_name ((SoukJobPhase)rows[i].to));
          missing++;
        }
  const SoukDealRow *deal_rows = souk_deal_rows (&count);
  for (size_t i = 0; i < count; i++)
    for (unsigned from = 1; from < SOUK_DEAL_PHASE_COUNT; from++)
      if ((deal_rows[i].from >> from & 1) != 0 && deal_rows[i].to != SOUK_DEAL_STAYS
          && deal_rows[i].to != SOUK_DEAL_BACK && deal_rows[i].to != from
          && (seen.deals[from] >> deal_rows[i].to & 1) == 0)
        {
          g_test_message ("never a deal %s to %s", souk_deal_phase_name ((SoukDealPhase)from),
                          souk_deal_phase_name ((SoukDealPhase)deal_rows[i].to));
          missing++;
        }
  g_assert_cmpuint (missing, ==, 0);
  parts_done (&parts);
}

static void
test_no_two_rows (void)
{
  size_t count;
  const SoukJobRow *rows = souk_job_rows (&count);
  for (size_t i = 0; i < count; i++)
    for (size_t j = i + 1; j < count; j++)
      if (rows[i].input == rows[j].input)
        g_assert_cmpuint (rows[i].from & rows[j].from, ==, 0);
  const SoukDealRow *deal_rows = souk_deal_rows (&count);
  for (size_t i = 0; i < count; i++)
    for (size_t j = i + 1; j < count; j++)
      if (deal_rows[i].input == deal_rows[j].input)
        g_assert_cmpuint (deal_rows[i].from & deal_rows[j].from, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/market/job-table/no-two-rows-answer-one-event", test_no_two_rows);
  g_test_add_func ("/market/job-table/random-walks-reach-every-row-and-never-pay-for-nothing",
                   test_walks);
  return g_test_run ();
}
