/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * souk-kad-sim: runs the hash table's simulation once. `souk-kad-sim --seed 7` repeats the run of that
 * seed.
 */
#include "kad-sim.h"

#include <glib.h>
#include <stdio.h>

int
main (int argc, char **argv)
{
  gint64 seed = 1;
  gint nodes = 0, minutes = 0, loss = -1, churn = -1, lookups = -1;
  GOptionEntry entries[] = {
    { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "The run's seed", "N" },
    { "nodes", 0, 0, G_OPTION_ARG_INT, &nodes, "How many nodes", "N" },
    { "minutes", 0, 0, G_OPTION_ARG_INT, &minutes, "How long", "N" },
    { "loss", 0, 0, G_OPTION_ARG_INT, &loss, "Per cent of messages that are lost", "N" },
    { "churn", 0, 0, G_OPTION_ARG_INT, &churn, "Per cent of nodes that change a minute", "N" },
    { "lookups", 0, 0, G_OPTION_ARG_INT, &lookups, "Lookups of each kind a minute", "N" },
    { NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new ("- simulate a hash table");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      fprintf (stderr, "souk-kad-sim: %s\n", error->message);
      return 2;
    }
  KadSimConfig config = kad_sim_config_usual ((uint64_t)seed);
  KadSimReport report;
  if (nodes != 0)
    config.nodes = (size_t)nodes;
  if (minutes != 0)
    config.minutes = (unsigned)minutes;
  if (loss >= 0)
    config.loss_percent = (unsigned)loss;
  if (churn >= 0)
    config.churn_percent = (unsigned)churn;
  if (lookups >= 0)
    config.lookups_minute = (unsigned)lookups;
  if (config.nodes < 3 || config.nodes > KAD_SIM_NODES_MAX || config.loss_percent > 50)
    {
      fprintf (stderr, "souk-kad-sim: 3 to %d nodes, at most 50 %% loss\n", KAD_SIM_NODES_MAX);
      return 2;
    }
  kad_sim_run (&config, &report);
  kad_sim_print (&config, &report, "");
  return 0;
}
