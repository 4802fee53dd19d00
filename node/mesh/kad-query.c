/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One lookup (libp2p specs, kad-dht, "DHT operations"). PURE. See kad-private.h.
 *
 * "The lookup terminates when the initiator has queried and gotten responses from the k closest
 * nodes it has seen." A peer that is slow no longer counts among them, unless its answer comes
 * before the end after all: so a dead peer near the key costs twice SOUK_KAD_SLOW_MS.
 */
#include "mesh/kad-private.h"

static const SoukKadType request_types[] = {
  [SOUK_KAD_GOAL_CLOSEST] = SOUK_KAD_FIND_NODE,       [SOUK_KAD_GOAL_PEER] = SOUK_KAD_FIND_NODE,
  [SOUK_KAD_GOAL_GET] = SOUK_KAD_GET_VALUE,           [SOUK_KAD_GOAL_PUT] = SOUK_KAD_FIND_NODE,
  [SOUK_KAD_GOAL_PROVIDERS] = SOUK_KAD_GET_PROVIDERS, [SOUK_KAD_GOAL_PROVIDE] = SOUK_KAD_FIND_NODE,
};

/* ---- candidates ---- */

static void
candidate_free (gpointer data)
{
  SoukKadCandidate *candidate = data;
  g_clear_pointer (&candidate->addrs, g_bytes_unref);
  g_free (candidate);
}

/* Where a candidate of that distance is or would be. A distance belongs to one peer. */
static bool
find (const SoukKadQuery *query, const SoukKadKey *distance, guint *out_index)
{
  guint low = 0, high = query->candidates->len;
  while (low < high)
    {
      guint middle = (low + high) / 2;
      SoukKadCandidate *candidate = query->candidates->pdata[middle];
      int order = souk_kad_key_compare (&candidate->distance, distance);
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

static SoukKadCandidate *
find_peer (const SoukKadQuery *query, const SoukPeerId *id)
{
  SoukKadKey key = souk_kad_key_of_peer (id);
  SoukKadKey distance = souk_kad_key_distance (&key, &query->key);
  guint index;
  return find (query, &distance, &index) ? query->candidates->pdata[index] : NULL;
}

/* Forgets the farthest that was not asked. Returns: whether there was one behind `index`. */
static bool
make_room (SoukKadQuery *query, guint index)
{
  for (guint i = query->candidates->len; i > index; i--)
    if (((SoukKadCandidate *)query->candidates->pdata[i - 1])->state == SOUK_KAD_NEW)
      {
        g_ptr_array_remove_index (query->candidates, i - 1);
        return true;
      }
  return false;
}

static void
add_candidate (SoukKad *self, SoukKadQuery *query, const SoukPeerId *id, GBytes *addrs)
{
  SoukKadKey key = souk_kad_key_of_peer (id);
  SoukKadKey distance = souk_kad_key_distance (&key, &query->key);
  guint index;
  if (souk_peer_id_is_equal (id, &self->config.self) || find (query, &distance, &index))
    return;
  if (query->candidates->len >= SOUK_KAD_CANDIDATES_MAX && !make_room (query, index))
    return;
  SoukKadCandidate *candidate = g_new0 (SoukKadCandidate, 1);
  candidate->id = *id;
  candidate->distance = distance;
  if (addrs == NULL)
    addrs = souk_kad_known_addrs (self, id);
  candidate->addrs = addrs != NULL ? g_bytes_ref (addrs) : NULL;
  g_ptr_array_insert (query->candidates, (int)index, candidate);
}

/* ---- life ---- */

SoukKadQuery *
souk_kad_query_new (SoukKad *self, SoukKadGoal goal, SoukKadBy by, SoukSlice raw, SoukMono now)
{
  if (self->queries->len >= SOUK_KAD_QUERIES_MAX)
    return NULL;
  SoukKadQuery *query = g_new0 (SoukKadQuery, 1);
  query->id = ++self->serial;
  query->goal = goal;
  query->by = by;
  query->raw = souk_slice_to_bytes (raw);
  query->key = souk_kad_key (raw);
  query->until = souk_mono_add_ms (now, SOUK_KAD_QUERY_MS);
  query->candidates = g_ptr_array_new_with_free_func (candidate_free);
  g_autoptr (GPtrArray) seeds = souk_kad_table_nearest (self->table, &query->key, SOUK_KAD_SEEDS);
  for (guint i = 0; i < seeds->len; i++)
    {
      SoukKadEntry *entry = g_ptr_array_index (seeds, i);
      add_candidate (self, query, &entry->id, entry->addrs);
    }
  unsigned shared = souk_kad_key_shared (&self->key, &query->key);
  if (shared < SOUK_KAD_BUCKETS)
    self->looked_at[shared] = now;
  self->stats.lookups++;
  g_ptr_array_add (self->queries, query);
  return query;
}

void
souk_kad_query_free (SoukKadQuery *query)
{
  g_ptr_array_unref (query->candidates);
  g_bytes_unref (query->raw);
  g_clear_pointer (&query->value, g_bytes_unref);
  g_clear_pointer (&query->found, g_hash_table_unref);
  g_free (query);
}

static GArray *
closest (const SoukKadQuery *query)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (SoukPeerId));
  for (guint i = 0; i < query->candidates->len && found->len < SOUK_KAD_K; i++)
    {
      SoukKadCandidate *candidate = query->candidates->pdata[i];
      if (candidate->state == SOUK_KAD_ANSWERED)
        g_array_append_val (found, candidate->id);
    }
  return found;
}

