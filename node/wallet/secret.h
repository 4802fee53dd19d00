/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Errors of the wallet, and memory that is cleared when it is given back. GLIB.
 */
#pragma once
#include <glib.h>
#include <sodium.h>
#include <string.h>

typedef enum {
  SOUK_WALLET_ERROR_BAD_MNEMONIC,   /* a word, the number of words or their checksum is wrong */
  SOUK_WALLET_ERROR_BAD_KEYSTORE,   /* not a keystore file of version 3 */
  SOUK_WALLET_ERROR_BAD_PASSPHRASE, /* the passphrase does not open it */
  SOUK_WALLET_ERROR_UNSUPPORTED,    /* a form, or a cost, that Souk does not take */
  SOUK_WALLET_ERROR_BAD_KEY,        /* not a private key */
  SOUK_WALLET_ERROR_EXISTS,         /* there is a wallet, which is not overwritten */
  SOUK_WALLET_ERROR_INCOMPLETE,     /* files of the wallet are missing */
} SoukWalletError;

#define SOUK_WALLET_ERROR (souk_wallet_error_quark ())
GQuark souk_wallet_error_quark (void);

/* Text that holds a secret: cleared, then freed. */
static inline void
souk_secret_text_free (char *text)
{
  if (text == NULL)
    return;
  sodium_memzero (text, strlen (text));
  g_free (text);
}

typedef char SoukSecretText;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukSecretText, souk_secret_text_free)
