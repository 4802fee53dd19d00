/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The timeline of an order or a job. See timeline.h.
 */
#include "ui/timeline.h"

#include "ui/model/items.h"
#include "ui/model/words.h"

#include <glib/gi18n.h>

struct _SoukTimeline {
  AdwBin parent_instance;
  SoukItem *item;
  AdwExpanderRow *history; /* the phases that are over; folded once all is over */
  GPtrArray *step_rows;    /* borrowed from the history */
  GtkLabel *now_title;
  GtkLabel *sentence;
  GtkLabel *deadline;
  GtkStack *now_mark;
  guint tick; /* runs while a deadline is shown */
};

enum { PROP_ITEM = 1 };

G_DEFINE_FINAL_TYPE (SoukTimeline, souk_timeline, ADW_TYPE_BIN)

/* ---- rows ---- */

static GtkWidget *
new_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
new_step_row (SoukItem *step)
{
  g_autofree char *phase = souk_item_dup_text (step, "phase-text");
  g_autofree char *time = souk_item_dup_text (step, "time-text");
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *mark = gtk_image_new_from_icon_name ("object-select-symbolic");
  GtkWidget *when = new_label (time, "dimmed");
  gtk_widget_add_css_class (mark, "success");
  gtk_widget_add_css_class (when, "numeric");
  gtk_widget_add_css_class (row, "timeline-step");
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), phase);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), mark);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), when);
  return row;
}

/* Returns: (transfer none): the row of what happens now, the last one. */
static GtkWidget *
make_now_row (SoukTimeline *self)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  self->now_title = GTK_LABEL (new_label (NULL, "heading"));
  self->sentence = GTK_LABEL (new_label (NULL, NULL));
  self->deadline = GTK_LABEL (new_label (NULL, "dimmed"));
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (self->now_title));
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (self->sentence));
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (self->deadline));
  self->now_mark = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->now_mark, adw_spinner_new (), "busy");
  GtkWidget *done = gtk_image_new_from_icon_name ("object-select-symbolic");
  GtkWidget *failed = gtk_image_new_from_icon_name ("dialog-warning-symbolic");
  gtk_widget_add_css_class (done, "success");
  gtk_widget_add_css_class (failed, "warning");
  gtk_stack_add_named (self->now_mark, done, "done");
  gtk_stack_add_named (self->now_mark, failed, "failed");
  gtk_widget_set_valign (GTK_WIDGET (self->now_mark), GTK_ALIGN_START);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->now_mark));
  gtk_box_append (GTK_BOX (box), texts);
  gtk_widget_add_css_class (box, "timeline-now");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  return row;
}

/* ---- following ---- */

static void
show_deadline (SoukTimeline *self)
{
  g_autoptr (GDateTime) deadline = souk_item_dup_time (self->item, "deadline");
  g_autofree char *then = souk_item_dup_text (self->item, "then");
  bool is_shown = deadline != NULL && !souk_item_get_flag (self->item, "is-final");
  gtk_widget_set_visible (GTK_WIDGET (self->deadline), is_shown);
  if (!is_shown)
    return;
  g_autofree char *until = souk_words_until (deadline);
  g_autofree char *at = g_date_time_format (deadline, "%H:%M:%S");
  /* Translators: "Deadline in 4 min, at 14:02:07: Your money is claimed back by itself." */
  g_autofree char *text = g_strdup_printf (_ ("Deadline %s, at %s: %s"), until, at, then);
  gtk_label_set_label (self->deadline, text);
}

