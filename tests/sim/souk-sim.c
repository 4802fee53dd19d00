/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * souk-sim: runs the mesh simulator once. `souk-sim --seed 7` repeats the run of that seed.
 */
#include "sim.h"

#include <glib.h>
#include <stdio.h>

int
main (int argc, char **argv)
{
  gint64 seed = 1;
  gint nodes = 0, listings = 0, storm_s = 0, crashes = -1, partitions = -1, liars = -1;
  GOptionEntry entries[] = {
    { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "The run's seed", "N" },
    { "nodes", 0, 0, G_OPTION_ARG_INT, &nodes, "How many nodes", "N" },
    { "listings", 0, 0, G_OPTION_ARG_INT, &listings, "Records that each publishes", "N" },
    { "storm", 0, 0, G_OPTION_ARG_INT, &storm_s, "Seconds in which things go wrong", "S" },
    { "crashes", 0, 0, G_OPTION_ARG_INT, &crashes, "Crashes in all", "N" },
    { "partitions", 0, 0, G_OPTION_ARG_INT, &partitions, "Partitions in all", "N" },
    { "liars", 0, 0, G_OPTION_ARG_INT, &liars, "Hostile nodes", "N" },
    { NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new ("- simulate a mesh of Souk nodes");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      fprintf (stderr, "souk-sim: %s\n", error->message);
      return 2;
    }

  SimConfig config = sim_config_usual ((uint64_t)seed);
  SimReport report;
  if (nodes != 0)
    config.nodes = (size_t)nodes;
  if (listings != 0)
    config.listings = (size_t)listings;
  if (storm_s != 0)
    config.storm_s = (unsigned)storm_s;
  if (crashes >= 0)
    config.crashes = (unsigned)crashes;
  if (partitions >= 0)
    config.partitions = (unsigned)partitions;
  if (liars >= 0)
    config.liars = (unsigned)liars;
  if (config.liars >= config.nodes / 4)
    config.liars = 0;
  if (config.nodes < 2 || config.nodes > SIM_NODES_MAX || config.storm_s < 20
      || config.listings > 200)
    {
      fprintf (stderr, "souk-sim: 2 to %d nodes, at most 200 listings, a storm of 20 s or more\n",
               SIM_NODES_MAX);
      return 2;
    }
  sim_run (&config, &report);
  sim_report_print (&config, &report, "");
  return 0;
}
