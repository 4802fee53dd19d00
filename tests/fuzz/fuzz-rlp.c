/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RLP items from any bytes: what is read is written back as it was, byte for byte.
 */
#include "wire/rlp.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Reads a run of items and writes it again. False when it is bad, or deeper than any transaction. */
static bool
rewrite (SoukSlice in, GByteArray *out, unsigned depth)
{
  SoukReader reader = souk_reader (in);
  while (souk_reader_ok (&reader) && reader.left > 0)
    {
      SoukReader numbers = reader;
      souk_reader_rlp_u256 (&numbers);
      SoukRlpItem item = souk_reader_rlp (&reader);
      if (!souk_reader_ok (&reader))
        return false;
      if (!item.is_list)
        {
          souk_rlp_append_bytes (out, item.payload);
          continue;
        }
      g_autoptr (GByteArray) items = g_byte_array_new ();
      if (depth == 16 || !rewrite (item.payload, items, depth + 1))
        return false;
      souk_rlp_append_list (out, souk_slice_from_array (items));
    }
  return souk_reader_is_done (&reader);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  if (rewrite (souk_slice (data, size), out, 0))
    g_assert (souk_slice_is_equal (souk_slice_from_array (out), souk_slice (data, size)));
  return 0;
}
