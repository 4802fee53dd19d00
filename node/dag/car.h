/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Archives of blocks (IPLD, CAR): version 1 written and read, version 2 read, as streams. PURE.
 *
 *   v1   varint length | header: DAG-CBOR { "roots": [CID …], "version": 1 }
 *        varint length | CID | block      … for each block
 *   v2   11 fixed bytes | 40 bytes: characteristics 16, data offset 8, data size 8, index offset 8
 *        padding | a whole v1 archive of that size | padding, index
 *
 * The reader is a machine: feed bytes, pull what they say, say that the bytes are all. It holds one
 * section. Every block is checked against its CID. The index of v2 is passed over: it says nothing
 * that the blocks do not say themselves.
 */
#pragma once
#include "base/cid.h"
#include "dag/dag-limits.h"

/* ---- writing ---- */

/* Appends the header; n_roots <= SOUK_CAR_ROOTS_MAX. */
void souk_car_append_header (GByteArray *out, const SoukCid *roots, size_t n_roots);
/* Appends what stands before a block's bytes; append these after it. */
void souk_car_append_section (GByteArray *out, const SoukCid *cid, size_t block_size);

/* ---- reading ---- */

typedef enum {
  SOUK_CAR_HEADER, /* first, once: the roots */
  SOUK_CAR_BLOCK,
} SoukCarEventType;

typedef struct {
  SoukCarEventType type;
  const SoukCid *roots; /* HEADER: borrowed until the reader is freed */
  size_t n_roots;
  SoukCid cid;   /* BLOCK */
  GBytes *block; /* BLOCK: owned by whoever pulled it */
} SoukCarEvent;

typedef struct SoukCarReader SoukCarReader;

SoukCarReader *souk_car_reader_new (void);
void souk_car_reader_free (SoukCarReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukCarReader, souk_car_reader_free)

/* Takes bytes until something is there to pull. Returns: how many it took, 0 while something is to
 * be pulled. Takes all, and does nothing with them, behind the archive's data and after a failure. */
size_t souk_car_reader_feed (SoukCarReader *self, SoukSlice in);
bool souk_car_reader_next (SoukCarReader *self, SoukCarEvent *out);
/* The bytes are all. Returns: OK; CUT_OFF when the archive ends within something. */
SoukStatus souk_car_reader_finish (SoukCarReader *self);
/* OK, or why the archive is bad: BAD_ENCODING, BAD_VARINT, BAD_CID, TOO_LARGE, BAD_BLOCK for a block
 * that is not what its CID names, UNSUPPORTED for another version. It stays failed. */
SoukStatus souk_car_reader_status (const SoukCarReader *self);
/* 1 or 2; 0 until that is known. */
unsigned souk_car_reader_version (const SoukCarReader *self);
