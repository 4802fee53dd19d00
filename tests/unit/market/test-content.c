/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Paid content and its keys, against figures of an independent implementation where there is one.
 */
#include "fixture.h"
#include "market/content.h"

#include <string.h>

static void
test_seal (void)
{
  SoukSeededRng rng;
  uint8_t key[32] = { 1, 2, 3 };
  g_autoptr (GBytes) opened = NULL;
  souk_seeded_rng_init_number (&rng, 1);
  g_autoptr (GBytes) sealed
      = souk_content_seal (key, SOUK_SLICE_LITERAL ("write a poem"), &rng.rng);
  g_autoptr (GBytes) twin = souk_content_seal (key, SOUK_SLICE_LITERAL ("write a poem"), &rng.rng);
  g_assert_cmpuint (g_bytes_get_size (sealed), ==, 12 + SOUK_CONTENT_OVERHEAD);
  g_assert_false (g_bytes_equal (sealed, twin));
  souk_assert_status (souk_content_open (key, souk_slice_from_bytes (sealed), &opened), OK);
  g_assert_cmpmem (g_bytes_get_data (opened, NULL), g_bytes_get_size (opened), "write a poem", 12);
}

static void
test_empty (void)
{
  SoukSeededRng rng;
  uint8_t key[32] = { 9 };
  g_autoptr (GBytes) opened = NULL;
  souk_seeded_rng_init_number (&rng, 1);
  g_autoptr (GBytes) sealed = souk_content_seal (key, SOUK_SLICE_EMPTY, &rng.rng);
  souk_assert_status (souk_content_open (key, souk_slice_from_bytes (sealed), &opened), OK);
  g_assert_cmpuint (g_bytes_get_size (opened), ==, 0);
}

static void
test_broken (void)
{
  SoukSeededRng rng;
  uint8_t key[32] = { 1 }, other[32] = { 2 };
  g_autoptr (GBytes) out = NULL;
  souk_seeded_rng_init_number (&rng, 1);
  g_autoptr (GBytes) sealed = souk_content_seal (key, SOUK_SLICE_LITERAL ("text"), &rng.rng);
  SoukSlice slice = souk_slice_from_bytes (sealed);
  g_autofree uint8_t *copy = g_memdup2 (slice.data, slice.len);
  souk_assert_status (souk_content_open (other, slice, &out), CONTENT_SEAL);
  for (size_t i = 0; i < slice.len; i++)
    {
      copy[i] ^= 0x10;
      souk_assert_status (souk_content_open (key, souk_slice (copy, slice.len), &out),
                          CONTENT_SEAL);
      copy[i] ^= 0x10;
    }
  for (size_t len = 0; len < slice.len; len++)
    souk_assert_status (souk_content_open (key, souk_slice (copy, len), &out), CONTENT_SEAL);
  g_assert_null (out);
}

/* Keccak-256 of 32 zero bytes and of 64 zero bytes are well known from the EVM. */
static void
test_known_hashes (void)
{
  uint8_t zero[32] = { 0 }, out[32];
  souk_commitment (out, zero);
  souk_assert_hex (souk_slice (out, 32),
                   "290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e563");
  souk_capsule_xor (out, zero, zero);
  souk_assert_hex (souk_slice (out, 32),
                   "ad3228b676f7d3cd4284a5443f17f1962b36e491b30a40b2405849e597ba5fb5");
}

static void
test_capsule (void)
{
  uint8_t content_key[32] = "this is the content key, K, ok!";
  uint8_t buyer_key[32] = { 7 }, wrong[32] = { 8 }, capsule[32], commitment[32], opened[32] = { 0 };
  const uint8_t untouched[32] = { 0 };
  souk_commitment (commitment, content_key);
  souk_capsule_xor (capsule, content_key, buyer_key);
  souk_assert_status (souk_capsule_open (opened, capsule, wrong, commitment), CONTENT_KEY);
  g_assert_cmpmem (opened, 32, untouched, 32);
  souk_assert_status (souk_capsule_open (opened, capsule, buyer_key, commitment), OK);
  g_assert_cmpmem (opened, 32, content_key, 32);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/market/content/what-is-sealed-opens-with-its-key", test_seal);
  g_test_add_func ("/market/content/an-empty-text-can-be-sealed", test_empty);
  g_test_add_func ("/market/content/any-changed-bit-or-missing-byte-is-noticed", test_broken);
  g_test_add_func ("/market/content/hashes-are-the-contract's", test_known_hashes);
  g_test_add_func ("/market/content/only-the-right-key-opens-a-capsule", test_capsule);
  return g_test_run ();
}
