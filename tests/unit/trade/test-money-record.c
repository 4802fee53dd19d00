/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Transactions on disk, and what their owners have spent.
 */
#include "trade/money-cursor.h"

#include "store/documents.h"
#include "swarm/clock.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct {
  char *dir;
  SoukMoney money; /* only what the records use */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  fixture->dir = g_dir_make_tmp ("souk-test-money-XXXXXX", &error);
  g_assert_no_error (error);
  SoukStoreConfig config = { .data_dir = fixture->dir };
  fixture->money.config.store = souk_store_open (&config, &error);
  g_assert_no_error (error);
  fixture->money.spending = souk_money_spending_table ();
  g_queue_init (&fixture->money.pending);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  static const char *const names[]
      = { "lock", "souk.sqlite", "souk.sqlite-wal", "souk.sqlite-shm" };
  g_hash_table_unref (fixture->money.spending);
  g_queue_clear_full (&fixture->money.pending, souk_money_log_free);
  souk_store_close (fixture->money.config.store);
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->dir, names[i], NULL);
      g_unlink (path);
    }
  g_autofree char *blocks = g_build_filename (fixture->dir, "blocks", NULL);
  g_rmdir (blocks);
  g_rmdir (fixture->dir);
  g_free (fixture->dir);
}

static SoukMoneyRecord *
record_new (uint64_t nonce, SoukOutboxPhase phase, uint64_t gas)
{
  SoukMoneyRecord *record = g_new0 (SoukMoneyRecord, 1);
  record->id = g_strdup_printf ("order:%" G_GUINT64_FORMAT, nonce);
  g_strlcpy (record->kind, "order", sizeof record->kind);
  memset (record->owner, 7, sizeof record->owner);
  record->step = 3;
  record->purpose = g_strdup ("Buying “It”");
  record->created = (SoukWall){ 1700000000000000 + (int64_t)nonce };
  record->phase = phase;
  record->nonce = nonce;
  record->value = souk_u256_from_u64 (nonce * 10);
  memset (record->hash, (int)nonce, sizeof record->hash);
  record->block = phase == SOUK_OUTBOX_SENT ? 0 : 5;
  record->is_success = phase == SOUK_OUTBOX_CONFIRMED;
  record->gas = souk_u256_from_u64 (gas);
  record->entry = g_bytes_new_static ("entry", 5);
  return record;
}

static void
put (Fixture *fixture, const SoukMoneyRecord *record)
{
  g_autoptr (GError) error = NULL;
  SoukStoreBatch *batch = souk_store_batch_new (fixture->money.config.store);
  souk_money_record_put (&fixture->money, record, batch);
  g_assert_true (souk_store_commit_wait (batch, &error));
  g_assert_no_error (error);
}

static SoukMoneyOwner
owner (void)
{
  SoukMoneyOwner result = { .kind = "order" };
  memset (result.id, 7, sizeof result.id);
  return result;
}

/* What the memory knows is forgotten, as a restart does. */
static void
forget (Fixture *fixture)
{
  g_hash_table_unref (fixture->money.spending);
  fixture->money.spending = souk_money_spending_table ();
}

static char *
spent (Fixture *fixture)
{
  SoukMoneyOwner whose = owner ();
  return souk_wei_to_string (souk_money_gas_spent (&fixture->money, &whose));
}

static void
test_round_trip (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (SoukMoneyRecord) record = record_new (4, SOUK_OUTBOX_CONFIRMED, 900);
  put (fixture, record);
  g_autoptr (SoukDocument) document = souk_documents_get (
      fixture->money.config.store, SOUK_DOCUMENT_TRANSACTION, souk_slice_from_text (record->id));
  SoukSlice body = souk_slice_from_bytes (document->body);
  g_autoptr (SoukMoneyRecord) back
      = souk_money_record_read (souk_slice_from_bytes (document->id), body);
  g_assert_nonnull (back);
  g_assert_cmpstr (back->id, ==, record->id);
  g_assert_cmpstr (back->kind, ==, "order");
  g_assert_cmpstr (back->purpose, ==, record->purpose);
  g_assert_cmpuint (back->step, ==, 3);
  g_assert_cmpuint (back->nonce, ==, 4);
  g_assert_cmpint (back->phase, ==, SOUK_OUTBOX_CONFIRMED);
  g_assert_cmpint (souk_u256_compare (back->gas, record->gas), ==, 0);
  g_assert_cmpint (souk_u256_compare (back->value, record->value), ==, 0);
  g_assert_true (g_bytes_equal (back->entry, record->entry));
  for (size_t len = 0; len < body.len; len++)
    {
      SoukMoneyRecord *cut = souk_money_record_read (souk_slice_from_bytes (document->id),
                                                     souk_slice (body.data, len));
      g_assert_null (cut);
    }
}

