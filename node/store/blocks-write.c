/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing blocks. GLIB, writer thread. See blocks-write.h.
 */
#include "store/blocks-write.h"

#include "store/blocks.h"
#include "store/internal.h"

/* A block that is put again becomes young again, but not at each put: that would be a write each. */
#define REFRESH_US (60 * G_USEC_PER_SEC)

static bool
is_file (const SoukStore *store, const SoukStoreBlockOp *op)
{
  return (int64_t)g_bytes_get_size (op->bytes) > store->inline_bytes_max;
}

/* Returns: the row of the block, or 0. */
static int64_t
find_row (SoukDb *db, SoukSlice key, int64_t *out_added_us)
{
  sqlite3_stmt *query = souk_db_statement (db, "SELECT id, added_us FROM blocks WHERE key = ?");
  souk_db_bind_blob (query, 1, key);
  int64_t id = 0;
  if (sqlite3_step (query) == SQLITE_ROW)
    {
      id = sqlite3_column_int64 (query, 0);
      *out_added_us = sqlite3_column_int64 (query, 1);
    }
  sqlite3_reset (query);
  return id;
}

static bool
has_row (SoukDb *db, const SoukCid *cid)
{
  g_autoptr (GBytes) key = souk_block_key (cid);
  int64_t added_us;
  return find_row (db, souk_slice_from_bytes (key), &added_us) != 0;
}

static void
file_clear (gpointer data)
{
  g_free ((char *)((SoukBlockFile *)data)->name);
}

bool
souk_blocks_write_files (SoukStore *store, SoukDb *db, const SoukStoreBatch *batch, GError **error)
{
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (SoukBlockFile));
  g_array_set_clear_func (files, file_clear);

  for (guint i = 0; i < batch->blocks->len; i++)
    {
      const SoukStoreBlockOp *op = &g_array_index (batch->blocks, SoukStoreBlockOp, i);
      if (op->bytes == NULL)
        continue;
      if (!souk_cid_matches (&op->cid, souk_slice_from_bytes (op->bytes)))
        {
          g_set_error_literal (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_BAD_BLOCK,
                               "The bytes are not what their CID names.");
          return false;
        }
      if (!is_file (store, op) || has_row (db, &op->cid))
        continue;
      SoukBlockFile file = { souk_block_name (&op->cid), souk_slice_from_bytes (op->bytes) };
      g_array_append_val (files, file);
    }
  return files->len == 0
         || souk_block_files_write (store->files, (const SoukBlockFile *)files->data, files->len,
                                    error);
}

/* ---- rows ---- */

typedef struct {
  SoukDb *db;
  int64_t parent;
  GError *error;
} LinkWriter;

static void
write_link (const SoukCid *link, gpointer user)
{
  LinkWriter *self = user;
  if (self->error != NULL)
    return;
  g_autoptr (GBytes) child = souk_block_key (link);
  sqlite3_stmt *insert
      = souk_db_statement (self->db, "INSERT OR IGNORE INTO links (parent, child) VALUES (?, ?)");
  souk_db_bind_int (insert, 1, self->parent);
  souk_db_bind_blob (insert, 2, souk_slice_from_bytes (child));
  souk_db_run (self->db, insert, &self->error);
}

static bool
refresh_row (SoukDb *db, int64_t id, int64_t added_us, int64_t now_us, GError **error)
{
  if (now_us - added_us < REFRESH_US)
    return true;
  sqlite3_stmt *update = souk_db_statement (db, "UPDATE blocks SET added_us = ? WHERE id = ?");
  souk_db_bind_int (update, 1, now_us);
  souk_db_bind_int (update, 2, id);
  return souk_db_run (db, update, error);
}

static bool
insert_row (SoukStore *store, SoukDb *db, const SoukStoreBlockOp *op, SoukSlice key, int64_t now_us,
            GError **error)
{
  SoukSlice bytes = souk_slice_from_bytes (op->bytes);
  sqlite3_stmt *insert = souk_db_statement (
      db, "INSERT INTO blocks (key, size, added_us, data) VALUES (?, ?, ?, ?) RETURNING id");
  souk_db_bind_blob (insert, 1, key);
  souk_db_bind_int (insert, 2, (int64_t)bytes.len);
  souk_db_bind_int (insert, 3, now_us);
  if (!is_file (store, op))
    souk_db_bind_blob (insert, 4, bytes);
  if (sqlite3_step (insert) != SQLITE_ROW)
    {
      souk_db_fail (db, error);
      sqlite3_reset (insert);
      return false;
    }
  LinkWriter links = { db, sqlite3_column_int64 (insert, 0), NULL };
  if (!souk_db_run (db, insert, error))
    return false;
  if (op->cid.codec != SOUK_CODEC_RAW)
    store->links (&op->cid, bytes, write_link, &links);
  if (links.error == NULL)
    return true;
  g_propagate_error (error, links.error);
  return false;
}

static bool
put_row (SoukStore *store, SoukDb *db, const SoukStoreBlockOp *op, GPtrArray *removed,
         GError **error)
{
  g_autoptr (GBytes) key = souk_block_key (&op->cid);
  int64_t now_us = g_get_real_time (), added_us = 0;
  int64_t id = find_row (db, souk_slice_from_bytes (key), &added_us);

  if (id != 0)
    return refresh_row (db, id, added_us, now_us, error);
  g_autofree char *name = souk_block_name (&op->cid);
  guint at;
  if (is_file (store, op) && g_ptr_array_find_with_equal_func (removed, name, g_str_equal, &at))
    g_ptr_array_remove_index (removed, at);
  return insert_row (store, db, op, souk_slice_from_bytes (key), now_us, error);
}

static bool
remove_row (SoukDb *db, const SoukStoreBlockOp *op, GPtrArray *removed, GError **error)
{
  g_autoptr (GBytes) key = souk_block_key (&op->cid);
  sqlite3_stmt *query
      = souk_db_statement (db, "DELETE FROM blocks WHERE key = ? RETURNING data IS NULL");
  souk_db_bind_blob (query, 1, souk_slice_from_bytes (key));
  if (sqlite3_step (query) == SQLITE_ROW && sqlite3_column_int (query, 0) != 0)
    g_ptr_array_add (removed, souk_block_name (&op->cid));
  return souk_db_run (db, query, error);
}

bool
souk_blocks_write_rows (SoukStore *store, SoukDb *db, const SoukStoreBatch *batch,
                        GPtrArray *removed, GError **error)
{
  for (guint i = 0; i < batch->blocks->len; i++)
    {
      const SoukStoreBlockOp *op = &g_array_index (batch->blocks, SoukStoreBlockOp, i);
      if (op->bytes != NULL ? !put_row (store, db, op, removed, error)
                            : !remove_row (db, op, removed, error))
        return false;
    }
  return true;
}
