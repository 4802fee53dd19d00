/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sending: from a flow's wish to a transaction in the chain, over restarts. GLIB, node thread. See
 * money.h.
 *
 * The outbox prepares, signs and repeats; here its rows meet their owners. The first row of a
 * transaction and the owner's new state are one write; so are the row that says how it ended and
 * what the owner makes of that.
 *
 * The outbox watches a transaction for as long as a reorganisation may undo it; its owner is told of
 * success as soon as a block has it, and of failure when the block is as deep as the network says.
 */
#include "trade/money-private.h"

#include "store/documents.h"
#include "swarm/clock.h"

#include <string.h>

G_DEFINE_QUARK (souk - money - error - quark, souk_money_error)

/* Open transactions of one account; more than a node makes in a day. */
#define OPEN_MAX 10000

bool
souk_money_error_is_passing (const GError *error)
{
  switch ((SoukMoneyError)error->code)
    {
    case SOUK_MONEY_ERROR_UNREACHABLE:
    case SOUK_MONEY_ERROR_TOO_DEAR:
      return true;
    case SOUK_MONEY_ERROR_NO_FUNDS:
    case SOUK_MONEY_ERROR_REVERTED:
    case SOUK_MONEY_ERROR_NO_WALLET:
    case SOUK_MONEY_ERROR_STALE:
    case SOUK_MONEY_ERROR_REFUSED:
    case SOUK_MONEY_ERROR_DISK:
      return false;
    }
  g_assert_not_reached ();
}

/* ---- errors ---- */

static SoukMoneyError
kind_of_eth_error (SoukEthError code)
{
  switch (code)
    {
    case SOUK_ETH_ERROR_INSUFFICIENT_FUNDS:
      return SOUK_MONEY_ERROR_NO_FUNDS;
    case SOUK_ETH_ERROR_REVERTED:
      return SOUK_MONEY_ERROR_REVERTED;
    case SOUK_ETH_ERROR_FEE_TOO_LOW:
      return SOUK_MONEY_ERROR_TOO_DEAR;
    case SOUK_ETH_ERROR_UNREACHABLE:
    case SOUK_ETH_ERROR_PROTOCOL:
    case SOUK_ETH_ERROR_WRONG_CHAIN:
    case SOUK_ETH_ERROR_RATE_LIMITED:
    case SOUK_ETH_ERROR_LIMIT:
      return SOUK_MONEY_ERROR_UNREACHABLE;
    case SOUK_ETH_ERROR_TOO_LARGE:
    case SOUK_ETH_ERROR_NONCE_TOO_LOW:
    case SOUK_ETH_ERROR_ALREADY_KNOWN:
    case SOUK_ETH_ERROR_UNDERPRICED:
    case SOUK_ETH_ERROR_GAS:
    case SOUK_ETH_ERROR_UNKNOWN_BLOCK:
    case SOUK_ETH_ERROR_UNKNOWN_METHOD:
    case SOUK_ETH_ERROR_REFUSED:
      return SOUK_MONEY_ERROR_REFUSED;
    }
  g_assert_not_reached ();
}

/* What a person reads: the contract's reason in its own sentence, if it gave one. */
static GError *
translate (const SoukMoneyRecord *record, bool sign_failed, const GError *trouble)
{
  if (record->is_unwanted)
    return g_error_new (SOUK_MONEY_ERROR, SOUK_MONEY_ERROR_STALE,
                        "The transaction is no longer wanted.");
  if (sign_failed)
    return g_error_new (SOUK_MONEY_ERROR, SOUK_MONEY_ERROR_NO_WALLET,
                        "The wallet is locked, so nothing was signed.");
  if (trouble == NULL || trouble->domain == SOUK_STORE_ERROR)
    return g_error_new (SOUK_MONEY_ERROR, SOUK_MONEY_ERROR_DISK, "It could not be stored: %s",
                        trouble != NULL ? trouble->message : "the disk does not say why");
  if (trouble->domain != SOUK_ETH_ERROR)
    return g_error_new (SOUK_MONEY_ERROR, SOUK_MONEY_ERROR_REFUSED, "%s", trouble->message);
  const SoukRevert *revert = souk_eth_error_revert (trouble);
  SoukMoneyError kind = kind_of_eth_error ((SoukEthError)trouble->code);
  if (kind == SOUK_MONEY_ERROR_NO_FUNDS)
    return g_error_new (SOUK_MONEY_ERROR, kind,
                        "The account cannot pay the amount and the gas; add coins to it.");
  if (revert != NULL)
    return g_error_new (SOUK_MONEY_ERROR, kind, "%s",
                        revert->text[0] != '\0' ? revert->text : revert->sentence);
  return g_error_new (SOUK_MONEY_ERROR, kind, "%s", trouble->message);
}

/* ---- refusals without the outbox ---- */

