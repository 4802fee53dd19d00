/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `souk node`. See headless.h.
 */
#include "headless.h"

#include "cli.h"
#include "node.h"
#include "options.h"

#include <glib-unix.h>
#include <stdio.h>

static gboolean
on_signal (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static void
print_ready (const SoukNodeReady *ready)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *listen = json_array_new ();

  for (const char *const *at = ready->listen; *at != NULL; at++)
    json_array_add_string_element (listen, *at);
  json_object_set_string_member (object, "event", "ready");
  json_object_set_string_member (object, "peer_id", ready->peer_id);
  json_object_set_array_member (object, "listen", listen);
  json_object_set_string_member (object, "api", ready->api);
  json_object_set_string_member (object, "socket", ready->socket);
  json_object_set_int_member (object, "ready_ms", ready->ready_ms);
  json_node_take_object (node, object);
  g_autofree char *text = json_to_string (node, FALSE);
  puts (text);
  fflush (stdout);
}

int
souk_headless_run (int argc, char **argv)
{
  g_auto (SoukOptions) options = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  if (!souk_options_parse (&options, &argc, &argv, &error))
    {
      g_printerr ("souk: %s\n", error->message);
      return SOUK_EXIT_USAGE;
    }
  SoukNodeConfig config = souk_options_to_config (&options);
  SoukNode *node = souk_node_start (&config, &error);
  if (node == NULL)
    {
      g_printerr ("souk: %s\n", error->message);
      return SOUK_EXIT_FAILED;
    }
  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_unix_signal_add (SIGINT, on_signal, loop);
  print_ready (souk_node_ready (node));
  g_main_loop_run (loop);
  souk_node_stop (node);
  return SOUK_EXIT_OK;
}
