/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a walk through a DAG has still to visit, in order, with the blocks that came early. PURE.
 *
 * It is the common half of walk.c and folder-reader.c: a list of items, of which the first few are
 * asked for at a time (SOUK_DAG_WALK_AHEAD_MAX), and of which the first can be taken once it is
 * here.
 */
#pragma once
#include "dag/dag-limits.h"
#include "dag/unixfs.h"

typedef struct {
  SoukCid cid;
  char *name;        /* nullable; owned by the item */
  uint64_t dag_size; /* as the link says */
  unsigned level;    /* below the root */
  bool is_ready;     /* needs no block */
} SoukAheadItem;

typedef struct {
  GQueue items;     /* of Entry, which ahead.c knows */
  GPtrArray *asked; /* of Entry: those that are waited for */
  uint64_t held_size;
} SoukAhead;

void souk_ahead_init (SoukAhead *self);
void souk_ahead_done (SoukAhead *self);
/* Puts items in front of all others, the last one first: call it backwards. Takes the name.
 * TOO_LARGE beyond SOUK_DAG_WALK_PENDING_MAX, and then it takes nothing. */
SoukStatus souk_ahead_push (SoukAhead *self, const SoukAheadItem *item);
/* Pulls the next CID to fetch, each once. False when there is none for now. */
bool souk_ahead_need (SoukAhead *self, SoukCid *out);
/* Gives a block; one that nobody asked for is ignored. */
void souk_ahead_feed (SoukAhead *self, const SoukCid *cid, GBytes *block);
/* Takes the first item when it is here. Out: the name and (nullable) the block are the caller's. */
bool souk_ahead_pop (SoukAhead *self, SoukAheadItem *out, GBytes **out_block);
bool souk_ahead_is_empty (const SoukAhead *self);
