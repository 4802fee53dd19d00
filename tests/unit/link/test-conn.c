/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole connections, back to back.
 */
#include "conn-pair.h"

static const char *const echo[] = { "/echo/1.0.0", NULL };

static void
fill_pattern (uint8_t *out, size_t len, size_t from)
{
  for (size_t i = 0; i < len; i++)
    out[i] = (uint8_t)((from + i) % 251);
}

static void
test_upgrade (void)
{
  static const size_t chunks[] = { 1, 7, 100, 65536 };
  for (size_t i = 0; i < G_N_ELEMENTS (chunks); i++)
    {
      g_autoptr (Pair) pair = pair_new (i + 1, chunks[i]);
      pair_run (pair);
      for (int s = 0; s < 2; s++)
        {
          PairSide *side = &pair->side[s];
          SoukPeerId other = souk_identity_peer_id (&pair->side[1 - s].identity);
          g_assert_true (souk_conn_is_upgraded (side->conn));
          g_assert_true (souk_peer_id_is_equal (souk_conn_peer (side->conn), &other));
          g_assert_cmpint (side->events[0].type, ==, SOUK_CONN_UPGRADED);
          g_assert_cmpuint (side->n_identified, ==, 1);
          g_assert_cmpstr (side->agent, ==, s == 0 ? "one/1" : "zero/1");
          g_assert_true (side->record_ok);
          g_assert_true (g_strv_contains ((const char *const *)side->protocols, "/echo/1.0.0"));
          g_assert_true (
              g_strv_contains ((const char *const *)side->protocols, "/ipfs/ping/1.0.0"));
          g_assert_cmpint (souk_conn_round_trip_us (side->conn), >, 0);
          /* Identify's streams have gone. */
          g_assert_cmpuint (souk_conn_n_streams (side->conn), ==, 0);
          g_assert_null (pair_event (side, SOUK_CONN_CLOSED, 0));
        }
    }
}

/* A peer that sends no list of muxers negotiates one inside the secure channel. */
static void
test_late_muxer (void)
{
  static const char *const none[] = { NULL };
  static const char *const other[] = { "/mplex/6.7.0", NULL };
  g_autoptr (Pair) late = pair_new (40, 200);
  for (int i = 0; i < 2; i++)
    {
      PairSide *side = &late->side[i];
      souk_noise_keys_done (&side->shared->keys);
      souk_noise_keys_init (&side->shared->keys, &side->identity, none, &side->rng.rng);
    }
  pair_run (late);
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (souk_conn_is_upgraded (late->side[i].conn));
      g_assert_cmpuint (late->side[i].n_identified, ==, 1);
    }
  g_autoptr (Pair) pair = pair_new (50, 200);
  souk_noise_keys_done (&pair->side[1].shared->keys);
  souk_noise_keys_init (&pair->side[1].shared->keys, &pair->side[1].identity, other,
                        &pair->side[1].rng.rng);
  pair_run (pair);
  g_assert_cmpint (pair_event (&pair->side[0], SOUK_CONN_CLOSED, 0)->status, ==,
                   SOUK_STATUS_NO_MUXER);
}

static void
test_wrong_peer (void)
{
  uint8_t seed[32] = { 77 };
  SoukIdentity stranger;
  souk_identity_init_seed (&stranger, seed);
  SoukPeerId expected = souk_identity_peer_id (&stranger);
  g_autoptr (Pair) pair = pair_new_expecting (3, 500, &expected);
  pair_run (pair);
  const SoukConnEvent *closed = pair_event (&pair->side[0], SOUK_CONN_CLOSED, 0);
  g_assert_nonnull (closed);
  g_assert_cmpint (closed->status, ==, SOUK_STATUS_WRONG_PEER);
  g_assert_null (pair_event (&pair->side[0], SOUK_CONN_UPGRADED, 0));
}

/* Sends `total` bytes from side `from` and takes them at the other side as they come. */
static void
transfer (Pair *pair, int from, uint32_t out_stream, uint32_t in_stream, size_t total)
{
  uint8_t block[3000], expect[4096];
  size_t sent = 0, got = 0;
  PairSide *a = &pair->side[from], *b = &pair->side[1 - from];
  while (got < total)
    {
      if (sent < total)
        {
          size_t len = MIN (sizeof block, total - sent);
          fill_pattern (block, len, sent);
          sent += souk_conn_write (a->conn, out_stream, souk_slice (block, len));
        }
      bool moved = pair_step (pair);
      SoukSlice in = souk_conn_peek (b->conn, in_stream);
      size_t len = MIN (in.len, sizeof expect);
      fill_pattern (expect, len, got);
      g_assert_cmpmem (in.data, len, expect, len);
      souk_conn_consume (b->conn, in_stream, len, pair->now);
      got += len;
      g_assert_true (moved || len > 0 || sent < total);
      /* The test looks at streams itself. */
      a->n_events = b->n_events = 0;
    }
}

