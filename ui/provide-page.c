/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Provide. See provide-page.h.
 *
 * What a person changes here goes to the node when the hand rests; what the node says goes to the
 * rows, but not over a change that has not been sent yet.
 */
#include "ui/provide-page.h"

#include "ui/model/amount.h"
#include "ui/model/item-list.h"
#include "ui/model/words.h"

#include <glib/gi18n.h>

#define SEND_DELAY_MS 400
/* The list of jobs has the newest first; what runs is among these. */
#define JOBS_SEEN 100

struct _SoukProvidePage {
  SoukPlace parent_instance;
  AdwSwitchRow *enabled, *on_battery, *on_metered;
  AdwActionRow *state_row, *price_preview;
  GtkImage *state_icon;
  GtkLabel *running, *earned, *price_coin;
  AdwPreferencesGroup *running_group;
  GPtrArray *running_rows; /* borrowed from the group */
  AdwEntryRow *price;
  AdwSpinRow *jobs_max, *memory, *time;
  SoukProviderChange change; /* what waits to be sent */
  guint send_id;
  bool is_showing; /* rows are set by the node, not by a hand */
};

G_DEFINE_FINAL_TYPE (SoukProvidePage, souk_provide_page, SOUK_TYPE_PLACE)

/* ---- to the node ---- */

static void on_provider_changed (SoukProvidePage *self);

static void
on_set (gpointer owner, SoukItem *result, const char *problem)
{
  SoukProvidePage *self = owner;
  if (problem != NULL)
    souk_toast (GTK_WIDGET (self), problem);
  on_provider_changed (self);
}

static void
send (SoukProvidePage *self)
{
  SoukClient *client = souk_place_client (SOUK_PLACE (self));
  SoukProviderChange change = self->change;
  g_autofree char *price
      = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->price))));
  g_clear_handle_id (&self->send_id, g_source_remove);
  self->change = (SoukProviderChange){ 0 };
  change.enabled = adw_switch_row_get_active (self->enabled);
  change.price = *price != '\0' ? price : "0";
  change.jobs_max = (gint64)adw_spin_row_get_value (self->jobs_max);
  change.memory_mb = (gint64)adw_spin_row_get_value (self->memory);
  change.wall_ms = (gint64)adw_spin_row_get_value (self->time) * 1000;
  change.on_battery = adw_switch_row_get_active (self->on_battery);
  change.on_metered = adw_switch_row_get_active (self->on_metered);
  souk_client_set_provider (client, &change, self, on_set);
}

static gboolean
on_send_time (gpointer user_data)
{
  SoukProvidePage *self = user_data;
  self->send_id = 0;
  send (self);
  return G_SOURCE_REMOVE;
}

static void
send_soon (SoukProvidePage *self)
{
  g_clear_handle_id (&self->send_id, g_source_remove);
  self->send_id = g_timeout_add (SEND_DELAY_MS, on_send_time, self);
}

static bool
is_hand (SoukProvidePage *self)
{
  return !self->is_showing && souk_place_client (SOUK_PLACE (self)) != NULL;
}

static void
on_enabled (SoukProvidePage *self)
{
  if (!is_hand (self))
    return;
  self->change.set_enabled = true;
  send (self);
}

static void
on_price (SoukProvidePage *self)
{
  g_autofree char *price
      = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->price))));
  if (!is_hand (self))
    return;
  if (*price != '\0' && !souk_amount_is_valid (price))
    {
      souk_toast (GTK_WIDGET (self), _ ("Write an amount such as 0.05"));
      return;
    }
  self->change.set_price = true;
  send (self);
}

static void
on_limits (SoukProvidePage *self)
{
  if (!is_hand (self))
    return;
  self->change.set_limits = true;
  send_soon (self);
}

static void
on_rules (SoukProvidePage *self)
{
  if (!is_hand (self))
    return;
  self->change.set_rules = true;
  send (self);
}

/* ---- from the node ---- */

