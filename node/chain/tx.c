/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Transactions of type 2. PURE. See tx.h.
 */
#include "chain/tx.h"

#include "wire/rlp.h"

#include <string.h>

#define TYPE_1559 2

static void
append_fields (const SoukTx *self, GByteArray *out)
{
  souk_rlp_append_u64 (out, self->chain_id);
  souk_rlp_append_u64 (out, self->nonce);
  souk_rlp_append_u256 (out, self->max_priority_fee);
  souk_rlp_append_u256 (out, self->max_fee);
  souk_rlp_append_u64 (out, self->gas_limit);
  souk_rlp_append_bytes (out,
                         souk_slice (self->to.bytes, self->is_creation ? 0 : SOUK_ADDRESS_SIZE));
  souk_rlp_append_u256 (out, self->value);
  souk_rlp_append_bytes (out, self->data);
  souk_rlp_append_list (out, self->access_list);
}

static void
append_envelope (const GByteArray *fields, GByteArray *out)
{
  souk_append_u8 (out, TYPE_1559);
  souk_rlp_append_list (out, souk_slice_from_array (fields));
}

void
souk_tx_append_unsigned (const SoukTx *self, GByteArray *out)
{
  g_autoptr (GByteArray) fields = g_byte_array_new ();
  append_fields (self, fields);
  append_envelope (fields, out);
}

void
souk_tx_digest (const SoukTx *self, uint8_t out[SOUK_HASH_SIZE])
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  souk_tx_append_unsigned (self, bytes);
  souk_keccak256 (out, souk_slice_from_array (bytes));
}

GBytes *
souk_tx_to_raw (const SoukTx *self, const uint8_t signature[SOUK_ECDSA_SIZE])
{
  g_autoptr (GByteArray) fields = g_byte_array_new ();
  GByteArray *out = g_byte_array_new ();

  g_assert (signature[64] == 27 || signature[64] == 28);
  append_fields (self, fields);
  souk_rlp_append_u64 (fields, signature[64] - 27u);
  souk_rlp_append_u256 (fields, souk_u256_from_be (signature));
  souk_rlp_append_u256 (fields, souk_u256_from_be (signature + 32));
  append_envelope (fields, out);
  return g_byte_array_free_to_bytes (out);
}

void
souk_tx_hash (SoukSlice raw, uint8_t out[SOUK_HASH_SIZE])
{
  souk_keccak256 (out, raw);
}

/* Destination: 20 bytes, or none for a creation. */
static void
read_destination (SoukReader *fields, SoukTx *tx)
{
  SoukSlice to = souk_reader_rlp_bytes (fields);
  tx->is_creation = to.len == 0;
  if (to.len == SOUK_ADDRESS_SIZE)
    memcpy (tx->to.bytes, to.data, SOUK_ADDRESS_SIZE);
  else if (to.len != 0)
    fields->failed = true;
}

SoukStatus
souk_tx_from_raw (SoukSlice raw, SoukTx *out, SoukAddress *out_from)
{
  SoukReader reader = souk_reader (raw);
  uint8_t signature[SOUK_ECDSA_SIZE];
  uint8_t digest[SOUK_HASH_SIZE];
  SoukAddress from;
  SoukTx tx = { 0 };

  if (raw.len > SOUK_TX_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  if (souk_reader_u8 (&reader) != TYPE_1559)
    return SOUK_STATUS_UNSUPPORTED;
  SoukReader fields = souk_reader_rlp_list (&reader);
  tx.chain_id = souk_reader_rlp_u64 (&fields);
  tx.nonce = souk_reader_rlp_u64 (&fields);
  tx.max_priority_fee = souk_reader_rlp_u256 (&fields);
  tx.max_fee = souk_reader_rlp_u256 (&fields);
  tx.gas_limit = souk_reader_rlp_u64 (&fields);
  read_destination (&fields, &tx);
  tx.value = souk_reader_rlp_u256 (&fields);
  tx.data = souk_reader_rlp_bytes (&fields);
  SoukReader access_list = souk_reader_rlp_list (&fields);
  tx.access_list = souk_slice (access_list.at, access_list.left);
  uint64_t parity = souk_reader_rlp_u64 (&fields);
  souk_u256_to_be (souk_reader_rlp_u256 (&fields), signature);
  souk_u256_to_be (souk_reader_rlp_u256 (&fields), signature + 32);
  if (!souk_reader_is_done (&fields) || !souk_reader_is_done (&reader)
      || !souk_reader_ok (&access_list) || parity > 1)
    return SOUK_STATUS_BAD_ENCODING;

  signature[64] = (uint8_t)(27 + parity);
  souk_tx_digest (&tx, digest);
  SOUK_TRY (souk_ecdsa_recover (digest, signature, &from));
  *out = tx;
  *out_from = from;
  return SOUK_STATUS_OK;
}

void
souk_tx_contract_address (const SoukAddress *from, uint64_t nonce, SoukAddress *out)
{
  g_autoptr (GByteArray) fields = g_byte_array_new ();
  g_autoptr (GByteArray) list = g_byte_array_new ();
  uint8_t hash[SOUK_HASH_SIZE];

  souk_rlp_append_bytes (fields, souk_slice (from->bytes, SOUK_ADDRESS_SIZE));
  souk_rlp_append_u64 (fields, nonce);
  souk_rlp_append_list (list, souk_slice_from_array (fields));
  souk_keccak256 (hash, souk_slice_from_array (list));
  memcpy (out->bytes, hash + SOUK_HASH_SIZE - SOUK_ADDRESS_SIZE, SOUK_ADDRESS_SIZE);
}
