/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What unit tests share. See support.h.
 */
#include "support.h"

#include <string.h>

JsonObject *
souk_test_vectors (const char *name)
{
  const char *folder = g_getenv ("SOUK_TEST_VECTORS");
  g_autofree char *path = g_build_filename (folder ? folder : "tests/vectors", name, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (json_parser_get_root (parser)));
}

GBytes *
souk_test_hex (const char *text)
{
  GBytes *bytes = souk_hex_decode (text);
  g_assert_nonnull (bytes);
  return bytes;
}

GBytes *
souk_test_member_hex (JsonObject *object, const char *name)
{
  return souk_test_hex (json_object_get_string_member (object, name));
}

void
souk_test_stream_init (SoukTestStream *self, const char *pattern)
{
  static const uint8_t key[AES128_KEY_SIZE] = { 0 };
  memset (self, 0, sizeof *self);
  self->pattern = pattern;
  aes128_set_encrypt_key (&self->key, key);
}

void
souk_test_stream_fill (SoukTestStream *self, uint8_t *out, size_t len)
{
  memset (out, 0, len);
  if (strcmp (self->pattern, "random") == 0)
    ctr_crypt (&self->key, (nettle_cipher_func *)aes128_encrypt, AES_BLOCK_SIZE, self->counter, len,
               out, out);
  else if (strcmp (self->pattern, "mod251") == 0)
    for (size_t i = 0; i < len; i++)
      out[i] = (uint8_t)((self->at + i) % 251);
  else
    g_assert_cmpstr (self->pattern, ==, "zeros");
  self->at += len;
}
