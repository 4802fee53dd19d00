/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the node and the worker say to each other, and how a job can fail. PURE.
 *
 * A frame is {type: u8, length: u32 big-endian, payload}. The node writes the frames of one job
 * into a sealed memory file, which the worker maps: LIMITS, MODULE, any number of INPUT, ARG, ENV
 * and FILE in any order, END. The worker writes its answer to a pipe: STDOUT, STDERR, OUT_FILE
 * followed by its OUT_DATA, and last one EXIT. The node believes nothing of the answer beyond the
 * limits that it holds itself (exec/collector.c), since a hostile job may have taken the worker.
 *
 * Both ends are of one build, so the format has no version. Owner of payloads: whoever owns the
 * bytes that were decoded. Thread: any.
 */
#pragma once
#include "base/bytes.h"
#include "base/status.h"

/* How a job can end: {symbol, name, whether each honest node gets the same, sentence}. */
/* clang-format off */
#define SOUK_EXEC_FAILURE_TABLE(X)                                                                   \
  X (NONE,                "none",                true,  "The program ended by itself.")             \
  X (BAD_JOB,             "bad-job",             true,  "The job asks for something that cannot be: a path, an argument or a limit.") \
  X (BAD_MODULE,          "bad-module",          true,  "The program is not a WASI module that Souk can run.") \
  X (UNSUPPORTED_FEATURE, "unsupported-feature", true,  "The program uses a WebAssembly feature that Souk leaves out.") \
  X (TRAP,                "trap",                true,  "The program did something forbidden and was stopped.") \
  X (OUT_OF_FUEL,         "out-of-fuel",         true,  "The program used up its fuel.")            \
  X (OUTPUT_LIMIT,        "output-limit",        true,  "The program wrote more than the job allows.") \
  X (MEMORY_LIMIT,        "memory-limit",        true,  "The program asks for more memory than the job allows.") \
  X (KILLED_WALL,         "killed-wall",         false, "The job took longer than its time limit.") \
  X (KILLED_CPU,          "killed-cpu",          false, "The job used more processor time than its limit.") \
  X (KILLED_MEMORY,       "killed-memory",       false, "The job's process took more memory than its limit.") \
  X (WORKER_CRASHED,      "worker-crashed",      false, "The process that ran the job ended without an answer.") \
  X (SANDBOX_UNAVAILABLE, "sandbox-unavailable", false, "This computer cannot lock a job in, so the job was not run.") \
  X (BUSY,                "busy",                false, "Too many jobs are waiting already.")

/* What a trap was: {symbol, name, comparable}. The depth of "engine-stack" differs by tier and run. */
#define SOUK_EXEC_TRAP_TABLE(X)                                                                      \
  X (NONE,           "none",           true)                                                        \
  X (UNREACHABLE,    "unreachable",    true)                                                        \
  X (OUT_OF_BOUNDS,  "out-of-bounds",  true)                                                        \
  X (DIVISION,       "division",       true)                                                        \
  X (CONVERSION,     "conversion",     true)                                                        \
  X (INDIRECT_CALL,  "indirect-call",  true)                                                        \
  X (STACK_OVERFLOW, "stack-overflow", true)                                                        \
  X (EXCEPTION,      "exception",      true)                                                        \
  X (ENGINE_STACK,   "engine-stack",   false)                                                       \
  X (OTHER,          "other",          false)
/* clang-format on */

typedef enum {
#define SOUK_EXEC_FAILURE_ENUM(symbol, name, comparable, sentence) SOUK_EXEC_##symbol,
  SOUK_EXEC_FAILURE_TABLE (SOUK_EXEC_FAILURE_ENUM)
#undef SOUK_EXEC_FAILURE_ENUM
      SOUK_EXEC_FAILURE_COUNT
} SoukExecFailure;

typedef enum {
#define SOUK_EXEC_TRAP_ENUM(symbol, name, comparable) SOUK_EXEC_TRAP_##symbol,
  SOUK_EXEC_TRAP_TABLE (SOUK_EXEC_TRAP_ENUM)
#undef SOUK_EXEC_TRAP_ENUM
      SOUK_EXEC_TRAP_COUNT
} SoukExecTrap;

/* The stable name ("out-of-fuel"), and a sentence for a person; owned by the table. */
const char *souk_exec_failure_name (SoukExecFailure failure);
const char *souk_exec_failure_sentence (SoukExecFailure failure);
const char *souk_exec_trap_name (SoukExecTrap trap);
/* True when every honest node that runs the same deterministic job ends in the same way. */
bool souk_exec_failure_is_comparable (SoukExecFailure failure, SoukExecTrap trap);

