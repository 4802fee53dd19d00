/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * 256-bit numbers and money. PURE. See u256.h.
 *
 * Not constant-time: amounts are public.
 */
#include "base/u256.h"

#include <string.h>

__extension__ typedef unsigned __int128 Wide;

/* 10^19 is the largest power of ten in 64 bits: the decimal functions work 19 digits at a time. */
#define TEN_19 UINT64_C (10000000000000000000)
#define DIGITS_19 19

SoukU256
souk_u256_from_u64 (uint64_t value)
{
  return (SoukU256){ { value, 0, 0, 0 } };
}

SoukU256
souk_u256_from_be (const uint8_t in[32])
{
  SoukU256 value;
  for (size_t i = 0; i < 4; i++)
    {
      uint64_t limb;
      memcpy (&limb, in + 8 * (3 - i), 8);
      value.limb[i] = GUINT64_FROM_BE (limb);
    }
  return value;
}

void
souk_u256_to_be (SoukU256 value, uint8_t out[32])
{
  for (size_t i = 0; i < 4; i++)
    {
      uint64_t limb = GUINT64_TO_BE (value.limb[3 - i]);
      memcpy (out + 8 * i, &limb, 8);
    }
}

SoukStatus
souk_u256_from_be_slice (SoukSlice in, SoukU256 *out)
{
  uint8_t bytes[32] = { 0 };
  if (in.len > sizeof bytes)
    return SOUK_STATUS_OVERFLOW;
  if (in.len > 0)
    memcpy (bytes + sizeof bytes - in.len, in.data, in.len);
  *out = souk_u256_from_be (bytes);
  return SOUK_STATUS_OK;
}

int
souk_u256_compare (SoukU256 a, SoukU256 b)
{
  for (size_t i = 4; i-- > 0;)
    if (a.limb[i] != b.limb[i])
      return a.limb[i] < b.limb[i] ? -1 : 1;
  return 0;
}

bool
souk_u256_is_zero (SoukU256 value)
{
  return (value.limb[0] | value.limb[1] | value.limb[2] | value.limb[3]) == 0;
}

bool
souk_u256_to_u64 (SoukU256 value, uint64_t *out)
{
  if ((value.limb[1] | value.limb[2] | value.limb[3]) != 0)
    return false;
  *out = value.limb[0];
  return true;
}

