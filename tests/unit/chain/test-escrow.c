/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The deal's table: equal to the contracts' own, and right at its boundaries.
 */
#include "chain/escrow.h"
#include "testcases.h"

static void
the_deadline_belongs_to_the_acting_side (void)
{
  SoukEscrowDeal deal = { SOUK_ESCROW_MARKET_PROMPT, SOUK_ESCROW_FUNDED, 1000, true };
  SoukEscrowState next;

  g_assert_true (
      souk_escrow_allows (&deal, SOUK_ESCROW_STEP_DELIVER, SOUK_ESCROW_PAYEE, 1000, &next));
  g_assert_cmpint (next, ==, SOUK_ESCROW_DELIVERED);
  g_assert_false (
      souk_escrow_allows (&deal, SOUK_ESCROW_STEP_DELIVER, SOUK_ESCROW_PAYEE, 1001, &next));
  g_assert_false (
      souk_escrow_allows (&deal, SOUK_ESCROW_STEP_REFUND, SOUK_ESCROW_PAYER, 1000, &next));
  g_assert_true (
      souk_escrow_allows (&deal, SOUK_ESCROW_STEP_REFUND, SOUK_ESCROW_PAYER, 1001, &next));
  g_assert_true (
      souk_escrow_allows (&deal, SOUK_ESCROW_STEP_REFUND, SOUK_ESCROW_ANYONE, 1001, &next));
  g_assert_true (souk_escrow_allows (&deal, SOUK_ESCROW_STEP_REFUND, SOUK_ESCROW_PAYEE, 5, &next));
}

static void
without_an_arbiter_there_is_no_dispute (void)
{
  SoukEscrowDeal deal = { SOUK_ESCROW_MARKET_COMPUTE, SOUK_ESCROW_DELIVERED, 1000, false };
  g_assert_false (souk_escrow_steps (&deal, SOUK_ESCROW_PAYER, 10)
                  & 1u << SOUK_ESCROW_STEP_DISPUTE);
  deal.has_arbiter = true;
  g_assert_true (souk_escrow_steps (&deal, SOUK_ESCROW_PAYER, 10) & 1u << SOUK_ESCROW_STEP_DISPUTE);
}

static void
each_market_has_its_own_steps (void)
{
  SoukEscrowDeal deal = { SOUK_ESCROW_MARKET_COMPUTE, SOUK_ESCROW_DELIVERED, 1000, false };
  g_assert_cmpuint (souk_escrow_steps (&deal, SOUK_ESCROW_PAYEE, 10), ==,
                    1u << SOUK_ESCROW_STEP_REFUND | 1u << SOUK_ESCROW_STEP_SETTLE);
  deal.market = SOUK_ESCROW_MARKET_PROMPT;
  g_assert_cmpuint (souk_escrow_steps (&deal, SOUK_ESCROW_PAYEE, 10), ==,
                    1u << SOUK_ESCROW_STEP_REFUND | 1u << SOUK_ESCROW_STEP_PROVE_MISMATCH);
}

/* No state holds money for ever: after each deadline of a funded state anyone can end it. */
static void
silence_always_leads_out (void)
{
  for (int market = 1; market <= 2; market++)
    for (int state = SOUK_ESCROW_FUNDED; state <= SOUK_ESCROW_DISPUTED; state++)
      {
        SoukEscrowDeal deal = { (SoukEscrowMarket)market, (SoukEscrowState)state, 50, false };
        SoukEscrowStep step;
        SoukEscrowState next;
        uint64_t from = 0;
        g_assert_true (souk_escrow_silence (&deal, &step, &from));
        g_assert_cmpuint (from, ==, 51);
        g_assert_true (souk_escrow_allows (&deal, step, SOUK_ESCROW_ANYONE, from, &next));
        g_assert_true (souk_escrow_state_is_terminal (next));
      }
}

static void
terminal_states_have_no_steps (void)
{
  for (int state = SOUK_ESCROW_RELEASED; state < SOUK_ESCROW_STATE_COUNT; state++)
    for (uint64_t now = 0; now < 3; now++)
      {
        SoukEscrowDeal deal = { SOUK_ESCROW_MARKET_PROMPT, (SoukEscrowState)state, 1, true };
        g_assert_cmpuint (souk_escrow_steps (&deal, 15, now), ==, 0);
      }
}

static const char *const who_names[] = { "anyone", "payer", "payee", "arbiter" };
static const char *const time_names[] = { "by", "late", "any" };
static const char *const market_names[] = { "", "prompt", "compute", "both" };

static bool
has_row (JsonArray *rows, const SoukEscrowRow *row)
{
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *o = json_array_get_object_element (rows, i);
      if (g_str_equal (text_of (o, "state"), souk_escrow_state_name (row->state))
          && g_str_equal (text_of (o, "step"), souk_escrow_step_name (row->step))
          && g_str_equal (text_of (o, "who"), who_names[g_bit_nth_lsf (row->who, -1)])
          && g_str_equal (text_of (o, "time"), time_names[row->time])
          && g_str_equal (text_of (o, "next"), souk_escrow_state_name (row->next))
          && g_str_equal (text_of (o, "market"), market_names[row->market]))
        return true;
    }
  return false;
}

static void
the_table_is_that_of_the_contracts (void)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  const char *folder = g_getenv ("SOUK_CONTRACTS_ABI");
  g_autofree char *path = g_build_filename (folder ? folder : ".", "transitions.json", NULL);
  unsigned count = 0;

  if (!json_parser_load_from_file (parser, path, NULL))
    {
      g_test_skip ("SOUK_CONTRACTS_ABI names no folder with transitions.json");
      return;
    }
  JsonObject *root = json_node_get_object (json_parser_get_root (parser));
  JsonArray *rows = json_object_get_array_member (root, "rows");
  JsonArray *states = json_object_get_array_member (root, "states");
  const SoukEscrowRow *table = souk_escrow_table (&count);
  g_assert_cmpuint (json_array_get_length (rows), ==, count);
  for (unsigned i = 0; i < count; i++)
    g_assert_true (has_row (rows, &table[i]));
  g_assert_cmpuint (json_array_get_length (states), ==, SOUK_ESCROW_STATE_COUNT);
  for (guint i = 0; i < SOUK_ESCROW_STATE_COUNT; i++)
    g_assert_cmpstr (json_array_get_string_element (states, i), ==,
                     souk_escrow_state_name ((SoukEscrowState)i));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chain/escrow/the-deadline-belongs-to-the-acting-side",
                   the_deadline_belongs_to_the_acting_side);
  g_test_add_func ("/chain/escrow/without-an-arbiter-there-is-no-dispute",
                   without_an_arbiter_there_is_no_dispute);
  g_test_add_func ("/chain/escrow/each-market-has-its-own-steps", each_market_has_its_own_steps);
  g_test_add_func ("/chain/escrow/silence-always-leads-out", silence_always_leads_out);
  g_test_add_func ("/chain/escrow/terminal-states-have-no-steps", terminal_states_have_no_steps);
  g_test_add_func ("/chain/escrow/the-table-is-that-of-the-contracts",
                   the_table_is_that_of_the_contracts);
  return g_test_run ();
}
