/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests of mesh/sync.c and sync-codec.c.
 */
#include "mesh/sync.h"

#include <string.h>

typedef struct {
  SoukSeededRng rng;
  GArray *items[2]; /* SoukSyncItem of each side */
  size_t bytes, messages, largest;
  uint64_t expected[2];
} Pair;

static SoukSyncItem
random_item (SoukSeededRng *rng, uint64_t buckets)
{
  SoukSyncItem item;
  item.bucket = buckets > 0 ? 480000 + souk_rng_below (&rng->rng, buckets) : 0;
  souk_rng_fill (&rng->rng, item.id, sizeof item.id);
  return item;
}

static void
pair_init (Pair *pair, uint64_t seed)
{
  memset (pair, 0, sizeof *pair);
  souk_seeded_rng_init_number (&pair->rng, seed);
  for (int i = 0; i < 2; i++)
    pair->items[i] = g_array_new (FALSE, FALSE, sizeof (SoukSyncItem));
}

static void
pair_done (Pair *pair)
{
  for (int i = 0; i < 2; i++)
    g_array_unref (pair->items[i]);
}

/* `common` items on both sides, `only[i]` on side i alone. */
static void
pair_fill (Pair *pair, size_t common, size_t only0, size_t only1, uint64_t buckets)
{
  for (size_t i = 0; i < common + only0 + only1; i++)
    {
      SoukSyncItem item = random_item (&pair->rng, buckets);
      if (i < common + only0)
        g_array_append_val (pair->items[0], item);
      if (i < common || i >= common + only0)
        g_array_append_val (pair->items[1], item);
    }
}

static SoukSyncSet *
set_of (GArray *items)
{
  return souk_sync_set_new ((SoukSyncItem *)(void *)items->data, items->len);
}

/* Syncs, and gives each side what the other owes it. */
static void
reconcile (Pair *pair)
{
  SoukSyncSet *sets[2] = { set_of (pair->items[0]), set_of (pair->items[1]) };
  SoukSync *sides[2]
      = { souk_sync_new_initiator (sets[0], &pair->rng.rng), souk_sync_new_responder (sets[1]) };
  GBytes *message;
  for (int turn = 0; (message = souk_sync_take_message (sides[turn])) != NULL; turn = 1 - turn)
    {
      pair->messages++;
      pair->bytes += g_bytes_get_size (message);
      pair->largest = MAX (pair->largest, g_bytes_get_size (message));
      g_assert_cmpint (souk_sync_recv (sides[1 - turn], souk_slice_from_bytes (message)), ==,
                       SOUK_STATUS_OK);
      g_bytes_unref (message);
    }
  for (int i = 0; i < 2; i++)
    {
      SoukSyncItem item;
      uint64_t pushed = 0;
      g_assert_true (souk_sync_is_done (sides[i]));
      for (; souk_sync_next_owed (sides[i], &item); pushed++)
        g_array_append_val (pair->items[1 - i], item);
      g_assert_cmpuint (pushed, ==, souk_sync_expected (sides[1 - i]));
    }
  for (int i = 0; i < 2; i++)
    {
      souk_sync_free (sides[i]);
      souk_sync_set_unref (sets[i]);
    }
}

static void
assert_same (Pair *pair, size_t count)
{
  for (int i = 0; i < 2; i++)
    {
      SoukSyncSet *set = set_of (pair->items[i]);
      /* Nothing came twice, and nothing is missing. */
      g_assert_cmpuint (pair->items[i]->len, ==, count);
      g_assert_cmpuint (souk_sync_set_size (set), ==, count);
      souk_sync_set_unref (set);
    }
}

static void
check (size_t common, size_t only0, size_t only1, uint64_t buckets)
{
  Pair pair;
  pair_init (&pair, common * 31 + only0 * 7 + only1);
  pair_fill (&pair, common, only0, only1, buckets);
  reconcile (&pair);
  assert_same (&pair, common + only0 + only1);
  g_test_message ("%zu common, %zu and %zu missing: %zu bytes in %zu messages", common, only1,
                  only0, pair.bytes, pair.messages);
  pair_done (&pair);
}

static void
test_small (void)
{
  for (size_t common = 0; common < 40; common += 3)
    for (size_t only0 = 0; only0 < 40; only0 += 13)
      for (size_t only1 = 0; only1 < 70; only1 += 23)
        check (common, only0, only1, common % 2 * 5);
}

static void
test_same (void)
{
  Pair pair;
  pair_init (&pair, 1);
  pair_fill (&pair, 10000, 0, 0, 700);
  reconcile (&pair);
  g_assert_cmpuint (pair.messages, ==, 2);
  g_assert_cmpuint (pair.bytes, <, 64);
  pair_done (&pair);
}

static void
test_one_side_is_empty (void)
{
  check (0, 5000, 0, 700);
  check (0, 0, 5000, 700);
}

