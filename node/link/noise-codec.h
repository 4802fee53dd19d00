/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The payload of Noise handshake messages (libp2p specs, noise, "The libp2p Handshake Payload"). PURE.
 */
#pragma once
#include "base/peer-id.h"
#include "link/noise-limits.h"

/* What a checked payload says. */
typedef struct {
  SoukPeerId peer;
  GBytes *public_key; /* (transfer full): the identity key in its envelope */
  char **muxers;      /* (transfer full): NULL-terminated, in the sender's order; maybe empty */
} SoukNoisePayload;

/* Signs `static_key` with the identity. Returns: (transfer full): the serialized payload. */
GBytes *souk_noise_payload_encode (const SoukIdentity *identity,
                                   const uint8_t static_key[SOUK_NOISE_KEY_SIZE],
                                   const char *const *muxers);
/* Decodes and verifies the signature over the static key that came with the payload.
 * Returns: OK, BAD_HANDSHAKE, BAD_SIGNATURE, UNSUPPORTED. Writes `out` only on OK. */
SoukStatus souk_noise_payload_decode (SoukSlice in, const uint8_t static_key[SOUK_NOISE_KEY_SIZE],
                                      SoukNoisePayload *out);