void
souk_kad_query_end (SoukKad *self, SoukKadQuery *query, SoukStatus status, SoukMono now)
{
  guint index;
  bool is_here = g_ptr_array_find (self->queries, query, &index);
  g_assert (is_here);
  g_ptr_array_steal_index (self->queries, index);
  switch (query->by)
    {
      case SOUK_KAD_BY_CALLER: {
        SoukKadEvent *event = souk_kad_push_event (self, SOUK_KAD_EVENT_DONE);
        event->query = query->id;
        event->status = status;
        event->n_peers = query->is_telling ? query->n_told : query->n_answered;
        event->closest = closest (query);
        if (query->goal == SOUK_KAD_GOAL_GET && status == SOUK_STATUS_OK)
          event->bytes = g_bytes_ref (query->value);
        if (query->goal == SOUK_KAD_GOAL_PEER && status == SOUK_STATUS_OK)
          {
            event->peer = query->target;
            event->addrs = query->value != NULL ? g_bytes_ref (query->value) : NULL;
          }
        break;
      }
    case SOUK_KAD_BY_REFRESH:
      souk_kad_refresh_ended (self, now);
      break;
    case SOUK_KAD_BY_SWEEP:
      break;
    }
  if (query->goal == SOUK_KAD_GOAL_PROVIDE)
    souk_kad_sweep_ended (self, query, now);
  souk_kad_query_free (query);
}

/* ---- telling the nearest ---- */

static GByteArray *
announcement (SoukKad *self, const SoukKadQuery *query)
{
  GByteArray *message = g_byte_array_new ();
  SoukSlice key = souk_slice_from_bytes (query->raw);
  if (query->goal == SOUK_KAD_GOAL_PROVIDE)
    {
      souk_append_kad_head (message, SOUK_KAD_ADD_PROVIDER, key);
      souk_append_kad_peer (message, SOUK_KAD_PROVIDERS, &self->config.self, self->own_addrs,
                            false);
    }
  else
    {
      souk_append_kad_head (message, SOUK_KAD_PUT_VALUE, key);
      souk_append_kad_record (message, key, souk_slice_from_bytes (query->value), (SoukWall){ 0 });
    }
  return message;
}

