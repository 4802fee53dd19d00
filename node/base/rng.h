/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where pure code gets its randomness: handed in, never asked for. PURE.
 *
 * The node makes one that draws from the operating system (swarm/ has it, since asking the system
 * is not pure); tests and the simulator make one from a seed, so that a run can be repeated.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct SoukRng SoukRng;
struct SoukRng {
  /* Fills `out` with `len` random bytes. */
  void (*fill) (SoukRng *self, uint8_t *out, size_t len);
};

/* A generator that a 32-byte seed determines: the ChaCha20 key stream, nonce counting up. */
typedef struct {
  SoukRng rng; /* first, so that &seeded->rng is the generator */
  uint8_t key[32];
  uint64_t block;
} SoukSeededRng;

/* Starts `self` from the seed; the same seed gives the same stream on every machine. */
void souk_seeded_rng_init (SoukSeededRng *self, const uint8_t seed[32]);
/* Starts `self` from a number, as tests and the simulator print it. */
void souk_seeded_rng_init_number (SoukSeededRng *self, uint64_t seed);

void souk_rng_fill (SoukRng *self, uint8_t *out, size_t len);
uint64_t souk_rng_u64 (SoukRng *self);
/* Returns: a number from 0 to bound - 1, each as likely; bound > 0. */
uint64_t souk_rng_below (SoukRng *self, uint64_t bound);
