/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How far an order or a job is: the phases so far with their times, what happens now, and the next
 * deadline with what happens then by itself. GTK, main thread.
 *
 * Property: "item", a SoukOrder or a SoukJob; followed while it changes.
 */
#pragma once
#include "ui/model/item.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define SOUK_TYPE_TIMELINE (souk_timeline_get_type ())
G_DECLARE_FINAL_TYPE (SoukTimeline, souk_timeline, SOUK, TIMELINE, AdwBin)

void souk_timeline_set_item (SoukTimeline *self, SoukItem *item);

G_END_DECLS
