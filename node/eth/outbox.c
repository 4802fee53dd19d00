/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The outbox. GLIB. See outbox.h.
 *
 *   prepare:  estimate -> fees -> nonce -> sign -> persist -> (on disk) -> broadcast; one at a time
 *   poll:     block number, then for each open entry the receipts of its versions, newest first
 *             found    -> INCLUDED, and CONFIRMED or FAILED once deep enough
 *             missing  -> was it INCLUDED? a reorg dropped it: broadcast again
 *                         nonce used in a deep block, three polls in a row -> LOST
 *                         stuck -> replace; quiet for a while -> broadcast the same bytes again
 */
#include "eth/outbox.h"

#include <string.h>

/* Polls without a block until the same bytes are broadcast again: nodes drop what waits too long. */
#define REBROADCAST_POLLS 10
#define LOST_POLLS 3

/* What the outbox knows beside the entry. */
typedef struct {
  SoukOutboxEntry *entry; /* first, so that an Item is found by its entry */
  SoukOutbox *outbox;
  gint64 sent_at_us; /* the first broadcast of the last version in this run; 0: not yet */
  unsigned polls_quiet;
  unsigned polls_lost;
  unsigned checked; /* version whose receipt is asked for */
  bool is_replacing;
  bool wants_replacement; /* a node called it underpriced */
} Item;

/* A row on its way to the disk; outlives the outbox if it must. */
typedef struct {
  SoukOutbox *outbox; /* NULL once that is gone */
  Item *item;
  bool is_version; /* a new signature, which waits for the disk */
} Token;

struct SoukOutbox {
  SoukEthClient *client;
  guint64 chain_id;
  GMainContext *context;
  SoukOutboxConfig config;
  SoukOutboxHooks hooks;
  gpointer user_data;
  GPtrArray *items; /* (element-type Item), oldest first */
  GHashTable *by_id;
  GHashTable *tokens; /* set of Token under way */
  GQueue waiting;     /* (element-type Item), to be prepared */
  Item *preparing;
  guint64 next_nonce; /* above all of ours */
  GSource *timer;
  bool is_polling;
  guint64 head;
  guint poll_at;
};

static void prepare_next (SoukOutbox *self);
static void broadcast (Item *item);
static void poll_step (SoukOutbox *self);
static void schedule (SoukOutbox *self, unsigned delay_ms);

/* ---- life ---- */

static void
item_free (Item *item)
{
  souk_outbox_entry_free (item->entry);
  g_free (item);
}

static Item *
item_add (SoukOutbox *self, SoukOutboxEntry *entry)
{
  Item *item = g_new0 (Item, 1);
  item->entry = entry;
  item->outbox = self;
  g_ptr_array_add (self->items, item);
  g_hash_table_insert (self->by_id, entry->id, item);
  return item;
}

SoukOutbox *
souk_outbox_new (SoukEthRpc *rpc, const SoukOutboxConfig *config, const SoukOutboxHooks *hooks,
                 gpointer user_data)
{
  g_assert (config->confirmations >= 1 && config->poll_ms > 0);
  SoukOutbox *self = g_new0 (SoukOutbox, 1);
  self->client = souk_eth_client_new (rpc);
  self->chain_id = souk_eth_rpc_chain_id (rpc);
  self->context = g_main_context_ref_thread_default ();
  self->config = *config;
  self->hooks = *hooks;
  self->user_data = user_data;
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify)item_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->tokens = g_hash_table_new (NULL, NULL);
  g_queue_init (&self->waiting);
  return self;
}

void
souk_outbox_free (SoukOutbox *self)
{
  GHashTableIter iter;
  gpointer token = NULL;

  if (self == NULL)
    return;
  souk_eth_client_free (self->client);
  g_hash_table_iter_init (&iter, self->tokens);
  while (g_hash_table_iter_next (&iter, &token, NULL))
    ((Token *)token)->outbox = NULL;
  g_hash_table_unref (self->tokens);
  if (self->timer != NULL)
    {
      g_source_destroy (self->timer);
      g_source_unref (self->timer);
    }
  g_queue_clear (&self->waiting);
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->items);
  g_main_context_unref (self->context);
  g_free (self);
}

const SoukOutboxEntry *
souk_outbox_find (const SoukOutbox *self, const char *id)
{
  Item *item = g_hash_table_lookup (self->by_id, id);
  return item != NULL ? item->entry : NULL;
}

void
souk_outbox_foreach (const SoukOutbox *self, GFunc func, gpointer data)
{
  for (guint i = 0; i < self->items->len; i++)
    func (((Item *)g_ptr_array_index (self->items, i))->entry, data);
}

/* ---- to the disk ---- */

static void version_stored (Item *item, const GError *error);

