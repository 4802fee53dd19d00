/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The data folder's own wallet. GLIB. See own.h, and wallet.h for what it protects against.
 */
#include "wallet/own.h"

#include "wallet/hd.h"
#include "wallet/keystore.h"
#include "wallet/secret-file.h"
#include "wallet/wallet.h"

#include <sodium.h>
#include <string.h>

/* 256 random bits as hexadecimal: the passphrase is this text. */
#define PASS_BYTES 32
#define PASS_LEN (2 * PASS_BYTES)
#define ENTROPY_SIZE 32

char *
souk_own_wallet_path (const char *data_dir)
{
  return g_build_filename (data_dir, "wallet.json", NULL);
}

static char *
pass_path (const char *data_dir)
{
  return g_build_filename (data_dir, "wallet.pass", NULL);
}

/* A final line break is fine: people open such files in editors. */
static bool
read_pass (char out[PASS_LEN], const char *path, GError **error)
{
  char text[PASS_LEN + 2];
  size_t len = 0;
  if (!souk_secret_file_read ((uint8_t *)text, &len, NULL, path, sizeof text, error))
    return false;
  while (len > 0 && g_ascii_isspace (text[len - 1]))
    len--;
  bool is_right = len == PASS_LEN;
  for (size_t i = 0; i < len && is_right; i++)
    is_right = g_ascii_isxdigit (text[i]);
  if (is_right)
    memcpy (out, text, PASS_LEN);
  else
    g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_DAMAGED,
                 "%s does not hold the wallet's passphrase. Put it back from a backup.", path);
  sodium_memzero (text, sizeof text);
  return is_right;
}

/* The passphrase that is there already, else a new one. */
static bool
read_or_make_pass (char out[PASS_LEN], const char *path, GError **error)
{
  g_autoptr (GError) read_error = NULL;
  uint8_t bytes[PASS_BYTES];
  char text[PASS_LEN + 1];
  bool is_made;

  if (read_pass (out, path, &read_error))
    return true;
  if (!g_error_matches (read_error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_MISSING))
    {
      g_propagate_error (error, g_steal_pointer (&read_error));
      return false;
    }
  randombytes_buf (bytes, sizeof bytes);
  sodium_bin2hex (text, sizeof text, bytes, sizeof bytes);
  is_made = souk_secret_file_create (path, souk_slice (text, PASS_LEN), error);
  if (is_made)
    memcpy (out, text, PASS_LEN);
  sodium_memzero (bytes, sizeof bytes);
  sodium_memzero (text, sizeof text);
  return is_made;
}

/* entropy -> words -> seed -> key at `path` */
static bool
derive_secret (uint8_t out_secret[32], SoukSlice entropy, const char *path)
{
  char words[SOUK_MNEMONIC_TEXT_SIZE];
  uint8_t seed[SOUK_SEED_SIZE];
  SoukHdNode node;
  bool is_key
      = souk_mnemonic_from_entropy (words, entropy) && souk_mnemonic_to_seed (seed, words, "")
        && souk_hd_master (&node, souk_slice (seed, sizeof seed)) && souk_hd_follow (&node, path);
  if (is_key)
    memcpy (out_secret, node.secret, sizeof node.secret);
  sodium_memzero (words, sizeof words);
  sodium_memzero (seed, sizeof seed);
  sodium_memzero (&node, sizeof node);
  return is_key;
}

/* Draws a key and writes it; the caller reads it back, so that what is used is what is on disk. */
static bool
make_keystore (const char *path, const char pass[PASS_LEN], GError **error)
{
  uint8_t entropy[ENTROPY_SIZE];
  uint8_t secret[32];
  SoukKeystore keystore;
  bool is_locked;

  do
    randombytes_buf (entropy, sizeof entropy);
  while (!derive_secret (secret, souk_slice (entropy, sizeof entropy), SOUK_WALLET_PATH));
  is_locked = souk_keystore_lock (&keystore, secret, souk_slice (entropy, sizeof entropy),
                                  SOUK_WALLET_PATH, souk_slice (pass, PASS_LEN),
                                  SOUK_WALLET_SCRYPT_N, error);
  sodium_memzero (entropy, sizeof entropy);
  sodium_memzero (secret, sizeof secret);
  if (!is_locked)
    return false;
  g_autofree char *text = souk_keystore_format (&keystore);
  return souk_secret_file_create (path, souk_slice_from_text (text), error);
}

