/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests of mesh/kad-table.c.
 */
#include "mesh/kad-table.h"

#include "mesh/kad-limits.h"

#define NOW ((SoukMono){ 1000000 })

static SoukPeerId
peer (unsigned number)
{
  uint8_t key[36] = { 0x08, 0x01, 0x12, 0x20, number & 0xff, (uint8_t)(number >> 8) };
  return (SoukPeerId){ souk_multihash_identity (souk_slice (key, sizeof key)) };
}

static SoukKadKey
key (unsigned number)
{
  SoukPeerId id = peer (number);
  return souk_kad_key_of_peer (&id);
}

/* The next peer from `number` on that belongs into the bucket. */
static unsigned
of_bucket (unsigned number, unsigned bucket)
{
  SoukKadKey self = key (0);
  for (;; number++)
    {
      SoukKadKey other = key (number);
      if (souk_kad_key_shared (&self, &other) == bucket)
        return number;
    }
}

static SoukKadPlace
add (SoukKadTable *table, unsigned number, const char *addr, const SoukKadEntry **out_check)
{
  SoukPeerId id = peer (number);
  SoukMultiaddr parsed;
  g_autoptr (GBytes) addrs = NULL;
  if (addr != NULL)
    {
      g_assert_cmpint (souk_multiaddr_parse (addr, &parsed), ==, SOUK_STATUS_OK);
      addrs = souk_kad_addrs_pack (&parsed, 1, SOUK_KAD_ADDRS_ANY);
    }
  return souk_kad_table_add (table, &id, addrs, NOW, out_check);
}

static SoukKadTable *
table_new (void)
{
  SoukKadKey self = key (0);
  return souk_kad_table_new (&self);
}

static bool
has (SoukKadTable *table, unsigned number)
{
  SoukPeerId id = peer (number);
  return souk_kad_table_find (table, &id) != NULL;
}

/* Fills bucket 0. Writes the numbers of its peers, in their order. */
static void
fill (SoukKadTable *table, unsigned out[SOUK_KAD_K])
{
  const SoukKadEntry *check;
  unsigned number = 1;
  for (unsigned i = 0; i < SOUK_KAD_K; i++)
    {
      out[i] = number = of_bucket (number, 0);
      g_assert_cmpint (add (table, number++, NULL, &check), ==, SOUK_KAD_IS_IN);
    }
}

static void
test_nearest (void)
{
  SoukKadTable *table = table_new ();
  const SoukKadEntry *check;
  for (unsigned i = 1; i < 2000; i++)
    add (table, i, NULL, &check);
  for (unsigned target = 0; target < 50; target++)
    {
      SoukKadKey wanted = key (5000 + target);
      g_autoptr (GPtrArray) some = souk_kad_table_nearest (table, &wanted, SOUK_KAD_K);
      g_autoptr (GPtrArray) all = souk_kad_table_nearest (table, &wanted, SIZE_MAX >> 1);
      g_assert_cmpuint (all->len, ==, souk_kad_table_size (table));
      g_assert_cmpuint (some->len, ==, SOUK_KAD_K);
      for (unsigned i = 0; i < some->len; i++)
        g_assert_true (some->pdata[i] == all->pdata[i]);
    }
  g_assert_cmpuint (souk_kad_table_depth (table), >, 5);
  souk_kad_table_free (table);
}

static void
test_self (void)
{
  SoukKadTable *table = table_new ();
  const SoukKadEntry *check;
  g_assert_cmpint (add (table, 0, NULL, &check), ==, SOUK_KAD_REFUSED);
  g_assert_cmpuint (souk_kad_table_size (table), ==, 0);
  souk_kad_table_free (table);
}

static void
test_full_bucket (void)
{
  SoukKadTable *table = table_new ();
  unsigned old[SOUK_KAD_K], newcomer;
  const SoukKadEntry *check;
  fill (table, old);
  newcomer = of_bucket (old[SOUK_KAD_K - 1] + 1, 0);
  SoukPeerId first = peer (old[0]), second = peer (old[1]);
  g_assert_cmpint (add (table, newcomer, NULL, &check), ==, SOUK_KAD_WAITS);
  g_assert_nonnull (check);
  g_assert_true (souk_peer_id_is_equal (&check->id, &first));
  /* One check at a time. */
  g_assert_cmpint (add (table, newcomer, NULL, &check), ==, SOUK_KAD_WAITS);
  g_assert_null (check);
  /* The old one lives: the newcomer waits on. */
  souk_kad_table_seen (table, &first, NOW);
  g_assert_false (has (table, newcomer));
  g_assert_cmpint (add (table, newcomer, NULL, &check), ==, SOUK_KAD_WAITS);
  g_assert_true (souk_peer_id_is_equal (&check->id, &second));
  g_assert_true (souk_kad_table_failed (table, &second));
  g_assert_false (has (table, old[1]));
  g_assert_true (has (table, newcomer));
  g_assert_cmpuint (souk_kad_table_bucket_size (table, 0), ==, SOUK_KAD_K);
  souk_kad_table_free (table);
}

static void
test_failures (void)
{
  SoukKadTable *table = table_new ();
  const SoukKadEntry *check;
  SoukPeerId id = peer (1);
  add (table, 1, NULL, &check);
  g_assert_false (souk_kad_table_failed (table, &id));
  souk_kad_table_seen (table, &id, NOW);
  g_assert_false (souk_kad_table_failed (table, &id));
  g_assert_true (souk_kad_table_failed (table, &id));
  g_assert_false (has (table, 1));
  souk_kad_table_free (table);
}

static void
test_ranges (void)
{
  SoukKadTable *table = table_new ();
  const SoukKadEntry *check;
  unsigned n[5], number = 1;
  for (unsigned i = 0; i < 5; i++)
    {
      n[i] = of_bucket (number, 0);
      number = n[i] + 1;
    }
  g_assert_cmpint (add (table, n[0], "/ip4/8.8.1.1/tcp/1", &check), ==, SOUK_KAD_IS_IN);
  g_assert_cmpint (add (table, n[1], "/ip4/8.8.2.2/tcp/1", &check), ==, SOUK_KAD_IS_IN);
  g_assert_cmpint (add (table, n[2], "/ip4/8.8.3.3/tcp/1", &check), ==, SOUK_KAD_REFUSED);
  g_assert_cmpint (add (table, n[2], "/ip4/8.9.3.3/tcp/1", &check), ==, SOUK_KAD_IS_IN);
  /* A LAN is one range by nature. */
  for (unsigned i = 3; i < 5; i++)
    g_assert_cmpint (add (table, n[i], "/ip4/192.168.1.1/tcp/1", &check), ==, SOUK_KAD_IS_IN);
  unsigned deeper = of_bucket (1, 1);
  g_assert_cmpint (add (table, deeper, "/ip4/8.8.4.4/tcp/1", &check), ==, SOUK_KAD_IS_IN);
  souk_kad_table_free (table);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mesh/kad-table/the-nearest-are-the-nearest-of-all", test_nearest);
  g_test_add_func ("/mesh/kad-table/this-node-is-not-in-it", test_self);
  g_test_add_func ("/mesh/kad-table/a-full-bucket-gives-a-place-away-only-when-one-is-dead",
                   test_full_bucket);
  g_test_add_func ("/mesh/kad-table/a-peer-leaves-after-failures-in-a-row", test_failures);
  g_test_add_func ("/mesh/kad-table/one-address-range-gets-few-places-in-a-bucket", test_ranges);
  return g_test_run ();
}
