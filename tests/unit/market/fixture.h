/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the market's tests share: parties, records, offers and bids that are right, so that a test
 * says only what it makes wrong. Digests are Keccak-256 of the terms' words here; the machines take
 * any digest, and chain/ has tests of the real ones.
 */
#pragma once
#include "market/job.h"
#include "market/order.h"
#include "market/work.h"
#include "support.h"

/* All tests begin at this second. */
#define FIX_NOW_S INT64_C (1800000000)
#define FIX_NOW ((SoukWall){ FIX_NOW_S * SOUK_US_PER_S })
#define FIX_PRICE "1000000000000000000"

/* Parties are numbers; each has a peer key and a wallet. */
SoukIdentity fix_identity (unsigned party);
SoukPeerId fix_peer (unsigned party);
void fix_secret (unsigned party, uint8_t out[32]);
SoukAddress fix_wallet (unsigned party);
SoukWei fix_wei (const char *decimal);
SoukCid fix_cid (const char *text);

/* Signs a live record of `party`; `has_wallet` with its proof. */
SoukRecord *fix_record (unsigned party, SoukRecordType type, const char *key, uint64_t sequence,
                        GBytes *body, bool has_wallet);
SoukRecord *fix_tombstone (unsigned party, SoukRecordType type, const char *key, uint64_t sequence);
/* A right listing; price "0" makes it free. `content_key` gets K of a priced one; may be NULL. */
SoukListing *fix_listing (const char *price, uint8_t content_key[32]);
SoukRecord *fix_listing_record (unsigned party, const SoukListing *listing);
SoukJobSpec *fix_job_spec (const char *price);
SoukRecord *fix_job_record (unsigned party, const SoukJobSpec *spec);

/* Stand-ins for the EIP-712 digests. */
void fix_offer_digest (const SoukOfferTerms *terms, uint8_t out[32]);
void fix_bid_digest (const SoukBidTerms *terms, uint8_t out[32]);
void fix_receipt_digest (const SoukReceiptTerms *terms, uint8_t out[32]);
void fix_sign (unsigned party, const uint8_t digest[32], uint8_t out[SOUK_ECDSA_SIZE]);

/* One sale: seller 1, buyer 2. */
typedef struct {
  SoukRecord *record;
  SoukListing *listing;
  uint8_t content_key[32];
  SoukOfferDraft draft;
  uint8_t digest[32];
  uint8_t signature[SOUK_ECDSA_SIZE];
  SoukSeededRng rng;
} FixSale;

void fix_sale_init (FixSale *self, const char *price);
void fix_sale_done (FixSale *self);
SoukOrder *fix_buyer (FixSale *self);
SoukOrder *fix_seller (FixSale *self);
SoukOrderEvent fix_offer_event (const FixSale *self);

/* A right bid of `party` for the job. `digest` is set when it is priced. */
SoukBid fix_bid (unsigned party, const SoukRecord *record, const SoukJobSpec *spec,
                 const char *price, uint8_t digest[32]);
