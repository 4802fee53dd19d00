/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A GSource with a ready time. See timer.h.
 */
#include "swarm/timer.h"

#include <glib.h>

struct SoukTimer {
  GSource source; /* first: the timer is its own source */
  SoukTimerFunc func;
  void *user;
};

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  SoukTimer *self = (SoukTimer *)source;
  g_source_set_ready_time (source, -1);
  self->func (self->user);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs funcs = { .dispatch = dispatch };

SoukTimer *
souk_timer_new (SoukTimerFunc func, void *user)
{
  SoukTimer *self = (SoukTimer *)g_source_new (&funcs, sizeof (SoukTimer));
  self->func = func;
  self->user = user;
  g_source_attach (&self->source, g_main_context_get_thread_default ());
  return self;
}

void
souk_timer_free (SoukTimer *self)
{
  if (self == NULL)
    return;
  g_source_destroy (&self->source);
  g_source_unref (&self->source);
}

void
souk_timer_set (SoukTimer *self, SoukMono when)
{
  /* The monotonic clock of base/time.h, as swarm/clock.h reads it, is GLib's own. */
  g_source_set_ready_time (&self->source, when.us == SOUK_MONO_NEVER.us ? -1 : MAX (when.us, 0));
}

void
souk_timer_set_soon (SoukTimer *self)
{
  g_source_set_ready_time (&self->source, 0);
}
