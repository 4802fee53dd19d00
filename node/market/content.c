/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Paid content and its keys. PURE. See content.h.
 */
#include "market/content.h"

#include <sodium.h>
#include <string.h>

G_STATIC_ASSERT (SOUK_CONTENT_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
G_STATIC_ASSERT (SOUK_CONTENT_NONCE_SIZE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
G_STATIC_ASSERT (SOUK_CONTENT_TAG_SIZE == crypto_aead_xchacha20poly1305_ietf_ABYTES);

GBytes *
souk_content_seal (const uint8_t key[SOUK_CONTENT_KEY_SIZE], SoukSlice plain, SoukRng *rng)
{
  g_assert (plain.len <= SOUK_PROMPT_SIZE_MAX);
  uint8_t *sealed = g_malloc (plain.len + SOUK_CONTENT_OVERHEAD);
  souk_rng_fill (rng, sealed, SOUK_CONTENT_NONCE_SIZE);
  crypto_aead_xchacha20poly1305_ietf_encrypt (sealed + SOUK_CONTENT_NONCE_SIZE, NULL, plain.data,
                                              plain.len, NULL, 0, NULL, sealed, key);
  return g_bytes_new_take (sealed, plain.len + SOUK_CONTENT_OVERHEAD);
}

SoukStatus
souk_content_open (const uint8_t key[SOUK_CONTENT_KEY_SIZE], SoukSlice sealed, GBytes **out)
{
  if (sealed.len > SOUK_PROMPT_SIZE_MAX + SOUK_CONTENT_OVERHEAD)
    return SOUK_STATUS_TOO_LARGE;
  if (sealed.len < SOUK_CONTENT_OVERHEAD)
    return SOUK_STATUS_CONTENT_SEAL;
  size_t plain_len = sealed.len - SOUK_CONTENT_OVERHEAD;
  g_autofree uint8_t *plain = g_malloc (plain_len + 1);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt (
          plain, NULL, NULL, sealed.data + SOUK_CONTENT_NONCE_SIZE,
          sealed.len - SOUK_CONTENT_NONCE_SIZE, NULL, 0, sealed.data, key)
      != 0)
    return SOUK_STATUS_CONTENT_SEAL;
  *out = g_bytes_new_take (g_steal_pointer (&plain), plain_len);
  return SOUK_STATUS_OK;
}

void
souk_commitment (uint8_t out[SOUK_HASH_SIZE], const uint8_t value[32])
{
  souk_keccak256 (out, souk_slice (value, 32));
}

bool
souk_commitment_matches (const uint8_t commitment[SOUK_HASH_SIZE], const uint8_t value[32])
{
  uint8_t hash[SOUK_HASH_SIZE];
  souk_commitment (hash, value);
  return sodium_memcmp (hash, commitment, sizeof hash) == 0;
}

void
souk_capsule_xor (uint8_t out[32], const uint8_t in[32], const uint8_t buyer_key[32])
{
  /* Block 0 of the contract's key stream: keccak256 (abi.encode (k, uint256 (0))). */
  uint8_t block[64] = { 0 };
  uint8_t mask[SOUK_HASH_SIZE];
  memcpy (block, buyer_key, 32);
  souk_keccak256 (mask, souk_slice (block, sizeof block));
  for (size_t i = 0; i < 32; i++)
    out[i] = in[i] ^ mask[i];
  sodium_memzero (block, sizeof block);
  sodium_memzero (mask, sizeof mask);
}

SoukStatus
souk_capsule_open (uint8_t out_key[SOUK_CONTENT_KEY_SIZE], const uint8_t capsule[32],
                   const uint8_t buyer_key[32], const uint8_t commitment[SOUK_HASH_SIZE])
{
  uint8_t key[32];
  souk_capsule_xor (key, capsule, buyer_key);
  bool is_right = souk_commitment_matches (commitment, key);
  if (is_right)
    memcpy (out_key, key, sizeof key);
  sodium_memzero (key, sizeof key);
  return is_right ? SOUK_STATUS_OK : SOUK_STATUS_CONTENT_KEY;
}
