/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What library.c and library-folder.c share.
 */
#pragma once
#include "trade/library.h"

typedef struct SoukFolderFetch SoukFolderFetch;

struct SoukLibrary {
  SoukStore *store;
  SoukExchange *exchange;
  SoukFinder *finder; /* NULL: only connected peers are asked */
  SoukLog *log;
  GPtrArray *fetches; /* of SoukFetch *: those under way */
  GPtrArray *folders; /* of SoukFolderFetch *, likewise */
};

/* Builds a file into a batch; appends the CIDs of its blocks. */
bool souk_library_build_file (SoukStoreBatch *batch, GBytes *content, GArray *cids,
                              SoukDagRoot *out, GError **error);
/* Pins the root and commits; takes the batch. */
void souk_library_commit (SoukLibrary *self, SoukStoreBatch *batch, const SoukDagRoot *root,
                          GArray *cids, const char *owner, const char *reason, SoukAddDone done,
                          void *user);
/* Ends one without a call. */
void souk_folder_fetch_drop (SoukFolderFetch *folder);
