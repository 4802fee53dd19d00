/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * BIP-39. GLIB. See mnemonic.h.
 */
#include "wallet/mnemonic.h"

#include "base/keccak.h"
#include "wallet/words.h"

#include <nettle/hmac.h>
#include <nettle/pbkdf2.h>
#include <sodium.h>
#include <string.h>

#define WORD_BITS 11
#define SEED_ROUNDS 2048
#define SALT_PREFIX "mnemonic"
/* Entropy and the checksum's byte. */
#define BITS_SIZE (SOUK_ENTROPY_SIZE_MAX + 1)

static bool
is_entropy_size (size_t len)
{
  return len >= 16 && len <= SOUK_ENTROPY_SIZE_MAX && len % 4 == 0;
}

/* "CS = ENT / 32": entropy of n bytes has a checksum of n / 4 bits. */
static uint8_t
checksum_of (SoukSlice entropy)
{
  uint8_t hash[SOUK_HASH_SIZE];
  souk_sha256 (hash, entropy);
  uint8_t checksum = hash[0] & (uint8_t)(0xff << (8 - entropy.len / 4));
  sodium_memzero (hash, sizeof hash);
  return checksum;
}

static unsigned
take_bits (const uint8_t *bits, size_t from)
{
  unsigned value = 0;
  for (size_t i = from; i < from + WORD_BITS; i++)
    value = value << 1 | ((bits[i / 8] >> (7 - i % 8)) & 1);
  return value;
}

static void
put_bits (uint8_t *bits, size_t from, unsigned value)
{
  for (size_t i = 0; i < WORD_BITS; i++)
    bits[(from + i) / 8] |= (uint8_t)(((value >> (WORD_BITS - 1 - i)) & 1) << (7 - (from + i) % 8));
}

bool
souk_mnemonic_from_entropy (char out_words[SOUK_MNEMONIC_TEXT_SIZE], SoukSlice entropy)
{
  uint8_t bits[BITS_SIZE] = { 0 };
  size_t at = 0;

  if (!is_entropy_size (entropy.len))
    return false;
  memcpy (bits, entropy.data, entropy.len);
  bits[entropy.len] = checksum_of (entropy);
  for (size_t i = 0; i < entropy.len * 3 / 4; i++)
    {
      const char *word = souk_words_english[take_bits (bits, i * WORD_BITS)];
      size_t len = strlen (word);
      g_assert (at + len + 2 <= SOUK_MNEMONIC_TEXT_SIZE);
      if (i > 0)
        out_words[at++] = ' ';
      memcpy (out_words + at, word, len);
      at += len;
    }
  out_words[at] = '\0';
  sodium_memzero (bits, sizeof bits);
  return true;
}

static int
find_word (const char *word)
{
  int low = 0;
  int high = SOUK_WORDS - 1;
  while (low <= high)
    {
      int middle = (low + high) / 2;
      int order = strcmp (word, souk_words_english[middle]);
      if (order == 0)
        return middle;
      if (order < 0)
        high = middle - 1;
      else
        low = middle + 1;
    }
  return -1;
}

/* Takes the next word out of the text as its number; -1 when it is none of the list, -2 at the end. */
static int
next_word (const char **at)
{
  char word[SOUK_WORD_LETTERS_MAX + 1] = { 0 };
  size_t len = 0;
  int found;

  while (g_ascii_isspace (**at))
    (*at)++;
  if (**at == '\0')
    return -2;
  for (; **at != '\0' && !g_ascii_isspace (**at); (*at)++)
    {
      if (len < SOUK_WORD_LETTERS_MAX)
        word[len] = g_ascii_tolower (**at);
      len++;
    }
  found = len <= SOUK_WORD_LETTERS_MAX ? find_word (word) : -1;
  sodium_memzero (word, sizeof word);
  return found;
}

/* Fills `bits`, which is zero; returns the number of words, 0 with an error. */
static size_t
read_words (uint8_t bits[BITS_SIZE], const char *words, GError **error)
{
  size_t count = 0;
  int word;
  while ((word = next_word (&words)) != -2)
    {
      if (count == SOUK_MNEMONIC_WORDS_MAX)
        {
          count++;
          break;
        }
      if (word < 0)
        {
          g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_MNEMONIC,
                       "Word %" G_GSIZE_FORMAT " is not in the list of recovery words.", count + 1);
          return 0;
        }
      put_bits (bits, count++ * WORD_BITS, (unsigned)word);
    }
  if (count < 12 || count > SOUK_MNEMONIC_WORDS_MAX || count % 3 != 0)
    {
      g_set_error_literal (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_MNEMONIC,
                           "There must be 12, 15, 18, 21 or 24 recovery words.");
      return 0;
    }
  return count;
}

bool
souk_mnemonic_to_entropy (uint8_t out_entropy[SOUK_ENTROPY_SIZE_MAX], size_t *out_len,
                          const char *words, GError **error)
{
  uint8_t bits[BITS_SIZE] = { 0 };
  size_t count = read_words (bits, words, error);
  size_t len = count * 4 / 3;
  bool is_right = count > 0 && bits[len] == checksum_of (souk_slice (bits, len));

  if (is_right)
    {
      memcpy (out_entropy, bits, len);
      *out_len = len;
    }
  else if (count > 0)
    g_set_error_literal (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_MNEMONIC,
                         "The recovery words do not fit together: one is wrong or out of place.");
  sodium_memzero (bits, sizeof bits);
  return is_right;
}

/* Returns: (transfer full) (nullable): the text in NFKD. */
static char *
normalize (const char *text)
{
  return strlen (text) <= SOUK_SEED_TEXT_MAX ? g_utf8_normalize (text, -1, G_NORMALIZE_NFKD) : NULL;
}

static void
free_secret (char *text)
{
  if (text != NULL)
    sodium_memzero (text, strlen (text));
  g_free (text);
}

bool
souk_mnemonic_to_seed (uint8_t out_seed[SOUK_SEED_SIZE], const char *words, const char *passphrase)
{
  char *password = normalize (words);
  char *salt_end = normalize (passphrase);
  bool is_text = password != NULL && salt_end != NULL;

  if (is_text)
    {
      char *salt = g_strconcat (SALT_PREFIX, salt_end, NULL);
      struct hmac_sha512_ctx hmac;
      hmac_sha512_set_key (&hmac, strlen (password), (const uint8_t *)password);
      PBKDF2 (&hmac, hmac_sha512_update, hmac_sha512_digest, SHA512_DIGEST_SIZE, SEED_ROUNDS,
              strlen (salt), (const uint8_t *)salt, SOUK_SEED_SIZE, out_seed);
      sodium_memzero (&hmac, sizeof hmac);
      free_secret (salt);
    }
  free_secret (password);
  free_secret (salt_end);
  return is_text;
}
