/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads a file, or a range of it, from its blocks, which may come in any order. PURE.
 *
 * A machine: pull the CIDs that it needs, feed their blocks, pull the file's bytes in order.
 *
 *   for (;;)
 *     {
 *       while (souk_unixfs_reader_need (reader, &cid))
 *         fetch it, later souk_unixfs_reader_feed (reader, &cid, block);
 *       while (souk_unixfs_reader_next (reader, &bytes))
 *         use them;
 *       if (souk_unixfs_reader_is_done (reader))
 *         break;
 *     }
 *
 * It asks ahead within SOUK_DAG_AHEAD_MAX, so that blocks cross the network side by side, and asks
 * for no block that the range does not touch. Each block must be as large as its parent said:
 * whoever lies about sizes fails the read before one wrong byte comes out.
 */
#pragma once
#include "dag/unixfs.h"

typedef struct SoukUnixfsReader SoukUnixfsReader;

/* The range is cut at the end of the file: len UINT64_MAX means all. A file larger than `size_max`
 * fails with TOO_LARGE as soon as its size is known. */
SoukUnixfsReader *souk_unixfs_reader_new (const SoukCid *root, uint64_t offset, uint64_t len,
                                          uint64_t size_max);
void souk_unixfs_reader_free (SoukUnixfsReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukUnixfsReader, souk_unixfs_reader_free)

/* Pulls the next CID to fetch. False when there is none for now. Each is given once, unless
 * souk_unixfs_reader_ask_again is called. Blocks inside of their own CID are never asked for. */
bool souk_unixfs_reader_need (SoukUnixfsReader *self, SoukCid *out);
/* Gives a block that the caller has checked with souk_cid_matches; takes a reference. A block that
 * nobody asked for is ignored.
 * Returns: OK, or why the file is bad; then the reader stays failed. */
SoukStatus souk_unixfs_reader_feed (SoukUnixfsReader *self, const SoukCid *cid, GBytes *block);
/* Makes souk_unixfs_reader_need give all outstanding CIDs again, as after a change of source. */
void souk_unixfs_reader_ask_again (SoukUnixfsReader *self);
/* Pulls the next bytes of the range, never none. Out: (transfer full). */
bool souk_unixfs_reader_next (SoukUnixfsReader *self, GBytes **out);

/* True when every byte of the range was pulled. */
bool souk_unixfs_reader_is_done (const SoukUnixfsReader *self);
/* OK, or why the reader failed: NOT_A_FILE, BAD_DAG, TOO_LARGE, UNSUPPORTED, … */
SoukStatus souk_unixfs_reader_status (const SoukUnixfsReader *self);
/* True, and the size of the whole file, once the root is there. */
bool souk_unixfs_reader_size (const SoukUnixfsReader *self, uint64_t *out);
