/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Terms: their words, and what a buyer does not sign up to.
 */
#include "fixture.h"

#include <string.h>

static void
test_words (void)
{
  FixSale sale;
  uint8_t words[SOUK_OFFER_TERMS_SIZE], again[SOUK_OFFER_TERMS_SIZE];
  SoukOfferTerms read;
  fix_sale_init (&sale, FIX_PRICE);
  souk_offer_terms_write (&sale.draft.terms, words);
  /* The seller is the first word, right-aligned; the price the fifth. */
  g_assert_cmpmem (words + 12, 20, sale.draft.terms.seller.bytes, 20);
  souk_assert_hex (souk_slice (words + 4 * 32 + 24, 8), "0de0b6b3a7640000");
  souk_assert_status (souk_offer_terms_read (souk_slice (words, sizeof words), &read), OK);
  souk_offer_terms_write (&read, again);
  g_assert_cmpmem (words, sizeof words, again, sizeof again);
  souk_assert_status (souk_offer_terms_read (souk_slice (words, sizeof words - 1), &read),
                      OFFER_FORM);
  words[0] = 1;
  souk_assert_status (souk_offer_terms_read (souk_slice (words, sizeof words), &read), OFFER_FORM);
  fix_sale_done (&sale);
}

static void
test_bid_and_receipt_words (void)
{
  SoukBidTerms bid = { .bond = souk_u256_from_u64 (5), .salt = souk_u256_from_u64 (9) }, bid_read;
  SoukReceiptTerms receipt = { .amount = souk_u256_from_u64 (3) }, receipt_read;
  uint8_t bid_words[SOUK_BID_TERMS_SIZE], receipt_words[SOUK_RECEIPT_TERMS_SIZE];
  souk_bid_terms_write (&bid, bid_words);
  souk_assert_status (souk_bid_terms_read (souk_slice (bid_words, sizeof bid_words), &bid_read),
                      OK);
  g_assert_cmpint (souk_u256_compare (bid.bond, bid_read.bond), ==, 0);
  g_assert_cmpint (souk_u256_compare (bid.salt, bid_read.salt), ==, 0);
  souk_receipt_terms_write (&receipt, receipt_words);
  souk_assert_status (
      souk_receipt_terms_read (souk_slice (receipt_words, sizeof receipt_words), &receipt_read),
      OK);
  g_assert_cmpint (souk_u256_compare (receipt.amount, receipt_read.amount), ==, 0);
}

static SoukOfferExpected
expected_of (const FixSale *sale)
{
  SoukOfferExpected expected = { .seller = fix_wallet (1),
                                 .buyer = fix_wallet (2),
                                 .price = sale->listing->price,
                                 .deliver_within_s = sale->listing->deliver_within_s,
                                 .confirm_window_s = sale->listing->confirm_window_s };
  memcpy (expected.key_commitment, sale->listing->key_commitment, 32);
  return expected;
}

/* Signs what the seller might have changed, and lets the buyer look at it. */
static SoukStatus
check (const FixSale *sale, const SoukOfferTerms *terms, unsigned signer)
{
  SoukOfferExpected expected = expected_of (sale);
  uint8_t digest[32], signature[SOUK_ECDSA_SIZE];
  fix_offer_digest (terms, digest);
  fix_sign (signer, digest, signature);
  return souk_offer_check (terms, sale->draft.capsule, digest, signature, &expected, FIX_NOW);
}

static void
test_offer_check (void)
{
  FixSale sale;
  fix_sale_init (&sale, FIX_PRICE);
  SoukOfferTerms good = sale.draft.terms, terms = good;
  souk_assert_status (check (&sale, &good, 1), OK);
  souk_assert_status (check (&sale, &good, 2), BAD_SIGNATURE);
  terms.buyer = fix_wallet (3);
  souk_assert_status (check (&sale, &terms, 1), OFFER_PARTY);
  terms = good;
  terms.arbiter = fix_wallet (4);
  souk_assert_status (check (&sale, &terms, 1), OFFER_PARTY);
  terms = good;
  terms.price = souk_u256_from_u64 (1);
  souk_assert_status (check (&sale, &terms, 1), OFFER_PRICE);
  terms = good;
  terms.content_hash[0] ^= 1;
  souk_assert_status (check (&sale, &terms, 1), OFFER_HASH);
  terms = good;
  memset (terms.key_hash, 0, 32);
  souk_assert_status (check (&sale, &terms, 1), OFFER_HASH);
  terms = good;
  terms.cipher_hash[0] ^= 1;
  souk_assert_status (check (&sale, &terms, 1), OFFER_CAPSULE);
  terms = good;
  terms.confirm_window = souk_u256_from_u64 (600);
  souk_assert_status (check (&sale, &terms, 1), OFFER_WINDOW);
  terms = good;
  terms.valid_until = souk_u256_from_u64 (FIX_NOW_S + SOUK_OFFER_LEFT_S_MIN - 1);
  souk_assert_status (check (&sale, &terms, 1), OFFER_EXPIRED);
  terms.valid_until = souk_u256_from_u64 (UINT64_MAX);
  souk_assert_status (check (&sale, &terms, 1), OFFER_EXPIRED);
  fix_sale_done (&sale);
}

static void
test_each_buyer_has_its_own_key (void)
{
  FixSale sale;
  SoukOfferDraft other;
  SoukAddress seller = fix_wallet (1), buyer = fix_wallet (3);
  fix_sale_init (&sale, FIX_PRICE);
  souk_offer_draft (&other, sale.listing, &seller, &buyer, sale.content_key, SOUK_U256_ZERO,
                    FIX_NOW, &sale.rng.rng);
  g_assert_cmpint (memcmp (other.key, sale.draft.key, 32), !=, 0);
  g_assert_cmpint (memcmp (other.capsule, sale.draft.capsule, 32), !=, 0);
  fix_sale_done (&sale);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/market/terms/an-offer-is-thirteen-words", test_words);
  g_test_add_func ("/market/terms/bids-and-receipts-are-words-too", test_bid_and_receipt_words);
  g_test_add_func ("/market/terms/an-offer-says-exactly-what-the-listing-says", test_offer_check);
  g_test_add_func ("/market/terms/each-buyer-has-its-own-key", test_each_buyer_has_its_own_key);
  return g_test_run ();
}
