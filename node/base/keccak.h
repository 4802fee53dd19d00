/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keccak-256 as Ethereum uses it (padding 0x01, not SHA3-256's 0x06), over nettle's permutation.
 * SHA-256 as well, so that no other file names a hash library. PURE.
 */
#pragma once
#include "base/bytes.h"

#include <nettle/sha2.h>
#include <nettle/sha3.h>

#define SOUK_HASH_SIZE 32

/* A running Keccak-256: init, update any number of times, digest once. */
typedef struct {
  struct sha3_state state;
  uint8_t block[136];
  size_t filled;
} SoukKeccak;

void souk_keccak_init (SoukKeccak *self);
void souk_keccak_update (SoukKeccak *self, SoukSlice in);
void souk_keccak_digest (SoukKeccak *self, uint8_t out[SOUK_HASH_SIZE]);

/* The whole of it at once. */
void souk_keccak256 (uint8_t out[SOUK_HASH_SIZE], SoukSlice in);
void souk_sha256 (uint8_t out[SOUK_HASH_SIZE], SoukSlice in);
