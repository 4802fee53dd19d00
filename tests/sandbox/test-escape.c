/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The escape corpus: hostile modules, each of which has to end in its named failure, with the next
 * job running as if nothing had been.
 *
 * Limits are small so that bombs go off quickly: 32 MB, 1.5 s, 64 KiB of output and 1 MiB of files.
 */
#include "harness.h"

#include <string.h>

typedef struct {
  const char *title; /* a sentence with dashes */
  const char *module;
  SoukExecFailure failure;
  SoukExecTrap trap;
  uint32_t exit_code;
  enum { PLAIN, DETERMINISTIC, METERED } kind;
} Case;

#define ENDS(symbol) SOUK_EXEC_##symbol, SOUK_EXEC_TRAP_NONE, 0
#define EXITS(code) SOUK_EXEC_NONE, SOUK_EXEC_TRAP_NONE, code
#define TRAPS(symbol) SOUK_EXEC_TRAP, SOUK_EXEC_TRAP_##symbol, 0

static const Case cases[] = {
  { "all-32-bits-of-an-exit-code-arrive", "exit-code", EXITS (UINT32_MAX), PLAIN },
  { "an-exit-cannot-be-caught", "exit-caught", EXITS (7), PLAIN },
  { "an-exit-counts-before-_start-too", "exit-in-start", EXITS (5), PLAIN },
  { "a-trap-cannot-be-caught", "trap-unreachable", TRAPS (UNREACHABLE), PLAIN },
  { "reading-past-memory-is-a-trap", "trap-memory", TRAPS (OUT_OF_BOUNDS), PLAIN },
  { "dividing-by-zero-is-a-trap", "trap-division", TRAPS (DIVISION), PLAIN },
  { "a-call-of-another-type-is-a-trap", "trap-indirect", TRAPS (INDIRECT_CALL), PLAIN },
  { "a-conversion-that-does-not-fit-is-a-trap", "trap-conversion", TRAPS (CONVERSION), PLAIN },
  { "an-uncaught-exception-is-a-trap", "exception", TRAPS (EXCEPTION), PLAIN },
  { "an-endless-loop-is-killed-by-the-clock", "loop-forever", ENDS (KILLED_WALL), PLAIN },
  { "an-endless-loop-runs-out-of-fuel", "loop-forever", ENDS (OUT_OF_FUEL), METERED },
  { "an-endless-start-function-runs-out-of-fuel", "loop-in-start", ENDS (OUT_OF_FUEL), METERED },
  { "an-endless-sleep-is-killed-by-the-clock", "sleep-forever", ENDS (KILLED_WALL), PLAIN },
  { "an-endless-sleep-takes-no-time-of-a-virtual-clock", "sleep-forever", TRAPS (UNREACHABLE),
    DETERMINISTIC },
  { "endless-recursion-fills-the-engines-stack", "recursion", TRAPS (ENGINE_STACK), PLAIN },
  { "endless-recursion-is-counted-where-nodes-compare", "recursion", TRAPS (STACK_OVERFLOW),
    DETERMINISTIC },
  { "a-counted-overflow-cannot-be-caught", "recursion-caught", TRAPS (STACK_OVERFLOW),
    DETERMINISTIC },
  { "each-way-out-of-a-function-is-counted", "depth-balance", EXITS (0), DETERMINISTIC },
  { "memory-ends-where-the-job-says", "memory-bomb", TRAPS (UNREACHABLE), PLAIN },
  { "more-memory-than-allowed-is-refused-before-the-start", "memory-minimum", ENDS (MEMORY_LIMIT),
    PLAIN },
  { "tables-end-at-100000-entries", "table-bomb", EXITS (100000), PLAIN },
  { "a-huge-table-is-refused-before-the-start", "table-minimum", ENDS (MEMORY_LIMIT), PLAIN },
  { "a-flood-of-output-ends-at-the-limit", "output-flood", ENDS (OUTPUT_LIMIT), PLAIN },
  { "a-flood-of-bytes-in-files-ends-at-the-limit", "file-flood", ENDS (OUTPUT_LIMIT), PLAIN },
  { "a-flood-of-files-ends-at-the-limit", "file-count", ENDS (OUTPUT_LIMIT), PLAIN },
  { "an-unknown-import-is-refused", "import-unknown", ENDS (BAD_MODULE), PLAIN },
  { "an-import-of-another-host-is-refused", "import-env", ENDS (BAD_MODULE), PLAIN },
  { "an-import-with-wrong-parameters-is-refused", "import-signature", ENDS (BAD_MODULE), PLAIN },
  { "an-imported-memory-is-refused", "import-memory", ENDS (UNSUPPORTED_FEATURE), PLAIN },
  { "sockets-answer-that-there-are-none", "socket", EXITS (0), PLAIN },
  { "bad-addresses-are-answered-not-followed", "pointers", EXITS (0), PLAIN },
  { "metering-cannot-be-reached", "fuel-hidden", EXITS (7), METERED },
  { "the-name-of-the-metering-is-reserved", "fuel-export", ENDS (BAD_MODULE), METERED },
  { "threads-are-left-out", "threads", ENDS (UNSUPPORTED_FEATURE), PLAIN },
  { "64-bit-memory-is-left-out", "memory64", ENDS (UNSUPPORTED_FEATURE), PLAIN },
  { "a-module-without-_start-is-refused", "reactor", ENDS (BAD_MODULE), PLAIN },
  { "a-module-with-wrong-types-is-refused", "invalid", ENDS (BAD_MODULE), PLAIN },
  { "a-nan-is-the-same-everywhere", "nan", EXITS (0x7ff8), DETERMINISTIC },
};

