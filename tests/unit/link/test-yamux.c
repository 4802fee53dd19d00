/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The stream multiplexer, frame by frame.
 */
#include "link/yamux.h"

#include "link/yamux-codec.h"

#include <string.h>

static const SoukMono t0 = { 1000000 };

static void
put (GByteArray *out, SoukYamuxType type, uint16_t flags, uint32_t stream, uint32_t length,
     const char *body)
{
  uint8_t header[SOUK_YAMUX_HEADER_SIZE];
  souk_yamux_header_encode ((SoukYamuxHeader){ type, flags, stream, length }, header);
  souk_append (out, souk_slice (header, sizeof header));
  if (body != NULL)
    souk_append (out, souk_slice (body, strlen (body)));
}

/* One frame in. */
static SoukStatus
feed (SoukYamux *yamux, SoukYamuxType type, uint16_t flags, uint32_t stream, uint32_t length,
      const char *body)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  put (bytes, type, flags, stream, length, body);
  return souk_yamux_recv (yamux, souk_slice_from_array (bytes), t0);
}

/* Takes the next frame off the output; its body is dropped. */
static SoukYamuxHeader
take_frame (SoukYamux *yamux)
{
  SoukYamuxHeader header = { 0 };
  SoukSlice out = souk_yamux_peek_out (yamux);
  g_assert_cmpuint (out.len, >=, SOUK_YAMUX_HEADER_SIZE);
  g_assert_cmpint (souk_yamux_header_decode (out.data, &header), ==, SOUK_STATUS_OK);
  size_t body = header.type == SOUK_YAMUX_DATA ? header.length : 0;
  g_assert_cmpuint (out.len, >=, SOUK_YAMUX_HEADER_SIZE + body);
  souk_yamux_sent (yamux, SOUK_YAMUX_HEADER_SIZE + body);
  return header;
}

static void
assert_frame (SoukYamux *yamux, SoukYamuxType type, uint16_t flags, uint32_t stream,
              uint32_t length)
{
  SoukYamuxHeader header = take_frame (yamux);
  g_assert_cmpint (header.type, ==, type);
  g_assert_cmphex (header.flags, ==, flags);
  g_assert_cmpuint (header.stream, ==, stream);
  g_assert_cmpuint (header.length, ==, length);
}

static void
assert_event (SoukYamux *yamux, SoukYamuxEventType type, uint32_t stream)
{
  SoukYamuxEvent event;
  g_assert_true (souk_yamux_next (yamux, &event));
  g_assert_cmpint (event.type, ==, type);
  g_assert_cmpuint (event.stream, ==, stream);
}

static void
assert_no_event (SoukYamux *yamux)
{
  SoukYamuxEvent event;
  g_assert_false (souk_yamux_next (yamux, &event));
}

/* A machine whose first ping is off the queue. */
static SoukYamux *
make (bool is_dialler)
{
  SoukYamux *yamux = souk_yamux_new (is_dialler, t0);
  assert_frame (yamux, SOUK_YAMUX_PING, SOUK_YAMUX_SYN, 0, 1);
  return yamux;
}

