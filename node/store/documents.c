/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Documents. GLIB. See documents.h.
 */
#include "store/documents.h"

#include "store/internal.h"

void
souk_document_free (SoukDocument *self)
{
  if (self == NULL)
    return;
  g_bytes_unref (self->id);
  g_bytes_unref (self->body);
  g_free (self);
}

void
souk_documents_put (SoukStoreBatch *batch, const char *kind, SoukSlice id, int64_t phase,
                    SoukWall updated, SoukSlice body)
{
  g_assert (id.len <= SOUK_DOCUMENT_KEY_MAX && body.len <= SOUK_DOCUMENT_BODY_MAX && phase >= 0);
  souk_batch_add (batch,
                  "INSERT INTO documents (kind, key, phase, updated_us, body)"
                  " VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET"
                  " phase = excluded.phase, updated_us = excluded.updated_us, body = excluded.body",
                  souk_value_text (kind), souk_value_blob (id), souk_value_int (phase),
                  souk_value_int (updated.us), souk_value_blob (body));
}

void
souk_documents_remove (SoukStoreBatch *batch, const char *kind, SoukSlice id)
{
  souk_batch_add (batch, "DELETE FROM documents WHERE kind = ? AND key = ?", souk_value_text (kind),
                  souk_value_blob (id));
}

/* From a row of (key, phase, updated_us, body). */
static SoukDocument *
read_row (sqlite3_stmt *row)
{
  SoukDocument *document = g_new0 (SoukDocument, 1);
  document->id = souk_db_column_bytes (row, 0);
  document->phase = sqlite3_column_int64 (row, 1);
  document->updated.us = sqlite3_column_int64 (row, 2);
  document->body = souk_db_column_bytes (row, 3);
  return document;
}

SoukDocument *
souk_documents_get (SoukStore *store, const char *kind, SoukSlice id)
{
  sqlite3_stmt *query = souk_db_statement (
      store->reader,
      "SELECT key, phase, updated_us, body FROM documents WHERE kind = ? AND key = ?");
  souk_db_bind_text (query, 1, kind);
  souk_db_bind_blob (query, 2, id);
  SoukDocument *document = sqlite3_step (query) == SQLITE_ROW ? read_row (query) : NULL;
  sqlite3_reset (query);
  return document;
}

GPtrArray *
souk_documents_list (SoukStore *store, const char *kind, int64_t phase, unsigned offset,
                     unsigned limit)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_document_free);
  sqlite3_stmt *query = souk_db_statement (
      store->reader, phase == SOUK_PHASE_ANY
                         ? "SELECT key, phase, updated_us, body FROM documents WHERE kind = ?1"
                           " ORDER BY updated_us DESC LIMIT ?3 OFFSET ?4"
                         : "SELECT key, phase, updated_us, body FROM documents WHERE kind = ?1"
                           " AND phase = ?2 ORDER BY updated_us DESC LIMIT ?3 OFFSET ?4");
  souk_db_bind_text (query, 1, kind);
  souk_db_bind_int (query, 2, phase);
  souk_db_bind_int (query, 3, limit);
  souk_db_bind_int (query, 4, offset);
  while (sqlite3_step (query) == SQLITE_ROW)
    g_ptr_array_add (list, read_row (query));
  sqlite3_reset (query);
  return list;
}

int64_t
souk_documents_count (SoukStore *store, const char *kind, int64_t phase)
{
  sqlite3_stmt *query = souk_db_statement (
      store->reader, phase == SOUK_PHASE_ANY
                         ? "SELECT count(*) FROM documents WHERE kind = ?1"
                         : "SELECT count(*) FROM documents WHERE kind = ?1 AND phase = ?2");
  souk_db_bind_text (query, 1, kind);
  souk_db_bind_int (query, 2, phase);
  int64_t count = sqlite3_step (query) == SQLITE_ROW ? sqlite3_column_int64 (query, 0) : 0;
  sqlite3_reset (query);
  return count;
}
