/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Hash-table machines on virtual time. See kad-sim.h.
 *
 * A request and its answer are messages that take 10 to 150 ms each, or are lost. A connection is made
 * by the first request, with identify on both sides, and costs two round trips; to a node that has
 * gone it fails only by time. Nodes go without a word; each that comes is another.
 */
#include "kad-sim.h"

#include "mesh/kad-limits.h"

#include <stdio.h>
#include <string.h>

#define EPOCH ((SoukWall){ INT64_C (1790000000000000) })
/* Values and providers are looked for this long after they were written at least. */
#define SETTLE_US (5 * SOUK_US_PER_S)

typedef enum { EVENT_TIMER, EVENT_REQUEST, EVENT_REPLY, EVENT_CHURN, EVENT_LOOKUP } EventType;
typedef enum { LOOK_CLOSEST, LOOK_PUT, LOOK_GET, LOOK_PROVIDE, LOOK_PROVIDERS } LookType;

typedef struct {
  int64_t at_us;
  uint64_t serial;
  EventType type;
  size_t from, to; /* node slots */
  uint32_t from_life, to_life;
  uint64_t request;
  GBytes *bytes; /* NULL: none */
} Event;

typedef struct {
  SoukPeerId id;
  SoukMultiaddr addr;
  SoukKadKey key;
  SoukSeededRng rng;
  SoukKad *kad;
  uint32_t life;
  int64_t timer_at_us, joined_us;
  bool is_joined;
  GHashTable *met; /* slot -> life + 1: connections */
} SimNode;

typedef struct {
  size_t slot;
  uint32_t life;
  uint64_t query;
  LookType type;
  int64_t started_us;
  char *key;
  uint8_t hash[34];
} Lookup;

/* What was written and may be looked for. */
typedef struct {
  bool is_value;
  char *key;
  uint8_t hash[34];
  size_t slot;
  uint32_t life;
  int64_t at_us;
} Written;

typedef struct {
  KadSimConfig config;
  SoukSeededRng rng;
  int64_t now_us;
  uint64_t serial, names;
  GPtrArray *heap;
  SimNode *nodes;
  GHashTable *slots; /* SoukPeerId -> slot + 1 */
  GPtrArray *lookups;
  GPtrArray *written;
  GArray *times[3];
  double bootstrap_ms;
  uint64_t bootstraps;
  bool is_over;
  KadSimReport report;
} Sim;

/* ---- the heap of events ---- */

static bool
is_before (const Event *a, const Event *b)
{
  return a->at_us != b->at_us ? a->at_us < b->at_us : a->serial < b->serial;
}

static void
push (Sim *sim, Event event)
{
  gpointer *heap;
  event.serial = sim->serial++;
  g_ptr_array_add (sim->heap, g_memdup2 (&event, sizeof event));
  heap = sim->heap->pdata;
  for (guint i = sim->heap->len - 1; i > 0 && is_before (heap[i], heap[(i - 1) / 2]);
       i = (i - 1) / 2)
    {
      gpointer swap = heap[i];
      heap[i] = heap[(i - 1) / 2];
      heap[(i - 1) / 2] = swap;
    }
}

static Event *
pop (Sim *sim)
{
  gpointer *heap = sim->heap->pdata;
  Event *first = heap[0];
  guint last = sim->heap->len - 1;
  heap[0] = heap[last];
  g_ptr_array_set_size (sim->heap, (int)last);
  for (guint i = 0;;)
    {
      guint least = i;
      for (guint child = 2 * i + 1; child <= 2 * i + 2 && child < last; child++)
        if (is_before (heap[child], heap[least]))
          least = child;
      if (least == i)
        return first;
      gpointer swap = heap[i];
      heap[i] = heap[least];
      heap[least] = swap;
      i = least;
    }
}

/* ---- nodes ---- */

static SoukStatus
validate (SoukSlice key, SoukSlice value)
{
  return value.len > 0 ? SOUK_STATUS_OK : SOUK_STATUS_KAD_RECORD;
}

static bool
is_better (SoukSlice key, SoukSlice value, SoukSlice other)
{
  return false;
}

static const SoukKadNamespace sim_namespace = { "/sim/", validate, is_better };
static const SoukKadNamespace *const namespaces[] = { &sim_namespace, NULL };

static uint64_t
below (Sim *sim, uint64_t bound)
{
  return souk_rng_below (&sim->rng.rng, bound);
}

