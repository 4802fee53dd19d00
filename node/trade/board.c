/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The notice board. See board.h; board-sync.c has the meeting of two boards.
 */
#include "trade/board-private.h"

#include "base/keccak.h"
#include "market/listing.h"
#include "store/records.h"
#include "swarm/clock.h"
#include "swarm/timer.h"

#include <string.h>

#define EXPIRE_EVERY_MS 60000

typedef struct {
  SoukBoardFunc func;
  SoukBoardGone gone;
  void *user;
} Watcher;

struct SoukBoard {
  SoukBoardConfig config;
  SoukCatalogue *catalogue;
  SoukBoardSync *sync;
  GArray *watchers; /* of Watcher */
  SoukTimer *expire_timer;
};

static const struct {
  SoukRecordType type;
  const char *topic;
} topics[] = {
  { SOUK_RECORD_LISTING, "/souk/1/prompts" },
  { SOUK_RECORD_JOB, "/souk/1/jobs" },
  { SOUK_RECORD_PROVIDER, "/souk/1/providers" },
};

static const char *
topic_of (SoukRecordType type)
{
  for (size_t i = 0; i < G_N_ELEMENTS (topics); i++)
    if (topics[i].type == type)
      return topics[i].topic;
  g_assert_not_reached ();
}

/* ---- into the store ---- */

/* A record on its way to the disk. */
typedef struct {
  SoukBoard *board;
  SoukRecord *record;
  SoukPutResult result;
  bool is_own;
  SoukBoardDone done;
  void *user;
} Pending;

static void
tell_watchers (SoukBoard *self, const SoukRecord *record, SoukPutResult result)
{
  for (guint i = 0; i < self->watchers->len; i++)
    {
      Watcher *watcher = &g_array_index (self->watchers, Watcher, i);
      if (watcher->func != NULL)
        watcher->func (self, record, result, watcher->user);
    }
}

static void
on_durable (const GError *error, gpointer user)
{
  Pending *pending = user;
  SoukBoard *self = pending->board;
  SoukRecord *record = pending->record;

  if (error != NULL)
    souk_log_record (self->config.log, SOUK_LOG_ERROR, "board.record-not-stored",
                     "A record could not be written to the disk.",
                     souk_log_error ("reason", error));
  else
    {
      if (pending->is_own)
        souk_pubsub_publish (self->config.pubsub, topic_of (record->type),
                             souk_slice_from_bytes (record->bytes), NULL);
      tell_watchers (self, record, pending->result);
    }
  if (pending->done != NULL)
    pending->done (record, error, pending->user);
  souk_record_free (record);
  g_free (pending);
}

/* What the search index takes of a listing; records of other types have only their bytes. */
static void
fill_listing (SoukRecordIn *in, const SoukListing *listing, char **out_tags)
{
  g_autofree char *tags = g_strjoinv (" ", listing->tags);
  g_autofree char *models = g_strjoinv (" ", listing->models);
  *out_tags = g_strjoin (" ", tags, models, NULL);
  in->created_s = listing->created;
  souk_u256_to_be (souk_wei_to_u256 (listing->price), in->price);
  in->category = listing->category;
  in->title = listing->title;
  in->description = listing->description;
  in->tags = *out_tags;
}

/* Writes the record; takes it over. */
static void
store_record (SoukBoard *self, SoukRecord *record, SoukPutResult result, bool is_own,
              SoukBoardDone done, void *user)
{
  g_autoptr (SoukListing) listing = NULL;
  g_autofree char *tags = NULL;
  SoukRecordIn in = {
    .type = record->type,
    .record_id = record->id,
    .thing_id = record->thing,
    .author = &record->author,
    .sequence = record->sequence,
    .expires_s = record->expires,
    .is_withdrawn = record->is_withdrawn,
    .bytes = souk_slice_from_bytes (record->bytes),
  };
  if (record->type == SOUK_RECORD_LISTING && !record->is_withdrawn
      && souk_listing_from_record (record, &listing) == SOUK_STATUS_OK)
    fill_listing (&in, listing, &tags);

  SoukStoreBatch *batch = souk_store_batch_new (self->config.store);
  Pending *pending = g_new0 (Pending, 1);
  *pending = (Pending){ self, record, result, is_own, done, user };
  souk_records_put (batch, &in);
  souk_store_commit (batch, on_durable, pending);
}

/* ---- records from others ---- */

