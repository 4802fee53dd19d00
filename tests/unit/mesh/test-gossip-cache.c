/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests of mesh/gossip-cache.c.
 */
#include "mesh/gossip-cache.h"

#include "mesh/gossip-limits.h"

static SoukGossipId
id_of (uint64_t number)
{
  return (SoukGossipId){ number, ~number };
}

static void
put (SoukGossipCache *cache, uint64_t number, const char *topic, size_t len)
{
  g_autofree uint8_t *data = g_malloc0 (len);
  g_autoptr (GBytes) message = g_bytes_new (data, len);
  GBytes *names[2] = { message, NULL };
  souk_gossip_cache_put (cache, id_of (number), id_of (number + 1000000), topic, message, names);
}

static void
test_windows (void)
{
  SoukGossipCache *cache = souk_gossip_cache_new ();
  put (cache, 1, "a", 10);
  put (cache, 1, "a", 10);
  put (cache, 2, "b", 10);
  g_assert_cmpuint (souk_gossip_cache_size (cache), ==, 2);
  for (int i = 0; i < SOUK_GOSSIP_CACHE_WINDOWS; i++)
    {
      g_autoptr (GPtrArray) recent = souk_gossip_cache_recent (cache, "a");
      g_assert_cmpuint (recent->len, ==, i < SOUK_GOSSIP_CACHE_GOSSIP_WINDOWS);
      g_assert_nonnull (souk_gossip_cache_get (cache, id_of (1)));
      g_assert_nonnull (souk_gossip_cache_get (cache, id_of (1000001)));
      souk_gossip_cache_shift (cache);
    }
  g_assert_null (souk_gossip_cache_get (cache, id_of (1)));
  g_assert_cmpuint (souk_gossip_cache_bytes (cache), ==, 0);
  souk_gossip_cache_free (cache);
}

static void
test_limits (void)
{
  SoukGossipCache *cache = souk_gossip_cache_new ();
  for (uint64_t i = 0; i < 40; i++)
    {
      put (cache, i, "t", SOUK_GOSSIP_DATA_SIZE_MAX);
      if (i % 10 == 9)
        souk_gossip_cache_shift (cache);
    }
  g_assert_cmpuint (souk_gossip_cache_bytes (cache), <=, SOUK_GOSSIP_CACHE_BYTES_MAX);
  g_assert_null (souk_gossip_cache_get (cache, id_of (7)));
  g_assert_nonnull (souk_gossip_cache_get (cache, id_of (8)));
  for (uint64_t i = 100; i < 100 + 2 * SOUK_GOSSIP_CACHE_MESSAGES_MAX; i++)
    put (cache, i, "t", 1);
  g_assert_cmpuint (souk_gossip_cache_size (cache), ==, SOUK_GOSSIP_CACHE_MESSAGES_MAX);
  souk_gossip_cache_free (cache);
}

static void
test_count (void)
{
  SoukGossipCache *cache = souk_gossip_cache_new ();
  put (cache, 1, "a", 10);
  SoukGossipCached *cached = souk_gossip_cache_get (cache, id_of (1));
  g_assert_cmpuint (souk_gossip_cached_count (cached, 5), ==, 1);
  g_assert_cmpuint (souk_gossip_cached_count (cached, 5), ==, 2);
  g_assert_cmpuint (souk_gossip_cached_count (cached, 6), ==, 1);
  souk_gossip_cache_free (cache);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mesh/gossip-cache/a-message-stays-five-heartbeats-and-is-told-three",
                   test_windows);
  g_test_add_func ("/mesh/gossip-cache/the-oldest-leaves-a-full-cache", test_limits);
  g_test_add_func ("/mesh/gossip-cache/answers-are-counted-for-each-peer", test_count);
  return g_test_run ();
}
