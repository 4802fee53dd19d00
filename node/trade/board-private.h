/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What board.c and board-sync.c share.
 */
#pragma once
#include "mesh/sync.h"
#include "trade/board.h"

/* Buckets of the sync order: records of one day of expiry are neighbours, so that what two nodes
 * have both dropped does not split ranges. */
#define SOUK_BOARD_BUCKET_S (24 * 3600)
/* A node syncs with a peer when they meet, once more when gossip between them has surely begun (what
 * is published in between would reach the peer by neither), and with one of its peers now and then. */
#define SOUK_BOARD_SYNC_AGAIN_MS 3000
#define SOUK_BOARD_SYNC_EVERY_MS 300000
#define SOUK_BOARD_SYNC_TIMEOUT_MS 60000
/* A peer may begin a session this often: each costs a pass over the set. Those that are remembered. */
#define SOUK_BOARD_SYNC_PAUSE_S 2
#define SOUK_BOARD_SYNC_PEERS_MAX 1024

typedef struct SoukBoardSync SoukBoardSync;

/* Takes bytes that came from a peer. Returns: the verdict's result; a refusal's status in *out_status. */
SoukPutResult souk_board_take (SoukBoard *self, SoukSlice bytes, const SoukPeerId *from,
                               SoukStatus *out_status);
/* Returns: (transfer full): what is here now, for a session. */
SoukSyncSet *souk_board_sync_set (SoukBoard *self);
/* Returns: (transfer full) (nullable): the bytes of a live record by its id. */
GBytes *souk_board_record_bytes (SoukBoard *self, const uint8_t id[SOUK_RECORD_ID_SIZE]);

SoukBoardSync *souk_board_sync_new (SoukBoard *board, const SoukBoardConfig *config);
void souk_board_sync_free (SoukBoardSync *self);
