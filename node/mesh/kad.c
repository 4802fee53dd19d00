/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hash-table machine: life, peers, requests, events, the clock. PURE. See kad.h and
 * kad-private.h.
 */
#include "mesh/kad-private.h"

static const SoukKadNamespace *const usual_namespaces[]
    = { &souk_kad_namespace_pk, &souk_kad_namespace_ipns, NULL };

/* ---- life ---- */

static void
query_free (gpointer data)
{
  souk_kad_query_free (data);
}

static void
addrs_free (gpointer data)
{
  g_clear_pointer ((GBytes **)&data, g_bytes_unref);
}

SoukKad *
souk_kad_new (const SoukKadConfig *config, SoukRng *rng, SoukMono now)
{
  SoukKad *self = g_new0 (SoukKad, 1);
  self->config = *config;
  if (self->config.namespaces == NULL)
    self->config.namespaces = usual_namespaces;
  self->rng = rng;
  self->raw = souk_peer_id_to_bytes (&config->self);
  self->key = souk_kad_key (souk_slice_from_bytes (self->raw));
  self->table = souk_kad_table_new (&self->key);
  self->store = souk_kad_store_new ();
  self->contacts
      = g_hash_table_new_full (souk_peer_id_hash, souk_peer_id_equal, g_free, addrs_free);
  self->rates = g_hash_table_new_full (souk_peer_id_hash, souk_peer_id_equal, g_free, g_free);
  self->queries = g_ptr_array_new_with_free_func (query_free);
  self->by_number = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  g_queue_init (&self->requests);
  g_queue_init (&self->events);
  self->tick_at = souk_mono_add_ms (now, SOUK_KAD_TICK_MS);
  self->expire_at = souk_mono_add_ms (now, SOUK_KAD_EXPIRY_TICK_MS);
  souk_kad_upkeep_init (self, now);
  return self;
}

static void
event_free (SoukKadEvent *event)
{
  if (event == NULL)
    return;
  g_clear_pointer (&event->addrs, g_bytes_unref);
  g_clear_pointer (&event->bytes, g_bytes_unref);
  g_clear_pointer (&event->closest, g_array_unref);
  g_free (event);
}

void
souk_kad_free (SoukKad *self)
{
  SoukKadEvent *event;
  if (self == NULL)
    return;
  while ((event = g_queue_pop_head (&self->events)) != NULL)
    event_free (event);
  event_free (self->current);
  souk_kad_upkeep_done (self);
  g_ptr_array_unref (self->queries);
  g_hash_table_unref (self->by_number);
  g_hash_table_unref (self->contacts);
  g_hash_table_unref (self->rates);
  souk_kad_store_free (self->store);
  souk_kad_table_free (self->table);
  g_clear_pointer (&self->own_addrs, g_bytes_unref);
  g_bytes_unref (self->raw);
  g_free (self);
}

void
souk_kad_set_server (SoukKad *self, bool is_server)
{
  self->config.is_server = is_server;
}

bool
souk_kad_is_server (const SoukKad *self)
{
  return self->config.is_server;
}

void
souk_kad_set_addrs (SoukKad *self, const SoukMultiaddr *addrs, size_t n_addrs)
{
  g_clear_pointer (&self->own_addrs, g_bytes_unref);
  self->own_addrs = souk_kad_addrs_pack (addrs, n_addrs, self->config.addrs);
}

/* ---- peers ---- */

/* Asks a peer for a sign of life. "Implementations must not actively send PING requests": the
 * question is which peers it knows near us, so that the answer is of use. */
static void
check (SoukKad *self, const SoukKadEntry *entry, SoukMono now)
{
  if (!souk_kad_has_room (self))
    {
      souk_kad_table_seen (self->table, &entry->id, now);
      return;
    }
  GByteArray *message = g_byte_array_new ();
  souk_append_kad_head (message, SOUK_KAD_FIND_NODE, souk_slice_from_bytes (self->raw));
  souk_kad_send (self, 0, &entry->id, entry->addrs, SOUK_KAD_FIND_NODE, message, now);
}

