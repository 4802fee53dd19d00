/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Listings: build, check, decode. PURE. See listing.h.
 */
#include "market/listing.h"

#include "market/content.h"
#include "market/fields.h"
#include "wire/souk.pb-c.h"

#include <string.h>

static const char *const categories[] = {
  "writing",   "programming", "image",  "video",    "music", "marketing", "business", "data",
  "education", "law",         "health", "research", "games", "other",     NULL,
};

const char *const *
souk_listing_categories (void)
{
  return categories;
}

bool
souk_category_is_valid (const char *category)
{
  size_t len = strlen (category);
  if (len == 0 || len > SOUK_CATEGORY_MAX || category[0] == '-' || category[len - 1] == '-')
    return false;
  for (size_t i = 0; i < len; i++)
    if (!g_ascii_islower (category[i]) && !g_ascii_isdigit (category[i]) && category[i] != '-')
      return false;
  return true;
}

bool
souk_listing_is_free (const SoukListing *self)
{
  return souk_wei_is_zero (self->price);
}

static bool
window_is_valid (uint32_t seconds)
{
  return seconds >= SOUK_WINDOW_S_MIN && seconds <= SOUK_WINDOW_S_MAX;
}

static bool
hash_is_zero (const uint8_t hash[SOUK_HASH_SIZE])
{
  static const uint8_t zero[SOUK_HASH_SIZE];
  return memcmp (hash, zero, SOUK_HASH_SIZE) == 0;
}

static SoukStatus
check_texts (const SoukListing *self)
{
  if (!souk_field_text (self->title, 1, SOUK_TITLE_MAX, SOUK_TEXT_LINE)
      || !souk_field_text (self->description, 0, SOUK_DESCRIPTION_MAX, SOUK_TEXT_PARAGRAPHS)
      || !souk_field_text (self->sample, 0, SOUK_SAMPLE_MAX, SOUK_TEXT_PARAGRAPHS))
    return SOUK_STATUS_LISTING_TEXT;
  if (!souk_field_texts (self->tags, g_strv_length (self->tags), SOUK_TAGS_MAX, SOUK_TAG_MAX)
      || !souk_field_texts (self->models, g_strv_length (self->models), SOUK_TAGS_MAX,
                            SOUK_TAG_MAX))
    return SOUK_STATUS_LISTING_TAGS;
  if (!souk_category_is_valid (self->category))
    return SOUK_STATUS_LISTING_CATEGORY;
  return SOUK_STATUS_OK;
}

