/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Transactions of this node on disk, and what each owner has spent. GLIB, node thread. See
 * money-private.h.
 *
 * A transaction's document holds the outbox's own form at its end; what stands before it is for
 * people and owners. An owner's spending is a document of its own, so that an order's figures need
 * one read and not a search.
 */
#include "trade/money-private.h"

#include "store/documents.h"

#include <string.h>

#define RECORD_VERSION 1
#define SPENDING_VERSION 1

enum { PHASE_OPEN = 0, PHASE_END = 1 };

void
souk_money_record_free (SoukMoneyRecord *record)
{
  if (record == NULL)
    return;
  g_clear_pointer (&record->entry, g_bytes_unref);
  g_free (record->purpose);
  g_free (record->id);
  g_free (record);
}

/* ---- one transaction ---- */

static void
append_u256 (GByteArray *out, SoukU256 value)
{
  uint8_t bytes[32];
  souk_u256_to_be (value, bytes);
  souk_append (out, souk_slice (bytes, sizeof bytes));
}

/* Copies `len` bytes, or poisons the reader. */
static void
read_exact (SoukReader *reader, uint8_t *out, size_t len)
{
  SoukSlice bytes = souk_reader_bytes (reader, len);
  if (bytes.len == len)
    memcpy (out, bytes.data, len);
}

static SoukU256
read_u256 (SoukReader *reader)
{
  uint8_t bytes[32] = { 0 };
  read_exact (reader, bytes, sizeof bytes);
  return souk_u256_from_be (bytes);
}

/* On disk: do not reorder. */
static GBytes *
record_to_bytes (const SoukMoneyRecord *record)
{
  GByteArray *out = g_byte_array_new ();
  souk_append_u8 (out, RECORD_VERSION);
  souk_append_varint_bytes (out, souk_slice_from_text (record->kind));
  souk_append (out, souk_slice (record->owner, sizeof record->owner));
  souk_append_u32_be (out, record->step);
  souk_append_varint_bytes (out, souk_slice_from_text (record->purpose));
  souk_append_u64_be (out, (uint64_t)record->created.us);
  souk_append_u8 (out, (uint8_t)record->told);
  souk_append_u8 (out, (uint8_t)record->phase);
  souk_append_u64_be (out, record->nonce);
  souk_append (out, souk_slice (record->to.bytes, sizeof record->to.bytes));
  append_u256 (out, record->value);
  souk_append (out, souk_slice (record->hash, sizeof record->hash));
  souk_append_u64_be (out, record->block);
  souk_append_u8 (out, record->is_success);
  append_u256 (out, record->gas);
  souk_append_varint_bytes (out, souk_slice_from_bytes (record->entry));
  return g_byte_array_free_to_bytes (out);
}

SoukMoneyRecord *
souk_money_record_read (SoukSlice id, SoukSlice body)
{
  g_autoptr (SoukMoneyRecord) record = g_new0 (SoukMoneyRecord, 1);
  SoukReader reader = souk_reader (body);
  uint8_t version = souk_reader_u8 (&reader);
  SoukSlice kind = souk_reader_varint_bytes (&reader);
  read_exact (&reader, record->owner, sizeof record->owner);
  record->step = souk_reader_u32_be (&reader);
  SoukSlice purpose = souk_reader_varint_bytes (&reader);
  record->created.us = (int64_t)souk_reader_u64_be (&reader);
  uint8_t told = souk_reader_u8 (&reader);
  uint8_t phase = souk_reader_u8 (&reader);
  record->nonce = souk_reader_u64_be (&reader);
  read_exact (&reader, record->to.bytes, sizeof record->to.bytes);
  record->value = read_u256 (&reader);
  read_exact (&reader, record->hash, sizeof record->hash);
  record->block = souk_reader_u64_be (&reader);
  record->is_success = souk_reader_u8 (&reader) != 0;
  record->gas = read_u256 (&reader);
  record->entry = souk_slice_to_bytes (souk_reader_varint_bytes (&reader));
  if (!souk_reader_is_done (&reader) || version != RECORD_VERSION || kind.len > SOUK_MONEY_KIND_MAX
      || told > SOUK_TOLD_FAILED || phase > SOUK_OUTBOX_LOST)
    return NULL;
  memcpy (record->kind, kind.data, kind.len);
  record->purpose = g_strndup ((const char *)purpose.data, purpose.len);
  record->id = g_strndup ((const char *)id.data, id.len);
  record->told = (SoukTold)told;
  record->phase = (SoukOutboxPhase)phase;
  record->is_stored = true;
  return g_steal_pointer (&record);
}

/* ---- what an owner has spent ---- */

/* kind || 0 || id */
static GBytes *
owner_key (const char *kind, const uint8_t owner[SOUK_MONEY_OWNER_ID_SIZE])
{
  GByteArray *key = g_byte_array_new ();
  souk_append (key, souk_slice_from_text (kind));
  souk_append_u8 (key, 0);
  souk_append (key, souk_slice (owner, SOUK_MONEY_OWNER_ID_SIZE));
  return g_byte_array_free_to_bytes (key);
}

GHashTable *
souk_money_spending_table (void)
{
  return g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref,
                                (GDestroyNotify)g_array_unref);
}

