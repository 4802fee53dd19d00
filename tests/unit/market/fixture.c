/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the market's tests share. See fixture.h.
 */
#include "fixture.h"

#include "market/content.h"

#include <string.h>

SoukIdentity
fix_identity (unsigned party)
{
  SoukIdentity identity;
  uint8_t seed[32] = { (uint8_t)party, 0x11 };
  souk_identity_init_seed (&identity, seed);
  return identity;
}

SoukPeerId
fix_peer (unsigned party)
{
  SoukIdentity identity = fix_identity (party);
  return souk_identity_peer_id (&identity);
}

void
fix_secret (unsigned party, uint8_t out[32])
{
  memset (out, 0, 32);
  out[30] = 0x22;
  out[31] = (uint8_t)party;
}

SoukAddress
fix_wallet (unsigned party)
{
  uint8_t secret[32];
  SoukAddress address;
  fix_secret (party, secret);
  g_assert_true (souk_address_from_secret (secret, &address));
  return address;
}

SoukWei
fix_wei (const char *decimal)
{
  SoukWei wei;
  souk_assert_status (souk_wei_parse (decimal, &wei), OK);
  return wei;
}

SoukCid
fix_cid (const char *text)
{
  return souk_cid_of (SOUK_CODEC_RAW, souk_slice_from_text (text));
}

void
fix_sign (unsigned party, const uint8_t digest[32], uint8_t out[SOUK_ECDSA_SIZE])
{
  uint8_t secret[32];
  fix_secret (party, secret);
  g_assert_true (souk_ecdsa_sign (secret, digest, out));
}

static SoukRecord *
build (unsigned party, SoukRecord *draft, const char *key, bool has_wallet)
{
  SoukIdentity identity = fix_identity (party);
  SoukPeerId peer = souk_identity_peer_id (&identity);
  SoukRecord *record = NULL;
  draft->key_len = (uint8_t)strlen (key);
  memcpy (draft->key, key, draft->key_len);
  draft->expires = FIX_NOW_S + 3600;
  if (has_wallet)
    {
      uint8_t digest[32];
      draft->wallet = fix_wallet (party);
      souk_wallet_proof_digest (digest, &peer);
      fix_sign (party, digest, draft->wallet_proof);
    }
  souk_assert_status (souk_record_build (draft, &identity, FIX_NOW, &record), OK);
  return record;
}

SoukRecord *
fix_record (unsigned party, SoukRecordType type, const char *key, uint64_t sequence, GBytes *body,
            bool has_wallet)
{
  SoukRecord draft = { .type = type, .sequence = sequence, .body = body };
  return build (party, &draft, key, has_wallet);
}

SoukRecord *
fix_tombstone (unsigned party, SoukRecordType type, const char *key, uint64_t sequence)
{
  SoukRecord draft = { .type = type, .sequence = sequence, .is_withdrawn = true };
  return build (party, &draft, key, false);
}

SoukListing *
fix_listing (const char *price, uint8_t content_key[32])
{
  static const uint8_t some_key[32] = "the content key of all the tests";
  SoukListing *listing = g_new0 (SoukListing, 1);
  listing->title = g_strdup ("A haiku about rivers");
  listing->description = g_strdup ("Seventeen syllables.\nAlways the same river.");
  listing->category = g_strdup ("writing");
  listing->sample = g_strdup ("");
  listing->tags = g_strsplit ("poem,short", ",", -1);
  listing->models = g_strsplit ("any", ",", -1);
  listing->price = fix_wei (price);
  listing->cid = fix_cid ("sealed content");
  listing->size_bytes = 500;
  listing->created = FIX_NOW_S;
  if (souk_listing_is_free (listing))
    return listing;
  listing->chain_id = 31337;
  listing->contract = fix_wallet (99);
  listing->deliver_within_s = 3600;
  listing->confirm_window_s = 7200;
  souk_commitment (listing->key_commitment, some_key);
  if (content_key != NULL)
    memcpy (content_key, some_key, 32);
  return listing;
}

SoukRecord *
fix_listing_record (unsigned party, const SoukListing *listing)
{
  g_autoptr (GBytes) body = souk_listing_to_body (listing);
  return fix_record (party, SOUK_RECORD_LISTING, "prompt-1", 1, body,
                     !souk_listing_is_free (listing));
}