static void
test_open (void)
{
  g_autoptr (SoukYamux) yamux = make (true);
  uint32_t id = 0;
  g_assert_cmpint (souk_yamux_open (yamux, &id, t0), ==, SOUK_STATUS_OK);
  g_assert_cmpuint (id, ==, 1);
  g_assert_cmpuint (souk_yamux_peek_out (yamux).len, ==, 0);
  g_assert_cmpuint (souk_yamux_write (yamux, id, SOUK_SLICE_LITERAL ("hello")), ==, 5);
  assert_frame (yamux, SOUK_YAMUX_DATA, SOUK_YAMUX_SYN, 1, 5);
  g_assert_cmpuint (souk_yamux_write (yamux, id, SOUK_SLICE_LITERAL ("x")), ==, 1);
  assert_frame (yamux, SOUK_YAMUX_DATA, 0, 1, 1);
  souk_yamux_close_write (yamux, id);
  assert_frame (yamux, SOUK_YAMUX_WINDOW_UPDATE, SOUK_YAMUX_FIN, 1, 0);
  g_assert_cmpuint (souk_yamux_write (yamux, id, SOUK_SLICE_LITERAL ("x")), ==, 0);
  g_assert_cmpint (feed (yamux, SOUK_YAMUX_DATA, SOUK_YAMUX_ACK | SOUK_YAMUX_FIN, 1, 2, "ok"), ==,
                   SOUK_STATUS_OK);
  assert_event (yamux, SOUK_YAMUX_READABLE, 1);
  assert_event (yamux, SOUK_YAMUX_EOF, 1);
  assert_no_event (yamux);
  SoukSlice in = souk_yamux_peek (yamux, 1);
  g_assert_cmpmem (in.data, in.len, "ok", 2);
  souk_yamux_consume (yamux, 1, 2, t0);
  assert_event (yamux, SOUK_YAMUX_ENDED, 1);
  g_assert_cmpuint (souk_yamux_n_streams (yamux), ==, 0);
}

/* Some peers put everything into one frame. */
static void
test_all_in_one (void)
{
  g_autoptr (SoukYamux) yamux = make (false);
  g_assert_cmpint (feed (yamux, SOUK_YAMUX_DATA, SOUK_YAMUX_SYN | SOUK_YAMUX_FIN, 1, 5, "hello"),
                   ==, SOUK_STATUS_OK);
  assert_event (yamux, SOUK_YAMUX_OPENED, 1);
  assert_event (yamux, SOUK_YAMUX_READABLE, 1);
  assert_event (yamux, SOUK_YAMUX_EOF, 1);
  g_assert_cmpuint (souk_yamux_peek (yamux, 1).len, ==, 5);
  souk_yamux_consume (yamux, 1, 5, t0);
  g_assert_cmpuint (souk_yamux_write (yamux, 1, SOUK_SLICE_LITERAL ("answer")), ==, 6);
  assert_frame (yamux, SOUK_YAMUX_DATA, SOUK_YAMUX_ACK, 1, 6);
  souk_yamux_close_write (yamux, 1);
  assert_event (yamux, SOUK_YAMUX_ENDED, 1);
}

static void
test_window (void)
{
  g_autoptr (SoukYamux) yamux = make (true);
  static uint8_t block[300 * 1024];
  uint32_t id = 0;
  souk_yamux_open (yamux, &id, t0);
  g_assert_cmpuint (souk_yamux_write (yamux, id, souk_slice (block, sizeof block)), ==, 256 * 1024);
  while (souk_yamux_peek_out (yamux).len > 0)
    g_assert_cmpuint (take_frame (yamux).length, <=, SOUK_YAMUX_DATA_MAX);
  assert_no_event (yamux);
  g_assert_cmpuint (souk_yamux_write (yamux, id, SOUK_SLICE_LITERAL ("x")), ==, 0);
  g_assert_cmpint (feed (yamux, SOUK_YAMUX_WINDOW_UPDATE, SOUK_YAMUX_ACK, id, 10, NULL), ==,
                   SOUK_STATUS_OK);
  assert_event (yamux, SOUK_YAMUX_WRITABLE, id);
  g_assert_cmpuint (souk_yamux_write (yamux, id, souk_slice (block, 100)), ==, 10);
  /* A window that would wrap. */
  g_assert_cmpint (feed (yamux, SOUK_YAMUX_WINDOW_UPDATE, 0, id, UINT32_MAX, NULL), ==,
                   SOUK_STATUS_OK);
  g_assert_cmpint (feed (yamux, SOUK_YAMUX_WINDOW_UPDATE, 0, id, 1, NULL), ==,
                   SOUK_STATUS_BAD_FRAME);
}

