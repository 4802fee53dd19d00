/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words of the job machine: commands, reasons, phases, failures. PURE. See job.h and work.h.
 *
 * Numbers are on disk, failures also on the wire: do not renumber. Names are stable. Phase columns:
 * number, symbol, name, its command, how often the command may fail (0: for ever), first pause in
 * ms, which deadline, what it is, what happens by itself at the deadline.
 */
#pragma once

/* clang-format off */
#define SOUK_JOB_COMMANDS(X)                                                                        \
  X (0, NONE,           "none")                                                                     \
  X (1, PUBLISH_JOB,    "publish-job")    /* gossip the record, a new sequence each round */        \
  X (2, SEND_AWARD,     "send-award")     /* to the current bid's peer */                           \
  X (3, SUBMIT_FUND,    "submit-fund")    /* accept the bid on chain */                             \
  X (4, FOLLOW_JOB,     "follow-job")     /* keep a stream to the provider; tell it of the funds */ \
  X (5, FETCH_RESULT,   "fetch-result")                                                             \
  X (6, SEND_RECEIPT,   "send-receipt")   /* sign it when priced; the same bytes each time */       \
  X (7, SUBMIT_REFUND,  "submit-refund")                                                            \
  X (8, SUBMIT_RELEASE, "submit-release")

#define SOUK_JOB_REASONS(X)                                                                         \
  X (0,  NONE,             "none",              "Nothing went wrong.")                              \
  X (1,  CANCELLED,        "cancelled",         "You cancelled it.")                                \
  X (2,  NO_BIDS,          "no-bids",           "No provider made a bid.")                          \
  X (3,  ALL_DECLINED,     "all-declined",      "Every provider that made a bid declined or did not answer.") \
  X (4,  NO_FUNDS,         "no-funds",          "The wallet cannot pay the price and the gas.")     \
  X (5,  FUND_FAILED,      "fund-failed",       "The contract refused the payment.")                \
  X (6,  PROVIDER_LOST,    "provider-lost",     "The provider was not heard of for a minute.")      \
  X (7,  PROVIDER_FAILED,  "provider-failed",   "The provider could not run the job.")              \
  X (8,  PROVIDER_GAVE_UP, "provider-gave-up",  "The provider gave the job and the money back.")    \
  X (9,  RESULT_BAD,       "result-bad",        "The provider's result is not what it says.")       \
  X (10, RESULT_MISSING,   "result-missing",    "The provider's result could not be fetched.")      \
  X (11, TIMED_OUT,        "timed-out",         "The job's deadline passed.")                       \
  X (12, PAID_FOR_NOTHING, "paid-for-nothing",  "A provider was paid by the contract although its result never came.") \
  X (13, NO_WALLET,        "no-wallet",         "There is no open wallet to pay from.")

