/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keystore files and mnemonics. Files that ask for much work are left out: they would only be slow.
 */
#include "wallet/keystore.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* True when a number of the text has more than three digits. */
static bool
asks_for_much (const uint8_t *data, size_t size)
{
  unsigned digits = 0;
  for (size_t i = 0; i < size; i++)
    {
      digits = g_ascii_isdigit (data[i]) ? digits + 1 : 0;
      if (digits > 3 && (i + 1 >= size || data[i + 1] == ',' || data[i + 1] == '}'))
        return true;
      if (data[i] == 'e' || data[i] == 'E')
        digits = 0;
    }
  return false;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  uint8_t secret[SOUK_SECRET_SIZE];
  uint8_t entropy[SOUK_ENTROPY_SIZE];
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) words_error = NULL;
  g_autofree char *text = g_strndup ((const char *)data, size);

  if (!asks_for_much (data, size))
    souk_keystore_read ((const char *)data, size, "passphrase", secret, &error);
  size_t len = souk_mnemonic_to_entropy (text, entropy, &words_error);
  g_assert ((len == 0) == (words_error != NULL));
  return 0;
}
