/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Log entries: life, order, and their form on disk. PURE. See log.h.
 */
#include "chain/log.h"

#include <string.h>

SoukChainLog *
souk_chain_log_new (void)
{
  SoukChainLog *self = g_new0 (SoukChainLog, 1);
  self->data = g_bytes_new (NULL, 0);
  return self;
}

SoukChainLog *
souk_chain_log_copy (const SoukChainLog *self)
{
  SoukChainLog *copy = g_memdup2 (self, sizeof *self);
  g_bytes_ref (copy->data);
  return copy;
}

void
souk_chain_log_free (SoukChainLog *self)
{
  if (self == NULL)
    return;
  g_bytes_unref (self->data);
  g_free (self);
}

int
souk_chain_log_compare (gconstpointer a, gconstpointer b)
{
  const SoukChainLog *left = a;
  const SoukChainLog *right = b;
  if (left->block_number != right->block_number)
    return left->block_number < right->block_number ? -1 : 1;
  return (left->log_index > right->log_index) - (left->log_index < right->log_index);
}

/* On disk: do not reorder. */
void
souk_chain_log_append (const SoukChainLog *self, GByteArray *out)
{
  souk_append (out, souk_slice (self->address.bytes, SOUK_ADDRESS_SIZE));
  souk_append_u8 (out, (uint8_t)self->n_topics);
  souk_append (out, souk_slice (self->topics, self->n_topics * SOUK_HASH_SIZE));
  souk_append_u64_be (out, self->block_number);
  souk_append (out, souk_slice (self->block_hash, SOUK_HASH_SIZE));
  souk_append (out, souk_slice (self->tx_hash, SOUK_HASH_SIZE));
  souk_append_u32_be (out, self->log_index);
  souk_append_varint_bytes (out, souk_slice_from_bytes (self->data));
}

static void
read_exact (SoukReader *reader, uint8_t *out, size_t len)
{
  SoukSlice bytes = souk_reader_bytes (reader, len);
  if (bytes.len == len && len > 0)
    memcpy (out, bytes.data, len);
}

SoukChainLog *
souk_chain_log_read (SoukReader *reader)
{
  g_autoptr (SoukChainLog) self = g_new0 (SoukChainLog, 1);

  read_exact (reader, self->address.bytes, SOUK_ADDRESS_SIZE);
  self->n_topics = souk_reader_u8 (reader);
  if (self->n_topics > SOUK_CHAIN_TOPICS_MAX)
    {
      reader->failed = true;
      self->n_topics = 0;
    }
  read_exact (reader, self->topics[0], self->n_topics * SOUK_HASH_SIZE);
  self->block_number = souk_reader_u64_be (reader);
  read_exact (reader, self->block_hash, SOUK_HASH_SIZE);
  read_exact (reader, self->tx_hash, SOUK_HASH_SIZE);
  self->log_index = souk_reader_u32_be (reader);
  self->data = souk_slice_to_bytes (souk_reader_varint_bytes (reader));
  if (!souk_reader_ok (reader) || g_bytes_get_size (self->data) > SOUK_CHAIN_LOG_DATA_MAX)
    {
      reader->failed = true;
      return NULL;
    }
  return g_steal_pointer (&self);
}
