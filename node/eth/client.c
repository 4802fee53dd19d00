/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The typed calls to an Ethereum node. GLIB. See client.h.
 */
#include "eth/client.h"

#include "eth/json.h"

#include <string.h>

struct SoukEthClient {
  SoukEthRpc *rpc;
  GHashTable *waiting; /* the tickets of calls under way, as pointers to their Pending's member */
};

/* A call and whom to tell; the member of `callback` is the one that the call's reader calls. */
typedef struct {
  SoukEthClient *client;
  guint64 ticket;
  union {
    SoukEthU64Callback u64;
    SoukEthU256Callback u256;
    SoukEthBytesCallback bytes;
    SoukEthFeesCallback fees;
    SoukEthHeaderCallback header;
    SoukEthLogsCallback logs;
    SoukEthReceiptCallback receipt;
  } callback;
  gpointer user_data;
  /* Between the two calls of souk_eth_fees. */
  SoukU256 cap;
  SoukU256 next_base_fee;
  GArray *rewards;
} Pending;

SoukEthClient *
souk_eth_client_new (SoukEthRpc *rpc)
{
  SoukEthClient *client = g_new0 (SoukEthClient, 1);
  client->rpc = rpc;
  client->waiting = g_hash_table_new (g_int64_hash, g_int64_equal);
  return client;
}

void
souk_eth_client_free (SoukEthClient *client)
{
  if (client == NULL)
    return;
  /* Cancelling frees the Pending that holds the key, so the table lets go of it first. */
  g_autoptr (GArray) tickets = g_array_new (FALSE, FALSE, sizeof (guint64));
  GHashTableIter iter;
  gpointer key = NULL;
  g_hash_table_iter_init (&iter, client->waiting);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_array_append_vals (tickets, key, 1);
  g_hash_table_unref (client->waiting);
  for (guint i = 0; i < tickets->len; i++)
    souk_eth_rpc_cancel (client->rpc, g_array_index (tickets, guint64, i));
  g_free (client);
}

static GError *
form_error (void)
{
  return g_error_new (SOUK_ETH_ERROR, SOUK_ETH_ERROR_PROTOCOL,
                      "The chain's node gives an answer of another form");
}

static Pending *
pending_new (SoukEthClient *client, gpointer user_data)
{
  Pending *pending = g_new0 (Pending, 1);
  pending->client = client;
  pending->user_data = user_data;
  return pending;
}

static void
pending_free (gpointer data)
{
  Pending *pending = data;
  g_clear_pointer (&pending->rewards, g_array_unref);
  g_free (pending);
}

static void
call_text (const char *method, const char *params, SoukEthRpcCallback reader, Pending *pending)
{
  SoukEthClient *client = pending->client;
  pending->ticket = souk_eth_rpc_call (client->rpc, method, params, reader, pending, pending_free);
  g_hash_table_add (client->waiting, &pending->ticket);
}

static void
call (const char *method, GString *params, SoukEthRpcCallback reader, Pending *pending)
{
  call_text (method, params->str, reader, pending);
}

/* Each reader begins with this: its call is over. */
static Pending *
arrived (gpointer user_data)
{
  Pending *pending = user_data;
  g_hash_table_remove (pending->client->waiting, &pending->ticket);
  return pending;
}

static GString *
params_of_bytes (SoukSlice bytes)
{
  GString *params = g_string_new ("[");
  souk_eth_json_append_bytes (params, bytes);
  return params;
}

/* ---- readers ---- */

static void
read_u64 (JsonNode *result, const GError *error, gpointer user_data)
{
  Pending *pending = arrived (user_data);
  g_autoptr (GError) form = NULL;
  guint64 value = 0;
  if (error == NULL && !souk_eth_json_u64 (result, &value))
    error = form = form_error ();
  pending->callback.u64 (value, error, pending->user_data);
}

static void
read_u256 (JsonNode *result, const GError *error, gpointer user_data)
{
  Pending *pending = arrived (user_data);
  g_autoptr (GError) form = NULL;
  SoukU256 value = SOUK_U256_ZERO;
  if (error == NULL && !souk_eth_json_u256 (result, &value))
    error = form = form_error ();
  pending->callback.u256 (value, error, pending->user_data);
}

static void
read_bytes (JsonNode *result, const GError *error, gpointer user_data)
{
  Pending *pending = arrived (user_data);
  g_autoptr (GError) form = NULL;
  g_autoptr (GBytes) value = error == NULL ? souk_eth_json_bytes (result) : NULL;
  if (error == NULL && value == NULL)
    error = form = form_error ();
  pending->callback.bytes (value, error, pending->user_data);
}

