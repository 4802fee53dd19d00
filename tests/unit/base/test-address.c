/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/address.h"

#include "support.h"

#include <string.h>

static void
test_checksums (void)
{
  /* EIP-55, "Test Cases"; the first four are all upper or all lower. */
  static const char *const good[] = {
    "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      SoukAddress address;
      char text[SOUK_ADDRESS_TEXT_SIZE];
      souk_assert_status (souk_address_parse (good[i], &address), OK);
      souk_address_format (&address, text);
      g_assert_cmpstr (text, ==, good[i]);
      g_autofree char *lower = g_ascii_strdown (good[i], -1);
      SoukAddress same;
      souk_assert_status (souk_address_parse (lower, &same), OK);
      g_assert_true (souk_address_is_equal (&address, &same));
    }
}

static void
test_refuses (void)
{
  static const char *const bad[] = {
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", /* one letter in the wrong case */
    "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",   /* no prefix */
    "0X5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed00",
    "0xgggggggggggggggggggggggggggggggggggggggg",
    "0x",
    "",
  };
  SoukAddress address = { { 7 } };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    souk_assert_status (souk_address_parse (bad[i], &address), BAD_NUMBER);
  g_assert_cmpuint (address.bytes[0], ==, 7);
}

static void
test_personal_sign (void)
{
  uint8_t digest[SOUK_HASH_SIZE];
  uint8_t secret[32];
  uint8_t signature[SOUK_ECDSA_SIZE];
  SoukAddress address;
  SoukAddress signer;
  char text[SOUK_ADDRESS_TEXT_SIZE];

  souk_eip191_digest (digest, SOUK_SLICE_LITERAL ("hello world"));
  souk_assert_hex (souk_slice (digest, sizeof digest),
                   "d9eba16ed0ecae432b71fe008c98cc872bb4cc214d3220a36f365326cf807d68");

  souk_eip191_digest (digest, SOUK_SLICE_LITERAL ("Some data"));
  souk_assert_hex (souk_slice (digest, sizeof digest),
                   "1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655");
  g_assert_true (souk_hex_decode_exact (
      "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318", secret, 32));
  g_assert_true (souk_address_from_secret (secret, &address));
  souk_address_format (&address, text);
  g_assert_cmpstr (text, ==, "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23");

  g_assert_true (souk_ecdsa_sign (secret, digest, signature));
  souk_assert_hex (souk_slice (signature, sizeof signature),
                   "b91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd"
                   "6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a029"
                   "1c");
  souk_assert_status (souk_ecdsa_recover (digest, signature, &signer), OK);
  g_assert_true (souk_address_is_equal (&signer, &address));
}

static void
test_bad_signatures (void)
{
  uint8_t secret[32] = { [31] = 1 };
  uint8_t digest[SOUK_HASH_SIZE] = { 1 };
  uint8_t good[SOUK_ECDSA_SIZE];
  uint8_t bad[SOUK_ECDSA_SIZE];
  SoukAddress signer;
  SoukAddress other;
  g_assert_true (souk_ecdsa_sign (secret, digest, good));
  souk_assert_status (souk_ecdsa_recover (digest, good, &signer), OK);

  /* v as chains with EIP-155 and raw libraries write it. */
  static const uint8_t versions[] = { 0, 1, 26, 29, 35, 255 };
  for (size_t i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      memcpy (bad, good, sizeof bad);
      bad[64] = versions[i];
      souk_assert_status (souk_ecdsa_recover (digest, bad, &other), BAD_SIGNATURE);
    }
  /* The twin: order - s, and the other parity. */
  static const char order[] = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
  uint8_t n[32];
  memcpy (bad, good, sizeof bad);
  g_assert_true (souk_hex_decode_exact (order, n, 32));
  int borrow = 0;
  for (int i = 31; i >= 0; i--)
    {
      int diff = n[i] - good[32 + i] - borrow;
      borrow = diff < 0;
      bad[32 + i] = (uint8_t)diff;
    }
  bad[64] = good[64] == 27 ? 28 : 27;
  souk_assert_status (souk_ecdsa_recover (digest, bad, &other), BAD_SIGNATURE);
  /* Zero and the order itself are no numbers of a signature. */
  memcpy (bad, good, sizeof bad);
  memset (bad, 0, 32);
  souk_assert_status (souk_ecdsa_recover (digest, bad, &other), BAD_SIGNATURE);
  memcpy (bad, n, 32);
  souk_assert_status (souk_ecdsa_recover (digest, bad, &other), BAD_SIGNATURE);
  /* Another digest gives another signer or none. */
  digest[0] = 2;
  if (souk_ecdsa_recover (digest, good, &other) == SOUK_STATUS_OK)
    g_assert_false (souk_address_is_equal (&signer, &other));
}

static void
test_bad_secrets (void)
{
  uint8_t secret[32] = { 0 };
  uint8_t digest[SOUK_HASH_SIZE] = { 1 };
  uint8_t signature[SOUK_ECDSA_SIZE];
  SoukAddress address = { { 0 } };
  g_assert_false (souk_address_from_secret (secret, &address));
  g_assert_false (souk_ecdsa_sign (secret, digest, signature));
  memset (secret, 0xff, sizeof secret);
  g_assert_false (souk_address_from_secret (secret, &address));
  g_assert_false (souk_ecdsa_sign (secret, digest, signature));
  g_assert_true (souk_address_is_zero (&address));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/address/checksums-of-the-standard", test_checksums);
  g_test_add_func ("/base/address/a-wrong-checksum-or-length-is-refused", test_refuses);
  g_test_add_func ("/base/address/personal-sign-is-what-wallets-make", test_personal_sign);
  g_test_add_func ("/base/address/twins-and-broken-signatures-are-refused", test_bad_signatures);
  g_test_add_func ("/base/address/numbers-that-are-no-key-sign-nothing", test_bad_secrets);
  return g_test_run ();
}
