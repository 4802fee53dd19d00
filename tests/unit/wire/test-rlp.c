/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/rlp.h"

#include "support.h"

#include <string.h>

/* Writes an item of the vectors: a hexadecimal text, or a list of items. */
static void
append_item (GByteArray *out, JsonNode *item)
{
  if (!JSON_NODE_HOLDS_ARRAY (item))
    {
      g_autoptr (GBytes) bytes = souk_test_hex (json_node_get_string (item));
      souk_rlp_append_bytes (out, souk_slice_from_bytes (bytes));
      return;
    }
  g_autoptr (GByteArray) items = g_byte_array_new ();
  JsonArray *array = json_node_get_array (item);
  for (guint i = 0; i < json_array_get_length (array); i++)
    append_item (items, json_array_get_element (array, i));
  souk_rlp_append_list (out, souk_slice_from_array (items));
}

/* Reads one item and checks that it is the one of the vectors. */
static void
check_item (SoukReader *reader, JsonNode *item)
{
  if (!JSON_NODE_HOLDS_ARRAY (item))
    {
      souk_assert_hex (souk_reader_rlp_bytes (reader), json_node_get_string (item));
      g_assert_true (souk_reader_ok (reader));
      return;
    }
  SoukReader items = souk_reader_rlp_list (reader);
  JsonArray *array = json_node_get_array (item);
  for (guint i = 0; i < json_array_get_length (array); i++)
    check_item (&items, json_array_get_element (array, i));
  g_assert_true (souk_reader_is_done (&items));
}

static void
test_good (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("rlp.json");
  JsonArray *rows = json_object_get_array_member (vectors, "good");
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      JsonNode *item = json_object_get_member (row, "item");
      g_autoptr (GByteArray) out = g_byte_array_new ();
      append_item (out, item);
      souk_assert_hex (souk_slice_from_array (out), json_object_get_string_member (row, "rlp"));
      SoukReader reader = souk_reader (souk_slice_from_array (out));
      check_item (&reader, item);
      g_assert_true (souk_reader_is_done (&reader));
    }
}

/* Reads everything in a run of items. Returns: false when anything is bad. */
static bool
walk (SoukReader reader, unsigned depth)
{
  while (souk_reader_ok (&reader) && reader.left > 0)
    {
      SoukRlpItem item = souk_reader_rlp (&reader);
      if (souk_reader_ok (&reader) && item.is_list && depth < 20
          && !walk (souk_reader (item.payload), depth + 1))
        return false;
    }
  return souk_reader_ok (&reader);
}

static void
test_bad (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("rlp.json");
  JsonArray *rows = json_object_get_array_member (vectors, "bad");
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      g_autoptr (GBytes) bytes = souk_test_hex (json_array_get_string_element (rows, i));
      SoukReader reader = souk_reader (souk_slice_from_bytes (bytes));
      SoukReader one = reader;
      SoukRlpItem item = souk_reader_rlp (&one);
      /* Some are bad inside, some have bytes behind. */
      bool good
          = souk_reader_is_done (&one) && (!item.is_list || walk (souk_reader (item.payload), 0));
      g_assert_false (good);
    }
}

static void
test_numbers (void)
{
  static const uint64_t numbers[] = { 0, 1, 127, 128, 255, 256, 1000, UINT32_MAX, UINT64_MAX };
  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr (GByteArray) small = g_byte_array_new ();
      g_autoptr (GByteArray) large = g_byte_array_new ();
      souk_rlp_append_u64 (small, numbers[i]);
      souk_rlp_append_u256 (large, souk_u256_from_u64 (numbers[i]));
      g_assert_cmpmem (small->data, small->len, large->data, large->len);
      SoukReader reader = souk_reader (souk_slice_from_array (small));
      g_assert_cmpuint (souk_reader_rlp_u64 (&reader), ==, numbers[i]);
      g_assert_true (souk_reader_is_done (&reader));
    }

  uint8_t ones[32];
  memset (ones, 0xff, sizeof ones);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  souk_rlp_append_u256 (out, souk_u256_from_be (ones));
  SoukReader reader = souk_reader (souk_slice_from_array (out));
  SoukU256 value = souk_reader_rlp_u256 (&reader);
  g_assert_cmpint (souk_u256_compare (value, souk_u256_from_be (ones)), ==, 0);
  reader = souk_reader (souk_slice_from_array (out));
  souk_reader_rlp_u64 (&reader);
  g_assert_false (souk_reader_ok (&reader));
}

static void
test_bad_numbers (void)
{
  static const char *const bad[] = { "00", "820001", "c0", "", "81" };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) bytes = souk_test_hex (bad[i]);
      SoukReader reader = souk_reader (souk_slice_from_bytes (bytes));
      g_assert_true (souk_u256_is_zero (souk_reader_rlp_u256 (&reader)));
      g_assert_false (souk_reader_ok (&reader));
    }
  SoukReader reader = souk_reader (SOUK_SLICE_LITERAL ("\x01"));
  SoukReader items = souk_reader_rlp_list (&reader);
  g_assert_false (souk_reader_ok (&items));
  g_assert_false (souk_reader_ok (&reader));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/rlp/ethereum-s-good-items-both-ways", test_good);
  g_test_add_func ("/wire/rlp/ethereum-s-bad-items-are-refused", test_bad);
  g_test_add_func ("/wire/rlp/numbers-have-their-shortest-form", test_numbers);
  g_test_add_func ("/wire/rlp/longer-numbers-and-wrong-kinds-are-refused", test_bad_numbers);
  return g_test_run ();
}
