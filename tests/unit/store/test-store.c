/* SPDX-License-Identifier: GPL-3.0-or-later
 * The data folder.
 */
#include "store/store.h"

#include "store/documents.h"
#include "util.h"

#include <sys/wait.h>
#include <unistd.h>

static void
test_lock (void)
{
  char *folder = make_folder ();
  g_autoptr (GError) error = NULL;
  SoukStore *store = open_store (folder);
  SoukStoreConfig config = { .data_dir = folder };

  g_assert_null (souk_store_open (&config, &error));
  g_assert_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_LOCKED);
  g_autofree char *pid = g_strdup_printf ("process %d)", (int)getpid ());
  g_assert_nonnull (strstr (error->message, pid));
  souk_store_close (store);
  store = open_store (folder);
  souk_store_close (store);
  remove_folder (folder);
}

static void
test_damaged (void)
{
  char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "souk.sqlite", NULL);
  g_autofree char *lock = g_build_filename (folder, "lock", NULL);
  g_autoptr (GError) error = NULL;
  SoukStoreConfig config = { .data_dir = folder };
  souk_store_close (open_store (folder));

  FILE *file = fopen (path, "r+");
  g_assert_nonnull (file);
  for (long at = 4096; at < 4096 * 12; at += 4096)
    {
      fseek (file, at, SEEK_SET);
      fwrite ("garbage garbage garbage", 1, 23, file);
    }
  fclose (file);
  g_file_set_contents (lock, "1\n", -1, NULL); /* as after a kill */
  g_assert_null (souk_store_open (&config, &error));
  g_assert_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_CORRUPT);
  remove_folder (folder);
}

static void
on_done (const GError *error, gpointer user)
{
  GString *order = user;
  g_string_append (order, error == NULL ? "." : "!");
}

static void
test_order (void)
{
  char *folder = make_folder ();
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_main_context_push_thread_default (context);
  SoukStore *store = open_store (folder);
  g_autoptr (GString) order = g_string_new (NULL);
  g_autoptr (GBytes) good = make_bytes (100, 1);
  SoukCid wrong = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("something else"));

  for (int i = 0; i < 50; i++)
    {
      SoukStoreBatch *batch = souk_store_batch_new (store);
      uint8_t id = (uint8_t)i;
      souk_documents_put (batch, "order", souk_slice (&id, 1), 0, (SoukWall){ i },
                          souk_slice (&id, 1));
      if (i == 20) /* a batch that fails takes its own rows with it and no other's */
        g_assert_true (souk_blocks_put (batch, &wrong, good, NULL));
      souk_store_commit (batch, on_done, order);
    }
  g_assert_cmpuint (order->len, ==, 0);
  while (order->len < 50)
    g_main_context_iteration (context, TRUE);
  g_assert_cmpstr (order->str, ==, "....................!.............................");
  g_assert_cmpint (souk_documents_count (store, "order", SOUK_PHASE_ANY), ==, 49);
  uint8_t id = 20;
  g_assert_null (souk_documents_get (store, "order", souk_slice (&id, 1)));
  souk_store_close (store);
  g_main_context_pop_thread_default (context);
  remove_folder (folder);
}

typedef struct {
  SoukStore *store;
  int left;
} Chain;

static void
on_chain (const GError *error, gpointer user)
{
  Chain *chain = user;
  if (chain->left-- == 0)
    return;
  SoukStoreBatch *batch = souk_store_batch_new (chain->store);
  souk_documents_put (batch, "k", souk_slice (&chain->left, sizeof chain->left), 0, (SoukWall){ 0 },
                      SOUK_SLICE_EMPTY);
  souk_store_commit (batch, on_chain, chain);
}

static void
test_close (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store (folder);
  Chain chain = { store, 5 };
  on_chain (NULL, &chain);
  souk_store_close (store);
  g_assert_cmpint (chain.left, ==, -1);
  store = open_store (folder);
  g_assert_cmpint (souk_documents_count (store, "k", SOUK_PHASE_ANY), ==, 5);
  souk_store_close (store);
  remove_folder (folder);
}

static void
test_dropped (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store_sized (folder, 1000);
  g_autoptr (GBytes) bytes = make_bytes (900, 1);
  g_autoptr (GBytes) other = make_bytes (900, 2);
  SoukCid cid = cid_of (bytes), other_cid = cid_of (other);
  g_autoptr (GError) error = NULL;

  SoukStoreBatch *batch = souk_store_batch_new (store);
  g_assert_true (souk_blocks_put (batch, &cid, bytes, NULL));
  g_assert_false (souk_blocks_put (batch, &other_cid, other, &error));
  g_assert_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_FULL);
  souk_store_batch_free (batch);
  put_block (store, other);
  g_assert_cmpint (souk_store_usage (store).block_bytes, ==, 900);
  souk_store_close (store);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/store/a-folder-has-one-node-at-a-time", test_lock);
  g_test_add_func ("/store/store/a-damaged-database-is-named-and-not-touched", test_damaged);
  g_test_add_func ("/store/store/batches-end-in-order-and-fail-alone", test_order);
  g_test_add_func ("/store/store/closing-finishes-what-its-dones-begin", test_close);
  g_test_add_func ("/store/store/a-dropped-batch-gives-its-room-back", test_dropped);
  return g_test_run ();
}
