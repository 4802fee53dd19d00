/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Terms of sales and jobs. PURE. See terms.h.
 */
#include "market/terms.h"

#include "market/content.h"

#include <string.h>

/* ---- words ---- */

typedef struct {
  const uint8_t *at;
  bool failed;
} WordReader;

static uint8_t *
put_address (uint8_t *at, const SoukAddress *address)
{
  memset (at, 0, 32 - SOUK_ADDRESS_SIZE);
  memcpy (at + 32 - SOUK_ADDRESS_SIZE, address->bytes, SOUK_ADDRESS_SIZE);
  return at + 32;
}

static uint8_t *
put_number (uint8_t *at, SoukU256 value)
{
  souk_u256_to_be (value, at);
  return at + 32;
}

static uint8_t *
put_hash (uint8_t *at, const uint8_t hash[SOUK_HASH_SIZE])
{
  memcpy (at, hash, SOUK_HASH_SIZE);
  return at + 32;
}

static void
take_address (WordReader *reader, SoukAddress *out)
{
  for (size_t i = 0; i < 32 - SOUK_ADDRESS_SIZE; i++)
    reader->failed |= reader->at[i] != 0;
  memcpy (out->bytes, reader->at + 32 - SOUK_ADDRESS_SIZE, SOUK_ADDRESS_SIZE);
  reader->at += 32;
}

static SoukU256
take_number (WordReader *reader)
{
  SoukU256 value = souk_u256_from_be (reader->at);
  reader->at += 32;
  return value;
}

static void
take_hash (WordReader *reader, uint8_t out[SOUK_HASH_SIZE])
{
  memcpy (out, reader->at, SOUK_HASH_SIZE);
  reader->at += 32;
}

void
souk_offer_terms_write (const SoukOfferTerms *self, uint8_t out[SOUK_OFFER_TERMS_SIZE])
{
  uint8_t *at = put_address (out, &self->seller);
  at = put_address (at, &self->buyer);
  at = put_address (at, &self->token);
  at = put_address (at, &self->arbiter);
  at = put_number (at, self->price);
  at = put_hash (at, self->content_hash);
  at = put_hash (at, self->key_hash);
  at = put_hash (at, self->cipher_hash);
  at = put_number (at, self->deliver_within);
  at = put_number (at, self->confirm_window);
  at = put_number (at, self->valid_until);
  at = put_number (at, self->counter);
  at = put_number (at, self->salt);
  g_assert (at == out + SOUK_OFFER_TERMS_SIZE);
}

SoukStatus
souk_offer_terms_read (SoukSlice in, SoukOfferTerms *out)
{
  SoukOfferTerms terms;
  if (in.len != SOUK_OFFER_TERMS_SIZE)
    return SOUK_STATUS_OFFER_FORM;
  WordReader reader = { in.data, false };
  take_address (&reader, &terms.seller);
  take_address (&reader, &terms.buyer);
  take_address (&reader, &terms.token);
  take_address (&reader, &terms.arbiter);
  terms.price = take_number (&reader);
  take_hash (&reader, terms.content_hash);
  take_hash (&reader, terms.key_hash);
  take_hash (&reader, terms.cipher_hash);
  terms.deliver_within = take_number (&reader);
  terms.confirm_window = take_number (&reader);
  terms.valid_until = take_number (&reader);
  terms.counter = take_number (&reader);
  terms.salt = take_number (&reader);
  if (reader.failed)
    return SOUK_STATUS_OFFER_FORM;
  *out = terms;
  return SOUK_STATUS_OK;
}

void
souk_bid_terms_write (const SoukBidTerms *self, uint8_t out[SOUK_BID_TERMS_SIZE])
{
  uint8_t *at = put_address (out, &self->provider);
  at = put_address (at, &self->requester);
  at = put_address (at, &self->token);
  at = put_address (at, &self->arbiter);
  at = put_number (at, self->price);
  at = put_number (at, self->bond);
  at = put_hash (at, self->job_hash);
  at = put_hash (at, self->peer_id);
  at = put_number (at, self->submit_within);
  at = put_number (at, self->confirm_window);
  at = put_number (at, self->valid_until);
  at = put_number (at, self->counter);
  at = put_number (at, self->salt);
  g_assert (at == out + SOUK_BID_TERMS_SIZE);
}

