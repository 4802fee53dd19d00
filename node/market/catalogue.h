/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The catalogue: which records count now, in memory. PURE.
 *
 * One entry for each thing, the newest record of it, tombstones too (they keep an older record from
 * coming back) until they expire. The node keeps the bytes in its store and only the index here;
 * the simulator keeps the bytes as well. Ids come out sorted, which is what mesh/sync wants.
 * One thread; a pointer that is returned holds until the next put or expire.
 */
#pragma once
#include "market/record.h"

typedef enum {
  SOUK_PUT_ADDED,     /* a thing that was not there */
  SOUK_PUT_REPLACED,  /* a newer version of one that was */
  SOUK_PUT_WITHDRAWN, /* a tombstone, newer than what was there, if anything was */
  SOUK_PUT_STALE,     /* this very record, or an older one: nothing changes */
  SOUK_PUT_EXPIRED,   /* too late: nothing changes */
  SOUK_PUT_REFUSED,   /* broken, or a limit: nothing changes; the status says which */
} SoukPutResult;

typedef struct {
  uint8_t thing[SOUK_RECORD_ID_SIZE];
  uint8_t id[SOUK_RECORD_ID_SIZE];
  SoukPeerId author;
  SoukRecordType type;
  uint64_t sequence;
  int64_t expires;
  bool is_withdrawn;
  GBytes *bytes; /* NULL unless the catalogue keeps them */
} SoukCatalogueEntry;

typedef struct SoukCatalogue SoukCatalogue;

/* `total_max` and `per_author_max` 0: SOUK_CATALOGUE_MAX and SOUK_CATALOGUE_PER_AUTHOR_MAX. */
SoukCatalogue *souk_catalogue_new (size_t total_max, size_t per_author_max, bool keeps_bytes);
void souk_catalogue_free (SoukCatalogue *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukCatalogue, souk_catalogue_free)

/* Takes bytes from anywhere: decodes, verifies, checks the body, then puts.
 * Out: the record (transfer full) for ADDED, REPLACED and WITHDRAWN, else NULL; the status. */
SoukPutResult souk_catalogue_put (SoukCatalogue *self, SoukSlice bytes, SoukWall now,
                                  SoukRecord **out_record, SoukStatus *out_status);
/* Puts a record that is verified already, such as one from the store at start-up. */
SoukPutResult souk_catalogue_put_record (SoukCatalogue *self, const SoukRecord *record,
                                         SoukWall now, SoukStatus *out_status);
/* Checks a live record's body by its type. */
SoukStatus souk_record_check_body (const SoukRecord *record);

/* Removes what has expired. Out: (transfer full): the removed entries' things (32 bytes each, joined). */
GByteArray *souk_catalogue_expire (SoukCatalogue *self, SoukWall now);
/* When the next entry expires, INT64_MAX seconds when none does. */
int64_t souk_catalogue_next_expiry (const SoukCatalogue *self);

size_t souk_catalogue_size (const SoukCatalogue *self);
/* Returns: (transfer none) (nullable). */
const SoukCatalogueEntry *souk_catalogue_by_thing (const SoukCatalogue *self,
                                                   const uint8_t thing[SOUK_RECORD_ID_SIZE]);
const SoukCatalogueEntry *souk_catalogue_by_id (const SoukCatalogue *self,
                                                const uint8_t id[SOUK_RECORD_ID_SIZE]);
/* Returns: (transfer none): all entries, by expiry and then by record id, count of them in *out_count. */
const SoukCatalogueEntry *const *souk_catalogue_sorted (SoukCatalogue *self, size_t *out_count);
