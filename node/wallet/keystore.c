/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keystore files, version 3. GLIB. See keystore.h.
 *
 * The key is derived to 32 bytes: the first half is the cipher's key, the second goes into the MAC, which
 * is "Keccak-256 (second half || ciphertext)".
 */
#include "wallet/keystore.h"

#include <json-glib/json-glib.h>
#include <nettle/aes.h>
#include <nettle/ctr.h>
#include <nettle/pbkdf2.h>

#define DERIVED_SIZE 32
#define IV_SIZE 16
#define SALT_SIZE_MAX 256

/* What a file says, checked; the rest is arithmetic. */
typedef struct {
  bool is_scrypt;
  uint64_t n; /* scrypt's N, or PBKDF2's rounds */
  uint32_t r;
  uint32_t p;
  GBytes *salt;
  uint8_t iv[IV_SIZE];
  uint8_t ciphertext[SOUK_SECRET_SIZE];
  uint8_t mac[SOUK_HASH_SIZE];
} Box;

static bool
derive (const Box *box, const char *passphrase, uint8_t out[DERIVED_SIZE])
{
  SoukSlice salt = souk_slice_from_bytes (box->salt);
  size_t len = strlen (passphrase);

  if (box->is_scrypt)
    return crypto_pwhash_scryptsalsa208sha256_ll ((const uint8_t *)passphrase, len, salt.data,
                                                  salt.len, box->n, box->r, box->p, out,
                                                  DERIVED_SIZE)
           == 0;
  pbkdf2_hmac_sha256 (len, (const uint8_t *)passphrase, (unsigned)box->n, salt.len, salt.data,
                      DERIVED_SIZE, out);
  return true;
}

/* AES-128-CTR is its own inverse. */
static void
crypt_secret (const uint8_t key[16], const uint8_t iv[IV_SIZE], const uint8_t in[SOUK_SECRET_SIZE],
              uint8_t out[SOUK_SECRET_SIZE])
{
  struct aes128_ctx aes;
  uint8_t counter[IV_SIZE];
  memcpy (counter, iv, IV_SIZE);
  aes128_set_encrypt_key (&aes, key);
  ctr_crypt (&aes, (nettle_cipher_func *)aes128_encrypt, IV_SIZE, counter, SOUK_SECRET_SIZE, out,
             in);
  sodium_memzero (&aes, sizeof aes);
}

static void
mac_of (const uint8_t derived[DERIVED_SIZE], const uint8_t ciphertext[SOUK_SECRET_SIZE],
        uint8_t out[SOUK_HASH_SIZE])
{
  SoukKeccak keccak;
  souk_keccak_init (&keccak);
  souk_keccak_update (&keccak, souk_slice (derived + 16, 16));
  souk_keccak_update (&keccak, souk_slice (ciphertext, SOUK_SECRET_SIZE));
  souk_keccak_digest (&keccak, out);
  sodium_memzero (&keccak, sizeof keccak);
}

/* ---- writing ---- */

static void
add_hex (JsonBuilder *builder, const char *name, const uint8_t *bytes, size_t len)
{
  g_autofree char *hex = souk_hex_encode (souk_slice (bytes, len));
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, hex);
}

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

static void
add_number (JsonBuilder *builder, const char *name, gint64 number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, number);
}

static void
begin_object (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
}

static char *
box_to_json (const Box *box, const SoukAddress *address)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *id = g_uuid_string_random ();
  SoukSlice salt = souk_slice_from_bytes (box->salt);

  json_builder_begin_object (builder);
  add_number (builder, "version", 3);
  add_text (builder, "id", id);
  if (address != NULL)
    add_hex (builder, "address", address->bytes, SOUK_ADDRESS_SIZE);
  begin_object (builder, "crypto");
  add_text (builder, "cipher", "aes-128-ctr");
  begin_object (builder, "cipherparams");
  add_hex (builder, "iv", box->iv, IV_SIZE);
  json_builder_end_object (builder);
  add_hex (builder, "ciphertext", box->ciphertext, SOUK_SECRET_SIZE);
  add_text (builder, "kdf", "scrypt");
  begin_object (builder, "kdfparams");
  add_number (builder, "dklen", DERIVED_SIZE);
  add_number (builder, "n", (gint64)box->n);
  add_number (builder, "r", box->r);
  add_number (builder, "p", box->p);
  add_hex (builder, "salt", salt.data, salt.len);
  json_builder_end_object (builder);
  add_hex (builder, "mac", box->mac, SOUK_HASH_SIZE);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}

char *
souk_keystore_write (const uint8_t secret[SOUK_SECRET_SIZE], const SoukAddress *address,
                     const char *passphrase, uint64_t cost)
{
  uint8_t salt[32];
  uint8_t derived[DERIVED_SIZE];
  Box box = { .is_scrypt = true, .n = cost, .r = 8, .p = 1 };

  g_assert (cost >= 2 && (cost & (cost - 1)) == 0
            && cost * 128 * box.r <= SOUK_KEYSTORE_MEMORY_MAX);
  randombytes_buf (salt, sizeof salt);
  randombytes_buf (box.iv, sizeof box.iv);
  g_autoptr (GBytes) salt_bytes = box.salt = g_bytes_new (salt, sizeof salt);
  if (!derive (&box, passphrase, derived))
    g_error ("no memory for scrypt");
  crypt_secret (derived, box.iv, secret, box.ciphertext);
  mac_of (derived, box.ciphertext, box.mac);
  sodium_memzero (derived, sizeof derived);
  return box_to_json (&box, address);
}

/* ---- reading ---- */

