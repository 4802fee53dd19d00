/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ABI encoding and decoding of value trees. PURE. See abi.h.
 *
 * "head(X(i)) and tail(X(i)) are defined … if Ti is static: head = enc(X(i)), tail = empty;
 * otherwise head = the offset of tail(X(i)) from the start of the tuple" — an array is coded as a
 * tuple of its elements, behind its length when that is open.
 */
#include "chain/abi.h"

#include <string.h>

typedef struct {
  unsigned values;
  size_t bytes;
} DecodeBudget;

/* ---- encoding ---- */

static void encode_tail (const SoukAbiType *type, const SoukAbiValue *value, GByteArray *out);

static void
append_count (GByteArray *out, uint64_t count)
{
  uint8_t word[SOUK_ABI_WORD];
  souk_u256_to_be (souk_u256_from_u64 (count), word);
  g_byte_array_append (out, word, sizeof word);
}

/* The type of member `i` of a tuple or an array. */
static const SoukAbiType *
item_type (const SoukAbiType *type, size_t i)
{
  return g_ptr_array_index (type->items, type->kind == SOUK_ABI_TUPLE ? i : 0);
}

static void
encode_list (const SoukAbiType *type, const SoukAbiValue *value, GByteArray *out)
{
  g_autoptr (GByteArray) tail = g_byte_array_new ();
  size_t head = 0;

  g_assert (value->items != NULL);
  for (guint i = 0; i < value->items->len; i++)
    head += item_type (type, i)->head_bytes;
  for (guint i = 0; i < value->items->len; i++)
    {
      const SoukAbiType *item = item_type (type, i);
      if (item->is_dynamic)
        append_count (out, head + tail->len);
      encode_tail (item, g_ptr_array_index (value->items, i), item->is_dynamic ? tail : out);
    }
  souk_append (out, souk_slice_from_array (tail));
}

static void
encode_tail (const SoukAbiType *type, const SoukAbiValue *value, GByteArray *out)
{
  static const uint8_t zeros[SOUK_ABI_WORD];

  switch (type->kind)
    {
    case SOUK_ABI_UINT:
    case SOUK_ABI_INT:
    case SOUK_ABI_ADDRESS:
    case SOUK_ABI_BOOL:
    case SOUK_ABI_FIXED_BYTES:
      g_byte_array_append (out, value->word, SOUK_ABI_WORD);
      break;
    case SOUK_ABI_BYTES:
      case SOUK_ABI_STRING: {
        SoukSlice bytes = souk_slice_from_bytes (value->bytes);
        append_count (out, bytes.len);
        souk_append (out, bytes);
        souk_append (
            out, souk_slice (zeros, (SOUK_ABI_WORD - bytes.len % SOUK_ABI_WORD) % SOUK_ABI_WORD));
        break;
      }
    case SOUK_ABI_ARRAY:
      if (type->is_open)
        append_count (out, value->items->len);
      else
        g_assert (value->items->len == type->length);
      encode_list (type, value, out);
      break;
    case SOUK_ABI_TUPLE:
      g_assert (value->items->len == type->items->len);
      encode_list (type, value, out);
      break;
    }
}

void
souk_abi_encode (const SoukAbiType *type, const SoukAbiValue *value, GByteArray *out)
{
  g_assert (type->kind == SOUK_ABI_TUPLE);
  encode_tail (type, value, out);
}

/* ---- decoding ---- */

static SoukStatus decode_tail (const SoukAbiType *type, SoukSlice in, DecodeBudget *budget,
                               SoukAbiValue **out);

/* True when bytes from to to (exclusive) of the word all are `fill`. */
static bool
is_filled (const uint8_t *word, size_t from, size_t to, uint8_t fill)
{
  for (size_t i = from; i < to; i++)
    if (word[i] != fill)
      return false;
  return true;
}

static bool
word_is_in_range (const SoukAbiType *type, const uint8_t *word)
{
  size_t unused = SOUK_ABI_WORD - type->size / 8;

  switch (type->kind)
    {
    case SOUK_ABI_UINT:
    case SOUK_ABI_ADDRESS:
      return is_filled (word, 0, unused, 0);
    case SOUK_ABI_BOOL:
      return is_filled (word, 0, SOUK_ABI_WORD - 1, 0) && word[SOUK_ABI_WORD - 1] <= 1;
    case SOUK_ABI_INT:
      return is_filled (word, 0, unused, word[unused] & 0x80 ? 0xff : 0);
    case SOUK_ABI_FIXED_BYTES:
      return is_filled (word, type->size, SOUK_ABI_WORD, 0);
    case SOUK_ABI_BYTES:
    case SOUK_ABI_STRING:
    case SOUK_ABI_ARRAY:
    case SOUK_ABI_TUPLE:
      break;
    }
  g_assert_not_reached ();
}

