/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Amounts of money for people. See amount.h.
 */
#include "ui/model/amount.h"

#include <string.h>

#define DECIMALS 18
/* 10^38 is the largest power of ten in 128 bits. One digit less leaves room for "times 300". */
#define DIGITS_MAX 35

#define NO_BREAK_SPACE "\u00a0"

static const char *coin = ""; /* interned */

static bool
is_digits (const char *text, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (!g_ascii_isdigit (text[i]))
      return false;
  return true;
}

char *
souk_amount_from_wei (const char *wei)
{
  size_t len = strlen (wei);
  if (len == 0 || !is_digits (wei, len))
    return g_strdup ("");
  g_autoptr (GString) digits = g_string_new (wei);
  while (digits->len <= DECIMALS)
    g_string_prepend_c (digits, '0');
  g_string_insert_c (digits, (gssize)digits->len - DECIMALS, '.');
  while (digits->str[digits->len - 1] == '0')
    g_string_truncate (digits, digits->len - 1);
  if (digits->str[digits->len - 1] == '.')
    g_string_truncate (digits, digits->len - 1);
  size_t zeros = 0;
  while (digits->str[zeros] == '0' && g_ascii_isdigit (digits->str[zeros + 1]))
    zeros++;
  g_string_erase (digits, 0, (gssize)zeros);
  return g_string_free_and_steal (g_steal_pointer (&digits));
}

void
souk_amount_set_coin (const char *name)
{
  coin = name != NULL ? g_intern_string (name) : "";
}

const char *
souk_amount_coin (void)
{
  return coin;
}

char *
souk_amount_shown (const char *coins)
{
  if (*coins == '\0' || *coin == '\0')
    return g_strdup (coins);
  return g_strconcat (coins, NO_BREAK_SPACE, coin, NULL);
}

bool
souk_amount_is_valid (const char *coins)
{
  const char *point = strchr (coins, '.');
  size_t len = strlen (coins);
  if (point == NULL)
    return len > 0 && is_digits (coins, len);
  size_t whole = (size_t)(point - coins);
  size_t fraction = len - whole - 1;
  return whole > 0 && fraction > 0 && fraction <= DECIMALS && is_digits (coins, whole)
         && is_digits (point + 1, fraction);
}

bool
souk_amount_is_zero (const char *coins)
{
  return strspn (coins, "0.") == strlen (coins);
}

static char *
to_wei_text (unsigned __int128 value)
{
  char digits[48];
  size_t at = sizeof digits;
  digits[--at] = '\0';
  do
    {
      digits[--at] = (char)('0' + (int)(value % 10));
      value /= 10;
    }
  while (value > 0);
  return g_strdup (digits + at);
}

bool
souk_amount_split (const char *coins, char **out_net, char **out_fee)
{
  if (!souk_amount_is_valid (coins))
    return false;
  const char *point = strchr (coins, '.');
  size_t fraction = point != NULL ? strlen (point + 1) : 0;
  unsigned __int128 wei = 0;
  size_t n_digits = 0;
  for (const char *at = coins; *at != '\0'; at++)
    if (*at != '.')
      {
        wei = wei * 10 + (unsigned)(*at - '0');
        n_digits += wei > 0;
        if (n_digits > DIGITS_MAX)
          return false;
      }
  if (n_digits + DECIMALS - fraction > DIGITS_MAX)
    return false;
  for (size_t i = fraction; i < DECIMALS; i++)
    wei *= 10;

  unsigned __int128 fee = wei * SOUK_AMOUNT_FEE_POINTS / 10000;
  g_autofree char *net_wei = to_wei_text (wei - fee);
  g_autofree char *fee_wei = to_wei_text (fee);
  *out_net = souk_amount_from_wei (net_wei);
  *out_fee = souk_amount_from_wei (fee_wei);
  return true;
}
