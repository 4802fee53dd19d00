/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs strangers' WASI jobs, each in a process of its own inside a sandbox. GLIB.
 *
 * The process is souk-worker inside bubblewrap: no network, no file of this computer, no other
 * process, no right; from outside it is watched and killed on wall clock, processor time, memory
 * and output. It fails closed: where the sandbox cannot be made, no job runs, and
 * souk_exec_check() says in a sentence what to do. Inside Flatpak bubblewrap cannot be used, so
 * jobs are refused there (SOUK_EXEC_ERROR_FLATPAK).
 *
 * Thread: the one that made the SoukExec, with its default main context; it must live as long as
 * the jobs do, because a sandbox dies with the thread that started it. Callbacks come from that
 * context and never from inside a call into this interface.
 */
#pragma once
#include "exec/collector.h"

typedef struct SoukExec SoukExec;
typedef struct SoukExecJob SoukExecJob;

#define SOUK_EXEC_ERROR (souk_exec_error_quark ())
GQuark souk_exec_error_quark (void);
typedef enum {
  SOUK_EXEC_ERROR_FLATPAK,   /* inside Flatpak, where bubblewrap cannot nest */
  SOUK_EXEC_ERROR_NO_BWRAP,  /* bubblewrap is not installed */
  SOUK_EXEC_ERROR_NO_WORKER, /* souk-worker is not where it should be */
  SOUK_EXEC_ERROR_ROOT,      /* root that cannot become an ordinary user for a job */
  SOUK_EXEC_ERROR_BWRAP,     /* bubblewrap refuses, mostly for want of user namespaces */
  SOUK_EXEC_ERROR_WORKER,    /* the worker does not start or does not answer as it should */
} SoukExecError;

/* Jobs that wait for others; beyond that a job ends as BUSY. */
#define SOUK_EXEC_QUEUE_MAX 8u
/* Each maximum bounds what one job can take of this computer whatever its requester asks. */
#define SOUK_EXEC_MEMORY_MB_MAX 4096u
#define SOUK_EXEC_WALL_MS_MAX (24u * 3600u * 1000u)
#define SOUK_EXEC_OUTPUT_BYTES_MAX (64u << 20)
#define SOUK_EXEC_FILE_BYTES_MAX (1024u << 20)
#define SOUK_EXEC_FUEL_MAX (UINT64_C (1) << 60)

/* Every field must be set, but fuel; 0 of it means: not metered. */
typedef struct {
  uint32_t memory_mb;    /* the program's memory */
  uint64_t wall_ms;      /* from start to end, compiling included */
  uint64_t cpu_ms;       /* of all threads, the engine's included */
  uint64_t output_bytes; /* standard output and error together */
  uint64_t file_bytes;   /* what the program keeps in files */
  uint64_t fuel;
} SoukExecLimits;

/* Returns: limits for a small job: 256 MB, 60 s, 60 s, 1 MiB, 64 MiB, not metered. */
SoukExecLimits souk_exec_limits_default (void);

/* What to run. All is borrowed during souk_exec_run() only. */
typedef struct {
  GBytes *module;
  GBytes *input;             /* standard input, or NULL */
  const char *const *args;   /* with the program's name first; NULL-terminated, or NULL for none */
  const char *const *env;    /* "NAME=value"; NULL-terminated, or NULL for none */
  const SoukExecFile *files; /* absolute paths, see souk_exec_path_is_valid() */
  size_t n_files;
  SoukExecLimits limits;
  bool deterministic; /* virtual clock, seeded randomness, canonical NaNs */
  uint64_t seed;
} SoukExecInput;

typedef enum {
  SOUK_EXEC_STARTED,   /* it left the queue */
  SOUK_EXEC_OUTPUT,    /* `chunk` of standard output */
  SOUK_EXEC_ERRORS,    /* `chunk` of standard error */
  SOUK_EXEC_HEARTBEAT, /* once a second */
} SoukExecProgressKind;

typedef struct {
  SoukExecProgressKind kind;
  SoukSlice chunk; /* valid during the callback */
  uint64_t wall_ms, cpu_ms, memory_kb;
} SoukExecProgress;

/* How a job ended. Files are given back only by a program that ended by itself; output always. */
typedef struct {
  SoukExecFailure failure;
  SoukExecTrap trap;
  char *reason; /* a sentence for a person; never NULL */
  uint32_t exit_code;
  GBytes *output, *errors;
  GPtrArray *files; /* of SoukExecFile *, below /out/ */
  uint64_t fuel_used;
  uint64_t wall_ms, cpu_ms;
  uint64_t memory_peak_kb; /* of the process, engine included, as far as it was seen */
  bool has_jit;            /* false: this computer makes the engine interpret, many times slower */
} SoukExecOutcome;

typedef void (*SoukExecProgressFunc) (SoukExecJob *job, const SoukExecProgress *progress,
                                      void *user);
/* `outcome` is valid during the callback; `job` is gone after it. */
typedef void (*SoukExecDoneFunc) (SoukExecJob *job, const SoukExecOutcome *outcome, void *user);
/* `error` is NULL when jobs can run; valid during the callback. */
typedef void (*SoukExecCheckFunc) (SoukExec *exec, const GError *error, void *user);

typedef struct {
  const char *worker;    /* NULL: $SOUK_WORKER, else the installed one, else the build tree's */
  const char *bwrap;     /* NULL: bwrap on the PATH */
  unsigned jobs_at_once; /* 0: 1 */
} SoukExecConfig;

SoukExec *souk_exec_new (const SoukExecConfig *config);
/* Kills what runs; no callback comes afterwards. */
void souk_exec_free (SoukExec *self);
void souk_exec_set_jobs_at_once (SoukExec *self, unsigned jobs);
/* Jobs that run or wait. */
unsigned souk_exec_n_jobs (const SoukExec *self);

/* Tries the sandbox with a small job of the node's own, unless it was found good before; the
 * first job does the same by itself. A failed check is not kept: the next one tries anew. */
void souk_exec_check (SoukExec *self, SoukExecCheckFunc done, void *user);

/* Starts a job, or queues it. Every job ends in on_done, whatever is wrong with it, unless it is
 * cancelled. on_progress may be NULL.
 * Returns: (transfer none) a cookie, valid until on_done has returned. */
SoukExecJob *souk_exec_run (SoukExec *self, const SoukExecInput *input,
                            SoukExecProgressFunc on_progress, SoukExecDoneFunc on_done, void *user);
/* Kills the job; the cookie is dead and no callback of it comes any more. */
void souk_exec_cancel (SoukExecJob *job);

/* Returns: the most memory in MB that the job's process may take before it is killed: the
 * program's, its files, its inputs, and what the engine needs for a module of this size. */
uint64_t souk_exec_memory_ceiling_mb (const SoukExecInput *input);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukExec, souk_exec_free)