static void
read_header (JsonNode *result, const GError *error, gpointer user_data)
{
  Pending *pending = arrived (user_data);
  g_autoptr (GError) form = NULL;
  SoukChainHeader header;
  bool is_there = error == NULL && !JSON_NODE_HOLDS_NULL (result);
  if (is_there && !souk_eth_json_header (result, &header))
    error = form = form_error ();
  pending->callback.header (is_there && error == NULL ? &header : NULL, error, pending->user_data);
}

static void
read_receipt (JsonNode *result, const GError *error, gpointer user_data)
{
  Pending *pending = arrived (user_data);
  g_autoptr (GError) form = NULL;
  SoukEthReceipt receipt;
  bool is_there = error == NULL && !JSON_NODE_HOLDS_NULL (result);
  if (is_there && !souk_eth_json_receipt (result, &receipt))
    error = form = form_error ();
  pending->callback.receipt (is_there && error == NULL ? &receipt : NULL, error,
                             pending->user_data);
}

static void
read_logs (JsonNode *result, const GError *error, gpointer user_data)
{
  Pending *pending = arrived (user_data);
  g_autoptr (GError) form = NULL;
  g_autoptr (GPtrArray) logs = error == NULL ? souk_eth_json_logs (result) : NULL;
  if (error == NULL && logs == NULL)
    error = form = form_error ();
  else if (logs != NULL && logs->len > SOUK_ETH_LOGS_MAX)
    {
      error = form = g_error_new (SOUK_ETH_ERROR, SOUK_ETH_ERROR_TOO_LARGE,
                                  "The chain's node answers with too many logs");
      g_clear_pointer (&logs, g_ptr_array_unref);
    }
  pending->callback.logs (logs, error, pending->user_data);
}

/* ---- calls ---- */

void
souk_eth_block_number (SoukEthClient *client, SoukEthU64Callback callback, gpointer user_data)
{
  Pending *pending = pending_new (client, user_data);
  pending->callback.u64 = callback;
  call_text ("eth_blockNumber", "[]", read_u64, pending);
}

void
souk_eth_head (SoukEthClient *client, SoukEthHeaderCallback callback, gpointer user_data)
{
  Pending *pending = pending_new (client, user_data);
  pending->callback.header = callback;
  call_text ("eth_getBlockByNumber", "[\"latest\",false]", read_header, pending);
}

void
souk_eth_block_by_number (SoukEthClient *client, guint64 number, SoukEthHeaderCallback callback,
                          gpointer user_data)
{
  Pending *pending = pending_new (client, user_data);
  g_autoptr (GString) params = g_string_new ("[");
  souk_eth_json_append_u64 (params, number);
  g_string_append (params, ",false]");
  pending->callback.header = callback;
  call ("eth_getBlockByNumber", params, read_header, pending);
}

void
souk_eth_block_by_hash (SoukEthClient *client, const uint8_t hash[SOUK_HASH_SIZE],
                        SoukEthHeaderCallback callback, gpointer user_data)
{
  Pending *pending = pending_new (client, user_data);
  g_autoptr (GString) params = params_of_bytes (souk_slice (hash, SOUK_HASH_SIZE));
  g_string_append (params, ",false]");
  pending->callback.header = callback;
  call ("eth_getBlockByHash", params, read_header, pending);
}

void
souk_eth_balance (SoukEthClient *client, const SoukAddress *who, SoukEthU256Callback callback,
                  gpointer user_data)
{
  Pending *pending = pending_new (client, user_data);
  g_autoptr (GString) params = params_of_bytes (souk_slice (who->bytes, SOUK_ADDRESS_SIZE));
  g_string_append (params, ",\"latest\"]");
  pending->callback.u256 = callback;
  call ("eth_getBalance", params, read_u256, pending);
}

void
souk_eth_pending_nonce (SoukEthClient *client, const SoukAddress *who, SoukEthU64Callback callback,
                        gpointer user_data)
{
  Pending *pending = pending_new (client, user_data);
  g_autoptr (GString) params = params_of_bytes (souk_slice (who->bytes, SOUK_ADDRESS_SIZE));
  g_string_append (params, ",\"pending\"]");
  pending->callback.u64 = callback;
  call ("eth_getTransactionCount", params, read_u64, pending);
}

void
souk_eth_nonce_at (SoukEthClient *client, const SoukAddress *who, guint64 block,
                   SoukEthU64Callback callback, gpointer user_data)
{
  Pending *pending = pending_new (client, user_data);
  g_autoptr (GString) params = params_of_bytes (souk_slice (who->bytes, SOUK_ADDRESS_SIZE));
  g_string_append_c (params, ',');
  souk_eth_json_append_u64 (params, block);
  g_string_append_c (params, ']');
  pending->callback.u64 = callback;
  call ("eth_getTransactionCount", params, read_u64, pending);
}

