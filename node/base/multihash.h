/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Self-describing hashes (multiformats, multihash): code, length, digest. PURE.
 */
#pragma once
#include "base/bytes.h"
#include "base/status.h"

#define SOUK_MULTIHASH_IDENTITY 0x00
#define SOUK_MULTIHASH_SHA2_256 0x12
/* The longest digest that is read; a longer one has no use here and would make a CID unbounded. */
#define SOUK_MULTIHASH_DIGEST_MAX 64

typedef struct {
  uint64_t code;
  uint8_t len; /* <= SOUK_MULTIHASH_DIGEST_MAX */
  uint8_t digest[SOUK_MULTIHASH_DIGEST_MAX];
} SoukMultihash;

/* The sha2-256 multihash of `data`. */
SoukMultihash souk_multihash_sha256 (SoukSlice data);
/* The identity multihash: data itself; data.len <= SOUK_MULTIHASH_DIGEST_MAX. */
SoukMultihash souk_multihash_identity (SoukSlice data);
/* Reads one from the cursor; poisons it when the bytes are no multihash that fits. */
SoukMultihash souk_reader_multihash (SoukReader *reader);
void souk_append_multihash (GByteArray *out, const SoukMultihash *hash);
bool souk_multihash_is_equal (const SoukMultihash *a, const SoukMultihash *b);
/* True when `data` hashes to it; false for a code that Souk does not know. */
bool souk_multihash_matches (const SoukMultihash *hash, SoukSlice data);
