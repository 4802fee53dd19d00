/* SPDX-License-Identifier: GPL-3.0-or-later
 * Searching the catalogue.
 */
#include "store/search.h"

#include "records-util.h"

static void
fill (SoukStore *store)
{
  put_sample (store, (Sample){ .thing = "1",
                               .sequence = 1,
                               .title = "Café menu writer",
                               .description = "Writes menus",
                               .tags = "food french",
                               .category = "writing",
                               .price = 5,
                               .created_s = 1,
                               .author = 1 });
  put_sample (store, (Sample){ .thing = "2",
                               .sequence = 1,
                               .title = "SQL helper",
                               .description = "Explains a menu of joins",
                               .tags = "code",
                               .category = "code",
                               .price = 0,
                               .created_s = 2,
                               .author = 2 });
  put_sample (store, (Sample){ .thing = "3",
                               .sequence = 1,
                               .title = "Logo ideas",
                               .description = "",
                               .tags = "art",
                               .category = "art",
                               .price = 9,
                               .created_s = 3,
                               .author = 1 });
  put_sample (store, (Sample){ .thing = "4",
                               .sequence = 1,
                               .title = "Old menu",
                               .category = "writing",
                               .created_s = 4,
                               .expires_s = 50 });
  put_sample (store, (Sample){ .thing = "5",
                               .sequence = 1,
                               .title = "Withdrawn menu",
                               .category = "writing",
                               .created_s = 5,
                               .is_withdrawn = true });
  put_sample (store, (Sample){ .thing = "6",
                               .sequence = 1,
                               .title = "A job with a menu",
                               .created_s = 6,
                               .type = SOUK_RECORD_JOB });
}

/* Searches and writes the things found, in order, as their numbers. */
static void
check (SoukStore *store, SoukSearch search, const char *wanted)
{
  g_autoptr (GString) found = g_string_new (NULL);
  search.type = search.type != SOUK_RECORD_ANY ? search.type : SOUK_RECORD_LISTING;
  search.now_s = 100;
  search.limit = search.limit != 0 ? search.limit : 10;
  g_autoptr (SoukSearchResult) result = souk_records_search (store, &search);
  for (guint i = 0; i < result->rows->len; i++)
    {
      SoukRecordRow *row = g_ptr_array_index (result->rows, i);
      g_string_append_c (found, *(const char *)g_bytes_get_data (row->bytes, NULL));
    }
  g_assert_cmpstr (found->str, ==, wanted);
  g_assert_false (result->has_more);
  if (search.offset == 0 && search.limit >= 10)
    g_assert_cmpint (result->total, ==, found->len);
}

static void
test_search (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store (folder);
  SoukPeerId author = peer_of (1);
  uint8_t five[32] = { [31] = 5 };
  fill (store);

  check (store, (SoukSearch){ .text = NULL }, "321");
  check (store, (SoukSearch){ .text = "menu" }, "12"); /* the title counts most */
  check (store, (SoukSearch){ .text = "menu", .order = SOUK_SEARCH_NEWEST }, "21");
  check (store, (SoukSearch){ .text = "cafe" }, "1");   /* without its accent */
  check (store, (SoukSearch){ .text = "MEN wri" }, ""); /* only the last word is a beginning */
  check (store, (SoukSearch){ .text = "menu wri" }, "1");
  check (store, (SoukSearch){ .text = "menu", .category = "code" }, "2");
  check (store, (SoukSearch){ .text = "menu", .author = &author }, "1");
  check (store, (SoukSearch){ .category = "art" }, "3");
  check (store, (SoukSearch){ .author = &author }, "31");
  check (store, (SoukSearch){ .price_max = five }, "21");
  check (store, (SoukSearch){ .text = "menu", .price_max = (uint8_t[32]){ 0 } }, "2");
  check (store, (SoukSearch){ .order = SOUK_SEARCH_CHEAPEST }, "213");
  check (store, (SoukSearch){ .order = SOUK_SEARCH_DEAREST }, "312");
  check (store, (SoukSearch){ .limit = 1, .offset = 1 }, "2");
  check (store, (SoukSearch){ .type = SOUK_RECORD_JOB, .text = "menu" }, "6");
  souk_store_close (store);
  remove_folder (folder);
}

static void
test_hostile (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store (folder);
  fill (store);

  check (store, (SoukSearch){ .text = "\"" }, "321");
  check (store, (SoukSearch){ .text = "menu\" OR marks : \"t1" }, "");
  check (store, (SoukSearch){ .text = "NEAR(menu, 5) * ^ - {title} : '; DROP TABLE records" }, "");
  check (store, (SoukSearch){ .text = "t1" }, "");
  check (store, (SoukSearch){ .text = "\xff\xfe menu" }, "12");
  check (store, (SoukSearch){ .category = "art' OR 1=1 --" }, "");
  souk_store_close (store);
  remove_folder (folder);
}

static void
test_changed (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store (folder);
  fill (store);

  put_sample (
      store,
      (Sample){
          .thing = "3", .sequence = 2, .title = "Poster", .category = "print", .created_s = 3 });
  check (store, (SoukSearch){ .text = "logo" }, "");
  check (store, (SoukSearch){ .text = "poster" }, "3");
  check (store, (SoukSearch){ .text = "poster", .category = "art" }, "");
  put_sample (store,
              (Sample){ .thing = "3", .sequence = 3, .title = "Poster", .is_withdrawn = true });
  check (store, (SoukSearch){ .text = "poster" }, "");
  souk_store_close (store);
  remove_folder (folder);
}

static void
test_many (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store (folder);
  SoukStoreBatch *batch = souk_store_batch_new (store);
  for (int i = 0; i < SOUK_SEARCH_HITS_MAX + 5; i++)
    {
      g_autofree char *thing = g_strdup_printf ("thing %d", i);
      Sample sample = { .thing = thing, .sequence = 1, .title = "same", .created_s = i };
      add_sample (batch, &sample);
    }
  commit (batch);
  SoukSearch search = { .text = "same", .now_s = 100, .limit = 1000 };
  g_autoptr (SoukSearchResult) result = souk_records_search (store, &search);
  g_assert_cmpuint (result->rows->len, ==, SOUK_SEARCH_PAGE_MAX);
  g_assert_cmpint (result->total, ==, SOUK_SEARCH_HITS_MAX);
  g_assert_true (result->has_more);
  souk_store_close (store);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/search/words-filters-orders-and-pages", test_search);
  g_test_add_func ("/store/search/no-text-has-a-meaning-in-the-query-language", test_hostile);
  g_test_add_func ("/store/search/a-changed-listing-is-found-by-its-new-words-only", test_changed);
  g_test_add_func ("/store/search/a-long-result-is-counted-up-to-a-limit", test_many);
  return g_test_run ();
}
