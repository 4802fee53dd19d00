/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One job: its process from start to end, and what is held against it from outside. GLIB.
 *
 * Three things are awaited: the end of standard output, of standard error, and of the process.
 * When all are there the job ends. Killing bubblewrap kills the rest: the sandbox's first process
 * dies with it, and with that one its whole process namespace.
 */
#include "exec/exec-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How often memory and processor time are looked at; a program can take about 100 MB meanwhile. */
#define WATCH_MS 20
#define TICKS_PER_HEARTBEAT (1000 / WATCH_MS)
/* A worker that is not seen by then cannot be watched, so it is not left running. */
#define UNSEEN_TICKS_MAX (3000 / WATCH_MS)
/* Kept of standard error; bubblewrap's own complaint is its first line. */
#define COMPLAINTS_SIZE_MAX 2048u
/* What engine and libraries take for a small program, and for each byte of a module. */
#define ENGINE_KB 160u * 1024u
#define ENGINE_PER_MODULE 10u

SoukExecLimits
souk_exec_limits_default (void)
{
  return (SoukExecLimits){
    .memory_mb = 256,
    .wall_ms = 60 * 1000,
    .cpu_ms = 60 * 1000,
    .output_bytes = 1 << 20,
    .file_bytes = 64 << 20,
  };
}

static size_t
inputs_size (const SoukExecInput *input)
{
  size_t size = g_bytes_get_size (input->module);
  if (input->input != NULL)
    size += g_bytes_get_size (input->input);
  for (size_t i = 0; i < input->n_files; i++)
    size += g_bytes_get_size (input->files[i].bytes);
  return size;
}

uint64_t
souk_exec_memory_ceiling_mb (const SoukExecInput *input)
{
  uint64_t kb = (uint64_t)input->limits.memory_mb * 1024 + ENGINE_KB;
  /* A file that grows is copied once in a while, so it may be there one and a half times. */
  kb += input->limits.file_bytes / 1024 * 3 / 2 + inputs_size (input) / 1024;
  kb += g_bytes_get_size (input->module) / 1024 * ENGINE_PER_MODULE;
  return kb / 1024 + 1;
}

/* ---- checking what is asked -------------------------------------------------------------------- */

static bool
are_strings_small (const char *const *strings)
{
  size_t count = 0, size = 0;
  for (; strings != NULL && strings[count] != NULL; count++)
    size += strlen (strings[count]) + 1;
  return count <= SOUK_EXEC_STRINGS_MAX && size <= SOUK_EXEC_STRINGS_SIZE_MAX;
}

static const char *
find_fault_in_limits (const SoukExecLimits *limits)
{
  if (limits->memory_mb == 0 || limits->memory_mb > SOUK_EXEC_MEMORY_MB_MAX)
    return "The memory limit must be 1 to 4096 MB.";
  if (limits->wall_ms == 0 || limits->wall_ms > SOUK_EXEC_WALL_MS_MAX)
    return "The time limit must be at most 24 hours.";
  if (limits->cpu_ms == 0)
    return "The processor time limit is missing.";
  if (limits->output_bytes > SOUK_EXEC_OUTPUT_BYTES_MAX)
    return "The output limit must be at most 64 MiB.";
  if (limits->file_bytes > SOUK_EXEC_FILE_BYTES_MAX)
    return "The file limit must be at most 1 GiB.";
  if (limits->fuel > SOUK_EXEC_FUEL_MAX)
    return "The fuel limit is too large.";
  return NULL;
}

/* Returns: what is wrong with the job, or NULL. */
static const char *
find_fault (const SoukExecInput *input)
{
  if (!are_strings_small (input->args) || !are_strings_small (input->env))
    return "The arguments or variables are too many or too long.";
  if (input->n_files > SOUK_EXEC_FILES_MAX)
    return "The job has too many files.";
  for (size_t i = 0; i < input->n_files; i++)
    if (!souk_exec_path_is_valid (souk_slice_from_text (input->files[i].path)))
      return "A file's path is not an absolute, plain path.";
  if (inputs_size (input) > SOUK_EXEC_INPUTS_SIZE_MAX)
    return "The program and its files are larger than 256 MiB.";
  return find_fault_in_limits (&input->limits);
}

