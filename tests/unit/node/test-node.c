/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A whole node as the window sees it: start, commands, events, stop.
 */
#include "node.h"

#include <glib/gstdio.h>
#include <string.h>

static const char *const loopback[] = { "/ip4/127.0.0.1/tcp/0", NULL };

typedef struct {
  char *dir;
  SoukNodeConfig config;
  SoukNode *node;
  GMainLoop *loop;
  JsonNode *reply;
  char *problem;
  guint events;
  guint wanted_events;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  fixture->dir = g_dir_make_tmp ("souk-node-XXXXXX", NULL);
  fixture->config = (SoukNodeConfig){ .data_dir = fixture->dir, .listen = loopback };
  fixture->loop = g_main_loop_new (NULL, FALSE);
  fixture->node = souk_node_start (&fixture->config, &error);
  g_assert_no_error (error);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
  g_remove (path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  souk_node_stop (fixture->node);
  remove_tree (fixture->dir);
  g_clear_pointer (&fixture->reply, json_node_unref);
  g_free (fixture->problem);
  g_free (fixture->dir);
  g_main_loop_unref (fixture->loop);
}

static void
on_reply (JsonNode *reply, const SoukNodeProblem *problem, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_assert_true ((reply == NULL) != (problem == NULL));
  g_clear_pointer (&fixture->reply, json_node_unref);
  g_clear_pointer (&fixture->problem, g_free);
  fixture->reply = reply != NULL ? json_node_ref (reply) : NULL;
  fixture->problem = problem != NULL ? g_strdup (problem->code) : NULL;
  g_main_loop_quit (fixture->loop);
}

/* Runs a command to its answer. Returns: (nullable): its reply. */
static JsonObject *
run (Fixture *fixture, const char *command, const char *args)
{
  souk_node_submit (fixture->node, command, args != NULL ? json_from_string (args, NULL) : NULL,
                    on_reply, fixture);
  g_main_loop_run (fixture->loop);
  return fixture->reply != NULL ? json_node_get_object (fixture->reply) : NULL;
}

static void
test_ready (Fixture *fixture, gconstpointer data)
{
  const SoukNodeReady *ready = souk_node_ready (fixture->node);
  g_assert_true (g_str_has_prefix (ready->peer_id, "12D3KooW"));
  g_assert_true (g_str_has_prefix (ready->api, "http://127.0.0.1:"));
  g_assert_nonnull (ready->listen[0]);
  g_assert_nonnull (strstr (ready->listen[0], ready->peer_id));
  g_assert_true (g_file_test (ready->socket, G_FILE_TEST_EXISTS));
}

static void
test_commands (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (json_object_get_int_member (run (fixture, "prompt.list", NULL), "total"), ==, 0);
  g_assert_null (run (fixture, "no.such", NULL));
  g_assert_cmpstr (fixture->problem, ==, "no-such-command");
  g_assert_null (run (fixture, "prompt.show", "{\"id\": \"nonsense\"}"));
  g_assert_cmpstr (fixture->problem, ==, "no-such-listing");
}

static void
on_events (JsonArray *events, gpointer user_data)
{
  Fixture *fixture = user_data;
  for (guint i = 0; i < json_array_get_length (events); i++)
    {
      JsonObject *event = json_array_get_object_element (events, i);
      if (strcmp (json_object_get_string_member (event, "event"), "listing.added") == 0)
        fixture->events++;
    }
  if (fixture->events == fixture->wanted_events)
    g_main_loop_quit (fixture->loop);
}

static void
test_events (Fixture *fixture, gconstpointer data)
{
  guint id = souk_node_subscribe (fixture->node, on_events, fixture);
  fixture->wanted_events = 3;
  for (guint i = 0; i < 3; i++)
    g_assert_nonnull (run (fixture, "prompt.upload", "{\"title\": \"t\", \"content\": \"c\"}"));
  if (fixture->events < 3)
    g_main_loop_run (fixture->loop);
  g_assert_cmpuint (fixture->events, ==, 3);
  souk_node_unsubscribe (fixture->node, id);
  g_assert_nonnull (run (fixture, "prompt.upload", "{\"title\": \"t\", \"content\": \"c\"}"));
  g_usleep (50 * 1000);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (fixture->events, ==, 3);
}

static void
test_second (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (souk_node_start (&fixture->config, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (run (fixture, "node.status", NULL));
}

static void
test_restart (Fixture *fixture, gconstpointer data)
{
  g_autofree char *peer_id = g_strdup (souk_node_ready (fixture->node)->peer_id);
  g_assert_nonnull (run (fixture, "prompt.upload", "{\"title\": \"t\", \"content\": \"c\"}"));
  souk_node_stop (fixture->node);
  fixture->node = souk_node_start (&fixture->config, NULL);
  g_assert_nonnull (fixture->node);
  g_assert_cmpstr (souk_node_ready (fixture->node)->peer_id, ==, peer_id);
  g_assert_cmpint (json_object_get_int_member (run (fixture, "prompt.list", NULL), "total"), ==, 1);
}

static void
test_bad_configuration (void)
{
  static const char *const nowhere[] = { "nonsense", NULL };
  g_autofree char *dir = g_dir_make_tmp ("souk-node-XXXXXX", NULL);
  const SoukNodeConfig bad[] = {
    { .data_dir = dir, .listen = nowhere },
    { .data_dir = dir, .listen = loopback, .bootstrap = nowhere },
    { .data_dir = dir, .listen = loopback, .api = "127.0.0.1" },
    { .data_dir = dir, .listen = loopback, .api = "192.0.2.1:80" },
    { .data_dir = dir, .listen = loopback, .network = "/nonexistent.json" },
    { .data_dir = "/proc/nonexistent", .listen = loopback },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (souk_node_start (&bad[i], &error));
      g_assert_nonnull (error);
      g_assert_cmpuint (strlen (error->message), >, 10);
    }
  remove_tree (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/node/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("says-where-it-listens", test_ready);
  ADD ("answers-commands-of-other-threads", test_commands);
  ADD ("tells-subscribers-until-they-leave", test_events);
  ADD ("is-alone-in-its-folder", test_second);
  ADD ("keeps-its-identity-and-listings-over-a-restart", test_restart);
  g_test_add_func ("/node/what-cannot-start-says-why", test_bad_configuration);
  return g_test_run ();
}
