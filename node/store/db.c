/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SQLite connections. GLIB. See db.h.
 */
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct SoukDb {
  sqlite3 *handle;
  GHashTable *statements; /* static text, by address -> sqlite3_stmt */
};

/* Memory is the budget here: an idle node keeps small caches, and the operating system's page cache
 * holds the file anyway. A reader's WAL snapshot is short, so checkpoints are never starved. */
static const char settings[] = "PRAGMA journal_mode=WAL;"
                               "PRAGMA synchronous=FULL;"
                               "PRAGMA foreign_keys=ON;"
                               "PRAGMA busy_timeout=10000;"
                               "PRAGMA cache_size=-4096;"
                               "PRAGMA journal_size_limit=16777216;"
                               "PRAGMA trusted_schema=OFF;";

GQuark
souk_store_error_quark (void)
{
  return g_quark_from_static_string ("souk-store-error");
}

static SoukStoreError
error_of (int code)
{
  switch (code & 0xff)
    {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return SOUK_STORE_ERROR_CORRUPT;
    case SQLITE_FULL:
      return SOUK_STORE_ERROR_NO_SPACE;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return SOUK_STORE_ERROR_LOCKED;
    default: /* an int of SQLite's, not an enum of ours */
      return SOUK_STORE_ERROR_IO;
    }
}

bool
souk_db_fail (SoukDb *self, GError **error)
{
  int code = sqlite3_extended_errcode (self->handle);
  g_set_error (error, SOUK_STORE_ERROR, error_of (code), "The database says: %s (%d)",
               sqlite3_errmsg (self->handle), code);
  return false;
}

/* The file is made here and not by SQLite, for its mode; -wal and -shm take theirs from it. */
static bool
make_file (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd >= 0)
    {
      close (fd);
      return true;
    }
  int code = errno;
  g_set_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_IO, "%s can not be opened: %s", path,
               g_strerror (code));
  return false;
}

static void
statement_free (gpointer statement)
{
  sqlite3_finalize (statement);
}

SoukDb *
souk_db_open (const char *path, bool is_reader, GError **error)
{
  if (!make_file (path, error))
    return NULL;

  SoukDb *self = g_new0 (SoukDb, 1);
  self->statements = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, statement_free);
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (sqlite3_open_v2 (path, &self->handle, flags, NULL) != SQLITE_OK
      || sqlite3_exec (self->handle, settings, NULL, NULL, NULL) != SQLITE_OK
      || (is_reader
          && sqlite3_exec (self->handle, "PRAGMA query_only=ON", NULL, NULL, NULL) != SQLITE_OK))
    {
      souk_db_fail (self, error);
      souk_db_close (self);
      return NULL;
    }
  return self;
}

void
souk_db_close (SoukDb *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->statements);
  int code = sqlite3_close (self->handle);
  g_assert (code == SQLITE_OK); /* else a statement was not finalized */
  g_free (self);
}

sqlite3_stmt *
souk_db_prepare (SoukDb *self, const char *sql)
{
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v3 (self->handle, sql, -1, 0, &statement, NULL) != SQLITE_OK)
    g_error ("%s: %s", sqlite3_errmsg (self->handle), sql);
  return statement;
}

sqlite3_stmt *
souk_db_statement (SoukDb *self, const char *static_sql)
{
  sqlite3_stmt *statement = g_hash_table_lookup (self->statements, static_sql);
  if (statement == NULL)
    {
      statement = souk_db_prepare (self, static_sql);
      g_hash_table_insert (self->statements, (gpointer)static_sql, statement);
      return statement;
    }
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return statement;
}

bool
souk_db_run (SoukDb *self, sqlite3_stmt *statement, GError **error)
{
  int code = sqlite3_step (statement);
  if (code != SQLITE_DONE && code != SQLITE_ROW)
    {
      souk_db_fail (self, error);
      sqlite3_reset (statement);
      return false;
    }
  sqlite3_reset (statement);
  return true;
}

bool
souk_db_exec (SoukDb *self, const char *sql, GError **error)
{
  if (sqlite3_exec (self->handle, sql, NULL, NULL, NULL) == SQLITE_OK)
    return true;
  return souk_db_fail (self, error);
}

int64_t
souk_db_number (SoukDb *self, const char *static_sql)
{
  sqlite3_stmt *statement = souk_db_statement (self, static_sql);
  int64_t number = sqlite3_step (statement) == SQLITE_ROW ? sqlite3_column_int64 (statement, 0) : 0;
  sqlite3_reset (statement);
  return number;
}

int64_t
souk_db_changes (SoukDb *self)
{
  return sqlite3_changes64 (self->handle);
}

void
souk_db_bind_int (sqlite3_stmt *statement, int index, int64_t value)
{
  sqlite3_bind_int64 (statement, index, value);
}

void
souk_db_bind_blob (sqlite3_stmt *statement, int index, SoukSlice value)
{
  /* A NULL pointer would bind NULL; an empty blob is a value of its own. */
  if (value.len == 0)
    sqlite3_bind_zeroblob (statement, index, 0);
  else
    sqlite3_bind_blob64 (statement, index, value.data, value.len, SQLITE_STATIC);
}

void
souk_db_bind_text (sqlite3_stmt *statement, int index, const char *value)
{
  sqlite3_bind_text (statement, index, value, -1, SQLITE_STATIC);
}

SoukSlice
souk_db_column_slice (sqlite3_stmt *statement, int column)
{
  const void *data = sqlite3_column_blob (statement, column);
  return souk_slice (data, (size_t)sqlite3_column_bytes (statement, column));
}

GBytes *
souk_db_column_bytes (sqlite3_stmt *statement, int column)
{
  return souk_slice_to_bytes (souk_db_column_slice (statement, column));
}