SoukExecJob *
souk_exec_job_new (SoukExec *exec, const SoukExecInput *input)
{
  SoukExecJob *self = g_new0 (SoukExecJob, 1);
  const char *fault = find_fault (input);
  g_autoptr (GError) error = NULL;

  self->refs = 1;
  self->exec = souk_exec_ref (exec);
  self->limits = input->limits;
  self->memory_kb_max = souk_exec_memory_ceiling_mb (input) * 1024;
  self->frames_fd = self->info_fd = -1;
  self->complaints = g_string_new (NULL);
  self->cancellable = g_cancellable_new ();
  souk_collector_init (&self->collector, self->limits.output_bytes, self->limits.file_bytes);
  if (fault != NULL)
    souk_exec_job_kill (self, SOUK_EXEC_BAD_JOB, fault);
  else if ((self->frames_fd = souk_sandbox_write_frames (input, &error)) < 0)
    souk_exec_job_kill (self, SOUK_EXEC_SANDBOX_UNAVAILABLE, error->message);
  return self;
}

SoukExecJob *
souk_exec_job_ref (SoukExecJob *self)
{
  self->refs++;
  return self;
}

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
clear_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

void
souk_exec_job_unref (SoukExecJob *self)
{
  if (--self->refs > 0)
    return;
  clear_source (&self->watch);
  clear_source (&self->wall);
  clear_fd (&self->frames_fd);
  clear_fd (&self->info_fd);
  g_clear_object (&self->process);
  g_clear_object (&self->cancellable);
  souk_collector_done (&self->collector);
  g_string_free (self->complaints, TRUE);
  g_free (self->reason);
  souk_exec_unref (self->exec);
  g_free (self);
}

void
souk_exec_job_kill (SoukExecJob *self, SoukExecFailure failure, const char *reason)
{
  if (self->failure == SOUK_EXEC_NONE)
    {
      self->failure = failure;
      self->reason = g_strdup (reason);
    }
  if (self->process != NULL)
    g_subprocess_force_exit (self->process);
}

/* ---- the end ------------------------------------------------------------------------------------ */

static uint64_t
elapsed_ms (const SoukExecJob *self)
{
  return self->start_us > 0 ? (uint64_t)(g_get_monotonic_time () - self->start_us) / 1000 : 0;
}

/* The number with which the worker ended, as bubblewrap passes it on; 128 and more is a signal. */
static int
exit_number (SoukExecJob *self)
{
  if (self->process == NULL || !g_subprocess_get_if_exited (self->process))
    return 128 + SIGKILL;
  return g_subprocess_get_exit_status (self->process);
}

/* Why a worker ended without a report, when nobody here killed it. */
static void
explain_silence (SoukExecJob *self, SoukExecOutcome *outcome)
{
  int number = exit_number (self);
  if (g_str_has_prefix (self->complaints->str, "bwrap: "))
    {
      g_autoptr (GError) error = souk_sandbox_explain (self->complaints->str);
      outcome->failure = SOUK_EXEC_SANDBOX_UNAVAILABLE;
      outcome->reason = g_strdup (error->message);
    }
  else if (number == 128 + SIGXCPU)
    outcome->failure = SOUK_EXEC_KILLED_CPU;
  else if (number == 128 + SIGKILL)
    {
      outcome->failure = SOUK_EXEC_KILLED_MEMORY;
      outcome->reason = g_strdup ("The system ended the job's process, mostly for want of memory.");
    }
  else
    {
      g_autofree char *line
          = g_strndup (self->complaints->str, strcspn (self->complaints->str, "\n"));
      g_autofree char *text = g_utf8_make_valid (line, -1);
      outcome->failure = SOUK_EXEC_WORKER_CRASHED;
      outcome->reason
          = g_strdup_printf ("The job's process ended with status %d: %s", number, text);
    }
}

