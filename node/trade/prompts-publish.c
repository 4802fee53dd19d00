/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The seller's side of a listing: publish, withdraw, renew. See prompts.h.
 *
 * Publishing is three steps, each durable before the next: the content (sealed when it has a
 * price), its key, the signed record. A node that is killed in between has content without a
 * listing, which garbage collection and a new attempt take care of, and never a listing without
 * its content or key.
 */
#include "trade/prompts-private.h"

#include "market/content.h"
#include "store/documents.h"
#include "store/search.h"
#include "swarm/clock.h"
#include "trade/money.h"

#include "api/values.h"

#include <sodium.h>
#include <string.h>

/* A listing lives this long after its last renewal, which comes when half of it is over. */
#define LISTING_LIFE_S (14 * 24 * 3600)
#define RENEW_EVERY_MS (3600 * 1000)
/* What a seller of ours promises by default: the key within a day, three days to object. */
#define DELIVER_WITHIN_S (24 * 3600)
#define CONFIRM_WINDOW_S (72 * 3600)
#define KEY_SIZE 16

/* One prompt on its way to the market. */
typedef struct {
  SoukPrompts *prompts;
  SoukCall *call;
  SoukListing *listing;
  uint8_t key[KEY_SIZE]; /* which of the author's things */
  uint8_t content_key[SOUK_CONTENT_KEY_SIZE];
} Publishing;

static void
publishing_free (Publishing *publishing)
{
  souk_listing_free (publishing->listing);
  sodium_memzero (publishing->content_key, sizeof publishing->content_key);
  g_free (publishing);
}

/* Fills what says who is paid. A locked wallet leaves it out; then only a free listing passes. */
static void
draft_wallet (const SoukTradeContext *context, SoukRecord *draft)
{
  if (context->money != NULL && souk_money_wallet_proof (context->money, draft->wallet_proof))
    draft->wallet = *souk_money_address (context->money);
}

static void
on_published (const SoukRecord *record, const GError *error, void *user)
{
  Publishing *publishing = user;
  const SoukTradeContext *context = &publishing->prompts->context;
  if (error != NULL)
    souk_call_fail (publishing->call, 507, "not-stored", "%s", error->message);
  else
    {
      g_autofree char *id = souk_thing_to_string (record->thing);
      souk_log_record (context->log, SOUK_LOG_NOTICE, "prompt.published",
                       "A prompt is on the market.", souk_log_string ("listing", id),
                       souk_log_cid ("cid", &publishing->listing->cid));
      souk_call_reply (publishing->call, souk_json_object_node (souk_prompts_listing_json (
                                             context, record, publishing->listing)));
    }
  publishing_free (publishing);
}

/* The last step: the record. */
static void
publish_record (Publishing *publishing)
{
  const SoukTradeContext *context = &publishing->prompts->context;
  SoukRecord draft = {
    .type = SOUK_RECORD_LISTING,
    .key_len = KEY_SIZE,
    .expires = souk_wall_seconds (souk_wall_now ()) + LISTING_LIFE_S,
  };
  memcpy (draft.key, publishing->key, KEY_SIZE);
  draft_wallet (context, &draft);
  g_autoptr (GBytes) body = souk_listing_to_body (publishing->listing);
  draft.body = body;
  SoukStatus status = souk_board_publish (context->board, &draft, on_published, publishing);
  if (status == SOUK_STATUS_OK)
    return;
  souk_call_fail (publishing->call, 422, souk_status_name (status), "%s",
                  souk_status_sentence (status));
  publishing_free (publishing);
}

static void
on_key_stored (const GError *error, gpointer user)
{
  Publishing *publishing = user;
  if (error == NULL)
    {
      publish_record (publishing);
      return;
    }
  souk_call_fail (publishing->call, 507, "not-stored", "%s", error->message);
  publishing_free (publishing);
}

