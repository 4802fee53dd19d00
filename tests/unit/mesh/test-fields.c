/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests of mesh/fields.c.
 */
#include "mesh/fields.h"

static void
test_round_trip (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  souk_append_field_number (out, 1, 300);
  souk_append_field_bytes (out, 2, SOUK_SLICE_LITERAL ("abc"));
  souk_append_field_bytes (out, 200, SOUK_SLICE_EMPTY);
  g_assert_cmpuint (out->len, ==, 3 + souk_field_size (2, 3) + souk_field_size (200, 0));

  SoukFields fields = souk_fields (souk_slice_from_array (out));
  g_assert_true (souk_fields_next (&fields));
  g_assert_cmpuint (fields.number, ==, 1);
  g_assert_false (fields.is_bytes);
  g_assert_cmpuint (fields.value, ==, 300);
  g_assert_true (souk_fields_next (&fields));
  g_assert_true (souk_slice_is_equal (fields.bytes, SOUK_SLICE_LITERAL ("abc")));
  g_assert_cmpuint (fields.raw.len, ==, 5);
  g_assert_true (souk_fields_next (&fields));
  g_assert_cmpuint (fields.number, ==, 200);
  g_assert_false (souk_fields_next (&fields));
  g_assert_true (souk_fields_ok (&fields));
}

static void
test_negative_number (void)
{
  static const uint8_t bytes[]
      = { 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 };
  SoukFields fields = souk_fields (souk_slice (bytes, sizeof bytes));
  g_assert_true (souk_fields_next (&fields));
  g_assert_cmpint ((int32_t)fields.value, ==, -1);
}

static void
test_fixed (void)
{
  static const uint8_t bytes[] = { 0x0d, 1, 2, 3, 4, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x18, 5 };
  SoukFields fields = souk_fields (souk_slice (bytes, sizeof bytes));
  g_assert_true (souk_fields_next (&fields));
  g_assert_true (souk_fields_next (&fields));
  g_assert_true (souk_fields_next (&fields));
  g_assert_cmpuint (fields.number, ==, 3);
  g_assert_cmpuint (fields.value, ==, 5);
}

static void
test_malformed (void)
{
  static const char *const texts[] = {
    "0a05ab",                 /* length past the end */
    "08",                     /* no value */
    "00",                     /* field number 0 */
    "0b",                     /* a group */
    "0f00",                   /* wire type 7 */
    "08ffffffffffffffffffff", /* a varint of more than ten bytes */
    "0affffffffffffffffff01", /* a length of 2^64 - 1 */
  };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) bytes = souk_hex_decode (texts[i]);
      SoukFields fields = souk_fields (souk_slice_from_bytes (bytes));
      while (souk_fields_next (&fields))
        ;
      g_assert_false (souk_fields_ok (&fields));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mesh/fields/what-is-written-is-read", test_round_trip);
  g_test_add_func ("/mesh/fields/a-negative-int32-has-ten-bytes", test_negative_number);
  g_test_add_func ("/mesh/fields/fixed-width-fields-are-stepped-over", test_fixed);
  g_test_add_func ("/mesh/fields/malformed-bytes-poison-the-cursor", test_malformed);
  return g_test_run ();
}
