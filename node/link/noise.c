/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The secure channel: Noise XX. PURE. See noise.h; the names h, ck, k, n of the Noise specification
 * (revision 34, section 5) are hash, chain, handshake.key, handshake.nonce here.
 */
#include "link/noise.h"

#include "base/keccak.h"
#include "link/noise-codec.h"

#include <sodium.h>
#include <string.h>

/* "If protocol_name is less than or equal to HASHLEN bytes in length, sets h equal to
 * protocol_name": it has exactly 32. */
static const char protocol_name[] = "Noise_XX_25519_ChaChaPoly_SHA256";
G_STATIC_ASSERT (sizeof protocol_name - 1 == SOUK_NOISE_KEY_SIZE);

/* "The maximum n value (2^64-1) is reserved for other use." */
#define NONCE_MAX (UINT64_MAX - 1)

void
souk_noise_keys_init (SoukNoiseKeys *self, const SoukIdentity *identity, const char *const *muxers,
                      SoukRng *rng)
{
  souk_rng_fill (rng, self->secret_key, sizeof self->secret_key);
  crypto_scalarmult_base (self->public_key, self->secret_key);
  self->payload = souk_noise_payload_encode (identity, self->public_key, muxers);
}

void
souk_noise_keys_done (SoukNoiseKeys *self)
{
  sodium_memzero (self->secret_key, sizeof self->secret_key);
  g_clear_pointer (&self->payload, g_bytes_unref);
}

/* ---- the symmetric state ---- */

static void
mix_hash (SoukNoise *self, SoukSlice data)
{
  struct sha256_ctx sha;
  sha256_init (&sha);
  sha256_update (&sha, sizeof self->hash, self->hash);
  if (data.len > 0)
    sha256_update (&sha, data.len, data.data);
  sha256_digest (&sha, sizeof self->hash, self->hash);
}

static void
hmac (uint8_t out[32], const uint8_t key[32], SoukSlice a, SoukSlice b)
{
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init (&state, key, 32);
  if (a.len > 0)
    crypto_auth_hmacsha256_update (&state, a.data, a.len);
  if (b.len > 0)
    crypto_auth_hmacsha256_update (&state, b.data, b.len);
  crypto_auth_hmacsha256_final (&state, out);
  sodium_memzero (&state, sizeof state);
}

/* HKDF with two outputs; either may be where `chain` is. */
static void
hkdf2 (const uint8_t chain[32], SoukSlice input, uint8_t out_first[32], uint8_t out_second[32])
{
  static const uint8_t one = 1, two = 2;
  uint8_t temporary[32], first[32];
  hmac (temporary, chain, input, SOUK_SLICE_EMPTY);
  hmac (first, temporary, souk_slice (&one, 1), SOUK_SLICE_EMPTY);
  hmac (out_second, temporary, souk_slice (first, 32), souk_slice (&two, 1));
  memcpy (out_first, first, 32);
  sodium_memzero (temporary, sizeof temporary);
  sodium_memzero (first, sizeof first);
}

static void
make_nonce (uint8_t out[12], uint64_t counter)
{
  uint64_t le = GUINT64_TO_LE (counter);
  memset (out, 0, 4);
  memcpy (out + 4, &le, sizeof le);
}

static void
cipher_seal (SoukNoiseCipher *cipher, SoukSlice ad, SoukSlice plain, uint8_t *out)
{
  uint8_t nonce[12];
  g_assert (cipher->nonce < NONCE_MAX);
  make_nonce (nonce, cipher->nonce++);
  crypto_aead_chacha20poly1305_ietf_encrypt (out, NULL, plain.data, plain.len, ad.data, ad.len,
                                             NULL, nonce, cipher->key);
}

static SoukStatus
cipher_open (SoukNoiseCipher *cipher, SoukSlice ad, SoukSlice sealed, uint8_t *out)
{
  uint8_t nonce[12];
  if (sealed.len < SOUK_NOISE_TAG_SIZE || cipher->nonce >= NONCE_MAX)
    return SOUK_STATUS_BAD_MAC;
  make_nonce (nonce, cipher->nonce++);
  if (crypto_aead_chacha20poly1305_ietf_decrypt (out, NULL, NULL, sealed.data, sealed.len, ad.data,
                                                 ad.len, nonce, cipher->key)
      != 0)
    return SOUK_STATUS_BAD_MAC;
  return SOUK_STATUS_OK;
}

/* MixKey(DH(secret, public)); an all-zero result means a degenerate point. */
static SoukStatus
mix_dh (SoukNoise *self, const uint8_t secret[32], const uint8_t public_key[32])
{
  uint8_t shared[32];
  if (crypto_scalarmult (shared, secret, public_key) != 0)
    return SOUK_STATUS_BAD_HANDSHAKE;
  hkdf2 (self->chain, souk_slice (shared, 32), self->chain, self->handshake.key);
  self->handshake.nonce = 0;
  self->has_key = true;
  sodium_memzero (shared, sizeof shared);
  return SOUK_STATUS_OK;
}

