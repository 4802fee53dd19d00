/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One job. See job-page.h.
 */
#include "ui/job-page.h"

#include "ui/model/words.h"
#include "ui/place.h"
#include "ui/timeline.h"

#include <glib/gi18n.h>
#include <string.h>

struct _SoukJobPage {
  AdwNavigationPage parent_instance;
  SoukClient *client;
  SoukItem *job;
  GPtrArray *bid_rows; /* borrowed from the group */
  bool has_result;
  GtkWidget *cancel;
  SoukTimeline *timeline;
  GtkWidget *progress_box, *result_box, *fuel_row;
  GtkLabel *result_title, *output, *errors;
  AdwPreferencesGroup *bids;
};

enum { PROP_JOB = 1 };

G_DEFINE_FINAL_TYPE (SoukJobPage, souk_job_page, ADW_TYPE_NAVIGATION_PAGE)

/* ---- bids ---- */

static GtkWidget *
new_bid_row (SoukItem *bid)
{
  g_autofree char *title = souk_item_dup_text (bid, "title");
  g_autofree char *score = souk_item_dup_text (bid, "score-text");
  g_autofree char *reason = souk_item_dup_text (bid, "reason");
  g_autofree char *parts = souk_item_dup_text (bid, "parts-text");
  /* Bids are weighed together, once the time for bids is over. */
  bool is_weighed = *reason != '\0';
  g_autofree char *subtitle
      = is_weighed ? g_strdup_printf ("%s\n%s", reason, parts) : g_strdup (_ ("Not weighed yet"));
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *label = gtk_label_new (is_weighed ? score : "");
  gtk_widget_add_css_class (label, "numeric");
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
  if (souk_item_get_flag (bid, "is-winner"))
    {
      GtkWidget *mark = gtk_image_new_from_icon_name ("object-select-symbolic");
      gtk_widget_add_css_class (mark, "success");
      gtk_widget_set_tooltip_text (mark, _ ("Chosen"));
      gtk_accessible_update_property (GTK_ACCESSIBLE (mark), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _ ("Chosen"), -1);
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), mark);
    }
  return row;
}

static void
show_bids (SoukJobPage *self)
{
  g_autoptr (GListModel) bids = souk_item_dup_items (self->job, "bids");
  for (guint i = 0; i < self->bid_rows->len; i++)
    adw_preferences_group_remove (self->bids, self->bid_rows->pdata[i]);
  g_ptr_array_set_size (self->bid_rows, 0);
  for (guint i = 0; i < g_list_model_get_n_items (bids); i++)
    {
      g_autoptr (SoukItem) bid = g_list_model_get_item (bids, i);
      GtkWidget *row = new_bid_row (bid);
      adw_preferences_group_add (self->bids, row);
      g_ptr_array_add (self->bid_rows, row);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->bids), self->bid_rows->len > 0);
}

/* ---- the result ---- */

static void
on_result (gpointer owner, SoukItem *result, const char *problem)
{
  SoukJobPage *self = owner;
  if (result == NULL)
    {
      self->has_result = false;
      souk_toast (GTK_WIDGET (self), problem);
      return;
    }
  g_autofree char *stdout_text = souk_item_dup_text (result, "stdout");
  g_autofree char *stderr_text = souk_item_dup_text (result, "stderr");
  g_autofree char *output = souk_words_printed (stdout_text);
  g_autofree char *errors = souk_words_printed (stderr_text);
  g_autofree char *took = souk_words_duration (souk_item_get_integer (result, "wall-ms"));
  g_autofree char *title = g_strdup_printf (_ ("Result · exit status %d · %s"),
                                            (int)souk_item_get_integer (result, "exit-code"), took);
  g_strchomp (output);
  g_strchomp (errors);
  gtk_label_set_label (self->result_title, title);
  gtk_label_set_label (self->output, *output != '\0' ? output : _ ("It printed nothing."));
  gtk_label_set_label (self->errors, errors);
  gtk_widget_set_visible (GTK_WIDGET (self->errors), *errors != '\0');
  gtk_widget_set_visible (self->result_box, TRUE);
}

