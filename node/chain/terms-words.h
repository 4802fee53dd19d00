/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The signed terms as ABI words: what is hashed, sent as calldata and read from logs. PURE.
 *
 * All members of Offer, Bid and Receipt are single words, so the ABI coding, the EIP-712 coding and
 * the place in an event are the same 13 (or 3) words.
 */
#pragma once
#include "chain/abi.h"
#include "wire/terms.h"

void souk_offer_append_words (const SoukOfferTerms *terms, GByteArray *out);
void souk_bid_append_words (const SoukBidTerms *terms, GByteArray *out);
void souk_receipt_append_words (const SoukReceiptTerms *terms, GByteArray *out);

/* Read the same words; an address with more than 20 bytes poisons the cursor. */
SoukOfferTerms souk_reader_offer (SoukReader *reader);
SoukBidTerms souk_reader_bid (SoukReader *reader);

/* One word each. */
SoukAddress souk_reader_word_address (SoukReader *reader);
SoukU256 souk_reader_word_u256 (SoukReader *reader);
void souk_reader_word_bytes32 (SoukReader *reader, uint8_t out[SOUK_ABI_WORD]);
/* A word that must fit into 64 bits. */
uint64_t souk_reader_word_u64 (SoukReader *reader);

void souk_append_word_address (GByteArray *out, const SoukAddress *address);
void souk_append_word_u256 (GByteArray *out, SoukU256 value);
void souk_append_word_u64 (GByteArray *out, uint64_t value);
void souk_append_word_bytes32 (GByteArray *out, const uint8_t bytes[SOUK_ABI_WORD]);
