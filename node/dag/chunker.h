/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cuts a stream into chunks, of one size or by content; the last may be shorter. PURE.
 *
 * Bytes go in with souk_chunker_feed until a chunk is full; then it is taken. It holds one chunk.
 */
#pragma once
#include "base/bytes.h"
#include "dag/rabin.h"

typedef struct {
  size_t chunk_size; /* the most that a chunk can have */
  GByteArray *chunk; /* what is collected of the next chunk; NULL when that is nothing */
  bool is_long;      /* a full chunk was taken */
  bool is_cut;       /* the chunk ends here, by its content */
  SoukRabin *rabin;  /* NULL: all chunks have one size */
} SoukChunker;

/* 0 < chunk_size <= SOUK_DAG_CHUNK_SIZE_MAX */
void souk_chunker_init (SoukChunker *self, size_t chunk_size);
/* Cuts by content. */
void souk_chunker_init_rabin (SoukChunker *self, SoukRabinOptions options);
void souk_chunker_done (SoukChunker *self);
/* Returns: how many of the bytes it took: fewer than `in` has when the chunk is full. */
size_t souk_chunker_feed (SoukChunker *self, SoukSlice in);
bool souk_chunker_is_full (const SoukChunker *self);
bool souk_chunker_is_empty (const SoukChunker *self);
/* Returns: (transfer full): what is collected, full or not. */
GBytes *souk_chunker_take (SoukChunker *self);