static void
test_stream (void)
{
  for (uint64_t seed = 1; seed < 5; seed++)
    {
      g_autoptr (Pair) pair = pair_new (seed, seed % 2 ? 20000 : 900);
      PairSide *a = &pair->side[0], *b = &pair->side[1];
      uint32_t out = 0;
      pair_run (pair);
      g_assert_cmpint (souk_conn_open (a->conn, echo, a, &out, pair->now), ==, SOUK_STATUS_OK);
      /* Lazily: data goes before the answer has come. */
      g_assert_cmpuint (souk_conn_write (a->conn, out, SOUK_SLICE_LITERAL ("hello")), ==, 5);
      pair_run (pair);
      g_assert_nonnull (pair_event (a, SOUK_CONN_STREAM_READY, 0));
      const SoukConnEvent *opened = pair_event (b, SOUK_CONN_STREAM_OPENED, 0);
      g_assert_nonnull (opened);
      g_assert_cmpstr (opened->protocol, ==, "/echo/1.0.0");
      uint32_t in = opened->stream;
      SoukSlice got = souk_conn_peek (b->conn, in);
      g_assert_cmpmem (got.data, got.len, "hello", 5);
      souk_conn_consume (b->conn, in, 5, pair->now);
      transfer (pair, 0, out, in, 700000);
      transfer (pair, 1, in, out, 700000);

      /* Half-close: the other direction goes on. */
      souk_conn_close_write (a->conn, out);
      pair_run (pair);
      g_assert_nonnull (pair_event (b, SOUK_CONN_EOF, 0));
      g_assert_cmpuint (souk_conn_write (a->conn, out, SOUK_SLICE_LITERAL ("x")), ==, 0);
      transfer (pair, 1, in, out, 10000);
      souk_conn_close_write (b->conn, in);
      pair_run (pair);
      g_assert_nonnull (pair_event (a, SOUK_CONN_STREAM_ENDED, 0));
      g_assert_nonnull (pair_event (b, SOUK_CONN_STREAM_ENDED, 0));
      g_assert_cmpuint (souk_conn_n_streams (a->conn), ==, 0);
      g_assert_cmpuint (souk_conn_n_streams (b->conn), ==, 0);
    }
}

static void
test_slow_reader (void)
{
  g_autoptr (Pair) pair = pair_new (11, 60000);
  PairSide *a = &pair->side[0], *b = &pair->side[1];
  uint32_t out = 0;
  static uint8_t block[100000];
  size_t sent = 0;
  pair_run (pair);
  g_assert_cmpint (souk_conn_open (a->conn, echo, NULL, &out, pair->now), ==, SOUK_STATUS_OK);
  for (int i = 0; i < 50; i++)
    {
      sent += souk_conn_write (a->conn, out, souk_slice (block, sizeof block));
      pair_run (pair);
    }
  /* Nobody reads: the window is all that goes. */
  uint32_t in = pair_event (b, SOUK_CONN_STREAM_OPENED, 0)->stream;
  g_assert_cmpuint (sent, <=, 256 * 1024);
  g_assert_cmpuint (sent, >, 255 * 1024);
  g_assert_null (pair_event (a, SOUK_CONN_CLOSED, 0));
  a->n_events = 0;
  souk_conn_consume (b->conn, in, souk_conn_peek (b->conn, in).len, pair->now);
  pair_run (pair);
  g_assert_nonnull (pair_event (a, SOUK_CONN_WRITABLE, 0));
  g_assert_cmpuint (souk_conn_write (a->conn, out, souk_slice (block, sizeof block)), ==,
                    sizeof block);
}