static void
test_bytes_grow_with_the_difference (void)
{
  static const size_t missing[] = { 1, 10, 100, 1000, 10000 };
  size_t before = 0;
  for (size_t i = 0; i < G_N_ELEMENTS (missing); i++)
    {
      Pair pair;
      pair_init (&pair, 5 + i);
      pair_fill (&pair, 100000 - missing[i], missing[i], 0, 720);
      reconcile (&pair);
      assert_same (&pair, 100000);
      g_test_message ("100000 items, %zu missing: %zu bytes in %zu messages, %.1f for each "
                      "missing (the plain list of ids: %d)",
                      missing[i], pair.bytes, pair.messages,
                      (double)pair.bytes / (double)missing[i], 100000 * 32);
      g_assert_cmpuint (pair.bytes, >, before);
      g_assert_cmpuint (pair.bytes, <, 3000 + missing[i] * 1500);
      g_assert_cmpuint (pair.largest, <=, SOUK_SYNC_MESSAGE_SIZE_MAX);
      before = pair.bytes;
      pair_done (&pair);
    }
}

static void
test_all_in_one_bucket (void)
{
  check (20000, 300, 200, 0);
}

static void
test_more_than_one_message (void)
{
  Pair pair;
  pair_init (&pair, 3);
  pair_fill (&pair, 100000, 50000, 50000, 720);
  reconcile (&pair);
  assert_same (&pair, 200000);
  g_assert_cmpuint (pair.largest, <=, SOUK_SYNC_MESSAGE_SIZE_MAX);
  g_assert_cmpuint (pair.messages, >, 8);
  g_test_message ("half of 200000: %zu bytes in %zu messages", pair.bytes, pair.messages);
  pair_done (&pair);
}

static void
test_duplicates_in_a_set (void)
{
  SoukSyncItem items[3] = { { 1, { 1 } }, { 0, { 2 } }, { 1, { 1 } } };
  SoukSyncSet *set = souk_sync_set_new (items, 3);
  g_assert_cmpuint (souk_sync_set_size (set), ==, 2);
  souk_sync_set_unref (set);
}

static void
test_bad_messages (void)
{
  static const char *const texts[] = {
    "",                                                   /* nothing */
    "02000102030405060708090a0b0c0d0e0f00",               /* another version */
    "0100010203",                                         /* half a key */
    "01000102030405060708090a0b0c0d0e0f",                 /* no flags */
    "01000102030405060708090a0b0c0d0e0f0100",             /* a bound without a mode */
    "01000102030405060708090a0b0c0d0e0f010004",           /* an unknown mode */
    "01000102030405060708090a0b0c0d0e0f0100010508",       /* half a fingerprint */
    "01000102030405060708090a0b0c0d0e0f0100000000",       /* a range behind the end */
    "01000102030405060708090a0b0c0d0e0f01010000",         /* a range that ends where it begins */
    "01000102030405060708090a0b0c0d0e0f01012100",         /* a prefix longer than an id */
    "01000102030405060708090a0b0c0d0e0f0101018000010100", /* an end before the beginning */
    "01000102030405060708090a0b0c0d0e0f0100027f",         /* a list too long */
    "01000102030405060708090a0b0c0d0e0f010003000401",     /* an answer to no list */
  };
  SoukSyncItem items[3] = { { 1, { 1 } }, { 2, { 2 } }, { 3, { 3 } } };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      SoukSyncSet *set = souk_sync_set_new (items, 3);
      SoukSync *sync = souk_sync_new_responder (set);
      g_autoptr (GBytes) bytes = souk_hex_decode (texts[i]);
      g_assert_cmpint (souk_sync_recv (sync, souk_slice_from_bytes (bytes)), ==,
                       SOUK_STATUS_BAD_SYNC);
      souk_sync_free (sync);
      souk_sync_set_unref (set);
    }
}

static void
test_turns (void)
{
  SoukSeededRng rng;
  souk_seeded_rng_init_number (&rng, 1);
  SoukSyncSet *set = souk_sync_set_new (NULL, 0);
  SoukSync *sync = souk_sync_new_initiator (set, &rng.rng);
  g_assert_cmpint (souk_sync_recv (sync, SOUK_SLICE_LITERAL ("\0")), ==, SOUK_STATUS_BAD_SYNC);
  g_autoptr (GBytes) message = souk_sync_take_message (sync);
  g_assert_null (souk_sync_take_message (sync));
  g_assert_cmpint (souk_sync_recv (sync, SOUK_SLICE_LITERAL ("\0")), ==, SOUK_STATUS_OK);
  g_assert_true (souk_sync_is_done (sync));
  g_assert_cmpint (souk_sync_recv (sync, SOUK_SLICE_LITERAL ("\0")), ==, SOUK_STATUS_BAD_SYNC);
  souk_sync_free (sync);
  souk_sync_set_unref (set);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mesh/sync/small-sets-of-all-kinds-become-the-same", test_small);
  g_test_add_func ("/mesh/sync/sets-that-are-the-same-cost-two-short-messages", test_same);
  g_test_add_func ("/mesh/sync/an-empty-side-gets-all", test_one_side_is_empty);
  g_test_add_func ("/mesh/sync/bytes-grow-with-the-difference",
                   test_bytes_grow_with_the_difference);
  g_test_add_func ("/mesh/sync/one-bucket-is-enough", test_all_in_one_bucket);
  g_test_add_func ("/mesh/sync/a-large-difference-takes-more-than-one-message",
                   test_more_than_one_message);
  g_test_add_func ("/mesh/sync/an-item-given-twice-is-one", test_duplicates_in_a_set);
  g_test_add_func ("/mesh/sync/malformed-messages-are-refused", test_bad_messages);
  g_test_add_func ("/mesh/sync/each-side-keeps-its-turn", test_turns);
  return g_test_run ();
}
