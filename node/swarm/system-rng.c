/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Randomness from the operating system. GLIB, any thread. Without it nothing is safe, so that a
 * failure ends the program.
 */
#include "swarm/system-rng.h"

#include <errno.h>
#include <glib.h>
#include <sys/random.h>

static void
system_fill (SoukRng *self, uint8_t *out, size_t len)
{
  while (len > 0)
    {
      ssize_t got = getrandom (out, len, 0);
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        g_error ("the operating system gives no randomness: %s", g_strerror (errno));
      out += got;
      len -= (size_t)got;
    }
}

SoukRng *
souk_system_rng (void)
{
  static SoukRng rng = { system_fill };
  return &rng;
}