static SoukExec *exec;

static SoukExecLimits
small_limits (void)
{
  SoukExecLimits limits = souk_exec_limits_default ();
  limits.memory_mb = 32;
  limits.wall_ms = 1500;
  limits.output_bytes = 64 << 10;
  limits.file_bytes = 1 << 20;
  return limits;
}

/* A job that must run as ever after whatever came before it. */
static void
check_next_job (void)
{
  static const char *const args[] = { "hello", "again", NULL };
  g_autoptr (GBytes) module = harness_module ("hello");
  SoukExecInput input = { .module = module, .args = args, .limits = souk_exec_limits_default () };
  g_autoptr (RunResult) result = harness_run (exec, &input);
  g_assert_cmpstr (souk_exec_failure_name (result->failure), ==, "none");
  g_assert_cmpstr (result->output, ==, "hello again from nowhere\n");
  g_assert_cmpuint (result->exit_code, ==, 2);
}

static void
test_case (gconstpointer data)
{
  static const char *const args[] = { "program", NULL };
  const Case *row = data;
  g_autoptr (GBytes) module = harness_module (row->module);
  SoukExecInput input = { .module = module, .args = args, .limits = small_limits () };
  if (row->kind != PLAIN)
    input.limits.fuel = 50 * 1000 * 1000;
  input.deterministic = row->kind == DETERMINISTIC;
  g_autoptr (RunResult) result = harness_run (exec, &input);
  g_test_message ("%s: %s", souk_exec_failure_name (result->failure), result->reason);
  g_assert_cmpstr (souk_exec_failure_name (result->failure), ==,
                   souk_exec_failure_name (row->failure));
  g_assert_cmpstr (souk_exec_trap_name (result->trap), ==, souk_exec_trap_name (row->trap));
  g_assert_cmpuint (result->exit_code, ==, row->exit_code);
  g_assert_cmpuint (strlen (result->output), <=, input.limits.output_bytes);
  g_assert_cmpuint (result->wall_ms, <, 5000);
  check_next_job ();
}

static void
check_refused (GBytes *module, const char *failure)
{
  SoukExecInput input = { .module = module, .limits = small_limits () };
  g_autoptr (RunResult) result = harness_run (exec, &input);
  g_assert_cmpstr (souk_exec_failure_name (result->failure), ==, failure);
}

static void
test_not_wasm (void)
{
  g_autoptr (GBytes) text = g_bytes_new_static ("#!/bin/sh\nid\n", 13);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  check_refused (text, "bad-module");
  check_refused (nothing, "bad-module");
}

static void
test_truncated (void)
{
  g_autoptr (GBytes) whole = harness_module ("hello");
  gsize len = g_bytes_get_size (whole);
  for (gsize cut = 1; cut < 8; cut++)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (whole, 0, len * cut / 8);
      check_refused (part, "bad-module");
    }
}

static void
test_bad_jobs (void)
{
  g_autoptr (GBytes) module = harness_module ("hello");
  SoukExecFile climbing = { (char *)"/in/../../etc/x", module };
  SoukExecFile pair[] = { { (char *)"/a", module }, { (char *)"/a/b", module } };
  SoukExecInput input = { .module = module, .limits = small_limits () };
  input.files = &climbing;
  input.n_files = 1;
  g_autoptr (RunResult) first = harness_run (exec, &input);
  g_assert_cmpstr (souk_exec_failure_name (first->failure), ==, "bad-job");
  input.files = pair;
  input.n_files = 2;
  g_autoptr (RunResult) second = harness_run (exec, &input);
  g_assert_cmpstr (souk_exec_failure_name (second->failure), ==, "bad-job");
  input.n_files = 0;
  input.limits.memory_mb = 0;
  g_autoptr (RunResult) third = harness_run (exec, &input);
  g_assert_cmpstr (souk_exec_failure_name (third->failure), ==, "bad-job");
  check_next_job ();
}

static void
test_cpu (void)
{
  static const char *const args[] = { "burn", "100000000000", NULL };
  g_autoptr (GBytes) module = harness_module ("burn");
  SoukExecInput input = { .module = module, .args = args, .limits = small_limits () };
  input.limits.cpu_ms = 400;
  input.limits.wall_ms = 20000;
  g_autoptr (RunResult) result = harness_run (exec, &input);
  g_assert_cmpstr (souk_exec_failure_name (result->failure), ==, "killed-cpu");
  g_assert_cmpuint (result->cpu_ms, >=, 400);
  g_assert_cmpuint (result->cpu_ms, <, 2000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions ();
  exec = harness_exec_new ();
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/sandbox/escape/%s", cases[i].title);
      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/sandbox/escape/what-is-no-module-is-refused", test_not_wasm);
  g_test_add_func ("/sandbox/escape/a-truncated-module-is-refused", test_truncated);
  g_test_add_func ("/sandbox/escape/a-job-with-impossible-wishes-is-refused", test_bad_jobs);
  g_test_add_func ("/sandbox/escape/processor-time-ends-where-the-job-says", test_cpu);
  int status = g_test_run ();
  souk_exec_free (exec);
  return status;
}
