/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Filling the table, keeping it fresh, and announcing again what this node provides (libp2p specs,
 * kad-dht, "Bootstrap process" and "Content provider advertisement"). PURE. See kad-private.h.
 *
 * Also here: how a caller begins a lookup.
 */
#include "mesh/kad-private.h"

/* "12 20": the head of a sha2-256 multihash, the form of a peer id that FIND_NODE asks for. */
#define TARGET_SIZE 34

static void
own_free (gpointer data)
{
  SoukKadOwn *own = data;
  g_bytes_unref (own->raw);
  g_free (own);
}

void
souk_kad_upkeep_init (SoukKad *self, SoukMono now)
{
  self->own = g_ptr_array_new_with_free_func (own_free);
  self->own_due = SOUK_MONO_NEVER;
  self->refresh_at = souk_mono_add_ms (now, SOUK_KAD_REFRESH_MS);
  for (unsigned i = 0; i < SOUK_KAD_BUCKETS; i++)
    self->looked_at[i] = souk_mono_add_ms (now, -2 * SOUK_KAD_REFRESH_MS);
}

void
souk_kad_upkeep_done (SoukKad *self)
{
  g_ptr_array_unref (self->own);
}

/* ---- the table ---- */

/* A key that shares exactly `bucket` bits with ours: found by trying. */
static void
random_target (SoukKad *self, unsigned bucket, uint8_t out[TARGET_SIZE])
{
  SoukKadKey key;
  out[0] = SOUK_MULTIHASH_SHA2_256;
  out[1] = TARGET_SIZE - 2;
  do
    {
      souk_rng_fill (self->rng, out + 2, TARGET_SIZE - 2);
      key = souk_kad_key (souk_slice (out, TARGET_SIZE));
    }
  while (souk_kad_key_shared (&self->key, &key) != bucket);
}

static void
push_progress (SoukKad *self)
{
  SoukKadEvent *event = souk_kad_push_event (self, SOUK_KAD_EVENT_PROGRESS);
  event->done = self->refresh_done;
  event->total = 1 + self->refresh_depth;
  event->n_peers = (unsigned)souk_kad_table_size (self->table);
}

static bool
look (SoukKad *self, SoukSlice target, SoukMono now)
{
  SoukKadQuery *query
      = souk_kad_query_new (self, SOUK_KAD_GOAL_CLOSEST, SOUK_KAD_BY_REFRESH, target, now);
  if (query == NULL)
    return false;
  self->refresh_open++;
  souk_kad_query_step (self, query, now);
  return true;
}

/* Begins the next lookups of a run: "a lookup for their own peer ID" first, which brings the peers
 * for the others. */
static void
go_on (SoukKad *self, SoukMono now)
{
  while (self->is_refreshing && self->is_self_done && self->refresh_open < SOUK_KAD_REFRESH_AT_ONCE
         && self->refresh_next < self->refresh_depth)
    {
      uint8_t target[TARGET_SIZE];
      unsigned bucket = self->refresh_next++;
      if (souk_mono_diff_us (now, self->looked_at[bucket])
          < SOUK_KAD_REFRESH_MS / 2 * SOUK_US_PER_MS)
        {
          self->refresh_done++;
          continue;
        }
      random_target (self, bucket, target);
      if (!look (self, souk_slice (target, sizeof target), now))
        self->refresh_done++;
    }
  if (self->is_refreshing && self->refresh_open == 0 && self->is_self_done
      && self->refresh_next >= self->refresh_depth)
    {
      self->is_refreshing = false;
      self->refresh_done = 1 + self->refresh_depth;
      push_progress (self);
    }
}

void
souk_kad_bootstrap (SoukKad *self, SoukMono now)
{
  /* The first peer that comes begins it then. */
  self->refresh_at = now;
  if (self->is_refreshing || souk_kad_table_size (self->table) == 0)
    return;
  self->refresh_at = souk_mono_add_ms (now, SOUK_KAD_REFRESH_MS);
  self->is_refreshing = true;
  self->is_self_done = false;
  self->refresh_next = self->refresh_depth = self->refresh_done = 0;
  push_progress (self);
  if (!look (self, souk_slice_from_bytes (self->raw), now))
    self->is_refreshing = false;
}

void
souk_kad_refresh_ended (SoukKad *self, SoukMono now)
{
  self->refresh_open--;
  self->refresh_done++;
  if (!self->is_self_done)
    {
      self->is_self_done = true;
      self->refresh_depth = MIN (souk_kad_table_depth (self->table), SOUK_KAD_REFRESH_BUCKETS_MAX);
    }
  if (self->refresh_open > 0 || self->refresh_next < self->refresh_depth)
    push_progress (self);
  go_on (self, now);
}

