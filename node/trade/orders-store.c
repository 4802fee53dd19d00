/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Orders as documents. GLIB, node thread. See orders-private.h.
 *
 * A document's time is the order's beginning, so that lists keep their order while orders move.
 */
#include "trade/orders-private.h"

#include "store/documents.h"

#include <string.h>

#define LOAD_PAGE 500
/* Offers that nobody took up: kept so many, since a purchase may still be in a block that this node
 * has not seen; strangers can make a seller write more of them. */
#define LAPSED_MAX 1000

const char *
souk_orders_kind (const SoukOrder *machine)
{
  return machine->role == SOUK_ORDER_BUYER ? SOUK_DOCUMENT_PURCHASE : SOUK_DOCUMENT_SALE;
}

SoukOrderDocPhase
souk_orders_doc_phase (const SoukOrder *machine)
{
  if (machine->phase == SOUK_ORDER_LAPSED)
    return SOUK_ORDER_DOC_LAPSED;
  return souk_order_is_over (machine) ? SOUK_ORDER_DOC_OVER : SOUK_ORDER_DOC_LIVE;
}

void
souk_orders_put (const SoukOrder *machine, SoukStoreBatch *batch)
{
  g_autoptr (GBytes) body = souk_order_to_bytes (machine);
  SoukWall created = machine->timeline.entries[0].at;
  SoukSlice id = souk_slice (machine->id, sizeof machine->id);
  souk_documents_put (batch, souk_orders_kind (machine), id, souk_orders_doc_phase (machine),
                      created, souk_slice_from_bytes (body));
  if (machine->has_offer)
    souk_documents_put (batch, SOUK_DOCUMENT_DEAL, souk_slice (machine->deal, sizeof machine->deal),
                        machine->role, created, id);
}

static SoukOrder *
decode (SoukOrders *self, const SoukDocument *document)
{
  SoukOrder *machine = NULL;
  if (souk_order_from_bytes (souk_slice_from_bytes (document->body), &machine) == SOUK_STATUS_OK)
    return machine;
  g_autofree char *id = souk_hex_encode (souk_slice_from_bytes (document->id));
  souk_log_record (self->context.log, SOUK_LOG_ERROR, "order.unreadable",
                   "A stored order cannot be read; it is left as it is.",
                   souk_log_string ("order", id));
  return NULL;
}

static SoukOrder *
read_kind (SoukOrders *self, const char *kind, SoukSlice id)
{
  g_autoptr (SoukDocument) document = souk_documents_get (self->context.store, kind, id);
  return document != NULL ? decode (self, document) : NULL;
}

SoukOrder *
souk_orders_read (SoukOrders *self, const uint8_t id[SOUK_ORDER_ID_SIZE])
{
  SoukSlice key = souk_slice (id, SOUK_ORDER_ID_SIZE);
  SoukOrder *machine = read_kind (self, SOUK_DOCUMENT_PURCHASE, key);
  return machine != NULL ? machine : read_kind (self, SOUK_DOCUMENT_SALE, key);
}

SoukOrder *
souk_orders_read_deal (SoukOrders *self, const uint8_t deal[SOUK_HASH_SIZE])
{
  g_autoptr (SoukDocument) document = souk_documents_get (self->context.store, SOUK_DOCUMENT_DEAL,
                                                          souk_slice (deal, SOUK_HASH_SIZE));
  if (document == NULL || g_bytes_get_size (document->body) != SOUK_ORDER_ID_SIZE)
    return NULL;
  return souk_orders_read (self, g_bytes_get_data (document->body, NULL));
}

/* ---- pages ---- */

/* Adds the newest `count` orders of a kind. */
static void
gather (SoukOrders *self, const char *kind, int64_t phase, unsigned count, GPtrArray *out)
{
  g_autoptr (GPtrArray) documents
      = souk_documents_list (self->context.store, kind, phase, 0, count);
  for (guint i = 0; i < documents->len; i++)
    {
      SoukOrder *machine = decode (self, g_ptr_array_index (documents, i));
      if (machine != NULL)
        g_ptr_array_add (out, machine);
    }
}

static int
newest_first (gconstpointer a, gconstpointer b)
{
  const SoukOrder *left = a;
  const SoukOrder *right = b;
  int64_t l = left->timeline.entries[0].at.us;
  int64_t r = right->timeline.entries[0].at.us;
  return (l < r) - (l > r);
}

GPtrArray *
souk_orders_page (SoukOrders *self, SoukOrderRole role, unsigned offset, unsigned limit,
                  int64_t *out_total)
{
  SoukStore *store = self->context.store;
  GPtrArray *orders = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_order_free);
  *out_total = 0;
  if (role != SOUK_ORDER_SELLER)
    {
      gather (self, SOUK_DOCUMENT_PURCHASE, SOUK_PHASE_ANY, offset + limit, orders);
      *out_total += souk_documents_count (store, SOUK_DOCUMENT_PURCHASE, SOUK_PHASE_ANY);
    }
  if (role != SOUK_ORDER_BUYER)
    for (int64_t phase = SOUK_ORDER_DOC_LIVE; phase <= SOUK_ORDER_DOC_OVER; phase++)
      {
        gather (self, SOUK_DOCUMENT_SALE, phase, offset + limit, orders);
        *out_total += souk_documents_count (store, SOUK_DOCUMENT_SALE, phase);
      }
  g_ptr_array_sort_values (orders, newest_first);
  g_ptr_array_remove_range (orders, 0, MIN (offset, orders->len));
  if (orders->len > limit)
    g_ptr_array_set_size (orders, (gint)limit);
  return orders;
}

/* ---- start-up ---- */

static void
load_kind (SoukOrders *self, const char *kind)
{
  for (unsigned offset = 0;; offset += LOAD_PAGE)
    {
      g_autoptr (GPtrArray) documents
          = souk_documents_list (self->context.store, kind, SOUK_ORDER_DOC_LIVE, offset, LOAD_PAGE);
      for (guint i = 0; i < documents->len; i++)
        {
          SoukOrder *machine = decode (self, g_ptr_array_index (documents, i));
          if (machine != NULL)
            souk_orders_add (self, machine)->told_len = machine->timeline.len;
        }
      if (documents->len < LOAD_PAGE)
        return;
    }
}

void
souk_orders_load (SoukOrders *self)
{
  load_kind (self, SOUK_DOCUMENT_PURCHASE);
  load_kind (self, SOUK_DOCUMENT_SALE);
}

void
souk_orders_prune (SoukOrders *self)
{
  g_autoptr (GPtrArray) documents = souk_documents_list (
      self->context.store, SOUK_DOCUMENT_SALE, SOUK_ORDER_DOC_LAPSED, LAPSED_MAX, LOAD_PAGE);
  if (documents->len == 0)
    return;
  SoukStoreBatch *batch = souk_store_batch_new (self->context.store);
  for (guint i = 0; i < documents->len; i++)
    {
      const SoukDocument *document = g_ptr_array_index (documents, i);
      g_autoptr (SoukOrder) machine = decode (self, document);
      souk_documents_remove (batch, SOUK_DOCUMENT_SALE, souk_slice_from_bytes (document->id));
      if (machine != NULL)
        souk_documents_remove (batch, SOUK_DOCUMENT_DEAL,
                               souk_slice (machine->deal, sizeof machine->deal));
    }
  souk_store_commit (batch, NULL, NULL);
}
