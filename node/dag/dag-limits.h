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
/* A plain folder whose block is larger is one that other programs split in many (HAMT). */
#define SOUK_DAG_FOLDER_SIZE_MAX (256 * 1024)
/* A file name as file systems have them. */
#define SOUK_DAG_NAME_SIZE_MAX 255

/* ---- reading ---- */
/* Deeper than any balanced tree of real width: a chain of nodes with one child each costs a round
 * trip a level and yields nothing. */
#define SOUK_DAG_DEPTH_MAX 32
/* Parts of a file that are known and not read yet. One costs about 200 bytes. A wide tree of wide
 * nodes is opened from its front only. */
#define SOUK_DAG_PENDING_MAX 65536
/* What is asked for and kept ahead of the reader: memory for a peer that sends the last block of
 * the window first. One block is always asked for. */
#define SOUK_DAG_AHEAD_MAX 64
#define SOUK_DAG_AHEAD_SIZE_MAX (32 * 1024 * 1024)
