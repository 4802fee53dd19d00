/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The queue of jobs and the check of the sandbox. GLIB. See exec.h and exec-private.h.
 *
 * Nothing is started from inside a call: each change asks for one look at the queue ("pump") from
 * the main context. The check asks the worker for the first system call filter, which has to be
 * the same build's, and then runs a small job of the node's own in the whole sandbox.
 */
#include "exec/exec-private.h"

#include <string.h>

#define PROBE_EXIT_CODE 42u
#define FILTER_SIZE_MAX (64u << 10)
/* It takes 30 ms; a computer that needs longer than this is too busy for jobs. */
#define CHECK_MS_MAX 20000

/* (module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
 *         (func (export "_start") i32.const 42 call 0)) */
static const uint8_t probe_module[] = {
  0x00, 'a',  's',  'm',  0x01, 0x00, 0x00, 0x00,                              /* header */
  0x01, 0x08, 0x02, 0x60, 0x01, 0x7f, 0x00, 0x60, 0x00, 0x00,                  /* types */
  0x02, 0x24, 0x01, 0x16, 'w',  'a',  's',  'i',  '_',  's',  'n',  'a',  'p', /* import */
  's',  'h',  'o',  't',  '_',  'p',  'r',  'e',  'v',  'i',  'e',  'w',  '1',  0x09, 'p',
  'r',  'o',  'c',  '_',  'e',  'x',  'i',  't',  0x00, 0x00, 0x03, 0x02, 0x01, 0x01, /* functions */
  0x07, 0x0a, 0x01, 0x06, '_',  's',  't',  'a',  'r',  't',  0x00, 0x01,             /* export */
  0x0a, 0x08, 0x01, 0x06, 0x00, 0x41, 0x2a, 0x10, 0x00, 0x0b,                         /* code */
};

typedef struct {
  SoukExecCheckFunc done;
  void *user;
} Check;

G_DEFINE_QUARK (souk - exec - error - quark, souk_exec_error)

static void look_at_queue (SoukExec *self);

/* ---- life ----------------------------------------------------------------------------------------- */

SoukExec *
souk_exec_new (const SoukExecConfig *config)
{
  SoukExec *self = g_new0 (SoukExec, 1);
  self->refs = 1;
  self->context = g_main_context_ref_thread_default ();
  self->worker = souk_sandbox_find_worker (config->worker);
  self->bwrap = config->bwrap != NULL ? g_strdup (config->bwrap) : g_find_program_in_path ("bwrap");
  self->at_once = MAX (config->jobs_at_once, 1);
  self->checks = g_array_new (FALSE, FALSE, sizeof (Check));
  g_queue_init (&self->waiting);
  g_queue_init (&self->running);
  return self;
}

SoukExec *
souk_exec_ref (SoukExec *self)
{
  self->refs++;
  return self;
}

void
souk_exec_unref (SoukExec *self)
{
  if (--self->refs > 0)
    return;
  g_assert (g_queue_is_empty (&self->waiting) && g_queue_is_empty (&self->running));
  g_clear_error (&self->check_error);
  g_clear_pointer (&self->filter, g_bytes_unref);
  g_array_unref (self->checks);
  g_main_context_unref (self->context);
  g_free (self->worker);
  g_free (self->bwrap);
  g_free (self);
}

void
souk_exec_free (SoukExec *self)
{
  self->closed = true;
  g_array_set_size (self->checks, 0);
  while (!g_queue_is_empty (&self->waiting))
    souk_exec_cancel (g_queue_peek_head (&self->waiting));
  while (!g_queue_is_empty (&self->running))
    souk_exec_cancel (g_queue_peek_head (&self->running));
  if (self->check_job != NULL)
    souk_exec_job_kill (self->check_job, SOUK_EXEC_KILLED_WALL, NULL);
  if (self->pump != NULL)
    g_source_destroy (self->pump);
  g_clear_pointer (&self->pump, g_source_unref);
  souk_exec_unref (self);
}

