/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How large blocks and trees may be, and which attack each limit stops. PURE.
 */
#pragma once

/* A larger block does not fit into a bitswap message: 4 MiB less what stands around it. */
#define SOUK_DAG_BLOCK_SIZE_MAX (4 * 1024 * 1024 - 656)

/* ---- building ---- */
/* The largest chunk, so that a leaf in its envelope is still taken by other programs, which refuse
 * blocks of more than 2 MiB. */
#define SOUK_DAG_CHUNK_SIZE_MAX (2 * 1024 * 1024 - 64)
/* A width of 2 at least lets the tree end; this many levels of it hold 2^64 chunks. */
#define SOUK_DAG_WIDTH_MIN 2
#define SOUK_DAG_WIDTH_MAX 8192
#define SOUK_DAG_LEVELS_MAX 64
/* A folder whose names and CIDs together are larger is split over many blocks (HAMT), as other
 * programs do it; the roots of folders depend on it. */
#define SOUK_DAG_FOLDER_SIZE_MAX (256 * 1024)
/* Entries that one folder is built of, or that one listing gives: about 500 bytes each. */
#define SOUK_DAG_FOLDER_ENTRIES_MAX 1000000
/* What a split folder is made with: 256 places a shard. */
#define SOUK_DAG_HAMT_FANOUT 256
/* A file name as file systems have them. */
#define SOUK_DAG_NAME_SIZE_MAX 255

/* ---- reading ---- */
/* Deeper than any balanced tree of real width: a chain of nodes with one child each costs a round
 * trip a level and yields nothing. */
#define SOUK_DAG_DEPTH_MAX 32
/* Parts of a file that are known and not read yet. One costs about 200 bytes. A wide tree of wide
 * nodes is opened from its front only. */
#define SOUK_DAG_PENDING_MAX 65536
/* Places that a shard may have, by the specification: more would be one block of the whole folder. */
#define SOUK_DAG_HAMT_FANOUT_MAX 1024
/* Names in a path, and the blocks that it may take to follow them all. */
#define SOUK_DAG_PATH_NAMES_MAX 64
#define SOUK_DAG_PATH_BLOCKS_MAX 256
/* What a walk or a listing asks for ahead of its reader, and the bytes that it then keeps. */
#define SOUK_DAG_WALK_AHEAD_MAX 16
#define SOUK_DAG_WALK_AHEAD_SIZE_MAX (8 * 1024 * 1024)
/* Links that are known and not followed yet: wide nodes within wide nodes. One costs about 200
 * bytes. */
#define SOUK_DAG_WALK_PENDING_MAX 262144
/* Blocks that one walk visits; each is remembered, so that none comes twice. 64 GiB of a file. */
#define SOUK_DAG_WALK_BLOCKS_MAX 262144
/* What is asked for and kept ahead of the reader: memory for a peer that sends the last block of
 * the window first. One block is always asked for. */
#define SOUK_DAG_AHEAD_MAX 64
#define SOUK_DAG_AHEAD_SIZE_MAX (32 * 1024 * 1024)

/* ---- archives ---- */
#define SOUK_CAR_ROOTS_MAX 1000
/* A header of that many roots. */
#define SOUK_CAR_HEADER_SIZE_MAX (128 * 1024)
/* Between the header of version 2 and its data; alignment to pages and disks is far less. */
#define SOUK_CAR_PADDING_MAX (16 * 1024 * 1024)