SoukPutResult
souk_board_take (SoukBoard *self, SoukSlice bytes, const SoukPeerId *from, SoukStatus *out_status)
{
  SoukRecord *record = NULL;
  SoukPutResult result
      = souk_catalogue_put (self->catalogue, bytes, souk_wall_now (), &record, out_status);
  switch (result)
    {
    case SOUK_PUT_ADDED:
    case SOUK_PUT_REPLACED:
    case SOUK_PUT_WITHDRAWN:
      store_record (self, record, result, false, NULL, NULL);
      break;
    case SOUK_PUT_REFUSED:
      souk_log_record (self->config.log, SOUK_LOG_WARNING, "board.record-refused",
                       "A peer sent a record that is refused.", souk_log_peer ("peer", from),
                       souk_log_status ("status", *out_status),
                       souk_log_string ("reason", souk_status_sentence (*out_status)));
      break;
    case SOUK_PUT_EXPIRED:
      souk_log_record (self->config.log, SOUK_LOG_INFO, "board.record-expired",
                       "A peer sent a record that has expired.", souk_log_peer ("peer", from),
                       souk_log_status ("status", *out_status));
      break;
    case SOUK_PUT_STALE:
      break;
    }
  return result;
}

static bool
is_here (SoukBoard *self, SoukSlice bytes)
{
  uint8_t id[SOUK_RECORD_ID_SIZE];
  souk_sha256 (id, bytes);
  return souk_catalogue_by_id (self->catalogue, id) != NULL;
}

static SoukGossipVerdict
on_gossip (SoukPubsub *pubsub, const SoukPeerId *author, const SoukPeerId *from, SoukSlice data,
           void *user)
{
  SoukBoard *self = user;
  SoukStatus status = SOUK_STATUS_OK;
  if (souk_store_is_busy (self->config.store))
    return SOUK_GOSSIP_IGNORE;
  switch (souk_board_take (self, data, from, &status))
    {
    case SOUK_PUT_ADDED:
    case SOUK_PUT_REPLACED:
    case SOUK_PUT_WITHDRAWN:
      return SOUK_GOSSIP_ACCEPT;
    case SOUK_PUT_STALE:
      /* The very record that is here came by sync first: others may still lack it. */
      return is_here (self, data) ? SOUK_GOSSIP_ACCEPT : SOUK_GOSSIP_IGNORE;
    case SOUK_PUT_EXPIRED:
      return SOUK_GOSSIP_IGNORE;
    case SOUK_PUT_REFUSED:
      /* A full catalogue, or an author's full shelf, is this node's own affair: a sender that heard
       * the records in another order has kept others of them. */
      if (souk_status_fault (status) != SOUK_FAULT_PEER)
        return SOUK_GOSSIP_IGNORE;
      souk_swarm_penalise (self->config.swarm, from, status);
      return SOUK_GOSSIP_REJECT;
    }
  return SOUK_GOSSIP_IGNORE;
}

/* ---- this node's own ---- */

SoukStatus
souk_board_publish (SoukBoard *self, const SoukRecord *draft, SoukBoardDone done, void *user)
{
  SoukRecord numbered = *draft;
  uint8_t thing[SOUK_RECORD_ID_SIZE];
  SoukRecord *record = NULL;
  SoukStatus status = SOUK_STATUS_OK;
  SoukWall now = souk_wall_now ();

  souk_record_thing (thing, draft->type, souk_swarm_self (self->config.swarm),
                     souk_slice (draft->key, draft->key_len));
  const SoukCatalogueEntry *before = souk_catalogue_by_thing (self->catalogue, thing);
  numbered.sequence = before != NULL ? before->sequence + 1 : 1;
  SOUK_TRY (souk_record_build (&numbered, souk_swarm_identity (self->config.swarm), now, &record));
  SoukPutResult result = souk_catalogue_put_record (self->catalogue, record, now, &status);
  if (result == SOUK_PUT_REFUSED || result == SOUK_PUT_STALE || result == SOUK_PUT_EXPIRED)
    {
      souk_record_free (record);
      return status != SOUK_STATUS_OK ? status : SOUK_STATUS_RECORD_EXPIRED;
    }
  store_record (self, record, result, true, done, user);
  return SOUK_STATUS_OK;
}

/* ---- look-ups ---- */

SoukRecord *
souk_board_get (SoukBoard *self, const uint8_t thing[SOUK_RECORD_ID_SIZE])
{
  g_autoptr (SoukRecordRow) row = souk_records_get_thing (self->config.store, thing);
  SoukRecord *record = NULL;
  if (row == NULL
      || souk_record_decode_kept (souk_slice_from_bytes (row->bytes), &record) != SOUK_STATUS_OK)
    return NULL;
  return record;
}