/* Reads and parses wallet.json; every error but MISSING names the file. */
static bool
read_keystore (SoukKeystore *out, const char *path, GError **error)
{
  uint8_t text[SOUK_KEYSTORE_SIZE_MAX];
  size_t len = 0;
  if (!souk_secret_file_read (text, &len, NULL, path, sizeof text, error))
    return false;
  if (souk_keystore_parse (out, souk_slice (text, len), error))
    return true;
  g_prefix_error (error, "%s: ", path);
  return false;
}

static bool
unlock (const SoukKeystore *keystore, uint8_t out_secret[32], uint8_t *out_entropy,
        const char *data_dir, GError **error)
{
  g_autofree char *path = souk_own_wallet_path (data_dir);
  g_autofree char *beside = pass_path (data_dir);
  g_autoptr (GError) reason = NULL;
  char pass[PASS_LEN];
  bool is_open;

  if (!read_pass (pass, beside, &reason))
    {
      if (g_error_matches (reason, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_MISSING))
        g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_MISSING,
                     "The wallet %s cannot be opened: its passphrase file %s is missing. Put it "
                     "back from a backup.",
                     path, beside);
      else
        g_propagate_error (error, g_steal_pointer (&reason));
      return false;
    }
  is_open = souk_keystore_unlock (keystore, out_secret, out_entropy, souk_slice (pass, PASS_LEN),
                                  error);
  sodium_memzero (pass, sizeof pass);
  if (!is_open)
    g_prefix_error (error, "%s: ", path);
  return is_open;
}

/* What is there is opened; only when wallet.json is not there at all, it is made first. */
static bool
read_or_make_keystore (SoukKeystore *out, bool *out_is_new, const char *data_dir, GError **error)
{
  g_autofree char *path = souk_own_wallet_path (data_dir);
  g_autofree char *beside = pass_path (data_dir);
  g_autoptr (GError) reason = NULL;
  char pass[PASS_LEN];
  bool is_made;

  *out_is_new = false;
  if (read_keystore (out, path, &reason))
    return true;
  if (!g_error_matches (reason, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_MISSING))
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return false;
    }
  is_made = read_or_make_pass (pass, beside, error) && make_keystore (path, pass, error);
  sodium_memzero (pass, sizeof pass);
  *out_is_new = is_made;
  return is_made && read_keystore (out, path, error);
}

bool
souk_own_wallet_open (uint8_t out_secret[32], bool *out_is_new, const char *data_dir,
                      GError **error)
{
  SoukKeystore keystore;
  return read_or_make_keystore (&keystore, out_is_new, data_dir, error)
         && unlock (&keystore, out_secret, NULL, data_dir, error);
}

static bool
lead_to (const SoukAddress *address, SoukSlice entropy, const char *path)
{
  uint8_t secret[32];
  SoukAddress found;
  bool is_same = derive_secret (secret, entropy, path) && souk_address_from_secret (secret, &found)
                 && souk_address_is_equal (&found, address);
  sodium_memzero (secret, sizeof secret);
  return is_same;
}

bool
souk_own_wallet_words (char out_words[SOUK_MNEMONIC_TEXT_SIZE], const char *data_dir,
                       const SoukAddress *address, GError **error)
{
  g_autofree char *path = souk_own_wallet_path (data_dir);
  uint8_t entropy[SOUK_ENTROPY_SIZE_MAX];
  uint8_t secret[32];
  SoukKeystore keystore;

  if (!read_keystore (&keystore, path, error))
    return false;
  SoukSlice words = souk_slice (entropy, keystore.words_len);
  if (words.len == 0)
    {
      g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_UNSUPPORTED,
                   "%s holds a key without recovery words.", path);
      return false;
    }
  if (!unlock (&keystore, secret, entropy, data_dir, error))
    return false;
  bool is_right = lead_to (address, words, keystore.words_path)
                  && souk_mnemonic_from_entropy (out_words, words);
  sodium_memzero (secret, sizeof secret);
  sodium_memzero (entropy, sizeof entropy);
  if (!is_right)
    g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_DAMAGED,
                 "%s is damaged: its recovery words do not lead to the wallet's address.", path);
  return is_right;
}
