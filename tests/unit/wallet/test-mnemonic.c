/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util.h"
#include "wallet/mnemonic.h"

static void
test_vectors (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("wallet.json");
  JsonArray *list = json_object_get_array_member (vectors, "mnemonics");
  g_assert_cmpuint (json_array_get_length (list), ==, 24);
  for (unsigned i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *entry = json_array_get_object_element (list, i);
      g_autoptr (GBytes) entropy = souk_test_member_hex (entry, "entropy");
      char words[SOUK_MNEMONIC_TEXT_SIZE];
      uint8_t back[SOUK_ENTROPY_SIZE_MAX];
      uint8_t seed[SOUK_SEED_SIZE];
      size_t len = 0;
      g_autoptr (GError) error = NULL;

      g_assert_true (souk_mnemonic_from_entropy (words, souk_slice_from_bytes (entropy)));
      g_assert_cmpstr (words, ==, text_of (entry, "words"));
      g_assert_true (souk_mnemonic_to_entropy (back, &len, words, &error));
      g_assert_no_error (error);
      assert_bytes (back, len, text_of (entry, "entropy"));
      g_assert_true (souk_mnemonic_to_seed (seed, words, "TREZOR"));
      assert_bytes (seed, sizeof seed, text_of (entry, "seed"));
    }
}

static void
assert_refused (const char *words, const char *message_part)
{
  uint8_t entropy[SOUK_ENTROPY_SIZE_MAX];
  size_t len = 99;
  g_autoptr (GError) error = NULL;
  g_assert_false (souk_mnemonic_to_entropy (entropy, &len, words, &error));
  g_assert_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_MNEMONIC);
  g_assert_nonnull (strstr (error->message, message_part));
  g_assert_cmpuint (len, ==, 99);
}

#define ELEVEN                                                                                     \
  "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "

static void
test_wrong_words (void)
{
  assert_refused ("", "12, 15");
  assert_refused (ELEVEN, "12, 15");
  assert_refused (ELEVEN "abandon", "do not fit together");
  assert_refused (ELEVEN "aboutt", "Word 12 ");
  assert_refused (ELEVEN "abou", "Word 12 ");
  assert_refused ("abandonabandonabandon " ELEVEN, "Word 1 ");
  assert_refused (ELEVEN ELEVEN "abandon abandon abandon", "12, 15");
}

static void
test_spaces_and_case (void)
{
  uint8_t entropy[SOUK_ENTROPY_SIZE_MAX];
  size_t len = 0;
  g_assert_true (souk_mnemonic_to_entropy (entropy, &len,
                                           "\t Abandon  abandon abandon abandon abandon ABANDON\n"
                                           "abandon abandon abandon abandon abandon   about ",
                                           NULL));
  g_assert_cmpuint (len, ==, 16);
}

static void
test_no_error_tells_a_word (void)
{
  uint8_t entropy[SOUK_ENTROPY_SIZE_MAX];
  size_t len;
  g_autoptr (GError) error = NULL;
  g_assert_false (souk_mnemonic_to_entropy (entropy, &len, ELEVEN "swordfish", &error));
  g_assert_null (strstr (error->message, "swordfish"));
  g_assert_null (strstr (error->message, "abandon"));
}

static void
test_entropy_of_another_length (void)
{
  uint8_t entropy[64] = { 0 };
  char words[SOUK_MNEMONIC_TEXT_SIZE];
  for (size_t len = 0; len <= sizeof entropy; len++)
    g_assert_cmpint (souk_mnemonic_from_entropy (words, souk_slice (entropy, len)), ==,
                     len == 16 || len == 20 || len == 24 || len == 28 || len == 32);
}

static void
test_seed_of_long_or_broken_text (void)
{
  uint8_t seed[SOUK_SEED_SIZE];
  g_autofree char *longest = g_strnfill (SOUK_SEED_TEXT_MAX, 'a');
  g_autofree char *longer = g_strnfill (SOUK_SEED_TEXT_MAX + 1, 'a');
  g_assert_true (souk_mnemonic_to_seed (seed, "about", longest));
  g_assert_false (souk_mnemonic_to_seed (seed, "about", longer));
  g_assert_false (souk_mnemonic_to_seed (seed, longer, ""));
  g_assert_false (souk_mnemonic_to_seed (seed, "about", "\xff"));
}

static void
test_foreign_mnemonics (void)
{
  g_autoptr (JsonNode) root = load_testcases ("hdnode");
  if (root == NULL)
    return;
  JsonArray *list = json_node_get_array (root);
  unsigned english = 0;
  for (unsigned i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *entry = json_array_get_object_element (list, i);
      const char *passphrase = text_of (entry, "password");
      uint8_t seed[SOUK_SEED_SIZE];
      g_assert_true (souk_mnemonic_to_seed (seed, text_of (entry, "mnemonic"),
                                            passphrase != NULL ? passphrase : ""));
      assert_bytes (seed, sizeof seed, text_of (entry, "seed"));
      if (g_strcmp0 (text_of (entry, "locale"), "en") != 0)
        continue;
      uint8_t entropy[SOUK_ENTROPY_SIZE_MAX];
      size_t len = 0;
      g_assert_true (souk_mnemonic_to_entropy (entropy, &len, text_of (entry, "mnemonic"), NULL));
      assert_bytes (entropy, len, text_of (entry, "entropy"));
      english++;
    }
  g_test_message ("%u mnemonics, %u of them English", json_array_get_length (list), english);
  g_assert_cmpuint (english, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wallet/mnemonic/the-published-vectors-hold", test_vectors);
  g_test_add_func ("/wallet/mnemonic/wrong-words-are-refused", test_wrong_words);
  g_test_add_func ("/wallet/mnemonic/spaces-and-case-do-not-matter", test_spaces_and_case);
  g_test_add_func ("/wallet/mnemonic/no-error-tells-a-word", test_no_error_tells_a_word);
  g_test_add_func ("/wallet/mnemonic/entropy-of-another-length-has-no-words",
                   test_entropy_of_another_length);
  g_test_add_func ("/wallet/mnemonic/a-text-that-is-too-long-or-no-utf-8-has-no-seed",
                   test_seed_of_long_or_broken_text);
  g_test_add_func ("/wallet/mnemonic/foreign-mnemonics-of-all-languages-have-their-seeds",
                   test_foreign_mnemonics);
  return g_test_run ();
}
