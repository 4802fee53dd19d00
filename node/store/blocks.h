/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Content-addressed blocks. GLIB, node thread.
 *
 * A block is known by its CIDv1 (a v0 CID is the same block as its v1). Reading is synchronous and
 * verified: what comes out hashes to the CID or does not come out. Blocks of the identity hash are
 * in their CID: always here, never stored. Only sha2-256 is stored.
 *
 * A block that no pin reaches may be collected once it is SOUK_GC_GRACE_S old (gc.h). So whoever
 * adds content puts every block, also those that are here already (that is cheap and makes them
 * young again), and pins the root in the same batch as the last block, or before the first.
 */
#pragma once
#include "store/store.h"

/* Puts a block. The hash is checked on the writer thread: bytes that do not match fail the whole
 * batch with BAD_BLOCK, so check what a stranger sent before.
 * Returns: false with FULL (see souk_store_make_room()), NO_SPACE, or BAD_BLOCK when it is larger than
 * SOUK_BLOCK_SIZE_MAX or its hash is not known; then the batch is as it was. */
bool souk_blocks_put (SoukStoreBatch *batch, const SoukCid *cid, GBytes *bytes, GError **error);
/* Removes a block, pinned or not. */
void souk_blocks_remove (SoukStoreBatch *batch, const SoukCid *cid);

bool souk_blocks_has (SoukStore *store, const SoukCid *cid);
/* Returns: its size, or -1 when it is not here. */
int64_t souk_blocks_size (SoukStore *store, const SoukCid *cid);
/* Returns: (transfer full) (nullable): NULL with NOT_FOUND, or IO. A block that turns out damaged is
 * removed, logged, and NOT_FOUND, so that it is fetched again. */
GBytes *souk_blocks_get (SoukStore *store, const SoukCid *cid, GError **error);

/* What the database calls a block: the bytes of its CIDv1. Returns: (transfer full). */
GBytes *souk_block_key (const SoukCid *cid);
/* The same as text, which is its file's name. Returns: (transfer full). */
char *souk_block_name (const SoukCid *cid);
