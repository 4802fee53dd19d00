/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Documents: whatever the node keeps by kind and id and does not search: orders, jobs, offers, bids,
 * the outbox of transactions, the chain's cursor, settings. GLIB, node thread.
 *
 * The body is the owner's own format; the phase is the owner's own number, by which it finds what
 * is not finished after a restart.
 */
#pragma once
#include "store/store.h"

/* An order with all its papers is far smaller; a body beyond this is a programmer's error. */
#define SOUK_DOCUMENT_BODY_MAX (1024 * 1024)
#define SOUK_DOCUMENT_KEY_MAX 256
/* For souk_documents_list(): any phase. */
#define SOUK_PHASE_ANY (-1)

typedef struct {
  GBytes *id;
  int64_t phase;
  SoukWall updated;
  GBytes *body;
} SoukDocument;

void souk_document_free (SoukDocument *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukDocument, souk_document_free)

/* Puts or replaces. `phase` >= 0. */
void souk_documents_put (SoukStoreBatch *batch, const char *kind, SoukSlice id, int64_t phase,
                         SoukWall updated, SoukSlice body);
void souk_documents_remove (SoukStoreBatch *batch, const char *kind, SoukSlice id);

/* Returns: (transfer full) (nullable). */
SoukDocument *souk_documents_get (SoukStore *store, const char *kind, SoukSlice id);
/* The newest first (by `updated`), of one phase or of any.
 * Returns: (transfer full) (element-type SoukDocument): at most `limit` after `offset`. */
GPtrArray *souk_documents_list (SoukStore *store, const char *kind, int64_t phase, unsigned offset,
                                unsigned limit);
int64_t souk_documents_count (SoukStore *store, const char *kind, int64_t phase);