static void
test_overrun (void)
{
  g_autoptr (SoukYamux) yamux = make (false);
  g_assert_cmpint (feed (yamux, SOUK_YAMUX_DATA, SOUK_YAMUX_SYN, 1, 256 * 1024 + 1, NULL), ==,
                   SOUK_STATUS_WINDOW_OVERRUN);
}

static void
test_grant (void)
{
  g_autoptr (SoukYamux) yamux = make (false);
  g_autofree char *body = g_strnfill (128 * 1024, 'x');
  feed (yamux, SOUK_YAMUX_WINDOW_UPDATE, SOUK_YAMUX_SYN, 1, 0, NULL);
  feed (yamux, SOUK_YAMUX_DATA, 0, 1, 128 * 1024, body);
  souk_yamux_consume (yamux, 1, 128 * 1024 - 1, t0);
  g_assert_cmpuint (souk_yamux_peek_out (yamux).len, ==, 0);
  souk_yamux_consume (yamux, 1, 1, t0);
  /* Half a window is given back; without a known round trip it does not grow. */
  assert_frame (yamux, SOUK_YAMUX_WINDOW_UPDATE, SOUK_YAMUX_ACK, 1, 128 * 1024);

  /* A pong makes the round trip known: a window used up within four of them doubles. */
  SoukMono later = { t0.us + 1000 };
  g_autoptr (GByteArray) pong = g_byte_array_new ();
  put (pong, SOUK_YAMUX_PING, SOUK_YAMUX_ACK, 0, 1, NULL);
  souk_yamux_recv (yamux, souk_slice_from_array (pong), later);
  g_assert_cmpint (souk_yamux_round_trip_us (yamux), ==, 1000);
  feed (yamux, SOUK_YAMUX_DATA, 0, 1, 128 * 1024, body);
  souk_yamux_consume (yamux, 1, 128 * 1024, later);
  assert_frame (yamux, SOUK_YAMUX_WINDOW_UPDATE, 0, 1, 128 * 1024 + 256 * 1024);
}

static void
test_reset (void)
{
  g_autoptr (SoukYamux) yamux = make (false);
  feed (yamux, SOUK_YAMUX_DATA, SOUK_YAMUX_SYN, 1, 3, "abc");
  g_assert_cmpint (feed (yamux, SOUK_YAMUX_WINDOW_UPDATE, SOUK_YAMUX_RST, 1, 0, NULL), ==,
                   SOUK_STATUS_OK);
  assert_event (yamux, SOUK_YAMUX_OPENED, 1);
  /* What came before may be read until then; nothing is granted for it. */
  assert_event (yamux, SOUK_YAMUX_READABLE, 1);
  souk_yamux_consume (yamux, 1, souk_yamux_peek (yamux, 1).len, t0);
  g_assert_cmpuint (souk_yamux_write (yamux, 1, SOUK_SLICE_LITERAL ("x")), ==, 0);
  g_assert_cmpuint (souk_yamux_out_len (yamux), ==, 0);
  assert_event (yamux, SOUK_YAMUX_WAS_RESET, 1);
  assert_no_event (yamux);
  /* What is late for a stream that is gone is dropped. */
  g_assert_cmpint (feed (yamux, SOUK_YAMUX_DATA, 0, 1, 3, "abc"), ==, SOUK_STATUS_OK);
  g_assert_cmpint (feed (yamux, SOUK_YAMUX_WINDOW_UPDATE, 0, 1, 5, NULL), ==, SOUK_STATUS_OK);
  assert_no_event (yamux);

  feed (yamux, SOUK_YAMUX_WINDOW_UPDATE, SOUK_YAMUX_SYN, 3, 0, NULL);
  souk_yamux_reset (yamux, 3);
  assert_frame (yamux, SOUK_YAMUX_WINDOW_UPDATE, SOUK_YAMUX_RST, 3, 0);
  assert_no_event (yamux);
}

