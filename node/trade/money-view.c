/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What people and programs see of the money: wallet.show and wallet.transactions. GLIB, node thread.
 */
#include "trade/money-private.h"

#include "api/values.h"
#include "store/documents.h"

#define PAGE_DEFAULT 100
#define PAGE_MAX 1000

JsonObject *
souk_money_wallet_object (const SoukMoney *self)
{
  JsonObject *object = json_object_new ();
  SoukWei amount;
  json_object_set_string_member (object, "chain", souk_money_state_name (self));
  if (self == NULL)
    return object;
  souk_json_set_address (object, "address", &self->config.address);
  json_object_set_int_member (object, "chain_id", (gint64)self->config.chain_id);
  souk_json_set_address (object, "marketplace", &self->config.marketplace);
  souk_json_set_address (object, "rental", &self->config.rental);
  if (souk_money_balance (self, &amount))
    {
      souk_json_set_coins (object, "balance", amount);
      souk_json_set_wei (object, "balance_wei", amount);
    }
  if (souk_money_credit (self, &amount))
    souk_json_set_wei (object, "credit_wei", amount);
  return object;
}

static void
on_wallet_show (SoukCall *call, gpointer user)
{
  souk_call_reply (call, souk_json_object_node (souk_money_wallet_object (user)));
}

/* The words of the command table. */
static const char *
state_of (const SoukMoneyRecord *record)
{
  switch (record->phase)
    {
    case SOUK_OUTBOX_PREPARING:
    case SOUK_OUTBOX_STORED:
    case SOUK_OUTBOX_REFUSED:
      return "stored";
    case SOUK_OUTBOX_SENT:
      return "sent";
    case SOUK_OUTBOX_INCLUDED:
      return record->is_success ? "included" : "failed";
    case SOUK_OUTBOX_CONFIRMED:
      return "confirmed";
    case SOUK_OUTBOX_FAILED:
      return "failed";
    case SOUK_OUTBOX_LOST:
      return "replaced";
    }
  g_assert_not_reached ();
}

static JsonObject *
transaction_object (const SoukMoneyRecord *record)
{
  JsonObject *object = json_object_new ();
  souk_json_set_hash (object, "hash", record->hash);
  json_object_set_int_member (object, "nonce", (gint64)record->nonce);
  json_object_set_string_member (object, "state", state_of (record));
  json_object_set_string_member (object, "purpose", record->purpose);
  souk_json_set_address (object, "to", &record->to);
  souk_json_set_wei (object, "value_wei", souk_wei_from_u256 (record->value));
  if (record->block > 0)
    {
      souk_json_set_wei (object, "gas_wei", souk_wei_from_u256 (record->gas));
      json_object_set_int_member (object, "block", (gint64)record->block);
    }
  souk_json_set_time (object, "created", record->created);
  return object;
}

static void
on_wallet_transactions (SoukCall *call, gpointer user)
{
  SoukMoney *self = user;
  JsonArray *items = json_array_new ();
  if (self == NULL)
    {
      souk_call_reply_list (call, items, 0);
      return;
    }
  gint64 limit = CLAMP (souk_call_integer (call, "limit", PAGE_DEFAULT), 1, PAGE_MAX);
  gint64 offset = CLAMP (souk_call_integer (call, "offset", 0), 0, G_MAXINT32);
  g_autoptr (GPtrArray) documents
      = souk_documents_list (self->config.store, SOUK_DOCUMENT_TRANSACTION, SOUK_PHASE_ANY,
                             (unsigned)offset, (unsigned)limit);
  for (guint i = 0; i < documents->len; i++)
    {
      const SoukDocument *document = g_ptr_array_index (documents, i);
      g_autoptr (SoukMoneyRecord) record = souk_money_record_read (
          souk_slice_from_bytes (document->id), souk_slice_from_bytes (document->body));
      if (record != NULL)
        json_array_add_object_element (items, transaction_object (record));
    }
  souk_call_reply_list (
      call, items,
      souk_documents_count (self->config.store, SOUK_DOCUMENT_TRANSACTION, SOUK_PHASE_ANY));
}

void
souk_money_bind (SoukMoney *self, SoukDispatch *dispatch)
{
  souk_dispatch_bind (dispatch, "wallet.show", on_wallet_show, self);
  souk_dispatch_bind (dispatch, "wallet.transactions", on_wallet_transactions, self);
}
