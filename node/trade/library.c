/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adding content, and reading it from the store and from peers. See library.h; library-folder.c has
 * folders.
 */
#include "trade/library-private.h"

#include "dag/unixfs-reader.h"
#include "store/blocks.h"
#include "store/pins.h"

#include <gio/gio.h>
#include <string.h>

#define BLOCK_TIMEOUT_MS 30000
/* Pieces that go into the builder at a time. */
#define FEED_SIZE (1024 * 1024)

struct SoukFetch {
  SoukLibrary *library;
  SoukUnixfsReader *reader;
  SoukCid root;
  SoukPeerId preferred;
  bool has_preferred;
  unsigned timeout_ms;
  char *owner;
  char *reason;
  GByteArray *content;
  GPtrArray *wants;   /* of FetchWant *, owned: what is asked of peers */
  GError *error;      /* the first; ends the fetch */
  SoukFetchDone done; /* NULL: cancelled */
  void *user;
  GSource *idle; /* a pass that is due */
  bool is_committing;
  bool was_looked_for; /* providers were looked for, once */
};

typedef struct {
  SoukFetch *fetch;
  SoukExchangeWant *want;
} FetchWant;

/* ---- adding ---- */

typedef struct {
  SoukLibrary *library;
  SoukDagRoot root;
  GArray *cids; /* of SoukCid: the new blocks */
  SoukAddDone done;
  void *user;
} Adding;

static void
on_added (const GError *error, gpointer user)
{
  Adding *adding = user;
  for (guint i = 0; error == NULL && i < adding->cids->len; i++)
    souk_exchange_block_added (adding->library->exchange,
                               &g_array_index (adding->cids, SoukCid, i));
  if (error == NULL && adding->library->finder != NULL)
    souk_finder_pinned (adding->library->finder, &adding->root.cid);
  adding->done (error == NULL ? &adding->root : NULL, error, adding->user);
  g_array_unref (adding->cids);
  g_free (adding);
}

/* Moves the builder's blocks into the batch. */
static bool
take_blocks (SoukUnixfsBuilder *builder, SoukStoreBatch *batch, GArray *cids, GError **error)
{
  SoukDagBlock block;
  while (souk_unixfs_builder_next (builder, &block))
    {
      g_autoptr (GBytes) bytes = block.bytes;
      if (!souk_blocks_put (batch, &block.cid, bytes, error))
        return false;
      g_array_append_val (cids, block.cid);
    }
  return true;
}

bool
souk_library_build_file (SoukStoreBatch *batch, GBytes *content, GArray *cids, SoukDagRoot *out,
                         GError **error)
{
  g_autoptr (SoukUnixfsBuilder) builder = souk_unixfs_builder_new (SOUK_UNIXFS_KUBO_V1);
  SoukSlice left = souk_slice_from_bytes (content);

  while (left.len > 0)
    {
      size_t taken
          = souk_unixfs_builder_feed (builder, souk_slice (left.data, MIN (left.len, FEED_SIZE)));
      left = souk_slice (left.data + taken, left.len - taken);
      if (!take_blocks (builder, batch, cids, error))
        return false;
    }
  souk_unixfs_builder_finish (builder);
  if (!take_blocks (builder, batch, cids, error))
    return false;
  bool is_built = souk_unixfs_builder_root (builder, out);
  g_assert (is_built);
  return true;
}

void
souk_library_commit (SoukLibrary *self, SoukStoreBatch *batch, const SoukDagRoot *root,
                     GArray *cids, const char *owner, const char *reason, SoukAddDone done,
                     void *user)
{
  Adding *adding = g_new0 (Adding, 1);
  *adding = (Adding){ self, *root, g_array_ref (cids), done, user };
  souk_pins_add (batch, &root->cid, owner, reason, (SoukWall){ 0 });
  souk_store_commit (batch, on_added, adding);
}

bool
souk_library_add (SoukLibrary *self, GBytes *content, const char *owner, const char *reason,
                  SoukAddDone done, void *user, GError **error)
{
  g_autoptr (SoukStoreBatch) batch = souk_store_batch_new (self->store);
  g_autoptr (GArray) cids = g_array_new (FALSE, FALSE, sizeof (SoukCid));
  SoukDagRoot root;

  if (g_bytes_get_size (content) > SOUK_LIBRARY_SIZE_MAX)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "Content may have at most %d MiB",
                   SOUK_LIBRARY_SIZE_MAX / (1024 * 1024));
      return false;
    }
  if (!souk_library_build_file (batch, content, cids, &root, error))
    return false;
  souk_library_commit (self, g_steal_pointer (&batch), &root, cids, owner, reason, done, user);
  return true;
}

/* Moves the bytes that are ready into `content`. Returns: whether there were any. */
static bool
gather (SoukUnixfsReader *reader, GByteArray *content)
{
  GBytes *piece;
  bool has_moved = false;
  while (souk_unixfs_reader_next (reader, &piece))
    {
      souk_append (content, souk_slice_from_bytes (piece));
      g_bytes_unref (piece);
      has_moved = true;
    }
  return has_moved;
}

