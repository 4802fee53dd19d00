/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The window and its five places. See window.h.
 */
#include "ui/window.h"

#include "ui/jobs-page.h"
#include "ui/list-frame.h"
#include "ui/logs-page.h"
#include "ui/market-page.h"
#include "ui/provide-page.h"
#include "ui/shortcuts-dialog.h"
#include "ui/timeline.h"
#include "ui/wallet-page.h"

#include <glib/gi18n.h>
#include <string.h>

struct _SoukWindow {
  AdwApplicationWindow parent_instance;
  GSettings *settings; /* NULL: nothing is kept */
  SoukClient *client;
  GtkStack *root;
  AdwStatusPage *failure;
  GtkLabel *failure_hint;
  AdwOverlaySplitView *split;
  AdwViewStack *places;
  AdwViewStackPage *jobs_entry;
  GtkListBox *place_list;
  GtkLabel *peers_label;
  GtkLabel *chain_label;
  SoukPlace *market, *jobs, *provide, *wallet, *logs;
};

G_DEFINE_FINAL_TYPE (SoukWindow, souk_window, ADW_TYPE_APPLICATION_WINDOW)

/* ---- places ---- */

/* Returns: (transfer none) */
static GtkWidget *
create_place_row (gpointer item, gpointer user_data)
{
  AdwViewStackPage *page = item;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *image = gtk_image_new ();
  GtkWidget *label = gtk_label_new (NULL);
  GtkWidget *badge = gtk_label_new (NULL);
  GtkWidget *row = gtk_list_box_row_new ();
  g_object_bind_property (page, "icon-name", image, "icon-name", G_BINDING_SYNC_CREATE);
  g_object_bind_property (page, "title", label, "label", G_BINDING_SYNC_CREATE);
  g_object_bind_property (page, "badge-number", badge, "label", G_BINDING_SYNC_CREATE);
  g_object_bind_property (page, "needs-attention", badge, "visible", G_BINDING_SYNC_CREATE);
  gtk_widget_add_css_class (badge, "place-badge");
  gtk_widget_add_css_class (badge, "numeric");
  gtk_widget_set_valign (badge, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (GTK_BOX (box), image);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), badge);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  g_object_set_data_full (G_OBJECT (row), "place", g_strdup (adw_view_stack_page_get_name (page)),
                          g_free);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  adw_view_stack_page_get_title (page), -1);
  return row;
}

static void
on_place_row (SoukWindow *self, GtkListBoxRow *row)
{
  souk_window_show_place (self, g_object_get_data (G_OBJECT (row), "place"));
}

static void
on_place_changed (SoukWindow *self)
{
  const char *name = adw_view_stack_get_visible_child_name (self->places);
  GtkListBoxRow *row;
  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->place_list, i)) != NULL; i++)
    if (g_strcmp0 (g_object_get_data (G_OBJECT (row), "place"), name) == 0)
      gtk_list_box_select_row (self->place_list, row);
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "place");
  if (action != NULL && name != NULL)
    g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_string (name));
}

void
souk_window_show_place (SoukWindow *self, const char *name)
{
  if (adw_view_stack_get_child_by_name (self->places, name) != NULL)
    adw_view_stack_set_visible_child_name (self->places, name);
}

const char *
souk_window_get_place (SoukWindow *self)
{
  return adw_view_stack_get_visible_child_name (self->places);
}

static void
set_narrow (SoukWindow *self, gboolean is_narrow)
{
  SoukPlace *const all[] = { self->market, self->jobs, self->provide, self->wallet, self->logs };
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    g_object_set (all[i], "is-narrow", is_narrow, NULL);
}

static void
on_narrow (SoukWindow *self)
{
  set_narrow (self, TRUE);
}

static void
on_wide (SoukWindow *self)
{
  set_narrow (self, FALSE);
}

/* ---- the node ---- */

