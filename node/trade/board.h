/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The notice board: the catalogue as this node keeps it, hears of it, and spreads it. GLIB, node
 * thread.
 *
 * Records come by gossip, by sync when two nodes meet, and from this node itself. Each is verified
 * before it goes any further, then it is in the index, then in the store; who watches is told when
 * it is durable. A node's own record is durable before anyone hears of it.
 */
#pragma once
#include "log/log.h"
#include "market/catalogue.h"
#include "store/store.h"
#include "swarm/pubsub.h"

typedef struct SoukBoard SoukBoard;

typedef struct {
  SoukStore *store;
  SoukSwarm *swarm;
  SoukPubsub *pubsub;
  SoukLog *log;
} SoukBoardConfig; /* all outlive the board */

/* Loads the index from the store, subscribes, serves and starts sync. */
SoukBoard *souk_board_new (const SoukBoardConfig *config);
void souk_board_free (SoukBoard *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukBoard, souk_board_free)

/* A record is new here and durable. `result` is ADDED, REPLACED or WITHDRAWN. */
typedef void (*SoukBoardFunc) (SoukBoard *self, const SoukRecord *record, SoukPutResult result,
                               void *user);
/* Is told for as long as the board lives. */
void souk_board_watch (SoukBoard *self, SoukBoardFunc func, void *user);
/* A thing has expired. */
typedef void (*SoukBoardGone) (SoukBoard *self, const uint8_t thing[SOUK_RECORD_ID_SIZE],
                               void *user);
void souk_board_watch_gone (SoukBoard *self, SoukBoardGone func, void *user);

/* `error` NULL: the record is durable and on its way. */
typedef void (*SoukBoardDone) (const SoukRecord *record, const GError *error, void *user);
/* Signs and publishes a draft (souk_record_build) of this node's; its sequence is set to the next
 * of its thing. `done` may be NULL, and comes later.
 * Returns: OK; what souk_record_build or the catalogue say otherwise, and `done` is not called. */
SoukStatus souk_board_publish (SoukBoard *self, const SoukRecord *draft, SoukBoardDone done,
                               void *user);

/* Returns: (transfer full) (nullable): the newest record of a thing, tombstones and expired too. */
SoukRecord *souk_board_get (SoukBoard *self, const uint8_t thing[SOUK_RECORD_ID_SIZE]);
/* How many live records of a type there are. */
size_t souk_board_count (SoukBoard *self, SoukRecordType type);
