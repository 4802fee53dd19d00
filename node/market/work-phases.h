/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words of the work machine: commands, reasons, phases. PURE. See work.h.
 *
 * Numbers are on disk, phases also in JobProgress: do not renumber. Phase columns as in
 * order-phases.h.
 */
#pragma once

/* clang-format off */
#define SOUK_WORK_COMMANDS(X)                                                                       \
  X (0, NONE,           "none")                                                                     \
  X (1, STAGE_JOB,      "stage-job")      /* fetch module, input and files */                       \
  X (2, RUN_JOB,        "run-job")        /* run it, store and pin what comes out */                \
  X (3, SEND_RESULT,    "send-result")                                                              \
  X (4, SUBMIT_SETTLE,  "submit-settle")  /* with the requester's receipt */                        \
  X (5, SUBMIT_RESULT,  "submit-result")  /* without one */                                         \
  X (6, SUBMIT_RELEASE, "submit-release")                                                           \
  X (7, SUBMIT_REFUND,  "submit-refund")

#define SOUK_WORK_REASONS(X)                                                                        \
  X (0, NONE,        "none",        "Nothing went wrong.")                                          \
  X (1, NOT_CHOSEN,  "not-chosen",  "The requester did not take the bid while it held.")            \
  X (2, DECLINED,    "declined",    "This node could not take the job when it was asked.")          \
  X (3, NOT_FUNDED,  "not-funded",  "The requester did not pay into the contract while the bid held.") \
  X (4, CANCELLED,   "cancelled",   "The requester cancelled it.")                                  \
  X (5, FAILED_HERE, "failed-here", "This node could not run the job.")                             \
  X (6, LATE,        "late",        "The job was not done before its deadline.")                    \
  X (7, NO_RECEIPT,  "no-receipt",  "The requester gave no receipt.")

#define SOUK_WORK_PHASES(X)                                                                         \
  X (1,  BID_MADE,         "bid",              NONE,           NONE,           0, 0,    BID,     "A bid is out; the requester may choose it.", "The bid lapses.") \
  X (2,  WAITING_FUNDS,    "waiting-funds",    NONE,           NONE,           0, 0,    BID,     "Chosen; waiting for the money to be in the contract.", "The bid lapses.") \
  X (3,  STAGING,          "staging",          STAGE_JOB,      NONE,           6, 2000, JOB,     "Fetching the job's data.", "The job is given back.") \
  X (4,  RUNNING,          "running",          RUN_JOB,        NONE,           2, 1000, JOB,     "The job runs.", "The job is given back.") \
  X (5,  UPLOADING,        "uploading",        SEND_RESULT,    NONE,           0, 1000, RECEIPT, "Handing the result to the requester.", "The result goes on chain.") \
  X (6,  AWAITING_RECEIPT, "awaiting-receipt", NONE,           NONE,           0, 0,    RECEIPT, "The requester checks the result.", "The result goes on chain.") \
  X (7,  SETTLE_DUE,       "settle-due",       SUBMIT_SETTLE,  NONE,           0, 5000, NONE,    "The receipt is here; claiming the money with it.", "") \
  X (8,  SETTLING,         "settling",         NONE,           SUBMIT_SETTLE,  0, 0,    NONE,    "The settlement waits for the chain.", "") \
  X (9,  SUBMIT_DUE,       "submit-due",       SUBMIT_RESULT,  NONE,           0, 5000, SUBMIT,  "No receipt came; committing the result on chain.", "The requester can take the money back.") \
  X (10, SUBMITTING,       "submitting",       NONE,           SUBMIT_RESULT,  0, 0,    SUBMIT,  "The commitment waits for the chain.", "The requester can take the money back.") \
  X (11, SUBMITTED,        "submitted",        NONE,           NONE,           0, 0,    CLAIM,   "The result is on chain; the requester may still object.", "The money is claimed by itself.") \
  X (12, CLAIM_DUE,        "claim-due",        SUBMIT_RELEASE, NONE,           0, 5000, NONE,    "The requester was silent; claiming the money.", "") \
  X (13, CLAIMING,         "claiming",         NONE,           SUBMIT_RELEASE, 0, 0,    NONE,    "The claim waits for the chain.", "") \
  X (14, REPORTING,        "reporting",        SEND_RESULT,    NONE,           4, 1000, NONE,    "Telling the requester that the job failed here.", "") \
  X (15, REFUND_DUE,       "refund-due",       SUBMIT_REFUND,  NONE,           0, 5000, NONE,    "Giving the money back.", "") \
  X (16, REFUNDING,        "refunding",        NONE,           SUBMIT_REFUND,  0, 0,    NONE,    "The refund waits for the chain.", "") \
  X (17, MISSED,           "missed",           NONE,           NONE,           0, 0,    NONE,    "Too late for the chain; only a receipt brings the money now.", "") \
  X (18, SETTLED,          "settled",          NONE,           NONE,           0, 0,    NONE,    "Done.", "") \
  X (19, REFUNDED,         "refunded",         NONE,           NONE,           0, 0,    NONE,    "The money went back to the requester.", "") \
  X (20, LOST,             "lost",             NONE,           NONE,           0, 0,    NONE,    "The job went elsewhere.", "") \
  X (21, CANCELLED,        "cancelled",        NONE,           NONE,           0, 0,    NONE,    "Cancelled by the requester.", "") \
  X (22, FAILED,           "failed",           NONE,           NONE,           0, 0,    NONE,    "It did not work out.", "")
/* clang-format on */

typedef enum {
#define SOUK_WORK_COMMAND_ENUM(number, symbol, name) SOUK_WORK_COMMAND_##symbol = number,
  SOUK_WORK_COMMANDS (SOUK_WORK_COMMAND_ENUM)
#undef SOUK_WORK_COMMAND_ENUM
      SOUK_WORK_COMMAND_COUNT
} SoukWorkCommand;

typedef enum {
#define SOUK_WORK_REASON_ENUM(number, symbol, name, sentence) SOUK_WORK_REASON_##symbol = number,
  SOUK_WORK_REASONS (SOUK_WORK_REASON_ENUM)
#undef SOUK_WORK_REASON_ENUM
      SOUK_WORK_REASON_COUNT
} SoukWorkReason;

typedef enum {
#define SOUK_WORK_PHASE_ENUM(number, symbol, ...) SOUK_WORK_##symbol = number,
  SOUK_WORK_PHASES (SOUK_WORK_PHASE_ENUM)
#undef SOUK_WORK_PHASE_ENUM
      SOUK_WORK_PHASE_COUNT
} SoukWorkPhase;

/* Returns: the stable name, or the sentence. Never NULL. */
const char *souk_work_command_name (SoukWorkCommand command);
const char *souk_work_reason_name (SoukWorkReason reason);
const char *souk_work_reason_sentence (SoukWorkReason reason);
const char *souk_work_phase_name (SoukWorkPhase phase);
const char *souk_work_phase_sentence (SoukWorkPhase phase);
