/* SPDX-License-Identifier: GPL-3.0-or-later
 * Queries of the search index.
 */
#include "store/marks.h"

static void
check (const char *text, const char *category, const char *wanted)
{
  g_autofree char *query
      = souk_marks_query (text, SOUK_RECORD_ANY, category, SOUK_SLICE_EMPTY, false);
  g_assert_cmpstr (query, ==, wanted);
}

static void
test_query (void)
{
  check ("hello world", NULL, "{title description tags category} : (\"hello\" \"world\"*)");
  check ("hello ", NULL, "{title description tags category} : (\"hello\")");
  check ("a", NULL, "{title description tags category} : (\"a\")");
  check ("a\"b", "x", "{title description tags category} : (\"a\" \"b\") AND marks : \"c78\"");
  check ("", NULL, NULL);
  check ("!?", NULL, NULL);
}

static void
test_marks (void)
{
  g_autofree char *marks
      = souk_marks_of (SOUK_RECORD_LISTING, "ab", SOUK_SLICE_LITERAL ("\x01\x02"), true);
  g_assert_cmpstr (marks, ==, "t1 c6162 a0102 free0");
}

static void
test_long (void)
{
  g_autofree char *text = g_strnfill (4000, ' ');
  for (int i = 0; i < 4000; i += 2)
    text[i] = 'x';
  g_autofree char *query = souk_marks_query (text, SOUK_RECORD_ANY, NULL, SOUK_SLICE_EMPTY, false);
  g_assert_cmpuint (strlen (query), <, 200);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/marks/a-query-has-people-s-words-only-as-quoted-words", test_query);
  g_test_add_func ("/store/marks/a-record-is-marked-by-type-category-and-author", test_marks);
  g_test_add_func ("/store/marks/a-long-text-is-cut", test_long);
  return g_test_run ();
}
