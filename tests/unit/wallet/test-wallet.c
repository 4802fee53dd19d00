/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util.h"
#include "wallet/wallet.h"

/* A published key that every test chain knows. */
#define TEST_KEY "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
#define TEST_ADDRESS "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"

static SoukLog *
open_log (void)
{
  SoukLogConfig config = { .stderr_level = SOUK_LOG_NONE };
  return souk_log_new (&config, NULL);
}

/* Whether a line of the log holds the text. */
static bool
log_says (SoukLog *log, const char *text)
{
  SoukLogFilter filter = { .text = text };
  g_autoptr (GPtrArray) entries = souk_log_query (log, &filter);
  return entries->len > 0;
}

static SoukWallet *
open_key_text (const char *folder, const char *text, int mode, SoukLog *log, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "key", NULL);
  SoukWalletConfig config = { .data_dir = folder, .key_file = path, .log = log };
  write_file (folder, "key", text, mode);
  return souk_wallet_open (&config, error);
}

static void
assert_signs (SoukWallet *wallet)
{
  uint8_t signature[SOUK_ECDSA_SIZE];
  uint8_t digest[SOUK_HASH_SIZE];
  SoukAddress signer;
  for (unsigned i = 0; i < 20; i++)
    {
      memset (digest, (int)i, sizeof digest);
      g_assert_true (souk_wallet_sign (wallet, digest, signature));
      souk_assert_status (souk_ecdsa_recover (digest, signature, &signer), OK);
      g_assert_true (souk_address_is_equal (&signer, souk_wallet_address (wallet)));
    }
}

static void
test_key_file (void)
{
  static const char *const texts[]
      = { TEST_KEY, "0x" TEST_KEY, TEST_KEY "\n", " " TEST_KEY "\r\n" };
  char *folder = make_folder ();
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SoukLog) log = open_log ();
      g_autoptr (SoukWallet) wallet = open_key_text (folder, texts[i], 0600, log, &error);
      char address[SOUK_ADDRESS_TEXT_SIZE];
      g_assert_no_error (error);
      souk_address_format (souk_wallet_address (wallet), address);
      g_assert_cmpstr (address, ==, TEST_ADDRESS);
      g_assert_null (souk_wallet_keystore_path (wallet));
      g_assert_false (log_says (log, "wallet.key-file-open-to-others"));
      assert_signs (wallet);
    }
  g_assert_cmpuint (files_in (folder), ==, 1);
  remove_folder (folder);
}

static void
test_key_file_open_to_others (void)
{
  char *folder = make_folder ();
  g_autoptr (SoukLog) log = open_log ();
  g_autoptr (SoukWallet) wallet = open_key_text (folder, TEST_KEY, 0644, log, NULL);
  g_assert_nonnull (wallet);
  g_assert_true (log_says (log, "wallet.key-file-open-to-others"));
  remove_folder (folder);
}

static void
test_bad_key_files (void)
{
  static const struct {
    const char *text;
    SoukWalletError code;
  } cases[] = {
    { "", SOUK_WALLET_ERROR_KEY },
    { "ac0974", SOUK_WALLET_ERROR_KEY },
    { TEST_KEY "00", SOUK_WALLET_ERROR_KEY },
    { TEST_KEY " " TEST_KEY, SOUK_WALLET_ERROR_DAMAGED },
    { "0000000000000000000000000000000000000000000000000000000000000000", SOUK_WALLET_ERROR_KEY },
    { "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", SOUK_WALLET_ERROR_KEY },
  };
  char *folder = make_folder ();
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (open_key_text (folder, cases[i].text, 0600, NULL, &error));
      g_assert_error (error, SOUK_WALLET_ERROR, (int)cases[i].code);
      g_assert_true (cases[i].text[0] == '\0' || strstr (error->message, cases[i].text) == NULL);
    }
  SoukWalletConfig missing = { .data_dir = folder, .key_file = "/nonexistent/key" };
  g_autoptr (GError) error = NULL;
  g_assert_null (souk_wallet_open (&missing, &error));
  g_assert_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_MISSING);
  /* A wallet of its own is no way out: the money is on the other key. */
  g_assert_cmpuint (files_in (folder), ==, 1);
  remove_folder (folder);
}

static void
test_own_wallet (void)
{
  char *folder = make_folder ();
  g_autoptr (SoukLog) log = open_log ();
  SoukWalletConfig config = { .data_dir = folder, .log = log };
  SoukWallet *wallet = souk_wallet_open (&config, NULL);
  SoukAddress address = *souk_wallet_address (wallet);
  g_assert_true (g_str_has_prefix (souk_wallet_keystore_path (wallet), folder));
  g_assert_true (log_says (log, "wallet.made"));
  assert_signs (wallet);
  souk_wallet_free (wallet);

  int64_t start_us = g_get_monotonic_time ();
  wallet = souk_wallet_open (&config, NULL);
  g_test_message ("opened in %.1f ms", (double)(g_get_monotonic_time () - start_us) / 1000);
  g_assert_true (souk_address_is_equal (souk_wallet_address (wallet), &address));
  assert_signs (wallet);
  souk_wallet_free (wallet);
  remove_folder (folder);
}

static void
test_words (void)
{
  char *folder = make_folder ();
  SoukWalletConfig config = { .data_dir = folder };
  g_autoptr (SoukWallet) wallet = souk_wallet_open (&config, NULL);
  g_autoptr (GError) error = NULL;
  char *words = souk_wallet_export_mnemonic (wallet, &error);
  g_assert_no_error (error);
  g_auto (GStrv) list = g_strsplit (words, " ", -1);
  g_assert_cmpuint (g_strv_length (list), ==, 24);
  souk_wallet_free_words (words);

  g_autoptr (SoukWallet) other = open_key_text (folder, TEST_KEY, 0600, NULL, NULL);
  g_assert_null (souk_wallet_export_mnemonic (other, &error));
  g_assert_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_UNSUPPORTED);
  remove_folder (folder);
}

static void
test_the_log_holds_no_secret (void)
{
  char *folder = make_folder ();
  g_autoptr (SoukLog) log = open_log ();
  SoukWalletConfig config = { .data_dir = folder, .log = log };
  g_autoptr (SoukWallet) wallet = souk_wallet_open (&config, NULL);
  g_autoptr (SoukWallet) other = open_key_text (folder, TEST_KEY, 0644, log, NULL);
  g_autofree char *pass = read_file (folder, "wallet.pass");
  g_assert_true (log_says (log, TEST_ADDRESS));
  g_assert_false (log_says (log, pass));
  g_assert_false (log_says (log, TEST_KEY));
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wallet/wallet/a-key-file-gives-its-address-and-signs", test_key_file);
  g_test_add_func ("/wallet/wallet/a-key-file-open-to-others-is-warned-about",
                   test_key_file_open_to_others);
  g_test_add_func ("/wallet/wallet/a-bad-key-file-is-an-error-and-no-new-wallet",
                   test_bad_key_files);
  g_test_add_func ("/wallet/wallet/the-own-wallet-opens-again-with-its-address", test_own_wallet);
  g_test_add_func ("/wallet/wallet/the-words-of-the-own-wallet-can-be-backed-up", test_words);
  g_test_add_func ("/wallet/wallet/the-log-holds-no-secret", test_the_log_holds_no_secret);
  return g_test_run ();
}
