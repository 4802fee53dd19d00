/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Listing, finding and walking against any blocks: the input says which of the wanted blocks comes,
 * and what is in it. Nothing has to match a hash.
 */
#include "dag/folder-reader.h"
#include "dag/path.h"
#include "dag/walk.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Takes the next block of the input; the first byte picks for which of the wanted CIDs. */
static GBytes *
next_block (SoukReader *in, GArray *wanted, SoukCid *out)
{
  guint pick = souk_reader_u8 (in) % wanted->len;
  *out = g_array_index (wanted, SoukCid, pick);
  g_array_remove_index (wanted, pick);
  return souk_slice_to_bytes (souk_reader_varint_bytes (in));
}

static void
list (SoukReader in, const SoukCid *root)
{
  g_autoptr (SoukFolderReader) reader = souk_folder_reader_new (root);
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (SoukCid));
  while (souk_reader_ok (&in) && !souk_folder_reader_is_done (reader)
         && souk_folder_reader_status (reader) == SOUK_STATUS_OK)
    {
      SoukCid cid;
      SoukFolderEntry entry;
      while (souk_folder_reader_need (reader, &cid))
        g_array_append_val (wanted, cid);
      if (wanted->len > 0)
        {
          g_autoptr (GBytes) block = next_block (&in, wanted, &cid);
          souk_folder_reader_feed (reader, &cid, block);
        }
      while (souk_folder_reader_next (reader, &entry))
        g_assert (souk_folder_name_is_valid (souk_slice_from_text (entry.name)));
    }
}

static void
walk (SoukReader in, const SoukCid *root, SoukWalkScope scope)
{
  g_autoptr (SoukWalk) walker = souk_walk_new (root, scope);
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (SoukCid));
  while (souk_reader_ok (&in) && !souk_walk_is_done (walker)
         && souk_walk_status (walker) == SOUK_STATUS_OK)
    {
      SoukCid cid;
      SoukDagBlock block;
      while (souk_walk_need (walker, &cid))
        g_array_append_val (wanted, cid);
      if (wanted->len > 0)
        {
          g_autoptr (GBytes) bytes = next_block (&in, wanted, &cid);
          souk_walk_feed (walker, &cid, bytes);
        }
      while (souk_walk_next (walker, &block))
        g_bytes_unref (block.bytes);
    }
}

static void
follow (SoukReader in, const SoukCid *root)
{
  g_autofree char *text = g_strndup ((const char *)in.at, MIN (in.left, 20));
  g_autoptr (SoukPath) path = souk_path_new (root, text);
  SoukCid cid;
  while (souk_reader_ok (&in) && souk_path_need (path, &cid))
    {
      souk_reader_u8 (&in);
      g_autoptr (GBytes) block = souk_slice_to_bytes (souk_reader_varint_bytes (&in));
      souk_path_feed (path, &cid, block);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SoukReader in = souk_reader (souk_slice (data, size));
  uint8_t flags = souk_reader_u8 (&in);
  SoukCid root = { .version = 1, .codec = flags & 4 ? SOUK_CODEC_RAW : SOUK_CODEC_DAG_PB };
  root.hash.code = SOUK_MULTIHASH_SHA2_256;
  root.hash.len = 32;
  if (!souk_reader_ok (&in))
    return 0;
  switch (flags & 3)
    {
    case 0:
      list (in, &root);
      break;
    case 1:
      follow (in, &root);
      break;
    default:
      walk (in, &root, flags & 1 ? SOUK_WALK_ALL : SOUK_WALK_ENTITY);
    }
  return 0;
}
