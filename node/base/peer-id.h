/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who a peer is (libp2p specs, peer-ids): keys and the ids made of them. PURE.
 *
 * Souk's own identity is an Ed25519 key; the other key types are read and verified, since peers
 * of other programs have them. A value type without pointers.
 */
#pragma once
#include "base/cid.h"

/* libp2p's KeyType, on the wire: do not renumber. */
typedef enum {
  SOUK_KEY_RSA = 0,
  SOUK_KEY_ED25519 = 1,
  SOUK_KEY_SECP256K1 = 2,
  SOUK_KEY_ECDSA = 3,
} SoukKeyType;

/* An RSA-4096 key in its DER form is 550 bytes; more is an attack. */
#define SOUK_PUBLIC_KEY_SIZE_MAX 1024

typedef struct {
  SoukMultihash hash;
} SoukPeerId;

/* This node's key pair. `secret` is libsodium's 64-byte form (seed and public key). */
typedef struct {
  uint8_t public_key[32];
  uint8_t secret[64];
} SoukIdentity;

/* Makes the key pair of a 32-byte seed. The caller clears the seed. */
void souk_identity_init_seed (SoukIdentity *self, const uint8_t seed[32]);
/* Clears the secret. */
void souk_identity_done (SoukIdentity *self);
/* Ed25519 over `message`. */
void souk_identity_sign (const SoukIdentity *self, uint8_t out_signature[64], SoukSlice message);
SoukPeerId souk_identity_peer_id (const SoukIdentity *self);
/* Returns: (transfer full): the public key in its protobuf envelope. */
GBytes *souk_identity_public_key (const SoukIdentity *self);

/* The id of a public key in its protobuf envelope: the key itself when the envelope has at most 42
 * bytes ("identity" multihash), its sha2-256 otherwise. BAD_ENCODING for what is no envelope. */
SoukStatus souk_peer_id_from_public_key (SoukSlice public_key, SoukPeerId *out);
/* The key envelope that an identity-hashed id holds. False when the id holds only a hash. */
bool souk_peer_id_to_public_key (const SoukPeerId *id, GBytes **out);
SoukStatus souk_peer_id_from_bytes (SoukSlice in, SoukPeerId *out);
void souk_append_peer_id (GByteArray *out, const SoukPeerId *id);
GBytes *souk_peer_id_to_bytes (const SoukPeerId *id);
/* "12D3Koo…", "Qm…", or a CID with codec libp2p-key; BAD_PEER_ID otherwise. */
SoukStatus souk_peer_id_parse (const char *text, SoukPeerId *out);
/* Returns: (transfer full): base58, the form of multiaddrs and of people. */
char *souk_peer_id_to_string (const SoukPeerId *id);
bool souk_peer_id_is_equal (const SoukPeerId *a, const SoukPeerId *b);
/* For GHashTable with SoukPeerId * keys, and for sorting. */
guint souk_peer_id_hash (gconstpointer id);
gboolean souk_peer_id_equal (gconstpointer a, gconstpointer b);
int souk_peer_id_compare (const SoukPeerId *a, const SoukPeerId *b);

/* Checks `signature` over `message` by a key in its protobuf envelope. Ed25519 and secp256k1
 * (DER signature over SHA-256) and RSA (PKCS #1 v1.5); ECDSA gives UNSUPPORTED.
 * Returns: OK, BAD_SIGNATURE, BAD_ENCODING or UNSUPPORTED. */
SoukStatus souk_public_key_verify (SoukSlice public_key, SoukSlice message, SoukSlice signature);
