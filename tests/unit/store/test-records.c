/* SPDX-License-Identifier: GPL-3.0-or-later
 * Signed records.
 */
#include "records-util.h"

static void
check_newest (SoukStore *store, const char *thing, uint64_t wanted)
{
  uint8_t id[32];
  uint64_t sequence = 0;
  thing_of (thing, id);
  g_assert_true (souk_records_newest (store, id, &sequence, NULL));
  g_assert_cmpuint (sequence, ==, wanted);
}

static void
test_newest (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store (folder);
  uint8_t id[32], record_id[32], other[32];

  put_sample (store, (Sample){ .thing = "x", .sequence = 5, .title = "five" });
  put_sample (store, (Sample){ .thing = "x", .sequence = 4, .title = "four" });
  check_newest (store, "x", 5);
  put_sample (store, (Sample){ .thing = "x", .sequence = UINT64_MAX - 1, .title = "huge" });
  check_newest (store, "x", UINT64_MAX - 1);
  put_sample (store, (Sample){ .thing = "x", .sequence = 6, .title = "six" });
  check_newest (store, "x", UINT64_MAX - 1);

  /* At the same sequence the higher id stays, whichever comes first. */
  put_sample (store, (Sample){ .thing = "y", .sequence = 1, .title = "one" });
  put_sample (store, (Sample){ .thing = "y", .sequence = 1, .title = "uno" });
  put_sample (store, (Sample){ .thing = "y", .sequence = 1, .title = "one" });
  souk_sha256 (record_id, SOUK_SLICE_LITERAL ("y/1/one"));
  souk_sha256 (other, SOUK_SLICE_LITERAL ("y/1/uno"));
  const uint8_t *wanted = memcmp (record_id, other, 32) > 0 ? record_id : other;
  thing_of ("y", id);
  SoukRecordRow *row = souk_records_get_thing (store, id);
  g_assert_cmpmem (row->record_id, 32, wanted, 32);
  souk_record_row_free (row);
  row = souk_records_get (store, wanted);
  g_assert_cmpmem (row->thing_id, 32, id, 32);
  souk_record_row_free (row);
  thing_of ("nothing", id);
  g_assert_false (souk_records_newest (store, id, NULL, NULL));
  souk_store_close (store);
  remove_folder (folder);
}

static void
test_refs_and_purge (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store (folder);

  put_sample (store, (Sample){ .thing = "a", .sequence = 1, .expires_s = 100 });
  put_sample (store, (Sample){ .thing = "b", .sequence = 1, .expires_s = 200 });
  put_sample (store,
              (Sample){ .thing = "c", .sequence = 1, .expires_s = 300, .is_withdrawn = true });
  GArray *refs = souk_records_refs (store, 100);
  g_assert_cmpuint (refs->len, ==, 2);
  SoukRecordRef *first = &g_array_index (refs, SoukRecordRef, 0);
  g_assert_cmpint (memcmp (first[0].record_id, first[1].record_id, 32), <, 0);
  g_array_unref (refs);

  SoukStoreBatch *batch = souk_store_batch_new (store);
  souk_records_purge (batch, 200);
  commit (batch);
  refs = souk_records_refs (store, 0);
  g_assert_cmpuint (refs->len, ==, 1);
  g_assert_cmpint (g_array_index (refs, SoukRecordRef, 0).expires_s, ==, 300);
  g_array_unref (refs);
  g_assert_cmpint (souk_store_usage (store).records, ==, 1);
  souk_store_close (store);
  remove_folder (folder);
}

static void
test_limit (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store (folder);
  SoukStoreBatch *batch = souk_store_batch_new (store);

  for (int i = 0; i < SOUK_RECORDS_PER_AUTHOR_MAX; i++)
    {
      g_autofree char *thing = g_strdup_printf ("thing %d", i);
      Sample sample = { .thing = thing, .sequence = 1 };
      g_assert_cmpint (add_sample (batch, &sample), ==, SOUK_STATUS_OK);
    }
  commit (batch);

  batch = souk_store_batch_new (store);
  Sample more = { .thing = "one more", .sequence = 1 };
  g_assert_cmpint (add_sample (batch, &more), ==, SOUK_STATUS_LIMIT);
  Sample newer = { .thing = "thing 7", .sequence = 2, .is_withdrawn = true };
  g_assert_cmpint (add_sample (batch, &newer), ==, SOUK_STATUS_OK);
  Sample stranger = { .thing = "another's", .sequence = 1, .author = 9 };
  g_assert_cmpint (add_sample (batch, &stranger), ==, SOUK_STATUS_OK);
  commit (batch);
  g_assert_cmpint (souk_store_usage (store).records, ==, SOUK_RECORDS_PER_AUTHOR_MAX + 1);
  souk_store_close (store);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/records/the-newer-record-of-a-thing-stays", test_newest);
  g_test_add_func ("/store/records/expired-ones-are-not-offered-and-are-purged",
                   test_refs_and_purge);
  g_test_add_func ("/store/records/one-author-has-a-limit", test_limit);
  return g_test_run ();
}
