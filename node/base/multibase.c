/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text forms of bytes. PURE. See multibase.h.
 *
 * Bases 16, 32 and 64 are runs of 4, 5 and 6 bits, most significant first (RFC 4648); bits that
 * are left over at the end must be zero, so that each run of bytes has exactly one text. Bases 36
 * and 58 write the bytes as one large number, each leading zero byte as one leading zero digit.
 */
#include "base/multibase.h"

#include <string.h>

/* What the quadratic bases take at most; see SOUK_MULTIBASE_TEXT_MAX. */
#define NUMBER_BYTES_MAX 512
/* log 256 / log 36 is 1.548: digits that NUMBER_BYTES_MAX bytes need. */
#define NUMBER_DIGITS_MAX (NUMBER_BYTES_MAX * 155 / 100 + 1)

typedef struct {
  SoukBase base;
  const char *alphabet;
  uint8_t bits;      /* of one digit; 0 when the base is a large number's */
  bool ignores_case; /* readers take either case ("case-insensitive" in the table of bases) */
} BaseRow;

static const BaseRow rows[] = {
  { SOUK_BASE_16, "0123456789abcdef", 4, true },
  { SOUK_BASE_32, "abcdefghijklmnopqrstuvwxyz234567", 5, true },
  { SOUK_BASE_36, "0123456789abcdefghijklmnopqrstuvwxyz", 0, true },
  { SOUK_BASE_58, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", 0, false },
  { SOUK_BASE_64, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6, false },
  { SOUK_BASE_64_URL, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 6,
    false },
};

/* Returns: the row of a base; NULL for a letter that names none. */
static const BaseRow *
row_of (int letter)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if ((int)rows[i].base == letter)
      return &rows[i];
  return NULL;
}

/* Returns: the value of a digit, or -1. */
static int
digit_value (const BaseRow *row, char digit)
{
  if (row->ignores_case)
    digit = g_ascii_tolower (digit);
  const char *at = digit != '\0' ? strchr (row->alphabet, digit) : NULL;
  return at ? (int)(at - row->alphabet) : -1;
}

static char *
encode_bits (const BaseRow *row, SoukSlice in)
{
  GString *text = g_string_sized_new (in.len * 8 / row->bits + 2);
  uint32_t held = 0; /* bits not written yet, in the low `count` places */
  unsigned count = 0;

  for (size_t i = 0; i < in.len; i++)
    {
      held = (held << 8 | in.data[i]) & 0xffff;
      for (count += 8; count >= row->bits; count -= row->bits)
        g_string_append_c (text,
                           row->alphabet[held >> (count - row->bits) & ((1u << row->bits) - 1)]);
    }
  if (count > 0)
    g_string_append_c (text, row->alphabet[held << (row->bits - count) & ((1u << row->bits) - 1)]);
  return g_string_free_and_steal (text);
}

static SoukStatus
decode_bits (const BaseRow *row, const char *text, GByteArray *out)
{
  uint32_t held = 0;
  unsigned count = 0;

  for (; *text; text++)
    {
      int value = digit_value (row, *text);
      if (value < 0)
        return SOUK_STATUS_BAD_ENCODING;
      held = (held << row->bits | (uint32_t)value) & 0xffff;
      count += row->bits;
      if (count >= 8)
        {
          count -= 8;
          souk_append_u8 (out, (uint8_t)(held >> count));
        }
    }
  if (count >= row->bits || (held & ((1u << count) - 1)) != 0)
    return SOUK_STATUS_BAD_ENCODING;
  return SOUK_STATUS_OK;
}

static char *
encode_number (const BaseRow *row, SoukSlice in)
{
  g_assert (in.len <= NUMBER_BYTES_MAX);
  uint8_t digits[NUMBER_DIGITS_MAX]; /* least significant first */
  size_t digits_len = 0;
  size_t zeros = 0;
  unsigned base = (unsigned)strlen (row->alphabet);

  while (zeros < in.len && in.data[zeros] == 0)
    zeros++;
  for (size_t i = zeros; i < in.len; i++)
    {
      unsigned carry = in.data[i];
      for (size_t d = 0; d < digits_len; d++)
        {
          carry += digits[d] * 256u;
          digits[d] = (uint8_t)(carry % base);
          carry /= base;
        }
      for (; carry > 0; carry /= base)
        {
          g_assert (digits_len < NUMBER_DIGITS_MAX);
          digits[digits_len++] = (uint8_t)(carry % base);
        }
    }

  char *text = g_malloc (zeros + digits_len + 1);
  memset (text, row->alphabet[0], zeros);
  for (size_t d = 0; d < digits_len; d++)
    text[zeros + d] = row->alphabet[digits[digits_len - 1 - d]];
  text[zeros + digits_len] = '\0';
  return text;
}

static SoukStatus
decode_number (const BaseRow *row, const char *text, GByteArray *out)
{
  uint8_t bytes[SOUK_MULTIBASE_TEXT_MAX]; /* least significant first */
  size_t bytes_len = 0;
  size_t zeros = 0;
  unsigned base = (unsigned)strlen (row->alphabet);

  while (text[zeros] == row->alphabet[0])
    zeros++;
  for (const char *at = text + zeros; *at; at++)
    {
      int value = digit_value (row, *at);
      if (value < 0)
        return SOUK_STATUS_BAD_ENCODING;
      unsigned carry = (unsigned)value;
      for (size_t b = 0; b < bytes_len; b++)
        {
          carry += bytes[b] * base;
          bytes[b] = (uint8_t)carry;
          carry >>= 8;
        }
      /* Each digit is less than a byte, so one more byte holds the carry. */
      if (carry > 0)
        bytes[bytes_len++] = (uint8_t)carry;
    }

  for (size_t z = 0; z < zeros; z++)
    souk_append_u8 (out, 0);
  for (size_t b = bytes_len; b > 0; b--)
    souk_append_u8 (out, bytes[b - 1]);
  return SOUK_STATUS_OK;
}

char *
souk_base_encode (SoukBase base, SoukSlice in)
{
  const BaseRow *row = row_of ((int)base);
  g_assert (row != NULL);
  return row->bits > 0 ? encode_bits (row, in) : encode_number (row, in);
}

SoukStatus
souk_base_decode (SoukBase base, const char *text, GBytes **out)
{
  const BaseRow *row = row_of ((int)base);
  g_assert (row != NULL);
  if (strnlen (text, SOUK_MULTIBASE_TEXT_MAX + 1) > SOUK_MULTIBASE_TEXT_MAX)
    return SOUK_STATUS_TOO_LARGE;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  SOUK_TRY (row->bits > 0 ? decode_bits (row, text, bytes) : decode_number (row, text, bytes));
  *out = g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  return SOUK_STATUS_OK;
}

char *
souk_multibase_encode (SoukBase base, SoukSlice in)
{
  g_autofree char *digits = souk_base_encode (base, in);
  return g_strdup_printf ("%c%s", (int)base, digits);
}

SoukStatus
souk_multibase_decode (const char *text, GBytes **out)
{
  int letter = text[0];
  /* "F", "B" and "K" say that the digits are upper case; they are read as the same bases. */
  if (letter == 'F' || letter == 'B' || letter == 'K')
    letter = g_ascii_tolower ((char)letter);
  const BaseRow *row = row_of (letter);
  if (!row)
    return SOUK_STATUS_BAD_ENCODING;
  return souk_base_decode (row->base, text + 1, out);
}
