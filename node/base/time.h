/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two clocks, as two types so that nobody adds one to the other. PURE.
 *
 * SoukMono counts microseconds from an arbitrary start and never goes back: deadlines, round-trip
 * times. SoukWall counts microseconds from 1970-01-01 UTC and may jump: expiry of records, what a
 * person reads. Pure code never asks what time it is; it is told. A deadline of SOUK_MONO_NEVER
 * means that there is none.
 */
#pragma once
#include <stdint.h>
#include <stdbool.h>

typedef struct {
  int64_t us;
} SoukMono;

typedef struct {
  int64_t us;
} SoukWall;

#define SOUK_US_PER_MS INT64_C (1000)
#define SOUK_US_PER_S INT64_C (1000000)
#define SOUK_MONO_NEVER ((SoukMono){ INT64_MAX })

/* The moment `ms` milliseconds after `t`; `t` must not be SOUK_MONO_NEVER. */
static inline SoukMono
souk_mono_add_ms (SoukMono t, int64_t ms)
{
  return (SoukMono){ t.us + ms * SOUK_US_PER_MS };
}

/* Microseconds from `from` to `to`, negative when `to` is earlier. */
static inline int64_t
souk_mono_diff_us (SoukMono to, SoukMono from)
{
  return to.us - from.us;
}

static inline SoukMono
souk_mono_min (SoukMono a, SoukMono b)
{
  return a.us < b.us ? a : b;
}

/* True when the deadline `t` is due at `now`. */
static inline bool
souk_mono_is_due (SoukMono t, SoukMono now)
{
  return t.us <= now.us;
}

/* Whole seconds since 1970, rounded towards the past. */
static inline int64_t
souk_wall_seconds (SoukWall t)
{
  return t.us >= 0 ? t.us / SOUK_US_PER_S : -((-t.us + SOUK_US_PER_S - 1) / SOUK_US_PER_S);
}

static inline SoukWall
souk_wall_from_seconds (int64_t seconds)
{
  return (SoukWall){ seconds * SOUK_US_PER_S };
}
