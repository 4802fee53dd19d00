/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keyboard shortcuts and their dialog. See shortcuts-dialog.h.
 *
 * The dialog is made from the same table as the accelerators, so that it cannot say what is not so.
 */
#include "ui/shortcuts-dialog.h"

#include <glib/gi18n.h>

const SoukShortcut souk_shortcuts[] = {
  { "win.place::market", "<Alt>1", N_ ("Market") },
  { "win.place::jobs", "<Alt>2", N_ ("Jobs") },
  { "win.place::provide", "<Alt>3", N_ ("Provide") },
  { "win.place::wallet", "<Alt>4", N_ ("Wallet") },
  { "win.place::logs", "<Alt>5", N_ ("Logs") },
  { "win.publish", "<Control>n", N_ ("Publish a prompt") },
  { "win.request-job", "<Control>j", N_ ("Request a job") },
  { "win.search", "<Control>f", N_ ("Search here") },
  { "win.shortcuts", "<Control>question", N_ ("Keyboard shortcuts") },
  { "window.close", "<Control>w", N_ ("Close the window") },
  { "app.quit", "<Control>q", N_ ("Quit") },
};
const unsigned souk_shortcuts_count = G_N_ELEMENTS (souk_shortcuts);

void
souk_shortcuts_install (GtkApplication *application)
{
  for (unsigned i = 0; i < souk_shortcuts_count; i++)
    {
      const char *accelerators[] = { souk_shortcuts[i].accelerator, NULL };
      gtk_application_set_accels_for_action (application, souk_shortcuts[i].action, accelerators);
    }
}

static GtkWidget *
new_row (const SoukShortcut *shortcut)
{
  guint key = 0;
  GdkModifierType modifiers = 0;
  GtkWidget *row = adw_action_row_new ();
  gtk_accelerator_parse (shortcut->accelerator, &key, &modifiers);
  g_autofree char *text = gtk_accelerator_get_label (key, modifiers);
  GtkWidget *label = gtk_label_new (text);
  gtk_widget_add_css_class (label, "key-label");
  gtk_widget_set_valign (label, GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (shortcut->title));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
  return row;
}

AdwDialog *
souk_shortcuts_dialog_new (void)
{
  AdwDialog *dialog = adw_dialog_new ();
  GtkWidget *view = adw_toolbar_view_new ();
  GtkWidget *page = adw_preferences_page_new ();
  GtkWidget *group = adw_preferences_group_new ();
  for (unsigned i = 0; i < souk_shortcuts_count; i++)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), new_row (&souk_shortcuts[i]));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (group));
  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (view), adw_header_bar_new ());
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (view), page);
  adw_dialog_set_child (dialog, view);
  adw_dialog_set_title (dialog, _ ("Keyboard Shortcuts"));
  adw_dialog_set_content_width (dialog, 440);
  adw_dialog_set_content_height (dialog, 600);
  return dialog;
}
