/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Views of bytes, a reading cursor, and writers onto a GByteArray. PURE.
 *
 * The cursor follows one rule: a read past the end poisons it, every later read gives zeros, and
 * the decoder checks once at its end with souk_reader_ok(). So a decoder is a straight list of
 * reads. Nothing here copies unless its name says so; a view never outlives what it looks at.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A borrowed run of bytes; data may be NULL when len is 0. */
typedef struct {
  const uint8_t *data;
  size_t len;
} SoukSlice;

#define SOUK_SLICE_EMPTY ((SoukSlice){ NULL, 0 })
/* A view of a C string literal, without its final zero. */
#define SOUK_SLICE_LITERAL(s) ((SoukSlice){ (const uint8_t *)(s), sizeof (s) - 1 })

static inline SoukSlice
souk_slice (const void *data, size_t len)
{
  return (SoukSlice){ (const uint8_t *)data, len };
}

/* Views of what others hold; valid while `bytes`, `array` or `text` is unchanged. */
SoukSlice souk_slice_from_bytes (GBytes *bytes);
SoukSlice souk_slice_from_array (const GByteArray *array);
SoukSlice souk_slice_from_text (const char *text);

/* True when both runs are the same. Not constant-time: use sodium_memcmp for secrets. */
bool souk_slice_is_equal (SoukSlice a, SoukSlice b);

/* Returns: (transfer full): a copy. */
GBytes *souk_slice_to_bytes (SoukSlice slice);

/* A reading cursor. Poisoned when `failed`. */
typedef struct {
  const uint8_t *at;
  size_t left;
  bool failed;
} SoukReader;

SoukReader souk_reader (SoukSlice slice);
/* Reads; each gives 0 or an empty view when too little is left, and poisons the cursor. */
uint8_t souk_reader_u8 (SoukReader *reader);
uint16_t souk_reader_u16_be (SoukReader *reader);
uint32_t souk_reader_u32_be (SoukReader *reader);
uint64_t souk_reader_u64_be (SoukReader *reader);
/* An unsigned varint (multiformats): at most 9 bytes, shortest form only, else poisoned. */
uint64_t souk_reader_varint (SoukReader *reader);
SoukSlice souk_reader_bytes (SoukReader *reader, size_t len);
/* A varint length, then that many bytes. */
SoukSlice souk_reader_varint_bytes (SoukReader *reader);
/* True when no read went past the end. */
bool souk_reader_ok (const SoukReader *reader);
/* True when no read went past the end and nothing is left. */
bool souk_reader_is_done (const SoukReader *reader);

/* Writers: append to `out`. */
void souk_append (GByteArray *out, SoukSlice slice);
void souk_append_u8 (GByteArray *out, uint8_t value);
void souk_append_u16_be (GByteArray *out, uint16_t value);
void souk_append_u32_be (GByteArray *out, uint32_t value);
void souk_append_u64_be (GByteArray *out, uint64_t value);
void souk_append_varint (GByteArray *out, uint64_t value);
void souk_append_varint_bytes (GByteArray *out, SoukSlice slice);

/* Returns: (transfer full): lower-case hexadecimal without a prefix. */
char *souk_hex_encode (SoukSlice slice);
/* Decodes hexadecimal, with or without "0x", either case.
 * Returns: (transfer full) (nullable): the bytes, or NULL when `text` is not an even run of digits. */
GBytes *souk_hex_decode (const char *text);
/* Decodes exactly `len` bytes into `out`; returns false, and writes nothing, otherwise. */
bool souk_hex_decode_exact (const char *text, uint8_t *out, size_t len);
