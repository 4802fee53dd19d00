/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The secure channel: a whole transcript with fixed keys, and what a bad peer may try.
 */
#include "link/noise.h"
#include "vectors.h"

#include <string.h>

static const char *const muxers[] = { "/yamux/1.0.0", NULL };
static const char *const no_muxers[] = { NULL };

/* Gives out a list of 32-byte secrets, one for each call. */
typedef struct {
  SoukRng rng;
  uint8_t secrets[2][32];
  unsigned next;
} FixedRng;

static void
fixed_fill (SoukRng *rng, uint8_t *out, size_t len)
{
  FixedRng *self = (FixedRng *)rng;
  g_assert_cmpuint (len, ==, 32);
  g_assert_cmpuint (self->next, <, 2);
  memcpy (out, self->secrets[self->next++], 32);
}

typedef struct {
  SoukIdentity identity;
  SoukNoiseKeys keys;
  SoukNoise noise;
  FixedRng fixed;
} Side;

static void
side_from_vector (Side *side, const char *name)
{
  JsonObject *object = json_object_get_object_member (vectors_object ("noise"), name);
  uint8_t seed[32];
  memset (side, 0, sizeof *side);
  vectors_fill (object, "identity_seed", seed, 32);
  souk_identity_init_seed (&side->identity, seed);
  side->fixed.rng.fill = fixed_fill;
  vectors_fill (object, "static_secret", side->fixed.secrets[0], 32);
  vectors_fill (object, "ephemeral_secret", side->fixed.secrets[1], 32);
  souk_noise_keys_init (&side->keys, &side->identity, muxers, &side->fixed.rng);
}

static void
side_from_number (Side *side, uint8_t number, const char *const *own_muxers)
{
  uint8_t seed[32] = { number };
  SoukSeededRng rng;
  memset (side, 0, sizeof *side);
  souk_identity_init_seed (&side->identity, seed);
  souk_seeded_rng_init_number (&rng, number);
  souk_noise_keys_init (&side->keys, &side->identity, own_muxers, &rng.rng);
}

static void
side_done (Side *side)
{
  souk_noise_done (&side->noise);
  souk_noise_keys_done (&side->keys);
  souk_identity_done (&side->identity);
}

/* Moves all of `from` to `noise`; its answer replaces what was in `out`. */
static SoukStatus
feed (SoukNoise *noise, GByteArray *from, GByteArray *out)
{
  size_t used = 0;
  g_byte_array_set_size (out, 0);
  SoukStatus status = souk_noise_recv (noise, souk_slice_from_array (from), &used, out);
  if (status == SOUK_STATUS_OK)
    g_assert_cmpuint (used, ==, from->len);
  return status;
}

static void
assert_message (const GByteArray *framed, unsigned index)
{
  JsonArray *messages = json_object_get_array_member (vectors_object ("noise"), "messages");
  g_autofree char *hex = souk_hex_encode (souk_slice (framed->data + 2, framed->len - 2));
  g_assert_cmpstr (hex, ==, json_array_get_string_element (messages, index));
  g_assert_cmpuint (framed->len - 2, ==, (guint)(framed->data[0] << 8 | framed->data[1]));
}

static void
assert_seals (SoukNoise *from, SoukNoise *to, const char *list)
{
  JsonArray *array = json_object_get_array_member (vectors_object ("noise"), list);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = json_array_get_object_element (array, i);
      g_autoptr (GBytes) plain = vectors_bytes (object, "plaintext");
      uint8_t sealed[256], opened[256];
      size_t opened_len = 0;
      size_t len = souk_noise_seal (from, souk_slice_from_bytes (plain), sealed);
      g_autofree char *hex = souk_hex_encode (souk_slice (sealed + 2, len - 2));
      g_assert_cmpstr (hex, ==, json_object_get_string_member (object, "ciphertext"));
      g_assert_cmpint (souk_noise_open (to, souk_slice (sealed + 2, len - 2), opened, &opened_len),
                       ==, SOUK_STATUS_OK);
      g_assert_cmpmem (opened, opened_len, g_bytes_get_data (plain, NULL),
                       g_bytes_get_size (plain));
    }
}