SoukStatus
souk_bid_terms_read (SoukSlice in, SoukBidTerms *out)
{
  SoukBidTerms terms;
  if (in.len != SOUK_BID_TERMS_SIZE)
    return SOUK_STATUS_BID_FORM;
  WordReader reader = { in.data, false };
  take_address (&reader, &terms.provider);
  take_address (&reader, &terms.requester);
  take_address (&reader, &terms.token);
  take_address (&reader, &terms.arbiter);
  terms.price = take_number (&reader);
  terms.bond = take_number (&reader);
  take_hash (&reader, terms.job_hash);
  take_hash (&reader, terms.peer_id);
  terms.submit_within = take_number (&reader);
  terms.confirm_window = take_number (&reader);
  terms.valid_until = take_number (&reader);
  terms.counter = take_number (&reader);
  terms.salt = take_number (&reader);
  if (reader.failed)
    return SOUK_STATUS_BID_FORM;
  *out = terms;
  return SOUK_STATUS_OK;
}

void
souk_receipt_terms_write (const SoukReceiptTerms *self, uint8_t out[SOUK_RECEIPT_TERMS_SIZE])
{
  uint8_t *at = put_hash (out, self->id);
  at = put_hash (at, self->result_hash);
  at = put_number (at, self->amount);
  g_assert (at == out + SOUK_RECEIPT_TERMS_SIZE);
}

SoukStatus
souk_receipt_terms_read (SoukSlice in, SoukReceiptTerms *out)
{
  if (in.len != SOUK_RECEIPT_TERMS_SIZE)
    return SOUK_STATUS_BAD_ENCODING;
  WordReader reader = { in.data, false };
  take_hash (&reader, out->id);
  take_hash (&reader, out->result_hash);
  out->amount = take_number (&reader);
  return SOUK_STATUS_OK;
}

/* ---- sales ---- */

static SoukU256
draw_salt (SoukRng *rng)
{
  uint8_t salt[32];
  souk_rng_fill (rng, salt, sizeof salt);
  return souk_u256_from_be (salt);
}

void
souk_offer_draft (SoukOfferDraft *out, const SoukListing *listing, const SoukAddress *seller,
                  const SoukAddress *buyer, const uint8_t content_key[32], SoukU256 counter,
                  SoukWall now, SoukRng *rng)
{
  g_assert (!souk_listing_is_free (listing));
  memset (out, 0, sizeof *out);
  souk_rng_fill (rng, out->key, sizeof out->key);
  souk_capsule_xor (out->capsule, content_key, out->key);

  SoukOfferTerms *terms = &out->terms;
  terms->seller = *seller;
  terms->buyer = *buyer;
  terms->token = listing->token;
  terms->price = souk_wei_to_u256 (listing->price);
  memcpy (terms->content_hash, listing->key_commitment, SOUK_HASH_SIZE);
  souk_commitment (terms->key_hash, out->key);
  souk_commitment (terms->cipher_hash, out->capsule);
  terms->deliver_within = souk_u256_from_u64 (listing->deliver_within_s);
  terms->confirm_window = souk_u256_from_u64 (listing->confirm_window_s);
  terms->valid_until = souk_u256_from_u64 ((uint64_t)(souk_wall_seconds (now) + SOUK_OFFER_LIFE_S));
  terms->counter = counter;
  terms->salt = draw_salt (rng);
}

static bool
number_is (SoukU256 value, uint64_t expected)
{
  return souk_u256_compare (value, souk_u256_from_u64 (expected)) == 0;
}

