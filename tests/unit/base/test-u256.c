/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/u256.h"

#include "support.h"

#include <string.h>

#define MAX_TEXT "115792089237316195423570985008687907853269984665640564039457584007913129639935"
#define TOO_LARGE_TEXT                                                                             \
  "115792089237316195423570985008687907853269984665640564039457584007913129639936"

static SoukU256
number (const char *decimal)
{
  SoukU256 value;
  souk_assert_status (souk_u256_parse (decimal, &value), OK);
  return value;
}

static void
assert_number (SoukU256 value, const char *want)
{
  char text[SOUK_U256_DECIMAL_SIZE];
  souk_u256_format (value, text);
  g_assert_cmpstr (text, ==, want);
}

/* The result of an operation against a member of a row: a number, or null for none. */
static void
check_result (SoukStatus status, SoukU256 value, JsonArray *row, guint index)
{
  if (json_array_get_null_element (row, index))
    {
      souk_assert_status (status, OVERFLOW);
      return;
    }
  souk_assert_status (status, OK);
  assert_number (value, json_array_get_string_element (row, index));
}

static void
check_row (JsonArray *row)
{
  SoukU256 a = number (json_array_get_string_element (row, 0));
  SoukU256 b = number (json_array_get_string_element (row, 1));
  SoukU256 out = SOUK_U256_ZERO;
  SoukStatus status = souk_u256_add (a, b, &out);
  check_result (status, out, row, 2);
  status = souk_u256_sub (a, b, &out);
  check_result (status, out, row, 3);
  g_assert_cmpint (status == SOUK_STATUS_OVERFLOW, ==, souk_u256_compare (a, b) < 0);
  status = souk_u256_mul (a, b, &out);
  check_result (status, out, row, 4);
  if (!souk_u256_is_zero (b))
    {
      SoukU256 quotient;
      SoukU256 rest;
      souk_u256_divmod (a, b, &quotient, &rest);
      assert_number (quotient, json_array_get_string_element (row, 5));
      assert_number (rest, json_array_get_string_element (row, 6));
    }

  g_autofree char *hex = souk_u256_to_hex (a);
  g_assert_cmpstr (hex, ==, json_array_get_string_element (row, 7));
  souk_assert_status (souk_u256_parse_hex (hex, &out), OK);
  g_assert_cmpint (souk_u256_compare (out, a), ==, 0);

  SoukWei fee;
  SoukWei net;
  SoukWei sum;
  souk_wei_split_fee (souk_wei_from_u256 (a), &fee, &net);
  assert_number (souk_wei_to_u256 (fee), json_array_get_string_element (row, 8));
  souk_assert_status (souk_wei_add (fee, net, &sum), OK);
  g_assert_cmpint (souk_wei_compare (sum, souk_wei_from_u256 (a)), ==, 0);
}

static void
test_against_python (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("u256.json");
  JsonArray *rows = json_object_get_array_member (vectors, "rows");
  for (guint i = 0; i < json_array_get_length (rows); i++)
    check_row (json_array_get_array_element (rows, i));
}

static void
test_texts (void)
{
  SoukU256 value;
  assert_number (number ("0"), "0");
  assert_number (number ("000"), "0");
  assert_number (number ("0010"), "10");
  assert_number (number (MAX_TEXT), MAX_TEXT);
  souk_assert_status (souk_u256_parse (TOO_LARGE_TEXT, &value), OVERFLOW);
  souk_assert_status (souk_u256_parse (MAX_TEXT "0", &value), OVERFLOW);
  static const char *const bad[] = { "", " 1", "1 ", "-1", "+1", "1.0", "0x1", "1e3", "1,000" };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    souk_assert_status (souk_u256_parse (bad[i], &value), BAD_NUMBER);
  static const char *const bad_hex[] = { "", "0x", "1", "0xg", "x1", "0x 1" };
  for (size_t i = 0; i < G_N_ELEMENTS (bad_hex); i++)
    souk_assert_status (souk_u256_parse_hex (bad_hex[i], &value), BAD_NUMBER);
  souk_assert_status (souk_u256_parse_hex ("0x00000000000000000000000000000000000000000000000000"
                                           "0000000000000000000000000000000000000000000000002a",
                                           &value),
                      OK);
  assert_number (value, "42");
  g_autofree char *ones = g_strnfill (65, 'f');
  g_autofree char *too_large = g_strconcat ("0x", ones, NULL);
  souk_assert_status (souk_u256_parse_hex (too_large, &value), OVERFLOW);
}

