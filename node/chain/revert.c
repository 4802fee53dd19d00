/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Revert data: the contracts' errors, Error(string), Panic(uint256). PURE. See revert.h.
 */
#include "chain/revert.h"

#include "chain/terms-words.h"

#include <string.h>

typedef struct {
  const char *name;
  const char *signature;
  const char *sentence;
} RevertRow;

static const RevertRow rows[] = {
#define REVERT_ROW(name, types, sentence) { #name, #name "(" types ")", sentence },
  SOUK_REVERT_TABLE (REVERT_ROW)
#undef REVERT_ROW
      { "Error", "Error(string)", "The contract refused and gave a reason." },
  { "Panic", "Panic(uint256)", "The contract met a fault of its own." },
};

/* Error(string): the text, cut and made valid, for a person. */
static void
read_text (SoukSlice arguments, SoukRevert *out)
{
  g_autoptr (SoukAbiType) type = NULL;
  g_autoptr (SoukAbiValue) value = NULL;

  if (souk_abi_type_parse ("(string)", &type) != SOUK_STATUS_OK
      || souk_abi_decode (type, arguments, &value) != SOUK_STATUS_OK)
    return;
  const SoukAbiValue *text = g_ptr_array_index (value->items, 0);
  SoukSlice bytes = souk_slice_from_bytes (text->bytes);
  g_autofree char *valid = g_utf8_make_valid (
      (const char *)bytes.data, (gssize)MIN (bytes.len, (size_t)SOUK_REVERT_TEXT_MAX));
  g_strlcpy (out->text, valid, sizeof out->text);
  /* The cut may fall into a character. */
  const char *end = NULL;
  if (!g_utf8_validate (out->text, -1, &end))
    out->text[end - out->text] = '\0';
}

void
souk_revert_decode (SoukSlice data, SoukRevert *out)
{
  *out = (SoukRevert){ .name = "", .sentence = "The contract refused without saying why." };
  if (data.len < SOUK_ABI_SELECTOR_SIZE)
    return;
  memcpy (out->selector, data.data, SOUK_ABI_SELECTOR_SIZE);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      uint8_t selector[SOUK_ABI_SELECTOR_SIZE];
      souk_abi_selector (rows[i].signature, selector);
      if (memcmp (selector, out->selector, sizeof selector) != 0)
        continue;
      SoukSlice arguments
          = souk_slice (data.data + SOUK_ABI_SELECTOR_SIZE, data.len - SOUK_ABI_SELECTOR_SIZE);
      SoukReader reader = souk_reader (arguments);
      out->is_known = true;
      out->name = rows[i].name;
      out->sentence = rows[i].sentence;
      if (g_str_equal (rows[i].name, "Error"))
        read_text (arguments, out);
      else if (arguments.len >= SOUK_ABI_WORD)
        {
          out->argument = souk_reader_word_u256 (&reader);
          out->has_argument = true;
        }
      return;
    }
}
