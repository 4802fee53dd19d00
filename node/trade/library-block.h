/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Single blocks of the library: from the store, or from peers. GLIB, node thread.
 *
 * For readers that walk a DAG themselves, as the gateway does. What comes from peers is kept like any
 * block without a pin: until it is collected.
 */
#pragma once
#include "trade/library.h"

typedef struct SoukBlockWant SoukBlockWant;

/* `block` is NULL when it did not come in time. */
typedef void (*SoukBlockWantDone) (const SoukCid *cid, GBytes *block, void *user);

/* Returns: (transfer full) (nullable): a block that is here. */
GBytes *souk_library_block (SoukLibrary *self, const SoukCid *cid);
/* Asks peers for a block. `done` is called once, later. Returns: (transfer none) (nullable): valid
 * until `done`, for souk_block_want_cancel(), which must come before the library's end; NULL when it
 * cannot be asked for, and then `done` is not called. */
SoukBlockWant *souk_library_want_block (SoukLibrary *self, const SoukCid *cid,
                                        SoukBlockWantDone done, void *user);
void souk_block_want_cancel (SoukBlockWant *want);