/* The content is here: now its key, if it has one. */
static void
on_content_stored (const SoukDagRoot *root, const GError *error, void *user)
{
  Publishing *publishing = user;
  const SoukTradeContext *context = &publishing->prompts->context;

  if (root == NULL)
    {
      souk_call_fail (publishing->call, 507, "not-stored", "%s", error->message);
      publishing_free (publishing);
      return;
    }
  publishing->listing->cid = root->cid;
  publishing->listing->size_bytes = root->file_size;
  if (souk_listing_is_free (publishing->listing))
    {
      publish_record (publishing);
      return;
    }
  SoukStoreBatch *batch = souk_store_batch_new (context->store);
  souk_documents_put (batch, SOUK_CONTENT_KEY_KIND,
                      souk_slice (publishing->listing->key_commitment, SOUK_HASH_SIZE), 0,
                      souk_wall_now (),
                      souk_slice (publishing->content_key, SOUK_CONTENT_KEY_SIZE));
  souk_store_commit (batch, on_key_stored, publishing);
}

/* Reads the arguments. Returns: (transfer full) (nullable): NULL when it has answered the call. */
static SoukListing *
read_listing (SoukPrompts *self, SoukCall *call)
{
  g_autoptr (SoukListing) listing = g_new0 (SoukListing, 1);
  const char *price = souk_call_string (call, "price", "0");

  listing->title = g_strdup (souk_call_string (call, "title", ""));
  listing->description = g_strdup (souk_call_string (call, "description", ""));
  listing->category = g_strdup (souk_call_string (call, "category", "other"));
  listing->sample = g_strdup (souk_call_string (call, "sample", ""));
  listing->tags = souk_call_strings (call, "tags");
  listing->models = souk_call_strings (call, "models");
  listing->created = souk_wall_seconds (souk_wall_now ());
  if (souk_wei_parse_coins (price, SOUK_COIN_DECIMALS, &listing->price) != SOUK_STATUS_OK)
    {
      souk_call_fail (call, 400, "bad-amount", "\"%s\" is no amount; write \"9.7\".", price);
      return NULL;
    }
  if (souk_listing_is_free (listing))
    return g_steal_pointer (&listing);
  if (self->context.money == NULL)
    {
      souk_call_fail (call, 409, "no-chain",
                      "A price needs a chain: start the node with --network NAME, or publish the "
                      "prompt for free.");
      return NULL;
    }
  SoukDomain domain = souk_money_domain (self->context.money, SOUK_ESCROW_MARKET_PROMPT);
  listing->chain_id = domain.chain_id;
  listing->contract = domain.contract;
  listing->deliver_within_s = DELIVER_WITHIN_S;
  listing->confirm_window_s = CONFIRM_WINDOW_S;
  return g_steal_pointer (&listing);
}

/* Returns: (transfer full) (nullable): the content as it is stored; NULL when it has answered. */
static GBytes *
seal_content (Publishing *publishing)
{
  SoukRng *rng = souk_swarm_rng (publishing->prompts->context.swarm);
  const char *text = souk_call_string (publishing->call, "content", "");
  size_t len = strlen (text);

  if (len == 0 || len > SOUK_PROMPT_SIZE_MAX)
    {
      souk_call_fail (publishing->call, 422, "bad-content",
                      "The content must have 1 byte to %d MiB.",
                      SOUK_PROMPT_SIZE_MAX / (1024 * 1024));
      return NULL;
    }
  if (souk_listing_is_free (publishing->listing))
    return g_bytes_new (text, len);
  souk_rng_fill (rng, publishing->content_key, sizeof publishing->content_key);
  souk_commitment (publishing->listing->key_commitment, publishing->content_key);
  return souk_content_seal (publishing->content_key, souk_slice (text, len), rng);
}

static void
on_upload (SoukCall *call, gpointer user_data)
{
  SoukPrompts *self = user_data;
  g_autoptr (GError) error = NULL;
  SoukListing *listing = read_listing (self, call);
  if (listing == NULL)
    return;

  Publishing *publishing = g_new0 (Publishing, 1);
  publishing->prompts = self;
  publishing->call = call;
  publishing->listing = listing;
  souk_rng_fill (souk_swarm_rng (self->context.swarm), publishing->key, KEY_SIZE);
  g_autoptr (GBytes) content = seal_content (publishing);
  if (content == NULL)
    {
      publishing_free (publishing);
      return;
    }
  /* The CID is not known yet, and any valid one lets the rest be checked before anything is kept. */
  SoukAddress wallet = { 0 };
  if (self->context.money != NULL)
    wallet = *souk_money_address (self->context.money);
  listing->cid = souk_cid_of (SOUK_CODEC_RAW, souk_slice_from_bytes (content));
  listing->size_bytes = g_bytes_get_size (content);
  SoukStatus status = souk_listing_check (listing, &wallet);
  if (status != SOUK_STATUS_OK)
    souk_call_fail (call, 422, souk_status_name (status), "%s", souk_status_sentence (status));
  else if (!souk_library_add (self->context.library, content, SOUK_LISTING_PIN, listing->title,
                              on_content_stored, publishing, &error))
    souk_call_fail (call, 507, "not-stored", "%s", error->message);
  else
    return;
  publishing_free (publishing);
}