/* An answer that is whole counts even when the job was killed a moment later. */
static void
fill_outcome (SoukExecJob *self, SoukExecOutcome *outcome)
{
  SoukCollector *collector = &self->collector;
  if (collector->failure != SOUK_EXEC_NONE)
    {
      outcome->failure = collector->failure;
      outcome->reason = g_strdup (self->reason);
    }
  else if (collector->has_report)
    {
      const SoukExecReport *report = &collector->report;
      outcome->failure = report->failure;
      outcome->trap = report->trap;
      outcome->exit_code = report->exit_code;
      outcome->fuel_used = report->fuel_used;
      outcome->has_jit = report->has_jit;
      outcome->memory_peak_kb = MAX (outcome->memory_peak_kb, report->memory_peak_kb);
      if (collector->reason != NULL && *collector->reason != '\0')
        outcome->reason = g_strdup (collector->reason);
    }
  else if (self->failure != SOUK_EXEC_NONE)
    {
      outcome->failure = self->failure;
      outcome->reason = g_strdup (self->reason);
    }
  else
    explain_silence (self, outcome);
  if (outcome->failure != SOUK_EXEC_NONE)
    g_ptr_array_set_size (outcome->files, 0);
  if (outcome->reason == NULL)
    outcome->reason = g_strdup (souk_exec_failure_sentence (outcome->failure));
}

static void
end_job (SoukExecJob *self)
{
  SoukExecOutcome outcome = {
    .wall_ms = elapsed_ms (self),
    .cpu_ms = self->use.cpu_ms,
    .memory_peak_kb = self->use.memory_kb,
    .files = g_ptr_array_ref (self->collector.files),
  };
  clear_source (&self->watch);
  clear_source (&self->wall);
  clear_fd (&self->info_fd);
  fill_outcome (self, &outcome);
  outcome.output = g_bytes_new (self->collector.output->data, self->collector.output->len);
  outcome.errors = g_bytes_new (self->collector.errors->data, self->collector.errors->len);
  souk_exec_job_ended (self, &outcome);
  g_bytes_unref (outcome.output);
  g_bytes_unref (outcome.errors);
  g_ptr_array_unref (outcome.files);
  g_free (outcome.reason);
  souk_exec_job_unref (self); /* that of being started */
}

static void
one_done (SoukExecJob *self)
{
  if (--self->n_pending == 0)
    end_job (self);
}

/* ---- while it runs ------------------------------------------------------------------------------- */

static void
tell (SoukExecJob *self, SoukExecProgressKind kind, SoukSlice chunk)
{
  SoukExecProgress progress = {
    .kind = kind,
    .chunk = chunk,
    .wall_ms = elapsed_ms (self),
    .cpu_ms = self->use.cpu_ms,
    .memory_kb = self->use.memory_kb,
  };
  if (self->on_progress != NULL)
    self->on_progress (self, &progress, self->user);
}

static void read_output (SoukExecJob *self);
static void read_errors (SoukExecJob *self);

static void
on_output (GObject *stream, GAsyncResult *result, gpointer data)
{
  SoukExecJob *self = data;
  SoukCollectorChunk chunk;
  gssize len = g_input_stream_read_finish (G_INPUT_STREAM (stream), result, NULL);
  if (len <= 0)
    {
      one_done (self);
      return;
    }
  souk_collector_feed (&self->collector, souk_slice (self->out_buffer, (size_t)len));
  while (souk_collector_next (&self->collector, &chunk))
    tell (self, chunk.is_error ? SOUK_EXEC_ERRORS : SOUK_EXEC_OUTPUT, chunk.bytes);
  if (self->collector.failure == SOUK_EXEC_WORKER_CRASHED)
    souk_exec_job_kill (self, SOUK_EXEC_WORKER_CRASHED,
                        "The job's process gave an answer that breaks the rules.");
  else if (self->collector.failure != SOUK_EXEC_NONE)
    souk_exec_job_kill (self, self->collector.failure, NULL);
  read_output (self);
}

static void
read_output (SoukExecJob *self)
{
  g_input_stream_read_async (g_subprocess_get_stdout_pipe (self->process), self->out_buffer,
                             sizeof self->out_buffer, G_PRIORITY_DEFAULT, NULL, on_output, self);
}

static void
on_errors (GObject *stream, GAsyncResult *result, gpointer data)
{
  SoukExecJob *self = data;
  gssize len = g_input_stream_read_finish (G_INPUT_STREAM (stream), result, NULL);
  if (len <= 0)
    {
      one_done (self);
      return;
    }
  gssize room = (gssize)(COMPLAINTS_SIZE_MAX - self->complaints->len);
  g_string_append_len (self->complaints, self->error_buffer, MIN (len, room));
  read_errors (self);
}

