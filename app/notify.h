/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Notifications: a sale, a finished purchase, a finished job. GTK, main thread.
 */
#pragma once
#include "ui/model/client.h"

/* Tells the person of what ends while they may be looking elsewhere, as long as both live. An
 * application that has sent a notification is never finalized. */
void souk_notify_follow (GApplication *application, SoukClient *client);

/* Takes back what was told and still stands: nobody would answer to it after the end. What the
 * desktop has not yet answered for cannot be taken back; it goes by the desktop's own rules. */
void souk_notify_end (GApplication *application);
