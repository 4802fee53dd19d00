/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * EIP-1559 transactions: foreign vectors, our own round trip, and refusals.
 */
#include "chain/tx.h"
#include "testcases.h"
#include "wire/rlp.h"

static SoukTx
sample_tx (void)
{
  return (SoukTx){
    .chain_id = 31337,
    .nonce = 7,
    .max_priority_fee = souk_u256_from_u64 (1000000000),
    .max_fee = souk_u256_from_u64 (3000000000),
    .gas_limit = 90000,
    .to = address_of ("0x123456789a123456789a123456789a123456789a"),
    .value = souk_u256_from_u64 (5),
    .data = SOUK_SLICE_LITERAL ("data"),
  };
}

static GBytes *
sign (const SoukTx *tx, const uint8_t secret[32])
{
  uint8_t digest[32];
  uint8_t signature[SOUK_ECDSA_SIZE];
  souk_tx_digest (tx, digest);
  g_assert_true (souk_ecdsa_sign (secret, digest, signature));
  return souk_tx_to_raw (tx, signature);
}

static void
what_was_written_is_read_again (void)
{
  const uint8_t secret[32] = { 1, 2, 3 };
  SoukTx tx = sample_tx ();
  g_autoptr (GBytes) raw = sign (&tx, secret);
  SoukTx read;
  SoukAddress from;
  SoukAddress signer;

  g_assert_cmpint (souk_tx_from_raw (souk_slice_from_bytes (raw), &read, &from), ==,
                   SOUK_STATUS_OK);
  g_assert_true (souk_address_from_secret (secret, &signer));
  g_assert_true (souk_address_is_equal (&from, &signer));
  g_assert_cmpuint (read.chain_id, ==, 31337);
  g_assert_cmpuint (read.nonce, ==, 7);
  g_assert_cmpuint (read.gas_limit, ==, 90000);
  g_assert_cmpint (souk_u256_compare (read.max_fee, tx.max_fee), ==, 0);
  g_assert_cmpint (souk_u256_compare (read.max_priority_fee, tx.max_priority_fee), ==, 0);
  g_assert_true (souk_slice_is_equal (read.data, tx.data));
  g_assert_true (souk_address_is_equal (&read.to, &tx.to));
}

static void
every_cut_of_a_transaction_is_refused (void)
{
  const uint8_t secret[32] = { 9 };
  SoukTx tx = sample_tx ();
  g_autoptr (GBytes) raw = sign (&tx, secret);
  SoukSlice whole = souk_slice_from_bytes (raw);
  SoukAddress from;

  for (size_t len = 0; len < whole.len; len++)
    g_assert_cmpint (souk_tx_from_raw (souk_slice (whole.data, len), &tx, &from), !=,
                     SOUK_STATUS_OK);
}

static void
other_types_are_not_supported (void)
{
  SoukTx tx;
  SoukAddress from;
  g_assert_cmpint (souk_tx_from_raw (SOUK_SLICE_LITERAL ("\x01\xc0"), &tx, &from), ==,
                   SOUK_STATUS_UNSUPPORTED);
  g_assert_cmpint (souk_tx_from_raw (SOUK_SLICE_LITERAL ("\xc6\x80"), &tx, &from), ==,
                   SOUK_STATUS_UNSUPPORTED);
}

