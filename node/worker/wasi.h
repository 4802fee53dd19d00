/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * WASI preview 1, and the older wasi_unstable, over the file system in memory. PURE.
 *
 * Nothing here knows an engine. The adaptor (engine-jsc.c) puts the program's linear memory into
 * `memory` before each call, the arguments into `args`, calls souk_wasi_call() and then looks at
 * `ended`: a program that ends itself, or has to be ended, must not get the processor again.
 * Time, randomness and output are the host's, given in SoukWasiHost; with a virtual clock the
 * program's time depends on nothing but its own calls. Sockets answer "not supported".
 *
 * Every pointer that the program gives is checked against its memory at each use.
 * Thread: the worker's only one. Specification: WebAssembly/WASI, legacy/preview1/docs.md.
 */
#pragma once
#include "base/rng.h"
#include "worker/frames.h"
#include "worker/memfs.h"
#include "worker/wasm-module.h"

#define SOUK_WASI_ARGS_MAX 9
/* More at once than any program opens; each is 48 bytes. */
#define SOUK_WASI_FDS_MAX 512u
/* Buffers of one read or write; a shorter transfer is always allowed. */
#define SOUK_WASI_BUFFERS_MAX 1024u
#define SOUK_WASI_SUBSCRIPTIONS_MAX 256u

/* One argument as the program passed it; 32-bit ones in the low half. */
typedef union {
  uint32_t u32;
  uint64_t u64;
} SoukWasiArg;

typedef struct SoukWasi SoukWasi;

/* What a program may ask of the outside. `user` is the first argument of each. */
typedef struct {
  void (*write) (void *user, bool is_error, SoukSlice bytes); /* standard output or error */
  uint64_t (*now_ns) (void *user, uint32_t clock);            /* not called with a virtual clock */
  void (*sleep_ns) (void *user, uint64_t ns);                 /* the same */
  SoukRng *rng;
  void *user;
} SoukWasiHost;

/* One function: its name, how many arguments it has, and which of them are 64 bits wide. */
typedef struct {
  const char *name;
  uint8_t n_args;
  uint16_t wide;
  uint32_t (*call) (SoukWasi *self, const SoukWasiArg *args);
} SoukWasiFunction;

extern const SoukWasiFunction souk_wasi_functions[];
extern const unsigned souk_wasi_n_functions;

typedef enum { WASI_FD_FREE, WASI_FD_IN, WASI_FD_OUT, WASI_FD_ERROR, WASI_FD_NODE } SoukWasiFdKind;

typedef struct {
  SoukWasiFdKind kind;
  uint16_t flags;
  uint64_t rights;
  uint64_t offset;
  SoukMemNode *node;   /* holds a reference */
  const char *preopen; /* its name, static, or NULL */
} SoukWasiFd;

struct SoukWasi {
  SoukWasiHost host;
  uint8_t *memory; /* set by the adaptor before each call */
  size_t memory_len;
  SoukWasiArg args[SOUK_WASI_ARGS_MAX];

  char **argv, **envp; /* borrowed */
  SoukSlice input;     /* borrowed */
  bool is_unstable;    /* the call is one of wasi_unstable; set by the adaptor */
  bool virtual_clock;
  uint64_t clock_ns;    /* virtual time since the job's start */
  uint64_t output_left; /* bytes of standard output and error */
  uint64_t work;        /* fuel that calls cost beside their instructions; the adaptor takes it */
  SoukMemfs files;
  GArray *fds; /* of SoukWasiFd */

  bool ended;
  SoukExecFailure failure; /* once ended */
  uint32_t exit_code;
  const char *reason; /* static, or NULL */
};

/* Prepares a program's world from the job: "/" is open as descriptor 3, with the given files and
 * the folders /out and /tmp. `spec` must outlive `self`.
 * Returns: SOUK_EXEC_NONE, or BAD_JOB when two given files exclude each other. */
SoukExecFailure souk_wasi_init (SoukWasi *self, const SoukExecSpec *spec, const SoukWasiHost *host);
void souk_wasi_done (SoukWasi *self);

/* Calls the function `index` of the table with self->args. Returns: a WASI errno. */
uint32_t souk_wasi_call (SoukWasi *self, unsigned index);

/* Says which imports a module may have: the functions of the table with their exact signature, and
 * sockets of any signature, which all answer ENOSYS. A SoukModuleImportFunc. */
SoukModuleStatus souk_wasi_import_ok (SoukSlice module, SoukSlice name, SoukSlice params,
                                      SoukSlice results);
