/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Transactions of type 2 (EIP-1559, in EIP-2718's envelope): what is signed and what is sent. PURE.
 *
 * Only this type is written: it is the only one that a wallet of ours sends. Reading is for one's own
 * raw bytes, which the outbox keeps (the nonce and the fees of a transaction that is stuck).
 */
#pragma once
#include "base/address.h"
#include "base/u256.h"

/* EIP-3860 bounds creation code to 48 KiB; a call of ours has some hundred bytes. */
#define SOUK_TX_SIZE_MAX (128u << 10)

typedef struct {
  uint64_t chain_id;
  uint64_t nonce;
  SoukU256 max_priority_fee;
  SoukU256 max_fee;
  uint64_t gas_limit;
  bool is_creation; /* `to` is not used */
  SoukAddress to;
  SoukU256 value;
  SoukSlice data;        /* borrowed */
  SoukSlice access_list; /* the RLP of its items (EIP-2930), borrowed; empty: none */
} SoukTx;

/* "keccak256(0x02 || rlp([chain_id, nonce, max_priority_fee_per_gas, max_fee_per_gas, gas_limit,
 * destination, amount, data, access_list]))": what is signed. */
void souk_tx_digest (const SoukTx *self, uint8_t out[SOUK_HASH_SIZE]);
/* Appends the bytes behind that hash. */
void souk_tx_append_unsigned (const SoukTx *self, GByteArray *out);
/* Returns: (transfer full): the raw transaction, as eth_sendRawTransaction takes it. */
GBytes *souk_tx_to_raw (const SoukTx *self, const uint8_t signature[SOUK_ECDSA_SIZE]);
/* The transaction's hash, by which the chain knows it. */
void souk_tx_hash (SoukSlice raw, uint8_t out[SOUK_HASH_SIZE]);

/* Reads a raw transaction of type 2; the views of *out point into `raw`. Also who signed it.
 * Returns: UNSUPPORTED for other types, BAD_ENCODING, TOO_LARGE, BAD_SIGNATURE. */
SoukStatus souk_tx_from_raw (SoukSlice raw, SoukTx *out, SoukAddress *out_from);

/* The address of the contract that a creation by `from` with `nonce` makes. */
void souk_tx_contract_address (const SoukAddress *from, uint64_t nonce, SoukAddress *out);
