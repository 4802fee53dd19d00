/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What should be known everywhere, how long it took, and the last check. See sim-world.h.
 */
#include "sim-world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static guint
hash_of_id (gconstpointer key)
{
  guint hash;
  memcpy (&hash, key, sizeof hash);
  return hash;
}

static gboolean
equal_ids (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, SOUK_RECORD_ID_SIZE) == 0;
}

void
report_init (World *world)
{
  world->publications = g_ptr_array_new_with_free_func (g_free);
  world->by_id = g_hash_table_new (hash_of_id, equal_ids);
  world->truth = g_hash_table_new (hash_of_id, equal_ids);
  world->latencies = g_array_new (FALSE, FALSE, sizeof (double));
  world->calm_latencies = g_array_new (FALSE, FALSE, sizeof (double));
}

void
report_done (World *world)
{
  g_hash_table_unref (world->truth);
  g_hash_table_unref (world->by_id);
  g_ptr_array_unref (world->publications);
  g_array_unref (world->latencies);
  g_array_unref (world->calm_latencies);
}

void
report_published (Node *node, const SoukRecord *record)
{
  World *world = node->world;
  Publication *publication = g_new0 (Publication, 1);
  memcpy (publication->id, record->id, sizeof publication->id);
  memcpy (publication->thing, record->thing, sizeof publication->thing);
  publication->at_us = world->now_us;
  publication->is_withdrawn = record->is_withdrawn;
  /* A liar is in graylists for a while: what it says and hears comes late. */
  publication->was_calm
      = !node->is_liar
        && world->now_us > (int64_t)(world->config.storm_s + CALM_AFTER_S) * SOUK_US_PER_S;
  g_ptr_array_add (world->publications, publication);
  g_hash_table_insert (world->by_id, publication->id, publication);
  /* A node's sequences grow, so the last version is the one that counts. */
  g_hash_table_replace (world->truth, publication->thing, publication);
}

