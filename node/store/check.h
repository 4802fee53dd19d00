/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checking everything, and putting right what can be. GLIB; asked for on the node thread, done on the
 * writer thread (it reads every block: some GB a second at best, writing waits meanwhile).
 *
 * A block whose bytes are not what its CID names, or whose file is gone, loses its row, so that it
 * can be fetched again; a file that no row knows is removed. The database's own structure is only
 * reported.
 */
#pragma once
#include "store/store.h"

typedef struct {
  int64_t blocks_checked;
  int64_t bytes_checked;
  int64_t blocks_damaged; /* removed; each is in the log with its CID */
  int64_t files_orphaned; /* removed */
  bool is_database_sound;
} SoukStoreReport;

/* `report` is NULL when it failed. */
typedef void (*SoukStoreCheckDone) (const SoukStoreReport *report, const GError *error,
                                    gpointer user);
/* `done` on the owner's context. */
void souk_store_check (SoukStore *store, SoukStoreCheckDone done, gpointer user);
