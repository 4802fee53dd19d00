/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Job specifications: what a requester asks to be computed (souk.proto, Job). PURE.
 *
 * The canonical bytes of the body are what the job's hash covers; a bid binds that hash, so a
 * provider and a requester who disagree about one flag cannot make a deal. A decoded specification
 * is owned by who decoded it.
 */
#pragma once
#include "base/u256.h"
#include "market/record.h"

typedef struct {
  char *path; /* relative, no empty, "." or ".." part */
  SoukCid cid;
} SoukJobFile;

typedef struct {
  uint32_t memory_mb;
  uint64_t wall_ms;
  uint64_t cpu_ms;
  uint64_t output_bytes;
  uint64_t fuel; /* 0: not metered, time alone limits */
} SoukJobLimits;

typedef struct {
  char *title;
  SoukCid module;
  bool has_input;
  SoukCid input; /* becomes standard input */
  GStrv args;    /* without the program's name; never NULL once decoded */
  GStrv env;     /* "NAME=value" */
  SoukJobFile *files;
  size_t file_count;
  SoukJobLimits limits;
  SoukWei max_price;
  SoukAddress token;
  uint64_t chain_id; /* 0 exactly when max_price is 0 */
  SoukAddress contract;
  uint32_t bid_window_ms;
  int64_t deadline; /* seconds since 1970: a later result is worth nothing */
  bool is_deterministic;
  uint32_t confirm_window_s; /* 0 exactly when free */
  uint32_t submit_within_s;
} SoukJobSpec;

bool souk_job_spec_is_free (const SoukJobSpec *self);
/* Checks what `wallet` (zero: none) would ask for. Returns: OK or a JOB_ status. */
SoukStatus souk_job_spec_check (const SoukJobSpec *self, const SoukAddress *wallet);
/* Returns: (transfer full): the canonical body; the specification passes the check. */
GBytes *souk_job_spec_to_body (const SoukJobSpec *self);
/* Decodes a canonical body and checks it. Out: (transfer full). */
SoukStatus souk_job_spec_from_body (SoukSlice body, const SoukAddress *wallet, SoukJobSpec **out);
SoukStatus souk_job_spec_from_record (const SoukRecord *record, SoukJobSpec **out);
/* jobHash: Keccak-256 of the canonical body. */
void souk_job_hash (uint8_t out[SOUK_HASH_SIZE], SoukSlice body);
void souk_job_spec_free (SoukJobSpec *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukJobSpec, souk_job_spec_free)
