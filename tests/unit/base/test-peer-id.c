/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/peer-id.h"

#include "base/keccak.h"
#include "base/multibase.h"
#include "support.h"

#include <secp256k1.h>
#include <string.h>

static void
check_texts (const SoukPeerId *id, const char *base58, const char *cid)
{
  SoukPeerId parsed;
  g_autofree char *text = souk_peer_id_to_string (id);
  g_assert_cmpstr (text, ==, base58);
  souk_assert_status (souk_peer_id_parse (base58, &parsed), OK);
  g_assert_true (souk_peer_id_is_equal (id, &parsed));
  if (!cid)
    return;
  souk_assert_status (souk_peer_id_parse (cid, &parsed), OK);
  g_assert_true (souk_peer_id_is_equal (id, &parsed));
}

static void
test_identities (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("peer-ids.json");
  JsonArray *rows = json_object_get_array_member (vectors, "identities");
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      uint8_t seed[32];
      SoukIdentity identity;
      g_assert_true (
          souk_hex_decode_exact (json_object_get_string_member (row, "seed"), seed, sizeof seed));
      souk_identity_init_seed (&identity, seed);

      g_autoptr (GBytes) key = souk_identity_public_key (&identity);
      souk_assert_hex (souk_slice_from_bytes (key),
                       json_object_get_string_member (row, "public_key"));
      SoukPeerId id = souk_identity_peer_id (&identity);
      g_autoptr (GBytes) bytes = souk_peer_id_to_bytes (&id);
      souk_assert_hex (souk_slice_from_bytes (bytes),
                       json_object_get_string_member (row, "multihash"));
      check_texts (&id, json_object_get_string_member (row, "base58"),
                   json_object_get_string_member (row, "cid"));

      g_autoptr (GBytes) inside = NULL;
      g_assert_true (souk_peer_id_to_public_key (&id, &inside));
      g_assert_true (g_bytes_equal (inside, key));
      souk_identity_done (&identity);
      uint8_t zeros[64] = { 0 };
      g_assert_cmpmem (identity.secret, 64, zeros, 64);
    }
}

static void
test_key_types (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("peer-ids.json");
  JsonArray *rows = json_object_get_array_member (vectors, "keys");
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      const char *base58 = json_object_get_string_member (row, "base58");
      g_autoptr (GBytes) key = souk_test_member_hex (row, "public_key");
      g_autoptr (GBytes) inside = NULL;
      SoukPeerId id;
      souk_assert_status (souk_peer_id_from_public_key (souk_slice_from_bytes (key), &id), OK);
      check_texts (&id, base58, NULL);
      g_assert_cmpint (souk_peer_id_to_public_key (&id, &inside), ==,
                       !g_str_has_prefix (base58, "Qm"));
    }
  rows = json_object_get_array_member (vectors, "texts");
  JsonObject *row = json_array_get_object_element (rows, 0);
  SoukPeerId id;
  const char *base58 = json_object_get_string_member (row, "base58");
  souk_assert_status (souk_peer_id_parse (base58, &id), OK);
  check_texts (&id, base58, json_object_get_string_member (row, "cid"));
}

static void
test_bad_keys (void)
{
  static const char *const bad[] = {
    "",
    "0801",
    "08011220",
    "0801122000",   /* short */
    "080412021234", /* a fifth type */
    "1220ab0801",   /* out of order */
    "080112001800", /* one field more */
    "0881001220eae1c8793b5597c4b3f490e76ac31172c439690f8ee14142bb851a61f9a49f0e",
    "08011221eae1c8793b5597c4b3f490e76ac31172c439690f8ee14142bb851a61f9a49f0e00",
    "08011220eae1c8793b5597c4b3f490e76ac31172c439690f8ee14142bb851a61f9a49f0e00",
  };
  SoukPeerId id;
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) key = souk_test_hex (bad[i]);
      souk_assert_status (souk_peer_id_from_public_key (souk_slice_from_bytes (key), &id),
                          BAD_ENCODING);
    }
  g_autofree uint8_t *large = g_malloc0 (SOUK_PUBLIC_KEY_SIZE_MAX + 1);
  souk_assert_status (
      souk_peer_id_from_public_key (souk_slice (large, SOUK_PUBLIC_KEY_SIZE_MAX + 1), &id),
      TOO_LARGE);
}

static void
test_bad_ids (void)
{
  static const char *const texts[] = {
    "",      "1",
    "Qm",    "12D3",
    "hello", "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4", /* a block's CID */
  };
  SoukPeerId id;
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    souk_assert_status (souk_peer_id_parse (texts[i], &id), BAD_PEER_ID);
  static const char *const bytes[] = { "", "0000", "1102abcd", "1220ab", "00016101" };
  for (size_t i = 0; i < G_N_ELEMENTS (bytes); i++)
    {
      g_autoptr (GBytes) in = souk_test_hex (bytes[i]);
      souk_assert_status (souk_peer_id_from_bytes (souk_slice_from_bytes (in), &id), BAD_PEER_ID);
    }
}

