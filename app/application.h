/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The application: the window, and the node that runs inside it. GTK, main thread.
 *
 * The window is shown first; the node starts on a thread of its own, so that a store that takes
 * its time does not keep the first frame. Actions: app.start-node, app.about, app.quit,
 * app.show-order::ID, app.show-job::ID (what notifications open).
 */
#pragma once
#include "options.h"

#include "ui/window.h"

G_BEGIN_DECLS

#define SOUK_APP_ID "io.github.soukmarket.Souk"

#define SOUK_TYPE_APPLICATION (souk_application_get_type ())
G_DECLARE_FINAL_TYPE (SoukApplication, souk_application, SOUK, APPLICATION, AdwApplication)

/* Takes over what `options` holds, and leaves it empty. A data directory that is not the person's
 * own makes an instance of its own, beside one that runs. */
SoukApplication *souk_application_new (SoukOptions *options);

/* Returns: (nullable): borrowed; NULL until the node is ready. */
SoukClient *souk_application_client (SoukApplication *self);
/* Returns: (nullable): borrowed. */
SoukWindow *souk_application_window (SoukApplication *self);

/* Returns: an exit status. */
int souk_application_main (int argc, char **argv);

G_END_DECLS
