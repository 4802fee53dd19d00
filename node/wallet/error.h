/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can go wrong with a wallet: the room's one error domain. GLIB.
 *
 * No message ever holds a secret, a passphrase, or a part of one; it names the file and what to do.
 */
#pragma once
#include <glib.h>

#define SOUK_WALLET_ERROR souk_wallet_error_quark ()
GQuark souk_wallet_error_quark (void);

typedef enum {
  SOUK_WALLET_ERROR_FILE,    /* cannot be read or written; the system's words are in the message */
  SOUK_WALLET_ERROR_EXISTS,  /* a file is there already, and wallets are never replaced */
  SOUK_WALLET_ERROR_MISSING, /* a part of the wallet is gone */
  SOUK_WALLET_ERROR_DAMAGED, /* the file is not what it should be */
  SOUK_WALLET_ERROR_UNSUPPORTED, /* a form of keystore that Souk cannot open */
  SOUK_WALLET_ERROR_EXPENSIVE,   /* opening it would take more memory or time than allowed */
  SOUK_WALLET_ERROR_PASSPHRASE,  /* the passphrase does not open it */
  SOUK_WALLET_ERROR_KEY,         /* no valid secret key */
  SOUK_WALLET_ERROR_MNEMONIC,    /* unknown word, wrong number of words or wrong checksum */
} SoukWalletError;
