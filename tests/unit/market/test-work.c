/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The work machine: each row is reached, receipts are checked, nothing is a dead end. Whole jobs
 * are in test-job.c.
 */
#include "fixture.h"
#include "market/work-table.h"

#include <string.h>

typedef struct {
  SoukJobSpec *spec;
  SoukRecord *record;
  uint8_t deal[32];
  SoukJobResult result;
  SoukJobResult failure;
  SoukReceiptTerms receipt;
  uint8_t signature[SOUK_ECDSA_SIZE];
  SoukSeededRng rng;
} Parts;

static void
parts_init (Parts *parts)
{
  memset (parts, 0, sizeof *parts);
  souk_seeded_rng_init_number (&parts->rng, 11);
  parts->spec = fix_job_spec (FIX_PRICE);
  parts->record = fix_job_record (1, parts->spec);
  parts->result.cid = fix_cid ("result");
  parts->failure.failure = SOUK_JOB_FAILURE_SANDBOX_FAILED;
}

static void
parts_done (Parts *parts)
{
  souk_record_free (parts->record);
  souk_job_spec_free (parts->spec);
}

static SoukWork *
work_new (Parts *parts, bool is_free)
{
  SoukBid bid = fix_bid (5, parts->record, parts->spec, is_free ? "0" : "70", parts->deal);
  return souk_work_new (parts->record, &bid, is_free ? NULL : parts->deal, FIX_NOW,
                        &parts->rng.rng);
}

static SoukWork *
work_in (Parts *parts, SoukWorkPhase phase, bool is_free)
{
  SoukWork *work = work_new (parts, is_free);
  work->phase = phase;
  if (phase >= SOUK_WORK_UPLOADING && phase <= SOUK_WORK_CLAIMING)
    {
      work->has_result = true;
      work->result = parts->result;
    }
  return work;
}

static void
make_receipt (Parts *parts, uint8_t out_digest[32])
{
  memcpy (parts->receipt.id, parts->deal, 32);
  souk_result_hash (parts->receipt.result_hash, &parts->result.cid);
  parts->receipt.amount = souk_u256_from_u64 (70);
  fix_receipt_digest (&parts->receipt, out_digest);
  fix_sign (1, out_digest, parts->signature);
}

static bool
is_for_free (SoukWorkInput input)
{
  return input == SOUK_WORK_IN_AWARDED_FREE || input == SOUK_WORK_IN_CANCELLED_FREE
         || input == SOUK_WORK_IN_SENT_FREE || input == SOUK_WORK_IN_RECEIPT_FREE
         || input == SOUK_WORK_IN_TIMEOUT_FREE;
}

static const SoukWorkEventKind kinds[SOUK_WORK_INPUT_COUNT] = {
  [SOUK_WORK_IN_AWARDED_FREE] = SOUK_WORK_EVENT_AWARDED,
  [SOUK_WORK_IN_AWARDED_PAID] = SOUK_WORK_EVENT_AWARDED,
  [SOUK_WORK_IN_DECLINED] = SOUK_WORK_EVENT_DECLINED,
  [SOUK_WORK_IN_CANCELLED_FREE] = SOUK_WORK_EVENT_CANCELLED,
  [SOUK_WORK_IN_CANCELLED_PAID] = SOUK_WORK_EVENT_CANCELLED,
  [SOUK_WORK_IN_FUNDED] = SOUK_WORK_EVENT_FUNDED,
  [SOUK_WORK_IN_FUNDED_DONE] = SOUK_WORK_EVENT_FUNDED,
  [SOUK_WORK_IN_STAGED] = SOUK_WORK_EVENT_STAGED,
  [SOUK_WORK_IN_DONE] = SOUK_WORK_EVENT_DONE,
  [SOUK_WORK_IN_FAULT] = SOUK_WORK_EVENT_DONE,
  [SOUK_WORK_IN_GIVE_UP] = SOUK_WORK_EVENT_COMMAND_FAILED,
  [SOUK_WORK_IN_SENT] = SOUK_WORK_EVENT_RESULT_SENT,
  [SOUK_WORK_IN_SENT_FREE] = SOUK_WORK_EVENT_RESULT_SENT,
  [SOUK_WORK_IN_SENT_PAID] = SOUK_WORK_EVENT_RESULT_SENT,
  [SOUK_WORK_IN_RECEIPT_FREE] = SOUK_WORK_EVENT_RECEIPT,
  [SOUK_WORK_IN_RECEIPT_PAID] = SOUK_WORK_EVENT_RECEIPT,
  [SOUK_WORK_IN_TX_STORED] = SOUK_WORK_EVENT_TX_STORED,
  [SOUK_WORK_IN_TX_FAILED] = SOUK_WORK_EVENT_TX_FAILED,
  [SOUK_WORK_IN_SUBMITTED] = SOUK_WORK_EVENT_SUBMITTED,
  [SOUK_WORK_IN_PAID] = SOUK_WORK_EVENT_SETTLED,
  [SOUK_WORK_IN_REFUNDED] = SOUK_WORK_EVENT_SETTLED,
  [SOUK_WORK_IN_UNDO_FUNDED] = SOUK_WORK_EVENT_UNDO_FUNDED,
  [SOUK_WORK_IN_UNDO_SUBMITTED] = SOUK_WORK_EVENT_UNDO_SUBMITTED,
  [SOUK_WORK_IN_UNDO_SETTLED] = SOUK_WORK_EVENT_UNDO_SETTLED,
  [SOUK_WORK_IN_TIMEOUT_FREE] = SOUK_WORK_EVENT_TIMEOUT,
  [SOUK_WORK_IN_TIMEOUT_PAID] = SOUK_WORK_EVENT_TIMEOUT,
};

