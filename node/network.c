/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Network files. See network.h.
 */
#include "network.h"

#include "souk-config.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#define CONFIRMATIONS_MAX 1000
#define POLL_MS_MIN 50
#define POLL_MS_MAX 60000

static bool
fail (GError **error, const char *path, const char *member, const char *need)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               "The network file %s needs \"%s\" to be %s", path, member, need);
  return false;
}

/* Returns: (nullable): the member when it is of the type. */
static JsonNode *
member_of (JsonObject *object, const char *name, GType type)
{
  JsonNode *node = json_object_get_member (object, name);
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type
             ? node
             : NULL;
}

static bool
read_address (JsonObject *object, const char *path, const char *name, SoukAddress *out,
              GError **error)
{
  JsonNode *node = member_of (object, name, G_TYPE_STRING);
  if (node == NULL || souk_address_parse (json_node_get_string (node), out) != SOUK_STATUS_OK
      || souk_address_is_zero (out))
    return fail (error, path, name, "a contract's address");
  return true;
}

static bool
read_number (JsonObject *object, const char *path, const char *name, gint64 min, gint64 max,
             gint64 *out, GError **error)
{
  JsonNode *node = member_of (object, name, G_TYPE_INT64);
  if (node == NULL || json_node_get_int (node) < min || json_node_get_int (node) > max)
    {
      g_autofree char *need
          = g_strdup_printf ("a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, min, max);
      return fail (error, path, name, need);
    }
  *out = json_node_get_int (node);
  return true;
}

/* Reads an array of strings; `least` is how many there must be. */
static bool
read_strings (JsonObject *object, const char *path, const char *name, guint least, GStrv *out,
              GError **error)
{
  JsonNode *node = json_object_get_member (object, name);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node)
      || json_array_get_length (json_node_get_array (node)) < least)
    return fail (error, path, name, "an array of strings");
  JsonArray *array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *item = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_VALUE (item) || json_node_get_value_type (item) != G_TYPE_STRING)
        return fail (error, path, name, "an array of strings");
      g_strv_builder_add (builder, json_node_get_string (item));
    }
  *out = g_strv_builder_end (builder);
  return true;
}

static bool
is_coin_name (const char *text)
{
  size_t len = strlen (text);
  for (size_t i = 0; i < len; i++)
    if (!g_ascii_isalpha (text[i]))
      return false;
  return len > 0 && len <= SOUK_COIN_NAME_MAX;
}

static bool
read_network (SoukNetwork *self, JsonObject *object, const char *path, GError **error)
{
  gint64 chain_id, confirmations, poll_ms;
  JsonNode *name = member_of (object, "name", G_TYPE_STRING);
  JsonNode *coin = member_of (object, "coin", G_TYPE_STRING);

  if (name == NULL)
    return fail (error, path, "name", "a string");
  if (coin == NULL || !is_coin_name (json_node_get_string (coin)))
    return fail (error, path, "coin", "one to eight letters, such as ETH");
  if (!read_number (object, path, "chain_id", 1, G_MAXINT64, &chain_id, error)
      || !read_number (object, path, "confirmations", 1, CONFIRMATIONS_MAX, &confirmations, error)
      || !read_number (object, path, "poll_ms", POLL_MS_MIN, POLL_MS_MAX, &poll_ms, error)
      || !read_strings (object, path, "rpc_urls", 1, &self->rpc_urls, error)
      || !read_strings (object, path, "bootstrap", 0, &self->bootstrap, error)
      || !read_address (object, path, "marketplace", &self->marketplace, error)
      || !read_address (object, path, "rental", &self->rental, error))
    return false;
  self->name = g_strdup (json_node_get_string (name));
  self->coin = g_strdup (json_node_get_string (coin));
  self->chain_id = (uint64_t)chain_id;
  self->confirmations = (unsigned)confirmations;
  self->poll_ms = (unsigned)poll_ms;
  return true;
}

SoukNetwork *
souk_network_load (const char *name_or_path, GError **error)
{
  g_autoptr (SoukNetwork) self = g_new0 (SoukNetwork, 1);
  g_autoptr (JsonParser) parser = json_parser_new ();
  bool is_path = strchr (name_or_path, '/') != NULL || g_str_has_suffix (name_or_path, ".json");
  g_autofree char *file = g_strconcat (name_or_path, ".json", NULL);
  g_autofree char *path
      = is_path ? g_strdup (name_or_path) : g_build_filename (SOUK_NETWORKS_DIR, file, NULL);

  if (!json_parser_load_from_file (parser, path, error))
    {
      g_prefix_error (error, "The network \"%s\" cannot be read: ", name_or_path);
      return NULL;
    }
  JsonNode *root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "The network file %s is no JSON object", path);
      return NULL;
    }
  if (!read_network (self, json_node_get_object (root), path, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
souk_network_free (SoukNetwork *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->coin);
  g_strfreev (self->rpc_urls);
  g_strfreev (self->bootstrap);
  g_free (self);
}
