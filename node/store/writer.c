/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The writer thread. GLIB. See writer.h.
 */
#include "store/writer.h"

#include "store/blocks-write.h"
#include "store/internal.h"

/* Where souk_writer_commit_wait() waits; on its caller's stack. */
typedef struct {
  bool is_done;
  GError *error;
} Waiter;

/* One thing to do, then one `done` to call. A batch or a work, not both. */
typedef struct {
  SoukStoreBatch *batch;
  SoukWriterWork work;
  SoukStoreDone done;
  gpointer user;
  Waiter *waiter;
  size_t size;
  GError *error; /* how it ended */
} Job;

struct SoukWriter {
  SoukStore *store;
  SoukDb *db; /* writer thread */
  GThread *thread;
  GMainContext *context; /* the owner's */

  GMutex lock; /* guards what follows */
  GCond wake;
  GCond ended; /* a job has ended */
  GQueue todo; /* Job */
  size_t todo_bytes;
  GQueue finished;     /* Job */
  unsigned unfinished; /* queued or being done */
  bool has_source;     /* one that calls the finished ones is attached */
  bool is_stopping;

  GError *failed; /* writer thread: the disk failed, no more writes */
};

static void
job_free (Job *job)
{
  g_clear_error (&job->error);
  g_free (job);
}

/* ---- the owner's side ---- */

/* Calls the `done`s that are due, in order, on the owner's thread. */
static gboolean
call_finished (gpointer data)
{
  SoukWriter *self = data;
  GQueue taken;

  g_mutex_lock (&self->lock);
  taken = self->finished;
  g_queue_init (&self->finished);
  self->has_source = false;
  g_mutex_unlock (&self->lock);

  for (Job *job; (job = g_queue_pop_head (&taken)) != NULL;)
    {
      if (job->done != NULL)
        job->done (job->error, job->user);
      job_free (job);
    }
  return G_SOURCE_REMOVE;
}

static void
enqueue (SoukWriter *self, Job *job)
{
  g_mutex_lock (&self->lock);
  g_assert (!self->is_stopping);
  g_queue_push_tail (&self->todo, job);
  self->todo_bytes += job->size;
  self->unfinished++;
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
}

void
souk_writer_commit (SoukWriter *self, SoukStoreBatch *batch, SoukStoreDone done, gpointer user)
{
  Job *job = g_new0 (Job, 1);
  job->batch = batch;
  job->size = souk_batch_size (batch);
  job->done = done;
  job->user = user;
  enqueue (self, job);
}

bool
souk_writer_commit_wait (SoukWriter *self, SoukStoreBatch *batch, GError **error)
{
  Waiter waiter = { 0 };
  Job *job = g_new0 (Job, 1);
  job->batch = batch;
  job->size = souk_batch_size (batch);
  job->waiter = &waiter;
  enqueue (self, job);

  g_mutex_lock (&self->lock);
  while (!waiter.is_done)
    g_cond_wait (&self->ended, &self->lock);
  g_mutex_unlock (&self->lock);
  if (waiter.error == NULL)
    return true;
  g_propagate_error (error, waiter.error);
  return false;
}

void
souk_writer_run (SoukWriter *self, SoukWriterWork work, SoukStoreDone done, gpointer data)
{
  Job *job = g_new0 (Job, 1);
  job->work = work;
  job->done = done;
  job->user = data;
  enqueue (self, job);
}

void
souk_writer_queued (SoukWriter *self, unsigned *out_batches, size_t *out_bytes)
{
  g_mutex_lock (&self->lock);
  *out_batches = g_queue_get_length (&self->todo);
  *out_bytes = self->todo_bytes;
  g_mutex_unlock (&self->lock);
}

/* ---- the writer's side ---- */

