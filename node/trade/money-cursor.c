/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cursor on disk. GLIB, node thread. See money-cursor.h.
 */
#include "trade/money-cursor.h"

#include "store/documents.h"
#include "swarm/clock.h"

#include <string.h>

#define CURSOR_VERSION 1
#define CHUNK_SIZE (512 * 1024)
/* chain id, two addresses, the chunk's number */
#define KEY_SIZE (8 + 2 * SOUK_ADDRESS_SIZE + 1)
#define CHUNKS_MAX 200

SoukMoneyLog *
souk_money_log_new (const SoukChainLog *log, bool is_undo)
{
  SoukMoneyLog *item = g_new0 (SoukMoneyLog, 1);
  item->log = souk_chain_log_copy (log);
  item->is_undo = is_undo;
  return item;
}

void
souk_money_log_free (gpointer data)
{
  SoukMoneyLog *item = data;
  souk_chain_log_free (item->log);
  g_free (item);
}

static GByteArray *
key_of (const SoukMoney *self, unsigned chunk)
{
  GByteArray *key = g_byte_array_sized_new (KEY_SIZE);
  souk_append_u64_be (key, self->config.chain_id);
  souk_append (key, souk_slice (self->config.marketplace.bytes, SOUK_ADDRESS_SIZE));
  souk_append (key, souk_slice (self->config.rental.bytes, SOUK_ADDRESS_SIZE));
  souk_append_u8 (key, (uint8_t)chunk);
  return key;
}

/* The first chunk begins with the length of all; what an earlier, longer one left behind it does not
 * count. */
void
souk_money_cursor_put (SoukMoney *self, GBytes *cursor, SoukStoreBatch *batch)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  SoukWall now = souk_wall_now ();

  souk_append_u8 (body, CURSOR_VERSION);
  souk_append_u64_be (body, self->start_block);
  souk_append_varint_bytes (body, souk_slice_from_bytes (cursor));
  souk_append_varint (body, g_queue_get_length (&self->pending));
  for (GList *at = self->pending.head; at != NULL; at = at->next)
    souk_chain_log_append (((SoukMoneyLog *)at->data)->log, body);

  souk_append_u64_be (whole, body->len);
  souk_append (whole, souk_slice_from_array (body));
  for (guint at = 0, chunk = 0; at < whole->len && chunk < CHUNKS_MAX; at += CHUNK_SIZE, chunk++)
    {
      g_autoptr (GByteArray) key = key_of (self, chunk);
      souk_documents_put (batch, SOUK_DOCUMENT_CHAIN, souk_slice_from_array (key), 0, now,
                          souk_slice (whole->data + at, MIN (whole->len - at, CHUNK_SIZE)));
    }
}

/* Returns: (transfer full): all chunks after one another; empty when there is none. */
static GByteArray *
read_chunks (SoukMoney *self)
{
  GByteArray *whole = g_byte_array_new ();
  for (unsigned chunk = 0; chunk < CHUNKS_MAX; chunk++)
    {
      g_autoptr (GByteArray) key = key_of (self, chunk);
      g_autoptr (SoukDocument) document = souk_documents_get (
          self->config.store, SOUK_DOCUMENT_CHAIN, souk_slice_from_array (key));
      if (document == NULL)
        break;
      souk_append (whole, souk_slice_from_bytes (document->body));
      if (g_bytes_get_size (document->body) < CHUNK_SIZE)
        break;
    }
  return whole;
}

GBytes *
souk_money_cursor_read (SoukMoney *self)
{
  g_autoptr (GByteArray) whole = read_chunks (self);
  SoukReader outer = souk_reader (souk_slice_from_array (whole));
  SoukSlice body = souk_reader_bytes (&outer, (size_t)souk_reader_u64_be (&outer));
  SoukReader reader = souk_reader (body);
  uint8_t version = souk_reader_u8 (&reader);
  uint64_t start_block = souk_reader_u64_be (&reader);
  SoukSlice cursor = souk_reader_varint_bytes (&reader);
  uint64_t count = souk_reader_varint (&reader);

  if (!souk_reader_ok (&outer) || !souk_reader_ok (&reader) || version != CURSOR_VERSION
      || start_block == 0 || count > SOUK_MONEY_PENDING_MAX)
    return NULL;
  self->start_block = start_block;
  for (uint64_t i = 0; i < count; i++)
    {
      SoukMoneyLog *item = g_new0 (SoukMoneyLog, 1);
      item->log = souk_chain_log_read (&reader);
      if (item->log == NULL)
        {
          g_free (item);
          g_queue_clear_full (&self->pending, souk_money_log_free);
          return NULL;
        }
      g_queue_push_tail (&self->pending, item);
    }
  return souk_slice_to_bytes (cursor);
}
