/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Walking a DAG. PURE. See walk.h.
 */
#include "dag/walk.h"

#include "dag/ahead.h"
#include "dag/hamt.h"

struct SoukWalk {
  SoukAhead ahead;
  SoukWalkScope scope;
  GHashTable *seen; /* SoukCid *, owned: visited, or in the way of being so */
  SoukStatus status;
};

SoukWalk *
souk_walk_new (const SoukCid *root, SoukWalkScope scope)
{
  SoukWalk *self = g_new0 (SoukWalk, 1);
  self->scope = scope;
  self->seen = g_hash_table_new_full (souk_cid_hash, souk_cid_equal, g_free, NULL);
  souk_ahead_init (&self->ahead);
  souk_ahead_push (&self->ahead, &(SoukAheadItem){ .cid = *root });
  return self;
}

void
souk_walk_free (SoukWalk *self)
{
  if (!self)
    return;
  souk_ahead_done (&self->ahead);
  g_hash_table_unref (self->seen);
  g_free (self);
}

void
souk_walk_skip (SoukWalk *self, const SoukCid *cid)
{
  g_hash_table_add (self->seen, g_memdup2 (cid, sizeof *cid));
}

bool
souk_walk_need (SoukWalk *self, SoukCid *out)
{
  return self->status == SOUK_STATUS_OK && souk_ahead_need (&self->ahead, out);
}

void
souk_walk_feed (SoukWalk *self, const SoukCid *cid, GBytes *block)
{
  souk_ahead_feed (&self->ahead, cid, block);
}

/* Pushes a node's links, from `digits` on the way to shards alone when those are given. */
static SoukStatus
push_links (SoukWalk *self, const SoukDagPbNode *node, const SoukHamtShape *shape, unsigned level)
{
  for (size_t i = souk_dag_pb_link_count (node); i > 0; i--)
    {
      const SoukDagPbLink *link = souk_dag_pb_link (node, i - 1);
      if (shape && link->name.len > shape->digits)
        continue;
      if (!g_hash_table_contains (self->seen, &link->cid))
        SOUK_TRY (souk_ahead_push (&self->ahead,
                                   &(SoukAheadItem){ .cid = link->cid, .level = level + 1 }));
    }
  return SOUK_STATUS_OK;
}

/* The links that belong to the same file or folder. */
static SoukStatus
push_entity (SoukWalk *self, const SoukUnixfsNode *node, unsigned level)
{
  SoukHamtShape shape;
  switch (node->type)
    {
    case SOUK_UNIXFS_RAW:
    case SOUK_UNIXFS_FILE:
      return push_links (self, &node->node, NULL, level);
    case SOUK_UNIXFS_HAMT_SHARD:
      SOUK_TRY (souk_hamt_check (node, &shape));
      return push_links (self, &node->node, &shape, level);
    case SOUK_UNIXFS_FOLDER:
    case SOUK_UNIXFS_METADATA:
    case SOUK_UNIXFS_SYMLINK:
      return SOUK_STATUS_OK;
    }
  return SOUK_STATUS_BAD_DAG;
}

static SoukStatus
open_entity (SoukWalk *self, const SoukAheadItem *item, SoukSlice block)
{
  SoukUnixfsNode node;
  if (item->cid.codec != SOUK_CODEC_DAG_PB)
    return SOUK_STATUS_OK;
  SoukStatus status = souk_unixfs_node_decode (&item->cid, block, &node);
  /* "For all queries that reference non-UnixFS data, entity is equivalent to block". */
  if (status != SOUK_STATUS_OK)
    return item->level == 0 ? SOUK_STATUS_OK : status;
  status = push_entity (self, &node, item->level);
  souk_unixfs_node_done (&node);
  return status;
}

static SoukStatus
open_all (SoukWalk *self, const SoukAheadItem *item, SoukSlice block)
{
  SoukDagPbNode node;
  if (item->cid.codec == SOUK_CODEC_RAW || item->cid.codec == SOUK_CODEC_LIBP2P_KEY)
    return SOUK_STATUS_OK;
  if (item->cid.codec != SOUK_CODEC_DAG_PB)
    return SOUK_STATUS_UNSUPPORTED;
  SOUK_TRY (souk_dag_pb_decode (block, &node));
  SoukStatus status = push_links (self, &node, NULL, item->level);
  souk_dag_pb_done (&node);
  return status;
}

static SoukStatus
visit (SoukWalk *self, const SoukAheadItem *item, GBytes *block)
{
  if (g_hash_table_size (self->seen) >= SOUK_DAG_WALK_BLOCKS_MAX)
    return SOUK_STATUS_TOO_LARGE;
  souk_walk_skip (self, &item->cid);
  switch (self->scope)
    {
    case SOUK_WALK_BLOCK:
      return SOUK_STATUS_OK;
    case SOUK_WALK_ENTITY:
      return open_entity (self, item, souk_slice_from_bytes (block));
    case SOUK_WALK_ALL:
      return open_all (self, item, souk_slice_from_bytes (block));
    }
  return SOUK_STATUS_BAD_DAG;
}

bool
souk_walk_next (SoukWalk *self, SoukDagBlock *out)
{
  SoukAheadItem item;
  GBytes *block;
  while (self->status == SOUK_STATUS_OK && souk_ahead_pop (&self->ahead, &item, &block))
    {
      /* It was in the list twice: the first visit was it, unless the root itself was skipped. */
      bool is_seen = g_hash_table_contains (self->seen, &item.cid);
      if (!is_seen || item.level == 0)
        self->status = visit (self, &item, block);
      if (!is_seen && item.cid.hash.code != SOUK_MULTIHASH_IDENTITY
          && self->status == SOUK_STATUS_OK)
        {
          *out = (SoukDagBlock){ item.cid, block };
          return true;
        }
      g_bytes_unref (block);
    }
  return false;
}

bool
souk_walk_is_done (const SoukWalk *self)
{
  return self->status == SOUK_STATUS_OK && souk_ahead_is_empty (&self->ahead);
}

SoukStatus
souk_walk_status (const SoukWalk *self)
{
  return self->status;
}
