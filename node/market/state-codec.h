/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pieces of stored state that the order's, the job's and the work's codecs share. PURE.
 *
 * State comes from this node's own disk, yet it is read with the same care as a stranger's bytes:
 * a broken file must end in STATE_FORM and not in a broken deal.
 */
#pragma once
#include "market/fields.h"
#include "market/work.h"
#include "wire/souk-state.pb-c.h"

/* A packed array of messages and the pointers to them, as protobuf-c wants a repeated field. */
typedef struct {
  Souk__TimelineEntry entries[SOUK_TIMELINE_MAX];
  Souk__TimelineEntry *list[SOUK_TIMELINE_MAX];
} SoukTimelineField;

/* Fills the field; returns how many. */
size_t souk_timeline_write (const SoukTimeline *self, SoukTimelineField *field);
bool souk_timeline_read (Souk__TimelineEntry *const *list, size_t count, SoukTimeline *out);

typedef struct {
  uint8_t to_payee[32];
  uint8_t fee[32];
  uint8_t to_payer[32];
  Souk__Settlement message;
} SoukSettlementField;

/* Returns: the message, or NULL when nothing is settled. */
Souk__Settlement *souk_settlement_write (const SoukSettlement *self, SoukSettlementField *field);
/* NULL reads as nothing settled. */
bool souk_settlement_read (const Souk__Settlement *message, SoukSettlement *out);

/* A text that is stored cut to `size` - 1 bytes; false when it is longer. */
bool souk_text_read (const char *text, char *out, size_t size);
/* Exactly `size` bytes. */
bool souk_fixed_read (ProtobufCBinaryData field, uint8_t *out, size_t size);
bool souk_peer_read (ProtobufCBinaryData field, SoukPeerId *out);

/* `out_cid` (transfer full) holds the CID's bytes while the message is used; NULL without one. */
void souk_result_write (const SoukJobResult *self, Souk__ResultState *message, GBytes **out_cid);
bool souk_result_read (const Souk__ResultState *message, SoukJobResult *out);

/* A stored job record, and the specification in it. */
bool souk_stored_job_read (ProtobufCBinaryData field, SoukRecord **out_record,
                           SoukJobSpec **out_spec);

typedef struct {
  Souk__Transaction messages[SOUK_JOB_COMMAND_COUNT];
  Souk__Transaction *list[SOUK_JOB_COMMAND_COUNT];
} SoukTransactionField;

/* Transactions by command; `count` is how many commands there are. Returns: how many are set. */
size_t souk_transactions_write (const bool *has_tx, const uint8_t (*tx)[SOUK_HASH_SIZE],
                                size_t count, SoukTransactionField *field);
bool souk_transactions_read (Souk__Transaction *const *list, size_t list_count, bool *has_tx,
                             uint8_t (*tx)[SOUK_HASH_SIZE], size_t count);
