/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The deal as both contracts see it: states, who may take which step when. PURE.
 *
 * The table in escrow.c is the one in the contracts' interface (IEscrow.sol), and a test compares
 * both. Time is the chain's: whole seconds of a block. "At t == deadline the acting side may still
 * act", so the other side's turn starts at deadline + 1.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* On chain: do not renumber. */
typedef enum {
  SOUK_ESCROW_NONE = 0,
  SOUK_ESCROW_FUNDED = 1,
  SOUK_ESCROW_DELIVERED = 2,
  SOUK_ESCROW_DISPUTED = 3,
  SOUK_ESCROW_RELEASED = 4,
  SOUK_ESCROW_REFUNDED = 5,
  SOUK_ESCROW_RESOLVED = 6,
  SOUK_ESCROW_STATE_COUNT
} SoukEscrowState;

typedef enum {
  SOUK_ESCROW_STEP_OPEN,
  SOUK_ESCROW_STEP_DELIVER, /* `submit` in ComputeRental */
  SOUK_ESCROW_STEP_RELEASE,
  SOUK_ESCROW_STEP_REFUND,
  SOUK_ESCROW_STEP_SETTLE, /* compute only: with the payer's receipt */
  SOUK_ESCROW_STEP_DISPUTE,
  SOUK_ESCROW_STEP_PROVE_MISMATCH, /* prompts only */
  SOUK_ESCROW_STEP_RESOLVE,
  SOUK_ESCROW_STEP_COUNT
} SoukEscrowStep;

/* One caller may be several: a set. Everyone is ANYONE. */
typedef enum {
  SOUK_ESCROW_ANYONE = 1,
  SOUK_ESCROW_PAYER = 2, /* buyer, requester */
  SOUK_ESCROW_PAYEE = 4, /* seller, provider */
  SOUK_ESCROW_ARBITER = 8,
} SoukEscrowRole;

typedef enum {
  SOUK_ESCROW_MARKET_PROMPT = 1,
  SOUK_ESCROW_MARKET_COMPUTE = 2,
  SOUK_ESCROW_MARKET_BOTH = 3,
} SoukEscrowMarket;

/* When a row of the table holds. */
typedef enum {
  SOUK_ESCROW_BY,   /* t <= deadline */
  SOUK_ESCROW_LATE, /* t > deadline */
  SOUK_ESCROW_ANY,
} SoukEscrowTime;

typedef struct {
  SoukEscrowState state;
  SoukEscrowStep step;
  SoukEscrowRole who;
  SoukEscrowTime time;
  SoukEscrowState next;
  SoukEscrowMarket market;
} SoukEscrowRow;

/* What a deal is at one moment. */
typedef struct {
  SoukEscrowMarket market; /* PROMPT or COMPUTE */
  SoukEscrowState state;
  uint64_t deadline_s; /* of the state; in NONE the terms' validUntil */
  bool has_arbiter;
} SoukEscrowDeal;

/* Seconds; the contracts refuse terms whose windows are outside. */
#define SOUK_ESCROW_WINDOW_MIN_S 600
#define SOUK_ESCROW_WINDOW_MAX_S (90 * 86400)
#define SOUK_ESCROW_ARBITRATION_S (14 * 86400)

/* The whole table; *out_count rows. Owned by the table. */
const SoukEscrowRow *souk_escrow_table (unsigned *out_count);

/* May a caller with `roles` take `step` in a block of time `now_s`?
 * Returns: true and *out_next, the state that it leads to. */
bool souk_escrow_allows (const SoukEscrowDeal *deal, SoukEscrowStep step, unsigned roles,
                         uint64_t now_s, SoukEscrowState *out_next);

/* Returns: the steps open to a caller with `roles`, as a set of bits 1 << SoukEscrowStep. */
unsigned souk_escrow_steps (const SoukEscrowDeal *deal, unsigned roles, uint64_t now_s);

/* What anyone can do once the deadline has passed: where silence leads.
 * Returns: true, and *out_step and *out_from_s, the first second at which it can be done. */
bool souk_escrow_silence (const SoukEscrowDeal *deal, SoukEscrowStep *out_step,
                          uint64_t *out_from_s);

bool souk_escrow_state_is_terminal (SoukEscrowState state);
/* The names that the contracts' table uses: "Funded", "proveMismatch". Owned by the table. */
const char *souk_escrow_state_name (SoukEscrowState state);
const char *souk_escrow_step_name (SoukEscrowStep step);
