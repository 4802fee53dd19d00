/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order machine's rows: each is reached, none contradicts another, no phase is a dead end, and
 * random walks keep what must always hold.
 */
#include "fixture.h"
#include "market/order-table.h"

#include <string.h>

typedef struct {
  FixSale sale;
  SoukOfferTerms bad_terms;
} Parts;

static const SoukOrderEventKind kinds[SOUK_ORDER_INPUT_COUNT] = {
  [SOUK_ORDER_IN_START_FREE] = SOUK_ORDER_EVENT_START,
  [SOUK_ORDER_IN_START_PAID] = SOUK_ORDER_EVENT_START,
  [SOUK_ORDER_IN_CANCEL] = SOUK_ORDER_EVENT_CANCEL,
  [SOUK_ORDER_IN_OFFER_GOOD] = SOUK_ORDER_EVENT_OFFER,
  [SOUK_ORDER_IN_OFFER_BAD] = SOUK_ORDER_EVENT_OFFER,
  [SOUK_ORDER_IN_REFUSED] = SOUK_ORDER_EVENT_REFUSED,
  [SOUK_ORDER_IN_FETCHED] = SOUK_ORDER_EVENT_FETCHED,
  [SOUK_ORDER_IN_OPENED] = SOUK_ORDER_EVENT_OPENED,
  [SOUK_ORDER_IN_OPENED_OVER] = SOUK_ORDER_EVENT_OPENED,
  [SOUK_ORDER_IN_OPEN_BAD] = SOUK_ORDER_EVENT_OPENED,
  [SOUK_ORDER_IN_OPEN_BAD_ARBITER] = SOUK_ORDER_EVENT_OPENED,
  [SOUK_ORDER_IN_OPEN_BAD_OVER] = SOUK_ORDER_EVENT_OPENED,
  [SOUK_ORDER_IN_GIVE_UP] = SOUK_ORDER_EVENT_COMMAND_FAILED,
  [SOUK_ORDER_IN_TX_STORED] = SOUK_ORDER_EVENT_TX_STORED,
  [SOUK_ORDER_IN_TX_FAILED] = SOUK_ORDER_EVENT_TX_FAILED,
  [SOUK_ORDER_IN_BOUGHT] = SOUK_ORDER_EVENT_BOUGHT,
  [SOUK_ORDER_IN_KEY_RIGHT] = SOUK_ORDER_EVENT_DELIVERED,
  [SOUK_ORDER_IN_KEY_WRONG] = SOUK_ORDER_EVENT_DELIVERED,
  [SOUK_ORDER_IN_DISPUTED] = SOUK_ORDER_EVENT_DISPUTED,
  [SOUK_ORDER_IN_RELEASED] = SOUK_ORDER_EVENT_SETTLED,
  [SOUK_ORDER_IN_REFUNDED] = SOUK_ORDER_EVENT_SETTLED,
  [SOUK_ORDER_IN_RESOLVED] = SOUK_ORDER_EVENT_SETTLED,
  [SOUK_ORDER_IN_UNDO_BOUGHT] = SOUK_ORDER_EVENT_UNDO_BOUGHT,
  [SOUK_ORDER_IN_UNDO_DELIVERED] = SOUK_ORDER_EVENT_UNDO_DELIVERED,
  [SOUK_ORDER_IN_UNDO_DISPUTED] = SOUK_ORDER_EVENT_UNDO_DISPUTED,
  [SOUK_ORDER_IN_UNDO_SETTLED] = SOUK_ORDER_EVENT_UNDO_SETTLED,
  [SOUK_ORDER_IN_TIMEOUT] = SOUK_ORDER_EVENT_TIMEOUT,
};

/* What of the order itself decides that an event means `input`. */
static void
prepare (SoukOrderInput input, SoukOrder *order)
{
  if (input == SOUK_ORDER_IN_START_FREE || input == SOUK_ORDER_IN_START_PAID)
    order->price = fix_wei (input == SOUK_ORDER_IN_START_FREE ? "0" : FIX_PRICE);
  if (input == SOUK_ORDER_IN_OPEN_BAD_ARBITER)
    order->terms.arbiter = fix_wallet (9);
  if (input == SOUK_ORDER_IN_OPENED_OVER || input == SOUK_ORDER_IN_OPEN_BAD_OVER)
    {
      order->settlement.end = SOUK_END_RELEASED;
      order->before = SOUK_ORDER_DELIVERED;
    }
  if (input == SOUK_ORDER_IN_UNDO_SETTLED)
    {
      order->settlement.end = SOUK_END_RELEASED;
      order->before = order->role == SOUK_ORDER_BUYER ? SOUK_ORDER_RELEASING : SOUK_ORDER_CLAIMING;
    }
}

static SoukDealEnd
end_for (SoukOrderInput input)
{
  if (input == SOUK_ORDER_IN_REFUNDED)
    return SOUK_END_REFUNDED;
  return input == SOUK_ORDER_IN_RESOLVED ? SOUK_END_RESOLVED : SOUK_END_RELEASED;
}

