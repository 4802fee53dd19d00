/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ABI coder: its types, its refusals, and foreign vectors that a real compiler made.
 */
#include "testcases.h"

static SoukAbiType *
type_of (const char *text)
{
  SoukAbiType *type = NULL;
  g_assert_cmpint (souk_abi_type_parse (text, &type), ==, SOUK_STATUS_OK);
  return type;
}

static void
types_know_their_head (void)
{
  static const struct {
    const char *text;
    bool is_dynamic;
    size_t head;
  } rows[] = {
    { "(uint256)", false, 32 },
    { "(bytes)", true, 32 },
    { "(address,bytes32[3],(bool,int8)[2])", false, 32 * 8 },
    { "(uint8[][2])", true, 32 },
    { "()", false, 0 },
    { "(uint,int,string[0])", true, 32 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SoukAbiType) type = type_of (rows[i].text);
      g_assert_cmpint (type->is_dynamic, ==, rows[i].is_dynamic);
      g_assert_cmpuint (type->head_bytes, ==, rows[i].head);
    }
}

static void
what_is_no_type_is_refused (void)
{
  static const char *const texts[] = {
    "",           "uint7", "uint264", "bytes33",  "bytes0", "(uint256", "uint256)", "(,)",
    "(uint256,)", "uint[", "uint[x]", "uint[01]", "tuple",  "uint08",   " uint",    "int256 a",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      SoukAbiType *type = NULL;
      g_assert_cmpint (souk_abi_type_parse (texts[i], &type), ==, SOUK_STATUS_BAD_ENCODING);
      g_assert_null (type);
    }
}

static void
types_that_are_too_deep_or_too_large_are_refused (void)
{
  static const char *const texts[] = {
    "((((((((((((((((((uint))))))))))))))))))",
    "uint[][][][][][][][][][][][][][][][][][]",
    "uint[65536][65536]",
    "uint[999999]",
    "uint8[60000][2]",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      SoukAbiType *type = NULL;
      g_assert_cmpint (souk_abi_type_parse (texts[i], &type), ==, SOUK_STATUS_LIMIT);
    }
}

static SoukStatus
decode_hex (const char *type_text, const char *hex)
{
  g_autoptr (SoukAbiType) type = type_of (type_text);
  g_autoptr (SoukAbiValue) value = NULL;
  g_autoptr (GBytes) bytes = hex_of (hex);
  return souk_abi_decode (type, souk_slice_from_bytes (bytes), &value);
}

#define Z31 "00000000000000000000000000000000000000000000000000000000000000"

static void
words_out_of_range_are_refused (void)
{
  g_assert_cmpint (decode_hex ("(bool)", Z31 "01"), ==, SOUK_STATUS_OK);
  g_assert_cmpint (decode_hex ("(bool)", Z31 "02"), ==, SOUK_STATUS_BAD_ENCODING);
  g_assert_cmpint (
      decode_hex ("(uint8)", "0000000000000000000000000000000000000000000000000000000000000100"),
      ==, SOUK_STATUS_BAD_ENCODING);
  g_assert_cmpint (decode_hex ("(int8)", Z31 "80"), ==, SOUK_STATUS_BAD_ENCODING);
  g_assert_cmpint (decode_hex ("(bytes1)", Z31 "01"), ==, SOUK_STATUS_BAD_ENCODING);
  g_assert_cmpint (decode_hex ("(address)", "01" Z31), ==, SOUK_STATUS_BAD_ENCODING);
}

static void
short_and_absurd_offsets_are_refused (void)
{
  g_assert_cmpint (decode_hex ("(uint256)", Z31), ==, SOUK_STATUS_SHORT_READ);
  g_assert_cmpint (decode_hex ("(bytes)", Z31 "20"), ==, SOUK_STATUS_SHORT_READ);
  g_assert_cmpint (decode_hex ("(bytes)", Z31 "20" Z31 "01"), ==, SOUK_STATUS_SHORT_READ);
  g_assert_cmpint (decode_hex ("(bytes)", "ff" Z31), ==, SOUK_STATUS_BAD_ENCODING);
  g_assert_cmpint (decode_hex ("(uint[])", Z31 "20" Z31 "02" Z31 "01"), ==, SOUK_STATUS_SHORT_READ);
}

/* Nine levels of arrays, each with sixteen offsets to the same next one: 16^9 values in 5 KiB. */
static void
overlapping_offsets_do_not_explode (void)
{
  g_autoptr (SoukAbiType) type = type_of ("(uint8[][][][][][][][][])");
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (SoukAbiValue) value = NULL;
  uint8_t head[32] = { [31] = 32 };
  uint8_t count[32] = { [31] = 16 };

  g_byte_array_append (bytes, head, 32);
  for (int level = 0; level < 9; level++)
    {
      uint8_t word[32] = { [30] = level < 8 ? 2 : 0 }; /* 512: behind these sixteen */
      g_byte_array_append (bytes, count, 32);
      for (int i = 0; i < 16; i++)
        g_byte_array_append (bytes, word, 32);
    }
  g_assert_cmpint (souk_abi_decode (type, souk_slice_from_array (bytes), &value), ==,
                   SOUK_STATUS_LIMIT);
}

