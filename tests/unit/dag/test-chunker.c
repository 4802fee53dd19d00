/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dag/chunker.h"

#include "support.h"

static void
test_cuts (void)
{
  SoukChunker chunker;
  souk_chunker_init (&chunker, 4);
  g_assert_true (souk_chunker_is_empty (&chunker));
  g_assert_cmpuint (souk_chunker_feed (&chunker, SOUK_SLICE_LITERAL ("ab")), ==, 2);
  g_assert_false (souk_chunker_is_full (&chunker));
  g_assert_cmpuint (souk_chunker_feed (&chunker, SOUK_SLICE_LITERAL ("cdef")), ==, 2);
  g_assert_true (souk_chunker_is_full (&chunker));
  g_assert_cmpuint (souk_chunker_feed (&chunker, SOUK_SLICE_LITERAL ("ef")), ==, 0);

  g_autoptr (GBytes) first = souk_chunker_take (&chunker);
  souk_assert_hex (souk_slice_from_bytes (first), "61626364");
  g_assert_cmpuint (souk_chunker_feed (&chunker, SOUK_SLICE_LITERAL ("ef")), ==, 2);
  g_autoptr (GBytes) last = souk_chunker_take (&chunker);
  souk_assert_hex (souk_slice_from_bytes (last), "6566");
  g_assert_true (souk_chunker_is_empty (&chunker));
  souk_chunker_done (&chunker);
}

static void
test_nothing (void)
{
  SoukChunker chunker;
  souk_chunker_init (&chunker, 4);
  g_assert_cmpuint (souk_chunker_feed (&chunker, SOUK_SLICE_EMPTY), ==, 0);
  g_autoptr (GBytes) none = souk_chunker_take (&chunker);
  g_assert_cmpuint (g_bytes_get_size (none), ==, 0);
  souk_chunker_feed (&chunker, SOUK_SLICE_LITERAL ("left behind"));
  souk_chunker_done (&chunker);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dag/chunker/a-stream-is-cut-wherever-its-pieces-end", test_cuts);
  g_test_add_func ("/dag/chunker/nothing-gives-an-empty-chunk", test_nothing);
  return g_test_run ();
}
