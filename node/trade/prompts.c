/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding and reading prompts. See prompts.h; prompts-publish.c has the seller's side.
 */
#include "trade/prompts-private.h"

#include "api/values.h"
#include "market/content.h"
#include "store/documents.h"
#include "store/pins.h"
#include "store/search.h"
#include "swarm/clock.h"

#include <string.h>

#define PAGE_DEFAULT 100
#define FETCH_BLOCK_MS 20000

/* ---- what is here ---- */

bool
souk_prompts_is_mine (const SoukTradeContext *context, const SoukRecord *record)
{
  return souk_peer_id_is_equal (&record->author, souk_swarm_self (context->swarm));
}

/* Returns: (transfer full) (nullable): K of a listing, 32 bytes. */
static GBytes *
content_key (const SoukTradeContext *context, const SoukListing *listing)
{
  g_autoptr (SoukDocument) document = souk_documents_get (
      context->store, SOUK_CONTENT_KEY_KIND, souk_slice (listing->key_commitment, SOUK_HASH_SIZE));
  if (document == NULL || g_bytes_get_size (document->body) != SOUK_CONTENT_KEY_SIZE)
    return NULL;
  return g_bytes_ref (document->body);
}

bool
souk_prompts_is_owned (const SoukTradeContext *context, const SoukRecord *record,
                       const SoukListing *listing)
{
  if (souk_prompts_is_mine (context, record))
    return true;
  if (souk_listing_is_free (listing))
    return souk_pins_has (context->store, &listing->cid, souk_wall_now ());
  g_autoptr (GBytes) key = content_key (context, listing);
  return key != NULL;
}

SoukListing *
souk_prompts_find (const SoukTradeContext *context, const uint8_t thing[SOUK_RECORD_ID_SIZE],
                   SoukRecord **out_record)
{
  g_autoptr (SoukRecord) record = souk_board_get (context->board, thing);
  SoukListing *listing = NULL;
  if (record == NULL || record->type != SOUK_RECORD_LISTING || record->is_withdrawn
      || record->expires < souk_wall_seconds (souk_wall_now ())
      || souk_listing_from_record (record, &listing) != SOUK_STATUS_OK)
    return NULL;
  if (out_record != NULL)
    *out_record = g_steal_pointer (&record);
  return listing;
}

SoukListing *
souk_prompts_find_owned (const SoukTradeContext *context, const uint8_t thing[SOUK_RECORD_ID_SIZE],
                         SoukRecord **out_record)
{
  g_autoptr (SoukRecord) record = NULL;
  SoukListing *listing = NULL;
  g_autoptr (SoukDocument) owned = souk_documents_get (context->store, SOUK_OWNED_KIND,
                                                       souk_slice (thing, SOUK_RECORD_ID_SIZE));
  if (owned == NULL)
    return NULL;
  g_autoptr (SoukDocument) version
      = souk_documents_get (context->store, SOUK_VERSION_KIND, souk_slice_from_bytes (owned->body));
  if (version == NULL
      || souk_record_decode_kept (souk_slice_from_bytes (version->body), &record) != SOUK_STATUS_OK
      || souk_listing_from_record (record, &listing) != SOUK_STATUS_OK)
    return NULL;
  *out_record = g_steal_pointer (&record);
  return listing;
}

void
souk_prompts_keep_version (SoukStoreBatch *batch, const SoukRecord *record)
{
  souk_documents_put (batch, SOUK_VERSION_KIND, souk_slice (record->id, sizeof record->id), 0,
                      souk_wall_now (), souk_slice_from_bytes (record->bytes));
}

void
souk_prompts_note_owned (SoukStoreBatch *batch, const uint8_t thing[SOUK_RECORD_ID_SIZE],
                         const uint8_t record_id[SOUK_RECORD_ID_SIZE])
{
  souk_documents_put (batch, SOUK_OWNED_KIND, souk_slice (thing, SOUK_RECORD_ID_SIZE), 0,
                      souk_wall_now (), souk_slice (record_id, SOUK_RECORD_ID_SIZE));
}