static SoukMono
now_of (const Sim *sim)
{
  return (SoukMono){ sim->now_us };
}

static void
meet (Sim *sim, size_t a, size_t b)
{
  SimNode *one = &sim->nodes[a], *two = &sim->nodes[b];
  g_hash_table_insert (one->met, GSIZE_TO_POINTER (b), GSIZE_TO_POINTER (two->life + 1));
  g_hash_table_insert (two->met, GSIZE_TO_POINTER (a), GSIZE_TO_POINTER (one->life + 1));
  souk_kad_add_peer (one->kad, &two->id, &two->addr, 1, true, now_of (sim));
  souk_kad_add_peer (two->kad, &one->id, &one->addr, 1, true, now_of (sim));
}

static bool
has_met (const Sim *sim, size_t a, size_t b)
{
  gpointer life = g_hash_table_lookup (sim->nodes[a].met, GSIZE_TO_POINTER (b));
  return GPOINTER_TO_SIZE (life) == (size_t)sim->nodes[b].life + 1;
}

static void
node_stop (Sim *sim, size_t slot)
{
  SimNode *node = &sim->nodes[slot];
  if (node->kad == NULL)
    return;
  g_hash_table_remove (sim->slots, &node->id);
  g_clear_pointer (&node->kad, souk_kad_free);
  g_clear_pointer (&node->met, g_hash_table_unref);
  node->life++;
}

static void
node_start (Sim *sim, size_t slot)
{
  SimNode *node = &sim->nodes[slot];
  uint64_t name = sim->names++;
  uint8_t key[36] = { 0x08, 0x01, 0x12, 0x20 };
  memcpy (key + 4, &name, sizeof name);
  memcpy (key + 12, &sim->config.seed, sizeof sim->config.seed);
  node->id = (SoukPeerId){ souk_multihash_identity (souk_slice (key, sizeof key)) };
  node->key = souk_kad_key_of_peer (&node->id);
  g_autofree char *addr
      = g_strdup_printf ("/ip4/10.%u.%u.%u/tcp/4001", (unsigned)(name >> 16) & 255,
                         (unsigned)(name >> 8) & 255, (unsigned)name & 255);
  souk_multiaddr_parse (addr, &node->addr);
  souk_seeded_rng_init_number (&node->rng, sim->config.seed * 1000003 + name);
  SoukKadConfig config = { .self = node->id, .is_server = true, .namespaces = namespaces };
  node->kad = souk_kad_new (&config, &node->rng.rng, now_of (sim));
  souk_kad_set_addrs (node->kad, &node->addr, 1);
  node->met = g_hash_table_new (NULL, NULL);
  node->timer_at_us = INT64_MAX;
  node->joined_us = sim->now_us;
  node->is_joined = false;
  g_hash_table_insert (sim->slots, g_memdup2 (&node->id, sizeof node->id),
                       GSIZE_TO_POINTER (slot + 1));
  sim->report.joins++;
}

/* Two others are what a newcomer knows. */
static void
join (Sim *sim, size_t slot, size_t of)
{
  for (unsigned i = 0; i < 2 && of > 1; i++)
    {
      size_t other = below (sim, of);
      if (other != slot && sim->nodes[other].kad != NULL)
        meet (sim, slot, other);
    }
  souk_kad_bootstrap (sim->nodes[slot].kad, now_of (sim));
}

/* ---- messages ---- */

static bool
is_lost (Sim *sim)
{
  sim->report.messages++;
  bool lost = below (sim, 100) < sim->config.loss_percent;
  sim->report.lost += lost;
  return lost;
}

static int64_t
latency (Sim *sim)
{
  return (int64_t)(10 + below (sim, 141)) * SOUK_US_PER_MS;
}

static void
send_request (Sim *sim, size_t slot, const SoukKadEvent *event)
{
  SimNode *node = &sim->nodes[slot];
  size_t to = GPOINTER_TO_SIZE (g_hash_table_lookup (sim->slots, &event->peer));
  if (to == 0 || is_lost (sim))
    return;
  int64_t delay = latency (sim) * (has_met (sim, slot, to - 1) ? 1 : 5);
  push (sim, (Event){ .at_us = sim->now_us + delay,
                      .type = EVENT_REQUEST,
                      .from = slot,
                      .to = to - 1,
                      .from_life = node->life,
                      .to_life = sim->nodes[to - 1].life,
                      .request = event->request,
                      .bytes = g_bytes_ref (event->bytes) });
  /* Having sent it is all that is known. */
  if (!event->wants_reply)
    push (sim, (Event){ .at_us = sim->now_us + delay,
                        .type = EVENT_REPLY,
                        .to = slot,
                        .to_life = node->life,
                        .request = event->request,
                        .bytes = g_bytes_new (NULL, 0) });
}

