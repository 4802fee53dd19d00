/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog that publishes a prompt. GTK, main thread.
 * Signal: "published", when the node has it; the dialog closes itself.
 */
#pragma once
#include "ui/model/client.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define SOUK_TYPE_PUBLISH_DIALOG (souk_publish_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SoukPublishDialog, souk_publish_dialog, SOUK, PUBLISH_DIALOG, AdwDialog)

SoukPublishDialog *souk_publish_dialog_new (SoukClient *client);

G_END_DECLS