void
souk_exec_set_jobs_at_once (SoukExec *self, unsigned jobs)
{
  self->at_once = MAX (jobs, 1);
  look_at_queue (self);
}

unsigned
souk_exec_n_jobs (const SoukExec *self)
{
  return self->waiting.length + self->running.length;
}

/* ---- the check ------------------------------------------------------------------------------------ */

/* Takes `error`, which is NULL when the sandbox is good. */
static void
end_check (SoukExec *self, GError *error)
{
  g_autoptr (GArray) checks = g_steal_pointer (&self->checks);
  self->checks = g_array_new (FALSE, FALSE, sizeof (Check));
  self->check = error == NULL ? CHECK_GOOD : CHECK_NONE;
  g_clear_error (&self->check_error);
  self->check_error = error;
  if (error != NULL)
    for (GList *item = self->waiting.head; item != NULL; item = item->next)
      souk_exec_job_kill (item->data, SOUK_EXEC_SANDBOX_UNAVAILABLE, error->message);
  look_at_queue (self);
  souk_exec_ref (self);
  for (guint i = 0; i < checks->len && !self->closed; i++)
    {
      const Check *check = &g_array_index (checks, Check, i);
      check->done (self, self->check_error, check->user);
    }
  souk_exec_unref (self);
}

static void
on_check_job (SoukExecJob *job, const SoukExecOutcome *outcome, void *user)
{
  SoukExec *self = user;
  GError *error = NULL;
  self->check_job = NULL;
  if (outcome->failure == SOUK_EXEC_SANDBOX_UNAVAILABLE)
    error = g_error_new_literal (SOUK_EXEC_ERROR, SOUK_EXEC_ERROR_BWRAP, outcome->reason);
  else if (outcome->failure != SOUK_EXEC_NONE || outcome->exit_code != PROBE_EXIT_CODE)
    error = g_error_new (SOUK_EXEC_ERROR, SOUK_EXEC_ERROR_WORKER,
                         "The program that runs jobs does not work on this computer (%s).",
                         outcome->reason);
  if (!self->closed)
    end_check (self, error);
  else
    g_clear_error (&error);
}

static void
run_check_job (SoukExec *self)
{
  g_autoptr (GBytes) module = g_bytes_new_static (probe_module, sizeof probe_module);
  SoukExecInput input = { .module = module, .limits = souk_exec_limits_default () };
  input.limits.wall_ms = CHECK_MS_MAX;
  SoukExecJob *job = souk_exec_job_new (self, &input);
  job->on_done = on_check_job;
  job->user = self;
  self->check_job = job;
  souk_exec_job_start (job);
  souk_exec_job_unref (job);
}

static void
on_filter (GObject *process, GAsyncResult *result, gpointer data)
{
  SoukExec *self = data;
  g_autoptr (GBytes) filter = NULL;
  g_autoptr (GError) error = NULL;
  bool is_read
      = g_subprocess_communicate_finish (G_SUBPROCESS (process), result, &filter, NULL, &error);
  bool is_filter = is_read && g_subprocess_get_successful (G_SUBPROCESS (process))
                   && g_bytes_get_size (filter) > 0 && g_bytes_get_size (filter) <= FILTER_SIZE_MAX;
  if (self->closed)
    ;
  else if (is_filter)
    {
      g_clear_pointer (&self->filter, g_bytes_unref);
      self->filter = g_steal_pointer (&filter);
      run_check_job (self);
    }
  else
    end_check (self, g_error_new (SOUK_EXEC_ERROR, SOUK_EXEC_ERROR_WORKER,
                                  "The program %s does not start (%s).", self->worker,
                                  error != NULL ? error->message : "it gives no filter"));
  souk_exec_unref (self);
}

