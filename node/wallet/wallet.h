/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The node's wallet: one secp256k1 key that signs digests and never leaves. GLIB.
 *
 * Where the key comes from: from the file that `key_file` names (hexadecimal, for test chains and
 * for keys that are kept elsewhere), else from the data folder's own wallet, which is made on the
 * first start:
 *   DATA/wallet.json   keystore v3 with ethers' x-ethers part for the 24 words, mode 0600
 *   DATA/wallet.pass   the passphrase that opens it, 256 random bits as hexadecimal, mode 0600
 * Both files lie side by side, so whoever can read the folder can spend the money: at rest the
 * protection is the file mode, and the encryption only keeps wallet.json useful as a backup that is
 * harmless without its passphrase. A desktop's secret service is the place for the passphrase, and
 * is not used yet. Since the passphrase is as strong as the key, scrypt's N is small
 * (SOUK_WALLET_SCRYPT_N): guessing is hopeless at any N, and a start stays quick.
 *
 * Nothing here ever replaces or removes a wallet file. A damaged file, a missing passphrase or a
 * wrong one is an error, and the file stays as it is: a node never makes a second wallet next to
 * one that it cannot open.
 *
 * In memory the secret lives in a guarded, locked page that is closed to reading except while a
 * digest is signed; it is zeroed when the wallet is freed. No function returns it, none logs it.
 * souk_wallet_export_mnemonic() gives the words, which are as good as the secret: it is for a person
 * in front of the window and must not be bound to the API.
 *
 * Thread: one at a time; the node's own. Opening takes about 0.1 s (see SOUK_WALLET_SCRYPT_N).
 */
#pragma once
#include "base/address.h"
#include "log/log.h"
#include "wallet/error.h"

/* 2^15 with r = 8: 32 MiB, below 0.15 s on one core. */
#define SOUK_WALLET_SCRYPT_N 32768
/* The first account of BIP-44 for Ethereum; other wallets show the same address for the words. */
#define SOUK_WALLET_PATH "m/44'/60'/0'/0/0"

typedef struct SoukWallet SoukWallet;

typedef struct {
  const char *data_dir; /* exists; not used when key_file is given */
  const char *key_file; /* (nullable): hexadecimal secret, with or without 0x, one line */
  SoukLog *log;         /* (nullable): outlives the wallet */
} SoukWalletConfig;

/* Opens the wallet, or makes the data folder's own one when neither of its files is there.
 * A key file that others than its owner may read is used, with a warning in the log.
 * Returns: (transfer full) (nullable): NULL and a SOUK_WALLET_ERROR. */
SoukWallet *souk_wallet_open (const SoukWalletConfig *config, GError **error);
/* Zeroes the secret. NULL is fine. */
void souk_wallet_free (SoukWallet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukWallet, souk_wallet_free)

/* Returns: (transfer none): lives as long as the wallet. */
const SoukAddress *souk_wallet_address (const SoukWallet *self);
/* Signs a 32-byte digest: r || s || v with v 27 or 28, low s, RFC 6979 nonce. The only use of the
 * secret. The caller decides what may be signed; a wallet sees only the digest.
 * Returns: false when the page of the secret cannot be opened, which is logged. */
bool souk_wallet_sign (SoukWallet *self, const uint8_t digest[SOUK_HASH_SIZE],
                       uint8_t out_signature[SOUK_ECDSA_SIZE]);

/* Returns: (transfer none) (nullable): the path of wallet.json, NULL with a key file. */
const char *souk_wallet_keystore_path (const SoukWallet *self);
/* The 24 words of the own wallet, for a person to write down: decrypted anew from wallet.json and
 * checked against the address. Show them, then give them to souk_wallet_free_words() at once.
 * Returns: (transfer full) (nullable): NULL and an error; UNSUPPORTED with a key file. */
char *souk_wallet_export_mnemonic (SoukWallet *self, GError **error);
/* Zeroes and frees. NULL is fine. */
void souk_wallet_free_words (char *words);
