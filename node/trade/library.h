/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Content as this node adds, fetches and reads it: UnixFS over the store and the exchange. GLIB, node
 * thread.
 *
 * CIDs are those of `ipfs add --cid-version 1`. What is added or fetched is durable and pinned under
 * its owner when `done` comes. Content passes through memory as a whole, so every call has a limit.
 */
#pragma once
#include "dag/unixfs-folder.h"
#include "log/log.h"
#include "store/store.h"
#include "swarm/exchange.h"
#include "trade/finder.h"

/* The most that one call holds in memory. */
#define SOUK_LIBRARY_SIZE_MAX (256 * 1024 * 1024)
#define SOUK_LIBRARY_FOLDER_ENTRIES_MAX 1000

typedef struct SoukLibrary SoukLibrary;
typedef struct SoukFetch SoukFetch;

/* All outlive it. */
SoukLibrary *souk_library_new (SoukStore *store, SoukExchange *exchange, SoukLog *log);
/* From now on what no connected peer has is looked for, and what is pinned is announced. `finder` (NULL
 * ends it) outlives the library. */
void souk_library_set_finder (SoukLibrary *self, SoukFinder *finder);
/* Fetches end without a call. The store is stopped by then (souk_store_stop). */
void souk_library_free (SoukLibrary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukLibrary, souk_library_free)

/* `root` or `error` is NULL. */
typedef void (*SoukAddDone) (const SoukDagRoot *root, const GError *error, void *user);
/* Adds a file and pins it for `owner` ("listing", "job", "user"), with a reason for a person. `done`
 * comes once, later. False and an error when it does not fit; then `done` does not come. */
bool souk_library_add (SoukLibrary *self, GBytes *content, const char *owner, const char *reason,
                       SoukAddDone done, void *user, GError **error);

/* A file of a folder. */
typedef struct {
  const char *name;
  GBytes *content;
} SoukLibraryFile;
/* Adds a plain folder of files, likewise. */
bool souk_library_add_folder (SoukLibrary *self, const SoukLibraryFile *files, size_t n_files,
                              const char *owner, const char *reason, SoukAddDone done, void *user,
                              GError **error);

typedef struct {
  const SoukPeerId *preferred; /* who has it, if that is known */
  uint64_t size_max;           /* 0: SOUK_LIBRARY_SIZE_MAX */
  unsigned timeout_ms;         /* for each block; 0: 30 s */
  const char *owner;           /* NULL: not pinned */
  const char *reason;
} SoukFetchOptions;

/* `content` is NULL with an error: it did not come, is no file, or is too large. */
typedef void (*SoukFetchDone) (GBytes *content, const GError *error, void *user);
/* Reads a file, from the store as far as it is there and from peers otherwise; `done` comes once,
 * later, when all of it is durable. Returns: (transfer none): until `done`, for cancelling. */
SoukFetch *souk_library_fetch (SoukLibrary *self, const SoukCid *root,
                               const SoukFetchOptions *options, SoukFetchDone done, void *user);
/* Ends a fetch; `done` does not come. */
void souk_fetch_cancel (SoukFetch *fetch);

/* The files of a plain folder by their names (GHashTable char * -> GBytes *), borrowed; NULL with an
 * error. Folders within it are left out. */
typedef void (*SoukFetchFolderDone) (GHashTable *files, const GError *error, void *user);
/* The same for a folder: the sizes of its files together are limited by size_max. */
void souk_library_fetch_folder (SoukLibrary *self, const SoukCid *root,
                                const SoukFetchOptions *options, SoukFetchFolderDone done,
                                void *user);

/* Returns: (transfer full) (nullable): a file that is here as a whole; NULL otherwise. */
GBytes *souk_library_read (SoukLibrary *self, const SoukCid *root, uint64_t size_max);
/* Takes an owner's pin away; the content may be collected then. */
void souk_library_unpin (SoukLibrary *self, const SoukCid *root, const char *owner);
