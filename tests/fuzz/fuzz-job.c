/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The job and the work machine under any stream of events, and their stored forms from any bytes.
 *
 * An event is five bytes: kind, command, deal and flags, which bid or result, a stretch of time.
 */
#include "fixture.h"
#include "market/job-table.h"

#include <string.h>

#define BIDDERS 3

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct {
  SoukJobSpec *spec;
  SoukRecord *record;
  SoukBid bids[BIDDERS];
  uint8_t deals[BIDDERS][32];
  SoukJobResult results[3];
  SoukSeededRng rng;
} Parts;

static Parts parts;

static void
parts_init (void)
{
  souk_seeded_rng_init_number (&parts.rng, 1);
  parts.spec = fix_job_spec (FIX_PRICE);
  parts.record = fix_job_record (1, parts.spec);
  for (unsigned i = 0; i < BIDDERS; i++)
    parts.bids[i]
        = fix_bid (10 + i, parts.record, parts.spec, i == 0 ? "0" : "500", parts.deals[i]);
  parts.results[0].cid = fix_cid ("result");
  parts.results[1].failure = SOUK_JOB_FAILURE_WORKER_DIED;
  parts.results[2].cid = fix_cid ("result");
  parts.results[2].failure = SOUK_JOB_FAILURE_FUEL_LIMIT;
}

static void
read_states (SoukSlice in)
{
  g_autoptr (SoukJob) job = NULL;
  g_autoptr (SoukWork) work = NULL;
  if (souk_job_from_bytes (in, &job) == SOUK_STATUS_OK)
    {
      g_bytes_unref (souk_job_to_bytes (job));
      souk_job_resume (job, FIX_NOW);
      souk_job_tick (job, FIX_NOW);
      (void)souk_job_wake (job);
    }
  if (souk_work_from_bytes (in, &work) == SOUK_STATUS_OK)
    {
      g_bytes_unref (souk_work_to_bytes (work));
      souk_work_tick (work, FIX_NOW);
      (void)souk_work_wake (work);
    }
}

static void
step_job (SoukJob *job, const uint8_t *data, SoukWall now)
{
  size_t bidder = data[3] % BIDDERS;
  SoukJobEvent event = { .kind = (SoukJobEventKind)(data[0] % (SOUK_JOB_EVENT_TIMEOUT)),
                         .command = (SoukJobCommand)(data[1] % SOUK_JOB_COMMAND_COUNT),
                         .deal_index = data[2] & 3,
                         .is_final = (data[2] & 4) != 0,
                         .percent = data[2],
                         .deadline = FIX_NOW_S + 10 * data[2],
                         .reason = SOUK_JOB_REASON_NO_FUNDS,
                         .bid = &parts.bids[bidder],
                         .result = &parts.results[data[3] % 3] };
  event.settlement.end = (SoukDealEnd)(SOUK_END_RELEASED + (data[2] >> 4) % 3);
  memcpy (event.hash, parts.deals[bidder], 32);
  if (event.kind == SOUK_JOB_EVENT_RESULT && (data[2] & 8) == 0)
    souk_result_hash (event.hash, &event.result->cid);
  (void)souk_job_apply (job, &event, now);
}

static void
run_job (const uint8_t *data, size_t size, bool is_wide)
{
  SoukWei exposure = fix_wei (is_wide ? "9000000000000000000" : FIX_PRICE);
  SoukJob *job = souk_job_new (parts.record, parts.spec, exposure, FIX_NOW, &parts.rng.rng);
  SoukWall now = FIX_NOW;
  for (; size >= 5; data += 5, size -= 5)
    {
      SoukJobOrder order;
      SoukJob *again = NULL;
      step_job (job, data, now);
      now.us += data[4] * SOUK_US_PER_S;
      souk_job_tick (job, now);
      g_autoptr (GBytes) bytes = souk_job_to_bytes (job);
      SoukStatus status = souk_job_from_bytes (souk_slice_from_bytes (bytes), &again);
      g_assert (status == SOUK_STATUS_OK);
      souk_job_resume (again, now);
      souk_job_free (job);
      job = again;
      while (souk_job_next_command (job, now, &order))
        g_assert (order.command != SOUK_JOB_COMMAND_SEND_RECEIPT || job->has_result);
    }
  souk_job_free (job);
}

static void
step_work (SoukWork *work, const uint8_t *data, SoukWall now)
{
  SoukReceiptTerms receipt = { .amount = souk_u256_from_u64 (500) };
  uint8_t signature[SOUK_ECDSA_SIZE];
  SoukWorkEvent event = { .kind = (SoukWorkEventKind)(data[0] % (SOUK_WORK_EVENT_TIMEOUT + 1)),
                          .command = (SoukWorkCommand)(data[1] % SOUK_WORK_COMMAND_COUNT),
                          .is_final = (data[2] & 4) != 0,
                          .deadline = FIX_NOW_S + 10 * data[2],
                          .result = &parts.results[data[3] % 3] };
  event.settlement.end = (SoukDealEnd)(SOUK_END_RELEASED + (data[2] >> 4) % 3);
  if (event.kind == SOUK_WORK_EVENT_RECEIPT)
    {
      memcpy (receipt.id, work->deal, 32);
      souk_result_hash (receipt.result_hash, &parts.results[0].cid);
      fix_receipt_digest (&receipt, event.hash);
      fix_sign (1 + (data[2] & 1), event.hash, signature);
      event.receipt = &receipt;
      event.signature = signature;
    }
  (void)souk_work_apply (work, &event, now);
}

static void
run_work (const uint8_t *data, size_t size, size_t bidder)
{
  const SoukBid *bid = &parts.bids[bidder];
  SoukWork *work = souk_work_new (parts.record, bid, bid->has_terms ? parts.deals[bidder] : NULL,
                                  FIX_NOW, &parts.rng.rng);
  SoukWall now = FIX_NOW;
  for (; size >= 5; data += 5, size -= 5)
    {
      SoukWork *again = NULL;
      step_work (work, data, now);
      now.us += data[4] * SOUK_US_PER_S;
      souk_work_tick (work, now);
      g_autoptr (GBytes) bytes = souk_work_to_bytes (work);
      SoukStatus status = souk_work_from_bytes (souk_slice_from_bytes (bytes), &again);
      g_assert (status == SOUK_STATUS_OK);
      souk_work_free (work);
      work = again;
      SoukWorkCommand command = souk_work_next_command (work, now);
      g_assert (command != SOUK_WORK_COMMAND_SUBMIT_SETTLE || work->has_receipt);
      g_assert (command != SOUK_WORK_COMMAND_SUBMIT_RESULT || work->has_result);
    }
  souk_work_free (work);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (parts.record == NULL)
    parts_init ();
  if (size < 1 || size > 2048)
    return 0;
  switch (data[0] % 5)
    {
    case 0:
      read_states (souk_slice (data + 1, size - 1));
      break;
    case 1:
    case 2:
      run_job (data + 1, size - 1, data[0] % 5 == 2);
      break;
    case 3:
    case 4:
      run_work (data + 1, size - 1, data[0] % 5 == 4);
      break;
    }
  return 0;
}
