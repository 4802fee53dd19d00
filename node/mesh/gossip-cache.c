/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The message cache. PURE. See gossip-cache.h.
 */
#include "mesh/gossip-cache.h"

#include "mesh/gossip-limits.h"

#include <string.h>

typedef struct {
  uint64_t serial;
  unsigned times;
} Sent;

struct SoukGossipCache {
  GQueue windows[SOUK_GOSSIP_CACHE_WINDOWS]; /* of SoukGossipCached, owned; 0 is the newest */
  GHashTable *entries;                       /* &id and &alias -> SoukGossipCached */
  size_t size, bytes;
};

SoukGossipCache *
souk_gossip_cache_new (void)
{
  SoukGossipCache *self = g_new0 (SoukGossipCache, 1);
  for (size_t i = 0; i < SOUK_GOSSIP_CACHE_WINDOWS; i++)
    g_queue_init (&self->windows[i]);
  self->entries = g_hash_table_new (souk_gossip_id_hash, souk_gossip_id_equal);
  return self;
}

static void
cached_free (SoukGossipCached *cached)
{
  g_bytes_unref (cached->message);
  for (size_t i = 0; i < G_N_ELEMENTS (cached->names); i++)
    g_clear_pointer (&cached->names[i], g_bytes_unref);
  g_free (cached->topic);
  g_clear_pointer (&cached->sent, g_array_unref);
  g_free (cached);
}

/* Takes the oldest message out of a window. */
static void
forget (SoukGossipCache *self, GQueue *window)
{
  SoukGossipCached *cached = g_queue_pop_head (window);
  self->size--;
  self->bytes -= g_bytes_get_size (cached->message);
  g_hash_table_remove (self->entries, &cached->id);
  if (g_hash_table_lookup (self->entries, &cached->alias) == cached)
    g_hash_table_remove (self->entries, &cached->alias);
  cached_free (cached);
}

void
souk_gossip_cache_free (SoukGossipCache *self)
{
  if (self == NULL)
    return;
  for (size_t i = 0; i < SOUK_GOSSIP_CACHE_WINDOWS; i++)
    while (!g_queue_is_empty (&self->windows[i]))
      forget (self, &self->windows[i]);
  g_hash_table_unref (self->entries);
  g_free (self);
}

/* Makes room for a message of `len` bytes. */
static void
make_room (SoukGossipCache *self, size_t len)
{
  size_t window = SOUK_GOSSIP_CACHE_WINDOWS - 1;
  while (self->size > 0
         && (self->size >= SOUK_GOSSIP_CACHE_MESSAGES_MAX
             || self->bytes + len > SOUK_GOSSIP_CACHE_BYTES_MAX))
    {
      while (g_queue_is_empty (&self->windows[window]))
        window--;
      forget (self, &self->windows[window]);
    }
}

void
souk_gossip_cache_put (SoukGossipCache *self, SoukGossipId id, SoukGossipId alias,
                       const char *topic, GBytes *message, GBytes *const names[2])
{
  if (g_hash_table_contains (self->entries, &id))
    return;
  make_room (self, g_bytes_get_size (message));

  SoukGossipCached *cached = g_new0 (SoukGossipCached, 1);
  cached->id = id;
  cached->alias = alias;
  cached->message = g_bytes_ref (message);
  for (size_t i = 0; i < G_N_ELEMENTS (cached->names); i++)
    if (names[i] != NULL)
      cached->names[i] = g_bytes_ref (names[i]);
  cached->topic = g_strdup (topic);
  g_queue_push_tail (&self->windows[0], cached);
  g_hash_table_insert (self->entries, &cached->id, cached);
  if (!g_hash_table_contains (self->entries, &cached->alias))
    g_hash_table_insert (self->entries, &cached->alias, cached);
  self->size++;
  self->bytes += g_bytes_get_size (message);
}

SoukGossipCached *
souk_gossip_cache_get (SoukGossipCache *self, SoukGossipId id)
{
  return g_hash_table_lookup (self->entries, &id);
}

unsigned
souk_gossip_cached_count (SoukGossipCached *cached, uint64_t peer_serial)
{
  if (cached->sent == NULL)
    cached->sent = g_array_new (FALSE, FALSE, sizeof (Sent));
  for (guint i = 0; i < cached->sent->len; i++)
    {
      Sent *sent = &g_array_index (cached->sent, Sent, i);
      if (sent->serial == peer_serial)
        return ++sent->times;
    }
  Sent first = { peer_serial, 1 };
  g_array_append_val (cached->sent, first);
  return 1;
}

GPtrArray *
souk_gossip_cache_recent (SoukGossipCache *self, const char *topic)
{
  GPtrArray *found = g_ptr_array_new ();
  for (size_t i = 0; i < SOUK_GOSSIP_CACHE_GOSSIP_WINDOWS; i++)
    for (GList *l = self->windows[i].head; l != NULL; l = l->next)
      if (strcmp (((SoukGossipCached *)l->data)->topic, topic) == 0)
        g_ptr_array_add (found, l->data);
  return found;
}

void
souk_gossip_cache_shift (SoukGossipCache *self)
{
  GQueue *last = &self->windows[SOUK_GOSSIP_CACHE_WINDOWS - 1];
  while (!g_queue_is_empty (last))
    forget (self, last);
  memmove (&self->windows[1], &self->windows[0],
           sizeof self->windows[0] * (SOUK_GOSSIP_CACHE_WINDOWS - 1));
  g_queue_init (&self->windows[0]);
}

size_t
souk_gossip_cache_size (const SoukGossipCache *self)
{
  return self->size;
}

size_t
souk_gossip_cache_bytes (const SoukGossipCache *self)
{
  return self->bytes;
}
