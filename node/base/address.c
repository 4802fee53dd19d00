/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ethereum addresses and signatures. PURE. See address.h.
 *
 * Reading signatures needs no context of its own. Signing uses one context for the whole process,
 * made on first use and never freed; it holds no secret. It is not blinded with randomness, since
 * pure code has none: the library computes in constant time without it.
 */
#include "base/address.h"

#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <sodium.h>
#include <string.h>

bool
souk_address_is_zero (const SoukAddress *address)
{
  static const SoukAddress zero = { { 0 } };
  return souk_address_is_equal (address, &zero);
}

bool
souk_address_is_equal (const SoukAddress *a, const SoukAddress *b)
{
  return memcmp (a->bytes, b->bytes, SOUK_ADDRESS_SIZE) == 0;
}

void
souk_address_format (const SoukAddress *address, char out[SOUK_ADDRESS_TEXT_SIZE])
{
  g_autofree char *digits = souk_hex_encode (souk_slice (address->bytes, SOUK_ADDRESS_SIZE));
  uint8_t hash[SOUK_HASH_SIZE];

  /* EIP-55: a letter is upper case where the hash of the lower-case digits has a nibble of 8 or
   * more. */
  souk_keccak256 (hash, souk_slice_from_text (digits));
  out[0] = '0';
  out[1] = 'x';
  for (size_t i = 0; i < SOUK_ADDRESS_SIZE * 2; i++)
    {
      unsigned nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15;
      out[2 + i] = nibble >= 8 ? g_ascii_toupper (digits[i]) : digits[i];
    }
  out[SOUK_ADDRESS_TEXT_SIZE - 1] = '\0';
}

SoukStatus
souk_address_parse (const char *text, SoukAddress *out)
{
  SoukAddress address;
  bool has_lower = false;
  bool has_upper = false;

  if (text[0] != '0' || text[1] != 'x'
      || !souk_hex_decode_exact (text, address.bytes, SOUK_ADDRESS_SIZE))
    return SOUK_STATUS_BAD_NUMBER;
  for (const char *at = text + 2; *at; at++)
    {
      has_lower = has_lower || g_ascii_islower (*at);
      has_upper = has_upper || g_ascii_isupper (*at);
    }
  if (has_lower && has_upper)
    {
      char want[SOUK_ADDRESS_TEXT_SIZE];
      souk_address_format (&address, want);
      if (strcmp (text, want) != 0)
        return SOUK_STATUS_BAD_NUMBER;
    }
  *out = address;
  return SOUK_STATUS_OK;
}

static gpointer
make_signing_context (gpointer unused)
{
  return secp256k1_context_create (SECP256K1_CONTEXT_NONE);
}

static const secp256k1_context *
signing_context (void)
{
  static GOnce once = G_ONCE_INIT;
  return g_once (&once, make_signing_context, NULL);
}

/* The last 20 bytes of the hash of the uncompressed key, without its leading 0x04. */
static void
address_of_key (const secp256k1_pubkey *key, SoukAddress *out)
{
  uint8_t point[65];
  uint8_t hash[SOUK_HASH_SIZE];
  size_t len = sizeof point;

  secp256k1_ec_pubkey_serialize (secp256k1_context_static, point, &len, key,
                                 SECP256K1_EC_UNCOMPRESSED);
  souk_keccak256 (hash, souk_slice (point + 1, sizeof point - 1));
  memcpy (out->bytes, hash + SOUK_HASH_SIZE - SOUK_ADDRESS_SIZE, SOUK_ADDRESS_SIZE);
}

bool
souk_address_from_secret (const uint8_t secret[32], SoukAddress *out)
{
  secp256k1_pubkey key;
  if (!secp256k1_ec_pubkey_create (signing_context (), &key, secret))
    return false;
  address_of_key (&key, out);
  return true;
}

bool
souk_ecdsa_sign (const uint8_t secret[32], const uint8_t digest[SOUK_HASH_SIZE],
                 uint8_t out_signature[SOUK_ECDSA_SIZE])
{
  secp256k1_ecdsa_recoverable_signature signature;
  int recovery = 0;

  if (!secp256k1_ecdsa_sign_recoverable (signing_context (), &signature, digest, secret,
                                         secp256k1_nonce_function_rfc6979, NULL))
    return false;
  secp256k1_ecdsa_recoverable_signature_serialize_compact (secp256k1_context_static, out_signature,
                                                           &recovery, &signature);
  /* 2 and 3 need an r beyond the curve's order, which happens once in 2^127 signatures. */
  g_assert (recovery == 0 || recovery == 1);
  out_signature[64] = (uint8_t)(27 + recovery);
  return true;
}

/* True when s is at most half the order: the other half is refused by the contracts, since it
 * would give each signature a twin. */
static bool
is_low_s (const uint8_t signature[SOUK_ECDSA_SIZE])
{
  secp256k1_ecdsa_signature plain;
  return secp256k1_ecdsa_signature_parse_compact (secp256k1_context_static, &plain, signature)
         && !secp256k1_ecdsa_signature_normalize (secp256k1_context_static, NULL, &plain);
}

SoukStatus
souk_ecdsa_recover (const uint8_t digest[SOUK_HASH_SIZE], const uint8_t signature[SOUK_ECDSA_SIZE],
                    SoukAddress *out)
{
  secp256k1_ecdsa_recoverable_signature parsed;
  secp256k1_pubkey key;
  uint8_t v = signature[64];

  if ((v != 27 && v != 28) || !is_low_s (signature)
      || !secp256k1_ecdsa_recoverable_signature_parse_compact (secp256k1_context_static, &parsed,
                                                               signature, v - 27)
      || !secp256k1_ecdsa_recover (secp256k1_context_static, &key, &parsed, digest))
    return SOUK_STATUS_BAD_SIGNATURE;
  address_of_key (&key, out);
  return SOUK_STATUS_OK;
}

void
souk_eip191_digest (uint8_t out[SOUK_HASH_SIZE], SoukSlice text)
{
  g_autofree char *prefix = g_strdup_printf ("\x19"
                                             "Ethereum Signed Message:\n%" G_GSIZE_FORMAT,
                                             text.len);
  SoukKeccak keccak;
  souk_keccak_init (&keccak);
  souk_keccak_update (&keccak, souk_slice_from_text (prefix));
  souk_keccak_update (&keccak, text);
  souk_keccak_digest (&keccak, out);
}