static void
test_spending (Fixture *fixture, gconstpointer unused)
{
  SoukMoneyOwner whose = owner ();
  g_autoptr (SoukMoneyRecord) second = record_new (9, SOUK_OUTBOX_SENT, 0);
  g_autoptr (SoukMoneyRecord) first = record_new (8, SOUK_OUTBOX_FAILED, 30);
  put (fixture, second);
  put (fixture, first);
  forget (fixture);
  g_autofree char *before = spent (fixture);
  g_assert_cmpstr (before, ==, "30");
  g_assert_true (souk_money_has_open_tx (&fixture->money, &whose));

  second->phase = SOUK_OUTBOX_CONFIRMED;
  second->block = 6;
  second->gas = souk_u256_from_u64 (12);
  put (fixture, second);
  forget (fixture);
  g_autofree char *after = spent (fixture);
  g_assert_cmpstr (after, ==, "42");
  g_assert_false (souk_money_has_open_tx (&fixture->money, &whose));
  g_autoptr (JsonArray) hashes = souk_money_transactions (&fixture->money, &whose);
  g_assert_cmpuint (json_array_get_length (hashes), ==, 2);
  g_assert_true (g_str_has_prefix (json_array_get_string_element (hashes, 0), "0x0808"));
}

static void
test_undone_costs_nothing (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (SoukMoneyRecord) record = record_new (1, SOUK_OUTBOX_CONFIRMED, 50);
  put (fixture, record);
  record->phase = SOUK_OUTBOX_SENT;
  record->block = 0;
  record->gas = SOUK_U256_ZERO;
  put (fixture, record);
  forget (fixture);
  g_autofree char *cost = spent (fixture);
  g_assert_cmpstr (cost, ==, "0");
}

/* ---- the cursor ---- */

static void
put_cursor (Fixture *fixture, GBytes *cursor)
{
  g_autoptr (GError) error = NULL;
  SoukStoreBatch *batch = souk_store_batch_new (fixture->money.config.store);
  souk_money_cursor_put (&fixture->money, cursor, batch);
  g_assert_true (souk_store_commit_wait (batch, &error));
  g_assert_no_error (error);
}

static void
test_cursor (Fixture *fixture, gconstpointer unused)
{
  SoukMoney *money = &fixture->money;
  g_autoptr (SoukChainLog) log = souk_chain_log_new ();
  g_autoptr (GBytes) none = souk_money_cursor_read (money);
  g_assert_null (none);

  /* Large enough for several documents; then a short one again. */
  g_autofree uint8_t *large = g_malloc (1500000);
  for (size_t i = 0; i < 1500000; i++)
    large[i] = (uint8_t)(i * 7);
  g_autoptr (GBytes) first = g_bytes_new (large, 1500000);
  g_autoptr (GBytes) second = g_bytes_new_static ("short", 5);
  log->block_number = 77;
  log->log_index = 3;
  money->start_block = 70;
  g_queue_push_tail (&money->pending, souk_money_log_new (log, false));
  GBytes *cursors[] = { first, second };
  for (size_t i = 0; i < G_N_ELEMENTS (cursors); i++)
    {
      put_cursor (fixture, cursors[i]);
      g_queue_clear_full (&money->pending, souk_money_log_free);
      money->start_block = 0;
      g_autoptr (GBytes) back = souk_money_cursor_read (money);
      g_assert_true (g_bytes_equal (back, cursors[i]));
      g_assert_cmpuint (money->start_block, ==, 70);
      g_assert_cmpuint (g_queue_get_length (&money->pending), ==, 1);
      SoukMoneyLog *item = g_queue_peek_head (&money->pending);
      g_assert_cmpuint (item->log->block_number, ==, 77);
    }

  /* Another network has a cursor of its own. */
  money->config.rental.bytes[0] ^= 1;
  g_autoptr (GBytes) elsewhere = souk_money_cursor_read (money);
  g_assert_null (elsewhere);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add (name, Fixture, NULL, set_up, test, tear_down)
  ADD ("/trade/money/a-transaction-comes-back-from-the-disk-and-no-part-of-it-does",
       test_round_trip);
  ADD ("/trade/money/an-owner-has-spent-the-sum-of-its-transactions", test_spending);
  ADD ("/trade/money/what-the-chain-took-back-has-cost-nothing", test_undone_costs_nothing);
  ADD ("/trade/money/the-cursor-of-each-network-comes-back-whole", test_cursor);
  return g_test_run ();
}
