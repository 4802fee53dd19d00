/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/bytes.h"

#include "support.h"

#include <string.h>

static void
test_cursor (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  souk_append_u8 (out, 0x01);
  souk_append_u16_be (out, 0x0203);
  souk_append_u32_be (out, 0x04050607);
  souk_append_u64_be (out, 0x08090a0b0c0d0e0f);
  souk_append_varint (out, 300);
  souk_append_varint_bytes (out, SOUK_SLICE_LITERAL ("abc"));
  souk_append (out, SOUK_SLICE_EMPTY);
  souk_assert_hex (souk_slice_from_array (out), "0102030405060708090a0b0c0d0e0fac0203616263");

  SoukReader reader = souk_reader (souk_slice_from_array (out));
  g_assert_cmphex (souk_reader_u8 (&reader), ==, 0x01);
  g_assert_cmphex (souk_reader_u16_be (&reader), ==, 0x0203);
  g_assert_cmphex (souk_reader_u32_be (&reader), ==, 0x04050607);
  g_assert_cmphex (souk_reader_u64_be (&reader), ==, 0x08090a0b0c0d0e0f);
  g_assert_cmpuint (souk_reader_varint (&reader), ==, 300);
  g_assert_false (souk_reader_is_done (&reader));
  SoukSlice text = souk_reader_varint_bytes (&reader);
  g_assert_true (souk_slice_is_equal (text, SOUK_SLICE_LITERAL ("abc")));
  g_assert_true (souk_reader_is_done (&reader));
}

static void
test_poison (void)
{
  SoukReader reader = souk_reader (SOUK_SLICE_LITERAL ("\x01\x02\x03"));
  g_assert_cmpuint (souk_reader_u32_be (&reader), ==, 0);
  g_assert_false (souk_reader_ok (&reader));
  /* What would have fitted fails as well. */
  g_assert_cmpuint (souk_reader_u8 (&reader), ==, 0);
  g_assert_cmpuint (souk_reader_varint (&reader), ==, 0);
  g_assert_cmpuint (souk_reader_bytes (&reader, 0).len, ==, 0);
  g_assert_false (souk_reader_is_done (&reader));

  reader = souk_reader (SOUK_SLICE_LITERAL ("\xff\xff\xff\xff\xff\xff\xff\xff\x7f"));
  g_assert_cmpuint (souk_reader_varint_bytes (&reader).len, ==, 0);
  g_assert_false (souk_reader_ok (&reader));
}

static void
test_hex (void)
{
  g_autofree char *text = souk_hex_encode (SOUK_SLICE_LITERAL ("\x00\x7f\xff"));
  g_assert_cmpstr (text, ==, "007fff");
  g_autoptr (GBytes) bytes = souk_hex_decode ("0x007FfF");
  souk_assert_hex (souk_slice_from_bytes (bytes), "007fff");
  g_autoptr (GBytes) none = souk_hex_decode ("");
  g_assert_cmpuint (g_bytes_get_size (none), ==, 0);
  g_assert_null (souk_hex_decode ("0"));
  g_assert_null (souk_hex_decode ("0g"));
  g_assert_null (souk_hex_decode ("00 "));
  uint8_t two[2] = { 9, 9 };
  g_assert_false (souk_hex_decode_exact ("0102zz", two, 2));
  g_assert_false (souk_hex_decode_exact ("01zz", two, 2));
  g_assert_cmpuint (two[0], ==, 9);
  g_assert_true (souk_hex_decode_exact ("0102", two, 2));
  g_assert_cmpuint (two[1], ==, 2);
}

static void
test_slices (void)
{
  g_assert_true (souk_slice_is_equal (SOUK_SLICE_EMPTY, souk_slice ("", 0)));
  g_assert_false (souk_slice_is_equal (SOUK_SLICE_LITERAL ("a"), SOUK_SLICE_LITERAL ("b")));
  g_assert_false (souk_slice_is_equal (SOUK_SLICE_LITERAL ("a"), SOUK_SLICE_LITERAL ("ab")));
  g_autoptr (GBytes) copy = souk_slice_to_bytes (SOUK_SLICE_LITERAL ("ab"));
  g_assert_true (souk_slice_is_equal (souk_slice_from_bytes (copy), souk_slice_from_text ("ab")));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/bytes/what-is-written-is-read", test_cursor);
  g_test_add_func ("/base/bytes/a-short-read-poisons-all-that-follow", test_poison);
  g_test_add_func ("/base/bytes/hexadecimal-both-ways", test_hex);
  g_test_add_func ("/base/bytes/slices-compare-by-their-bytes", test_slices);
  return g_test_run ();
}
