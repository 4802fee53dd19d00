/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keystore files, version 3 ("Web3 Secret Storage Definition"). GLIB, any thread.
 *
 * Read: scrypt or PBKDF2-HMAC-SHA256, AES-128-CTR, whichever wallet made it. Written: scrypt with r = 8,
 * p = 1, as geth does. Opening one takes as long as its cost says: about a second for the default.
 */
#pragma once
#include "base/address.h"
#include "wallet/mnemonic.h"

#define SOUK_KEYSTORE_SIZE_MAX (64u << 10)
/* For a passphrase that a person remembers: 256 MiB and 0.7 s. */
#define SOUK_KEYSTORE_COST_DEFAULT 262144
/* For a passphrase of 256 random bits, which no cost makes stronger. */
#define SOUK_KEYSTORE_COST_RANDOM 4096
/* What a file may ask of us: scrypt's memory (128 x N x r) and passes, PBKDF2's rounds. */
#define SOUK_KEYSTORE_MEMORY_MAX (UINT64_C (1) << 30)
#define SOUK_KEYSTORE_PASSES_MAX 16
#define SOUK_KEYSTORE_ROUNDS_MAX 10000000

/* `address` may be NULL: it is not part of the secret, only a hint in the file. `cost` is scrypt's N, a
 * power of two from 2. Returns: (transfer full): the file's JSON. */
char *souk_keystore_write (const uint8_t secret[SOUK_SECRET_SIZE], const SoukAddress *address,
                           const char *passphrase, uint64_t cost);

/* Opens a file. SOUK_WALLET_ERROR: BAD_KEYSTORE, UNSUPPORTED, BAD_PASSPHRASE. */
bool souk_keystore_read (const char *json, size_t len, const char *passphrase,
                         uint8_t out_secret[SOUK_SECRET_SIZE], GError **error);
