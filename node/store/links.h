/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a block links to, for collecting garbage. GLIB, writer thread.
 */
#pragma once
#include "store/store.h"

/* The links of a dag-pb block; a block of another codec, or a malformed one, has none. */
void souk_store_links_of (const SoukCid *cid, SoukSlice block, SoukStoreVisitLink visit,
                          gpointer user);
