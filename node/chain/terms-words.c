/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The signed terms as ABI words. PURE. See terms-words.h.
 */
#include "chain/terms-words.h"

#include <string.h>

void
souk_append_word_address (GByteArray *out, const SoukAddress *address)
{
  uint8_t word[SOUK_ABI_WORD] = { 0 };
  memcpy (word + SOUK_ABI_WORD - SOUK_ADDRESS_SIZE, address->bytes, SOUK_ADDRESS_SIZE);
  g_byte_array_append (out, word, sizeof word);
}

void
souk_append_word_u256 (GByteArray *out, SoukU256 value)
{
  uint8_t word[SOUK_ABI_WORD];
  souk_u256_to_be (value, word);
  g_byte_array_append (out, word, sizeof word);
}

void
souk_append_word_u64 (GByteArray *out, uint64_t value)
{
  souk_append_word_u256 (out, souk_u256_from_u64 (value));
}

void
souk_append_word_bytes32 (GByteArray *out, const uint8_t bytes[SOUK_ABI_WORD])
{
  g_byte_array_append (out, bytes, SOUK_ABI_WORD);
}

void
souk_offer_append_words (const SoukOfferTerms *terms, GByteArray *out)
{
  souk_append_word_address (out, &terms->seller);
  souk_append_word_address (out, &terms->buyer);
  souk_append_word_address (out, &terms->token);
  souk_append_word_address (out, &terms->arbiter);
  souk_append_word_u256 (out, terms->price);
  souk_append_word_bytes32 (out, terms->content_hash);
  souk_append_word_bytes32 (out, terms->key_hash);
  souk_append_word_bytes32 (out, terms->cipher_hash);
  souk_append_word_u256 (out, terms->deliver_within);
  souk_append_word_u256 (out, terms->confirm_window);
  souk_append_word_u256 (out, terms->valid_until);
  souk_append_word_u256 (out, terms->counter);
  souk_append_word_u256 (out, terms->salt);
}

void
souk_bid_append_words (const SoukBidTerms *terms, GByteArray *out)
{
  souk_append_word_address (out, &terms->provider);
  souk_append_word_address (out, &terms->requester);
  souk_append_word_address (out, &terms->token);
  souk_append_word_address (out, &terms->arbiter);
  souk_append_word_u256 (out, terms->price);
  souk_append_word_u256 (out, terms->bond);
  souk_append_word_bytes32 (out, terms->job_hash);
  souk_append_word_bytes32 (out, terms->peer_id);
  souk_append_word_u256 (out, terms->submit_within);
  souk_append_word_u256 (out, terms->confirm_window);
  souk_append_word_u256 (out, terms->valid_until);
  souk_append_word_u256 (out, terms->counter);
  souk_append_word_u256 (out, terms->salt);
}

void
souk_receipt_append_words (const SoukReceiptTerms *terms, GByteArray *out)
{
  souk_append_word_bytes32 (out, terms->id);
  souk_append_word_bytes32 (out, terms->result_hash);
  souk_append_word_u256 (out, terms->amount);
}

/* ---- reading ---- */

void
souk_reader_word_bytes32 (SoukReader *reader, uint8_t out[SOUK_ABI_WORD])
{
  SoukSlice word = souk_reader_bytes (reader, SOUK_ABI_WORD);
  memset (out, 0, SOUK_ABI_WORD);
  if (word.len == SOUK_ABI_WORD)
    memcpy (out, word.data, SOUK_ABI_WORD);
}

SoukU256
souk_reader_word_u256 (SoukReader *reader)
{
  uint8_t word[SOUK_ABI_WORD];
  souk_reader_word_bytes32 (reader, word);
  return souk_u256_from_be (word);
}

uint64_t
souk_reader_word_u64 (SoukReader *reader)
{
  uint64_t value = 0;
  if (!souk_u256_to_u64 (souk_reader_word_u256 (reader), &value))
    reader->failed = true;
  return value;
}

SoukAddress
souk_reader_word_address (SoukReader *reader)
{
  static const uint8_t zeros[SOUK_ABI_WORD - SOUK_ADDRESS_SIZE];
  uint8_t word[SOUK_ABI_WORD];
  SoukAddress address;

  souk_reader_word_bytes32 (reader, word);
  if (memcmp (word, zeros, sizeof zeros) != 0)
    reader->failed = true;
  memcpy (address.bytes, word + sizeof zeros, SOUK_ADDRESS_SIZE);
  return address;
}

SoukOfferTerms
souk_reader_offer (SoukReader *reader)
{
  SoukOfferTerms terms;
  terms.seller = souk_reader_word_address (reader);
  terms.buyer = souk_reader_word_address (reader);
  terms.token = souk_reader_word_address (reader);
  terms.arbiter = souk_reader_word_address (reader);
  terms.price = souk_reader_word_u256 (reader);
  souk_reader_word_bytes32 (reader, terms.content_hash);
  souk_reader_word_bytes32 (reader, terms.key_hash);
  souk_reader_word_bytes32 (reader, terms.cipher_hash);
  terms.deliver_within = souk_reader_word_u256 (reader);
  terms.confirm_window = souk_reader_word_u256 (reader);
  terms.valid_until = souk_reader_word_u256 (reader);
  terms.counter = souk_reader_word_u256 (reader);
  terms.salt = souk_reader_word_u256 (reader);
  return terms;
}

SoukBidTerms
souk_reader_bid (SoukReader *reader)
{
  SoukBidTerms terms;
  terms.provider = souk_reader_word_address (reader);
  terms.requester = souk_reader_word_address (reader);
  terms.token = souk_reader_word_address (reader);
  terms.arbiter = souk_reader_word_address (reader);
  terms.price = souk_reader_word_u256 (reader);
  terms.bond = souk_reader_word_u256 (reader);
  souk_reader_word_bytes32 (reader, terms.job_hash);
  souk_reader_word_bytes32 (reader, terms.peer_id);
  terms.submit_within = souk_reader_word_u256 (reader);
  terms.confirm_window = souk_reader_word_u256 (reader);
  terms.valid_until = souk_reader_word_u256 (reader);
  terms.counter = souk_reader_word_u256 (reader);
  terms.salt = souk_reader_word_u256 (reader);
  return terms;
}
