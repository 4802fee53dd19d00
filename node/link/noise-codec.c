/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The payload of Noise handshake messages. PURE. See noise-codec.h.
 */
#include "link/noise-codec.h"

#include "wire/message.h"
#include "wire/noise.pb-c.h"

#include <string.h>

/* "The data to be signed is the UTF-8 string `noise-libp2p-static-key:`, followed by the Noise
 * static public key" */
#define SIGNED_PREFIX "noise-libp2p-static-key:"
#define SIGNED_SIZE (sizeof SIGNED_PREFIX - 1 + SOUK_NOISE_KEY_SIZE)

static void
make_signed (const uint8_t static_key[SOUK_NOISE_KEY_SIZE], uint8_t out[SIGNED_SIZE])
{
  memcpy (out, SIGNED_PREFIX, sizeof SIGNED_PREFIX - 1);
  memcpy (out + sizeof SIGNED_PREFIX - 1, static_key, SOUK_NOISE_KEY_SIZE);
}

GBytes *
souk_noise_payload_encode (const SoukIdentity *identity,
                           const uint8_t static_key[SOUK_NOISE_KEY_SIZE], const char *const *muxers)
{
  uint8_t to_sign[SIGNED_SIZE], signature[64];
  make_signed (static_key, to_sign);
  souk_identity_sign (identity, signature, souk_slice (to_sign, sizeof to_sign));
  g_autoptr (GBytes) key = souk_identity_public_key (identity);

  Noise__Extensions extensions = NOISE__EXTENSIONS__INIT;
  extensions.stream_muxers = (char **)muxers;
  extensions.n_stream_muxers = g_strv_length ((char **)muxers);
  Noise__HandshakePayload payload = NOISE__HANDSHAKE_PAYLOAD__INIT;
  payload.has_identity_key = payload.has_identity_sig = true;
  payload.identity_key = souk_field_from_slice (souk_slice_from_bytes (key));
  payload.identity_sig = souk_field_from_slice (souk_slice (signature, sizeof signature));
  payload.extensions = extensions.n_stream_muxers > 0 ? &extensions : NULL;
  return souk_message_pack (&payload);
}

static char **
copy_muxers (const Noise__Extensions *extensions)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  size_t len = extensions == NULL ? 0 : extensions->n_stream_muxers;
  for (size_t i = 0; i < MIN (len, SOUK_NOISE_MUXERS_MAX); i++)
    g_strv_builder_add (builder, extensions->stream_muxers[i]);
  return g_strv_builder_end (builder);
}

SoukStatus
souk_noise_payload_decode (SoukSlice in, const uint8_t static_key[SOUK_NOISE_KEY_SIZE],
                           SoukNoisePayload *out)
{
  SOUK_AUTO_MESSAGE Noise__HandshakePayload *payload
      = souk_message_unpack (&noise__handshake_payload__descriptor, in);
  if (payload == NULL || !payload->has_identity_key || !payload->has_identity_sig
      || payload->identity_key.len > SOUK_PUBLIC_KEY_SIZE_MAX)
    return SOUK_STATUS_BAD_HANDSHAKE;

  SoukSlice key = souk_slice_from_field (payload->identity_key);
  SoukPeerId peer;
  if (souk_peer_id_from_public_key (key, &peer) != SOUK_STATUS_OK)
    return SOUK_STATUS_BAD_HANDSHAKE;
  uint8_t to_sign[SIGNED_SIZE];
  make_signed (static_key, to_sign);
  SOUK_TRY (souk_public_key_verify (key, souk_slice (to_sign, sizeof to_sign),
                                    souk_slice_from_field (payload->identity_sig)));
  *out = (SoukNoisePayload){ peer, souk_slice_to_bytes (key), copy_muxers (payload->extensions) };
  return SOUK_STATUS_OK;
}
