/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The outbox: what we send to the chain, so that a crash at any moment leads to the same end. GLIB, the
 * thread of its SoukEthRpc.
 *
 * Write-ahead: a transaction is signed, handed to `persist`, and broadcast only after `persist` says that
 * it is on disk. After a restart the stored rows are given back with _resume and the same bytes are
 * broadcast again; a second _send with an id that is known does nothing. So a caller may simply send again
 * all that it is not sure of.
 *
 * Nonces: max (own queue, the node's pending count), one transaction prepared at a time. A transaction
 * that no block takes for `stuck_ms` is replaced by itself with fees at least a tenth higher.
 * The account must not sign elsewhere at the same time; if it does, a transaction may end as LOST.
 */
#pragma once
#include "eth/client.h"
#include "eth/outbox-entry.h"

/* Entries in memory, ends included: the caller resumes only what it still needs. */
#define SOUK_OUTBOX_ENTRIES_MAX 10000

typedef struct SoukOutbox SoukOutbox;

typedef struct {
  SoukAddress from;
  unsigned confirmations; /* blocks, its own included, until it is CONFIRMED; at least 1 */
  unsigned poll_ms;
  unsigned stuck_ms; /* 0: never replaced */
  SoukU256 fee_cap;  /* for a unit of gas */
} SoukOutboxConfig;

/* Tells that a row is on disk, or why not. Once for each `persist`, on the outbox's thread, at once or
 * later, also after the outbox was freed. */
typedef void (*SoukOutboxStored) (gpointer token, const GError *error);

/* `changed` may send and poll; none may free the outbox. */
typedef struct {
  /* Signs souk_tx_digest (tx), or returns false. */
  bool (*sign) (const SoukTx *tx, uint8_t out_signature[SOUK_ECDSA_SIZE], gpointer user_data);
  /* Stores `body` under `id`, instead of what was there; in the order of the calls. */
  void (*persist) (const char *id, GBytes *body, SoukOutboxStored done, gpointer token,
                   gpointer user_data);
  /* The phase or the trouble of an entry has changed. */
  void (*changed) (const SoukOutboxEntry *entry, gpointer user_data);
} SoukOutboxHooks;

typedef struct {
  SoukAddress to;
  bool is_creation; /* `to` is not used */
  SoukU256 value;
  SoukSlice data;
  guint64 gas_limit; /* 0: estimated, with a fifth more */
} SoukOutboxRequest;

/* `rpc` must outlive the outbox. */
SoukOutbox *souk_outbox_new (SoukEthRpc *rpc, const SoukOutboxConfig *config,
                             const SoukOutboxHooks *hooks, gpointer user_data);
void souk_outbox_free (SoukOutbox *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukOutbox, souk_outbox_free)

/* Gives back a row that was persisted, before the first _send. False when it is none of this account. */
bool souk_outbox_resume (SoukOutbox *self, SoukSlice body);
/* Sends, or does nothing when `id` is known and did not end as REFUSED.
 * Returns: (transfer none): the entry; (nullable): NULL when there are too many. */
const SoukOutboxEntry *souk_outbox_send (SoukOutbox *self, const char *id,
                                         const SoukOutboxRequest *request);
/* Returns: (nullable) (transfer none). */
const SoukOutboxEntry *souk_outbox_find (const SoukOutbox *self, const char *id);
/* Looks at all open entries now and not after poll_ms: a new block has come. */
void souk_outbox_poll (SoukOutbox *self);
/* Calls `func (entry, data)` for each entry, oldest first. */
void souk_outbox_foreach (const SoukOutbox *self, GFunc func, gpointer data);
