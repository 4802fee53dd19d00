/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The work machine's rows, for work.c and for the tests that walk all of them. PURE.
 */
#pragma once
#include "market/work.h"

/* clang-format off */
#define SOUK_WORK_INPUTS(X)                                                                         \
  X (AWARDED_FREE) X (AWARDED_PAID) X (DECLINED) X (CANCELLED_FREE) X (CANCELLED_PAID)              \
  X (FUNDED) X (FUNDED_DONE) X (STAGED) X (DONE) X (FAULT) X (GIVE_UP)                              \
  X (SENT) X (SENT_FREE) X (SENT_PAID) X (RECEIPT_FREE) X (RECEIPT_PAID) X (TX_STORED)              \
  X (TX_FAILED) X (SUBMITTED) X (PAID) X (REFUNDED) X (UNDO_FUNDED) X (UNDO_SUBMITTED)              \
  X (UNDO_SETTLED) X (TIMEOUT_FREE) X (TIMEOUT_PAID)
/* clang-format on */

typedef enum {
#define SOUK_WORK_INPUT_ENUM(symbol) SOUK_WORK_IN_##symbol,
  SOUK_WORK_INPUTS (SOUK_WORK_INPUT_ENUM)
#undef SOUK_WORK_INPUT_ENUM
      SOUK_WORK_INPUT_COUNT
} SoukWorkInput;

/* Two targets that are no phases: none, and the phase before a settlement. */
#define SOUK_WORK_STAYS 0
#define SOUK_WORK_BACK 63

typedef struct {
  uint64_t from;
  SoukWorkInput input;
  uint8_t to;
  SoukSeenChange seen;
  void (*action) (SoukWork *self, const SoukWorkEvent *event); /* NULL: none */
  SoukWorkReason reason;                                       /* NONE: it stays */
} SoukWorkRow;

const SoukWorkRow *souk_work_rows (size_t *out_count);
const SoukWorkRow *souk_work_find_row (SoukWorkPhase phase, SoukWorkInput input);

typedef enum {
  SOUK_WORK_DEADLINE_NONE,
  SOUK_WORK_DEADLINE_BID,     /* shortly after the bid ends */
  SOUK_WORK_DEADLINE_JOB,     /* the job's own */
  SOUK_WORK_DEADLINE_RECEIPT, /* ten minutes, and time must be left to submit */
  SOUK_WORK_DEADLINE_SUBMIT,  /* the chain's and a little */
  SOUK_WORK_DEADLINE_CLAIM,   /* the chain's and a little */
} SoukWorkDeadline;

typedef struct {
  const char *name;
  SoukWorkCommand command;
  SoukWorkCommand watched;
  uint32_t tries_max;
  uint32_t pause_ms;
  SoukWorkDeadline deadline;
  const char *sentence;
  const char *then;
} SoukWorkPhaseInfo;

/* Returns: (nullable): NULL for a number that is no phase. */
const SoukWorkPhaseInfo *souk_work_phase_info (unsigned phase);
