/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fee policy.
 */
#include "chain/fees.h"

#define GWEI UINT64_C (1000000000)

static SoukU256
gwei (uint64_t n)
{
  return souk_u256_from_u64 (n * GWEI);
}

static void
assert_u64 (SoukU256 value, uint64_t expected)
{
  uint64_t narrow = 0;
  g_assert_true (souk_u256_to_u64 (value, &narrow));
  g_assert_cmpuint (narrow, ==, expected);
}

static void
the_tip_is_the_median_of_what_was_paid (void)
{
  const SoukU256 rewards[] = { gwei (9), gwei (0), gwei (1), gwei (3), gwei (0), gwei (2) };
  SoukFeeHistory history = { gwei (10), rewards, 6, gwei (1) };
  SoukFees fees;
  g_assert_cmpint (souk_fees_choose (&history, gwei (500), &fees), ==, SOUK_STATUS_OK);
  assert_u64 (fees.max_priority_fee, 3 * GWEI);
  assert_u64 (fees.max_fee, 23 * GWEI);
}

static void
the_tip_is_at_least_half_of_what_the_node_suggests (void)
{
  SoukFeeHistory history = { gwei (10), NULL, 0, gwei (4) };
  SoukFees fees;
  g_assert_cmpint (souk_fees_choose (&history, gwei (500), &fees), ==, SOUK_STATUS_OK);
  assert_u64 (fees.max_priority_fee, 2 * GWEI);
}

static void
no_node_can_ask_for_more_than_the_cap (void)
{
  const SoukU256 rewards[] = { gwei (900) };
  SoukFeeHistory history = { gwei (90), rewards, 1, SOUK_U256_ZERO };
  SoukFees fees;
  g_assert_cmpint (souk_fees_choose (&history, gwei (100), &fees), ==, SOUK_STATUS_OK);
  assert_u64 (fees.max_fee, 100 * GWEI);
  assert_u64 (fees.max_priority_fee, 100 * GWEI);
  history.next_base_fee = gwei (101);
  g_assert_cmpint (souk_fees_choose (&history, gwei (100), &fees), ==, SOUK_STATUS_LIMIT);
  memset (&history.next_base_fee, 0xff, sizeof history.next_base_fee);
  g_assert_cmpint (souk_fees_choose (&history, gwei (100), &fees), ==, SOUK_STATUS_LIMIT);
}

static void
a_replacement_pays_a_tenth_more_of_both (void)
{
  SoukFees old = { souk_u256_from_u64 (11), gwei (10) };
  SoukFees fresh = { gwei (0), gwei (1) };
  SoukFees bumped;
  g_assert_cmpint (souk_fees_bump (&old, &fresh, gwei (500), &bumped), ==, SOUK_STATUS_OK);
  assert_u64 (bumped.max_fee, 11 * GWEI);
  assert_u64 (bumped.max_priority_fee, 13); /* 12.1, rounded up */
  fresh.max_fee = gwei (50);
  g_assert_cmpint (souk_fees_bump (&old, &fresh, gwei (500), &bumped), ==, SOUK_STATUS_OK);
  assert_u64 (bumped.max_fee, 50 * GWEI);
  g_assert_cmpint (souk_fees_bump (&old, &fresh, gwei (49), &bumped), ==, SOUK_STATUS_LIMIT);
}

static void
a_replacement_of_nothing_pays_something (void)
{
  SoukFees old = { SOUK_U256_ZERO, SOUK_U256_ZERO };
  SoukFees bumped;
  g_assert_cmpint (souk_fees_bump (&old, &old, gwei (1), &bumped), ==, SOUK_STATUS_OK);
  assert_u64 (bumped.max_fee, 1);
  assert_u64 (bumped.max_priority_fee, 1);
}

static void
the_gas_limit_is_a_fifth_above_the_estimate (void)
{
  g_assert_cmpuint (souk_fees_gas_limit (100000), ==, 120000);
  g_assert_cmpuint (souk_fees_gas_limit (UINT64_MAX), ==, UINT64_MAX);
}

static void
the_most_that_it_can_cost_is_exact (void)
{
  SoukFees fees = { gwei (1), gwei (20) };
  SoukU256 cost;
  g_assert_cmpint (souk_fees_cost_max (&fees, 21000, souk_u256_from_u64 (7), &cost), ==,
                   SOUK_STATUS_OK);
  assert_u64 (cost, 21000 * 20 * GWEI + 7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chain/fees/the-tip-is-the-median-of-what-was-paid",
                   the_tip_is_the_median_of_what_was_paid);
  g_test_add_func ("/chain/fees/the-tip-is-at-least-half-of-what-the-node-suggests",
                   the_tip_is_at_least_half_of_what_the_node_suggests);
  g_test_add_func ("/chain/fees/no-node-can-ask-for-more-than-the-cap",
                   no_node_can_ask_for_more_than_the_cap);
  g_test_add_func ("/chain/fees/a-replacement-pays-a-tenth-more-of-both",
                   a_replacement_pays_a_tenth_more_of_both);
  g_test_add_func ("/chain/fees/a-replacement-of-nothing-pays-something",
                   a_replacement_of_nothing_pays_something);
  g_test_add_func ("/chain/fees/the-gas-limit-is-a-fifth-above-the-estimate",
                   the_gas_limit_is_a_fifth_above_the_estimate);
  g_test_add_func ("/chain/fees/the-most-that-it-can-cost-is-exact",
                   the_most_that_it_can_cost_is_exact);
  return g_test_run ();
}
