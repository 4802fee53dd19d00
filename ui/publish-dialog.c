/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog that publishes a prompt. See publish-dialog.h.
 *
 * The node checks all of it; what is checked here is what lets the button be pressed. When the node
 * refuses, its sentence stands in the dialog and nothing that was written is lost.
 */
#include "ui/publish-dialog.h"

#include "ui/model/amount.h"
#include "ui/model/words.h"

#include <glib/gi18n.h>
#include <string.h>

struct _SoukPublishDialog {
  AdwDialog parent_instance;
  SoukClient *client;
  GtkWidget *publish;
  AdwBanner *banner;
  GtkEditable *title_row, *description_row, *tags_row, *price_row;
  AdwComboRow *category_row;
  GtkLabel *price_coin;
  AdwActionRow *price_preview;
  GtkTextView *content, *sample;
  bool is_asking;
};

enum { PUBLISHED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* The words that listings are sorted by; a buyer's drop-down shows what there is. */
static const char *const categories[] = {
  "other",    "writing",    "coding", "research", "education", "data",  "images",        "design",
  "business", "operations", "law",    "health",   "home",      "games", "accessibility",
};

G_DEFINE_FINAL_TYPE (SoukPublishDialog, souk_publish_dialog, ADW_TYPE_DIALOG)

/* Returns: (transfer full) */
static char *
view_text (GtkTextView *view)
{
  GtkTextIter start;
  GtkTextIter end;
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (view);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static char *
stripped (GtkEditable *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (row)));
}

static void
show_price (SoukPublishDialog *self, const char *price, bool is_valid)
{
  g_autofree char *net = NULL;
  g_autofree char *fee = NULL;
  g_autofree char *text = NULL;
  if (!is_valid)
    text = g_strdup (_ ("Write an amount such as 0.25; at most 18 digits after the point."));
  else if (souk_amount_is_zero (price))
    text = g_strdup (_ ("Free: anyone may read it, and no wallet is needed."));
  else if (souk_amount_split (price, &net, &fee))
    {
      g_autofree char *shown = souk_amount_shown (price);
      g_autofree char *shown_net = souk_amount_shown (net);
      g_autofree char *shown_fee = souk_amount_shown (fee);
      text = g_strdup_printf (_ ("The buyer pays %s · you receive %s after the 3 %% fee of %s"),
                              shown, shown_net, shown_fee);
    }
  else
    text = g_strdup (_ ("That is more than there is."));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->price_preview), _ ("What You Receive"));
  adw_action_row_set_subtitle (self->price_preview, text);
  if (is_valid)
    gtk_widget_remove_css_class (GTK_WIDGET (self->price_row), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->price_row), "error");
}

static void
on_changed (SoukPublishDialog *self)
{
  g_autofree char *title = stripped (self->title_row);
  g_autofree char *price = stripped (self->price_row);
  g_autofree char *content = view_text (self->content);
  bool is_valid = *price == '\0' || souk_amount_is_valid (price);
  show_price (self, price, is_valid);
  gtk_widget_set_sensitive (self->publish, !self->is_asking && is_valid && *title != '\0'
                                               && *g_strstrip (content) != '\0');
}

/* Returns: (transfer full): the words between commas, without spaces around them. */
static GStrv
split_tags (const char *text)
{
  g_autoptr (GStrvBuilder) tags = g_strv_builder_new ();
  g_auto (GStrv) pieces = g_strsplit (text, ",", -1);
  for (char **at = pieces; *at != NULL; at++)
    if (*g_strstrip (*at) != '\0')
      g_strv_builder_add (tags, *at);
  return g_strv_builder_end (tags);
}

static void
on_answer (gpointer owner, SoukItem *result, const char *problem)
{
  SoukPublishDialog *self = owner;
  self->is_asking = false;
  on_changed (self);
  if (problem != NULL)
    {
      adw_banner_set_title (self->banner, problem);
      adw_banner_set_revealed (self->banner, TRUE);
      return;
    }
  g_signal_emit (self, signals[PUBLISHED], 0);
  adw_dialog_close (ADW_DIALOG (self));
}

static void
on_publish (SoukPublishDialog *self)
{
  g_autofree char *title = stripped (self->title_row);
  g_autofree char *description = stripped (self->description_row);
  g_autofree char *price = stripped (self->price_row);
  g_autofree char *content = view_text (self->content);
  g_autofree char *sample = view_text (self->sample);
  g_auto (GStrv) tags = split_tags (gtk_editable_get_text (self->tags_row));
  guint category = adw_combo_row_get_selected (self->category_row);
  SoukDraftListing draft = {
    .title = title,
    .description = description,
    .category = category < G_N_ELEMENTS (categories) ? categories[category] : NULL,
    .tags = (const char *const *)tags,
    .content = content,
    .sample = sample,
    .price = price,
  };
  self->is_asking = true;
  adw_banner_set_revealed (self->banner, FALSE);
  gtk_widget_set_sensitive (self->publish, FALSE);
  souk_client_publish (self->client, &draft, self, on_answer);
}

SoukPublishDialog *
souk_publish_dialog_new (SoukClient *client)
{
  SoukPublishDialog *self = g_object_new (SOUK_TYPE_PUBLISH_DIALOG, NULL);
  self->client = g_object_ref (client);
  return self;
}

static void
souk_publish_dialog_dispose (GObject *object)
{
  SoukPublishDialog *self = SOUK_PUBLISH_DIALOG (object);
  gtk_widget_dispose_template (GTK_WIDGET (self), SOUK_TYPE_PUBLISH_DIALOG);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (souk_publish_dialog_parent_class)->dispose (object);
}

static void
souk_publish_dialog_init (SoukPublishDialog *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_label_set_label (self->price_coin, souk_amount_coin ());
  for (gsize i = 0; i < G_N_ELEMENTS (categories); i++)
    {
      g_autofree char *name = souk_words_phrase (categories[i]);
      gtk_string_list_append (names, name);
    }
  adw_combo_row_set_model (self->category_row, G_LIST_MODEL (names));
  g_signal_connect_object (gtk_text_view_get_buffer (self->content), "changed",
                           G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  on_changed (self);
}

static void
souk_publish_dialog_class_init (SoukPublishDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = souk_publish_dialog_dispose;
  signals[PUBLISHED] = g_signal_new ("published", SOUK_TYPE_PUBLISH_DIALOG, G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/soukmarket/Souk/ui/publish-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SoukPublishDialog, publish);
  gtk_widget_class_bind_template_child (widget_class, SoukPublishDialog, banner);
  gtk_widget_class_bind_template_child (widget_class, SoukPublishDialog, title_row);
  gtk_widget_class_bind_template_child (widget_class, SoukPublishDialog, description_row);
  gtk_widget_class_bind_template_child (widget_class, SoukPublishDialog, tags_row);
  gtk_widget_class_bind_template_child (widget_class, SoukPublishDialog, price_row);
  gtk_widget_class_bind_template_child (widget_class, SoukPublishDialog, category_row);
  gtk_widget_class_bind_template_child (widget_class, SoukPublishDialog, price_coin);
  gtk_widget_class_bind_template_child (widget_class, SoukPublishDialog, price_preview);
  gtk_widget_class_bind_template_child (widget_class, SoukPublishDialog, content);
  gtk_widget_class_bind_template_child (widget_class, SoukPublishDialog, sample);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_publish);
}
