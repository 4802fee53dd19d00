/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Blocks, the node thread's side. GLIB. See blocks.h.
 */
#include "store/blocks.h"

#include "store/internal.h"

static SoukCid
as_v1 (const SoukCid *cid)
{
  SoukCid v1 = *cid;
  if (v1.version == 0)
    {
      v1.version = 1;
      v1.codec = SOUK_CODEC_DAG_PB;
    }
  return v1;
}

GBytes *
souk_block_key (const SoukCid *cid)
{
  SoukCid v1 = as_v1 (cid);
  return souk_cid_to_bytes (&v1);
}

char *
souk_block_name (const SoukCid *cid)
{
  SoukCid v1 = as_v1 (cid);
  return souk_cid_to_string (&v1);
}

static bool
is_identity (const SoukCid *cid)
{
  return cid->hash.code == SOUK_MULTIHASH_IDENTITY;
}

bool
souk_blocks_put (SoukStoreBatch *batch, const SoukCid *cid, GBytes *bytes, GError **error)
{
  SoukStore *store = batch->store;
  int64_t size = (int64_t)g_bytes_get_size (bytes);

  if (is_identity (cid))
    return true;
  if (size > SOUK_BLOCK_SIZE_MAX || cid->hash.code != SOUK_MULTIHASH_SHA2_256)
    {
      g_set_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_BAD_BLOCK,
                   size > SOUK_BLOCK_SIZE_MAX ? "The block is larger than 2 MiB."
                                              : "The block's hash is not sha2-256.");
      return false;
    }
  /* One that is here takes no more room; it is put all the same, so that it becomes young again. */
  if (!souk_blocks_has (store, cid))
    {
      if (!souk_store_reserve (store, size, error))
        return false;
      batch->reserved_bytes += size;
    }
  batch->block_bytes += size;
  SoukStoreBlockOp op = { as_v1 (cid), g_bytes_ref (bytes) };
  g_array_append_val (batch->blocks, op);
  return true;
}

void
souk_blocks_remove (SoukStoreBatch *batch, const SoukCid *cid)
{
  SoukStoreBlockOp op = { as_v1 (cid), NULL };
  g_array_append_val (batch->blocks, op);
}

int64_t
souk_blocks_size (SoukStore *store, const SoukCid *cid)
{
  if (is_identity (cid))
    return cid->hash.len;
  g_autoptr (GBytes) key = souk_block_key (cid);
  sqlite3_stmt *query = souk_db_statement (store->reader, "SELECT size FROM blocks WHERE key = ?");
  souk_db_bind_blob (query, 1, souk_slice_from_bytes (key));
  int64_t size = sqlite3_step (query) == SQLITE_ROW ? sqlite3_column_int64 (query, 0) : -1;
  sqlite3_reset (query);
  return size;
}

bool
souk_blocks_has (SoukStore *store, const SoukCid *cid)
{
  return souk_blocks_size (store, cid) >= 0;
}

static GBytes *
not_found (GError **error)
{
  g_set_error_literal (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_NOT_FOUND,
                       "The block is not on this computer.");
  return NULL;
}

/* The block's bytes as they are stored, from its row or its file. */
static GBytes *
read_stored (SoukStore *store, const SoukCid *cid, GError **error)
{
  g_autoptr (GBytes) key = souk_block_key (cid);
  sqlite3_stmt *query = souk_db_statement (store->reader, "SELECT data FROM blocks WHERE key = ?");
  souk_db_bind_blob (query, 1, souk_slice_from_bytes (key));
  int code = sqlite3_step (query);
  GBytes *bytes = NULL;

  if (code == SQLITE_ROW && sqlite3_column_type (query, 0) != SQLITE_NULL)
    bytes = souk_db_column_bytes (query, 0);
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    souk_db_fail (store->reader, error);
  else if (code == SQLITE_DONE)
    not_found (error);
  sqlite3_reset (query);
  if (bytes != NULL || code != SQLITE_ROW)
    return bytes;

  g_autofree char *name = souk_block_name (cid);
  return souk_block_files_read (store->files, name, SOUK_BLOCK_SIZE_MAX, error);
}

GBytes *
souk_blocks_get (SoukStore *store, const SoukCid *cid, GError **error)
{
  if (is_identity (cid))
    return g_bytes_new (cid->hash.digest, cid->hash.len);

  g_autoptr (GError) problem = NULL;
  g_autoptr (GBytes) bytes = read_stored (store, cid, &problem);
  bool is_damaged = g_error_matches (problem, SOUK_STORE_ERROR, SOUK_STORE_ERROR_BAD_BLOCK)
                    || (bytes != NULL && !souk_cid_matches (cid, souk_slice_from_bytes (bytes)));
  if (is_damaged)
    {
      SoukStoreBatch *batch = souk_store_batch_new (store);
      souk_blocks_remove (batch, cid);
      souk_store_commit (batch, NULL, NULL);
      souk_log_record (store->log, SOUK_LOG_ERROR, "store.block-damaged",
                       "A stored block is not what its CID names; it is removed.",
                       souk_log_cid ("cid", cid));
      return not_found (error);
    }
  if (bytes == NULL)
    g_propagate_error (error, g_steal_pointer (&problem));
  return g_steal_pointer (&bytes);
}
