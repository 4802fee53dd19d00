/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pins: what must stay. GLIB, node thread.
 *
 * A pin holds its root and all that the root's blocks link to, as far as they are here; it may be
 * set before any of them is. Each has an owner (who may take it away: "listing", "job", "user"),
 * a reason for a person, and maybe an end.
 */
#pragma once
#include "store/store.h"

typedef struct {
  SoukCid root;
  char *owner;
  char *reason;
  SoukWall added;
  SoukWall expires; /* us 0: never */
} SoukPin;

void souk_pin_free (SoukPin *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukPin, souk_pin_free)

/* Sets the pin of (root, owner), or changes its reason and end. `expires.us` 0: never. */
void souk_pins_add (SoukStoreBatch *batch, const SoukCid *root, const char *owner,
                    const char *reason, SoukWall expires);
void souk_pins_remove (SoukStoreBatch *batch, const SoukCid *root, const char *owner);

/* True when some owner has pinned this very root, and the pin has not ended at `now`. */
bool souk_pins_has (SoukStore *store, const SoukCid *root, SoukWall now);
/* Returns: (transfer full) (element-type SoukPin): of one owner or (NULL) of all, newest first. */
GPtrArray *souk_pins_list (SoukStore *store, const char *owner, unsigned offset, unsigned limit);