/* Yellow Paper: the address of the first contract that the well-known test account makes. */
static void
contract_addresses_follow_from_sender_and_nonce (void)
{
  SoukAddress from = address_of ("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
  SoukAddress made;
  char text[SOUK_ADDRESS_TEXT_SIZE];
  souk_tx_contract_address (&from, 0, &made);
  souk_address_format (&made, text);
  g_assert_cmpstr (text, ==, "0x5FbDB2315678afecb367f032d93F642f64180aa3");
}

/* ---- foreign vectors ---- */

static SoukU256
optional_number (JsonObject *o, const char *name)
{
  JsonNode *node = json_object_get_member (o, name);
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return SOUK_U256_ZERO;
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return souk_u256_from_u64 ((uint64_t)json_node_get_int (node));
  return number_u256 (json_node_get_string (node));
}

static uint64_t
optional_u64 (JsonObject *o, const char *name)
{
  uint64_t value = 0;
  g_assert_true (souk_u256_to_u64 (optional_number (o, name), &value));
  return value;
}

/* Each [address, [keys]] of an access list. */
static GByteArray *
access_list_of (JsonObject *tx)
{
  GByteArray *out = g_byte_array_new ();
  if (!json_object_has_member (tx, "accessList"))
    return out;
  JsonArray *list = json_object_get_array_member (tx, "accessList");
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *entry = json_array_get_object_element (list, i);
      JsonArray *keys = json_object_get_array_member (entry, "storageKeys");
      g_autoptr (GByteArray) pair = g_byte_array_new ();
      g_autoptr (GByteArray) slots = g_byte_array_new ();
      g_autoptr (GBytes) address = hex_of (text_of (entry, "address"));
      souk_rlp_append_bytes (pair, souk_slice_from_bytes (address));
      for (guint k = 0; k < json_array_get_length (keys); k++)
        {
          g_autoptr (GBytes) key = hex_of (json_array_get_string_element (keys, k));
          souk_rlp_append_bytes (slots, souk_slice_from_bytes (key));
        }
      souk_rlp_append_list (pair, souk_slice_from_array (slots));
      souk_rlp_append_list (out, souk_slice_from_array (pair));
    }
  return out;
}

static void
check_row (JsonObject *row)
{
  JsonObject *o = json_object_get_object_member (row, "tx");
  g_autoptr (GByteArray) access_list = access_list_of (o);
  g_autoptr (GBytes) data
      = text_of (o, "data") ? hex_of (text_of (o, "data")) : g_bytes_new (NULL, 0);
  g_autoptr (GByteArray) unsigned_bytes = g_byte_array_new ();
  const char *to = text_of (o, "to");
  uint8_t secret[32];
  SoukTx tx = {
    .chain_id = optional_u64 (o, "chainId"),
    .nonce = optional_u64 (o, "nonce"),
    .max_priority_fee = optional_number (o, "maxPriorityFeePerGas"),
    .max_fee = optional_number (o, "maxFeePerGas"),
    .gas_limit = optional_u64 (o, "gasLimit"),
    .is_creation = to == NULL,
    .value = optional_number (o, "value"),
    .data = souk_slice_from_bytes (data),
    .access_list = souk_slice_from_array (access_list),
  };
  if (to != NULL)
    g_assert_true (souk_hex_decode_exact (to, tx.to.bytes, 20));
  g_assert_true (souk_hex_decode_exact (text_of (row, "key"), secret, 32));
  souk_tx_append_unsigned (&tx, unsigned_bytes);
  assert_hex (souk_slice_from_array (unsigned_bytes), text_of (row, "unsigned"));
  g_autoptr (GBytes) raw = sign (&tx, secret);
  assert_hex (souk_slice_from_bytes (raw), text_of (row, "signed"));

  SoukTx read;
  SoukAddress from;
  g_assert_cmpint (souk_tx_from_raw (souk_slice_from_bytes (raw), &read, &from), ==,
                   SOUK_STATUS_OK);
  assert_hex (souk_slice (from.bytes, 20), text_of (row, "address"));
}

static void
foreign_transactions_are_written_signed_and_read (void)
{
  g_autoptr (JsonNode) root = load_testcases ("typed-transactions");
  unsigned count = 0;
  if (root == NULL)
    return;
  JsonArray *rows = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      if (!g_str_has_prefix (text_of (row, "name"), "eip1559"))
        continue;
      check_row (row);
      count++;
    }
  g_assert_cmpuint (count, ==, 1024);
  g_test_message ("%u transactions", count);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chain/tx/what-was-written-is-read-again", what_was_written_is_read_again);
  g_test_add_func ("/chain/tx/every-cut-of-a-transaction-is-refused",
                   every_cut_of_a_transaction_is_refused);
  g_test_add_func ("/chain/tx/other-types-are-not-supported", other_types_are_not_supported);
  g_test_add_func ("/chain/tx/contract-addresses-follow-from-sender-and-nonce",
                   contract_addresses_follow_from_sender_and_nonce);
  g_test_add_func ("/chain/tx/foreign-transactions-are-written-signed-and-read",
                   foreign_transactions_are_written_signed_and_read);
  return g_test_run ();
}
