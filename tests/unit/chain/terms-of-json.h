/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Terms from the vectors' JSON, whose members have the contracts' names.
 */
#pragma once
#include "testcases.h"
#include "wire/terms.h"

static inline SoukU256
member_u256 (JsonObject *o, const char *name)
{
  return number_u256 (text_of (o, name));
}

static inline void
member_bytes32 (JsonObject *o, const char *name, uint8_t out[32])
{
  g_assert_true (souk_hex_decode_exact (text_of (o, name), out, 32));
}

static inline SoukOfferTerms
offer_of (JsonObject *o)
{
  SoukOfferTerms terms = {
    .seller = address_of (text_of (o, "seller")),
    .buyer = address_of (text_of (o, "buyer")),
    .token = address_of (text_of (o, "token")),
    .arbiter = address_of (text_of (o, "arbiter")),
    .price = member_u256 (o, "price"),
    .deliver_within = member_u256 (o, "deliverWithin"),
    .confirm_window = member_u256 (o, "confirmWindow"),
    .valid_until = member_u256 (o, "validUntil"),
    .counter = member_u256 (o, "counter"),
    .salt = member_u256 (o, "salt"),
  };
  member_bytes32 (o, "contentHash", terms.content_hash);
  member_bytes32 (o, "keyHash", terms.key_hash);
  member_bytes32 (o, "cipherHash", terms.cipher_hash);
  return terms;
}

static inline SoukBidTerms
bid_of (JsonObject *o)
{
  SoukBidTerms terms = {
    .provider = address_of (text_of (o, "provider")),
    .requester = address_of (text_of (o, "requester")),
    .token = address_of (text_of (o, "token")),
    .arbiter = address_of (text_of (o, "arbiter")),
    .price = member_u256 (o, "price"),
    .bond = member_u256 (o, "bond"),
    .submit_within = member_u256 (o, "submitWithin"),
    .confirm_window = member_u256 (o, "confirmWindow"),
    .valid_until = member_u256 (o, "validUntil"),
    .counter = member_u256 (o, "counter"),
    .salt = member_u256 (o, "salt"),
  };
  member_bytes32 (o, "jobHash", terms.job_hash);
  member_bytes32 (o, "peerId", terms.peer_id);
  return terms;
}

static inline SoukReceiptTerms
receipt_of (JsonObject *o)
{
  SoukReceiptTerms terms = { .amount = member_u256 (o, "amount") };
  member_bytes32 (o, "id", terms.id);
  member_bytes32 (o, "resultHash", terms.result_hash);
  return terms;
}