#define SOUK_JOB_PHASES(X)                                                                          \
  X (1,  DRAFT,            "draft",            NONE,          0, 0,    NONE,   "Not started.", "") \
  X (2,  POSTED,           "posted",           PUBLISH_JOB,   0, 2000, JOB,    "Telling the network of the job.", "The job ends.") \
  X (3,  BIDDING,          "bidding",          NONE,          0, 0,    BIDS,   "Taking bids.", "The best bid is chosen.") \
  X (4,  AWARDING,         "awarding",         SEND_AWARD,    3, 1000, AWARD,  "The chosen provider is asked.", "The next bid is tried.") \
  X (5,  AWARDED,          "awarded",          SUBMIT_FUND,   6, 3000, BID,    "The provider accepted; about to pay into the contract.", "The next bid is tried.") \
  X (6,  FUNDING,          "funding",          NONE,          0, 0,    JOB,    "The payment waits for the chain.", "The money is claimed back by itself.") \
  X (7,  FUNDED,           "funded",           FOLLOW_JOB,    0, 1000, HEARD,  "The contract holds the money; the provider is told.", "Another provider is tried.") \
  X (8,  STAGING,          "staging",          FOLLOW_JOB,    0, 1000, HEARD,  "The provider fetches the job's data.", "Another provider is tried.") \
  X (9,  RUNNING,          "running",          FOLLOW_JOB,    0, 1000, HEARD,  "The job runs.", "Another provider is tried.") \
  X (10, RESULT_COMMITTED, "result-committed", FETCH_RESULT,  0, 2000, FETCH,  "The provider has a result; fetching it.", "Another provider is tried.") \
  X (11, ACCEPTED,         "accepted",         SEND_RECEIPT,  5, 2000, NONE,   "The result is here and checked; the provider gets its receipt.", "") \
  X (12, SETTLING,         "settling",         NONE,          0, 0,    NONE,   "The provider settles with the receipt.", "") \
  X (13, SETTLED,          "settled",          NONE,          0, 0,    NONE,   "Done.", "") \
  X (14, NO_BIDS,          "no-bids",          NONE,          0, 0,    NONE,   "Nobody took the job.", "") \
  X (15, PROVIDER_LOST,    "provider-lost",    NONE,          0, 0,    NONE,   "The provider failed; the money comes back before another is tried.", "") \
  X (16, REFUNDING,        "refunding",        NONE,          0, 0,    NONE,   "The money is on its way back.", "") \
  X (17, REFUNDED,         "refunded",         NONE,          0, 0,    NONE,   "The money came back.", "") \
  X (18, TIMED_OUT,        "timed-out",        NONE,          0, 0,    NONE,   "The deadline passed.", "") \
  X (19, CANCELLED,        "cancelled",        NONE,          0, 0,    NONE,   "Cancelled.", "") \
  X (20, FAILED,           "failed",           NONE,          0, 0,    NONE,   "It did not work out.", "")

/* One funded attempt's money. Phase columns: number, symbol, name, command, watched command. */
#define SOUK_DEAL_PHASES(X)                                                                         \
  X (1,  FUNDING,     "funding",     NONE,           SUBMIT_FUND)                                   \
  X (2,  HELD,        "held",        NONE,           NONE)                                          \
  X (3,  ABANDONED,   "abandoned",   NONE,           SUBMIT_FUND) /* refunded after its deadline */ \
  X (4,  OWED,        "owed",        NONE,           NONE) /* the receipt is given */               \
  X (5,  REFUND_DUE,  "refund-due",  SUBMIT_REFUND,  NONE)                                          \
  X (6,  REFUNDING,   "refunding",   NONE,           SUBMIT_REFUND)                                 \
  X (7,  RELEASE_DUE, "release-due", SUBMIT_RELEASE, NONE) /* the provider never used it */         \
  X (8,  RELEASING,   "releasing",   NONE,           SUBMIT_RELEASE)                                \
  X (9,  PAID,        "paid",        NONE,           NONE)                                          \
  X (10, REFUNDED,    "refunded",    NONE,           NONE)                                          \
  X (11, VOID,        "void",        NONE,           SUBMIT_FUND)