static void
start_check (SoukExec *self)
{
  g_autoptr (GError) error = NULL;
  self->check = CHECK_RUNS;
  if (!souk_sandbox_is_possible (self->bwrap, self->worker, &error))
    {
      end_check (self, g_steal_pointer (&error));
      return;
    }
  g_autoptr (GSubprocess) process
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, self->worker, "--filter", NULL);
  if (process == NULL)
    {
      end_check (self,
                 g_error_new (SOUK_EXEC_ERROR, SOUK_EXEC_ERROR_WORKER,
                              "The program %s does not start (%s).", self->worker, error->message));
      return;
    }
  g_subprocess_communicate_async (process, NULL, NULL, on_filter, souk_exec_ref (self));
}

void
souk_exec_check (SoukExec *self, SoukExecCheckFunc done, void *user)
{
  Check check = { done, user };
  g_array_append_val (self->checks, check);
  look_at_queue (self);
}

/* ---- the queue ------------------------------------------------------------------------------------ */

/* Starts what may start. Jobs that have failed already end here, whatever else is going on. */
static gboolean
on_pump (gpointer data)
{
  SoukExec *self = data;
  g_clear_pointer (&self->pump, g_source_unref);
  souk_exec_ref (self);
  for (GList *item = self->waiting.head; item != NULL && !self->closed;)
    {
      SoukExecJob *job = item->data;
      bool has_failed = job->failure != SOUK_EXEC_NONE;
      bool may_start = self->check == CHECK_GOOD && self->running.length < self->at_once;
      if (!has_failed && !may_start)
        {
          item = item->next;
          continue;
        }
      g_queue_unlink (&self->waiting, item);
      g_queue_push_tail_link (&self->running, item);
      souk_exec_job_start (job);
      item = self->waiting.head; /* callbacks may have changed the queue */
    }
  bool is_wanted = self->waiting.length > 0 || self->checks->len > 0;
  if (!self->closed && is_wanted && self->check == CHECK_NONE)
    start_check (self);
  else if (!self->closed && self->check == CHECK_GOOD && self->checks->len > 0)
    end_check (self, NULL);
  souk_exec_unref (self);
  return G_SOURCE_REMOVE;
}

static void
look_at_queue (SoukExec *self)
{
  if (self->pump != NULL || self->closed)
    return;
  self->pump = g_idle_source_new ();
  g_source_set_priority (self->pump, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->pump, on_pump, self, NULL);
  g_source_attach (self->pump, self->context);
}

SoukExecJob *
souk_exec_run (SoukExec *self, const SoukExecInput *input, SoukExecProgressFunc on_progress,
               SoukExecDoneFunc on_done, void *user)
{
  g_assert (input->module != NULL && on_done != NULL && !self->closed);
  SoukExecJob *job = souk_exec_job_new (self, input);
  job->on_progress = on_progress;
  job->on_done = on_done;
  job->user = user;
  if (self->waiting.length >= SOUK_EXEC_QUEUE_MAX)
    souk_exec_job_kill (job, SOUK_EXEC_BUSY, NULL);
  g_queue_push_tail (&self->waiting, job);
  look_at_queue (self);
  return job;
}

void
souk_exec_cancel (SoukExecJob *job)
{
  SoukExec *self = job->exec;
  job->on_progress = NULL;
  job->on_done = NULL;
  souk_exec_job_kill (job, SOUK_EXEC_KILLED_WALL, NULL);
  /* A running job leaves the list now; its process goes by itself. */
  if (g_queue_remove (&self->waiting, job) || g_queue_remove (&self->running, job))
    souk_exec_job_unref (job);
}

void
souk_exec_job_ended (SoukExecJob *job, SoukExecOutcome *outcome)
{
  SoukExec *self = job->exec;
  SoukExecDoneFunc done = job->on_done;
  bool is_listed = g_queue_remove (&self->running, job);
  job->on_progress = NULL;
  job->on_done = NULL;
  look_at_queue (self);
  if (done != NULL)
    done (job, outcome, job->user);
  if (is_listed)
    souk_exec_job_unref (job);
}
