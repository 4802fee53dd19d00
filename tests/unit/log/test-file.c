/* SPDX-License-Identifier: GPL-3.0-or-later
 * The rotating file.
 */
#include "log/file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static char *
read_text (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *text = NULL;
  g_file_get_contents (path, &text, NULL, NULL);
  g_unlink (path);
  return text;
}

static void
test_rotation (void)
{
  g_autofree char *folder = g_dir_make_tmp ("souk-log-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "souk.log", NULL);
  SoukLogFile *file = souk_log_file_new (path, 10, 2, NULL);
  const char *lines[] = { "11111111", "22222222", "33333333", "44444444" };

  for (unsigned i = 0; i < G_N_ELEMENTS (lines); i++)
    g_assert_true (souk_log_file_write (file, lines[i]));
  struct stat info;
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  souk_log_file_free (file);

  g_autofree char *now = read_text (folder, "souk.log");
  g_autofree char *one = read_text (folder, "souk.log.1");
  g_autofree char *two = read_text (folder, "souk.log.2");
  g_autofree char *three = read_text (folder, "souk.log.3");
  g_assert_cmpstr (now, ==, "44444444\n");
  g_assert_cmpstr (one, ==, "33333333\n");
  g_assert_cmpstr (two, ==, "22222222\n");
  g_assert_null (three);
  g_rmdir (folder);
}

static void
test_reopened (void)
{
  g_autofree char *folder = g_dir_make_tmp ("souk-log-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "souk.log", NULL);

  for (int i = 0; i < 2; i++)
    {
      SoukLogFile *file = souk_log_file_new (path, 100, 2, NULL);
      g_assert_true (souk_log_file_write (file, "line"));
      souk_log_file_free (file);
    }
  g_autofree char *text = read_text (folder, "souk.log");
  g_assert_cmpstr (text, ==, "line\nline\n");
  g_rmdir (folder);
}

static void
test_unwritable (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (souk_log_file_new ("/nowhere/at/all", 10, 2, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log/file/a-full-file-moves-on-and-the-oldest-goes", test_rotation);
  g_test_add_func ("/log/file/a-restart-appends", test_reopened);
  g_test_add_func ("/log/file/a-folder-that-is-not-there-is-an-error", test_unwritable);
  return g_test_run ();
}
