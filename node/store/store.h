/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a node keeps on disk: one folder, one SQLite database, blocks. GLIB.
 *
 *   DATA/lock          held by the running node; not empty while one runs or after a kill
 *   DATA/souk.sqlite   documents.h, records.h, pins.h, the index of blocks and the small ones
 *   DATA/blocks/       the large blocks (block-files.h)
 *
 * Threads: the store belongs to the thread that opens it (the node thread). That thread reads, by a
 * connection of its own, synchronously and briefly. All writing is done by one writer thread, fed
 * with batches. A read sees what has been committed: code that must see its own write goes on in
 * the batch's `done`.
 *
 * A batch is atomic and ordered: its blocks become durable first, then one transaction makes its
 * rows durable, then `done` is called on the owner's GMainContext. Batches take effect in the order
 * in which they were committed, and their `done`s come in that order. Batches that wait while the
 * disk works share one flush.
 *
 * Crash safety: when `done` was called without an error, a SIGKILL or power cut at any later point
 * loses nothing of the batch; without `done`, the batch is there as a whole or not at all (its
 * blocks may be there). When the disk fails, the store takes no more writes: each later batch gets
 * the same error, since what a failed flush left on disk is unknown until the next start.
 */
#pragma once
#include "base/cid.h"
#include "base/time.h"
#include "log/log.h"
#include "store/error.h"

/* Larger blocks are refused, as bitswap does: nobody could fetch them. */
#define SOUK_BLOCK_SIZE_MAX (2 * 1024 * 1024)
/* Blocks up to this size are rows of the database, larger ones files. A row shares its group's one
 * flush, where a file costs two; but a row is written twice (-wal, database) and makes the database
 * large, which is checked as a whole after a kill. tests/bench/bench-store.c on an SSD: rows are put
 * five times as fast at 16 KiB, half again as fast at 64, half as fast at 256; the leaves of files are
 * 256. */
#define SOUK_BLOCK_INLINE_MAX (16 * 1024)
/* Content of all kinds may take this much unless the owner says otherwise. */
#define SOUK_STORE_DISK_BYTES_DEFAULT (INT64_C (10) * 1024 * 1024 * 1024)
/* With less than this free on the file system no block is taken, so that money's rows still fit. */
#define SOUK_STORE_FREE_BYTES_MIN (INT64_C (256) * 1024 * 1024)
/* Queued batches beyond which souk_store_is_busy(). */
#define SOUK_STORE_QUEUE_BATCHES_HIGH 1000
#define SOUK_STORE_QUEUE_BYTES_HIGH (64 * 1024 * 1024)

typedef struct SoukStore SoukStore;
typedef struct SoukStoreBatch SoukStoreBatch;

/* Calls `visit` for each link of a block; none when it is malformed. Called on the writer thread,
 * so pure. */
typedef void (*SoukStoreVisitLink) (const SoukCid *link, gpointer user);
typedef void (*SoukStoreLinks) (const SoukCid *cid, SoukSlice block, SoukStoreVisitLink visit,
                                gpointer user);

typedef struct {
  const char *data_dir;     /* made with mode 0700 when it is not there */
  int64_t disk_bytes_max;   /* hard limit for blocks; 0: the default */
  int64_t free_bytes_min;   /* 0: SOUK_STORE_FREE_BYTES_MIN */
  SoukStoreLinks links;     /* for codecs that link (dag-pb); NULL: only raw blocks may be put */
  SoukLog *log;             /* nullable; outlives the store */
  int64_t inline_bytes_max; /* 0: SOUK_BLOCK_INLINE_MAX; another figure is for measuring */
} SoukStoreConfig;

/* Opens the folder and starts the writer. After a kill the database is checked.
 * Returns: (transfer full) (nullable): NULL with LOCKED, CORRUPT, TOO_NEW or IO. */
SoukStore *souk_store_open (const SoukStoreConfig *config, GError **error);
/* Writes what is queued, calls the `done`s that are left, ends the writer. Reading still works, so
 * that the parts of a node can be taken apart one by one; what they commit from now on is dropped
 * without a `done`, as if the node had been killed at this moment. */
void souk_store_stop (SoukStore *self);
/* The same, when it was not stopped, and frees it. */
void souk_store_close (SoukStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukStore, souk_store_close)

/* ---- batches: filled by documents.h, records.h, blocks.h, pins.h ---- */

SoukStoreBatch *souk_store_batch_new (SoukStore *self);
/* Drops a batch that was not committed. */
void souk_store_batch_free (SoukStoreBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukStoreBatch, souk_store_batch_free)

/* `error` is NULL when all of the batch is durable, else nothing of its rows is there. */
typedef void (*SoukStoreDone) (const GError *error, gpointer user);

/* Takes the batch. `done` may be NULL. */
void souk_store_commit (SoukStoreBatch *batch, SoukStoreDone done, gpointer user);
/* Takes the batch and waits until it is durable. For start-up and tests: the node thread must not
 * wait for the disk while it serves. */
bool souk_store_commit_wait (SoukStoreBatch *batch, GError **error);
/* True when so much is queued that what strangers ask to be kept should be refused. */
bool souk_store_is_busy (SoukStore *self);

/* ---- figures ---- */

typedef struct {
  int64_t blocks;
  int64_t block_bytes;
  int64_t disk_bytes_max;
  int64_t database_bytes;
  int64_t records;
  int64_t pins;
} SoukStoreUsage;

SoukStoreUsage souk_store_usage (SoukStore *self);
/* Changes the hard limit; more than it stays until garbage is collected. */
void souk_store_set_disk_bytes_max (SoukStore *self, int64_t disk_bytes_max);