typedef struct {
  SoukMoneyDone done;
  void *user;
  GError *error;
} Refusal;

static void
refusal_free (gpointer data)
{
  Refusal *refusal = data;
  g_error_free (refusal->error);
  g_free (refusal);
}

static gboolean
tell_refusal (gpointer data)
{
  Refusal *refusal = data;
  refusal->done (NULL, refusal->error, refusal->user);
  return G_SOURCE_REMOVE;
}

/* Tells it later, as `done` promises; takes `error`. */
static void
refuse_later (SoukMoney *self, SoukMoneyDone done, void *user, GError *error)
{
  Refusal *refusal = g_new (Refusal, 1);
  *refusal = (Refusal){ done, user, error };
  GSource *source = g_idle_source_new ();
  g_source_set_callback (source, tell_refusal, refusal, refusal_free);
  g_source_attach (source, self->context);
  g_ptr_array_add (self->sources, source);
}

/* Sources that have run are dropped when the next is added. */
static void
forget_sources (SoukMoney *self)
{
  for (guint i = self->sources->len; i > 0; i--)
    if (g_source_is_destroyed (g_ptr_array_index (self->sources, i - 1)))
      g_ptr_array_remove_index_fast (self->sources, i - 1);
}

/* ---- the outbox's hooks ---- */

static bool
sign_tx (const SoukTx *tx, uint8_t out_signature[SOUK_ECDSA_SIZE], gpointer user)
{
  SoukMoney *self = user;
  uint8_t digest[SOUK_HASH_SIZE];
  souk_tx_digest (tx, digest);
  self->sign_failed = !souk_money_sign (self, digest, out_signature);
  return !self->sign_failed;
}

/* Takes over what the outbox knows by now. */
static void
copy_entry (SoukMoneyRecord *record, const SoukOutboxEntry *entry)
{
  bool has_block = entry->phase == SOUK_OUTBOX_INCLUDED || entry->phase == SOUK_OUTBOX_CONFIRMED
                   || entry->phase == SOUK_OUTBOX_FAILED;
  const SoukOutboxVersion *version
      = has_block ? &g_array_index (entry->versions, SoukOutboxVersion, entry->included)
                  : souk_outbox_entry_last (entry);
  record->phase = entry->phase;
  record->nonce = entry->nonce;
  record->to = entry->to;
  record->value = entry->value;
  memcpy (record->hash, version->hash, sizeof record->hash);
  record->block = has_block ? entry->block_number : 0;
  record->is_success = has_block && entry->is_success;
  record->gas = SOUK_U256_ZERO;
  if (has_block)
    souk_u256_mul (souk_u256_from_u64 (entry->gas_used), entry->gas_price, &record->gas);
}

static void
tell_outcome (SoukMoneyRecord *record, SoukTold told, const char *detail, SoukMoneyWrite *write)
{
  const SoukOutboxEntry *entry = souk_outbox_find (record->money->outbox, record->id);
  const SoukOutboxVersion *first = &g_array_index (entry->versions, SoukOutboxVersion, 0);
  SoukTxOutcome outcome = {
    .owner = { .kind = record->kind },
    .step = record->step,
    .is_included = told == SOUK_TOLD_INCLUDED,
    .is_failed = told == SOUK_TOLD_FAILED,
    .detail = detail,
  };
  memcpy (outcome.owner.id, record->owner, sizeof outcome.owner.id);
  memcpy (outcome.stored_hash, first->hash, sizeof outcome.stored_hash);
  memcpy (outcome.tx_hash, record->hash, sizeof outcome.tx_hash);
  record->told = told;
  souk_money_tell_tx (record->money, &outcome, write);
}

static bool
is_deep_enough (const SoukMoney *self, uint64_t block)
{
  return block + self->config.confirmations - 1 <= souk_money_block (self);
}

static void
log_outcome (const SoukMoneyRecord *record, SoukLogLevel level, const char *event,
             const char *sentence)
{
  g_autofree char *hash = souk_hex_encode (souk_slice (record->hash, sizeof record->hash));
  g_autofree char *owner = souk_hex_encode (souk_slice (record->owner, sizeof record->owner));
  g_autofree char *gas = souk_wei_to_string (souk_wei_from_u256 (record->gas));
  souk_log_record (
      record->money->config.log, level, event, sentence, souk_log_string ("tx", hash),
      souk_log_string (record->kind, owner), souk_log_string ("purpose", record->purpose),
      souk_log_int ("nonce", (int64_t)record->nonce),
      souk_log_int ("block", (int64_t)record->block), souk_log_string ("gas_wei", gas));
}

