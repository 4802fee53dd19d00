/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes as text: the bases that libp2p and IPFS write (multiformats, multibase). PURE.
 */
#pragma once
#include "base/bytes.h"
#include "base/status.h"

typedef enum {
  SOUK_BASE_16 = 'f',    /* hexadecimal, lower case */
  SOUK_BASE_32 = 'b',    /* RFC 4648 lower case, no padding: CIDv1's usual form */
  SOUK_BASE_36 = 'k',    /* lower case: peer ids as CIDs, IPNS names */
  SOUK_BASE_58 = 'z',    /* bitcoin's alphabet: peer ids, CIDv0 (there without the prefix) */
  SOUK_BASE_64 = 'm',    /* RFC 4648, no padding */
  SOUK_BASE_64_URL = 'u' /* RFC 4648 URL-safe, no padding */
} SoukBase;

/* A text longer than this is refused: base 36 and 58 take quadratic time. */
#define SOUK_MULTIBASE_TEXT_MAX 1024

/* Returns: (transfer full): the text without a prefix; in.len <= 512 for bases 36 and 58. */
char *souk_base_encode (SoukBase base, SoukSlice in);
/* Decodes a text without a prefix; BAD_ENCODING or TOO_LARGE otherwise.
 * Out: (transfer full). */
SoukStatus souk_base_decode (SoukBase base, const char *text, GBytes **out);

/* The same with the one-letter prefix that says the base. */
char *souk_multibase_encode (SoukBase base, SoukSlice in);
SoukStatus souk_multibase_decode (const char *text, GBytes **out);
