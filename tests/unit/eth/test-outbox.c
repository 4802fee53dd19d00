/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The outbox against a real chain: order of disk and network, kill and resume, replacement, reorg, loss.
 */
#include "anvil.h"
#include "eth/outbox.h"

#define GWEI UINT64_C (1000000000)

/* The disk: rows by id, and what was asked for while it is held. */
typedef struct {
  SoukOutboxStored done;
  gpointer token;
} Held;

typedef struct {
  Anvil anvil;
  SoukOutbox *outbox;
  SoukOutboxConfig config;
  GHashTable *rows; /* id -> GBytes */
  bool is_held;     /* `persist` waits */
  bool fails;       /* `persist` fails */
  GArray *held;     /* (element-type Held) */
  SoukOutboxPhase wanted;
  const char *wanted_id;
  bool is_reached;
  unsigned signatures;
} Fixture;

static bool
sign (const SoukTx *tx, uint8_t signature[SOUK_ECDSA_SIZE], gpointer data)
{
  Fixture *f = data;
  uint8_t secret[32];
  uint8_t digest[32];
  f->signatures++;
  anvil_secret (0, secret);
  souk_tx_digest (tx, digest);
  return souk_ecdsa_sign (secret, digest, signature);
}

static void
store (const char *id, GBytes *body, SoukOutboxStored done, gpointer token, gpointer data)
{
  Fixture *f = data;
  if (f->fails)
    {
      g_autoptr (GError) error = g_error_new (G_FILE_ERROR, G_FILE_ERROR_NOSPC, "The disk is full");
      done (token, error);
      return;
    }
  g_hash_table_insert (f->rows, g_strdup (id), g_bytes_ref (body));
  if (f->is_held)
    {
      Held held = { done, token };
      g_array_append_val (f->held, held);
    }
  else
    done (token, NULL);
}

static void
changed (const SoukOutboxEntry *entry, gpointer data)
{
  Fixture *f = data;
  if (f->wanted_id != NULL && g_str_equal (entry->id, f->wanted_id) && entry->phase == f->wanted)
    f->is_reached = true;
}

static void
outbox_open (Fixture *f)
{
  static const SoukOutboxHooks hooks = { sign, store, changed };
  f->outbox = souk_outbox_new (f->anvil.rpc, &f->config, &hooks, f);
}

static bool
setup (Fixture *f, const char *block_mode)
{
  memset (f, 0, sizeof *f);
  if (!anvil_start (&f->anvil, block_mode, NULL))
    return false;
  f->config = (SoukOutboxConfig){ .from = anvil_account (0),
                                  .confirmations = 1,
                                  .poll_ms = 20,
                                  .fee_cap = souk_u256_from_u64 (500 * GWEI) };
  f->rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
  f->held = g_array_new (FALSE, FALSE, sizeof (Held));
  outbox_open (f);
  return true;
}

static void
teardown (Fixture *f)
{
  souk_outbox_free (f->outbox);
  g_hash_table_unref (f->rows);
  g_array_unref (f->held);
  anvil_stop (&f->anvil);
}

/* Forgets all but the disk. */
static void
kill_and_resume (Fixture *f)
{
  GHashTableIter iter;
  gpointer body = NULL;
  souk_outbox_free (f->outbox);
  outbox_open (f);
  g_hash_table_iter_init (&iter, f->rows);
  while (g_hash_table_iter_next (&iter, NULL, &body))
    g_assert_true (souk_outbox_resume (f->outbox, souk_slice_from_bytes (body)));
}

static const SoukOutboxEntry *
send_wei (Fixture *f, const char *id, guint64 wei)
{
  SoukOutboxRequest request = { .to = anvil_account (2), .value = souk_u256_from_u64 (wei) };
  return souk_outbox_send (f->outbox, id, &request);
}

static const SoukOutboxEntry *
wait_for (Fixture *f, const char *id, SoukOutboxPhase phase)
{
  const SoukOutboxEntry *entry = souk_outbox_find (f->outbox, id);
  f->wanted_id = id;
  f->wanted = phase;
  f->is_reached = entry != NULL && entry->phase == phase;
  run_until (&f->is_reached);
  return souk_outbox_find (f->outbox, id);
}

