/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The application. See application.h.
 */
#include "application.h"

#include "cli.h"
#include "notify.h"
#include "souk-config.h"
#include "ui/shortcuts-dialog.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <string.h>

struct _SoukApplication {
  AdwApplication parent_instance;
  SoukOptions options;
  SoukNode *node; /* NULL: not ready yet, or it did not start */
  SoukClient *client;
  SoukWindow *window; /* weak */
  GSettings *settings;
  GTask *starting;
  guint signal_ids[2];
};

G_DEFINE_FINAL_TYPE (SoukApplication, souk_application, ADW_TYPE_APPLICATION)

/* ---- the node ---- */

/* On a thread of the pool. */
static void
start_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  SoukApplication *self = source;
  GError *error = NULL;
  SoukNodeConfig config = souk_options_to_config (&self->options);
  SoukNode *node = souk_node_start (&config, &error);
  if (node != NULL)
    g_task_return_pointer (task, node, (GDestroyNotify)souk_node_stop);
  else
    g_task_return_error (task, error);
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SoukApplication *self = SOUK_APPLICATION (source);
  g_autoptr (GError) error = NULL;
  self->node = g_task_propagate_pointer (G_TASK (result), &error);
  g_clear_object (&self->starting);
  if (self->node == NULL)
    {
      if (self->window != NULL)
        souk_window_show_failure (self->window, error->message, self->options.data_dir);
      return;
    }
  self->client = souk_client_new (self->node);
  souk_notify_follow (G_APPLICATION (self), self->client);
  if (self->window != NULL)
    souk_window_connect (self->window, self->client);
}

static void
start_node (SoukApplication *self)
{
  if (self->node != NULL || self->starting != NULL)
    return;
  self->starting = g_task_new (self, NULL, on_started, NULL);
  g_task_run_in_thread (self->starting, start_in_thread);
}

/* A node that is still on its way is waited for: its files are to be closed. */
static void
stop_node (SoukApplication *self)
{
  while (self->starting != NULL)
    g_main_context_iteration (NULL, TRUE);
  if (self->client != NULL)
    souk_client_close (self->client);
  g_clear_object (&self->client);
  g_clear_pointer (&self->node, souk_node_stop);
}

SoukClient *
souk_application_client (SoukApplication *self)
{
  return self->client;
}

SoukWindow *
souk_application_window (SoukApplication *self)
{
  return self->window;
}

/* ---- settings ---- */

/* Returns: (transfer full) (nullable): NULL when the schema is neither installed nor built beside
 * the program; then nothing is kept. */
static GSettings *
open_settings (void)
{
  GSettingsSchemaSource *installed = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;
  if (installed != NULL)
    schema = g_settings_schema_source_lookup (installed, SOUK_APP_ID, TRUE);
  if (schema == NULL)
    {
      g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
      g_autofree char *folder = program != NULL ? g_path_get_dirname (program) : g_strdup (".");
      g_autofree char *built = g_build_filename (folder, "..", "data", NULL);
      g_autoptr (GSettingsSchemaSource) source
          = g_settings_schema_source_new_from_directory (built, installed, TRUE, NULL);
      if (source != NULL)
        schema = g_settings_schema_source_lookup (source, SOUK_APP_ID, FALSE);
    }
  return schema != NULL ? g_settings_new_full (schema, NULL, NULL) : NULL;
}

/* ---- actions ---- */

static void
on_start_node (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  start_node (user_data);
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SoukApplication *self = user_data;
  AdwAboutDialog *dialog = ADW_ABOUT_DIALOG (
      adw_about_dialog_new_from_appdata ("/io/github/soukmarket/Souk/metainfo.xml", NULL));
  adw_about_dialog_set_version (dialog, SOUK_VERSION);
  adw_about_dialog_set_copyright (dialog, _ ("© The Souk maintainers"));
  adw_dialog_present (ADW_DIALOG (dialog), GTK_WIDGET (self->window));
}

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SoukApplication *self = user_data;
  if (self->window != NULL)
    gtk_window_close (GTK_WINDOW (self->window));
  g_application_quit (G_APPLICATION (self));
}

/* Notifications speak to the application, which may have to open its window first. */
static void
show_in_window (SoukApplication *self, const char *action, GVariant *parameter)
{
  g_application_activate (G_APPLICATION (self));
  if (self->window != NULL)
    g_action_group_activate_action (G_ACTION_GROUP (self->window), action, parameter);
}

static void
on_show_order (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  show_in_window (user_data, "show-order", parameter);
}

static void
on_show_job (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  show_in_window (user_data, "show-job", parameter);
}

