/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Both ends of multistream-select from any bytes, cut anywhere: how they are cut changes nothing.
 */
#include "link/multistream.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char *const protocols[] = { "/a/1.0.0", "/b/1.0.0", "/ipfs/ping/1.0.0", NULL };

/* Feeds `in` in pieces of `step` bytes. Returns: the status; `out` is what was answered. */
static SoukStatus
run (SoukMultistream *self, SoukSlice in, size_t step, GByteArray *out, size_t *total)
{
  SoukStatus status = SOUK_STATUS_OK;
  *total = 0;
  for (size_t end = 0; status == SOUK_STATUS_OK && end < in.len && !self->is_done;)
    {
      size_t used = 0;
      end = MIN (in.len, end + step);
      status = souk_multistream_recv (self, protocols, souk_slice (in.data + *total, end - *total),
                                      &used, out);
      g_assert (used <= end - *total);
      *total += used;
    }
  return status;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 2)
    return 0;
  SoukSlice in = souk_slice (data + 2, size - 2);
  SoukMultistream whole, pieces;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GByteArray) other = g_byte_array_new ();
  size_t used = 0, other_used = 0;
  if (data[0] & 1)
    {
      souk_multistream_dial (&whole, protocols, out);
      souk_multistream_dial (&pieces, protocols, other);
    }
  else
    {
      souk_multistream_listen (&whole);
      souk_multistream_listen (&pieces);
    }
  SoukStatus status = run (&whole, in, SIZE_MAX / 2, out, &used);
  SoukStatus other_status = run (&pieces, in, 1 + data[1], other, &other_used);
  g_assert (status == other_status && whole.is_done == pieces.is_done);
  if (whole.is_done)
    g_assert (used == other_used && whole.chosen == pieces.chosen);
  g_assert (souk_slice_is_equal (souk_slice_from_array (out), souk_slice_from_array (other)));
  return 0;
}
