/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Entries of the outbox and their form on disk. GLIB. See outbox-entry.h.
 *
 * Only the raw transactions are stored, not their fields: what is sent and what is shown cannot differ.
 */
#include "eth/outbox-entry.h"

#include <string.h>

#define ENTRY_VERSION 1

static void
version_clear (gpointer data)
{
  g_bytes_unref (((SoukOutboxVersion *)data)->raw);
}

SoukOutboxEntry *
souk_outbox_entry_new (const char *id)
{
  SoukOutboxEntry *self = g_new0 (SoukOutboxEntry, 1);
  self->id = g_strdup (id);
  self->data = g_bytes_new (NULL, 0);
  self->versions = g_array_new (FALSE, FALSE, sizeof (SoukOutboxVersion));
  g_array_set_clear_func (self->versions, version_clear);
  return self;
}

void
souk_outbox_entry_free (SoukOutboxEntry *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->versions);
  g_bytes_unref (self->data);
  g_clear_error (&self->trouble);
  g_free (self->id);
  g_free (self);
}

bool
souk_outbox_phase_is_end (SoukOutboxPhase phase)
{
  switch (phase)
    {
    case SOUK_OUTBOX_PREPARING:
    case SOUK_OUTBOX_STORED:
    case SOUK_OUTBOX_SENT:
    case SOUK_OUTBOX_INCLUDED:
      return false;
    case SOUK_OUTBOX_CONFIRMED:
    case SOUK_OUTBOX_FAILED:
    case SOUK_OUTBOX_LOST:
    case SOUK_OUTBOX_REFUSED:
      return true;
    }
  g_assert_not_reached ();
}

const char *
souk_outbox_phase_name (SoukOutboxPhase phase)
{
  static const char *const names[] = {
    "preparing", "stored", "sent", "included", "confirmed", "failed", "lost", "refused",
  };
  g_assert ((unsigned)phase < G_N_ELEMENTS (names));
  return names[phase];
}

const SoukOutboxVersion *
souk_outbox_entry_last (const SoukOutboxEntry *self)
{
  g_assert (self->versions->len > 0);
  return &g_array_index (self->versions, SoukOutboxVersion, self->versions->len - 1);
}

void
souk_outbox_entry_add_version (SoukOutboxEntry *self, GBytes *raw)
{
  SoukOutboxVersion version = { .raw = raw };
  souk_tx_hash (souk_slice_from_bytes (raw), version.hash);
  g_array_append_val (self->versions, version);
}

void
souk_outbox_entry_drop_version (SoukOutboxEntry *self)
{
  SoukAddress signer;
  SoukTx tx;
  g_assert (self->versions->len > 0);
  g_array_set_size (self->versions, self->versions->len - 1);
  if (self->versions->len > 0
      && souk_tx_from_raw (souk_slice_from_bytes (souk_outbox_entry_last (self)->raw), &tx, &signer)
             == SOUK_STATUS_OK)
    self->fees = (SoukFees){ tx.max_priority_fee, tx.max_fee };
}

SoukTx
souk_outbox_entry_tx (const SoukOutboxEntry *self, guint64 chain_id)
{
  return (SoukTx){
    .chain_id = chain_id,
    .nonce = self->nonce,
    .max_priority_fee = self->fees.max_priority_fee,
    .max_fee = self->fees.max_fee,
    .gas_limit = self->gas_limit,
    .is_creation = self->is_creation,
    .to = self->to,
    .value = self->value,
    .data = souk_slice_from_bytes (self->data),
  };
}

/* On disk: do not reorder. */
GBytes *
souk_outbox_entry_to_bytes (const SoukOutboxEntry *self)
{
  GByteArray *out = g_byte_array_new ();

  souk_append_u8 (out, ENTRY_VERSION);
  souk_append_varint_bytes (out, souk_slice_from_text (self->id));
  souk_append_u8 (out, (uint8_t)self->phase);
  souk_append_u8 (out, (uint8_t)self->included);
  souk_append_u64_be (out, self->block_number);
  souk_append (out, souk_slice (self->block_hash, SOUK_HASH_SIZE));
  souk_append_u8 (out, self->is_success);
  souk_append_u64_be (out, self->gas_used);
  uint8_t price[32];
  souk_u256_to_be (self->gas_price, price);
  souk_append (out, souk_slice (price, sizeof price));
  souk_append_varint (out, self->versions->len);
  for (guint i = 0; i < self->versions->len; i++)
    souk_append_varint_bytes (
        out, souk_slice_from_bytes (g_array_index (self->versions, SoukOutboxVersion, i).raw));
  return g_byte_array_free_to_bytes (out);
}

/* Adds one stored version and takes its fields; all versions must have one nonce. */
static bool
take_version (SoukOutboxEntry *self, SoukSlice raw, const SoukAddress *from, guint64 chain_id)
{
  SoukAddress signer;
  SoukTx tx;

  if (souk_tx_from_raw (raw, &tx, &signer) != SOUK_STATUS_OK || tx.chain_id != chain_id
      || !souk_address_is_equal (&signer, from))
    return false;
  if (self->versions->len > 0 && tx.nonce != self->nonce)
    return false;
  self->nonce = tx.nonce;
  self->to = tx.to;
  self->is_creation = tx.is_creation;
  self->value = tx.value;
  self->gas_limit = tx.gas_limit;
  self->fees = (SoukFees){ tx.max_priority_fee, tx.max_fee };
  g_bytes_unref (self->data);
  self->data = souk_slice_to_bytes (tx.data);
  souk_outbox_entry_add_version (self, souk_slice_to_bytes (raw));
  return true;
}

static bool
phase_is_stored (unsigned phase)
{
  return phase >= SOUK_OUTBOX_STORED && phase <= SOUK_OUTBOX_LOST;
}

SoukOutboxEntry *
souk_outbox_entry_from_bytes (SoukSlice in, const SoukAddress *from, guint64 chain_id)
{
  SoukReader reader = souk_reader (in);
  uint8_t version = souk_reader_u8 (&reader);
  SoukSlice id = souk_reader_varint_bytes (&reader);
  g_autofree char *id_text = g_strndup ((const char *)id.data, id.len);
  g_autoptr (SoukOutboxEntry) self = souk_outbox_entry_new (id_text);
  unsigned phase = souk_reader_u8 (&reader);

  self->included = souk_reader_u8 (&reader);
  self->block_number = souk_reader_u64_be (&reader);
  SoukSlice hash = souk_reader_bytes (&reader, SOUK_HASH_SIZE);
  self->is_success = souk_reader_u8 (&reader) != 0;
  self->gas_used = souk_reader_u64_be (&reader);
  SoukSlice price = souk_reader_bytes (&reader, 32);
  uint64_t count = souk_reader_varint (&reader);
  if (!souk_reader_ok (&reader) || version != ENTRY_VERSION || id.len == 0
      || id.len > SOUK_OUTBOX_ID_MAX || !phase_is_stored (phase) || count == 0
      || count > SOUK_OUTBOX_VERSIONS_MAX || self->included >= count)
    return NULL;
  memcpy (self->block_hash, hash.data, SOUK_HASH_SIZE);
  self->gas_price = souk_u256_from_be (price.data);
  self->phase = (SoukOutboxPhase)phase;
  for (uint64_t i = 0; i < count; i++)
    if (!take_version (self, souk_reader_varint_bytes (&reader), from, chain_id))
      return NULL;
  return souk_reader_is_done (&reader) ? g_steal_pointer (&self) : NULL;
}
