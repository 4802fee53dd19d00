/* SPDX-License-Identifier: GPL-3.0-or-later
 * The limits on what a peer may have recorded.
 */
#include "log/limit.h"

static void
test_one_peer (void)
{
  SoukLogLimit *limit = souk_log_limit_new ();
  uint64_t held = 99;
  int admitted = 0;

  for (int i = 0; i < 1000; i++)
    admitted += souk_log_limit_admit (limit, "a.b", "peer", 0, &held);
  g_assert_cmpint (admitted, ==, SOUK_LOG_PEER_BURST);
  g_assert_true (souk_log_limit_admit (limit, "a.c", "peer", 0, &held));
  g_assert_true (souk_log_limit_admit (limit, "a.b", "other", 0, &held));
  g_assert_true (souk_log_limit_admit (limit, "a.b", "peer", SOUK_LOG_PEER_REFILL_US, &held));
  g_assert_cmpuint (held, ==, 1000 - SOUK_LOG_PEER_BURST);
  g_assert_false (souk_log_limit_admit (limit, "a.b", "peer", SOUK_LOG_PEER_REFILL_US, &held));
  souk_log_limit_free (limit);
}

static void
test_crowd (void)
{
  SoukLogLimit *limit = souk_log_limit_new ();
  uint64_t held;
  int admitted = 0;

  for (int i = 0; i < 20000; i++)
    {
      g_autofree char *who = g_strdup_printf ("peer-%d", i);
      admitted += souk_log_limit_admit (limit, "a.b", who, 0, &held);
    }
  g_assert_cmpint (admitted, ==, SOUK_LOG_EVENT_BURST);

  char *event = NULL;
  unsigned peers;
  g_assert_false (souk_log_limit_take (limit, 1, false, &event, &peers, &held));
  g_assert_true (
      souk_log_limit_take (limit, SOUK_LOG_PEER_REFILL_US, false, &event, &peers, &held));
  g_assert_cmpstr (event, ==, "a.b");
  g_assert_cmpuint (held, ==, 20000 - SOUK_LOG_EVENT_BURST);
  g_assert_cmpuint (peers, <=, SOUK_LOG_BUCKETS_MAX + 1);
  g_free (event);
  g_assert_false (souk_log_limit_take (limit, G_MAXINT64, true, &event, &peers, &held));
  souk_log_limit_free (limit);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log/limit/one-peer-gets-a-burst-and-then-one-each-refill", test_one_peer);
  g_test_add_func ("/log/limit/a-crowd-of-peers-shares-the-event-s-own-limit", test_crowd);
  return g_test_run ();
}
