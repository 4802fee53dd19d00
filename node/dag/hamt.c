/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Split folders. PURE. See hamt.h.
 *
 * Building sorts the entries by their hashes: then the entries below each place of a shard stand
 * side by side, and one pass over the sorted list makes the tree. A place with one entry holds it;
 * a place with more holds a shard of the next level.
 */
#include "dag/hamt.h"

#include "base/murmur3.h"

#include <stdlib.h>
#include <string.h>

#define HASH_BITS 64
#define BITS_PER_LEVEL 8
#define LEVELS_MAX (HASH_BITS / BITS_PER_LEVEL)
#define PLACE_DIGITS 2
G_STATIC_ASSERT (1 << BITS_PER_LEVEL == SOUK_DAG_HAMT_FANOUT);

typedef struct {
  const SoukFolderEntry *entry;
  uint64_t hash;
} Hashed;

typedef struct {
  uint8_t cid_version;
  GArray *blocks; /* of SoukDagBlock */
} Build;

/* ---- building ---- */

static unsigned
place_of (uint64_t hash, unsigned bits, unsigned level)
{
  return (unsigned)(hash >> (HASH_BITS - bits * (level + 1))) & ((1u << bits) - 1);
}

static int
compare_hashed (const void *a, const void *b)
{
  const Hashed *left = a;
  const Hashed *right = b;
  if (left->hash != right->hash)
    return left->hash < right->hash ? -1 : 1;
  return strcmp (left->entry->name, right->entry->name);
}

/* Appends the bit field without the zero bytes in front, which a number has not. */
static void
append_bits (GByteArray *block, const uint8_t bits[SOUK_DAG_HAMT_FANOUT / 8])
{
  size_t skip = 0;
  while (skip < SOUK_DAG_HAMT_FANOUT / 8 && bits[skip] == 0)
    skip++;
  souk_unixfs_append_shard (block, souk_slice (bits + skip, SOUK_DAG_HAMT_FANOUT / 8 - skip));
}

static void
append_place (GByteArray *block, unsigned place, const char *name, const SoukCid *cid,
              uint64_t dag_size)
{
  g_autofree char *label = g_strdup_printf ("%0*X%s", PLACE_DIGITS, place, name);
  souk_dag_pb_append_link (block, cid, souk_slice_from_text (label), dag_size);
}

/* Makes the shard of a run of sorted entries, and those below it. */
static SoukDagRoot
build_shard (Build *build, const Hashed *entries, size_t len, unsigned level)
{
  uint8_t bits[SOUK_DAG_HAMT_FANOUT / 8] = { 0 };
  GByteArray *block = g_byte_array_new ();
  SoukDagRoot root = { 0 };
  size_t end;

  g_assert (level < LEVELS_MAX);
  for (size_t at = 0; at < len; at = end)
    {
      unsigned place = place_of (entries[at].hash, BITS_PER_LEVEL, level);
      for (end = at + 1; end < len; end++)
        if (place_of (entries[end].hash, BITS_PER_LEVEL, level) != place)
          break;
      const SoukFolderEntry *entry = entries[at].entry;
      SoukDagRoot child = { .cid = entry->cid, .dag_size = entry->dag_size };
      if (end - at > 1)
        child = build_shard (build, entries + at, end - at, level + 1);
      append_place (block, place, end - at > 1 ? "" : entry->name, &child.cid, child.dag_size);
      bits[sizeof bits - 1 - place / 8] |= (uint8_t)(1u << place % 8);
      root.dag_size += child.dag_size;
    }
  append_bits (block, bits);
  root.dag_size += block->len;
  root.cid = souk_unixfs_cid (build->cid_version, SOUK_CODEC_DAG_PB, souk_slice_from_array (block));
  SoukDagBlock made = { root.cid, g_byte_array_free_to_bytes (block) };
  g_array_append_val (build->blocks, made);
  return root;
}

static void
clear_block (gpointer data)
{
  SoukDagBlock *block = data;
  g_clear_pointer (&block->bytes, g_bytes_unref);
}

static GArray *
new_blocks (void)
{
  GArray *blocks = g_array_new (FALSE, FALSE, sizeof (SoukDagBlock));
  g_array_set_clear_func (blocks, clear_block);
  return blocks;
}

