/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The seen cache. PURE. See gossip-seen.h.
 */
#include "mesh/gossip-seen.h"

typedef struct Entry Entry;
struct Entry {
  SoukGossipId id, alias;
  SoukMono until;
  Entry *next; /* the one that came after it */
};

struct SoukGossipSeen {
  size_t entries_max;
  int64_t keep_ms;
  GHashTable *entries; /* &entry->id and &entry->alias -> entry; the list owns */
  Entry *oldest, *newest;
  size_t size;
};

SoukGossipSeen *
souk_gossip_seen_new (size_t entries_max, int64_t keep_ms)
{
  g_assert (entries_max > 0);
  SoukGossipSeen *self = g_new0 (SoukGossipSeen, 1);
  self->entries_max = entries_max;
  self->keep_ms = keep_ms;
  self->entries = g_hash_table_new (souk_gossip_id_hash, souk_gossip_id_equal);
  return self;
}

static void
drop_oldest (SoukGossipSeen *self)
{
  Entry *entry = self->oldest;
  self->oldest = entry->next;
  if (self->oldest == NULL)
    self->newest = NULL;
  self->size--;
  /* An alias may have been met as an id of its own; only what points here is removed. */
  if (g_hash_table_lookup (self->entries, &entry->id) == entry)
    g_hash_table_remove (self->entries, &entry->id);
  if (g_hash_table_lookup (self->entries, &entry->alias) == entry)
    g_hash_table_remove (self->entries, &entry->alias);
  g_free (entry);
}

void
souk_gossip_seen_free (SoukGossipSeen *self)
{
  if (self == NULL)
    return;
  while (self->oldest != NULL)
    drop_oldest (self);
  g_hash_table_unref (self->entries);
  g_free (self);
}

bool
souk_gossip_seen_add (SoukGossipSeen *self, SoukGossipId id, SoukGossipId alias, SoukMono now)
{
  if (souk_gossip_seen_has (self, id))
    return false;
  if (self->size == self->entries_max)
    drop_oldest (self);

  Entry *entry = g_new (Entry, 1);
  *entry = (Entry){ id, alias, souk_mono_add_ms (now, self->keep_ms), NULL };
  g_hash_table_insert (self->entries, &entry->id, entry);
  if (!g_hash_table_contains (self->entries, &entry->alias))
    g_hash_table_insert (self->entries, &entry->alias, entry);
  if (self->newest != NULL)
    self->newest->next = entry;
  else
    self->oldest = entry;
  self->newest = entry;
  self->size++;
  return true;
}

bool
souk_gossip_seen_has (const SoukGossipSeen *self, SoukGossipId id)
{
  return g_hash_table_contains (self->entries, &id);
}

void
souk_gossip_seen_expire (SoukGossipSeen *self, SoukMono now)
{
  while (self->oldest != NULL && souk_mono_is_due (self->oldest->until, now))
    drop_oldest (self);
}

size_t
souk_gossip_seen_size (const SoukGossipSeen *self)
{
  return self->size;
}
