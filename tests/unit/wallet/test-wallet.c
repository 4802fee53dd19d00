/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The wallet's files: first start, next start, a crash in between, loss of a file, import.
 */
#include "wallet/wallet.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

static const char *const names[] = { "passphrase", "seed.json", "keystore.json" };

static char *
temp_dir (void)
{
  g_autoptr (GError) error = NULL;
  char *dir = g_dir_make_tmp ("souk-wallet-XXXXXX", &error);
  g_assert_no_error (error);
  return dir;
}

static char *
file_of (const char *dir, const char *name)
{
  return g_build_filename (dir, "wallet", name, NULL);
}

static void
remove_dir (char *dir)
{
  g_autofree char *folder = g_build_filename (dir, "wallet", NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = file_of (dir, names[i]);
      g_remove (path);
    }
  g_rmdir (folder);
  g_rmdir (dir);
  g_free (dir);
}

static SoukWallet *
open_in (const char *dir)
{
  g_autoptr (GError) error = NULL;
  SoukWalletConfig config = { dir, NULL };
  SoukWallet *wallet = souk_wallet_open (&config, &error);
  g_assert_no_error (error);
  return wallet;
}

static void
the_first_start_makes_an_account_and_the_next_finds_it (void)
{
  char *dir = temp_dir ();
  g_autoptr (SoukWallet) first = open_in (dir);
  g_autoptr (SoukWallet) second = open_in (dir);
  g_assert_true (souk_wallet_is_new (first));
  g_assert_false (souk_wallet_is_new (second));
  g_assert_true (souk_address_is_equal (souk_wallet_address (first), souk_wallet_address (second)));
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = file_of (dir, names[i]);
      GStatBuf info;
      g_assert_cmpint (g_stat (path, &info), ==, 0);
      g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
    }
  g_autofree char *folder = g_build_filename (dir, "wallet", NULL);
  GStatBuf info;
  g_assert_cmpint (g_stat (folder, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0700);
  remove_dir (dir);
}

static void
two_wallets_differ (void)
{
  char *one = temp_dir ();
  char *two = temp_dir ();
  g_autoptr (SoukWallet) first = open_in (one);
  g_autoptr (SoukWallet) second = open_in (two);
  g_assert_false (
      souk_address_is_equal (souk_wallet_address (first), souk_wallet_address (second)));
  remove_dir (one);
  remove_dir (two);
}

/* The first start is killed after each file: the next start ends with the same account as its words. */
static void
a_first_start_that_was_killed_is_finished_by_the_next (void)
{
  char *dir = temp_dir ();
  g_autofree char *keystore = file_of (dir, "keystore.json");
  g_autofree char *seed = file_of (dir, "seed.json");
  g_autoptr (SoukWallet) first = open_in (dir);
  g_assert_cmpint (g_remove (keystore), ==, 0);
  g_autoptr (SoukWallet) second = open_in (dir);
  g_assert_true (souk_address_is_equal (souk_wallet_address (first), souk_wallet_address (second)));
  g_assert_cmpint (g_remove (keystore), ==, 0);
  g_assert_cmpint (g_remove (seed), ==, 0);
  g_autoptr (SoukWallet) third = open_in (dir);
  g_assert_true (souk_wallet_is_new (third));
  g_assert_false (souk_address_is_equal (souk_wallet_address (first), souk_wallet_address (third)));
  remove_dir (dir);
}

static void
a_lost_passphrase_overwrites_nothing (void)
{
  char *dir = temp_dir ();
  g_autofree char *passphrase = file_of (dir, "passphrase");
  g_autoptr (SoukWallet) first = open_in (dir);
  g_autoptr (GError) error = NULL;
  SoukWalletConfig config = { dir, NULL };
  g_assert_cmpint (g_remove (passphrase), ==, 0);
  g_assert_null (souk_wallet_open (&config, &error));
  g_assert_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_INCOMPLETE);
  g_assert_false (g_file_test (passphrase, G_FILE_TEST_EXISTS));
  remove_dir (dir);
}

