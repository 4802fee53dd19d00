/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Multihashes. PURE. See multihash.h.
 */
#include "base/multihash.h"

#include "base/keccak.h"

#include <string.h>

SoukMultihash
souk_multihash_sha256 (SoukSlice data)
{
  SoukMultihash hash = { .code = SOUK_MULTIHASH_SHA2_256, .len = SOUK_HASH_SIZE };
  souk_sha256 (hash.digest, data);
  return hash;
}

SoukMultihash
souk_multihash_identity (SoukSlice data)
{
  g_assert (data.len <= SOUK_MULTIHASH_DIGEST_MAX);
  SoukMultihash hash = { .code = SOUK_MULTIHASH_IDENTITY, .len = (uint8_t)data.len };
  if (data.len > 0)
    memcpy (hash.digest, data.data, data.len);
  return hash;
}

SoukMultihash
souk_reader_multihash (SoukReader *reader)
{
  SoukMultihash hash = { 0 };
  hash.code = souk_reader_varint (reader);
  uint64_t len = souk_reader_varint (reader);
  /* A sha2-256 digest that is cut short would be cheap to collide with. */
  if (len > SOUK_MULTIHASH_DIGEST_MAX
      || (hash.code == SOUK_MULTIHASH_SHA2_256 && len != SOUK_HASH_SIZE))
    reader->failed = true;
  SoukSlice digest = souk_reader_bytes (reader, (size_t)len);
  if (!souk_reader_ok (reader))
    return (SoukMultihash){ 0 };
  hash.len = (uint8_t)digest.len;
  if (digest.len > 0)
    memcpy (hash.digest, digest.data, digest.len);
  return hash;
}

void
souk_append_multihash (GByteArray *out, const SoukMultihash *hash)
{
  g_assert (hash->len <= SOUK_MULTIHASH_DIGEST_MAX);
  souk_append_varint (out, hash->code);
  souk_append_varint_bytes (out, souk_slice (hash->digest, hash->len));
}

bool
souk_multihash_is_equal (const SoukMultihash *a, const SoukMultihash *b)
{
  return a->code == b->code && a->len == b->len && memcmp (a->digest, b->digest, a->len) == 0;
}

bool
souk_multihash_matches (const SoukMultihash *hash, SoukSlice data)
{
  SoukSlice want = souk_slice (hash->digest, hash->len);
  if (hash->code == SOUK_MULTIHASH_IDENTITY)
    return souk_slice_is_equal (want, data);
  if (hash->code != SOUK_MULTIHASH_SHA2_256)
    return false;
  uint8_t digest[SOUK_HASH_SIZE];
  souk_sha256 (digest, data);
  return souk_slice_is_equal (want, souk_slice (digest, sizeof digest));
}