/* Ends a job: its batch goes, its `done` is handed to the owner's context. */
static void
finish (SoukWriter *self, Job *job)
{
  g_clear_pointer (&job->batch, souk_store_batch_free);
  g_mutex_lock (&self->lock);
  if (job->waiter != NULL)
    {
      job->waiter->error = g_steal_pointer (&job->error);
      job->waiter->is_done = true;
      job_free (job);
    }
  else
    {
      g_queue_push_tail (&self->finished, job);
      if (!self->has_source)
        {
          GSource *source = g_idle_source_new ();
          g_source_set_priority (source, G_PRIORITY_DEFAULT);
          g_source_set_callback (source, call_finished, self, NULL);
          g_source_set_static_name (source, "souk-store-done");
          g_source_attach (source, self->context);
          g_source_unref (source);
          self->has_source = true;
        }
    }
  self->unfinished--;
  g_cond_broadcast (&self->ended);
  g_mutex_unlock (&self->lock);
}

static void
bind_values (sqlite3_stmt *statement, const SoukStoreBatch *batch, const SoukStoreOp *op)
{
  for (guint i = 0; i < op->n_values; i++)
    {
      const SoukValue *value = &g_array_index (batch->values, SoukValue, op->first_value + i);
      const uint8_t *data = batch->bytes->data + value->offset;
      int index = (int)i + 1;
      switch (value->kind)
        {
        case SOUK_VALUE_INT:
          souk_db_bind_int (statement, index, value->number);
          break;
        case SOUK_VALUE_BLOB:
          souk_db_bind_blob (statement, index, souk_slice (data, value->bytes.len));
          break;
        case SOUK_VALUE_TEXT:
          sqlite3_bind_text (statement, index, value->bytes.len > 0 ? (const char *)data : "",
                             (int)value->bytes.len, SQLITE_STATIC);
          break;
        }
    }
}

static bool
apply_ops (SoukWriter *self, const SoukStoreBatch *batch, GError **error)
{
  for (guint i = 0; i < batch->ops->len; i++)
    {
      const SoukStoreOp *op = &g_array_index (batch->ops, SoukStoreOp, i);
      sqlite3_stmt *statement = souk_db_statement (self->db, op->sql);
      g_assert (sqlite3_bind_parameter_count (statement) == (int)op->n_values);
      bind_values (statement, batch, op);
      if (!souk_db_run (self->db, statement, error))
        return false;
    }
  return true;
}

/* The batch's rows, in a savepoint: all or none. */
static bool
apply_batch (SoukWriter *self, const SoukStoreBatch *batch, GPtrArray *removed, GError **error)
{
  guint removed_before = removed->len;

  if (!souk_db_exec (self->db, "SAVEPOINT batch", error))
    return false;
  if (souk_blocks_write_rows (self->store, self->db, batch, removed, error)
      && apply_ops (self, batch, error))
    return souk_db_exec (self->db, "RELEASE batch", error);
  g_ptr_array_set_size (removed, (gint)removed_before);
  souk_db_exec (self->db, "ROLLBACK TO batch; RELEASE batch", NULL);
  return false;
}

/* What is unknown after a failed flush stays unknown until the next start, so all writing ends. */
static void
note_failure (SoukWriter *self, const GError *error)
{
  if (self->failed != NULL
      || (!g_error_matches (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_IO)
          && !g_error_matches (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_CORRUPT)))
    return;
  self->failed = g_error_copy (error);
  souk_log_record (self->store->log, SOUK_LOG_ERROR, "store.disk-failed",
                   "The disk failed; nothing more is written until the node is started again.",
                   souk_log_error ("error", error));
}

static bool
transact (SoukWriter *self, Job **jobs, guint n_jobs, GPtrArray *removed, GError **error)
{
  if (!souk_db_exec (self->db, "BEGIN IMMEDIATE", error))
    return false;
  for (guint i = 0; i < n_jobs; i++)
    if (jobs[i]->error == NULL)
      {
        apply_batch (self, jobs[i]->batch, removed, &jobs[i]->error);
        if (jobs[i]->error != NULL)
          note_failure (self, jobs[i]->error);
      }
  if (souk_db_exec (self->db, "COMMIT", error))
    return true;
  souk_db_exec (self->db, "ROLLBACK", NULL);
  return false;
}

