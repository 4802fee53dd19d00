/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util.h"
#include "wallet/hd.h"
#include "wallet/keystore.h"

#include <sodium.h>

#define PATH "m/44'/60'/0'/0/0"
#define PASS SOUK_SLICE_LITERAL ("open sesame")

static SoukKeystore
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  SoukKeystore keystore;
  souk_keystore_parse (&keystore, souk_slice_from_text (text), &error);
  g_assert_no_error (error);
  return keystore;
}

static SoukKeystore
make (const uint8_t secret[32], SoukSlice entropy)
{
  g_autoptr (GError) error = NULL;
  SoukKeystore keystore;
  souk_keystore_lock (&keystore, secret, entropy, PATH, PASS, 1024, &error);
  g_assert_no_error (error);
  return keystore;
}

static void
assert_unlock_fails (const SoukKeystore *keystore, SoukSlice passphrase, SoukWalletError code)
{
  uint8_t secret[32];
  g_autoptr (GError) error = NULL;
  g_assert_false (souk_keystore_unlock (keystore, secret, NULL, passphrase, &error));
  g_assert_error (error, SOUK_WALLET_ERROR, (int)code);
}

static void
test_vectors (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("wallet.json");
  JsonArray *list = json_object_get_array_member (vectors, "keystores");
  g_assert_cmpuint (json_array_get_length (list), ==, 5);
  for (unsigned i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *entry = json_array_get_object_element (list, i);
      SoukKeystore keystore = parse (text_of (entry, "json"));
      g_autoptr (GError) error = NULL;
      uint8_t secret[32];
      souk_keystore_unlock (&keystore, secret, NULL,
                            souk_slice_from_text (text_of (entry, "passphrase")), &error);
      g_assert_no_error (error);
      assert_bytes (secret, sizeof secret, text_of (entry, "secret"));
    }
}

static void
test_round_trip (void)
{
  uint8_t secret[32];
  uint8_t entropy[32];
  memset (secret, 0x42, sizeof secret);
  memset (entropy, 0x17, sizeof entropy);
  for (size_t len = 0; len <= 32; len += 16)
    {
      SoukKeystore made = make (secret, souk_slice (entropy, len));
      g_autofree char *text = souk_keystore_format (&made);
      SoukKeystore read = parse (text);
      uint8_t secret_back[32];
      uint8_t entropy_back[32];
      g_assert_true (souk_keystore_unlock (&read, secret_back, entropy_back, PASS, NULL));
      g_assert_cmpmem (secret_back, 32, secret, 32);
      g_assert_cmpuint (read.words_len, ==, len);
      g_assert_cmpmem (entropy_back, len, entropy, len);
      g_assert_true (souk_address_is_equal (&read.address, &made.address));
      g_assert_cmpuint (read.n, ==, 1024);
    }
}

static void
test_same_key_twice (void)
{
  uint8_t secret[32] = { 1 };
  SoukKeystore one = make (secret, SOUK_SLICE_EMPTY);
  SoukKeystore two = make (secret, SOUK_SLICE_EMPTY);
  g_assert_true (memcmp (one.salt, two.salt, one.salt_len) != 0);
  g_assert_true (memcmp (one.iv, two.iv, sizeof one.iv) != 0);
  g_assert_true (memcmp (one.ciphertext, two.ciphertext, sizeof one.ciphertext) != 0);
}

static void
test_wrong_passphrase (void)
{
  uint8_t secret[32] = { 1 };
  SoukKeystore keystore = make (secret, SOUK_SLICE_EMPTY);
  assert_unlock_fails (&keystore, SOUK_SLICE_LITERAL ("open sesamE"), SOUK_WALLET_ERROR_PASSPHRASE);
  assert_unlock_fails (&keystore, SOUK_SLICE_EMPTY, SOUK_WALLET_ERROR_PASSPHRASE);
}