/* Tells the k nearest; ends the query when all have been told. */
static void
tell (SoukKad *self, SoukKadQuery *query, SoukMono now)
{
  SoukKadType type
      = query->goal == SOUK_KAD_GOAL_PROVIDE ? SOUK_KAD_ADD_PROVIDER : SOUK_KAD_PUT_VALUE;
  bool is_waiting = false;
  unsigned n = 0;
  for (guint i = 0; i < query->candidates->len && n < SOUK_KAD_K; i++)
    {
      SoukKadCandidate *candidate = query->candidates->pdata[i];
      if (candidate->state != SOUK_KAD_ANSWERED)
        continue;
      n++;
      if (candidate->is_told)
        continue;
      if (query->n_open >= SOUK_KAD_ALPHA || !souk_kad_has_room (self))
        {
          is_waiting = true;
          self->was_full |= !souk_kad_has_room (self);
          break;
        }
      candidate->is_told = true;
      query->n_open++;
      souk_kad_send (self, query->id, &candidate->id, candidate->addrs, type,
                     announcement (self, query), now);
    }
  if (!is_waiting && query->n_open == 0 && (query->n_told > 0 || query->n_late == 0))
    souk_kad_query_end (self, query, query->n_told > 0 ? SOUK_STATUS_OK : SOUK_STATUS_KAD_ALONE,
                        now);
}

/* "Nodes that returned worse records and nodes that returned no record but where among the closest
 * to the key, are updated via a direct PUT_VALUE". */
static void
correct (SoukKad *self, SoukKadQuery *query, bool is_converged, SoukMono now)
{
  unsigned n = 0;
  for (guint i = 0; i < query->candidates->len && n < SOUK_KAD_K; i++)
    {
      SoukKadCandidate *candidate = query->candidates->pdata[i];
      if (candidate->state != SOUK_KAD_ANSWERED)
        continue;
      n++;
      if (candidate->holds == query->best_serial || (candidate->holds == 0 && !is_converged)
          || !souk_kad_has_room (self))
        continue;
      souk_kad_send (self, 0, &candidate->id, candidate->addrs, SOUK_KAD_PUT_VALUE,
                     announcement (self, query), now);
    }
}

/* ---- the walk ---- */

/* The nearest have all answered, or nobody is left to be asked. */
static void
converged (SoukKad *self, SoukKadQuery *query, SoukMono now)
{
  SoukStatus status = query->n_answered > 0 ? SOUK_STATUS_OK : SOUK_STATUS_KAD_ALONE;
  switch (query->goal)
    {
    case SOUK_KAD_GOAL_PUT:
    case SOUK_KAD_GOAL_PROVIDE:
      query->is_telling = true;
      tell (self, query, now);
      return;
    case SOUK_KAD_GOAL_GET:
      if (query->value == NULL && status == SOUK_STATUS_OK)
        status = SOUK_STATUS_KAD_NOT_FOUND;
      if (query->value != NULL)
        {
          status = SOUK_STATUS_OK;
          correct (self, query, true, now);
        }
      break;
    case SOUK_KAD_GOAL_PEER:
      status = status == SOUK_STATUS_OK ? SOUK_STATUS_KAD_NOT_FOUND : status;
      break;
    case SOUK_KAD_GOAL_PROVIDERS:
      if (query->n_found > 0)
        status = SOUK_STATUS_OK;
      else if (status == SOUK_STATUS_OK)
        status = SOUK_STATUS_KAD_NOT_FOUND;
      break;
    case SOUK_KAD_GOAL_CLOSEST:
      break;
    }
  souk_kad_query_end (self, query, status, now);
}

static void
ask (SoukKad *self, SoukKadQuery *query, SoukKadCandidate *candidate, SoukMono now)
{
  SoukKadType type = request_types[query->goal];
  GByteArray *message = g_byte_array_new ();
  souk_append_kad_head (message, type, souk_slice_from_bytes (query->raw));
  candidate->state = SOUK_KAD_ASKED;
  query->in_flight++;
  souk_kad_send (self, query->id, &candidate->id, candidate->addrs, type, message, now);
}