static void
commit_group (SoukWriter *self, Job **jobs, guint n_jobs)
{
  g_autoptr (GPtrArray) removed = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n_jobs && self->failed == NULL; i++)
    if (!souk_blocks_write_files (self->store, self->db, jobs[i]->batch, &jobs[i]->error))
      note_failure (self, jobs[i]->error);
  if (self->failed != NULL)
    error = g_error_copy (self->failed);
  else if (!transact (self, jobs, n_jobs, removed, &error))
    note_failure (self, error);

  if (error != NULL)
    {
      g_ptr_array_set_size (removed, 0);
      for (guint i = 0; i < n_jobs; i++)
        if (jobs[i]->error == NULL)
          jobs[i]->error = g_error_copy (error);
    }
  for (guint i = 0; i < removed->len; i++)
    souk_block_files_remove (self->store->files, g_ptr_array_index (removed, i));
  souk_store_note_usage (self->store, self->db);
  for (guint i = 0; i < n_jobs; i++)
    finish (self, jobs[i]);
}

static void
run_work (SoukWriter *self, Job *job)
{
  if (self->failed != NULL)
    job->error = g_error_copy (self->failed);
  else if (!job->work (self->store, self->db, job->user, &job->error))
    note_failure (self, job->error);
  souk_store_note_usage (self->store, self->db);
  finish (self, job);
}

/* Takes the next group under the lock: one work, or batches up to the group's limits. */
static guint
take_group (SoukWriter *self, Job *out[SOUK_WRITER_GROUP_MAX])
{
  guint n = 0;
  size_t bytes = 0;

  while (n < SOUK_WRITER_GROUP_MAX && bytes < SOUK_WRITER_GROUP_BYTES_MAX)
    {
      Job *next = g_queue_peek_head (&self->todo);
      if (next == NULL || (n > 0 && next->work != NULL))
        break;
      out[n++] = g_queue_pop_head (&self->todo);
      self->todo_bytes -= next->size;
      bytes += next->size;
      if (next->work != NULL)
        break;
    }
  return n;
}

static gpointer
run (gpointer data)
{
  SoukWriter *self = data;
  Job *group[SOUK_WRITER_GROUP_MAX];

  for (;;)
    {
      g_mutex_lock (&self->lock);
      while (g_queue_is_empty (&self->todo) && !self->is_stopping)
        g_cond_wait (&self->wake, &self->lock);
      guint n = take_group (self, group);
      g_mutex_unlock (&self->lock);
      if (n == 0)
        return NULL;
      if (group[0]->work != NULL)
        run_work (self, group[0]);
      else
        commit_group (self, group, n);
    }
}

SoukWriter *
souk_writer_start (SoukStore *store, SoukDb *db)
{
  SoukWriter *self = g_new0 (SoukWriter, 1);
  self->store = store;
  self->db = db;
  self->context = g_main_context_ref_thread_default ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->wake);
  g_cond_init (&self->ended);
  g_queue_init (&self->todo);
  g_queue_init (&self->finished);
  self->thread = g_thread_new ("souk-store", run, self);
  return self;
}

/* Waits for all that is queued and calls its `done`s, which may queue more. */
static void
drain (SoukWriter *self)
{
  bool is_empty = false;
  while (!is_empty)
    {
      g_mutex_lock (&self->lock);
      while (self->unfinished > 0)
        g_cond_wait (&self->ended, &self->lock);
      is_empty = g_queue_is_empty (&self->finished);
      self->is_stopping = is_empty;
      g_cond_signal (&self->wake);
      g_mutex_unlock (&self->lock);
      if (!is_empty)
        call_finished (self);
    }
}

void
souk_writer_stop (SoukWriter *self)
{
  if (self == NULL)
    return;
  drain (self);
  g_thread_join (self->thread);
  /* A source that is still attached has nothing left to do and must not outlive this. */
  GSource *source;
  while ((source = g_main_context_find_source_by_user_data (self->context, self)) != NULL)
    g_source_destroy (source);

  souk_db_close (self->db);
  g_clear_error (&self->failed);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->wake);
  g_cond_clear (&self->ended);
  g_main_context_unref (self->context);
  g_free (self);
}
