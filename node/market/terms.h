/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Terms of sales and jobs: made by one side, checked by the other (wire/terms.h). PURE.
 *
 * On streams and on disk terms are their ABI words. The digests are chain/'s; whoever checks a
 * signature passes the digest in. What a check lets through is exactly what the listing or the job
 * said: no other arbiter, window, token or price, since the signer could have bound anything.
 */
#pragma once
#include "base/rng.h"
#include "base/time.h"
#include "market/job-spec.h"
#include "market/listing.h"
#include "wire/terms.h"

#define SOUK_OFFER_TERMS_SIZE (SOUK_OFFER_TERMS_WORDS * 32)
#define SOUK_BID_TERMS_SIZE (SOUK_BID_TERMS_WORDS * 32)
#define SOUK_RECEIPT_TERMS_SIZE (SOUK_RECEIPT_TERMS_WORDS * 32)

/* How long a fresh offer holds, and what must be left of it when the buyer starts to pay. */
#define SOUK_OFFER_LIFE_S 1800
#define SOUK_OFFER_LEFT_S_MIN 60
#define SOUK_BID_LIFE_S 600
#define SOUK_BID_LEFT_S_MIN 15

void souk_offer_terms_write (const SoukOfferTerms *self, uint8_t out[SOUK_OFFER_TERMS_SIZE]);
/* OFFER_FORM when the length is wrong or an address word has a high part. */
SoukStatus souk_offer_terms_read (SoukSlice in, SoukOfferTerms *out);
void souk_bid_terms_write (const SoukBidTerms *self, uint8_t out[SOUK_BID_TERMS_SIZE]);
/* BID_FORM otherwise. */
SoukStatus souk_bid_terms_read (SoukSlice in, SoukBidTerms *out);
void souk_receipt_terms_write (const SoukReceiptTerms *self, uint8_t out[SOUK_RECEIPT_TERMS_SIZE]);
SoukStatus souk_receipt_terms_read (SoukSlice in, SoukReceiptTerms *out);

/* What the seller makes for one buyer of a priced listing. `key` is the buyer's k, `capsule` c. */
typedef struct {
  SoukOfferTerms terms;
  uint8_t key[32];
  uint8_t capsule[32];
} SoukOfferDraft;

/* Draws k and the salt, makes c from the content key, fills the terms. The draft holds a secret:
 * the caller clears it. */
void souk_offer_draft (SoukOfferDraft *out, const SoukListing *listing, const SoukAddress *seller,
                       const SoukAddress *buyer, const uint8_t content_key[32], SoukU256 counter,
                       SoukWall now, SoukRng *rng);

/* What a buyer expects of an offer. */
typedef struct {
  SoukAddress seller;
  SoukAddress buyer;
  SoukAddress token;
  SoukAddress arbiter; /* zero: nobody */
  SoukWei price;
  uint8_t key_commitment[SOUK_HASH_SIZE];
  uint32_t deliver_within_s;
  uint32_t confirm_window_s;
} SoukOfferExpected;

/* Checks terms, capsule and signature (`digest` is the terms' EIP-712 digest).
 * Returns: OK, an OFFER_ status or BAD_SIGNATURE. */
SoukStatus souk_offer_check (const SoukOfferTerms *terms, const uint8_t capsule[32],
                             const uint8_t digest[SOUK_HASH_SIZE],
                             const uint8_t signature[SOUK_ECDSA_SIZE],
                             const SoukOfferExpected *expected, SoukWall now);

/* What a provider makes for one job. `job_hash` is of the job's canonical body. */
void souk_bid_terms_fill (SoukBidTerms *out, const SoukJobSpec *spec,
                          const uint8_t job_hash[SOUK_HASH_SIZE], const SoukAddress *provider,
                          const SoukPeerId *provider_peer, const SoukAddress *requester,
                          SoukWei price, SoukU256 counter, SoukWall now, SoukRng *rng);
/* Bid.peerId: Keccak-256 of the peer id's bytes. */
void souk_peer_hash (uint8_t out[SOUK_HASH_SIZE], const SoukPeerId *peer);
/* resultHash: Keccak-256 of the CID's bytes. */
void souk_result_hash (uint8_t out[SOUK_HASH_SIZE], const SoukCid *cid);
