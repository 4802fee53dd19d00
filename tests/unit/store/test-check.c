/* SPDX-License-Identifier: GPL-3.0-or-later
 * Checking and repairing.
 */
#include "store/check.h"

#include "util.h"

typedef struct {
  SoukStoreReport report;
  bool is_done;
} Outcome;

static void
on_checked (const SoukStoreReport *report, const GError *error, gpointer user)
{
  Outcome *outcome = user;
  g_assert_no_error (error);
  outcome->report = *report;
  outcome->is_done = true;
}

static SoukStoreReport
check (SoukStore *store)
{
  Outcome outcome = { 0 };
  souk_store_check (store, on_checked, &outcome);
  while (!outcome.is_done)
    g_main_context_iteration (NULL, TRUE);
  return outcome.report;
}

static void
test_check (void)
{
  char *folder = make_folder ();
  SoukStore *store = open_store (folder);
  SoukCid cids[4];

  for (unsigned i = 0; i < 4; i++)
    {
      g_autoptr (GBytes) bytes = make_bytes (i == 0 ? 100 : 30000, i);
      cids[i] = put_block (store, bytes);
    }
  SoukStoreReport sound = check (store);
  g_assert_cmpint (sound.blocks_checked, ==, 4);
  g_assert_cmpint (sound.bytes_checked, ==, 90100);
  g_assert_cmpint (sound.blocks_damaged + sound.files_orphaned, ==, 0);
  g_assert_true (sound.is_database_sound);

  g_autofree char *changed = block_path (folder, &cids[1]);
  g_autofree char *gone = block_path (folder, &cids[2]);
  g_autofree char *stray_dir = g_build_filename (folder, "blocks", "zz", NULL);
  g_autofree char *stray = g_build_filename (stray_dir, "bafkzzz.data", NULL);
  g_file_set_contents (changed, "changed", -1, NULL);
  remove (gone);
  g_mkdir_with_parents (stray_dir, 0700);
  g_file_set_contents (stray, "stray", -1, NULL);
  SoukStoreReport repaired = check (store);
  g_assert_cmpint (repaired.blocks_damaged, ==, 2);
  g_assert_cmpint (repaired.files_orphaned, ==, 2); /* the changed one and the stray */
  g_assert_false (g_file_test (stray, G_FILE_TEST_EXISTS));
  g_assert_true (souk_blocks_has (store, &cids[0]) && souk_blocks_has (store, &cids[3]));
  g_assert_false (souk_blocks_has (store, &cids[1]) || souk_blocks_has (store, &cids[2]));
  g_assert_cmpint (souk_store_usage (store).block_bytes, ==, 30100);
  souk_store_close (store);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/check/damaged-lost-and-stray-blocks-are-put-right", test_check);
  return g_test_run ();
}
