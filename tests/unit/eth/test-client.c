/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The typed calls against a real chain, and a node that dies between two of them.
 */
#include "anvil.h"
#include "chain/tx.h"

typedef struct {
  bool is_done;
  guint64 u64;
  SoukU256 u256;
  GBytes *bytes;
  SoukFees fees;
  bool has_header;
  SoukChainHeader header;
  bool has_receipt;
  SoukEthReceipt receipt;
  GPtrArray *logs;
  GError *error;
} Got;

static void
got_end (Got *got, const GError *error)
{
  got->is_done = true;
  got->error = error != NULL ? g_error_copy (error) : NULL;
}

static void
on_u64 (guint64 value, const GError *error, gpointer data)
{
  Got *got = data;
  got->u64 = value;
  got_end (got, error);
}

static void
on_u256 (SoukU256 value, const GError *error, gpointer data)
{
  Got *got = data;
  got->u256 = value;
  got_end (got, error);
}

static void
on_bytes (GBytes *value, const GError *error, gpointer data)
{
  Got *got = data;
  got->bytes = value != NULL ? g_bytes_ref (value) : NULL;
  got_end (got, error);
}

static void
on_fees (const SoukFees *fees, const GError *error, gpointer data)
{
  Got *got = data;
  if (fees != NULL)
    got->fees = *fees;
  got_end (got, error);
}

static void
on_header (const SoukChainHeader *header, const GError *error, gpointer data)
{
  Got *got = data;
  got->has_header = header != NULL;
  if (header != NULL)
    got->header = *header;
  got_end (got, error);
}

static void
on_receipt (const SoukEthReceipt *receipt, const GError *error, gpointer data)
{
  Got *got = data;
  got->has_receipt = receipt != NULL;
  if (receipt != NULL)
    got->receipt = *receipt;
  got_end (got, error);
}

static void
on_logs (GPtrArray *logs, const GError *error, gpointer data)
{
  Got *got = data;
  got->logs = logs != NULL ? g_ptr_array_ref (logs) : NULL;
  got_end (got, error);
}

static void
wait (Got *got)
{
  run_until (&got->is_done);
}

static void
got_clear (Got *got)
{
  g_clear_pointer (&got->bytes, g_bytes_unref);
  g_clear_pointer (&got->logs, g_ptr_array_unref);
  g_clear_error (&got->error);
}

static void
heads_blocks_and_balances_are_read (void)
{
  Anvil anvil;
  SoukAddress who = anvil_account (0);
  if (!anvil_start (&anvil, "--no-request-size-limit", NULL))
    return;
  anvil_mine (&anvil, 3);
  Got head = { 0 };
  souk_eth_head (anvil.client, on_header, &head);
  wait (&head);
  g_assert_true (head.has_header);
  g_assert_cmpuint (head.header.number, ==, 3);
  g_assert_cmpuint (head.header.time_s, >, 1600000000);

  Got parent = { 0 };
  souk_eth_block_by_hash (anvil.client, head.header.parent, on_header, &parent);
  wait (&parent);
  g_assert_cmpuint (parent.header.number, ==, 2);
  Got none = { 0 };
  souk_eth_block_by_number (anvil.client, 99, on_header, &none);
  wait (&none);
  g_assert_no_error (none.error);
  g_assert_false (none.has_header);

  Got number = { 0 };
  souk_eth_block_number (anvil.client, on_u64, &number);
  wait (&number);
  g_assert_cmpuint (number.u64, ==, 3);
  Got balance = { 0 };
  SoukU256 expected;
  souk_eth_balance (anvil.client, &who, on_u256, &balance);
  wait (&balance);
  g_assert_cmpint (souk_u256_parse ("10000000000000000000000", &expected), ==, SOUK_STATUS_OK);
  g_assert_cmpint (souk_u256_compare (balance.u256, expected), ==, 0);
  anvil_stop (&anvil);
}

/* A contract whose every call logs the topic `topic`: PUSH32 topic PUSH0 PUSH0 LOG1 STOP. */
static GBytes *
logging_contract (uint8_t topic)
{
  static const uint8_t init[] = { 0x60, 37, 0x80, 0x60, 9, 0x5f, 0x39, 0x5f, 0xf3 };
  GByteArray *code = g_byte_array_new ();
  uint8_t word[32] = { [31] = topic };
  g_byte_array_append (code, init, sizeof init);
  souk_append_u8 (code, 0x7f);
  g_byte_array_append (code, word, sizeof word);
  souk_append (code, SOUK_SLICE_LITERAL ("\x5f\x5f\xa1\x00"));
  return g_byte_array_free_to_bytes (code);
}

static void
send (Anvil *anvil, SoukTx *tx, SoukEthReceipt *out)
{
  uint8_t secret[32];
  uint8_t digest[32];
  uint8_t signature[SOUK_ECDSA_SIZE];
  Got sent = { 0 };
  anvil_secret (0, secret);
  souk_tx_digest (tx, digest);
  g_assert_true (souk_ecdsa_sign (secret, digest, signature));
  g_autoptr (GBytes) raw = souk_tx_to_raw (tx, signature);
  souk_eth_send_raw (anvil->client, souk_slice_from_bytes (raw), on_bytes, &sent);
  wait (&sent);
  g_assert_no_error (sent.error);
  uint8_t hash[32];
  souk_tx_hash (souk_slice_from_bytes (raw), hash);
  g_assert_cmpmem (g_bytes_get_data (sent.bytes, NULL), 32, hash, 32);
  for (bool is_there = false; !is_there;)
    {
      Got got = { 0 };
      souk_eth_receipt (anvil->client, hash, on_receipt, &got);
      wait (&got);
      g_assert_no_error (got.error);
      is_there = got.has_receipt;
      *out = got.receipt;
    }
  got_clear (&sent);
}

