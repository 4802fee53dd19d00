/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The data folder's own wallet on disk: wallet.json and the passphrase beside it. GLIB.
 *
 * Made in this order, each file whole and synced before the next: passphrase, keystore. A crash
 * between the two leaves a passphrase that encrypts nothing, and the next start goes on from there.
 * No file is ever replaced or removed.
 */
#pragma once
#include "base/address.h"
#include "wallet/error.h"
#include "wallet/mnemonic.h"

/* Opens the wallet of the folder; makes it when there is no wallet.json.
 * Out: the secret, which the caller zeroes; whether it was made just now.
 * Returns: false and an error, with no file changed. */
bool souk_own_wallet_open (uint8_t out_secret[32], bool *out_is_new, const char *data_dir,
                           GError **error);
/* Decrypts the words once more and checks that they lead to `address`.
 * Returns: false and an error. */
bool souk_own_wallet_words (char out_words[SOUK_MNEMONIC_TEXT_SIZE], const char *data_dir,
                            const SoukAddress *address, GError **error);
/* Returns: (transfer full): the path of wallet.json. */
char *souk_own_wallet_path (const char *data_dir);
