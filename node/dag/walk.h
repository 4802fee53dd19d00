/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Visits the blocks of a DAG depth first, parents before children, each block once. PURE.
 *
 * It is the order in which archives are written and read with little memory (trustless gateways:
 * order=dfs, dups=n). A machine, used like unixfs-reader.h's.
 */
#pragma once
#include "dag/unixfs-builder.h"

/* What belongs to a root; the words are those of the trustless gateway specification. */
typedef enum {
  SOUK_WALK_BLOCK,  /* its own block */
  SOUK_WALK_ENTITY, /* a file's blocks, or those that list a folder: what stands in it is left out */
  SOUK_WALK_ALL,    /* everything that it links to */
} SoukWalkScope;

typedef struct SoukWalk SoukWalk;

SoukWalk *souk_walk_new (const SoukCid *root, SoukWalkScope scope);
void souk_walk_free (SoukWalk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukWalk, souk_walk_free)

/* Marks a block as visited: it will not come. */
void souk_walk_skip (SoukWalk *self, const SoukCid *cid);
/* Pulls the next CID to fetch. False when there is none for now. A block that is linked from
 * several places may be asked for more than once. */
bool souk_walk_need (SoukWalk *self, SoukCid *out);
/* Gives a block that the caller has checked with souk_cid_matches. */
void souk_walk_feed (SoukWalk *self, const SoukCid *cid, GBytes *block);
/* Pulls the next block, which the caller owns. Blocks that their CIDs hold are walked through and
 * not given. */
bool souk_walk_next (SoukWalk *self, SoukDagBlock *out);
bool souk_walk_is_done (const SoukWalk *self);
/* OK; BAD_DAG or another reason why a node is bad; TOO_LARGE; UNSUPPORTED for a codec whose links
 * cannot be read, when they are wanted. */
SoukStatus souk_walk_status (const SoukWalk *self);
