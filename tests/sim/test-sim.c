/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs the simulator with a few seeds. All invariants are checked inside; see sim.h.
 */
#include "sim.h"

#include <glib.h>

static void
test_seed (gconstpointer data)
{
  SimConfig config = sim_config_usual (GPOINTER_TO_SIZE (data));
  SimReport report;
  sim_run (&config, &report);
  sim_report_print (&config, &report, "# ");
  g_assert_cmpfloat (report.delivered_percent, ==, 100.0);
  /* Gossip, not sync, carries the news. */
  g_assert_cmpuint (report.by_gossip, >, report.by_sync);
}

static void
test_peace (void)
{
  SimConfig config = sim_config_usual (11);
  SimReport report;
  config.stall_permille = config.crashes = config.partitions = config.liars = 0;
  config.link_life_s = 100000;
  config.storm_s = 30;
  config.calm_s = 120;
  sim_run (&config, &report);
  sim_report_print (&config, &report, "# ");
  g_assert_cmpfloat (report.p99_ms, <, 1500);
}

static void
test_repeat (void)
{
  SimConfig config = sim_config_usual (7);
  SimReport first, second, other;
  config.nodes = 20;
  config.listings = 2;
  config.storm_s = 60;
  config.calm_s = 120;
  sim_run (&config, &first);
  sim_run (&config, &second);
  config.seed = 8;
  sim_run (&config, &other);
  g_assert_cmphex (first.trace, ==, second.trace);
  g_assert_cmpuint (first.events, ==, second.events);
  g_assert_cmphex (first.trace, !=, other.trace);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/in-peace-a-record-is-everywhere-within-seconds", test_peace);
  for (gsize seed = 1; seed <= 3; seed++)
    {
      g_autofree char *name
          = g_strdup_printf ("/sim/seed-%d/after-the-storm-every-node-has-every-record", (int)seed);
      g_test_add_data_func (name, GSIZE_TO_POINTER (seed), test_seed);
    }
  g_test_add_func ("/sim/the-same-seed-gives-the-same-trace", test_repeat);
  return g_test_run ();
}
