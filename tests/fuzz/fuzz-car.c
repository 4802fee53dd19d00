/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The archive reader against any bytes, in pieces whose sizes the input's first byte gives; what it
 * takes for blocks is what their CIDs name.
 */
#include "dag/car.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  g_autoptr (SoukCarReader) reader = souk_car_reader_new ();
  size_t piece = data[0] + 1u;
  SoukSlice in = souk_slice (data + 1, size - 1);
  unsigned headers = 0;

  while (in.len > 0)
    {
      SoukCarEvent event;
      size_t taken = souk_car_reader_feed (reader, souk_slice (in.data, MIN (piece, in.len)));
      bool has_event = false;
      in = souk_slice (in.data + taken, in.len - taken);
      while (souk_car_reader_next (reader, &event))
        {
          has_event = true;
          headers += event.type == SOUK_CAR_HEADER;
          g_assert (headers == 1);
          if (event.type != SOUK_CAR_BLOCK)
            continue;
          g_assert (souk_cid_matches (&event.cid, souk_slice_from_bytes (event.block)));
          g_bytes_unref (event.block);
        }
      g_assert (taken > 0 || has_event);
    }
  souk_car_reader_finish (reader);
  return 0;
}
