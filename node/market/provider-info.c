/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Provider announcements. PURE. See provider-info.h.
 */
#include "market/provider-info.h"

#include "market/fields.h"
#include "wire/souk.pb-c.h"

SoukStatus
souk_provider_info_check (const SoukProviderInfo *self, const SoukAddress *wallet)
{
  bool is_free = souk_wei_is_zero (self->price_per_s);
  if (self->cpus < 1 || self->cpus > SOUK_PROVIDER_CPUS_MAX || self->memory_mb < 1
      || self->jobs_max < 1 || self->jobs_max > SOUK_PROVIDER_JOBS_MAX
      || self->jobs_now > self->jobs_max)
    return SOUK_STATUS_PROVIDER_INFO;
  if (is_free != (self->chain_id == 0) || (!is_free && souk_address_is_zero (wallet)))
    return SOUK_STATUS_PROVIDER_INFO;
  if (!souk_field_texts (self->features, g_strv_length (self->features), SOUK_TAGS_MAX,
                         SOUK_TAG_MAX)
      || !souk_field_text (self->note, 0, SOUK_TITLE_MAX, SOUK_TEXT_LINE))
    return SOUK_STATUS_PROVIDER_INFO;
  return SOUK_STATUS_OK;
}

GBytes *
souk_provider_info_to_body (const SoukProviderInfo *self)
{
  uint8_t price[32];
  Souk__Provider message = SOUK__PROVIDER__INIT;
  message.cpus = self->cpus;
  message.memory_mb = self->memory_mb;
  message.jobs_max = self->jobs_max;
  message.jobs_now = self->jobs_now;
  message.price_per_s = souk_field_from_slice (souk_amount_bytes (self->price_per_s, price));
  message.chain_id = self->chain_id;
  message.features = self->features;
  message.n_features = g_strv_length (self->features);
  message.note = self->note;
  return souk_message_pack (&message);
}

static SoukStatus
read_fields (const Souk__Provider *message, SoukProviderInfo *info)
{
  if (message->n_features > SOUK_TAGS_MAX
      || !souk_field_amount (message->price_per_s, &info->price_per_s))
    return SOUK_STATUS_PROVIDER_INFO;
  info->cpus = message->cpus;
  info->memory_mb = message->memory_mb;
  info->jobs_max = message->jobs_max;
  info->jobs_now = message->jobs_now;
  info->chain_id = message->chain_id;
  info->note = g_strdup (message->note);
  info->features = g_new0 (char *, message->n_features + 1);
  for (size_t i = 0; i < message->n_features; i++)
    info->features[i] = g_strdup (message->features[i]);
  return SOUK_STATUS_OK;
}

SoukStatus
souk_provider_info_from_record (const SoukRecord *record, SoukProviderInfo **out)
{
  if (record->type != SOUK_RECORD_PROVIDER || record->is_withdrawn)
    return SOUK_STATUS_RECORD_BODY;
  SoukSlice body = souk_slice_from_bytes (record->body);
  SOUK_AUTO_MESSAGE Souk__Provider *message
      = souk_message_unpack (&souk__provider__descriptor, body);
  if (message == NULL)
    return SOUK_STATUS_BAD_ENCODING;

  g_autoptr (SoukProviderInfo) info = g_new0 (SoukProviderInfo, 1);
  if (!souk_message_is_canonical (&message->base, body))
    return SOUK_STATUS_RECORD_FORM;
  SOUK_TRY (read_fields (message, info));
  SOUK_TRY (souk_provider_info_check (info, &record->wallet));
  *out = g_steal_pointer (&info);
  return SOUK_STATUS_OK;
}

void
souk_provider_info_free (SoukProviderInfo *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->features);
  g_free (self->note);
  g_free (self);
}
