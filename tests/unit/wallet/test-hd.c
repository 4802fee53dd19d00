/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/address.h"
#include "util.h"
#include "wallet/hd.h"
#include "wallet/mnemonic.h"

static void
test_vectors (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("wallet.json");
  JsonArray *list = json_object_get_array_member (vectors, "nodes");
  g_assert_cmpuint (json_array_get_length (list), ==, 14);
  for (unsigned i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *entry = json_array_get_object_element (list, i);
      g_autoptr (GBytes) seed = souk_test_member_hex (entry, "seed");
      SoukHdNode node;
      g_assert_true (souk_hd_master (&node, souk_slice_from_bytes (seed)));
      g_assert_true (souk_hd_follow (&node, text_of (entry, "path")));
      assert_bytes (node.secret, sizeof node.secret, text_of (entry, "secret"));
      assert_bytes (node.chain_code, sizeof node.chain_code, text_of (entry, "chain_code"));
    }
}

static void
assert_address (const char *words, const char *path, const char *want)
{
  uint8_t seed[SOUK_SEED_SIZE];
  char text[SOUK_ADDRESS_TEXT_SIZE];
  SoukAddress address;
  SoukHdNode node;
  g_assert_true (souk_mnemonic_to_seed (seed, words, ""));
  g_assert_true (souk_hd_master (&node, souk_slice (seed, sizeof seed)));
  g_assert_true (souk_hd_follow (&node, path));
  g_assert_true (souk_address_from_secret (node.secret, &address));
  souk_address_format (&address, text);
  g_assert_cmpstr (text, ==, want);
}

static void
test_known_addresses (void)
{
  assert_address ("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
                  "abandon about",
                  "m/44'/60'/0'/0/0", "0x9858EfFD232B4033E47d90003D41EC34EcaEda94");
  const char *junk = "test test test test test test test test test test test junk";
  assert_address (junk, "m/44'/60'/0'/0/0", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
  assert_address (junk, "m/44'/60'/0'/0/1", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
}

static void
test_paths (void)
{
  static const char *const bad[] = {
    "",
    "44'",
    "/44'",
    "m/",
    "m/x",
    "m/1/",
    "m//1",
    "m/1''",
    "m/-1",
    "m/+1",
    "m/ 1",
    "m/1h",
    "m/2147483648",
    "m/2147483648'",
    "m/99999999999",
    "M/1",
    "m1",
    "m/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1",
  };
  static const char *const good[]
      = { "m", "m/0", "m/2147483647'", "m/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1" };
  uint8_t seed[64] = { 1 };
  SoukHdNode node;
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_true (souk_hd_master (&node, souk_slice (seed, sizeof seed)));
      g_assert_false (souk_hd_follow (&node, bad[i]));
    }
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (souk_hd_master (&node, souk_slice (seed, sizeof seed)));
      g_assert_true (souk_hd_follow (&node, good[i]));
    }
}

static void
test_seed_lengths (void)
{
  uint8_t seed[65] = { 1 };
  SoukHdNode node;
  g_assert_false (souk_hd_master (&node, souk_slice (seed, 15)));
  g_assert_true (souk_hd_master (&node, souk_slice (seed, 16)));
  g_assert_true (souk_hd_master (&node, souk_slice (seed, 64)));
  g_assert_false (souk_hd_master (&node, souk_slice (seed, 65)));
}

static void
test_foreign_nodes (void)
{
  g_autoptr (JsonNode) root = load_testcases ("hdnode");
  if (root == NULL)
    return;
  JsonArray *list = json_node_get_array (root);
  unsigned count = 0;
  for (unsigned i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *entry = json_array_get_object_element (list, i);
      JsonArray *nodes = json_object_get_array_member (entry, "hdnodes");
      g_autoptr (GBytes) seed = souk_test_member_hex (entry, "seed");
      SoukHdNode master;
      g_assert_true (souk_hd_master (&master, souk_slice_from_bytes (seed)));
      for (unsigned j = 0; j < json_array_get_length (nodes); j++, count++)
        {
          JsonObject *want = json_array_get_object_element (nodes, j);
          SoukHdNode node = master;
          SoukAddress address;
          g_assert_true (souk_hd_follow (&node, text_of (want, "path")));
          assert_bytes (node.secret, sizeof node.secret, text_of (want, "privateKey"));
          g_assert_true (souk_address_from_secret (node.secret, &address));
          assert_bytes (address.bytes, sizeof address.bytes, text_of (want, "address"));
        }
    }
  g_test_message ("%u nodes", count);
  g_assert_cmpuint (count, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wallet/hd/the-published-vectors-hold", test_vectors);
  g_test_add_func ("/wallet/hd/known-words-lead-to-their-known-addresses", test_known_addresses);
  g_test_add_func ("/wallet/hd/only-well-formed-paths-are-followed", test_paths);
  g_test_add_func ("/wallet/hd/a-seed-of-another-length-has-no-key", test_seed_lengths);
  g_test_add_func ("/wallet/hd/foreign-nodes-have-their-keys-and-addresses", test_foreign_nodes);
  return g_test_run ();
}
