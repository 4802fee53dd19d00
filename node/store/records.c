/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signed records. GLIB. See records.h.
 */
#include "store/records.h"

#include "store/internal.h"
#include "store/marks.h"

#include <string.h>

/* SQLite's integers are signed: with the top bit turned, their order is the unsigned one's. */
static int64_t
sequence_to_disk (uint64_t sequence)
{
  return (int64_t)(sequence ^ (UINT64_C (1) << 63));
}

static uint64_t
sequence_from_disk (int64_t stored)
{
  return (uint64_t)stored ^ (UINT64_C (1) << 63);
}

void
souk_record_row_free (SoukRecordRow *self)
{
  if (self == NULL)
    return;
  g_bytes_unref (self->bytes);
  g_free (self);
}

static bool
read_exact (sqlite3_stmt *row, int column, uint8_t out[SOUK_RECORD_ID_SIZE])
{
  SoukSlice slice = souk_db_column_slice (row, column);
  if (slice.len != SOUK_RECORD_ID_SIZE)
    return false;
  memcpy (out, slice.data, SOUK_RECORD_ID_SIZE);
  return true;
}

SoukRecordRow *
souk_record_row_read (sqlite3_stmt *row)
{
  SoukRecordRow *self = g_new0 (SoukRecordRow, 1);
  read_exact (row, 0, self->record_id);
  read_exact (row, 1, self->thing_id);
  self->type = (SoukRecordType)sqlite3_column_int (row, 2);
  self->sequence = sequence_from_disk (sqlite3_column_int64 (row, 3));
  self->expires_s = sqlite3_column_int64 (row, 4);
  self->is_withdrawn = sqlite3_column_int (row, 5) != 0;
  self->bytes = souk_db_column_bytes (row, 6);
  return self;
}

/* True when the thing is known, or there is room for another of this author. Batches that wait are
 * not counted: the limits are against floods, and their queue is short. */
static bool
has_room (SoukStore *store, const SoukRecordIn *record, SoukSlice author)
{
  if (souk_records_newest (store, record->thing_id, NULL, NULL))
    return true;
  sqlite3_stmt *query
      = souk_db_statement (store->reader, "SELECT records FROM authors WHERE author = ?");
  souk_db_bind_blob (query, 1, author);
  int64_t of_author = sqlite3_step (query) == SQLITE_ROW ? sqlite3_column_int64 (query, 0) : 0;
  sqlite3_reset (query);
  /* The highest rowid bounds the count from above and is read at once; only near the limit is it
   * worth counting. */
  return of_author < SOUK_RECORDS_PER_AUTHOR_MAX
         && (souk_db_number (store->reader, "SELECT max(id) FROM records") < SOUK_RECORDS_MAX
             || souk_db_number (store->reader, "SELECT total(records) FROM authors")
                    < SOUK_RECORDS_MAX);
}

static bool
is_free (const SoukRecordIn *record)
{
  static const uint8_t zero[sizeof record->price];
  return memcmp (record->price, zero, sizeof zero) == 0;
}

SoukStatus
souk_records_put (SoukStoreBatch *batch, const SoukRecordIn *record)
{
  g_assert (record->bytes.len <= SOUK_RECORD_SIZE_MAX && record->type != SOUK_RECORD_ANY);
  g_autoptr (GBytes) author = souk_peer_id_to_bytes (record->author);
  if (!has_room (batch->store, record, souk_slice_from_bytes (author)))
    return SOUK_STATUS_LIMIT;

  const char *category = record->category != NULL ? record->category : "";
  g_autofree char *marks
      = souk_marks_of (record->type, category, souk_slice_from_bytes (author), is_free (record));
  souk_batch_add (
      batch,
      "INSERT INTO records (record_id, thing, type, author, sequence, expires_s, withdrawn,"
      " created_s, price, category, title, description, tags, marks, bytes)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
      " ON CONFLICT (thing) DO UPDATE SET record_id = excluded.record_id,"
      " sequence = excluded.sequence, expires_s = excluded.expires_s,"
      " withdrawn = excluded.withdrawn, created_s = excluded.created_s, price = excluded.price,"
      " category = excluded.category, title = excluded.title, description = excluded.description,"
      " tags = excluded.tags, marks = excluded.marks, bytes = excluded.bytes"
      " WHERE excluded.sequence > sequence"
      " OR (excluded.sequence = sequence AND excluded.record_id > record_id)",
      souk_value_blob (souk_slice (record->record_id, SOUK_RECORD_ID_SIZE)),
      souk_value_blob (souk_slice (record->thing_id, SOUK_RECORD_ID_SIZE)),
      souk_value_int (record->type), souk_value_blob (souk_slice_from_bytes (author)),
      souk_value_int (sequence_to_disk (record->sequence)), souk_value_int (record->expires_s),
      souk_value_int (record->is_withdrawn), souk_value_int (record->created_s),
      souk_value_blob (souk_slice (record->price, sizeof record->price)),
      souk_value_text (category), souk_value_text (record->title != NULL ? record->title : ""),
      souk_value_text (record->description != NULL ? record->description : ""),
      souk_value_text (record->tags != NULL ? record->tags : ""), souk_value_text (marks),
      souk_value_blob (record->bytes));
  return SOUK_STATUS_OK;
}