static void
test_transcript (void)
{
  Side a, b;
  g_autoptr (GByteArray) one = g_byte_array_new ();
  g_autoptr (GByteArray) two = g_byte_array_new ();
  JsonObject *vector = vectors_object ("noise");
  side_from_vector (&a, "dialler");
  side_from_vector (&b, "listener");
  SoukPeerId expected = souk_identity_peer_id (&b.identity);

  souk_noise_dial (&a.noise, &a.keys, &expected, &a.fixed.rng, one);
  souk_noise_listen (&b.noise, &b.keys, &b.fixed.rng);
  assert_message (one, 0);
  g_assert_cmpint (feed (&b.noise, one, two), ==, SOUK_STATUS_OK);
  assert_message (two, 1);
  g_assert_cmpint (feed (&a.noise, two, one), ==, SOUK_STATUS_OK);
  assert_message (one, 2);
  g_assert_cmpint (feed (&b.noise, one, two), ==, SOUK_STATUS_OK);
  g_assert_cmpuint (two->len, ==, 0);
  g_assert_cmpint (a.noise.stage, ==, SOUK_NOISE_DONE);
  g_assert_cmpint (b.noise.stage, ==, SOUK_NOISE_DONE);

  g_autofree char *hash = souk_hex_encode (souk_slice (a.noise.hash, 32));
  g_assert_cmpstr (hash, ==, json_object_get_string_member (vector, "handshake_hash"));
  g_assert_cmpmem (a.noise.hash, 32, b.noise.hash, 32);
  g_autofree char *key = souk_hex_encode (souk_slice (a.noise.sending.key, 32));
  g_assert_cmpstr (key, ==, json_object_get_string_member (vector, "dialler_key"));
  g_autofree char *other = souk_hex_encode (souk_slice (a.noise.receiving.key, 32));
  g_assert_cmpstr (other, ==, json_object_get_string_member (vector, "listener_key"));
  g_assert_cmpstr (a.noise.peer_muxers[0], ==, "/yamux/1.0.0");
  assert_seals (&a.noise, &b.noise, "dialler_sends");
  assert_seals (&b.noise, &a.noise, "listener_sends");
  side_done (&a);
  side_done (&b);
}

/* Runs a handshake. `tamper` changes one message: which, and which byte of it.
 * Returns: the first status that is not OK. */
static SoukStatus
run (Side *a, Side *b, const SoukPeerId *expected, int tamper, size_t at)
{
  SoukSeededRng rng;
  g_autoptr (GByteArray) one = g_byte_array_new ();
  g_autoptr (GByteArray) two = g_byte_array_new ();
  souk_seeded_rng_init_number (&rng, 7);
  souk_noise_dial (&a->noise, &a->keys, expected, &rng.rng, one);
  souk_noise_listen (&b->noise, &b->keys, &rng.rng);
  for (int i = 0; i < 3; i++)
    {
      GByteArray *from = i == 1 ? two : one, *to = i == 1 ? one : two;
      if (tamper == i)
        from->data[2 + at % (from->len - 2)] ^= 1;
      SOUK_TRY (feed (i == 1 ? &a->noise : &b->noise, from, to));
    }
  return SOUK_STATUS_OK;
}

static void
test_tampered (void)
{
  for (int message = 0; message < 3; message++)
    for (size_t at = 0; at < 200; at += 13)
      {
        Side a, b;
        side_from_number (&a, 1, muxers);
        side_from_number (&b, 2, muxers);
        SoukStatus status = run (&a, &b, NULL, message, at);
        /* The first message has no MAC of its own; the change shows in the second. */
        g_assert_cmpint (status, !=, SOUK_STATUS_OK);
        side_done (&a);
        side_done (&b);
      }
}

static void
test_wrong_peer (void)
{
  Side a, b;
  side_from_number (&a, 1, muxers);
  side_from_number (&b, 2, muxers);
  SoukPeerId wrong = souk_identity_peer_id (&a.identity);
  g_assert_cmpint (run (&a, &b, &wrong, -1, 0), ==, SOUK_STATUS_WRONG_PEER);
  side_done (&a);
  side_done (&b);
}

static void
test_no_list (void)
{
  Side a, b;
  side_from_number (&a, 1, no_muxers);
  side_from_number (&b, 2, muxers);
  g_assert_cmpint (run (&a, &b, NULL, -1, 0), ==, SOUK_STATUS_OK);
  g_assert_null (b.noise.peer_muxers[0]);
  g_assert_cmpstr (a.noise.peer_muxers[0], ==, "/yamux/1.0.0");
  SoukPeerId id = souk_identity_peer_id (&a.identity);
  g_assert_true (souk_peer_id_is_equal (&b.noise.peer, &id));
  side_done (&a);
  side_done (&b);
}

