/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * EIP-712 typed data: what a wallet signs instead of a transaction. PURE.
 *
 * Two ways in: the three structs of our own contracts, whose members are all single words; and typed
 * data of any shape, as a table of structs and a tree of values (abi.h), for what a web page asks a
 * wallet to sign and for the specification's vectors.
 */
#pragma once
#include "chain/abi.h"
#include "chain/escrow.h"
#include "wire/terms.h"

/* Structs of one document, members of one struct, and how deep structs and arrays may nest. */
#define SOUK_TYPED_STRUCTS_MAX 64
#define SOUK_TYPED_MEMBERS_MAX 256
#define SOUK_TYPED_DEPTH_MAX 16

/* ---- our contracts ---- */

/* Where a deal lives. The chain id must come from the chain, never from a person's settings alone. */
typedef struct {
  uint64_t chain_id;
  SoukAddress contract;
} SoukDomain;

/* The domain separator of PromptMarketplace or ComputeRental, version "1". */
void souk_domain_separator (const SoukDomain *domain, SoukEscrowMarket market,
                            uint8_t out[SOUK_HASH_SIZE]);

/* The digests that are signed; that of an offer or a bid is the deal's id in the contract. */
void souk_offer_digest (const SoukDomain *domain, const SoukOfferTerms *terms,
                        uint8_t out[SOUK_HASH_SIZE]);
void souk_bid_digest (const SoukDomain *domain, const SoukBidTerms *terms,
                      uint8_t out[SOUK_HASH_SIZE]);
void souk_receipt_digest (const SoukDomain *domain, const SoukReceiptTerms *terms,
                          uint8_t out[SOUK_HASH_SIZE]);

/* ---- typed data of any shape ---- */

typedef struct {
  const char *name;
  const char *type; /* "address", "Person", "uint8[2][]" */
} SoukTypedMember;

typedef struct {
  const char *name;
  const SoukTypedMember *members;
  size_t n_members;
} SoukTypedStruct;

typedef struct {
  const SoukTypedStruct *structs;
  size_t n_structs;
} SoukTypedTable;

/* hashStruct of `value`, whose items follow the members of the struct `name`.
 * Returns: BAD_ENCODING when a type is unknown or the value has another shape, LIMIT when too deep. */
SoukStatus souk_typed_hash_struct (const SoukTypedTable *table, const char *name,
                                   const SoukAbiValue *value, uint8_t out[SOUK_HASH_SIZE]);

/* "\x19\x01" || domain separator || hashStruct (message). */
void souk_typed_digest (const uint8_t domain_separator[SOUK_HASH_SIZE],
                        const uint8_t struct_hash[SOUK_HASH_SIZE], uint8_t out[SOUK_HASH_SIZE]);
