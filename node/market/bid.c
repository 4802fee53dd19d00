/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bids: build, decode, check. PURE. See bid.h.
 */
#include "market/bid.h"

#include "market/fields.h"
#include "wire/souk.pb-c.h"

#include <string.h>

/* Terms, signature and two hashes; a longer one is not a bid. */
#define BID_SIZE_MAX 1024
#define LOCAL_WHOLE 1000

GBytes *
souk_bid_to_bytes (SoukBid *self)
{
  uint8_t price[32];
  uint8_t terms[SOUK_BID_TERMS_SIZE];
  Souk__Bid message = SOUK__BID__INIT;
  message.job = souk_field_from_slice (souk_slice (self->job, sizeof self->job));
  message.job_hash = souk_field_from_slice (souk_slice (self->job_hash, sizeof self->job_hash));
  message.wallet = souk_field_from_slice (souk_address_bytes (&self->wallet));
  message.price = souk_field_from_slice (souk_amount_bytes (self->price, price));
  message.eta_ms = self->eta_ms;
  message.valid_until = (uint64_t)MAX (self->valid_until, 0);
  if (self->has_terms)
    {
      souk_bid_terms_write (&self->terms, terms);
      message.terms = souk_field_from_slice (souk_slice (terms, sizeof terms));
      message.signature
          = souk_field_from_slice (souk_slice (self->signature, sizeof self->signature));
    }
  message.cpus = self->cpus;
  message.memory_mb = self->memory_mb;
  message.local_permille = self->local_permille;
  GBytes *bytes = souk_message_pack (&message);
  souk_sha256 (self->id, souk_slice_from_bytes (bytes));
  return bytes;
}

static SoukStatus
read_fields (const Souk__Bid *message, SoukBid *bid)
{
  if (!souk_field_hash (message->job, bid->job)
      || !souk_field_hash (message->job_hash, bid->job_hash)
      || !souk_field_address (message->wallet, &bid->wallet)
      || !souk_field_amount (message->price, &bid->price)
      || message->valid_until > INT64_MAX / SOUK_US_PER_S || message->local_permille > LOCAL_WHOLE)
    return SOUK_STATUS_BID_FORM;
  bid->eta_ms = message->eta_ms;
  bid->valid_until = (int64_t)message->valid_until;
  bid->cpus = message->cpus;
  bid->memory_mb = message->memory_mb;
  bid->local_permille = message->local_permille;
  bid->has_terms = message->terms.len != 0;
  if (bid->has_terms == souk_wei_is_zero (bid->price)
      || bid->has_terms == souk_address_is_zero (&bid->wallet)
      || message->signature.len != (bid->has_terms ? SOUK_ECDSA_SIZE : 0))
    return SOUK_STATUS_BID_FORM;
  if (!bid->has_terms)
    return SOUK_STATUS_OK;
  memcpy (bid->signature, message->signature.data, SOUK_ECDSA_SIZE);
  return souk_bid_terms_read (souk_slice_from_field (message->terms), &bid->terms);
}

SoukStatus
souk_bid_from_bytes (SoukSlice in, const SoukPeerId *peer, SoukBid *out)
{
  if (in.len > BID_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  SOUK_AUTO_MESSAGE Souk__Bid *message = souk_message_unpack (&souk__bid__descriptor, in);
  if (message == NULL)
    return SOUK_STATUS_BAD_ENCODING;
  SoukBid bid = { .peer = *peer };
  if (!souk_message_is_canonical (&message->base, in))
    return SOUK_STATUS_BID_FORM;
  SOUK_TRY (read_fields (message, &bid));
  souk_sha256 (bid.id, in);
  *out = bid;
  return SOUK_STATUS_OK;
}

static bool
number_is (SoukU256 value, uint64_t expected)
{
  return souk_u256_compare (value, souk_u256_from_u64 (expected)) == 0;
}

static SoukStatus
check_terms (const SoukBid *self, const SoukBidExpected *expected, const uint8_t *digest)
{
  const SoukBidTerms *terms = &self->terms;
  uint8_t peer_hash[SOUK_HASH_SIZE];
  souk_peer_hash (peer_hash, &self->peer);
  if (!souk_address_is_equal (&terms->provider, &self->wallet)
      || !souk_address_is_equal (&terms->requester, &expected->requester)
      || !souk_address_is_equal (&terms->token, &expected->token)
      || !souk_address_is_zero (&terms->arbiter)
      || memcmp (terms->peer_id, peer_hash, SOUK_HASH_SIZE) != 0)
    return SOUK_STATUS_BID_PARTY;
  if (memcmp (terms->job_hash, self->job_hash, SOUK_HASH_SIZE) != 0)
    return SOUK_STATUS_BID_JOB;
  if (souk_u256_compare (terms->price, souk_wei_to_u256 (self->price)) != 0)
    return SOUK_STATUS_BID_PRICE;
  if (!number_is (terms->submit_within, expected->submit_within_s)
      || !number_is (terms->confirm_window, expected->confirm_window_s))
    return SOUK_STATUS_BID_WINDOW;
  if (!number_is (terms->valid_until, (uint64_t)self->valid_until))
    return SOUK_STATUS_BID_EXPIRED;
  SoukAddress signer;
  SOUK_TRY (souk_ecdsa_recover (digest, self->signature, &signer));
  return souk_address_is_equal (&signer, &terms->provider) ? SOUK_STATUS_OK
                                                           : SOUK_STATUS_BAD_SIGNATURE;
}

SoukStatus
souk_bid_check (const SoukBid *self, const SoukBidExpected *expected, const uint8_t *digest,
                SoukWall now)
{
  g_assert (!self->has_terms || digest != NULL);
  if (memcmp (self->job, expected->job, SOUK_RECORD_ID_SIZE) != 0
      || memcmp (self->job_hash, expected->job_hash, SOUK_HASH_SIZE) != 0)
    return SOUK_STATUS_BID_JOB;
  if (souk_wei_compare (self->price, expected->max_price) > 0)
    return SOUK_STATUS_BID_PRICE;
  if (self->valid_until < souk_wall_seconds (now) + SOUK_BID_LEFT_S_MIN)
    return SOUK_STATUS_BID_EXPIRED;
  return self->has_terms ? check_terms (self, expected, digest) : SOUK_STATUS_OK;
}

void
souk_bid_expected_of (SoukBidExpected *out, const SoukRecord *record, const SoukJobSpec *spec)
{
  memset (out, 0, sizeof *out);
  memcpy (out->job, record->thing, SOUK_RECORD_ID_SIZE);
  souk_job_hash (out->job_hash, souk_slice_from_bytes (record->body));
  if (!souk_job_spec_is_free (spec))
    out->requester = record->wallet;
  out->token = spec->token;
  out->max_price = spec->max_price;
  out->submit_within_s = spec->submit_within_s;
  out->confirm_window_s = spec->confirm_window_s;
}