static void
read_errors (SoukExecJob *self)
{
  g_input_stream_read_async (g_subprocess_get_stderr_pipe (self->process), self->error_buffer,
                             sizeof self->error_buffer, G_PRIORITY_DEFAULT, NULL, on_errors, self);
}

static void
on_exit_seen (GObject *process, GAsyncResult *result, gpointer data)
{
  g_subprocess_wait_finish (G_SUBPROCESS (process), result, NULL);
  one_done (data);
}

/* Learns the worker's process number: bubblewrap names its first process, the worker is its child. */
static void
find_worker_process (SoukExecJob *self)
{
  char text[256];
  if (self->first_pid == 0)
    {
      ssize_t len = read (self->info_fd, text, sizeof text - 1);
      if (len <= 0)
        return;
      text[len] = '\0';
      const char *at = strstr (text, "\"child-pid\":");
      self->first_pid = at != NULL ? (pid_t)atoi (at + strlen ("\"child-pid\":")) : 0;
    }
  if (self->first_pid > 0)
    self->worker_pid = souk_process_first_child (self->first_pid);
}

static void
check_use (SoukExecJob *self)
{
  SoukProcessUse use;
  if (!souk_process_use (self->worker_pid, &use))
    return;
  self->use.cpu_ms = use.cpu_ms;
  self->use.memory_kb = MAX (self->use.memory_kb, use.memory_kb);
  if (use.memory_kb > self->memory_kb_max)
    souk_exec_job_kill (self, SOUK_EXEC_KILLED_MEMORY, NULL);
  if (use.cpu_ms > self->limits.cpu_ms)
    souk_exec_job_kill (self, SOUK_EXEC_KILLED_CPU, NULL);
}

static gboolean
on_watch (gpointer data)
{
  SoukExecJob *self = data;
  self->n_ticks++;
  if (self->worker_pid == 0)
    find_worker_process (self);
  if (self->worker_pid > 0)
    check_use (self);
  else if (self->n_ticks > UNSEEN_TICKS_MAX)
    souk_exec_job_kill (self, SOUK_EXEC_SANDBOX_UNAVAILABLE,
                        "The job's process cannot be watched, so it was ended.");
  if (self->n_ticks % TICKS_PER_HEARTBEAT == 0)
    tell (self, SOUK_EXEC_HEARTBEAT, SOUK_SLICE_EMPTY);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_wall (gpointer data)
{
  souk_exec_job_kill (data, SOUK_EXEC_KILLED_WALL, NULL);
  return G_SOURCE_REMOVE;
}

static GSource *
add_timer (SoukExecJob *self, uint64_t ms, GSourceFunc function)
{
  GSource *source = g_timeout_source_new ((guint)ms);
  g_source_set_callback (source, function, self, NULL);
  g_source_attach (source, self->exec->context);
  return source;
}

static bool
spawn (SoukExecJob *self, GError **error)
{
  int pipe_fds[2];
  if (!g_unix_open_pipe (pipe_fds, O_CLOEXEC, error))
    return false;
  self->info_fd = pipe_fds[0];
  g_unix_set_fd_nonblocking (self->info_fd, TRUE, NULL);
  self->process = souk_sandbox_spawn (self->exec->bwrap, self->exec->worker, self->exec->filter,
                                      g_steal_fd (&self->frames_fd), pipe_fds[1], error);
  return self->process != NULL;
}

void
souk_exec_job_start (SoukExecJob *self)
{
  g_autoptr (GError) error = NULL;
  souk_exec_job_ref (self); /* until end_job() */
  if (self->failure == SOUK_EXEC_NONE && !spawn (self, &error))
    souk_exec_job_kill (self, SOUK_EXEC_SANDBOX_UNAVAILABLE, error->message);
  if (self->process == NULL)
    {
      end_job (self);
      return;
    }
  self->start_us = g_get_monotonic_time ();
  self->watch = add_timer (self, WATCH_MS, on_watch);
  self->wall = add_timer (self, self->limits.wall_ms, on_wall);
  self->n_pending = 3;
  read_output (self);
  read_errors (self);
  g_subprocess_wait_async (self->process, NULL, on_exit_seen, self);
  tell (self, SOUK_EXEC_STARTED, SOUK_SLICE_EMPTY);
}
