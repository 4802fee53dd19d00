/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file reader against any answers. The input says the range, then for each step which of the
 * blocks that the reader waits for comes, and what is in it: nothing has to match a hash, so that
 * the tree itself is what is fuzzed.
 */
#include "dag/unixfs-reader.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Pulls bytes and checks that the range is never left. Returns: how many came. */
static uint64_t
drain (SoukUnixfsReader *reader)
{
  uint64_t sum = 0;
  GBytes *bytes;
  while (souk_unixfs_reader_next (reader, &bytes))
    {
      g_assert (g_bytes_get_size (bytes) > 0);
      sum += g_bytes_get_size (bytes);
      g_bytes_unref (bytes);
    }
  return sum;
}

static void
check_end (const SoukUnixfsReader *reader, uint64_t offset, uint64_t len, uint64_t read)
{
  uint64_t size = 0;
  bool has_size = souk_unixfs_reader_size (reader, &size);
  g_assert (read <= len);
  if (!souk_unixfs_reader_is_done (reader))
    return;
  g_assert (has_size);
  g_assert (read == MIN (len, size - MIN (offset, size)));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SoukReader in = souk_reader (souk_slice (data, size));
  uint8_t flags = souk_reader_u8 (&in);
  uint64_t offset = flags & 1 ? souk_reader_u8 (&in) : 0;
  uint64_t len = flags & 2 ? souk_reader_u16_be (&in) : UINT64_MAX;
  SoukCid root = { .version = 1, .codec = flags & 4 ? SOUK_CODEC_RAW : SOUK_CODEC_DAG_PB };
  root.hash.code = SOUK_MULTIHASH_SHA2_256;
  root.hash.len = 32;
  g_autoptr (SoukUnixfsReader) reader
      = souk_unixfs_reader_new (&root, offset, len, flags & 8 ? 1000 : UINT64_MAX);
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (SoukCid));
  uint64_t read = 0;

  while (souk_reader_ok (&in) && !souk_unixfs_reader_is_done (reader)
         && souk_unixfs_reader_status (reader) == SOUK_STATUS_OK)
    {
      SoukCid cid;
      while (souk_unixfs_reader_need (reader, &cid))
        g_array_append_val (wanted, cid);
      if (wanted->len == 0)
        {
          /* Nothing to wait for: then there is something to pull, or it failed just now. */
          uint64_t came = drain (reader);
          read += came;
          g_assert (came > 0 || souk_unixfs_reader_status (reader) != SOUK_STATUS_OK
                    || souk_unixfs_reader_is_done (reader));
          continue;
        }
      uint8_t op = souk_reader_u8 (&in);
      if (op == 0xff)
        souk_unixfs_reader_ask_again (reader);
      guint pick = op % wanted->len;
      cid = g_array_index (wanted, SoukCid, pick);
      g_array_remove_index (wanted, pick);
      g_autoptr (GBytes) block = souk_slice_to_bytes (souk_reader_varint_bytes (&in));
      souk_unixfs_reader_feed (reader, &cid, block);
      read += drain (reader);
    }
  if (souk_unixfs_reader_status (reader) == SOUK_STATUS_OK)
    check_end (reader, offset, len, read);
  return 0;
}
