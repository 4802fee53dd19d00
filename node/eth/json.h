/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON-RPC's forms of numbers, hashes, blocks, logs and receipts. GLIB, any thread.
 *
 * Each reader returns false, and writes nothing that is to be used, when the node's JSON has not the
 * form; none trusts a type, a length or the presence of a member.
 */
#pragma once
#include "eth/client.h"

bool souk_eth_json_u256 (JsonNode *node, SoukU256 *out);
bool souk_eth_json_u64 (JsonNode *node, guint64 *out);
/* Returns: (transfer full) (nullable): the bytes of "0x…". */
GBytes *souk_eth_json_bytes (JsonNode *node);
bool souk_eth_json_header (JsonNode *node, SoukChainHeader *out);
bool souk_eth_json_receipt (JsonNode *node, SoukEthReceipt *out);
/* Returns: (transfer full) (nullable) (element-type SoukChainLog): logs that a reorg removed are left out. */
GPtrArray *souk_eth_json_logs (JsonNode *node);
/* The answer of eth_feeHistory: the last base fee, and the first percentile of each block's rewards. */
bool souk_eth_json_fee_history (JsonNode *node, SoukU256 *out_next_base_fee, GArray *out_rewards);

/* Append "\"0x…\"". */
void souk_eth_json_append_bytes (GString *out, SoukSlice bytes);
void souk_eth_json_append_u64 (GString *out, guint64 value);
/* The object that eth_call and eth_estimateGas take. */
void souk_eth_json_append_message (GString *out, const SoukEthMessage *message);
/* The object that eth_getLogs takes. */
void souk_eth_json_append_filter (GString *out, const SoukEthLogFilter *filter);
