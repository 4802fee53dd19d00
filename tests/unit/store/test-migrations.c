/* SPDX-License-Identifier: GPL-3.0-or-later
 * The tables.
 */
#include "store/migrations.h"

#include "util.h"

static void
test_apply (void)
{
  char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "x.sqlite", NULL);
  g_autoptr (GError) error = NULL;
  SoukDb *db = souk_db_open (path, false, &error);

  g_assert_true (souk_migrations_apply (db, &error));
  g_assert_cmpint (souk_db_number (db, "PRAGMA user_version"), ==, souk_migrations_count ());
  g_assert_cmphex (souk_db_number (db, "PRAGMA application_id"), ==, 0x536f756b);
  g_assert_true (souk_migrations_apply (db, &error));

  g_assert_true (souk_db_exec (db, "PRAGMA user_version=1000", &error));
  g_assert_false (souk_migrations_apply (db, &error));
  g_assert_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_TOO_NEW);
  souk_db_close (db);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/migrations/they-run-once-and-a-newer-file-is-refused", test_apply);
  return g_test_run ();
}