SoukStatus
souk_hamt_build (uint8_t cid_version, const SoukFolderEntry *entries, size_t len,
                 GArray **out_blocks, SoukDagRoot *out_root)
{
  if (len > SOUK_DAG_FOLDER_ENTRIES_MAX)
    return SOUK_STATUS_TOO_LARGE;
  g_autofree Hashed *sorted = g_new (Hashed, len + 1);
  for (size_t i = 0; i < len; i++)
    {
      SoukSlice name = souk_slice_from_text (entries[i].name);
      if (!souk_folder_name_is_valid (name))
        return SOUK_STATUS_BAD_DAG;
      sorted[i] = (Hashed){ &entries[i], souk_murmur3_x64_64 (name) };
    }
  qsort (sorted, len, sizeof *sorted, compare_hashed);
  for (size_t i = 1; i < len; i++)
    if (sorted[i - 1].hash == sorted[i].hash)
      return strcmp (sorted[i - 1].entry->name, sorted[i].entry->name) == 0 ? SOUK_STATUS_BAD_DAG
                                                                            : SOUK_STATUS_TOO_LARGE;
  Build build = { cid_version, new_blocks () };
  *out_root = build_shard (&build, sorted, len, 0);
  *out_blocks = build.blocks;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_folder_build_blocks (uint8_t cid_version, const SoukFolderEntry *entries, size_t len,
                          GArray **out_blocks, SoukDagRoot *out_root)
{
  SoukDagBlock block;
  if (souk_folder_links_size (entries, len) > SOUK_DAG_FOLDER_SIZE_MAX)
    return souk_hamt_build (cid_version, entries, len, out_blocks, out_root);
  SOUK_TRY (souk_folder_build (cid_version, entries, len, &block, out_root));
  *out_blocks = new_blocks ();
  g_array_append_val (*out_blocks, block);
  return SOUK_STATUS_OK;
}

/* ---- reading ---- */

/* Whether the place is in use, by the bit field. */
static bool
has_place (SoukSlice bits, unsigned place)
{
  size_t byte = place / 8;
  return byte < bits.len && bits.data[bits.len - 1 - byte] >> place % 8 & 1;
}

/* Reads the place before a link's name: upper-case hexadecimal. Returns: false when it is none. */
static bool
read_place (SoukSlice name, unsigned digits, unsigned *out)
{
  unsigned place = 0;
  if (name.len < digits)
    return false;
  for (unsigned i = 0; i < digits; i++)
    {
      uint8_t digit = name.data[i];
      if (!g_ascii_isxdigit (digit) || g_ascii_islower (digit))
        return false;
      place = place * 16 + (unsigned)g_ascii_xdigit_value ((char)digit);
    }
  *out = place;
  return true;
}

static SoukStatus
check_links (const SoukUnixfsNode *node, SoukHamtShape shape)
{
  size_t count = souk_dag_pb_link_count (&node->node);
  size_t used = 0;
  unsigned next = 0; /* the first place that may still come */

  for (unsigned place = 0; place < node->fanout; place++)
    used += has_place (node->data, place);
  if (used != count)
    return SOUK_STATUS_BAD_DAG;
  for (size_t i = 0; i < count; i++)
    {
      SoukSlice name = souk_dag_pb_link (&node->node, i)->name;
      unsigned place;
      if (!read_place (name, shape.digits, &place) || place < next || place >= node->fanout
          || !has_place (node->data, place))
        return SOUK_STATUS_BAD_DAG;
      SoukSlice rest = souk_slice (name.data + shape.digits, name.len - shape.digits);
      if (rest.len > 0 && !souk_folder_name_is_valid (rest))
        return SOUK_STATUS_BAD_DAG;
      next = place + 1;
    }
  return SOUK_STATUS_OK;
}

SoukStatus
souk_hamt_check (const SoukUnixfsNode *node, SoukHamtShape *out)
{
  g_assert (node->type == SOUK_UNIXFS_HAMT_SHARD);
  /* A power of two, and at least one byte of the bit field. */
  if (node->hash_type != SOUK_UNIXFS_HASH_MURMUR3 || node->fanout < 8
      || node->fanout > SOUK_DAG_HAMT_FANOUT_MAX || (node->fanout & (node->fanout - 1)) != 0)
    return SOUK_STATUS_UNSUPPORTED;
  if (node->data.len > node->fanout / 8)
    return SOUK_STATUS_BAD_DAG;
  SoukHamtShape shape = { .bits = g_bit_storage (node->fanout) - 1 };
  shape.digits = (shape.bits + 3) / 4;
  SOUK_TRY (check_links (node, shape));
  *out = shape;
  return SOUK_STATUS_OK;
}

SoukHamtFind
souk_hamt_find (const SoukUnixfsNode *node, SoukHamtShape shape, unsigned level, SoukSlice name,
                const SoukDagPbLink **out)
{
  g_assert (souk_hamt_has_level (shape, level));
  unsigned wanted = place_of (souk_murmur3_x64_64 (name), shape.bits, level);
  for (size_t i = 0; i < souk_dag_pb_link_count (&node->node); i++)
    {
      const SoukDagPbLink *link = souk_dag_pb_link (&node->node, i);
      unsigned place = 0;
      if (!read_place (link->name, shape.digits, &place) || place != wanted)
        continue;
      SoukSlice rest = souk_slice (link->name.data + shape.digits, link->name.len - shape.digits);
      if (rest.len > 0 && !souk_slice_is_equal (rest, name))
        return SOUK_HAMT_ABSENT;
      *out = link;
      return rest.len > 0 ? SOUK_HAMT_ENTRY : SOUK_HAMT_SHARD;
    }
  return SOUK_HAMT_ABSENT;
}

bool
souk_hamt_has_level (SoukHamtShape shape, unsigned level)
{
  return shape.bits * (level + 1) <= HASH_BITS;
}