static gboolean
on_pause (gpointer data)
{
  *(bool *)data = true;
  return G_SOURCE_REMOVE;
}

static void
wait_ms (unsigned ms)
{
  bool is_over = false;
  g_timeout_add (ms, on_pause, &is_over);
  run_until (&is_over);
}

static guint64
quantity (Fixture *f, const char *method, const char *params)
{
  g_autoptr (JsonNode) node = anvil_call (&f->anvil, method, params);
  guint64 value = 0;
  g_assert_true (souk_eth_json_u64 (node, &value));
  return value;
}

/* Transactions of account 0 in the chain. */
static guint64
mined (Fixture *f)
{
  return quantity (f, "eth_getTransactionCount",
                   "[\"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266\",\"latest\"]");
}

static guint64
pending (Fixture *f)
{
  return quantity (f, "eth_getTransactionCount",
                   "[\"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266\",\"pending\"]");
}

static void
several_are_sent_in_order_and_confirmed (void)
{
  Fixture f;
  if (!setup (&f, "--no-request-size-limit"))
    return;
  for (int i = 0; i < 5; i++)
    {
      g_autofree char *id = g_strdup_printf ("pay/%d", i);
      send_wei (&f, id, 100);
    }
  for (int i = 0; i < 5; i++)
    {
      g_autofree char *id = g_strdup_printf ("pay/%d", i);
      const SoukOutboxEntry *entry = wait_for (&f, id, SOUK_OUTBOX_CONFIRMED);
      g_assert_cmpuint (entry->nonce, ==, (guint64)i);
      g_assert_cmpuint (entry->gas_used, ==, 21000);
    }
  g_assert_cmpuint (mined (&f), ==, 5);
  teardown (&f);
}

static void
the_same_id_is_sent_once (void)
{
  Fixture f;
  if (!setup (&f, "--no-request-size-limit"))
    return;
  const SoukOutboxEntry *entry = send_wei (&f, "pay", 100);
  g_assert_true (send_wei (&f, "pay", 100) == entry);
  wait_for (&f, "pay", SOUK_OUTBOX_CONFIRMED);
  g_assert_true (send_wei (&f, "pay", 100) == entry);
  kill_and_resume (&f);
  g_assert_cmpint (send_wei (&f, "pay", 100)->phase, ==, SOUK_OUTBOX_CONFIRMED);
  wait_ms (100);
  g_assert_cmpuint (mined (&f), ==, 1);
  teardown (&f);
}

static void
nothing_leaves_before_it_is_on_disk (void)
{
  Fixture f;
  if (!setup (&f, "--no-request-size-limit"))
    return;
  f.is_held = true;
  send_wei (&f, "pay", 100);
  wait_ms (300);
  g_assert_cmpuint (f.held->len, ==, 1);
  g_assert_cmpuint (pending (&f), ==, 0);
  Held held = g_array_index (f.held, Held, 0);
  f.is_held = false;
  held.done (held.token, NULL);
  wait_for (&f, "pay", SOUK_OUTBOX_CONFIRMED);
  teardown (&f);
}

