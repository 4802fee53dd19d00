/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a UnixFS node says (IPFS specs, unixfs): the codec below builder, reader and folders. PURE.
 *
 * A node is a raw block, which is file data and nothing else, or a DAG-PB node whose data is
 *   message Data { Type = 1; bytes Data = 2; filesize = 3; repeated blocksizes = 4; … }
 * By hand, so that the file's bytes stay where they lie in the block.
 */
#pragma once
#include "dag/dag-limits.h"
#include "wire/dag-pb.h"

/* The specification's DataType: do not renumber. */
typedef enum {
  SOUK_UNIXFS_RAW = 0, /* old leaves; read as a file */
  SOUK_UNIXFS_FOLDER = 1,
  SOUK_UNIXFS_FILE = 2,
  SOUK_UNIXFS_METADATA = 3,
  SOUK_UNIXFS_SYMLINK = 4,
  SOUK_UNIXFS_HAMT_SHARD = 5,
} SoukUnixfsType;

/* When a file was changed last, in Unix time, and its permission bits. */
typedef struct {
  bool has_mode;
  uint32_t mode;
  bool has_mtime;
  int64_t mtime_s;
  uint32_t mtime_ns; /* below 10^9 */
} SoukUnixfsMeta;

/* The hash that shards split names by, murmur3-x64-64: the only one there is. */
#define SOUK_UNIXFS_HASH_MURMUR3 0x22

/* A decoded node; slices point into its block. A raw block is a FILE without links. */
typedef struct {
  SoukUnixfsType type;
  SoukSlice data;     /* file bytes before those of the children; a symlink's target; a bit field */
  uint64_t file_size; /* FILE, RAW: data and all children; checked against the sizes */
  GArray *sizes;      /* uint64_t for each link; owned */
  SoukDagPbNode node; /* its links; node.links is owned */
  uint64_t hash_type; /* HAMT_SHARD; 0 when absent */
  uint64_t fanout;    /* likewise */
  SoukUnixfsMeta meta;
} SoukUnixfsNode;

/* Decodes a block by the codec of its CID and checks that the node agrees with itself: a size for
 * each link of a file, and a file size that is their sum.
 * Returns: OK, and free with souk_unixfs_node_done; BAD_DAG, BAD_ENCODING, BAD_CID, TOO_LARGE, or
 * UNSUPPORTED for a codec other than raw and DAG-PB. */
SoukStatus souk_unixfs_node_decode (const SoukCid *cid, SoukSlice block, SoukUnixfsNode *out);
void souk_unixfs_node_done (SoukUnixfsNode *self);

/* Appends the data field of a DAG-PB node for a file: its inline bytes and its children's sizes.
 * `meta` (nullable) is written after them; a mode that is the default of files is left out. */
void souk_unixfs_append_file (GByteArray *out, SoukSlice data, uint64_t file_size,
                              const uint64_t *sizes, size_t sizes_len, const SoukUnixfsMeta *meta);
/* The same for a folder. */
void souk_unixfs_append_folder (GByteArray *out);
/* The same for a shard of SOUK_DAG_HAMT_FANOUT places with the bit field of those in use. */
void souk_unixfs_append_shard (GByteArray *out, SoukSlice bits);

/* The CID of a block as the two versions write it; version 0 only for DAG-PB. */
SoukCid souk_unixfs_cid (uint8_t version, uint64_t codec, SoukSlice block);
