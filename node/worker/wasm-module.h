/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checks a stranger's WebAssembly module and rewrites it before any engine sees it. PURE.
 *
 * What passes is a fixed profile: WebAssembly 2.0 with tail calls and the first form of exceptions.
 * Threads, garbage collection, 64-bit and several memories, relaxed SIMD, extended constants,
 * try_table and every import that is not a WASI function are refused here and not by what today's
 * engine lacks, since two nodes that run the same job have to agree. The engine still validates
 * the result; this pass has to be safe and the same everywhere, not a complete validator.
 *
 * What is added on request:
 *  - caps on the maximum of memory and tables;
 *  - fuel: an exported mutable i64 global "__fuel", lowered before each straight run of
 *    instructions and tested at function entries and loop heads;
 *  - depth: an exported mutable i32 global "__depth" that counts frames by their size, so that too
 *    deep a recursion ends at the same call on each engine and tier;
 *  - canonical NaNs, wherever the bits of a float can be seen.
 * A start section becomes the export "__begin", to be called before _start.
 *
 * A pass is linear in the module's size and keeps nothing afterwards. Thread: any.
 */
#pragma once
#include "base/bytes.h"
#include "worker/frames.h"

/* A larger module takes an engine seconds and gigabytes to compile. */
#define SOUK_MODULE_SIZE_MAX (64u << 20)
/* Metering makes a module larger; a module of nothing but loop heads grows by fifteen times. */
#define SOUK_MODULE_REWRITTEN_SIZE_MAX (192u << 20)
/* One table.grow of nine million entries takes 1.6 GB of the engine. */
#define SOUK_MODULE_TABLE_ENTRIES_MAX 100000u
#define SOUK_MODULE_TABLES_MAX 4u
/* What any engine of today takes, or less. */
#define SOUK_MODULE_ITEMS_MAX 500000u
#define SOUK_MODULE_PARAMS_MAX 1000u
#define SOUK_MODULE_LOCALS_MAX 50000u
#define SOUK_MODULE_BODY_SIZE_MAX 7654321u
#define SOUK_MODULE_BRANCHES_MAX 65520u
/* The sum over all frames of 24 plus parameters plus locals; 16 bytes of native stack each. */
#define SOUK_MODULE_DEPTH_MAX 1000000
#define SOUK_MODULE_FRAME_COST 24u

/* What can be wrong with a module: {symbol, failure of the job, sentence}. */
/* clang-format off */
#define SOUK_MODULE_STATUS_TABLE(X)                                                                 \
  X (OK,               NONE,                "The module is fine.")                                  \
  X (NOT_WASM,         BAD_MODULE,          "This is not a WebAssembly module.")                    \
  X (COMPONENT,        UNSUPPORTED_FEATURE, "This is a WebAssembly component; a core module is needed.") \
  X (TOO_LARGE,        BAD_MODULE,          "The module is larger than 64 MiB.")                    \
  X (TOO_LARGE_AFTER,  BAD_MODULE,          "The module is too large once it is metered.")          \
  X (TRUNCATED,        BAD_MODULE,          "The module ends too early, or a number in it is malformed.") \
  X (SECTION_UNKNOWN,  BAD_MODULE,          "The module has a section of an unknown kind.")         \
  X (SECTION_ORDER,    BAD_MODULE,          "The module's sections are out of order.")              \
  X (SECTION_SIZE,     BAD_MODULE,          "A section is longer than what it holds.")              \
  X (ITEMS,            BAD_MODULE,          "The module has too many functions, types or segments.") \
  X (INDEX,            BAD_MODULE,          "The module refers to something that it does not have.") \
  X (FUNCTION_COUNT,   BAD_MODULE,          "The module declares other functions than it has.")     \
  X (BODY,             BAD_MODULE,          "A function's code is malformed.")                      \
  X (BODY_SIZE,        BAD_MODULE,          "A function is too large.")                             \
  X (LOCALS,           BAD_MODULE,          "A function has too many local variables or parameters.") \
  X (INSTRUCTION,      BAD_MODULE,          "The code has an unknown instruction.")                 \
  X (RESERVED_NAME,    BAD_MODULE,          "The module exports a name that the metering needs.")   \
  X (NO_START,         BAD_MODULE,          "The module is not a WASI command: it exports no function \"_start\".") \
  X (IMPORT_UNKNOWN,   BAD_MODULE,          "The module imports a function that is not part of WASI preview 1.") \
  X (IMPORT_SIGNATURE, BAD_MODULE,          "The module imports a WASI function with the wrong parameters.") \
  X (IMPORT_KIND,      UNSUPPORTED_FEATURE, "The module imports a memory, a table, a global or a tag.") \
  X (THREADS,          UNSUPPORTED_FEATURE, "The module uses threads (shared memory or atomic instructions).") \
  X (MEMORY64,         UNSUPPORTED_FEATURE, "The module uses 64-bit memory.")                       \
  X (MULTI_MEMORY,     UNSUPPORTED_FEATURE, "The module uses several memories.")                    \
  X (GC,               UNSUPPORTED_FEATURE, "The module uses garbage-collected or typed references.") \
  X (RELAXED_SIMD,     UNSUPPORTED_FEATURE, "The module uses relaxed SIMD.")                        \
  X (EXTENDED_CONST,   UNSUPPORTED_FEATURE, "The module uses extended constant expressions.")       \
  X (TRY_TABLE,        UNSUPPORTED_FEATURE, "The module uses the second form of exceptions (try_table).") \
  X (TABLES,           MEMORY_LIMIT,        "The module wants larger tables than are allowed.")     \
  X (MEMORY,           MEMORY_LIMIT,        "The module wants more memory than the job may use.")
/* clang-format on */

typedef enum {
#define SOUK_MODULE_STATUS_ENUM(symbol, failure, sentence) SOUK_MODULE_##symbol,
  SOUK_MODULE_STATUS_TABLE (SOUK_MODULE_STATUS_ENUM)
#undef SOUK_MODULE_STATUS_ENUM
      SOUK_MODULE_STATUS_COUNT
} SoukModuleStatus;

/* Answers whether a function may be imported: `params` and `results` are the value types of its
 * signature (0x7f i32, 0x7e i64, …). Returns: SOUK_MODULE_OK, _IMPORT_UNKNOWN or _IMPORT_SIGNATURE. */
typedef SoukModuleStatus (*SoukModuleImportFunc) (SoukSlice module, SoukSlice name,
                                                  SoukSlice params, SoukSlice results);

typedef struct {
  uint32_t pages_max;             /* cap on memory in pages of 64 KiB, 1 to 65536 */
  uint64_t fuel;                  /* what __fuel starts with; 0: no metering */
  bool depth;                     /* count frames */
  bool canonical_nan;             /* same bits for each NaN that can be seen */
  SoukModuleImportFunc import_ok; /* never NULL */
} SoukModuleOptions;

/* Checks `module` and writes the module to run.
 * Returns: SOUK_MODULE_OK and sets *out (transfer full) to the rewritten module; otherwise what is
 * wrong, sets *out_offset to about where, and leaves *out alone. */
SoukModuleStatus souk_module_rewrite (SoukSlice module, const SoukModuleOptions *options,
                                      GBytes **out, size_t *out_offset);

/* Returns: a sentence for a person; owned by the table. */
const char *souk_module_status_sentence (SoukModuleStatus status);
/* Returns: how a job with such a module fails; SOUK_EXEC_NONE for OK. */
SoukExecFailure souk_module_status_failure (SoukModuleStatus status);
