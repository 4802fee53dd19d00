/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the order, the job and the work machine share: the second axis, the timeline, retries. PURE.
 *
 * The loop of whoever drives a machine is always the same:
 *
 *   event in -> x_apply -> store x_to_bytes -> x_next_command -> execute -> its outcome is an event
 *
 * Nothing is done before the state that wants it done is stored. After a restart x_from_bytes gives
 * a machine whose command is not yet issued, so x_next_command gives it again; each command is
 * idempotent by its owner's id and its name. A command that fails for a passing reason is given
 * again later, with growing pauses.
 */
#pragma once
#include "base/time.h"

#include <glib.h>

/* What the other side has of our last step. On disk: do not renumber. */
typedef enum {
  SOUK_SEEN_NOTHING = 0, /* it does not know of it */
  SOUK_SEEN_SENT = 1,    /* it is on its way, by the mesh or by the chain */
  SOUK_SEEN_SEEN = 2,    /* its own next step shows that it has it */
} SoukSeen;

/* What a row does to it. */
typedef enum {
  SOUK_SEEN_KEEPS,
  SOUK_SEEN_BECOMES_NOTHING,
  SOUK_SEEN_BECOMES_SENT,
  SOUK_SEEN_BECOMES_SEEN,
} SoukSeenChange;

void souk_seen_change (SoukSeen *self, SoukSeenChange change);

/* A reorganised chain can make a deal go to and fro; a timeline keeps its beginning and its end. */
#define SOUK_TIMELINE_MAX 48
#define SOUK_TIMELINE_HEAD 16

typedef struct {
  uint32_t phase;
  SoukWall at;
} SoukTimelineEntry;

typedef struct {
  uint32_t len;
  SoukTimelineEntry entries[SOUK_TIMELINE_MAX];
} SoukTimeline;

void souk_timeline_add (SoukTimeline *self, uint32_t phase, SoukWall at);
/* When the present phase began; the epoch for an empty timeline. */
SoukWall souk_timeline_since (const SoukTimeline *self);

/* Pauses double from a command's own first pause up to this. */
#define SOUK_RETRY_PAUSE_MS_MAX (5 * 60 * 1000)

typedef struct {
  uint32_t tries; /* how often the command failed in this phase; on disk */
  SoukWall due;   /* not before; not on disk */
  bool is_issued; /* given out and not failed since; not on disk */
} SoukRetry;

/* A new phase: its command is due at once. */
void souk_retry_reset (SoukRetry *self);
/* True once, when the command is due; then false until it fails. */
bool souk_retry_take (SoukRetry *self, SoukWall now);
/* The command failed: due again after `first_ms` doubled for each earlier failure. */
void souk_retry_later (SoukRetry *self, uint32_t first_ms, SoukWall now);

/* Copies a text for a person into `size` bytes: cut at a whole character, control characters made
 * spaces, ended where it is no UTF-8. NULL copies as empty. */
void souk_sentence_copy (char *out, size_t size, const char *text);

/* A moment that never comes. */
#define SOUK_WALL_NEVER ((SoukWall){ INT64_MAX })

static inline SoukWall
souk_wall_min (SoukWall a, SoukWall b)
{
  return a.us < b.us ? a : b;
}