/* The event that means `input` to an order; also sets what of the order decides it. */
static SoukOrderEvent
event_for (SoukOrderInput input, SoukOrder *order, Parts *parts)
{
  const SoukOrderPhaseInfo *info = souk_order_phase_info (order->phase);
  SoukOrderEvent event = { .deadline = FIX_NOW_S + 5000 };
  if (kinds[input] == SOUK_ORDER_EVENT_OFFER)
    event = fix_offer_event (&parts->sale);
  if (input == SOUK_ORDER_IN_OFFER_BAD)
    event.terms = &parts->bad_terms;
  event.kind = kinds[input];
  event.command = input == SOUK_ORDER_IN_TX_FAILED ? info->watched : info->command;
  event.is_final = true;
  event.reason = SOUK_ORDER_REASON_NO_FUNDS;
  event.detail = "Closed today.";
  event.is_good = input == SOUK_ORDER_IN_OPENED || input == SOUK_ORDER_IN_OPENED_OVER;
  event.settlement.end = end_for (input);
  if (event.kind == SOUK_ORDER_EVENT_DELIVERED)
    memcpy (event.hash, parts->sale.draft.key, 32);
  if (input == SOUK_ORDER_IN_KEY_WRONG)
    event.hash[0] ^= 1;
  prepare (input, order);
  return event;
}

static void
parts_init (Parts *parts)
{
  fix_sale_init (&parts->sale, FIX_PRICE);
  parts->bad_terms = parts->sale.draft.terms;
  parts->bad_terms.price = souk_u256_from_u64 (1);
}

static SoukOrder *
order_in (Parts *parts, SoukOrderRole role, SoukOrderPhase phase)
{
  SoukOrder *order
      = role == SOUK_ORDER_BUYER ? fix_buyer (&parts->sale) : fix_seller (&parts->sale);
  order->phase = phase;
  if (role == SOUK_ORDER_BUYER && phase != SOUK_ORDER_DRAFT && phase != SOUK_ORDER_OFFER_REQUESTED)
    {
      order->has_offer = true;
      order->terms = parts->sale.draft.terms;
      memcpy (order->capsule, parts->sale.draft.capsule, sizeof order->capsule);
    }
  return order;
}

static void
assert_same_after_restart (const SoukOrder *order)
{
  g_autoptr (GBytes) one = souk_order_to_bytes (order);
  g_autoptr (SoukOrder) again = NULL;
  souk_assert_status (souk_order_from_bytes (souk_slice_from_bytes (one), &again), OK);
  g_autoptr (GBytes) two = souk_order_to_bytes (again);
  g_assert_true (g_bytes_equal (one, two));
}

static void
reach_rows (Parts *parts, SoukOrderRole role)
{
  size_t count;
  const SoukOrderRow *rows = souk_order_rows (role, &count);
  for (size_t i = 0; i < count; i++)
    for (unsigned phase = 0; phase < SOUK_ORDER_PHASE_MAX; phase++)
      {
        if ((rows[i].from >> phase & 1) == 0)
          continue;
        g_autoptr (SoukOrder) order = order_in (parts, role, (SoukOrderPhase)phase);
        SoukOrderEvent event = event_for (rows[i].input, order, parts);
        SoukOrderPhase before = order->before;
        g_assert_true (souk_order_find_row (role, order->phase, rows[i].input) == &rows[i]);
        souk_assert_status (souk_order_apply (order, &event, FIX_NOW), OK);
        unsigned expected = rows[i].to == SOUK_ORDER_STAYS  ? phase
                            : rows[i].to == SOUK_ORDER_BACK ? (unsigned)before
                                                            : rows[i].to;
        g_assert_cmpuint (order->phase, ==, expected);
        assert_same_after_restart (order);
      }
}

static void
test_every_row (void)
{
  Parts parts;
  parts_init (&parts);
  reach_rows (&parts, SOUK_ORDER_BUYER);
  reach_rows (&parts, SOUK_ORDER_SELLER);
  fix_sale_done (&parts.sale);
}

static void
test_no_two_rows_for_one_thing (void)
{
  for (SoukOrderRole role = SOUK_ORDER_BUYER; role <= SOUK_ORDER_SELLER; role++)
    {
      size_t count;
      const SoukOrderRow *rows = souk_order_rows (role, &count);
      for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
          if (rows[i].input == rows[j].input)
            g_assert_cmpuint (rows[i].from & rows[j].from, ==, 0);
    }
}

