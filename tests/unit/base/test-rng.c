/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rng.h"

#include "support.h"

#include <string.h>

static void
test_repeats (void)
{
  SoukSeededRng a;
  SoukSeededRng b;
  uint8_t x[100];
  uint8_t y[100];
  souk_seeded_rng_init_number (&a, 42);
  souk_seeded_rng_init_number (&b, 42);
  for (int i = 0; i < 10; i++)
    {
      souk_rng_fill (&a.rng, x, sizeof x);
      souk_rng_fill (&b.rng, y, sizeof y);
      g_assert_cmpmem (x, sizeof x, y, sizeof y);
    }
  souk_seeded_rng_init_number (&b, 43);
  souk_rng_fill (&b.rng, y, sizeof y);
  g_assert_cmpint (memcmp (x, y, sizeof x), !=, 0);
}

static void
test_first_draw (void)
{
  /* ChaCha20 of key 0 and nonce 0: the stream that any implementation gives. */
  SoukSeededRng rng;
  uint8_t out[16];
  souk_seeded_rng_init_number (&rng, 0);
  souk_rng_fill (&rng.rng, out, sizeof out);
  souk_assert_hex (souk_slice (out, sizeof out), "76b8e0ada0f13d90405d6ae55386bd28");
}

static void
test_below (void)
{
  SoukSeededRng rng;
  unsigned count[7] = { 0 };
  souk_seeded_rng_init_number (&rng, 1);
  for (int i = 0; i < 7000; i++)
    count[souk_rng_below (&rng.rng, 7)]++;
  for (int i = 0; i < 7; i++)
    g_assert_true (count[i] > 850 && count[i] < 1150);
  for (int i = 0; i < 100; i++)
    g_assert_cmpuint (souk_rng_below (&rng.rng, 1), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/rng/one-seed-gives-one-stream", test_repeats);
  g_test_add_func ("/base/rng/the-stream-is-chacha20", test_first_draw);
  g_test_add_func ("/base/rng/draws-below-a-bound-are-even", test_below);
  return g_test_run ();
}
