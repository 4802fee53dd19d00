/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening and closing the data folder, and its figures. GLIB. See store.h.
 */
#include "store/store.h"

#include "store/internal.h"
#include "store/links.h"
#include "store/migrations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Pages of a database that is checked before anything else: 32 MiB, some 100 ms. */
#define CHECK_PAGES_MAX 8192

static bool
fail_io (GError **error, const char *what, const char *path)
{
  int code = errno;
  g_set_error (error, SOUK_STORE_ERROR,
               code == ENOSPC ? SOUK_STORE_ERROR_NO_SPACE : SOUK_STORE_ERROR_IO, "%s %s: %s", what,
               path, g_strerror (code));
  return false;
}

/* Takes the folder's lock, which the kernel gives back however the process ends. The file says who
 * has it; that it still says so when we get the lock means that its owner was killed. */
static bool
take_lock (SoukStore *self, bool *out_was_killed, GError **error)
{
  g_autofree char *path = g_build_filename (self->data_dir, "lock", NULL);
  char text[24] = { 0 };

  self->lock_fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->lock_fd < 0)
    return fail_io (error, "The lock can not be opened:", path);
  ssize_t len = pread (self->lock_fd, text, sizeof text - 1, 0);
  if (flock (self->lock_fd, LOCK_EX | LOCK_NB) != 0)
    {
      if (errno != EWOULDBLOCK)
        return fail_io (error, "The lock can not be taken:", path);
      g_set_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_LOCKED,
                   "Another Souk (process %d) is using %s. Please stop it, or give this one "
                   "a folder of its own with --data-dir.",
                   atoi (text), self->data_dir);
      return false;
    }
  *out_was_killed = len > 0;
  int wrote = g_snprintf (text, sizeof text, "%d\n", (int)getpid ());
  if (pwrite (self->lock_fd, text, (size_t)wrote, 0) != wrote || fsync (self->lock_fd) != 0)
    return fail_io (error, "The lock can not be written:", path);
  return true;
}

/* The folder's own entries (the database, blocks/) must survive a power cut too. */
static bool
sync_folder (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool ok = fd >= 0 && fsync (fd) == 0;
  if (!ok)
    fail_io (error, "The folder can not be flushed:", path);
  if (fd >= 0)
    close (fd);
  return ok;
}

/* After a kill. SQLite's own recovery needs no check; this finds what a failing disk did. */
static bool
check_integrity (SoukStore *self, SoukDb *db, gpointer data, GError **error)
{
  int64_t start_us = g_get_monotonic_time ();
  sqlite3_stmt *query = souk_db_statement (db, "PRAGMA quick_check(1)");
  int code = sqlite3_step (query);
  g_autofree char *verdict
      = code == SQLITE_ROW ? g_strdup ((const char *)sqlite3_column_text (query, 0)) : NULL;
  sqlite3_reset (query);

  if (g_strcmp0 (verdict, "ok") != 0)
    {
      g_set_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_CORRUPT,
                   "The database in %s is damaged (%s). Nothing was changed.", self->data_dir,
                   verdict != NULL ? verdict : "it can not be read");
      return false;
    }
  souk_log_record (self->log, SOUK_LOG_NOTICE, "store.checked",
                   "The node was not stopped in order last time; the database is sound.",
                   souk_log_int ("took_ms", (g_get_monotonic_time () - start_us) / 1000));
  return true;
}

static bool
open_parts (SoukStore *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->data_dir, "souk.sqlite", NULL);
  bool was_killed = false;

  if (g_mkdir_with_parents (self->data_dir, 0700) != 0)
    return fail_io (error, "The data folder can not be made:", self->data_dir);
  if (!take_lock (self, &was_killed, error))
    return false;

  SoukDb *db = souk_db_open (path, false, error);
  if (db == NULL)
    return false;
  /* A large database is checked behind the start: writing waits for it, reading does not, and one
   * that is damaged takes no writes. */
  bool is_large = souk_db_number (db, "PRAGMA page_count") > CHECK_PAGES_MAX;
  if ((was_killed && !is_large && !check_integrity (self, db, NULL, error))
      || !souk_migrations_apply (db, error)
      || (self->reader = souk_db_open (path, true, error)) == NULL
      || (self->files = souk_block_files_open (self->data_dir, error)) == NULL
      || !sync_folder (self->data_dir, error))
    {
      souk_db_close (db);
      return false;
    }
  souk_store_note_usage (self, db);
  self->writer = souk_writer_start (self, db);
  if (was_killed && is_large)
    souk_writer_run (self->writer, check_integrity, NULL, NULL);
  return true;
}

