/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ABI coder: the first byte chooses a type, or says that one stands first in the input. What decodes
 * must encode and decode again to the same.
 */
#include "chain/abi.h"
#include "chain/revert.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char *const types[] = {
  "(uint256,address,bool)",       "(bytes,string)",
  "(uint8[][],(bytes,int16)[2])", "((address,bytes32[])[],string[3])",
  "(uint8[][][][][][][][])",
};

static void
check_round_trip (const SoukAbiType *type, const SoukAbiValue *value)
{
  g_autoptr (GByteArray) first = g_byte_array_new ();
  g_autoptr (GByteArray) second = g_byte_array_new ();
  g_autoptr (SoukAbiValue) again = NULL;

  souk_abi_encode (type, value, first);
  g_assert (souk_abi_decode (type, souk_slice_from_array (first), &again) == SOUK_STATUS_OK);
  souk_abi_encode (type, again, second);
  g_assert (souk_slice_is_equal (souk_slice_from_array (first), souk_slice_from_array (second)));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (SoukAbiType) type = NULL;
  g_autoptr (SoukAbiValue) value = NULL;
  SoukRevert revert;

  souk_revert_decode (souk_slice (data, size), &revert);
  if (size < 1)
    return 0;
  unsigned choice = data[0] % (G_N_ELEMENTS (types) + 1);
  SoukSlice rest = souk_slice (data + 1, size - 1);
  if (choice == G_N_ELEMENTS (types))
    {
      g_autofree char *text = g_strndup ((const char *)rest.data, MIN (rest.len, 64));
      size_t used = MIN (strlen (text) + 1, rest.len);
      if (souk_abi_type_parse (text, &type) != SOUK_STATUS_OK || type->kind != SOUK_ABI_TUPLE)
        return 0;
      rest = souk_slice (rest.data + used, rest.len - used);
    }
  else
    g_assert (souk_abi_type_parse (types[choice], &type) == SOUK_STATUS_OK);
  if (souk_abi_decode (type, rest, &value) == SOUK_STATUS_OK)
    check_round_trip (type, value);
  return 0;
}
