/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rsa.h"

#include "support.h"

static GBytes *
vector (const char *name)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("rsa.json");
  return souk_test_hex (json_object_get_string_member (vectors, name));
}

static const SoukSlice message = { (const uint8_t *)"a message to sign", 17 };

static void
test_signature (void)
{
  g_autoptr (GBytes) key = vector ("key");
  g_autoptr (GBytes) signature = vector ("signature");
  SoukSlice der = souk_slice_from_bytes (key), good = souk_slice_from_bytes (signature);
  souk_assert_status (souk_rsa_verify (der, message, good), OK);
  souk_assert_status (souk_rsa_verify (der, SOUK_SLICE_LITERAL ("another"), good), BAD_SIGNATURE);
  souk_assert_status (souk_rsa_verify (der, message, SOUK_SLICE_EMPTY), BAD_SIGNATURE);
  souk_assert_status (souk_rsa_verify (der, message, souk_slice (good.data, good.len - 1)),
                      BAD_SIGNATURE);
  for (size_t i = 0; i < good.len; i += 17)
    {
      g_autofree uint8_t *changed = g_memdup2 (good.data, good.len);
      changed[i] ^= 4;
      souk_assert_status (souk_rsa_verify (der, message, souk_slice (changed, good.len)),
                          BAD_SIGNATURE);
    }
}

static void
test_keys (void)
{
  g_autoptr (GBytes) key = vector ("key");
  g_autoptr (GBytes) signature = vector ("signature");
  g_autoptr (GBytes) small_key = vector ("small_key");
  g_autoptr (GBytes) small_signature = vector ("small_signature");
  SoukSlice der = souk_slice_from_bytes (key), good = souk_slice_from_bytes (signature);
  souk_assert_status (souk_rsa_verify (souk_slice_from_bytes (small_key), message,
                                       souk_slice_from_bytes (small_signature)),
                      UNSUPPORTED);
  for (size_t len = 0; len < der.len; len++)
    souk_assert_status (souk_rsa_verify (souk_slice (der.data, len), message, good), BAD_ENCODING);
  /* All but the tags of the two numbers, which Nettle does not look at; a key that differs there is
   * the same key, and of another peer id. */
  for (size_t i = 0; i < der.len; i++)
    {
      g_autofree uint8_t *changed = g_memdup2 (der.data, der.len);
      if (i == 28 || i == der.len - 5)
        continue;
      changed[i] ^= 1;
      if (souk_rsa_verify (souk_slice (changed, der.len), message, good) == SOUK_STATUS_OK)
        g_error ("byte %zu of the key does not matter", i);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/rsa/signatures-of-another-program-are-checked", test_signature);
  g_test_add_func ("/base/rsa/small-and-malformed-keys-are-refused", test_keys);
  return g_test_run ();
}
