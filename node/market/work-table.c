/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The work machine's rows. PURE. See work.h and work-table.h; read them as those of order-table.c.
 */
#include "market/work-table.h"

#include <string.h>

#define ON(phase) (UINT64_C (1) << SOUK_WORK_##phase)
#define IN(input) SOUK_WORK_IN_##input
#define TO(phase) SOUK_WORK_##phase
#define WHY(reason) SOUK_WORK_REASON_##reason
#define KEEPS SOUK_SEEN_KEEPS
#define NOTHING SOUK_SEEN_BECOMES_NOTHING
#define SENT SOUK_SEEN_BECOMES_SENT
#define SEEN SOUK_SEEN_BECOMES_SEEN
#define STAYS SOUK_WORK_STAYS
#define BACK SOUK_WORK_BACK

/* ---- actions ---- */

static void
keep_detail (SoukWork *self, const SoukWorkEvent *event)
{
  souk_sentence_copy (self->detail, sizeof self->detail, event->detail);
}

static void
keep_submit_by (SoukWork *self, const SoukWorkEvent *event)
{
  self->submit_by = event->deadline;
  self->reason = SOUK_WORK_REASON_NONE;
}

static void
keep_confirm_by (SoukWork *self, const SoukWorkEvent *event)
{
  self->confirm_by = event->deadline;
}

static void
keep_result (SoukWork *self, const SoukWorkEvent *event)
{
  self->result = *event->result;
  self->has_result = true;
}

/* A failure that is this node's; what there is of a result says which, and is not handed over. */
static void
keep_fault (SoukWork *self, const SoukWorkEvent *event)
{
  SoukJobFailure failure = self->phase == SOUK_WORK_STAGING ? SOUK_JOB_FAILURE_STAGING_FAILED
                                                            : SOUK_JOB_FAILURE_WORKER_DIED;
  if (event->kind == SOUK_WORK_EVENT_STOP || event->kind == SOUK_WORK_EVENT_TIMEOUT)
    failure = SOUK_JOB_FAILURE_STOPPED;
  if (event->kind == SOUK_WORK_EVENT_DONE)
    failure = souk_job_failure_is_providers (event->result->failure)
                  ? event->result->failure
                  : SOUK_JOB_FAILURE_STORE_FAILED;
  self->result = (SoukJobResult){ .failure = failure };
  souk_sentence_copy (self->result.sentence, sizeof self->result.sentence, event->detail);
  keep_detail (self, event);
}

static void
keep_receipt (SoukWork *self, const SoukWorkEvent *event)
{
  self->has_receipt = true;
  self->receipt_amount = souk_wei_from_u256 (event->receipt->amount);
  memcpy (self->receipt_signature, event->signature, sizeof self->receipt_signature);
  self->reason = SOUK_WORK_REASON_NONE;
}

static void
keep_tx (SoukWork *self, const SoukWorkEvent *event)
{
  self->has_tx[event->command] = true;
  memcpy (self->tx[event->command], event->hash, SOUK_HASH_SIZE);
}

static void
keep_settlement (SoukWork *self, const SoukWorkEvent *event)
{
  self->before = self->phase;
  self->settlement = event->settlement;
}

static void
drop_settlement (SoukWork *self, const SoukWorkEvent *event)
{
  self->settlement = (SoukSettlement){ 0 };
}

static void
drop_funds (SoukWork *self, const SoukWorkEvent *event)
{
  self->submit_by = 0;
  self->confirm_by = 0;
}

static void
drop_submission (SoukWork *self, const SoukWorkEvent *event)
{
  self->confirm_by = 0;
}

/* ---- rows ---- */

#define WORKING (ON (STAGING) | ON (RUNNING))
#define HANDING (ON (UPLOADING) | ON (AWAITING_RECEIPT))
#define SUBMITTING_ANY (ON (SUBMIT_DUE) | ON (SUBMITTING))
#define CLAIMING_ANY (ON (SUBMITTED) | ON (CLAIM_DUE) | ON (CLAIMING))
#define SETTLING_ANY (ON (SETTLE_DUE) | ON (SETTLING))
#define RETURNING (ON (REPORTING) | ON (REFUND_DUE) | ON (REFUNDING))
#define PAYABLE (HANDING | SUBMITTING_ANY | CLAIMING_ANY | ON (MISSED))
#define FUNDED_ANY (WORKING | PAYABLE | SETTLING_ANY | RETURNING)

