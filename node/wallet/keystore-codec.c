/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The JSON of keystore version 3. GLIB. See keystore.h.
 *
 *   { "version": 3, "id": UUID, "address": 40 digits (optional),
 *     "crypto" (some write "Crypto"): { "cipher": "aes-128-ctr", "cipherparams": { "iv" },
 *       "ciphertext", "mac", "kdf": "scrypt" | "pbkdf2",
 *       "kdfparams": { "dklen", "salt", and "n", "r", "p" or "c", "prf": "hmac-sha256" } },
 *     "x-ethers" (optional): { "version": "0.1", "mnemonicCounter", "mnemonicCiphertext",
 *       "path" (optional), "locale" (optional: en) } }
 *
 * Everything else is ignored. A part for words that Souk cannot read leaves a keystore without
 * words, since the key alone is what spends.
 */
#include "wallet/keystore.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define DEFAULT_PATH "m/44'/60'/0'/0/0"

static bool
fail_damaged (GError **error, const char *what)
{
  g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_DAMAGED,
               "The wallet file is damaged: %s is missing or malformed.", what);
  return false;
}

static bool
fail_unsupported (GError **error, const char *what)
{
  g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_UNSUPPORTED,
               "Souk cannot open this kind of wallet file: %s.", what);
  return false;
}

static bool
fail_expensive (GError **error)
{
  g_set_error_literal (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_EXPENSIVE,
                       "Opening this wallet file would take too much memory or time.");
  return false;
}

/* ---- members of the expected type, or nothing ---- */

static JsonObject *
object_member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static const char *
text_member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : "";
}

/* 0 for anything that is no positive integer; 0 is never valid where this is used. */
static uint64_t
number_member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  int64_t value = node != NULL && JSON_NODE_HOLDS_VALUE (node)
                          && json_node_get_value_type (node) == G_TYPE_INT64
                      ? json_node_get_int (node)
                      : 0;
  return value > 0 ? (uint64_t)value : 0;
}

static bool
hex_member (JsonObject *object, const char *name, uint8_t *out, size_t len)
{
  return souk_hex_decode_exact (text_member (object, name), out, len);
}

/* As many bytes as there are, up to `len_max`. */
static bool
hex_member_up_to (JsonObject *object, const char *name, uint8_t *out, size_t *out_len,
                  size_t len_max)
{
  g_autoptr (GBytes) bytes = souk_hex_decode (text_member (object, name));
  if (bytes == NULL || g_bytes_get_size (bytes) > len_max)
    return false;
  *out_len = g_bytes_get_size (bytes);
  if (*out_len > 0)
    memcpy (out, g_bytes_get_data (bytes, NULL), *out_len);
  return true;
}

/* ---- parts ---- */

static bool
parse_scrypt (SoukKeystore *self, JsonObject *params, GError **error)
{
  uint64_t n = number_member (params, "n");
  uint64_t r = number_member (params, "r");
  uint64_t p = number_member (params, "p");

  if (n < 2 || (n & (n - 1)) != 0 || r == 0 || p == 0)
    return fail_damaged (error, "a parameter of scrypt");
  /* Each factor alone first, so that no product overflows. */
  if (n > SOUK_KEYSTORE_WORK_MAX || r > SOUK_KEYSTORE_WORK_MAX || p > SOUK_KEYSTORE_WORK_MAX
      || n * r > SOUK_KEYSTORE_WORK_MAX || n * r * p > SOUK_KEYSTORE_WORK_MAX
      || 128 * r * (n + p) > SOUK_KEYSTORE_MEMORY_MAX)
    return fail_expensive (error);
  self->kdf = SOUK_KEYSTORE_SCRYPT;
  self->n = n;
  self->r = (uint32_t)r;
  self->p = (uint32_t)p;
  return true;
}

