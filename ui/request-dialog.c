/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog that asks the market to run a program. See request-dialog.h.
 */
#include "ui/request-dialog.h"

#include "ui/model/amount.h"

#include <glib/gi18n.h>
#include <string.h>

struct _SoukRequestDialog {
  AdwDialog parent_instance;
  SoukClient *client;
  GBytes *module; /* NULL: no file yet */
  GtkWidget *request;
  AdwBanner *banner;
  AdwActionRow *file_row;
  GtkEditable *title_row, *args_row, *price_row;
  GtkLabel *price_coin;
  GtkTextView *input;
  AdwSpinRow *memory_row, *time_row;
  AdwSwitchRow *deterministic_row;
  bool is_asking;
};

enum { REQUESTED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* What the node takes as one module. */
#define MODULE_BYTES_MAX (64 * 1024 * 1024)
static const char wasm_magic[] = { 0, 'a', 's', 'm' };

G_DEFINE_FINAL_TYPE (SoukRequestDialog, souk_request_dialog, ADW_TYPE_DIALOG)

static void
mark (GtkEditable *row, bool is_valid)
{
  if (is_valid)
    gtk_widget_remove_css_class (GTK_WIDGET (row), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (row), "error");
}

/* Returns: (transfer full) (nullable): NULL when quotes do not match; empty for no words. */
static GStrv
parse_args (const char *text)
{
  GStrv args = NULL;
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  if (*stripped == '\0')
    return g_new0 (char *, 1);
  return g_shell_parse_argv (stripped, NULL, &args, NULL) ? args : NULL;
}

static void
on_changed (SoukRequestDialog *self)
{
  g_autofree char *price = g_strstrip (g_strdup (gtk_editable_get_text (self->price_row)));
  g_auto (GStrv) args = parse_args (gtk_editable_get_text (self->args_row));
  bool is_price = *price == '\0' || souk_amount_is_valid (price);
  mark (self->price_row, is_price);
  mark (self->args_row, args != NULL);
  gtk_widget_set_sensitive (self->request,
                            self->module != NULL && is_price && args != NULL && !self->is_asking);
}

static void
show_problem (SoukRequestDialog *self, const char *problem)
{
  adw_banner_set_title (self->banner, problem);
  adw_banner_set_revealed (self->banner, TRUE);
}

/* ---- the program ---- */

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SoukRequestDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_file_load_bytes_finish (G_FILE (source), result, NULL, &error);
  if (bytes == NULL)
    {
      show_problem (self, error->message);
      return;
    }
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);
  if (size < sizeof wasm_magic || memcmp (data, wasm_magic, sizeof wasm_magic) != 0)
    {
      show_problem (self, _ ("This file is no WebAssembly program."));
      return;
    }
  if (size > MODULE_BYTES_MAX)
    {
      show_problem (self, _ ("This program is larger than 64 MB."));
      return;
    }
  g_autofree char *name = g_file_get_basename (G_FILE (source));
  g_autofree char *shown = g_filename_display_name (name);
  g_autofree char *length = g_format_size (size);
  g_autofree char *subtitle = g_strdup_printf ("%s · %s", shown, length);
  g_clear_pointer (&self->module, g_bytes_unref);
  self->module = g_steal_pointer (&bytes);
  adw_action_row_set_subtitle (self->file_row, subtitle);
  if (*gtk_editable_get_text (self->title_row) == '\0')
    gtk_editable_set_text (self->title_row, shown);
  adw_banner_set_revealed (self->banner, FALSE);
  on_changed (self);
}

void
souk_request_dialog_set_file (SoukRequestDialog *self, GFile *file)
{
  g_file_load_bytes_async (file, NULL, on_loaded, g_object_ref (self));
}

static void
on_chosen (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SoukRequestDialog) self = user_data;
  g_autoptr (GFile) file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (source), result, NULL);
  /* NULL: the person has closed the dialog. */
  if (file != NULL)
    souk_request_dialog_set_file (self, file);
}