/* ---- withdraw ---- */

static void
on_withdrawn (const SoukRecord *record, const GError *error, void *user)
{
  SoukCall *call = user;
  if (error != NULL)
    souk_call_fail (call, 507, "not-stored", "%s", error->message);
  else
    souk_call_reply_done (call);
}

static void
on_withdraw (SoukCall *call, gpointer user_data)
{
  SoukPrompts *self = user_data;
  g_autoptr (SoukRecord) record = NULL;
  g_autoptr (SoukListing) listing = souk_prompts_of_call (&self->context, call, &record);
  if (listing == NULL)
    return;
  if (!souk_prompts_is_mine (&self->context, record))
    {
      souk_call_fail (call, 403, "not-yours", "Only its seller can withdraw a listing.");
      return;
    }
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  SoukRecord draft = *record;
  draft.is_withdrawn = true;
  draft.body = empty;
  draft.bytes = NULL;
  draft.expires = souk_wall_seconds (souk_wall_now ()) + LISTING_LIFE_S;
  SoukStatus status = souk_board_publish (self->context.board, &draft, on_withdrawn, call);
  if (status != SOUK_STATUS_OK)
    souk_call_fail (call, 422, souk_status_name (status), "%s", souk_status_sentence (status));
}

/* ---- renewal ---- */

static void
renew (SoukPrompts *self, const SoukRecordRow *row)
{
  g_autoptr (SoukRecord) record = NULL;
  if (souk_record_decode_kept (souk_slice_from_bytes (row->bytes), &record) != SOUK_STATUS_OK)
    return;
  SoukRecord draft = *record;
  draft.bytes = NULL;
  draft.expires = souk_wall_seconds (souk_wall_now ()) + LISTING_LIFE_S;
  SoukStatus status = souk_board_publish (self->context.board, &draft, NULL, NULL);
  if (status != SOUK_STATUS_OK)
    souk_log_record (self->context.log, SOUK_LOG_WARNING, "prompt.not-renewed",
                     "A listing of this node could not be renewed.",
                     souk_log_status ("status", status));
}

/* Renews this node's listings whose life is half over. */
static void
on_renewal (void *user)
{
  SoukPrompts *self = user;
  int64_t now_s = souk_wall_seconds (souk_wall_now ());
  SoukSearch search = {
    .type = SOUK_RECORD_LISTING,
    .author = souk_swarm_self (self->context.swarm),
    .now_s = now_s,
    .order = SOUK_SEARCH_NEWEST,
    .limit = SOUK_SEARCH_PAGE_MAX,
  };
  for (bool has_more = true; has_more; search.offset += SOUK_SEARCH_PAGE_MAX)
    {
      g_autoptr (SoukSearchResult) page = souk_records_search (self->context.store, &search);
      for (guint i = 0; i < page->rows->len; i++)
        {
          const SoukRecordRow *row = page->rows->pdata[i];
          if (row->expires_s - now_s < LISTING_LIFE_S / 2)
            renew (self, row);
        }
      has_more = page->rows->len == SOUK_SEARCH_PAGE_MAX;
    }
  souk_timer_set (self->renewal, souk_mono_add_ms (souk_mono_now (), RENEW_EVERY_MS));
}

void
souk_prompts_bind_publish (SoukPrompts *self)
{
  souk_dispatch_bind (self->context.dispatch, "prompt.upload", on_upload, self);
  souk_dispatch_bind (self->context.dispatch, "prompt.withdraw", on_withdraw, self);
  self->renewal = souk_timer_new (on_renewal, self);
  souk_timer_set_soon (self->renewal);
}
