/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Noise handshake: its payload from any bytes, a listener and a dialler from any bytes, and a
 * whole handshake of which one message is damaged.
 */
#include "link/noise-codec.h"
#include "link/noise.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static SoukIdentity identity;
static SoukNoiseKeys keys;
static SoukSeededRng rng;

static void
set_up (void)
{
  static const char *const muxers[] = { "/yamux/1.0.0", NULL };
  static bool is_ready;
  uint8_t seed[32] = { 1 };
  souk_seeded_rng_init_number (&rng, 1);
  if (is_ready)
    return;
  is_ready = true;
  souk_identity_init_seed (&identity, seed);
  souk_noise_keys_init (&keys, &identity, muxers, &rng.rng);
}

static void
fuzz_payload (SoukSlice in)
{
  SoukNoisePayload payload = { 0 };
  if (souk_noise_payload_decode (in, keys.public_key, &payload) != SOUK_STATUS_OK)
    return;
  g_bytes_unref (payload.public_key);
  g_strfreev (payload.muxers);
}

static void
fuzz_raw (SoukSlice in, bool is_dialler)
{
  SoukNoise noise;
  size_t used = 0;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  if (is_dialler)
    souk_noise_dial (&noise, &keys, NULL, &rng.rng, out);
  else
    souk_noise_listen (&noise, &keys, &rng.rng);
  souk_noise_recv (&noise, in, &used, out);
  g_assert (used <= in.len);
  souk_noise_done (&noise);
}

/* in: which message, where (two bytes), and what is put there. */
static void
fuzz_damage (SoukSlice in)
{
  SoukNoise a, b;
  g_autoptr (GByteArray) one = g_byte_array_new ();
  g_autoptr (GByteArray) two = g_byte_array_new ();
  SoukReader reader = souk_reader (in);
  unsigned which = souk_reader_u8 (&reader) % 3, at = souk_reader_u16_be (&reader);
  SoukSlice patch = souk_reader_bytes (&reader, reader.left);
  SoukStatus status = SOUK_STATUS_OK;
  bool is_changed = false;
  souk_noise_dial (&a, &keys, NULL, &rng.rng, one);
  souk_noise_listen (&b, &keys, &rng.rng);
  for (unsigned i = 0; i < 3 && status == SOUK_STATUS_OK; i++)
    {
      GByteArray *from = i == 1 ? two : one, *to = i == 1 ? one : two;
      size_t used = 0;
      if (i == which && patch.len > 0)
        {
          size_t start = 2 + at % (from->len - 2), len = MIN (patch.len, from->len - start);
          is_changed = memcmp (from->data + start, patch.data, len) != 0;
          memcpy (from->data + start, patch.data, len);
        }
      g_byte_array_set_size (to, 0);
      status = souk_noise_recv (i == 1 ? &a : &b, souk_slice_from_array (from), &used, to);
    }
  bool is_over
      = a.stage == SOUK_NOISE_DONE && b.stage == SOUK_NOISE_DONE && status == SOUK_STATUS_OK;
  g_assert (is_over != is_changed);
  souk_noise_done (&a);
  souk_noise_done (&b);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  set_up ();
  if (size == 0)
    return 0;
  SoukSlice in = souk_slice (data + 1, size - 1);
  switch (data[0] % 4)
    {
    case 0:
      fuzz_payload (in);
      break;
    case 1:
      fuzz_raw (in, true);
      break;
    case 2:
      fuzz_raw (in, false);
      break;
    case 3:
      fuzz_damage (in);
      break;
    }
  return 0;
}
