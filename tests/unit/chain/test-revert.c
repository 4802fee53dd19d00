/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Revert data.
 */
#include "chain/revert.h"
#include "testcases.h"

static void
each_error_of_the_contracts_has_its_sentence (void)
{
  g_autoptr (JsonNode) root = load_own_vectors ("chain-calls.json");
  JsonArray *rows = json_object_get_array_member (json_node_get_object (root), "errors");
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      const char *name = text_of (row, "name");
      g_autoptr (GBytes) selector = hex_of (text_of (row, "selector"));
      SoukRevert revert;
      souk_revert_decode (souk_slice_from_bytes (selector), &revert);
      /* Only a constructor can give these two. */
      if (g_str_equal (name, "InvalidShortString") || g_str_equal (name, "StringTooLong"))
        continue;
      g_assert_true (revert.is_known);
      g_assert_cmpstr (revert.name, ==, name);
      g_assert_cmpint (strlen (revert.sentence), >, 10);
    }
}

static void
the_number_of_an_error_is_read (void)
{
  g_autoptr (GBytes) data
      = hex_of ("0xec5f7fc6000000000000000000000000000000000000000000000000000000000000002a");
  uint8_t selector[4];
  SoukRevert revert;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  souk_abi_selector ("TooLate(uint256)", selector);
  g_byte_array_append (bytes, selector, 4);
  souk_append (bytes, souk_slice ((const uint8_t *)g_bytes_get_data (data, NULL) + 4, 32));
  souk_revert_decode (souk_slice_from_array (bytes), &revert);
  g_assert_cmpstr (revert.name, ==, "TooLate");
  g_assert_true (revert.has_argument);
  g_assert_cmpint (souk_u256_compare (revert.argument, souk_u256_from_u64 (42)), ==, 0);
}

static void
the_text_of_a_plain_reason_is_read_and_cut (void)
{
  g_autoptr (SoukAbiType) type = NULL;
  g_autoptr (SoukAbiValue) value = souk_abi_value_new_list ();
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GByteArray) data = g_byte_array_new ();
  uint8_t selector[4];
  SoukRevert revert;

  for (int i = 0; i < 150; i++)
    g_string_append (text, "é");
  souk_abi_selector ("Error(string)", selector);
  g_byte_array_append (data, selector, 4);
  g_assert_cmpint (souk_abi_type_parse ("(string)", &type), ==, SOUK_STATUS_OK);
  souk_abi_value_add (value, souk_abi_value_new_bytes (souk_slice (text->str, text->len - 1)));
  souk_abi_encode (type, value, data);
  souk_revert_decode (souk_slice_from_array (data), &revert);
  g_assert_cmpstr (revert.name, ==, "Error");
  g_assert_cmpuint (strlen (revert.text), ==, SOUK_REVERT_TEXT_MAX);
  g_assert_true (g_utf8_validate (revert.text, -1, NULL));
}

static void
data_that_says_nothing_is_an_unknown_revert (void)
{
  SoukRevert revert;
  souk_revert_decode (SOUK_SLICE_EMPTY, &revert);
  g_assert_false (revert.is_known);
  g_assert_nonnull (revert.sentence);
  souk_revert_decode (SOUK_SLICE_LITERAL ("\xde\xad\xbe\xef"), &revert);
  g_assert_false (revert.is_known);
  assert_hex (souk_slice (revert.selector, 4), "deadbeef");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chain/revert/each-error-of-the-contracts-has-its-sentence",
                   each_error_of_the_contracts_has_its_sentence);
  g_test_add_func ("/chain/revert/the-number-of-an-error-is-read", the_number_of_an_error_is_read);
  g_test_add_func ("/chain/revert/the-text-of-a-plain-reason-is-read-and-cut",
                   the_text_of_a_plain_reason_is_read_and_cut);
  g_test_add_func ("/chain/revert/data-that-says-nothing-is-an-unknown-revert",
                   data_that_says_nothing_is_an_unknown_revert);
  return g_test_run ();
}