static void
test_each_damaged_part (void)
{
  uint8_t secret[32] = { 1 };
  const SoukKeystore keystore = make (secret, SOUK_SLICE_EMPTY);
  SoukKeystore bad = keystore;
  bad.ciphertext[31] ^= 1;
  assert_unlock_fails (&bad, PASS, SOUK_WALLET_ERROR_PASSPHRASE);
  bad = keystore;
  bad.mac[0] ^= 1;
  assert_unlock_fails (&bad, PASS, SOUK_WALLET_ERROR_PASSPHRASE);
  bad = keystore;
  bad.salt[0] ^= 1;
  assert_unlock_fails (&bad, PASS, SOUK_WALLET_ERROR_PASSPHRASE);
  /* The MAC does not see these two; the address does. */
  bad = keystore;
  bad.iv[5] ^= 1;
  assert_unlock_fails (&bad, PASS, SOUK_WALLET_ERROR_DAMAGED);
  bad = keystore;
  bad.address.bytes[0] ^= 1;
  assert_unlock_fails (&bad, PASS, SOUK_WALLET_ERROR_DAMAGED);
}

static void
test_no_valid_key (void)
{
  uint8_t zero[32] = { 0 };
  SoukKeystore keystore;
  g_autoptr (GError) error = NULL;
  g_assert_false (souk_keystore_lock (&keystore, zero, SOUK_SLICE_EMPTY, PATH, PASS, 1024, &error));
  g_assert_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_KEY);
}

/* The words of the file, when it has any, must be the ones that the other program put there. */
static void
check_words (const SoukKeystore *keystore, const uint8_t *entropy, const char *want)
{
  char words[SOUK_MNEMONIC_TEXT_SIZE];
  if (want == NULL)
    {
      g_assert_cmpuint (keystore->words_len, ==, 0);
      return;
    }
  g_assert_true (souk_mnemonic_from_entropy (words, souk_slice (entropy, keystore->words_len)));
  g_assert_cmpstr (words, ==, want);
  g_assert_cmpstr (keystore->words_path, ==, PATH);
}

static void
test_foreign_keystores (void)
{
  g_autoptr (JsonNode) root = load_testcases ("wallets");
  if (root == NULL)
    return;
  JsonArray *list = json_node_get_array (root);
  unsigned count = 0;
  for (unsigned i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *entry = json_array_get_object_element (list, i);
      uint8_t secret[32];
      uint8_t entropy[SOUK_ENTROPY_SIZE_MAX];
      g_autoptr (GError) error = NULL;
      SoukAddress address;
      if (strcmp (text_of (entry, "type"), "secret-storage") != 0)
        continue;
      SoukKeystore keystore = parse (text_of (entry, "json"));
      souk_keystore_unlock (&keystore, secret, entropy,
                            souk_slice_from_text (text_of (entry, "password")), &error);
      g_assert_no_error (error);
      assert_bytes (secret, sizeof secret, text_of (entry, "privateKey"));
      g_assert_true (souk_address_from_secret (secret, &address));
      assert_bytes (address.bytes, sizeof address.bytes, text_of (entry, "address"));
      check_words (&keystore, entropy, text_of (entry, "mnemonic"));
      count++;
    }
  g_test_message ("%u keystores", count);
  g_assert_cmpuint (count, ==, 7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/wallet/keystore/the-published-vectors-open", test_vectors);
  g_test_add_func ("/wallet/keystore/what-is-locked-opens-again", test_round_trip);
  g_test_add_func ("/wallet/keystore/two-files-of-one-key-have-nothing-in-common",
                   test_same_key_twice);
  g_test_add_func ("/wallet/keystore/a-wrong-passphrase-opens-nothing", test_wrong_passphrase);
  g_test_add_func ("/wallet/keystore/each-damaged-part-is-noticed", test_each_damaged_part);
  g_test_add_func ("/wallet/keystore/zero-is-no-key", test_no_valid_key);
  g_test_add_func ("/wallet/keystore/keystores-of-other-programs-open-with-their-words",
                   test_foreign_keystores);
  return g_test_run ();
}