SoukJobSpec *
fix_job_spec (const char *price)
{
  SoukJobSpec *spec = g_new0 (SoukJobSpec, 1);
  spec->title = g_strdup ("Count words");
  spec->module = fix_cid ("module");
  spec->has_input = true;
  spec->input = fix_cid ("input");
  spec->args = g_strsplit ("--lines", ",", -1);
  spec->env = g_strsplit ("LANG=C", ",", -1);
  spec->files = g_new0 (SoukJobFile, 1);
  spec->files[0] = (SoukJobFile){ g_strdup ("data/words.txt"), fix_cid ("words") };
  spec->file_count = 1;
  spec->limits = (SoukJobLimits){ 64, 60000, 60000, 1 << 20, 0 };
  spec->max_price = fix_wei (price);
  spec->bid_window_ms = 3000;
  spec->deadline = FIX_NOW_S + 3000;
  spec->is_deterministic = true;
  if (souk_job_spec_is_free (spec))
    return spec;
  spec->chain_id = 31337;
  spec->contract = fix_wallet (99);
  spec->confirm_window_s = 3600;
  spec->submit_within_s = 3600;
  return spec;
}

SoukRecord *
fix_job_record (unsigned party, const SoukJobSpec *spec)
{
  g_autoptr (GBytes) body = souk_job_spec_to_body (spec);
  return fix_record (party, SOUK_RECORD_JOB, "job-1", 1, body, !souk_job_spec_is_free (spec));
}

void
fix_offer_digest (const SoukOfferTerms *terms, uint8_t out[32])
{
  uint8_t words[SOUK_OFFER_TERMS_SIZE];
  souk_offer_terms_write (terms, words);
  souk_keccak256 (out, souk_slice (words, sizeof words));
}

void
fix_bid_digest (const SoukBidTerms *terms, uint8_t out[32])
{
  uint8_t words[SOUK_BID_TERMS_SIZE];
  souk_bid_terms_write (terms, words);
  souk_keccak256 (out, souk_slice (words, sizeof words));
}

void
fix_receipt_digest (const SoukReceiptTerms *terms, uint8_t out[32])
{
  uint8_t words[SOUK_RECEIPT_TERMS_SIZE];
  souk_receipt_terms_write (terms, words);
  souk_keccak256 (out, souk_slice (words, sizeof words));
}

void
fix_sale_init (FixSale *self, const char *price)
{
  memset (self, 0, sizeof *self);
  souk_seeded_rng_init_number (&self->rng, 7);
  self->listing = fix_listing (price, self->content_key);
  self->record = fix_listing_record (1, self->listing);
  if (souk_listing_is_free (self->listing))
    return;
  SoukAddress seller = fix_wallet (1), buyer = fix_wallet (2);
  souk_offer_draft (&self->draft, self->listing, &seller, &buyer, self->content_key, SOUK_U256_ZERO,
                    FIX_NOW, &self->rng.rng);
  fix_offer_digest (&self->draft.terms, self->digest);
  fix_sign (1, self->digest, self->signature);
}

void
fix_sale_done (FixSale *self)
{
  souk_record_free (self->record);
  souk_listing_free (self->listing);
}

SoukOrder *
fix_buyer (FixSale *self)
{
  SoukAddress buyer = { 0 };
  if (!souk_listing_is_free (self->listing))
    buyer = fix_wallet (2);
  return souk_order_new_buyer (self->record, self->listing, &buyer, FIX_NOW, &self->rng.rng);
}

SoukOrder *
fix_seller (FixSale *self)
{
  SoukPeerId buyer = fix_peer (2);
  return souk_order_new_seller (self->record, self->listing, &buyer, &self->draft, self->signature,
                                self->digest, FIX_NOW, &self->rng.rng);
}

SoukOrderEvent
fix_offer_event (const FixSale *self)
{
  SoukOrderEvent event = { .kind = SOUK_ORDER_EVENT_OFFER,
                           .terms = &self->draft.terms,
                           .signature = self->signature,
                           .capsule = self->draft.capsule };
  memcpy (event.hash, self->digest, sizeof event.hash);
  return event;
}

SoukBid
fix_bid (unsigned party, const SoukRecord *record, const SoukJobSpec *spec, const char *price,
         uint8_t digest[32])
{
  SoukSeededRng rng;
  souk_seeded_rng_init_number (&rng, party);
  SoukBid bid = { .peer = fix_peer (party),
                  .price = fix_wei (price),
                  .eta_ms = 1000,
                  .valid_until = FIX_NOW_S + SOUK_BID_LIFE_S,
                  .cpus = 2,
                  .memory_mb = 512 };
  memcpy (bid.job, record->thing, sizeof bid.job);
  souk_job_hash (bid.job_hash, souk_slice_from_bytes (record->body));
  if (!souk_wei_is_zero (bid.price))
    {
      bid.has_terms = true;
      bid.wallet = fix_wallet (party);
      souk_bid_terms_fill (&bid.terms, spec, bid.job_hash, &bid.wallet, &bid.peer, &record->wallet,
                           bid.price, SOUK_U256_ZERO, FIX_NOW, &rng.rng);
      fix_bid_digest (&bid.terms, digest);
      fix_sign (party, digest, bid.signature);
    }
  g_autoptr (GBytes) bytes = souk_bid_to_bytes (&bid);
  return bid;
}
