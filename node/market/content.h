/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Paid content, its key, and the capsule that carries the key to one buyer (DESIGN 6.1). PURE.
 *
 *   K  content key: the content is stored as nonce (24) || XChaCha20-Poly1305-IETF (content) under K
 *   k  a fresh key for one buyer, revealed on chain
 *   c  capsule: K xor keccak256 (k || uint256 0), sent to the buyer alone
 *   H  keccak256 of 32 bytes; the listing binds H(K), the offer H(k), H(c) and H(K)
 *
 * The keys are the caller's to clear (sodium_memzero).
 */
#pragma once
#include "base/keccak.h"
#include "base/rng.h"
#include "base/status.h"
#include "market/market-limits.h"

#define SOUK_CONTENT_KEY_SIZE 32
#define SOUK_CONTENT_NONCE_SIZE 24
#define SOUK_CONTENT_TAG_SIZE 16
/* What sealing adds. */
#define SOUK_CONTENT_OVERHEAD (SOUK_CONTENT_NONCE_SIZE + SOUK_CONTENT_TAG_SIZE)

/* Returns: (transfer full): the sealed content; plain.len <= SOUK_PROMPT_SIZE_MAX. */
GBytes *souk_content_seal (const uint8_t key[SOUK_CONTENT_KEY_SIZE], SoukSlice plain, SoukRng *rng);
/* Returns: OK and sets *out (transfer full); TOO_LARGE; CONTENT_SEAL when the key does not open it. */
SoukStatus souk_content_open (const uint8_t key[SOUK_CONTENT_KEY_SIZE], SoukSlice sealed,
                              GBytes **out);

/* H: what listings and offers bind. */
void souk_commitment (uint8_t out[SOUK_HASH_SIZE], const uint8_t value[32]);
bool souk_commitment_matches (const uint8_t commitment[SOUK_HASH_SIZE], const uint8_t value[32]);

/* c from K and k, or K from c and k: the same operation. */
void souk_capsule_xor (uint8_t out[32], const uint8_t in[32], const uint8_t buyer_key[32]);
/* Opens a capsule and checks what is in it.
 * Returns: OK and sets K; CONTENT_KEY, and out untouched, when H of it is not `commitment`. */
SoukStatus souk_capsule_open (uint8_t out_key[SOUK_CONTENT_KEY_SIZE], const uint8_t capsule[32],
                              const uint8_t buyer_key[32],
                              const uint8_t commitment[SOUK_HASH_SIZE]);
