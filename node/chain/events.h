/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Logs of the two contracts, decoded. PURE.
 *
 * A log is what the chain stores; an event is what it means. `Bought` and `Accepted` carry all
 * terms, so a client rebuilds every deal from logs alone. Numbers are checked where the contract
 * bounds them (states, times), so that what leaves this file needs no further narrowing.
 */
#pragma once
#include "chain/escrow.h"
#include "chain/log.h"
#include "wire/terms.h"

/* {symbol, signature, indexed arguments, words of data, market} */
#define SOUK_CHAIN_OFFER_TYPE                                                                      \
  "(address,address,address,address,uint256,bytes32,bytes32,bytes32,uint256,uint256,uint256,"      \
  "uint256,uint256)"
#define SOUK_CHAIN_BID_TYPE                                                                        \
  "(address,address,address,address,uint256,uint256,bytes32,bytes32,uint256,uint256,uint256,"      \
  "uint256,uint256)"
/* clang-format off */
#define SOUK_CHAIN_EVENT_TABLE(X)                                                                  \
  X (BOUGHT,         "Bought(bytes32,address,address,bytes32," SOUK_CHAIN_OFFER_TYPE ",uint256)", 3, 15) \
  X (ACCEPTED,       "Accepted(bytes32,address,address," SOUK_CHAIN_BID_TYPE ",uint256)", 3, 14)   \
  X (DELIVERED,      "Delivered(bytes32,bytes32,uint256)", 1, 2)                                   \
  X (DISPUTED,       "Disputed(bytes32,address,bytes32,uint256)", 2, 2)                            \
  X (SETTLED,        "Settled(bytes32,uint8,address,uint256,uint256,uint256,bytes32)", 1, 6)       \
  X (CREDITED,       "Credited(address,address,uint256)", 2, 1)                                    \
  X (PAID,           "Paid(address,address,uint256)", 2, 1)                                        \
  X (WITHDRAWN,      "Withdrawn(address,address,address,uint256)", 2, 2)                           \
  X (CANCELLED,      "Cancelled(address,bytes32)", 1, 1)                                           \
  X (COUNTER_BUMPED, "CounterBumped(address,uint256)", 1, 1)                                       \
  X (BOND_RETURNED,  "BondReturned(bytes32,uint256,uint256)", 1, 2)
/* clang-format on */

typedef enum {
#define SOUK_CHAIN_EVENT_ENUM(symbol, signature, indexed, words) SOUK_CHAIN_EVENT_##symbol,
  SOUK_CHAIN_EVENT_TABLE (SOUK_CHAIN_EVENT_ENUM)
#undef SOUK_CHAIN_EVENT_ENUM
      SOUK_CHAIN_EVENT_COUNT
} SoukChainEventKind;

typedef struct {
  SoukChainEventKind kind;
  /* The deal's id (BOUGHT … SETTLED, BOND_RETURNED), the cancelled terms (CANCELLED), else zero. */
  uint8_t id[32];
  union {
    struct {
      uint8_t listing_id[32]; /* zero for a signed offer */
      SoukOfferTerms terms;
      uint64_t deliver_by_s;
    } bought;
    struct {
      SoukBidTerms terms;
      uint64_t submit_by_s;
    } accepted;
    struct {
      uint8_t what[32]; /* the revealed key, or the result's hash */
      uint64_t confirm_by_s;
    } delivered;
    struct {
      SoukAddress by;
      uint8_t evidence[32];
      uint64_t resolve_by_s;
    } disputed;
    struct {
      SoukEscrowState state;
      SoukAddress by;
      SoukWei to_payee;
      SoukWei fee;
      SoukWei to_payer;
      uint8_t reason[32];
    } settled;
    struct {
      SoukAddress who;
      SoukAddress token;
      SoukAddress to; /* WITHDRAWN only */
      SoukWei amount;
    } money; /* CREDITED, PAID, WITHDRAWN */
    struct {
      SoukAddress signer;
      SoukU256 counter; /* COUNTER_BUMPED only */
    } signer;           /* CANCELLED, COUNTER_BUMPED */
    struct {
      SoukWei to_provider;
      SoukWei to_requester;
    } bond;
  };
} SoukChainEvent;

/* Decodes a log.
 * Returns: UNSUPPORTED for an event that Souk does not use (ignore it), BAD_ENCODING when a log that
 * has the topic of one has not its form. */
SoukStatus souk_chain_event_decode (const SoukChainLog *log, SoukChainEvent *out);

/* topics[0] of an event, for eth_getLogs. */
void souk_chain_event_topic (SoukChainEventKind kind, uint8_t out[32]);
/* "Bought". Returns: (transfer full). */
char *souk_chain_event_name (SoukChainEventKind kind);