/* ---- fetching ---- */

static void
fetch_free (SoukFetch *fetch)
{
  for (guint i = 0; i < fetch->wants->len; i++)
    {
      FetchWant *want = fetch->wants->pdata[i];
      souk_exchange_cancel (want->want);
    }
  g_ptr_array_unref (fetch->wants);
  g_ptr_array_remove_fast (fetch->library->fetches, fetch);
  if (fetch->idle != NULL)
    {
      g_source_destroy (fetch->idle);
      g_source_unref (fetch->idle);
    }
  souk_unixfs_reader_free (fetch->reader);
  g_byte_array_unref (fetch->content);
  g_clear_error (&fetch->error);
  g_free (fetch->owner);
  g_free (fetch->reason);
  g_free (fetch);
}

/* The end, good or bad; all is durable by now. */
static void
fetch_end (SoukFetch *fetch)
{
  g_autoptr (GBytes) content = NULL;
  if (fetch->error == NULL)
    {
      content = g_byte_array_free_to_bytes (g_steal_pointer (&fetch->content));
      fetch->content = g_byte_array_new ();
    }
  SoukFetchDone done = fetch->done;
  void *user = fetch->user;
  g_autoptr (GError) error = g_steal_pointer (&fetch->error);
  fetch_free (fetch);
  if (done != NULL)
    done (content, error, user);
}

static void
on_pinned (const GError *error, gpointer user)
{
  SoukFetch *fetch = user;
  fetch->is_committing = false;
  if (error != NULL && fetch->error == NULL)
    fetch->error = g_error_copy (error);
  if (error == NULL && fetch->owner != NULL && fetch->library->finder != NULL)
    souk_finder_pinned (fetch->library->finder, &fetch->root);
  fetch_end (fetch);
}

/* Everything is here: pin it, behind the blocks that are still on their way to the disk. */
static void
fetch_complete (SoukFetch *fetch)
{
  SoukStoreBatch *batch = souk_store_batch_new (fetch->library->store);
  if (fetch->owner != NULL)
    souk_pins_add (batch, &fetch->root, fetch->owner, fetch->reason, (SoukWall){ 0 });
  fetch->is_committing = true;
  souk_store_commit (batch, on_pinned, fetch);
}

static void fetch_pump (SoukFetch *fetch);

static void
fetch_fail (SoukFetch *fetch, GIOErrorEnum code, const char *sentence)
{
  if (fetch->error == NULL)
    g_set_error_literal (&fetch->error, G_IO_ERROR, code, sentence);
}

static gboolean
on_idle (gpointer user_data)
{
  SoukFetch *fetch = user_data;
  g_clear_pointer (&fetch->idle, g_source_unref);
  fetch_pump (fetch);
  return G_SOURCE_REMOVE;
}

/* The machine's own reason. */
static void
fetch_fail_status (SoukFetch *fetch, SoukStatus status)
{
  fetch_fail (fetch,
              status == SOUK_STATUS_NOT_A_FILE ? G_IO_ERROR_NOT_REGULAR_FILE
                                               : G_IO_ERROR_INVALID_DATA,
              souk_status_sentence (status));
}

static void
fetch_schedule (SoukFetch *fetch)
{
  if (fetch->idle != NULL || fetch->is_committing)
    return;
  fetch->idle = g_idle_source_new ();
  g_source_set_priority (fetch->idle, G_PRIORITY_DEFAULT);
  g_source_set_callback (fetch->idle, on_idle, fetch, NULL);
  g_source_attach (fetch->idle, g_main_context_get_thread_default ());
}

/* A block from a peer: kept, then read. */
static void
on_block (SoukExchange *exchange, const SoukCid *cid, GBytes *block, void *user)
{
  FetchWant *want = user;
  SoukFetch *fetch = want->fetch;
  SoukCid owned = *cid;
  g_autoptr (GError) error = NULL;

  g_ptr_array_remove_fast (fetch->wants, want);
  if (block == NULL)
    fetch_fail (fetch, G_IO_ERROR_TIMED_OUT,
                "No connected peer sent the content in time; try again when its owner is online");
  else
    {
      g_autoptr (SoukStoreBatch) batch = souk_store_batch_new (fetch->library->store);
      if (!souk_blocks_put (batch, &owned, block, &error))
        fetch_fail (fetch, G_IO_ERROR_NO_SPACE, error->message);
      else
        {
          souk_store_commit (g_steal_pointer (&batch), NULL, NULL);
          SoukStatus status = souk_unixfs_reader_feed (fetch->reader, &owned, block);
          if (status != SOUK_STATUS_OK)
            fetch_fail_status (fetch, status);
        }
    }
  fetch_schedule (fetch);
}