static void
on_stored (gpointer data, const GError *error)
{
  Token *token = data;
  SoukOutbox *self = token->outbox;
  Item *item = token->item;
  bool is_version = token->is_version;

  if (self != NULL)
    g_hash_table_remove (self->tokens, token);
  g_free (token);
  if (self != NULL && is_version)
    version_stored (item, error);
}

static void
persist (Item *item, bool is_version)
{
  SoukOutbox *self = item->outbox;
  g_autoptr (GBytes) body = souk_outbox_entry_to_bytes (item->entry);
  Token *token = g_new0 (Token, 1);

  token->outbox = self;
  token->item = item;
  token->is_version = is_version;
  g_hash_table_add (self->tokens, token);
  self->hooks.persist (item->entry->id, body, on_stored, token, self->user_data);
}

/* Takes a copy of `error`, or clears the trouble when it is NULL. */
static void
set_trouble (Item *item, const GError *error)
{
  g_clear_error (&item->entry->trouble);
  if (error != NULL)
    item->entry->trouble = g_error_copy (error);
}

static void
set_phase (Item *item, SoukOutboxPhase phase)
{
  SoukOutbox *self = item->outbox;
  item->entry->phase = phase;
  if (phase != SOUK_OUTBOX_REFUSED)
    persist (item, false);
  self->hooks.changed (item->entry, self->user_data);
}

/* ---- preparing ---- */

static void
refuse (Item *item, const GError *error)
{
  SoukOutbox *self = item->outbox;
  self->preparing = NULL;
  set_trouble (item, error);
  set_phase (item, SOUK_OUTBOX_REFUSED);
  prepare_next (self);
}

/* Signs the entry as it stands and sends the new version on its way to the disk. */
static bool
sign_version (Item *item)
{
  SoukOutbox *self = item->outbox;
  SoukTx tx = souk_outbox_entry_tx (item->entry, self->chain_id);
  uint8_t signature[SOUK_ECDSA_SIZE];

  if (!self->hooks.sign (&tx, signature, self->user_data))
    return false;
  souk_outbox_entry_add_version (item->entry, souk_tx_to_raw (&tx, signature));
  persist (item, true);
  return true;
}

static void
on_nonce (guint64 pending, const GError *error, gpointer user_data)
{
  Item *item = user_data;
  SoukOutbox *self = item->outbox;

  if (error != NULL)
    {
      refuse (item, error);
      return;
    }
  item->entry->nonce = MAX (pending, self->next_nonce);
  item->entry->phase = SOUK_OUTBOX_STORED;
  if (!sign_version (item))
    {
      g_autoptr (GError) locked
          = g_error_new (SOUK_ETH_ERROR, SOUK_ETH_ERROR_REFUSED, "The wallet does not sign this");
      refuse (item, locked);
    }
}

static void
on_fees (const SoukFees *fees, const GError *error, gpointer user_data)
{
  Item *item = user_data;
  SoukOutbox *self = item->outbox;

  if (error != NULL)
    {
      refuse (item, error);
      return;
    }
  item->entry->fees = *fees;
  souk_eth_pending_nonce (self->client, &self->config.from, on_nonce, item);
}

static void
on_estimate (guint64 gas, const GError *error, gpointer user_data)
{
  Item *item = user_data;
  SoukOutbox *self = item->outbox;

  if (error != NULL)
    {
      refuse (item, error);
      return;
    }
  item->entry->gas_limit = souk_fees_gas_limit (gas);
  souk_eth_fees (self->client, self->config.fee_cap, on_fees, item);
}

static void
prepare_next (SoukOutbox *self)
{
  if (self->preparing != NULL)
    return;
  Item *item = g_queue_pop_head (&self->waiting);
  self->preparing = item;
  if (item == NULL)
    return;
  const SoukOutboxEntry *entry = item->entry;
  SoukEthMessage message = {
    .from = &self->config.from,
    .to = entry->is_creation ? NULL : &entry->to,
    .value = entry->value,
    .data = souk_slice_from_bytes (entry->data),
  };
  if (entry->gas_limit > 0)
    souk_eth_fees (self->client, self->config.fee_cap, on_fees, item);
  else
    souk_eth_estimate_gas (self->client, &message, on_estimate, item);
}

/* The disk has the signed bytes, or failed: only now may they leave. */
static void
version_stored (Item *item, const GError *error)
{
  SoukOutbox *self = item->outbox;
  bool is_first = self->preparing == item;

  item->is_replacing = false;
  if (error != NULL)
    {
      souk_outbox_entry_drop_version (item->entry);
      if (is_first)
        refuse (item, error);
      else
        set_trouble (item, error);
      return;
    }
  item->sent_at_us = 0;
  if (is_first)
    {
      self->next_nonce = item->entry->nonce + 1;
      self->preparing = NULL;
      self->hooks.changed (item->entry, self->user_data);
    }
  broadcast (item);
  prepare_next (self);
  schedule (self, self->config.poll_ms);
}

