/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Publishing, finding and reading prompts, and content by its CID. GLIB, node thread.
 *
 * Binds prompt.list, prompt.show, prompt.upload, prompt.withdraw, prompt.content, content.add and
 * content.get; buying is orders.h. Emits listing.added, listing.changed and listing.removed with
 * the whole listing.
 *
 * A priced prompt is sealed under a content key K before it is stored (market/content.h). K is a
 * document of kind SOUK_CONTENT_KEY_KIND under its commitment H(K): the seller has it from here, a
 * buyer from orders.h, and prompt.content opens the text with it for both. What a buyer has stays
 * readable when the seller withdraws or changes the listing: the version that was bought is kept
 * (SOUK_VERSION_KIND), and which version of a thing is owned (SOUK_OWNED_KIND).
 */
#pragma once
#include "market/listing.h"
#include "trade/context.h"

#define SOUK_CONTENT_KEY_KIND "content-key"
/* A record id -> the signed record. */
#define SOUK_VERSION_KIND "listing-version"
/* A thing -> the record id of the version that is owned. */
#define SOUK_OWNED_KIND "owned"
/* Owner of the pins of what this node sells. */
#define SOUK_LISTING_PIN "listing"
/* Owner of the pins of what this node has bought or fetched. */
#define SOUK_PURCHASE_PIN "purchase"

typedef struct SoukPrompts SoukPrompts;

SoukPrompts *souk_prompts_new (const SoukTradeContext *context);
void souk_prompts_free (SoukPrompts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukPrompts, souk_prompts_free)

/* Returns: (transfer full) (nullable): the live listing of a thing and its record; NULL when there
 * is none, or when it is withdrawn or has expired. */
SoukListing *souk_prompts_find (const SoukTradeContext *context,
                                const uint8_t thing[SOUK_RECORD_ID_SIZE], SoukRecord **out_record);
/* The same for the version that this node has bought or fetched, whatever became of the listing. */
SoukListing *souk_prompts_find_owned (const SoukTradeContext *context,
                                      const uint8_t thing[SOUK_RECORD_ID_SIZE],
                                      SoukRecord **out_record);
/* Keep a version before it is bought; and note that it is owned. Each goes into a batch. */
void souk_prompts_keep_version (SoukStoreBatch *batch, const SoukRecord *record);
void souk_prompts_note_owned (SoukStoreBatch *batch, const uint8_t thing[SOUK_RECORD_ID_SIZE],
                              const uint8_t record_id[SOUK_RECORD_ID_SIZE]);
/* True when the text can be read here: its own, bought, or free and fetched. */
bool souk_prompts_is_owned (const SoukTradeContext *context, const SoukRecord *record,
                            const SoukListing *listing);
/* Returns: (transfer full): the shape "Listing". */
JsonObject *souk_prompts_listing_json (const SoukTradeContext *context, const SoukRecord *record,
                                       const SoukListing *listing);
