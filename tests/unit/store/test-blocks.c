/* SPDX-License-Identifier: GPL-3.0-or-later
 * Content-addressed blocks.
 */
#include "store/blocks.h"

#include "store/pins.h"
#include "util.h"

static void
check_size (size_t size)
{
  char *folder = make_folder ();
  SoukStore *store = open_store (folder);
  g_autoptr (GBytes) bytes = make_bytes (size, 3);
  g_autoptr (GError) error = NULL;
  SoukCid cid = cid_of (bytes);

  g_assert_false (souk_blocks_has (store, &cid));
  g_assert_null (souk_blocks_get (store, &cid, &error));
  g_assert_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  put_block (store, bytes);
  put_block (store, bytes);
  g_assert_cmpint (souk_blocks_size (store, &cid), ==, (int64_t)size);
  g_assert_cmpint (souk_store_usage (store).blocks, ==, 1);
  g_assert_cmpint (souk_store_usage (store).block_bytes, ==, (int64_t)size);
  g_autoptr (GBytes) back = souk_blocks_get (store, &cid, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (bytes, back));
  g_autofree char *path = block_path (folder, &cid);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS) == (size > SOUK_BLOCK_INLINE_MAX));

  SoukStoreBatch *batch = souk_store_batch_new (store);
  souk_blocks_remove (batch, &cid);
  commit (batch);
  g_assert_false (souk_blocks_has (store, &cid));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_cmpint (souk_store_usage (store).block_bytes, ==, 0);

  /* Removed and put again within one group: the file stays. */
  put_block (store, bytes);
  batch = souk_store_batch_new (store);
  souk_blocks_remove (batch, &cid);
  g_assert_true (souk_blocks_put (batch, &cid, bytes, NULL));
  commit (batch);
  g_clear_pointer (&back, g_bytes_unref);
  back = souk_blocks_get (store, &cid, &error);
  g_assert_no_error (error);
  souk_store_close (store);
  remove_folder (folder);
}

static void
test_small (void)
{
  check_size (0);
  check_size (1);
  check_size (SOUK_BLOCK_INLINE_MAX);
}

static void
test_large (void)
{
  check_size (SOUK_BLOCK_INLINE_MAX + 1);
  check_size (SOUK_BLOCK_SIZE_MAX);
}

static void
test_refused (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store (folder);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) huge = make_bytes (SOUK_BLOCK_SIZE_MAX + 1, 1);
  g_autoptr (GBytes) bytes = make_bytes (100, 1);
  SoukCid cid = cid_of (huge), wrong = cid_of (huge);

  SoukStoreBatch *batch = souk_store_batch_new (store);
  g_assert_false (souk_blocks_put (batch, &cid, huge, &error));
  g_assert_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_BAD_BLOCK);
  g_clear_error (&error);
  g_assert_true (souk_blocks_put (batch, &wrong, bytes, NULL));
  g_assert_false (souk_store_commit_wait (batch, &error));
  g_assert_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_BAD_BLOCK);
  g_assert_cmpint (souk_store_usage (store).blocks, ==, 0);
  put_block (store, bytes); /* the store goes on */
  souk_store_close (store);
  remove_folder (folder);
}

static void
test_forms (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store (folder);
  SoukCid link = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("leaf"));
  SoukCid v1 = put_parent (store, &link, 1);
  SoukCid v0 = v1, raw = v1;
  v0.version = 0;
  raw.codec = SOUK_CODEC_RAW;
  g_assert_true (souk_blocks_has (store, &v0));
  g_assert_false (souk_blocks_has (store, &raw));
  g_autoptr (GBytes) bytes = souk_blocks_get (store, &v0, NULL);
  g_assert_nonnull (bytes);

  SoukCid identity = { 1, SOUK_CODEC_RAW, souk_multihash_identity (SOUK_SLICE_LITERAL ("tiny")) };
  g_assert_true (souk_blocks_has (store, &identity));
  g_autoptr (GBytes) tiny = souk_blocks_get (store, &identity, NULL);
  g_assert_cmpmem (g_bytes_get_data (tiny, NULL), g_bytes_get_size (tiny), "tiny", 4);
  put_block (store, tiny);
  souk_store_close (store);
  remove_folder (folder);
}

static void
test_damaged (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store (folder);
  g_autoptr (GBytes) bytes = make_bytes (50000, 1);
  g_autoptr (GBytes) gone = make_bytes (50000, 2);
  SoukCid cid = put_block (store, bytes), gone_cid = put_block (store, gone);
  g_autofree char *path = block_path (folder, &cid);
  g_autofree char *gone_path = block_path (folder, &gone_cid);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, "damaged", -1, NULL);
  remove (gone_path);
  g_assert_null (souk_blocks_get (store, &cid, &error));
  g_assert_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (souk_blocks_get (store, &gone_cid, &error));
  g_assert_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_NOT_FOUND);
  commit (souk_store_batch_new (store)); /* after what the read has asked for */
  g_assert_false (souk_blocks_has (store, &cid));
  put_block (store, bytes);
  g_autoptr (GBytes) back = souk_blocks_get (store, &cid, NULL);
  g_assert_nonnull (back);
  souk_store_close (store);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/blocks/small-ones-are-rows", test_small);
  g_test_add_func ("/store/blocks/large-ones-are-files", test_large);
  g_test_add_func ("/store/blocks/what-is-no-block-is-refused", test_refused);
  g_test_add_func ("/store/blocks/v0-and-v1-are-one-block-and-identity-is-always-here", test_forms);
  g_test_add_func ("/store/blocks/a-damaged-one-is-not-given-out", test_damaged);
  return g_test_run ();
}