/* True when the caller has what it wanted before the lookup has gone all its way. */
static bool
is_satisfied (const SoukKadQuery *query)
{
  switch (query->goal)
    {
    case SOUK_KAD_GOAL_GET:
    case SOUK_KAD_GOAL_PROVIDERS:
      return query->n_found >= query->wanted;
    case SOUK_KAD_GOAL_PEER:
      return query->n_found > 0;
    case SOUK_KAD_GOAL_CLOSEST:
    case SOUK_KAD_GOAL_PUT:
    case SOUK_KAD_GOAL_PROVIDE:
      return false;
    }
  return false;
}

void
souk_kad_query_step (SoukKad *self, SoukKadQuery *query, SoukMono now)
{
  bool is_waiting = false, is_slow = false;
  unsigned n = 0;
  if (query->is_telling)
    {
      tell (self, query, now);
      return;
    }
  if (is_satisfied (query))
    {
      if (query->goal == SOUK_KAD_GOAL_GET)
        correct (self, query, false, now);
      souk_kad_query_end (self, query, SOUK_STATUS_OK, now);
      return;
    }
  for (guint i = 0; i < query->candidates->len && n < SOUK_KAD_K; i++)
    {
      SoukKadCandidate *candidate = query->candidates->pdata[i];
      switch (candidate->state)
        {
        case SOUK_KAD_NEW:
          n++;
          is_waiting = true;
          if (query->in_flight < SOUK_KAD_ALPHA && souk_kad_has_room (self))
            ask (self, query, candidate, now);
          else
            self->was_full |= !souk_kad_has_room (self);
          break;
        case SOUK_KAD_ASKED:
          n++;
          is_waiting = true;
          break;
        case SOUK_KAD_SLOW:
          is_slow = true;
          if (candidate->is_second || query->in_flight >= SOUK_KAD_ALPHA
              || !souk_kad_has_room (self))
            break;
          n++;
          is_waiting = true;
          candidate->is_second = true;
          ask (self, query, candidate, now);
          break;
        case SOUK_KAD_ANSWERED:
          n++;
          break;
        case SOUK_KAD_FAILED:
          break;
        }
    }
  /* With too few answers it is worth waiting for the slow. */
  if (!is_waiting && !(is_slow && n < SOUK_KAD_K))
    converged (self, query, now);
}

/* ---- answers ---- */

bool
souk_kad_query_found_provider (SoukKad *self, SoukKadQuery *query, const SoukPeerId *id,
                               GBytes *addrs)
{
  if (query->found == NULL)
    query->found = g_hash_table_new_full (souk_peer_id_hash, souk_peer_id_equal, g_free, NULL);
  if (g_hash_table_size (query->found) >= SOUK_KAD_FOUND_MAX
      || !g_hash_table_add (query->found, g_memdup2 (id, sizeof *id)))
    return query->n_found >= query->wanted;
  if (addrs == NULL)
    addrs = souk_kad_known_addrs (self, id);
  SoukKadEvent *event = souk_kad_push_event (self, SOUK_KAD_EVENT_PROVIDER);
  event->query = query->id;
  event->peer = *id;
  event->addrs = addrs != NULL ? g_bytes_ref (addrs) : NULL;
  query->n_found++;
  return query->n_found >= query->wanted;
}

void
souk_kad_query_found_value (SoukKad *self, SoukKadQuery *query, SoukKadCandidate *candidate,
                            SoukSlice value)
{
  SoukSlice best = query->value != NULL ? souk_slice_from_bytes (query->value) : SOUK_SLICE_EMPTY;
  SoukSlice key = souk_slice_from_bytes (query->raw);
  query->n_found++;
  bool is_same = query->value != NULL && souk_slice_is_equal (value, best);
  if (query->value == NULL
      || (!is_same && souk_kad_is_better (self->config.namespaces, key, value, best)))
    {
      g_clear_pointer (&query->value, g_bytes_unref);
      query->value = souk_slice_to_bytes (value);
      query->best_serial++;
      is_same = true;
    }
  if (candidate != NULL)
    candidate->holds = is_same ? query->best_serial : UINT32_MAX;
}

