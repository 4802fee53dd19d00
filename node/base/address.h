/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ethereum addresses and recoverable secp256k1 signatures (EIP-55, EIP-191). PURE.
 *
 * Signing takes the secret as an argument; only wallet/ holds one. Signatures are 65 bytes,
 * r || s || v with v 27 or 28, s in the lower half, as Solidity's ecrecover and EIP-712 use them.
 */
#pragma once
#include "base/keccak.h"
#include "base/status.h"

#define SOUK_ADDRESS_SIZE 20
#define SOUK_ECDSA_SIZE 65
/* "0x", 40 digits and the final zero. */
#define SOUK_ADDRESS_TEXT_SIZE 43

typedef struct {
  uint8_t bytes[SOUK_ADDRESS_SIZE];
} SoukAddress;

bool souk_address_is_zero (const SoukAddress *address);
bool souk_address_is_equal (const SoukAddress *a, const SoukAddress *b);
/* "0x…": all lower, all upper, or a right EIP-55 checksum; BAD_NUMBER otherwise. */
SoukStatus souk_address_parse (const char *text, SoukAddress *out);
/* With the EIP-55 checksum. */
void souk_address_format (const SoukAddress *address, char out[SOUK_ADDRESS_TEXT_SIZE]);

/* The address of a secret key; false when the 32 bytes are no valid key. */
bool souk_address_from_secret (const uint8_t secret[32], SoukAddress *out);
/* Signs a 32-byte digest (RFC 6979 nonce). False when `secret` is no valid key. */
bool souk_ecdsa_sign (const uint8_t secret[32], const uint8_t digest[SOUK_HASH_SIZE],
                      uint8_t out_signature[SOUK_ECDSA_SIZE]);
/* Who signed `digest`. BAD_SIGNATURE when the signature is malformed, has a high s or no key. */
SoukStatus souk_ecdsa_recover (const uint8_t digest[SOUK_HASH_SIZE],
                               const uint8_t signature[SOUK_ECDSA_SIZE], SoukAddress *out);
/* The digest that personal_sign signs (EIP-191 version 0x45) for `text`. */
void souk_eip191_digest (uint8_t out[SOUK_HASH_SIZE], SoukSlice text);
