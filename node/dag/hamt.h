/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Split folders (UnixFS HAMTDirectory): a tree of shards, in which a name's hash is its way. PURE.
 *
 * Each shard has `fanout` places. Its links stand in the order of their places; a link's name is
 * its place in upper-case hexadecimal, and then the entry's name, or nothing when it leads to the
 * next shard. The bit field says which places are in use, as one big-endian number.
 */
#pragma once
#include "dag/unixfs-folder.h"

/* Makes the blocks of a split folder; children come before their parents.
 * Out: (transfer full): SoukDagBlock elements, whose bytes g_array_unref frees.
 * Returns: OK; BAD_DAG when a name is not valid or twice there; TOO_LARGE beyond
 * SOUK_DAG_FOLDER_ENTRIES_MAX, or when two names have one hash. */
SoukStatus souk_hamt_build (uint8_t cid_version, const SoukFolderEntry *entries, size_t len,
                            GArray **out_blocks, SoukDagRoot *out_root);
/* Makes a folder as others do it: plain up to SOUK_DAG_FOLDER_SIZE_MAX, and split beyond. Likewise. */
SoukStatus souk_folder_build_blocks (uint8_t cid_version, const SoukFolderEntry *entries,
                                     size_t len, GArray **out_blocks, SoukDagRoot *out_root);

/* How wide a shard is, and how long the places in its links' names are. */
typedef struct {
  unsigned bits;   /* of the hash for each level */
  unsigned digits; /* hexadecimal, before a name */
} SoukHamtShape;

/* Checks that a decoded HAMT_SHARD agrees with itself: fanout, hash, bit field, and its links.
 * BAD_DAG; UNSUPPORTED for another hash or fanout. */
SoukStatus souk_hamt_check (const SoukUnixfsNode *node, SoukHamtShape *out);

/* What a shard says of a name. */
typedef enum {
  SOUK_HAMT_ABSENT,
  SOUK_HAMT_ENTRY, /* the link is the entry's */
  SOUK_HAMT_SHARD, /* the link is the shard's where to look next, one level deeper */
} SoukHamtFind;

/* Looks a name up in a checked shard `level` levels below the folder's root. The link is set unless
 * the name is absent; it belongs to the node. */
SoukHamtFind souk_hamt_find (const SoukUnixfsNode *node, SoukHamtShape shape, unsigned level,
                             SoukSlice name, const SoukDagPbLink **out);
/* True when a shard this deep has bits of the hash left: there are no deeper ones. */
bool souk_hamt_has_level (SoukHamtShape shape, unsigned level);
