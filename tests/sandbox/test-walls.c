/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The walls around the worker: a hostile native program (probe.c) in its place.
 */
#include "harness.h"

#include <string.h>

static SoukExec *exec;

static RunResult *
run_probe (const char *what)
{
  const char *const args[] = { what, NULL };
  g_autoptr (GBytes) module = g_bytes_new_static ("unused", 6);
  SoukExecInput input = { .module = module, .args = args, .limits = souk_exec_limits_default () };
  input.limits.memory_mb = 16;
  input.limits.wall_ms = 4000;
  input.limits.cpu_ms = 800;
  input.limits.output_bytes = 200000;
  input.limits.file_bytes = 200000;
  return harness_run (exec, &input);
}

/* Everything the probe tries has to be refused, and it has to have tried a lot. */
static void
check_all_refused (const char *what, unsigned lines_min)
{
  g_autoptr (RunResult) result = run_probe (what);
  g_assert_cmpstr (souk_exec_failure_name (result->failure), ==, "none");
  g_assert_cmpuint (result->exit_code, ==, 42);
  g_auto (GStrv) lines = g_strsplit (result->output, "\n", -1);
  unsigned count = 0;
  for (char **line = lines; *line != NULL; line++)
    {
      if (**line == '\0')
        continue;
      count++;
      if (!g_str_has_suffix (*line, " refused"))
        {
          g_test_message ("the sandbox lets this through: %s", *line);
          g_test_fail ();
        }
    }
  g_assert_cmpuint (count, >=, lines_min);
}

static void
test_calls (void)
{
  check_all_refused ("calls", 38);
}

static void
test_files (void)
{
  check_all_refused ("files", 27);
}

static void
test_locked (void)
{
  check_all_refused ("locked", 14);
}

static void
check_failure (const char *what, const char *failure)
{
  g_autoptr (RunResult) result = run_probe (what);
  g_test_message ("%s: %s", what, result->reason);
  g_assert_cmpstr (souk_exec_failure_name (result->failure), ==, failure);
  g_assert_cmpuint (result->files->len, ==, 0);
  g_assert_cmpuint (strlen (result->output), <=, 200000);
  /* and the next one runs */
  g_autoptr (RunResult) next = run_probe ("nothing");
  g_assert_cmpuint (next->exit_code, ==, 42);
}

static void
test_memory (void)
{
  check_failure ("memory", "killed-memory");
}

static void
test_floods (void)
{
  check_failure ("flood", "output-limit");
  check_failure ("file-flood", "output-limit");
}

static void
test_lies (void)
{
  check_failure ("outside", "worker-crashed");
  check_failure ("garbage", "worker-crashed");
  check_failure ("long-frame", "worker-crashed");
  check_failure ("after-the-end", "worker-crashed");
}

static void
test_silence (void)
{
  check_failure ("silence", "worker-crashed");
  check_failure ("crash", "worker-crashed");
}

static void
test_hold (void)
{
  check_failure ("hold", "killed-wall");
}

static void
test_burn (void)
{
  check_failure ("burn", "killed-cpu");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions ();
  g_setenv ("SOUK_REAL_WORKER", g_getenv ("SOUK_WORKER"), TRUE);
  g_setenv ("SOUK_WORKER", g_getenv ("SOUK_PROBE"), TRUE);
  exec = harness_exec_new ();
  g_test_add_func ("/sandbox/walls/no-call-leads-out-of-the-first-filter", test_calls);
  g_test_add_func ("/sandbox/walls/no-file-of-this-computer-is-there", test_files);
  g_test_add_func ("/sandbox/walls/the-second-lock-leaves-nothing-to-open-or-execute", test_locked);
  g_test_add_func ("/sandbox/walls/memory-is-watched-from-outside", test_memory);
  g_test_add_func ("/sandbox/walls/output-is-counted-from-outside", test_floods);
  g_test_add_func ("/sandbox/walls/an-answer-that-lies-is-not-believed", test_lies);
  g_test_add_func ("/sandbox/walls/a-worker-without-an-answer-has-crashed", test_silence);
  g_test_add_func ("/sandbox/walls/a-worker-that-hides-is-killed-by-the-clock", test_hold);
  g_test_add_func ("/sandbox/walls/processor-time-is-watched-from-outside", test_burn);
  int status = g_test_run ();
  souk_exec_free (exec);
  return status;
}
