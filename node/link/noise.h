/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The secure channel: Noise_XX_25519_ChaChaPoly_SHA256 (libp2p specs, noise, r5). PURE.
 *
 * One machine for one connection, a value in its struct. It runs the handshake (three messages),
 * checks who the other side is, and then seals and opens messages. Extensions carry the list of
 * stream muxers, which saves the round trip of negotiating one (connections,
 * inlined-muxer-negotiation). Failure of any check ends the connection; nothing is retried.
 *
 * The static key is not the identity: it is made at start and never stored. One serves all
 * connections of a node, so that its payload is signed once.
 */
#pragma once
#include "base/peer-id.h"
#include "base/rng.h"
#include "link/noise-limits.h"

/* The node's static key pair, and the payload that ties it to the identity. Owned by the swarm. */
typedef struct {
  uint8_t secret_key[SOUK_NOISE_KEY_SIZE];
  uint8_t public_key[SOUK_NOISE_KEY_SIZE];
  GBytes *payload; /* the serialized NoiseHandshakePayload */
} SoukNoiseKeys;

/* Draws 32 bytes from `rng` and signs the payload; `muxers` is a NULL-terminated list, may be empty. */
void souk_noise_keys_init (SoukNoiseKeys *self, const SoukIdentity *identity,
                           const char *const *muxers, SoukRng *rng);
void souk_noise_keys_done (SoukNoiseKeys *self);

/* One direction after the handshake. */
typedef struct {
  uint8_t key[SOUK_NOISE_KEY_SIZE];
  uint64_t nonce; /* counts up; the connection ends before it wraps */
} SoukNoiseCipher;

typedef enum {
  SOUK_NOISE_WAIT_E,   /* listener: waits for the first message */
  SOUK_NOISE_WAIT_E_S, /* dialler: waits for the second */
  SOUK_NOISE_WAIT_S,   /* listener: waits for the third */
  SOUK_NOISE_DONE,
} SoukNoiseStage;

typedef struct {
  SoukNoiseStage stage;
  const SoukNoiseKeys *keys;
  bool has_expected;
  SoukPeerId expected;

  /* The symmetric state; cleared but for `hash` when the handshake is done. */
  uint8_t chain[SOUK_NOISE_KEY_SIZE];
  uint8_t hash[SOUK_NOISE_KEY_SIZE]; /* channel binding once DONE */
  SoukNoiseCipher handshake;
  bool has_key;
  uint8_t ephemeral_secret[SOUK_NOISE_KEY_SIZE];
  uint8_t ephemeral[SOUK_NOISE_KEY_SIZE];
  uint8_t remote_ephemeral[SOUK_NOISE_KEY_SIZE];

  /* Valid once DONE. */
  SoukNoiseCipher sending;
  SoukNoiseCipher receiving;
  SoukPeerId peer;
  GBytes *peer_key;   /* the other side's identity key in its envelope */
  char **peer_muxers; /* NULL-terminated; empty when it sent no list */
} SoukNoise;

/* Starts as dialler: appends the first message, with its prefix, to `out`. `expected` is who must
 * answer, or NULL. Draws 32 bytes from `rng`. `keys` outlives the machine. */
void souk_noise_dial (SoukNoise *self, const SoukNoiseKeys *keys, const SoukPeerId *expected,
                      SoukRng *rng, GByteArray *out);
/* Starts as listener. Draws 32 bytes from `rng`. */
void souk_noise_listen (SoukNoise *self, const SoukNoiseKeys *keys, SoukRng *rng);
/* Clears the keys. */
void souk_noise_done (SoukNoise *self);

/* Takes handshake bytes; whole messages only are used.
 * Out: `out_used` bytes of `in` are taken; answers are appended to `out`.
 * Returns: OK (see `stage`), TOO_LARGE, BAD_HANDSHAKE, BAD_MAC, BAD_SIGNATURE, UNSUPPORTED (the key
 * type), WRONG_PEER. */
SoukStatus souk_noise_recv (SoukNoise *self, SoukSlice in, size_t *out_used, GByteArray *out);

/* Once DONE. Seals `plain` (at most SOUK_NOISE_PLAIN_MAX bytes) into `out`, which has room for
 * plain.len + SOUK_NOISE_PREFIX_SIZE + SOUK_NOISE_TAG_SIZE bytes. Returns: how many it wrote. */
size_t souk_noise_seal (SoukNoise *self, SoukSlice plain, uint8_t *out);
/* Once DONE. Opens one message without its prefix; `out` has room for message.len bytes.
 * Returns: OK, or BAD_MAC: the channel is unusable from then on. */
SoukStatus souk_noise_open (SoukNoise *self, SoukSlice message, uint8_t *out, size_t *out_len);
