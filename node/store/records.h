/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The catalogue: signed records, the newest of each thing. GLIB, node thread.
 *
 * The caller has checked the record (signature, form, limits) and takes it apart; this keeps it,
 * finds it again, and hands out the set of ids that peers reconcile. A withdrawn record stays as a
 * tombstone until it expires, so that an older one can not come back.
 */
#pragma once
#include "market/record.h"
#include "store/store.h"

/* Records of one author: one who has more is no seller. */
#define SOUK_RECORDS_PER_AUTHOR_MAX 10000
/* Records in all: some GB of database. */
#define SOUK_RECORDS_MAX 1000000

/* In a search: any type. */
#define SOUK_RECORD_ANY ((SoukRecordType)0)

/* A record, taken apart for the catalogue. All of it is borrowed by souk_records_put(). */
typedef struct {
  SoukRecordType type;
  const uint8_t *record_id; /* 32 bytes: sha256 of the signed bytes */
  const uint8_t *thing_id;  /* 32 bytes: of (type, author, key) */
  const SoukPeerId *author;
  uint64_t sequence;
  int64_t expires_s; /* since 1970 */
  bool is_withdrawn;
  int64_t created_s;
  uint8_t price[32];    /* big-endian */
  const char *category; /* the texts may be NULL */
  const char *title;
  const char *description;
  const char *tags; /* words with spaces between: tags, model hints */
  SoukSlice bytes;  /* the signed record */
} SoukRecordIn;

/* A record as it comes out. */
typedef struct {
  uint8_t record_id[SOUK_RECORD_ID_SIZE];
  uint8_t thing_id[SOUK_RECORD_ID_SIZE];
  SoukRecordType type;
  uint64_t sequence;
  int64_t expires_s;
  bool is_withdrawn;
  GBytes *bytes;
} SoukRecordRow;

void souk_record_row_free (SoukRecordRow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukRecordRow, souk_record_row_free)

/* Puts the record unless the thing has a newer one: the higher sequence wins, at the same sequence
 * the higher record id. The choice is made within the transaction.
 * Returns: OK; LIMIT when the author or the catalogue has no room for a new thing. */
SoukStatus souk_records_put (SoukStoreBatch *batch, const SoukRecordIn *record);
/* Forgets what has expired at `now_s`, at most SOUK_RECORDS_PURGE_MAX at a time. */
void souk_records_purge (SoukStoreBatch *batch, int64_t now_s);
#define SOUK_RECORDS_PURGE_MAX 2000

/* Returns: (transfer full) (nullable): by record id; by thing. Withdrawn and expired ones too. */
SoukRecordRow *souk_records_get (SoukStore *store, const uint8_t record_id[SOUK_RECORD_ID_SIZE]);
SoukRecordRow *souk_records_get_thing (SoukStore *store,
                                       const uint8_t thing_id[SOUK_RECORD_ID_SIZE]);
/* False when the thing is not known. Either out may be NULL. */
bool souk_records_newest (SoukStore *store, const uint8_t thing_id[SOUK_RECORD_ID_SIZE],
                          uint64_t *out_sequence, uint8_t out_record_id[SOUK_RECORD_ID_SIZE]);

/* What peers compare: each record that has not expired at `now_s`, tombstones too. */
typedef struct {
  uint8_t record_id[SOUK_RECORD_ID_SIZE];
  int64_t expires_s;
} SoukRecordRef;
/* Returns: (transfer full) (element-type SoukRecordRef): in the order of their ids. */
GArray *souk_records_refs (SoukStore *store, int64_t now_s);

/* For search.c: a row of SOUK_RECORD_COLUMNS. */
struct sqlite3_stmt;
SoukRecordRow *souk_record_row_read (struct sqlite3_stmt *row);
#define SOUK_RECORD_COLUMNS                                                                        \
  "r.record_id, r.thing, r.type, r.sequence, r.expires_s, r.withdrawn, r.bytes"
#define SOUK_RECORD_COLUMNS_COUNT 7
