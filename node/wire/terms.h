/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What two parties sign: the terms of a sale, of a job, and the receipt for a job. PURE.
 *
 * Each struct has the fields of the Solidity struct of the same name, in its order; every member
 * is one ABI word. market/ fills and checks them, chain/ makes their EIP-712 digests and calldata.
 * Amounts and times are 256 bits wide since a stranger's terms may hold any value: whoever computes
 * with one narrows it first (souk_u256_to_u64). Values without pointers: copy them freely.
 */
#pragma once
#include "base/address.h"
#include "base/u256.h"

/* How many ABI words each has, all of them static. */
#define SOUK_OFFER_TERMS_WORDS 13
#define SOUK_BID_TERMS_WORDS 13
#define SOUK_RECEIPT_TERMS_WORDS 3

/* PromptMarketplace.Offer: a seller's word to one buyer. */
typedef struct {
  SoukAddress seller;
  SoukAddress buyer;
  SoukAddress token;   /* zero: the chain's own coin */
  SoukAddress arbiter; /* zero: nobody, so no dispute */
  SoukU256 price;
  uint8_t content_hash[SOUK_HASH_SIZE]; /* H(K): keccak-256 of the content key */
  uint8_t key_hash[SOUK_HASH_SIZE];     /* H(k): keccak-256 of this buyer's key */
  uint8_t cipher_hash[SOUK_HASH_SIZE];  /* H(c): keccak-256 of the capsule */
  SoukU256 deliver_within;              /* seconds from the purchase */
  SoukU256 confirm_window;              /* seconds from the delivery */
  SoukU256 valid_until;                 /* seconds since 1970 */
  SoukU256 counter;                     /* the seller's, in the contract */
  SoukU256 salt;
} SoukOfferTerms;

/* ComputeRental.Bid: a provider's word to one requester about one job. */
typedef struct {
  SoukAddress provider;
  SoukAddress requester;
  SoukAddress token;
  SoukAddress arbiter;
  SoukU256 price;
  SoukU256 bond;                    /* of the provider's credit; zero: none */
  uint8_t job_hash[SOUK_HASH_SIZE]; /* keccak-256 of the canonical Job body */
  uint8_t peer_id[SOUK_HASH_SIZE];  /* keccak-256 of the provider's peer id bytes */
  SoukU256 submit_within;           /* seconds from the acceptance */
  SoukU256 confirm_window;          /* seconds from the submission */
  SoukU256 valid_until;             /* seconds since 1970 */
  SoukU256 counter;                 /* the provider's, in the contract */
  SoukU256 salt;
} SoukBidTerms;

/* ComputeRental.Receipt: the requester's word that the provider gets `amount` of deal `id`. */
typedef struct {
  uint8_t id[SOUK_HASH_SIZE];          /* the deal: the EIP-712 digest of its bid */
  uint8_t result_hash[SOUK_HASH_SIZE]; /* keccak-256 of the result's CID bytes */
  SoukU256 amount;
} SoukReceiptTerms;