void
souk_kad_add_peer (SoukKad *self, const SoukPeerId *peer, const SoukMultiaddr *addrs,
                   size_t n_addrs, bool serves, SoukMono now)
{
  g_autoptr (GBytes) packed = souk_kad_addrs_pack (addrs, n_addrs, self->config.addrs);
  if (souk_peer_id_is_equal (peer, &self->config.self))
    return;
  if (g_hash_table_contains (self->contacts, peer)
      || g_hash_table_size (self->contacts) < SOUK_KAD_CONTACTS_MAX)
    g_hash_table_replace (self->contacts, g_memdup2 (peer, sizeof *peer),
                          packed != NULL ? g_bytes_ref (packed) : NULL);
  if (!serves)
    {
      souk_kad_table_remove (self->table, peer);
      return;
    }
  const SoukKadEntry *to_check;
  souk_kad_table_add (self->table, peer, packed, now, &to_check);
  if (to_check != NULL)
    check (self, to_check, now);
}

void
souk_kad_remove_contact (SoukKad *self, const SoukPeerId *peer)
{
  g_hash_table_remove (self->contacts, peer);
}

GBytes *
souk_kad_known_addrs (const SoukKad *self, const SoukPeerId *peer)
{
  const SoukKadEntry *entry = souk_kad_table_find (self->table, peer);
  if (entry != NULL && entry->addrs != NULL)
    return entry->addrs;
  return g_hash_table_lookup (self->contacts, peer);
}

/* ---- requests ---- */

SoukKadEvent *
souk_kad_push_event (SoukKad *self, SoukKadEventType type)
{
  SoukKadEvent *event = g_new0 (SoukKadEvent, 1);
  event->type = type;
  g_queue_push_tail (&self->events, event);
  return event;
}

bool
souk_kad_has_room (const SoukKad *self)
{
  return self->requests.length < SOUK_KAD_REQUESTS_MAX;
}

void
souk_kad_send (SoukKad *self, uint64_t query, const SoukPeerId *peer, GBytes *addrs,
               SoukKadType type, GByteArray *message, SoukMono now)
{
  g_assert (souk_kad_has_room (self));
  SoukKadRequest *request = g_new0 (SoukKadRequest, 1);
  *request = (SoukKadRequest){
    .id = ++self->serial,
    .query = query,
    .peer = *peer,
    .type = type,
    .slow_at = souk_mono_add_ms (now, SOUK_KAD_SLOW_MS),
    .until = souk_mono_add_ms (now, SOUK_KAD_REQUEST_MS),
  };
  request->link.data = request;
  g_queue_push_tail_link (&self->requests, &request->link);
  g_hash_table_insert (self->by_number, &request->id, request);
  SoukKadEvent *event = souk_kad_push_event (self, SOUK_KAD_EVENT_REQUEST);
  event->request = request->id;
  event->query = query;
  event->peer = *peer;
  event->addrs = addrs != NULL ? g_bytes_ref (addrs) : NULL;
  event->bytes = g_byte_array_free_to_bytes (message);
  event->wants_reply = type != SOUK_KAD_ADD_PROVIDER;
  self->stats.requests_sent++;
}

SoukKadQuery *
souk_kad_find_query (const SoukKad *self, uint64_t id)
{
  for (guint i = 0; id != 0 && i < self->queries->len; i++)
    if (((SoukKadQuery *)self->queries->pdata[i])->id == id)
      return self->queries->pdata[i];
  return NULL;
}

/* There is room again: lookups that had to wait go on. */
static void
go_on (SoukKad *self, SoukMono now)
{
  if (!self->was_full)
    return;
  self->was_full = false;
  for (guint i = self->queries->len; i > 0; i--)
    if (i <= self->queries->len)
      souk_kad_query_step (self, g_ptr_array_index (self->queries, i - 1), now);
}

/* Ends a request; `answer` is NULL when there is none. */
static SoukStatus
settle (SoukKad *self, SoukKadRequest *request, const SoukKadMessage *answer, SoukMono now)
{
  SoukStatus status = SOUK_STATUS_OK;
  SoukKadRequest ended = *request;
  g_queue_unlink (&self->requests, &request->link);
  g_hash_table_remove (self->by_number, &ended.id);
  if (answer != NULL)
    {
      self->stats.replies++;
      souk_kad_table_seen (self->table, &ended.peer, now);
    }
  else
    {
      self->stats.failures++;
      souk_kad_table_failed (self->table, &ended.peer);
    }
  SoukKadQuery *query = souk_kad_find_query (self, ended.query);
  if (query != NULL)
    status = souk_kad_query_answered (self, query, &ended, answer, now);
  go_on (self, now);
  return status;
}

