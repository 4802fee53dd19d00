/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What to pay for gas (EIP-1559): from eth_feeHistory to the two fees of a transaction. PURE.
 *
 * An RPC is a stranger: every figure it gives is bounded by `cap`, the most that the wallet's owner
 * allows for a unit of gas.
 */
#pragma once
#include "base/u256.h"

/* Blocks of history that are asked for. */
#define SOUK_FEE_HISTORY_BLOCKS 20
/* The percentile of rewards that is asked for and used. */
#define SOUK_FEE_REWARD_PERCENTILE 50
/* Default of the cap: 500 gwei. */
#define SOUK_FEE_CAP_DEFAULT UINT64_C (500000000000)

typedef struct {
  SoukU256 next_base_fee;  /* the LAST entry of baseFeePerGas: it has one more than blocks */
  const SoukU256 *rewards; /* the chosen percentile of each block */
  size_t n_rewards;
  SoukU256
      suggested_priority_fee; /* eth_maxPriorityFeePerGas; zero when the node has no such call */
} SoukFeeHistory;

typedef struct {
  SoukU256 max_priority_fee;
  SoukU256 max_fee;
} SoukFees;

/* tip = median of the non-zero rewards, at least half of what the node suggests; max fee = 2 x next
 * base fee + tip. LIMIT when the next base fee alone is over `cap`: the network is too dear. */
SoukStatus souk_fees_choose (const SoukFeeHistory *history, SoukU256 cap, SoukFees *out);

/* Fees for a replacement of a transaction that had `old`: both at least 10 % more (rounded up; a node
 * refuses less), and at least `fresh`, what one would choose now.
 * LIMIT when that is over `cap`. */
SoukStatus souk_fees_bump (const SoukFees *old, const SoukFees *fresh, SoukU256 cap, SoukFees *out);

/* The gas limit for an estimate: a fifth more, since the state may change until it is mined. */
uint64_t souk_fees_gas_limit (uint64_t estimate);

/* gas limit x max fee + value: the most that the transaction can take from the account. */
SoukStatus souk_fees_cost_max (const SoukFees *fees, uint64_t gas_limit, SoukU256 value,
                               SoukU256 *out);
