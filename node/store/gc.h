/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Collecting garbage: blocks that no pin reaches. GLIB; asked for on the node thread, done on the
 * writer thread, so that nothing is written in between.
 *
 * Mark: pins that have not ended, and along the links that were noted when blocks were put; no block
 * is read. Sweep: all others that are older than the grace, in transactions of
 * SOUK_GC_SWEEP_MAX, each row before its file. A kill leaves some garbage for the next time.
 */
#pragma once
#include "store/store.h"

/* A block that came less than this ago may belong to what is being added or fetched. */
#define SOUK_GC_GRACE_S 600
#define SOUK_GC_SWEEP_MAX 1000

typedef struct {
  int64_t blocks_removed;
  int64_t bytes_removed;
  int64_t pins_ended;
} SoukGcReport;

/* `report` is NULL when it failed. */
typedef void (*SoukGcDone) (const SoukGcReport *report, const GError *error, gpointer user);

/* Removes what no pin reaches and is older than `grace_s`. `done` on the owner's context. */
void souk_gc_run (SoukStore *store, int64_t grace_s, SoukGcDone done, gpointer user);

/* Sees to it that `bytes` more of blocks fit under the disk limit, collecting garbage if need be.
 * `done` on the owner's context, never from within the call; FULL when it does not fit even so. */
void souk_store_make_room (SoukStore *store, int64_t bytes, SoukStoreDone done, gpointer user);
