/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A list with what stands in its place: a spinner while it loads, a page that says what to do next
 * when it is empty, the node's sentence when it cannot be had. GTK, main thread.
 *
 * Properties: "list" (SoukItemList), "content" and "empty" (GtkWidget).
 */
#pragma once
#include "ui/model/item-list.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define SOUK_TYPE_LIST_FRAME (souk_list_frame_get_type ())
G_DECLARE_FINAL_TYPE (SoukListFrame, souk_list_frame, SOUK, LIST_FRAME, AdwBin)

G_END_DECLS
