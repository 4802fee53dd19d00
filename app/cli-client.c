/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HTTP over a Unix socket with libcurl. See cli-client.h.
 */
#include "cli-client.h"

#include <curl/curl.h>
#include <string.h>

struct SoukCliClient {
  CURL *curl;
  char *path;
};

SoukCliClient *
souk_cli_client_new (const char *data_dir)
{
  SoukCliClient *self = g_new0 (SoukCliClient, 1);
  self->path = g_build_filename (data_dir, "api.sock", NULL);
  self->curl = curl_easy_init ();
  return self;
}

void
souk_cli_client_free (SoukCliClient *self)
{
  if (self == NULL)
    return;
  curl_easy_cleanup (self->curl);
  g_free (self->path);
  g_free (self);
}

const char *
souk_cli_client_path (const SoukCliClient *self)
{
  return self->path;
}

void
souk_cli_answer_free (SoukCliAnswer *answer)
{
  if (answer == NULL)
    return;
  g_clear_pointer (&answer->json, json_node_unref);
  g_clear_pointer (&answer->bytes, g_bytes_unref);
  g_free (answer);
}

static size_t
on_data (char *data, size_t size, size_t count, void *user_data)
{
  g_byte_array_append (user_data, (const guint8 *)data, (guint)(size * count));
  return size * count;
}

/* Moves the arguments that the path names from `args` into the path. */
static char *
build_path (const SoukCommand *command, JsonObject *args)
{
  GString *path = g_string_new (NULL);
  for (const char *at = command->path; *at != '\0'; at++)
    {
      const char *end = *at == '{' ? strchr (at, '}') : NULL;
      if (end == NULL)
        {
          g_string_append_c (path, *at);
          continue;
        }
      g_autofree char *name = g_strndup (at + 1, (gsize)(end - at - 1));
      const char *value = json_object_get_string_member_with_default (args, name, "");
      g_string_append_uri_escaped (path, value, NULL, FALSE);
      json_object_remove_member (args, name);
      at = end;
    }
  return g_string_free_and_steal (path);
}

static void
append_query_value (GString *query, const char *name, JsonNode *value)
{
  g_autofree char *text
      = JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING
            ? g_strdup (json_node_get_string (value))
            : json_to_string (value, FALSE);
  g_string_append_printf (query, "%c%s=", query->len == 0 ? '?' : '&', name);
  g_string_append_uri_escaped (query, text, NULL, FALSE);
}

static char *
build_query (JsonObject *args)
{
  GString *query = g_string_new (NULL);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, args);
  while (json_object_iter_next (&iter, &name, &node))
    {
      if (!JSON_NODE_HOLDS_ARRAY (node))
        {
          append_query_value (query, name, node);
          continue;
        }
      JsonArray *array = json_node_get_array (node);
      for (guint i = 0; i < json_array_get_length (array); i++)
        append_query_value (query, name, json_array_get_element (array, i));
    }
  return g_string_free_and_steal (query);
}

static JsonObject *
copy_object (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node))
    json_object_set_member (copy, name, json_node_copy (node));
  return copy;
}

/* Sends it and reads the answer. */
static SoukCliAnswer *
perform (SoukCliClient *self)
{
  SoukCliAnswer *answer = g_new0 (SoukCliAnswer, 1);
  g_autoptr (GByteArray) data = g_byte_array_new ();
  const char *type = NULL;

  curl_easy_setopt (self->curl, CURLOPT_WRITEFUNCTION, on_data);
  curl_easy_setopt (self->curl, CURLOPT_WRITEDATA, data);
  if (curl_easy_perform (self->curl) == CURLE_OK)
    {
      curl_easy_getinfo (self->curl, CURLINFO_RESPONSE_CODE, &answer->status);
      curl_easy_getinfo (self->curl, CURLINFO_CONTENT_TYPE, &type);
    }
  answer->bytes = g_byte_array_free_to_bytes (g_steal_pointer (&data));
  if (type != NULL && strstr (type, "json") != NULL)
    {
      g_autofree char *text
          = g_strndup (g_bytes_get_data (answer->bytes, NULL), g_bytes_get_size (answer->bytes));
      answer->json = json_from_string (text, NULL);
    }
  return answer;
}

SoukCliAnswer *
souk_cli_client_call (SoukCliClient *self, const SoukCommand *command, JsonObject *args,
                      GBytes *body)
{
  g_autoptr (JsonObject) rest = copy_object (args);
  g_autofree char *path = build_path (command, rest);
  bool is_bytes = command->body == SOUK_BODY_BYTES;
  bool has_json
      = !is_bytes
        && (strcmp (command->method, "POST") == 0 || strcmp (command->method, "PUT") == 0);
  g_autofree char *query = has_json ? g_strdup ("") : build_query (rest);
  g_autofree char *url = g_strconcat ("http://localhost", path, query, NULL);
  struct curl_slist *headers = NULL;
  g_autofree char *text = NULL;

  curl_easy_reset (self->curl);
  curl_easy_setopt (self->curl, CURLOPT_UNIX_SOCKET_PATH, self->path);
  curl_easy_setopt (self->curl, CURLOPT_URL, url);
  curl_easy_setopt (self->curl, CURLOPT_CUSTOMREQUEST, command->method);
  curl_easy_setopt (self->curl, CURLOPT_PROXY, "");
  if (has_json)
    {
      g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
      json_node_set_object (node, rest);
      text = json_to_string (node, FALSE);
      headers = curl_slist_append (headers, "Content-Type: application/json");
      curl_easy_setopt (self->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen (text));
      curl_easy_setopt (self->curl, CURLOPT_POSTFIELDS, text);
    }
  else if (is_bytes)
    {
      headers = curl_slist_append (headers, "Content-Type: application/octet-stream");
      curl_easy_setopt (self->curl, CURLOPT_POSTFIELDSIZE_LARGE,
                        (curl_off_t)g_bytes_get_size (body));
      curl_easy_setopt (self->curl, CURLOPT_POSTFIELDS, g_bytes_get_data (body, NULL));
    }
  curl_easy_setopt (self->curl, CURLOPT_HTTPHEADER, headers);
  SoukCliAnswer *answer = perform (self);
  curl_slist_free_all (headers);
  return answer;
}