static void
on_request (Sim *sim, const Event *event)
{
  SimNode *from = &sim->nodes[event->from], *to = &sim->nodes[event->to];
  if (from->life != event->from_life || to->life != event->to_life)
    return;
  if (!has_met (sim, event->from, event->to))
    meet (sim, event->from, event->to);
  g_autoptr (GByteArray) reply = g_byte_array_new ();
  SoukStatus status = souk_kad_serve (to->kad, &from->id, souk_slice_from_bytes (event->bytes),
                                      EPOCH, now_of (sim), reply);
  if ((status == SOUK_STATUS_OK && reply->len == 0) || is_lost (sim))
    return;
  push (sim, (Event){ .at_us = sim->now_us + latency (sim),
                      .type = EVENT_REPLY,
                      .to = event->from,
                      .to_life = event->from_life,
                      .request = event->request,
                      .bytes = status == SOUK_STATUS_OK
                                   ? g_byte_array_free_to_bytes (g_steal_pointer (&reply))
                                   : NULL });
}

/* ---- lookups and what they must give ---- */

static bool
is_found_closest (Sim *sim, const Lookup *lookup, GArray *closest)
{
  SoukKadKey target = souk_kad_key (souk_slice (lookup->hash, sizeof lookup->hash));
  unsigned hits = 0, first_rank = 0;
  for (guint i = 0; i < closest->len; i++)
    {
      SoukKadKey key = souk_kad_key_of_peer (&g_array_index (closest, SoukPeerId, i));
      SoukKadKey mine = souk_kad_key_distance (&key, &target);
      unsigned rank = 0;
      for (size_t slot = 0; slot < sim->config.nodes && rank < SOUK_KAD_K; slot++)
        {
          SoukKadKey other = souk_kad_key_distance (&sim->nodes[slot].key, &target);
          rank += sim->nodes[slot].kad != NULL && slot != lookup->slot
                  && souk_kad_key_compare (&other, &mine) < 0;
        }
      hits += rank < SOUK_KAD_K;
      if (i == 0)
        first_rank = rank;
    }
  /* Nodes come and go while it runs: the very nearest may have come just now. */
  return hits >= SOUK_KAD_K / 2 && first_rank <= 1;
}

static void
lookup_free (gpointer data)
{
  Lookup *lookup = data;
  g_free (lookup->key);
  g_free (lookup);
}

static void
written_free (gpointer data)
{
  Written *written = data;
  g_free (written->key);
  g_free (written);
}

static KadSimFigure *
figure_of (Sim *sim, LookType type)
{
  return type == LOOK_CLOSEST ? &sim->report.closest
         : type == LOOK_GET   ? &sim->report.values
                              : &sim->report.providers;
}

static void
succeed (Sim *sim, const Lookup *lookup)
{
  KadSimFigure *figure = figure_of (sim, lookup->type);
  double ms = (double)(sim->now_us - lookup->started_us) / 1000;
  figure->succeeded++;
  g_array_append_val (sim->times[lookup->type == LOOK_CLOSEST ? 0
                                 : lookup->type == LOOK_GET   ? 1
                                                              : 2],
                      ms);
}

static void
write_down (Sim *sim, const Lookup *lookup)
{
  Written *written = g_new0 (Written, 1);
  *written = (Written){ .is_value = lookup->type == LOOK_PUT,
                        .key = g_strdup (lookup->key),
                        .slot = lookup->slot,
                        .life = lookup->life,
                        .at_us = sim->now_us };
  memcpy (written->hash, lookup->hash, sizeof written->hash);
  g_ptr_array_add (sim->written, written);
}

