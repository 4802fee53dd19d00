/* SPDX-License-Identifier: GPL-3.0-or-later
 * Connections.
 */
#include "store/db.h"

#include "util.h"

#include <sys/stat.h>

static void
test_open (void)
{
  char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "x.sqlite", NULL);
  g_autoptr (GError) error = NULL;
  SoukDb *db = souk_db_open (path, false, &error);
  g_assert_no_error (error);
  struct stat info;
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_cmpint (souk_db_number (db, "PRAGMA synchronous"), ==, 2);
  g_assert_cmpint (souk_db_number (db, "PRAGMA foreign_keys"), ==, 1);
  g_assert_true (souk_db_exec (db, "CREATE TABLE t (x BLOB NOT NULL)", &error));

  sqlite3_stmt *insert = souk_db_statement (db, "INSERT INTO t VALUES (?)");
  souk_db_bind_blob (insert, 1, SOUK_SLICE_EMPTY);
  g_assert_true (souk_db_run (db, insert, &error));
  g_assert_true (souk_db_statement (db, "SELECT x FROM t") != insert);
  souk_db_close (db);

  SoukDb *reader = souk_db_open (path, true, &error);
  g_assert_no_error (error);
  g_assert_cmpint (souk_db_number (reader, "SELECT count(*) FROM t"), ==, 1);
  g_assert_false (souk_db_exec (reader, "DELETE FROM t", &error));
  g_assert_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_IO);
  souk_db_close (reader);
  remove_folder (folder);
}

static void
test_garbage (void)
{
  char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "x.sqlite", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *junk = g_strnfill (8192, 'x');
  g_file_set_contents (path, junk, -1, NULL);
  g_assert_null (souk_db_open (path, false, &error));
  g_assert_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_CORRUPT);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/db/a-reader-can-not-write", test_open);
  g_test_add_func ("/store/db/a-file-that-is-no-database-is-an-error", test_garbage);
  return g_test_run ();
}
