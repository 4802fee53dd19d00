/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pieces of stored state. PURE. See state-codec.h.
 */
#include "market/state-codec.h"

#include <string.h>

size_t
souk_timeline_write (const SoukTimeline *self, SoukTimelineField *field)
{
  for (size_t i = 0; i < self->len; i++)
    {
      souk__timeline_entry__init (&field->entries[i]);
      field->entries[i].phase = self->entries[i].phase;
      field->entries[i].at_us = self->entries[i].at.us;
      field->list[i] = &field->entries[i];
    }
  return self->len;
}

bool
souk_timeline_read (Souk__TimelineEntry *const *list, size_t count, SoukTimeline *out)
{
  /* Far from both ends of the range, so that adding a window to it cannot overflow. */
  const int64_t bound = INT64_MAX / 4;
  if (count > SOUK_TIMELINE_MAX)
    return false;
  for (size_t i = 0; i < count; i++)
    {
      if (list[i]->at_us > bound || list[i]->at_us < -bound)
        return false;
      out->entries[i] = (SoukTimelineEntry){ list[i]->phase, (SoukWall){ list[i]->at_us } };
    }
  out->len = (uint32_t)count;
  return true;
}

Souk__Settlement *
souk_settlement_write (const SoukSettlement *self, SoukSettlementField *field)
{
  if (self->end == SOUK_END_NONE)
    return NULL;
  souk__settlement__init (&field->message);
  field->message.end = (uint32_t)self->end;
  field->message.to_payee
      = souk_field_from_slice (souk_amount_bytes (self->to_payee, field->to_payee));
  field->message.fee = souk_field_from_slice (souk_amount_bytes (self->fee, field->fee));
  field->message.to_payer
      = souk_field_from_slice (souk_amount_bytes (self->to_payer, field->to_payer));
  return &field->message;
}

bool
souk_settlement_read (const Souk__Settlement *message, SoukSettlement *out)
{
  *out = (SoukSettlement){ 0 };
  if (message == NULL)
    return true;
  if (message->end < SOUK_END_RELEASED || message->end > SOUK_END_RESOLVED)
    return false;
  out->end = (SoukDealEnd)message->end;
  return souk_field_amount (message->to_payee, &out->to_payee)
         && souk_field_amount (message->fee, &out->fee)
         && souk_field_amount (message->to_payer, &out->to_payer);
}

bool
souk_text_read (const char *text, char *out, size_t size)
{
  if (!g_utf8_validate (text, -1, NULL))
    return false;
  return g_strlcpy (out, text, size) < size;
}

bool
souk_fixed_read (ProtobufCBinaryData field, uint8_t *out, size_t size)
{
  if (field.len != size)
    return false;
  memcpy (out, field.data, size);
  return true;
}

bool
souk_peer_read (ProtobufCBinaryData field, SoukPeerId *out)
{
  return souk_peer_id_from_bytes (souk_slice_from_field (field), out) == SOUK_STATUS_OK;
}

void
souk_result_write (const SoukJobResult *self, Souk__ResultState *message, GBytes **out_cid)
{
  souk__result_state__init (message);
  message->failure = (uint32_t)self->failure;
  message->exit_code = self->exit_code;
  /* A failure of the provider's has no result to name. */
  if (self->cid.version != 0)
    {
      *out_cid = souk_cid_to_bytes (&self->cid);
      message->cid = souk_field_from_slice (souk_slice_from_bytes (*out_cid));
    }
  message->stdout_bytes = self->stdout_bytes;
  message->stderr_bytes = self->stderr_bytes;
  message->fuel = self->fuel;
  message->wall_ms = self->wall_ms;
  message->sentence = (char *)self->sentence;
}

bool
souk_result_read (const Souk__ResultState *message, SoukJobResult *out)
{
  if (message->failure >= SOUK_JOB_FAILURE_COUNT)
    return false;
  *out = (SoukJobResult){
    .failure = (SoukJobFailure)message->failure,
    .exit_code = message->exit_code,
    .stdout_bytes = message->stdout_bytes,
    .stderr_bytes = message->stderr_bytes,
    .fuel = message->fuel,
    .wall_ms = message->wall_ms,
  };
  if (message->cid.len != 0 && !souk_field_cid (message->cid, &out->cid))
    return false;
  return souk_text_read (message->sentence, out->sentence, sizeof out->sentence);
}

bool
souk_stored_job_read (ProtobufCBinaryData field, SoukRecord **out_record, SoukJobSpec **out_spec)
{
  return souk_record_decode_kept (souk_slice_from_field (field), out_record) == SOUK_STATUS_OK
         && souk_job_spec_from_record (*out_record, out_spec) == SOUK_STATUS_OK;
}

G_STATIC_ASSERT ((int)SOUK_WORK_COMMAND_COUNT <= (int)SOUK_JOB_COMMAND_COUNT);

size_t
souk_transactions_write (const bool *has_tx, const uint8_t (*tx)[SOUK_HASH_SIZE], size_t count,
                         SoukTransactionField *field)
{
  size_t used = 0;
  for (size_t i = 0; i < count; i++)
    {
      if (!has_tx[i])
        continue;
      souk__transaction__init (&field->messages[used]);
      field->messages[used].command = (uint32_t)i;
      field->messages[used].hash = souk_field_from_slice (souk_slice (tx[i], SOUK_HASH_SIZE));
      field->list[used] = &field->messages[used];
      used++;
    }
  return used;
}

bool
souk_transactions_read (Souk__Transaction *const *list, size_t list_count, bool *has_tx,
                        uint8_t (*tx)[SOUK_HASH_SIZE], size_t count)
{
  for (size_t i = 0; i < list_count; i++)
    {
      uint32_t command = list[i]->command;
      if (command >= count || !souk_field_hash (list[i]->hash, tx[command]))
        return false;
      has_tx[command] = true;
    }
  return true;
}