static void
on_done (Sim *sim, size_t slot, const SoukKadEvent *event)
{
  for (guint i = 0; i < sim->lookups->len; i++)
    {
      Lookup *lookup = g_ptr_array_index (sim->lookups, i);
      if (lookup->slot != slot || lookup->life != sim->nodes[slot].life
          || lookup->query != event->query)
        continue;
      bool is_ok = event->status == SOUK_STATUS_OK;
      switch (lookup->type)
        {
        case LOOK_CLOSEST:
          is_ok = is_ok && is_found_closest (sim, lookup, event->closest);
          break;
        case LOOK_GET:
          is_ok = is_ok
                  && souk_slice_is_equal (souk_slice_from_bytes (event->bytes),
                                          souk_slice_from_text (lookup->key));
          break;
        case LOOK_PROVIDERS:
          break;
        case LOOK_PUT:
        case LOOK_PROVIDE:
          if (is_ok)
            write_down (sim, lookup);
          is_ok = false;
          break;
        }
      if (is_ok)
        succeed (sim, lookup);
      g_ptr_array_remove_index (sim->lookups, i);
      return;
    }
}

static void
begin (Sim *sim, LookType type, size_t slot, const Written *written)
{
  SimNode *node = &sim->nodes[slot];
  Lookup *lookup = g_new0 (Lookup, 1);
  uint64_t name = souk_rng_u64 (&sim->rng.rng);
  SoukStatus status = SOUK_STATUS_LIMIT;
  lookup->slot = slot;
  lookup->life = node->life;
  lookup->type = type;
  lookup->started_us = sim->now_us;
  lookup->key = written != NULL ? g_strdup (written->key)
                                : g_strdup_printf ("/sim/%016" G_GINT64_MODIFIER "x", name);
  SoukMultihash hash = souk_multihash_sha256 (souk_slice_from_text (lookup->key));
  lookup->hash[0] = SOUK_MULTIHASH_SHA2_256;
  lookup->hash[1] = 32;
  memcpy (lookup->hash + 2, hash.digest, 32);
  SoukSlice text = souk_slice_from_text (lookup->key);
  SoukSlice content = souk_slice (lookup->hash, sizeof lookup->hash);
  switch (type)
    {
    case LOOK_CLOSEST:
      status = souk_kad_find_closest (node->kad, content, now_of (sim), &lookup->query);
      break;
    case LOOK_PUT:
      status = souk_kad_put (node->kad, text, text, EPOCH, now_of (sim), &lookup->query);
      break;
    case LOOK_GET:
      status = souk_kad_get (node->kad, text, 1, now_of (sim), &lookup->query);
      break;
    case LOOK_PROVIDE:
      status = souk_kad_provide (node->kad, content, now_of (sim), &lookup->query);
      break;
    case LOOK_PROVIDERS:
      status = souk_kad_find_providers (node->kad, content, 1, now_of (sim), &lookup->query);
      break;
    }
  g_assert (status == SOUK_STATUS_OK);
  g_ptr_array_add (sim->lookups, lookup);
  if (type != LOOK_PUT && type != LOOK_PROVIDE)
    figure_of (sim, type)->started++;
}

/* Something that was written long enough ago; a provider must be alive. */
static const Written *
pick_written (Sim *sim, bool is_value)
{
  for (unsigned i = 0; i < 200 && sim->written->len > 0; i++)
    {
      const Written *one = sim->written->pdata[below (sim, sim->written->len)];
      if (one->is_value == is_value && one->at_us + SETTLE_US <= sim->now_us
          && (is_value || sim->nodes[one->slot].life == one->life))
        return one;
    }
  return NULL;
}

static size_t
pick_node (Sim *sim)
{
  for (;;)
    {
      size_t slot = below (sim, sim->config.nodes);
      if (sim->nodes[slot].kad != NULL && sim->nodes[slot].is_joined)
        return slot;
    }
}

/* ---- events ---- */

static void
pump (Sim *sim, size_t slot)
{
  SimNode *node = &sim->nodes[slot];
  SoukKadEvent event;
  if (node->kad == NULL)
    return;
  while (souk_kad_next (node->kad, &event))
    switch (event.type)
      {
      case SOUK_KAD_EVENT_REQUEST:
        send_request (sim, slot, &event);
        break;
      case SOUK_KAD_EVENT_DONE:
        on_done (sim, slot, &event);
        break;
      case SOUK_KAD_EVENT_PROGRESS:
        if (event.done == event.total && !node->is_joined)
          {
            node->is_joined = true;
            sim->bootstrap_ms += (double)(sim->now_us - node->joined_us) / 1000;
            sim->bootstraps++;
          }
        break;
      case SOUK_KAD_EVENT_PROVIDER:
        break;
      }
  int64_t at_us = MAX (souk_kad_deadline (node->kad).us, sim->now_us + SOUK_US_PER_MS);
  if (at_us < node->timer_at_us)
    {
      node->timer_at_us = at_us;
      push (sim, (Event){ .at_us = at_us, .type = EVENT_TIMER, .to = slot, .to_life = node->life });
    }
}

