/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The catalogue: what counts, for how long, and how much of it.
 */
#include "fixture.h"
#include "market/catalogue.h"

#include <string.h>

static SoukRecord *
listing_record (unsigned party, const char *key, uint64_t sequence)
{
  g_autoptr (SoukListing) listing = fix_listing ("0", NULL);
  g_autoptr (GBytes) body = souk_listing_to_body (listing);
  return fix_record (party, SOUK_RECORD_LISTING, key, sequence, body, false);
}

static SoukPutResult
put (SoukCatalogue *catalogue, const SoukRecord *record)
{
  g_autoptr (SoukRecord) taken = NULL;
  SoukStatus status;
  SoukPutResult result = souk_catalogue_put (catalogue, souk_slice_from_bytes (record->bytes),
                                             FIX_NOW, &taken, &status);
  g_assert_true ((taken != NULL) == (result <= SOUK_PUT_WITHDRAWN));
  return result;
}

static void
test_life_of_a_thing (void)
{
  g_autoptr (SoukCatalogue) catalogue = souk_catalogue_new (0, 0, false);
  g_autoptr (SoukRecord) one = listing_record (1, "k", 1);
  g_autoptr (SoukRecord) two = listing_record (1, "k", 2);
  g_autoptr (SoukRecord) end = fix_tombstone (1, SOUK_RECORD_LISTING, "k", 3);
  g_assert_cmpint (put (catalogue, one), ==, SOUK_PUT_ADDED);
  g_assert_cmpint (put (catalogue, one), ==, SOUK_PUT_STALE);
  g_assert_cmpint (put (catalogue, two), ==, SOUK_PUT_REPLACED);
  g_assert_cmpint (put (catalogue, one), ==, SOUK_PUT_STALE);
  g_assert_cmpint (put (catalogue, end), ==, SOUK_PUT_WITHDRAWN);
  g_assert_cmpint (put (catalogue, two), ==, SOUK_PUT_STALE);
  g_assert_cmpuint (souk_catalogue_size (catalogue), ==, 1);
  g_assert_true (souk_catalogue_by_thing (catalogue, one->thing)->is_withdrawn);
  g_assert_null (souk_catalogue_by_id (catalogue, two->id));
  g_assert_nonnull (souk_catalogue_by_id (catalogue, end->id));
}

static void
test_any_order_gives_the_same (void)
{
  g_autoptr (SoukCatalogue) a = souk_catalogue_new (0, 0, false);
  g_autoptr (SoukCatalogue) b = souk_catalogue_new (0, 0, false);
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_record_free);
  size_t count_a, count_b;
  for (unsigned i = 0; i < 12; i++)
    g_ptr_array_add (records, listing_record (1 + i % 3, i % 2 == 0 ? "x" : "y", i));
  for (unsigned i = 0; i < 12; i++)
    {
      put (a, records->pdata[i]);
      put (b, records->pdata[11 - i]);
    }
  const SoukCatalogueEntry *const *in_a = souk_catalogue_sorted (a, &count_a);
  const SoukCatalogueEntry *const *in_b = souk_catalogue_sorted (b, &count_b);
  g_assert_cmpuint (count_a, ==, 6);
  g_assert_cmpuint (count_b, ==, 6);
  for (size_t i = 0; i < count_a; i++)
    {
      g_assert_cmpmem (in_a[i]->id, 32, in_b[i]->id, 32);
      if (i > 0)
        g_assert_cmpint (memcmp (in_a[i - 1]->id, in_a[i]->id, 32), <, 0);
    }
}

static void
test_expiry (void)
{
  g_autoptr (SoukCatalogue) catalogue = souk_catalogue_new (0, 0, true);
  g_autoptr (SoukRecord) record = listing_record (1, "k", 1);
  put (catalogue, record);
  g_assert_cmpint (souk_catalogue_next_expiry (catalogue), ==, record->expires);
  g_autoptr (GByteArray) none = souk_catalogue_expire (catalogue, FIX_NOW);
  g_assert_cmpuint (none->len, ==, 0);
  SoukWall later = souk_wall_from_seconds (record->expires);
  g_autoptr (GByteArray) gone = souk_catalogue_expire (catalogue, later);
  g_assert_cmpmem (gone->data, gone->len, record->thing, 32);
  g_assert_cmpuint (souk_catalogue_size (catalogue), ==, 0);
  g_assert_cmpint (souk_catalogue_next_expiry (catalogue), ==, INT64_MAX);
  SoukStatus status;
  g_autoptr (SoukRecord) out = NULL;
  g_assert_cmpint (
      souk_catalogue_put (catalogue, souk_slice_from_bytes (record->bytes), later, &out, &status),
      ==, SOUK_PUT_EXPIRED);
  g_assert_cmpint (put (catalogue, record), ==, SOUK_PUT_ADDED);
}

static void
test_limits (void)
{
  g_autoptr (SoukCatalogue) catalogue = souk_catalogue_new (3, 2, false);
  g_autoptr (SoukRecord) a = listing_record (1, "a", 1);
  g_autoptr (SoukRecord) b = listing_record (1, "b", 1);
  g_autoptr (SoukRecord) c = listing_record (1, "c", 1);
  g_autoptr (SoukRecord) d = listing_record (2, "d", 1);
  g_autoptr (SoukRecord) e = listing_record (3, "e", 1);
  g_autoptr (SoukRecord) newer = listing_record (1, "a", 2);
  SoukStatus status;
  put (catalogue, a);
  put (catalogue, b);
  g_assert_cmpint (souk_catalogue_put_record (catalogue, c, FIX_NOW, &status), ==,
                   SOUK_PUT_REFUSED);
  souk_assert_status (status, AUTHOR_FULL);
  g_assert_cmpint (put (catalogue, d), ==, SOUK_PUT_ADDED);
  g_assert_cmpint (souk_catalogue_put_record (catalogue, e, FIX_NOW, &status), ==,
                   SOUK_PUT_REFUSED);
  souk_assert_status (status, CATALOGUE_FULL);
  g_assert_cmpint (put (catalogue, newer), ==, SOUK_PUT_REPLACED);
}

static void
test_broken_bodies_are_refused (void)
{
  g_autoptr (SoukCatalogue) catalogue = souk_catalogue_new (0, 0, false);
  g_autoptr (GBytes) rubbish = g_bytes_new_static ("\x0a\x01\x01", 3);
  const SoukRecordType types[] = { SOUK_RECORD_LISTING, SOUK_RECORD_JOB, SOUK_RECORD_PROVIDER };
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (SoukRecord) record = fix_record (1, types[i], "k", 1, rubbish, false);
      g_assert_cmpint (put (catalogue, record), ==, SOUK_PUT_REFUSED);
    }
  g_assert_cmpuint (souk_catalogue_size (catalogue), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/market/catalogue/a-thing-is-added-replaced-and-withdrawn",
                   test_life_of_a_thing);
  g_test_add_func ("/market/catalogue/any-order-of-arrival-ends-the-same",
                   test_any_order_gives_the_same);
  g_test_add_func ("/market/catalogue/what-expires-goes", test_expiry);
  g_test_add_func ("/market/catalogue/one-author-and-all-together-have-limits", test_limits);
  g_test_add_func ("/market/catalogue/broken-bodies-are-refused", test_broken_bodies_are_refused);
  return g_test_run ();
}
