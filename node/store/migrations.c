/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tables of the database. GLIB. See migrations.h.
 *
 * On disk: never change a step that has been released, append another.
 */
#include "store/migrations.h"

/* "Souk", so that file(1) and we know the file as ours. */
#define APPLICATION_ID "1399813483"

static const char *const steps[] = {
  /* 1: documents: whatever the node keeps that is not searched: orders, jobs, the outbox, cursors. */
  "CREATE TABLE documents ("
  "  id INTEGER PRIMARY KEY,"
  "  kind TEXT NOT NULL,"
  "  key BLOB NOT NULL,"
  "  phase INTEGER NOT NULL,"
  "  updated_us INTEGER NOT NULL,"
  "  body BLOB NOT NULL,"
  "  UNIQUE (kind, key)) STRICT;"
  "CREATE INDEX documents_by_phase ON documents (kind, phase, updated_us);"
  "CREATE INDEX documents_by_time ON documents (kind, updated_us);",

  /* 2: records: signed listings, jobs and providers, the newest of each thing. `sequence` is the
   * unsigned number with its top bit turned, so that signed order is its order; `price` is 32 bytes
   * big-endian, so that byte order is its order; `marks` are words for the search index that
   * people's words never match: type, category, author. */
  "CREATE TABLE records ("
  "  id INTEGER PRIMARY KEY,"
  "  record_id BLOB NOT NULL,"
  "  thing BLOB NOT NULL UNIQUE,"
  "  type INTEGER NOT NULL,"
  "  author BLOB NOT NULL,"
  "  sequence INTEGER NOT NULL,"
  "  expires_s INTEGER NOT NULL,"
  "  withdrawn INTEGER NOT NULL,"
  "  created_s INTEGER NOT NULL,"
  "  price BLOB NOT NULL,"
  "  category TEXT NOT NULL,"
  "  title TEXT NOT NULL,"
  "  description TEXT NOT NULL,"
  "  tags TEXT NOT NULL,"
  "  marks TEXT NOT NULL,"
  "  bytes BLOB NOT NULL) STRICT;"
  "CREATE INDEX records_by_record ON records (record_id, expires_s);"
  "CREATE INDEX records_by_expiry ON records (expires_s);"
  "CREATE INDEX records_by_author ON records (author, type, created_s);"
  "CREATE INDEX records_by_time ON records (type, created_s) WHERE withdrawn = 0;"
  "CREATE INDEX records_by_category ON records (type, category, created_s) WHERE withdrawn = 0;"
  "CREATE INDEX records_by_price ON records (type, price, created_s) WHERE withdrawn = 0;"
  "CREATE VIRTUAL TABLE records_text USING fts5 (title, description, tags, category, marks,"
  "  content='records', content_rowid='id',"
  "  tokenize='unicode61 remove_diacritics 2', prefix='2 3');"
  "CREATE TABLE authors ("
  "  author BLOB PRIMARY KEY, records INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
  "CREATE TRIGGER records_insert AFTER INSERT ON records BEGIN"
  "  INSERT INTO authors VALUES (new.author, 1)"
  "    ON CONFLICT (author) DO UPDATE SET records = records + 1;"
  "  INSERT INTO records_text (rowid, title, description, tags, category, marks)"
  "    VALUES (new.id, new.title, new.description, new.tags, new.category, new.marks);"
  "END;"
  "CREATE TRIGGER records_delete AFTER DELETE ON records BEGIN"
  "  UPDATE authors SET records = records - 1 WHERE author = old.author;"
  "  DELETE FROM authors WHERE author = old.author AND records = 0;"
  "  INSERT INTO records_text (records_text, rowid, title, description, tags, category, marks)"
  "    VALUES ('delete', old.id, old.title, old.description, old.tags, old.category, old.marks);"
  "END;"
  "CREATE TRIGGER records_update AFTER UPDATE ON records BEGIN"
  "  INSERT INTO records_text (records_text, rowid, title, description, tags, category, marks)"
  "    VALUES ('delete', old.id, old.title, old.description, old.tags, old.category, old.marks);"
  "  INSERT INTO records_text (rowid, title, description, tags, category, marks)"
  "    VALUES (new.id, new.title, new.description, new.tags, new.category, new.marks);"
  "END;",

  /* 3: blocks by the bytes of their CIDv1; small ones here, others in files (`data` is NULL). What
   * a block links to is noted when it is put, so that collecting garbage reads no block. */
  "CREATE TABLE blocks ("
  "  id INTEGER PRIMARY KEY,"
  "  key BLOB NOT NULL UNIQUE,"
  "  size INTEGER NOT NULL,"
  "  added_us INTEGER NOT NULL,"
  "  data BLOB) STRICT;"
  "CREATE TABLE links ("
  "  parent INTEGER NOT NULL REFERENCES blocks (id) ON DELETE CASCADE,"
  "  child BLOB NOT NULL,"
  "  PRIMARY KEY (parent, child)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE usage (blocks INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;"
  "INSERT INTO usage VALUES (0, 0);"
  "CREATE TRIGGER blocks_insert AFTER INSERT ON blocks BEGIN"
  "  UPDATE usage SET blocks = blocks + 1, bytes = bytes + new.size;"
  "END;"
  "CREATE TRIGGER blocks_delete AFTER DELETE ON blocks BEGIN"
  "  UPDATE usage SET blocks = blocks - 1, bytes = bytes - old.size;"
  "END;"
  "CREATE TABLE pins ("
  "  root BLOB NOT NULL,"
  "  owner TEXT NOT NULL,"
  "  reason TEXT NOT NULL,"
  "  added_us INTEGER NOT NULL,"
  "  expires_us INTEGER NOT NULL,"
  "  PRIMARY KEY (root, owner)) STRICT, WITHOUT ROWID;"
  "CREATE INDEX pins_by_owner ON pins (owner, added_us);",
};

int
souk_migrations_count (void)
{
  return G_N_ELEMENTS (steps);
}

bool
souk_migrations_apply (SoukDb *db, GError **error)
{
  int64_t done = souk_db_number (db, "PRAGMA user_version");
  if (done > (int64_t)G_N_ELEMENTS (steps))
    {
      g_set_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_TOO_NEW,
                   "A newer Souk wrote this data (version %d, this program knows %d); "
                   "please use that one.",
                   (int)done, (int)G_N_ELEMENTS (steps));
      return false;
    }
  for (size_t i = (size_t)done; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *sql = g_strdup_printf (
          "BEGIN IMMEDIATE;%s%s;PRAGMA user_version=%zu;COMMIT;",
          i == 0 ? "PRAGMA application_id=" APPLICATION_ID ";" : "", steps[i], i + 1);
      if (!souk_db_exec (db, sql, error))
        {
          souk_db_exec (db, "ROLLBACK", NULL);
          return false;
        }
    }
  return true;
}
