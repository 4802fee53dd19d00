/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * BIP-39 mnemonics and BIP-32 keys: from words on paper to a private key. GLIB, any thread.
 *
 * The words of new wallets are English; words of any language open a wallet that was made elsewhere,
 * since the seed is made from the text alone, but only English ones are checked.
 */
#pragma once
#include "wallet/secret.h"

#include <stdbool.h>
#include <stdint.h>

#define SOUK_ENTROPY_SIZE 32 /* of 24 words */
#define SOUK_SEED_SIZE 64
#define SOUK_SECRET_SIZE 32
#define SOUK_HD_PATH_MAX 10
#define SOUK_MNEMONIC_TEXT_MAX 1024
/* The first account of an Ethereum wallet (BIP-44, SLIP-44 coin 60). */
#define SOUK_HD_PATH_FIRST "m/44'/60'/0'/0/0"

/* 16, 20, 24, 28 or 32 bytes make 12, 15, 18, 21 or 24 words. Returns: (transfer full). */
SoukSecretText *souk_mnemonic_from_entropy (const uint8_t *entropy, size_t len);
/* English words with one or more spaces between them. Returns: the length of the entropy, which is
 * written to out_entropy; 0 and an error when a word or the checksum is wrong. */
size_t souk_mnemonic_to_entropy (const char *text, uint8_t out_entropy[SOUK_ENTROPY_SIZE],
                                 GError **error);
/* The seed; the passphrase may be empty. False when a text is not valid UTF-8 or too long. */
bool souk_mnemonic_to_seed (const char *text, const char *passphrase,
                            uint8_t out_seed[SOUK_SEED_SIZE]);

/* Parses "m/44'/60'/0'/0/0". Returns: the number of steps, or -1. */
int souk_hd_path_parse (const char *path, uint32_t out_steps[SOUK_HD_PATH_MAX]);
/* The private key at `path`. False when the path is none, or in the one case of 2^127 that has no key. */
bool souk_hd_derive (const uint8_t seed[SOUK_SEED_SIZE], const char *path,
                     uint8_t out_secret[SOUK_SECRET_SIZE]);