/* Where money is held, something of ours or the clock must be able to move it on. */
static void
test_no_dead_ends (void)
{
  for (SoukOrderRole role = SOUK_ORDER_BUYER; role <= SOUK_ORDER_SELLER; role++)
    for (unsigned phase = 1; phase < SOUK_ORDER_PHASE_MAX; phase++)
      {
        if (souk_order_find_row (role, (SoukOrderPhase)phase, SOUK_ORDER_IN_RELEASED) == NULL)
          continue;
        const SoukOrderPhaseInfo *info = souk_order_phase_info (phase);
        bool can_act = info->command != SOUK_ORDER_COMMAND_NONE
                       || info->watched != SOUK_ORDER_COMMAND_NONE
                       || souk_order_find_row (role, (SoukOrderPhase)phase, SOUK_ORDER_IN_TIMEOUT);
        /* Two phases wait for the other side alone: nothing more can be done or is owed. */
        if (phase == SOUK_ORDER_WITHHELD || phase == SOUK_ORDER_MISSED)
          continue;
        g_assert_true (can_act);
        if (info->watched != SOUK_ORDER_COMMAND_NONE)
          g_assert_nonnull (
              souk_order_find_row (role, (SoukOrderPhase)phase, SOUK_ORDER_IN_TX_FAILED));
        if (info->deadline != SOUK_ORDER_DEADLINE_NONE)
          g_assert_cmpstr (info->then, !=, "");
      }
}

typedef struct {
  bool has_fetched;
  bool has_opened;
  uint64_t visited;
} Walk;

/* What must hold whatever comes. */
static void
check_walk (const SoukOrder *order, SoukOrderCommand command, const Walk *walk)
{
  if (order->role != SOUK_ORDER_BUYER)
    return;
  if (command == SOUK_ORDER_COMMAND_SUBMIT_BUY)
    g_assert_true (walk->has_fetched && order->has_offer);
  if (command == SOUK_ORDER_COMMAND_SUBMIT_RELEASE)
    g_assert_true (walk->has_opened && order->has_content_key);
  if (command == SOUK_ORDER_COMMAND_SUBMIT_MISMATCH)
    g_assert_true (order->has_key && !order->has_content_key);
}

static void
walk_once (Parts *parts, SoukOrderRole role, SoukRng *rng, Walk *walk)
{
  g_autoptr (SoukOrder) order
      = role == SOUK_ORDER_BUYER ? fix_buyer (&parts->sale) : fix_seller (&parts->sale);
  SoukWall now = FIX_NOW;
  bool has_arbiter = souk_rng_below (rng, 2) == 0;
  walk->has_fetched = walk->has_opened = false;
  for (unsigned i = 0; i < 60; i++)
    {
      SoukOrderCommand command = souk_order_next_command (order, now);
      check_walk (order, command, walk);
      SoukOrderInput input = (SoukOrderInput)souk_rng_below (rng, SOUK_ORDER_INPUT_COUNT);
      SoukOrder scratch = *order; /* event_for may set what decides; a walk must not */
      SoukOrderEvent event = event_for (input, &scratch, parts);
      event.is_final = souk_rng_below (rng, 4) == 0;
      bool was_over = souk_order_is_over (order);
      SoukStatus status = souk_order_apply (order, &event, now);
      if (status == SOUK_STATUS_OK)
        {
          walk->has_fetched |= event.kind == SOUK_ORDER_EVENT_FETCHED;
          walk->has_opened |= event.kind == SOUK_ORDER_EVENT_OPENED && event.is_good;
          if (was_over)
            g_assert_true (event.kind == SOUK_ORDER_EVENT_UNDO_SETTLED
                           || event.kind == SOUK_ORDER_EVENT_BOUGHT);
          if (has_arbiter && order->has_offer)
            order->terms.arbiter = fix_wallet (9);
          if (i % 8 == 0)
            assert_same_after_restart (order);
        }
      walk->visited |= UINT64_C (1) << order->phase;
      now.us += (int64_t)souk_rng_below (rng, 400) * SOUK_US_PER_S;
      if (souk_rng_below (rng, 4) == 0)
        souk_order_tick (order, now);
      if (souk_rng_below (rng, 8) == 0)
        souk_order_resume (order);
    }
}

static void
test_random_walks (void)
{
  Parts parts;
  SoukSeededRng rng;
  Walk walk = { 0 };
  uint64_t all = 0;
  parts_init (&parts);
  souk_seeded_rng_init_number (&rng, 20260801);
  for (unsigned i = 0; i < 4000; i++)
    walk_once (&parts, i % 4 == 0 ? SOUK_ORDER_SELLER : SOUK_ORDER_BUYER, &rng.rng, &walk);
  for (unsigned phase = 1; phase < SOUK_ORDER_PHASE_MAX; phase++)
    if (souk_order_phase_info (phase) != NULL && phase != SOUK_ORDER_FETCHING)
      all |= UINT64_C (1) << phase;
  g_assert_cmphex (all & ~walk.visited, ==, 0);
  fix_sale_done (&parts.sale);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/market/order-table/every-row-is-reached-from-each-of-its-phases",
                   test_every_row);
  g_test_add_func ("/market/order-table/no-two-rows-answer-one-event",
                   test_no_two_rows_for_one_thing);
  g_test_add_func ("/market/order-table/held-money-always-has-a-way-on", test_no_dead_ends);
  g_test_add_func ("/market/order-table/random-walks-never-pay-unchecked", test_random_walks);
  return g_test_run ();
}