JsonObject *
souk_prompts_listing_json (const SoukTradeContext *context, const SoukRecord *record,
                           const SoukListing *listing)
{
  JsonObject *object = json_object_new ();
  g_autofree char *id = souk_thing_to_string (record->thing);
  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "title", listing->title);
  json_object_set_string_member (object, "description", listing->description);
  json_object_set_string_member (object, "category", listing->category);
  souk_json_set_strings (object, "tags", (const char *const *)listing->tags);
  souk_json_set_strings (object, "models", (const char *const *)listing->models);
  json_object_set_string_member (object, "sample", listing->sample);
  souk_json_set_coins (object, "price", listing->price);
  souk_json_set_wei (object, "price_wei", listing->price);
  souk_json_set_peer (object, "seller", &record->author);
  if (souk_record_has_wallet (record))
    souk_json_set_address (object, "wallet", &record->wallet);
  souk_json_set_cid (object, "cid", &listing->cid);
  json_object_set_int_member (object, "size_bytes", (gint64)listing->size_bytes);
  souk_json_set_time (object, "created", souk_wall_from_seconds (listing->created));
  souk_json_set_time (object, "expires", souk_wall_from_seconds (record->expires));
  json_object_set_boolean_member (object, "is_mine", souk_prompts_is_mine (context, record));
  json_object_set_boolean_member (object, "is_owned",
                                  souk_prompts_is_owned (context, record, listing));
  return object;
}

/* The listing that a call's argument "id" names, as this node may read it: the live one, unless
 * only an older version is owned. Answers the call when there is neither. */
static SoukListing *
readable_of_call (const SoukTradeContext *context, SoukCall *call, SoukRecord **out_record)
{
  uint8_t thing[SOUK_RECORD_ID_SIZE];
  g_autoptr (SoukRecord) live_record = NULL;
  if (souk_thing_parse (souk_call_string (call, "id", ""), thing) == SOUK_STATUS_OK)
    {
      g_autoptr (SoukListing) live = souk_prompts_find (context, thing, &live_record);
      bool is_owned = live != NULL && souk_prompts_is_owned (context, live_record, live);
      SoukListing *owned = is_owned ? NULL : souk_prompts_find_owned (context, thing, out_record);
      if (owned != NULL)
        return owned;
    }
  return souk_prompts_of_call (context, call, out_record);
}

/* The listing that a call's argument "id" names; answers the call when there is none. */
SoukListing *
souk_prompts_of_call (const SoukTradeContext *context, SoukCall *call, SoukRecord **out_record)
{
  uint8_t thing[SOUK_RECORD_ID_SIZE];
  SoukListing *listing = NULL;
  const char *id = souk_call_string (call, "id", "");
  if (souk_thing_parse (id, thing) == SOUK_STATUS_OK)
    listing = souk_prompts_find (context, thing, out_record);
  if (listing == NULL)
    souk_call_fail (call, 404, "no-such-listing",
                    "There is no listing %s here; it may have been withdrawn or have run out.", id);
  return listing;
}

/* ---- prompt.list, prompt.show ---- */

/* Fills the search from the arguments; false when it has answered the call. */
static bool
read_search (SoukCall *call, SoukSearch *search, uint8_t price_max[32])
{
  SoukWei price;
  const char *text = souk_call_string (call, "max_price", NULL);
  if (text == NULL)
    return true;
  if (souk_wei_parse_coins (text, SOUK_COIN_DECIMALS, &price) != SOUK_STATUS_OK)
    {
      souk_call_fail (call, 400, "bad-amount", "\"%s\" is no amount; write \"9.7\".", text);
      return false;
    }
  souk_u256_to_be (souk_wei_to_u256 (price), price_max);
  search->price_max = price_max;
  return true;
}

