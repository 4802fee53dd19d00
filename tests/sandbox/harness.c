/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Running one job to its end. See harness.h.
 */
#include "harness.h"

#include <string.h>

typedef struct {
  GMainLoop *loop;
  RunResult *result;
  char *error;
} Wait;

static void
on_checked (SoukExec *exec, const GError *error, void *user)
{
  Wait *wait = user;
  wait->error = error != NULL ? g_strdup (error->message) : NULL;
  g_main_loop_quit (wait->loop);
}

SoukExec *
harness_exec_new (void)
{
  SoukExecConfig config = { .jobs_at_once = 1 };
  Wait wait = { .loop = g_main_loop_new (NULL, FALSE) };
  SoukExec *exec = souk_exec_new (&config);
  souk_exec_check (exec, on_checked, &wait);
  g_main_loop_run (wait.loop);
  g_main_loop_unref (wait.loop);
  if (wait.error != NULL)
    g_error ("the sandbox does not work here: %s", wait.error);
  return exec;
}

GBytes *
harness_module (const char *name)
{
  g_autofree char *path = g_strdup_printf ("%s/%s.wasm", g_getenv ("SOUK_SANDBOX_CORPUS"), name);
  g_autoptr (GError) error = NULL;
  char *data = NULL;
  gsize len = 0;
  g_file_get_contents (path, &data, &len, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, len);
}

static void
on_progress (SoukExecJob *job, const SoukExecProgress *progress, void *user)
{
  RunResult *result = ((Wait *)user)->result;
  switch (progress->kind)
    {
    case SOUK_EXEC_STARTED:
      result->n_started++;
      break;
    case SOUK_EXEC_OUTPUT:
      g_string_append_len (result->chunks, (const char *)progress->chunk.data,
                           (gssize)progress->chunk.len);
      break;
    case SOUK_EXEC_ERRORS:
      break;
    case SOUK_EXEC_HEARTBEAT:
      result->n_heartbeats++;
      break;
    }
}

static char *
text_of (GBytes *bytes)
{
  gsize len;
  const char *data = g_bytes_get_data (bytes, &len);
  return g_strndup (data != NULL ? data : "", len);
}

static void
on_done (SoukExecJob *job, const SoukExecOutcome *outcome, void *user)
{
  Wait *wait = user;
  RunResult *result = wait->result;
  result->failure = outcome->failure;
  result->trap = outcome->trap;
  result->exit_code = outcome->exit_code;
  result->reason = g_strdup (outcome->reason);
  result->output = text_of (outcome->output);
  result->errors = text_of (outcome->errors);
  result->files = g_ptr_array_ref (outcome->files);
  result->fuel_used = outcome->fuel_used;
  result->wall_ms = outcome->wall_ms;
  result->cpu_ms = outcome->cpu_ms;
  result->memory_peak_kb = outcome->memory_peak_kb;
  result->has_jit = outcome->has_jit;
  g_main_loop_quit (wait->loop);
}

RunResult *
harness_run (SoukExec *exec, const SoukExecInput *input)
{
  Wait wait = { .loop = g_main_loop_new (NULL, FALSE), .result = g_new0 (RunResult, 1) };
  wait.result->chunks = g_string_new (NULL);
  souk_exec_run (exec, input, on_progress, on_done, &wait);
  g_main_loop_run (wait.loop);
  g_main_loop_unref (wait.loop);
  return wait.result;
}

void
harness_result_free (RunResult *result)
{
  g_free (result->reason);
  g_free (result->output);
  g_free (result->errors);
  g_ptr_array_unref (result->files);
  g_string_free (result->chunks, TRUE);
  g_free (result);
}

char *
harness_file (const RunResult *result, const char *path)
{
  for (guint i = 0; i < result->files->len; i++)
    {
      const SoukExecFile *file = g_ptr_array_index (result->files, i);
      if (strcmp (file->path, path) == 0)
        return text_of (file->bytes);
    }
  return NULL;
}
