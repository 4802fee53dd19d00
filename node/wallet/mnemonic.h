/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Words for a key, English list (BIP-39). GLIB, no state, any thread.
 *
 * Entropy of 16, 20, 24, 28 or 32 bytes becomes 12, 15, 18, 21 or 24 words, of which the last ends
 * with the first bits of the entropy's SHA-256 as a checksum. Souk makes 24 and reads them all.
 * Words are secrets: buffers of the caller's, zeroed by the caller; temporary ones are zeroed here.
 */
#pragma once
#include "base/bytes.h"
#include "wallet/error.h"

#define SOUK_ENTROPY_SIZE_MAX 32
#define SOUK_MNEMONIC_WORDS_MAX 24
/* 24 words of at most 8 letters, 23 spaces, the final zero. */
#define SOUK_MNEMONIC_TEXT_SIZE 216
#define SOUK_SEED_SIZE 64
/* Bytes of the words, and of the passphrase that may go with them. BIP-39 has no limit; a person
 * types less. */
#define SOUK_SEED_TEXT_MAX 1024

/* Writes the words of `entropy`, lower case with one space between.
 * Returns: false when the length is none of the five. */
bool souk_mnemonic_from_entropy (char out_words[SOUK_MNEMONIC_TEXT_SIZE], SoukSlice entropy);

/* Reads words back: any number of spaces, either case. BIP-39: "the checksum should be checked".
 * Out: the entropy and its length, only on success.
 * Returns: false and SOUK_WALLET_ERROR_MNEMONIC, whose message gives a word's place, never a word. */
bool souk_mnemonic_to_entropy (uint8_t out_entropy[SOUK_ENTROPY_SIZE_MAX], size_t *out_len,
                               const char *words, GError **error);

/* The seed of BIP-32's master key: PBKDF2-HMAC-SHA512, 2048 rounds, salt "mnemonic" || passphrase,
 * both in NFKD. Works for words of any language; they are not checked here.
 * Returns: false when a text is no UTF-8 or longer than SOUK_SEED_TEXT_MAX bytes. */
bool souk_mnemonic_to_seed (uint8_t out_seed[SOUK_SEED_SIZE], const char *words,
                            const char *passphrase);
