/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bids: form and check.
 */
#include "fixture.h"

#include <string.h>

typedef struct {
  SoukJobSpec *spec;
  SoukRecord *record;
  SoukBidExpected expected;
} Job;

static Job
job_new (const char *price)
{
  Job job;
  job.spec = fix_job_spec (price);
  job.record = fix_job_record (1, job.spec);
  souk_bid_expected_of (&job.expected, job.record, job.spec);
  return job;
}

static void
job_done (Job *job)
{
  souk_record_free (job->record);
  souk_job_spec_free (job->spec);
}

static void
test_round_trip (void)
{
  Job job = job_new (FIX_PRICE);
  uint8_t digest[32];
  SoukBid bid = fix_bid (5, job.record, job.spec, "7", digest), again;
  g_autoptr (GBytes) bytes = souk_bid_to_bytes (&bid);
  SoukPeerId peer = fix_peer (5);
  souk_assert_status (souk_bid_from_bytes (souk_slice_from_bytes (bytes), &peer, &again), OK);
  g_assert_cmpmem (again.id, 32, bid.id, 32);
  souk_assert_status (souk_bid_check (&again, &job.expected, digest, FIX_NOW), OK);
  souk_assert_status (souk_bid_from_bytes (SOUK_SLICE_LITERAL ("\xff\xff"), &peer, &again),
                      BAD_ENCODING);
  souk_assert_status (souk_bid_from_bytes (SOUK_SLICE_EMPTY, &peer, &again), BID_FORM);
  job_done (&job);
}

/* Signs what a bidder might have changed, and lets the requester look at it. */
static SoukStatus
check (const Job *job, SoukBid bid, unsigned signer)
{
  uint8_t digest[32];
  fix_bid_digest (&bid.terms, digest);
  fix_sign (signer, digest, bid.signature);
  return souk_bid_check (&bid, &job->expected, digest, FIX_NOW);
}

static void
test_check (void)
{
  Job job = job_new (FIX_PRICE);
  uint8_t digest[32];
  SoukBid good = fix_bid (5, job.record, job.spec, "7", digest), bid = good;
  souk_assert_status (check (&job, good, 5), OK);
  souk_assert_status (check (&job, good, 6), BAD_SIGNATURE);
  bid.job[0] ^= 1;
  souk_assert_status (check (&job, bid, 5), BID_JOB);
  bid = good;
  bid.terms.job_hash[0] ^= 1;
  souk_assert_status (check (&job, bid, 5), BID_JOB);
  bid = good;
  bid.peer = fix_peer (6);
  souk_assert_status (check (&job, bid, 5), BID_PARTY);
  bid = good;
  bid.terms.requester = fix_wallet (6);
  souk_assert_status (check (&job, bid, 5), BID_PARTY);
  bid = good;
  bid.terms.arbiter = fix_wallet (6);
  souk_assert_status (check (&job, bid, 5), BID_PARTY);
  bid = good;
  bid.price = fix_wei ("1000000000000000001");
  souk_assert_status (check (&job, bid, 5), BID_PRICE);
  bid = good;
  bid.price = fix_wei ("6");
  souk_assert_status (check (&job, bid, 5), BID_PRICE);
  bid = good;
  bid.terms.submit_within = souk_u256_from_u64 (600);
  souk_assert_status (check (&job, bid, 5), BID_WINDOW);
  bid = good;
  bid.valid_until = FIX_NOW_S;
  souk_assert_status (check (&job, bid, 5), BID_EXPIRED);
  bid = good;
  bid.terms.valid_until = souk_u256_from_u64 (FIX_NOW_S);
  souk_assert_status (check (&job, bid, 5), BID_EXPIRED);
  job_done (&job);
}

static void
test_free (void)
{
  Job job = job_new ("0");
  uint8_t digest[32];
  SoukBid bid = fix_bid (5, job.record, job.spec, "0", digest);
  souk_assert_status (souk_bid_check (&bid, &job.expected, NULL, FIX_NOW), OK);
  g_assert_false (bid.has_terms);
  job_done (&job);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/market/bid/a-bid-is-read-as-it-was-built", test_round_trip);
  g_test_add_func ("/market/bid/each-wrong-bid-is-refused-by-name", test_check);
  g_test_add_func ("/market/bid/a-free-bid-needs-no-terms", test_free);
  return g_test_run ();
}
