/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/multihash.h"

#include "support.h"

#include <string.h>

static bool
reads (const char *hex, SoukMultihash *out)
{
  g_autoptr (GBytes) bytes = souk_test_hex (hex);
  SoukReader reader = souk_reader (souk_slice_from_bytes (bytes));
  *out = souk_reader_multihash (&reader);
  return souk_reader_is_done (&reader);
}

static void
test_forms (void)
{
  /* multihash, "Examples": sha2-256 of "multihash". */
  static const char sha256_hex[]
      = "12209cbc07c3f991725836a3aa2a581ca2029198aa420b9d99bc0e131d9f3e2cbe47";
  SoukMultihash hash = souk_multihash_sha256 (SOUK_SLICE_LITERAL ("multihash"));
  g_autoptr (GByteArray) out = g_byte_array_new ();
  souk_append_multihash (out, &hash);
  souk_assert_hex (souk_slice_from_array (out), sha256_hex);

  SoukMultihash back;
  g_assert_true (reads (sha256_hex, &back));
  g_assert_true (souk_multihash_is_equal (&hash, &back));
  g_assert_true (souk_multihash_matches (&back, SOUK_SLICE_LITERAL ("multihash")));
  g_assert_false (souk_multihash_matches (&back, SOUK_SLICE_LITERAL ("Multihash")));

  SoukMultihash same = souk_multihash_identity (SOUK_SLICE_LITERAL ("abc"));
  g_byte_array_set_size (out, 0);
  souk_append_multihash (out, &same);
  souk_assert_hex (souk_slice_from_array (out), "0003616263");
  g_assert_true (souk_multihash_matches (&same, SOUK_SLICE_LITERAL ("abc")));
  g_assert_false (souk_multihash_matches (&same, SOUK_SLICE_LITERAL ("ab")));
}

static void
test_unknown (void)
{
  /* sha2-512 is carried, and matches nothing. */
  g_autofree char *digest = g_strnfill (128, '0');
  g_autofree char *hex = g_strconcat ("1340", digest, NULL);
  SoukMultihash hash;
  g_assert_true (reads (hex, &hash));
  g_assert_cmpuint (hash.code, ==, 0x13);
  g_assert_cmpuint (hash.len, ==, 64);
  g_assert_false (souk_multihash_matches (&hash, SOUK_SLICE_EMPTY));
}

static void
test_refuses (void)
{
  SoukMultihash hash;
  g_autofree char *long_digest = g_strnfill (130, '0');
  g_autofree char *too_long = g_strconcat ("0041", long_digest, NULL);
  g_assert_false (reads ("", &hash));
  g_assert_false (reads ("12", &hash));
  g_assert_false (reads ("1220ff", &hash));
  g_assert_false (reads ("1201ff", &hash)); /* sha2-256, cut to a byte */
  g_assert_false (reads ("800000", &hash)); /* a code in a longer form */
  g_assert_false (reads (too_long, &hash));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/multihash/forms-of-the-specification", test_forms);
  g_test_add_func ("/base/multihash/an-unknown-hash-is-carried-and-matches-nothing", test_unknown);
  g_test_add_func ("/base/multihash/cut-long-and-short-ones-are-refused", test_refuses);
  return g_test_run ();
}
