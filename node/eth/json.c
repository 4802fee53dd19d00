/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON-RPC's forms. GLIB. See json.h.
 */
#include "eth/json.h"

#include <string.h>

static const char *
node_text (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

bool
souk_eth_json_u256 (JsonNode *node, SoukU256 *out)
{
  const char *text = node_text (node);
  return text != NULL && souk_u256_parse_hex (text, out) == SOUK_STATUS_OK;
}

bool
souk_eth_json_u64 (JsonNode *node, guint64 *out)
{
  SoukU256 value;
  uint64_t narrow = 0;
  if (!souk_eth_json_u256 (node, &value) || !souk_u256_to_u64 (value, &narrow))
    return false;
  *out = narrow;
  return true;
}

GBytes *
souk_eth_json_bytes (JsonNode *node)
{
  const char *text = node_text (node);
  return text != NULL && g_str_has_prefix (text, "0x") ? souk_hex_decode (text) : NULL;
}

static bool
json_exact (JsonObject *object, const char *member, uint8_t *out, size_t len)
{
  const char *text = node_text (json_object_get_member (object, member));
  return text != NULL && souk_hex_decode_exact (text, out, len);
}

static bool
member_u64 (JsonObject *object, const char *member, guint64 *out)
{
  return souk_eth_json_u64 (json_object_get_member (object, member), out);
}

bool
souk_eth_json_header (JsonNode *node, SoukChainHeader *out)
{
  guint64 number = 0;
  guint64 time_s = 0;
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return false;
  JsonObject *object = json_node_get_object (node);
  if (!member_u64 (object, "number", &number) || !member_u64 (object, "timestamp", &time_s))
    return false;
  out->number = number;
  out->time_s = time_s;
  return json_exact (object, "hash", out->hash, SOUK_HASH_SIZE)
         && json_exact (object, "parentHash", out->parent, SOUK_HASH_SIZE);
}

bool
souk_eth_json_receipt (JsonNode *node, SoukEthReceipt *out)
{
  guint64 status = 0;
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return false;
  JsonObject *object = json_node_get_object (node);
  *out = (SoukEthReceipt){ 0 };
  if (!json_exact (object, "transactionHash", out->tx_hash, SOUK_HASH_SIZE)
      || !json_exact (object, "blockHash", out->block_hash, SOUK_HASH_SIZE)
      || !member_u64 (object, "blockNumber", &out->block_number)
      || !member_u64 (object, "status", &status) || !member_u64 (object, "gasUsed", &out->gas_used)
      || !souk_eth_json_u256 (json_object_get_member (object, "effectiveGasPrice"),
                              &out->gas_price))
    return false;
  out->is_success = status == 1;
  out->has_contract
      = json_exact (object, "contractAddress", out->contract.bytes, SOUK_ADDRESS_SIZE);
  return true;
}

static bool
read_topics (JsonObject *object, SoukChainLog *log)
{
  JsonNode *node = json_object_get_member (object, "topics");
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return false;
  JsonArray *topics = json_node_get_array (node);
  log->n_topics = json_array_get_length (topics);
  if (log->n_topics > SOUK_CHAIN_TOPICS_MAX)
    return false;
  for (unsigned i = 0; i < log->n_topics; i++)
    {
      const char *text = node_text (json_array_get_element (topics, i));
      if (text == NULL || !souk_hex_decode_exact (text, log->topics[i], SOUK_HASH_SIZE))
        return false;
    }
  return true;
}

/* Returns: (nullable): NULL when it is no log. */
static SoukChainLog *
read_log (JsonObject *object)
{
  g_autoptr (SoukChainLog) log = souk_chain_log_new ();
  g_autoptr (GBytes) data = souk_eth_json_bytes (json_object_get_member (object, "data"));
  guint64 number = 0;
  guint64 index = 0;

  if (data == NULL || g_bytes_get_size (data) > SOUK_CHAIN_LOG_DATA_MAX
      || !json_exact (object, "address", log->address.bytes, SOUK_ADDRESS_SIZE)
      || !json_exact (object, "blockHash", log->block_hash, SOUK_HASH_SIZE)
      || !json_exact (object, "transactionHash", log->tx_hash, SOUK_HASH_SIZE)
      || !member_u64 (object, "blockNumber", &number) || !member_u64 (object, "logIndex", &index)
      || index > UINT32_MAX || !read_topics (object, log))
    return NULL;
  log->block_number = number;
  log->log_index = (uint32_t)index;
  g_bytes_unref (log->data);
  log->data = g_steal_pointer (&data);
  return g_steal_pointer (&log);
}

static bool
log_is_removed (JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "removed");
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
         && json_node_get_value_type (node) == G_TYPE_BOOLEAN && json_node_get_boolean (node);
}

