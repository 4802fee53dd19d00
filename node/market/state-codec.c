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