static void
test_refused (void)
{
  static const char *const none[] = { "/none/1.0.0", NULL };
  static const char *const second[] = { "/none/1.0.0", "/other/1.0.0", NULL };
  g_autoptr (Pair) pair = pair_new (12, 300);
  PairSide *a = &pair->side[0], *b = &pair->side[1];
  uint32_t stream = 0;
  pair_run (pair);
  g_assert_cmpint (souk_conn_open (a->conn, none, a, &stream, pair->now), ==, SOUK_STATUS_OK);
  pair_run (pair);
  const SoukConnEvent *failed = pair_event (a, SOUK_CONN_STREAM_FAILED, 0);
  g_assert_nonnull (failed);
  g_assert_cmpint (failed->status, ==, SOUK_STATUS_PROTOCOL_REFUSED);
  g_assert_true (failed->user == a);

  /* Likewise when data went along, which the other side cannot make sense of. */
  a->n_events = 0;
  g_assert_cmpint (souk_conn_open (a->conn, none, a, &stream, pair->now), ==, SOUK_STATUS_OK);
  souk_conn_write (a->conn, stream, SOUK_SLICE_LITERAL ("\x05hello"));
  pair_run (pair);
  g_assert_cmpint (pair_event (a, SOUK_CONN_STREAM_FAILED, 0)->status, ==,
                   SOUK_STATUS_PROTOCOL_REFUSED);

  g_assert_cmpint (souk_conn_open (a->conn, second, NULL, &stream, pair->now), ==, SOUK_STATUS_OK);
  /* With two offers nothing may go early. */
  g_assert_cmpuint (souk_conn_write (a->conn, stream, SOUK_SLICE_LITERAL ("x")), ==, 0);
  pair_run (pair);
  g_assert_cmpstr (pair_event (a, SOUK_CONN_STREAM_READY, 0)->protocol, ==, "/other/1.0.0");
  g_assert_nonnull (pair_event (a, SOUK_CONN_WRITABLE, 0));
  g_assert_cmpstr (pair_event (b, SOUK_CONN_STREAM_OPENED, 0)->protocol, ==, "/other/1.0.0");
}

static void
test_reset (void)
{
  g_autoptr (Pair) pair = pair_new (13, 300);
  PairSide *a = &pair->side[0], *b = &pair->side[1];
  uint32_t stream = 0;
  pair_run (pair);
  souk_conn_open (a->conn, echo, NULL, &stream, pair->now);
  souk_conn_write (a->conn, stream, SOUK_SLICE_LITERAL ("lost"));
  pair_run (pair);
  souk_conn_reset (a->conn, stream);
  pair_run (pair);
  g_assert_nonnull (pair_event (b, SOUK_CONN_STREAM_RESET, 0));
  g_assert_null (pair_event (a, SOUK_CONN_STREAM_RESET, 0));
  g_assert_cmpuint (souk_conn_n_streams (a->conn), ==, 0);
  g_assert_cmpuint (souk_conn_n_streams (b->conn), ==, 0);
}

static void
test_ping (void)
{
  g_autoptr (Pair) pair = pair_new (14, 50);
  for (int i = 0; i < 2; i++)
    g_assert_false (souk_conn_ping (pair->side[i].conn, pair->now));
  pair_run (pair);
  for (unsigned n = 0; n < 3; n++)
    for (int i = 0; i < 2; i++)
      {
        g_assert_true (souk_conn_ping (pair->side[i].conn, pair->now));
        g_assert_false (souk_conn_ping (pair->side[i].conn, pair->now));
        pair_run (pair);
        g_assert_cmpint (pair_event (&pair->side[i], SOUK_CONN_PONG, n)->round_trip_us, >, 0);
        g_assert_cmpuint (souk_conn_n_streams (pair->side[i].conn), ==, 0);
      }
}

static void
test_push (void)
{
  g_autoptr (Pair) pair = pair_new (15, 900);
  PairSide *a = &pair->side[0], *b = &pair->side[1];
  static const char *const more[] = { "/new/1.0.0", NULL };
  pair_run (pair);
  souk_conn_shared_set_protocols (a->shared, more);
  SoukIdentifyLocal local = { .identity = &a->identity,
                              .agent = "zero/2",
                              .protocols = souk_conn_shared_protocols (a->shared) };
  g_autoptr (GBytes) message = souk_identify_encode (&local);
  souk_conn_shared_set_identify (a->shared, message);
  souk_conn_push_identify (a->conn, pair->now);
  pair_run (pair);
  g_assert_cmpuint (b->n_identified, ==, 2);
  g_assert_cmpstr (b->agent, ==, "zero/2");
  g_assert_true (g_strv_contains ((const char *const *)b->protocols, "/new/1.0.0"));

  /* A flood of pushes is cut by the bucket. */
  for (int i = 0; i < 100; i++)
    {
      souk_conn_push_identify (a->conn, pair->now);
      pair_run (pair);
    }
  g_assert_cmpuint (b->n_identified, <, 30);
  g_assert_null (pair_event (b, SOUK_CONN_CLOSED, 0));
}

