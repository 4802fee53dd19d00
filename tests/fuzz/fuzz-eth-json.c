/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answers of an Ethereum node: any JSON, read as each of the forms; and rows of the outbox.
 */
#include "eth/json.h"
#include "eth/outbox-entry.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
read_all (JsonNode *node)
{
  g_autoptr (GPtrArray) logs = souk_eth_json_logs (node);
  g_autoptr (GBytes) bytes = souk_eth_json_bytes (node);
  g_autoptr (GArray) rewards = g_array_new (FALSE, FALSE, sizeof (SoukU256));
  SoukChainHeader header;
  SoukEthReceipt receipt;
  SoukU256 number;

  souk_eth_json_u256 (node, &number);
  souk_eth_json_header (node, &header);
  souk_eth_json_receipt (node, &receipt);
  souk_eth_json_fee_history (node, &number, rewards);
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      g_autoptr (GError) error = souk_eth_error_from_json (json_node_get_object (node));
      g_assert (error != NULL);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  const SoukAddress nobody = { { 0 } };
  g_autoptr (SoukOutboxEntry) entry
      = souk_outbox_entry_from_bytes (souk_slice (data, size), &nobody, 1);

  if (json_parser_load_from_data (parser, (const char *)data, (gssize)size, NULL)
      && json_parser_get_root (parser) != NULL)
    read_all (json_parser_get_root (parser));
  return 0;
}