void
souk_records_purge (SoukStoreBatch *batch, int64_t now_s)
{
  souk_batch_add (batch,
                  "DELETE FROM records WHERE id IN"
                  " (SELECT id FROM records WHERE expires_s <= ? ORDER BY expires_s LIMIT ?)",
                  souk_value_int (now_s), souk_value_int (SOUK_RECORDS_PURGE_MAX));
}

static SoukRecordRow *
get_by (SoukStore *store, const char *static_sql, const uint8_t id[SOUK_RECORD_ID_SIZE])
{
  sqlite3_stmt *query = souk_db_statement (store->reader, static_sql);
  souk_db_bind_blob (query, 1, souk_slice (id, SOUK_RECORD_ID_SIZE));
  SoukRecordRow *row = sqlite3_step (query) == SQLITE_ROW ? souk_record_row_read (query) : NULL;
  sqlite3_reset (query);
  return row;
}

SoukRecordRow *
souk_records_get (SoukStore *store, const uint8_t record_id[SOUK_RECORD_ID_SIZE])
{
  return get_by (store, "SELECT " SOUK_RECORD_COLUMNS " FROM records AS r WHERE r.record_id = ?",
                 record_id);
}

SoukRecordRow *
souk_records_get_thing (SoukStore *store, const uint8_t thing_id[SOUK_RECORD_ID_SIZE])
{
  return get_by (store, "SELECT " SOUK_RECORD_COLUMNS " FROM records AS r WHERE r.thing = ?",
                 thing_id);
}

bool
souk_records_newest (SoukStore *store, const uint8_t thing_id[SOUK_RECORD_ID_SIZE],
                     uint64_t *out_sequence, uint8_t out_record_id[SOUK_RECORD_ID_SIZE])
{
  sqlite3_stmt *query = souk_db_statement (
      store->reader, "SELECT record_id, sequence FROM records WHERE thing = ?");
  souk_db_bind_blob (query, 1, souk_slice (thing_id, SOUK_RECORD_ID_SIZE));
  bool is_known = sqlite3_step (query) == SQLITE_ROW;
  if (is_known && out_record_id != NULL)
    read_exact (query, 0, out_record_id);
  if (is_known && out_sequence != NULL)
    *out_sequence = sequence_from_disk (sqlite3_column_int64 (query, 1));
  sqlite3_reset (query);
  return is_known;
}

GArray *
souk_records_refs (SoukStore *store, int64_t now_s)
{
  GArray *refs = g_array_new (FALSE, FALSE, sizeof (SoukRecordRef));
  sqlite3_stmt *query
      = souk_db_statement (store->reader, "SELECT record_id, expires_s FROM records"
                                          " WHERE expires_s > ? ORDER BY record_id");
  souk_db_bind_int (query, 1, now_s);
  while (sqlite3_step (query) == SQLITE_ROW)
    {
      SoukRecordRef ref;
      ref.expires_s = sqlite3_column_int64 (query, 1);
      if (read_exact (query, 0, ref.record_id))
        g_array_append_val (refs, ref);
    }
  sqlite3_reset (query);
  return refs;
}
