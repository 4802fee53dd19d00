/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What time it is. GLIB, any thread.
 */
#include "swarm/clock.h"

#include <glib.h>

SoukMono
souk_mono_now (void)
{
  return (SoukMono){ g_get_monotonic_time () };
}

SoukWall
souk_wall_now (void)
{
  return (SoukWall){ g_get_real_time () };
}
