/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Virtual time, the event heap, links and what goes wrong with them. See sim-world.h.
 */
#include "sim-world.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS INT64_C (1000)
#define S INT64_C (1000000)
/* A sender is held back above the one and let go below the other. */
#define IN_FLIGHT_MAX (256 * 1024)
#define IN_FLIGHT_LOW (64 * 1024)

/* ---- the trace, and its end ---- */

void
sim_trace (World *world, const void *data, size_t len)
{
  static const uint8_t zero[crypto_shorthash_KEYBYTES];
  uint64_t mix[2] = { world->report.trace, 0 };
  crypto_shorthash ((uint8_t *)&mix[1], data, len, zero);
  crypto_shorthash ((uint8_t *)&world->report.trace, (const uint8_t *)mix, sizeof mix, zero);
}

void
sim_check (World *world, const Node *node, bool holds, const char *what)
{
  if (holds)
    return;
  fprintf (stderr, "sim: seed %" G_GUINT64_FORMAT ", %.6f s, node %d: %s\n", world->config.seed,
           (double)world->now_us / S, node != NULL ? (int)node->index : -1, what);
  abort ();
}

int64_t
sim_below (World *world, int64_t bound)
{
  return (int64_t)souk_rng_below (&world->rng.rng, (uint64_t)bound);
}

/* ---- the heap ---- */

static bool
is_before (const Event *a, const Event *b)
{
  return a->at_us != b->at_us ? a->at_us < b->at_us : a->serial < b->serial;
}

static void
heap_swap (GPtrArray *heap, guint i, guint j)
{
  gpointer swap = heap->pdata[i];
  heap->pdata[i] = heap->pdata[j];
  heap->pdata[j] = swap;
}

void
sim_schedule (World *world, int64_t at_us, Event event)
{
  GPtrArray *heap = world->heap;
  Event *copy = g_memdup2 (&event, sizeof event);
  copy->at_us = MAX (at_us, world->now_us);
  copy->serial = world->serial++;
  g_ptr_array_add (heap, copy);
  for (guint i = heap->len - 1; i > 0; i = (i - 1) / 2)
    if (is_before (heap->pdata[i], heap->pdata[(i - 1) / 2]))
      heap_swap (heap, i, (i - 1) / 2);
}

static Event *
heap_pop (GPtrArray *heap)
{
  if (heap->len == 0)
    return NULL;
  Event *first = heap->pdata[0];
  heap->pdata[0] = heap->pdata[heap->len - 1];
  g_ptr_array_set_size (heap, (gint)heap->len - 1);
  for (guint i = 0;;)
    {
      guint best = i;
      for (guint child = 2 * i + 1; child <= 2 * i + 2 && child < heap->len; child++)
        if (is_before (heap->pdata[child], heap->pdata[best]))
          best = child;
      if (best == i)
        return first;
      heap_swap (heap, i, best);
      i = best;
    }
}

static void
event_free (Event *event)
{
  g_clear_pointer (&event->bytes, g_bytes_unref);
  g_free (event);
}

/* ---- links ---- */

void
sim_send (World *world, Link *link, unsigned from, Payload payload, unsigned session, GBytes *bytes)
{
  if (!link->is_up)
    return;
  unsigned to = 1 - from;
  size_t len = g_bytes_get_size (bytes);
  int64_t at = world->now_us + link->latency_us + sim_below (world, 1 + link->latency_us / 4)
               + (int64_t)len * S / link->bytes_per_s;
  if (sim_below (world, 1000) < world->config.stall_permille && world->is_storm)
    at += 200 * MS + sim_below (world, 1800 * MS);
  /* A stream keeps its order: what is stalled stalls all behind it. */
  at = MAX (at, link->last_arrival_us[to] + 1);
  link->last_arrival_us[to] = at;
  link->in_flight[to] += len;
  world->report.messages++;
  world->report.bytes += len;
  if (payload != PAYLOAD_GOSSIP)
    {
      world->report.sync_messages++;
      world->report.sync_bytes += len;
    }
  if (link->in_flight[to] > IN_FLIGHT_MAX)
    node_set_writable (link->ends[from], link, from, false);
  sim_schedule (world, at,
                (Event){ .type = EVENT_ARRIVAL,
                         .link = link,
                         .epoch = link->epoch,
                         .payload = payload,
                         .to = to,
                         .session = session,
                         .bytes = g_bytes_ref (bytes) });
}

static void
schedule_link_up (World *world, Link *link, int64_t in_us)
{
  sim_schedule (world, world->now_us + in_us,
                (Event){ .type = EVENT_LINK_UP, .link = link, .epoch = link->epoch });
}

