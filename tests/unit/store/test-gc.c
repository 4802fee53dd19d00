/* SPDX-License-Identifier: GPL-3.0-or-later
 * Pins and collecting garbage.
 */
#include "store/gc.h"

#include "store/pins.h"
#include "util.h"

typedef struct {
  SoukGcReport report;
  GError *error;
  bool is_done;
} Outcome;

static void
on_gc (const SoukGcReport *report, const GError *error, gpointer user)
{
  Outcome *outcome = user;
  outcome->is_done = true;
  if (report != NULL)
    outcome->report = *report;
}

static SoukGcReport
collect (SoukStore *store, int64_t grace_s)
{
  Outcome outcome = { 0 };
  souk_gc_run (store, grace_s, on_gc, &outcome);
  while (!outcome.is_done)
    g_main_context_iteration (NULL, TRUE);
  return outcome.report;
}

static void
pin (SoukStore *store, const SoukCid *root, const char *owner, int64_t expires_us)
{
  SoukStoreBatch *batch = souk_store_batch_new (store);
  souk_pins_add (batch, root, owner, "a test", (SoukWall){ expires_us });
  commit (batch);
}

static void
test_reach (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store (folder);
  SoukCid leaves[3], middle[2];

  for (unsigned i = 0; i < 3; i++)
    {
      g_autoptr (GBytes) bytes = make_bytes (i == 1 ? 40000 : 100, i);
      leaves[i] = put_block (store, bytes);
    }
  middle[0] = put_parent (store, leaves, 2);
  SoukCid nowhere = souk_cid_of (SOUK_CODEC_DAG_PB, SOUK_SLICE_LITERAL ("not here"));
  SoukCid mixed[2] = { middle[0], nowhere };
  middle[1] = put_parent (store, mixed, 2);
  SoukCid root = put_parent (store, &middle[1], 1);
  g_autoptr (GBytes) large = make_bytes (60000, 77);
  SoukCid loose = put_block (store, large);
  g_autofree char *loose_path = block_path (folder, &loose);

  pin (store, &root, "user", 0);
  g_assert_cmpint (collect (store, 600).blocks_removed, ==, 0); /* all too young */
  SoukGcReport report = collect (store, -1);
  g_assert_cmpint (report.blocks_removed, ==, 2); /* leaf 2 and the loose one */
  g_assert_cmpint (report.bytes_removed, ==, 60100);
  g_assert_true (souk_blocks_has (store, &root) && souk_blocks_has (store, &middle[0])
                 && souk_blocks_has (store, &leaves[0]) && souk_blocks_has (store, &leaves[1]));
  g_assert_false (souk_blocks_has (store, &leaves[2]));
  g_assert_false (g_file_test (loose_path, G_FILE_TEST_EXISTS));

  SoukStoreBatch *batch = souk_store_batch_new (store);
  souk_pins_remove (batch, &root, "user");
  commit (batch);
  g_assert_cmpint (collect (store, -1).blocks_removed, ==, 5);
  g_assert_cmpint (souk_store_usage (store).block_bytes, ==, 0);
  souk_store_close (store);
  remove_folder (folder);
}

static void
test_owners (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store (folder);
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  SoukCid cid = put_block (store, bytes);
  SoukWall now = { g_get_real_time () };

  pin (store, &cid, "user", 0);
  pin (store, &cid, "job", now.us + SOUK_US_PER_S * 3600);
  pin (store, &cid, "listing", now.us - 1);
  g_autoptr (GPtrArray) pins = souk_pins_list (store, NULL, 0, 10);
  g_assert_cmpuint (pins->len, ==, 3);
  g_assert_cmpint (collect (store, -1).pins_ended, ==, 1);
  SoukStoreBatch *batch = souk_store_batch_new (store);
  souk_pins_remove (batch, &cid, "user");
  commit (batch);
  g_assert_true (souk_pins_has (store, &cid, now));
  g_assert_false (souk_pins_has (store, &cid, (SoukWall){ now.us + SOUK_US_PER_S * 7200 }));
  g_assert_cmpint (collect (store, -1).blocks_removed, ==, 0);
  g_autoptr (GPtrArray) left = souk_pins_list (store, "job", 0, 10);
  g_assert_cmpuint (left->len, ==, 1);
  SoukPin *only = g_ptr_array_index (left, 0);
  g_assert_true (souk_cid_is_equal (&only->root, &cid));
  g_assert_cmpstr (only->reason, ==, "a test");
  souk_store_close (store);
  remove_folder (folder);
}

static void
on_room (const GError *error, gpointer user)
{
  Outcome *outcome = user;
  outcome->is_done = true;
  outcome->error = error != NULL ? g_error_copy (error) : NULL;
}

static GError *
make_room (SoukStore *store, int64_t bytes)
{
  Outcome outcome = { 0 };
  souk_store_make_room (store, bytes, on_room, &outcome);
  g_assert_false (outcome.is_done);
  while (!outcome.is_done)
    g_main_context_iteration (NULL, TRUE);
  return outcome.error;
}

static void
test_cap (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store_sized (folder, 100000);
  g_autoptr (GBytes) first = make_bytes (60000, 1);
  g_autoptr (GBytes) second = make_bytes (60000, 2);
  g_autoptr (GError) error = NULL;
  SoukCid first_cid = put_block (store, first), second_cid = cid_of (second);

  SoukStoreBatch *batch = souk_store_batch_new (store);
  g_assert_false (souk_blocks_put (batch, &second_cid, second, &error));
  g_assert_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_FULL);
  g_clear_error (&error);
  g_assert_true (souk_blocks_put (batch, &first_cid, first, &error)); /* takes no more room */
  souk_store_batch_free (batch);

  g_assert_null (make_room (store, 40000));
  error = make_room (store, 60000); /* the first one is too young to go */
  g_assert_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_FULL);
  g_clear_error (&error);
  collect (store, -1);
  g_assert_null (make_room (store, 60000));
  put_block (store, second);
  pin (store, &second_cid, "user", 0);
  collect (store, -1);
  g_assert_true (souk_blocks_has (store, &second_cid));
  error = make_room (store, 60000);
  g_assert_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_FULL);
  souk_store_close (store);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/gc/what-a-pin-reaches-stays", test_reach);
  g_test_add_func ("/store/gc/each-owner-has-its-own-pin-with-its-own-end", test_owners);
  g_test_add_func ("/store/gc/the-disk-limit-is-hard-and-pinned-blocks-stay", test_cap);
  return g_test_run ();
}
