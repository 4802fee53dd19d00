/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads a worker's answer and believes none of it beyond the job's limits. PURE.
 *
 * Bytes in, chunks of output out, one failure at most. What the worker should have limited itself
 * is counted again here, since the job may have taken the worker over: output, files, their number
 * and paths. An answer that breaks the format ends as WORKER_CRASHED.
 *
 * Ownership: the collector owns what it collects until souk_collector_done(). Thread: any.
 */
#pragma once
#include "worker/frames.h"

typedef struct {
  char *path;
  GBytes *bytes;
} SoukExecFile;

void souk_exec_file_free (SoukExecFile *file);

typedef struct {
  uint64_t output_left, file_left;
  GByteArray *pending; /* bytes of which no frame is complete; at most one frame and one feed */
  size_t taken;        /* of pending */
  GByteArray *output, *errors;
  GPtrArray *files;  /* of SoukExecFile *, complete ones */
  GHashTable *paths; /* of those, to refuse a second one */
  char *open_path;   /* the file being received, or NULL */
  GByteArray *open_data;
  bool has_report;
  SoukExecReport report; /* its reason is empty: see `reason` */
  char *reason;
  SoukExecFailure failure; /* NONE until the answer breaks a rule */
} SoukCollector;

/* A run of standard output or error. */
typedef struct {
  bool is_error;
  SoukSlice bytes;
} SoukCollectorChunk;

void souk_collector_init (SoukCollector *self, uint64_t output_bytes, uint64_t file_bytes);
void souk_collector_done (SoukCollector *self);

/* Takes bytes that the worker wrote; then souk_collector_next() until false. */
void souk_collector_feed (SoukCollector *self, SoukSlice bytes);
/* Returns: true and the next chunk, whose bytes are valid until the next call; false when more
 * bytes are needed, or self->failure is set, after which nothing more is taken. */
bool souk_collector_next (SoukCollector *self, SoukCollectorChunk *out);
