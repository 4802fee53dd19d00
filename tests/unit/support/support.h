/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What unit tests share: vector files, hexadecimal, inputs made on the fly.
 */
#pragma once
#include "base/bytes.h"
#include "base/status.h"

#include <json-glib/json-glib.h>
#include <nettle/aes.h>
#include <nettle/ctr.h>

/* Reads tests/vectors/NAME. Returns: (transfer full): the object in it; ends the test if it
 * cannot. */
JsonObject *souk_test_vectors (const char *name);

/* Returns: (transfer full): the bytes of a hexadecimal text, which must be good. */
GBytes *souk_test_hex (const char *text);
/* The member of that name as bytes. */
GBytes *souk_test_member_hex (JsonObject *object, const char *name);

/* Fails the test unless the bytes, written as hexadecimal, are `hex`. */
#define souk_assert_hex(slice, hex)                                                                \
  do                                                                                               \
    {                                                                                              \
      g_autofree char *souk_assert_have_ = souk_hex_encode (slice);                                \
      g_assert_cmpstr (souk_assert_have_, ==, hex);                                                \
    }                                                                                              \
  while (0)

/* Fails the test unless the expression gives the status SOUK_STATUS_##symbol. */
#define souk_assert_status(expr, symbol)                                                           \
  g_assert_cmpstr (souk_status_name (expr), ==, souk_status_name (SOUK_STATUS_##symbol))

/* A stream of bytes that a name determines: "zeros", "mod251" (byte i is i % 251), "random"
 * (AES-128-CTR, key and counter zero). */
typedef struct {
  const char *pattern;
  uint64_t at;
  struct aes128_ctx key;
  uint8_t counter[AES_BLOCK_SIZE];
} SoukTestStream;

void souk_test_stream_init (SoukTestStream *self, const char *pattern);
/* Fills `out`; `len` must be a multiple of 16 but for the last call. */
void souk_test_stream_fill (SoukTestStream *self, uint8_t *out, size_t len);
