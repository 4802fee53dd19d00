/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sandbox in the market's words. See works-sandbox.h.
 */
#include "trade/works-sandbox.h"

#include "exec/exec.h"
#include "trade/jobs-wire.h"

#include <string.h>

struct SoukSandbox {
  SoukExec *exec;
  SoukSandboxChecked checked; /* NULL: nobody waits */
  void *checked_user;
};

struct SoukSandboxJob {
  SoukExecJob *job;
  const SoukSandboxWatch *watch;
  void *user;
};

/* ---- life ---- */

SoukSandbox *
souk_sandbox_new (void)
{
  SoukExecConfig config = { 0 };
  SoukSandbox *self = g_new0 (SoukSandbox, 1);
  self->exec = souk_exec_new (&config);
  return self;
}

void
souk_sandbox_free (SoukSandbox *self)
{
  if (self == NULL)
    return;
  souk_exec_free (self->exec);
  g_free (self);
}

void
souk_sandbox_set_jobs_at_once (SoukSandbox *self, unsigned jobs)
{
  souk_exec_set_jobs_at_once (self->exec, jobs);
}

static void
on_checked (SoukExec *exec, const GError *error, void *user)
{
  SoukSandbox *self = user;
  self->checked (error != NULL ? error->message : NULL, self->checked_user);
}

void
souk_sandbox_check (SoukSandbox *self, SoukSandboxChecked done, void *user)
{
  self->checked = done;
  self->checked_user = user;
  souk_exec_check (self->exec, on_checked, self);
}

/* ---- running ---- */

/* The end of a job as the market names it. */
static SoukJobFailure
failure_of (SoukExecFailure failure)
{
  switch (failure)
    {
    case SOUK_EXEC_NONE:
      return SOUK_JOB_FAILURE_NONE;
    case SOUK_EXEC_BAD_JOB:
      return SOUK_JOB_FAILURE_BAD_JOB;
    case SOUK_EXEC_BAD_MODULE:
      return SOUK_JOB_FAILURE_MODULE_REFUSED;
    case SOUK_EXEC_UNSUPPORTED_FEATURE:
      return SOUK_JOB_FAILURE_UNSUPPORTED;
    case SOUK_EXEC_TRAP:
      return SOUK_JOB_FAILURE_TRAP;
    case SOUK_EXEC_OUT_OF_FUEL:
      return SOUK_JOB_FAILURE_FUEL_LIMIT;
    case SOUK_EXEC_OUTPUT_LIMIT:
      return SOUK_JOB_FAILURE_OUTPUT_LIMIT;
    case SOUK_EXEC_MEMORY_LIMIT:
      return SOUK_JOB_FAILURE_MEMORY_LIMIT;
    case SOUK_EXEC_KILLED_WALL:
      return SOUK_JOB_FAILURE_WALL_LIMIT;
    case SOUK_EXEC_KILLED_CPU:
      return SOUK_JOB_FAILURE_CPU_LIMIT;
    case SOUK_EXEC_KILLED_MEMORY:
      return SOUK_JOB_FAILURE_KILLED_MEMORY;
    case SOUK_EXEC_WORKER_CRASHED:
      return SOUK_JOB_FAILURE_WORKER_DIED;
    case SOUK_EXEC_SANDBOX_UNAVAILABLE:
    case SOUK_EXEC_BUSY:
      return SOUK_JOB_FAILURE_SANDBOX_FAILED;
    case SOUK_EXEC_FAILURE_COUNT:
      break;
    }
  g_assert_not_reached ();
}

static void
on_progress (SoukExecJob *exec_job, const SoukExecProgress *progress, void *user)
{
  SoukSandboxJob *job = user;
  if (progress->kind == SOUK_EXEC_OUTPUT || progress->kind == SOUK_EXEC_ERRORS)
    job->watch->on_output (progress->chunk, job->user);
}

static GPtrArray *
files_of (const SoukExecOutcome *outcome)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; outcome->files != NULL && i < outcome->files->len; i++)
    {
      const SoukExecFile *from = outcome->files->pdata[i];
      SoukSandboxFile *file = g_new0 (SoukSandboxFile, 1);
      *file = (SoukSandboxFile){ from->path, from->bytes };
      g_ptr_array_add (files, file);
    }
  return files;
}

static void
on_done (SoukExecJob *exec_job, const SoukExecOutcome *outcome, void *user)
{
  g_autofree SoukSandboxJob *job = user;
  g_autoptr (GPtrArray) files = files_of (outcome);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  GBytes *output = outcome->output != NULL ? outcome->output : nothing;
  GBytes *errors = outcome->errors != NULL ? outcome->errors : nothing;
  SoukJobResult result = {
    .failure = failure_of (outcome->failure),
    .exit_code = (int32_t)outcome->exit_code,
    .stdout_bytes = g_bytes_get_size (output),
    .stderr_bytes = g_bytes_get_size (errors),
    .fuel = outcome->fuel_used,
    .wall_ms = outcome->wall_ms,
  };
  SoukSandboxEnd end = { output, errors, files };
  souk_sentence_copy (result.sentence, sizeof result.sentence, outcome->reason);
  job->watch->on_end (&result, &end, job->user);
}

/* The program's arguments with its name in front. */
static char **
args_of (const SoukJobSpec *spec)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_strv_builder_add (builder, "job");
  g_strv_builder_addv (builder, (const char **)spec->args);
  return g_strv_builder_end (builder);
}

SoukSandboxJob *
souk_sandbox_run (SoukSandbox *self, const SoukJobSpec *spec, GBytes *module, GBytes *input,
                  GPtrArray *files, uint64_t seed, const SoukSandboxWatch *watch, void *user)
{
  g_auto (GStrv) args = args_of (spec);
  g_autofree SoukExecFile *given = g_new0 (SoukExecFile, files->len + 1);
  for (guint i = 0; i < files->len; i++)
    {
      const SoukSandboxFile *file = files->pdata[i];
      given[i] = (SoukExecFile){ file->path, file->content };
    }
  SoukExecInput what = {
    .module = module,
    .input = input,
    .args = (const char *const *)args,
    .env = (const char *const *)spec->env,
    .files = given,
    .n_files = files->len,
    .limits = {
      .memory_mb = spec->limits.memory_mb,
      .wall_ms = spec->limits.wall_ms,
      .cpu_ms = spec->limits.cpu_ms,
      .output_bytes = spec->limits.output_bytes,
      .file_bytes = SOUK_RESULT_FILES_MAX,
      .fuel = spec->limits.fuel,
    },
    .deterministic = spec->is_deterministic,
    .seed = seed,
  };
  SoukSandboxJob *job = g_new0 (SoukSandboxJob, 1);
  job->watch = watch;
  job->user = user;
  job->job = souk_exec_run (self->exec, &what, on_progress, on_done, job);
  return job;
}

void
souk_sandbox_cancel (SoukSandboxJob *job)
{
  souk_exec_cancel (job->job);
  g_free (job);
}