static void
a_contract_is_made_called_and_its_logs_are_read (void)
{
  Anvil anvil;
  SoukAddress from = anvil_account (0);
  SoukEthReceipt receipt;
  if (!anvil_start (&anvil, "--no-request-size-limit", NULL))
    return;
  g_autoptr (GBytes) code = logging_contract (7);
  SoukEthMessage message = { .from = &from, .data = souk_slice_from_bytes (code) };
  Got gas = { 0 };
  Got fees = { 0 };
  souk_eth_estimate_gas (anvil.client, &message, on_u64, &gas);
  wait (&gas);
  g_assert_no_error (gas.error);
  souk_eth_fees (anvil.client, souk_u256_from_u64 (UINT64_C (500000000000)), on_fees, &fees);
  wait (&fees);
  g_assert_no_error (fees.error);

  SoukTx tx = { .chain_id = ANVIL_CHAIN_ID,
                .max_fee = fees.fees.max_fee,
                .max_priority_fee = fees.fees.max_priority_fee,
                .gas_limit = souk_fees_gas_limit (gas.u64),
                .is_creation = true,
                .data = message.data };
  send (&anvil, &tx, &receipt);
  SoukAddress expected;
  souk_tx_contract_address (&from, 0, &expected);
  g_assert_true (receipt.is_success && receipt.has_contract);
  g_assert_true (souk_address_is_equal (&receipt.contract, &expected));

  tx = (SoukTx){ .chain_id = ANVIL_CHAIN_ID,
                 .nonce = 1,
                 .max_fee = fees.fees.max_fee,
                 .max_priority_fee = fees.fees.max_priority_fee,
                 .gas_limit = 50000,
                 .to = expected };
  send (&anvil, &tx, &receipt);
  uint8_t topics[2][32] = { { [31] = 9 }, { [31] = 7 } };
  SoukEthLogFilter filter = { .addresses = &expected,
                              .n_addresses = 1,
                              .topics = (const uint8_t (*)[32])topics,
                              .n_topics = 2,
                              .to_block = 100 };
  Got logs = { 0 };
  souk_eth_logs (anvil.client, &filter, on_logs, &logs);
  wait (&logs);
  g_assert_no_error (logs.error);
  g_assert_cmpuint (logs.logs->len, ==, 1);
  const SoukChainLog *log = g_ptr_array_index (logs.logs, 0);
  g_assert_cmpmem (log->block_hash, 32, receipt.block_hash, 32);
  g_assert_cmpmem (log->topics[0], 32, topics[1], 32);
  /* By hash, and of a block that is not there. */
  Got by_hash = { 0 };
  filter.block_hash = receipt.block_hash;
  souk_eth_logs (anvil.client, &filter, on_logs, &by_hash);
  wait (&by_hash);
  g_assert_cmpuint (by_hash.logs->len, ==, 1);
  Got gone = { 0 };
  filter.block_hash = topics[0];
  souk_eth_logs (anvil.client, &filter, on_logs, &gone);
  wait (&gone);
  g_assert_error (gone.error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_UNKNOWN_BLOCK);
  got_clear (&logs);
  got_clear (&by_hash);
  got_clear (&gone);
  anvil_stop (&anvil);
}

static void
what_is_dropped_with_its_client_does_not_call_back (void)
{
  Anvil anvil;
  if (!anvil_start (&anvil, "--no-request-size-limit", NULL))
    return;
  SoukEthClient *client = souk_eth_client_new (anvil.rpc);
  Got dropped = { 0 };
  Got got = { 0 };
  souk_eth_block_number (client, on_u64, &dropped);
  souk_eth_fees (client, souk_u256_from_u64 (1), on_fees, &dropped);
  souk_eth_client_free (client);
  souk_eth_block_number (anvil.client, on_u64, &got);
  wait (&got);
  g_assert_false (dropped.is_done);
  anvil_stop (&anvil);
}

static void
when_a_node_dies_the_other_one_answers (void)
{
  Anvil first;
  Anvil second;
  if (!anvil_start (&first, "--no-request-size-limit", NULL))
    return;
  g_assert_true (anvil_start (&second, "--no-request-size-limit", NULL));
  anvil_mine (&second, 5);
  const char *urls[] = { first.url, second.url, NULL };
  g_autoptr (SoukEthRpc) rpc = anvil_rpc (urls);
  g_autoptr (SoukEthClient) client = souk_eth_client_new (rpc);
  Got before = { 0 };
  Got after = { 0 };
  souk_eth_block_number (client, on_u64, &before);
  wait (&before);
  g_assert_cmpuint (before.u64, ==, 0);
  anvil_kill (&first);
  souk_eth_block_number (client, on_u64, &after);
  wait (&after);
  g_assert_no_error (after.error);
  g_assert_cmpuint (after.u64, ==, 5);
  g_clear_pointer (&client, souk_eth_client_free);
  anvil_stop (&first);
  anvil_stop (&second);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eth/client/heads-blocks-and-balances-are-read",
                   heads_blocks_and_balances_are_read);
  g_test_add_func ("/eth/client/a-contract-is-made-called-and-its-logs-are-read",
                   a_contract_is_made_called_and_its_logs_are_read);
  g_test_add_func ("/eth/client/what-is-dropped-with-its-client-does-not-call-back",
                   what_is_dropped_with_its_client_does_not_call_back);
  g_test_add_func ("/eth/client/when-a-node-dies-the-other-one-answers",
                   when_a_node_dies_the_other_one_answers);
  return g_test_run ();
}
