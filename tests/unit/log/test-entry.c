/* SPDX-License-Identifier: GPL-3.0-or-later
 * Records of the log as text.
 */
#include "log/entry.h"

#include <string.h>

static void
test_time (void)
{
  char text[SOUK_TIME_TEXT_SIZE];
  souk_time_format ((SoukWall){ INT64_C (1767225600123456) }, text);
  g_assert_cmpstr (text, ==, "2026-01-01T00:00:00.123Z");
  souk_time_format ((SoukWall){ -1000 }, text);
  g_assert_cmpstr (text, ==, "1969-12-31T23:59:59.999Z");
  souk_time_format ((SoukWall){ INT64_MAX }, text);
  g_assert_cmpstr (text, ==, "9999-12-31T23:59:59.999Z");
}

static void
test_line (void)
{
  g_autoptr (SoukLogEntry) entry = souk_log_entry_new (
      7, (SoukWall){ 0 }, SOUK_LOG_NOTICE, "swarm.dial-failed", "It \"failed\".", "{\"a\":1}");
  g_assert_cmpstr (entry->line, ==,
                   "{\"seq\":7,\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"notice\","
                   "\"area\":\"swarm\",\"event\":\"swarm.dial-failed\","
                   "\"message\":\"It \\\"failed\\\".\",\"fields\":{\"a\":1}}");
  g_autofree char *fields = souk_log_entry_fields (entry);
  g_assert_cmpstr (fields, ==, "{\"a\":1}");
}

static void
check_string (const char *text, size_t max, const char *wanted)
{
  g_autoptr (GString) out = g_string_new (NULL);
  souk_json_append_string (out, text, max);
  g_assert_cmpstr (out->str, ==, wanted);
}

static void
test_string (void)
{
  check_string ("a\"b\\c\nd", 100, "\"a\\\"b\\\\c\\nd\"");
  check_string ("\033[31m\x7f", 100, "\"\\u001b[31m\\u007f\"");
  check_string ("\xe2\x80\xae"
                "evil",
                100, "\"\\u202eevil\"");
  check_string ("\xff"
                "ok",
                100, "\"\xef\xbf\xbdok\"");
  check_string ("abcdef", 3, "\"abc…\"");
  check_string ("abc", 3, "\"abc\"");
  /* Cut inside a character: the torn half is replaced, never written. */
  check_string ("a\xc3\xa9", 2, "\"a\xef\xbf\xbd…\"");
}

static void
test_levels (void)
{
  for (SoukLogLevel i = SOUK_LOG_DEBUG; i <= SOUK_LOG_NONE; i++)
    {
      SoukLogLevel back = SOUK_LOG_DEBUG;
      g_assert_true (souk_log_level_parse (souk_log_level_name (i), &back));
      g_assert_cmpint (back, ==, i);
    }
  SoukLogLevel untouched = SOUK_LOG_ERROR;
  g_assert_false (souk_log_level_parse ("loud", &untouched));
  g_assert_cmpint (untouched, ==, SOUK_LOG_ERROR);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log/entry/times-are-rfc-3339-with-milliseconds", test_time);
  g_test_add_func ("/log/entry/a-line-is-one-json-object", test_line);
  g_test_add_func ("/log/entry/a-stranger-s-text-can-not-steer-a-terminal", test_string);
  g_test_add_func ("/log/entry/levels-go-by-name", test_levels);
  return g_test_run ();
}
