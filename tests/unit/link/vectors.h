/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading tests/vectors/link.json, for the tests of link/.
 */
#pragma once
#include "base/bytes.h"

#include <json-glib/json-glib.h>

/* The whole file; parsed once. */
static inline JsonObject *
vectors_root (void)
{
  static JsonParser *parser;
  if (parser == NULL)
    {
      g_autofree char *path = g_build_filename (g_getenv ("SOUK_TEST_VECTORS"), "link.json", NULL);
      g_autoptr (GError) error = NULL;
      parser = json_parser_new_immutable ();
      json_parser_load_from_file (parser, path, &error);
      g_assert_no_error (error);
    }
  return json_node_get_object (json_parser_get_root (parser));
}

static inline JsonObject *
vectors_object (const char *name)
{
  return json_object_get_object_member (vectors_root (), name);
}

/* Returns: (transfer full): the bytes of a hexadecimal member. */
static inline GBytes *
vectors_bytes (JsonObject *object, const char *name)
{
  GBytes *bytes = souk_hex_decode (json_object_get_string_member (object, name));
  g_assert_nonnull (bytes);
  return bytes;
}

static inline void
vectors_fill (JsonObject *object, const char *name, uint8_t *out, size_t len)
{
  g_assert_true (souk_hex_decode_exact (json_object_get_string_member (object, name), out, len));
}
