/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cryptography of keystore version 3. GLIB. See keystore.h; the JSON is in keystore-codec.c.
 *
 * The derived key is 64 bytes: 0-15 encrypt the secret (AES-128-CTR), 16-31 key the MAC,
 * 32-63 encrypt the entropy of the words (AES-256-CTR, ethers' addition). The last half is derived
 * only when it is needed; PBKDF2's output, with which scrypt ends as well, has the same first half
 * either way.
 */
#include "wallet/keystore.h"

#include <nettle/aes.h>
#include <nettle/ctr.h>
#include <nettle/hmac.h>
#include <nettle/pbkdf2.h>
#include <sodium.h>
#include <string.h>

#define DERIVED_SIZE 64
#define DERIVED_SIZE_WITHOUT_WORDS 32
#define SALT_SIZE 32

static void
derive_pbkdf2 (const SoukKeystore *self, uint8_t *out, size_t len, SoukSlice passphrase)
{
  struct hmac_sha256_ctx hmac;
  hmac_sha256_set_key (&hmac, passphrase.len, passphrase.data);
  PBKDF2 (&hmac, hmac_sha256_update, hmac_sha256_digest, SHA256_DIGEST_SIZE, self->rounds,
          self->salt_len, self->salt, len, out);
  sodium_memzero (&hmac, sizeof hmac);
}

/* False when the memory that scrypt needs is not to be had. */
static bool
derive (const SoukKeystore *self, uint8_t out[DERIVED_SIZE], SoukSlice passphrase, size_t len,
        GError **error)
{
  /* The empty passphrase is one as well, and the libraries want an address even for no bytes. */
  if (passphrase.len == 0)
    passphrase = SOUK_SLICE_LITERAL ("");
  switch (self->kdf)
    {
    case SOUK_KEYSTORE_SCRYPT:
      if (crypto_pwhash_scryptsalsa208sha256_ll (passphrase.data, passphrase.len, self->salt,
                                                 self->salt_len, self->n, self->r, self->p, out,
                                                 len)
          == 0)
        return true;
      break;
    case SOUK_KEYSTORE_PBKDF2:
      derive_pbkdf2 (self, out, len, passphrase);
      return true;
    }
  g_set_error_literal (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_EXPENSIVE,
                       "There is not enough memory to open the wallet.");
  return false;
}

/* Counter mode: the same for both directions. */
static void
crypt_secret (uint8_t out[32], const uint8_t in[32], const uint8_t key[16], const uint8_t iv[16])
{
  struct aes128_ctx aes;
  uint8_t counter[AES_BLOCK_SIZE];
  memcpy (counter, iv, sizeof counter);
  aes128_set_encrypt_key (&aes, key);
  ctr_crypt (&aes, (nettle_cipher_func *)aes128_encrypt, AES_BLOCK_SIZE, counter, 32, out, in);
  sodium_memzero (&aes, sizeof aes);
}

static void
crypt_words (uint8_t *out, SoukSlice in, const uint8_t key[32], const uint8_t iv[16])
{
  struct aes256_ctx aes;
  uint8_t counter[AES_BLOCK_SIZE];
  memcpy (counter, iv, sizeof counter);
  aes256_set_encrypt_key (&aes, key);
  ctr_crypt (&aes, (nettle_cipher_func *)aes256_encrypt, AES_BLOCK_SIZE, counter, in.len, out,
             in.data);
  sodium_memzero (&aes, sizeof aes);
}

/* "MAC: the SHA3-256 (keccak-256) of the second-leftmost 16 bytes of the derived key, then the
 * ciphertext". */
static void
mac_of (uint8_t out[SOUK_HASH_SIZE], const uint8_t *derived, const uint8_t ciphertext[32])
{
  SoukKeccak keccak;
  souk_keccak_init (&keccak);
  souk_keccak_update (&keccak, souk_slice (derived + 16, 16));
  souk_keccak_update (&keccak, souk_slice (ciphertext, 32));
  souk_keccak_digest (&keccak, out);
  sodium_memzero (&keccak, sizeof keccak);
}

bool
souk_keystore_lock (SoukKeystore *out, const uint8_t secret[32], SoukSlice entropy,
                    const char *path, SoukSlice passphrase, uint64_t n, GError **error)
{
  SoukKeystore made = { .kdf = SOUK_KEYSTORE_SCRYPT, .n = n, .r = 8, .p = 1 };
  uint8_t derived[DERIVED_SIZE];

  g_assert (entropy.len <= SOUK_ENTROPY_SIZE_MAX);
  if (!souk_address_from_secret (secret, &made.address))
    {
      g_set_error_literal (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_KEY,
                           "This is not a valid secret key.");
      return false;
    }
  made.has_address = true;
  made.salt_len = SALT_SIZE;
  randombytes_buf (made.salt, SALT_SIZE);
  randombytes_buf (made.iv, sizeof made.iv);
  randombytes_buf (made.words_iv, sizeof made.words_iv);
  if (!derive (&made, derived, passphrase, sizeof derived, error))
    return false;
  crypt_secret (made.ciphertext, secret, derived, made.iv);
  mac_of (made.mac, derived, made.ciphertext);
  if (entropy.len > 0)
    {
      made.words_len = entropy.len;
      crypt_words (made.words_ciphertext, entropy, derived + 32, made.words_iv);
      g_assert (g_strlcpy (made.words_path, path, sizeof made.words_path) < sizeof made.words_path);
    }
  sodium_memzero (derived, sizeof derived);
  *out = made;
  return true;
}

/* Checks the derived key and decrypts with it. */
static bool
open_with (const SoukKeystore *self, uint8_t out_secret[32], const uint8_t *derived, GError **error)
{
  uint8_t mac[SOUK_HASH_SIZE];
  SoukAddress address;

  mac_of (mac, derived, self->ciphertext);
  if (sodium_memcmp (mac, self->mac, sizeof mac) != 0)
    {
      g_set_error_literal (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_PASSPHRASE,
                           "The passphrase does not open the wallet, or the file is damaged.");
      return false;
    }
  crypt_secret (out_secret, self->ciphertext, derived, self->iv);
  /* The MAC covers neither the counter nor the address. */
  if (souk_address_from_secret (out_secret, &address)
      && (!self->has_address || souk_address_is_equal (&address, &self->address)))
    return true;
  sodium_memzero (out_secret, 32);
  g_set_error_literal (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_DAMAGED,
                       "The wallet file is damaged: its key does not belong to its address.");
  return false;
}

bool
souk_keystore_unlock (const SoukKeystore *self, uint8_t out_secret[32], uint8_t *out_entropy,
                      SoukSlice passphrase, GError **error)
{
  uint8_t derived[DERIVED_SIZE];
  bool has_words = out_entropy != NULL && self->words_len > 0;
  size_t len = has_words ? DERIVED_SIZE : DERIVED_SIZE_WITHOUT_WORDS;

  if (!derive (self, derived, passphrase, len, error))
    return false;
  bool is_open = open_with (self, out_secret, derived, error);
  if (is_open && has_words)
    crypt_words (out_entropy, souk_slice (self->words_ciphertext, self->words_len), derived + 32,
                 self->words_iv);
  sodium_memzero (derived, sizeof derived);
  return is_open;
}
