/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The list of a walk. PURE. See ahead.h.
 */
#include "dag/ahead.h"

/* How far the list is looked through for what to ask: a long run of items that need no block is in
 * front of it at times. */
#define SEEN_MAX 1024

typedef struct {
  SoukAheadItem item;
  GBytes *block; /* NULL until it is here */
  bool is_asked;
} Entry;

void
souk_ahead_init (SoukAhead *self)
{
  *self = (SoukAhead){ 0 };
  g_queue_init (&self->items);
  self->asked = g_ptr_array_new ();
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  g_free (entry->item.name);
  g_clear_pointer (&entry->block, g_bytes_unref);
  g_free (entry);
}

void
souk_ahead_done (SoukAhead *self)
{
  g_clear_pointer (&self->asked, g_ptr_array_unref);
  g_queue_clear_full (&self->items, entry_free);
}

SoukStatus
souk_ahead_push (SoukAhead *self, const SoukAheadItem *item)
{
  if (self->items.length >= SOUK_DAG_WALK_PENDING_MAX)
    return SOUK_STATUS_TOO_LARGE;
  Entry *entry = g_new0 (Entry, 1);
  entry->item = *item;
  g_queue_push_head (&self->items, entry);
  return SOUK_STATUS_OK;
}

static void
hold (SoukAhead *self, Entry *entry, GBytes *block)
{
  entry->block = g_bytes_ref (block);
  self->held_size += g_bytes_get_size (block);
}

/* Holds the block of a CID that has it within. */
static bool
hold_identity (SoukAhead *self, Entry *entry)
{
  const SoukMultihash *hash = &entry->item.cid.hash;
  if (hash->code != SOUK_MULTIHASH_IDENTITY)
    return false;
  g_autoptr (GBytes) block = g_bytes_new (hash->digest, hash->len);
  entry->is_asked = true;
  hold (self, entry, block);
  return true;
}

/* True when an entry that is not the first may be asked for now. */
static bool
has_room (const SoukAhead *self)
{
  return self->asked->len < SOUK_DAG_WALK_AHEAD_MAX
         && self->held_size < SOUK_DAG_WALK_AHEAD_SIZE_MAX;
}

bool
souk_ahead_need (SoukAhead *self, SoukCid *out)
{
  unsigned seen = 0;
  for (GList *link = self->items.head; link && seen < SEEN_MAX; link = link->next, seen++)
    {
      Entry *entry = link->data;
      if (entry->item.is_ready || entry->is_asked)
        continue;
      /* The first may always be asked for, or nothing would go on. */
      if (seen > 0 && !has_room (self))
        return false;
      if (hold_identity (self, entry))
        continue;
      entry->is_asked = true;
      g_ptr_array_add (self->asked, entry);
      *out = entry->item.cid;
      return true;
    }
  return false;
}

void
souk_ahead_feed (SoukAhead *self, const SoukCid *cid, GBytes *block)
{
  for (guint i = self->asked->len; i > 0; i--)
    {
      Entry *entry = self->asked->pdata[i - 1];
      if (!souk_cid_is_equal (&entry->item.cid, cid))
        continue;
      hold (self, entry, block);
      g_ptr_array_remove_index_fast (self->asked, i - 1);
    }
}

bool
souk_ahead_pop (SoukAhead *self, SoukAheadItem *out, GBytes **out_block)
{
  Entry *entry = g_queue_peek_head (&self->items);
  if (!entry)
    return false;
  if (!entry->item.is_ready && !entry->block && !hold_identity (self, entry))
    return false;
  g_queue_pop_head (&self->items);
  if (entry->block)
    self->held_size -= g_bytes_get_size (entry->block);
  *out = entry->item;
  *out_block = entry->block;
  g_free (entry);
  return true;
}

bool
souk_ahead_is_empty (const SoukAhead *self)
{
  return self->items.length == 0;
}