static void
a_disk_that_fails_sends_nothing (void)
{
  Fixture f;
  if (!setup (&f, "--no-request-size-limit"))
    return;
  f.fails = true;
  send_wei (&f, "pay", 100);
  const SoukOutboxEntry *entry = wait_for (&f, "pay", SOUK_OUTBOX_REFUSED);
  g_assert_error (entry->trouble, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
  g_assert_cmpuint (pending (&f), ==, 0);
  /* It may be tried again, with the nonce that was not used. */
  f.fails = false;
  send_wei (&f, "pay", 100);
  entry = wait_for (&f, "pay", SOUK_OUTBOX_CONFIRMED);
  g_assert_cmpuint (entry->nonce, ==, 0);
  teardown (&f);
}

/* Killed when the row is on disk and the broadcast has not happened. */
static void
killed_before_the_broadcast_the_same_bytes_go_out_later (void)
{
  Fixture f;
  if (!setup (&f, "--no-request-size-limit"))
    return;
  f.is_held = true;
  send_wei (&f, "pay", 100);
  wait_ms (300);
  g_assert_cmpuint (f.held->len, ==, 1);
  f.is_held = false;
  kill_and_resume (&f);
  const SoukOutboxEntry *entry = wait_for (&f, "pay", SOUK_OUTBOX_CONFIRMED);
  g_assert_cmpuint (entry->versions->len, ==, 1);
  g_assert_cmpuint (f.signatures, ==, 1);
  /* The disk's late word to the dead outbox does no harm. */
  Held held = g_array_index (f.held, Held, 0);
  held.done (held.token, NULL);
  wait_ms (50);
  g_assert_cmpuint (mined (&f), ==, 1);
  teardown (&f);
}

/* Killed after the broadcast: the row says STORED, the chain has it. */
static void
killed_after_the_broadcast_it_is_found_and_not_sent_twice (void)
{
  Fixture f;
  if (!setup (&f, "--no-request-size-limit"))
    return;
  send_wei (&f, "pay", 100);
  wait_for (&f, "pay", SOUK_OUTBOX_STORED);
  g_autoptr (GBytes) row = g_bytes_ref (g_hash_table_lookup (f.rows, "pay"));
  wait_for (&f, "pay", SOUK_OUTBOX_CONFIRMED);
  g_hash_table_insert (f.rows, g_strdup ("pay"), g_bytes_ref (row));
  kill_and_resume (&f);
  wait_for (&f, "pay", SOUK_OUTBOX_CONFIRMED);
  send_wei (&f, "next", 1);
  const SoukOutboxEntry *next = wait_for (&f, "next", SOUK_OUTBOX_CONFIRMED);
  g_assert_cmpuint (next->nonce, ==, 1);
  g_assert_cmpuint (mined (&f), ==, 2);
  teardown (&f);
}

static void
what_the_contract_would_refuse_is_not_sent (void)
{
  Fixture f;
  if (!setup (&f, "--no-request-size-limit"))
    return;
  /* Creation code that reverts. */
  SoukOutboxRequest request = { .is_creation = true, .data = SOUK_SLICE_LITERAL ("\x5f\x5f\xfd") };
  souk_outbox_send (f.outbox, "bad", &request);
  const SoukOutboxEntry *entry = wait_for (&f, "bad", SOUK_OUTBOX_REFUSED);
  g_assert_error (entry->trouble, SOUK_ETH_ERROR, SOUK_ETH_ERROR_REVERTED);
  g_assert_cmpuint (f.signatures, ==, 0);
  /* With a gas limit of its own it is sent, and fails in a block. */
  request.gas_limit = 100000;
  souk_outbox_send (f.outbox, "bad", &request);
  wait_for (&f, "bad", SOUK_OUTBOX_FAILED);
  g_assert_cmpuint (mined (&f), ==, 1);
  teardown (&f);
}

static void
what_is_stuck_is_replaced_with_higher_fees (void)
{
  Fixture f;
  if (!setup (&f, "--no-mining"))
    return;
  souk_outbox_free (f.outbox);
  f.config.stuck_ms = 150;
  outbox_open (&f);
  send_wei (&f, "pay", 100);
  const SoukOutboxEntry *entry = wait_for (&f, "pay", SOUK_OUTBOX_SENT);
  SoukU256 first = entry->fees.max_fee;
  wait_ms (800);
  g_assert_cmpuint (entry->versions->len, >=, 2);
  g_assert_cmpint (souk_u256_compare (entry->fees.max_fee, first), >, 0);
  g_assert_cmpuint (pending (&f), ==, 1);
  kill_and_resume (&f);
  anvil_mine (&f.anvil, 1);
  entry = wait_for (&f, "pay", SOUK_OUTBOX_CONFIRMED);
  g_assert_cmpuint (entry->included, <, entry->versions->len);
  g_assert_cmpuint (mined (&f), ==, 1);
  teardown (&f);
}

static void
what_a_reorg_dropped_is_sent_again (void)
{
  Fixture f;
  if (!setup (&f, "--no-request-size-limit"))
    return;
  souk_outbox_free (f.outbox);
  f.config.confirmations = 4;
  outbox_open (&f);
  anvil_mine (&f.anvil, 5);
  send_wei (&f, "pay", 100);
  wait_for (&f, "pay", SOUK_OUTBOX_INCLUDED);
  anvil_do (&f.anvil, "anvil_reorg", "[1,[]]");
  wait_for (&f, "pay", SOUK_OUTBOX_SENT);
  wait_for (&f, "pay", SOUK_OUTBOX_INCLUDED);
  anvil_mine (&f.anvil, 3);
  const SoukOutboxEntry *entry = wait_for (&f, "pay", SOUK_OUTBOX_CONFIRMED);
  g_assert_cmpuint (entry->versions->len, ==, 1);
  g_assert_cmpuint (mined (&f), ==, 1);
  teardown (&f);
}

/* Somebody else signs with the same key. */
static void
a_nonce_that_another_transaction_took_is_lost (void)
{
  Fixture f;
  if (!setup (&f, "--no-mining"))
    return;
  f.is_held = true;
  send_wei (&f, "pay", 100);
  wait_ms (200);
  g_assert_cmpuint (f.held->len, ==, 1);
  anvil_do (&f.anvil, "eth_sendTransaction",
            "[{\"from\":\"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266\",\"to\":"
            "\"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266\",\"nonce\":\"0x0\"}]");
  anvil_mine (&f.anvil, 1);
  Held held = g_array_index (f.held, Held, 0);
  f.is_held = false;
  held.done (held.token, NULL);
  wait_for (&f, "pay", SOUK_OUTBOX_LOST);
  teardown (&f);
}

static void
rows_of_another_account_or_of_noise_are_not_taken (void)
{
  Fixture f;
  if (!setup (&f, "--no-request-size-limit"))
    return;
  send_wei (&f, "pay", 100);
  wait_for (&f, "pay", SOUK_OUTBOX_CONFIRMED);
  SoukSlice row = souk_slice_from_bytes (g_hash_table_lookup (f.rows, "pay"));
  SoukAddress other = anvil_account (1);
  g_assert_null (souk_outbox_entry_from_bytes (row, &other, ANVIL_CHAIN_ID));
  g_assert_null (souk_outbox_entry_from_bytes (row, &f.config.from, 1));
  for (size_t len = 0; len < row.len; len++)
    g_assert_null (
        souk_outbox_entry_from_bytes (souk_slice (row.data, len), &f.config.from, ANVIL_CHAIN_ID));
  teardown (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add_func ("/eth/outbox/" name, func)
  ADD ("several-are-sent-in-order-and-confirmed", several_are_sent_in_order_and_confirmed);
  ADD ("the-same-id-is-sent-once", the_same_id_is_sent_once);
  ADD ("nothing-leaves-before-it-is-on-disk", nothing_leaves_before_it_is_on_disk);
  ADD ("a-disk-that-fails-sends-nothing", a_disk_that_fails_sends_nothing);
  ADD ("killed-before-the-broadcast-the-same-bytes-go-out-later",
       killed_before_the_broadcast_the_same_bytes_go_out_later);
  ADD ("killed-after-the-broadcast-it-is-found-and-not-sent-twice",
       killed_after_the_broadcast_it_is_found_and_not_sent_twice);
  ADD ("what-the-contract-would-refuse-is-not-sent", what_the_contract_would_refuse_is_not_sent);
  ADD ("what-is-stuck-is-replaced-with-higher-fees", what_is_stuck_is_replaced_with_higher_fees);
  ADD ("what-a-reorg-dropped-is-sent-again", what_a_reorg_dropped_is_sent_again);
  ADD ("a-nonce-that-another-transaction-took-is-lost",
       a_nonce_that_another_transaction_took_is_lost);
  ADD ("rows-of-another-account-or-of-noise-are-not-taken",
       rows_of_another_account_or_of_noise_are_not_taken);
  return g_test_run ();
}
