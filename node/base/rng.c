/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Randomness from a seed, and draws from any generator. PURE. See rng.h.
 */
#include "base/rng.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

static void
seeded_fill (SoukRng *rng, uint8_t *out, size_t len)
{
  SoukSeededRng *self = (SoukSeededRng *)rng;
  uint64_t nonce = GUINT64_TO_LE (self->block);
  self->block++;
  crypto_stream_chacha20 (out, len, (const uint8_t *)&nonce, self->key);
}

void
souk_seeded_rng_init (SoukSeededRng *self, const uint8_t seed[32])
{
  self->rng.fill = seeded_fill;
  memcpy (self->key, seed, sizeof self->key);
  self->block = 0;
}

void
souk_seeded_rng_init_number (SoukSeededRng *self, uint64_t seed)
{
  uint8_t key[32] = { 0 };
  uint64_t le = GUINT64_TO_LE (seed);
  memcpy (key, &le, sizeof le);
  souk_seeded_rng_init (self, key);
}

void
souk_rng_fill (SoukRng *self, uint8_t *out, size_t len)
{
  self->fill (self, out, len);
}

uint64_t
souk_rng_u64 (SoukRng *self)
{
  uint64_t value = 0;
  self->fill (self, (uint8_t *)&value, sizeof value);
  return GUINT64_FROM_LE (value);
}

uint64_t
souk_rng_below (SoukRng *self, uint64_t bound)
{
  g_assert (bound > 0);
  /* Values from the last, incomplete run of `bound` would make small results likelier. */
  uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  uint64_t value;
  do
    value = souk_rng_u64 (self);
  while (value >= limit);
  return value % bound;
}
