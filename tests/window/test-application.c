/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The application as a whole: from the start to the end, with the node that it runs.
 */
#include "support.h"

#include "application.h"
#include "ui/model/item-list.h"

#include <stdio.h>
#include <string.h>

typedef void (*Script) (SoukApplication *application);

typedef struct {
  SoukApplication *application;
  Script script;
} Run;

static gboolean
on_begin (gpointer user_data)
{
  Run *run = user_data;
  run->script (run->application);
  g_action_group_activate_action (G_ACTION_GROUP (run->application), "quit", NULL);
  return G_SOURCE_REMOVE;
}

/* Peers that the next application begins with; NULL: none. */
static const char *const *bootstrap;

/* Runs an application on a folder until its script is over. Returns: (transfer full): what is left
 * of it. */
static SoukApplication *
run_application (const char *folder, Script script)
{
  SoukOptions options = { .data_dir = g_strdup (folder), .no_mdns = TRUE };
  options.bootstrap = g_strdupv ((char **)bootstrap);
  char *argv[] = { (char *)"souk", NULL };
  SoukApplication *application = souk_application_new (&options);
  Run run = { application, script };
  g_timeout_add (1, on_begin, &run);
  g_assert_cmpint (g_application_run (G_APPLICATION (application), 1, argv), ==, 0);
  return application;
}

/* The same, and nothing is left. */
static void
play (const char *folder, Script script)
{
  SoukApplication *application = run_application (folder, script);
  gpointer gone = application;
  g_object_add_weak_pointer (G_OBJECT (application), &gone);
  g_object_unref (application);
  g_assert_null (gone);
}

static void
remove_all (const char *folder)
{
  const char *argv[] = { "rm", "-rf", folder, NULL };
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

static long
resident_mb (void)
{
  long pages = 0;
  FILE *file = fopen ("/proc/self/statm", "re");
  if (file == NULL || fscanf (file, "%*s %ld", &pages) != 1)
    pages = 0;
  if (file != NULL)
    fclose (file);
  return pages * 4 / 1024;
}

/* ---- a start ---- */

static gint64 began_us;

static void
script_start (SoukApplication *application)
{
  wait_until (souk_application_window (application) != NULL);
  GtkWidget *window = GTK_WIDGET (souk_application_window (application));
  gtk_test_widget_wait_for_draw (window);
  g_test_message ("first frame after %d ms", (int)((g_get_monotonic_time () - began_us) / 1000));
  wait_until (souk_application_client (application) != NULL);
  g_test_message ("node ready after %d ms", (int)((g_get_monotonic_time () - began_us) / 1000));
  wait_until (find_label (window, "The Market Is Quiet") != NULL);
  support_idle (500);
  g_test_message ("resident memory %ld MB", resident_mb ());
}

static void
test_start (void)
{
  g_autofree char *folder = g_dir_make_tmp ("souk-application-XXXXXX", NULL);
  began_us = g_get_monotonic_time ();
  play (folder, script_start);
  /* The folder is free again: the node has ended with its window. */
  g_autoptr (GError) error = NULL;
  SoukNodeConfig config = { .data_dir = folder };
  SoukNode *node = souk_node_start (&config, &error);
  g_assert_no_error (error);
  souk_node_stop (node);
  remove_all (folder);
}

/* ---- a folder that is in use ---- */

static SoukNode *other;

static void
script_in_use (SoukApplication *application)
{
  wait_until (souk_application_window (application) != NULL);
  GtkWidget *window = GTK_WIDGET (souk_application_window (application));
  wait_until (find_label (window, "The Node Did Not Start") != NULL);
  g_assert_null (souk_application_client (application));
  g_clear_pointer (&other, souk_node_stop);
  g_action_group_activate_action (G_ACTION_GROUP (application), "start-node", NULL);
  wait_until (souk_application_client (application) != NULL);
  wait_until (find_label (window, "The Market Is Quiet") != NULL);
}

static void
test_in_use (void)
{
  g_autofree char *folder = g_dir_make_tmp ("souk-application-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;
  SoukNodeConfig config = { .data_dir = folder };
  other = souk_node_start (&config, &error);
  g_assert_no_error (error);
  play (folder, script_in_use);
  remove_all (folder);
}

/* ---- an end before the node is ready ---- */

static void
script_quit_at_once (SoukApplication *application)
{
}

static void
test_quit_at_once (void)
{
  g_autofree char *folder = g_dir_make_tmp ("souk-application-XXXXXX", NULL);
  play (folder, script_quit_at_once);
  remove_all (folder);
}

/* ---- notifications ---- */

/* A desktop's notification service, as far as one message goes. */
static const char service_xml[]
    = "<node><interface name='org.freedesktop.Notifications'>"
      "<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/>"
      "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
      "<arg type='as' direction='in'/><arg type='a{sv}' direction='in'/>"
      "<arg type='i' direction='in'/><arg type='u' direction='out'/></method>"
      "<method name='CloseNotification'><arg type='u' direction='in'/></method>"
      "</interface></node>";

typedef struct {
  GDBusConnection *bus; /* its own, as of another program */
  guint object_id;
  guint name_id;
  bool is_there; /* the bus knows its name */
  bool is_late;  /* keeps what it is asked until answer_late () */
  GDBusMethodInvocation *kept;
  char *heading; /* of the last notification; NULL: none */
  guint32 closed;
} Service;

/* The number that the service gives to a notification. */
#define NOTIFICATION 7

static void
on_method (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *method, GVariant *parameters, GDBusMethodInvocation *invocation,
           gpointer user_data)
{
  Service *self = user_data;
  if (strcmp (method, "CloseNotification") == 0)
    {
      g_variant_get (parameters, "(u)", &self->closed);
      g_dbus_method_invocation_return_value (invocation, NULL);
      return;
    }
  g_autoptr (GVariant) summary = g_variant_get_child_value (parameters, 3);
  g_free (self->heading);
  self->heading = g_variant_dup_string (summary, NULL);
  g_assert_null (self->kept);
  if (self->is_late)
    self->kept = invocation;
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", NOTIFICATION));
}

static void
answer_late (Service *self)
{
  g_dbus_method_invocation_return_value (g_steal_pointer (&self->kept),
                                         g_variant_new ("(u)", NOTIFICATION));
}

static void
on_name (GDBusConnection *connection, const char *name, gpointer user_data)
{
  ((Service *)user_data)->is_there = true;
}

static void
service_open (Service *self, bool is_late)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_method };
  g_autoptr (GError) error = NULL;
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (service_xml, &error);
  g_assert_no_error (error);
  *self = (Service){ .is_late = is_late };
  self->bus = g_dbus_connection_new_for_address_sync (
      address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);
  g_assert_no_error (error);
  self->object_id
      = g_dbus_connection_register_object (self->bus, "/org/freedesktop/Notifications",
                                           info->interfaces[0], &vtable, self, NULL, &error);
  g_assert_no_error (error);
  self->name_id
      = g_bus_own_name_on_connection (self->bus, "org.freedesktop.Notifications",
                                      G_BUS_NAME_OWNER_FLAGS_NONE, on_name, NULL, self, NULL);
  wait_until (self->is_there);
}

