/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Collecting garbage. GLIB. See gc.h.
 */
#include "store/gc.h"

#include "store/blocks.h"
#include "store/internal.h"

typedef struct {
  int64_t grace_s;
  SoukStore *store;
  SoukGcReport report;
  SoukGcDone done;
  gpointer user;
  /* For souk_store_make_room(). */
  int64_t room_bytes;
  SoukStoreDone room_done;
} Collection;

static const char mark_sql[]
    = "CREATE TEMP TABLE IF NOT EXISTS live (key BLOB PRIMARY KEY) WITHOUT ROWID;"
      "DELETE FROM temp.live;"
      "INSERT INTO temp.live WITH RECURSIVE reach (key) AS ("
      "  SELECT root FROM pins"
      "  UNION"
      "  SELECT links.child FROM reach"
      "    JOIN blocks ON blocks.key = reach.key JOIN links ON links.parent = blocks.id)"
      " SELECT key FROM reach";

static bool
end_pins (SoukDb *db, int64_t now_us, int64_t *out_ended, GError **error)
{
  sqlite3_stmt *ended
      = souk_db_statement (db, "DELETE FROM pins WHERE expires_us != 0 AND expires_us <= ?");
  souk_db_bind_int (ended, 1, now_us);
  if (!souk_db_run (db, ended, error))
    return false;
  *out_ended = souk_db_changes (db);
  return true;
}

/* One transaction's worth. Names of files whose rows went are added to `removed`.
 * Out: how many blocks went; fewer than SOUK_GC_SWEEP_MAX when there are no more. */
static bool
sweep_some (SoukDb *db, int64_t before_us, SoukGcReport *report, GPtrArray *removed,
            unsigned *out_swept, GError **error)
{
  sqlite3_stmt *sweep = souk_db_statement (
      db, "DELETE FROM blocks WHERE id IN (SELECT id FROM blocks WHERE added_us <= ?1"
          " AND key NOT IN (SELECT key FROM temp.live) LIMIT ?2)"
          " RETURNING key, size, data IS NULL");
  unsigned swept = 0;
  int code;

  souk_db_bind_int (sweep, 1, before_us);
  souk_db_bind_int (sweep, 2, SOUK_GC_SWEEP_MAX);
  while ((code = sqlite3_step (sweep)) == SQLITE_ROW)
    {
      SoukCid cid;
      swept++;
      report->blocks_removed++;
      report->bytes_removed += sqlite3_column_int64 (sweep, 1);
      if (sqlite3_column_int (sweep, 2) != 0
          && souk_cid_from_bytes (souk_db_column_slice (sweep, 0), &cid) == SOUK_STATUS_OK)
        g_ptr_array_add (removed, souk_block_name (&cid));
    }
  if (code != SQLITE_DONE)
    souk_db_fail (db, error);
  sqlite3_reset (sweep);
  *out_swept = swept;
  return code == SQLITE_DONE;
}

static bool
sweep_all (SoukStore *store, SoukDb *db, int64_t before_us, SoukGcReport *report, GError **error)
{
  unsigned swept = SOUK_GC_SWEEP_MAX;

  while (swept == SOUK_GC_SWEEP_MAX)
    {
      g_autoptr (GPtrArray) removed = g_ptr_array_new_with_free_func (g_free);
      if (!souk_db_exec (db, "BEGIN IMMEDIATE", error))
        return false;
      if (!sweep_some (db, before_us, report, removed, &swept, error)
          || !souk_db_exec (db, "COMMIT", error))
        {
          souk_db_exec (db, "ROLLBACK", NULL);
          return false;
        }
      for (guint i = 0; i < removed->len; i++)
        souk_block_files_remove (store->files, g_ptr_array_index (removed, i));
    }
  return true;
}

/* On the writer thread. */
static bool
collect (SoukStore *store, SoukDb *db, gpointer data, GError **error)
{
  Collection *self = data;
  int64_t now_us = g_get_real_time (), start_us = g_get_monotonic_time ();

  if (!end_pins (db, now_us, &self->report.pins_ended, error) || !souk_db_exec (db, mark_sql, error)
      || !sweep_all (store, db, now_us - self->grace_s * SOUK_US_PER_S, &self->report, error)
      || !souk_db_exec (db, "DELETE FROM temp.live", error))
    return false;
  souk_log_record (store->log, SOUK_LOG_INFO, "store.garbage-collected",
                   "Blocks that no pin reaches were removed.",
                   souk_log_int ("blocks", self->report.blocks_removed),
                   souk_log_int ("size_bytes", self->report.bytes_removed),
                   souk_log_int ("took_ms", (g_get_monotonic_time () - start_us) / 1000));
  return true;
}

static void
on_collected (const GError *error, gpointer data)
{
  Collection *self = data;
  if (self->done != NULL)
    self->done (error == NULL ? &self->report : NULL, error, self->user);
  g_free (self);
}

void
souk_gc_run (SoukStore *store, int64_t grace_s, SoukGcDone done, gpointer user)
{
  Collection *self = g_new0 (Collection, 1);
  self->grace_s = grace_s;
  self->done = done;
  self->user = user;
  g_assert (!store->is_stopped);
  souk_writer_run (store->writer, collect, on_collected, self);
}

/* ---- making room ---- */

static bool
has_room (SoukStore *store, int64_t bytes, GError **error)
{
  if (!souk_store_reserve (store, bytes, error))
    return false;
  souk_store_unreserve (store, bytes);
  return true;
}

/* On the writer thread: collects only when it has to. */
static bool
make_room (SoukStore *store, SoukDb *db, gpointer data, GError **error)
{
  Collection *self = data;
  if (has_room (store, self->room_bytes, NULL))
    return true;
  if (!collect (store, db, data, error))
    return false;
  souk_store_note_usage (store, db);
  return has_room (store, self->room_bytes, error);
}

static void
on_room (const GError *error, gpointer data)
{
  Collection *self = data;
  self->room_done (error, self->user);
  g_free (self);
}

void
souk_store_make_room (SoukStore *store, int64_t bytes, SoukStoreDone done, gpointer user)
{
  Collection *self = g_new0 (Collection, 1);
  self->grace_s = SOUK_GC_GRACE_S;
  self->room_bytes = bytes;
  self->room_done = done;
  self->user = user;
  g_assert (!store->is_stopped);
  souk_writer_run (store->writer, make_room, on_room, self);
}
