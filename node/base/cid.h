/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Content identifiers (multiformats, cid): v1, and v0 where another program wrote it. PURE.
 *
 * A value type without pointers: copy it, compare it, use its address as a hash-table key.
 */
#pragma once
#include "base/multihash.h"

#define SOUK_CODEC_RAW 0x55
#define SOUK_CODEC_DAG_PB 0x70
#define SOUK_CODEC_LIBP2P_KEY 0x72

/* Version, codec, multihash code and length as varints, and the digest. */
#define SOUK_CID_SIZE_MAX (4 * 9 + SOUK_MULTIHASH_DIGEST_MAX)

typedef struct {
  uint8_t version; /* 0 or 1; 0 means dag-pb and sha2-256 */
  uint64_t codec;
  SoukMultihash hash;
} SoukCid;

/* CIDv1 of a block: sha2-256 over `data`. */
SoukCid souk_cid_of (uint64_t codec, SoukSlice data);
/* From bytes, all of them; BAD_CID otherwise. */
SoukStatus souk_cid_from_bytes (SoukSlice in, SoukCid *out);
/* Reads one from the cursor (v0 is recognised by 0x12 0x20); poisons it when it is none. */
SoukCid souk_reader_cid (SoukReader *reader);
void souk_append_cid (GByteArray *out, const SoukCid *cid);
/* Returns: (transfer full): the binary form. */
GBytes *souk_cid_to_bytes (const SoukCid *cid);
/* From text: base58 v0 ("Qm…") or any multibase v1. */
SoukStatus souk_cid_parse (const char *text, SoukCid *out);
/* Returns: (transfer full): "Qm…" for v0, base32 for v1. */
char *souk_cid_to_string (const SoukCid *cid);
bool souk_cid_is_equal (const SoukCid *a, const SoukCid *b);
/* True when both name the same bytes (v0 and v1 of one multihash). */
bool souk_cid_is_same_block (const SoukCid *a, const SoukCid *b);
/* For GHashTable with SoukCid * keys. */
guint souk_cid_hash (gconstpointer cid);
gboolean souk_cid_equal (gconstpointer a, gconstpointer b);
/* True when `block` is what the CID names. */
bool souk_cid_matches (const SoukCid *cid, SoukSlice block);
