/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the wallet's tests share: a folder of their own, files in it, and npm's
 * @ethersproject/testcases (5.8.0, .json.gz), whose folder the environment names. A test without
 * them is skipped and says so.
 */
#pragma once
#include "support.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define TESTCASES_ENV "SOUK_ETHERSPROJECT_TESTCASES"

static inline char *
make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("souk-wallet-XXXXXX", &error);
  g_assert_no_error (error);
  return folder;
}

/* Removes a folder that holds only files. */
static inline void
remove_folder (char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
}

static inline unsigned
files_in (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  unsigned count = 0;
  while (g_dir_read_name (dir) != NULL)
    count++;
  return count;
}

static inline void
write_file (const char *folder, const char *name, const char *content, int mode)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_file_set_contents (path, content, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, mode), ==, 0);
}

/* Returns: (transfer full) (nullable): NULL when there is none. */
static inline char *
read_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *content = NULL;
  g_file_get_contents (path, &content, NULL, NULL);
  return content;
}

static inline unsigned
mode_of (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  struct stat info;
  g_assert_cmpint (stat (path, &info), ==, 0);
  return info.st_mode & 07777;
}

/* The array in NAME.json.gz; NULL, and the running test is skipped, when it is not there. */
static inline JsonNode *
load_testcases (const char *name)
{
  const char *folder = g_getenv (TESTCASES_ENV);
  if (folder == NULL)
    {
      g_test_skip (TESTCASES_ENV " is not set: npm's @ethersproject/testcases/testcases");
      return NULL;
    }
  g_autofree char *path = g_strdup_printf ("%s/%s.json.gz", folder, name);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInputStream) raw = g_file_read (file, NULL, &error);
  if (raw == NULL)
    {
      g_test_skip (error->message);
      return NULL;
    }
  g_autoptr (GZlibDecompressor) gzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  g_autoptr (GInputStream) plain
      = g_converter_input_stream_new (G_INPUT_STREAM (raw), G_CONVERTER (gzip));
  g_autoptr (JsonParser) parser = json_parser_new ();
  json_parser_load_from_stream (parser, plain, NULL, &error);
  g_assert_no_error (error);
  return json_parser_steal_root (parser);
}

static inline const char *
text_of (JsonObject *object, const char *member)
{
  return json_object_get_string_member_with_default (object, member, NULL);
}

/* Fails the test unless the bytes are those of `hex`, in either case, with or without "0x". */
static inline void
assert_bytes (const void *data, size_t len, const char *hex)
{
  g_autoptr (GBytes) want = souk_test_hex (hex);
  g_assert_cmpmem (data, len, g_bytes_get_data (want, NULL), g_bytes_get_size (want));
}