size_t
souk_board_count (SoukBoard *self, SoukRecordType type)
{
  size_t count, live = 0;
  const SoukCatalogueEntry *const *entries = souk_catalogue_sorted (self->catalogue, &count);
  for (size_t i = 0; i < count; i++)
    live += entries[i]->type == type && !entries[i]->is_withdrawn;
  return live;
}

SoukSyncSet *
souk_board_sync_set (SoukBoard *self)
{
  size_t count;
  const SoukCatalogueEntry *const *entries = souk_catalogue_sorted (self->catalogue, &count);
  g_autofree SoukSyncItem *items = g_new (SoukSyncItem, count + 1);
  for (size_t i = 0; i < count; i++)
    {
      items[i].bucket = (uint64_t)(MAX (entries[i]->expires, 0) / SOUK_BOARD_BUCKET_S);
      memcpy (items[i].id, entries[i]->id, sizeof items[i].id);
    }
  return souk_sync_set_new (items, count);
}

GBytes *
souk_board_record_bytes (SoukBoard *self, const uint8_t id[SOUK_RECORD_ID_SIZE])
{
  g_autoptr (SoukRecordRow) row = souk_records_get (self->config.store, id);
  return row != NULL ? g_bytes_ref (row->bytes) : NULL;
}

void
souk_board_watch (SoukBoard *self, SoukBoardFunc func, void *user)
{
  Watcher watcher = { .func = func, .user = user };
  g_array_append_val (self->watchers, watcher);
}

void
souk_board_watch_gone (SoukBoard *self, SoukBoardGone func, void *user)
{
  Watcher watcher = { .gone = func, .user = user };
  g_array_append_val (self->watchers, watcher);
}

/* ---- life ---- */

static void
on_expire (void *user)
{
  SoukBoard *self = user;
  SoukWall now = souk_wall_now ();
  g_autoptr (GByteArray) gone = souk_catalogue_expire (self->catalogue, now);

  for (guint at = 0; at + SOUK_RECORD_ID_SIZE <= gone->len; at += SOUK_RECORD_ID_SIZE)
    for (guint i = 0; i < self->watchers->len; i++)
      {
        Watcher *watcher = &g_array_index (self->watchers, Watcher, i);
        if (watcher->gone != NULL)
          watcher->gone (self, gone->data + at, watcher->user);
      }
  if (gone->len > 0)
    {
      SoukStoreBatch *batch = souk_store_batch_new (self->config.store);
      souk_records_purge (batch, souk_wall_seconds (now));
      souk_store_commit (batch, NULL, NULL);
    }
  souk_timer_set (self->expire_timer, souk_mono_add_ms (souk_mono_now (), EXPIRE_EVERY_MS));
}

/* Puts what the store has into the index. */
static void
load_index (SoukBoard *self)
{
  SoukWall now = souk_wall_now ();
  g_autoptr (GArray) refs = souk_records_refs (self->config.store, souk_wall_seconds (now));
  for (guint i = 0; i < refs->len; i++)
    {
      const SoukRecordRef *ref = &g_array_index (refs, SoukRecordRef, i);
      g_autoptr (SoukRecordRow) row = souk_records_get (self->config.store, ref->record_id);
      g_autoptr (SoukRecord) record = NULL;
      SoukStatus status;
      if (row == NULL
          || souk_record_decode_kept (souk_slice_from_bytes (row->bytes), &record)
                 != SOUK_STATUS_OK)
        continue;
      souk_catalogue_put_record (self->catalogue, record, now, &status);
    }
}

SoukBoard *
souk_board_new (const SoukBoardConfig *config)
{
  SoukBoard *self = g_new0 (SoukBoard, 1);
  self->config = *config;
  self->catalogue = souk_catalogue_new (0, 0, false);
  self->watchers = g_array_new (FALSE, FALSE, sizeof (Watcher));
  load_index (self);
  for (size_t i = 0; i < G_N_ELEMENTS (topics); i++)
    souk_pubsub_subscribe (config->pubsub, topics[i].topic, on_gossip, self);
  self->sync = souk_board_sync_new (self, config);
  self->expire_timer = souk_timer_new (on_expire, self);
  souk_timer_set_soon (self->expire_timer);
  return self;
}

void
souk_board_free (SoukBoard *self)
{
  if (self == NULL)
    return;
  souk_timer_free (self->expire_timer);
  souk_board_sync_free (self->sync);
  for (size_t i = 0; i < G_N_ELEMENTS (topics); i++)
    souk_pubsub_unsubscribe (self->config.pubsub, topics[i].topic);
  souk_catalogue_free (self->catalogue);
  g_array_unref (self->watchers);
  g_free (self);
}
