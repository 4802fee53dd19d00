/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Paths. PURE. See path.h.
 */
#include "dag/path.h"

#include "dag/hamt.h"

#include <string.h>

struct SoukPath {
  char **names;
  guint n_names;
  guint next;     /* the name that is looked up now */
  unsigned level; /* of the shard that is looked at; 0: a folder's own block */
  unsigned blocks;
  SoukCid cid; /* the block that is looked at */
  bool is_asked;
  SoukStatus status;
};

static void
add_names (SoukPath *self, const char *path)
{
  g_auto (GStrv) words = g_strsplit (path, "/", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (char **word = words; *word; word++)
    {
      if (**word == '\0')
        continue;
      if (!souk_folder_name_is_valid (souk_slice_from_text (*word)))
        self->status = SOUK_STATUS_NO_SUCH_NAME;
      g_strv_builder_add (builder, *word);
      if (++self->n_names > SOUK_DAG_PATH_NAMES_MAX)
        self->status = SOUK_STATUS_TOO_LARGE;
    }
  self->names = g_strv_builder_end (builder);
}

SoukPath *
souk_path_new (const SoukCid *root, const char *path)
{
  SoukPath *self = g_new0 (SoukPath, 1);
  self->cid = *root;
  add_names (self, path);
  return self;
}

void
souk_path_free (SoukPath *self)
{
  if (!self)
    return;
  g_strfreev (self->names);
  g_free (self);
}

/* The name leads on, to an entry or to the next shard of its folder. */
static void
go_to (SoukPath *self, const SoukCid *cid, bool is_shard)
{
  self->cid = *cid;
  self->is_asked = false;
  self->level = is_shard ? self->level + 1 : 0;
  self->next += !is_shard;
}

static SoukStatus
look_in_shard (SoukPath *self, const SoukUnixfsNode *node)
{
  SoukHamtShape shape;
  const SoukDagPbLink *link = NULL;
  SOUK_TRY (souk_hamt_check (node, &shape));
  if (!souk_hamt_has_level (shape, self->level))
    return SOUK_STATUS_BAD_DAG;
  SoukSlice name = souk_slice_from_text (self->names[self->next]);
  switch (souk_hamt_find (node, shape, self->level, name, &link))
    {
    case SOUK_HAMT_ABSENT:
      return SOUK_STATUS_NO_SUCH_NAME;
    case SOUK_HAMT_ENTRY:
      go_to (self, &link->cid, false);
      return SOUK_STATUS_OK;
    case SOUK_HAMT_SHARD:
      go_to (self, &link->cid, true);
      return SOUK_STATUS_OK;
    }
  return SOUK_STATUS_BAD_DAG;
}

static SoukStatus
look_in (SoukPath *self, GBytes *block)
{
  SoukUnixfsNode node;
  SoukCid cid;
  bool is_found = false;
  SoukSlice bytes = souk_slice_from_bytes (block);
  SOUK_TRY (souk_unixfs_node_decode (&self->cid, bytes, &node));
  SoukUnixfsType type = node.type;
  SoukStatus status = type == SOUK_UNIXFS_HAMT_SHARD ? look_in_shard (self, &node) : SOUK_STATUS_OK;
  souk_unixfs_node_done (&node);
  if (type == SOUK_UNIXFS_HAMT_SHARD)
    return status;
  /* Below a shard only shards may stand. */
  if (self->level > 0)
    return SOUK_STATUS_BAD_DAG;
  SOUK_TRY (souk_folder_find (&self->cid, bytes, self->names[self->next], &is_found, &cid));
  if (!is_found)
    return SOUK_STATUS_NO_SUCH_NAME;
  go_to (self, &cid, false);
  return SOUK_STATUS_OK;
}

bool
souk_path_need (SoukPath *self, SoukCid *out)
{
  while (self->status == SOUK_STATUS_OK && self->next < self->n_names && !self->is_asked)
    {
      self->is_asked = true;
      if (++self->blocks > SOUK_DAG_PATH_BLOCKS_MAX)
        self->status = SOUK_STATUS_TOO_LARGE;
      else if (self->cid.hash.code != SOUK_MULTIHASH_IDENTITY)
        {
          *out = self->cid;
          return true;
        }
      else
        {
          /* The CID holds the block itself. */
          g_autoptr (GBytes) block = g_bytes_new (self->cid.hash.digest, self->cid.hash.len);
          self->status = look_in (self, block);
        }
    }
  return false;
}

SoukStatus
souk_path_feed (SoukPath *self, const SoukCid *cid, GBytes *block)
{
  if (self->status == SOUK_STATUS_OK && self->next < self->n_names && self->is_asked
      && souk_cid_is_equal (&self->cid, cid))
    self->status = look_in (self, block);
  return self->status;
}

bool
souk_path_result (const SoukPath *self, SoukCid *out)
{
  if (self->status != SOUK_STATUS_OK || self->next < self->n_names)
    return false;
  *out = self->cid;
  return true;
}

SoukStatus
souk_path_status (const SoukPath *self)
{
  return self->status;
}

const char *
souk_path_last_name (const SoukPath *self)
{
  return self->n_names > 0 ? self->names[self->n_names - 1] : NULL;
}