/* ---- announcing again ---- */

/* Where the key is in the list, or would be. */
static bool
find_own (SoukKad *self, const SoukKadKey *key, guint *out_index)
{
  guint low = 0, high = self->own->len;
  while (low < high)
    {
      guint middle = (low + high) / 2;
      int order = souk_kad_key_compare (&((SoukKadOwn *)self->own->pdata[middle])->key, key);
      if (order == 0)
        {
          *out_index = middle;
          return true;
        }
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  *out_index = low;
  return false;
}

bool
souk_kad_is_provided (SoukKad *self, SoukSlice key)
{
  SoukKadKey place = souk_kad_key (key);
  guint index;
  return find_own (self, &place, &index);
}

void
souk_kad_sweep_ended (SoukKad *self, const SoukKadQuery *query, SoukMono now)
{
  guint index;
  if (query->by == SOUK_KAD_BY_SWEEP)
    self->sweep_open--;
  if (!find_own (self, &query->key, &index))
    return;
  SoukKadOwn *own = g_ptr_array_index (self->own, index);
  own->query = 0;
  own->due = souk_mono_add_ms (now, query->n_told > 0 ? SOUK_KAD_REPUBLISH_MS : SOUK_KAD_RETRY_MS);
  self->own_due = souk_mono_min (self->own_due, own->due);
}

/* Begins announcements that are due, from where the sweep is, round to there. */
static void
sweep (SoukKad *self, SoukMono now)
{
  SoukMono first = SOUK_MONO_NEVER;
  guint n = self->own->len;
  for (guint seen = 0; seen < n && self->sweep_open < SOUK_KAD_SWEEP_MAX; seen++)
    {
      SoukKadOwn *own = g_ptr_array_index (self->own, (self->sweep_at + seen) % n);
      if (own->query != 0)
        continue;
      if (!souk_mono_is_due (own->due, now))
        {
          first = souk_mono_min (first, own->due);
          continue;
        }
      SoukKadQuery *query = souk_kad_query_new (self, SOUK_KAD_GOAL_PROVIDE, SOUK_KAD_BY_SWEEP,
                                                souk_slice_from_bytes (own->raw), now);
      if (query == NULL)
        return;
      own->query = query->id;
      self->sweep_open++;
      self->sweep_at = (self->sweep_at + seen + 1) % n;
      seen = (guint)-1;
      souk_kad_query_step (self, query, now);
    }
  if (self->sweep_open < SOUK_KAD_SWEEP_MAX)
    self->own_due = first;
}

void
souk_kad_upkeep_tick (SoukKad *self, SoukMono now)
{
  bool has_peers = souk_kad_table_size (self->table) > 0;
  if (has_peers && souk_mono_is_due (self->refresh_at, now))
    souk_kad_bootstrap (self, now);
  go_on (self, now);
  if (has_peers && souk_mono_is_due (self->own_due, now) && self->sweep_open < SOUK_KAD_SWEEP_MAX)
    sweep (self, now);
}

SoukMono
souk_kad_upkeep_deadline (const SoukKad *self)
{
  SoukMono deadline = SOUK_MONO_NEVER;
  if (souk_kad_table_size (self->table) == 0)
    return deadline;
  deadline = souk_mono_min (deadline, self->refresh_at);
  if (self->sweep_open < SOUK_KAD_SWEEP_MAX)
    deadline = souk_mono_min (deadline, self->own_due);
  return deadline;
}

/* ---- what callers begin ---- */

static SoukStatus
begin (SoukKad *self, SoukKadGoal goal, SoukSlice key, SoukMono now, SoukKadQuery **out)
{
  if (key.len == 0 || key.len > SOUK_KAD_KEY_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  *out = souk_kad_query_new (self, goal, SOUK_KAD_BY_CALLER, key, now);
  return *out != NULL ? SOUK_STATUS_OK : SOUK_STATUS_LIMIT;
}

static SoukStatus
go (SoukKad *self, SoukKadQuery *query, SoukMono now, uint64_t *out_query)
{
  *out_query = query->id;
  souk_kad_query_step (self, query, now);
  return SOUK_STATUS_OK;
}

SoukStatus
souk_kad_find_closest (SoukKad *self, SoukSlice key, SoukMono now, uint64_t *out_query)
{
  SoukKadQuery *query;
  SOUK_TRY (begin (self, SOUK_KAD_GOAL_CLOSEST, key, now, &query));
  return go (self, query, now, out_query);
}

SoukStatus
souk_kad_find_peer (SoukKad *self, const SoukPeerId *peer, SoukMono now, uint64_t *out_query)
{
  SoukKadQuery *query;
  g_autoptr (GBytes) raw = souk_peer_id_to_bytes (peer);
  GBytes *known = souk_kad_known_addrs (self, peer);
  SOUK_TRY (begin (self, SOUK_KAD_GOAL_PEER, souk_slice_from_bytes (raw), now, &query));
  query->target = *peer;
  if (known != NULL)
    {
      query->value = g_bytes_ref (known);
      query->n_found = 1;
    }
  return go (self, query, now, out_query);
}

SoukStatus
souk_kad_get (SoukKad *self, SoukSlice key, unsigned quorum, SoukMono now, uint64_t *out_query)
{
  SoukKadQuery *query;
  SoukKadValue value;
  SOUK_TRY (begin (self, SOUK_KAD_GOAL_GET, key, now, &query));
  query->wanted = MAX (quorum, 1u);
  /* "the local result counts for one towards the search" */
  if (souk_kad_store_get (self->store, key, now, &value))
    souk_kad_query_found_value (self, query, NULL, souk_slice_from_bytes (value.value));
  return go (self, query, now, out_query);
}

SoukStatus
souk_kad_put (SoukKad *self, SoukSlice key, SoukSlice value, SoukWall wall, SoukMono now,
              uint64_t *out_query)
{
  SoukKadQuery *query;
  if (value.len > SOUK_KAD_VALUE_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  SOUK_TRY (souk_kad_validate (self->config.namespaces, key, value));
  SOUK_TRY (begin (self, SOUK_KAD_GOAL_PUT, key, now, &query));
  query->value = souk_slice_to_bytes (value);
  /* Room here is not what the value depends on. */
  souk_kad_store_put (self->store, key, value, &self->config.self, wall, now);
  return go (self, query, now, out_query);
}

SoukStatus
souk_kad_find_providers (SoukKad *self, SoukSlice key, unsigned wanted, SoukMono now,
                         uint64_t *out_query)
{
  SoukKadQuery *query;
  SOUK_TRY (begin (self, SOUK_KAD_GOAL_PROVIDERS, key, now, &query));
  query->wanted = MAX (wanted, 1u);
  g_autoptr (GArray) known = souk_kad_store_providers (self->store, key, now);
  for (guint i = 0; i < known->len; i++)
    {
      SoukKadProvider *one = &g_array_index (known, SoukKadProvider, i);
      if (!souk_peer_id_is_equal (&one->id, &self->config.self))
        souk_kad_query_found_provider (self, query, &one->id, one->addrs);
    }
  return go (self, query, now, out_query);
}

SoukStatus
souk_kad_provide (SoukKad *self, SoukSlice key, SoukMono now, uint64_t *out_query)
{
  SoukKadKey place = souk_kad_key (key);
  SoukKadQuery *query = NULL;
  guint index;
  if (key.len == 0 || key.len > SOUK_KAD_KEY_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  bool is_here = find_own (self, &place, &index);
  if (!is_here && self->own->len >= SOUK_KAD_OWN_MAX)
    return SOUK_STATUS_LIMIT;
  if (out_query != NULL)
    SOUK_TRY (begin (self, SOUK_KAD_GOAL_PROVIDE, key, now, &query));
  if (!is_here)
    {
      SoukKadOwn *own = g_new0 (SoukKadOwn, 1);
      *own = (SoukKadOwn){ .key = place, .raw = souk_slice_to_bytes (key), .due = now };
      g_ptr_array_insert (self->own, (int)index, own);
      self->own_due = souk_mono_min (self->own_due, now);
    }
  if (query == NULL)
    return SOUK_STATUS_OK;
  ((SoukKadOwn *)self->own->pdata[index])->query = query->id;
  return go (self, query, now, out_query);
}

void
souk_kad_unprovide (SoukKad *self, SoukSlice key)
{
  SoukKadKey place = souk_kad_key (key);
  guint index;
  if (find_own (self, &place, &index))
    g_ptr_array_remove_index (self->own, index);
  self->sweep_at = self->own->len > 0 ? self->sweep_at % self->own->len : 0;
}

void
souk_kad_cancel (SoukKad *self, uint64_t id)
{
  SoukKadQuery *query = souk_kad_find_query (self, id);
  guint index;
  if (query == NULL || !g_ptr_array_find (self->queries, query, &index))
    return;
  /* What it announces is announced in its turn. */
  if (query->goal == SOUK_KAD_GOAL_PROVIDE && find_own (self, &query->key, &index))
    ((SoukKadOwn *)self->own->pdata[index])->query = 0;
  g_ptr_array_remove (self->queries, query);
}