SoukStatus
souk_u256_add (SoukU256 a, SoukU256 b, SoukU256 *out)
{
  SoukU256 sum;
  Wide carry = 0;
  for (size_t i = 0; i < 4; i++)
    {
      carry += (Wide)a.limb[i] + b.limb[i];
      sum.limb[i] = (uint64_t)carry;
      carry >>= 64;
    }
  if (carry != 0)
    return SOUK_STATUS_OVERFLOW;
  *out = sum;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_u256_sub (SoukU256 a, SoukU256 b, SoukU256 *out)
{
  SoukU256 rest;
  uint64_t borrow = 0;
  for (size_t i = 0; i < 4; i++)
    {
      Wide take = (Wide)b.limb[i] + borrow;
      borrow = a.limb[i] < take;
      rest.limb[i] = a.limb[i] - (uint64_t)take;
    }
  if (borrow != 0)
    return SOUK_STATUS_OVERFLOW;
  *out = rest;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_u256_mul (SoukU256 a, SoukU256 b, SoukU256 *out)
{
  uint64_t product[8] = { 0 };
  for (size_t i = 0; i < 4; i++)
    {
      Wide carry = 0;
      for (size_t j = 0; j < 4; j++)
        {
          carry += (Wide)a.limb[i] * b.limb[j] + product[i + j];
          product[i + j] = (uint64_t)carry;
          carry >>= 64;
        }
      product[i + 4] = (uint64_t)carry;
    }
  if ((product[4] | product[5] | product[6] | product[7]) != 0)
    return SOUK_STATUS_OVERFLOW;
  memcpy (out->limb, product, sizeof out->limb);
  return SOUK_STATUS_OK;
}

/* Divides in place. Returns: the remainder. */
static uint64_t
divide_small (SoukU256 *value, uint64_t divisor)
{
  Wide rest = 0;
  for (size_t i = 4; i-- > 0;)
    {
      rest = rest << 64 | value->limb[i];
      value->limb[i] = (uint64_t)(rest / divisor);
      rest %= divisor;
    }
  return (uint64_t)rest;
}

/* Schoolbook division by a number of more than 64 bits, one bit at a time. It runs a few times an
 * order, so that plainness is worth more than speed. */
static void
divide_large (SoukU256 a, SoukU256 b, SoukU256 *out_quotient, SoukU256 *out_rest)
{
  SoukU256 quotient = SOUK_U256_ZERO;
  SoukU256 rest = SOUK_U256_ZERO;
  for (size_t bit = 256; bit-- > 0;)
    {
      /* The bit that the shift pushes out stands for 2^256, which is more than any b. */
      bool over = rest.limb[3] >> 63;
      for (size_t i = 3; i > 0; i--)
        rest.limb[i] = rest.limb[i] << 1 | rest.limb[i - 1] >> 63;
      rest.limb[0] = rest.limb[0] << 1 | (a.limb[bit / 64] >> (bit % 64) & 1);
      if (!over && souk_u256_compare (rest, b) < 0)
        continue;
      uint64_t borrow = 0;
      for (size_t i = 0; i < 4; i++)
        {
          Wide take = (Wide)b.limb[i] + borrow;
          borrow = rest.limb[i] < take;
          rest.limb[i] -= (uint64_t)take;
        }
      quotient.limb[bit / 64] |= UINT64_C (1) << (bit % 64);
    }
  *out_quotient = quotient;
  *out_rest = rest;
}

void
souk_u256_divmod (SoukU256 a, SoukU256 b, SoukU256 *out_quotient, SoukU256 *out_remainder)
{
  SoukU256 quotient = a;
  SoukU256 rest;
  uint64_t small;

  g_assert (!souk_u256_is_zero (b));
  if (souk_u256_to_u64 (b, &small))
    rest = souk_u256_from_u64 (divide_small (&quotient, small));
  else
    divide_large (a, b, &quotient, &rest);
  if (out_quotient)
    *out_quotient = quotient;
  if (out_remainder)
    *out_remainder = rest;
}

/* Multiplies by a small number and adds a digit. False on overflow. */
static bool
push_digit (SoukU256 *value, unsigned base, unsigned digit)
{
  Wide carry = digit;
  for (size_t i = 0; i < 4; i++)
    {
      carry += (Wide)value->limb[i] * base;
      value->limb[i] = (uint64_t)carry;
      carry >>= 64;
    }
  return carry == 0;
}

SoukStatus
souk_u256_parse (const char *decimal, SoukU256 *out)
{
  SoukU256 value = SOUK_U256_ZERO;
  bool fits = true;

  if (*decimal == '\0')
    return SOUK_STATUS_BAD_NUMBER;
  for (; *decimal; decimal++)
    {
      if (!g_ascii_isdigit (*decimal))
        return SOUK_STATUS_BAD_NUMBER;
      fits = fits && push_digit (&value, 10, (unsigned)(*decimal - '0'));
    }
  if (!fits)
    return SOUK_STATUS_OVERFLOW;
  *out = value;
  return SOUK_STATUS_OK;
}

void
souk_u256_format (SoukU256 value, char out[SOUK_U256_DECIMAL_SIZE])
{
  char digits[5 * DIGITS_19]; /* least significant first */
  size_t len = 0;

  while (!souk_u256_is_zero (value))
    {
      uint64_t low = divide_small (&value, TEN_19);
      for (size_t i = 0; i < DIGITS_19; i++, low /= 10)
        digits[len++] = (char)('0' + low % 10);
    }
  while (len > 0 && digits[len - 1] == '0')
    len--;
  if (len == 0)
    digits[len++] = '0';
  g_assert (len < SOUK_U256_DECIMAL_SIZE);
  for (size_t i = 0; i < len; i++)
    out[i] = digits[len - 1 - i];
  out[len] = '\0';
}

SoukStatus
souk_u256_parse_hex (const char *text, SoukU256 *out)
{
  SoukU256 value = SOUK_U256_ZERO;
  bool fits = true;

  if (text[0] != '0' || (text[1] != 'x' && text[1] != 'X') || text[2] == '\0')
    return SOUK_STATUS_BAD_NUMBER;
  for (const char *at = text + 2; *at; at++)
    {
      if (!g_ascii_isxdigit (*at))
        return SOUK_STATUS_BAD_NUMBER;
      fits = fits && push_digit (&value, 16, (unsigned)g_ascii_xdigit_value (*at));
    }
  if (!fits)
    return SOUK_STATUS_OVERFLOW;
  *out = value;
  return SOUK_STATUS_OK;
}

char *
souk_u256_to_hex (SoukU256 value)
{
  uint8_t bytes[32];
  souk_u256_to_be (value, bytes);
  g_autofree char *digits = souk_hex_encode (souk_slice (bytes, sizeof bytes));
  const char *first = digits;
  while (first[0] == '0' && first[1] != '\0')
    first++;
  return g_strconcat ("0x", first, NULL);
}

SoukWei
souk_wei_from_u256 (SoukU256 value)
{
  return (SoukWei){ value };
}

SoukU256
souk_wei_to_u256 (SoukWei amount)
{
  return amount.private_amount;
}

int
souk_wei_compare (SoukWei a, SoukWei b)
{
  return souk_u256_compare (a.private_amount, b.private_amount);
}

bool
souk_wei_is_zero (SoukWei amount)
{
  return souk_u256_is_zero (amount.private_amount);
}

SoukStatus
souk_wei_add (SoukWei a, SoukWei b, SoukWei *out)
{
  return souk_u256_add (a.private_amount, b.private_amount, &out->private_amount);
}

SoukStatus
souk_wei_sub (SoukWei a, SoukWei b, SoukWei *out)
{
  return souk_u256_sub (a.private_amount, b.private_amount, &out->private_amount);
}

void
souk_wei_split_fee (SoukWei price, SoukWei *out_fee, SoukWei *out_net)
{
  SoukU256 whole;
  SoukU256 rest;
  SoukU256 fee;

  /* price = whole * 10000 + rest, so floor (price * 300 / 10000) is whole * 300 and the floor of
   * the rest's part: exact, and without a product that could overflow. */
  souk_u256_divmod (price.private_amount, souk_u256_from_u64 (SOUK_BPS_WHOLE), &whole, &rest);
  SoukStatus status = souk_u256_mul (whole, souk_u256_from_u64 (SOUK_FEE_BPS), &fee);
  g_assert (status == SOUK_STATUS_OK);
  uint64_t rest_fee = rest.limb[0] * SOUK_FEE_BPS / SOUK_BPS_WHOLE;
  status = souk_u256_add (fee, souk_u256_from_u64 (rest_fee), &fee);
  g_assert (status == SOUK_STATUS_OK);
  out_fee->private_amount = fee;
  status = souk_u256_sub (price.private_amount, fee, &out_net->private_amount);
  g_assert (status == SOUK_STATUS_OK);
}

SoukStatus
souk_wei_parse (const char *decimal, SoukWei *out)
{
  return souk_u256_parse (decimal, &out->private_amount);
}

char *
souk_wei_to_string (SoukWei amount)
{
  char digits[SOUK_U256_DECIMAL_SIZE];
  souk_u256_format (amount.private_amount, digits);
  return g_strdup (digits);
}

SoukStatus
souk_wei_parse_coins (const char *text, unsigned decimals, SoukWei *out)
{
  SoukU256 value = SOUK_U256_ZERO;
  unsigned behind = 0;
  bool has_point = false;
  bool fits = true;

  /* A digit stands at both ends: not ".5", not "5.", not "". */
  size_t len = strlen (text);
  if (len == 0 || !g_ascii_isdigit (text[0]) || !g_ascii_isdigit (text[len - 1]))
    return SOUK_STATUS_BAD_NUMBER;
  for (const char *at = text; *at; at++)
    {
      if (*at == '.' && !has_point)
        {
          has_point = true;
          continue;
        }
      if (!g_ascii_isdigit (*at) || (has_point && behind == decimals))
        return SOUK_STATUS_BAD_NUMBER;
      behind += has_point;
      fits = fits && push_digit (&value, 10, (unsigned)(*at - '0'));
    }
  for (; behind < decimals; behind++)
    fits = fits && push_digit (&value, 10, 0);
  if (!fits)
    return SOUK_STATUS_OVERFLOW;
  out->private_amount = value;
  return SOUK_STATUS_OK;
}

char *
souk_wei_to_coins (SoukWei amount, unsigned decimals)
{
  char digits[SOUK_U256_DECIMAL_SIZE];
  souk_u256_format (amount.private_amount, digits);

  GString *text = g_string_new (digits);
  while (text->len <= decimals)
    g_string_prepend_c (text, '0');
  g_string_insert_c (text, (gssize)(text->len - decimals), '.');
  while (text->str[text->len - 1] == '0')
    g_string_truncate (text, text->len - 1);
  if (text->str[text->len - 1] == '.')
    g_string_truncate (text, text->len - 1);
  return g_string_free_and_steal (text);
}
