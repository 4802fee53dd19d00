/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bids: a provider's word about one job (souk.proto, Bid). PURE.
 *
 * A bid comes on a stream whose other end is known by its key, so its peer is passed in and never
 * read from the message. A priced bid carries signed terms; a free one has none. A value type.
 */
#pragma once
#include "market/terms.h"

#define SOUK_BID_ID_SIZE 32

typedef struct {
  uint8_t id[SOUK_BID_ID_SIZE]; /* SHA-256 of the message */
  SoukPeerId peer;
  uint8_t job[SOUK_RECORD_ID_SIZE]; /* the job's thing id */
  uint8_t job_hash[SOUK_HASH_SIZE];
  SoukAddress wallet; /* zero when free */
  SoukWei price;
  uint64_t eta_ms;
  int64_t valid_until; /* seconds since 1970 */
  bool has_terms;      /* exactly when priced */
  SoukBidTerms terms;
  uint8_t signature[SOUK_ECDSA_SIZE];
  uint32_t cpus;
  uint32_t memory_mb;
  uint32_t local_permille; /* 0..1000 */
} SoukBid;

/* What a requester expects of a bid. */
typedef struct {
  uint8_t job[SOUK_RECORD_ID_SIZE];
  uint8_t job_hash[SOUK_HASH_SIZE];
  SoukAddress requester; /* zero when the job is free */
  SoukAddress token;
  SoukWei max_price;
  uint32_t submit_within_s;
  uint32_t confirm_window_s;
} SoukBidExpected;

/* Returns: (transfer full): the message; also sets self->id. */
GBytes *souk_bid_to_bytes (SoukBid *self);
/* Decodes; `peer` is the stream's other end. Returns: OK, TOO_LARGE, BAD_ENCODING, BID_FORM. */
SoukStatus souk_bid_from_bytes (SoukSlice in, const SoukPeerId *peer, SoukBid *out);
/* Checks against the job. `digest` is the EIP-712 digest of a priced bid's terms, NULL for a free
 * one. Returns: OK, a BID_ status or BAD_SIGNATURE. */
SoukStatus souk_bid_check (const SoukBid *self, const SoukBidExpected *expected,
                           const uint8_t *digest, SoukWall now);
/* What the job's spec and body make a requester expect. */
void souk_bid_expected_of (SoukBidExpected *out, const SoukRecord *record, const SoukJobSpec *spec);