static void
show_price (SoukProvidePage *self, const char *price)
{
  g_autofree char *net = NULL;
  g_autofree char *fee = NULL;
  g_autofree char *text = NULL;
  if (*price == '\0' || souk_amount_is_zero (price))
    text = g_strdup (_ ("Nothing: jobs are free, and no wallet is needed"));
  else if (souk_amount_split (price, &net, &fee))
    {
      g_autofree char *shown_net = souk_amount_shown (net);
      g_autofree char *shown_fee = souk_amount_shown (fee);
      text = g_strdup_printf (_ ("%s a job, after the 3 %% fee of %s"), shown_net, shown_fee);
    }
  else
    text = g_strdup ("");
  adw_action_row_set_subtitle (self->price_preview, text);
  /* Setting the text would move the cursor of a person who is writing. */
  if (!gtk_widget_has_focus (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (self->price))))
      && g_strcmp0 (price, gtk_editable_get_text (GTK_EDITABLE (self->price))) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self->price), price);
}

static void
show_state (SoukProvidePage *self, SoukItem *provider)
{
  g_autofree char *state = souk_item_dup_text (provider, "state");
  g_autofree char *sentence = souk_item_dup_text (provider, "sentence");
  g_autofree char *title = souk_words_phrase (*state != '\0' ? state : "off");
  g_autofree char *earned = souk_item_dup_text (provider, "earned");
  int running = (int)souk_item_get_integer (provider, "running");
  g_autofree char *count
      = running > 0 ? g_strdup_printf (ngettext ("%d job", "%d jobs", (gulong)running), running)
                    : g_strdup ("");
  bool is_on = souk_item_get_flag (provider, "enabled");
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->state_row), title);
  adw_action_row_set_subtitle (self->state_row, sentence);
  gtk_label_set_label (self->running, count);
  gtk_label_set_label (self->earned, *earned != '\0' ? earned : "0");
  gtk_widget_remove_css_class (GTK_WIDGET (self->state_icon), is_on ? "dimmed" : "success");
  gtk_widget_add_css_class (GTK_WIDGET (self->state_icon), is_on ? "success" : "dimmed");
}

static void
show_limits (SoukProvidePage *self, SoukItem *provider)
{
  gint64 jobs_max = souk_item_get_integer (provider, "jobs-max");
  gint64 memory_mb = souk_item_get_integer (provider, "memory-mb");
  gint64 wall_ms = souk_item_get_integer (provider, "wall-ms");
  if (jobs_max > 0)
    adw_spin_row_set_value (self->jobs_max, (double)jobs_max);
  if (memory_mb > 0)
    adw_spin_row_set_value (self->memory, (double)memory_mb);
  if (wall_ms > 0)
    adw_spin_row_set_value (self->time, (double)wall_ms / 1000);
  adw_switch_row_set_active (self->on_battery, souk_item_get_flag (provider, "on-battery"));
  adw_switch_row_set_active (self->on_metered, souk_item_get_flag (provider, "on-metered"));
}

static void
on_provider_changed (SoukProvidePage *self)
{
  SoukItem *provider = souk_client_provider (souk_place_client (SOUK_PLACE (self)));
  g_autofree char *price = souk_item_dup_text (provider, "price");
  self->is_showing = true;
  show_state (self, provider);
  if (!self->change.set_enabled)
    adw_switch_row_set_active (self->enabled, souk_item_get_flag (provider, "enabled"));
  if (self->send_id == 0)
    {
      show_price (self, price);
      show_limits (self, provider);
    }
  self->is_showing = false;
}

/* ---- what runs ---- */

static void
add_running (SoukProvidePage *self, SoukItem *job)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *id = souk_item_dup_text (job, "id");
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  g_object_bind_property (job, "title", row, "title", G_BINDING_SYNC_CREATE);
  g_object_bind_property (job, "sentence", row, "subtitle", G_BINDING_SYNC_CREATE);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), adw_spinner_new ());
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (row), "win.show-job");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "s", id);
  adw_preferences_group_add (self->running_group, row);
  g_ptr_array_add (self->running_rows, row);
}