static void
on_list (SoukCall *call, gpointer user_data)
{
  SoukPrompts *self = user_data;
  const SoukTradeContext *context = &self->context;
  uint8_t price_max[32];
  SoukSearch search = {
    .text = souk_call_string (call, "query", NULL),
    .type = SOUK_RECORD_LISTING,
    .category = souk_call_string (call, "category", NULL),
    .author = souk_call_boolean (call, "mine", false) ? souk_swarm_self (context->swarm) : NULL,
    .now_s = souk_wall_seconds (souk_wall_now ()),
    .order = SOUK_SEARCH_BEST,
    .offset = (unsigned)CLAMP (souk_call_integer (call, "offset", 0), 0, G_MAXINT32),
    .limit
    = (unsigned)CLAMP (souk_call_integer (call, "limit", PAGE_DEFAULT), 1, SOUK_SEARCH_PAGE_MAX),
  };
  if (!read_search (call, &search, price_max))
    return;

  g_autoptr (SoukSearchResult) result = souk_records_search (context->store, &search);
  JsonArray *items = json_array_new ();
  for (guint i = 0; i < result->rows->len; i++)
    {
      const SoukRecordRow *row = result->rows->pdata[i];
      g_autoptr (SoukRecord) record = NULL;
      g_autoptr (SoukListing) listing = NULL;
      if (souk_record_decode_kept (souk_slice_from_bytes (row->bytes), &record) == SOUK_STATUS_OK
          && souk_listing_from_record (record, &listing) == SOUK_STATUS_OK)
        json_array_add_object_element (items, souk_prompts_listing_json (context, record, listing));
    }
  souk_call_reply_list (call, items, result->total);
}

static void
on_show (SoukCall *call, gpointer user_data)
{
  SoukPrompts *self = user_data;
  g_autoptr (SoukRecord) record = NULL;
  g_autoptr (SoukListing) listing = readable_of_call (&self->context, call, &record);
  if (listing != NULL)
    souk_call_reply (
        call, souk_json_object_node (souk_prompts_listing_json (&self->context, record, listing)));
}

/* ---- prompt.content ---- */

static void
reply_text (SoukCall *call, GBytes *text, const SoukCid *cid)
{
  JsonObject *object = json_object_new ();
  g_autofree char *valid
      = g_utf8_make_valid (g_bytes_get_data (text, NULL), (gssize)g_bytes_get_size (text));
  json_object_set_string_member (object, "text", valid);
  souk_json_set_cid (object, "cid", cid);
  json_object_set_int_member (object, "size_bytes", (gint64)g_bytes_get_size (text));
  souk_call_reply (call, souk_json_object_node (object));
}

static void
on_content (SoukCall *call, gpointer user_data)
{
  SoukPrompts *self = user_data;
  const SoukTradeContext *context = &self->context;
  g_autoptr (SoukRecord) record = NULL;
  g_autoptr (SoukListing) listing = readable_of_call (context, call, &record);
  g_autoptr (GBytes) key = NULL;
  g_autoptr (GBytes) text = NULL;

  if (listing == NULL)
    return;
  bool is_free = souk_listing_is_free (listing);
  if (!is_free)
    key = content_key (context, listing);
  if (is_free ? !souk_prompts_is_owned (context, record, listing) : key == NULL)
    {
      souk_call_fail (call, 409, "not-owned",
                      is_free ? "Get this free prompt first (purchase)."
                              : "Buy this prompt first (purchase).");
      return;
    }
  g_autoptr (GBytes) stored = souk_library_read (context->library, &listing->cid,
                                                 SOUK_PROMPT_SIZE_MAX + SOUK_CONTENT_OVERHEAD);
  if (stored == NULL)
    {
      souk_call_fail (call, 503, "content-missing",
                      "The content is not in the store any more; purchase fetches it again.");
      return;
    }
  if (is_free)
    text = g_bytes_ref (stored);
  else if (souk_content_open (g_bytes_get_data (key, NULL), souk_slice_from_bytes (stored), &text)
           != SOUK_STATUS_OK)
    {
      souk_call_fail (call, 500, "content-damaged", "The content does not open with its key.");
      return;
    }
  reply_text (call, text, &listing->cid);
}

/* ---- content.add, content.get ---- */

