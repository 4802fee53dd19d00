/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds where to cut a stream by what is in it, so that an insertion moves few cuts. PURE.
 *
 * A Rabin fingerprint: the last SOUK_RABIN_WINDOW bytes as a polynomial over GF(2), modulo an
 * irreducible one. A cut comes behind a byte where the fingerprint's low bits are zero, at the
 * earliest `min` and at the latest `max` bytes behind the last. Polynomial and window are those of
 * other IPFS importers, and so are the cuts.
 */
#pragma once
#include "base/bytes.h"

#define SOUK_RABIN_WINDOW 16

/* SOUK_RABIN_WINDOW <= min <= avg and min <= max <= SOUK_DAG_CHUNK_SIZE_MAX. Cuts lie `avg`, rounded
 * down to a power of two, apart on average, counted from `min`. */
typedef struct {
  size_t min;
  size_t avg; /* 0: not in use */
  size_t max;
} SoukRabinOptions;

/* What `rabin-AVG` stands for: a third of it to one and a half of it. */
#define SOUK_RABIN_OF_AVERAGE(average)                                                             \
  ((SoukRabinOptions){ (average) / 3, (average), (average) + (average) / 2 })

typedef struct SoukRabin SoukRabin;

SoukRabin *souk_rabin_new (SoukRabinOptions options);
void souk_rabin_free (SoukRabin *self);
/* Reads on. Returns: how many of the bytes belong to the present chunk. *out_is_cut tells whether
 * the chunk ends with them; if not, all bytes were read. */
size_t souk_rabin_scan (SoukRabin *self, SoukSlice in, bool *out_is_cut);
