/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the window's tests share. See support.h.
 */
#include "support.h"

#include "ui/shortcuts-dialog.h"

#include <glib/gstdio.h>
#include <string.h>

static GtkApplication *application;

void
support_init (int *argc, char ***argv)
{
  gtk_test_init (argc, argv, NULL);
  adw_init ();
  souk_ui_init ();
  application = GTK_APPLICATION (g_object_new (
      ADW_TYPE_APPLICATION, "application-id", "io.github.soukmarket.SoukTest", "flags",
      G_APPLICATION_NON_UNIQUE, "resource-base-path", "/io/github/soukmarket/Souk", NULL));
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  souk_shortcuts_install (application);
}

/* ---- a node and a window ---- */

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_folder (child);
      else
        g_remove (child);
    }
  g_rmdir (path);
}

static void
open_desk (Desk *self, bool has_window, const char *const *bootstrap)
{
  const char *const listen[] = { "/ip4/127.0.0.1/tcp/0", NULL };
  g_autoptr (GError) error = NULL;
  *self = (Desk){ .folder = g_dir_make_tmp ("souk-window-XXXXXX", &error) };
  g_assert_no_error (error);
  SoukNodeConfig config = { .data_dir = self->folder, .listen = listen, .bootstrap = bootstrap };
  self->node = souk_node_start (&config, &error);
  g_assert_no_error (error);
  self->client = souk_client_new (self->node);
  if (!has_window)
    return;
  self->window = souk_window_new (application, NULL);
  souk_window_connect (self->window, self->client);
  gtk_window_present (GTK_WINDOW (self->window));
  gtk_test_widget_wait_for_draw (GTK_WIDGET (self->window));
}

void
desk_open (Desk *self, bool has_window)
{
  open_desk (self, has_window, NULL);
}

void
desk_open_near (Desk *self, const Desk *other)
{
  open_desk (self, true, souk_node_ready (other->node)->listen);
}

void
desk_close (Desk *self)
{
  gpointer window = self->window;
  gpointer client = self->client;
  if (window != NULL)
    {
      g_object_add_weak_pointer (window, &window);
      /* A window with an open dialog closes the dialog alone. */
      if (shown_dialog (self->window) != NULL)
        adw_dialog_force_close (shown_dialog (self->window));
      gtk_window_close (GTK_WINDOW (self->window));
      wait_until (window == NULL);
    }
  souk_client_close (self->client);
  g_object_add_weak_pointer (client, &client);
  g_object_unref (self->client);
  /* Answers that are on their way hold the client until they come. */
  wait_until (client == NULL);
  souk_node_stop (self->node);
  remove_folder (self->folder);
  g_free (self->folder);
}

/* ---- time ---- */

static gboolean
on_turn (gpointer user_data)
{
  *(bool *)user_data = true;
  return G_SOURCE_REMOVE;
}

void
support_turn (void)
{
  bool is_over = false;
  guint id = g_timeout_add (20, on_turn, &is_over);
  g_main_context_iteration (NULL, TRUE);
  if (!is_over)
    g_source_remove (id);
}

void
support_idle (guint ms)
{
  gint64 end = g_get_monotonic_time () + ms * G_TIME_SPAN_MILLISECOND;
  while (g_get_monotonic_time () < end)
    support_turn ();
}

/* ---- widgets ---- */

typedef bool (*Matches) (GtkWidget *widget, const char *what);

static GtkWidget *
find (GtkWidget *root, Matches matches, const char *what)
{
  if (matches (root, what))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, matches, what);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static bool
has_id (GtkWidget *widget, const char *id)
{
  return g_strcmp0 (gtk_buildable_get_buildable_id (GTK_BUILDABLE (widget)), id) == 0;
}

static bool
has_text (GtkWidget *widget, const char *text)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget)
         && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL;
}

GtkWidget *
find_by_id (GtkWidget *root, const char *id)
{
  return find (root, has_id, id);
}

GtkWidget *
find_label (GtkWidget *root, const char *text)
{
  return find (root, has_text, text);
}

AdwDialog *
shown_dialog (SoukWindow *window)
{
  return adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (window));
}

/* ---- the person ---- */

static void
on_keys_pressed (GPid pid, int status, gpointer user_data)
{
  *(bool *)user_data = true;
  g_assert_cmpint (status, ==, 0);
  g_spawn_close_pid (pid);
}

void
press_keys (const char *keys)
{
  const char *argv[] = { "xdotool", "key", "--clearmodifiers", keys, NULL };
  g_autoptr (GError) error = NULL;
  bool is_over = false;
  GPid pid = 0;
  g_spawn_async (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                 NULL, &pid, &error);
  g_assert_no_error (error);
  g_child_watch_add (pid, on_keys_pressed, &is_over);
  wait_until (is_over);
}

static void
on_published (JsonNode *reply, const SoukNodeProblem *problem, gpointer user_data)
{
  g_assert_null (problem);
  *(bool *)user_data = true;
}

void
publish (Desk *self, const char *title)
{
  bool is_done = false;
  JsonObject *args = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_object_set_string_member (args, "title", title);
  json_object_set_string_member (args, "content", "Say what matters, and stop.");
  json_object_set_string_member (args, "description", "For those who have no time.");
  json_object_set_string_member (args, "category", "writing");
  json_node_take_object (node, args);
  souk_node_submit (self->node, "prompt.upload", node, on_published, &is_done);
  wait_until (is_done);
}
