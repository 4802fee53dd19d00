/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Honest jobs: input, files, arguments, output while it runs, the queue, cancelling, determinism.
 */
#include "exec/process.h"
#include "harness.h"

#include <gio/gio.h>
#include <string.h>

static SoukExec *exec;

static void
test_hello (void)
{
  static const char *const args[] = { "hello", "big", "world", NULL };
  static const char *const env[] = { "PLACE=here", NULL };
  g_autoptr (GBytes) module = harness_module ("hello");
  SoukExecInput input
      = { .module = module, .args = args, .env = env, .limits = souk_exec_limits_default () };
  g_autoptr (RunResult) result = harness_run (exec, &input);
  g_assert_cmpstr (souk_exec_failure_name (result->failure), ==, "none");
  g_assert_cmpstr (result->output, ==, "hello big world from here\n");
  g_assert_cmpstr (result->chunks->str, ==, result->output);
  g_assert_cmpstr (result->errors, ==, "to the error stream\n");
  g_assert_cmpuint (result->exit_code, ==, 3);
  g_assert_cmpuint (result->n_started, ==, 1);
  g_assert_cmpuint (result->memory_peak_kb, >, 10000);
  g_assert_true (result->has_jit);
}

static void
test_echo (void)
{
  enum { SIZE = 3000001 };
  g_autofree char *text = g_malloc (SIZE + 1);
  for (int i = 0; i < SIZE; i++)
    text[i] = (char)('a' + i * 7 % 26);
  text[SIZE] = '\0';
  g_autoptr (GBytes) module = harness_module ("echo");
  g_autoptr (GBytes) bytes = g_bytes_new (text, SIZE);
  SoukExecInput input = { .module = module, .input = bytes, .limits = souk_exec_limits_default () };
  input.limits.output_bytes = 4 << 20;
  g_autoptr (RunResult) result = harness_run (exec, &input);
  g_assert_cmpstr (souk_exec_failure_name (result->failure), ==, "none");
  g_assert_true (strcmp (result->output, text) == 0);
}

static void
test_files (void)
{
  g_autoptr (GBytes) module = harness_module ("files");
  g_autoptr (GBytes) number = g_bytes_new_static ("21", 2);
  SoukExecFile file = { (char *)"/in/number.txt", number };
  SoukExecInput input
      = { .module = module, .files = &file, .n_files = 1, .limits = souk_exec_limits_default () };
  g_autoptr (RunResult) result = harness_run (exec, &input);
  g_assert_cmpstr (souk_exec_failure_name (result->failure), ==, "none");
  g_assert_cmpuint (result->exit_code, ==, 0);
  g_assert_cmpstr (result->output, ==, ".\n..\nin\nout\ntmp\n");
  g_assert_cmpuint (result->files->len, ==, 2);
  g_autofree char *twice = harness_file (result, "/out/result.txt");
  g_autofree char *moved = harness_file (result, "/out/deep/moved.txt");
  g_assert_cmpstr (twice, ==, "twice 21");
  g_assert_cmpstr (moved, ==, "changed");
}

static void
test_deterministic (void)
{
  g_autoptr (GBytes) module = harness_module ("deterministic");
  g_autoptr (GBytes) some = g_bytes_new_static ("some", 4);
  SoukExecFile files[] = { { (char *)"/in/b", some }, { (char *)"/in/a", some } };
  SoukExecInput input = { .module = module, .files = files, .n_files = 2 };
  input.limits = souk_exec_limits_default ();
  input.limits.fuel = 100 * 1000 * 1000;
  input.deterministic = true;
  input.seed = 42;
  g_autoptr (RunResult) first = harness_run (exec, &input);
  g_autoptr (RunResult) second = harness_run (exec, &input);
  input.seed = 43;
  g_autoptr (RunResult) other = harness_run (exec, &input);
  g_assert_cmpstr (souk_exec_failure_name (first->failure), ==, "none");
  /* Pinned: a change of this line changes what nodes agree about. */
  g_assert_cmpstr (first->output, ==,
                   "1f76e526510ae36a 946684900 0 7ff8000000000000\n. 2\n.. 1\nb 3\na 4\n4 0\n");
  g_assert_cmpstr (first->output, ==, second->output);
  g_assert_cmpuint (first->fuel_used, ==, second->fuel_used);
  g_assert_cmpuint (first->fuel_used, >, 1000);
  g_assert_cmpstr (first->output, !=, other->output);
}