/* Maxima of a job's parts; each stops a job from filling the provider's memory by its inputs. */
#define SOUK_EXEC_INPUTS_SIZE_MAX (256u << 20) /* module, standard input and files together */
#define SOUK_EXEC_STRINGS_MAX 512u             /* arguments and variables, each */
#define SOUK_EXEC_STRINGS_SIZE_MAX (256u << 10)
#define SOUK_EXEC_FILES_MAX 1024u /* given, and again those given back */
#define SOUK_EXEC_PATH_SIZE_MAX 1024u
#define SOUK_EXEC_REASON_SIZE_MAX 300u
/* No frame of an answer is longer, so that the node buffers little. */
#define SOUK_FRAME_ANSWER_SIZE_MAX (64u << 10)
#define SOUK_FRAME_HEADER_SIZE 5

typedef enum {
  SOUK_FRAME_LIMITS = 1,
  SOUK_FRAME_MODULE = 2,
  SOUK_FRAME_INPUT = 3,
  SOUK_FRAME_ARG = 4,
  SOUK_FRAME_ENV = 5,
  SOUK_FRAME_FILE = 6, /* u32 length of the path, path, bytes */
  SOUK_FRAME_END = 7,
  SOUK_FRAME_STDOUT = 16,
  SOUK_FRAME_STDERR = 17,
  SOUK_FRAME_OUT_FILE = 18, /* path */
  SOUK_FRAME_OUT_DATA = 19,
  SOUK_FRAME_EXIT = 20,
} SoukFrameType;

typedef struct {
  SoukFrameType type;
  SoukSlice payload;
} SoukFrame;

/* What the worker has to know of a job's limits. */
typedef struct {
  uint32_t memory_pages; /* of 64 KiB, 1 to 65536 */
  uint64_t output_bytes; /* standard output and error together */
  uint64_t file_bytes;   /* all that the program may keep in files of its own */
  uint64_t fuel;         /* 0: not metered */
  uint64_t cpu_ms;       /* a second line behind the node's own watch */
  bool deterministic;    /* virtual clock, seeded randomness, canonical NaNs, counted frames */
  uint64_t seed;
} SoukExecSettings;

typedef struct {
  SoukSlice path, bytes;
} SoukExecGivenFile;

/* One job as the worker reads it; the slices look into the decoded bytes. */
typedef struct {
  SoukExecSettings settings;
  SoukSlice module, input;
  GPtrArray *args, *env; /* of char *, NULL-terminated */
  GArray *files;         /* of SoukExecGivenFile */
} SoukExecSpec;

/* What the last frame says. */
typedef struct {
  SoukExecFailure failure;
  SoukExecTrap trap;
  uint32_t exit_code;
  uint64_t fuel_used;      /* 0 when not metered */
  uint32_t wall_ms;        /* inside the worker: check, compile and run */
  uint32_t memory_pages;   /* of the program at its end */
  uint32_t memory_peak_kb; /* of the process */
  bool has_jit;            /* false: the engine only interprets, many times slower */
  SoukSlice reason;        /* what is wrong in detail, for a person; may be empty */
} SoukExecReport;

void souk_frame_header (uint8_t out[SOUK_FRAME_HEADER_SIZE], SoukFrameType type, size_t len);
/* Reads one frame from the start of `in`. Returns: OK and sets both; SHORT_READ when `in` ends
 * inside it; TOO_LARGE when its payload is longer than `payload_max`. An unknown type is
 * BAD_ENCODING. */
SoukStatus souk_frame_decode (SoukSlice in, size_t payload_max, SoukFrame *out, size_t *out_used);

void souk_exec_settings_encode (const SoukExecSettings *settings, GByteArray *out);
void souk_exec_report_encode (const SoukExecReport *report, GByteArray *out);
SoukStatus souk_exec_report_decode (SoukSlice payload, SoukExecReport *out);

/* Reads all frames of a job. Returns: OK and fills *out, which souk_exec_spec_done() empties. */
SoukStatus souk_exec_spec_decode (SoukSlice frames, SoukExecSpec *out);
void souk_exec_spec_done (SoukExecSpec *spec);

/* True for a path that a job may give or give back: absolute, without empty, "." or ".." parts,
 * valid UTF-8 without control characters, and not too long. */
bool souk_exec_path_is_valid (SoukSlice path);