static const SoukWorkRow rows[] = {
  /* clang-format off */
  { ON (BID_MADE),                  IN (AWARDED_FREE),   TO (STAGING),          SEEN,    NULL,            0 },
  { ON (BID_MADE),                  IN (AWARDED_PAID),   TO (WAITING_FUNDS),    SEEN,    NULL,            0 },
  { ON (BID_MADE),                  IN (DECLINED),       TO (LOST),             KEEPS,   keep_detail,     WHY (DECLINED) },
  { ON (BID_MADE),                  IN (TIMEOUT_FREE),   TO (LOST),             KEEPS,   NULL,            WHY (NOT_CHOSEN) },
  { ON (BID_MADE),                  IN (TIMEOUT_PAID),   TO (LOST),             KEEPS,   NULL,            WHY (NOT_CHOSEN) },
  { ON (WAITING_FUNDS),             IN (TIMEOUT_PAID),   TO (LOST),             KEEPS,   NULL,            WHY (NOT_FUNDED) },
  /* The chain is the truth: who is paid works, even if the award itself was lost. */
  { ON (BID_MADE) | ON (WAITING_FUNDS) | ON (LOST),
                                    IN (FUNDED),         TO (STAGING),          SEEN,    keep_submit_by,  0 },
  { ON (WAITING_FUNDS) | ON (LOST), IN (FUNDED_DONE),    TO (UPLOADING),        SEEN,    keep_submit_by,  0 },
  { ON (CANCELLED),                 IN (FUNDED),         TO (REFUND_DUE),       SEEN,    keep_submit_by,  0 },
  { SETTLING_ANY | RETURNING,       IN (FUNDED),         STAYS,                 KEEPS,   keep_submit_by,  0 },
  { SETTLING_ANY | RETURNING,       IN (FUNDED_DONE),    STAYS,                 KEEPS,   keep_submit_by,  0 },

  { ON (STAGING),                   IN (STAGED),         TO (RUNNING),          KEEPS,   NULL,            0 },
  { ON (RUNNING),                   IN (DONE),           TO (UPLOADING),        NOTHING, keep_result,     0 },
  { WORKING,                        IN (FAULT),          TO (REPORTING),        NOTHING, keep_fault,      WHY (FAILED_HERE) },
  { WORKING,                        IN (GIVE_UP),        TO (REPORTING),        NOTHING, keep_fault,      WHY (FAILED_HERE) },
  { WORKING,                        IN (TIMEOUT_FREE),   TO (REPORTING),        NOTHING, keep_fault,      WHY (LATE) },
  { WORKING,                        IN (TIMEOUT_PAID),   TO (REPORTING),        NOTHING, keep_fault,      WHY (LATE) },
  { ON (UPLOADING),                 IN (SENT),           TO (AWAITING_RECEIPT), SENT,    NULL,            0 },
  { HANDING,                        IN (RECEIPT_FREE),   TO (SETTLED),          SEEN,    NULL,            0 },
  { HANDING,                        IN (TIMEOUT_FREE),   TO (SETTLED),          KEEPS,   NULL,            WHY (NO_RECEIPT) },
  { PAYABLE,                        IN (RECEIPT_PAID),   TO (SETTLE_DUE),       SEEN,    keep_receipt,    0 },
  { HANDING,                        IN (TIMEOUT_PAID),   TO (SUBMIT_DUE),       KEEPS,   NULL,            WHY (NO_RECEIPT) },
  { ON (SETTLE_DUE),                IN (TX_STORED),      TO (SETTLING),         SENT,    keep_tx,         0 },
  { ON (SETTLING),                  IN (TX_FAILED),      TO (SETTLE_DUE),       KEEPS,   keep_detail,     0 },
  { ON (SUBMIT_DUE),                IN (TX_STORED),      TO (SUBMITTING),       SENT,    keep_tx,         0 },
  { ON (SUBMITTING),                IN (TX_FAILED),      TO (SUBMIT_DUE),       KEEPS,   keep_detail,     0 },
  { SUBMITTING_ANY,                 IN (TIMEOUT_PAID),   TO (MISSED),           KEEPS,   NULL,            WHY (LATE) },
  { SUBMITTING_ANY | ON (MISSED),   IN (SUBMITTED),      TO (SUBMITTED),        SENT,    keep_confirm_by, 0 },
  { SETTLING_ANY,                   IN (SUBMITTED),      STAYS,                 KEEPS,   keep_confirm_by, 0 },
  { ON (SUBMITTED),                 IN (TIMEOUT_PAID),   TO (CLAIM_DUE),        KEEPS,   NULL,            0 },
  { ON (CLAIM_DUE),                 IN (TX_STORED),      TO (CLAIMING),         SENT,    keep_tx,         0 },
  { ON (CLAIMING),                  IN (TX_FAILED),      TO (CLAIM_DUE),        KEEPS,   keep_detail,     0 },

  { ON (REPORTING),                 IN (SENT_FREE),      TO (FAILED),           SENT,    NULL,            0 },
  { ON (REPORTING),                 IN (SENT_PAID),      TO (REFUND_DUE),       SENT,    NULL,            0 },
  { ON (REFUND_DUE),                IN (TX_STORED),      TO (REFUNDING),        SENT,    keep_tx,         0 },
  { ON (REFUNDING),                 IN (TX_FAILED),      TO (REFUND_DUE),       KEEPS,   keep_detail,     0 },
  { ON (BID_MADE) | ON (WAITING_FUNDS),
                                    IN (CANCELLED_PAID), TO (CANCELLED),        SEEN,    NULL,            WHY (CANCELLED) },
  { ON (BID_MADE) | WORKING | HANDING,
                                    IN (CANCELLED_FREE), TO (CANCELLED),        SEEN,    NULL,            WHY (CANCELLED) },
  /* Work that is not done yet is given back; a result that is done is paid. */
  { WORKING,                        IN (CANCELLED_PAID), TO (REFUND_DUE),       SEEN,    NULL,            WHY (CANCELLED) },

  { FUNDED_ANY,                     IN (PAID),           TO (SETTLED),          SEEN,    keep_settlement, 0 },
  { FUNDED_ANY,                     IN (REFUNDED),       TO (REFUNDED),         SEEN,    keep_settlement, 0 },
  { ON (SETTLED) | ON (REFUNDED),   IN (UNDO_SETTLED),   BACK,                  KEEPS,   drop_settlement, 0 },
  { WORKING | PAYABLE,              IN (UNDO_FUNDED),    TO (WAITING_FUNDS),    KEEPS,   drop_funds,      0 },
  { SETTLING_ANY | RETURNING,       IN (UNDO_FUNDED),    STAYS,                 KEEPS,   drop_funds,      0 },
  { CLAIMING_ANY,                   IN (UNDO_SUBMITTED), TO (SUBMITTING),       SENT,    drop_submission, 0 },
  { SETTLING_ANY,                   IN (UNDO_SUBMITTED), STAYS,                 KEEPS,   drop_submission, 0 },
  /* clang-format on */
};

