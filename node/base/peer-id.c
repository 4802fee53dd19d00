/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Peer ids and the keys behind them. PURE. See peer-id.h.
 *
 * The key envelope is message PublicKey { required KeyType Type = 1; required bytes Data = 2; }.
 * The specification demands the one deterministic form of it (fields in order, shortest numbers,
 * nothing else), since ids are hashes of it; so it is read by hand and strictly.
 */
#include "base/peer-id.h"

#include "base/keccak.h"
#include "base/multibase.h"
#include "base/rsa.h"

#include <secp256k1.h>
#include <sodium.h>
#include <string.h>

/* "If the length of the serialized bytes is less than or equal to 42, we compute the identity
 * multihash" */
#define IDENTITY_SIZE_MAX 42
#define TAG_TYPE 0x08
#define TAG_DATA 0x12

void
souk_identity_init_seed (SoukIdentity *self, const uint8_t seed[32])
{
  G_STATIC_ASSERT (sizeof self->public_key == crypto_sign_PUBLICKEYBYTES);
  G_STATIC_ASSERT (sizeof self->secret == crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair (self->public_key, self->secret, seed);
}

void
souk_identity_done (SoukIdentity *self)
{
  sodium_memzero (self->secret, sizeof self->secret);
}

void
souk_identity_sign (const SoukIdentity *self, uint8_t out_signature[64], SoukSlice message)
{
  crypto_sign_detached (out_signature, NULL, message.data, message.len, self->secret);
}

GBytes *
souk_identity_public_key (const SoukIdentity *self)
{
  GByteArray *out = g_byte_array_new ();
  souk_append_u8 (out, TAG_TYPE);
  souk_append_varint (out, SOUK_KEY_ED25519);
  souk_append_u8 (out, TAG_DATA);
  souk_append_varint_bytes (out, souk_slice (self->public_key, sizeof self->public_key));
  return g_byte_array_free_to_bytes (out);
}

SoukPeerId
souk_identity_peer_id (const SoukIdentity *self)
{
  g_autoptr (GBytes) key = souk_identity_public_key (self);
  return (SoukPeerId){ souk_multihash_identity (souk_slice_from_bytes (key)) };
}

/* Opens a key envelope. Out: the type, and the key bytes, which point into `public_key`. */
static SoukStatus
open_envelope (SoukSlice public_key, SoukKeyType *out_type, SoukSlice *out_data)
{
  if (public_key.len > SOUK_PUBLIC_KEY_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  SoukReader reader = souk_reader (public_key);
  uint8_t type_tag = souk_reader_u8 (&reader);
  uint64_t type = souk_reader_varint (&reader);
  uint8_t data_tag = souk_reader_u8 (&reader);
  SoukSlice data = souk_reader_varint_bytes (&reader);
  if (!souk_reader_is_done (&reader) || type_tag != TAG_TYPE || data_tag != TAG_DATA
      || type > SOUK_KEY_ECDSA)
    return SOUK_STATUS_BAD_ENCODING;
  *out_type = (SoukKeyType)type;
  *out_data = data;
  return SOUK_STATUS_OK;
}

/* Checks that key bytes have the size of their type. */
static SoukStatus
check_key_size (SoukKeyType type, SoukSlice data)
{
  switch (type)
    {
    case SOUK_KEY_ED25519:
      return data.len == 32 ? SOUK_STATUS_OK : SOUK_STATUS_BAD_ENCODING;
    case SOUK_KEY_SECP256K1:
      return data.len == 33 ? SOUK_STATUS_OK : SOUK_STATUS_BAD_ENCODING;
    case SOUK_KEY_RSA:
    case SOUK_KEY_ECDSA:
      /* DER forms: only their owner's id is made of them here. */
      return data.len > 0 ? SOUK_STATUS_OK : SOUK_STATUS_BAD_ENCODING;
    }
  return SOUK_STATUS_BAD_ENCODING;
}

SoukStatus
souk_peer_id_from_public_key (SoukSlice public_key, SoukPeerId *out)
{
  SoukKeyType type;
  SoukSlice data;
  SOUK_TRY (open_envelope (public_key, &type, &data));
  SOUK_TRY (check_key_size (type, data));
  out->hash = public_key.len <= IDENTITY_SIZE_MAX ? souk_multihash_identity (public_key)
                                                  : souk_multihash_sha256 (public_key);
  return SOUK_STATUS_OK;
}

bool
souk_peer_id_to_public_key (const SoukPeerId *id, GBytes **out)
{
  SoukSlice envelope = souk_slice (id->hash.digest, id->hash.len);
  SoukKeyType type;
  SoukSlice data;
  if (id->hash.code != SOUK_MULTIHASH_IDENTITY
      || open_envelope (envelope, &type, &data) != SOUK_STATUS_OK
      || check_key_size (type, data) != SOUK_STATUS_OK)
    return false;
  *out = souk_slice_to_bytes (envelope);
  return true;
}

/* True for the two kinds of multihash that ids are made of. */
static bool
is_id_hash (const SoukMultihash *hash)
{
  if (hash->code == SOUK_MULTIHASH_IDENTITY)
    return hash->len > 0 && hash->len <= IDENTITY_SIZE_MAX;
  return hash->code == SOUK_MULTIHASH_SHA2_256 && hash->len == SOUK_HASH_SIZE;
}

SoukStatus
souk_peer_id_from_bytes (SoukSlice in, SoukPeerId *out)
{
  SoukReader reader = souk_reader (in);
  SoukMultihash hash = souk_reader_multihash (&reader);
  if (!souk_reader_is_done (&reader) || !is_id_hash (&hash))
    return SOUK_STATUS_BAD_PEER_ID;
  out->hash = hash;
  return SOUK_STATUS_OK;
}

void
souk_append_peer_id (GByteArray *out, const SoukPeerId *id)
{
  souk_append_multihash (out, &id->hash);
}

GBytes *
souk_peer_id_to_bytes (const SoukPeerId *id)
{
  GByteArray *out = g_byte_array_new ();
  souk_append_peer_id (out, id);
  return g_byte_array_free_to_bytes (out);
}

SoukStatus
souk_peer_id_parse (const char *text, SoukPeerId *out)
{
  /* "If it starts with 1 or Qm, it's a bare base58btc encoded multihash"; else a CID. */
  if (text[0] == '1' || g_str_has_prefix (text, "Qm"))
    {
      g_autoptr (GBytes) bytes = NULL;
      if (souk_base_decode (SOUK_BASE_58, text, &bytes) != SOUK_STATUS_OK)
        return SOUK_STATUS_BAD_PEER_ID;
      return souk_peer_id_from_bytes (souk_slice_from_bytes (bytes), out);
    }

  SoukCid cid;
  if (souk_cid_parse (text, &cid) != SOUK_STATUS_OK || cid.codec != SOUK_CODEC_LIBP2P_KEY
      || !is_id_hash (&cid.hash))
    return SOUK_STATUS_BAD_PEER_ID;
  out->hash = cid.hash;
  return SOUK_STATUS_OK;
}

char *
souk_peer_id_to_string (const SoukPeerId *id)
{
  g_autoptr (GBytes) bytes = souk_peer_id_to_bytes (id);
  return souk_base_encode (SOUK_BASE_58, souk_slice_from_bytes (bytes));
}

bool
souk_peer_id_is_equal (const SoukPeerId *a, const SoukPeerId *b)
{
  return souk_multihash_is_equal (&a->hash, &b->hash);
}

guint
souk_peer_id_hash (gconstpointer id)
{
  const SoukPeerId *self = id;
  /* The end: an identity hash begins with the envelope, which all ids of its kind share. */
  guint hash = self->hash.len;
  for (size_t i = self->hash.len > 8 ? self->hash.len - 8u : 0; i < self->hash.len; i++)
    hash = hash * 33 + self->hash.digest[i];
  return hash;
}

gboolean
souk_peer_id_equal (gconstpointer a, gconstpointer b)
{
  return souk_peer_id_is_equal (a, b);
}

int
souk_peer_id_compare (const SoukPeerId *a, const SoukPeerId *b)
{
  if (a->hash.code != b->hash.code)
    return a->hash.code < b->hash.code ? -1 : 1;
  if (a->hash.len != b->hash.len)
    return a->hash.len < b->hash.len ? -1 : 1;
  return memcmp (a->hash.digest, b->hash.digest, a->hash.len);
}

/* "The signature … ECDSA with secp256k1 over the SHA-256 of the message, ASN.1 DER encoded" */
static SoukStatus
verify_secp256k1 (SoukSlice key, SoukSlice message, SoukSlice signature)
{
  secp256k1_pubkey parsed_key;
  secp256k1_ecdsa_signature parsed;
  uint8_t digest[SOUK_HASH_SIZE];

  if (!secp256k1_ec_pubkey_parse (secp256k1_context_static, &parsed_key, key.data, key.len))
    return SOUK_STATUS_BAD_ENCODING;
  if (signature.len == 0
      || !secp256k1_ecdsa_signature_parse_der (secp256k1_context_static, &parsed, signature.data,
                                               signature.len))
    return SOUK_STATUS_BAD_SIGNATURE;
  /* libp2p does not ask for a low s. */
  secp256k1_ecdsa_signature_normalize (secp256k1_context_static, &parsed, &parsed);
  souk_sha256 (digest, message);
  return secp256k1_ecdsa_verify (secp256k1_context_static, &parsed, digest, &parsed_key)
             ? SOUK_STATUS_OK
             : SOUK_STATUS_BAD_SIGNATURE;
}

SoukStatus
souk_public_key_verify (SoukSlice public_key, SoukSlice message, SoukSlice signature)
{
  SoukKeyType type;
  SoukSlice key;
  SOUK_TRY (open_envelope (public_key, &type, &key));
  SOUK_TRY (check_key_size (type, key));
  switch (type)
    {
    case SOUK_KEY_ED25519:
      return signature.len == crypto_sign_BYTES
                     && crypto_sign_verify_detached (signature.data, message.data, message.len,
                                                     key.data)
                            == 0
                 ? SOUK_STATUS_OK
                 : SOUK_STATUS_BAD_SIGNATURE;
    case SOUK_KEY_SECP256K1:
      return verify_secp256k1 (key, message, signature);
    case SOUK_KEY_RSA:
      return souk_rsa_verify (key, message, signature);
    case SOUK_KEY_ECDSA:
      return SOUK_STATUS_UNSUPPORTED;
    }
  return SOUK_STATUS_BAD_ENCODING;
}
