/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Plain folders (UnixFS Directory): one block, a link for each entry. PURE.
 *
 * Folders that are split over many blocks are hamt.h's: building one here gives TOO_LARGE, reading
 * one UNSUPPORTED. folder-reader.h lists both kinds.
 */
#pragma once
#include "dag/unixfs-builder.h"

typedef struct {
  const char *name; /* in a list: owned by it */
  SoukCid cid;
  uint64_t dag_size; /* as the folder's maker says */
} SoukFolderEntry;

/* True for what may stand as a name: UTF-8 of 1 to SOUK_DAG_NAME_SIZE_MAX bytes, no slash, no
 * control character, neither "." nor "..". */
bool souk_folder_name_is_valid (SoukSlice name);

/* Bytes of the names and the CIDs: what decides whether a folder is split. */
uint64_t souk_folder_links_size (const SoukFolderEntry *entries, size_t len);

/* Makes the folder's block; sorts the entries by the bytes of their names, as others do.
 * Returns: OK and the block, which the caller owns, and its root; BAD_DAG when a name is not valid
 * or twice there; TOO_LARGE beyond SOUK_DAG_FOLDER_SIZE_MAX. */
SoukStatus souk_folder_build (uint8_t cid_version, const SoukFolderEntry *entries, size_t len,
                              SoukDagBlock *out_block, SoukDagRoot *out_root);

/* Reads a folder's block, which the caller has checked against the CID.
 * Out: (transfer full): SoukFolderEntry elements in the folder's own order; g_array_unref frees
 * the names.
 * Returns: OK, NOT_A_FOLDER, UNSUPPORTED, or why the block is bad. */
SoukStatus souk_folder_list (const SoukCid *cid, SoukSlice block, GArray **out_entries);
/* Finds one entry by its name. BAD_DAG, NOT_A_FOLDER, UNSUPPORTED; *out_found false when the
 * folder is good and has no such entry. */
SoukStatus souk_folder_find (const SoukCid *cid, SoukSlice block, const char *name, bool *out_found,
                             SoukCid *out_cid);