static void
on_running_changed (SoukWindow *self)
{
  guint running = 0;
  GListModel *jobs = G_LIST_MODEL (souk_client_jobs (self->client));
  for (guint i = 0; i < MIN (g_list_model_get_n_items (jobs), 100); i++)
    {
      g_autoptr (SoukItem) job = g_list_model_get_item (jobs, i);
      running += !souk_item_get_flag (job, "is-final");
    }
  adw_view_stack_page_set_badge_number (self->jobs_entry, running);
  adw_view_stack_page_set_needs_attention (self->jobs_entry, running > 0);
}

void
souk_window_connect (SoukWindow *self, SoukClient *client)
{
  SoukPlace *const all[] = { self->market, self->jobs, self->provide, self->wallet, self->logs };
  g_set_object (&self->client, client);
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    g_object_set (all[i], "client", client, NULL);
  SoukItem *state = souk_client_state (client);
  g_object_bind_property (state, "peers-text", self->peers_label, "label", G_BINDING_SYNC_CREATE);
  g_object_bind_property (state, "chain-text", self->chain_label, "label", G_BINDING_SYNC_CREATE);
  g_object_bind_property (state, "chain-text", self->chain_label, "tooltip-text",
                          G_BINDING_SYNC_CREATE);
  g_signal_connect_object (souk_client_jobs (client), "items-changed",
                           G_CALLBACK (on_running_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (state, "notify::jobs", G_CALLBACK (on_running_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "job-ended", G_CALLBACK (on_running_changed), self,
                           G_CONNECT_SWAPPED);
  gtk_stack_set_visible_child_name (self->root, "places");
}

void
souk_window_show_failure (SoukWindow *self, const char *sentence, const char *data_dir)
{
  g_autofree char *hint = g_strdup_printf (_ ("Souk keeps everything in %s."), data_dir);
  g_autofree char *escaped = g_markup_escape_text (sentence, -1);
  adw_status_page_set_description (self->failure, escaped);
  gtk_label_set_label (self->failure_hint, hint);
  gtk_stack_set_visible_child_name (self->root, "failed");
}

/* ---- actions ---- */

static bool
is_connected (SoukWindow *self)
{
  return self->client != NULL
         && g_strcmp0 (gtk_stack_get_visible_child_name (self->root), "places") == 0;
}

static void
on_place_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SoukWindow *self = user_data;
  if (is_connected (self))
    souk_window_show_place (self, g_variant_get_string (parameter, NULL));
}

static void
on_publish_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SoukWindow *self = user_data;
  if (!is_connected (self))
    return;
  souk_window_show_place (self, "market");
  souk_market_page_publish (SOUK_MARKET_PAGE (self->market));
}

static void
on_request_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SoukWindow *self = user_data;
  if (!is_connected (self))
    return;
  souk_window_show_place (self, "jobs");
  souk_jobs_page_request (SOUK_JOBS_PAGE (self->jobs));
}

static void
on_search_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SoukWindow *self = user_data;
  if (is_connected (self))
    souk_place_search (SOUK_PLACE (adw_view_stack_get_visible_child (self->places)));
}

static void
on_show_order_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SoukWindow *self = user_data;
  if (!is_connected (self))
    return;
  souk_window_show_place (self, "market");
  souk_market_page_show_order (SOUK_MARKET_PAGE (self->market),
                               g_variant_get_string (parameter, NULL));
}

static void
on_show_job_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SoukWindow *self = user_data;
  if (!is_connected (self))
    return;
  souk_window_show_place (self, "jobs");
  souk_jobs_page_show (SOUK_JOBS_PAGE (self->jobs), g_variant_get_string (parameter, NULL));
}

static void
on_shortcuts_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  adw_dialog_present (souk_shortcuts_dialog_new (), user_data);
}

