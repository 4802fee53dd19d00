/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The choice among bids, and its sentences.
 */
#include "fixture.h"

static SoukBidder
bidder (unsigned party, const char *price, uint64_t eta_ms)
{
  return (SoukBidder){ .peer = fix_peer (party), .price = fix_wei (price), .eta_ms = eta_ms };
}

static void
test_cheapest (void)
{
  SoukBidder bidders[] = { bidder (1, "200", 1000), bidder (2, "100", 1000) };
  g_autoptr (SoukChoice) choice = souk_scheduler_choose (bidders, 2, SOUK_SCHEDULER_WEIGHTS);
  g_assert_cmpint (choice->winner, ==, 1);
  g_assert_cmpuint (choice->scores[1].parts.price, ==, 1000);
  g_assert_cmpuint (choice->scores[0].parts.price, ==, 500);
  g_assert_cmpuint (choice->scores[1].parts.reliability, ==, 500);
  g_assert_cmpuint (choice->scores[1].total, ==, 775);
  g_assert_cmpstr (choice->scores[1].reason, ==,
                   "Chosen with 775 of 1000, 250 ahead of the next bid: it has the best price.");
  g_assert_cmpstr (choice->scores[0].reason, ==,
                   "525 of 1000, 250 behind the chosen bid: its price is higher.");
}

static void
test_record_beats_a_small_saving (void)
{
  SoukBidder bidders[] = { bidder (1, "100", 1000), bidder (2, "104", 1000) };
  bidders[0].failed = 8;
  bidders[1].done = 98;
  g_autoptr (SoukChoice) choice = souk_scheduler_choose (bidders, 2, SOUK_SCHEDULER_WEIGHTS);
  g_assert_cmpint (choice->winner, ==, 1);
  g_assert_nonnull (strstr (choice->scores[1].reason, "the best record with this node"));
  g_assert_nonnull (strstr (choice->scores[0].reason, "its record with this node is weaker"));
}

static void
test_free_bids_differ_by_time_and_data (void)
{
  SoukBidder bidders[] = { bidder (1, "0", 9000), bidder (2, "0", 1000), bidder (3, "0", 1000) };
  bidders[2].local_permille = 1000;
  g_autoptr (SoukChoice) choice = souk_scheduler_choose (bidders, 3, SOUK_SCHEDULER_WEIGHTS);
  g_assert_cmpint (choice->winner, ==, 2);
  g_assert_nonnull (strstr (choice->scores[0].reason, "it would answer later"));
  g_assert_nonnull (strstr (choice->scores[1].reason, "it has less of the data at hand"));
}

static void
test_ties (void)
{
  SoukBidder bidders[] = { bidder (1, "100", 10), bidder (2, "100", 10) };
  SoukBidder turned[] = { bidders[1], bidders[0] };
  g_autoptr (SoukChoice) one = souk_scheduler_choose (bidders, 2, SOUK_SCHEDULER_WEIGHTS);
  g_autoptr (SoukChoice) two = souk_scheduler_choose (turned, 2, SOUK_SCHEDULER_WEIGHTS);
  g_assert_true (souk_peer_id_is_equal (&bidders[one->winner].peer, &turned[two->winner].peer));
  g_assert_nonnull (strstr (one->scores[one->winner].reason, "its peer id comes first"));
}

static void
test_out (void)
{
  SoukBidder bidders[] = { bidder (1, "100", 10), bidder (2, "900", 10) };
  bidders[0].is_out = true;
  bidders[0].out_word = "It declined.";
  g_autoptr (SoukChoice) choice = souk_scheduler_choose (bidders, 2, SOUK_SCHEDULER_WEIGHTS);
  g_assert_cmpint (choice->winner, ==, 1);
  g_assert_cmpstr (choice->scores[0].reason, ==, "Not considered: It declined.");
  g_assert_nonnull (strstr (choice->scores[1].reason, "it is the only bid left"));
  bidders[1].is_out = true;
  bidders[1].out_word = "It declined.";
  g_autoptr (SoukChoice) none = souk_scheduler_choose (bidders, 2, SOUK_SCHEDULER_WEIGHTS);
  g_assert_cmpint (none->winner, ==, -1);
  g_autoptr (SoukChoice) empty = souk_scheduler_choose (NULL, 0, SOUK_SCHEDULER_WEIGHTS);
  g_assert_cmpint (empty->winner, ==, -1);
}

static void
test_absurd_claims (void)
{
  SoukBidder bidders[] = {
    bidder (1, "340282366920938463463374607431768211455", UINT64_MAX),
    bidder (2, "0", 0),
  };
  bidders[0].rtt_ms = UINT32_MAX;
  bidders[0].local_permille = UINT32_MAX;
  bidders[0].done = UINT32_MAX;
  bidders[0].failed = UINT32_MAX;
  g_autoptr (SoukChoice) choice = souk_scheduler_choose (bidders, 2, SOUK_SCHEDULER_WEIGHTS);
  g_assert_cmpint (choice->winner, ==, 1);
  for (size_t i = 0; i < 2; i++)
    g_assert_cmpuint (choice->scores[i].total, <=, SOUK_SCORE_WHOLE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/market/scheduler/the-cheapest-wins-when-all-else-is-equal", test_cheapest);
  g_test_add_func ("/market/scheduler/a-good-record-beats-a-small-saving",
                   test_record_beats_a_small_saving);
  g_test_add_func ("/market/scheduler/free-bids-differ-by-time-and-data",
                   test_free_bids_differ_by_time_and_data);
  g_test_add_func ("/market/scheduler/ties-fall-the-same-way-everywhere", test_ties);
  g_test_add_func ("/market/scheduler/who-is-out-is-shown-and-never-chosen", test_out);
  g_test_add_func ("/market/scheduler/absurd-claims-stay-within-the-scale", test_absurd_claims);
  return g_test_run ();
}