static bool
parse_pbkdf2 (SoukKeystore *self, JsonObject *params, GError **error)
{
  uint64_t rounds = number_member (params, "c");

  if (strcmp (text_member (params, "prf"), "hmac-sha256") != 0)
    return fail_unsupported (error, "its PBKDF2 is not over HMAC-SHA256");
  if (rounds == 0)
    return fail_damaged (error, "the number of rounds of PBKDF2");
  if (rounds > SOUK_KEYSTORE_ROUNDS_MAX)
    return fail_expensive (error);
  self->kdf = SOUK_KEYSTORE_PBKDF2;
  self->rounds = (uint32_t)rounds;
  return true;
}

static bool
parse_kdf (SoukKeystore *self, JsonObject *crypto, GError **error)
{
  JsonObject *params = object_member (crypto, "kdfparams");
  const char *kdf = text_member (crypto, "kdf");

  if (params == NULL)
    return fail_damaged (error, "\"kdfparams\"");
  if (!hex_member_up_to (params, "salt", self->salt, &self->salt_len, SOUK_KEYSTORE_SALT_MAX))
    return fail_damaged (error, "the salt");
  /* A longer derived key has the same first 32 bytes, and no others are used. */
  if (number_member (params, "dklen") < 32)
    return fail_damaged (error, "\"dklen\"");
  if (strcmp (kdf, "scrypt") == 0)
    return parse_scrypt (self, params, error);
  if (strcmp (kdf, "pbkdf2") == 0)
    return parse_pbkdf2 (self, params, error);
  return fail_unsupported (error, "its key derivation is neither scrypt nor PBKDF2");
}

static bool
parse_crypto (SoukKeystore *self, JsonObject *crypto, GError **error)
{
  JsonObject *params = object_member (crypto, "cipherparams");

  if (strcmp (text_member (crypto, "cipher"), "aes-128-ctr") != 0)
    return fail_unsupported (error, "its cipher is not AES-128-CTR");
  if (params == NULL || !hex_member (params, "iv", self->iv, sizeof self->iv))
    return fail_damaged (error, "the counter of the cipher");
  if (!hex_member (crypto, "ciphertext", self->ciphertext, sizeof self->ciphertext))
    return fail_damaged (error, "the encrypted key");
  if (!hex_member (crypto, "mac", self->mac, sizeof self->mac))
    return fail_damaged (error, "the authentication code");
  return parse_kdf (self, crypto, error);
}

static void
parse_words (SoukKeystore *self, JsonObject *words)
{
  const char *path = text_member (words, "path");
  const char *locale = text_member (words, "locale");
  uint8_t iv[sizeof self->words_iv];
  uint8_t ciphertext[SOUK_ENTROPY_SIZE_MAX];
  size_t len = 0;

  if (strcmp (text_member (words, "version"), "0.1") != 0
      || (locale[0] != '\0' && strcmp (locale, "en") != 0)
      || strlen (path) >= SOUK_KEYSTORE_PATH_SIZE
      || !hex_member (words, "mnemonicCounter", iv, sizeof iv)
      || !hex_member_up_to (words, "mnemonicCiphertext", ciphertext, &len, sizeof ciphertext)
      || len < 16 || len % 4 != 0)
    return;
  memcpy (self->words_iv, iv, sizeof iv);
  memcpy (self->words_ciphertext, ciphertext, len);
  self->words_len = len;
  g_strlcpy (self->words_path, path[0] != '\0' ? path : DEFAULT_PATH, SOUK_KEYSTORE_PATH_SIZE);
}

static bool
parse_object (SoukKeystore *self, JsonObject *object, GError **error)
{
  JsonObject *crypto = object_member (object, "crypto");
  JsonObject *words = object_member (object, "x-ethers");
  JsonNode *address = json_object_get_member (object, "address");

  if (number_member (object, "version") != 3)
    return fail_unsupported (error, "it is not a keystore of version 3");
  if (crypto == NULL)
    crypto = object_member (object, "Crypto");
  if (crypto == NULL)
    return fail_damaged (error, "\"crypto\"");
  if (address != NULL && !json_node_is_null (address))
    {
      if (!hex_member (object, "address", self->address.bytes, SOUK_ADDRESS_SIZE))
        return fail_damaged (error, "the address");
      self->has_address = true;
    }
  if (words != NULL)
    parse_words (self, words);
  return parse_crypto (self, crypto, error);
}