static void
on_timer (Sim *sim, const Event *event)
{
  SimNode *node = &sim->nodes[event->to];
  if (node->life != event->to_life || node->timer_at_us != event->at_us)
    return;
  node->timer_at_us = INT64_MAX;
  souk_kad_tick (node->kad, now_of (sim));
}

static void
on_reply (Sim *sim, const Event *event)
{
  SimNode *node = &sim->nodes[event->to];
  if (node->life != event->to_life)
    return;
  SoukSlice reply = event->bytes != NULL ? souk_slice_from_bytes (event->bytes) : SOUK_SLICE_EMPTY;
  souk_kad_replied (node->kad, event->request, event->bytes != NULL ? &reply : NULL, now_of (sim));
}

static void
on_churn (Sim *sim)
{
  size_t slot = below (sim, sim->config.nodes);
  node_stop (sim, slot);
  node_start (sim, slot);
  join (sim, slot, sim->config.nodes);
  pump (sim, slot);
}

/* One of each kind: two writes, and what was written before is looked for. */
static void
on_lookup (Sim *sim)
{
  static const LookType types[]
      = { LOOK_CLOSEST, LOOK_PUT, LOOK_GET, LOOK_PROVIDE, LOOK_PROVIDERS };
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    {
      const Written *written = NULL;
      if (types[i] == LOOK_GET || types[i] == LOOK_PROVIDERS)
        {
          written = pick_written (sim, types[i] == LOOK_GET);
          if (written == NULL)
            continue;
        }
      size_t slot = pick_node (sim);
      if (written != NULL && written->slot == slot)
        continue;
      begin (sim, types[i], slot, written);
      pump (sim, slot);
    }
}

static void
handle (Sim *sim, const Event *event)
{
  switch (event->type)
    {
    case EVENT_TIMER:
      on_timer (sim, event);
      break;
    case EVENT_REQUEST:
      on_request (sim, event);
      pump (sim, event->from);
      break;
    case EVENT_REPLY:
      on_reply (sim, event);
      break;
    case EVENT_CHURN:
      on_churn (sim);
      return;
    case EVENT_LOOKUP:
      on_lookup (sim);
      return;
    }
  pump (sim, event->to);
}

static void
run_until (Sim *sim, int64_t end_us)
{
  while (sim->heap->len > 0 && ((Event *)sim->heap->pdata[0])->at_us <= end_us)
    {
      g_autofree Event *event = pop (sim);
      sim->now_us = event->at_us;
      sim->report.digest = sim->report.digest * UINT64_C (0x100000001b3)
                           ^ (uint64_t)(event->at_us + (int64_t)event->to * 7 + event->type);
      handle (sim, event);
      g_clear_pointer (&event->bytes, g_bytes_unref);
    }
  sim->now_us = end_us;
}

/* ---- the run ---- */

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double first = *(const double *)a, second = *(const double *)b;
  return (first > second) - (first < second);
}

static void
figure_end (KadSimFigure *figure, GArray *times)
{
  double sum = 0;
  g_array_sort (times, compare_doubles);
  for (guint i = 0; i < times->len; i++)
    sum += g_array_index (times, double, i);
  if (times->len == 0)
    return;
  figure->mean_ms = sum / times->len;
  figure->p50_ms = g_array_index (times, double, times->len / 2);
  figure->p95_ms = g_array_index (times, double, times->len * 95 / 100);
}

static void
sim_done (Sim *sim)
{
  KadSimFigure *figures[] = { &sim->report.closest, &sim->report.values, &sim->report.providers };
  size_t peers = 0;
  for (size_t i = 0; i < sim->config.nodes; i++)
    {
      SoukKadStats stats;
      souk_kad_stats (sim->nodes[i].kad, &stats);
      peers += stats.peers;
      node_stop (sim, i);
    }
  sim->report.table_mean = (double)peers / (double)sim->config.nodes;
  sim->report.bootstrap_mean_ms = sim->bootstrap_ms / (double)MAX (sim->bootstraps, 1u);
  for (size_t i = 0; i < G_N_ELEMENTS (figures); i++)
    {
      figure_end (figures[i], sim->times[i]);
      g_array_unref (sim->times[i]);
    }
  for (guint i = 0; i < sim->heap->len; i++)
    {
      Event *event = sim->heap->pdata[i];
      g_clear_pointer (&event->bytes, g_bytes_unref);
      g_free (event);
    }
  g_ptr_array_unref (sim->heap);
  g_ptr_array_unref (sim->lookups);
  g_ptr_array_unref (sim->written);
  g_hash_table_unref (sim->slots);
  g_free (sim->nodes);
}

