/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Follows the contracts' logs: polls a node and drives chain/follower. GLIB, the thread of its SoukEthRpc.
 *
 * `apply`, `undo` and `reset` come in the order in which they must take effect; `checkpoint` follows with
 * the cursor that goes with them. Whoever stores the effects and the cursor in ONE transaction can be
 * killed at any moment: after a restart it goes on from the stored cursor, and what comes twice has the
 * same (block hash, log index).
 */
#pragma once
#include "chain/events.h"
#include "chain/follower.h"
#include "eth/client.h"

#define SOUK_FOLLOW_ADDRESSES_MAX 8
/* After failures the pause between polls doubles up to this. */
#define SOUK_FOLLOW_PAUSE_MS_MAX 60000

typedef struct SoukFollow SoukFollow;

typedef struct {
  const SoukAddress *addresses; /* the contracts; copied */
  size_t n_addresses;
  guint64 start_block; /* where the first of them was made */
  unsigned depth;      /* blocks that may be undone */
  unsigned poll_ms;
} SoukFollowConfig;

/* None may free the follow. */
typedef struct {
  void (*apply) (const SoukChainLog *log, gpointer user_data);
  void (*undo) (const SoukChainLog *log, gpointer user_data);
  void (*reset) (gpointer user_data);
  /* What came before is complete up to here. `is_caught_up`: the node's head is reached. */
  void (*checkpoint) (GBytes *cursor, bool is_caught_up, gpointer user_data);
  /* The node cannot be reached or answers badly; NULL: it is well again. May be NULL. */
  void (*trouble) (const GError *error, gpointer user_data);
} SoukFollowHooks;

/* `cursor` as the last checkpoint gave it, or empty; one that does not fit is not used, and then `reset`
 * comes first. `rpc` must outlive the follow. It begins at once. */
SoukFollow *souk_follow_new (SoukEthRpc *rpc, const SoukFollowConfig *config, SoukSlice cursor,
                             const SoukFollowHooks *hooks, gpointer user_data);
void souk_follow_free (SoukFollow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukFollow, souk_follow_free)

/* Polls now: a block is known to have come. */
void souk_follow_poll (SoukFollow *self);
/* The node's newest block; all zero before the first answer. Its time is what deadlines are held to. */
const SoukChainHeader *souk_follow_head (const SoukFollow *self);
/* The last block whose logs are applied. */
guint64 souk_follow_tip (const SoukFollow *self);
