/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Folders of files in the library. See library.h.
 *
 * A folder is fetched block first, then file by file, one after the other: the files of a job's
 * result are few, and each is limited by what is left of the whole.
 */
#include "trade/library-private.h"

#include "store/blocks.h"
#include "store/pins.h"

#include <gio/gio.h>

#define BLOCK_TIMEOUT_MS 30000

struct SoukFolderFetch {
  SoukLibrary *library;
  SoukCid root;
  SoukPeerId preferred;
  bool has_preferred;
  unsigned timeout_ms;
  uint64_t size_left;
  char *owner;
  char *reason;
  GArray *entries; /* of SoukFolderEntry; NULL until the folder's block is here */
  guint next;
  GHashTable *files;
  SoukExchangeWant *want; /* of the folder's block */
  SoukFetch *fetch;       /* of the present file */
  GSource *start;         /* the first step, while it is due */
  SoukFetchFolderDone done;
  void *user;
};

/* ---- adding ---- */

bool
souk_library_add_folder (SoukLibrary *self, const SoukLibraryFile *files, size_t n_files,
                         const char *owner, const char *reason, SoukAddDone done, void *user,
                         GError **error)
{
  g_autoptr (SoukStoreBatch) batch = souk_store_batch_new (self->store);
  g_autoptr (GArray) cids = g_array_new (FALSE, FALSE, sizeof (SoukCid));
  g_autofree SoukFolderEntry *entries = g_new0 (SoukFolderEntry, n_files + 1);
  SoukDagBlock block;
  SoukDagRoot root;

  for (size_t i = 0; i < n_files; i++)
    {
      if (!souk_library_build_file (batch, files[i].content, cids, &root, error))
        return false;
      entries[i] = (SoukFolderEntry){ files[i].name, root.cid, root.dag_size };
    }
  SoukStatus status = souk_folder_build (1, entries, n_files, &block, &root);
  if (status != SOUK_STATUS_OK)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "The folder cannot be made: %s",
                   souk_status_sentence (status));
      return false;
    }
  g_autoptr (GBytes) bytes = block.bytes;
  if (!souk_blocks_put (batch, &block.cid, bytes, error))
    return false;
  g_array_append_val (cids, block.cid);
  souk_library_commit (self, g_steal_pointer (&batch), &root, cids, owner, reason, done, user);
  return true;
}

/* ---- fetching ---- */

static void
folder_free (SoukFolderFetch *folder)
{
  g_ptr_array_remove_fast (folder->library->folders, folder);
  g_clear_pointer (&folder->entries, g_array_unref);
  g_hash_table_unref (folder->files);
  g_free (folder->owner);
  g_free (folder->reason);
  g_free (folder);
}

static void
folder_end (SoukFolderFetch *folder, const GError *error)
{
  folder->done (error == NULL ? folder->files : NULL, error, folder->user);
  folder_free (folder);
}

static void
folder_fail (SoukFolderFetch *folder, const char *sentence)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, sentence);
  folder_end (folder, error);
}

static void
on_pinned (const GError *error, gpointer user)
{
  SoukFolderFetch *folder = user;
  folder_end (folder, error);
}

static void
folder_complete (SoukFolderFetch *folder)
{
  SoukStoreBatch *batch = souk_store_batch_new (folder->library->store);
  if (folder->owner != NULL)
    souk_pins_add (batch, &folder->root, folder->owner, folder->reason, (SoukWall){ 0 });
  souk_store_commit (batch, on_pinned, folder);
}

static void fetch_next (SoukFolderFetch *folder);

static void
on_file (GBytes *content, const GError *error, void *user)
{
  SoukFolderFetch *folder = user;
  const SoukFolderEntry *entry = &g_array_index (folder->entries, SoukFolderEntry, folder->next);
  folder->fetch = NULL;
  folder->next++;
  if (content == NULL)
    {
      /* A folder within is not followed; whatever else fails, fails the whole. */
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE))
        fetch_next (folder);
      else
        folder_end (folder, error);
      return;
    }
  folder->size_left -= MIN (folder->size_left, g_bytes_get_size (content));
  g_hash_table_insert (folder->files, g_strdup (entry->name), g_bytes_ref (content));
  fetch_next (folder);
}

