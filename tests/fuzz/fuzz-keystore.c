/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keystore files from any bytes: what is read stays within the bounds and is written and read again
 * as the same; a cheap one is also opened, with a passphrase that is wrong.
 */
#include "wallet/keystore.h"

#include <sodium.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static uint64_t
work_of (const SoukKeystore *keystore)
{
  switch (keystore->kdf)
    {
    case SOUK_KEYSTORE_SCRYPT:
      g_assert (keystore->n * keystore->r * keystore->p <= SOUK_KEYSTORE_WORK_MAX);
      g_assert (128 * keystore->n * keystore->r <= SOUK_KEYSTORE_MEMORY_MAX);
      return keystore->n * keystore->r * keystore->p;
    case SOUK_KEYSTORE_PBKDF2:
      g_assert (keystore->rounds <= SOUK_KEYSTORE_ROUNDS_MAX);
      return keystore->rounds;
    }
  g_assert_not_reached ();
}

#define IS_SAME(member) (memcmp (&a->member, &b->member, sizeof a->member) == 0)

static bool
is_same (const SoukKeystore *a, const SoukKeystore *b)
{
  return IS_SAME (kdf) && IS_SAME (n) && IS_SAME (r) && IS_SAME (p) && IS_SAME (rounds)
         && IS_SAME (salt) && IS_SAME (salt_len) && IS_SAME (iv) && IS_SAME (ciphertext)
         && IS_SAME (mac) && IS_SAME (has_address) && IS_SAME (address) && IS_SAME (words_len)
         && IS_SAME (words_iv) && IS_SAME (words_ciphertext) && IS_SAME (words_path);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SoukKeystore keystore;
  SoukKeystore again;
  uint8_t secret[32];
  uint8_t entropy[SOUK_ENTROPY_SIZE_MAX];

  if (!souk_keystore_parse (&keystore, souk_slice (data, size), NULL))
    return 0;
  uint64_t work = work_of (&keystore);
  g_autofree char *text = souk_keystore_format (&keystore);
  g_assert (souk_keystore_parse (&again, souk_slice_from_text (text), NULL));
  g_assert (is_same (&keystore, &again));
  if (work <= 256)
    g_assert (!souk_keystore_unlock (&keystore, secret, entropy, SOUK_SLICE_LITERAL ("no"), NULL));
  return 0;
}
