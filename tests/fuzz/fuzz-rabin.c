/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cutting by content against any bytes: the chunks are within their bounds, together they are the
 * input, and the pieces in which it came make no difference.
 */
#include "dag/rabin.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Returns: a number that the sizes of all chunks determine. */
static uint64_t
scan (SoukSlice in, SoukRabinOptions options, size_t piece)
{
  SoukRabin *rabin = souk_rabin_new (options);
  uint64_t digest = 0;
  size_t chunk = 0;
  while (in.len > 0)
    {
      bool is_cut;
      size_t asked = MIN (piece, in.len);
      size_t taken = souk_rabin_scan (rabin, souk_slice (in.data, asked), &is_cut);
      g_assert (taken > 0 && taken <= asked && (is_cut || taken == asked));
      in = souk_slice (in.data + taken, in.len - taken);
      chunk += taken;
      g_assert (chunk <= options.max && (!is_cut || chunk >= options.min));
      if (!is_cut)
        continue;
      digest = digest * 1000003 + chunk;
      chunk = 0;
    }
  souk_rabin_free (rabin);
  return digest;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 4)
    return 0;
  SoukRabinOptions options = { .min = SOUK_RABIN_WINDOW + data[0] % 64u };
  options.avg = options.min + data[1];
  options.max = options.min + data[2];
  SoukSlice in = souk_slice (data + 4, size - 4);
  g_assert (scan (in, options, SIZE_MAX) == scan (in, options, data[3] + 1u));
  return 0;
}
