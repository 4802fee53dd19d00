/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the sandbox tests share: running one job to its end. GLIB; the main thread.
 */
#pragma once
#include "exec/exec.h"

/* A job's outcome, and what was said while it ran. */
typedef struct {
  SoukExecFailure failure;
  SoukExecTrap trap;
  uint32_t exit_code;
  char *reason;
  char *output, *errors; /* as text */
  GPtrArray *files;      /* of SoukExecFile * */
  uint64_t fuel_used, wall_ms, cpu_ms, memory_peak_kb;
  bool has_jit;
  GString *chunks; /* output as it arrived */
  unsigned n_started, n_heartbeats;
} RunResult;

/* Returns: an executor, checked; the test program ends when the sandbox cannot be made here. */
SoukExec *harness_exec_new (void);
/* Reads a module of the corpus by its name without ".wasm". */
GBytes *harness_module (const char *name);
/* Runs a job and waits for its end. */
RunResult *harness_run (SoukExec *exec, const SoukExecInput *input);
void harness_result_free (RunResult *result);
/* Returns: the content of a result file as text, or NULL. Free with g_free(). */
char *harness_file (const RunResult *result, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunResult, harness_result_free)
