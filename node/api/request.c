/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Requests to rows and arguments. See request.h.
 */
#include "api/request.h"

#include <string.h>

/* Deeper JSON than any argument has; a bomb of brackets stops here. */
#define BODY_DEPTH_MAX 16

/* Matches a path against "/a/{b}/c". Returns: (transfer full) (nullable): the {arguments};
 * *out_literals counts the words that are the same. */
static JsonObject *
match_path (const char *pattern, const char *path, guint *out_literals)
{
  g_auto (GStrv) want = g_strsplit (pattern, "/", -1);
  g_auto (GStrv) have = g_strsplit (path, "/", -1);
  g_autoptr (JsonObject) args = json_object_new ();
  *out_literals = 0;

  if (g_strv_length (want) != g_strv_length (have))
    return NULL;
  for (guint i = 0; want[i] != NULL; i++)
    {
      size_t len = strlen (want[i]);
      if (len > 2 && want[i][0] == '{')
        {
          g_autofree char *name = g_strndup (want[i] + 1, len - 2);
          g_autofree char *value = g_uri_unescape_string (have[i], NULL);
          if (value == NULL || *value == '\0' || !g_utf8_validate (value, -1, NULL))
            return NULL;
          json_object_set_string_member (args, name, value);
        }
      else if (strcmp (want[i], have[i]) == 0)
        *out_literals += 1;
      else
        return NULL;
    }
  return g_steal_pointer (&args);
}

const SoukCommand *
souk_request_match (const char *method, const char *path, JsonObject **out_args,
                    bool *out_other_method)
{
  size_t count;
  const SoukCommand *commands = souk_commands (&count);
  const SoukCommand *best = NULL;
  guint best_literals = 0;
  g_autoptr (JsonObject) best_args = NULL;

  *out_other_method = false;
  for (size_t i = 0; i < count; i++)
    {
      guint literals;
      g_autoptr (JsonObject) args = match_path (commands[i].path, path, &literals);
      if (args == NULL)
        continue;
      if (strcmp (commands[i].method, method) != 0)
        {
          *out_other_method = true;
          continue;
        }
      if (best != NULL && literals <= best_literals)
        continue;
      best = &commands[i];
      best_literals = literals;
      g_clear_pointer (&best_args, json_object_unref);
      best_args = g_steal_pointer (&args);
    }
  if (best != NULL)
    *out_args = g_steal_pointer (&best_args);
  return best;
}

/* Sets one argument from text. False when the text is no value of the type. */
static bool
set_from_text (JsonObject *args, const SoukField *arg, const char *text)
{
  gint64 number;
  switch (arg->type)
    {
    case SOUK_TYPE_STRING:
    case SOUK_TYPE_COINS:
    case SOUK_TYPE_WEI:
    case SOUK_TYPE_TIME:
      json_object_set_string_member (args, arg->name, text);
      return true;
    case SOUK_TYPE_INTEGER:
      if (!g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &number, NULL))
        return false;
      json_object_set_int_member (args, arg->name, number);
      return true;
    case SOUK_TYPE_BOOLEAN:
      if (strcmp (text, "true") != 0 && strcmp (text, "false") != 0)
        return false;
      json_object_set_boolean_member (args, arg->name, text[0] == 't');
      return true;
    case SOUK_TYPE_STRINGS:
      if (!json_object_has_member (args, arg->name))
        json_object_set_array_member (args, arg->name, json_array_new ());
      json_array_add_string_element (json_object_get_array_member (args, arg->name), text);
      return true;
    case SOUK_TYPE_NUMBER:
    case SOUK_TYPE_OBJECT:
    case SOUK_TYPE_ARRAY:
      return false;
    }
  return false;
}

SoukProblem *
souk_request_add_query (const SoukCommand *command, const char *query, JsonObject *args)
{
  GUriParamsIter iter;
  char *name, *value;
  g_autoptr (GError) error = NULL;

  if (query == NULL)
    return NULL;
  g_uri_params_iter_init (&iter, query, -1, "&", G_URI_PARAMS_WWW_FORM);
  while (g_uri_params_iter_next (&iter, &name, &value, &error))
    {
      g_autofree char *owned_name = name;
      g_autofree char *owned_value = value;
      const SoukField *arg = souk_command_arg (command, name);
      if (arg == NULL)
        return souk_problem_new (400, "unknown-argument",
                                 "%s has no argument \"%s\"; see /openapi.json for those it has.",
                                 command->name, name);
      if (!g_utf8_validate (value, -1, NULL) || !set_from_text (args, arg, value))
        return souk_problem_new (400, "wrong-type", "\"%s\" is no value for the argument \"%s\".",
                                 value, name);
    }
  if (error != NULL)
    return souk_problem_new (400, "bad-query", "The query cannot be read: %s", error->message);
  return NULL;
}

/* True when the brackets of a JSON text nest deeper than any argument does. */
static bool
is_too_deep (const char *text, size_t len)
{
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < len; i++)
    {
      char c = text[i];
      if (in_string)
        {
          if (c == '\\')
            i++;
          else if (c == '"')
            in_string = false;
        }
      else if (c == '"')
        in_string = true;
      else if ((c == '[' || c == '{') && ++depth > BODY_DEPTH_MAX)
        return true;
      else if (c == ']' || c == '}')
        depth--;
    }
  return false;
}

SoukProblem *
souk_request_add_body (const SoukCommand *command, GBytes *body, JsonObject *args)
{
  gsize len;
  const char *text = g_bytes_get_data (body, &len);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) error = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (len == 0)
    return NULL;
  if (is_too_deep (text, len))
    return souk_problem_new (400, "bad-json", "The JSON is nested deeper than any argument.");
  if (!json_parser_load_from_data (parser, text, (gssize)len, &error))
    return souk_problem_new (400, "bad-json", "The body is no JSON: %s", error->message);
  JsonNode *root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return souk_problem_new (400, "bad-json", "The body must be a JSON object with the arguments.");

  json_object_iter_init (&iter, json_node_get_object (root));
  while (json_object_iter_next (&iter, &name, &node))
    {
      if (json_object_has_member (args, name))
        return souk_problem_new (400, "twice", "The argument \"%s\" is in the path already.", name);
      json_object_set_member (args, name, json_node_copy (node));
    }
  return NULL;
}