static SoukStatus
check_money (const SoukListing *self, const SoukAddress *wallet)
{
  bool has_commitment = !hash_is_zero (self->key_commitment);
  if (souk_listing_is_free (self))
    {
      if (!souk_address_is_zero (&self->token) || self->chain_id != 0
          || !souk_address_is_zero (&self->contract) || has_commitment)
        return SOUK_STATUS_LISTING_CHAIN;
      if (self->deliver_within_s != 0 || self->confirm_window_s != 0)
        return SOUK_STATUS_LISTING_WINDOW;
      return SOUK_STATUS_OK;
    }
  if (souk_address_is_zero (wallet) || self->chain_id == 0 || souk_address_is_zero (&self->contract)
      || !has_commitment)
    return SOUK_STATUS_LISTING_CHAIN;
  if (!window_is_valid (self->deliver_within_s) || !window_is_valid (self->confirm_window_s))
    return SOUK_STATUS_LISTING_WINDOW;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_listing_check (const SoukListing *self, const SoukAddress *wallet)
{
  SOUK_TRY (check_texts (self));
  SOUK_TRY (check_money (self, wallet));
  uint64_t overhead = souk_listing_is_free (self) ? 0 : SOUK_CONTENT_OVERHEAD;
  if (self->size_bytes <= overhead || self->size_bytes > SOUK_PROMPT_SIZE_MAX + overhead)
    return SOUK_STATUS_LISTING_CONTENT;
  return SOUK_STATUS_OK;
}

GBytes *
souk_listing_to_body (const SoukListing *self)
{
  uint8_t price[32];
  g_autoptr (GBytes) cid = souk_cid_to_bytes (&self->cid);
  Souk__Listing message = SOUK__LISTING__INIT;
  message.title = self->title;
  message.description = self->description;
  message.tags = self->tags;
  message.n_tags = g_strv_length (self->tags);
  message.category = self->category;
  message.model = self->models;
  message.n_model = g_strv_length (self->models);
  message.sample = self->sample;
  message.price = souk_field_from_slice (souk_amount_bytes (self->price, price));
  message.token = souk_field_from_slice (souk_address_bytes (&self->token));
  message.chain_id = self->chain_id;
  message.contract = souk_field_from_slice (souk_address_bytes (&self->contract));
  message.cid = souk_field_from_slice (souk_slice_from_bytes (cid));
  message.size_bytes = self->size_bytes;
  if (!souk_listing_is_free (self))
    message.key_commitment
        = souk_field_from_slice (souk_slice (self->key_commitment, SOUK_HASH_SIZE));
  message.deliver_within_s = self->deliver_within_s;
  message.confirm_window_s = self->confirm_window_s;
  message.created = (uint64_t)MAX (self->created, 0);
  return souk_message_pack (&message);
}

static GStrv
copy_texts (char *const *texts, size_t count)
{
  GStrv copy = g_new0 (char *, count + 1);
  for (size_t i = 0; i < count; i++)
    copy[i] = g_strdup (texts[i]);
  return copy;
}

static SoukStatus
read_fields (const Souk__Listing *message, SoukListing *listing)
{
  /* Counted before they are copied. */
  if (message->n_tags > SOUK_TAGS_MAX || message->n_model > SOUK_TAGS_MAX)
    return SOUK_STATUS_LISTING_TAGS;
  listing->title = g_strdup (message->title);
  listing->description = g_strdup (message->description);
  listing->category = g_strdup (message->category);
  listing->sample = g_strdup (message->sample);
  listing->tags = copy_texts (message->tags, message->n_tags);
  listing->models = copy_texts (message->model, message->n_model);
  if (!souk_field_amount (message->price, &listing->price))
    return SOUK_STATUS_LISTING_PRICE;
  if (!souk_field_address (message->token, &listing->token)
      || !souk_field_address (message->contract, &listing->contract))
    return SOUK_STATUS_LISTING_CHAIN;
  listing->chain_id = message->chain_id;
  if (!souk_field_cid (message->cid, &listing->cid))
    return SOUK_STATUS_LISTING_CONTENT;
  listing->size_bytes = message->size_bytes;
  if (message->key_commitment.len != 0
      && !souk_field_hash (message->key_commitment, listing->key_commitment))
    return SOUK_STATUS_LISTING_CHAIN;
  listing->deliver_within_s = message->deliver_within_s;
  listing->confirm_window_s = message->confirm_window_s;
  listing->created = (int64_t)MIN (message->created, INT64_MAX / SOUK_US_PER_S);
  return SOUK_STATUS_OK;
}

SoukStatus
souk_listing_from_record (const SoukRecord *record, SoukListing **out)
{
  if (record->type != SOUK_RECORD_LISTING || record->is_withdrawn)
    return SOUK_STATUS_RECORD_BODY;
  SoukSlice body = souk_slice_from_bytes (record->body);
  SOUK_AUTO_MESSAGE Souk__Listing *message = souk_message_unpack (&souk__listing__descriptor, body);
  if (message == NULL)
    return SOUK_STATUS_BAD_ENCODING;

  g_autoptr (SoukListing) listing = g_new0 (SoukListing, 1);
  if (!souk_message_is_canonical (&message->base, body))
    return SOUK_STATUS_RECORD_FORM;
  SOUK_TRY (read_fields (message, listing));
  SOUK_TRY (souk_listing_check (listing, &record->wallet));
  *out = g_steal_pointer (&listing);
  return SOUK_STATUS_OK;
}

void
souk_listing_free (SoukListing *self)
{
  if (self == NULL)
    return;
  g_free (self->title);
  g_free (self->description);
  g_free (self->category);
  g_free (self->sample);
  g_strfreev (self->tags);
  g_strfreev (self->models);
  g_free (self);
}
