/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/multibase.h"

#include "base/rng.h"
#include "support.h"

#include <string.h>

static const SoukBase bases[]
    = { SOUK_BASE_16, SOUK_BASE_32, SOUK_BASE_36, SOUK_BASE_58, SOUK_BASE_64, SOUK_BASE_64_URL };

static void
test_vectors (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("multibase.json");
  JsonArray *texts = json_object_get_array_member (vectors, "texts");
  for (guint i = 0; i < json_array_get_length (texts); i++)
    {
      JsonObject *row = json_array_get_object_element (texts, i);
      const char *text = json_object_get_string_member (row, "text");
      g_autoptr (GBytes) want = souk_test_member_hex (row, "bytes");
      g_autoptr (GBytes) have = NULL;
      souk_assert_status (souk_multibase_decode (text, &have), OK);
      g_assert_true (g_bytes_equal (have, want));
      if (!json_object_get_boolean_member (row, "canonical"))
        continue;
      g_autofree char *again
          = souk_multibase_encode ((SoukBase)text[0], souk_slice_from_bytes (want));
      g_assert_cmpstr (again, ==, text);
    }
}

static void
test_round_trips (void)
{
  SoukSeededRng rng;
  souk_seeded_rng_init_number (&rng, 3);
  for (size_t len = 0; len <= 70; len++)
    for (size_t b = 0; b < G_N_ELEMENTS (bases); b++)
      {
        uint8_t bytes[70];
        souk_rng_fill (&rng.rng, bytes, sizeof bytes);
        memset (bytes, 0, souk_rng_below (&rng.rng, 4));
        g_autofree char *text = souk_base_encode (bases[b], souk_slice (bytes, len));
        g_autoptr (GBytes) back = NULL;
        souk_assert_status (souk_base_decode (bases[b], text, &back), OK);
        g_assert_cmpmem (bytes, len, g_bytes_get_data (back, NULL), g_bytes_get_size (back));
      }
}

static void
test_refuses (void)
{
  static const struct {
    SoukBase base;
    const char *text;
  } bad[] = {
    { SOUK_BASE_16, "0" },   { SOUK_BASE_16, "0g" },       { SOUK_BASE_32, "a" },
    { SOUK_BASE_32, "ab" }, /* the last bits are not zero */
    { SOUK_BASE_32, "aaa" }, { SOUK_BASE_32, "me======" }, { SOUK_BASE_32, "m1" },
    { SOUK_BASE_58, "0" },   { SOUK_BASE_58, "I" },        { SOUK_BASE_58, "1 1" },
    { SOUK_BASE_64, "A" },   { SOUK_BASE_64, "AB" },       { SOUK_BASE_64, "AA==" },
    { SOUK_BASE_64, "-A" },  { SOUK_BASE_64_URL, "/w" },   { SOUK_BASE_36, "k-" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      GBytes *out = NULL;
      souk_assert_status (souk_base_decode (bad[i].base, bad[i].text, &out), BAD_ENCODING);
      g_assert_null (out);
    }
  GBytes *out = NULL;
  souk_assert_status (souk_multibase_decode ("", &out), BAD_ENCODING);
  souk_assert_status (souk_multibase_decode ("?abc", &out), BAD_ENCODING);
  souk_assert_status (souk_multibase_decode ("Z1", &out), BAD_ENCODING);
}

static void
test_limits (void)
{
  g_autofree char *longest = g_strnfill (SOUK_MULTIBASE_TEXT_MAX, 'z');
  g_autofree char *longer = g_strnfill (SOUK_MULTIBASE_TEXT_MAX + 1, '1');
  g_autoptr (GBytes) out = NULL;
  GBytes *none = NULL;
  souk_assert_status (souk_base_decode (SOUK_BASE_58, longest, &out), OK);
  souk_assert_status (souk_base_decode (SOUK_BASE_58, longer, &none), TOO_LARGE);
  souk_assert_status (souk_base_decode (SOUK_BASE_32, longer, &none), TOO_LARGE);

  uint8_t bytes[512];
  memset (bytes, 0xff, sizeof bytes);
  g_autofree char *text = souk_base_encode (SOUK_BASE_36, souk_slice (bytes, sizeof bytes));
  g_autoptr (GBytes) back = NULL;
  souk_assert_status (souk_base_decode (SOUK_BASE_36, text, &back), OK);
  g_assert_cmpmem (bytes, sizeof bytes, g_bytes_get_data (back, NULL), g_bytes_get_size (back));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/multibase/texts-of-the-specification", test_vectors);
  g_test_add_func ("/base/multibase/every-run-of-bytes-comes-back", test_round_trips);
  g_test_add_func ("/base/multibase/a-text-that-is-nobodys-form-is-refused", test_refuses);
  g_test_add_func ("/base/multibase/long-texts-are-refused-before-they-cost-time", test_limits);
  return g_test_run ();
}
