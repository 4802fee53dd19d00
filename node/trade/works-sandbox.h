/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sandbox in the market's words: jobs as specifications, ends as results. GLIB, node thread.
 *
 * Maps between market/ and exec/, which know nothing of each other.
 */
#pragma once
#include "market/job.h"

typedef struct SoukSandbox SoukSandbox;
typedef struct SoukSandboxJob SoukSandboxJob;

SoukSandbox *souk_sandbox_new (void);
/* Kills what runs; no call comes afterwards. */
void souk_sandbox_free (SoukSandbox *self);
void souk_sandbox_set_jobs_at_once (SoukSandbox *self, unsigned jobs);

/* `problem` NULL: jobs can be locked in; else a sentence that says what to do. */
typedef void (*SoukSandboxChecked) (const char *problem, void *user);
void souk_sandbox_check (SoukSandbox *self, SoukSandboxChecked done, void *user);

/* A file that goes in or comes out; paths are absolute. */
typedef struct {
  char *path;
  GBytes *content;
} SoukSandboxFile;

/* What a job left behind. */
typedef struct {
  GBytes *output;
  GBytes *errors;
  GPtrArray *files; /* of SoukSandboxFile *: below /out/ */
} SoukSandboxEnd;

typedef struct {
  /* A piece of standard output or error. */
  void (*on_output) (SoukSlice chunk, void *user);
  /* How it ended; `result` has no CID yet. Both are borrowed. */
  void (*on_end) (const SoukJobResult *result, const SoukSandboxEnd *end, void *user);
} SoukSandboxWatch;

/* Runs a job. `module`, `input` (may be NULL) and `files` are the data of the specification.
 * `seed` is for deterministic jobs. Returns: (transfer none): until on_end, for cancelling. */
SoukSandboxJob *souk_sandbox_run (SoukSandbox *self, const SoukJobSpec *spec, GBytes *module,
                                  GBytes *input, GPtrArray *files, uint64_t seed,
                                  const SoukSandboxWatch *watch, void *user);
/* Kills it; on_end does not come. */
void souk_sandbox_cancel (SoukSandboxJob *job);
