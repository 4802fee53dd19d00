/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One transaction of ours from its signature to its end, and its form on disk. GLIB.
 */
#pragma once
#include "chain/fees.h"
#include "chain/tx.h"

/* Replacements of one transaction, the first included: 1.1^15 is more than four times the fee. */
#define SOUK_OUTBOX_VERSIONS_MAX 16
#define SOUK_OUTBOX_ID_MAX 120

/* On disk: do not renumber. */
typedef enum {
  SOUK_OUTBOX_PREPARING = 0, /* not on disk: gas, fees and nonce are asked for */
  SOUK_OUTBOX_STORED = 1,    /* signed and on disk; no node is known to have it */
  SOUK_OUTBOX_SENT = 2,      /* a node has taken it */
  SOUK_OUTBOX_INCLUDED = 3,  /* in a block that may still be undone */
  SOUK_OUTBOX_CONFIRMED = 4, /* the end: done, deep enough */
  SOUK_OUTBOX_FAILED = 5,    /* the end: in a block, and the contract refused it */
  SOUK_OUTBOX_LOST = 6,      /* the end: another transaction took the nonce */
  SOUK_OUTBOX_REFUSED = 7,   /* the end, not on disk: nothing was sent; `trouble` says why */
} SoukOutboxPhase;

typedef struct {
  GBytes *raw;
  uint8_t hash[SOUK_HASH_SIZE];
} SoukOutboxVersion;

typedef struct {
  char *id; /* the caller's name for it; a second send with the same id does nothing */
  SoukOutboxPhase phase;
  guint64 nonce;
  SoukAddress to;
  bool is_creation;
  SoukU256 value;
  GBytes *data;
  guint64 gas_limit;
  SoukFees fees;     /* of the last version */
  GArray *versions;  /* (element-type SoukOutboxVersion), all with the same nonce */
  unsigned included; /* INCLUDED, CONFIRMED, FAILED: which version */
  guint64 block_number;
  uint8_t block_hash[SOUK_HASH_SIZE];
  bool is_success; /* false: in a block, but the contract refused it */
  guint64 gas_used;
  SoukU256 gas_price; /* what was paid for a unit */
  GError *trouble;    /* what went wrong last, or NULL */
} SoukOutboxEntry;

SoukOutboxEntry *souk_outbox_entry_new (const char *id);
void souk_outbox_entry_free (SoukOutboxEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukOutboxEntry, souk_outbox_entry_free)

bool souk_outbox_phase_is_end (SoukOutboxPhase phase);
/* "stored", "sent", …; owned by the table. */
const char *souk_outbox_phase_name (SoukOutboxPhase phase);
/* The version that is broadcast: the last. */
const SoukOutboxVersion *souk_outbox_entry_last (const SoukOutboxEntry *self);
/* Takes `raw`. */
void souk_outbox_entry_add_version (SoukOutboxEntry *self, GBytes *raw);
/* Forgets the last version, which was never broadcast, and has the fees of the one before again. */
void souk_outbox_entry_drop_version (SoukOutboxEntry *self);
/* The transaction as its fields say; its data is borrowed from the entry. */
SoukTx souk_outbox_entry_tx (const SoukOutboxEntry *self, guint64 chain_id);

/* Returns: (transfer full): the form on disk. */
GBytes *souk_outbox_entry_to_bytes (const SoukOutboxEntry *self);
/* Returns: (nullable) (transfer full): NULL when the bytes are none, or its transactions are not `from`'s
 * on `chain_id`. */
SoukOutboxEntry *souk_outbox_entry_from_bytes (SoukSlice in, const SoukAddress *from,
                                               guint64 chain_id);
