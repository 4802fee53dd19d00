/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests of mesh/gossip-seen.c.
 */
#include "mesh/gossip-seen.h"

static SoukGossipId
id_of (uint64_t number)
{
  return (SoukGossipId){ number, ~number };
}

static void
test_both_names (void)
{
  SoukMono now = { 0 };
  SoukGossipSeen *seen = souk_gossip_seen_new (8, 1000);
  g_assert_true (souk_gossip_seen_add (seen, id_of (1), id_of (101), now));
  g_assert_false (souk_gossip_seen_add (seen, id_of (1), id_of (101), now));
  g_assert_false (souk_gossip_seen_add (seen, id_of (101), id_of (101), now));
  g_assert_true (souk_gossip_seen_has (seen, id_of (101)));
  g_assert_cmpuint (souk_gossip_seen_size (seen), ==, 1);
  souk_gossip_seen_free (seen);
}

static void
test_expiry (void)
{
  SoukMono now = { 0 };
  SoukGossipSeen *seen = souk_gossip_seen_new (8, 1000);
  souk_gossip_seen_add (seen, id_of (1), id_of (1), now);
  souk_gossip_seen_add (seen, id_of (2), id_of (102), souk_mono_add_ms (now, 500));
  souk_gossip_seen_expire (seen, souk_mono_add_ms (now, 999));
  g_assert_cmpuint (souk_gossip_seen_size (seen), ==, 2);
  souk_gossip_seen_expire (seen, souk_mono_add_ms (now, 1000));
  g_assert_false (souk_gossip_seen_has (seen, id_of (1)));
  g_assert_true (souk_gossip_seen_has (seen, id_of (102)));
  souk_gossip_seen_expire (seen, souk_mono_add_ms (now, 1500));
  g_assert_cmpuint (souk_gossip_seen_size (seen), ==, 0);
  souk_gossip_seen_free (seen);
}

static void
test_full (void)
{
  SoukMono now = { 0 };
  SoukGossipSeen *seen = souk_gossip_seen_new (100, 1000);
  for (uint64_t i = 0; i < 1000; i++)
    g_assert_true (souk_gossip_seen_add (seen, id_of (i), id_of (i + 5000), now));
  g_assert_cmpuint (souk_gossip_seen_size (seen), ==, 100);
  g_assert_false (souk_gossip_seen_has (seen, id_of (899)));
  g_assert_false (souk_gossip_seen_has (seen, id_of (5899)));
  g_assert_true (souk_gossip_seen_has (seen, id_of (900)));
  souk_gossip_seen_free (seen);
}

static void
test_shared_alias (void)
{
  SoukMono now = { 0 };
  SoukGossipSeen *seen = souk_gossip_seen_new (2, 1000);
  souk_gossip_seen_add (seen, id_of (1), id_of (9), now);
  souk_gossip_seen_add (seen, id_of (2), id_of (9), now);
  souk_gossip_seen_add (seen, id_of (3), id_of (3), now);
  g_assert_false (souk_gossip_seen_has (seen, id_of (1)));
  g_assert_true (souk_gossip_seen_has (seen, id_of (2)));
  souk_gossip_seen_free (seen);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mesh/gossip-seen/an-entry-has-two-names", test_both_names);
  g_test_add_func ("/mesh/gossip-seen/an-entry-is-forgotten-after-its-time", test_expiry);
  g_test_add_func ("/mesh/gossip-seen/the-oldest-leaves-a-full-cache", test_full);
  g_test_add_func ("/mesh/gossip-seen/entries-that-share-a-name-leave-in-peace", test_shared_alias);
  return g_test_run ();
}