/* How a job ended at the provider's. JOB: its own doing, the work is paid; PROVIDER: it is not. */
#define SOUK_JOB_FAILURES(X)                                                                        \
  X (0,  NONE,            "none",            JOB,      "The module ran to its end.")                \
  X (1,  MODULE_REFUSED,  "bad-module",      JOB,      "The module is no WebAssembly that Souk runs.") \
  X (2,  TRAP,            "trap",            JOB,      "The module broke one of WebAssembly's rules while it ran.") \
  X (3,  WALL_LIMIT,      "killed-wall",     JOB,      "The job took longer than it may.")          \
  X (4,  CPU_LIMIT,       "killed-cpu",      JOB,      "The job used more processor time than it may.") \
  X (5,  MEMORY_LIMIT,    "memory-limit",    JOB,      "The job used more memory than it may.")     \
  X (6,  OUTPUT_LIMIT,    "output-limit",    JOB,      "The job wrote more than it may.")           \
  X (7,  FUEL_LIMIT,      "out-of-fuel",     JOB,      "The job used up its fuel.")                 \
  X (8,  FORBIDDEN,       "forbidden",       JOB,      "The job tried something that the sandbox forbids.") \
  X (9,  STAGING_FAILED,  "staging-failed",  PROVIDER, "The job's data could not be fetched.")      \
  X (10, SANDBOX_FAILED,  "sandbox-unavailable", PROVIDER, "The provider's sandbox could not be set up.") \
  X (11, WORKER_DIED,     "worker-crashed",  PROVIDER, "The provider's worker ended for no reason of the job's.") \
  X (12, STOPPED,         "stopped",         PROVIDER, "The provider stopped the job.")             \
  X (13, STORE_FAILED,    "store-failed",    PROVIDER, "The provider could not store the result.") \
  X (14, BAD_JOB,         "bad-job",         JOB,      "The job asks for something that cannot be.") \
  X (15, UNSUPPORTED,     "unsupported-feature", JOB,  "The module uses a part of WebAssembly that Souk leaves out.") \
  X (16, KILLED_MEMORY,   "killed-memory",   JOB,      "The job's process took more memory than it may.")
/* clang-format on */

typedef enum {
#define SOUK_JOB_COMMAND_ENUM(number, symbol, name) SOUK_JOB_COMMAND_##symbol = number,
  SOUK_JOB_COMMANDS (SOUK_JOB_COMMAND_ENUM)
#undef SOUK_JOB_COMMAND_ENUM
      SOUK_JOB_COMMAND_COUNT
} SoukJobCommand;

typedef enum {
#define SOUK_JOB_REASON_ENUM(number, symbol, name, sentence) SOUK_JOB_REASON_##symbol = number,
  SOUK_JOB_REASONS (SOUK_JOB_REASON_ENUM)
#undef SOUK_JOB_REASON_ENUM
      SOUK_JOB_REASON_COUNT
} SoukJobReason;

typedef enum {
#define SOUK_JOB_PHASE_ENUM(number, symbol, ...) SOUK_JOB_##symbol = number,
  SOUK_JOB_PHASES (SOUK_JOB_PHASE_ENUM)
#undef SOUK_JOB_PHASE_ENUM
      SOUK_JOB_PHASE_COUNT
} SoukJobPhase;

typedef enum {
#define SOUK_DEAL_PHASE_ENUM(number, symbol, ...) SOUK_DEAL_##symbol = number,
  SOUK_DEAL_PHASES (SOUK_DEAL_PHASE_ENUM)
#undef SOUK_DEAL_PHASE_ENUM
      SOUK_DEAL_PHASE_COUNT
} SoukDealPhase;

typedef enum {
#define SOUK_JOB_FAILURE_ENUM(number, symbol, ...) SOUK_JOB_FAILURE_##symbol = number,
  SOUK_JOB_FAILURES (SOUK_JOB_FAILURE_ENUM)
#undef SOUK_JOB_FAILURE_ENUM
      SOUK_JOB_FAILURE_COUNT
} SoukJobFailure;

/* Returns: the stable name, or the sentence. Never NULL. */
const char *souk_job_command_name (SoukJobCommand command);
const char *souk_job_reason_name (SoukJobReason reason);
const char *souk_job_reason_sentence (SoukJobReason reason);
const char *souk_job_phase_name (SoukJobPhase phase);
const char *souk_job_phase_sentence (SoukJobPhase phase);
const char *souk_deal_phase_name (SoukDealPhase phase);
const char *souk_job_failure_name (SoukJobFailure failure);
const char *souk_job_failure_sentence (SoukJobFailure failure);
/* True when the failure is the provider's, so that it is not paid and another one is tried. */
_Bool souk_job_failure_is_providers (SoukJobFailure failure);