/* ---- foreign vectors ---- */

/* {"type": …, "value": …}, or a list of such. */
static SoukAbiValue *
value_of (const SoukAbiType *type, JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    node = json_object_get_member (json_node_get_object (node), "value");
  if (type->items == NULL)
    return elementary_value (type, node);
  SoukAbiValue *list = souk_abi_value_new_list ();
  JsonArray *items = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (items); i++)
    souk_abi_value_add (
        list, value_of (g_ptr_array_index (type->items, type->kind == SOUK_ABI_TUPLE ? i : 0),
                        json_array_get_element (items, i)));
  return list;
}

/* ["tuple(address)","int"] as one tuple. */
static SoukAbiType *
tuple_of (JsonArray *types)
{
  g_autoptr (GString) text = g_string_new ("(");
  for (guint i = 0; i < json_array_get_length (types); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "," : "",
                            json_array_get_string_element (types, i));
  g_string_append_c (text, ')');
  g_string_replace (text, "tuple(", "(", 0);
  return type_of (text->str);
}

static JsonNode *
parse_member (JsonObject *row, const char *member)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text_of (row, member), &error);
  g_assert_no_error (error);
  return node;
}

/* What the compiler returned decodes to the values, and they encode to the canonical form of it. */
static void
check_interface_row (JsonObject *row)
{
  g_autoptr (JsonNode) types = parse_member (row, "types");
  g_autoptr (JsonNode) values = parse_member (
      row, json_object_has_member (row, "normalizedValues") ? "normalizedValues" : "values");
  g_autoptr (SoukAbiType) type = tuple_of (json_node_get_array (types));
  g_autoptr (SoukAbiValue) expected = value_of (type, values);
  g_autoptr (SoukAbiValue) decoded = NULL;
  g_autoptr (GByteArray) encoded = g_byte_array_new ();
  g_autoptr (GByteArray) again = g_byte_array_new ();
  g_autoptr (GBytes) result = hex_of (text_of (row, "result"));

  g_assert_cmpint (souk_abi_decode (type, souk_slice_from_bytes (result), &decoded), ==,
                   SOUK_STATUS_OK);
  souk_abi_encode (type, expected, encoded);
  souk_abi_encode (type, decoded, again);
  g_assert_cmpmem (again->data, again->len, encoded->data, encoded->len);
}

static void
results_of_compiled_functions_are_read_and_written (gconstpointer name)
{
  g_autoptr (JsonNode) root = load_testcases (name);
  if (root == NULL)
    return;
  JsonArray *rows = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    check_interface_row (json_array_get_object_element (rows, i));
  g_test_message ("%u rows of %s", json_array_get_length (rows), (const char *)name);
}

static void
selectors_are_right (void)
{
  g_autoptr (JsonNode) root = load_testcases ("contract-signatures");
  if (root == NULL)
    return;
  JsonArray *rows = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      uint8_t selector[4];
      souk_abi_selector (text_of (row, "signature"), selector);
      assert_hex (souk_slice (selector, 4), text_of (row, "sigHash"));
    }
  g_test_message ("%u selectors", json_array_get_length (rows));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chain/abi/types-know-their-head", types_know_their_head);
  g_test_add_func ("/chain/abi/what-is-no-type-is-refused", what_is_no_type_is_refused);
  g_test_add_func ("/chain/abi/types-that-are-too-deep-or-too-large-are-refused",
                   types_that_are_too_deep_or_too_large_are_refused);
  g_test_add_func ("/chain/abi/words-out-of-range-are-refused", words_out_of_range_are_refused);
  g_test_add_func ("/chain/abi/short-and-absurd-offsets-are-refused",
                   short_and_absurd_offsets_are_refused);
  g_test_add_func ("/chain/abi/overlapping-offsets-do-not-explode",
                   overlapping_offsets_do_not_explode);
  g_test_add_data_func ("/chain/abi/results-of-compiled-functions-are-read-and-written",
                        "contract-interface", results_of_compiled_functions_are_read_and_written);
  g_test_add_data_func (
      "/chain/abi/results-of-compiled-functions-with-structs-are-read-and-written",
      "contract-interface-abi2", results_of_compiled_functions_are_read_and_written);
  g_test_add_func ("/chain/abi/selectors-are-right", selectors_are_right);
  return g_test_run ();
}
