/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One connection to the database, with its prepared statements. GLIB.
 *
 * A connection belongs to one thread at a time: the writer's to the writer thread, the reader's to
 * the node thread. Statements are prepared once and found again by the address of their text, so
 * the text must be static.
 *
 * Durability: journal_mode=WAL and synchronous=FULL. A COMMIT that returned has been through
 * fdatasync() of the -wal file; SQLite discards a torn tail of it by its checksums. So a kill or a
 * power cut at any point leaves exactly the committed transactions.
 */
#pragma once
#include "base/bytes.h"
#include "store/error.h"

#include <sqlite3.h>

typedef struct SoukDb SoukDb;

/* Opens, or makes with mode 0600, the file. `is_reader` connections can not write. */
SoukDb *souk_db_open (const char *path, bool is_reader, GError **error);
void souk_db_close (SoukDb *self);

/* (transfer none): the statement, reset and without bindings. Asserts that the text is right. */
sqlite3_stmt *souk_db_statement (SoukDb *self, const char *static_sql);
/* Prepares a text made at run time; the caller finalizes it. */
sqlite3_stmt *souk_db_prepare (SoukDb *self, const char *sql);
/* Steps a statement that gives no rows, and resets it. */
bool souk_db_run (SoukDb *self, sqlite3_stmt *statement, GError **error);
/* Runs one or more statements without values. */
bool souk_db_exec (SoukDb *self, const char *sql, GError **error);
/* The one number that a static statement without values gives; 0 when it gives no row. */
int64_t souk_db_number (SoukDb *self, const char *static_sql);
/* Sets the error that the connection has now. Returns: false. */
bool souk_db_fail (SoukDb *self, GError **error);
/* Rows that the last statement changed. */
int64_t souk_db_changes (SoukDb *self);

/* Binds; the memory must stay as it is until the statement is reset. Index from 1. */
void souk_db_bind_int (sqlite3_stmt *statement, int index, int64_t value);
void souk_db_bind_blob (sqlite3_stmt *statement, int index, SoukSlice value);
void souk_db_bind_text (sqlite3_stmt *statement, int index, const char *value);
/* A column as a view that lives until the next step; as a copy. Column from 0. */
SoukSlice souk_db_column_slice (sqlite3_stmt *statement, int column);
GBytes *souk_db_column_bytes (sqlite3_stmt *statement, int column);