static void
fetch_next (SoukFolderFetch *folder)
{
  if (folder->next >= folder->entries->len)
    {
      folder_complete (folder);
      return;
    }
  const SoukFolderEntry *entry = &g_array_index (folder->entries, SoukFolderEntry, folder->next);
  SoukFetchOptions options = {
    .preferred = folder->has_preferred ? &folder->preferred : NULL,
    .size_max = MAX (folder->size_left, 1),
    .timeout_ms = folder->timeout_ms,
  };
  folder->fetch = souk_library_fetch (folder->library, &entry->cid, &options, on_file, folder);
}

/* The folder's own block is here. */
static void
open_folder (SoukFolderFetch *folder, GBytes *block)
{
  SoukStatus status
      = souk_folder_list (&folder->root, souk_slice_from_bytes (block), &folder->entries);
  if (status != SOUK_STATUS_OK)
    folder_fail (folder, souk_status_sentence (status));
  else if (folder->entries->len > SOUK_LIBRARY_FOLDER_ENTRIES_MAX)
    folder_fail (folder, "The folder has more files than this node takes");
  else
    fetch_next (folder);
}

static void
on_block (SoukExchange *exchange, const SoukCid *cid, GBytes *block, void *user)
{
  SoukFolderFetch *folder = user;
  g_autoptr (GError) error = NULL;
  folder->want = NULL;
  if (block == NULL)
    {
      folder_fail (folder, "No connected peer sent the folder in time; try again later");
      return;
    }
  g_autoptr (SoukStoreBatch) batch = souk_store_batch_new (folder->library->store);
  if (!souk_blocks_put (batch, cid, block, &error))
    {
      folder_end (folder, error);
      return;
    }
  souk_store_commit (g_steal_pointer (&batch), NULL, NULL);
  open_folder (folder, block);
}

static gboolean
on_start (gpointer user_data)
{
  SoukFolderFetch *folder = user_data;
  g_autoptr (GBytes) block = souk_blocks_get (folder->library->store, &folder->root, NULL);
  g_clear_pointer (&folder->start, g_source_unref);
  if (block != NULL)
    open_folder (folder, block);
  else
    {
      folder->want = souk_exchange_want (folder->library->exchange, &folder->root,
                                         folder->has_preferred ? &folder->preferred : NULL,
                                         folder->timeout_ms, on_block, folder);
      if (folder->want == NULL)
        folder_fail (folder, "Too much is being fetched already; try again soon");
    }
  return G_SOURCE_REMOVE;
}

void
souk_library_fetch_folder (SoukLibrary *self, const SoukCid *root, const SoukFetchOptions *options,
                           SoukFetchFolderDone done, void *user)
{
  SoukFolderFetch *folder = g_new0 (SoukFolderFetch, 1);
  folder->library = self;
  folder->root = *root;
  folder->has_preferred = options->preferred != NULL;
  if (folder->has_preferred)
    folder->preferred = *options->preferred;
  folder->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : BLOCK_TIMEOUT_MS;
  folder->size_left = options->size_max > 0 ? options->size_max : SOUK_LIBRARY_SIZE_MAX;
  folder->owner = g_strdup (options->owner);
  folder->reason = g_strdup (options->reason != NULL ? options->reason : "");
  folder->files
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
  folder->done = done;
  folder->user = user;
  g_ptr_array_add (self->folders, folder);
  folder->start = g_idle_source_new ();
  g_source_set_priority (folder->start, G_PRIORITY_DEFAULT);
  g_source_set_callback (folder->start, on_start, folder, NULL);
  g_source_attach (folder->start, g_main_context_get_thread_default ());
}

void
souk_folder_fetch_drop (SoukFolderFetch *folder)
{
  if (folder->fetch != NULL)
    souk_fetch_cancel (folder->fetch);
  if (folder->want != NULL)
    souk_exchange_cancel (folder->want);
  if (folder->start != NULL)
    {
      g_source_destroy (folder->start);
      g_source_unref (folder->start);
    }
  folder_free (folder);
}