static SoukStatus
take_record (SoukKad *self, SoukKadQuery *query, SoukKadCandidate *candidate,
             const SoukKadMessage *answer)
{
  SoukSlice key = souk_slice_from_bytes (query->raw);
  if (!answer->has_record)
    return SOUK_STATUS_OK;
  if (!souk_slice_is_equal (answer->record_key, key))
    return SOUK_STATUS_BAD_KAD;
  SOUK_TRY (souk_kad_validate (self->config.namespaces, key, answer->value));
  souk_kad_query_found_value (self, query, candidate, answer->value);
  return SOUK_STATUS_OK;
}

static void
take_peers (SoukKad *self, SoukKadQuery *query, const SoukKadMessage *answer)
{
  SoukKadPeerView view;
  SoukKadPeers peers = souk_kad_peers (answer, SOUK_KAD_CLOSER);
  while (souk_kad_peers_next (&peers, &view))
    {
      g_autoptr (GBytes) addrs = souk_kad_peer_addrs (&view, self->config.addrs);
      if (query->goal == SOUK_KAD_GOAL_PEER && query->value == NULL && addrs != NULL
          && souk_peer_id_is_equal (&view.id, &query->target))
        {
          query->value = g_bytes_ref (addrs);
          query->n_found = 1;
        }
      add_candidate (self, query, &view.id, addrs);
    }
  if (query->goal != SOUK_KAD_GOAL_PROVIDERS)
    return;
  peers = souk_kad_peers (answer, SOUK_KAD_PROVIDERS);
  while (souk_kad_peers_next (&peers, &view))
    {
      g_autoptr (GBytes) addrs = souk_kad_peer_addrs (&view, self->config.addrs);
      souk_kad_query_found_provider (self, query, &view.id, addrs);
    }
}

SoukStatus
souk_kad_query_answered (SoukKad *self, SoukKadQuery *query, const SoukKadRequest *request,
                         const SoukKadMessage *answer, SoukMono now)
{
  SoukStatus status = SOUK_STATUS_OK;
  SoukKadCandidate *candidate = find_peer (query, &request->peer);
  if (query->is_telling)
    {
      /* An answer to a question of the lookup may come that late; it is no receipt. */
      bool is_receipt
          = request->type == SOUK_KAD_PUT_VALUE || request->type == SOUK_KAD_ADD_PROVIDER;
      if (is_receipt && request->is_slow)
        query->n_late--;
      else if (is_receipt)
        query->n_open--;
      query->n_told += is_receipt && answer != NULL;
    }
  /* Of the two times that it was asked one answer counts, and the later failure. */
  else if (candidate != NULL && candidate->state != SOUK_KAD_ANSWERED
           && (answer != NULL || !request->is_slow || candidate->state != SOUK_KAD_ASKED))
    {
      if (candidate->state == SOUK_KAD_ASKED)
        query->in_flight--;
      candidate->state = answer != NULL ? SOUK_KAD_ANSWERED : SOUK_KAD_FAILED;
      query->n_answered += answer != NULL;
      if (answer != NULL && query->goal == SOUK_KAD_GOAL_GET)
        status = take_record (self, query, candidate, answer);
      if (answer != NULL)
        take_peers (self, query, answer);
    }
  souk_kad_query_step (self, query, now);
  return status;
}

void
souk_kad_query_slow (SoukKad *self, SoukKadQuery *query, const SoukKadRequest *request,
                     SoukMono now)
{
  SoukKadCandidate *candidate = find_peer (query, &request->peer);
  if (query->is_telling)
    {
      if (request->type == SOUK_KAD_PUT_VALUE || request->type == SOUK_KAD_ADD_PROVIDER)
        {
          query->n_open--;
          query->n_late++;
        }
    }
  else if (candidate != NULL && candidate->state == SOUK_KAD_ASKED)
    {
      candidate->state = SOUK_KAD_SLOW;
      query->in_flight--;
    }
  souk_kad_query_step (self, query, now);
}
