/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Keccak sponge with Ethereum's padding, and SHA-256. PURE. See keccak.h.
 */
#include "base/keccak.h"

#include <string.h>

/* "rate": how many bytes each permutation takes in, for a 256-bit capacity-512 sponge. */
#define RATE 136
/* Keccak as submitted pads with 0x01; the SHA-3 standard later changed it to 0x06. */
#define PAD_FIRST 0x01
#define PAD_LAST 0x80

/* Mixes one whole block into the state. */
static void
absorb (SoukKeccak *self, const uint8_t block[RATE])
{
  for (size_t lane = 0; lane < RATE / 8; lane++)
    {
      uint64_t word;
      memcpy (&word, block + lane * 8, 8);
      self->state.a[lane] ^= GUINT64_FROM_LE (word);
    }
  sha3_permute (&self->state);
}

void
souk_keccak_init (SoukKeccak *self)
{
  memset (self, 0, sizeof *self);
}

void
souk_keccak_update (SoukKeccak *self, SoukSlice in)
{
  while (in.len > 0)
    {
      /* Whole blocks go in from where they lie. */
      if (self->filled == 0 && in.len >= RATE)
        {
          absorb (self, in.data);
          in = souk_slice (in.data + RATE, in.len - RATE);
          continue;
        }
      size_t take = MIN (RATE - self->filled, in.len);
      memcpy (self->block + self->filled, in.data, take);
      self->filled += take;
      in = souk_slice (in.data + take, in.len - take);
      if (self->filled == RATE)
        {
          absorb (self, self->block);
          self->filled = 0;
        }
    }
}

void
souk_keccak_digest (SoukKeccak *self, uint8_t out[SOUK_HASH_SIZE])
{
  memset (self->block + self->filled, 0, RATE - self->filled);
  self->block[self->filled] ^= PAD_FIRST;
  self->block[RATE - 1] ^= PAD_LAST;
  absorb (self, self->block);
  for (size_t lane = 0; lane < SOUK_HASH_SIZE / 8; lane++)
    {
      uint64_t word = GUINT64_TO_LE (self->state.a[lane]);
      memcpy (out + lane * 8, &word, 8);
    }
  /* Secrets are hashed as well; nothing of them stays behind. */
  explicit_bzero (self, sizeof *self);
}

void
souk_keccak256 (uint8_t out[SOUK_HASH_SIZE], SoukSlice in)
{
  SoukKeccak keccak;
  souk_keccak_init (&keccak);
  souk_keccak_update (&keccak, in);
  souk_keccak_digest (&keccak, out);
}

void
souk_sha256 (uint8_t out[SOUK_HASH_SIZE], SoukSlice in)
{
  struct sha256_ctx context;
  sha256_init (&context);
  if (in.len > 0)
    sha256_update (&context, in.len, in.data);
  sha256_digest (&context, SHA256_DIGEST_SIZE, out);
}