static void
test_bytes (void)
{
  uint8_t bytes[33] = { [31] = 1, [32] = 2 };
  SoukU256 value;
  assert_number (souk_u256_from_be (bytes), "1");
  souk_u256_to_be (number ("258"), bytes);
  g_assert_cmpuint (bytes[30], ==, 1);
  g_assert_cmpuint (bytes[31], ==, 2);
  souk_assert_status (souk_u256_from_be_slice (SOUK_SLICE_EMPTY, &value), OK);
  g_assert_true (souk_u256_is_zero (value));
  souk_assert_status (souk_u256_from_be_slice (SOUK_SLICE_LITERAL ("\x01\x00"), &value), OK);
  assert_number (value, "256");
  souk_assert_status (souk_u256_from_be_slice (souk_slice (bytes, 33), &value), OVERFLOW);

  uint64_t small = 0;
  g_assert_true (souk_u256_to_u64 (souk_u256_from_u64 (UINT64_MAX), &small));
  g_assert_cmpuint (small, ==, UINT64_MAX);
  g_assert_false (souk_u256_to_u64 (number ("18446744073709551616"), &small));
}

static void
test_overflow_leaves_out (void)
{
  SoukU256 out = souk_u256_from_u64 (7);
  SoukU256 max = number (MAX_TEXT);
  SoukU256 one = souk_u256_from_u64 (1);
  souk_assert_status (souk_u256_add (max, one, &out), OVERFLOW);
  souk_assert_status (souk_u256_sub (SOUK_U256_ZERO, one, &out), OVERFLOW);
  souk_assert_status (souk_u256_mul (max, souk_u256_from_u64 (2), &out), OVERFLOW);
  assert_number (out, "7");
  /* The result may take the place of an operand. */
  souk_assert_status (souk_u256_add (out, out, &out), OK);
  assert_number (out, "14");
  souk_u256_divmod (max, max, &out, NULL);
  assert_number (out, "1");
}

static void
test_fee (void)
{
  static const struct {
    const char *price;
    const char *fee;
    const char *net;
  } cases[] = {
    { "0", "0", "0" },
    { "1", "0", "1" },
    { "33", "0", "33" },
    { "34", "1", "33" },
    { "66", "1", "65" },
    { "67", "2", "65" },
    { "10000", "300", "9700" },
    { "10000000000000000000", "300000000000000000", "9700000000000000000" },
    { MAX_TEXT, "3473762677119485862707129550260637235598099539969216921183727520237393889198",
      "112318326560196709560863855458427270617671885125671347118273856487675735750737" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SoukWei fee;
      SoukWei net;
      souk_wei_split_fee (souk_wei_from_u256 (number (cases[i].price)), &fee, &net);
      g_autofree char *fee_text = souk_wei_to_string (fee);
      g_autofree char *net_text = souk_wei_to_string (net);
      g_assert_cmpstr (fee_text, ==, cases[i].fee);
      g_assert_cmpstr (net_text, ==, cases[i].net);
    }
}

static void
test_coins (void)
{
  static const struct {
    const char *text;
    unsigned decimals;
    const char *wei;
    const char *back;
  } cases[] = {
    { "9.7", 18, "9700000000000000000", "9.7" },
    { "0", 18, "0", "0" },
    { "0.0", 18, "0", "0" },
    { "1", 18, "1000000000000000000", "1" },
    { "0.000000000000000001", 18, "1", "0.000000000000000001" },
    { "100.50", 6, "100500000", "100.5" },
    { "7", 0, "7", "7" },
    { "70", 0, "70", "70" },
    { "007.10", 2, "710", "7.1" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SoukWei amount;
      souk_assert_status (souk_wei_parse_coins (cases[i].text, cases[i].decimals, &amount), OK);
      g_autofree char *wei = souk_wei_to_string (amount);
      g_autofree char *coins = souk_wei_to_coins (amount, cases[i].decimals);
      g_assert_cmpstr (wei, ==, cases[i].wei);
      g_assert_cmpstr (coins, ==, cases[i].back);
    }
  static const char *const bad[]
      = { "",   ".",   ".5",   "5.",  "1.2.3", "-1", "1e3", "1,5", " 1", "0.0000000000000000001",
          "+1", "0x1", "1.2 ", "NaN", "1..2" };
  SoukWei amount = SOUK_WEI_ZERO;
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    souk_assert_status (souk_wei_parse_coins (bad[i], SOUK_COIN_DECIMALS, &amount), BAD_NUMBER);
  souk_assert_status (souk_wei_parse_coins ("1.0", 0, &amount), BAD_NUMBER);
  souk_assert_status (souk_wei_parse_coins (MAX_TEXT, 1, &amount), OVERFLOW);
  g_assert_true (souk_wei_is_zero (amount));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/u256/arithmetic-is-that-of-python", test_against_python);
  g_test_add_func ("/base/u256/texts-are-read-strictly", test_texts);
  g_test_add_func ("/base/u256/bytes-are-big-endian", test_bytes);
  g_test_add_func ("/base/u256/an-overflow-leaves-the-result-alone", test_overflow_leaves_out);
  g_test_add_func ("/base/u256/the-fee-is-rounded-down-and-nothing-is-lost", test_fee);
  g_test_add_func ("/base/u256/coins-are-exact-both-ways", test_coins);
  return g_test_run ();
}
