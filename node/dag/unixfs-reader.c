/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file reader. PURE. See unixfs-reader.h.
 *
 * The parts of the file that are not read yet stand in one list, in the order of the file; at first
 * it is the root alone. A part whose block is a node is replaced by its children, wherever in the
 * list it stands; a part whose block is a leaf waits until it is the first, and is then given out.
 * A range drops the parts outside of it when they would enter the list. Parts of size 0 are dropped
 * as well: they say nothing, and a tree of them could be endless.
 */
#include "dag/unixfs-reader.h"

typedef enum {
  PART_UNASKED,
  PART_ASKED,
  PART_HELD,
} PartState;

typedef struct {
  GList link;        /* in self->parts; data points here */
  GList window_link; /* in self->window unless UNASKED; data points here */
  SoukCid cid;
  uint64_t offset; /* in the file */
  uint64_t size;   /* as the parent said; of the root unknown, 0 */
  unsigned depth;
  PartState state;
  bool is_announced; /* ASKED: need() has given it out, or a twin of it */
  GBytes *block;     /* HELD: a node not opened yet, or bytes (then is_bytes); owned */
  bool is_bytes;     /* block is file bytes, exactly size of them */
} Part;

struct SoukUnixfsReader {
  GQueue parts;  /* of Part */
  uint64_t from; /* the range: first byte, and behind the last */
  uint64_t until;
  uint64_t size_max;
  uint64_t size; /* of the file, once known */
  bool has_size;
  SoukStatus status;
  GQueue window;        /* of Part: those in ASKED and HELD, in no order */
  uint64_t window_size; /* the sum of their costs */
};

static Part *
part_new (const SoukCid *cid, uint64_t offset, uint64_t size, unsigned depth)
{
  Part *part = g_new0 (Part, 1);
  part->link.data = part;
  part->window_link.data = part;
  part->cid = *cid;
  part->offset = offset;
  part->size = size;
  part->depth = depth;
  return part;
}

static void
part_free (Part *part)
{
  g_clear_pointer (&part->block, g_bytes_unref);
  g_free (part);
}

SoukUnixfsReader *
souk_unixfs_reader_new (const SoukCid *root, uint64_t offset, uint64_t len, uint64_t size_max)
{
  SoukUnixfsReader *self = g_new0 (SoukUnixfsReader, 1);
  g_queue_init (&self->parts);
  g_queue_init (&self->window);
  self->from = offset;
  self->until = len > UINT64_MAX - offset ? UINT64_MAX : offset + len;
  self->size_max = size_max;
  g_queue_push_tail_link (&self->parts, &part_new (root, 0, 0, 0)->link);
  return self;
}

static void
clear_parts (SoukUnixfsReader *self)
{
  GList *link;
  while ((link = g_queue_pop_head_link (&self->parts)))
    part_free (link->data);
  g_queue_init (&self->window);
  self->window_size = 0;
}

void
souk_unixfs_reader_free (SoukUnixfsReader *self)
{
  if (!self)
    return;
  clear_parts (self);
  g_free (self);
}

static SoukStatus
fail (SoukUnixfsReader *self, SoukStatus status)
{
  g_assert (status != SOUK_STATUS_OK);
  self->status = status;
  clear_parts (self);
  return status;
}

/* What a part counts in the window: its block's size as far as it is known. A part that is larger
 * than a block is a node, of which only the block is held. */
static uint64_t
cost (const Part *part)
{
  return MIN (part->size, SOUK_DAG_BLOCK_SIZE_MAX);
}

/* Moves a part into the window of what is asked for or held. */
static void
enter_window (SoukUnixfsReader *self, Part *part)
{
  g_assert (part->state == PART_UNASKED);
  part->state = PART_ASKED;
  g_queue_push_tail_link (&self->window, &part->window_link);
  self->window_size += cost (part);
}

static void
remove_part (SoukUnixfsReader *self, Part *part)
{
  if (part->state != PART_UNASKED)
    {
      g_queue_unlink (&self->window, &part->window_link);
      self->window_size -= cost (part);
    }
  g_queue_unlink (&self->parts, &part->link);
  part_free (part);
}

