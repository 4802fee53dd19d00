/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rabin fingerprints. PURE. See rabin.h.
 *
 * The fingerprint depends on the window alone, so the bytes that cannot end a chunk are passed over
 * up to one window before `min`.
 */
#include "dag/rabin.h"

#include "dag/dag-limits.h"

#include <string.h>

/* Of degree 53: the byte that is shifted out at the top is what stands above bit 45. */
#define POLYNOMIAL 0x3da3358b4dc173u
#define DEGREE 53
#define TOP_SHIFT (DEGREE - 8)

struct SoukRabin {
  SoukRabinOptions options;
  uint64_t mask;
  uint64_t digest;
  size_t count; /* bytes of the present chunk */
  uint8_t window[SOUK_RABIN_WINDOW];
  uint64_t reduce[256]; /* by the byte above the degree: what takes it away */
  uint64_t expire[256]; /* by the byte that leaves the window: what it added */
};

static uint64_t
append (uint64_t digest, uint8_t byte)
{
  digest = digest << 8 | byte;
  for (unsigned bit = 63; bit >= DEGREE; bit--)
    if (digest >> bit & 1)
      digest ^= (uint64_t)POLYNOMIAL << (bit - DEGREE);
  return digest;
}

SoukRabin *
souk_rabin_new (SoukRabinOptions options)
{
  g_assert (options.min >= SOUK_RABIN_WINDOW && options.min <= options.avg);
  g_assert (options.min <= options.max && options.max <= SOUK_DAG_CHUNK_SIZE_MAX);
  SoukRabin *self = g_new0 (SoukRabin, 1);
  self->options = options;
  self->mask = ((uint64_t)1 << (g_bit_storage (options.avg) - 1)) - 1;
  for (unsigned byte = 0; byte < 256; byte++)
    {
      uint64_t digest = append (0, (uint8_t)byte);
      for (unsigned i = 1; i < SOUK_RABIN_WINDOW; i++)
        digest = append (digest, 0);
      self->expire[byte] = digest;
      /* The byte itself, and what is left of it: both leave and enter by one exclusive or. */
      uint64_t top = (uint64_t)byte << TOP_SHIFT;
      self->reduce[byte] = append (top, 0) ^ (top << 8);
    }
  return self;
}

void
souk_rabin_free (SoukRabin *self)
{
  g_free (self);
}

static void
start_chunk (SoukRabin *self)
{
  memset (self->window, 0, sizeof self->window);
  self->digest = 0;
  self->count = 0;
}

size_t
souk_rabin_scan (SoukRabin *self, SoukSlice in, bool *out_is_cut)
{
  size_t blind = self->options.min - SOUK_RABIN_WINDOW;
  size_t at = self->count < blind ? MIN (blind - self->count, in.len) : 0;
  self->count += at;

  /* Copies, since the compiler must take a store into the window for one into anything. */
  uint64_t digest = self->digest;
  size_t count = self->count;
  for (; at < in.len; at++)
    {
      uint8_t *slot = &self->window[count % SOUK_RABIN_WINDOW];
      digest ^= self->expire[*slot];
      *slot = in.data[at];
      digest = (digest << 8 | in.data[at]) ^ self->reduce[digest >> TOP_SHIFT];
      count++;
      if (((digest & self->mask) == 0 && count >= self->options.min) || count >= self->options.max)
        {
          start_chunk (self);
          *out_is_cut = true;
          return at + 1;
        }
    }
  self->digest = digest;
  self->count = count;
  *out_is_cut = false;
  return at;
}
