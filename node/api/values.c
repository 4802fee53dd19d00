/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values for JSON. See values.h.
 */
#include "api/values.h"

#include "log/entry.h"

void
souk_json_set_time (JsonObject *object, const char *name, SoukWall time)
{
  char text[SOUK_TIME_TEXT_SIZE];
  souk_time_format (time, text);
  json_object_set_string_member (object, name, text);
}

void
souk_json_set_wei (JsonObject *object, const char *name, SoukWei amount)
{
  g_autofree char *text = souk_wei_to_string (amount);
  json_object_set_string_member (object, name, text);
}

void
souk_json_set_coins (JsonObject *object, const char *name, SoukWei amount)
{
  g_autofree char *text = souk_wei_to_coins (amount, SOUK_COIN_DECIMALS);
  json_object_set_string_member (object, name, text);
}

void
souk_json_set_peer (JsonObject *object, const char *name, const SoukPeerId *peer)
{
  g_autofree char *text = souk_peer_id_to_string (peer);
  json_object_set_string_member (object, name, text);
}

void
souk_json_set_cid (JsonObject *object, const char *name, const SoukCid *cid)
{
  g_autofree char *text = souk_cid_to_string (cid);
  json_object_set_string_member (object, name, text);
}

void
souk_json_set_address (JsonObject *object, const char *name, const SoukAddress *address)
{
  char text[SOUK_ADDRESS_TEXT_SIZE];
  souk_address_format (address, text);
  json_object_set_string_member (object, name, text);
}

void
souk_json_set_hash (JsonObject *object, const char *name, const uint8_t hash[32])
{
  g_autofree char *digits = souk_hex_encode (souk_slice (hash, 32));
  g_autofree char *text = g_strconcat ("0x", digits, NULL);
  json_object_set_string_member (object, name, text);
}

void
souk_json_set_strings (JsonObject *object, const char *name, const char *const *strings)
{
  JsonArray *array = json_array_new ();
  for (; strings != NULL && *strings != NULL; strings++)
    json_array_add_string_element (array, *strings);
  json_object_set_array_member (object, name, array);
}

JsonNode *
souk_json_object_node (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  return node;
}
