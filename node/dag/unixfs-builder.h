/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes the blocks of a file from its bytes, in one pass and in little memory. PURE.
 *
 * A machine: feed bytes, pull blocks, say that the bytes are all; then the root is known.
 *
 *   while (more bytes)
 *     {
 *       taken = souk_unixfs_builder_feed (builder, bytes);
 *       while (souk_unixfs_builder_next (builder, &block))
 *         store it;
 *     }
 *   souk_unixfs_builder_finish (builder);
 *   pull again, then souk_unixfs_builder_root.
 *
 * The layout is balanced: all leaves at one depth, nodes filled from the left. With the presets the
 * CIDs are those that other IPFS programs give to the same bytes. It holds one chunk, the blocks
 * that wait to be pulled, and one unfinished node for each level.
 */
#pragma once
#include "dag/chunker.h"
#include "dag/dag-limits.h"
#include "dag/unixfs.h"

typedef struct {
  size_t chunk_size; /* 1 to SOUK_DAG_CHUNK_SIZE_MAX */
  size_t width_max;  /* SOUK_DAG_WIDTH_MIN to SOUK_DAG_WIDTH_MAX: children of a node */
  bool raw_leaves;   /* leaves are bare bytes; else each has a DAG-PB envelope */
  uint8_t cid_version;
  SoukUnixfsMeta meta;    /* on the root; a file of one raw leaf gets an envelope to hold it */
  SoukRabinOptions rabin; /* avg > 0: chunks are cut by content, and chunk_size counts nothing */
} SoukUnixfsOptions;

/* The profile unixfs-v1-2025: what Souk and Helia make. */
#define SOUK_UNIXFS_V1_2025                                                                        \
  ((SoukUnixfsOptions){                                                                            \
      .chunk_size = 1024 * 1024, .width_max = 1024, .raw_leaves = true, .cid_version = 1 })
/* What `ipfs add --cid-version 1` makes. */
#define SOUK_UNIXFS_KUBO_V1                                                                        \
  ((SoukUnixfsOptions){                                                                            \
      .chunk_size = 256 * 1024, .width_max = 174, .raw_leaves = true, .cid_version = 1 })
/* The profile unixfs-v0-2015: what `ipfs add` makes. */
#define SOUK_UNIXFS_V0_2015 ((SoukUnixfsOptions){ .chunk_size = 256 * 1024, .width_max = 174 })

/* A block on its way out. */
typedef struct {
  SoukCid cid;
  GBytes *bytes; /* owned by whoever pulled it */
} SoukDagBlock;

/* A finished file or folder, and a link to it. */
typedef struct {
  SoukCid cid;
  uint64_t file_size; /* bytes of the file; 0 for a folder */
  uint64_t dag_size;  /* bytes of all its blocks, counted as often as they are linked */
} SoukDagRoot;

typedef struct SoukUnixfsBuilder SoukUnixfsBuilder;

SoukUnixfsBuilder *souk_unixfs_builder_new (SoukUnixfsOptions options);
void souk_unixfs_builder_free (SoukUnixfsBuilder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukUnixfsBuilder, souk_unixfs_builder_free)

/* Takes bytes until a block is ready. Returns: how many it took, 0 while blocks wait to be pulled.
 * Not after souk_unixfs_builder_finish. */
size_t souk_unixfs_builder_feed (SoukUnixfsBuilder *self, SoukSlice in);
/* Pulls the next block; children come before their parents. The same block can come twice. */
bool souk_unixfs_builder_next (SoukUnixfsBuilder *self, SoukDagBlock *out);
/* The bytes are all. Once; the blocks that are left must be pulled. */
void souk_unixfs_builder_finish (SoukUnixfsBuilder *self);
/* True, and the root, once finished. */
bool souk_unixfs_builder_root (const SoukUnixfsBuilder *self, SoukDagRoot *out);

/* How many bytes went in so far. */
uint64_t souk_unixfs_builder_fed (const SoukUnixfsBuilder *self);