const SoukOutboxEntry *
souk_outbox_send (SoukOutbox *self, const char *id, const SoukOutboxRequest *request)
{
  Item *item = g_hash_table_lookup (self->by_id, id);

  g_assert (id[0] != '\0' && strlen (id) <= SOUK_OUTBOX_ID_MAX);
  if (item != NULL && item->entry->phase != SOUK_OUTBOX_REFUSED)
    return item->entry;
  if (item != NULL)
    {
      g_hash_table_remove (self->by_id, id);
      g_ptr_array_remove (self->items, item);
    }
  if (self->items->len >= SOUK_OUTBOX_ENTRIES_MAX)
    return NULL;
  SoukOutboxEntry *entry = souk_outbox_entry_new (id);
  entry->to = request->to;
  entry->is_creation = request->is_creation;
  entry->value = request->value;
  entry->gas_limit = request->gas_limit;
  g_bytes_unref (entry->data);
  entry->data = souk_slice_to_bytes (request->data);
  g_queue_push_tail (&self->waiting, item_add (self, entry));
  prepare_next (self);
  return entry;
}

bool
souk_outbox_resume (SoukOutbox *self, SoukSlice body)
{
  g_autoptr (SoukOutboxEntry) entry
      = souk_outbox_entry_from_bytes (body, &self->config.from, self->chain_id);

  if (entry == NULL || self->items->len >= SOUK_OUTBOX_ENTRIES_MAX
      || g_hash_table_contains (self->by_id, entry->id))
    return false;
  if (!souk_outbox_phase_is_end (entry->phase))
    {
      self->next_nonce = MAX (self->next_nonce, entry->nonce + 1);
      schedule (self, 0);
    }
  item_add (self, g_steal_pointer (&entry));
  return true;
}

/* ---- broadcasting ---- */

static void
on_sent (GBytes *hash, const GError *error, gpointer user_data)
{
  Item *item = user_data;

  if (error == NULL || g_error_matches (error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_ALREADY_KNOWN))
    {
      set_trouble (item, NULL);
      if (item->sent_at_us == 0)
        item->sent_at_us = g_get_monotonic_time ();
      if (item->entry->phase == SOUK_OUTBOX_STORED)
        set_phase (item, SOUK_OUTBOX_SENT);
      return;
    }
  /* Too low a nonce is what a mined transaction of ours gives too: the poll finds out. */
  if (g_error_matches (error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_NONCE_TOO_LOW))
    return;
  if (g_error_matches (error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_UNDERPRICED)
      || g_error_matches (error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_FEE_TOO_LOW))
    item->wants_replacement = true;
  set_trouble (item, error);
  item->outbox->hooks.changed (item->entry, item->outbox->user_data);
}

static void
broadcast (Item *item)
{
  item->polls_quiet = 0;
  souk_eth_send_raw (item->outbox->client,
                     souk_slice_from_bytes (souk_outbox_entry_last (item->entry)->raw), on_sent,
                     item);
}

static void
on_replacement_fees (const SoukFees *fresh, const GError *error, gpointer user_data)
{
  Item *item = user_data;
  SoukOutbox *self = item->outbox;
  SoukFees old = item->entry->fees;
  SoukFees bumped;

  if (error != NULL || souk_outbox_phase_is_end (item->entry->phase)
      || souk_fees_bump (&old, fresh, self->config.fee_cap, &bumped) != SOUK_STATUS_OK)
    {
      item->is_replacing = false;
      return;
    }
  item->entry->fees = bumped;
  if (!sign_version (item))
    {
      item->entry->fees = old;
      item->is_replacing = false;
    }
}

static void
replace (Item *item)
{
  SoukOutbox *self = item->outbox;
  item->wants_replacement = false;
  if (item->is_replacing || item->entry->versions->len >= SOUK_OUTBOX_VERSIONS_MAX)
    return;
  item->is_replacing = true;
  souk_eth_fees (self->client, self->config.fee_cap, on_replacement_fees, item);
}

/* ---- polling ---- */

static bool
is_open (const Item *item)
{
  return item->entry->versions->len > 0 && !souk_outbox_phase_is_end (item->entry->phase)
         && item != item->outbox->preparing;
}

/* No block has it, and the nonce is still free as far as the chain is deep. */
static void
is_waiting (Item *item)
{
  SoukOutbox *self = item->outbox;
  gint64 stuck_us = (gint64)self->config.stuck_ms * 1000;
  bool is_stuck = stuck_us > 0 && item->sent_at_us > 0
                  && g_get_monotonic_time () - item->sent_at_us >= stuck_us;

  item->polls_lost = 0;
  if (item->is_replacing)
    return; /* the last version is not on disk yet */
  if (is_stuck || item->wants_replacement)
    replace (item);
  else if (item->sent_at_us == 0 || ++item->polls_quiet >= REBROADCAST_POLLS)
    broadcast (item);
}