static JsonObject *
object_in (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static const char *
text_in (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : "";
}

/* 0 when it is no positive whole number. */
static uint64_t
number_in (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  gint64 value = node != NULL && JSON_NODE_HOLDS_VALUE (node)
                         && json_node_get_value_type (node) == G_TYPE_INT64
                     ? json_node_get_int (node)
                     : 0;
  return value > 0 ? (uint64_t)value : 0;
}

static bool
fail (GError **error, SoukWalletError code, const char *sentence)
{
  g_set_error_literal (error, SOUK_WALLET_ERROR, (int)code, sentence);
  return false;
}

/* A stranger's file must not cost more than we are ready to pay. */
static bool
scrypt_is_affordable (const Box *box)
{
  return box->n >= 2 && (box->n & (box->n - 1)) == 0 && box->r >= 1 && box->p >= 1
         && box->p <= SOUK_KEYSTORE_PASSES_MAX && box->r <= 1024
         && box->n <= SOUK_KEYSTORE_MEMORY_MAX / 128 / box->r;
}

static bool
read_kdf (JsonObject *crypto, Box *box, GError **error)
{
  JsonObject *params = object_in (crypto, "kdfparams");
  const char *kdf = text_in (crypto, "kdf");

  if (params == NULL || number_in (params, "dklen") != DERIVED_SIZE)
    return fail (error, SOUK_WALLET_ERROR_BAD_KEYSTORE, "The keystore file lacks its parameters");
  box->salt = souk_hex_decode (text_in (params, "salt"));
  if (box->salt == NULL || g_bytes_get_size (box->salt) == 0
      || g_bytes_get_size (box->salt) > SALT_SIZE_MAX)
    return fail (error, SOUK_WALLET_ERROR_BAD_KEYSTORE, "The keystore file has no right salt");
  box->is_scrypt = g_ascii_strcasecmp (kdf, "scrypt") == 0;
  if (box->is_scrypt)
    {
      box->n = number_in (params, "n");
      box->r = (uint32_t)MIN (number_in (params, "r"), UINT32_MAX);
      box->p = (uint32_t)MIN (number_in (params, "p"), UINT32_MAX);
      if (!scrypt_is_affordable (box))
        return fail (error, SOUK_WALLET_ERROR_UNSUPPORTED,
                     "The keystore file asks for more memory or time than Souk gives");
      return true;
    }
  box->n = number_in (params, "c");
  if (g_ascii_strcasecmp (kdf, "pbkdf2") != 0
      || g_ascii_strcasecmp (text_in (params, "prf"), "hmac-sha256") != 0 || box->n == 0
      || box->n > SOUK_KEYSTORE_ROUNDS_MAX)
    return fail (error, SOUK_WALLET_ERROR_UNSUPPORTED,
                 "The keystore file uses a key derivation that Souk does not take");
  return true;
}

static bool
read_box (const char *json, size_t len, Box *box, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root = NULL;

  if (len <= SOUK_KEYSTORE_SIZE_MAX && json_parser_load_from_data (parser, json, (gssize)len, NULL))
    root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return fail (error, SOUK_WALLET_ERROR_BAD_KEYSTORE, "This is not a keystore file");
  JsonObject *object = json_node_get_object (root);
  JsonObject *crypto = object_in (object, "crypto");
  if (crypto == NULL)
    crypto = object_in (object, "Crypto");
  if (crypto == NULL || number_in (object, "version") != 3)
    return fail (error, SOUK_WALLET_ERROR_BAD_KEYSTORE, "This is not a keystore file of version 3");
  JsonObject *params = object_in (crypto, "cipherparams");
  if (g_ascii_strcasecmp (text_in (crypto, "cipher"), "aes-128-ctr") != 0)
    return fail (error, SOUK_WALLET_ERROR_UNSUPPORTED,
                 "The keystore file uses a cipher that Souk does not take");
  if (params == NULL || !souk_hex_decode_exact (text_in (params, "iv"), box->iv, IV_SIZE)
      || !souk_hex_decode_exact (text_in (crypto, "ciphertext"), box->ciphertext, SOUK_SECRET_SIZE)
      || !souk_hex_decode_exact (text_in (crypto, "mac"), box->mac, SOUK_HASH_SIZE))
    return fail (error, SOUK_WALLET_ERROR_BAD_KEYSTORE, "The keystore file is damaged");
  return read_kdf (crypto, box, error);
}

static bool
open_box (const Box *box, const char *passphrase, uint8_t out_secret[SOUK_SECRET_SIZE],
          GError **error)
{
  uint8_t derived[DERIVED_SIZE];
  uint8_t mac[SOUK_HASH_SIZE];

  if (!derive (box, passphrase, derived))
    return fail (error, SOUK_WALLET_ERROR_UNSUPPORTED,
                 "There is not enough memory to open the keystore file");
  mac_of (derived, box->ciphertext, mac);
  bool is_right = sodium_memcmp (mac, box->mac, sizeof mac) == 0;
  if (is_right)
    crypt_secret (derived, box->iv, box->ciphertext, out_secret);
  sodium_memzero (derived, sizeof derived);
  return is_right
         || fail (error, SOUK_WALLET_ERROR_BAD_PASSPHRASE,
                  "The passphrase does not open the keystore file");
}

bool
souk_keystore_read (const char *json, size_t len, const char *passphrase,
                    uint8_t out_secret[SOUK_SECRET_SIZE], GError **error)
{
  Box box = { 0 };
  bool is_read
      = read_box (json, len, &box, error) && open_box (&box, passphrase, out_secret, error);
  g_clear_pointer (&box.salt, g_bytes_unref);
  return is_read;
}
