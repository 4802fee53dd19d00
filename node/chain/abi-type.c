/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ABI types from their text, and the trees of values. PURE. See abi.h.
 *
 * Grammar:  type = base { "[" [ number ] "]" } ;  base = "(" [ type { "," type } ] ")" | word
 */
#include "chain/abi.h"

#include <string.h>

/* Fixed arrays are laid out in full, so their size is bounded before anything is allocated. */
#define HEAD_BYTES_MAX (SOUK_ABI_VALUES_MAX * (size_t)SOUK_ABI_WORD)

typedef struct {
  const char *at;
  unsigned nodes;
} TypeParser;

static SoukStatus parse_type (TypeParser *parser, unsigned depth, SoukAbiType **out);

static SoukAbiType *
type_new (SoukAbiKind kind, unsigned size)
{
  SoukAbiType *self = g_new0 (SoukAbiType, 1);
  self->kind = kind;
  self->size = size;
  self->head_bytes = SOUK_ABI_WORD;
  self->is_dynamic = kind == SOUK_ABI_BYTES || kind == SOUK_ABI_STRING;
  if (kind == SOUK_ABI_ARRAY || kind == SOUK_ABI_TUPLE)
    self->items = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_abi_type_free);
  return self;
}

void
souk_abi_type_free (SoukAbiType *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_free (self);
}

/* Reads decimal digits without a leading zero (but "0" itself), at most six. */
static bool
parse_number (TypeParser *parser, uint64_t *out)
{
  const char *start = parser->at;
  uint64_t value = 0;
  while (g_ascii_isdigit (*parser->at) && parser->at - start < 6)
    value = value * 10 + (uint64_t)(*parser->at++ - '0');
  *out = value;
  return parser->at > start && (start[0] != '0' || parser->at == start + 1);
}

static bool
parse_word (TypeParser *parser, const char *word)
{
  if (!g_str_has_prefix (parser->at, word))
    return false;
  parser->at += strlen (word);
  return true;
}

/* "uint", "int" and "bytes" with what may follow them. */
static SoukStatus
parse_sized (TypeParser *parser, SoukAbiKind kind, SoukAbiType **out)
{
  uint64_t size = 0;
  bool has_size = g_ascii_isdigit (*parser->at);
  if (has_size && !parse_number (parser, &size))
    return SOUK_STATUS_BAD_ENCODING;
  if (kind == SOUK_ABI_FIXED_BYTES)
    {
      if (has_size && (size < 1 || size > 32))
        return SOUK_STATUS_BAD_ENCODING;
      *out = type_new (has_size ? SOUK_ABI_FIXED_BYTES : SOUK_ABI_BYTES, (unsigned)size);
      return SOUK_STATUS_OK;
    }
  if (has_size && (size < 8 || size > 256 || size % 8 != 0))
    return SOUK_STATUS_BAD_ENCODING;
  *out = type_new (kind, has_size ? (unsigned)size : 256);
  return SOUK_STATUS_OK;
}

static SoukStatus
parse_elementary (TypeParser *parser, SoukAbiType **out)
{
  if (parse_word (parser, "uint"))
    return parse_sized (parser, SOUK_ABI_UINT, out);
  if (parse_word (parser, "int"))
    return parse_sized (parser, SOUK_ABI_INT, out);
  if (parse_word (parser, "bytes"))
    return parse_sized (parser, SOUK_ABI_FIXED_BYTES, out);
  if (parse_word (parser, "address"))
    *out = type_new (SOUK_ABI_ADDRESS, 160);
  else if (parse_word (parser, "bool"))
    *out = type_new (SOUK_ABI_BOOL, 8);
  else if (parse_word (parser, "string"))
    *out = type_new (SOUK_ABI_STRING, 0);
  else
    return SOUK_STATUS_BAD_ENCODING;
  return SOUK_STATUS_OK;
}

static SoukStatus
parse_tuple (TypeParser *parser, unsigned depth, SoukAbiType **out)
{
  g_autoptr (SoukAbiType) self = type_new (SOUK_ABI_TUPLE, 0);
  size_t bytes = 0;

  parser->at++; /* the opening parenthesis */
  while (*parser->at != ')')
    {
      SoukAbiType *item = NULL;
      if (self->items->len > 0 && *parser->at++ != ',')
        return SOUK_STATUS_BAD_ENCODING;
      SOUK_TRY (parse_type (parser, depth + 1, &item));
      g_ptr_array_add (self->items, item);
      self->is_dynamic = self->is_dynamic || item->is_dynamic;
      bytes += item->head_bytes;
    }
  parser->at++;
  if (bytes > HEAD_BYTES_MAX)
    return SOUK_STATUS_LIMIT;
  self->head_bytes = self->is_dynamic ? SOUK_ABI_WORD : bytes;
  *out = g_steal_pointer (&self);
  return SOUK_STATUS_OK;
}

