/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Foreign vectors for what chain/ stands on: addresses, hashes, RLP; and the data of compiled events.
 */
#include "testcases.h"
#include "wire/rlp.h"

static void
addresses_have_their_checksum (void)
{
  g_autoptr (JsonNode) root = load_testcases ("accounts");
  if (root == NULL)
    return;
  JsonArray *rows = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      SoukAddress address = address_of (text_of (row, "checksumAddress"));
      char text[SOUK_ADDRESS_TEXT_SIZE];
      g_autofree char *wrong = g_strdup (text_of (row, "checksumAddress"));
      souk_address_format (&address, text);
      g_assert_cmpstr (text, ==, text_of (row, "checksumAddress"));
      /* One letter of another case is noticed, if there are letters of both cases left. */
      for (char *at = wrong + 2; *at != '\0'; at++)
        if (g_ascii_isalpha (*at))
          {
            *at = g_ascii_islower (*at) ? g_ascii_toupper (*at) : g_ascii_tolower (*at);
            g_autofree char *lower = g_ascii_strdown (wrong + 2, -1);
            g_autofree char *upper = g_ascii_strup (wrong + 2, -1);
            if (!g_str_equal (lower, wrong + 2) && !g_str_equal (upper, wrong + 2))
              g_assert_cmpint (souk_address_parse (wrong, &address), ==, SOUK_STATUS_BAD_NUMBER);
            break;
          }
    }
  g_test_message ("%u addresses", json_array_get_length (rows));
}

static void
hashes_are_right (void)
{
  g_autoptr (JsonNode) root = load_testcases ("hashes");
  if (root == NULL)
    return;
  JsonArray *rows = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      g_autoptr (GBytes) data = hex_of (text_of (row, "data"));
      uint8_t hash[32];
      souk_keccak256 (hash, souk_slice_from_bytes (data));
      assert_hex (souk_slice (hash, 32), text_of (row, "keccak256"));
      souk_sha256 (hash, souk_slice_from_bytes (data));
      assert_hex (souk_slice (hash, 32), text_of (row, "sha256"));
    }
  g_test_message ("%u hashes of each kind", json_array_get_length (rows));
}

static void
append_rlp (GByteArray *out, JsonNode *node)
{
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      g_autoptr (GBytes) bytes = hex_of (json_node_get_string (node));
      souk_rlp_append_bytes (out, souk_slice_from_bytes (bytes));
      return;
    }
  g_autoptr (GByteArray) items = g_byte_array_new ();
  JsonArray *list = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (list); i++)
    append_rlp (items, json_array_get_element (list, i));
  souk_rlp_append_list (out, souk_slice_from_array (items));
}

static void
check_rlp (SoukReader *reader, JsonNode *node)
{
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      assert_hex (souk_reader_rlp_bytes (reader), json_node_get_string (node));
      return;
    }
  SoukReader items = souk_reader_rlp_list (reader);
  JsonArray *list = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (list); i++)
    check_rlp (&items, json_array_get_element (list, i));
  g_assert_true (souk_reader_is_done (&items));
}

static void
rlp_is_written_and_read (void)
{
  g_autoptr (JsonNode) root = load_testcases ("rlp-coder");
  if (root == NULL)
    return;
  JsonArray *rows = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      JsonNode *decoded = json_object_get_member (row, "decoded");
      g_autoptr (GByteArray) encoded = g_byte_array_new ();
      append_rlp (encoded, decoded);
      assert_hex (souk_slice_from_array (encoded), text_of (row, "encoded"));
      SoukReader reader = souk_reader (souk_slice_from_array (encoded));
      check_rlp (&reader, decoded);
      g_assert_true (souk_reader_is_done (&reader));
    }
  g_test_message ("%u items", json_array_get_length (rows));
}

static SoukAbiValue *
event_value (const SoukAbiType *type, JsonNode *node)
{
  if (type->items == NULL)
    return elementary_value (type, node);
  SoukAbiValue *list = souk_abi_value_new_list ();
  JsonArray *items = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (items); i++)
    souk_abi_value_add (
        list, event_value (g_ptr_array_index (type->items, type->kind == SOUK_ABI_TUPLE ? i : 0),
                           json_array_get_element (items, i)));
  return list;
}

/* The arguments that are not indexed, as the compiler's code logged them. */
static void
check_event (JsonObject *row)
{
  JsonArray *types = json_object_get_array_member (row, "types");
  JsonArray *indexed = json_object_get_array_member (row, "indexed");
  JsonArray *values = json_object_get_array_member (row, "normalizedValues");
  g_autoptr (GString) text = g_string_new ("(");
  g_autoptr (SoukAbiType) type = NULL;
  g_autoptr (SoukAbiValue) expected = souk_abi_value_new_list ();
  g_autoptr (SoukAbiValue) decoded = NULL;
  g_autoptr (GByteArray) encoded = g_byte_array_new ();
  g_autoptr (GByteArray) again = g_byte_array_new ();
  g_autoptr (GBytes) data = hex_of (text_of (row, "data"));
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < json_array_get_length (types); i++)
    {
      JsonNode *flag = json_array_get_element (indexed, i);
      if (JSON_NODE_HOLDS_VALUE (flag) && json_node_get_boolean (flag))
        continue;
      g_string_append_printf (text, "%s%s", places->len > 0 ? "," : "",
                              json_array_get_string_element (types, i));
      g_array_append_val (places, i);
    }
  g_string_append_c (text, ')');
  g_assert_cmpint (souk_abi_type_parse (text->str, &type), ==, SOUK_STATUS_OK);
  for (guint i = 0; i < places->len; i++)
    souk_abi_value_add (
        expected, event_value (g_ptr_array_index (type->items, i),
                               json_array_get_element (values, g_array_index (places, guint, i))));
  g_assert_cmpint (souk_abi_decode (type, souk_slice_from_bytes (data), &decoded), ==,
                   SOUK_STATUS_OK);
  souk_abi_encode (type, expected, encoded);
  souk_abi_encode (type, decoded, again);
  g_assert_cmpmem (again->data, again->len, encoded->data, encoded->len);
}

static void
the_data_of_compiled_events_is_read (void)
{
  g_autoptr (JsonNode) root = load_testcases ("contract-events");
  if (root == NULL)
    return;
  JsonArray *rows = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    check_event (json_array_get_object_element (rows, i));
  g_test_message ("%u events", json_array_get_length (rows));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chain/vectors/addresses-have-their-checksum", addresses_have_their_checksum);
  g_test_add_func ("/chain/vectors/hashes-are-right", hashes_are_right);
  g_test_add_func ("/chain/vectors/rlp-is-written-and-read", rlp_is_written_and_read);
  g_test_add_func ("/chain/vectors/the-data-of-compiled-events-is-read",
                   the_data_of_compiled_events_is_read);
  return g_test_run ();
}
