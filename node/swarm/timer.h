/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One deadline that moves: what a driver of a pure machine needs of a main loop. GLIB, node thread.
 */
#pragma once
#include "base/time.h"

typedef struct SoukTimer SoukTimer;

typedef void (*SoukTimerFunc) (void *user);

/* Off until it is set; fires on the thread-default main context of the thread that made it. */
SoukTimer *souk_timer_new (SoukTimerFunc func, void *user);
void souk_timer_free (SoukTimer *self);
/* Fires once at `when`, or as soon after it as the loop gets there; SOUK_MONO_NEVER turns it off. */
void souk_timer_set (SoukTimer *self, SoukMono when);
/* Fires with the loop's next turn: for what must not happen inside the present call. */
void souk_timer_set_soon (SoukTimer *self);