/* True when a part of this place in the file has bytes of the range. */
static bool
is_in_range (const SoukUnixfsReader *self, uint64_t offset, uint64_t size)
{
  return size > 0 && self->from < self->until && offset < self->until && offset + size > self->from;
}

/* Puts a new part in front of `before`. `block` is NULL for one that must be fetched. */
static void
insert_part (SoukUnixfsReader *self, Part *before, Part *part, GBytes *block)
{
  if (!is_in_range (self, part->offset, part->size))
    {
      part_free (part);
      g_clear_pointer (&block, g_bytes_unref);
      return;
    }
  g_queue_insert_before_link (&self->parts, &before->link, &part->link);
  if (!block)
    return;
  enter_window (self, part);
  part->state = PART_HELD;
  part->is_announced = true;
  part->block = block;
  part->is_bytes = true;
}

/* The bytes of a slice of a block: a view of it, unless a few bytes would keep a large block. */
static GBytes *
bytes_of_slice (GBytes *block, SoukSlice slice)
{
  SoukSlice whole = souk_slice_from_bytes (block);
  if (slice.len < whole.len / 2)
    return souk_slice_to_bytes (slice);
  return g_bytes_new_from_bytes (block, slice.len > 0 ? (gsize)(slice.data - whole.data) : 0,
                                 slice.len);
}

/* Checks what a part's block says of its size against what was said of it. */
static SoukStatus
check_size (SoukUnixfsReader *self, const Part *part, const SoukUnixfsNode *node)
{
  if (part->depth > 0)
    return node->file_size == part->size ? SOUK_STATUS_OK : SOUK_STATUS_BAD_DAG;
  if (node->file_size > self->size_max)
    return SOUK_STATUS_TOO_LARGE;
  self->size = node->file_size;
  self->has_size = true;
  return SOUK_STATUS_OK;
}

static SoukStatus
check_type (SoukUnixfsType type, unsigned depth)
{
  switch (type)
    {
    case SOUK_UNIXFS_RAW:
    case SOUK_UNIXFS_FILE:
      return SOUK_STATUS_OK;
    case SOUK_UNIXFS_FOLDER:
    case SOUK_UNIXFS_METADATA:
    case SOUK_UNIXFS_SYMLINK:
    case SOUK_UNIXFS_HAMT_SHARD:
      return depth == 0 ? SOUK_STATUS_NOT_A_FILE : SOUK_STATUS_BAD_DAG;
    }
  return SOUK_STATUS_BAD_DAG;
}

/* Replaces a part by what its node consists of: its inline bytes, then its children. */
static SoukStatus
replace_part (SoukUnixfsReader *self, Part *part, GBytes *block, const SoukUnixfsNode *node)
{
  size_t count = souk_dag_pb_link_count (&node->node);
  uint64_t offset = part->offset;

  SOUK_TRY (check_type (node->type, part->depth));
  SOUK_TRY (check_size (self, part, node));
  if (count > 0 && part->depth >= SOUK_DAG_DEPTH_MAX)
    return SOUK_STATUS_TOO_LARGE;
  insert_part (self, part, part_new (&part->cid, offset, node->data.len, part->depth + 1),
               bytes_of_slice (block, node->data));
  offset += node->data.len;
  for (size_t i = 0; i < count; i++)
    {
      uint64_t size = g_array_index (node->sizes, uint64_t, i);
      insert_part (
          self, part,
          part_new (&souk_dag_pb_link (&node->node, i)->cid, offset, size, part->depth + 1), NULL);
      /* No overflow: the node's sum was checked, and so was that of each node above. */
      offset += size;
    }
  remove_part (self, part);
  return SOUK_STATUS_OK;
}

/* Opens a part that is held and no bytes yet. */
static SoukStatus
open_part (SoukUnixfsReader *self, Part *part)
{
  SoukUnixfsNode node;
  g_autoptr (GBytes) block = g_bytes_ref (part->block);
  SoukStatus status = souk_unixfs_node_decode (&part->cid, souk_slice_from_bytes (block), &node);
  if (status != SOUK_STATUS_OK)
    return fail (self, status);
  status = replace_part (self, part, block, &node);
  souk_unixfs_node_done (&node);
  return status == SOUK_STATUS_OK ? status : fail (self, status);
}