/* A date beyond 64 bits is as good as never, and no deal of Souk's has one. */
static bool
is_valid_for (SoukU256 valid_until, SoukWall now, int64_t left_s)
{
  uint64_t until;
  int64_t needed = souk_wall_seconds (now) + left_s;
  return souk_u256_to_u64 (valid_until, &until) && until <= INT64_MAX / SOUK_US_PER_S
         && (int64_t)until >= needed;
}

SoukStatus
souk_offer_check (const SoukOfferTerms *terms, const uint8_t capsule[32],
                  const uint8_t digest[SOUK_HASH_SIZE], const uint8_t signature[SOUK_ECDSA_SIZE],
                  const SoukOfferExpected *expected, SoukWall now)
{
  static const uint8_t zero[SOUK_HASH_SIZE];
  if (!souk_address_is_equal (&terms->seller, &expected->seller)
      || !souk_address_is_equal (&terms->buyer, &expected->buyer)
      || !souk_address_is_equal (&terms->token, &expected->token)
      || !souk_address_is_equal (&terms->arbiter, &expected->arbiter))
    return SOUK_STATUS_OFFER_PARTY;
  if (souk_u256_compare (terms->price, souk_wei_to_u256 (expected->price)) != 0)
    return SOUK_STATUS_OFFER_PRICE;
  if (memcmp (terms->content_hash, expected->key_commitment, SOUK_HASH_SIZE) != 0)
    return SOUK_STATUS_OFFER_HASH;
  /* Without a key hash the contract would take any key, and nothing could be proved. */
  if (memcmp (terms->key_hash, zero, SOUK_HASH_SIZE) == 0)
    return SOUK_STATUS_OFFER_HASH;
  if (!souk_commitment_matches (terms->cipher_hash, capsule))
    return SOUK_STATUS_OFFER_CAPSULE;
  if (!number_is (terms->deliver_within, expected->deliver_within_s)
      || !number_is (terms->confirm_window, expected->confirm_window_s))
    return SOUK_STATUS_OFFER_WINDOW;
  if (!is_valid_for (terms->valid_until, now, SOUK_OFFER_LEFT_S_MIN))
    return SOUK_STATUS_OFFER_EXPIRED;
  SoukAddress signer;
  SOUK_TRY (souk_ecdsa_recover (digest, signature, &signer));
  return souk_address_is_equal (&signer, &terms->seller) ? SOUK_STATUS_OK
                                                         : SOUK_STATUS_BAD_SIGNATURE;
}

/* ---- jobs ---- */

void
souk_peer_hash (uint8_t out[SOUK_HASH_SIZE], const SoukPeerId *peer)
{
  g_autoptr (GBytes) bytes = souk_peer_id_to_bytes (peer);
  souk_keccak256 (out, souk_slice_from_bytes (bytes));
}

void
souk_result_hash (uint8_t out[SOUK_HASH_SIZE], const SoukCid *cid)
{
  g_autoptr (GBytes) bytes = souk_cid_to_bytes (cid);
  souk_keccak256 (out, souk_slice_from_bytes (bytes));
}

void
souk_bid_terms_fill (SoukBidTerms *out, const SoukJobSpec *spec,
                     const uint8_t job_hash[SOUK_HASH_SIZE], const SoukAddress *provider,
                     const SoukPeerId *provider_peer, const SoukAddress *requester, SoukWei price,
                     SoukU256 counter, SoukWall now, SoukRng *rng)
{
  memset (out, 0, sizeof *out);
  out->provider = *provider;
  out->requester = *requester;
  out->token = spec->token;
  out->price = souk_wei_to_u256 (price);
  memcpy (out->job_hash, job_hash, SOUK_HASH_SIZE);
  souk_peer_hash (out->peer_id, provider_peer);
  out->submit_within = souk_u256_from_u64 (spec->submit_within_s);
  out->confirm_window = souk_u256_from_u64 (spec->confirm_window_s);
  out->valid_until = souk_u256_from_u64 ((uint64_t)(souk_wall_seconds (now) + SOUK_BID_LIFE_S));
  out->counter = counter;
  out->salt = draw_salt (rng);
}