static void
test_fuel_is_exact (void)
{
  static const char *const args[] = { "burn", "1000000", NULL };
  g_autoptr (GBytes) module = harness_module ("burn");
  SoukExecInput input = { .module = module, .args = args, .limits = souk_exec_limits_default () };
  input.limits.fuel = 1000 * 1000 * 1000;
  g_autoptr (RunResult) plenty = harness_run (exec, &input);
  g_assert_cmpstr (souk_exec_failure_name (plenty->failure), ==, "none");
  input.limits.fuel = plenty->fuel_used;
  g_autoptr (RunResult) enough = harness_run (exec, &input);
  g_assert_cmpstr (souk_exec_failure_name (enough->failure), ==, "none");
  g_assert_cmpuint (enough->fuel_used, ==, plenty->fuel_used);
  input.limits.fuel = plenty->fuel_used - 1;
  g_autoptr (RunResult) short_of = harness_run (exec, &input);
  g_assert_cmpstr (souk_exec_failure_name (short_of->failure), ==, "out-of-fuel");
}

static void
test_heartbeat (void)
{
  g_autoptr (GBytes) module = harness_module ("loop-forever");
  SoukExecInput input = { .module = module, .limits = souk_exec_limits_default () };
  input.limits.wall_ms = 2300;
  g_autoptr (RunResult) result = harness_run (exec, &input);
  g_assert_cmpstr (souk_exec_failure_name (result->failure), ==, "killed-wall");
  g_assert_cmpuint (result->n_heartbeats, >=, 1);
  g_assert_cmpuint (result->wall_ms, >=, 2300);
  g_assert_cmpuint (result->wall_ms, <, 3500);
}

typedef struct {
  unsigned n_done, n_busy, n_at_once, n_at_once_max;
  bool must_not_end;
} Counts;

static void
on_progress (SoukExecJob *job, const SoukExecProgress *progress, void *user)
{
  Counts *counts = user;
  if (progress->kind != SOUK_EXEC_STARTED)
    return;
  counts->n_at_once++;
  counts->n_at_once_max = MAX (counts->n_at_once_max, counts->n_at_once);
}

static void
on_done (SoukExecJob *job, const SoukExecOutcome *outcome, void *user)
{
  Counts *counts = user;
  g_assert_false (counts->must_not_end);
  counts->n_done++;
  if (outcome->failure == SOUK_EXEC_BUSY)
    counts->n_busy++;
  else
    counts->n_at_once--;
}

static void
test_queue (void)
{
  g_autoptr (GBytes) module = harness_module ("hello");
  SoukExecInput input = { .module = module, .limits = souk_exec_limits_default () };
  Counts counts = { 0 };
  souk_exec_set_jobs_at_once (exec, 2);
  for (unsigned i = 0; i < SOUK_EXEC_QUEUE_MAX + 3; i++)
    souk_exec_run (exec, &input, on_progress, on_done, &counts);
  g_assert_cmpuint (counts.n_done, ==, 0);
  while (counts.n_done < SOUK_EXEC_QUEUE_MAX + 3)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (counts.n_busy, ==, 3);
  g_assert_cmpuint (counts.n_at_once_max, ==, 2);
  g_assert_cmpuint (souk_exec_n_jobs (exec), ==, 0);
  souk_exec_set_jobs_at_once (exec, 1);
}

static gboolean
on_timeout (gpointer data)
{
  *(bool *)data = true;
  return G_SOURCE_REMOVE;
}

static void
test_cancel (void)
{
  g_autoptr (GBytes) module = harness_module ("loop-forever");
  g_autoptr (GBytes) next = harness_module ("hello");
  SoukExecInput input = { .module = module, .limits = souk_exec_limits_default () };
  Counts counts = { .must_not_end = true };
  bool is_over = false;
  SoukExecJob *running = souk_exec_run (exec, &input, on_progress, on_done, &counts);
  SoukExecJob *waiting = souk_exec_run (exec, &input, on_progress, on_done, &counts);
  while (counts.n_at_once == 0)
    g_main_context_iteration (NULL, TRUE);
  souk_exec_cancel (waiting);
  souk_exec_cancel (running);
  g_assert_cmpuint (souk_exec_n_jobs (exec), ==, 0);
  g_timeout_add (100, on_timeout, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, TRUE);
  input.module = next;
  g_autoptr (RunResult) result = harness_run (exec, &input);
  g_assert_cmpstr (souk_exec_failure_name (result->failure), ==, "none");
}

