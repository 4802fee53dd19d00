/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Searching the catalogue. GLIB, node thread, synchronous: 20 ms for 100,000 listings is the aim.
 *
 * A search by words looks at the newest SOUK_SEARCH_HITS_MAX hits and orders those; a word that more
 * listings have says little about any of them. Totals are counted up to the same number.
 */
#pragma once
#include "store/records.h"

#define SOUK_SEARCH_PAGE_MAX 200
#define SOUK_SEARCH_HITS_MAX 1000
typedef enum {
  SOUK_SEARCH_BEST, /* by how well the words fit; without words, the newest */
  SOUK_SEARCH_NEWEST,
  SOUK_SEARCH_CHEAPEST,
  SOUK_SEARCH_DEAREST,
} SoukSearchOrder;

typedef struct {
  const char *text;         /* NULL or without a word: all */
  SoukRecordType type;      /* ANY: all */
  const char *category;     /* NULL: all */
  const SoukPeerId *author; /* NULL: all; one's own id: mine */
  const uint8_t *price_max; /* NULL: any; 32 bytes big-endian */
  int64_t now_s;            /* what has expired is not found */
  SoukSearchOrder order;
  unsigned offset;
  unsigned limit; /* at most SOUK_SEARCH_PAGE_MAX */
} SoukSearch;

typedef struct {
  GPtrArray *rows; /* SoukRecordRow */
  int64_t total;   /* that match, at most SOUK_SEARCH_HITS_MAX */
  bool has_more;   /* than `total` */
} SoukSearchResult;

/* Withdrawn and expired records are never found. */
SoukSearchResult *souk_records_search (SoukStore *store, const SoukSearch *search);
void souk_search_result_free (SoukSearchResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukSearchResult, souk_search_result_free)
