/* SPDX-License-Identifier: GPL-3.0-or-later
 * Blocks as files.
 */
#include "store/block-files.h"

#include "util.h"

static void
count (const char *name, gpointer user)
{
  (*(unsigned *)user)++;
}

static void
test_life (void)
{
  char *folder = make_folder ();
  g_autoptr (GError) error = NULL;
  SoukBlockFiles *files = souk_block_files_open (folder, &error);
  SoukBlockFile list[70];
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  unsigned n = 0;

  for (unsigned i = 0; i < G_N_ELEMENTS (list); i++)
    {
      char *name = g_strdup_printf ("bafkname%03u", i);
      g_ptr_array_add (names, name);
      list[i] = (SoukBlockFile){ name, souk_slice_from_text (name) };
    }
  g_assert_true (souk_block_files_write (files, list, G_N_ELEMENTS (list), &error));
  g_assert_true (souk_block_files_write (files, list, 1, &error));
  souk_block_files_each (files, count, &n);
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (list));

  g_autoptr (GBytes) bytes = souk_block_files_read (files, "bafkname069", 100, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "bafkname069", 11);
  g_assert_null (souk_block_files_read (files, "bafkname069", 10, &error));
  g_assert_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_BAD_BLOCK);
  g_clear_error (&error);
  souk_block_files_remove (files, "bafkname069");
  souk_block_files_remove (files, "bafkname069");
  g_assert_null (souk_block_files_read (files, "bafkname069", 100, &error));
  g_assert_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_NOT_FOUND);
  g_assert_cmpint (souk_block_files_free_space (files), >, 0);
  souk_block_files_close (files);
  remove_folder (folder);
}

static void
test_left_over (void)
{
  char *folder = make_folder ();
  souk_block_files_close (souk_block_files_open (folder, NULL));
  g_autofree char *path = g_build_filename (folder, "blocks", "tmp", "7", NULL);
  g_file_set_contents (path, "torn", -1, NULL);
  souk_block_files_close (souk_block_files_open (folder, NULL));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/block-files/are-written-read-and-removed", test_life);
  g_test_add_func ("/store/block-files/what-a-kill-left-half-written-goes-on-open", test_left_over);
  return g_test_run ();
}
