/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keyboard shortcuts: their one table, and the dialog that shows it. GTK, main thread.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

typedef struct {
  const char *action;      /* detailed: "win.place::market" */
  const char *accelerator; /* as gtk_accelerator_parse() takes it */
  const char *title;       /* untranslated */
} SoukShortcut;

extern const SoukShortcut souk_shortcuts[];
extern const unsigned souk_shortcuts_count;

/* Gives the application the accelerators of the table. */
void souk_shortcuts_install (GtkApplication *application);

AdwDialog *souk_shortcuts_dialog_new (void);

G_END_DECLS
