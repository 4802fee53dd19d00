/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The wallet in memory: one guarded page with the secret, and the address. GLIB. See wallet.h.
 */
#include "wallet/wallet.h"

#include "wallet/own.h"
#include "wallet/secret-file.h"

#include <sodium.h>
#include <string.h>

#define SECRET_SIZE 32
/* "0x", 64 digits, and room for a line break and some blanks. */
#define KEY_FILE_SIZE_MAX 80

struct SoukWallet {
  SoukAddress address;
  uint8_t *secret; /* sodium_malloc; readable only inside souk_wallet_sign() */
  char *data_dir;  /* NULL: the key comes from a key file */
  char *json_path; /* NULL likewise */
  SoukLog *log;
};

/* Out: the secret of the file's hexadecimal text. */
static bool
read_key_file (const SoukWalletConfig *config, uint8_t *out_secret, GError **error)
{
  char text[KEY_FILE_SIZE_MAX + 1];
  unsigned mode = 0;
  size_t len = 0;
  bool is_key;

  if (!souk_secret_file_read ((uint8_t *)text, &len, &mode, config->key_file, KEY_FILE_SIZE_MAX,
                              error))
    return false;
  text[len] = '\0';
  is_key = souk_hex_decode_exact (g_strstrip (text), out_secret, SECRET_SIZE);
  sodium_memzero (text, sizeof text);
  if (!is_key)
    g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_KEY,
                 "%s does not hold a secret key of 64 hexadecimal digits.", config->key_file);
  else if (mode & 077)
    souk_log_record (config->log, SOUK_LOG_WARNING, "wallet.key-file-open-to-others",
                     "Other users of this computer may read or change the key file; make it mode "
                     "0600.",
                     souk_log_string ("path", config->key_file));
  return is_key;
}

/* Fills the secret's page and the paths from wherever the configuration says. */
static bool
load (SoukWallet *self, const SoukWalletConfig *config, bool *out_is_new, GError **error)
{
  *out_is_new = false;
  if (config->key_file != NULL)
    return read_key_file (config, self->secret, error);
  self->data_dir = g_strdup (config->data_dir);
  self->json_path = souk_own_wallet_path (config->data_dir);
  return souk_own_wallet_open (self->secret, out_is_new, config->data_dir, error);
}

SoukWallet *
souk_wallet_open (const SoukWalletConfig *config, GError **error)
{
  g_assert (config->key_file != NULL || config->data_dir != NULL);
  g_assert (sodium_init () >= 0);

  g_autoptr (SoukWallet) self = g_new0 (SoukWallet, 1);
  char text[SOUK_ADDRESS_TEXT_SIZE];
  bool is_new;

  self->log = config->log;
  self->secret = sodium_malloc (SECRET_SIZE);
  if (self->secret == NULL)
    {
      g_set_error_literal (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_EXPENSIVE,
                           "There is no memory for the wallet.");
      return NULL;
    }
  if (!load (self, config, &is_new, error))
    return NULL;
  if (!souk_address_from_secret (self->secret, &self->address))
    {
      /* Only a key file gets here: zero, or not below the curve's order. */
      g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_KEY,
                   "The number in %s is not a valid secret key.", config->key_file);
      return NULL;
    }
  g_assert (sodium_mprotect_noaccess (self->secret) == 0);
  souk_address_format (&self->address, text);
  if (is_new)
    souk_log_record (self->log, SOUK_LOG_INFO, "wallet.made", "A new wallet was made.",
                     souk_log_string ("address", text), souk_log_string ("path", self->json_path));
  else
    souk_log_record (self->log, SOUK_LOG_INFO, "wallet.opened", "The wallet is open.",
                     souk_log_string ("address", text),
                     souk_log_bool ("is_key_file", config->key_file != NULL));
  return g_steal_pointer (&self);
}

void
souk_wallet_free (SoukWallet *self)
{
  if (self == NULL)
    return;
  /* Makes the page writable again and zeroes it first. */
  sodium_free (self->secret);
  g_free (self->data_dir);
  g_free (self->json_path);
  g_free (self);
}

const SoukAddress *
souk_wallet_address (const SoukWallet *self)
{
  return &self->address;
}

bool
souk_wallet_sign (SoukWallet *self, const uint8_t digest[SOUK_HASH_SIZE],
                  uint8_t out_signature[SOUK_ECDSA_SIZE])
{
  bool is_signed = false;
  if (sodium_mprotect_readonly (self->secret) == 0)
    {
      is_signed = souk_ecdsa_sign (self->secret, digest, out_signature);
      g_assert (sodium_mprotect_noaccess (self->secret) == 0);
    }
  if (!is_signed)
    souk_log_record (self->log, SOUK_LOG_ERROR, "wallet.sign-failed",
                     "The system does not let the wallet read its key.");
  return is_signed;
}

const char *
souk_wallet_keystore_path (const SoukWallet *self)
{
  return self->json_path;
}

char *
souk_wallet_export_mnemonic (SoukWallet *self, GError **error)
{
  if (self->data_dir == NULL)
    {
      g_set_error_literal (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_UNSUPPORTED,
                           "A key from a key file has no recovery words; back up the file.");
      return NULL;
    }
  char *words = g_malloc0 (SOUK_MNEMONIC_TEXT_SIZE);
  if (souk_own_wallet_words (words, self->data_dir, &self->address, error))
    return words;
  souk_wallet_free_words (words);
  return NULL;
}

void
souk_wallet_free_words (char *words)
{
  if (words != NULL)
    sodium_memzero (words, strlen (words));
  g_free (words);
}