static void
on_choose (SoukRequestDialog *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  g_autoptr (GListStore) filters = g_list_store_new (GTK_TYPE_FILE_FILTER);
  gtk_file_filter_set_name (filter, _ ("WebAssembly programs"));
  gtk_file_filter_add_suffix (filter, "wasm");
  g_list_store_append (filters, filter);
  gtk_file_dialog_set_title (dialog, _ ("Choose a Program"));
  gtk_file_dialog_set_filters (dialog, G_LIST_MODEL (filters));
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  gtk_file_dialog_open (dialog, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, NULL, on_chosen,
                        g_object_ref (self));
}

/* ---- asking ---- */

static void
on_answer (gpointer owner, SoukItem *result, const char *problem)
{
  SoukRequestDialog *self = owner;
  self->is_asking = false;
  on_changed (self);
  if (result == NULL)
    {
      show_problem (self, problem);
      return;
    }
  g_signal_emit (self, signals[REQUESTED], 0, result);
  adw_dialog_close (ADW_DIALOG (self));
}

static void
on_request (SoukRequestDialog *self)
{
  GtkTextIter start;
  GtkTextIter end;
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->input);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  g_autofree char *input = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  g_autofree char *price = g_strstrip (g_strdup (gtk_editable_get_text (self->price_row)));
  g_auto (GStrv) args = parse_args (gtk_editable_get_text (self->args_row));
  SoukDraftJob draft = {
    .title = gtk_editable_get_text (self->title_row),
    .module = self->module,
    .args = (const char *const *)args,
    .input = input,
    .price_max = price,
    .memory_mb = (gint64)adw_spin_row_get_value (self->memory_row),
    .wall_ms = (gint64)adw_spin_row_get_value (self->time_row) * 1000,
    .is_deterministic = adw_switch_row_get_active (self->deterministic_row),
  };
  self->is_asking = true;
  adw_banner_set_revealed (self->banner, FALSE);
  gtk_widget_set_sensitive (self->request, FALSE);
  souk_client_request_job (self->client, &draft, self, on_answer);
}

/* ---- life ---- */

SoukRequestDialog *
souk_request_dialog_new (SoukClient *client)
{
  SoukRequestDialog *self = g_object_new (SOUK_TYPE_REQUEST_DIALOG, NULL);
  self->client = g_object_ref (client);
  return self;
}

static void
souk_request_dialog_dispose (GObject *object)
{
  SoukRequestDialog *self = SOUK_REQUEST_DIALOG (object);
  gtk_widget_dispose_template (GTK_WIDGET (self), SOUK_TYPE_REQUEST_DIALOG);
  g_clear_pointer (&self->module, g_bytes_unref);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (souk_request_dialog_parent_class)->dispose (object);
}

static void
souk_request_dialog_init (SoukRequestDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_label_set_label (self->price_coin, souk_amount_coin ());
}

static void
souk_request_dialog_class_init (SoukRequestDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = souk_request_dialog_dispose;
  signals[REQUESTED] = g_signal_new ("requested", SOUK_TYPE_REQUEST_DIALOG, G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 1, SOUK_TYPE_ITEM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/soukmarket/Souk/ui/request-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SoukRequestDialog, request);
  gtk_widget_class_bind_template_child (widget_class, SoukRequestDialog, banner);
  gtk_widget_class_bind_template_child (widget_class, SoukRequestDialog, file_row);
  gtk_widget_class_bind_template_child (widget_class, SoukRequestDialog, title_row);
  gtk_widget_class_bind_template_child (widget_class, SoukRequestDialog, args_row);
  gtk_widget_class_bind_template_child (widget_class, SoukRequestDialog, price_row);
  gtk_widget_class_bind_template_child (widget_class, SoukRequestDialog, price_coin);
  gtk_widget_class_bind_template_child (widget_class, SoukRequestDialog, input);
  gtk_widget_class_bind_template_child (widget_class, SoukRequestDialog, memory_row);
  gtk_widget_class_bind_template_child (widget_class, SoukRequestDialog, time_row);
  gtk_widget_class_bind_template_child (widget_class, SoukRequestDialog, deterministic_row);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_choose);
  gtk_widget_class_bind_template_callback (widget_class, on_request);
}