static void
on_deep_nonce (guint64 count, const GError *error, gpointer user_data)
{
  Item *item = user_data;
  if (error == NULL && count <= item->entry->nonce)
    is_waiting (item);
  else if (error == NULL && ++item->polls_lost >= LOST_POLLS)
    set_phase (item, SOUK_OUTBOX_LOST);
  poll_step (item->outbox);
}

static void
is_missing (Item *item)
{
  SoukOutbox *self = item->outbox;
  guint64 depth = self->config.confirmations - 1;

  if (item->entry->phase == SOUK_OUTBOX_INCLUDED)
    {
      item->sent_at_us = 0;
      set_phase (item, SOUK_OUTBOX_SENT);
    }
  souk_eth_nonce_at (self->client, &self->config.from, self->head > depth ? self->head - depth : 0,
                     on_deep_nonce, item);
}

static void
is_included (Item *item, const SoukEthReceipt *receipt)
{
  SoukOutbox *self = item->outbox;
  SoukOutboxEntry *entry = item->entry;
  bool is_new = entry->phase != SOUK_OUTBOX_INCLUDED
                || memcmp (entry->block_hash, receipt->block_hash, SOUK_HASH_SIZE) != 0;

  entry->included = item->checked;
  entry->block_number = receipt->block_number;
  memcpy (entry->block_hash, receipt->block_hash, SOUK_HASH_SIZE);
  entry->is_success = receipt->is_success;
  entry->gas_used = receipt->gas_used;
  entry->gas_price = receipt->gas_price;
  item->polls_lost = 0;
  if (self->head + 1 >= receipt->block_number + self->config.confirmations)
    set_phase (item, receipt->is_success ? SOUK_OUTBOX_CONFIRMED : SOUK_OUTBOX_FAILED);
  else if (is_new)
    set_phase (item, SOUK_OUTBOX_INCLUDED);
}

static void
on_receipt (const SoukEthReceipt *receipt, const GError *error, gpointer user_data)
{
  Item *item = user_data;
  SoukOutbox *self = item->outbox;

  if (receipt != NULL)
    is_included (item, receipt);
  else if (error == NULL && item->checked > 0)
    {
      item->checked--;
      souk_eth_receipt (
          self->client,
          g_array_index (item->entry->versions, SoukOutboxVersion, item->checked).hash, on_receipt,
          item);
      return;
    }
  else if (error == NULL)
    {
      is_missing (item);
      return;
    }
  poll_step (self);
}

/* The next open entry of this round, or the end of the round. */
static void
poll_step (SoukOutbox *self)
{
  while (self->poll_at < self->items->len)
    {
      Item *item = g_ptr_array_index (self->items, self->poll_at++);
      if (!is_open (item))
        continue;
      item->checked = item->entry->versions->len - 1;
      souk_eth_receipt (self->client, souk_outbox_entry_last (item->entry)->hash, on_receipt, item);
      return;
    }
  self->is_polling = false;
  for (guint i = 0; i < self->items->len; i++)
    if (is_open (g_ptr_array_index (self->items, i)))
      {
        schedule (self, self->config.poll_ms);
        return;
      }
}

static void
on_head (guint64 number, const GError *error, gpointer user_data)
{
  SoukOutbox *self = user_data;
  if (error != NULL)
    {
      self->is_polling = false;
      schedule (self, self->config.poll_ms);
      return;
    }
  self->head = number;
  self->poll_at = 0;
  poll_step (self);
}

void
souk_outbox_poll (SoukOutbox *self)
{
  if (self->is_polling)
    return;
  self->is_polling = true;
  if (self->timer != NULL)
    {
      g_source_destroy (self->timer);
      g_clear_pointer (&self->timer, g_source_unref);
    }
  souk_eth_block_number (self->client, on_head, self);
}

static gboolean
on_timer (gpointer user_data)
{
  SoukOutbox *self = user_data;
  g_clear_pointer (&self->timer, g_source_unref);
  souk_outbox_poll (self);
  return G_SOURCE_REMOVE;
}

/* The next round begins in `delay_ms`, unless one is under way or planned already. */
static void
schedule (SoukOutbox *self, unsigned delay_ms)
{
  if (self->is_polling || self->timer != NULL)
    return;
  self->timer = g_timeout_source_new (delay_ms);
  g_source_set_callback (self->timer, on_timer, self, NULL);
  g_source_attach (self->timer, self->context);
}