static void
on_pong (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) pong
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_assert_no_error (error);
  *(bool *)user_data = true;
}

/* Asks over the application's connection: all that `name` has sent before is then worked off. */
static void
round_trip (const char *name)
{
  bool is_over = false;
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_dbus_connection_call (bus, name, "/org/freedesktop/DBus", "org.freedesktop.DBus.Peer", "Ping",
                          NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_pong, &is_over);
  wait_until (is_over);
}

static void
on_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  *(bool *)user_data = true;
}

/* Returns when the application's connection has heard that the service is gone. */
static void
service_close (Service *self)
{
  bool is_gone = false;
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_dbus_connection_unregister_object (self->bus, self->object_id);
  g_bus_unown_name (self->name_id);
  g_assert_true (g_dbus_connection_close_sync (self->bus, NULL, NULL));
  guint watch = g_bus_watch_name_on_connection (bus, "org.freedesktop.Notifications",
                                                G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_vanished,
                                                &is_gone, NULL);
  wait_until (is_gone);
  g_bus_unwatch_name (watch);
  round_trip ("org.freedesktop.DBus");
  g_object_unref (self->bus);
  g_free (self->heading);
}

static Desk neighbour;
static Service service;

static void
on_bought (gpointer owner, SoukItem *result, const char *problem)
{
  g_assert_cmpstr (problem, ==, NULL);
}