/* EncryptAndHash onto the end of `out`. */
static void
seal_and_hash (SoukNoise *self, SoukSlice plain, GByteArray *out)
{
  guint at = out->len;
  if (!self->has_key)
    {
      souk_append (out, plain);
      mix_hash (self, plain);
      return;
    }
  g_byte_array_set_size (out, at + plain.len + SOUK_NOISE_TAG_SIZE);
  cipher_seal (&self->handshake, souk_slice (self->hash, 32), plain, out->data + at);
  mix_hash (self, souk_slice (out->data + at, out->len - at));
}

/* DecryptAndHash into `out`, which has room for sealed.len bytes. */
static SoukStatus
open_and_hash (SoukNoise *self, SoukSlice sealed, uint8_t *out)
{
  SOUK_TRY (cipher_open (&self->handshake, souk_slice (self->hash, 32), sealed, out));
  mix_hash (self, sealed);
  return SOUK_STATUS_OK;
}

static void
start (SoukNoise *self, const SoukNoiseKeys *keys, SoukRng *rng)
{
  *self = (SoukNoise){ .keys = keys };
  memcpy (self->hash, protocol_name, sizeof self->hash);
  memcpy (self->chain, protocol_name, sizeof self->chain);
  mix_hash (self, SOUK_SLICE_EMPTY); /* the prologue is empty */
  souk_rng_fill (rng, self->ephemeral_secret, sizeof self->ephemeral_secret);
  crypto_scalarmult_base (self->ephemeral, self->ephemeral_secret);
}

/* "Split()": the dialler sends with the first key. */
static void
split (SoukNoise *self, bool is_dialler)
{
  SoukNoiseCipher *first = is_dialler ? &self->sending : &self->receiving;
  SoukNoiseCipher *second = is_dialler ? &self->receiving : &self->sending;
  hkdf2 (self->chain, SOUK_SLICE_EMPTY, first->key, second->key);
  sodium_memzero (self->chain, sizeof self->chain);
  sodium_memzero (&self->handshake, sizeof self->handshake);
  sodium_memzero (self->ephemeral_secret, sizeof self->ephemeral_secret);
  self->stage = SOUK_NOISE_DONE;
}

/* ---- the three messages ---- */

/* Leaves room for the length; end_message() fills it in. */
static guint
begin_message (GByteArray *out)
{
  souk_append_u16_be (out, 0);
  return out->len;
}

static void
end_message (GByteArray *out, guint start_at)
{
  guint len = out->len - start_at;
  g_assert (len <= SOUK_NOISE_HANDSHAKE_MAX);
  out->data[start_at - 2] = (uint8_t)(len >> 8);
  out->data[start_at - 1] = (uint8_t)len;
}

void
souk_noise_dial (SoukNoise *self, const SoukNoiseKeys *keys, const SoukPeerId *expected,
                 SoukRng *rng, GByteArray *out)
{
  start (self, keys, rng);
  self->stage = SOUK_NOISE_WAIT_E_S;
  self->has_expected = expected != NULL;
  if (expected != NULL)
    self->expected = *expected;

  guint at = begin_message (out);
  souk_append (out, souk_slice (self->ephemeral, 32));
  mix_hash (self, souk_slice (self->ephemeral, 32));
  seal_and_hash (self, SOUK_SLICE_EMPTY, out);
  end_message (out, at);
}

void
souk_noise_listen (SoukNoise *self, const SoukNoiseKeys *keys, SoukRng *rng)
{
  start (self, keys, rng);
  self->stage = SOUK_NOISE_WAIT_E;
}

/* Decrypts the other side's static key and its payload, and checks who it is. `dh_secret` is ours
 * for the exchange between the two (es for the dialler, se for the listener). */
static SoukStatus
take_identity (SoukNoise *self, SoukReader *reader, const uint8_t dh_secret[32])
{
  uint8_t remote_static[32], payload[SOUK_NOISE_HANDSHAKE_MAX];
  SoukSlice sealed = souk_reader_bytes (reader, 32 + SOUK_NOISE_TAG_SIZE);
  if (!souk_reader_ok (reader))
    return SOUK_STATUS_BAD_HANDSHAKE;
  SOUK_TRY (open_and_hash (self, sealed, remote_static));
  SOUK_TRY (mix_dh (self, dh_secret, remote_static));
  sealed = souk_reader_bytes (reader, reader->left);
  SOUK_TRY (open_and_hash (self, sealed, payload));

  SoukNoisePayload parsed = { 0 };
  SOUK_TRY (souk_noise_payload_decode (souk_slice (payload, sealed.len - SOUK_NOISE_TAG_SIZE),
                                       remote_static, &parsed));
  self->peer = parsed.peer;
  self->peer_key = parsed.public_key;
  self->peer_muxers = parsed.muxers;
  if (self->has_expected && !souk_peer_id_is_equal (&self->expected, &self->peer))
    return SOUK_STATUS_WRONG_PEER;
  return SOUK_STATUS_OK;
}

