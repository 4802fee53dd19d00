/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Timelines, retries and sentences.
 */
#include "market/machine.h"
#include "support.h"

static void
test_timeline (void)
{
  SoukTimeline timeline = { 0 };
  g_assert_cmpint (souk_timeline_since (&timeline).us, ==, 0);
  for (unsigned i = 0; i < 200; i++)
    souk_timeline_add (&timeline, i, (SoukWall){ i });
  g_assert_cmpuint (timeline.len, ==, SOUK_TIMELINE_MAX);
  g_assert_cmpuint (timeline.entries[SOUK_TIMELINE_HEAD - 1].phase, ==, SOUK_TIMELINE_HEAD - 1);
  g_assert_cmpuint (timeline.entries[SOUK_TIMELINE_MAX - 1].phase, ==, 199);
  g_assert_cmpint (souk_timeline_since (&timeline).us, ==, 199);
}

static void
test_retry (void)
{
  SoukRetry retry = { 0 };
  SoukWall now = { 1000 };
  g_assert_true (souk_retry_take (&retry, now));
  g_assert_false (souk_retry_take (&retry, now));
  souk_retry_later (&retry, 1000, now);
  g_assert_false (souk_retry_take (&retry, now));
  now.us += 1000 * SOUK_US_PER_MS;
  g_assert_true (souk_retry_take (&retry, now));
  for (unsigned i = 0; i < 100; i++)
    souk_retry_later (&retry, 1000, now);
  g_assert_cmpint (retry.due.us - now.us, ==, SOUK_RETRY_PAUSE_MS_MAX * SOUK_US_PER_MS);
}

static void
test_sentence (void)
{
  char out[8];
  souk_sentence_copy (out, sizeof out, NULL);
  g_assert_cmpstr (out, ==, "");
  souk_sentence_copy (out, sizeof out, "a\x1b[b\n");
  g_assert_cmpstr (out, ==, "a [b ");
  souk_sentence_copy (out, sizeof out, "abcdeéé");
  g_assert_cmpstr (out, ==, "abcdeé");
  souk_sentence_copy (out, sizeof out,
                      "ab\xff"
                      "cd");
  g_assert_cmpstr (out, ==, "ab");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/market/machine/a-timeline-keeps-its-beginning-and-its-end", test_timeline);
  g_test_add_func ("/market/machine/pauses-grow-to-a-limit", test_retry);
  g_test_add_func ("/market/machine/a-stranger's-sentence-is-cut-and-cleaned", test_sentence);
  return g_test_run ();
}
