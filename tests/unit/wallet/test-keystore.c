/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keystore files of other wallets, our own, and files that are damaged or ask for too much.
 */
#include "wallet/keystore.h"
#include "testcases.h"

/* The definition's own scrypt vector (r = 1, p = 8). */
#define SPEC_FILE                                                                                  \
  "{\"crypto\":{\"cipher\":\"aes-128-ctr\",\"cipherparams\":{\"iv\":"                              \
  "\"83dbcc02d8ccb40e466191a123791e0e\"},\"ciphertext\":"                                          \
  "\"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c\",\"kdf\":\"scrypt\","       \
  "\"kdfparams\":{\"dklen\":32,\"n\":262144,\"p\":8,\"r\":1,\"salt\":"                             \
  "\"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19\"},\"mac\":"                 \
  "\"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097\"},\"id\":"                  \
  "\"3198bc9c-6672-5ab3-d995-4942343ae5b6\",\"version\":3}"

static bool
opens (const char *json, const char *passphrase, uint8_t secret[32], GError **error)
{
  return souk_keystore_read (json, strlen (json), passphrase, secret, error);
}

static void
the_definitions_own_file_opens (void)
{
  uint8_t secret[32];
  g_autoptr (GError) error = NULL;
  g_assert_true (opens (SPEC_FILE, "testpassword", secret, &error));
  assert_hex (souk_slice (secret, 32),
              "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d");
}

static void
what_was_written_opens_with_its_passphrase_only (void)
{
  const uint8_t secret[32] = { 1, 2, 3 };
  SoukAddress address;
  uint8_t read[32];
  g_autoptr (GError) error = NULL;
  g_assert_true (souk_address_from_secret (secret, &address));
  g_autofree char *json = souk_keystore_write (secret, &address, "open", 1024);
  g_autofree char *again = souk_keystore_write (secret, &address, "open", 1024);
  g_assert_cmpstr (json, !=, again);
  g_assert_true (opens (json, "open", read, &error));
  g_assert_cmpmem (read, 32, secret, 32);
  g_assert_false (opens (json, "Open", read, &error));
  g_assert_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_BAD_PASSPHRASE);
}

static void
every_changed_digit_is_noticed (void)
{
  const uint8_t secret[32] = { 7 };
  g_autofree char *json = souk_keystore_write (secret, NULL, "open", 2);
  char *ciphertext = strstr (json, "\"ciphertext\"") + strlen ("\"ciphertext\" : \"");
  uint8_t read[32];
  for (int i = 0; i < 64; i++)
    {
      g_autoptr (GError) error = NULL;
      char before = ciphertext[i];
      ciphertext[i] = before == '0' ? '1' : '0';
      g_assert_false (opens (json, "open", read, &error));
      ciphertext[i] = before;
    }
  g_assert_true (opens (json, "open", read, NULL));
}

static void
assert_refused (const char *from, const char *to, SoukWalletError code)
{
  g_autoptr (GString) json = g_string_new (SPEC_FILE);
  g_autoptr (GError) error = NULL;
  uint8_t secret[32];
  g_assert_cmpuint (g_string_replace (json, from, to, 1), ==, 1);
  g_assert_false (opens (json->str, "testpassword", secret, &error));
  g_assert_error (error, SOUK_WALLET_ERROR, (int)code);
}

static void
files_that_cost_too_much_or_are_damaged_are_refused (void)
{
  assert_refused ("262144", "1073741824", SOUK_WALLET_ERROR_UNSUPPORTED);
  assert_refused ("262144", "262143", SOUK_WALLET_ERROR_UNSUPPORTED);
  assert_refused ("262144", "0", SOUK_WALLET_ERROR_UNSUPPORTED);
  assert_refused ("262144", "-4", SOUK_WALLET_ERROR_UNSUPPORTED);
  assert_refused ("262144", "\"x\"", SOUK_WALLET_ERROR_UNSUPPORTED);
  assert_refused ("\"p\":8", "\"p\":1000", SOUK_WALLET_ERROR_UNSUPPORTED);
  assert_refused ("\"r\":1", "\"r\":4294967297", SOUK_WALLET_ERROR_UNSUPPORTED);
  assert_refused ("aes-128-ctr", "aes-256-gcm", SOUK_WALLET_ERROR_UNSUPPORTED);
  assert_refused ("\"scrypt\"", "\"md5\"", SOUK_WALLET_ERROR_UNSUPPORTED);
  assert_refused ("\"version\":3", "\"version\":4", SOUK_WALLET_ERROR_BAD_KEYSTORE);
  assert_refused ("\"dklen\":32", "\"dklen\":16", SOUK_WALLET_ERROR_BAD_KEYSTORE);
  assert_refused ("ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19", "",
                  SOUK_WALLET_ERROR_BAD_KEYSTORE);
  assert_refused ("83dbcc02", "83dbcc", SOUK_WALLET_ERROR_BAD_KEYSTORE);
  assert_refused ("d172bf74", "zzzzzzzz", SOUK_WALLET_ERROR_BAD_KEYSTORE);
  assert_refused ("\"kdfparams\"", "\"none\"", SOUK_WALLET_ERROR_BAD_KEYSTORE);
  assert_refused ("{\"crypto\"", "{\"open\"", SOUK_WALLET_ERROR_BAD_KEYSTORE);
}

static void
keystores_of_other_wallets_open (void)
{
  g_autoptr (JsonNode) root = load_testcases ("wallets");
  unsigned count = 0;
  if (root == NULL)
    return;
  JsonArray *rows = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      uint8_t secret[32];
      g_autoptr (GError) error = NULL;
      if (!g_str_equal (text_of (row, "type"), "secret-storage"))
        continue;
      g_assert_true (opens (text_of (row, "json"), text_of (row, "password"), secret, &error));
      g_assert_no_error (error);
      assert_hex (souk_slice (secret, 32), text_of (row, "privateKey"));
      count++;
    }
  g_assert_cmpuint (count, ==, 7);
  g_test_message ("%u keystores", count);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/wallet/keystore/the-definitions-own-file-opens",
                   the_definitions_own_file_opens);
  g_test_add_func ("/wallet/keystore/what-was-written-opens-with-its-passphrase-only",
                   what_was_written_opens_with_its_passphrase_only);
  g_test_add_func ("/wallet/keystore/every-changed-digit-is-noticed",
                   every_changed_digit_is_noticed);
  g_test_add_func ("/wallet/keystore/files-that-cost-too-much-or-are-damaged-are-refused",
                   files_that_cost_too_much_or_are_damaged_are_refused);
  g_test_add_func ("/wallet/keystore/keystores-of-other-wallets-open",
                   keystores_of_other_wallets_open);
  return g_test_run ();
}