const SoukWorkRow *
souk_work_rows (size_t *out_count)
{
  *out_count = G_N_ELEMENTS (rows);
  return rows;
}

const SoukWorkRow *
souk_work_find_row (SoukWorkPhase phase, SoukWorkInput input)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].input == input && (rows[i].from >> phase & 1) != 0)
      return &rows[i];
  return NULL;
}

/* ---- words ---- */

static const SoukWorkPhaseInfo phases[SOUK_WORK_PHASE_COUNT] = {
#define PHASE_ROW(number, symbol, name, command, watched, tries, pause, deadline, sentence, then)  \
  [number] = { name,                                                                               \
               SOUK_WORK_COMMAND_##command,                                                        \
               SOUK_WORK_COMMAND_##watched,                                                        \
               tries,                                                                              \
               pause,                                                                              \
               SOUK_WORK_DEADLINE_##deadline,                                                      \
               sentence,                                                                           \
               then },
  SOUK_WORK_PHASES (PHASE_ROW)
#undef PHASE_ROW
};

static const char *const command_names[SOUK_WORK_COMMAND_COUNT] = {
#define COMMAND_NAME(number, symbol, name) [number] = name,
  SOUK_WORK_COMMANDS (COMMAND_NAME)
#undef COMMAND_NAME
};

static const char *const reason_words[SOUK_WORK_REASON_COUNT][2] = {
#define REASON_WORDS(number, symbol, name, sentence) [number] = { name, sentence },
  SOUK_WORK_REASONS (REASON_WORDS)
#undef REASON_WORDS
};

const SoukWorkPhaseInfo *
souk_work_phase_info (unsigned phase)
{
  return phase < SOUK_WORK_PHASE_COUNT && phases[phase].name != NULL ? &phases[phase] : NULL;
}

const char *
souk_work_command_name (SoukWorkCommand command)
{
  g_assert ((unsigned)command < SOUK_WORK_COMMAND_COUNT);
  return command_names[command];
}

const char *
souk_work_reason_name (SoukWorkReason reason)
{
  g_assert ((unsigned)reason < SOUK_WORK_REASON_COUNT);
  return reason_words[reason][0];
}

const char *
souk_work_reason_sentence (SoukWorkReason reason)
{
  g_assert ((unsigned)reason < SOUK_WORK_REASON_COUNT);
  return reason_words[reason][1];
}

const char *
souk_work_phase_name (SoukWorkPhase phase)
{
  g_assert (souk_work_phase_info (phase) != NULL);
  return phases[phase].name;
}

const char *
souk_work_phase_sentence (SoukWorkPhase phase)
{
  g_assert (souk_work_phase_info (phase) != NULL);
  return phases[phase].sentence;
}