/* "-> e" at the listener, which answers "<- e, ee, s, es". */
static SoukStatus
take_first (SoukNoise *self, SoukReader *reader, GByteArray *out)
{
  SoukSlice remote = souk_reader_bytes (reader, 32);
  if (!souk_reader_ok (reader))
    return SOUK_STATUS_BAD_HANDSHAKE;
  memcpy (self->remote_ephemeral, remote.data, 32);
  mix_hash (self, remote);
  mix_hash (self, souk_reader_bytes (reader, reader->left));

  guint at = begin_message (out);
  souk_append (out, souk_slice (self->ephemeral, 32));
  mix_hash (self, souk_slice (self->ephemeral, 32));
  SOUK_TRY (mix_dh (self, self->ephemeral_secret, self->remote_ephemeral));
  seal_and_hash (self, souk_slice (self->keys->public_key, 32), out);
  SOUK_TRY (mix_dh (self, self->keys->secret_key, self->remote_ephemeral));
  seal_and_hash (self, souk_slice_from_bytes (self->keys->payload), out);
  end_message (out, at);
  self->stage = SOUK_NOISE_WAIT_S;
  return SOUK_STATUS_OK;
}

/* "<- e, ee, s, es" at the dialler, which answers "-> s, se". */
static SoukStatus
take_second (SoukNoise *self, SoukReader *reader, GByteArray *out)
{
  SoukSlice remote = souk_reader_bytes (reader, 32);
  if (!souk_reader_ok (reader))
    return SOUK_STATUS_BAD_HANDSHAKE;
  memcpy (self->remote_ephemeral, remote.data, 32);
  mix_hash (self, remote);
  SOUK_TRY (mix_dh (self, self->ephemeral_secret, self->remote_ephemeral));
  SOUK_TRY (take_identity (self, reader, self->ephemeral_secret));

  guint at = begin_message (out);
  seal_and_hash (self, souk_slice (self->keys->public_key, 32), out);
  SOUK_TRY (mix_dh (self, self->keys->secret_key, self->remote_ephemeral));
  seal_and_hash (self, souk_slice_from_bytes (self->keys->payload), out);
  end_message (out, at);
  split (self, true);
  return SOUK_STATUS_OK;
}

/* "-> s, se" at the listener. */
static SoukStatus
take_third (SoukNoise *self, SoukReader *reader)
{
  SOUK_TRY (take_identity (self, reader, self->ephemeral_secret));
  split (self, false);
  return SOUK_STATUS_OK;
}

static SoukStatus
take_message (SoukNoise *self, SoukSlice message, GByteArray *out)
{
  SoukReader reader = souk_reader (message);
  switch (self->stage)
    {
    case SOUK_NOISE_WAIT_E:
      return take_first (self, &reader, out);
    case SOUK_NOISE_WAIT_E_S:
      return take_second (self, &reader, out);
    case SOUK_NOISE_WAIT_S:
      return take_third (self, &reader);
    case SOUK_NOISE_DONE:
      break;
    }
  g_assert_not_reached ();
}

SoukStatus
souk_noise_recv (SoukNoise *self, SoukSlice in, size_t *out_used, GByteArray *out)
{
  size_t used = 0;
  *out_used = 0;
  while (self->stage != SOUK_NOISE_DONE && in.len - used >= SOUK_NOISE_PREFIX_SIZE)
    {
      size_t len = (size_t)in.data[used] << 8 | in.data[used + 1];
      if (len > SOUK_NOISE_HANDSHAKE_MAX)
        return SOUK_STATUS_TOO_LARGE;
      if (in.len - used - SOUK_NOISE_PREFIX_SIZE < len)
        break;
      SOUK_TRY (
          take_message (self, souk_slice (in.data + used + SOUK_NOISE_PREFIX_SIZE, len), out));
      used += SOUK_NOISE_PREFIX_SIZE + len;
    }
  *out_used = used;
  return SOUK_STATUS_OK;
}

void
souk_noise_done (SoukNoise *self)
{
  g_clear_pointer (&self->peer_key, g_bytes_unref);
  g_clear_pointer (&self->peer_muxers, g_strfreev);
  sodium_memzero (self, sizeof *self);
}

/* ---- the channel ---- */

size_t
souk_noise_seal (SoukNoise *self, SoukSlice plain, uint8_t *out)
{
  g_assert (self->stage == SOUK_NOISE_DONE && plain.len <= SOUK_NOISE_PLAIN_MAX);
  size_t len = plain.len + SOUK_NOISE_TAG_SIZE;
  out[0] = (uint8_t)(len >> 8);
  out[1] = (uint8_t)len;
  cipher_seal (&self->sending, SOUK_SLICE_EMPTY, plain, out + SOUK_NOISE_PREFIX_SIZE);
  return SOUK_NOISE_PREFIX_SIZE + len;
}

SoukStatus
souk_noise_open (SoukNoise *self, SoukSlice message, uint8_t *out, size_t *out_len)
{
  g_assert (self->stage == SOUK_NOISE_DONE);
  SOUK_TRY (cipher_open (&self->receiving, SOUK_SLICE_EMPTY, message, out));
  *out_len = message.len - SOUK_NOISE_TAG_SIZE;
  return SOUK_STATUS_OK;
}