/* A payload signed by one identity over another static key. */
static void
test_stolen_payload (void)
{
  Side a, b;
  side_from_number (&a, 1, muxers);
  side_from_number (&b, 2, muxers);
  b.keys.secret_key[0] ^= 8;
  b.keys.public_key[0] ^= 1;
  g_assert_cmpint (run (&a, &b, NULL, -1, 0), !=, SOUK_STATUS_OK);
  side_done (&a);
  side_done (&b);

  side_from_number (&a, 1, muxers);
  side_from_number (&b, 2, muxers);
  g_bytes_unref (b.keys.payload);
  b.keys.payload = g_bytes_ref (a.keys.payload);
  g_assert_cmpint (run (&a, &b, NULL, -1, 0), ==, SOUK_STATUS_BAD_SIGNATURE);
  side_done (&a);
  side_done (&b);
}

static void
test_oversize (void)
{
  Side b;
  SoukSeededRng rng;
  uint8_t prefix[2] = { 0xff, 0xff };
  size_t used = 0;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  side_from_number (&b, 2, muxers);
  souk_seeded_rng_init_number (&rng, 7);
  souk_noise_listen (&b.noise, &b.keys, &rng.rng);
  g_assert_cmpint (souk_noise_recv (&b.noise, souk_slice (prefix, 2), &used, out), ==,
                   SOUK_STATUS_TOO_LARGE);
  side_done (&b);
}

/* An all-zero point would make the shared secret known to everyone. */
static void
test_degenerate (void)
{
  Side b;
  SoukSeededRng rng;
  uint8_t message[34] = { 0, 32 };
  size_t used = 0;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  side_from_number (&b, 2, muxers);
  souk_seeded_rng_init_number (&rng, 7);
  souk_noise_listen (&b.noise, &b.keys, &rng.rng);
  g_assert_cmpint (souk_noise_recv (&b.noise, souk_slice (message, 34), &used, out), ==,
                   SOUK_STATUS_BAD_HANDSHAKE);
  side_done (&b);
}

static void
test_bytewise (void)
{
  Side a, b;
  SoukSeededRng rng;
  size_t used = 0;
  g_autoptr (GByteArray) one = g_byte_array_new ();
  g_autoptr (GByteArray) two = g_byte_array_new ();
  side_from_number (&a, 1, muxers);
  side_from_number (&b, 2, muxers);
  souk_seeded_rng_init_number (&rng, 7);
  souk_noise_dial (&a.noise, &a.keys, NULL, &rng.rng, one);
  souk_noise_listen (&b.noise, &b.keys, &rng.rng);
  for (guint len = 0; len < one->len; len++)
    {
      g_assert_cmpint (souk_noise_recv (&b.noise, souk_slice (one->data, len), &used, two), ==,
                       SOUK_STATUS_OK);
      g_assert_cmpuint (used, ==, 0);
      g_assert_cmpuint (two->len, ==, 0);
    }
  g_assert_cmpint (feed (&b.noise, one, two), ==, SOUK_STATUS_OK);
  g_assert_cmpuint (two->len, >, 0);
  side_done (&a);
  side_done (&b);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/link/noise/a-handshake-with-fixed-keys-gives-the-known-transcript",
                   test_transcript);
  g_test_add_func ("/link/noise/a-changed-byte-in-any-message-ends-the-handshake", test_tampered);
  g_test_add_func ("/link/noise/another-peer-than-the-expected-one-is-refused", test_wrong_peer);
  g_test_add_func ("/link/noise/a-peer-without-a-muxer-list-is-accepted", test_no_list);
  g_test_add_func ("/link/noise/a-payload-of-another-identity-is-refused", test_stolen_payload);
  g_test_add_func ("/link/noise/an-oversize-message-is-refused-by-its-length", test_oversize);
  g_test_add_func ("/link/noise/a-degenerate-point-is-refused", test_degenerate);
  g_test_add_func ("/link/noise/a-message-is-used-only-when-it-is-whole", test_bytewise);
  return g_test_run ();
}
