/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When this computer offers its time: the provider's rules and what they say about a job. PURE.
 *
 * souk_policy_decide() is a function of what it is given; policy-state.h reads the state of the
 * computer for it. The rules are the owner's, so they say yes to nothing until they are enabled.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Why a job is not taken: {symbol, name, sentence}; the first rule that says no is the reason. */
/* clang-format off */
#define SOUK_POLICY_TABLE(X)                                                                        \
  X (TAKE,       "take",        "The job can run now.")                                             \
  X (DISABLED,   "disabled",    "This computer does not offer its time.")                           \
  X (SANDBOX,    "no-sandbox",  "This computer cannot lock jobs in, so it takes none.")             \
  X (JOB_MEMORY, "job-memory",  "The job wants more memory than this computer gives to one.")       \
  X (JOB_TIME,   "job-time",    "The job wants to run longer than this computer lets one.")         \
  X (JOB_DISK,   "job-disk",    "The job's files are larger than this computer allows.")            \
  X (BUSY,       "busy",        "As many jobs as this computer takes are running.")                 \
  X (HOURS,      "hours",       "This computer takes jobs at other hours.")                         \
  X (BATTERY,    "battery",     "This computer runs on its battery.")                               \
  X (METERED,    "metered",     "This computer's connection is paid by volume.")                    \
  X (LOW_MEMORY, "low-memory",  "This computer has too little memory left.")                        \
  X (LOW_DISK,   "low-disk",    "This computer has too little room on its disk left.")
/* clang-format on */

typedef enum {
#define SOUK_POLICY_ENUM(symbol, name, sentence) SOUK_POLICY_##symbol,
  SOUK_POLICY_TABLE (SOUK_POLICY_ENUM)
#undef SOUK_POLICY_ENUM
      SOUK_POLICY_COUNT
} SoukPolicyVerdict;

/* The owner's rules. */
typedef struct {
  bool is_enabled;
  unsigned jobs_max;
  /* Minutes of the day, local time, the second not included; from > to goes over midnight and from
   * == to is the whole day. */
  uint16_t from_minute, to_minute;
  uint8_t weekdays;            /* bit 0 Monday to bit 6 Sunday; the day on which the hours begin */
  bool on_battery, on_metered; /* take jobs then too */
  uint64_t job_memory_mb_max;  /* of the whole process, see souk_exec_memory_ceiling_mb() */
  uint64_t job_wall_ms_max;
  uint64_t job_disk_mb_max;
  uint64_t memory_free_mb_min; /* has to be left beside the job */
  uint64_t disk_free_mb_min;
} SoukPolicy;

/* What the computer is like now. */
typedef struct {
  unsigned n_jobs; /* running and waiting */
  bool has_sandbox;
  uint16_t minute; /* of the day, local time */
  uint8_t weekday; /* 0 Monday to 6 Sunday */
  bool is_on_battery, is_metered;
  uint64_t memory_free_mb, disk_free_mb;
} SoukPolicyState;

/* What the job wants. */
typedef struct {
  uint64_t memory_mb, wall_ms, disk_mb;
} SoukPolicyAsk;

/* Returns: rules that are sensible but not enabled: one job, all hours, mains and unmetered only,
 * 2 GB and one hour a job. */
SoukPolicy souk_policy_default (void);

/* Returns: TAKE, or the first rule that says no. `ask` may be NULL: then what any job would hear. */
SoukPolicyVerdict souk_policy_decide (const SoukPolicy *policy, const SoukPolicyState *state,
                                      const SoukPolicyAsk *ask);

/* The stable name and a sentence for a person; owned by the table. */
const char *souk_policy_name (SoukPolicyVerdict verdict);
const char *souk_policy_sentence (SoukPolicyVerdict verdict);