static const GActionEntry actions[] = {
  { "start-node", on_start_node, NULL, NULL, NULL },
  { "about", on_about, NULL, NULL, NULL },
  { "quit", on_quit, NULL, NULL, NULL },
  { "show-order", on_show_order, "s", NULL, NULL },
  { "show-job", on_show_job, "s", NULL, NULL },
};

/* ---- life ---- */

static gboolean
on_signal (gpointer user_data)
{
  g_action_group_activate_action (G_ACTION_GROUP (user_data), "quit", NULL);
  return G_SOURCE_CONTINUE;
}

static void
souk_application_startup (GApplication *application)
{
  SoukApplication *self = SOUK_APPLICATION (application);
  G_APPLICATION_CLASS (souk_application_parent_class)->startup (application);
  souk_ui_init ();
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  souk_shortcuts_install (GTK_APPLICATION (self));
  gtk_window_set_default_icon_name (SOUK_APP_ID);
  self->settings = open_settings ();
  self->signal_ids[0] = g_unix_signal_add (SIGINT, on_signal, self);
  self->signal_ids[1] = g_unix_signal_add (SIGTERM, on_signal, self);
}

static void
souk_application_activate (GApplication *application)
{
  SoukApplication *self = SOUK_APPLICATION (application);
  if (self->window == NULL)
    {
      SoukWindow *window = souk_window_new (GTK_APPLICATION (self), self->settings);
      g_set_weak_pointer (&self->window, window);
      if (self->client != NULL)
        souk_window_connect (self->window, self->client);
    }
  gtk_window_present (GTK_WINDOW (self->window));
  start_node (self);
}

static void
souk_application_shutdown (GApplication *application)
{
  SoukApplication *self = SOUK_APPLICATION (application);
  for (gsize i = 0; i < G_N_ELEMENTS (self->signal_ids); i++)
    g_clear_handle_id (&self->signal_ids[i], g_source_remove);
  if (self->window != NULL)
    gtk_window_destroy (GTK_WINDOW (self->window));
  souk_notify_end (application);
  /* A node that becomes ready only now finds no window to connect. */
  g_clear_weak_pointer (&self->window);
  stop_node (self);
  g_clear_object (&self->settings);
  G_APPLICATION_CLASS (souk_application_parent_class)->shutdown (application);
}

static void
souk_application_finalize (GObject *object)
{
  SoukApplication *self = SOUK_APPLICATION (object);
  g_clear_weak_pointer (&self->window);
  souk_options_clear (&self->options);
  G_OBJECT_CLASS (souk_application_parent_class)->finalize (object);
}

static void
souk_application_init (SoukApplication *self)
{
}

static void
souk_application_class_init (SoukApplicationClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = souk_application_finalize;
  G_APPLICATION_CLASS (klass)->startup = souk_application_startup;
  G_APPLICATION_CLASS (klass)->activate = souk_application_activate;
  G_APPLICATION_CLASS (klass)->shutdown = souk_application_shutdown;
}

SoukApplication *
souk_application_new (SoukOptions *options)
{
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "souk", NULL);
  bool is_own = strcmp (options->data_dir, own) == 0;
  SoukApplication *self
      = g_object_new (SOUK_TYPE_APPLICATION, "application-id", SOUK_APP_ID, "resource-base-path",
                      "/io/github/soukmarket/Souk", "flags",
                      is_own ? G_APPLICATION_DEFAULT_FLAGS : G_APPLICATION_NON_UNIQUE, NULL);
  self->options = *options;
  *options = (SoukOptions){ 0 };
  return self;
}

/* Removes GApplication's own word for being started by D-Bus. */
static bool
take_service_flag (int *argc, char **argv)
{
  bool is_service = false;
  int kept = 0;
  for (int i = 0; i < *argc; i++)
    if (i > 0 && strcmp (argv[i], "--gapplication-service") == 0)
      is_service = true;
    else
      argv[kept++] = argv[i];
  argv[kept] = NULL;
  *argc = kept;
  return is_service;
}

int
souk_application_main (int argc, char **argv)
{
  g_auto (SoukOptions) options = { 0 };
  g_autoptr (GError) error = NULL;
  bool is_service = take_service_flag (&argc, argv);
  if (!souk_options_parse (&options, &argc, &argv, &error))
    {
      g_printerr ("souk: %s\n", error->message);
      return SOUK_EXIT_USAGE;
    }
  bindtextdomain ("souk", SOUK_LOCALE_DIR);
  bind_textdomain_codeset ("souk", "UTF-8");
  textdomain ("souk");
  g_set_application_name ("Souk");
  g_autoptr (SoukApplication) application = souk_application_new (&options);
  if (is_service)
    g_application_set_flags (G_APPLICATION (application), G_APPLICATION_IS_SERVICE);
  return g_application_run (G_APPLICATION (application), 1, argv);
}
