/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Logs and the node. See logs-page.h.
 *
 * Events tell of records of notice and above alone; while the log is on the screen it is asked
 * every second for what came since, so that lower levels follow as well.
 */
#include "ui/logs-page.h"

#include "ui/list-frame.h"
#include "ui/model/item-list.h"

#include <glib/gi18n.h>

#define POLL_PERIOD_MS 1000

struct _SoukLogsPage {
  SoukPlace parent_instance;
  AdwViewStack *views;
  GtkSearchEntry *search;
  GtkDropDown *level;
  GtkToggleButton *follow;
  SoukListFrame *frame;
  GtkScrolledWindow *scroller;
  GtkColumnView *view;
  GtkColumnViewColumn *source_column;
  AdwActionRow *peer_row, *listen_row, *api_row, *chain_row;
  GtkLabel *listings, *stored, *memory;
  GtkListBox *peers;
  AdwEntryRow *connect_row;
  SoukItemList *records;
  SoukItemList *peer_list;
  guint poll_id;
  guint scroll_id;
};

static const char *const levels[] = { "debug", "info", "notice", "warning", "error" };

G_DEFINE_FINAL_TYPE (SoukLogsPage, souk_logs_page, SOUK_TYPE_PLACE)

/* ---- the log ---- */

static void
on_search_changed (SoukLogsPage *self)
{
  if (self->records != NULL)
    souk_item_list_filter (self->records, "text",
                           gtk_editable_get_text (GTK_EDITABLE (self->search)));
}

static void
on_level_changed (SoukLogsPage *self)
{
  guint selected = gtk_drop_down_get_selected (self->level);
  if (self->records != NULL && selected < G_N_ELEMENTS (levels))
    souk_item_list_filter (self->records, "level", selected == 0 ? NULL : levels[selected]);
}

/* A handler of its own, since the level's colour is a class and no property. */
static void
on_level_setup (SoukLogsPage *self, GtkColumnViewCell *cell)
{
  GtkWidget *label = gtk_label_new (NULL);
  gtk_widget_set_halign (label, GTK_ALIGN_START);
  gtk_widget_add_css_class (label, "pill-label");
  gtk_column_view_cell_set_child (cell, label);
}

static void
on_level_bind (SoukLogsPage *self, GtkColumnViewCell *cell)
{
  GtkWidget *label = gtk_column_view_cell_get_child (cell);
  SoukItem *record = gtk_column_view_cell_get_item (cell);
  g_autofree char *level = souk_item_dup_text (record, "level");
  gtk_label_set_label (GTK_LABEL (label), level);
  gtk_widget_remove_css_class (label, "warning");
  gtk_widget_remove_css_class (label, "error");
  gtk_widget_remove_css_class (label, "dimmed");
  if (g_str_equal (level, "warning") || g_str_equal (level, "error"))
    gtk_widget_add_css_class (label, level);
  else if (g_str_equal (level, "debug"))
    gtk_widget_add_css_class (label, "dimmed");
}

static gboolean
on_scroll_time (gpointer user_data)
{
  SoukLogsPage *self = user_data;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->records));
  self->scroll_id = 0;
  if (n > 0 && gtk_widget_get_mapped (GTK_WIDGET (self->view)))
    gtk_column_view_scroll_to (self->view, n - 1, NULL, GTK_LIST_SCROLL_NONE, NULL);
  return G_SOURCE_REMOVE;
}

/* To the newest, once the view has its new rows. */
static void
scroll_to_end (SoukLogsPage *self)
{
  if (self->scroll_id == 0 && gtk_toggle_button_get_active (self->follow) && self->records != NULL)
    self->scroll_id = g_timeout_add (30, on_scroll_time, self);
}

static void
on_follow_changed (SoukLogsPage *self)
{
  scroll_to_end (self);
}

/* A hand at the scroll bar or the wheel says whether to follow. */
static void
on_scrolled (SoukLogsPage *self)
{
  GtkAdjustment *vertical = gtk_scrolled_window_get_vadjustment (self->scroller);
  double end = gtk_adjustment_get_upper (vertical) - gtk_adjustment_get_page_size (vertical);
  if (self->scroll_id == 0 && end - gtk_adjustment_get_value (vertical) > 200)
    gtk_toggle_button_set_active (self->follow, FALSE);
}

static gboolean
on_wheel (GtkEventControllerScroll *controller, double dx, double dy, gpointer user_data)
{
  if (dy < 0)
    on_scrolled (user_data);
  return GDK_EVENT_PROPAGATE;
}

static gboolean
on_poll (gpointer user_data)
{
  SoukLogsPage *self = user_data;
  if (self->records != NULL)
    souk_item_list_reload (self->records);
  return G_SOURCE_CONTINUE;
}

static void
on_map (SoukLogsPage *self)
{
  on_poll (self);
  if (self->peer_list != NULL)
    souk_item_list_reload (self->peer_list);
  if (self->poll_id == 0)
    self->poll_id = g_timeout_add (POLL_PERIOD_MS, on_poll, self);
  scroll_to_end (self);
}

static void
on_unmap (SoukLogsPage *self)
{
  g_clear_handle_id (&self->poll_id, g_source_remove);
}

/* ---- the node ---- */

static void
on_copy_addresses (SoukLogsPage *self)
{
  SoukItem *state = souk_client_state (souk_place_client (SOUK_PLACE (self)));
  g_autofree char *addresses = souk_item_dup_text (state, "listen-text");
  souk_copy (GTK_WIDGET (self), addresses, _ ("Addresses copied"));
}