static void
test_bad_frames (void)
{
  static const struct {
    SoukYamuxType type;
    uint16_t flags;
    uint32_t stream;
  } cases[] = {
    { SOUK_YAMUX_DATA, SOUK_YAMUX_SYN, 2 }, /* our own parity */
    { SOUK_YAMUX_DATA, SOUK_YAMUX_SYN, 0 }, /* the session's number */
    { SOUK_YAMUX_PING, SOUK_YAMUX_SYN, 1 }, /* a stream's number */
    { SOUK_YAMUX_WINDOW_UPDATE, 0x10, 1 },  /* a flag that is not */
    { (SoukYamuxType)4, 0, 1 },             /* a type that is not */
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SoukYamux) yamux = make (false);
      g_assert_cmpint (feed (yamux, cases[i].type, cases[i].flags, cases[i].stream, 0, NULL), ==,
                       SOUK_STATUS_BAD_FRAME);
    }
  g_autoptr (SoukYamux) yamux = make (false);
  feed (yamux, SOUK_YAMUX_DATA, SOUK_YAMUX_SYN, 1, 0, NULL);
  g_assert_cmpint (feed (yamux, SOUK_YAMUX_DATA, SOUK_YAMUX_SYN, 1, 0, NULL), ==,
                   SOUK_STATUS_BAD_FRAME);
  uint8_t version[SOUK_YAMUX_HEADER_SIZE] = { 1 };
  g_autoptr (SoukYamux) other = make (false);
  g_assert_cmpint (souk_yamux_recv (other, souk_slice (version, sizeof version), t0), ==,
                   SOUK_STATUS_BAD_FRAME);
}

static void
test_data_after_fin (void)
{
  g_autoptr (SoukYamux) yamux = make (false);
  feed (yamux, SOUK_YAMUX_DATA, SOUK_YAMUX_SYN | SOUK_YAMUX_FIN, 1, 0, NULL);
  g_assert_cmpint (feed (yamux, SOUK_YAMUX_DATA, 0, 1, 1, "x"), ==, SOUK_STATUS_OK);
  assert_frame (yamux, SOUK_YAMUX_WINDOW_UPDATE, SOUK_YAMUX_RST, 1, 0);
  assert_event (yamux, SOUK_YAMUX_OPENED, 1);
  assert_event (yamux, SOUK_YAMUX_WAS_RESET, 1);
}

static void
test_pings (void)
{
  g_autoptr (SoukYamux) yamux = make (false);
  feed (yamux, SOUK_YAMUX_PING, SOUK_YAMUX_SYN, 0, 4711, NULL);
  assert_frame (yamux, SOUK_YAMUX_PING, SOUK_YAMUX_ACK, 0, 4711);
  /* A pong that nobody asked for. */
  g_assert_cmpint (feed (yamux, SOUK_YAMUX_PING, SOUK_YAMUX_ACK, 0, 99, NULL), ==, SOUK_STATUS_OK);
  g_assert_cmpint (souk_yamux_round_trip_us (yamux), ==, -1);

  SoukStatus status = SOUK_STATUS_OK;
  for (int i = 0; i < 1000000 && status == SOUK_STATUS_OK; i++)
    status = feed (yamux, SOUK_YAMUX_PING, SOUK_YAMUX_SYN, 0, 1, NULL);
  g_assert_cmpint (status, ==, SOUK_STATUS_CONTROL_FLOOD);
}

static void
test_flood_of_streams (void)
{
  g_autoptr (SoukYamux) yamux = make (false);
  for (uint32_t i = 0; i < SOUK_YAMUX_INBOUND_MAX; i++)
    feed (yamux, SOUK_YAMUX_WINDOW_UPDATE, SOUK_YAMUX_SYN, 2 * i + 1, 0, NULL);
  g_assert_cmpuint (souk_yamux_out_len (yamux), ==, 0);
  g_assert_cmpint (feed (yamux, SOUK_YAMUX_DATA, SOUK_YAMUX_SYN, 999999, 3, "abc"), ==,
                   SOUK_STATUS_OK);
  assert_frame (yamux, SOUK_YAMUX_WINDOW_UPDATE, SOUK_YAMUX_RST, 999999, 0);
  g_assert_cmpuint (souk_yamux_n_streams (yamux), ==, SOUK_YAMUX_INBOUND_MAX);
}

