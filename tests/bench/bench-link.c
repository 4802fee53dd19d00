/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How fast a connection is without a network: both ends in this process, one core. Prints; judges
 * nothing.
 */
#include "conn-pair.h"

#include <sodium.h>
#include <time.h>

/* Processor time: others on the machine do not count. */
static double
now_s (void)
{
  struct timespec time;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double
since (double start_s)
{
  return now_s () - start_s;
}

static void
bench_cipher (void)
{
  enum { SIZE = SOUK_NOISE_PLAIN_MAX, COUNT = 4000 };
  static uint8_t plain[SIZE], sealed[SIZE + 16];
  uint8_t nonce[12] = { 0 }, key[32] = { 1 };
  double start_s = now_s ();
  for (int i = 0; i < COUNT; i++)
    crypto_aead_chacha20poly1305_ietf_encrypt (sealed, NULL, plain, SIZE, NULL, 0, NULL, nonce,
                                               key);
  printf ("%-58s %10.0f MiB/s\n", "libsodium: ChaCha20-Poly1305 alone",
          (double)SIZE * COUNT / (1 << 20) / since (start_s));
}

static void
bench_handshake (void)
{
  enum { COUNT = 1000 };
  Pair *pairs[COUNT];
  for (unsigned i = 0; i < COUNT; i++)
    pairs[i] = pair_new (i, 1 << 20);
  double start_s = now_s ();
  for (unsigned i = 0; i < COUNT; i++)
    pair_run (pairs[i]);
  printf ("%-58s %10.0f us\n", "handshake and identify, both ends' work",
          since (start_s) * 1e6 / COUNT);
  for (unsigned i = 0; i < COUNT; i++)
    {
      g_assert_true (souk_conn_is_upgraded (pairs[i]->side[1].conn));
      pair_free (pairs[i]);
    }
}

/* Writes `block` bytes at a time; moves whatever there is. */
static void
bench_stream (size_t block, uint64_t total)
{
  static const char *const echo[] = { "/echo/1.0.0", NULL };
  static uint8_t bytes[1 << 16];
  g_autoptr (Pair) pair = pair_new (1, 1 << 20);
  SoukConn *a = pair->side[0].conn, *b = pair->side[1].conn;
  uint32_t out = 0;
  uint64_t sent = 0, got = 0;
  pair_run (pair);
  souk_conn_open (a, echo, NULL, &out, pair->now);
  souk_conn_write (a, out, souk_slice (bytes, 1));
  pair_run (pair);
  uint32_t in = pair_event (&pair->side[1], SOUK_CONN_STREAM_OPENED, 0)->stream;
  souk_conn_consume (b, in, 1, pair->now);

  double start_s = now_s ();
  while (got < total)
    {
      SoukConnEvent event;
      size_t taken = block;
      pair->now.us += 10;
      while (sent < total && taken == block)
        {
          taken = souk_conn_write (a, out, souk_slice (bytes, block));
          sent += taken;
        }
      for (int i = 0; i < 2; i++)
        {
          SoukConn *from = i == 0 ? a : b, *to = i == 0 ? b : a;
          SoukSlice wire = souk_conn_peek_out (from);
          souk_conn_recv (to, wire, pair->now);
          souk_conn_sent (from, wire.len);
          while (souk_conn_next (from, &event) || souk_conn_next (to, &event))
            ;
        }
      size_t len = souk_conn_peek (b, in).len;
      souk_conn_consume (b, in, len, pair->now);
      got += len;
    }
  g_autofree char *what
      = g_strdup_printf ("one stream, written %zu bytes at a time, both ends' work", block);
  printf ("%-58s %10.0f MiB/s\n", what, (double)total / (1 << 20) / since (start_s));
}

int
main (void)
{
  if (sodium_init () < 0)
    return 1;
  bench_cipher ();
  bench_handshake ();
  bench_stream (1 << 16, UINT64_C (1) << 30);
  bench_stream (4096, UINT64_C (1) << 29);
  bench_stream (100, UINT64_C (1) << 26);
  return 0;
}
