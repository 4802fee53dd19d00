/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One of the window's five places: what they have in common. GTK, main thread.
 *
 * Properties: "client" (SoukClient), "menu" (GMenuModel; the window's, for the narrow layout, where
 * no sidebar carries it), "is-narrow".
 */
#pragma once
#include "ui/model/client.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define SOUK_TYPE_PLACE (souk_place_get_type ())
G_DECLARE_DERIVABLE_TYPE (SoukPlace, souk_place, SOUK, PLACE, AdwBin)

struct _SoukPlaceClass {
  AdwBinClass parent_class;
  /* The client has come, once. */
  void (*connected) (SoukPlace *self, SoukClient *client);
  /* The person wants to search here; NULL: there is nothing to search. */
  void (*search) (SoukPlace *self);
};

/* Returns: (nullable): borrowed. */
SoukClient *souk_place_client (SoukPlace *self);

/* Puts the keyboard into the place's search entry. */
void souk_place_search (SoukPlace *self);

/* Says a sentence at the foot of the window that `widget` is in. */
void souk_toast (GtkWidget *widget, const char *sentence);

/* Puts text on the clipboard, and says so. */
void souk_copy (GtkWidget *widget, const char *text, const char *sentence);

G_END_DECLS
