/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one thread that writes. GLIB.
 *
 * It takes what is queued, up to SOUK_WRITER_GROUP_MAX batches at once: makes their block files
 * durable, then commits them in one transaction, each in a savepoint, so that one that fails takes
 * no other with it. Longer work (collecting garbage, checking) runs between groups as a job.
 */
#pragma once
#include "store/batch.h"
#include "store/db.h"

typedef struct SoukWriter SoukWriter;

/* Batches that share one flush, and bytes after which a group is closed. */
#define SOUK_WRITER_GROUP_MAX 64
#define SOUK_WRITER_GROUP_BYTES_MAX (16 * 1024 * 1024)

/* Starts the thread; takes the connection. `done`s go to the calling thread's default context. */
SoukWriter *souk_writer_start (SoukStore *store, SoukDb *db);
/* Writes what is queued, ends the thread, calls the `done`s that are left on this thread. */
void souk_writer_stop (SoukWriter *self);

/* Queues a batch, which it takes. */
void souk_writer_commit (SoukWriter *self, SoukStoreBatch *batch, SoukStoreDone done,
                         gpointer user);
bool souk_writer_commit_wait (SoukWriter *self, SoukStoreBatch *batch, GError **error);

/* Work on the writer thread, in order with the batches; it makes its own transactions. `data` is
 * the writer's until `done` has been called with it. */
typedef bool (*SoukWriterWork) (SoukStore *store, SoukDb *db, gpointer data, GError **error);
void souk_writer_run (SoukWriter *self, SoukWriterWork work, SoukStoreDone done, gpointer data);

/* Batches and bytes that wait. */
void souk_writer_queued (SoukWriter *self, unsigned *out_batches, size_t *out_bytes);
