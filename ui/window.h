/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The window: five places, and what is shown while there is no node yet. GTK, main thread.
 *
 * It begins with a spinner. souk_window_connect() gives it a node's client and shows the places;
 * souk_window_show_failure() says why there is no node, and what to do.
 * Actions: win.place::market …, win.publish, win.request-job, win.search, win.shortcuts,
 * win.show-order::ID, win.show-job::ID.
 */
#pragma once
#include "ui/model/client.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define SOUK_TYPE_WINDOW (souk_window_get_type ())
G_DECLARE_FINAL_TYPE (SoukWindow, souk_window, SOUK, WINDOW, AdwApplicationWindow)

/* `settings` (nullable): keeps the window's size and place. */
SoukWindow *souk_window_new (GtkApplication *application, GSettings *settings);

/* Ends all that the window has of an older client, and shows the places with this one. */
void souk_window_connect (SoukWindow *self, SoukClient *client);

/* `sentence`: why the node did not start. The page's button is the action app.start-node. */
void souk_window_show_failure (SoukWindow *self, const char *sentence, const char *data_dir);

/* "market", "jobs", "provide", "wallet" or "logs". */
void souk_window_show_place (SoukWindow *self, const char *name);
const char *souk_window_get_place (SoukWindow *self);

/* Registers the types that interface files name. */
void souk_ui_init (void);

G_END_DECLS
