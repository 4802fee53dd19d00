/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/time.h"

#include "support.h"

static void
test_mono (void)
{
  SoukMono start = { 5 };
  SoukMono later = souk_mono_add_ms (start, 2);
  g_assert_cmpint (later.us, ==, 2005);
  g_assert_cmpint (souk_mono_diff_us (start, later), ==, -2000);
  g_assert_cmpint (souk_mono_min (later, start).us, ==, 5);
  g_assert_true (souk_mono_is_due (start, start));
  g_assert_false (souk_mono_is_due (later, start));
  g_assert_false (souk_mono_is_due (SOUK_MONO_NEVER, later));
}

static void
test_wall (void)
{
  g_assert_cmpint (souk_wall_seconds ((SoukWall){ 1999999 }), ==, 1);
  g_assert_cmpint (souk_wall_seconds ((SoukWall){ -1 }), ==, -1);
  g_assert_cmpint (souk_wall_seconds ((SoukWall){ -1000000 }), ==, -1);
  g_assert_cmpint (souk_wall_from_seconds (3).us, ==, 3000000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/time/deadlines-are-due-from-their-moment-on", test_mono);
  g_test_add_func ("/base/time/seconds-round-towards-the-past", test_wall);
  return g_test_run ();
}