static void
on_connected (gpointer owner, SoukItem *result, const char *problem)
{
  SoukLogsPage *self = owner;
  if (problem == NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->connect_row), "");
  souk_toast (GTK_WIDGET (self), problem != NULL ? problem : _ ("Connected"));
}

static void
on_connect (SoukLogsPage *self)
{
  g_autofree char *address
      = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->connect_row))));
  if (*address != '\0')
    souk_client_connect_peer (souk_place_client (SOUK_PLACE (self)), address, self, on_connected);
}

static GtkWidget *
create_peer_row (gpointer item, gpointer user_data)
{
  GtkWidget *row = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 2);
  g_object_bind_property (item, "peer-text", row, "title", G_BINDING_SYNC_CREATE);
  g_object_bind_property (item, "peer-id", row, "tooltip-text", G_BINDING_SYNC_CREATE);
  g_object_bind_property (item, "line", row, "subtitle", G_BINDING_SYNC_CREATE);
  return row;
}

static gboolean
number_to_text (GBinding *binding, const GValue *from, GValue *to, gpointer user_data)
{
  g_value_take_string (to, g_strdup_printf ("%" G_GINT64_FORMAT, g_value_get_int64 (from)));
  return TRUE;
}

static void
bind_state (SoukLogsPage *self, SoukItem *state)
{
  const GBindingFlags flags = G_BINDING_SYNC_CREATE;
  g_object_bind_property (state, "peer-id", self->peer_row, "subtitle", flags);
  g_object_bind_property (state, "listen-text", self->listen_row, "subtitle", flags);
  g_object_bind_property (state, "api", self->api_row, "subtitle", flags);
  g_object_bind_property (state, "chain-text", self->chain_row, "subtitle", flags);
  g_object_bind_property (state, "stored-text", self->stored, "label", flags);
  g_object_bind_property (state, "memory-text", self->memory, "label", flags);
  g_object_bind_property_full (state, "listings", self->listings, "label", flags, number_to_text,
                               NULL, NULL, NULL);
}

/* ---- life ---- */

static void
souk_logs_page_search (SoukPlace *place)
{
  SoukLogsPage *self = SOUK_LOGS_PAGE (place);
  adw_view_stack_set_visible_child_name (self->views, "log");
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

static void
on_narrow_changed (SoukLogsPage *self)
{
  gboolean is_narrow = FALSE;
  g_object_get (self, "is-narrow", &is_narrow, NULL);
  gtk_column_view_column_set_visible (self->source_column, !is_narrow);
}

static void
souk_logs_page_connected (SoukPlace *place, SoukClient *client)
{
  SoukLogsPage *self = SOUK_LOGS_PAGE (place);
  g_clear_object (&self->records);
  g_clear_object (&self->peer_list);
  self->records = souk_item_list_new (client, SOUK_LIST_LOG);
  self->peer_list = souk_item_list_new (client, SOUK_LIST_PEERS);
  g_autoptr (GtkNoSelection) model
      = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->records)));
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (model));
  g_object_set (self->frame, "list", self->records, NULL);
  g_signal_connect_object (self->records, "items-changed", G_CALLBACK (scroll_to_end), self,
                           G_CONNECT_SWAPPED);
  gtk_list_box_bind_model (self->peers, G_LIST_MODEL (self->peer_list), create_peer_row, NULL,
                           NULL);
  bind_state (self, souk_client_state (client));
}

static void
souk_logs_page_dispose (GObject *object)
{
  SoukLogsPage *self = SOUK_LOGS_PAGE (object);
  g_clear_handle_id (&self->poll_id, g_source_remove);
  g_clear_handle_id (&self->scroll_id, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (self), SOUK_TYPE_LOGS_PAGE);
  g_clear_object (&self->records);
  g_clear_object (&self->peer_list);
  G_OBJECT_CLASS (souk_logs_page_parent_class)->dispose (object);
}

static void
souk_logs_page_init (SoukLogsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  GtkEventController *wheel
      = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  gtk_event_controller_set_propagation_phase (wheel, GTK_PHASE_CAPTURE);
  g_signal_connect (wheel, "scroll", G_CALLBACK (on_wheel), self);
  gtk_widget_add_controller (GTK_WIDGET (self->scroller), wheel);
  g_signal_connect (self, "map", G_CALLBACK (on_map), NULL);
  g_signal_connect (self, "unmap", G_CALLBACK (on_unmap), NULL);
  g_signal_connect (self, "notify::is-narrow", G_CALLBACK (on_narrow_changed), NULL);
}

static void
souk_logs_page_class_init (SoukLogsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = souk_logs_page_dispose;
  SOUK_PLACE_CLASS (klass)->connected = souk_logs_page_connected;
  SOUK_PLACE_CLASS (klass)->search = souk_logs_page_search;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/soukmarket/Souk/ui/logs-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, views);
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, search);
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, level);
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, follow);
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, frame);
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, view);
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, source_column);
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, peer_row);
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, listen_row);
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, api_row);
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, chain_row);
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, listings);
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, stored);
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, memory);
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, peers);
  gtk_widget_class_bind_template_child (widget_class, SoukLogsPage, connect_row);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_level_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_level_setup);
  gtk_widget_class_bind_template_callback (widget_class, on_level_bind);
  gtk_widget_class_bind_template_callback (widget_class, on_follow_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_addresses);
  gtk_widget_class_bind_template_callback (widget_class, on_connect);
}
