/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keystore version 3: a secret key in a JSON file, under a passphrase (Ethereum's "Web3 Secret
 * Storage Definition"), with ethers' "x-ethers" part, version 0.1, for the entropy of the words. GLIB.
 *
 * Reads scrypt and PBKDF2-HMAC-SHA256, AES-128-CTR; writes scrypt. Parsing costs nothing and tells
 * no secret; unlocking derives the key and may take seconds, so that a caller with a user in front
 * of it runs it on a thread. No state, any thread.
 *
 * A file may come from anywhere, so that what it can ask for is bounded below.
 */
#pragma once
#include "base/address.h"
#include "wallet/error.h"
#include "wallet/mnemonic.h"

/* A keystore has about 600 bytes, with words 900. */
#define SOUK_KEYSTORE_SIZE_MAX 16384
#define SOUK_KEYSTORE_SALT_MAX 64
/* scrypt's block, 128 * N * r bytes: twice what geth's files need. More is a memory bomb. */
#define SOUK_KEYSTORE_MEMORY_MAX (UINT64_C (512) << 20)
/* N * r * p: four times geth's, some seconds. More would be a hang. */
#define SOUK_KEYSTORE_WORK_MAX (UINT64_C (1) << 23)
/* PBKDF2: sixteen times the specification's example. */
#define SOUK_KEYSTORE_ROUNDS_MAX (UINT64_C (1) << 22)
#define SOUK_KEYSTORE_PATH_SIZE 64

typedef enum {
  SOUK_KEYSTORE_SCRYPT,
  SOUK_KEYSTORE_PBKDF2,
} SoukKeystoreKdf;

/* What stands in the file; nothing of it is secret. */
typedef struct {
  SoukKeystoreKdf kdf;
  uint64_t n; /* scrypt: a power of two, 2 or more */
  uint32_t r;
  uint32_t p;
  uint32_t rounds; /* PBKDF2 */
  uint8_t salt[SOUK_KEYSTORE_SALT_MAX];
  size_t salt_len;
  uint8_t iv[16];
  uint8_t ciphertext[32];
  uint8_t mac[SOUK_HASH_SIZE];
  bool has_address; /* some programs leave it out */
  SoukAddress address;
  size_t words_len; /* of the entropy; 0: the file has no words */
  uint8_t words_iv[16];
  uint8_t words_ciphertext[SOUK_ENTROPY_SIZE_MAX];
  char words_path[SOUK_KEYSTORE_PATH_SIZE]; /* from the words to the key */
} SoukKeystore;

/* Reads the JSON text.
 * Returns: false and DAMAGED, UNSUPPORTED or EXPENSIVE; `out` is untouched then. */
bool souk_keystore_parse (SoukKeystore *out, SoukSlice text, GError **error);
/* Returns: (transfer full): the JSON text. */
char *souk_keystore_format (const SoukKeystore *self);

/* Encrypts a secret key, and the entropy of its words when that is not empty, under scrypt with
 * r = 8, p = 1. Salt and counters are drawn from the system. `n` is a power of two and within the
 * bounds; `path` leads from the words to the key.
 * Returns: false and KEY when the secret is no valid key, or EXPENSIVE when memory is short. */
bool souk_keystore_lock (SoukKeystore *out, const uint8_t secret[32], SoukSlice entropy,
                         const char *path, SoukSlice passphrase, uint64_t n, GError **error);

/* Decrypts. `out_entropy` (nullable) has room for SOUK_ENTROPY_SIZE_MAX and gets words_len bytes,
 * which are right only if they lead to the same address: nothing in the file authenticates them.
 * The caller zeroes both.
 * Returns: false and PASSPHRASE (or the file is damaged: they look alike), DAMAGED when the key is
 * another address's, EXPENSIVE when memory is short. */
bool souk_keystore_unlock (const SoukKeystore *self, uint8_t out_secret[32], uint8_t *out_entropy,
                           SoukSlice passphrase, GError **error);
