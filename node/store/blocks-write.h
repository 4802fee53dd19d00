/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Blocks, the writer thread's side: files first, then rows. GLIB.
 */
#pragma once
#include "store/batch.h"
#include "store/db.h"

/* Checks the hash of each block that the batch puts and makes the large ones durable as files.
 * Blocks that are here already are not written again. */
bool souk_blocks_write_files (SoukStore *store, SoukDb *db, const SoukStoreBatch *batch,
                              GError **error);
/* Within a transaction: the rows of the batch's blocks and of their links. Names of files whose
 * rows go are added to `removed` (char *), to be removed after the commit; a name that is put again
 * is taken out of it. */
bool souk_blocks_write_rows (SoukStore *store, SoukDb *db, const SoukStoreBatch *batch,
                             GPtrArray *removed, GError **error);