/* True when opening one more node could make the list longer than its limit. The first part is
 * opened in any case, or nothing would go on: that way the list grows by one node a level. */
static bool
must_wait (const SoukUnixfsReader *self, const Part *part)
{
  return self->parts.length + SOUK_DAG_WIDTH_MAX > SOUK_DAG_PENDING_MAX
         && self->parts.head != &part->link;
}

/* Gives a block to an asked part. */
static SoukStatus
hold (SoukUnixfsReader *self, Part *part, GBytes *block)
{
  part->state = PART_HELD;
  part->block = g_bytes_ref (block);
  return must_wait (self, part) ? SOUK_STATUS_OK : open_part (self, part);
}

/* True when another part in the window has already asked for the same block. */
static bool
has_twin (const SoukUnixfsReader *self, const Part *part)
{
  for (const GList *link = self->window.head; link; link = link->next)
    {
      const Part *other = link->data;
      if (other->state == PART_ASKED && other->is_announced
          && souk_cid_is_equal (&other->cid, &part->cid))
        return true;
    }
  return false;
}

bool
souk_unixfs_reader_need (SoukUnixfsReader *self, SoukCid *out)
{
  GList *link = self->parts.head;
  while (link)
    {
      Part *part = link->data;
      GList *next = link->next;
      if (part->state == PART_UNASKED)
        {
          /* The first part may always be asked for: the window can be full of later ones. */
          if (link != self->parts.head
              && (self->window.length >= SOUK_DAG_AHEAD_MAX
                  || self->window_size + cost (part) > SOUK_DAG_AHEAD_SIZE_MAX))
            return false;
          enter_window (self, part);
        }
      bool is_new = part->state == PART_ASKED && !part->is_announced;
      if (is_new && part->cid.hash.code == SOUK_MULTIHASH_IDENTITY)
        {
          /* The CID holds the block itself. Opening it changes the list: begin again. */
          g_autoptr (GBytes) block = g_bytes_new (part->cid.hash.digest, part->cid.hash.len);
          if (hold (self, part, block) != SOUK_STATUS_OK)
            return false;
          next = self->parts.head;
        }
      else if (is_new)
        {
          bool twin = has_twin (self, part);
          part->is_announced = true;
          if (!twin)
            {
              *out = part->cid;
              return true;
            }
        }
      link = next;
    }
  return false;
}

SoukStatus
souk_unixfs_reader_feed (SoukUnixfsReader *self, const SoukCid *cid, GBytes *block)
{
  GList *link = self->window.head;
  while (link)
    {
      /* Opening the part takes it out, and puts what it consists of at the end. */
      Part *part = link->data;
      link = link->next;
      if (part->state == PART_ASKED && souk_cid_is_equal (&part->cid, cid))
        SOUK_TRY (hold (self, part, block));
    }
  return self->status;
}

void
souk_unixfs_reader_ask_again (SoukUnixfsReader *self)
{
  for (GList *link = self->window.head; link; link = link->next)
    {
      Part *part = link->data;
      if (part->state == PART_ASKED)
        part->is_announced = false;
    }
}

bool
souk_unixfs_reader_next (SoukUnixfsReader *self, GBytes **out)
{
  while (self->parts.head)
    {
      Part *part = self->parts.head->data;
      if (part->state != PART_HELD)
        return false;
      if (!part->is_bytes)
        {
          if (open_part (self, part) != SOUK_STATUS_OK)
            return false;
          continue;
        }
      uint64_t begin = self->from > part->offset ? self->from - part->offset : 0;
      uint64_t end = MIN (part->size, self->until - part->offset);
      *out = g_bytes_new_from_bytes (part->block, begin, end - begin);
      remove_part (self, part);
      return true;
    }
  return false;
}

bool
souk_unixfs_reader_is_done (const SoukUnixfsReader *self)
{
  return self->status == SOUK_STATUS_OK && g_queue_is_empty ((GQueue *)&self->parts);
}

SoukStatus
souk_unixfs_reader_status (const SoukUnixfsReader *self)
{
  return self->status;
}

bool
souk_unixfs_reader_size (const SoukUnixfsReader *self, uint64_t *out)
{
  if (!self->has_size)
    return false;
  *out = self->size;
  return true;
}
