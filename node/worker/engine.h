/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the worker wants of a WebAssembly engine. One file implements it (engine-jsc.c); another
 * engine would cost one more.
 *
 * One engine runs one module in a process's life. Thread: the process's first.
 */
#pragma once
#include "worker/wasi.h"

typedef struct SoukEngine SoukEngine;

/* How a run ended. */
typedef struct {
  SoukExecFailure failure;
  SoukExecTrap trap;
  uint32_t exit_code;
  int64_t fuel_left; /* below 0: it ran out; meaningless when not metered */
  const char *reason;
} SoukEngineEnd;

/* Called once, when the program has ended; must not return, since the program could catch any
 * exception that is thrown to stop it. */
typedef void (*SoukEngineEndFunc) (const SoukEngineEnd *end, void *user);

/* Starts the engine with its threads; it opens the files that it needs, so the process may be
 * locked after that. Returns: NULL when it does not start. */
SoukEngine *souk_engine_new (void);

/* Compiles the rewritten module, runs its _start and calls `end`. Does not return. */
void souk_engine_run (SoukEngine *self, GBytes *module, bool is_metered, SoukWasi *wasi,
                      SoukEngineEndFunc end, void *user) G_GNUC_NORETURN;
