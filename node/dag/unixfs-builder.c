/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file builder. PURE. See unixfs-builder.h.
 *
 * Each level of the tree has one node under construction: a list of children. A level that is full
 * becomes a node of the level above only when one more child comes; so a file of exactly as many
 * leaves as fit gets one node and not two. At the end the levels are closed from below, until one
 * node is left alone on top.
 */
#include "dag/unixfs-builder.h"

struct SoukUnixfsBuilder {
  SoukUnixfsOptions options;
  SoukChunker chunker;
  GArray *levels[SOUK_DAG_LEVELS_MAX]; /* of SoukDagRoot; NULL above the highest in use */
  GQueue ready;                        /* of SoukDagBlock *, to be pulled */
  GBytes *first; /* the first chunk, held back while it may be the only one and carry the meta */
  uint64_t fed;
  bool is_finished;
  SoukDagRoot root; /* valid when is_finished */
};

SoukUnixfsBuilder *
souk_unixfs_builder_new (SoukUnixfsOptions options)
{
  g_assert (options.width_max >= SOUK_DAG_WIDTH_MIN && options.width_max <= SOUK_DAG_WIDTH_MAX);
  g_assert (options.cid_version <= 1);
  SoukUnixfsBuilder *self = g_new0 (SoukUnixfsBuilder, 1);
  self->options = options;
  if (options.rabin.avg > 0)
    souk_chunker_init_rabin (&self->chunker, options.rabin);
  else
    souk_chunker_init (&self->chunker, options.chunk_size);
  g_queue_init (&self->ready);
  return self;
}

static void
free_block (gpointer data)
{
  SoukDagBlock *block = data;
  g_bytes_unref (block->bytes);
  g_free (block);
}

void
souk_unixfs_builder_free (SoukUnixfsBuilder *self)
{
  if (!self)
    return;
  souk_chunker_done (&self->chunker);
  for (size_t i = 0; i < SOUK_DAG_LEVELS_MAX; i++)
    g_clear_pointer (&self->levels[i], g_array_unref);
  g_queue_clear_full (&self->ready, free_block);
  g_clear_pointer (&self->first, g_bytes_unref);
  g_free (self);
}

/* Names a block and queues it. Takes the bytes. Returns: its CID. */
static SoukCid
emit (SoukUnixfsBuilder *self, uint64_t codec, GBytes *bytes)
{
  SoukDagBlock *block = g_new (SoukDagBlock, 1);
  block->cid = souk_unixfs_cid (self->options.cid_version, codec, souk_slice_from_bytes (bytes));
  block->bytes = bytes;
  g_queue_push_tail (&self->ready, block);
  return block->cid;
}

static bool
has_meta (const SoukUnixfsBuilder *self)
{
  return self->options.meta.has_mode || self->options.meta.has_mtime;
}

/* Makes the leaf of a chunk; with `meta` it is the root. */
static SoukDagRoot
emit_leaf (SoukUnixfsBuilder *self, GBytes *chunk, const SoukUnixfsMeta *meta)
{
  SoukSlice data = souk_slice_from_bytes (chunk);
  SoukDagRoot leaf = { .file_size = data.len };
  if (self->options.raw_leaves && !meta)
    {
      leaf.dag_size = data.len;
      leaf.cid = emit (self, SOUK_CODEC_RAW, chunk);
      return leaf;
    }
  /* The envelope has at most 24 bytes: two tags with lengths, type and size. */
  GByteArray *block = g_byte_array_sized_new ((guint)data.len + 24);
  souk_unixfs_append_file (block, data, data.len, NULL, 0, meta);
  leaf.dag_size = block->len;
  leaf.cid = emit (self, SOUK_CODEC_DAG_PB, g_byte_array_free_to_bytes (block));
  g_bytes_unref (chunk);
  return leaf;
}