KadSimConfig
kad_sim_config_usual (uint64_t seed)
{
  return (KadSimConfig){ .seed = seed,
                         .nodes = 1000,
                         .minutes = 10,
                         .loss_percent = 5,
                         .churn_percent = 10,
                         .lookups_minute = 100 };
}

void
kad_sim_run (const KadSimConfig *config, KadSimReport *out)
{
  Sim sim = { .config = *config, .now_us = SOUK_US_PER_S };
  int64_t minute = 60 * SOUK_US_PER_S;
  souk_seeded_rng_init_number (&sim.rng, config->seed);
  sim.heap = g_ptr_array_new ();
  sim.nodes = g_new0 (SimNode, config->nodes);
  sim.slots = g_hash_table_new_full (souk_peer_id_hash, souk_peer_id_equal, g_free, NULL);
  sim.lookups = g_ptr_array_new_with_free_func (lookup_free);
  sim.written = g_ptr_array_new_with_free_func (written_free);
  for (unsigned i = 0; i < 3; i++)
    sim.times[i] = g_array_new (FALSE, FALSE, sizeof (double));

  for (size_t i = 0; i < config->nodes; i++)
    {
      node_start (&sim, i);
      join (&sim, i, i);
      pump (&sim, i);
      run_until (&sim, sim.now_us + 20 * SOUK_US_PER_MS);
    }
  run_until (&sim, sim.now_us + minute);
  int64_t start = sim.now_us, end = start + (int64_t)config->minutes * minute;
  size_t churns = config->nodes * config->churn_percent * config->minutes / 100;
  for (size_t i = 0; i < churns; i++)
    push (&sim, (Event){ .at_us = start + (int64_t)below (&sim, (uint64_t)(end - start)),
                         .type = EVENT_CHURN });
  for (unsigned i = 0; i < config->lookups_minute * config->minutes; i++)
    push (&sim, (Event){ .at_us = start + (int64_t)below (&sim, (uint64_t)(end - start)),
                         .type = EVENT_LOOKUP });
  run_until (&sim, end + minute);
  /* Whoever asked and went before the answer does not count. */
  for (guint i = 0; i < sim.lookups->len; i++)
    {
      Lookup *lookup = sim.lookups->pdata[i];
      if (lookup->life != sim.nodes[lookup->slot].life && lookup->type != LOOK_PUT
          && lookup->type != LOOK_PROVIDE)
        figure_of (&sim, lookup->type)->started--;
    }
  sim_done (&sim);
  *out = sim.report;
}

void
kad_sim_print (const KadSimConfig *config, const KadSimReport *report, const char *prefix)
{
  const struct {
    const char *name;
    const KadSimFigure *figure;
  } rows[] = { { "closest", &report->closest },
               { "values", &report->values },
               { "providers", &report->providers } };
  printf ("%sseed %" G_GUINT64_FORMAT ": %zu nodes, %u minutes, %u %% loss, %u %% churn a minute\n",
          prefix, config->seed, config->nodes, config->minutes, config->loss_percent,
          config->churn_percent);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    printf ("%s%-9s %u of %u lookups (%.2f %%), mean %.0f ms, p50 %.0f ms, p95 %.0f ms\n", prefix,
            rows[i].name, rows[i].figure->succeeded, rows[i].figure->started,
            100.0 * rows[i].figure->succeeded / MAX (rows[i].figure->started, 1u),
            rows[i].figure->mean_ms, rows[i].figure->p50_ms, rows[i].figure->p95_ms);
  printf ("%s%" G_GUINT64_FORMAT " messages, %" G_GUINT64_FORMAT " lost; %" G_GUINT64_FORMAT
          " joins, %.0f ms each; %.1f peers in a table; run %016" G_GINT64_MODIFIER "x\n",
          prefix, report->messages, report->lost, report->joins, report->bootstrap_mean_ms,
          report->table_mean, report->digest);
}