static void
link_up (World *world, Link *link)
{
  Node *a = link->ends[0], *b = link->ends[1];
  if (link->is_up)
    return;
  if (!a->is_up || !b->is_up || (world->is_split && a->side != b->side))
    {
      schedule_link_up (world, link, S + sim_below (world, 4 * S));
      return;
    }
  link->is_up = true;
  link->epoch++;
  link->last_arrival_us[0] = link->last_arrival_us[1] = world->now_us;
  link->in_flight[0] = link->in_flight[1] = 0;
  node_link_up (a, link, 0);
  node_link_up (b, link, 1);
  if (world->is_storm)
    sim_schedule (world, world->now_us + 1 + sim_below (world, 2 * S * world->config.link_life_s),
                  (Event){ .type = EVENT_LINK_DROP, .link = link, .epoch = link->epoch });
  node_begin_sync (a, link, 0);
}

void
sim_link_drop (World *world, Link *link, int64_t again_in_us)
{
  if (!link->is_up)
    return;
  link->is_up = false;
  link->epoch++;
  world->report.drops++;
  for (unsigned end = 0; end < 2; end++)
    node_link_down (link->ends[end], link, end);
  schedule_link_up (world, link, again_in_us);
}

static void
arrival (World *world, Event *event)
{
  Link *link = event->link;
  unsigned from = 1 - event->to;
  size_t before = link->in_flight[event->to];
  link->in_flight[event->to] -= g_bytes_get_size (event->bytes);
  if (before > IN_FLIGHT_LOW && link->in_flight[event->to] <= IN_FLIGHT_LOW)
    node_set_writable (link->ends[from], link, from, true);
  SoukSlice bytes = souk_slice_from_bytes (event->bytes);
  sim_trace (world, bytes.data, bytes.len);
  node_arrival (link->ends[event->to], link, event);
}

/* ---- what goes wrong ---- */

static void
crash (World *world, Node *node)
{
  if (!node->is_up)
    return;
  world->report.crashes++;
  node->is_up = false;
  for (guint i = 0; i < node->links->len; i++)
    sim_link_drop (world, node->links->pdata[i], S + sim_below (world, 4 * S));
  node_crash (node);
  sim_schedule (world, world->now_us + 2 * S + sim_below (world, 30 * S),
                (Event){ .type = EVENT_RESTART, .node = node });
}

static void
split (World *world)
{
  world->report.partitions++;
  world->is_split = true;
  for (size_t i = 0; i < world->config.nodes; i++)
    world->nodes[i].side = sim_below (world, 3) == 0;
  for (guint i = 0; i < world->links->len; i++)
    {
      Link *link = world->links->pdata[i];
      if (link->ends[0]->side != link->ends[1]->side)
        sim_link_drop (world, link, S + sim_below (world, 4 * S));
    }
  sim_schedule (world, world->now_us + 10 * S + sim_below (world, 30 * S),
                (Event){ .type = EVENT_HEAL });
}

static void
dispatch (World *world, Event *event)
{
  Link *link = event->link;
  bool is_void = link != NULL && event->epoch != link->epoch;
  switch (event->type)
    {
    case EVENT_TIMER:
      if (event->node->is_up && event->epoch == event->node->epoch)
        node_timer (event->node);
      break;
    case EVENT_ARRIVAL:
      if (!is_void)
        arrival (world, event);
      break;
    case EVENT_LINK_UP:
      if (!is_void)
        link_up (world, link);
      break;
    case EVENT_LINK_DROP:
      if (!is_void && world->is_storm)
        sim_link_drop (world, link, S + sim_below (world, 9 * S));
      break;
    case EVENT_CRASH:
      crash (world, event->node);
      break;
    case EVENT_RESTART:
      node_start (event->node);
      break;
    case EVENT_PARTITION:
      split (world);
      break;
    case EVENT_HEAL:
      world->is_split = false;
      break;
    case EVENT_PUBLISH:
      node_publish (event->node);
      break;
    case EVENT_LIE:
      world->report.lies++;
      node_lie (event->node);
      break;
    case EVENT_SYNC:
      node_sync (event->node);
      sim_schedule (world, world->now_us + 10 * S + sim_below (world, 20 * S),
                    (Event){ .type = EVENT_SYNC, .node = event->node });
      break;
    }
}

/* ---- the run ---- */

static void
add_link (World *world, Node *a, Node *b)
{
  if (a == b || a->by_peer[b->index] != NULL)
    return;
  Link *link = g_new0 (Link, 1);
  link->index = world->links->len;
  link->ends[0] = a;
  link->ends[1] = b;
  link->latency_us = 2 * MS + sim_below (world, 120 * MS);
  link->bytes_per_s = 100000 + sim_below (world, 5000000);
  g_ptr_array_add (world->links, link);
  g_ptr_array_add (a->links, link);
  g_ptr_array_add (b->links, link);
  a->by_peer[b->index] = b->by_peer[a->index] = link;
  schedule_link_up (world, link, sim_below (world, 3 * S));
}