/* What of the work itself decides that an event means `input`. */
static void
prepare (SoukWorkInput input, SoukWork *work, Parts *parts)
{
  bool has_receipt = input == SOUK_WORK_IN_RECEIPT_FREE || input == SOUK_WORK_IN_RECEIPT_PAID;
  if (input == SOUK_WORK_IN_FUNDED)
    work->has_result = false;
  if (input == SOUK_WORK_IN_FUNDED_DONE || has_receipt)
    {
      work->has_result = true;
      work->result = parts->result;
    }
  if (input == SOUK_WORK_IN_UNDO_SETTLED)
    {
      work->settlement.end = SOUK_END_RELEASED;
      work->before = SOUK_WORK_SETTLING;
    }
}

static SoukWorkEvent
event_for (SoukWorkInput input, SoukWork *work, Parts *parts)
{
  const SoukWorkPhaseInfo *info = souk_work_phase_info (work->phase);
  SoukWorkEvent event
      = { .kind = kinds[input],
          .command = input == SOUK_WORK_IN_TX_FAILED ? info->watched : info->command,
          .is_final = true,
          .detail = "words",
          .deadline = FIX_NOW_S + 5000 };
  prepare (input, work, parts);
  event.result = input == SOUK_WORK_IN_FAULT ? &parts->failure : &parts->result;
  event.settlement.end = input == SOUK_WORK_IN_REFUNDED ? SOUK_END_REFUNDED : SOUK_END_RELEASED;
  if (event.kind == SOUK_WORK_EVENT_RECEIPT)
    {
      make_receipt (parts, event.hash);
      event.receipt = &parts->receipt;
      event.signature = parts->signature;
    }
  return event;
}

static void
assert_same_after_restart (const SoukWork *work)
{
  g_autoptr (GBytes) one = souk_work_to_bytes (work);
  g_autoptr (SoukWork) again = NULL;
  souk_assert_status (souk_work_from_bytes (souk_slice_from_bytes (one), &again), OK);
  g_autoptr (GBytes) two = souk_work_to_bytes (again);
  g_assert_true (g_bytes_equal (one, two));
}

static void
test_every_row (void)
{
  Parts parts;
  size_t count;
  parts_init (&parts);
  const SoukWorkRow *rows = souk_work_rows (&count);
  for (size_t i = 0; i < count; i++)
    for (unsigned phase = 1; phase < SOUK_WORK_PHASE_COUNT; phase++)
      {
        if ((rows[i].from >> phase & 1) == 0)
          continue;
        g_autoptr (SoukWork) work
            = work_in (&parts, (SoukWorkPhase)phase, is_for_free (rows[i].input));
        SoukWorkEvent event = event_for (rows[i].input, work, &parts);
        SoukWorkPhase before = work->before;
        souk_assert_status (souk_work_apply (work, &event, FIX_NOW), OK);
        unsigned expected = rows[i].to == SOUK_WORK_STAYS  ? phase
                            : rows[i].to == SOUK_WORK_BACK ? (unsigned)before
                                                           : rows[i].to;
        g_assert_cmpuint (work->phase, ==, expected);
        assert_same_after_restart (work);
        for (size_t j = i + 1; j < count; j++)
          if (rows[i].input == rows[j].input)
            g_assert_cmpuint (rows[i].from & rows[j].from, ==, 0);
      }
  parts_done (&parts);
}

static void
test_receipts (void)
{
  Parts parts;
  parts_init (&parts);
  g_autoptr (SoukWork) work = work_in (&parts, SOUK_WORK_AWAITING_RECEIPT, false);
  SoukWorkEvent good = event_for (SOUK_WORK_IN_RECEIPT_PAID, work, &parts), bad = good;
  SoukReceiptTerms terms = parts.receipt;
  uint8_t signature[SOUK_ECDSA_SIZE];
  bad.receipt = NULL;
  souk_assert_status (souk_work_apply (work, &bad, FIX_NOW), RECEIPT_BAD);
  /* Less than the price, signed by the right wallet. */
  terms.amount = souk_u256_from_u64 (69);
  bad = good;
  bad.receipt = &terms;
  bad.signature = signature;
  fix_receipt_digest (&terms, bad.hash);
  fix_sign (1, bad.hash, signature);
  souk_assert_status (souk_work_apply (work, &bad, FIX_NOW), RECEIPT_BAD);
  /* The whole price, signed by another. */
  bad = good;
  bad.signature = signature;
  fix_sign (6, bad.hash, signature);
  souk_assert_status (souk_work_apply (work, &bad, FIX_NOW), RECEIPT_BAD);
  /* For another result. */
  terms = parts.receipt;
  terms.result_hash[0] ^= 1;
  bad = good;
  bad.receipt = &terms;
  souk_assert_status (souk_work_apply (work, &bad, FIX_NOW), RECEIPT_BAD);
  g_assert_cmpint (work->phase, ==, SOUK_WORK_AWAITING_RECEIPT);
  souk_assert_status (souk_work_apply (work, &good, FIX_NOW), OK);
  g_assert_cmpint (work->phase, ==, SOUK_WORK_SETTLE_DUE);
  parts_done (&parts);
}

