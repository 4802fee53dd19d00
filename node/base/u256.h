/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * 256-bit unsigned numbers, and money. PURE.
 *
 * SoukU256 is what the EVM computes with. SoukWei is an amount of the chain's coin or of a token's
 * smallest unit: a type of its own that nobody opens, so that an amount is never mistaken for a
 * count and never goes through a double. Every operation that can overflow says so.
 */
#pragma once
#include "base/bytes.h"
#include "base/status.h"

typedef struct {
  uint64_t limb[4]; /* least significant first */
} SoukU256;

#define SOUK_U256_ZERO ((SoukU256){ { 0, 0, 0, 0 } })
/* 78 digits and the final zero. */
#define SOUK_U256_DECIMAL_SIZE 79

SoukU256 souk_u256_from_u64 (uint64_t value);
SoukU256 souk_u256_from_be (const uint8_t in[32]);
void souk_u256_to_be (SoukU256 value, uint8_t out[32]);
/* Big-endian without leading zeros, of any length up to 32 (RLP, JSON-RPC). OVERFLOW when longer. */
SoukStatus souk_u256_from_be_slice (SoukSlice in, SoukU256 *out);
int souk_u256_compare (SoukU256 a, SoukU256 b); /* <0, 0, >0 */
bool souk_u256_is_zero (SoukU256 value);
/* True and *out set when the value fits into 64 bits. */
bool souk_u256_to_u64 (SoukU256 value, uint64_t *out);

/* OVERFLOW, and *out untouched, when the result does not fit (sub: when b > a). */
SoukStatus souk_u256_add (SoukU256 a, SoukU256 b, SoukU256 *out);
SoukStatus souk_u256_sub (SoukU256 a, SoukU256 b, SoukU256 *out);
SoukStatus souk_u256_mul (SoukU256 a, SoukU256 b, SoukU256 *out);
/* Quotient (floor) and remainder; b != 0. Either out may be NULL. */
void souk_u256_divmod (SoukU256 a, SoukU256 b, SoukU256 *out_quotient, SoukU256 *out_remainder);

/* Decimal digits only; BAD_NUMBER or OVERFLOW otherwise. */
SoukStatus souk_u256_parse (const char *decimal, SoukU256 *out);
void souk_u256_format (SoukU256 value, char out[SOUK_U256_DECIMAL_SIZE]);
/* "0x" and hexadecimal digits, as JSON-RPC quantities. */
SoukStatus souk_u256_parse_hex (const char *text, SoukU256 *out);
/* Returns: (transfer full): the JSON-RPC quantity: "0x0", "0x2a". */
char *souk_u256_to_hex (SoukU256 value);

/* ---- money ---- */

typedef struct {
  SoukU256 private_amount; /* use the functions */
} SoukWei;

#define SOUK_WEI_ZERO ((SoukWei){ SOUK_U256_ZERO })
#define SOUK_COIN_DECIMALS 18
/* The fee of both contracts: 300 basis points, rounded down. */
#define SOUK_FEE_BPS 300
#define SOUK_BPS_WHOLE 10000

SoukWei souk_wei_from_u256 (SoukU256 value);
SoukU256 souk_wei_to_u256 (SoukWei amount);
int souk_wei_compare (SoukWei a, SoukWei b);
bool souk_wei_is_zero (SoukWei amount);
SoukStatus souk_wei_add (SoukWei a, SoukWei b, SoukWei *out);
SoukStatus souk_wei_sub (SoukWei a, SoukWei b, SoukWei *out);
/* What the contract's owner gets of `price`, and what is left for the payee: fee + net = price. */
void souk_wei_split_fee (SoukWei price, SoukWei *out_fee, SoukWei *out_net);

/* Whole smallest units as decimal digits ("9700000000000000000"), as JSON fields carry them. */
SoukStatus souk_wei_parse (const char *decimal, SoukWei *out);
/* Returns: (transfer full): the same form. */
char *souk_wei_to_string (SoukWei amount);
/* Coins with a decimal point ("9.7"), at most `decimals` digits behind it; no exponent, no sign.
 * BAD_NUMBER when the form is wrong or has more digits than the coin has. */
SoukStatus souk_wei_parse_coins (const char *text, unsigned decimals, SoukWei *out);
/* Returns: (transfer full): the exact amount with no needless zeros ("9.7", "0"). */
char *souk_wei_to_coins (SoukWei amount, unsigned decimals);
