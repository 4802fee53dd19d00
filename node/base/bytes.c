/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Views, the reading cursor, writers, hexadecimal. PURE. See bytes.h.
 */
#include "base/bytes.h"

#include "base/varint.h"

#include <string.h>

SoukSlice
souk_slice_from_bytes (GBytes *bytes)
{
  gsize len = 0;
  const uint8_t *data = g_bytes_get_data (bytes, &len);
  return souk_slice (data, len);
}

SoukSlice
souk_slice_from_array (const GByteArray *array)
{
  return souk_slice (array->data, array->len);
}

SoukSlice
souk_slice_from_text (const char *text)
{
  return souk_slice (text, strlen (text));
}

bool
souk_slice_is_equal (SoukSlice a, SoukSlice b)
{
  return a.len == b.len && (a.len == 0 || memcmp (a.data, b.data, a.len) == 0);
}

GBytes *
souk_slice_to_bytes (SoukSlice slice)
{
  return g_bytes_new (slice.data, slice.len);
}

SoukReader
souk_reader (SoukSlice slice)
{
  return (SoukReader){ slice.data, slice.len, false };
}

SoukSlice
souk_reader_bytes (SoukReader *reader, size_t len)
{
  if (reader->failed || len > reader->left)
    {
      reader->failed = true;
      reader->left = 0;
      return SOUK_SLICE_EMPTY;
    }
  SoukSlice taken = souk_slice (reader->at, len);
  if (len > 0)
    reader->at += len;
  reader->left -= len;
  return taken;
}

/* Reads `width` big-endian bytes. */
static uint64_t
read_be (SoukReader *reader, size_t width)
{
  SoukSlice bytes = souk_reader_bytes (reader, width);
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.len; i++)
    value = value << 8 | bytes.data[i];
  return value;
}

uint8_t
souk_reader_u8 (SoukReader *reader)
{
  return (uint8_t)read_be (reader, 1);
}

uint16_t
souk_reader_u16_be (SoukReader *reader)
{
  return (uint16_t)read_be (reader, 2);
}

uint32_t
souk_reader_u32_be (SoukReader *reader)
{
  return (uint32_t)read_be (reader, 4);
}

uint64_t
souk_reader_u64_be (SoukReader *reader)
{
  return read_be (reader, 8);
}

uint64_t
souk_reader_varint (SoukReader *reader)
{
  uint64_t value = 0;
  size_t used = 0;

  if (reader->failed
      || souk_varint_decode (souk_slice (reader->at, reader->left), &value, &used)
             != SOUK_STATUS_OK)
    {
      reader->failed = true;
      reader->left = 0;
      return 0;
    }
  reader->at += used;
  reader->left -= used;
  return value;
}

SoukSlice
souk_reader_varint_bytes (SoukReader *reader)
{
  uint64_t len = souk_reader_varint (reader);
  if (len > SIZE_MAX)
    len = SIZE_MAX;
  return souk_reader_bytes (reader, (size_t)len);
}

bool
souk_reader_ok (const SoukReader *reader)
{
  return !reader->failed;
}

bool
souk_reader_is_done (const SoukReader *reader)
{
  return !reader->failed && reader->left == 0;
}

void
souk_append (GByteArray *out, SoukSlice slice)
{
  if (slice.len > 0)
    g_byte_array_append (out, slice.data, (guint)slice.len);
}

void
souk_append_u8 (GByteArray *out, uint8_t value)
{
  g_byte_array_append (out, &value, 1);
}

void
souk_append_u16_be (GByteArray *out, uint16_t value)
{
  uint16_t be = GUINT16_TO_BE (value);
  g_byte_array_append (out, (const uint8_t *)&be, sizeof be);
}

void
souk_append_u32_be (GByteArray *out, uint32_t value)
{
  uint32_t be = GUINT32_TO_BE (value);
  g_byte_array_append (out, (const uint8_t *)&be, sizeof be);
}

void
souk_append_u64_be (GByteArray *out, uint64_t value)
{
  uint64_t be = GUINT64_TO_BE (value);
  g_byte_array_append (out, (const uint8_t *)&be, sizeof be);
}

void
souk_append_varint (GByteArray *out, uint64_t value)
{
  uint8_t bytes[SOUK_VARINT_SIZE_MAX];
  size_t len = souk_varint_encode (value, bytes);
  g_byte_array_append (out, bytes, (guint)len);
}

void
souk_append_varint_bytes (GByteArray *out, SoukSlice slice)
{
  souk_append_varint (out, slice.len);
  souk_append (out, slice);
}

char *
souk_hex_encode (SoukSlice slice)
{
  static const char digits[] = "0123456789abcdef";
  char *text = g_malloc (slice.len * 2 + 1);
  for (size_t i = 0; i < slice.len; i++)
    {
      text[2 * i] = digits[slice.data[i] >> 4];
      text[2 * i + 1] = digits[slice.data[i] & 15];
    }
  text[slice.len * 2] = '\0';
  return text;
}

/* Skips an optional "0x". */
static const char *
hex_digits (const char *text)
{
  return text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? text + 2 : text;
}

bool
souk_hex_decode_exact (const char *text, uint8_t *out, size_t len)
{
  const char *digits = hex_digits (text);
  if (strlen (digits) != len * 2)
    return false;
  for (size_t i = 0; i < len * 2; i++)
    if (!g_ascii_isxdigit (digits[i]))
      return false;
  for (size_t i = 0; i < len; i++)
    out[i] = (uint8_t)(g_ascii_xdigit_value (digits[2 * i]) << 4
                       | g_ascii_xdigit_value (digits[2 * i + 1]));
  return true;
}

GBytes *
souk_hex_decode (const char *text)
{
  size_t len = strlen (hex_digits (text)) / 2;
  g_autofree uint8_t *out = g_malloc (len + 1);
  if (!souk_hex_decode_exact (text, out, len))
    return NULL;
  return g_bytes_new (out, len);
}
