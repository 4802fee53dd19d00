/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pins. GLIB. See pins.h.
 */
#include "store/pins.h"

#include "store/blocks.h"
#include "store/internal.h"

void
souk_pin_free (SoukPin *self)
{
  if (self == NULL)
    return;
  g_free (self->owner);
  g_free (self->reason);
  g_free (self);
}

void
souk_pins_add (SoukStoreBatch *batch, const SoukCid *root, const char *owner, const char *reason,
               SoukWall expires)
{
  g_autoptr (GBytes) key = souk_block_key (root);
  souk_batch_add (batch,
                  "INSERT INTO pins (root, owner, reason, added_us, expires_us)"
                  " VALUES (?, ?, ?, ?, ?) ON CONFLICT (root, owner) DO UPDATE SET"
                  " reason = excluded.reason, expires_us = excluded.expires_us",
                  souk_value_blob (souk_slice_from_bytes (key)), souk_value_text (owner),
                  souk_value_text (reason), souk_value_int (g_get_real_time ()),
                  souk_value_int (expires.us));
}

void
souk_pins_remove (SoukStoreBatch *batch, const SoukCid *root, const char *owner)
{
  g_autoptr (GBytes) key = souk_block_key (root);
  souk_batch_add (batch, "DELETE FROM pins WHERE root = ? AND owner = ?",
                  souk_value_blob (souk_slice_from_bytes (key)), souk_value_text (owner));
}

bool
souk_pins_has (SoukStore *store, const SoukCid *root, SoukWall now)
{
  g_autoptr (GBytes) key = souk_block_key (root);
  sqlite3_stmt *query
      = souk_db_statement (store->reader, "SELECT 1 FROM pins WHERE root = ?"
                                          " AND (expires_us = 0 OR expires_us > ?) LIMIT 1");
  souk_db_bind_blob (query, 1, souk_slice_from_bytes (key));
  souk_db_bind_int (query, 2, now.us);
  bool has = sqlite3_step (query) == SQLITE_ROW;
  sqlite3_reset (query);
  return has;
}

GPtrArray *
souk_pins_list (SoukStore *store, const char *owner, unsigned offset, unsigned limit)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_pin_free);
  sqlite3_stmt *query = souk_db_statement (
      store->reader, owner != NULL ? "SELECT root, owner, reason, added_us, expires_us FROM pins"
                                     " WHERE owner = ?1 ORDER BY added_us DESC LIMIT ?2 OFFSET ?3"
                                   : "SELECT root, owner, reason, added_us, expires_us FROM pins"
                                     " WHERE ?1 IS NULL ORDER BY added_us DESC LIMIT ?2 OFFSET ?3");
  if (owner != NULL)
    souk_db_bind_text (query, 1, owner);
  souk_db_bind_int (query, 2, limit);
  souk_db_bind_int (query, 3, offset);
  while (sqlite3_step (query) == SQLITE_ROW)
    {
      SoukCid root;
      if (souk_cid_from_bytes (souk_db_column_slice (query, 0), &root) != SOUK_STATUS_OK)
        continue;
      SoukPin *pin = g_new0 (SoukPin, 1);
      pin->root = root;
      pin->owner = g_strdup ((const char *)sqlite3_column_text (query, 1));
      pin->reason = g_strdup ((const char *)sqlite3_column_text (query, 2));
      pin->added.us = sqlite3_column_int64 (query, 3);
      pin->expires.us = sqlite3_column_int64 (query, 4);
      g_ptr_array_add (list, pin);
    }
  sqlite3_reset (query);
  return list;
}
