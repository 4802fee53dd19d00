/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The node's wallet and its files. GLIB. See wallet.h.
 */
#include "wallet/wallet.h"

#include "wallet/signer-private.h"

#include <errno.h>
#include <glib/gstdio.h>

#define KEY_FILE_SIZE_MAX 4096
#define PASSPHRASE_DIGITS 64

struct SoukWallet {
  SoukSigner *signer;
  char *folder; /* NULL for a key file */
  bool is_new;
};

/* ---- files ---- */

static char *
path_of (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static bool
write_private (const char *folder, const char *name, const char *text, GError **error)
{
  g_autofree char *path = path_of (folder, name);
  if (g_file_set_contents_full (path, text, -1,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                error))
    return true;
  g_prefix_error (error, "The wallet cannot be written: ");
  return false;
}

/* Returns: (nullable): NULL and no error when there is no such file. */
static SoukSecretText *
read_private (const char *folder, const char *name, GError **error)
{
  g_autofree char *path = path_of (folder, name);
  g_autoptr (GError) local = NULL;
  char *text = NULL;
  if (g_file_get_contents (path, &text, NULL, &local))
    return text;
  if (!g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      g_prefix_error (error, "The wallet cannot be read: ");
    }
  return NULL;
}

static bool
make_folder (const char *folder, GError **error)
{
  if (g_mkdir_with_parents (folder, 0700) == 0 && g_chmod (folder, 0700) == 0)
    return true;
  int saved = errno;
  g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (saved),
               "The wallet's folder cannot be made: %s", g_strerror (saved));
  return false;
}

static bool
exists (const char *folder, const char *name)
{
  g_autofree char *path = path_of (folder, name);
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* ---- the passphrase beside ---- */

/* Returns: the passphrase; a new one when there is none and nothing that one would open. */
static SoukSecretText *
take_passphrase (const char *folder, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (SoukSecretText) text = read_private (folder, "passphrase", &local);
  uint8_t random[PASSPHRASE_DIGITS / 2];

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (text != NULL)
    return g_strstrip (g_steal_pointer (&text));
  if (exists (folder, "keystore.json") || exists (folder, "seed.json"))
    {
      g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_INCOMPLETE,
                   "The wallet's passphrase file is gone, so its keystore cannot be opened");
      return NULL;
    }
  randombytes_buf (random, sizeof random);
  text = souk_hex_encode (souk_slice (random, sizeof random));
  sodium_memzero (random, sizeof random);
  if (!write_private (folder, "passphrase", text, error))
    return NULL;
  return g_steal_pointer (&text);
}

/* ---- making and opening ---- */

/* Takes a secret, which it clears. */
static SoukWallet *
wallet_of_secret (const char *folder, uint8_t secret[SOUK_SECRET_SIZE], GError **error)
{
  SoukSigner *signer = souk_signer_new (secret);
  sodium_memzero (secret, SOUK_SECRET_SIZE);
  if (signer == NULL)
    {
      g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_BAD_KEY,
                   "This is not a private key");
      return NULL;
    }
  SoukWallet *self = g_new0 (SoukWallet, 1);
  self->signer = signer;
  self->folder = g_strdup (folder);
  return self;
}

/* The first account's key of a mnemonic; `secret` is the caller's to clear. */
static bool
secret_of_mnemonic (const char *mnemonic, uint8_t secret[SOUK_SECRET_SIZE])
{
  uint8_t seed[SOUK_SEED_SIZE];
  bool is_made = souk_mnemonic_to_seed (mnemonic, "", seed)
                 && souk_hd_derive (seed, SOUK_HD_PATH_FIRST, secret);
  sodium_memzero (seed, sizeof seed);
  return is_made;
}

