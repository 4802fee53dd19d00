/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The RLP codec. PURE. See rlp.h.
 *
 * First byte: below 0x80 the item itself; 0x80 + n bytes of length n <= 55; 0xb8.. the length's
 * own length; 0xc0 and 0xf8 the same for lists.
 */
#include "wire/rlp.h"

#define SHORT_MAX 55
#define BYTES_SHORT 0x80
#define BYTES_LONG 0xb7
#define LIST_SHORT 0xc0
#define LIST_LONG 0xf7

/* Writes a number as big-endian bytes without leading zeros. Returns: how many. */
static size_t
minimal_be (uint64_t value, uint8_t out[8])
{
  size_t len = 0;
  for (int shift = 56; shift >= 0; shift -= 8)
    if (len > 0 || value >> shift != 0)
      out[len++] = (uint8_t)(value >> shift);
  return len;
}

static void
append_header (GByteArray *out, size_t len, uint8_t base_short, uint8_t base_long)
{
  if (len <= SHORT_MAX)
    {
      souk_append_u8 (out, (uint8_t)(base_short + len));
      return;
    }
  uint8_t length[8];
  size_t length_len = minimal_be (len, length);
  souk_append_u8 (out, (uint8_t)(base_long + length_len));
  souk_append (out, souk_slice (length, length_len));
}

void
souk_rlp_append_bytes (GByteArray *out, SoukSlice bytes)
{
  if (bytes.len != 1 || bytes.data[0] >= BYTES_SHORT)
    append_header (out, bytes.len, BYTES_SHORT, BYTES_LONG);
  souk_append (out, bytes);
}

void
souk_rlp_append_u64 (GByteArray *out, uint64_t value)
{
  uint8_t bytes[8];
  size_t len = minimal_be (value, bytes);
  souk_rlp_append_bytes (out, souk_slice (bytes, len));
}

void
souk_rlp_append_u256 (GByteArray *out, SoukU256 value)
{
  uint8_t bytes[32];
  size_t skip = 0;
  souk_u256_to_be (value, bytes);
  while (skip < sizeof bytes && bytes[skip] == 0)
    skip++;
  souk_rlp_append_bytes (out, souk_slice (bytes + skip, sizeof bytes - skip));
}

void
souk_rlp_append_list (GByteArray *out, SoukSlice items)
{
  append_header (out, items.len, LIST_SHORT, LIST_LONG);
  souk_append (out, items);
}

/* Reads a length that has `width` bytes; poisons on a longer form than needed. */
static size_t
read_length (SoukReader *reader, size_t width)
{
  SoukSlice bytes = souk_reader_bytes (reader, width);
  uint64_t len = 0;
  for (size_t i = 0; i < bytes.len; i++)
    len = len << 8 | bytes.data[i];
  if (!souk_reader_ok (reader) || bytes.data[0] == 0 || len <= SHORT_MAX || len > SIZE_MAX)
    reader->failed = true;
  return (size_t)len;
}

SoukRlpItem
souk_reader_rlp (SoukReader *reader)
{
  SoukRlpItem item = { 0 };
  const uint8_t *start = reader->at;
  uint8_t first = souk_reader_u8 (reader);
  if (!souk_reader_ok (reader))
    return item;
  if (first < BYTES_SHORT)
    {
      item.payload = souk_slice (start, 1);
      return item;
    }

  item.is_list = first >= LIST_SHORT;
  uint8_t base_short = item.is_list ? LIST_SHORT : BYTES_SHORT;
  uint8_t base_long = item.is_list ? LIST_LONG : BYTES_LONG;
  size_t len
      = first > base_long ? read_length (reader, first - base_long) : (size_t)(first - base_short);
  item.payload = souk_reader_bytes (reader, len);
  /* A single byte below 0x80 has its own, shorter form. */
  if (!item.is_list && len == 1 && souk_reader_ok (reader) && item.payload.data[0] < BYTES_SHORT)
    reader->failed = true;
  return souk_reader_ok (reader) ? item : (SoukRlpItem){ 0 };
}

SoukSlice
souk_reader_rlp_bytes (SoukReader *reader)
{
  SoukRlpItem item = souk_reader_rlp (reader);
  if (item.is_list)
    reader->failed = true;
  return souk_reader_ok (reader) ? item.payload : SOUK_SLICE_EMPTY;
}

SoukU256
souk_reader_rlp_u256 (SoukReader *reader)
{
  SoukU256 value = SOUK_U256_ZERO;
  SoukSlice bytes = souk_reader_rlp_bytes (reader);
  if ((bytes.len > 0 && bytes.data[0] == 0)
      || souk_u256_from_be_slice (bytes, &value) != SOUK_STATUS_OK)
    reader->failed = true;
  return souk_reader_ok (reader) ? value : SOUK_U256_ZERO;
}

uint64_t
souk_reader_rlp_u64 (SoukReader *reader)
{
  uint64_t value = 0;
  if (!souk_u256_to_u64 (souk_reader_rlp_u256 (reader), &value))
    reader->failed = true;
  return value;
}

SoukReader
souk_reader_rlp_list (SoukReader *reader)
{
  SoukRlpItem item = souk_reader_rlp (reader);
  if (!item.is_list)
    reader->failed = true;
  SoukReader items = souk_reader (item.payload);
  items.failed = reader->failed;
  return items;
}