void
souk_eth_estimate_gas (SoukEthClient *client, const SoukEthMessage *message,
                       SoukEthU64Callback callback, gpointer user_data)
{
  Pending *pending = pending_new (client, user_data);
  g_autoptr (GString) params = g_string_new ("[");
  souk_eth_json_append_message (params, message);
  g_string_append_c (params, ']');
  pending->callback.u64 = callback;
  call ("eth_estimateGas", params, read_u64, pending);
}

void
souk_eth_send_raw (SoukEthClient *client, SoukSlice raw, SoukEthBytesCallback callback,
                   gpointer user_data)
{
  Pending *pending = pending_new (client, user_data);
  g_autoptr (GString) params = params_of_bytes (raw);
  g_string_append_c (params, ']');
  pending->callback.bytes = callback;
  call ("eth_sendRawTransaction", params, read_bytes, pending);
}

void
souk_eth_receipt (SoukEthClient *client, const uint8_t tx_hash[SOUK_HASH_SIZE],
                  SoukEthReceiptCallback callback, gpointer user_data)
{
  Pending *pending = pending_new (client, user_data);
  g_autoptr (GString) params = params_of_bytes (souk_slice (tx_hash, SOUK_HASH_SIZE));
  g_string_append_c (params, ']');
  pending->callback.receipt = callback;
  call ("eth_getTransactionReceipt", params, read_receipt, pending);
}

void
souk_eth_logs (SoukEthClient *client, const SoukEthLogFilter *filter, SoukEthLogsCallback callback,
               gpointer user_data)
{
  Pending *pending = pending_new (client, user_data);
  g_autoptr (GString) params = g_string_new ("[");
  souk_eth_json_append_filter (params, filter);
  g_string_append_c (params, ']');
  pending->callback.logs = callback;
  call ("eth_getLogs", params, read_logs, pending);
}

void
souk_eth_call (SoukEthClient *client, const SoukEthMessage *message, SoukEthBytesCallback callback,
               gpointer user_data)
{
  Pending *pending = pending_new (client, user_data);
  g_autoptr (GString) params = g_string_new ("[");
  souk_eth_json_append_message (params, message);
  g_string_append (params, ",\"latest\"]");
  pending->callback.bytes = callback;
  call ("eth_call", params, read_bytes, pending);
}

/* ---- fees: two calls, one after the other ---- */

/* The suggestion is a floor only, so a node without that method is none the worse. */
static void
read_suggested_tip (JsonNode *result, const GError *error, gpointer user_data)
{
  Pending *pending = arrived (user_data);
  g_autoptr (GError) too_dear = NULL;
  SoukFees fees;
  SoukFeeHistory history = {
    .next_base_fee = pending->next_base_fee,
    .rewards = (const SoukU256 *)(const void *)pending->rewards->data,
    .n_rewards = pending->rewards->len,
  };
  if (error != NULL || !souk_eth_json_u256 (result, &history.suggested_priority_fee))
    history.suggested_priority_fee = SOUK_U256_ZERO;
  bool is_chosen = souk_fees_choose (&history, pending->cap, &fees) == SOUK_STATUS_OK;
  if (!is_chosen)
    too_dear = g_error_new (SOUK_ETH_ERROR, SOUK_ETH_ERROR_FEE_TOO_LOW,
                            "The network asks for more than the highest fee that is allowed");
  pending->callback.fees (is_chosen ? &fees : NULL, too_dear, pending->user_data);
}

static void
read_fee_history (JsonNode *result, const GError *error, gpointer user_data)
{
  Pending *pending = arrived (user_data);
  g_autoptr (GError) form = NULL;
  if (error == NULL
      && !souk_eth_json_fee_history (result, &pending->next_base_fee, pending->rewards))
    error = form = form_error ();
  if (error != NULL)
    {
      pending->callback.fees (NULL, error, pending->user_data);
      return;
    }
  Pending *second = pending_new (pending->client, pending->user_data);
  second->callback = pending->callback;
  second->cap = pending->cap;
  second->next_base_fee = pending->next_base_fee;
  second->rewards = g_steal_pointer (&pending->rewards);
  call_text ("eth_maxPriorityFeePerGas", "[]", read_suggested_tip, second);
}

void
souk_eth_fees (SoukEthClient *client, SoukU256 cap, SoukEthFeesCallback callback,
               gpointer user_data)
{
  Pending *pending = pending_new (client, user_data);
  g_autofree char *params = g_strdup_printf ("[\"0x%x\",\"latest\",[%d]]", SOUK_FEE_HISTORY_BLOCKS,
                                             SOUK_FEE_REWARD_PERCENTILE);
  pending->cap = cap;
  pending->rewards = g_array_new (FALSE, FALSE, sizeof (SoukU256));
  pending->callback.fees = callback;
  call_text ("eth_feeHistory", params, read_fee_history, pending);
}
