/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fee policy. PURE. See fees.h.
 */
#include "chain/fees.h"

#include <stdlib.h>

/* A node that answers with more rewards than it was asked for is not believed beyond these. */
#define REWARDS_MAX 1024

static int
compare_fees (const void *a, const void *b)
{
  return souk_u256_compare (*(const SoukU256 *)a, *(const SoukU256 *)b);
}

static SoukU256
median_of_non_zero (const SoukU256 *rewards, size_t count)
{
  SoukU256 sorted[REWARDS_MAX];
  size_t n = 0;

  for (size_t i = 0; i < MIN (count, (size_t)REWARDS_MAX); i++)
    if (!souk_u256_is_zero (rewards[i]))
      sorted[n++] = rewards[i];
  if (n == 0)
    return SOUK_U256_ZERO;
  qsort (sorted, n, sizeof sorted[0], compare_fees);
  return sorted[n / 2];
}

static SoukU256
larger (SoukU256 a, SoukU256 b)
{
  return souk_u256_compare (a, b) >= 0 ? a : b;
}

static SoukU256
smaller (SoukU256 a, SoukU256 b)
{
  return souk_u256_compare (a, b) <= 0 ? a : b;
}

SoukStatus
souk_fees_choose (const SoukFeeHistory *history, SoukU256 cap, SoukFees *out)
{
  SoukU256 half_suggested;
  SoukU256 max_fee;

  if (souk_u256_compare (history->next_base_fee, cap) > 0)
    return SOUK_STATUS_LIMIT;
  souk_u256_divmod (history->suggested_priority_fee, souk_u256_from_u64 (2), &half_suggested, NULL);
  SoukU256 tip = larger (median_of_non_zero (history->rewards, history->n_rewards), half_suggested);
  tip = smaller (tip, cap);

  /* An overflow is above every cap. */
  if (souk_u256_add (history->next_base_fee, history->next_base_fee, &max_fee) != SOUK_STATUS_OK
      || souk_u256_add (max_fee, tip, &max_fee) != SOUK_STATUS_OK)
    max_fee = cap;
  max_fee = smaller (max_fee, cap);
  out->max_fee = max_fee;
  out->max_priority_fee = smaller (tip, max_fee);
  return SOUK_STATUS_OK;
}

/* ceil (value x 11 / 10), and at least one more. */
static SoukStatus
add_a_tenth (SoukU256 value, SoukU256 *out)
{
  SoukU256 product;
  SoukU256 rest;

  SOUK_TRY (souk_u256_mul (value, souk_u256_from_u64 (11), &product));
  SOUK_TRY (souk_u256_add (product, souk_u256_from_u64 (9), &product));
  souk_u256_divmod (product, souk_u256_from_u64 (10), &product, &rest);
  if (souk_u256_compare (product, value) <= 0)
    SOUK_TRY (souk_u256_add (value, souk_u256_from_u64 (1), &product));
  *out = product;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_fees_bump (const SoukFees *old, const SoukFees *fresh, SoukU256 cap, SoukFees *out)
{
  SoukFees bumped;

  if (add_a_tenth (old->max_fee, &bumped.max_fee) != SOUK_STATUS_OK
      || add_a_tenth (old->max_priority_fee, &bumped.max_priority_fee) != SOUK_STATUS_OK)
    return SOUK_STATUS_LIMIT;
  bumped.max_fee = larger (bumped.max_fee, fresh->max_fee);
  bumped.max_priority_fee = larger (bumped.max_priority_fee, fresh->max_priority_fee);
  bumped.max_fee = larger (bumped.max_fee, bumped.max_priority_fee);
  if (souk_u256_compare (bumped.max_fee, cap) > 0)
    return SOUK_STATUS_LIMIT;
  *out = bumped;
  return SOUK_STATUS_OK;
}

uint64_t
souk_fees_gas_limit (uint64_t estimate)
{
  if (estimate > UINT64_MAX / 6 * 5)
    return UINT64_MAX;
  return estimate + estimate / 5;
}

SoukStatus
souk_fees_cost_max (const SoukFees *fees, uint64_t gas_limit, SoukU256 value, SoukU256 *out)
{
  SoukU256 gas;
  SOUK_TRY (souk_u256_mul (fees->max_fee, souk_u256_from_u64 (gas_limit), &gas));
  return souk_u256_add (gas, value, out);
}
