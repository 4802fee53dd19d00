/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The queue of bytes, against a plain array.
 */
#include "link/byte-queue.h"

#include "base/rng.h"

static void
test_random (void)
{
  for (uint64_t seed = 0; seed < 20; seed++)
    {
      SoukSeededRng rng;
      SoukByteQueue queue = { 0 };
      g_autoptr (GByteArray) model = g_byte_array_new ();
      souk_seeded_rng_init_number (&rng, seed);
      for (int step = 0; step < 3000; step++)
        {
          uint8_t bytes[2000];
          size_t len = souk_rng_below (&rng.rng, sizeof bytes);
          if (souk_rng_below (&rng.rng, 2) == 0)
            {
              souk_rng_fill (&rng.rng, bytes, len);
              souk_byte_queue_append (&queue, souk_slice (bytes, len));
              souk_append (model, souk_slice (bytes, len));
            }
          else
            {
              len = MIN (len, model->len);
              souk_byte_queue_consume (&queue, len);
              g_byte_array_remove_range (model, 0, (guint)len);
            }
          g_assert_cmpuint (souk_byte_queue_len (&queue), ==, model->len);
          g_assert_true (
              souk_slice_is_equal (souk_byte_queue_peek (&queue), souk_slice_from_array (model)));
        }
      souk_byte_queue_consume (&queue, souk_byte_queue_len (&queue));
      g_assert_cmpuint (queue.size, <=, 4096);
      souk_byte_queue_done (&queue);
    }
}

static void
test_reserve (void)
{
  SoukByteQueue queue = { 0 };
  uint8_t *room = souk_byte_queue_reserve (&queue, 3);
  room[0] = 'a';
  room[1] = 'b';
  souk_byte_queue_commit (&queue, 2);
  g_assert_true (souk_slice_is_equal (souk_byte_queue_peek (&queue), SOUK_SLICE_LITERAL ("ab")));
  souk_byte_queue_done (&queue);
  g_assert_cmpuint (souk_byte_queue_peek (&queue).len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/link/byte-queue/it-is-a-queue-and-lets-go-of-memory", test_random);
  g_test_add_func ("/link/byte-queue/reserved-room-is-written-and-committed", test_reserve);
  return g_test_run ();
}