SoukStatus
souk_kad_replied (SoukKad *self, uint64_t number, const SoukSlice *reply, SoukMono now)
{
  SoukKadRequest *request = g_hash_table_lookup (self->by_number, &number);
  SoukKadMessage message = { 0 };
  SoukStatus status = SOUK_STATUS_OK;
  /* It came too late. */
  if (request == NULL)
    return SOUK_STATUS_OK;
  if (reply == NULL)
    return settle (self, request, NULL, now);
  if (request->type != SOUK_KAD_ADD_PROVIDER)
    {
      status = souk_kad_message_parse (*reply, &message);
      if (status == SOUK_STATUS_OK && message.type != request->type)
        status = SOUK_STATUS_BAD_KAD;
    }
  if (status == SOUK_STATUS_OK)
    return settle (self, request, &message, now);
  settle (self, request, NULL, now);
  return status;
}

/* ---- events and the clock ---- */

bool
souk_kad_next (SoukKad *self, SoukKadEvent *out)
{
  event_free (self->current);
  self->current = g_queue_pop_head (&self->events);
  if (self->current == NULL)
    return false;
  *out = *self->current;
  return true;
}

SoukMono
souk_kad_deadline (const SoukKad *self)
{
  SoukMono deadline = souk_kad_upkeep_deadline (self);
  if (self->requests.length > 0 || self->queries->len > 0)
    deadline = souk_mono_min (deadline, self->tick_at);
  if (souk_kad_store_values (self->store) + souk_kad_store_provider_records (self->store) > 0)
    deadline = souk_mono_min (deadline, self->expire_at);
  return deadline;
}

/* Requests that take long, in the order in which they were sent. */
static void
check_requests (SoukKad *self, SoukMono now)
{
  SoukKadRequest *request;
  while ((request = g_queue_peek_head (&self->requests)) != NULL
         && souk_mono_is_due (request->until, now))
    settle (self, request, NULL, now);

  g_autoptr (GArray) slow = g_array_new (FALSE, FALSE, sizeof (SoukKadRequest));
  for (GList *link = self->requests.head; link != NULL; link = link->next)
    {
      request = link->data;
      if (!souk_mono_is_due (request->slow_at, now))
        break;
      if (!request->is_slow)
        g_array_append_val (slow, *request);
      request->is_slow = true;
    }
  for (guint i = 0; i < slow->len; i++)
    {
      const SoukKadRequest *one = &g_array_index (slow, SoukKadRequest, i);
      SoukKadQuery *query = souk_kad_find_query (self, one->query);
      if (query != NULL)
        souk_kad_query_slow (self, query, one, now);
    }
}

static void
check_queries (SoukKad *self, SoukMono now)
{
  for (guint i = self->queries->len; i > 0; i--)
    {
      SoukKadQuery *query = i <= self->queries->len ? self->queries->pdata[i - 1] : NULL;
      if (query != NULL && souk_mono_is_due (query->until, now))
        souk_kad_query_end (self, query, SOUK_STATUS_TIMED_OUT, now);
    }
}

void
souk_kad_tick (SoukKad *self, SoukMono now)
{
  if (souk_mono_is_due (self->tick_at, now))
    {
      self->tick_at = souk_mono_add_ms (now, SOUK_KAD_TICK_MS);
      check_requests (self, now);
      check_queries (self, now);
    }
  if (souk_mono_is_due (self->expire_at, now))
    {
      self->expire_at = souk_mono_add_ms (now, SOUK_KAD_EXPIRY_TICK_MS);
      souk_kad_store_expire (self->store, now);
    }
  souk_kad_upkeep_tick (self, now);
}

void
souk_kad_stats (const SoukKad *self, SoukKadStats *out)
{
  *out = self->stats;
  out->peers = souk_kad_table_size (self->table);
  out->contacts = g_hash_table_size (self->contacts);
  out->queries = self->queries->len;
  out->requests = self->requests.length;
  out->values = souk_kad_store_values (self->store);
  out->provider_records = souk_kad_store_provider_records (self->store);
  out->own = self->own->len;
}