static void
test_bad_mac (void)
{
  g_autoptr (Pair) pair = pair_new (16, 65536);
  PairSide *a = &pair->side[0], *b = &pair->side[1];
  pair_run (pair);
  souk_conn_ping (a->conn, pair->now);
  SoukSlice out = souk_conn_peek_out (a->conn);
  g_autofree uint8_t *changed = g_memdup2 (out.data, out.len);
  changed[out.len - 3] ^= 0x40;
  souk_conn_recv (b->conn, souk_slice (changed, out.len), pair->now);
  pair_pull (b);
  g_assert_cmpint (pair_event (b, SOUK_CONN_CLOSED, 0)->status, ==, SOUK_STATUS_BAD_MAC);
}

static void
test_garbage (void)
{
  for (uint64_t seed = 0; seed < 50; seed++)
    {
      g_autoptr (Pair) pair = pair_new (seed, 100);
      uint8_t garbage[3000];
      souk_rng_fill (&pair->rng.rng, garbage, sizeof garbage);
      PairSide *side = &pair->side[seed % 2];
      souk_conn_recv (side->conn, souk_slice (garbage, sizeof garbage), pair->now);
      pair->now = souk_mono_add_ms (pair->now, 10001);
      souk_conn_tick (side->conn, pair->now);
      pair_pull (side);
      g_assert_cmpuint (side->n_events, ==, 1);
      g_assert_cmpint (side->events[0].type, ==, SOUK_CONN_CLOSED);
      g_assert_cmpint (side->events[0].status, !=, SOUK_STATUS_OK);
    }
}

static void
test_silence (void)
{
  g_autoptr (Pair) pair = pair_new (17, 100);
  PairSide *a = &pair->side[0];
  SoukMono deadline = souk_conn_deadline (a->conn);
  g_assert_cmpint (souk_mono_diff_us (deadline, pair->now), ==, 10 * SOUK_US_PER_S);
  souk_conn_tick (a->conn, (SoukMono){ deadline.us - 1 });
  pair_pull (a);
  g_assert_cmpuint (a->n_events, ==, 0);
  souk_conn_tick (a->conn, deadline);
  pair_pull (a);
  g_assert_cmpint (pair_event (a, SOUK_CONN_CLOSED, 0)->status, ==, SOUK_STATUS_TIMED_OUT);
  g_assert_cmpint (souk_conn_deadline (a->conn).us, ==, INT64_MAX);
}

/* A peer whose streams never get an answer. */
static void
test_stream_silence (void)
{
  g_autoptr (Pair) pair = pair_new (18, 2000);
  PairSide *a = &pair->side[0];
  uint32_t stream = 0;
  pair_run (pair);
  souk_conn_open (a->conn, echo, NULL, &stream, pair->now);
  pair->now = souk_mono_add_ms (pair->now, 10001);
  souk_conn_tick (a->conn, pair->now);
  pair_pull (a);
  g_assert_cmpint (pair_event (a, SOUK_CONN_STREAM_FAILED, 0)->status, ==, SOUK_STATUS_TIMED_OUT);
  g_assert_null (pair_event (a, SOUK_CONN_CLOSED, 0));
}

static void
test_keepalive (void)
{
  g_autoptr (Pair) pair = pair_new (19, 2000);
  PairSide *a = &pair->side[0];
  pair_run (pair);
  for (int i = 0; i < 5; i++)
    {
      pair->now = souk_conn_deadline (a->conn);
      for (int s = 0; s < 2; s++)
        souk_conn_tick (pair->side[s].conn, pair->now);
      pair_run (pair);
      g_assert_null (pair_event (a, SOUK_CONN_CLOSED, 0));
    }
  /* Then the other side is gone without a word. */
  for (int i = 0; i < 3; i++)
    {
      pair->now = souk_mono_add_ms (pair->now, 31000);
      souk_conn_tick (a->conn, pair->now);
    }
  pair_pull (a);
  g_assert_cmpint (pair_event (a, SOUK_CONN_CLOSED, 0)->status, ==, SOUK_STATUS_TIMED_OUT);
}

