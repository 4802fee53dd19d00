/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ping. PURE. See ping.h.
 */
#include "link/ping.h"

#include <string.h>

void
souk_ping_ask (SoukPing *self, SoukRng *rng, SoukMono now)
{
  souk_rng_fill (rng, self->payload, sizeof self->payload);
  self->sent_at = now;
}

SoukStatus
souk_ping_recv (const SoukPing *self, SoukSlice in, SoukMono now, int64_t *out_us)
{
  if (in.len < SOUK_PING_SIZE)
    return SOUK_STATUS_SHORT_READ;
  if (in.len > SOUK_PING_SIZE || memcmp (in.data, self->payload, SOUK_PING_SIZE) != 0)
    return SOUK_STATUS_BAD_ENCODING;
  *out_us = souk_mono_diff_us (now, self->sent_at);
  return SOUK_STATUS_OK;
}

size_t
souk_ping_echo_len (SoukSlice in)
{
  return in.len - in.len % SOUK_PING_SIZE;
}
