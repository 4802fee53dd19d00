/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What sync.c and sync-codec.c share; nobody else includes it. PURE.
 */
#pragma once
#include "mesh/sync.h"

#define SOUK_SYNC_VERSION 1
#define SOUK_SYNC_KEY_SIZE 16
#define SOUK_SYNC_SHORT_SIZE 6
#define SOUK_SYNC_SHORT_MASK UINT64_C (0xffffffffffff)

enum { SOUK_SYNC_OPEN = 1, SOUK_SYNC_MORE = 2 };

typedef enum {
  SOUK_SYNC_SKIP = 0,
  SOUK_SYNC_FINGERPRINT = 1,
  SOUK_SYNC_LIST = 2,
  SOUK_SYNC_ANSWER = 3,
} SoukSyncMode;

/* A place between items: all with a smaller bucket, or the same and an id below `prefix` followed by
 * zeros, are before it. */
typedef struct {
  uint64_t bucket;
  uint8_t len;
  bool is_end; /* behind all items */
  uint8_t prefix[32];
} SoukSyncBound;

/* A range of a received message; views into it. */
typedef struct {
  SoukSyncBound end;
  SoukSyncMode mode;
  uint64_t count;  /* FINGERPRINT, LIST, ANSWER */
  uint64_t sum;    /* FINGERPRINT */
  uint64_t pushed; /* ANSWER */
  SoukSlice body;  /* LIST: the items; ANSWER: the bits */
} SoukSyncRange;

int souk_sync_bound_compare (const SoukSyncBound *a, const SoukSyncBound *b);
/* <0 when the item is before the bound. */
int souk_sync_item_compare (const SoukSyncItem *item, const SoukSyncBound *bound);
/* The shortest bound with `before` before it and `after` not; before < after. */
SoukSyncBound souk_sync_bound_between (const SoukSyncItem *before, const SoukSyncItem *after);

/* Reads the next range; `start` is where it begins. BAD_SYNC when it is malformed, empty, or ends
 * before it begins. */
SoukStatus souk_sync_read_range (SoukReader *reader, const SoukSyncBound *start,
                                 SoukSyncRange *out);
/* Writes a range's end and mode; the body follows by the caller. */
void souk_append_sync_head (GByteArray *out, const SoukSyncBound *start, const SoukSyncBound *end,
                            SoukSyncMode mode);
void souk_append_sync_short (GByteArray *out, uint64_t hash);
uint64_t souk_reader_sync_short (SoukReader *reader);
