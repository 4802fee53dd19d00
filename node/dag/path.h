/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Follows a path of names through folders, plain and split, block by block. PURE.
 *
 * A machine: pull the one CID that it needs, feed its block, until it is done. Of a split folder it
 * asks for the shards on the name's way alone. It does not ask for the block that the path leads to.
 * Symbolic links are not followed: they end the path, or fail it with NOT_A_FOLDER.
 */
#pragma once
#include "dag/unixfs-folder.h"

typedef struct SoukPath SoukPath;

/* `path` is names with a slash between them; empty names are left out, so "" and "/" are the root.
 * A name that no folder can have, or more than SOUK_DAG_PATH_NAMES_MAX, fails it. */
SoukPath *souk_path_new (const SoukCid *root, const char *path);
void souk_path_free (SoukPath *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukPath, souk_path_free)

/* The CID to fetch; false when it is done, has failed, or was given before. */
bool souk_path_need (SoukPath *self, SoukCid *out);
/* Gives a block that the caller has checked with souk_cid_matches; another than the one it needs is
 * ignored. Returns: OK; NO_SUCH_NAME, NOT_A_FOLDER, or why the folder is bad. */
SoukStatus souk_path_feed (SoukPath *self, const SoukCid *cid, GBytes *block);
/* True, and what the path leads to, when it was followed to its end. */
bool souk_path_result (const SoukPath *self, SoukCid *out);
SoukStatus souk_path_status (const SoukPath *self);
/* The last name of the path; NULL when it has none. Borrowed. */
const char *souk_path_last_name (const SoukPath *self);