GPtrArray *
souk_eth_json_logs (JsonNode *node)
{
  g_autoptr (GPtrArray) logs = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_chain_log_free);
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return NULL;
  JsonArray *array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_OBJECT (element))
        return NULL;
      if (log_is_removed (json_node_get_object (element)))
        continue;
      SoukChainLog *log = read_log (json_node_get_object (element));
      if (log == NULL)
        return NULL;
      g_ptr_array_add (logs, log);
    }
  return g_steal_pointer (&logs);
}

bool
souk_eth_json_fee_history (JsonNode *node, SoukU256 *out_next_base_fee, GArray *out_rewards)
{
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return false;
  JsonObject *object = json_node_get_object (node);
  JsonNode *fees = json_object_get_member (object, "baseFeePerGas");
  JsonNode *rewards = json_object_get_member (object, "reward");
  if (fees == NULL || !JSON_NODE_HOLDS_ARRAY (fees))
    return false;
  JsonArray *array = json_node_get_array (fees);
  guint count = json_array_get_length (array);
  if (count == 0
      || !souk_eth_json_u256 (json_array_get_element (array, count - 1), out_next_base_fee))
    return false;
  if (rewards == NULL || !JSON_NODE_HOLDS_ARRAY (rewards))
    return true; /* a chain without tips, or one that keeps no history of them */
  array = json_node_get_array (rewards);
  for (guint i = 0; i < MIN (json_array_get_length (array), (guint)SOUK_FEE_HISTORY_BLOCKS); i++)
    {
      JsonNode *block = json_array_get_element (array, i);
      SoukU256 reward;
      if (!JSON_NODE_HOLDS_ARRAY (block) || json_array_get_length (json_node_get_array (block)) == 0
          || !souk_eth_json_u256 (json_array_get_element (json_node_get_array (block), 0), &reward))
        return false;
      g_array_append_val (out_rewards, reward);
    }
  return true;
}

/* ---- writing ---- */

void
souk_eth_json_append_bytes (GString *out, SoukSlice bytes)
{
  g_autofree char *hex = souk_hex_encode (bytes);
  g_string_append_printf (out, "\"0x%s\"", hex);
}

void
souk_eth_json_append_u64 (GString *out, guint64 value)
{
  g_string_append_printf (out, "\"0x%" G_GINT64_MODIFIER "x\"", value);
}

static void
append_address (GString *out, const SoukAddress *address)
{
  souk_eth_json_append_bytes (out, souk_slice (address->bytes, SOUK_ADDRESS_SIZE));
}

void
souk_eth_json_append_message (GString *out, const SoukEthMessage *message)
{
  g_autofree char *value = souk_u256_to_hex (message->value);
  g_string_append_printf (out, "{\"value\":\"%s\",\"data\":", value);
  souk_eth_json_append_bytes (out, message->data);
  if (message->from != NULL)
    {
      g_string_append (out, ",\"from\":");
      append_address (out, message->from);
    }
  if (message->to != NULL)
    {
      g_string_append (out, ",\"to\":");
      append_address (out, message->to);
    }
  g_string_append_c (out, '}');
}

void
souk_eth_json_append_filter (GString *out, const SoukEthLogFilter *filter)
{
  g_string_append (out, "{\"address\":[");
  for (size_t i = 0; i < filter->n_addresses; i++)
    {
      g_string_append (out, i > 0 ? "," : "");
      append_address (out, &filter->addresses[i]);
    }
  g_string_append (out, "],\"topics\":[");
  for (size_t i = 0; i < filter->n_topics; i++)
    {
      g_string_append (out, i > 0 ? "," : "[");
      souk_eth_json_append_bytes (out, souk_slice (filter->topics[i], SOUK_HASH_SIZE));
    }
  g_string_append (out, filter->n_topics > 0 ? "]]" : "]");
  if (filter->block_hash != NULL)
    {
      g_string_append (out, ",\"blockHash\":");
      souk_eth_json_append_bytes (out, souk_slice (filter->block_hash, SOUK_HASH_SIZE));
    }
  else
    {
      g_string_append (out, ",\"fromBlock\":");
      souk_eth_json_append_u64 (out, filter->from_block);
      g_string_append (out, ",\"toBlock\":");
      souk_eth_json_append_u64 (out, filter->to_block);
    }
  g_string_append_c (out, '}');
}