/* Tells the owner what is new about the transaction's fate, once. */
static void
judge (SoukMoneyRecord *record, SoukMoneyWrite *write)
{
  bool is_lost = record->phase == SOUK_OUTBOX_LOST;
  bool has_failed
      = record->block > 0 && !record->is_success
        && (record->phase == SOUK_OUTBOX_FAILED || is_deep_enough (record->money, record->block));
  if (record->told == SOUK_TOLD_FAILED)
    return; /* the owner has gone on; what comes of it now, the chain's events say */
  if (is_lost || has_failed)
    {
      const char *why = is_lost ? "Another transaction of the account took its place."
                                : "The contract refused it when it was carried out.";
      log_outcome (record, SOUK_LOG_WARNING, "money.tx-failed", why);
      tell_outcome (record, SOUK_TOLD_FAILED, why, write);
    }
  else if (record->block > 0 && record->is_success && record->told != SOUK_TOLD_INCLUDED)
    {
      log_outcome (record, SOUK_LOG_INFO, "money.tx-included", "A transaction is in a block.");
      tell_outcome (record, SOUK_TOLD_INCLUDED, NULL, write);
    }
  else if (record->block == 0 && record->told == SOUK_TOLD_INCLUDED)
    {
      log_outcome (record, SOUK_LOG_NOTICE, "money.tx-undone",
                   "The chain took a transaction back; it is sent again.");
      tell_outcome (record, SOUK_TOLD_NOTHING, NULL, write);
    }
}

static void
on_first_stored (const GError *error, gpointer user)
{
  SoukMoneyRecord *record = user;
  if (error != NULL)
    {
      record->is_stored = false; /* the outbox refuses it next, and on_changed says so */
      return;
    }
  log_outcome (record, SOUK_LOG_INFO, "money.tx-stored",
               "A transaction is signed and stored, and goes out.");
  record->done (record->hash, NULL, record->user);
}

static void
on_end_stored (const GError *error, gpointer user)
{
  SoukMoneyRecord *record = user;
  if (error == NULL)
    g_hash_table_remove (record->money->records, record->id);
}

static void
persist (const char *id, GBytes *body, SoukOutboxStored done, gpointer token, gpointer user)
{
  SoukMoney *self = user;
  SoukMoneyRecord *record = g_hash_table_lookup (self->records, id);
  const SoukOutboxEntry *entry = souk_outbox_find (self->outbox, id);
  SoukMoneyWrite *write = souk_money_write_new (self);
  bool is_first = !record->is_stored;

  g_clear_pointer (&record->entry, g_bytes_unref);
  record->entry = g_bytes_ref (body);
  copy_entry (record, entry);
  if (is_first && !record->add (write, record->hash, record->user))
    {
      g_autoptr (GError) stale
          = g_error_new (SOUK_MONEY_ERROR, SOUK_MONEY_ERROR_STALE, "Not wanted any more");
      record->is_unwanted = true;
      souk_money_write_drop (write);
      done (token, stale);
      return;
    }
  record->is_stored = true;
  judge (record, write);
  souk_money_record_put (self, record, write->batch);
  if (is_first)
    souk_money_write_then (write, on_first_stored, record);
  else if (souk_outbox_phase_is_end (record->phase))
    souk_money_write_then (write, on_end_stored, record);
  write->stored = done;
  write->token = token;
  souk_money_write_commit (write);
}

static void
on_changed (const SoukOutboxEntry *entry, gpointer user)
{
  SoukMoney *self = user;
  if (entry->phase != SOUK_OUTBOX_REFUSED)
    return;
  SoukMoneyRecord *record = g_hash_table_lookup (self->records, entry->id);
  g_autoptr (GError) error = translate (record, self->sign_failed, entry->trouble);
  SoukMoneyDone done = record->done;
  void *owner = record->user;
  self->sign_failed = false;
  if (!record->is_unwanted)
    souk_log_record (
        self->config.log, SOUK_LOG_NOTICE, "money.tx-refused", "A transaction could not be made.",
        souk_log_string ("purpose", record->purpose), souk_log_error ("reason", error));
  g_hash_table_remove (self->records, entry->id);
  done (NULL, error, owner);
}

static bool
is_silent_failure (const SoukMoneyRecord *record)
{
  return record->is_stored && record->block > 0 && !record->is_success
         && record->told != SOUK_TOLD_FAILED;
}

bool
souk_money_has_failures (const SoukMoney *self)
{
  GHashTableIter iter;
  gpointer record;
  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, &record))
    if (is_silent_failure (record))
      return true;
  return false;
}

void
souk_money_check_failures (SoukMoney *self, SoukMoneyWrite *write)
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SoukMoneyRecord *record = value;
      if (!is_silent_failure (record))
        continue;
      judge (record, write);
      if (record->told == SOUK_TOLD_FAILED)
        souk_money_record_put (self, record, write->batch);
    }
}

/* ---- submitting ---- */

