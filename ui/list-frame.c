/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A list with what stands in its place. See list-frame.h.
 */
#include "ui/list-frame.h"

#include <glib/gi18n.h>

struct _SoukListFrame {
  AdwBin parent_instance;
  SoukItemList *list;
  GtkStack *stack;
  AdwStatusPage *problem;
};

enum { PROP_LIST = 1, PROP_CONTENT, PROP_EMPTY };

G_DEFINE_FINAL_TYPE (SoukListFrame, souk_list_frame, ADW_TYPE_BIN)

/* Decides what is shown. While a list is asked for again, what was there stays. */
static void
update (SoukListFrame *self)
{
  g_autofree char *problem = souk_item_list_dup_problem (self->list);
  bool has_rows = g_list_model_get_n_items (G_LIST_MODEL (self->list)) > 0;
  const char *name = "content";
  if (*problem != '\0' && !has_rows)
    {
      adw_status_page_set_description (self->problem, problem);
      name = "problem";
    }
  else if (!has_rows && souk_item_list_is_loading (self->list))
    name = "loading";
  else if (!has_rows)
    name = souk_item_list_is_filtered (self->list) ? "no-match" : "empty";
  if (gtk_stack_get_child_by_name (self->stack, name) != NULL)
    gtk_stack_set_visible_child_name (self->stack, name);
}

static void
on_retry (SoukListFrame *self)
{
  if (self->list != NULL)
    souk_item_list_reload (self->list);
}

static void
set_list (SoukListFrame *self, SoukItemList *list)
{
  if (self->list != NULL)
    g_signal_handlers_disconnect_by_data (self->list, self);
  if (!g_set_object (&self->list, list) || list == NULL)
    return;
  g_signal_connect_object (list, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (list, "items-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
souk_list_frame_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  SoukListFrame *self = SOUK_LIST_FRAME (object);
  if (id == PROP_LIST)
    set_list (self, g_value_get_object (value));
  else if (id == PROP_CONTENT)
    gtk_stack_add_named (self->stack, g_value_get_object (value), "content");
  else if (id == PROP_EMPTY)
    gtk_stack_add_named (self->stack, g_value_get_object (value), "empty");
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
souk_list_frame_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SoukListFrame *self = SOUK_LIST_FRAME (object);
  if (id == PROP_LIST)
    g_value_set_object (value, self->list);
  else if (id == PROP_CONTENT)
    g_value_set_object (value, gtk_stack_get_child_by_name (self->stack, "content"));
  else if (id == PROP_EMPTY)
    g_value_set_object (value, gtk_stack_get_child_by_name (self->stack, "empty"));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
souk_list_frame_dispose (GObject *object)
{
  set_list (SOUK_LIST_FRAME (object), NULL);
  G_OBJECT_CLASS (souk_list_frame_parent_class)->dispose (object);
}

static void
souk_list_frame_init (SoukListFrame *self)
{
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_transition_type (self->stack, GTK_STACK_TRANSITION_TYPE_CROSSFADE);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->stack));

  GtkWidget *spinner = adw_spinner_new ();
  gtk_widget_set_size_request (spinner, 48, 48);
  gtk_widget_set_halign (spinner, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (spinner, GTK_ALIGN_CENTER);
  gtk_stack_add_named (self->stack, spinner, "loading");

  GtkWidget *no_match = adw_status_page_new ();
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (no_match), "edit-find-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (no_match), _ ("Nothing Found"));
  adw_status_page_set_description (ADW_STATUS_PAGE (no_match),
                                   _ ("Try other words, or look in all categories."));
  gtk_stack_add_named (self->stack, no_match, "no-match");

  self->problem = ADW_STATUS_PAGE (adw_status_page_new ());
  adw_status_page_set_icon_name (self->problem, "dialog-warning-symbolic");
  adw_status_page_set_title (self->problem, _ ("Not Available"));
  GtkWidget *retry = gtk_button_new_with_mnemonic (_ ("_Try Again"));
  gtk_widget_add_css_class (retry, "pill");
  gtk_widget_set_halign (retry, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (retry, "clicked", G_CALLBACK (on_retry), self);
  adw_status_page_set_child (self->problem, retry);
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->problem), "problem");
}

static void
souk_list_frame_class_init (SoukListFrameClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->set_property = souk_list_frame_set_property;
  object_class->get_property = souk_list_frame_get_property;
  object_class->dispose = souk_list_frame_dispose;
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  g_object_class_install_property (
      object_class, PROP_LIST,
      g_param_spec_object ("list", NULL, NULL, SOUK_TYPE_ITEM_LIST, flags));
  g_object_class_install_property (
      object_class, PROP_CONTENT,
      g_param_spec_object ("content", NULL, NULL, GTK_TYPE_WIDGET, flags));
  g_object_class_install_property (
      object_class, PROP_EMPTY, g_param_spec_object ("empty", NULL, NULL, GTK_TYPE_WIDGET, flags));
}
