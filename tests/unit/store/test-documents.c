/* SPDX-License-Identifier: GPL-3.0-or-later
 * Documents.
 */
#include "store/documents.h"

#include "util.h"

static void
put (SoukStore *store, const char *kind, const char *id, int64_t phase, int64_t us,
     const char *body)
{
  SoukStoreBatch *batch = souk_store_batch_new (store);
  souk_documents_put (batch, kind, souk_slice_from_text (id), phase, (SoukWall){ us },
                      souk_slice_from_text (body));
  commit (batch);
}

static void
test_life (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store (folder);

  put (store, "order", "a", 1, 10, "first");
  put (store, "order", "b", 2, 20, "second");
  put (store, "order", "c", 1, 30, "");
  put (store, "job", "a", 1, 40, "another kind");
  put (store, "order", "a", 3, 50, "changed");

  SoukDocument *a = souk_documents_get (store, "order", SOUK_SLICE_LITERAL ("a"));
  g_assert_cmpint (a->phase, ==, 3);
  g_assert_cmpint (a->updated.us, ==, 50);
  g_assert_cmpmem (g_bytes_get_data (a->body, NULL), g_bytes_get_size (a->body), "changed", 7);
  souk_document_free (a);
  SoukDocument *c = souk_documents_get (store, "order", SOUK_SLICE_LITERAL ("c"));
  g_assert_cmpuint (g_bytes_get_size (c->body), ==, 0);
  souk_document_free (c);

  g_assert_cmpint (souk_documents_count (store, "order", SOUK_PHASE_ANY), ==, 3);
  g_assert_cmpint (souk_documents_count (store, "order", 1), ==, 1);
  GPtrArray *list = souk_documents_list (store, "order", SOUK_PHASE_ANY, 1, 2);
  g_assert_cmpuint (list->len, ==, 2);
  g_assert_cmpint (((SoukDocument *)list->pdata[0])->updated.us, ==, 30);
  g_assert_cmpint (((SoukDocument *)list->pdata[1])->updated.us, ==, 20);
  g_ptr_array_unref (list);

  SoukStoreBatch *batch = souk_store_batch_new (store);
  souk_documents_remove (batch, "order", SOUK_SLICE_LITERAL ("a"));
  commit (batch);
  g_assert_null (souk_documents_get (store, "order", SOUK_SLICE_LITERAL ("a")));
  SoukDocument *job = souk_documents_get (store, "job", SOUK_SLICE_LITERAL ("a"));
  g_assert_nonnull (job);
  souk_document_free (job);
  souk_store_close (store);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/documents/are-put-changed-listed-and-removed", test_life);
  return g_test_run ();
}
