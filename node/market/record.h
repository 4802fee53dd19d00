/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records: the signed statements that the whole mesh sees (ARCH "Record", souk.proto). PURE.
 *
 * A record says: this author states this body about its thing `key`, until `expires`. Its id is
 * the SHA-256 of its bytes and serves synchronisation; its thing is the SHA-256 of type, author and
 * key, stays the same over all versions, and is what people and programs name. Of two records of
 * one thing the one with the larger sequence counts, and at equal sequences the larger id, so all
 * nodes agree whatever came first. A withdrawn record (tombstone) takes the thing from the market.
 *
 * A decoded record is owned by who decoded it and holds its own bytes. Decoding verifies all of it:
 * form, sizes, author's signature, wallet's word, expiry. What stands in the body is checked by
 * listing.h, job-spec.h and provider-info.h.
 */
#pragma once
#include "base/address.h"
#include "base/peer-id.h"
#include "base/time.h"
#include "market/market-limits.h"

#define SOUK_RECORD_ID_SIZE 32

/* On the wire: do not renumber. */
typedef enum {
  SOUK_RECORD_LISTING = 1,
  SOUK_RECORD_JOB = 2,
  SOUK_RECORD_PROVIDER = 3,
} SoukRecordType;

typedef struct {
  SoukRecordType type;
  SoukPeerId author;
  SoukAddress wallet; /* zero: none */
  uint8_t wallet_proof[SOUK_ECDSA_SIZE];
  uint8_t key_len; /* 1..SOUK_RECORD_KEY_MAX */
  uint8_t key[SOUK_RECORD_KEY_MAX];
  uint64_t sequence;
  int64_t expires; /* seconds since 1970 */
  bool is_withdrawn;
  GBytes *body;  /* empty exactly when withdrawn */
  GBytes *bytes; /* the whole signed record; NULL in a draft */
  uint8_t id[SOUK_RECORD_ID_SIZE];
  uint8_t thing[SOUK_RECORD_ID_SIZE];
} SoukRecord;

/* Signs a draft: type, key, sequence, expires, is_withdrawn, body, and, if it has one, wallet with
 * its proof are read; the author is the identity.
 * Out: (transfer full): the finished record, as a receiver would decode it. */
SoukStatus souk_record_build (const SoukRecord *draft, const SoukIdentity *identity, SoukWall now,
                              SoukRecord **out);
/* Decodes and verifies. Out: (transfer full). Returns: OK, TOO_LARGE, BAD_ENCODING, BAD_PEER_ID,
 * BAD_SIGNATURE or one of the RECORD_ statuses. */
SoukStatus souk_record_decode (SoukSlice in, SoukWall now, SoukRecord **out);
/* Decodes what this node has verified once and kept: no signature, no wallet, no expiry check. */
SoukStatus souk_record_decode_kept (SoukSlice in, SoukRecord **out);
void souk_record_free (SoukRecord *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukRecord, souk_record_free)

bool souk_record_has_wallet (const SoukRecord *self);
/* True when `a` takes the place of `b`; both are of one thing. */
bool souk_record_supersedes (const SoukRecord *a, const SoukRecord *b);
/* The same rule for those who keep only sequence and id. */
bool souk_record_is_newer (uint64_t sequence_a, const uint8_t id_a[SOUK_RECORD_ID_SIZE],
                           uint64_t sequence_b, const uint8_t id_b[SOUK_RECORD_ID_SIZE]);

/* The thing (type, author, key): SHA-256 over one byte, the author's bytes and the key. */
void souk_record_thing (uint8_t out[SOUK_RECORD_ID_SIZE], SoukRecordType type,
                        const SoukPeerId *author, SoukSlice key);
/* Returns: (transfer full): base32 with its multibase letter, as the API shows things. */
char *souk_thing_to_string (const uint8_t thing[SOUK_RECORD_ID_SIZE]);
/* BAD_ENCODING when `text` is no such form. */
SoukStatus souk_thing_parse (const char *text, uint8_t out[SOUK_RECORD_ID_SIZE]);

/* What a wallet signs once for a peer (EIP-191): the digest, for wallet/ to sign. */
void souk_wallet_proof_digest (uint8_t out[SOUK_HASH_SIZE], const SoukPeerId *author);
/* RECORD_WALLET when `proof` is not `wallet`'s word for `author`. */
SoukStatus souk_wallet_proof_check (const SoukPeerId *author, const SoukAddress *wallet,
                                    const uint8_t proof[SOUK_ECDSA_SIZE]);
