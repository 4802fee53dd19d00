/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util.h"
#include "wallet/keystore.h"
#include "wallet/own.h"

#include <sodium.h>

static void
open_well (uint8_t secret[32], const char *folder, bool want_new)
{
  g_autoptr (GError) error = NULL;
  bool is_new = !want_new;
  souk_own_wallet_open (secret, &is_new, folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (is_new, ==, want_new);
}

/* Opening fails with the code, and both files are afterwards what they were. */
static void
assert_fails_and_touches_nothing (const char *folder, SoukWalletError code)
{
  g_autofree char *json = read_file (folder, "wallet.json");
  g_autofree char *pass = read_file (folder, "wallet.pass");
  unsigned files = files_in (folder);
  g_autoptr (GError) error = NULL;
  uint8_t secret[32];
  bool is_new;

  g_assert_false (souk_own_wallet_open (secret, &is_new, folder, &error));
  g_assert_error (error, SOUK_WALLET_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, folder));
  g_assert_true (pass == NULL || strstr (error->message, pass) == NULL);
  g_autofree char *json_after = read_file (folder, "wallet.json");
  g_autofree char *pass_after = read_file (folder, "wallet.pass");
  g_assert_cmpstr (json_after, ==, json);
  g_assert_cmpstr (pass_after, ==, pass);
  g_assert_cmpuint (files_in (folder), ==, files);
}

static void
test_first_start (void)
{
  char *folder = make_folder ();
  uint8_t first[32];
  uint8_t again[32];

  open_well (first, folder, true);
  g_assert_cmpuint (mode_of (folder, "wallet.json"), ==, 0600);
  g_assert_cmpuint (mode_of (folder, "wallet.pass"), ==, 0600);
  g_assert_cmpuint (files_in (folder), ==, 2);
  open_well (again, folder, false);
  g_assert_cmpmem (first, 32, again, 32);
  remove_folder (folder);
}

static void
test_two_folders (void)
{
  char *one = make_folder ();
  char *two = make_folder ();
  uint8_t a[32];
  uint8_t b[32];
  open_well (a, one, true);
  open_well (b, two, true);
  g_assert_true (memcmp (a, b, 32) != 0);
  remove_folder (one);
  remove_folder (two);
}

static void
test_crash_between_the_files (void)
{
  char *folder = make_folder ();
  uint8_t secret[32];
  g_autofree char *text = g_strnfill (64, 'a');
  write_file (folder, "wallet.pass", text, 0600);
  open_well (secret, folder, true);
  g_autofree char *pass = read_file (folder, "wallet.pass");
  g_assert_cmpstr (pass, ==, text);
  open_well (secret, folder, false);
  remove_folder (folder);
}

static void
test_damage (void)
{
  char *folder = make_folder ();
  uint8_t secret[32];
  open_well (secret, folder, true);
  g_autofree char *json = read_file (folder, "wallet.json");
  g_autofree char *pass = read_file (folder, "wallet.pass");
  g_autofree char *half = g_strndup (json, strlen (json) / 2);
  g_autofree char *line = g_strconcat (pass, "\n", NULL);
  g_autofree char *other = g_strnfill (64, 'a');

  write_file (folder, "wallet.json", half, 0600);
  assert_fails_and_touches_nothing (folder, SOUK_WALLET_ERROR_DAMAGED);
  write_file (folder, "wallet.json", "", 0600);
  assert_fails_and_touches_nothing (folder, SOUK_WALLET_ERROR_DAMAGED);
  write_file (folder, "wallet.json", json, 0600);
  write_file (folder, "wallet.pass", other, 0600);
  assert_fails_and_touches_nothing (folder, SOUK_WALLET_ERROR_PASSPHRASE);
  write_file (folder, "wallet.pass", pass + 1, 0600);
  assert_fails_and_touches_nothing (folder, SOUK_WALLET_ERROR_DAMAGED);
  write_file (folder, "wallet.pass", line, 0600);
  open_well (secret, folder, false);
  remove_folder (folder);
}

static void
test_lost_passphrase (void)
{
  char *folder = make_folder ();
  g_autofree char *pass_path = g_build_filename (folder, "wallet.pass", NULL);
  uint8_t secret[32];
  open_well (secret, folder, true);
  g_assert_cmpint (g_unlink (pass_path), ==, 0);
  assert_fails_and_touches_nothing (folder, SOUK_WALLET_ERROR_MISSING);
  remove_folder (folder);
}

static void
test_words (void)
{
  char *folder = make_folder ();
  uint8_t secret[32];
  uint8_t entropy[SOUK_ENTROPY_SIZE_MAX];
  char words[SOUK_MNEMONIC_TEXT_SIZE];
  size_t len = 0;
  SoukAddress address;
  SoukAddress other = { { 1 } };
  g_autoptr (GError) error = NULL;

  open_well (secret, folder, true);
  g_assert_true (souk_address_from_secret (secret, &address));
  souk_own_wallet_words (words, folder, &address, &error);
  g_assert_no_error (error);
  g_assert_true (souk_mnemonic_to_entropy (entropy, &len, words, NULL));
  g_assert_cmpuint (len, ==, 32);
  g_assert_false (souk_own_wallet_words (words, folder, &other, &error));
  g_assert_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_DAMAGED);
  remove_folder (folder);
}

/* A keystore that someone put there has a key, and perhaps no words. */
static void
test_imported_keystore (void)
{
  char *folder = make_folder ();
  g_autofree char *pass = g_strnfill (64, 'b');
  uint8_t secret[32] = { 7 };
  uint8_t opened[32];
  char words[SOUK_MNEMONIC_TEXT_SIZE];
  SoukKeystore keystore;
  g_autoptr (GError) error = NULL;

  g_assert_true (souk_keystore_lock (&keystore, secret, SOUK_SLICE_EMPTY, "m",
                                     souk_slice_from_text (pass), 2, NULL));
  g_autofree char *text = souk_keystore_format (&keystore);
  write_file (folder, "wallet.json", text, 0600);
  write_file (folder, "wallet.pass", pass, 0600);
  open_well (opened, folder, false);
  g_assert_cmpmem (opened, 32, secret, 32);
  g_assert_false (souk_own_wallet_words (words, folder, &keystore.address, &error));
  g_assert_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_UNSUPPORTED);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/wallet/own/the-first-start-makes-it-and-later-ones-open-it", test_first_start);
  g_test_add_func ("/wallet/own/two-folders-have-two-wallets", test_two_folders);
  g_test_add_func ("/wallet/own/a-crash-between-the-two-files-is-gone-on-from",
                   test_crash_between_the_files);
  g_test_add_func ("/wallet/own/damage-is-an-error-and-no-file-changes", test_damage);
  g_test_add_func ("/wallet/own/a-lost-passphrase-makes-no-second-wallet", test_lost_passphrase);
  g_test_add_func ("/wallet/own/the-words-come-back-and-belong-to-the-address", test_words);
  g_test_add_func ("/wallet/own/a-keystore-without-words-opens", test_imported_keystore);
  return g_test_run ();
}
