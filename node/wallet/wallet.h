/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The node's wallet: one account, made at the first start, in files under the data directory. GLIB.
 *
 *   wallet/passphrase     64 hexadecimal digits, 256 random bits
 *   wallet/seed.json      keystore v3 of the 24 words' entropy; not there for an imported key
 *   wallet/keystore.json  keystore v3 of the account's key
 *
 * What protects it: the mode of the files (0600, folder 0700), and nothing else. The passphrase lies beside
 * what it opens, so whoever reads the account's files has the money. It keeps a key out of plain text, so
 * that a backup of one file alone, or a search for keys, finds nothing; it does not stand in for a
 * passphrase that a person remembers, or for the desktop's keyring.
 *
 * The first start is safe against a crash at any point: files are written whole, passphrase first.
 */
#pragma once
#include "wallet/keystore.h"
#include "wallet/signer.h"

typedef struct SoukWallet SoukWallet;

typedef struct {
  const char *data_dir;
  const char
      *key_file; /* or NULL: a file with a private key in hexadecimal, for a local test chain;
                           then the data directory is neither read nor written */
} SoukWalletConfig;

/* Opens the wallet, or makes one. Blocks for some 20 ms. GFileError, or SOUK_WALLET_ERROR. */
SoukWallet *souk_wallet_open (const SoukWalletConfig *config, GError **error);
/* Makes the wallet from words that were written down; EXISTS when there is one. */
SoukWallet *souk_wallet_restore (const char *data_dir, const char *mnemonic, GError **error);
void souk_wallet_free (SoukWallet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukWallet, souk_wallet_free)

SoukSigner *souk_wallet_signer (SoukWallet *self);
const SoukAddress *souk_wallet_address (const SoukWallet *self);
/* True when _open has just made it: the owner should be told to write down the words. */
bool souk_wallet_is_new (const SoukWallet *self);

/* The 24 words, for a person to write down; only for the owner at this machine.
 * Returns: (transfer full) (nullable): NULL with INCOMPLETE for a wallet that has none. */
SoukSecretText *souk_wallet_mnemonic (SoukWallet *self, GError **error);
/* Returns: (transfer full): a keystore file under `passphrase`, which other wallets open. Takes a second. */
char *souk_wallet_export (SoukWallet *self, const char *passphrase);