static void
test_go_away (void)
{
  g_autoptr (SoukYamux) yamux = make (true);
  uint32_t id = 0;
  feed (yamux, SOUK_YAMUX_GO_AWAY, 0, 0, 0, NULL);
  assert_event (yamux, SOUK_YAMUX_PEER_LEAVES, 0);
  g_assert_cmpint (souk_yamux_open (yamux, &id, t0), ==, SOUK_STATUS_GONE_AWAY);
  souk_yamux_go_away (yamux, 1);
  souk_yamux_go_away (yamux, 0);
  assert_frame (yamux, SOUK_YAMUX_GO_AWAY, 0, 0, 1);
  g_assert_cmpuint (souk_yamux_out_len (yamux), ==, 0);
}

static void
test_unsent (void)
{
  g_autoptr (SoukYamux) yamux = make (true);
  uint32_t id = 0;
  souk_yamux_open (yamux, &id, t0);
  souk_yamux_reset (yamux, id);
  g_assert_cmpuint (souk_yamux_out_len (yamux), ==, 0);
  souk_yamux_open (yamux, &id, t0);
  /* The peer cannot know of it yet. */
  g_assert_cmpint (feed (yamux, SOUK_YAMUX_WINDOW_UPDATE, SOUK_YAMUX_ACK, id, 0, NULL), ==,
                   SOUK_STATUS_BAD_FRAME);
}

static void
test_queue_limit (void)
{
  g_autoptr (SoukYamux) yamux = make (true);
  static uint8_t block[256 * 1024];
  size_t total = 0;
  for (int i = 0; i < 5; i++)
    {
      uint32_t id = 0;
      souk_yamux_open (yamux, &id, t0);
      total += souk_yamux_write (yamux, id, souk_slice (block, sizeof block));
    }
  g_assert_cmpuint (total, <=, SOUK_YAMUX_OUT_MAX);
  assert_no_event (yamux);
  while (souk_yamux_peek_out (yamux).len > 0)
    take_frame (yamux);
  /* Those that were cut short are told in the order in which they wait. */
  assert_event (yamux, SOUK_YAMUX_WRITABLE, 3);
  assert_event (yamux, SOUK_YAMUX_WRITABLE, 5);
  assert_event (yamux, SOUK_YAMUX_WRITABLE, 7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/link/yamux/a-stream-opens-with-its-first-data-and-ends-in-halves", test_open);
  g_test_add_func ("/link/yamux/one-frame-may-open-write-and-end", test_all_in_one);
  g_test_add_func ("/link/yamux/writing-stops-at-the-window", test_window);
  g_test_add_func ("/link/yamux/more-than-the-window-is-an-error", test_overrun);
  g_test_add_func ("/link/yamux/reading-grants-window-and-a-fast-reader-more", test_grant);
  g_test_add_func ("/link/yamux/a-reset-ends-a-stream-and-late-frames-are-dropped", test_reset);
  g_test_add_func ("/link/yamux/malformed-frames-are-errors", test_bad_frames);
  g_test_add_func ("/link/yamux/data-after-the-end-resets-the-stream", test_data_after_fin);
  g_test_add_func ("/link/yamux/pings-are-answered-until-they-are-a-flood", test_pings);
  g_test_add_func ("/link/yamux/streams-above-the-limit-are-reset", test_flood_of_streams);
  g_test_add_func ("/link/yamux/nobody-opens-streams-after-a-goodbye", test_go_away);
  g_test_add_func ("/link/yamux/a-stream-that-was-never-sent-leaves-no-trace", test_unsent);
  g_test_add_func ("/link/yamux/writers-wait-for-the-queue-in-order", test_queue_limit);
  return g_test_run ();
}