static void
test_close (void)
{
  g_autoptr (Pair) pair = pair_new (20, 2000);
  PairSide *a = &pair->side[0], *b = &pair->side[1];
  pair_run (pair);
  souk_conn_close (a->conn);
  pair_run (pair);
  g_assert_cmpint (pair_event (a, SOUK_CONN_CLOSED, 0)->status, ==, SOUK_STATUS_OK);
  g_assert_cmpint (pair_event (b, SOUK_CONN_CLOSED, 0)->status, ==, SOUK_STATUS_GONE_AWAY);
  uint32_t stream = 0;
  g_assert_cmpint (souk_conn_open (b->conn, echo, NULL, &stream, pair->now), ==,
                   SOUK_STATUS_CLOSED);
}

static void
test_many_streams (void)
{
  g_autoptr (Pair) pair = pair_new (21, 65536);
  PairSide *a = &pair->side[0], *b = &pair->side[1];
  pair_run (pair);
  uint32_t stream = 0;
  unsigned n = 0;
  while (souk_conn_open (a->conn, echo, NULL, &stream, pair->now) == SOUK_STATUS_OK)
    n++;
  g_assert_cmpuint (n, ==, 256);
  pair_run (pair);
  while (souk_conn_open (a->conn, echo, NULL, &stream, pair->now) == SOUK_STATUS_OK && n < 500)
    n++;
  pair_run (pair);
  g_assert_cmpuint (pair_count (b, SOUK_CONN_STREAM_OPENED), >=, 500);
  g_assert_null (pair_event (a, SOUK_CONN_CLOSED, 0));
  g_assert_null (pair_event (b, SOUK_CONN_CLOSED, 0));
}

static void
test_cut (void)
{
  g_autoptr (Pair) pair = pair_new (22, 2000);
  pair_run (pair);
  souk_conn_recv_eof (pair->side[0].conn, pair->now);
  pair_pull (&pair->side[0]);
  g_assert_cmpint (pair_event (&pair->side[0], SOUK_CONN_CLOSED, 0)->status, ==,
                   SOUK_STATUS_CLOSED);
  g_autoptr (Pair) early = pair_new (23, 2000);
  souk_conn_recv_eof (early->side[0].conn, early->now);
  pair_pull (&early->side[0]);
  g_assert_cmpint (pair_event (&early->side[0], SOUK_CONN_CLOSED, 0)->status, ==,
                   SOUK_STATUS_CUT_OFF);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/link/conn/two-ends-meet-and-identify-each-other", test_upgrade);
  g_test_add_func ("/link/conn/a-muxer-is-negotiated-late-or-not-at-all", test_late_muxer);
  g_test_add_func ("/link/conn/another-peer-than-the-expected-one-is-refused", test_wrong_peer);
  g_test_add_func ("/link/conn/a-stream-carries-bytes-both-ways-and-closes-in-halves", test_stream);
  g_test_add_func ("/link/conn/a-slow-reader-stops-its-sender-at-the-window", test_slow_reader);
  g_test_add_func ("/link/conn/a-refused-protocol-fails-or-gives-way-to-the-next", test_refused);
  g_test_add_func ("/link/conn/a-reset-is-seen-by-the-other-end-only", test_reset);
  g_test_add_func ("/link/conn/pings-come-back", test_ping);
  g_test_add_func ("/link/conn/a-push-updates-and-a-flood-of-them-is-cut", test_push);
  g_test_add_func ("/link/conn/a-changed-ciphertext-closes-the-connection", test_bad_mac);
  g_test_add_func ("/link/conn/garbage-closes-the-connection", test_garbage);
  g_test_add_func ("/link/conn/a-silent-handshake-times-out", test_silence);
  g_test_add_func ("/link/conn/a-stream-without-an-answer-times-out-alone", test_stream_silence);
  g_test_add_func ("/link/conn/keep-alive-notices-a-dead-peer", test_keepalive);
  g_test_add_func ("/link/conn/a-goodbye-closes-both-ends", test_close);
  g_test_add_func ("/link/conn/five-hundred-streams-open-at-once", test_many_streams);
  g_test_add_func ("/link/conn/a-cut-transport-is-told-from-a-cut-handshake", test_cut);
  return g_test_run ();
}
