/* SPDX-License-Identifier: GPL-3.0-or-later
 * Followers of the log.
 */
#include "log/log.h"

typedef struct {
  unsigned count;
  uint64_t last_seq;
  unsigned destroyed;
} Seen;

static void
on_entry (SoukLogEntry *entry, gpointer user)
{
  Seen *seen = user;
  g_assert_cmpuint (entry->seq, >, seen->last_seq);
  seen->last_seq = entry->seq;
  seen->count++;
}

static void
on_destroy (gpointer user)
{
  ((Seen *)user)->destroyed++;
}

static SoukLog *
quiet_log (void)
{
  SoukLogConfig config = { .stderr_level = SOUK_LOG_NONE };
  return souk_log_new (&config, NULL);
}

static void
test_filter_and_end (void)
{
  g_autoptr (SoukLog) log = quiet_log ();
  g_autoptr (GMainContext) context = g_main_context_new ();
  Seen seen = { 0 };
  SoukLogFilter filter = { .level = SOUK_LOG_WARNING, .area = "swarm" };
  unsigned number = souk_log_follow (log, &filter, context, on_entry, &seen, on_destroy);

  souk_log_record (log, SOUK_LOG_INFO, "swarm.low", "Too low.");
  souk_log_record (log, SOUK_LOG_ERROR, "store.other", "Another area.");
  souk_log_record (log, SOUK_LOG_ERROR, "swarm.mine", "Mine.");
  souk_log_record (log, SOUK_LOG_WARNING, "swarm.mine", "Mine.");
  g_assert_cmpuint (seen.count, ==, 0);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpuint (seen.count, ==, 2);
  g_assert_cmpuint (seen.last_seq, ==, 4);

  souk_log_record (log, SOUK_LOG_ERROR, "swarm.mine", "Queued when it ends.");
  souk_log_unfollow (log, number);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpuint (seen.count, ==, 2);
  g_assert_cmpuint (seen.destroyed, ==, 1);
}

static void
test_slow (void)
{
  g_autoptr (SoukLog) log = quiet_log ();
  g_autoptr (GMainContext) context = g_main_context_new ();
  Seen seen = { 0 };
  SoukLogFilter filter = { 0 };

  souk_log_follow (log, &filter, context, on_entry, &seen, on_destroy);
  for (unsigned i = 0; i < SOUK_LOG_FOLLOW_MAX + 100; i++)
    souk_log_record (log, SOUK_LOG_INFO, "a.b", "Again.");
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpuint (seen.count, ==, SOUK_LOG_FOLLOW_MAX);
  g_assert_cmpuint (seen.last_seq, ==, SOUK_LOG_FOLLOW_MAX + 100);
  g_clear_pointer (&log, souk_log_free);
  g_assert_cmpuint (seen.destroyed, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log/follow/a-follower-gets-what-its-filter-passes-until-it-leaves",
                   test_filter_and_end);
  g_test_add_func ("/log/follow/a-follower-that-sleeps-loses-the-oldest", test_slow);
  return g_test_run ();
}
