/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog that asks the market to run a program. GTK, main thread.
 * Signal: "requested" (SoukJob), when the node has posted it; the dialog closes itself.
 */
#pragma once
#include "ui/model/client.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define SOUK_TYPE_REQUEST_DIALOG (souk_request_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SoukRequestDialog, souk_request_dialog, SOUK, REQUEST_DIALOG, AdwDialog)

SoukRequestDialog *souk_request_dialog_new (SoukClient *client);

/* Takes a file as if it had been chosen. */
void souk_request_dialog_set_file (SoukRequestDialog *self, GFile *file);

G_END_DECLS