static void
on_jobs_changed (SoukProvidePage *self)
{
  GListModel *jobs = G_LIST_MODEL (souk_client_jobs (souk_place_client (SOUK_PLACE (self))));
  for (guint i = 0; i < self->running_rows->len; i++)
    adw_preferences_group_remove (self->running_group, self->running_rows->pdata[i]);
  g_ptr_array_set_size (self->running_rows, 0);
  for (guint i = 0; i < MIN (g_list_model_get_n_items (jobs), JOBS_SEEN); i++)
    {
      g_autoptr (SoukItem) job = g_list_model_get_item (jobs, i);
      if (souk_item_is (job, "role", "provider") && !souk_item_get_flag (job, "is-final"))
        add_running (self, job);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->running_group), self->running_rows->len > 0);
}

/* ---- life ---- */

static void
souk_provide_page_connected (SoukPlace *place, SoukClient *client)
{
  SoukProvidePage *self = SOUK_PROVIDE_PAGE (place);
  SoukItem *provider = souk_client_provider (client);
  g_signal_connect_object (provider, "notify", G_CALLBACK (on_provider_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (provider, "notify::running", G_CALLBACK (on_jobs_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (souk_client_jobs (client), "items-changed", G_CALLBACK (on_jobs_changed),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "job-ended", G_CALLBACK (on_jobs_changed), self,
                           G_CONNECT_SWAPPED);
  gtk_label_set_label (self->price_coin, souk_amount_coin ());
  on_provider_changed (self);
}

static void
souk_provide_page_dispose (GObject *object)
{
  SoukProvidePage *self = SOUK_PROVIDE_PAGE (object);
  g_clear_handle_id (&self->send_id, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (self), SOUK_TYPE_PROVIDE_PAGE);
  g_clear_pointer (&self->running_rows, g_ptr_array_unref);
  G_OBJECT_CLASS (souk_provide_page_parent_class)->dispose (object);
}

static void
souk_provide_page_init (SoukProvidePage *self)
{
  self->running_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
souk_provide_page_class_init (SoukProvidePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = souk_provide_page_dispose;
  SOUK_PLACE_CLASS (klass)->connected = souk_provide_page_connected;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/soukmarket/Souk/ui/provide-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SoukProvidePage, enabled);
  gtk_widget_class_bind_template_child (widget_class, SoukProvidePage, on_battery);
  gtk_widget_class_bind_template_child (widget_class, SoukProvidePage, on_metered);
  gtk_widget_class_bind_template_child (widget_class, SoukProvidePage, state_row);
  gtk_widget_class_bind_template_child (widget_class, SoukProvidePage, state_icon);
  gtk_widget_class_bind_template_child (widget_class, SoukProvidePage, running);
  gtk_widget_class_bind_template_child (widget_class, SoukProvidePage, running_group);
  gtk_widget_class_bind_template_child (widget_class, SoukProvidePage, earned);
  gtk_widget_class_bind_template_child (widget_class, SoukProvidePage, price);
  gtk_widget_class_bind_template_child (widget_class, SoukProvidePage, price_coin);
  gtk_widget_class_bind_template_child (widget_class, SoukProvidePage, price_preview);
  gtk_widget_class_bind_template_child (widget_class, SoukProvidePage, jobs_max);
  gtk_widget_class_bind_template_child (widget_class, SoukProvidePage, memory);
  gtk_widget_class_bind_template_child (widget_class, SoukProvidePage, time);
  gtk_widget_class_bind_template_callback (widget_class, on_enabled);
  gtk_widget_class_bind_template_callback (widget_class, on_price);
  gtk_widget_class_bind_template_callback (widget_class, on_limits);
  gtk_widget_class_bind_template_callback (widget_class, on_rules);
}