#define LIES_PER_S 4

/* The nodes that everybody knows, as bootstrap nodes are: their meshes overflow. */
#define HUBS 3

/* Each node dials a hub, so that the whole hangs together, and some others. */
static void
make_links (World *world)
{
  for (size_t i = 1; i < world->config.nodes; i++)
    for (size_t j = 0; j < world->config.dials; j++)
      {
        int64_t bound = (int64_t)(j == 0 ? MIN (i, HUBS) : world->config.nodes);
        add_link (world, &world->nodes[i], &world->nodes[sim_below (world, bound)]);
      }
}

static void
plan (World *world)
{
  const SimConfig *config = &world->config;
  int64_t storm_us = config->storm_s * S;
  for (size_t i = 0; i < config->nodes; i++)
    {
      Node *node = &world->nodes[i];
      for (size_t j = 0; j < config->listings; j++)
        sim_schedule (world, 3 * S + sim_below (world, storm_us + CALM_AFTER_S * S + 20 * S),
                      (Event){ .type = EVENT_PUBLISH, .node = node });
      sim_schedule (world, 5 * S + sim_below (world, 20 * S),
                    (Event){ .type = EVENT_SYNC, .node = node });
    }
  for (unsigned i = 0; i < config->liars; i++)
    {
      Node *liar = &world->nodes[config->nodes - 1 - i];
      liar->is_liar = true;
      for (unsigned j = 0; j < config->storm_s * LIES_PER_S; j++)
        sim_schedule (world, 3 * S + sim_below (world, storm_us),
                      (Event){ .type = EVENT_LIE, .node = liar });
    }
  for (unsigned i = 0; i < config->crashes; i++)
    {
      /* Drawn one after the other: the order within an expression is the compiler's choice. */
      Node *node = &world->nodes[sim_below (world, (int64_t)config->nodes)];
      sim_schedule (world, 5 * S + sim_below (world, storm_us - 5 * S),
                    (Event){ .type = EVENT_CRASH, .node = node });
    }
  for (unsigned i = 0; i < config->partitions; i++)
    sim_schedule (world, 10 * S + sim_below (world, storm_us - 10 * S),
                  (Event){ .type = EVENT_PARTITION });
}

SimConfig
sim_config_usual (uint64_t seed)
{
  return (SimConfig){
    .seed = seed,
    .nodes = 50,
    .dials = 5,
    .listings = 4,
    .storm_s = 180,
    .calm_s = 180,
    .stall_permille = 20,
    .link_life_s = 90,
    .crashes = 15,
    .partitions = 2,
    .liars = 2,
    .wall_skew_s = 60,
  };
}

void
sim_run (const SimConfig *config, SimReport *out)
{
  World world = { .config = *config, .is_storm = true };
  int64_t end_us = (int64_t)(config->storm_s + config->calm_s) * S;
  Event *event;
  g_assert (config->nodes >= 2 && config->nodes <= SIM_NODES_MAX);
  g_assert (config->liars < config->nodes / 4);
  g_assert (config->storm_s >= 20 && config->calm_s >= 120);

  souk_seeded_rng_init_number (&world.rng, config->seed);
  world.heap = g_ptr_array_new ();
  world.links = g_ptr_array_new_with_free_func (g_free);
  world.index_of = g_hash_table_new (souk_peer_id_hash, souk_peer_id_equal);
  world.nodes = g_new0 (Node, config->nodes);
  report_init (&world);
  for (size_t i = 0; i < config->nodes; i++)
    node_init (&world.nodes[i], &world, i);
  make_links (&world);
  plan (&world);
  for (size_t i = 0; i < config->nodes; i++)
    node_start (&world.nodes[i]);

  while ((event = heap_pop (world.heap)) != NULL && event->at_us <= end_us)
    {
      world.now_us = event->at_us;
      world.is_storm = world.now_us < (int64_t)config->storm_s * S;
      world.report.events++;
      uint64_t head[3] = { (uint64_t)event->at_us, event->type,
                           event->node != NULL   ? event->node->index
                           : event->link != NULL ? event->link->index
                                                 : 0 };
      sim_trace (&world, head, sizeof head);
      dispatch (&world, event);
      event_free (event);
    }
  g_clear_pointer (&event, event_free);
  report_finish (&world);
  *out = world.report;

  while ((event = heap_pop (world.heap)) != NULL)
    event_free (event);
  for (size_t i = 0; i < config->nodes; i++)
    node_done (&world.nodes[i]);
  report_done (&world);
  g_free (world.nodes);
  g_hash_table_unref (world.index_of);
  g_ptr_array_unref (world.links);
  g_ptr_array_unref (world.heap);
}