static void
test_order (void)
{
  SoukPeerId ids[3];
  for (size_t i = 0; i < 3; i++)
    {
      uint8_t seed[32] = { (uint8_t)i };
      SoukIdentity identity;
      souk_identity_init_seed (&identity, seed);
      ids[i] = souk_identity_peer_id (&identity);
    }
  g_assert_cmpint (souk_peer_id_compare (&ids[0], &ids[0]), ==, 0);
  for (size_t i = 0; i < 3; i++)
    for (size_t j = 0; j < 3; j++)
      {
        int forth = souk_peer_id_compare (&ids[i], &ids[j]);
        int back = souk_peer_id_compare (&ids[j], &ids[i]);
        g_assert_true ((forth < 0) == (back > 0));
        g_assert_cmpint (souk_peer_id_equal (&ids[i], &ids[j]), ==, i == j);
      }
  g_assert_cmpuint (souk_peer_id_hash (&ids[0]), !=, souk_peer_id_hash (&ids[1]));
}

static void
test_ed25519 (void)
{
  uint8_t seed[32] = { 1 };
  SoukIdentity identity;
  uint8_t signature[64];
  SoukSlice message = SOUK_SLICE_LITERAL ("message");
  souk_identity_init_seed (&identity, seed);
  souk_identity_sign (&identity, signature, message);
  g_autoptr (GBytes) key_bytes = souk_identity_public_key (&identity);
  SoukSlice key = souk_slice_from_bytes (key_bytes);

  souk_assert_status (souk_public_key_verify (key, message, souk_slice (signature, 64)), OK);
  souk_assert_status (
      souk_public_key_verify (key, SOUK_SLICE_LITERAL ("massage"), souk_slice (signature, 64)),
      BAD_SIGNATURE);
  souk_assert_status (souk_public_key_verify (key, message, souk_slice (signature, 63)),
                      BAD_SIGNATURE);
  souk_assert_status (souk_public_key_verify (key, message, SOUK_SLICE_EMPTY), BAD_SIGNATURE);
  signature[10] ^= 1;
  souk_assert_status (souk_public_key_verify (key, message, souk_slice (signature, 64)),
                      BAD_SIGNATURE);
}

static void
test_secp256k1 (void)
{
  /* The specification's key pair; the signature is made here. */
  uint8_t secret[32];
  uint8_t digest[SOUK_HASH_SIZE];
  uint8_t der[80];
  size_t der_len = sizeof der;
  secp256k1_ecdsa_signature signature;
  SoukSlice message = SOUK_SLICE_LITERAL ("message");
  g_autoptr (GBytes) key_bytes = souk_test_hex (
      "08021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99");
  SoukSlice key = souk_slice_from_bytes (key_bytes);
  g_assert_true (souk_hex_decode_exact (
      "53dadf1d5a164d6b4acdb15e24aa4c5b1d3461bdbd42abedb0a4404d56ced8fb", secret, 32));
  secp256k1_context *context = secp256k1_context_create (SECP256K1_CONTEXT_NONE);
  souk_sha256 (digest, message);
  g_assert_true (secp256k1_ecdsa_sign (context, &signature, digest, secret, NULL, NULL));
  g_assert_true (secp256k1_ecdsa_signature_serialize_der (context, der, &der_len, &signature));
  secp256k1_context_destroy (context);

  souk_assert_status (souk_public_key_verify (key, message, souk_slice (der, der_len)), OK);
  souk_assert_status (souk_public_key_verify (key, message, souk_slice (der, der_len - 1)),
                      BAD_SIGNATURE);
  souk_assert_status (souk_public_key_verify (key, SOUK_SLICE_EMPTY, souk_slice (der, der_len)),
                      BAD_SIGNATURE);
  souk_assert_status (souk_public_key_verify (key, message, SOUK_SLICE_EMPTY), BAD_SIGNATURE);

  /* 33 bytes that are no point of the curve. */
  uint8_t no_point[37] = { 0x08, 0x02, 0x12, 0x21, 0x05 };
  souk_assert_status (souk_public_key_verify (souk_slice (no_point, sizeof no_point), message,
                                              souk_slice (der, der_len)),
                      BAD_ENCODING);
}

static void
test_unsupported (void)
{
  g_autoptr (GBytes) ecdsa = souk_test_hex ("08031203abcdef");
  souk_assert_status (
      souk_public_key_verify (souk_slice_from_bytes (ecdsa), SOUK_SLICE_EMPTY, SOUK_SLICE_EMPTY),
      UNSUPPORTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/peer-id/identities-are-those-of-other-programs", test_identities);
  g_test_add_func ("/base/peer-id/every-type-of-key-has-its-id", test_key_types);
  g_test_add_func ("/base/peer-id/only-the-one-form-of-a-key-is-taken", test_bad_keys);
  g_test_add_func ("/base/peer-id/what-is-no-id-is-refused", test_bad_ids);
  g_test_add_func ("/base/peer-id/ids-have-one-order", test_order);
  g_test_add_func ("/base/peer-id/ed25519-signatures-are-checked", test_ed25519);
  g_test_add_func ("/base/peer-id/secp256k1-signatures-are-checked", test_secp256k1);
  g_test_add_func ("/base/peer-id/other-keys-are-named-and-not-checked", test_unsupported);
  return g_test_run ();
}