void
report_received (Node *node, const uint8_t id[SOUK_RECORD_ID_SIZE], bool by_gossip)
{
  World *world = node->world;
  Publication *publication = g_hash_table_lookup (world->by_id, id);
  g_assert (publication != NULL);
  double ms = (double)(world->now_us - publication->at_us) / 1000;
  if (ms == 0)
    return; /* the author itself */
  g_array_append_val (world->latencies, ms);
  if (publication->was_calm && !node->is_liar)
    g_array_append_val (world->calm_latencies, ms);
  if (by_gossip)
    world->report.by_gossip++;
  else
    world->report.by_sync++;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double
percentile (GArray *sorted, double share)
{
  if (sorted->len == 0)
    return 0;
  return g_array_index (sorted, double, (guint)((sorted->len - 1) * share));
}

/* Every node has the version of every thing that counts, tombstones too, and nothing else. */
static void
check_delivery (World *world)
{
  SimReport *report = &world->report;
  size_t wanted = 0, found = 0;
  for (size_t i = 0; i < world->config.nodes; i++)
    {
      Node *node = &world->nodes[i];
      sim_check (world, node, node->is_up, "a node has not come back");
      sim_check (world, node,
                 souk_catalogue_size (node->catalogue) == g_hash_table_size (world->truth),
                 "a catalogue has another size than the truth");
      for (guint j = 0; j < world->publications->len; j++)
        {
          Publication *publication = world->publications->pdata[j];
          if (g_hash_table_lookup (world->truth, publication->thing) != publication)
            continue;
          const SoukCatalogueEntry *entry
              = souk_catalogue_by_thing (node->catalogue, publication->thing);
          wanted++;
          found += entry != NULL && memcmp (entry->id, publication->id, sizeof entry->id) == 0
                   && entry->is_withdrawn == publication->is_withdrawn;
        }
    }
  for (guint j = 0; j < world->publications->len; j++)
    {
      Publication *publication = world->publications->pdata[j];
      report->live += g_hash_table_lookup (world->truth, publication->thing) == publication
                      && !publication->is_withdrawn;
    }
  report->delivered_percent = wanted > 0 ? 100.0 * (double)found / (double)wanted : 100;
  sim_check (world, NULL, found == wanted, "a live listing has not reached every node");
}

static void
check_mesh (World *world)
{
  SimReport *report = &world->report;
  size_t sum = 0;
  report->degree_min = SIZE_MAX;
  for (size_t i = 0; i < world->config.nodes; i++)
    {
      Node *node = &world->nodes[i];
      SoukGossipStats stats;
      size_t degree = souk_gossip_mesh_size (node->gossip, SIM_TOPIC);
      souk_gossip_stats (node->gossip, &stats);
      report->duplicates += stats.duplicates;
      report->iwant_served += stats.iwant_served;
      if (!node->is_liar)
        report->degree_min = MIN (report->degree_min, degree);
      report->degree_max = MAX (report->degree_max, degree);
      sum += degree;
      /* After a minute of peace backoffs are over. A peer whose mesh is full may still refuse. */
      sim_check (world, node,
                 node->is_liar || degree >= MIN (SOUK_GOSSIP_D_LO, node->links->len) / 2,
                 "a node is not in the mesh");
    }
  for (size_t i = 0; i < world->config.nodes; i++)
    report->liars_found += world->nodes[i].is_liar && world->nodes[i].was_found;
  sim_check (world, NULL, report->liars_found == world->config.liars, "a liar goes unpunished");
  report->degree_mean = (double)sum / (double)world->config.nodes;
}

/* "if a peer A is in the mesh of peer B, then peer B is also in the mesh of peer A": but for a GRAFT
 * that is on its way. */
static void
check_symmetry (World *world)
{
  size_t one_sided = 0;
  for (guint i = 0; i < world->links->len; i++)
    {
      Link *link = world->links->pdata[i];
      bool a = souk_gossip_is_meshed (link->ends[0]->gossip, SIM_TOPIC, &link->ends[1]->id);
      bool b = souk_gossip_is_meshed (link->ends[1]->gossip, SIM_TOPIC, &link->ends[0]->id);
      if (!link->ends[0]->is_liar && !link->ends[1]->is_liar)
        one_sided += a != b;
    }
  sim_check (world, NULL, one_sided <= 1 + world->links->len / 100, "meshes are one-sided");
}

void
report_finish (World *world)
{
  SimReport *report = &world->report;
  g_array_sort (world->latencies, compare_doubles);
  g_array_sort (world->calm_latencies, compare_doubles);
  report->p50_ms = percentile (world->latencies, 0.5);
  report->p99_ms = percentile (world->latencies, 0.99);
  report->max_ms = percentile (world->latencies, 1);
  report->calm_p50_ms = percentile (world->calm_latencies, 0.5);
  report->calm_p99_ms = percentile (world->calm_latencies, 0.99);
  report->published = world->publications->len;
  report->virtual_s = (double)world->now_us / SOUK_US_PER_S;
  check_delivery (world);
  check_mesh (world);
  check_symmetry (world);
}

void
sim_report_print (const SimConfig *config, const SimReport *report, const char *prefix)
{
  printf ("%sseed %" G_GUINT64_FORMAT ": %zu nodes, %.0f s virtual, %" G_GUINT64_FORMAT
          " events, trace %016" G_GINT64_MODIFIER "x\n",
          prefix, config->seed, config->nodes, report->virtual_s, report->events, report->trace);
  printf ("%s  %u drops, %u crashes, %u partitions, %u lies of %u liars\n", prefix, report->drops,
          report->crashes, report->partitions, report->lies, report->liars_found);
  printf (
      "%s  %zu records published, %zu live, delivered %.2f %%; first by gossip %" G_GUINT64_FORMAT
      ", by sync %" G_GUINT64_FORMAT "\n",
      prefix, report->published, report->live, report->delivered_percent, report->by_gossip,
      report->by_sync);
  printf ("%s  latency p50 %.0f ms, p99 %.0f ms, max %.0f ms; in peace p50 %.0f ms, p99 %.0f ms\n",
          prefix, report->p50_ms, report->p99_ms, report->max_ms, report->calm_p50_ms,
          report->calm_p99_ms);
  printf ("%s  %" G_GUINT64_FORMAT " messages, %.1f MB; sync %" G_GUINT64_FORMAT
          " sessions, %" G_GUINT64_FORMAT " messages, %.1f MB, %" G_GUINT64_FORMAT " records\n",
          prefix, report->messages, (double)report->bytes / 1e6, report->sync_sessions,
          report->sync_messages, (double)report->sync_bytes / 1e6, report->sync_records);
  printf ("%s  mesh degree %zu to %zu, mean %.1f; duplicates %" G_GUINT64_FORMAT
          ", served by IWANT %" G_GUINT64_FORMAT ", seen at most %zu\n",
          prefix, report->degree_min, report->degree_max, report->degree_mean, report->duplicates,
          report->iwant_served, report->memory_max);
}