static bool
read_spending (SoukSlice body, GArray *out)
{
  SoukReader reader = souk_reader (body);
  uint8_t version = souk_reader_u8 (&reader);
  uint64_t count = souk_reader_varint (&reader);
  if (version != SPENDING_VERSION || count > SOUK_MONEY_SPENDING_MAX)
    return false;
  for (uint64_t i = 0; i < count && souk_reader_ok (&reader); i++)
    {
      SoukSpendingItem item = { .nonce = souk_reader_u64_be (&reader) };
      read_exact (&reader, item.hash, sizeof item.hash);
      item.gas = read_u256 (&reader);
      item.is_open = souk_reader_u8 (&reader) != 0;
      g_array_append_val (out, item);
    }
  return souk_reader_is_done (&reader);
}

static GArray *
spending_of_key (SoukMoney *self, GBytes *key)
{
  GArray *items = g_hash_table_lookup (self->spending, key);
  if (items != NULL)
    return items;
  items = g_array_new (FALSE, FALSE, sizeof (SoukSpendingItem));
  g_autoptr (SoukDocument) document = souk_documents_get (
      self->config.store, SOUK_DOCUMENT_SPENDING, souk_slice_from_bytes (key));
  if (document != NULL && !read_spending (souk_slice_from_bytes (document->body), items))
    {
      souk_log_record (self->config.log, SOUK_LOG_ERROR, "money.spending-unreadable",
                       "What an order or a job has spent on gas cannot be read; it counts anew.");
      g_array_set_size (items, 0);
    }
  g_hash_table_insert (self->spending, g_bytes_ref (key), items);
  return items;
}

GArray *
souk_money_spending (SoukMoney *self, const char *kind,
                     const uint8_t owner[SOUK_MONEY_OWNER_ID_SIZE])
{
  g_autoptr (GBytes) key = owner_key (kind, owner);
  return spending_of_key (self, key);
}

/* Sets the item of the record's nonce; items stay sorted by nonce. */
static void
note_spending (GArray *items, const SoukMoneyRecord *record)
{
  SoukSpendingItem item = {
    .nonce = record->nonce,
    .gas = record->gas,
    .is_open = record->block == 0 && !souk_outbox_phase_is_end (record->phase),
  };
  memcpy (item.hash, record->hash, sizeof item.hash);
  guint at = 0;
  while (at < items->len && g_array_index (items, SoukSpendingItem, at).nonce < item.nonce)
    at++;
  if (at < items->len && g_array_index (items, SoukSpendingItem, at).nonce == item.nonce)
    g_array_index (items, SoukSpendingItem, at) = item;
  else
    g_array_insert_val (items, at, item);
}

static void
put_spending (GArray *items, GBytes *key, SoukWall created, SoukStoreBatch *batch)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  souk_append_u8 (out, SPENDING_VERSION);
  souk_append_varint (out, items->len);
  for (guint i = 0; i < items->len; i++)
    {
      const SoukSpendingItem *item = &g_array_index (items, SoukSpendingItem, i);
      souk_append_u64_be (out, item->nonce);
      souk_append (out, souk_slice (item->hash, sizeof item->hash));
      append_u256 (out, item->gas);
      souk_append_u8 (out, item->is_open);
    }
  souk_documents_put (batch, SOUK_DOCUMENT_SPENDING, souk_slice_from_bytes (key), 0, created,
                      souk_slice_from_array (out));
}

void
souk_money_record_put (SoukMoney *self, const SoukMoneyRecord *record, SoukStoreBatch *batch)
{
  g_autoptr (GBytes) key = owner_key (record->kind, record->owner);
  g_autoptr (GBytes) body = record_to_bytes (record);
  GArray *items = spending_of_key (self, key);
  int64_t phase = souk_outbox_phase_is_end (record->phase) ? PHASE_END : PHASE_OPEN;

  note_spending (items, record);
  put_spending (items, key, record->created, batch);
  /* By the time of their making, so that lists of them keep their order. */
  souk_documents_put (batch, SOUK_DOCUMENT_TRANSACTION, souk_slice_from_text (record->id), phase,
                      record->created, souk_slice_from_bytes (body));
}

/* ---- for the owners ---- */

SoukWei
souk_money_gas_spent (SoukMoney *self, const SoukMoneyOwner *owner)
{
  GArray *items = souk_money_spending (self, owner->kind, owner->id);
  SoukU256 sum = SOUK_U256_ZERO;
  for (guint i = 0; i < items->len; i++)
    if (souk_u256_add (sum, g_array_index (items, SoukSpendingItem, i).gas, &sum) != SOUK_STATUS_OK)
      break;
  return souk_wei_from_u256 (sum);
}

bool
souk_money_has_open_tx (SoukMoney *self, const SoukMoneyOwner *owner)
{
  GArray *items = souk_money_spending (self, owner->kind, owner->id);
  for (guint i = 0; i < items->len; i++)
    if (g_array_index (items, SoukSpendingItem, i).is_open)
      return true;
  return false;
}

JsonArray *
souk_money_transactions (SoukMoney *self, const SoukMoneyOwner *owner)
{
  GArray *items = souk_money_spending (self, owner->kind, owner->id);
  JsonArray *hashes = json_array_new ();
  for (guint i = 0; i < items->len; i++)
    {
      const SoukSpendingItem *item = &g_array_index (items, SoukSpendingItem, i);
      g_autofree char *digits = souk_hex_encode (souk_slice (item->hash, sizeof item->hash));
      g_autofree char *text = g_strconcat ("0x", digits, NULL);
      json_array_add_string_element (hashes, text);
    }
  return hashes;
}