/* Writes keystore.json for the account of `mnemonic`, and opens it. */
static SoukWallet *
install_mnemonic (const char *folder, const char *mnemonic, const char *passphrase, GError **error)
{
  uint8_t secret[SOUK_SECRET_SIZE];
  uint8_t copy[SOUK_SECRET_SIZE];

  if (!secret_of_mnemonic (mnemonic, secret))
    {
      g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_BAD_MNEMONIC,
                   "These words give no account");
      return NULL;
    }
  memcpy (copy, secret, sizeof copy);
  g_autoptr (SoukWallet) self = wallet_of_secret (folder, secret, error);
  if (self == NULL)
    return NULL;
  g_autofree char *json = souk_keystore_write (copy, souk_signer_address (self->signer), passphrase,
                                               SOUK_KEYSTORE_COST_RANDOM);
  sodium_memzero (copy, sizeof copy);
  if (!write_private (folder, "keystore.json", json, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* Writes seed.json. */
static bool
install_seed (const char *folder, const uint8_t entropy[SOUK_ENTROPY_SIZE], const char *passphrase,
              GError **error)
{
  g_autofree char *json
      = souk_keystore_write (entropy, NULL, passphrase, SOUK_KEYSTORE_COST_RANDOM);
  return write_private (folder, "seed.json", json, error);
}

/* The words of seed.json; NULL and no error when there is no such file. */
static SoukSecretText *
read_seed (const char *folder, const char *passphrase, GError **error)
{
  g_autoptr (SoukSecretText) json = read_private (folder, "seed.json", error);
  uint8_t entropy[SOUK_ENTROPY_SIZE];

  if (json == NULL || !souk_keystore_read (json, strlen (json), passphrase, entropy, error))
    return NULL;
  char *words = souk_mnemonic_from_entropy (entropy, sizeof entropy);
  sodium_memzero (entropy, sizeof entropy);
  return words;
}

/* No keystore yet: from the seed if a first start came so far, else all new. */
static SoukWallet *
make_wallet (const char *folder, const char *passphrase, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (SoukSecretText) words = read_seed (folder, passphrase, &local);
  uint8_t entropy[SOUK_ENTROPY_SIZE];

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (words == NULL)
    {
      randombytes_buf (entropy, sizeof entropy);
      words = souk_mnemonic_from_entropy (entropy, sizeof entropy);
      bool is_stored = install_seed (folder, entropy, passphrase, error);
      sodium_memzero (entropy, sizeof entropy);
      if (!is_stored)
        return NULL;
    }
  SoukWallet *self = install_mnemonic (folder, words, passphrase, error);
  if (self != NULL)
    self->is_new = true;
  return self;
}

static SoukWallet *
open_key_file (const char *path, GError **error)
{
  g_autoptr (SoukSecretText) text = NULL;
  uint8_t secret[SOUK_SECRET_SIZE];
  gsize len = 0;

  if (!g_file_get_contents (path, &text, &len, error))
    {
      g_prefix_error (error, "The wallet's key file cannot be read: ");
      return NULL;
    }
  if (len > KEY_FILE_SIZE_MAX || !souk_hex_decode_exact (g_strstrip (text), secret, sizeof secret))
    {
      g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_BAD_KEY,
                   "The wallet's key file does not hold a private key in hexadecimal");
      return NULL;
    }
  return wallet_of_secret (NULL, secret, error);
}

SoukWallet *
souk_wallet_open (const SoukWalletConfig *config, GError **error)
{
  g_autoptr (GError) local = NULL;
  uint8_t secret[SOUK_SECRET_SIZE];

  if (config->key_file != NULL)
    return open_key_file (config->key_file, error);
  g_autofree char *folder = path_of (config->data_dir, "wallet");
  if (!make_folder (folder, error))
    return NULL;
  g_autoptr (SoukSecretText) passphrase = take_passphrase (folder, error);
  if (passphrase == NULL)
    return NULL;
  g_autoptr (SoukSecretText) json = read_private (folder, "keystore.json", &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (json == NULL)
    return make_wallet (folder, passphrase, error);
  if (!souk_keystore_read (json, strlen (json), passphrase, secret, error))
    return NULL;
  return wallet_of_secret (folder, secret, error);
}

SoukWallet *
souk_wallet_restore (const char *data_dir, const char *mnemonic, GError **error)
{
  g_autofree char *folder = path_of (data_dir, "wallet");
  uint8_t entropy[SOUK_ENTROPY_SIZE] = { 0 };
  size_t len = souk_mnemonic_to_entropy (mnemonic, entropy, error);

  if (len == 0)
    return NULL;
  if (exists (folder, "keystore.json") || exists (folder, "seed.json"))
    {
      g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_EXISTS,
                   "There is a wallet here already, and it is not overwritten");
      return NULL;
    }
  if (!make_folder (folder, error))
    return NULL;
  g_autoptr (SoukSecretText) passphrase = take_passphrase (folder, error);
  g_autoptr (SoukSecretText) words = souk_mnemonic_from_entropy (entropy, len);
  /* Fewer words than 24 do not fill seed.json: whoever typed them has them on paper. */
  bool is_stored
      = passphrase != NULL
        && (len < SOUK_ENTROPY_SIZE || install_seed (folder, entropy, passphrase, error));
  sodium_memzero (entropy, sizeof entropy);
  return is_stored ? install_mnemonic (folder, words, passphrase, error) : NULL;
}

void
souk_wallet_free (SoukWallet *self)
{
  if (self == NULL)
    return;
  souk_signer_free (self->signer);
  g_free (self->folder);
  g_free (self);
}

/* ---- use ---- */

SoukSigner *
souk_wallet_signer (SoukWallet *self)
{
  return self->signer;
}

const SoukAddress *
souk_wallet_address (const SoukWallet *self)
{
  return souk_signer_address (self->signer);
}

bool
souk_wallet_is_new (const SoukWallet *self)
{
  return self->is_new;
}

SoukSecretText *
souk_wallet_mnemonic (SoukWallet *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (SoukSecretText) passphrase
      = self->folder != NULL ? take_passphrase (self->folder, &local) : NULL;
  SoukSecretText *words = passphrase != NULL ? read_seed (self->folder, passphrase, &local) : NULL;

  if (words == NULL && local == NULL)
    g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_INCOMPLETE,
                 "This wallet was not made from words that Souk keeps");
  else if (words == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return words;
}

char *
souk_wallet_export (SoukWallet *self, const char *passphrase)
{
  uint8_t secret[SOUK_SECRET_SIZE];
  souk_signer_copy_secret (self->signer, secret);
  char *json = souk_keystore_write (secret, souk_signer_address (self->signer), passphrase,
                                    SOUK_KEYSTORE_COST_DEFAULT);
  sodium_memzero (secret, sizeof secret);
  return json;
}