/* Reads a word that counts bytes or members; nothing larger than 32 bits can be right. */
static SoukStatus
read_count (SoukReader *reader, size_t *out)
{
  SoukSlice word = souk_reader_bytes (reader, SOUK_ABI_WORD);
  uint64_t value = 0;

  if (!souk_reader_ok (reader))
    return SOUK_STATUS_SHORT_READ;
  if (!souk_u256_to_u64 (souk_u256_from_be (word.data), &value) || value > UINT32_MAX)
    return SOUK_STATUS_BAD_ENCODING;
  *out = (size_t)value;
  return SOUK_STATUS_OK;
}

static SoukStatus
decode_list (const SoukAbiType *type, size_t count, SoukSlice in, DecodeBudget *budget,
             SoukAbiValue **out)
{
  g_autoptr (SoukAbiValue) list = souk_abi_value_new_list ();
  SoukReader head = souk_reader (in);

  for (size_t i = 0; i < count; i++)
    {
      const SoukAbiType *item = item_type (type, i);
      SoukAbiValue *value = NULL;
      SoukSlice from = souk_slice (head.at, head.left);
      if (item->is_dynamic)
        {
          size_t offset = 0;
          SOUK_TRY (read_count (&head, &offset));
          if (offset > in.len)
            return SOUK_STATUS_SHORT_READ;
          from = souk_slice (in.data + offset, in.len - offset);
        }
      else
        souk_reader_bytes (&head, item->head_bytes);
      if (!souk_reader_ok (&head))
        return SOUK_STATUS_SHORT_READ;
      SOUK_TRY (decode_tail (item, from, budget, &value));
      souk_abi_value_add (list, value);
    }
  *out = g_steal_pointer (&list);
  return SOUK_STATUS_OK;
}

static SoukStatus
decode_bytes (SoukSlice in, DecodeBudget *budget, SoukAbiValue **out)
{
  SoukReader reader = souk_reader (in);
  size_t len = 0;

  SOUK_TRY (read_count (&reader, &len));
  SoukSlice bytes = souk_reader_bytes (&reader, len);
  if (!souk_reader_ok (&reader))
    return SOUK_STATUS_SHORT_READ;
  if (len > SOUK_ABI_BYTES_MAX - budget->bytes)
    return SOUK_STATUS_LIMIT;
  budget->bytes += len;
  *out = souk_abi_value_new_bytes (bytes);
  return SOUK_STATUS_OK;
}

static SoukStatus
decode_array (const SoukAbiType *type, SoukSlice in, DecodeBudget *budget, SoukAbiValue **out)
{
  SoukReader reader = souk_reader (in);
  size_t count = (size_t)type->length;

  if (type->is_open)
    SOUK_TRY (read_count (&reader, &count));
  if (count > SOUK_ABI_VALUES_MAX)
    return SOUK_STATUS_LIMIT;
  return decode_list (type, count, souk_slice (reader.at, reader.left), budget, out);
}

static SoukStatus
decode_tail (const SoukAbiType *type, SoukSlice in, DecodeBudget *budget, SoukAbiValue **out)
{
  if (++budget->values > SOUK_ABI_VALUES_MAX)
    return SOUK_STATUS_LIMIT;

  switch (type->kind)
    {
    case SOUK_ABI_UINT:
    case SOUK_ABI_INT:
    case SOUK_ABI_ADDRESS:
    case SOUK_ABI_BOOL:
    case SOUK_ABI_FIXED_BYTES:
      if (in.len < SOUK_ABI_WORD)
        return SOUK_STATUS_SHORT_READ;
      if (!word_is_in_range (type, in.data))
        return SOUK_STATUS_BAD_ENCODING;
      *out = souk_abi_value_new_word (in.data);
      return SOUK_STATUS_OK;
    case SOUK_ABI_BYTES:
    case SOUK_ABI_STRING:
      return decode_bytes (in, budget, out);
    case SOUK_ABI_ARRAY:
      return decode_array (type, in, budget, out);
    case SOUK_ABI_TUPLE:
      return decode_list (type, type->items->len, in, budget, out);
    }
  g_assert_not_reached ();
}

SoukStatus
souk_abi_decode (const SoukAbiType *type, SoukSlice in, SoukAbiValue **out)
{
  DecodeBudget budget = { 0, 0 };
  g_assert (type->kind == SOUK_ABI_TUPLE);
  return decode_tail (type, in, &budget, out);
}

void
souk_abi_selector (const char *signature, uint8_t out[SOUK_ABI_SELECTOR_SIZE])
{
  uint8_t hash[SOUK_HASH_SIZE];
  souk_keccak256 (hash, souk_slice_from_text (signature));
  memcpy (out, hash, SOUK_ABI_SELECTOR_SIZE);
}
