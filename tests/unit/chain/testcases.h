/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Vectors for tests: our own JSON files, and npm's @ethersproject/testcases (5.8.0, .json.gz), whose
 * folder the environment names. A test without them is skipped and says so.
 */
#pragma once
#include "chain/abi.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#define TESTCASES_ENV "SOUK_ETHERSPROJECT_TESTCASES"

/* An array of tests/vectors/NAME. */
static inline JsonNode *
load_own_vectors (const char *name)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("SOUK_TEST_VECTORS"), name, NULL);
  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_parser_steal_root (parser);
}

/* The array in NAME.json.gz; NULL, and the running test is skipped, when it is not there. */
static inline JsonNode *
load_testcases (const char *name)
{
  const char *folder = g_getenv (TESTCASES_ENV);
  if (folder == NULL)
    {
      g_test_skip (TESTCASES_ENV " is not set: npm's @ethersproject/testcases/testcases");
      return NULL;
    }
  g_autofree char *file_name = g_strconcat (name, ".json.gz", NULL);
  g_autofree char *path = g_build_filename (folder, file_name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInputStream) raw = g_file_read (file, NULL, &error);
  if (raw == NULL)
    {
      g_test_skip (error->message);
      return NULL;
    }
  g_autoptr (GZlibDecompressor) gzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  g_autoptr (GInputStream) plain
      = g_converter_input_stream_new (G_INPUT_STREAM (raw), G_CONVERTER (gzip));
  g_autoptr (JsonParser) parser = json_parser_new ();
  json_parser_load_from_stream (parser, plain, NULL, &error);
  g_assert_no_error (error);
  return json_parser_steal_root (parser);
}

static inline const char *
text_of (JsonObject *object, const char *member)
{
  return json_object_get_string_member_with_default (object, member, NULL);
}

/* Hexadecimal of any length, an odd first digit too. */
static inline GBytes *
hex_of (const char *text)
{
  const char *digits = g_str_has_prefix (text, "0x") ? text + 2 : text;
  g_autofree char *even = g_strconcat (strlen (digits) % 2 ? "0" : "", digits, NULL);
  GBytes *bytes = souk_hex_decode (even);
  g_assert_nonnull (bytes);
  return bytes;
}

/* A decimal or hexadecimal number, with or without a sign, as a word. */
static inline void
number_word (const char *text, uint8_t word[32])
{
  bool is_negative = text[0] == '-';
  const char *digits = text + (is_negative ? 1 : 0);
  SoukU256 value;
  if (g_str_has_prefix (digits, "0x"))
    {
      g_autoptr (GBytes) bytes = hex_of (digits);
      g_assert_cmpint (souk_u256_from_be_slice (souk_slice_from_bytes (bytes), &value), ==,
                       SOUK_STATUS_OK);
    }
  else
    g_assert_cmpint (souk_u256_parse (digits, &value), ==, SOUK_STATUS_OK);
  souk_u256_to_be (value, word);
  if (!is_negative || souk_u256_is_zero (value))
    return;
  unsigned carry = 1;
  for (int i = 31; i >= 0; i--)
    {
      carry += (uint8_t)~word[i];
      word[i] = (uint8_t)carry;
      carry >>= 8;
    }
}

static inline SoukU256
number_u256 (const char *text)
{
  uint8_t word[32];
  number_word (text, word);
  return souk_u256_from_be (word);
}

static inline SoukAddress
address_of (const char *text)
{
  SoukAddress address;
  g_assert_cmpint (souk_address_parse (text, &address), ==, SOUK_STATUS_OK);
  return address;
}

static inline void
assert_hex (SoukSlice actual, const char *expected)
{
  g_autofree char *hex = souk_hex_encode (actual);
  g_autofree char *lower = g_ascii_strdown (expected, -1);
  g_assert_cmpstr (hex, ==, g_str_has_prefix (lower, "0x") ? lower + 2 : lower);
}

/* A value of an elementary type from its text. */
static inline SoukAbiValue *
elementary_value (const SoukAbiType *type, JsonNode *node)
{
  uint8_t word[32] = { 0 };
  if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    {
      word[31] = json_node_get_boolean (node) ? 1 : 0;
      return souk_abi_value_new_word (word);
    }
  g_autofree char *number = json_node_get_value_type (node) == G_TYPE_INT64
                                ? g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node))
                                : NULL;
  const char *text = number != NULL ? number : json_node_get_string (node);
  switch (type->kind)
    {
    case SOUK_ABI_UINT:
    case SOUK_ABI_INT:
    case SOUK_ABI_BOOL:
      number_word (text, word);
      return souk_abi_value_new_word (word);
      case SOUK_ABI_ADDRESS: {
        g_assert_true (souk_hex_decode_exact (text, word + 12, 20));
        return souk_abi_value_new_word (word);
      }
    case SOUK_ABI_FIXED_BYTES:
      g_assert_true (souk_hex_decode_exact (text, word, type->size));
      return souk_abi_value_new_word (word);
      case SOUK_ABI_BYTES: {
        g_autoptr (GBytes) bytes = hex_of (text);
        return souk_abi_value_new_bytes (souk_slice_from_bytes (bytes));
      }
    case SOUK_ABI_STRING:
      return souk_abi_value_new_bytes (souk_slice_from_text (text));
    case SOUK_ABI_ARRAY:
    case SOUK_ABI_TUPLE:
      break;
    }
  g_assert_not_reached ();
}