bool
souk_keystore_parse (SoukKeystore *out, SoukSlice text, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  SoukKeystore parsed = { 0 };
  JsonNode *root;

  if (text.len > SOUK_KEYSTORE_SIZE_MAX)
    return fail_damaged (error, "an end within 16 KiB");
  /* The parser takes the text as a string, so that a zero would end it early, and asks for UTF-8. */
  if (text.len == 0 || memchr (text.data, 0, text.len) != NULL
      || !g_utf8_validate_len ((const char *)text.data, text.len, NULL)
      || !json_parser_load_from_data (parser, (const char *)text.data, (gssize)text.len, NULL))
    return fail_damaged (error, "its JSON");
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return fail_damaged (error, "its JSON object");
  if (!parse_object (&parsed, json_node_get_object (root), error))
    return false;
  *out = parsed;
  return true;
}

/* ---- writing ---- */

static void
put_text (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
put_number (JsonBuilder *builder, const char *name, uint64_t value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (int64_t)value);
}

static void
put_hex (JsonBuilder *builder, const char *name, const uint8_t *data, size_t len)
{
  g_autofree char *digits = souk_hex_encode (souk_slice (data, len));
  put_text (builder, name, digits);
}

static void
open_object (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
}

static void
put_kdf (JsonBuilder *builder, const SoukKeystore *self)
{
  put_text (builder, "kdf", self->kdf == SOUK_KEYSTORE_SCRYPT ? "scrypt" : "pbkdf2");
  open_object (builder, "kdfparams");
  put_number (builder, "dklen", 32);
  put_hex (builder, "salt", self->salt, self->salt_len);
  switch (self->kdf)
    {
    case SOUK_KEYSTORE_SCRYPT:
      put_number (builder, "n", self->n);
      put_number (builder, "r", self->r);
      put_number (builder, "p", self->p);
      break;
    case SOUK_KEYSTORE_PBKDF2:
      put_number (builder, "c", self->rounds);
      put_text (builder, "prf", "hmac-sha256");
      break;
    }
  json_builder_end_object (builder);
}

static void
put_words (JsonBuilder *builder, const SoukKeystore *self)
{
  open_object (builder, "x-ethers");
  put_text (builder, "version", "0.1");
  put_text (builder, "client", "souk");
  put_hex (builder, "mnemonicCounter", self->words_iv, sizeof self->words_iv);
  put_hex (builder, "mnemonicCiphertext", self->words_ciphertext, self->words_len);
  put_text (builder, "path", self->words_path);
  put_text (builder, "locale", "en");
  json_builder_end_object (builder);
}

char *
souk_keystore_format (const SoukKeystore *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *id = g_uuid_string_random ();

  json_builder_begin_object (builder);
  put_number (builder, "version", 3);
  put_text (builder, "id", id);
  if (self->has_address)
    put_hex (builder, "address", self->address.bytes, SOUK_ADDRESS_SIZE);
  open_object (builder, "crypto");
  put_text (builder, "cipher", "aes-128-ctr");
  open_object (builder, "cipherparams");
  put_hex (builder, "iv", self->iv, sizeof self->iv);
  json_builder_end_object (builder);
  put_hex (builder, "ciphertext", self->ciphertext, sizeof self->ciphertext);
  put_kdf (builder, self);
  put_hex (builder, "mac", self->mac, sizeof self->mac);
  json_builder_end_object (builder);
  if (self->words_len > 0)
    put_words (builder, self);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}