static const GActionEntry actions[] = {
  { "place", on_place_action, "s", "'market'", NULL },
  { "publish", on_publish_action, NULL, NULL, NULL },
  { "request-job", on_request_action, NULL, NULL, NULL },
  { "search", on_search_action, NULL, NULL, NULL },
  { "show-order", on_show_order_action, "s", NULL, NULL },
  { "show-job", on_show_job_action, "s", NULL, NULL },
  { "shortcuts", on_shortcuts_action, NULL, NULL, NULL },
};

/* ---- life ---- */

void
souk_ui_init (void)
{
  souk_items_ensure_types ();
  g_type_ensure (SOUK_TYPE_LIST_FRAME);
  g_type_ensure (SOUK_TYPE_TIMELINE);
  g_type_ensure (SOUK_TYPE_MARKET_PAGE);
  g_type_ensure (SOUK_TYPE_JOBS_PAGE);
  g_type_ensure (SOUK_TYPE_PROVIDE_PAGE);
  g_type_ensure (SOUK_TYPE_WALLET_PAGE);
  g_type_ensure (SOUK_TYPE_LOGS_PAGE);
}

SoukWindow *
souk_window_new (GtkApplication *application, GSettings *settings)
{
  SoukWindow *self = g_object_new (SOUK_TYPE_WINDOW, "application", application, NULL);
  if (settings == NULL)
    return self;
  self->settings = g_object_ref (settings);
  g_settings_bind (settings, "window-width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-maximized", self, "maximized", G_SETTINGS_BIND_DEFAULT);
  g_autofree char *place = g_settings_get_string (settings, "place");
  souk_window_show_place (self, place);
  return self;
}

static gboolean
souk_window_close_request (GtkWindow *window)
{
  SoukWindow *self = SOUK_WINDOW (window);
  if (self->settings != NULL)
    g_settings_set_string (self->settings, "place", souk_window_get_place (self));
  return GTK_WINDOW_CLASS (souk_window_parent_class)->close_request (window);
}

static void
souk_window_dispose (GObject *object)
{
  SoukWindow *self = SOUK_WINDOW (object);
  gtk_widget_dispose_template (GTK_WIDGET (self), SOUK_TYPE_WINDOW);
  g_clear_object (&self->client);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (souk_window_parent_class)->dispose (object);
}

static void
souk_window_init (SoukWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_autoptr (GtkSelectionModel) pages = adw_view_stack_get_pages (self->places);
  gtk_list_box_bind_model (self->place_list, G_LIST_MODEL (pages), create_place_row, NULL, NULL);
  on_place_changed (self);
}

static void
souk_window_class_init (SoukWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = souk_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = souk_window_close_request;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/soukmarket/Souk/ui/window.ui");
  gtk_widget_class_bind_template_child (widget_class, SoukWindow, root);
  gtk_widget_class_bind_template_child (widget_class, SoukWindow, failure);
  gtk_widget_class_bind_template_child (widget_class, SoukWindow, failure_hint);
  gtk_widget_class_bind_template_child (widget_class, SoukWindow, split);
  gtk_widget_class_bind_template_child (widget_class, SoukWindow, places);
  gtk_widget_class_bind_template_child (widget_class, SoukWindow, jobs_entry);
  gtk_widget_class_bind_template_child (widget_class, SoukWindow, place_list);
  gtk_widget_class_bind_template_child (widget_class, SoukWindow, peers_label);
  gtk_widget_class_bind_template_child (widget_class, SoukWindow, chain_label);
  gtk_widget_class_bind_template_child (widget_class, SoukWindow, market);
  gtk_widget_class_bind_template_child (widget_class, SoukWindow, jobs);
  gtk_widget_class_bind_template_child (widget_class, SoukWindow, provide);
  gtk_widget_class_bind_template_child (widget_class, SoukWindow, wallet);
  gtk_widget_class_bind_template_child (widget_class, SoukWindow, logs);
  gtk_widget_class_bind_template_callback (widget_class, on_place_row);
  gtk_widget_class_bind_template_callback (widget_class, on_place_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_narrow);
  gtk_widget_class_bind_template_callback (widget_class, on_wide);
}
