/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The stream multiplexer, driven by a stream of operations: one end gets frames that the input makes
 * up, and calls; then two ends talk to each other and what one writes the other reads.
 */
#include "link/yamux.h"

#include "link/yamux-codec.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const SoukMono t0 = { 1 };

static void
drain_events (SoukYamux *yamux)
{
  SoukYamuxEvent event;
  while (souk_yamux_next (yamux, &event))
    g_assert (event.stream != 0 || event.type == SOUK_YAMUX_PEER_LEAVES);
}

/* Frames from the input against one end. */
static void
fuzz_frames (SoukReader *reader)
{
  g_autoptr (SoukYamux) yamux = souk_yamux_new (souk_reader_u8 (reader) & 1, t0);
  SoukStatus status = SOUK_STATUS_OK;
  SoukMono now = t0;
  uint32_t opened = 0;
  while (reader->left > 0 && status == SOUK_STATUS_OK)
    {
      uint8_t op = souk_reader_u8 (reader), arg = souk_reader_u8 (reader);
      uint32_t id = arg % 16;
      now.us += arg;
      switch (op % 10)
        {
        case 0:
        case 1:
          case 2: {
            uint8_t frame[SOUK_YAMUX_HEADER_SIZE + 256] = { 0 };
            SoukYamuxHeader header = { (SoukYamuxType)(op / 10 % 4), souk_reader_u8 (reader) & 15,
                                       op / 10 % 4 >= 2 ? 0 : id, souk_reader_u8 (reader) };
            souk_yamux_header_encode (header, frame);
            size_t body = header.type == SOUK_YAMUX_DATA ? header.length : 0;
            status
                = souk_yamux_recv (yamux, souk_slice (frame, SOUK_YAMUX_HEADER_SIZE + body), now);
            break;
          }
        case 3:
          status
              = souk_yamux_recv (yamux, souk_reader_bytes (reader, MIN (arg, reader->left)), now);
          break;
        case 4:
          if (souk_yamux_open (yamux, &opened, now) == SOUK_STATUS_OK)
            souk_yamux_set_user (yamux, opened, &opened);
          break;
        case 5:
          souk_yamux_write (yamux, id, SOUK_SLICE_LITERAL ("some bytes"));
          break;
        case 6:
          souk_yamux_consume (yamux, id, souk_yamux_peek (yamux, id).len / (1 + arg % 3), now);
          break;
        case 7:
          souk_yamux_close_write (yamux, id);
          break;
        case 8:
          souk_yamux_reset (yamux, id);
          break;
        case 9:
          drain_events (yamux);
          souk_yamux_sent (yamux, souk_yamux_out_len (yamux) / (1 + arg % 2));
          souk_yamux_tick (yamux, now);
          break;
        }
    }
  drain_events (yamux);
}

typedef struct {
  SoukYamux *yamux;
  uint64_t written[64], read[64]; /* by stream number */
} Half;

static uint8_t
byte_at (uint32_t id, uint64_t at)
{
  return (uint8_t)(id * 31 + at);
}

static void
half_write (Half *half, uint32_t id, size_t len)
{
  uint8_t block[512];
  for (size_t i = 0; i < len; i++)
    block[i] = byte_at (id, half->written[id] + i);
  half->written[id] += souk_yamux_write (half->yamux, id, souk_slice (block, len));
}

static void
half_read (Half *half, uint32_t id, SoukMono now)
{
  SoukSlice in = souk_yamux_peek (half->yamux, id);
  for (size_t i = 0; i < in.len; i++)
    g_assert (in.data[i] == byte_at (id, half->read[id] + i));
  half->read[id] += in.len;
  souk_yamux_consume (half->yamux, id, in.len, now);
}

static void
move (Half *from, Half *to, size_t max, SoukMono now)
{
  SoukSlice out = souk_yamux_peek_out (from->yamux);
  size_t len = MIN (out.len, max);
  g_autofree uint8_t *copy = g_memdup2 (out.data, len);
  souk_yamux_sent (from->yamux, len);
  g_assert (souk_yamux_recv (to->yamux, souk_slice (copy, len), now) == SOUK_STATUS_OK);
}

/* Two honest ends: neither ever sees an error, and the bytes are the right ones. */
static void
fuzz_pair (SoukReader *reader)
{
  Half half[2] = { 0 };
  SoukMono now = t0;
  half[0].yamux = souk_yamux_new (true, now);
  half[1].yamux = souk_yamux_new (false, now);
  while (reader->left > 0)
    {
      uint8_t op = souk_reader_u8 (reader), arg = souk_reader_u8 (reader);
      Half *self = &half[op & 1], *other = &half[1 - (op & 1)];
      uint32_t id = arg % 64, opened = 0;
      now.us += arg;
      switch (op / 2 % 7)
        {
        case 0:
          if (souk_yamux_n_streams (self->yamux) < 20)
            souk_yamux_open (self->yamux, &opened, now);
          break;
        case 1:
          half_write (self, id, 1 + souk_reader_u8 (reader));
          break;
        case 2:
          half_read (self, id, now);
          break;
        case 3:
          souk_yamux_close_write (self->yamux, id);
          break;
        case 4:
          if (arg % 4 == 0)
            souk_yamux_reset (self->yamux, id);
          break;
        default:
          move (self, other, (size_t)arg * 16, now);
          drain_events (other->yamux);
          break;
        }
    }
  for (int i = 0; i < 2; i++)
    souk_yamux_free (half[i].yamux);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SoukReader reader = souk_reader (souk_slice (data, size));
  if (souk_reader_u8 (&reader) & 1)
    fuzz_frames (&reader);
  else
    fuzz_pair (&reader);
  return 0;
}
