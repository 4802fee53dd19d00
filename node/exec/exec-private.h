/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What exec.c (queue, check), job.c (one process) and sandbox.c (its walls) share. GLIB.
 *
 * A job is waiting, running or ending. References: the executor's lists hold one each, and each
 * pending operation of the process holds one, so that a cancelled job outlives its cookie until
 * its process is gone. A job holds a reference to its executor.
 */
#pragma once
#include "exec/exec.h"
#include "exec/process.h"

#include <gio/gio.h>

typedef enum { CHECK_NONE, CHECK_RUNS, CHECK_GOOD } CheckState;

struct SoukExec {
  int refs;
  bool closed; /* souk_exec_free() was called; only processes that are dying hold it */
  GMainContext *context;
  char *worker, *bwrap;
  unsigned at_once;
  GQueue waiting; /* of SoukExecJob * */
  GQueue running; /* the same; the check's own job is not in it */
  GSource *pump;  /* set when the queue is to be looked at */
  CheckState check;
  GError *check_error; /* of the last check that failed */
  GArray *checks;      /* of Check: who waits for the check */
  SoukExecJob *check_job;
  GBytes *filter; /* the first system call filter */
};

struct SoukExecJob {
  int refs;
  SoukExec *exec;
  SoukExecProgressFunc on_progress; /* NULL once cancelled */
  SoukExecDoneFunc on_done;         /* NULL once cancelled */
  void *user;

  SoukExecLimits limits;
  uint64_t memory_kb_max;
  int frames_fd; /* the sealed memory file, or -1 */
  /* What ended it, when that was not the program; the first one stands. */
  SoukExecFailure failure;
  char *reason;

  GSubprocess *process; /* bubblewrap */
  GCancellable *cancellable;
  int info_fd;                 /* where bubblewrap tells the sandbox's first process */
  pid_t first_pid, worker_pid; /* 0 until known */
  int n_pending;               /* output, errors and exit that are still awaited */
  GSource *watch, *wall;
  unsigned n_ticks;
  int64_t start_us;
  SoukProcessUse use; /* the processor time last seen, the most memory seen */
  SoukCollector collector;
  GString *complaints; /* what bubblewrap and the worker wrote to standard error */
  uint8_t out_buffer[SOUK_FRAME_ANSWER_SIZE_MAX];
  char error_buffer[1024];
};

/* exec.c */
SoukExec *souk_exec_ref (SoukExec *self);
void souk_exec_unref (SoukExec *self);
/* The job's process is gone, or never was; `outcome` is what its owner gets. */
void souk_exec_job_ended (SoukExecJob *job, SoukExecOutcome *outcome);

/* job.c */
/* Returns: a job with one reference; job->failure is set when its input cannot be run. */
SoukExecJob *souk_exec_job_new (SoukExec *exec, const SoukExecInput *input);
SoukExecJob *souk_exec_job_ref (SoukExecJob *self);
void souk_exec_job_unref (SoukExecJob *self);
/* Starts the process, or ends the job when that fails or job->failure is set already. */
void souk_exec_job_start (SoukExecJob *self);
/* Kills the process if there is one. */
void souk_exec_job_kill (SoukExecJob *self, SoukExecFailure failure, const char *reason);

/* sandbox.c */
/* Returns: a memory file with all frames of the job, sealed; -1 and sets *error. */
int souk_sandbox_write_frames (const SoukExecInput *input, GError **error);
/* Starts the worker in its sandbox. `frames_fd` and `info_fd` are taken in any case. */
GSubprocess *souk_sandbox_spawn (const char *bwrap, const char *worker, GBytes *filter,
                                 int frames_fd, int info_fd, GError **error);
/* Returns: (transfer full): the worker's path by the rules of SoukExecConfig. */
char *souk_sandbox_find_worker (const char *configured);
/* Returns: false and sets *error when this computer obviously cannot run jobs. */
bool souk_sandbox_is_possible (const char *bwrap, const char *worker, GError **error);
/* Returns: a GError that says what to do about bubblewrap's complaint. */
GError *souk_sandbox_explain (const char *complaint);