/* Makes the node over the children of one level, and empties the level. */
static SoukDagRoot
emit_node (SoukUnixfsBuilder *self, GArray *children, const SoukUnixfsMeta *meta)
{
  GByteArray *block = g_byte_array_new ();
  g_autofree uint64_t *sizes = g_new (uint64_t, children->len);
  SoukDagRoot node = { 0 };

  for (guint i = 0; i < children->len; i++)
    {
      const SoukDagRoot *child = &g_array_index (children, SoukDagRoot, i);
      souk_dag_pb_append_link (block, &child->cid, SOUK_SLICE_EMPTY, child->dag_size);
      sizes[i] = child->file_size;
      node.file_size += child->file_size;
      node.dag_size += child->dag_size;
    }
  souk_unixfs_append_file (block, SOUK_SLICE_EMPTY, node.file_size, sizes, children->len, meta);
  g_array_set_size (children, 0);
  node.dag_size += block->len;
  node.cid = emit (self, SOUK_CODEC_DAG_PB, g_byte_array_free_to_bytes (block));
  return node;
}

/* Adds a child to a level; full levels become nodes of those above. */
static void
add_child (SoukUnixfsBuilder *self, size_t level, SoukDagRoot child)
{
  for (;; level++)
    {
      g_assert (level < SOUK_DAG_LEVELS_MAX);
      GArray *children = self->levels[level];
      if (!children)
        children = self->levels[level] = g_array_new (FALSE, FALSE, sizeof (SoukDagRoot));
      bool is_full = children->len == self->options.width_max;
      SoukDagRoot node = { 0 };
      if (is_full)
        node = emit_node (self, children, NULL);
      g_array_append_val (children, child);
      if (!is_full)
        return;
      child = node;
    }
}

/* A chunk is complete. */
static void
add_chunk (SoukUnixfsBuilder *self, GBytes *chunk)
{
  if (has_meta (self) && !self->levels[0] && !self->first)
    {
      self->first = chunk;
      return;
    }
  if (self->first)
    add_child (self, 0, emit_leaf (self, g_steal_pointer (&self->first), NULL));
  add_child (self, 0, emit_leaf (self, chunk, NULL));
}

size_t
souk_unixfs_builder_feed (SoukUnixfsBuilder *self, SoukSlice in)
{
  g_assert (!self->is_finished);
  size_t taken = 0;

  while (taken < in.len && g_queue_is_empty (&self->ready))
    {
      taken += souk_chunker_feed (&self->chunker, souk_slice (in.data + taken, in.len - taken));
      if (souk_chunker_is_full (&self->chunker))
        add_chunk (self, souk_chunker_take (&self->chunker));
    }
  self->fed += taken;
  return taken;
}

bool
souk_unixfs_builder_next (SoukUnixfsBuilder *self, SoukDagBlock *out)
{
  g_autofree SoukDagBlock *block = g_queue_pop_head (&self->ready);
  if (!block)
    return false;
  *out = *block;
  return true;
}

/* True when nothing is on a level above `level`. */
static bool
is_top (const SoukUnixfsBuilder *self, size_t level)
{
  return level + 1 == SOUK_DAG_LEVELS_MAX || !self->levels[level + 1];
}

void
souk_unixfs_builder_finish (SoukUnixfsBuilder *self)
{
  g_assert (!self->is_finished);
  /* An empty file is one empty leaf. */
  if (!souk_chunker_is_empty (&self->chunker) || self->fed == 0)
    add_chunk (self, souk_chunker_take (&self->chunker));
  if (self->first)
    add_child (self, 0, emit_leaf (self, g_steal_pointer (&self->first), &self->options.meta));

  size_t level = 0;
  while (!is_top (self, level) || self->levels[level]->len > 1)
    {
      const SoukUnixfsMeta *meta = is_top (self, level) ? &self->options.meta : NULL;
      add_child (self, level + 1, emit_node (self, self->levels[level], meta));
      level++;
    }
  self->root = g_array_index (self->levels[level], SoukDagRoot, 0);
  self->is_finished = true;
}

bool
souk_unixfs_builder_root (const SoukUnixfsBuilder *self, SoukDagRoot *out)
{
  if (!self->is_finished)
    return false;
  *out = self->root;
  return true;
}

uint64_t
souk_unixfs_builder_fed (const SoukUnixfsBuilder *self)
{
  return self->fed;
}
