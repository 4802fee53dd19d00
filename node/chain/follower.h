/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The log follower: from a node's blocks to a list of logs that is right after every reorg. PURE.
 *
 * A machine. Heads go in; it asks for headers and for logs (NEED_…), one thing at a time, and says
 * which logs hold (APPLY) and which no longer do (UNDO), UNDO in the reverse order of APPLY. Whoever
 * applies and undoes them in that order has, at each CAUGHT_UP, what the canonical chain has.
 *
 * Two kinds of block. Those deeper than `depth` under the head are final: they are read in ranges,
 * which grow and are halved as the node can bear. Those above are read one by one BY HASH, so that a
 * chain that moves between two questions cannot mix two forks; their headers and logs are kept (the
 * window) to be undone. A reorg deeper than the window makes RESET: drop all, begin again.
 *
 * Limits: one outstanding question; the window has depth + 1 blocks; logs of a range are bounded, and
 * more than that counts as a range that is too large.
 */
#pragma once
#include "base/status.h"
#include "chain/log.h"

#define SOUK_FOLLOWER_DEPTH_MAX 1024
#define SOUK_FOLLOWER_CHUNK_START 2000
#define SOUK_FOLLOWER_CHUNK_MAX 10000
/* Logs of one answer; a range with more is halved, a single block with more is taken in full. */
#define SOUK_FOLLOWER_RANGE_LOGS_MAX 10000
/* Logs of one block, which cannot be halved: a block of 60 M gas has room for fewer. */
#define SOUK_FOLLOWER_BLOCK_LOGS_MAX 100000
/* A stored cursor; beyond this it is not believed. */
#define SOUK_FOLLOWER_CURSOR_MAX (64u << 20)

typedef struct SoukFollower SoukFollower;

typedef struct {
  uint64_t start_block; /* the first whose logs count: where the contracts were made; 0 means 1 */
  unsigned depth;       /* blocks under the head that may still be undone; 1 … DEPTH_MAX */
} SoukFollowerConfig;

typedef enum {
  SOUK_FOLLOWER_APPLY,              /* log */
  SOUK_FOLLOWER_UNDO,               /* log */
  SOUK_FOLLOWER_RESET,              /* forget all that was applied; APPLYs come again */
  SOUK_FOLLOWER_NEED_HEADER_NUMBER, /* number -> souk_follower_header */
  SOUK_FOLLOWER_NEED_HEADER_HASH,   /* hash -> souk_follower_header */
  SOUK_FOLLOWER_NEED_RANGE,         /* from, to, hash (the last block's) -> souk_follower_logs */
  SOUK_FOLLOWER_NEED_BLOCK,         /* from == to, hash: eth_getLogs by blockHash -> _logs */
  SOUK_FOLLOWER_CAUGHT_UP,          /* number, hash: all of the chain up to here is applied */
} SoukFollowerEventKind;

typedef struct {
  SoukFollowerEventKind kind;
  const SoukChainLog *log; /* until the next call */
  uint64_t number;
  uint64_t from;
  uint64_t to;
  uint8_t hash[SOUK_HASH_SIZE];
} SoukFollowerEvent;

/* Why a question has no answer. */
typedef enum {
  SOUK_FOLLOWER_TOO_LARGE, /* the range or its answer: halved and asked again */
  SOUK_FOLLOWER_GONE,      /* the node knows no such block (any more): wait for the next head */
  SOUK_FOLLOWER_FAILED,    /* anything else: wait for the next head */
} SoukFollowerFailure;

SoukFollower *souk_follower_new (const SoukFollowerConfig *config);
void souk_follower_free (SoukFollower *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukFollower, souk_follower_free)

/* Feeds the node's newest block. While the machine is at work only the last one is remembered. */
void souk_follower_head (SoukFollower *self, const SoukChainHeader *head);
/* Answers a NEED_HEADER_…; one that was not asked for is ignored. */
void souk_follower_header (SoukFollower *self, const SoukChainHeader *header);
/* Answers NEED_RANGE or NEED_BLOCK; `logs` (element-type SoukChainLog) in any order, duplicates are
 * dropped. A log outside of what was asked makes the whole answer a failure. */
void souk_follower_logs (SoukFollower *self, uint64_t from, uint64_t to, GPtrArray *logs);
/* Answers any NEED_… when there is no answer. */
void souk_follower_failed (SoukFollower *self, SoukFollowerFailure failure);

/* Pulls the next event; false when there is none. A NEED_… comes once; the machine then waits. */
bool souk_follower_next (SoukFollower *self, SoukFollowerEvent *out);
/* True when it waits for a head and for nothing else. */
bool souk_follower_is_idle (const SoukFollower *self);
/* The last block whose logs are all applied; start_block - 1 at first. */
uint64_t souk_follower_tip (const SoukFollower *self);
/* The last block that is final, so that what was applied up to it is never undone (but by RESET). */
uint64_t souk_follower_final (const SoukFollower *self);

/* Returns: (transfer full): what must be stored with the effects of the events pulled so far, so that
 * a restart goes on from there. Call it when next() has returned false. */
GBytes *souk_follower_save (const SoukFollower *self);
/* Returns: (nullable): the machine as it was saved; NULL when the bytes are not a cursor, or are one
 * of another start block. The depth may have changed. */
SoukFollower *souk_follower_load (const SoukFollowerConfig *config, SoukSlice cursor);
