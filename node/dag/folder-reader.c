/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Listing folders. PURE. See folder-reader.h.
 *
 * The list ahead holds entries, which need no block, and shards, which are replaced by what is in
 * them when they come to the front.
 */
#include "dag/folder-reader.h"

#include "dag/ahead.h"
#include "dag/hamt.h"

struct SoukFolderReader {
  SoukAhead ahead;
  SoukStatus status;
  uint64_t entries; /* given so far */
  char *name;       /* of the last entry given */
};

SoukFolderReader *
souk_folder_reader_new (const SoukCid *root)
{
  SoukFolderReader *self = g_new0 (SoukFolderReader, 1);
  souk_ahead_init (&self->ahead);
  souk_ahead_push (&self->ahead, &(SoukAheadItem){ .cid = *root });
  return self;
}

void
souk_folder_reader_free (SoukFolderReader *self)
{
  if (!self)
    return;
  souk_ahead_done (&self->ahead);
  g_free (self->name);
  g_free (self);
}

bool
souk_folder_reader_need (SoukFolderReader *self, SoukCid *out)
{
  return self->status == SOUK_STATUS_OK && souk_ahead_need (&self->ahead, out);
}

void
souk_folder_reader_feed (SoukFolderReader *self, const SoukCid *cid, GBytes *block)
{
  souk_ahead_feed (&self->ahead, cid, block);
}

static SoukStatus
push_plain (SoukFolderReader *self, const SoukCid *cid, GBytes *block)
{
  g_autoptr (GArray) entries = NULL;
  SOUK_TRY (souk_folder_list (cid, souk_slice_from_bytes (block), &entries));
  for (guint i = entries->len; i > 0; i--)
    {
      SoukFolderEntry *entry = &g_array_index (entries, SoukFolderEntry, i - 1);
      SoukAheadItem item = { .cid = entry->cid, .dag_size = entry->dag_size, .is_ready = true };
      item.name = g_strdup (entry->name);
      SoukStatus status = souk_ahead_push (&self->ahead, &item);
      if (status != SOUK_STATUS_OK)
        {
          g_free (item.name);
          return status;
        }
    }
  return SOUK_STATUS_OK;
}

static SoukStatus
push_shard (SoukFolderReader *self, const SoukUnixfsNode *node, unsigned level)
{
  SoukHamtShape shape;
  SOUK_TRY (souk_hamt_check (node, &shape));
  if (!souk_hamt_has_level (shape, level))
    return SOUK_STATUS_BAD_DAG;
  for (size_t i = souk_dag_pb_link_count (&node->node); i > 0; i--)
    {
      const SoukDagPbLink *link = souk_dag_pb_link (&node->node, i - 1);
      SoukAheadItem item = { .cid = link->cid, .dag_size = link->tsize, .level = level + 1 };
      item.is_ready = link->name.len > shape.digits;
      if (item.is_ready)
        item.name = g_strndup ((const char *)link->name.data + shape.digits,
                               link->name.len - shape.digits);
      SoukStatus status = souk_ahead_push (&self->ahead, &item);
      if (status != SOUK_STATUS_OK)
        {
          g_free (item.name);
          return status;
        }
    }
  return SOUK_STATUS_OK;
}

/* Replaces a block by what is in it. Only the root may be a plain folder. */
static SoukStatus
open_block (SoukFolderReader *self, const SoukAheadItem *item, GBytes *block)
{
  SoukUnixfsNode node;
  SOUK_TRY (souk_unixfs_node_decode (&item->cid, souk_slice_from_bytes (block), &node));
  SoukStatus status = SOUK_STATUS_BAD_DAG;
  if (node.type == SOUK_UNIXFS_HAMT_SHARD)
    status = push_shard (self, &node, item->level);
  else if (item->level == 0)
    status = push_plain (self, &item->cid, block);
  souk_unixfs_node_done (&node);
  return status;
}

bool
souk_folder_reader_next (SoukFolderReader *self, SoukFolderEntry *out)
{
  SoukAheadItem item;
  GBytes *block;
  while (self->status == SOUK_STATUS_OK && souk_ahead_pop (&self->ahead, &item, &block))
    {
      if (block)
        {
          self->status = open_block (self, &item, block);
          g_bytes_unref (block);
          continue;
        }
      g_free (self->name);
      self->name = item.name;
      if (++self->entries > SOUK_DAG_FOLDER_ENTRIES_MAX)
        self->status = SOUK_STATUS_TOO_LARGE;
      *out = (SoukFolderEntry){ item.name, item.cid, item.dag_size };
      return self->status == SOUK_STATUS_OK;
    }
  return false;
}

bool
souk_folder_reader_is_done (const SoukFolderReader *self)
{
  return self->status == SOUK_STATUS_OK && souk_ahead_is_empty (&self->ahead);
}

SoukStatus
souk_folder_reader_status (const SoukFolderReader *self)
{
  return self->status;
}
