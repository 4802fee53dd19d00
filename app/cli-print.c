/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answers for a person. See cli-print.h.
 */
#include "cli-print.h"

#include <string.h>

/* A table's cell; longer values are cut, `show` has them whole. */
#define CELL_CHARS_MAX 28
#define COLUMNS_MAX 7

/* The columns of each list, in order. */
static const struct {
  const char *shape;
  const char *columns[COLUMNS_MAX + 1];
} tables[] = {
  { "Listing", { "id", "price", "category", "title", NULL } },
  { "Order", { "id", "role", "phase", "price", "title", NULL } },
  { "Job", { "id", "role", "phase", "price", "title", NULL } },
  { "Peer", { "peer_id", "direction", "rtt_us", "agent", NULL } },
  { "Transaction", { "state", "purpose", "value_wei", "gas_wei", "hash", NULL } },
};

/* Returns: (transfer full): a value as text on one line. */
static char *
value_text (JsonNode *node)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  return json_to_string (node, FALSE);
}

static void
print_object (JsonObject *object, int indent)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_print ("%*s%s:", indent, "", name);
      if (JSON_NODE_HOLDS_OBJECT (node))
        {
          g_print ("\n");
          print_object (json_node_get_object (node), indent + 2);
          continue;
        }
      JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
      if (array == NULL || json_array_get_length (array) == 0
          || !JSON_NODE_HOLDS_OBJECT (json_array_get_element (array, 0)))
        {
          g_autofree char *text = value_text (node);
          g_print (" %s\n", text);
          continue;
        }
      g_print ("\n");
      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          g_print ("%*s-\n", indent + 2, "");
          print_object (json_array_get_object_element (array, i), indent + 4);
        }
    }
}

/* The text of one cell, cut to its width. */
static char *
cell_text (JsonObject *row, const char *column)
{
  JsonNode *node = json_object_get_member (row, column);
  g_autofree char *text = node != NULL ? value_text (node) : g_strdup ("");
  bool is_id = strcmp (column, "id") == 0 || strcmp (column, "hash") == 0
               || strcmp (column, "peer_id") == 0;
  /* An id is there to be copied, so it is never cut. */
  if (is_id || g_utf8_strlen (text, -1) <= CELL_CHARS_MAX)
    return g_steal_pointer (&text);
  g_autofree char *cut = g_utf8_substring (text, 0, CELL_CHARS_MAX - 1);
  return g_strconcat (cut, "…", NULL);
}

static void
print_table (JsonArray *items, const char *const *columns)
{
  glong widths[COLUMNS_MAX] = { 0 };
  for (guint c = 0; columns[c] != NULL; c++)
    widths[c] = (glong)strlen (columns[c]);
  for (guint r = 0; r < json_array_get_length (items); r++)
    for (guint c = 0; columns[c] != NULL; c++)
      {
        g_autofree char *text = cell_text (json_array_get_object_element (items, r), columns[c]);
        widths[c] = MAX (widths[c], g_utf8_strlen (text, -1));
      }
  for (int r = -1; r < (int)json_array_get_length (items); r++)
    {
      for (guint c = 0; columns[c] != NULL; c++)
        {
          g_autofree char *text
              = r < 0 ? g_ascii_strup (columns[c], -1)
                      : cell_text (json_array_get_object_element (items, (guint)r), columns[c]);
          int pad = columns[c + 1] != NULL ? (int)(widths[c] - g_utf8_strlen (text, -1) + 2) : 0;
          g_print ("%s%*s", text, pad, "");
        }
      g_print ("\n");
    }
}

void
souk_cli_print_problem (const SoukCliAnswer *answer)
{
  const char *detail = "The node gave no reason.";
  if (answer->json != NULL && JSON_NODE_HOLDS_OBJECT (answer->json))
    detail = json_object_get_string_member_with_default (json_node_get_object (answer->json),
                                                         "detail", detail);
  g_printerr ("souk: %s\n", detail);
}

void
souk_cli_print_json (JsonNode *json)
{
  g_autofree char *text = json_to_string (json, TRUE);
  g_print ("%s\n", text);
}

void
souk_cli_print_log_record (JsonObject *record, bool is_json)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, record);
  if (is_json)
    {
      g_autofree char *text = json_to_string (node, FALSE);
      g_print ("%s\n", text);
      return;
    }
  JsonNode *fields = json_object_get_member (record, "fields");
  g_autofree char *rest = fields != NULL ? json_to_string (fields, FALSE) : g_strdup ("");
  g_print ("%s %-7s %-24s %s %s\n", json_object_get_string_member_with_default (record, "time", ""),
           json_object_get_string_member_with_default (record, "level", ""),
           json_object_get_string_member_with_default (record, "event", ""),
           json_object_get_string_member_with_default (record, "message", ""), rest);
}

/* What is a text comes out as it is, so that it can be piped on. */
static bool
print_text (const char *shape, JsonObject *object)
{
  if (strcmp (shape, "Content") == 0)
    g_print ("%s\n", json_object_get_string_member (object, "text"));
  else if (strcmp (shape, "JobResult") == 0)
    {
      g_print ("%s", json_object_get_string_member (object, "stdout"));
      g_printerr ("%s", json_object_get_string_member (object, "stderr"));
    }
  else
    return false;
  return true;
}

void
souk_cli_print_reply (const SoukCommand *command, JsonNode *json)
{
  JsonObject *object = json_node_get_object (json);
  if (print_text (command->reply->name, object))
    return;
  if (command->reply_kind != SOUK_REPLY_LIST)
    {
      print_object (object, 0);
      return;
    }
  JsonArray *items = json_object_get_array_member (object, "items");
  for (size_t i = 0; i < G_N_ELEMENTS (tables); i++)
    if (strcmp (tables[i].shape, command->reply->name) == 0)
      print_table (items, tables[i].columns);
  if (strcmp (command->reply->name, "LogRecord") == 0)
    for (guint i = 0; i < json_array_get_length (items); i++)
      souk_cli_print_log_record (json_array_get_object_element (items, i), false);
}
