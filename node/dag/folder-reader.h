/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists a folder, plain or split, entry by entry, from blocks that may come in any order. PURE.
 *
 * A machine, used like unixfs-reader.h's: pull what it needs, feed it, pull entries. A plain folder
 * gives its entries in its own order, a split one in the order of their hashes.
 */
#pragma once
#include "dag/unixfs-folder.h"

typedef struct SoukFolderReader SoukFolderReader;

SoukFolderReader *souk_folder_reader_new (const SoukCid *root);
void souk_folder_reader_free (SoukFolderReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukFolderReader, souk_folder_reader_free)

/* Pulls the next CID to fetch, each once. False when there is none for now. */
bool souk_folder_reader_need (SoukFolderReader *self, SoukCid *out);
/* Gives a block that the caller has checked with souk_cid_matches. */
void souk_folder_reader_feed (SoukFolderReader *self, const SoukCid *cid, GBytes *block);
/* Pulls the next entry; its name is valid until the next call. */
bool souk_folder_reader_next (SoukFolderReader *self, SoukFolderEntry *out);
/* True when every entry was pulled. */
bool souk_folder_reader_is_done (const SoukFolderReader *self);
/* OK, or why the folder is bad: NOT_A_FOLDER, BAD_DAG, TOO_LARGE, UNSUPPORTED, …; seen at the latest
 * when souk_folder_reader_next has given false. */
SoukStatus souk_folder_reader_status (const SoukFolderReader *self);