static void
the_words_restore_the_account_elsewhere (void)
{
  char *one = temp_dir ();
  char *two = temp_dir ();
  g_autoptr (GError) error = NULL;
  g_autoptr (SoukWallet) first = open_in (one);
  g_autoptr (SoukSecretText) words = souk_wallet_mnemonic (first, &error);
  g_assert_no_error (error);
  g_autoptr (SoukWallet) second = souk_wallet_restore (two, words, &error);
  g_assert_no_error (error);
  g_assert_true (souk_address_is_equal (souk_wallet_address (first), souk_wallet_address (second)));
  g_assert_null (souk_wallet_restore (two, words, &error));
  g_assert_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_EXISTS);
  g_autoptr (SoukWallet) third = open_in (two);
  g_autoptr (SoukSecretText) again = souk_wallet_mnemonic (third, NULL);
  g_assert_cmpstr (again, ==, words);
  remove_dir (one);
  remove_dir (two);
}

static void
twelve_words_restore_too (void)
{
  char *dir = temp_dir ();
  g_autoptr (GError) error = NULL;
  g_autoptr (SoukWallet) wallet = souk_wallet_restore (
      dir, "test test test test test test test test test test test junk", &error);
  char text[SOUK_ADDRESS_TEXT_SIZE];
  g_assert_no_error (error);
  souk_address_format (souk_wallet_address (wallet), text);
  g_assert_cmpstr (text, ==, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
  g_assert_null (souk_wallet_mnemonic (wallet, &error));
  g_assert_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_INCOMPLETE);
  g_autoptr (SoukWallet) again = open_in (dir);
  g_assert_true (souk_address_is_equal (souk_wallet_address (wallet), souk_wallet_address (again)));
  remove_dir (dir);
}

static void
an_exported_keystore_opens_with_its_passphrase (void)
{
  char *dir = temp_dir ();
  g_autoptr (SoukWallet) wallet = open_in (dir);
  g_autofree char *json = souk_wallet_export (wallet, "for the drawer");
  uint8_t secret[32];
  SoukAddress address;
  g_assert_true (souk_keystore_read (json, strlen (json), "for the drawer", secret, NULL));
  g_assert_true (souk_address_from_secret (secret, &address));
  g_assert_true (souk_address_is_equal (&address, souk_wallet_address (wallet)));
  remove_dir (dir);
}

static void
a_key_file_is_used_and_nothing_is_written (void)
{
  char *dir = temp_dir ();
  g_autofree char *path = g_build_filename (dir, "key", NULL);
  g_autoptr (GError) error = NULL;
  SoukWalletConfig config = { dir, path };
  char text[SOUK_ADDRESS_TEXT_SIZE];
  g_assert_true (g_file_set_contents (
      path, "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80\n", -1, NULL));
  g_autoptr (SoukWallet) wallet = souk_wallet_open (&config, &error);
  g_assert_no_error (error);
  souk_address_format (souk_wallet_address (wallet), text);
  g_assert_cmpstr (text, ==, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
  g_autofree char *folder = g_build_filename (dir, "wallet", NULL);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_set_contents (path, "0x12", -1, NULL));
  g_assert_null (souk_wallet_open (&config, &error));
  g_assert_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_BAD_KEY);
  g_remove (path);
  remove_dir (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add_func ("/wallet/wallet/" name, func)
  ADD ("the-first-start-makes-an-account-and-the-next-finds-it",
       the_first_start_makes_an_account_and_the_next_finds_it);
  ADD ("two-wallets-differ", two_wallets_differ);
  ADD ("a-first-start-that-was-killed-is-finished-by-the-next",
       a_first_start_that_was_killed_is_finished_by_the_next);
  ADD ("a-lost-passphrase-overwrites-nothing", a_lost_passphrase_overwrites_nothing);
  ADD ("the-words-restore-the-account-elsewhere", the_words_restore_the_account_elsewhere);
  ADD ("twelve-words-restore-too", twelve_words_restore_too);
  ADD ("an-exported-keystore-opens-with-its-passphrase",
       an_exported_keystore_opens_with_its_passphrase);
  ADD ("a-key-file-is-used-and-nothing-is-written", a_key_file_is_used_and_nothing_is_written);
  return g_test_run ();
}
