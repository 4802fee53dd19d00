/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util.h"
#include "wallet/secret-file.h"

static void
test_round_trip (void)
{
  char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "a", NULL);
  g_autoptr (GError) error = NULL;
  uint8_t content[8];
  unsigned mode = 0;
  size_t len = 0;

  souk_secret_file_create (path, SOUK_SLICE_LITERAL ("12345678"), &error);
  g_assert_no_error (error);
  g_assert_true (souk_secret_file_read (content, &len, &mode, path, sizeof content, &error));
  g_assert_cmpmem (content, len, "12345678", 8);
  g_assert_cmpuint (mode, ==, 0600);
  g_assert_cmpuint (files_in (folder), ==, 1);
  remove_folder (folder);
}

static void
test_nothing_is_replaced (void)
{
  char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "a", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (souk_secret_file_create (path, SOUK_SLICE_LITERAL ("first"), NULL));
  g_assert_false (souk_secret_file_create (path, SOUK_SLICE_LITERAL ("second"), &error));
  g_assert_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_EXISTS);
  g_autofree char *content = read_file (folder, "a");
  g_assert_cmpstr (content, ==, "first");
  g_assert_cmpuint (files_in (folder), ==, 1);
  remove_folder (folder);
}

static void
assert_read_fails (const char *path, size_t size_max, SoukWalletError code)
{
  uint8_t content[16];
  uint8_t zeros[16] = { 0 };
  size_t len = 99;
  g_autoptr (GError) error = NULL;
  memset (content, 0xaa, sizeof content);
  g_assert_false (souk_secret_file_read (content, &len, NULL, path, size_max, &error));
  g_assert_error (error, SOUK_WALLET_ERROR, (int)code);
  g_assert_cmpuint (len, ==, 99);
  g_assert_cmpmem (content, size_max, zeros, size_max);
}

static void
test_unreadable (void)
{
  char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "a", NULL);
  g_autofree char *pipe = g_build_filename (folder, "pipe", NULL);

  write_file (folder, "a", "12345678", 0600);
  assert_read_fails (path, 7, SOUK_WALLET_ERROR_DAMAGED);
  assert_read_fails (folder, 16, SOUK_WALLET_ERROR_DAMAGED);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  assert_read_fails (pipe, 16, SOUK_WALLET_ERROR_DAMAGED);
  assert_read_fails ("/nonexistent/file", 16, SOUK_WALLET_ERROR_MISSING);
  g_assert_false (souk_secret_file_create ("/nonexistent/file", SOUK_SLICE_EMPTY, NULL));
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wallet/secret-file/what-is-made-is-private-and-whole", test_round_trip);
  g_test_add_func ("/wallet/secret-file/nothing-is-ever-replaced", test_nothing_is_replaced);
  g_test_add_func ("/wallet/secret-file/what-is-no-small-file-is-refused", test_unreadable);
  return g_test_run ();
}
