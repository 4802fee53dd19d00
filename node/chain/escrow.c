/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The state machine of a deal: one table and the questions that are asked of it. PURE. See escrow.h.
 */
#include "chain/escrow.h"

#include <glib.h>

/* clang-format off */
#define ROW(state, step, who, time, next, market)                                                  \
  { SOUK_ESCROW_##state, SOUK_ESCROW_STEP_##step, SOUK_ESCROW_##who, SOUK_ESCROW_##time,           \
    SOUK_ESCROW_##next, SOUK_ESCROW_MARKET_##market }

static const SoukEscrowRow table[] = {
  ROW (NONE,      OPEN,           PAYER,   BY,   FUNDED,    BOTH),
  ROW (FUNDED,    DELIVER,        PAYEE,   BY,   DELIVERED, BOTH),
  ROW (FUNDED,    RELEASE,        PAYER,   ANY,  RELEASED,  BOTH),
  ROW (FUNDED,    REFUND,         PAYEE,   ANY,  REFUNDED,  BOTH),
  ROW (FUNDED,    REFUND,         ANYONE,  LATE, REFUNDED,  BOTH),
  ROW (FUNDED,    SETTLE,         PAYEE,   ANY,  RELEASED,  COMPUTE),
  ROW (DELIVERED, RELEASE,        PAYER,   ANY,  RELEASED,  BOTH),
  ROW (DELIVERED, RELEASE,        ANYONE,  LATE, RELEASED,  BOTH),
  ROW (DELIVERED, REFUND,         PAYEE,   ANY,  REFUNDED,  BOTH),
  ROW (DELIVERED, DISPUTE,        PAYER,   BY,   DISPUTED,  BOTH),
  ROW (DELIVERED, PROVE_MISMATCH, ANYONE,  BY,   REFUNDED,  PROMPT),
  ROW (DELIVERED, SETTLE,         PAYEE,   ANY,  RELEASED,  COMPUTE),
  ROW (DISPUTED,  RELEASE,        PAYER,   ANY,  RELEASED,  BOTH),
  ROW (DISPUTED,  REFUND,         PAYEE,   ANY,  REFUNDED,  BOTH),
  ROW (DISPUTED,  RESOLVE,        ARBITER, BY,   RESOLVED,  BOTH),
  ROW (DISPUTED,  RESOLVE,        ANYONE,  LATE, RESOLVED,  BOTH),
  ROW (DISPUTED,  SETTLE,         PAYEE,   ANY,  RELEASED,  COMPUTE),
};
#undef ROW
/* clang-format on */

static const char *const state_names[SOUK_ESCROW_STATE_COUNT] = {
  "None", "Funded", "Delivered", "Disputed", "Released", "Refunded", "Resolved",
};

static const char *const step_names[SOUK_ESCROW_STEP_COUNT] = {
  "open", "deliver", "release", "refund", "settle", "dispute", "proveMismatch", "resolve",
};

const SoukEscrowRow *
souk_escrow_table (unsigned *out_count)
{
  *out_count = G_N_ELEMENTS (table);
  return table;
}

static bool
time_is_right (SoukEscrowTime time, uint64_t deadline_s, uint64_t now_s)
{
  switch (time)
    {
    case SOUK_ESCROW_BY:
      return now_s <= deadline_s;
    case SOUK_ESCROW_LATE:
      return now_s > deadline_s;
    case SOUK_ESCROW_ANY:
      return true;
    }
  g_assert_not_reached ();
}

/* A deal without an arbiter has no disputes. */
static bool
row_holds (const SoukEscrowRow *row, const SoukEscrowDeal *deal, unsigned roles, uint64_t now_s)
{
  return row->state == deal->state && (row->market & deal->market) != 0
         && (row->who & (roles | SOUK_ESCROW_ANYONE)) != 0
         && (row->step != SOUK_ESCROW_STEP_DISPUTE || deal->has_arbiter)
         && time_is_right (row->time, deal->deadline_s, now_s);
}

bool
souk_escrow_allows (const SoukEscrowDeal *deal, SoukEscrowStep step, unsigned roles, uint64_t now_s,
                    SoukEscrowState *out_next)
{
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].step == step && row_holds (&table[i], deal, roles, now_s))
      {
        *out_next = table[i].next;
        return true;
      }
  return false;
}

unsigned
souk_escrow_steps (const SoukEscrowDeal *deal, unsigned roles, uint64_t now_s)
{
  unsigned steps = 0;
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    if (row_holds (&table[i], deal, roles, now_s))
      steps |= 1u << table[i].step;
  return steps;
}

bool
souk_escrow_silence (const SoukEscrowDeal *deal, SoukEscrowStep *out_step, uint64_t *out_from_s)
{
  if (deal->deadline_s == UINT64_MAX)
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].time == SOUK_ESCROW_LATE
        && row_holds (&table[i], deal, SOUK_ESCROW_ANYONE, deal->deadline_s + 1))
      {
        *out_step = table[i].step;
        *out_from_s = deal->deadline_s + 1;
        return true;
      }
  return false;
}

bool
souk_escrow_state_is_terminal (SoukEscrowState state)
{
  switch (state)
    {
    case SOUK_ESCROW_NONE:
    case SOUK_ESCROW_FUNDED:
    case SOUK_ESCROW_DELIVERED:
    case SOUK_ESCROW_DISPUTED:
      return false;
    case SOUK_ESCROW_RELEASED:
    case SOUK_ESCROW_REFUNDED:
    case SOUK_ESCROW_RESOLVED:
    case SOUK_ESCROW_STATE_COUNT:
      return true;
    }
  g_assert_not_reached ();
}

const char *
souk_escrow_state_name (SoukEscrowState state)
{
  g_assert ((unsigned)state < SOUK_ESCROW_STATE_COUNT);
  return state_names[state];
}

const char *
souk_escrow_step_name (SoukEscrowStep step)
{
  g_assert ((unsigned)step < SOUK_ESCROW_STEP_COUNT);
  return step_names[step];
}