static void
script_notify (SoukApplication *application)
{
  wait_until (souk_application_client (application) != NULL);
  SoukClient *client = souk_application_client (application);
  g_autoptr (SoukItemList) list = souk_item_list_new (client, SOUK_LIST_LISTINGS);
  wait_until (g_list_model_get_n_items (G_LIST_MODEL (list)) == 1);
  /* Nobody looks. */
  gtk_widget_set_visible (GTK_WIDGET (souk_application_window (application)), FALSE);
  g_autoptr (SoukItem) listing = g_list_model_get_item (G_LIST_MODEL (list), 0);
  souk_client_purchase (client, listing, client, on_bought);
  wait_until (service.heading != NULL);
  g_assert_cmpstr (service.heading, ==, "Worth a word");
  if (!service.is_late)
    round_trip ("org.freedesktop.Notifications");
}

static void
check_notify (bool is_late)
{
  g_autofree char *folder = g_dir_make_tmp ("souk-application-XXXXXX", NULL);
  service_open (&service, is_late);
  desk_open (&neighbour, false);
  publish (&neighbour, "Worth a word");
  bootstrap = souk_node_ready (neighbour.node)->listen;
  g_object_unref (run_application (folder, script_notify));
  bootstrap = NULL;
  if (is_late)
    {
      answer_late (&service);
      round_trip ("org.freedesktop.Notifications");
    }
  else
    wait_until (service.closed == NOTIFICATION);
  service_close (&service);
  desk_close (&neighbour);
  remove_all (folder);
}

static void
test_notify (void)
{
  check_notify (false);
}

/* The desktop is busy, and the person quits at once. */
static void
test_notify_late (void)
{
  check_notify (true);
}

/* ---- the application's own ---- */

static void
script_about (SoukApplication *application)
{
  wait_until (souk_application_client (application) != NULL);
  g_action_group_activate_action (G_ACTION_GROUP (application), "about", NULL);
  SoukWindow *window = souk_application_window (application);
  wait_until (shown_dialog (window) != NULL);
  g_assert_true (ADW_IS_ABOUT_DIALOG (shown_dialog (window)));
  g_assert_cmpstr (adw_about_dialog_get_application_name (ADW_ABOUT_DIALOG (shown_dialog (window))),
                   ==, "Souk");
}

static void
test_about (void)
{
  g_autofree char *folder = g_dir_make_tmp ("souk-application-XXXXXX", NULL);
  play (folder, script_about);
  remove_all (folder);
}

/* From a larger size. Asks again: what the screen says about the first one may still be on its
 * way. A frame takes some of it on a screen without shadows. */
static bool
has_size (GtkWindow *window, int width, int height)
{
  int default_width = 0;
  int default_height = 0;
  gtk_window_get_default_size (window, &default_width, &default_height);
  if (default_width != width || default_height != height)
    gtk_window_set_default_size (window, width, height);
  return gtk_widget_get_width (GTK_WIDGET (window)) <= width
         && gtk_widget_get_height (GTK_WIDGET (window)) <= height;
}

static void
script_size (SoukApplication *application)
{
  wait_until (souk_application_window (application) != NULL);
  SoukWindow *window = souk_application_window (application);
  gtk_test_widget_wait_for_draw (GTK_WIDGET (window));
  wait_until (has_size (GTK_WINDOW (window), 800, 600));
  souk_window_show_place (window, "logs");
  wait_until (strcmp (souk_window_get_place (window), "logs") == 0);
}

static void
script_size_again (SoukApplication *application)
{
  int width = 0;
  int height = 0;
  wait_until (souk_application_window (application) != NULL);
  gtk_window_get_default_size (GTK_WINDOW (souk_application_window (application)), &width, &height);
  g_assert_cmpint (width, ==, 800);
  g_assert_cmpint (height, ==, 600);
  g_assert_cmpstr (souk_window_get_place (souk_application_window (application)), ==, "logs");
}

static void
test_size (void)
{
  g_autofree char *folder = g_dir_make_tmp ("souk-application-XXXXXX", NULL);
  play (folder, script_size);
  play (folder, script_size_again);
  remove_all (folder);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/application/starts-with-its-node-and-ends-with-it", test_start);
  g_test_add_func ("/application/a-folder-in-use-is-explained-and-tried-again", test_in_use);
  g_test_add_func ("/application/an-end-before-the-node-is-ready-is-clean", test_quit_at_once);
  g_test_add_func ("/application/a-finished-purchase-is-notified", test_notify);
  g_test_add_func ("/application/a-desktop-that-answers-after-the-end-does-no-harm",
                   test_notify_late);
  g_test_add_func ("/application/the-about-dialog-is-made-from-the-metainfo", test_about);
  g_test_add_func ("/application/size-and-place-come-back", test_size);
  return g_test_run ();
}