/* Asks a peer for one block. */
static void
fetch_want (SoukFetch *fetch, const SoukCid *cid)
{
  FetchWant *want = g_new0 (FetchWant, 1);
  want->fetch = fetch;
  want->want = souk_exchange_want (fetch->library->exchange, cid,
                                   fetch->has_preferred ? &fetch->preferred : NULL,
                                   fetch->timeout_ms, on_block, want);
  if (want->want == NULL)
    {
      g_free (want);
      fetch_fail (fetch, G_IO_ERROR_BUSY, "Too much is being fetched already; try again soon");
      return;
    }
  g_ptr_array_add (fetch->wants, want);
  if (!fetch->was_looked_for && fetch->library->finder != NULL)
    souk_finder_look (fetch->library->finder, &fetch->root);
  fetch->was_looked_for = true;
}

/* Feeds what is here, asks for the rest, and gathers the bytes. */
static void
fetch_pump (SoukFetch *fetch)
{
  SoukCid cid;

  while (fetch->error == NULL && souk_unixfs_reader_need (fetch->reader, &cid))
    {
      g_autoptr (GBytes) block = souk_blocks_get (fetch->library->store, &cid, NULL);
      SoukStatus status = SOUK_STATUS_OK;
      if (block != NULL)
        status = souk_unixfs_reader_feed (fetch->reader, &cid, block);
      else
        fetch_want (fetch, &cid);
      gather (fetch->reader, fetch->content);
      if (status != SOUK_STATUS_OK)
        fetch_fail_status (fetch, status);
    }
  gather (fetch->reader, fetch->content);
  if (fetch->error == NULL && souk_unixfs_reader_status (fetch->reader) != SOUK_STATUS_OK)
    fetch_fail_status (fetch, souk_unixfs_reader_status (fetch->reader));
  if (fetch->error != NULL)
    fetch_end (fetch);
  else if (souk_unixfs_reader_is_done (fetch->reader))
    fetch_complete (fetch);
}

SoukFetch *
souk_library_fetch (SoukLibrary *self, const SoukCid *root, const SoukFetchOptions *options,
                    SoukFetchDone done, void *user)
{
  SoukFetch *fetch = g_new0 (SoukFetch, 1);
  uint64_t size_max = options->size_max > 0 ? options->size_max : SOUK_LIBRARY_SIZE_MAX;
  fetch->library = self;
  fetch->root = *root;
  fetch->reader = souk_unixfs_reader_new (root, 0, UINT64_MAX, size_max);
  fetch->has_preferred = options->preferred != NULL;
  if (fetch->has_preferred)
    fetch->preferred = *options->preferred;
  fetch->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : BLOCK_TIMEOUT_MS;
  fetch->owner = g_strdup (options->owner);
  fetch->reason = g_strdup (options->reason != NULL ? options->reason : "");
  fetch->content = g_byte_array_new ();
  fetch->wants = g_ptr_array_new_with_free_func (g_free);
  fetch->done = done;
  fetch->user = user;
  g_ptr_array_add (self->fetches, fetch);
  fetch_schedule (fetch);
  return fetch;
}

void
souk_fetch_cancel (SoukFetch *fetch)
{
  fetch->done = NULL;
  /* The writer will call back: then it is freed. */
  if (!fetch->is_committing)
    fetch_free (fetch);
}

/* ---- what is here ---- */

GBytes *
souk_library_read (SoukLibrary *self, const SoukCid *root, uint64_t size_max)
{
  g_autoptr (SoukUnixfsReader) reader = souk_unixfs_reader_new (root, 0, UINT64_MAX, size_max);
  g_autoptr (GByteArray) content = g_byte_array_new ();
  SoukCid cid;

  while (!souk_unixfs_reader_is_done (reader))
    {
      bool has_moved = false;
      while (souk_unixfs_reader_need (reader, &cid))
        {
          g_autoptr (GBytes) block = souk_blocks_get (self->store, &cid, NULL);
          if (block == NULL || souk_unixfs_reader_feed (reader, &cid, block) != SOUK_STATUS_OK)
            return NULL;
          has_moved = true;
        }
      has_moved = gather (reader, content) || has_moved;
      if (!has_moved)
        return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&content));
}

void
souk_library_unpin (SoukLibrary *self, const SoukCid *root, const char *owner)
{
  SoukStoreBatch *batch = souk_store_batch_new (self->store);
  souk_pins_remove (batch, root, owner);
  souk_store_commit (batch, NULL, NULL);
}

/* ---- life ---- */

SoukLibrary *
souk_library_new (SoukStore *store, SoukExchange *exchange, SoukLog *log)
{
  SoukLibrary *self = g_new0 (SoukLibrary, 1);
  self->store = store;
  self->exchange = exchange;
  self->log = log;
  self->fetches = g_ptr_array_new ();
  self->folders = g_ptr_array_new ();
  return self;
}

void
souk_library_set_finder (SoukLibrary *self, SoukFinder *finder)
{
  self->finder = finder;
}

void
souk_library_free (SoukLibrary *self)
{
  if (self == NULL)
    return;
  while (self->folders->len > 0)
    souk_folder_fetch_drop (self->folders->pdata[0]);
  for (guint i = self->fetches->len; i > 0; i--)
    souk_fetch_cancel (self->fetches->pdata[i - 1]);
  g_ptr_array_unref (self->folders);
  g_ptr_array_unref (self->fetches);
  g_free (self);
}