static gboolean
on_tick (gpointer user_data)
{
  SoukTimeline *self = user_data;
  if (self->item != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    show_deadline (self);
  return G_SOURCE_CONTINUE;
}

static bool
has_failed (SoukItem *item)
{
  static const char *const good[] = { "complete", "paid", "settled", "accepted" };
  g_autofree char *phase = souk_item_dup_text (item, "phase");
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    if (g_str_equal (phase, good[i]))
      return false;
  return true;
}

static void
show_now (SoukTimeline *self)
{
  g_autofree char *phase = souk_item_dup_text (self->item, "phase-text");
  g_autofree char *sentence = souk_item_dup_text (self->item, "sentence");
  const char *mark = !souk_item_get_flag (self->item, "is-final") ? "busy"
                     : has_failed (self->item)                    ? "failed"
                                                                  : "done";
  gtk_label_set_label (self->now_title, phase);
  gtk_label_set_label (self->sentence, sentence);
  gtk_widget_set_visible (GTK_WIDGET (self->sentence), *sentence != '\0');
  gtk_stack_set_visible_child_name (self->now_mark, mark);
  show_deadline (self);
}

/* The phases that are over; the last of the timeline is the one that is now. Phases are only ever
 * added, so that rows that are there stay. */
static void
show_steps (SoukTimeline *self)
{
  g_autoptr (GListModel) timeline = souk_item_dup_items (self->item, "timeline");
  guint n_past = MAX (g_list_model_get_n_items (timeline), 1) - 1;
  for (; self->step_rows->len > n_past; g_ptr_array_remove_index (self->step_rows, 0))
    adw_expander_row_remove (self->history, self->step_rows->pdata[0]);
  for (guint i = self->step_rows->len; i < n_past; i++)
    {
      g_autoptr (SoukItem) step = g_list_model_get_item (timeline, i);
      GtkWidget *row = new_step_row (step);
      adw_expander_row_add_row (self->history, row);
      g_ptr_array_add (self->step_rows, row);
    }
  bool is_final = souk_item_get_flag (self->item, "is-final");
  g_autofree char *title
      = g_strdup_printf (is_final ? ngettext ("After %u step", "After %u steps", n_past)
                                  : ngettext ("%u step so far", "%u steps so far", n_past),
                         n_past);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->history), title);
  gtk_widget_set_visible (GTK_WIDGET (self->history), n_past > 0);
}

/* What is under way is unfolded, what is over is folded; in between the person decides. */
static void
fold (SoukTimeline *self)
{
  if (self->item != NULL)
    adw_expander_row_set_expanded (self->history, !souk_item_get_flag (self->item, "is-final"));
}

static void
on_item_changed (SoukTimeline *self)
{
  if (self->item == NULL)
    return;
  show_steps (self);
  show_now (self);
}

void
souk_timeline_set_item (SoukTimeline *self, SoukItem *item)
{
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  if (!g_set_object (&self->item, item))
    return;
  for (; self->step_rows->len > 0; g_ptr_array_remove_index (self->step_rows, 0))
    adw_expander_row_remove (self->history, self->step_rows->pdata[0]);
  if (item != NULL)
    {
      g_signal_connect_object (item, "notify", G_CALLBACK (on_item_changed), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (item, "notify::is-final", G_CALLBACK (fold), self,
                               G_CONNECT_SWAPPED);
    }
  on_item_changed (self);
  fold (self);
  g_object_notify (G_OBJECT (self), "item");
}

/* ---- life ---- */

static void
souk_timeline_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ITEM)
    souk_timeline_set_item (SOUK_TIMELINE (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
souk_timeline_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ITEM)
    g_value_set_object (value, SOUK_TIMELINE (object)->item);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
souk_timeline_dispose (GObject *object)
{
  SoukTimeline *self = SOUK_TIMELINE (object);
  g_clear_handle_id (&self->tick, g_source_remove);
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_clear_object (&self->item);
  g_clear_pointer (&self->step_rows, g_ptr_array_unref);
  G_OBJECT_CLASS (souk_timeline_parent_class)->dispose (object);
}

static void
souk_timeline_init (SoukTimeline *self)
{
  GtkWidget *list = gtk_list_box_new ();
  self->step_rows = g_ptr_array_new ();
  self->history = ADW_EXPANDER_ROW (adw_expander_row_new ());
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Progress"), -1);
  gtk_list_box_append (GTK_LIST_BOX (list), GTK_WIDGET (self->history));
  gtk_list_box_append (GTK_LIST_BOX (list), make_now_row (self));
  adw_bin_set_child (ADW_BIN (self), list);
  self->tick = g_timeout_add_seconds (1, on_tick, self);
}

static void
souk_timeline_class_init (SoukTimelineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->set_property = souk_timeline_set_property;
  object_class->get_property = souk_timeline_get_property;
  object_class->dispose = souk_timeline_dispose;
  g_object_class_install_property (
      object_class, PROP_ITEM,
      g_param_spec_object ("item", NULL, NULL, SOUK_TYPE_ITEM,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
}
