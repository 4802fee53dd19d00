/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Content identifiers. PURE. See cid.h.
 */
#include "base/cid.h"

#include "base/multibase.h"

#include <string.h>

/* A version-0 CID in base 58: 34 bytes that begin with 0x12 0x20 give 46 letters from "Qm". */
#define V0_TEXT_LEN 46
#define V0_SIZE 34

SoukCid
souk_cid_of (uint64_t codec, SoukSlice data)
{
  return (SoukCid){ .version = 1, .codec = codec, .hash = souk_multihash_sha256 (data) };
}

/* True when the next bytes are a bare sha2-256 multihash, which is what version 0 is. A version-1
 * CID begins with 0x01, so the two cannot be confused. */
static bool
is_v0 (const SoukReader *reader)
{
  return !reader->failed && reader->left >= 2 && reader->at[0] == SOUK_MULTIHASH_SHA2_256
         && reader->at[1] == 0x20;
}

SoukCid
souk_reader_cid (SoukReader *reader)
{
  SoukCid cid = { 0 };
  if (is_v0 (reader))
    cid.codec = SOUK_CODEC_DAG_PB;
  else
    {
      uint64_t version = souk_reader_varint (reader);
      if (version != 1)
        reader->failed = true;
      cid.version = 1;
      cid.codec = souk_reader_varint (reader);
    }
  cid.hash = souk_reader_multihash (reader);
  return souk_reader_ok (reader) ? cid : (SoukCid){ 0 };
}

SoukStatus
souk_cid_from_bytes (SoukSlice in, SoukCid *out)
{
  SoukReader reader = souk_reader (in);
  SoukCid cid = souk_reader_cid (&reader);
  if (!souk_reader_is_done (&reader))
    return SOUK_STATUS_BAD_CID;
  *out = cid;
  return SOUK_STATUS_OK;
}

void
souk_append_cid (GByteArray *out, const SoukCid *cid)
{
  if (cid->version > 0)
    {
      souk_append_varint (out, cid->version);
      souk_append_varint (out, cid->codec);
    }
  souk_append_multihash (out, &cid->hash);
}

GBytes *
souk_cid_to_bytes (const SoukCid *cid)
{
  GByteArray *out = g_byte_array_new ();
  souk_append_cid (out, cid);
  return g_byte_array_free_to_bytes (out);
}

SoukStatus
souk_cid_parse (const char *text, SoukCid *out)
{
  g_autoptr (GBytes) bytes = NULL;
  size_t len = strnlen (text, SOUK_MULTIBASE_TEXT_MAX + 1);
  bool v0 = len == V0_TEXT_LEN && g_str_has_prefix (text, "Qm");

  if (v0 ? souk_base_decode (SOUK_BASE_58, text, &bytes) != SOUK_STATUS_OK
         : souk_multibase_decode (text, &bytes) != SOUK_STATUS_OK)
    return SOUK_STATUS_BAD_CID;
  SoukCid cid;
  SOUK_TRY (souk_cid_from_bytes (souk_slice_from_bytes (bytes), &cid));
  /* "CIDv0 … MUST NOT" have a multibase prefix, and 46 letters from "Qm" are nothing else. */
  if ((cid.version == 0) != v0)
    return SOUK_STATUS_BAD_CID;
  *out = cid;
  return SOUK_STATUS_OK;
}

char *
souk_cid_to_string (const SoukCid *cid)
{
  g_autoptr (GBytes) bytes = souk_cid_to_bytes (cid);
  SoukSlice slice = souk_slice_from_bytes (bytes);
  return cid->version == 0 ? souk_base_encode (SOUK_BASE_58, slice)
                           : souk_multibase_encode (SOUK_BASE_32, slice);
}

bool
souk_cid_is_equal (const SoukCid *a, const SoukCid *b)
{
  return a->version == b->version && a->codec == b->codec
         && souk_multihash_is_equal (&a->hash, &b->hash);
}

bool
souk_cid_is_same_block (const SoukCid *a, const SoukCid *b)
{
  return souk_multihash_is_equal (&a->hash, &b->hash);
}

guint
souk_cid_hash (gconstpointer cid)
{
  const SoukCid *self = cid;
  /* Version and codec stay out, so that v0 and v1 of one block share a bucket. The end of the
   * digest: an identity hash begins with the same few bytes in most CIDs. */
  guint hash = self->hash.len;
  for (size_t i = self->hash.len > 8 ? self->hash.len - 8u : 0; i < self->hash.len; i++)
    hash = hash * 33 + self->hash.digest[i];
  return hash;
}

gboolean
souk_cid_equal (gconstpointer a, gconstpointer b)
{
  return souk_cid_is_equal (a, b);
}

bool
souk_cid_matches (const SoukCid *cid, SoukSlice block)
{
  return souk_multihash_matches (&cid->hash, block);
}
