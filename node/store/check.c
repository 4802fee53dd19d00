/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checking and repairing. GLIB. See check.h.
 */
#include "store/check.h"

#include "store/blocks.h"
#include "store/internal.h"

#include <string.h>

typedef struct {
  SoukStoreReport report;
  SoukStoreCheckDone done;
  gpointer user;
  SoukStore *store;
  SoukDb *db;
} Check;

/* True when the row's block, from the row or its file, is what its CID names. */
static bool
is_sound (Check *self, sqlite3_stmt *row, const SoukCid *cid)
{
  if (sqlite3_column_type (row, 2) != SQLITE_NULL)
    return souk_cid_matches (cid, souk_db_column_slice (row, 2));
  g_autofree char *name = souk_block_name (cid);
  g_autoptr (GBytes) bytes
      = souk_block_files_read (self->store->files, name, SOUK_BLOCK_SIZE_MAX, NULL);
  return bytes != NULL && souk_cid_matches (cid, souk_slice_from_bytes (bytes));
}

/* Ids of rows to remove. */
static GArray *
find_damaged (Check *self)
{
  GArray *damaged = g_array_new (FALSE, FALSE, sizeof (int64_t));
  sqlite3_stmt *row = souk_db_statement (self->db, "SELECT id, key, data, size FROM blocks");

  while (sqlite3_step (row) == SQLITE_ROW)
    {
      SoukCid cid = { 0 };
      int64_t id = sqlite3_column_int64 (row, 0);
      bool is_cid = souk_cid_from_bytes (souk_db_column_slice (row, 1), &cid) == SOUK_STATUS_OK;
      self->report.blocks_checked++;
      self->report.bytes_checked += sqlite3_column_int64 (row, 3);
      if (is_cid && is_sound (self, row, &cid))
        continue;
      g_array_append_val (damaged, id);
      souk_log_record (self->store->log, SOUK_LOG_ERROR, "store.block-damaged",
                       "A stored block is not what its CID names; it is removed.",
                       souk_log_cid ("cid", is_cid ? &cid : NULL));
    }
  sqlite3_reset (row);
  return damaged;
}

static bool
remove_rows (SoukDb *db, const GArray *ids, GError **error)
{
  if (!souk_db_exec (db, "BEGIN IMMEDIATE", error))
    return false;
  for (guint i = 0; i < ids->len; i++)
    {
      sqlite3_stmt *remove = souk_db_statement (db, "DELETE FROM blocks WHERE id = ?");
      souk_db_bind_int (remove, 1, g_array_index (ids, int64_t, i));
      if (!souk_db_run (db, remove, error))
        {
          souk_db_exec (db, "ROLLBACK", NULL);
          return false;
        }
    }
  return souk_db_exec (db, "COMMIT", error);
}

/* A file without a row: what a kill left between the two, or what was just found damaged. */
static void
check_file (const char *name, gpointer data)
{
  Check *self = data;
  SoukCid cid;
  bool has_row = false;

  if (souk_cid_parse (name, &cid) == SOUK_STATUS_OK)
    {
      g_autoptr (GBytes) key = souk_block_key (&cid);
      sqlite3_stmt *query
          = souk_db_statement (self->db, "SELECT 1 FROM blocks WHERE key = ? AND data IS NULL");
      souk_db_bind_blob (query, 1, souk_slice_from_bytes (key));
      has_row = sqlite3_step (query) == SQLITE_ROW;
      sqlite3_reset (query);
    }
  if (has_row)
    return;
  souk_block_files_remove (self->store->files, name);
  self->report.files_orphaned++;
}

static bool
is_database_sound (SoukDb *db)
{
  sqlite3_stmt *query = souk_db_statement (db, "PRAGMA integrity_check(1)");
  bool sound = sqlite3_step (query) == SQLITE_ROW
               && g_strcmp0 ((const char *)sqlite3_column_text (query, 0), "ok") == 0;
  sqlite3_reset (query);
  return sound;
}

static bool
check (SoukStore *store, SoukDb *db, gpointer data, GError **error)
{
  Check *self = data;
  self->store = store;
  self->db = db;
  self->report.is_database_sound = is_database_sound (db);
  g_autoptr (GArray) damaged = find_damaged (self);
  self->report.blocks_damaged = damaged->len;
  if (damaged->len > 0 && !remove_rows (db, damaged, error))
    return false;
  souk_block_files_each (store->files, check_file, self);
  souk_log_record (store->log, SOUK_LOG_NOTICE, "store.verified", "Every block was checked.",
                   souk_log_int ("blocks", self->report.blocks_checked),
                   souk_log_int ("damaged", self->report.blocks_damaged),
                   souk_log_int ("orphaned", self->report.files_orphaned),
                   souk_log_bool ("database_sound", self->report.is_database_sound));
  return true;
}

static void
on_checked (const GError *error, gpointer data)
{
  Check *self = data;
  if (self->done != NULL)
    self->done (error == NULL ? &self->report : NULL, error, self->user);
  g_free (self);
}

void
souk_store_check (SoukStore *store, SoukStoreCheckDone done, gpointer user)
{
  Check *self = g_new0 (Check, 1);
  self->done = done;
  self->user = user;
  souk_writer_run (store->writer, check, on_checked, self);
}