/* Wraps *inout in an array for one "[…]". */
static SoukStatus
parse_brackets (TypeParser *parser, SoukAbiType **inout)
{
  g_autoptr (SoukAbiType) self = type_new (SOUK_ABI_ARRAY, 0);
  SoukAbiType *item = g_steal_pointer (inout);

  g_ptr_array_add (self->items, item);
  parser->at++;
  self->is_open = *parser->at == ']';
  if (!self->is_open && !parse_number (parser, &self->length))
    return SOUK_STATUS_BAD_ENCODING;
  if (*parser->at != ']')
    return SOUK_STATUS_BAD_ENCODING;
  parser->at++;
  if (self->length > SOUK_ABI_VALUES_MAX
      || (item->head_bytes > 0 && self->length > HEAD_BYTES_MAX / item->head_bytes))
    return SOUK_STATUS_LIMIT;
  self->is_dynamic = self->is_open || item->is_dynamic;
  self->head_bytes = self->is_dynamic ? SOUK_ABI_WORD : item->head_bytes * (size_t)self->length;
  *inout = g_steal_pointer (&self);
  return SOUK_STATUS_OK;
}

static SoukStatus
parse_type (TypeParser *parser, unsigned depth, SoukAbiType **out)
{
  g_autoptr (SoukAbiType) self = NULL;

  if (depth > SOUK_ABI_DEPTH_MAX || ++parser->nodes > SOUK_ABI_TYPE_NODES_MAX)
    return SOUK_STATUS_LIMIT;
  if (*parser->at == '(')
    SOUK_TRY (parse_tuple (parser, depth, &self));
  else
    SOUK_TRY (parse_elementary (parser, &self));
  for (unsigned brackets = 0; *parser->at == '['; brackets++)
    {
      if (depth + brackets >= SOUK_ABI_DEPTH_MAX || ++parser->nodes > SOUK_ABI_TYPE_NODES_MAX)
        return SOUK_STATUS_LIMIT;
      SOUK_TRY (parse_brackets (parser, &self));
    }
  *out = g_steal_pointer (&self);
  return SOUK_STATUS_OK;
}

SoukStatus
souk_abi_type_parse (const char *text, SoukAbiType **out)
{
  TypeParser parser = { text, 0 };
  g_autoptr (SoukAbiType) type = NULL;

  SOUK_TRY (parse_type (&parser, 0, &type));
  if (*parser.at != '\0')
    return SOUK_STATUS_BAD_ENCODING;
  *out = g_steal_pointer (&type);
  return SOUK_STATUS_OK;
}

/* ---- values ---- */

SoukAbiValue *
souk_abi_value_new_word (const uint8_t word[SOUK_ABI_WORD])
{
  SoukAbiValue *self = g_new0 (SoukAbiValue, 1);
  memcpy (self->word, word, SOUK_ABI_WORD);
  return self;
}

SoukAbiValue *
souk_abi_value_new_u256 (SoukU256 number)
{
  SoukAbiValue *self = g_new0 (SoukAbiValue, 1);
  souk_u256_to_be (number, self->word);
  return self;
}

SoukAbiValue *
souk_abi_value_new_address (const SoukAddress *address)
{
  SoukAbiValue *self = g_new0 (SoukAbiValue, 1);
  memcpy (self->word + SOUK_ABI_WORD - SOUK_ADDRESS_SIZE, address->bytes, SOUK_ADDRESS_SIZE);
  return self;
}

SoukAbiValue *
souk_abi_value_new_bytes (SoukSlice bytes)
{
  SoukAbiValue *self = g_new0 (SoukAbiValue, 1);
  self->bytes = souk_slice_to_bytes (bytes);
  return self;
}

SoukAbiValue *
souk_abi_value_new_list (void)
{
  SoukAbiValue *self = g_new0 (SoukAbiValue, 1);
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_abi_value_free);
  return self;
}

void
souk_abi_value_add (SoukAbiValue *self, SoukAbiValue *item)
{
  g_assert (self->items != NULL);
  g_ptr_array_add (self->items, item);
}

void
souk_abi_value_free (SoukAbiValue *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_free (self);
}