static void
test_no_dead_ends (void)
{
  for (unsigned phase = 1; phase < SOUK_WORK_PHASE_COUNT; phase++)
    {
      const SoukWorkPhaseInfo *info = souk_work_phase_info (phase);
      bool has_money = souk_work_find_row ((SoukWorkPhase)phase, SOUK_WORK_IN_PAID) != NULL;
      bool can_act
          = info->command != SOUK_WORK_COMMAND_NONE || info->watched != SOUK_WORK_COMMAND_NONE
            || souk_work_find_row ((SoukWorkPhase)phase, SOUK_WORK_IN_TIMEOUT_PAID) != NULL;
      g_assert_true (!has_money || can_act || phase == SOUK_WORK_MISSED);
    }
}

/* Mostly something that has a meaning now, so that walks get somewhere. */
static SoukWorkInput
draw_input (const SoukWork *work, SoukRng *rng)
{
  SoukWorkInput input = SOUK_WORK_INPUT_COUNT;
  for (unsigned i = 0; i < 20; i++)
    {
      input = (SoukWorkInput)souk_rng_below (rng, SOUK_WORK_INPUT_COUNT);
      if (souk_work_find_row (work->phase, input) != NULL)
        break;
    }
  return input;
}

/* `scratch` is what event_for may write on. Returns: a mask of the phases that were visited. */
static uint64_t
walk (Parts *parts, bool is_free, SoukWork *scratch)
{
  SoukRng *rng = &parts->rng.rng;
  g_autoptr (SoukWork) work = work_new (parts, is_free);
  SoukWall now = FIX_NOW;
  uint64_t visited = 0;
  for (unsigned i = 0; i < 60; i++)
    {
      SoukWorkCommand command = souk_work_next_command (work, now);
      if (command == SOUK_WORK_COMMAND_SUBMIT_SETTLE)
        g_assert_true (work->has_receipt && work->has_result);
      if (command == SOUK_WORK_COMMAND_SUBMIT_RESULT)
        g_assert_true (work->has_result);
      scratch->phase = work->phase;
      SoukWorkEvent event = event_for (draw_input (work, rng), scratch, parts);
      event.deadline = FIX_NOW_S + (int64_t)souk_rng_below (rng, 5000);
      bool was_over = souk_work_is_over (work);
      SoukStatus status = souk_work_apply (work, &event, now);
      if (status == SOUK_STATUS_OK && was_over)
        g_assert_true (event.kind == SOUK_WORK_EVENT_UNDO_SETTLED
                       || event.kind == SOUK_WORK_EVENT_FUNDED);
      visited |= UINT64_C (1) << work->phase;
      /* Now and then a computer sleeps. */
      bool is_asleep = souk_rng_below (rng, 40) == 0;
      now.us += (int64_t)souk_rng_below (rng, is_asleep ? 3000 : 10) * SOUK_US_PER_S;
      if (souk_rng_below (rng, 5) == 0)
        souk_work_tick (work, now);
      if (i % 16 == 0)
        assert_same_after_restart (work);
    }
  return visited;
}

static void
test_random_walks (void)
{
  Parts parts;
  uint64_t visited = 0, all = 0;
  parts_init (&parts);
  souk_seeded_rng_init_number (&parts.rng, 20260802);
  g_autoptr (SoukWork) scratch = work_new (&parts, false);
  for (unsigned i = 0; i < 6000; i++)
    visited |= walk (&parts, i % 4 == 0, scratch);
  for (unsigned phase = 1; phase < SOUK_WORK_PHASE_COUNT; phase++)
    all |= UINT64_C (1) << phase;
  g_assert_cmphex (all & ~visited, ==, 0);
  parts_done (&parts);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/market/work/every-row-is-reached-from-each-of-its-phases", test_every_row);
  g_test_add_func ("/market/work/only-the-requester's-whole-word-is-a-receipt", test_receipts);
  g_test_add_func ("/market/work/held-money-always-has-a-way-on", test_no_dead_ends);
  g_test_add_func ("/market/work/random-walks-never-settle-without-a-result", test_random_walks);
  return g_test_run ();
}