static void
on_copy (SoukJobPage *self)
{
  souk_copy (GTK_WIDGET (self), gtk_label_get_label (self->output), _ ("Copied"));
}

/* ---- following ---- */

static void
on_job_changed (SoukJobPage *self)
{
  bool is_final = souk_item_get_flag (self->job, "is-final");
  bool is_ours = souk_item_is (self->job, "role", "requester");
  g_autofree char *progress = souk_item_dup_text (self->job, "progress");
  g_autofree char *fuel = souk_item_dup_text (self->job, "fuel-text");
  gtk_widget_set_visible (self->cancel, is_ours && !is_final);
  gtk_widget_set_visible (self->progress_box, *progress != '\0' && !is_final);
  gtk_widget_set_visible (self->fuel_row, *fuel != '\0');
  show_bids (self);
  if (is_ours && is_final && souk_item_get_flag (self->job, "has-result") && !self->has_result)
    {
      self->has_result = true;
      souk_client_fetch_result (self->client, self->job, self, on_result);
    }
}

static void
on_cancelled (gpointer owner, SoukItem *result, const char *problem)
{
  if (problem != NULL)
    souk_toast (owner, problem);
}

static void
on_cancel (SoukJobPage *self)
{
  souk_client_cancel_job (self->client, self->job, self, on_cancelled);
}

AdwNavigationPage *
souk_job_page_new (SoukClient *client, SoukItem *job)
{
  SoukJobPage *self = g_object_new (SOUK_TYPE_JOB_PAGE, NULL);
  self->client = g_object_ref (client);
  self->job = g_object_ref (job);
  g_object_notify (G_OBJECT (self), "job");
  g_signal_connect_object (job, "notify", G_CALLBACK (on_job_changed), self, G_CONNECT_SWAPPED);
  on_job_changed (self);
  souk_client_refresh_item (client, job);
  return ADW_NAVIGATION_PAGE (self);
}

/* ---- life ---- */

static void
souk_job_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_JOB)
    g_value_set_object (value, SOUK_JOB_PAGE (object)->job);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
souk_job_page_dispose (GObject *object)
{
  SoukJobPage *self = SOUK_JOB_PAGE (object);
  gtk_widget_dispose_template (GTK_WIDGET (self), SOUK_TYPE_JOB_PAGE);
  g_clear_pointer (&self->bid_rows, g_ptr_array_unref);
  g_clear_object (&self->job);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (souk_job_page_parent_class)->dispose (object);
}

static void
souk_job_page_init (SoukJobPage *self)
{
  self->bid_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
souk_job_page_class_init (SoukJobPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->get_property = souk_job_page_get_property;
  G_OBJECT_CLASS (klass)->dispose = souk_job_page_dispose;
  g_object_class_install_property (G_OBJECT_CLASS (klass), PROP_JOB,
                                   g_param_spec_object ("job", NULL, NULL, SOUK_TYPE_ITEM,
                                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/soukmarket/Souk/ui/job-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SoukJobPage, cancel);
  gtk_widget_class_bind_template_child (widget_class, SoukJobPage, timeline);
  gtk_widget_class_bind_template_child (widget_class, SoukJobPage, progress_box);
  gtk_widget_class_bind_template_child (widget_class, SoukJobPage, result_box);
  gtk_widget_class_bind_template_child (widget_class, SoukJobPage, result_title);
  gtk_widget_class_bind_template_child (widget_class, SoukJobPage, output);
  gtk_widget_class_bind_template_child (widget_class, SoukJobPage, errors);
  gtk_widget_class_bind_template_child (widget_class, SoukJobPage, bids);
  gtk_widget_class_bind_template_child (widget_class, SoukJobPage, fuel_row);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
}
