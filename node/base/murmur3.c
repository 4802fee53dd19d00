/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * MurmurHash3. PURE. See murmur3.h.
 */
#include "base/murmur3.h"

#define C1 0x87c37b91114253d5u
#define C2 0x4cf5ad432745937fu
#define BLOCK_SIZE 16

static uint64_t
rotate (uint64_t value, unsigned bits)
{
  return value << bits | value >> (64 - bits);
}

static uint64_t
mix_first (uint64_t word)
{
  return rotate (word * C1, 31) * C2;
}

static uint64_t
mix_second (uint64_t word)
{
  return rotate (word * C2, 33) * C1;
}

/* Little-endian; bytes that are not there count as zero. */
static uint64_t
load (const uint8_t *data, size_t len)
{
  uint64_t word = 0;
  for (size_t i = 0; i < MIN (len, sizeof word); i++)
    word |= (uint64_t)data[i] << (8 * i);
  return word;
}

static uint64_t
finish (uint64_t word)
{
  word = (word ^ word >> 33) * 0xff51afd7ed558ccdu;
  word = (word ^ word >> 33) * 0xc4ceb9fe1a85ec53u;
  return word ^ word >> 33;
}

uint64_t
souk_murmur3_x64_64 (SoukSlice in)
{
  uint64_t h1 = 0;
  uint64_t h2 = 0;
  size_t at = 0;

  for (; in.len - at >= BLOCK_SIZE; at += BLOCK_SIZE)
    {
      h1 ^= mix_first (load (in.data + at, 8));
      h1 = (rotate (h1, 27) + h2) * 5 + 0x52dce729;
      h2 ^= mix_second (load (in.data + at + 8, 8));
      h2 = (rotate (h2, 31) + h1) * 5 + 0x38495ab5;
    }
  /* The tail is mixed in without a round of its own; a half that is empty changes nothing. */
  size_t left = in.len - at;
  if (left > 8)
    h2 ^= mix_second (load (in.data + at + 8, left - 8));
  if (left > 0)
    h1 ^= mix_first (load (in.data + at, left));

  h1 ^= in.len;
  h2 ^= in.len;
  h1 += h2;
  h2 += h1;
  return finish (h1) + finish (h2);
}