static void
test_no_worker (void)
{
  SoukExecConfig config = { .worker = "/nonexistent/souk-worker" };
  g_autoptr (SoukExec) broken = souk_exec_new (&config);
  g_autoptr (GBytes) module = harness_module ("hello");
  SoukExecInput input = { .module = module, .limits = souk_exec_limits_default () };
  g_autoptr (RunResult) result = harness_run (broken, &input);
  g_assert_cmpstr (souk_exec_failure_name (result->failure), ==, "sandbox-unavailable");
  g_assert_nonnull (strstr (result->reason, "/nonexistent/souk-worker"));
}

static void
test_bwrap_refuses (void)
{
  SoukExecConfig config = { .bwrap = "/bin/false" };
  g_autoptr (SoukExec) broken = souk_exec_new (&config);
  g_autoptr (GBytes) module = harness_module ("hello");
  SoukExecInput input = { .module = module, .limits = souk_exec_limits_default () };
  g_autoptr (RunResult) result = harness_run (broken, &input);
  g_assert_cmpstr (souk_exec_failure_name (result->failure), ==, "sandbox-unavailable");
}

/* Another process that runs an endless job until it is killed. */
static int
run_endless (void)
{
  g_autoptr (GBytes) module = harness_module ("loop-forever");
  SoukExecInput input = { .module = module, .limits = souk_exec_limits_default () };
  exec = harness_exec_new ();
  g_autoptr (RunResult) result = harness_run (exec, &input);
  return 1;
}

/* Waits until `pid` has a child. Returns: the child. */
static pid_t
wait_for_child (pid_t pid)
{
  pid_t child = 0;
  for (int i = 0; i < 500 && child == 0; i++)
    {
      g_usleep (10000);
      child = souk_process_first_child (pid);
    }
  g_assert_cmpint (child, >, 0);
  return child;
}

static void
test_node_dies (void)
{
  SoukProcessUse use;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) node = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error,
                                                   "/proc/self/exe", "--endless", NULL);
  g_assert_no_error (error);
  pid_t pid = (pid_t)g_ascii_strtoll (g_subprocess_get_identifier (node), NULL, 10);
  g_usleep (1500000); /* past the check's own short-lived processes */
  pid_t worker = wait_for_child (wait_for_child (wait_for_child (pid)));
  g_assert_true (souk_process_use (worker, &use));
  g_subprocess_force_exit (node);
  g_subprocess_wait (node, NULL, NULL);
  bool is_there = true;
  for (int i = 0; i < 200 && is_there; i++)
    {
      g_usleep (10000);
      is_there = souk_process_use (worker, &use);
    }
  g_assert_false (is_there);
}

int
main (int argc, char **argv)
{
  if (argc == 2 && strcmp (argv[1], "--endless") == 0)
    return run_endless ();
  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions ();
  exec = harness_exec_new ();
  g_test_add_func ("/sandbox/jobs/hello-gets-arguments-and-environment", test_hello);
  g_test_add_func ("/sandbox/jobs/standard-input-arrives-whole", test_echo);
  g_test_add_func ("/sandbox/jobs/files-go-in-and-come-out-and-nothing-else-is-there", test_files);
  g_test_add_func ("/sandbox/jobs/a-deterministic-job-is-the-same-each-time", test_deterministic);
  g_test_add_func ("/sandbox/jobs/fuel-is-counted-exactly", test_fuel_is_exact);
  g_test_add_func ("/sandbox/jobs/a-running-job-shows-a-heartbeat", test_heartbeat);
  g_test_add_func ("/sandbox/jobs/the-queue-has-an-end-and-holds-its-width", test_queue);
  g_test_add_func ("/sandbox/jobs/a-cancelled-job-is-gone-without-a-word", test_cancel);
  g_test_add_func ("/sandbox/jobs/a-job-dies-with-its-node", test_node_dies);
  g_test_add_func ("/sandbox/jobs/a-missing-worker-is-named", test_no_worker);
  g_test_add_func ("/sandbox/jobs/a-sandbox-that-fails-lets-no-job-run", test_bwrap_refuses);
  int status = g_test_run ();
  souk_exec_free (exec);
  return status;
}