static void
on_added (const SoukDagRoot *root, const GError *error, void *user)
{
  SoukCall *call = user;
  if (root == NULL)
    {
      souk_call_fail (call, 507, "not-stored", "%s", error->message);
      return;
    }
  JsonObject *object = json_object_new ();
  souk_json_set_cid (object, "cid", &root->cid);
  json_object_set_int_member (object, "size_bytes", (gint64)root->file_size);
  souk_call_reply (call, souk_json_object_node (object));
}

static void
on_content_add (SoukCall *call, gpointer user_data)
{
  SoukPrompts *self = user_data;
  g_autoptr (GError) error = NULL;
  GBytes *body = souk_call_body (call);
  if (body == NULL)
    souk_call_fail (call, 400, "no-content", "Send the file as the request's body.");
  else if (!souk_library_add (self->context.library, body, "user", "Added by hand", on_added, call,
                              &error))
    souk_call_fail (call, 507, "not-stored", "%s", error->message);
}

static void
on_fetched (GBytes *content, const GError *error, void *user)
{
  SoukCall *call = user;
  if (content == NULL)
    souk_call_fail (call, 504, "not-found", "%s.", error->message);
  else
    souk_call_reply_bytes (call, content);
}

static void
on_content_get (SoukCall *call, gpointer user_data)
{
  SoukPrompts *self = user_data;
  SoukCid cid;
  const char *text = souk_call_string (call, "cid", "");
  SoukFetchOptions options = { .timeout_ms = FETCH_BLOCK_MS };
  if (souk_cid_parse (text, &cid) != SOUK_STATUS_OK)
    souk_call_fail (call, 400, "bad-cid", "\"%s\" is no CID.", text);
  else
    souk_library_fetch (self->context.library, &cid, &options, on_fetched, call);
}

/* ---- events ---- */

static void
on_record (SoukBoard *board, const SoukRecord *record, SoukPutResult result, void *user)
{
  SoukPrompts *self = user;
  g_autoptr (SoukListing) listing = NULL;
  JsonObject *event = json_object_new ();

  if (record->type != SOUK_RECORD_LISTING)
    {
      json_object_unref (event);
      return;
    }
  if (record->is_withdrawn || souk_listing_from_record (record, &listing) != SOUK_STATUS_OK)
    {
      g_autofree char *id = souk_thing_to_string (record->thing);
      json_object_set_string_member (event, "id", id);
      souk_dispatch_emit (self->context.dispatch, "listing.removed", event);
      return;
    }
  json_object_set_object_member (event, "listing",
                                 souk_prompts_listing_json (&self->context, record, listing));
  souk_dispatch_emit (self->context.dispatch,
                      result == SOUK_PUT_ADDED ? "listing.added" : "listing.changed", event);
}

static void
on_gone (SoukBoard *board, const uint8_t thing[SOUK_RECORD_ID_SIZE], void *user)
{
  SoukPrompts *self = user;
  g_autofree char *id = souk_thing_to_string (thing);
  JsonObject *event = json_object_new ();
  json_object_set_string_member (event, "id", id);
  souk_dispatch_emit (self->context.dispatch, "listing.removed", event);
}

/* ---- life ---- */

SoukPrompts *
souk_prompts_new (const SoukTradeContext *context)
{
  SoukPrompts *self = g_new0 (SoukPrompts, 1);
  self->context = *context;
  souk_dispatch_bind (context->dispatch, "prompt.list", on_list, self);
  souk_dispatch_bind (context->dispatch, "prompt.show", on_show, self);
  souk_dispatch_bind (context->dispatch, "prompt.content", on_content, self);
  souk_dispatch_bind (context->dispatch, "content.add", on_content_add, self);
  souk_dispatch_bind (context->dispatch, "content.get", on_content_get, self);
  souk_prompts_bind_publish (self);
  souk_board_watch (context->board, on_record, self);
  souk_board_watch_gone (context->board, on_gone, self);
  return self;
}

void
souk_prompts_free (SoukPrompts *self)
{
  if (self == NULL)
    return;
  souk_timer_free (self->renewal);
  g_free (self);
}
