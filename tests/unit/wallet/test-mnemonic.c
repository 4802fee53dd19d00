/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Words, seeds and derived keys: foreign vectors in eight languages, and words that are wrong.
 */
#include "wallet/mnemonic.h"
#include "base/address.h"
#include "testcases.h"

static void
what_the_words_say_is_read_again (void)
{
  for (size_t len = 16; len <= 32; len += 4)
    {
      uint8_t entropy[32];
      uint8_t read[32];
      g_autoptr (GError) error = NULL;
      for (size_t i = 0; i < len; i++)
        entropy[i] = (uint8_t)(i * 37 + len);
      g_autoptr (SoukSecretText) words = souk_mnemonic_from_entropy (entropy, len);
      g_assert_cmpuint (souk_mnemonic_to_entropy (words, read, &error), ==, len);
      g_assert_no_error (error);
      g_assert_cmpmem (read, len, entropy, len);
    }
}

/* The words that every development chain has, and their first account. */
static void
the_well_known_words_give_the_well_known_account (void)
{
  uint8_t seed[SOUK_SEED_SIZE];
  uint8_t secret[32];
  g_assert_true (souk_mnemonic_to_seed (
      "test test test test test test test test test test test junk", "", seed));
  g_assert_true (souk_hd_derive (seed, SOUK_HD_PATH_FIRST, secret));
  assert_hex (souk_slice (secret, 32),
              "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
}

static void
wrong_words_are_refused (void)
{
  static const char *const texts[] = {
    "",
    "test",
    "test test test test test test test test test test test test",  /* checksum */
    "test test test test test test test test test test test tesst", /* no word */
    "test test test test test test test test test test test",       /* eleven */
    "test test test test test test test test test test test junk test",
    "Test test test test test test test test test test test junk",
    ("test test test test test test test test test test test test test test test test test test "
    "test test test test test test junk"),
    "supercalifragilisticexpialidocious test test test test test test test test test test junk",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      uint8_t entropy[32];
      g_assert_cmpuint (souk_mnemonic_to_entropy (texts[i], entropy, &error), ==, 0);
      g_assert_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_BAD_MNEMONIC);
    }
}

static void
spaces_do_not_matter (void)
{
  uint8_t entropy[32];
  g_assert_cmpuint (
      souk_mnemonic_to_entropy ("  test test  test test test test test test test test test  junk ",
                                entropy, NULL),
      ==, 16);
}

static void
paths_are_read_exactly (void)
{
  static const char *const bad[] = { "",
                                     "44",
                                     "m/",
                                     "m/x",
                                     "m/1/",
                                     "m//1",
                                     "m/-1",
                                     "m/1''",
                                     "m/2147483648",
                                     "m/1h",
                                     "m/0/0/0/0/0/0/0/0/0/0/0" };
  uint32_t steps[SOUK_HD_PATH_MAX];
  g_assert_cmpint (souk_hd_path_parse ("m", steps), ==, 0);
  g_assert_cmpint (souk_hd_path_parse (SOUK_HD_PATH_FIRST, steps), ==, 5);
  g_assert_cmpuint (steps[0], ==, 0x80000000u + 44);
  g_assert_cmpuint (steps[4], ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_cmpint (souk_hd_path_parse (bad[i], steps), ==, -1);
}

/* ---- foreign vectors ---- */

static unsigned
check_nodes (JsonObject *row, const uint8_t seed[SOUK_SEED_SIZE])
{
  JsonArray *nodes = json_object_get_array_member (row, "hdnodes");
  for (guint i = 0; i < json_array_get_length (nodes); i++)
    {
      JsonObject *node = json_array_get_object_element (nodes, i);
      uint8_t secret[32];
      SoukAddress address;
      g_assert_true (souk_hd_derive (seed, text_of (node, "path"), secret));
      assert_hex (souk_slice (secret, 32), text_of (node, "privateKey"));
      g_assert_true (souk_address_from_secret (secret, &address));
      assert_hex (souk_slice (address.bytes, 20), text_of (node, "address"));
    }
  return json_array_get_length (nodes);
}

static void
foreign_wallets_are_opened_in_eight_languages (void)
{
  g_autoptr (JsonNode) root = load_testcases ("hdnode");
  unsigned nodes = 0;
  unsigned english = 0;
  if (root == NULL)
    return;
  JsonArray *rows = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      const char *password = text_of (row, "password");
      uint8_t seed[SOUK_SEED_SIZE];
      g_assert_true (
          souk_mnemonic_to_seed (text_of (row, "mnemonic"), password ? password : "", seed));
      assert_hex (souk_slice (seed, sizeof seed), text_of (row, "seed"));
      nodes += check_nodes (row, seed);
      if (g_str_equal (text_of (row, "locale"), "en"))
        {
          uint8_t entropy[32];
          size_t len = souk_mnemonic_to_entropy (text_of (row, "mnemonic"), entropy, NULL);
          assert_hex (souk_slice (entropy, len), text_of (row, "entropy"));
          g_autoptr (SoukSecretText) words = souk_mnemonic_from_entropy (entropy, len);
          g_assert_cmpstr (words, ==, text_of (row, "mnemonic"));
          english++;
        }
    }
  g_test_message ("%u mnemonics, %u of them English, %u keys", json_array_get_length (rows),
                  english, nodes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wallet/mnemonic/what-the-words-say-is-read-again",
                   what_the_words_say_is_read_again);
  g_test_add_func ("/wallet/mnemonic/the-well-known-words-give-the-well-known-account",
                   the_well_known_words_give_the_well_known_account);
  g_test_add_func ("/wallet/mnemonic/wrong-words-are-refused", wrong_words_are_refused);
  g_test_add_func ("/wallet/mnemonic/spaces-do-not-matter", spaces_do_not_matter);
  g_test_add_func ("/wallet/mnemonic/paths-are-read-exactly", paths_are_read_exactly);
  g_test_add_func ("/wallet/mnemonic/foreign-wallets-are-opened-in-eight-languages",
                   foreign_wallets_are_opened_in_eight_languages);
  return g_test_run ();
}
