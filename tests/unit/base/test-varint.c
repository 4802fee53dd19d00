/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/varint.h"

#include "support.h"

static const struct {
  uint64_t value;
  const char *hex;
} known[] = {
  /* unsigned-varint, "Format" */
  { 0, "00" },     { 1, "01" },     { 127, "7f" },       { 128, "8001" },
  { 255, "ff01" }, { 300, "ac02" }, { 16384, "808001" }, { INT64_MAX, "ffffffffffffffff7f" },
};

static void
test_known (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    {
      uint8_t bytes[SOUK_VARINT_SIZE_MAX];
      size_t len = souk_varint_encode (known[i].value, bytes);
      souk_assert_hex (souk_slice (bytes, len), known[i].hex);
      uint64_t value;
      size_t used;
      souk_assert_status (souk_varint_decode (souk_slice (bytes, len), &value, &used), OK);
      g_assert_cmpuint (value, ==, known[i].value);
      g_assert_cmpuint (used, ==, len);
    }
  uint8_t largest[SOUK_VARINT_SIZE_MAX];
  g_assert_cmpuint (souk_varint_encode (UINT64_MAX, largest), ==, 10);
}

static void
test_refuses (void)
{
  static const struct {
    const char *hex;
    SoukStatus status;
  } cases[] = {
    { "", SOUK_STATUS_SHORT_READ },
    { "80", SOUK_STATUS_SHORT_READ },
    { "ffffffff", SOUK_STATUS_SHORT_READ },
    { "8000", SOUK_STATUS_BAD_VARINT },
    { "8100", SOUK_STATUS_BAD_VARINT },
    { "ffffffffffffffffff01", SOUK_STATUS_BAD_VARINT },
    { "80808080808080808080", SOUK_STATUS_BAD_VARINT },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = souk_test_hex (cases[i].hex);
      uint64_t value = 42;
      size_t used = 42;
      SoukStatus status = souk_varint_decode (souk_slice_from_bytes (bytes), &value, &used);
      g_assert_cmpstr (souk_status_name (status), ==, souk_status_name (cases[i].status));
      g_assert_cmpuint (value, ==, 42);
      g_assert_cmpuint (used, ==, 42);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/varint/numbers-of-the-specification", test_known);
  g_test_add_func ("/base/varint/longer-forms-are-refused-and-short-ones-ask-for-more",
                   test_refuses);
  return g_test_run ();
}
