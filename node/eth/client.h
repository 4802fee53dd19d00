/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The typed calls to an Ethereum node that Souk needs. GLIB, the thread of its SoukEthRpc.
 *
 * A client is a scope: whoever calls has one of its own, and freeing it drops the calls that wait. Each
 * other call ends in exactly one callback, later, with a value or an error (SOUK_ETH_ERROR; PROTOCOL
 * when the answer has not the method's form). Values are borrowed. A callback may free the client.
 */
#pragma once
#include "chain/fees.h"
#include "chain/log.h"
#include "eth/rpc.h"

/* Logs of one answer; more counts as TOO_LARGE. */
#define SOUK_ETH_LOGS_MAX 100000

typedef void (*SoukEthU64Callback) (guint64 value, const GError *error, gpointer user_data);
typedef void (*SoukEthU256Callback) (SoukU256 value, const GError *error, gpointer user_data);
typedef void (*SoukEthBytesCallback) (GBytes *value, const GError *error, gpointer user_data);
typedef void (*SoukEthFeesCallback) (const SoukFees *fees, const GError *error, gpointer user_data);
/* `header` is NULL without an error when there is no such block. */
typedef void (*SoukEthHeaderCallback) (const SoukChainHeader *header, const GError *error,
                                       gpointer user_data);
/* (element-type SoukChainLog) */
typedef void (*SoukEthLogsCallback) (GPtrArray *logs, const GError *error, gpointer user_data);

typedef struct {
  uint8_t tx_hash[SOUK_HASH_SIZE];
  uint8_t block_hash[SOUK_HASH_SIZE];
  guint64 block_number;
  bool is_success; /* status 1 */
  guint64 gas_used;
  SoukU256 gas_price; /* what was paid for a unit */
  bool has_contract;
  SoukAddress contract; /* of a creation */
} SoukEthReceipt;

/* `receipt` is NULL without an error when the transaction is in no block. */
typedef void (*SoukEthReceiptCallback) (const SoukEthReceipt *receipt, const GError *error,
                                        gpointer user_data);

/* A call or an estimate. */
typedef struct {
  const SoukAddress *from; /* NULL: nobody in particular */
  const SoukAddress *to;   /* NULL: a creation */
  SoukU256 value;
  SoukSlice data;
} SoukEthMessage;

/* Which logs. Either a block's hash, or a range. */
typedef struct {
  const SoukAddress *addresses;
  size_t n_addresses;
  const uint8_t (*topics)[SOUK_HASH_SIZE]; /* any of them as the first topic; none: any */
  size_t n_topics;
  const uint8_t *block_hash; /* or NULL */
  guint64 from_block;
  guint64 to_block;
} SoukEthLogFilter;

typedef struct SoukEthClient SoukEthClient;

/* `rpc` must outlive the client. */
SoukEthClient *souk_eth_client_new (SoukEthRpc *rpc);
void souk_eth_client_free (SoukEthClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukEthClient, souk_eth_client_free)

void souk_eth_block_number (SoukEthClient *client, SoukEthU64Callback callback, gpointer user_data);
/* The newest block. */
void souk_eth_head (SoukEthClient *client, SoukEthHeaderCallback callback, gpointer user_data);
void souk_eth_block_by_number (SoukEthClient *client, guint64 number,
                               SoukEthHeaderCallback callback, gpointer user_data);
void souk_eth_block_by_hash (SoukEthClient *client, const uint8_t hash[SOUK_HASH_SIZE],
                             SoukEthHeaderCallback callback, gpointer user_data);
void souk_eth_balance (SoukEthClient *client, const SoukAddress *who, SoukEthU256Callback callback,
                       gpointer user_data);
/* Transactions of `who` so far, those that wait included. */
void souk_eth_pending_nonce (SoukEthClient *client, const SoukAddress *who,
                             SoukEthU64Callback callback, gpointer user_data);
/* Transactions of `who` up to and including a block. */
void souk_eth_nonce_at (SoukEthClient *client, const SoukAddress *who, guint64 block,
                        SoukEthU64Callback callback, gpointer user_data);
void souk_eth_estimate_gas (SoukEthClient *client, const SoukEthMessage *message,
                            SoukEthU64Callback callback, gpointer user_data);
/* Asks the history and what the node suggests, and chooses (chain/fees.h). */
void souk_eth_fees (SoukEthClient *client, SoukU256 cap, SoukEthFeesCallback callback,
                    gpointer user_data);
/* The value is the hash that the node gives. */
void souk_eth_send_raw (SoukEthClient *client, SoukSlice raw, SoukEthBytesCallback callback,
                        gpointer user_data);
void souk_eth_receipt (SoukEthClient *client, const uint8_t tx_hash[SOUK_HASH_SIZE],
                       SoukEthReceiptCallback callback, gpointer user_data);
void souk_eth_logs (SoukEthClient *client, const SoukEthLogFilter *filter,
                    SoukEthLogsCallback callback, gpointer user_data);
/* At the newest block. */
void souk_eth_call (SoukEthClient *client, const SoukEthMessage *message,
                    SoukEthBytesCallback callback, gpointer user_data);