SoukStore *
souk_store_open (const SoukStoreConfig *config, GError **error)
{
  SoukStore *self = g_new0 (SoukStore, 1);
  self->data_dir = g_strdup (config->data_dir);
  self->lock_fd = -1;
  self->log = config->log;
  self->links = config->links != NULL ? config->links : souk_store_links_of;
  self->free_bytes_min
      = config->free_bytes_min != 0 ? config->free_bytes_min : SOUK_STORE_FREE_BYTES_MIN;
  self->disk_bytes_max
      = config->disk_bytes_max != 0 ? config->disk_bytes_max : SOUK_STORE_DISK_BYTES_DEFAULT;
  self->inline_bytes_max
      = config->inline_bytes_max != 0 ? config->inline_bytes_max : SOUK_BLOCK_INLINE_MAX;
  g_mutex_init (&self->usage_lock);
  if (open_parts (self, error))
    return self;
  souk_store_close (self);
  return NULL;
}

void
souk_store_stop (SoukStore *self)
{
  /* What the `done`s begin is finished too. */
  souk_writer_stop (self->writer);
  self->writer = NULL;
  self->is_stopped = true;
}

void
souk_store_close (SoukStore *self)
{
  if (self == NULL)
    return;
  bool was_open = self->writer != NULL || self->is_stopped;
  souk_store_stop (self);
  souk_db_close (self->reader);
  souk_block_files_close (self->files);
  if (was_open && ftruncate (self->lock_fd, 0) != 0)
    souk_log_record (self->log, SOUK_LOG_WARNING, "store.lock-not-cleared",
                     "The lock can not be cleared; the next start will check the database.");
  if (self->lock_fd >= 0)
    close (self->lock_fd);
  g_mutex_clear (&self->usage_lock);
  g_free (self->data_dir);
  g_free (self);
}

void
souk_store_commit (SoukStoreBatch *batch, SoukStoreDone done, gpointer user)
{
  if (batch->store->is_stopped)
    souk_store_batch_free (batch);
  else
    souk_writer_commit (batch->store->writer, batch, done, user);
}

bool
souk_store_commit_wait (SoukStoreBatch *batch, GError **error)
{
  g_assert (!batch->store->is_stopped);
  return souk_writer_commit_wait (batch->store->writer, batch, error);
}

bool
souk_store_is_busy (SoukStore *self)
{
  unsigned batches;
  size_t bytes;
  if (self->is_stopped)
    return true;
  souk_writer_queued (self->writer, &batches, &bytes);
  return batches >= SOUK_STORE_QUEUE_BATCHES_HIGH || bytes >= SOUK_STORE_QUEUE_BYTES_HIGH;
}

/* ---- figures and the disk limit ---- */

bool
souk_store_reserve (SoukStore *self, int64_t bytes, GError **error)
{
  g_mutex_lock (&self->usage_lock);
  int64_t disk_bytes_max = self->disk_bytes_max;
  bool has_room = self->block_bytes + self->reserved_bytes + bytes <= disk_bytes_max;
  if (has_room)
    self->reserved_bytes += bytes;
  g_mutex_unlock (&self->usage_lock);

  if (!has_room)
    {
      g_autofree char *limit = g_format_size ((guint64)disk_bytes_max);
      g_set_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_FULL,
                   "The limit of %s for content is reached.", limit);
      return false;
    }
  if (souk_block_files_free_space (self->files) - bytes < self->free_bytes_min)
    {
      souk_store_unreserve (self, bytes);
      g_set_error_literal (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_NO_SPACE,
                           "The disk is nearly full, so no more content is kept.");
      return false;
    }
  return true;
}

void
souk_store_unreserve (SoukStore *self, int64_t bytes)
{
  g_mutex_lock (&self->usage_lock);
  g_assert (bytes <= self->reserved_bytes);
  self->reserved_bytes -= bytes;
  g_mutex_unlock (&self->usage_lock);
}

void
souk_store_note_usage (SoukStore *self, SoukDb *db)
{
  int64_t blocks = souk_db_number (db, "SELECT blocks FROM usage");
  int64_t block_bytes = souk_db_number (db, "SELECT bytes FROM usage");

  g_mutex_lock (&self->usage_lock);
  self->blocks = blocks;
  self->block_bytes = block_bytes;
  g_mutex_unlock (&self->usage_lock);
}

SoukStoreUsage
souk_store_usage (SoukStore *self)
{
  SoukStoreUsage usage = { 0 };

  g_mutex_lock (&self->usage_lock);
  usage.blocks = self->blocks;
  usage.block_bytes = self->block_bytes;
  usage.disk_bytes_max = self->disk_bytes_max;
  g_mutex_unlock (&self->usage_lock);
  usage.database_bytes = souk_db_number (self->reader, "PRAGMA page_count")
                         * souk_db_number (self->reader, "PRAGMA page_size");
  usage.records = souk_db_number (self->reader, "SELECT total(records) FROM authors");
  usage.pins = souk_db_number (self->reader, "SELECT count(*) FROM pins");
  return usage;
}

void
souk_store_set_disk_bytes_max (SoukStore *self, int64_t disk_bytes_max)
{
  g_mutex_lock (&self->usage_lock);
  self->disk_bytes_max = disk_bytes_max;
  g_mutex_unlock (&self->usage_lock);
}
