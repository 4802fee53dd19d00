/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Listings: what a seller says about one prompt (souk.proto, Listing). PURE.
 *
 * A free listing has no token, chain, contract or commitment: it trades without a wallet. A priced
 * one has chain, contract and the commitment H(K), and stands in a record with a proven wallet.
 * Text is UTF-8 without control characters, so that no view has to clean it. A decoded listing is
 * owned by who decoded it.
 */
#pragma once
#include "base/u256.h"
#include "market/record.h"

typedef struct {
  char *title;
  char *description;
  char *category;
  char *sample;
  GStrv tags;   /* never NULL once decoded */
  GStrv models; /* the same */
  SoukWei price;
  SoukAddress token; /* zero: the coin */
  uint64_t chain_id; /* 0 exactly when free */
  SoukAddress contract;
  SoukCid cid;
  uint64_t size_bytes; /* of the content as it is stored: sealed when priced */
  uint8_t key_commitment[SOUK_HASH_SIZE];
  uint32_t deliver_within_s; /* 0 exactly when free */
  uint32_t confirm_window_s;
  int64_t created; /* seconds since 1970 */
} SoukListing;

bool souk_listing_is_free (const SoukListing *self);
/* Checks a listing that `wallet` (zero: none) would publish. Returns: OK or a LISTING_ status. */
SoukStatus souk_listing_check (const SoukListing *self, const SoukAddress *wallet);
/* Returns: (transfer full): the body of a record; the listing passes souk_listing_check. */
GBytes *souk_listing_to_body (const SoukListing *self);
/* Decodes and checks the body of a live listing record. Out: (transfer full). */
SoukStatus souk_listing_from_record (const SoukRecord *record, SoukListing **out);
void souk_listing_free (SoukListing *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukListing, souk_listing_free)

/* The categories that the window offers; any other short lower-case word is as good.
 * Returns: (transfer none): ends with NULL. */
const char *const *souk_listing_categories (void);
/* True for 1..SOUK_CATEGORY_MAX of a-z, 0-9 and inner hyphens. */
bool souk_category_is_valid (const char *category);