void
souk_money_submit (SoukMoney *self, const SoukMoneyTx *tx, SoukMoneyAdd add, SoukMoneyDone done,
                   void *user)
{
  SoukOutboxRequest request = {
    .to = tx->to,
    .value = souk_wei_to_u256 (tx->value),
    .data = souk_slice_from_bytes (tx->data),
  };
  forget_sources (self);
  /* Before the cursor begins, the deal's own events could be missed. */
  if (self->follow == NULL || g_hash_table_size (self->records) >= OPEN_MAX)
    {
      refuse_later (self, done, user,
                    g_error_new (SOUK_MONEY_ERROR, SOUK_MONEY_ERROR_UNREACHABLE,
                                 self->follow == NULL
                                     ? "The chain cannot be reached yet."
                                     : "Too many transactions wait for the chain."));
      return;
    }
  g_autofree char *owner = souk_hex_encode (souk_slice (tx->owner.id, sizeof tx->owner.id));
  SoukMoneyRecord *record = g_new0 (SoukMoneyRecord, 1);
  g_assert (strlen (tx->owner.kind) <= SOUK_MONEY_KIND_MAX);
  record->money = self;
  record->id = g_strdup_printf ("%s:%s:%u:%" G_GINT64_MODIFIER "x", tx->owner.kind, owner, tx->step,
                                ++self->serial);
  g_strlcpy (record->kind, tx->owner.kind, sizeof record->kind);
  memcpy (record->owner, tx->owner.id, sizeof record->owner);
  record->step = tx->step;
  record->purpose = g_utf8_substring (
      tx->purpose, 0, MIN (g_utf8_strlen (tx->purpose, -1), SOUK_MONEY_PURPOSE_MAX));
  record->created = souk_wall_now ();
  record->add = add;
  record->done = done;
  record->user = user;
  g_hash_table_insert (self->records, record->id, record);
  if (souk_outbox_send (self->outbox, record->id, &request) == NULL)
    {
      g_hash_table_remove (self->records, record->id);
      refuse_later (self, done, user,
                    g_error_new (SOUK_MONEY_ERROR, SOUK_MONEY_ERROR_REFUSED,
                                 "This run has made as many transactions as it can keep in mind; "
                                 "restart the node."));
    }
}

bool
souk_money_find_tx (SoukMoney *self, const SoukMoneyOwner *owner, uint32_t step,
                    uint8_t out_hash[SOUK_HASH_SIZE])
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const SoukMoneyRecord *record = value;
      if (!record->is_stored || record->step != step || record->told == SOUK_TOLD_FAILED
          || strcmp (record->kind, owner->kind) != 0
          || memcmp (record->owner, owner->id, sizeof record->owner) != 0)
        continue;
      const SoukOutboxEntry *entry = souk_outbox_find (self->outbox, record->id);
      memcpy (out_hash, g_array_index (entry->versions, SoukOutboxVersion, 0).hash, SOUK_HASH_SIZE);
      return true;
    }
  return false;
}

/* ---- life ---- */

/* Gives the outbox its open rows back, oldest first. */
static void
resume (SoukMoney *self)
{
  g_autoptr (GPtrArray) documents = souk_documents_list (
      self->config.store, SOUK_DOCUMENT_TRANSACTION, 0, 0, SOUK_OUTBOX_ENTRIES_MAX);
  for (guint i = documents->len; i > 0; i--)
    {
      const SoukDocument *document = g_ptr_array_index (documents, i - 1);
      SoukMoneyRecord *record = souk_money_record_read (souk_slice_from_bytes (document->id),
                                                        souk_slice_from_bytes (document->body));
      if (record == NULL
          || !souk_outbox_resume (self->outbox, souk_slice_from_bytes (record->entry)))
        {
          souk_log_record (
              self->config.log, SOUK_LOG_WARNING, "money.tx-not-resumed",
              "A stored transaction is of another account or chain, or cannot be read; "
              "it is left as it is.");
          souk_money_record_free (record);
          continue;
        }
      record->money = self;
      g_hash_table_insert (self->records, record->id, record);
    }
}

void
souk_money_start_outbox (SoukMoney *self)
{
  static const SoukOutboxHooks hooks
      = { .sign = sign_tx, .persist = persist, .changed = on_changed };
  SoukOutboxConfig config = {
    .from = self->config.address,
    .confirmations = MAX (self->config.confirmations, SOUK_MONEY_DEPTH),
    .poll_ms = MAX (self->config.poll_ms, SOUK_MONEY_OUTBOX_POLL_MS),
    .stuck_ms = SOUK_MONEY_STUCK_MS,
    .fee_cap = souk_u256_from_u64 (SOUK_FEE_CAP_DEFAULT),
  };
  self->outbox = souk_outbox_new (self->rpc, &config, &hooks, self);
  /* Names of transactions are unique over restarts. */
  self->serial = souk_wall_now ().us;
  resume (self);
}
