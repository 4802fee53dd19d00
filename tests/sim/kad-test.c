/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hash table under loss and churn. The full size is `souk-kad-sim`; here a smaller one.
 */
#include "kad-sim.h"

#include <glib.h>

static void
assert_succeeds (const KadSimFigure *figure)
{
  g_assert_cmpuint (figure->started, >, 50);
  g_assert_cmpuint (figure->succeeded * 100, >=, figure->started * 99);
}

static void
test_churn (void)
{
  KadSimConfig config = kad_sim_config_usual (7);
  KadSimReport report;
  config.nodes = 150;
  config.minutes = 3;
  kad_sim_run (&config, &report);
  kad_sim_print (&config, &report, "# ");
  assert_succeeds (&report.closest);
  assert_succeeds (&report.values);
  assert_succeeds (&report.providers);
}

static void
test_replay (void)
{
  KadSimConfig config = kad_sim_config_usual (3);
  KadSimReport first, second;
  config.nodes = 40;
  config.minutes = 1;
  kad_sim_run (&config, &first);
  kad_sim_run (&config, &second);
  g_assert_cmpuint (first.messages, ==, second.messages);
  g_assert_cmpuint (first.digest, ==, second.digest);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/kad/lookups-succeed-under-loss-and-churn", test_churn);
  g_test_add_func ("/sim/kad/a-seed-determines-the-run", test_replay);
  return g_test_run ();
}
