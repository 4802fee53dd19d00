/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bearer tokens. See tokens.h.
 */
#include "api/tokens.h"

#include "base/bytes.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <sodium.h>
#include <string.h>

#define TOKEN_SIZE 32
#define HASH_SIZE crypto_generichash_BYTES
#define FAILURE_WINDOW_US (60 * G_USEC_PER_SEC)

typedef struct {
  char *name;
  unsigned scopes;
  uint8_t hash[HASH_SIZE];
} Token;

struct SoukTokens {
  char *path;
  GArray *tokens; /* of Token */
  gint64 failures_since_us;
  guint failures;
};

static void
token_clear (gpointer data)
{
  Token *token = data;
  g_free (token->name);
}

static void
hash_of (const char *text, uint8_t out[HASH_SIZE])
{
  crypto_generichash (out, HASH_SIZE, (const uint8_t *)text, strlen (text), NULL, 0);
}

/* Adds one row of the file; a row that is not of our making is an error, never skipped. */
static bool
load_row (SoukTokens *self, JsonObject *row, GError **error)
{
  Token token = { 0 };
  const char *name = json_object_get_string_member_with_default (row, "name", NULL);
  const char *hash = json_object_get_string_member_with_default (row, "hash", "");

  if (name == NULL || !souk_hex_decode_exact (hash, token.hash, HASH_SIZE))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "%s has a row that is no token; remove the file to revoke all tokens",
                   self->path);
      return false;
    }
  token.name = g_strdup (name);
  token.scopes = (unsigned)json_object_get_int_member_with_default (row, "scopes", 0);
  g_array_append_val (self->tokens, token);
  return true;
}

static bool
load (SoukTokens *self, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  if (!g_file_test (self->path, G_FILE_TEST_EXISTS))
    return true;
  if (!json_parser_load_from_file (parser, self->path, error))
    return false;
  JsonNode *root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_ARRAY (root))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "%s is no list of tokens; remove the file to revoke all tokens", self->path);
      return false;
    }
  JsonArray *array = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *row = json_array_get_element (array, i);
      g_autoptr (JsonObject) empty = json_object_new ();
      if (!load_row (self, JSON_NODE_HOLDS_OBJECT (row) ? json_node_get_object (row) : empty,
                     error))
        return false;
    }
  return true;
}

static bool
save (SoukTokens *self, GError **error)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_new ();
  for (guint i = 0; i < self->tokens->len; i++)
    {
      Token *token = &g_array_index (self->tokens, Token, i);
      g_autofree char *hash = souk_hex_encode (souk_slice (token->hash, HASH_SIZE));
      JsonObject *row = json_object_new ();
      json_object_set_string_member (row, "name", token->name);
      json_object_set_string_member (row, "hash", hash);
      json_object_set_int_member (row, "scopes", token->scopes);
      json_array_add_object_element (array, row);
    }
  json_node_take_array (root, array);
  g_autofree char *text = json_to_string (root, TRUE);
  return g_file_set_contents_full (self->path, text, -1,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                   0600, error);
}

SoukTokens *
souk_tokens_open (const char *path, GError **error)
{
  SoukTokens *self = g_new0 (SoukTokens, 1);
  self->path = g_strdup (path);
  self->tokens = g_array_new (FALSE, TRUE, sizeof (Token));
  g_array_set_clear_func (self->tokens, token_clear);
  if (!load (self, error))
    g_clear_pointer (&self, souk_tokens_free);
  return self;
}

void
souk_tokens_free (SoukTokens *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->tokens);
  g_free (self->path);
  g_free (self);
}

char *
souk_tokens_create (SoukTokens *self, const char *name, unsigned scopes, GError **error)
{
  uint8_t secret[TOKEN_SIZE];
  char text[sodium_base64_ENCODED_LEN (TOKEN_SIZE, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];

  if (self->tokens->len >= SOUK_TOKENS_MAX)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   "There are %d tokens already; remove %s to revoke them all", SOUK_TOKENS_MAX,
                   self->path);
      return NULL;
    }
  randombytes_buf (secret, sizeof secret);
  sodium_bin2base64 (text, sizeof text, secret, sizeof secret,
                     sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  sodium_memzero (secret, sizeof secret);

  Token token = { g_strdup (name), scopes, { 0 } };
  hash_of (text, token.hash);
  g_array_append_val (self->tokens, token);
  if (!save (self, error))
    {
      g_array_set_size (self->tokens, self->tokens->len - 1);
      return NULL;
    }
  return g_strdup (text);
}

SoukTokenVerdict
souk_tokens_check (SoukTokens *self, const char *token, gint64 now_us, unsigned *out_scopes)
{
  uint8_t hash[HASH_SIZE];
  const Token *found = NULL;

  if (now_us - self->failures_since_us > FAILURE_WINDOW_US)
    self->failures = 0;
  if (self->failures >= SOUK_TOKEN_FAILURES_MAX)
    return SOUK_TOKEN_LOCKED_OUT;

  hash_of (token, hash);
  for (guint i = 0; i < self->tokens->len; i++)
    {
      const Token *at = &g_array_index (self->tokens, Token, i);
      if (sodium_memcmp (at->hash, hash, HASH_SIZE) == 0)
        found = at;
    }
  if (found != NULL)
    {
      *out_scopes = found->scopes;
      return SOUK_TOKEN_OK;
    }
  if (self->failures++ == 0)
    self->failures_since_us = now_us;
  return SOUK_TOKEN_UNKNOWN;
}
