/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The field cursor and the field writers. PURE. See fields.h.
 */
#include "mesh/fields.h"

#include "base/varint.h"

/* Protobuf wire types. 3 and 4 are groups, which nobody writes any more: malformed here. */
enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

/* Protobuf's varint has up to ten bytes (a negative int32 is sign-extended to 64 bits) and need
 * not be the shortest form, unlike the multiformats one of base/varint.h. */
static uint64_t
read_varint (SoukReader *reader)
{
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7)
    {
      uint8_t byte = souk_reader_u8 (reader);
      if (shift < 64)
        value |= (uint64_t)(byte & 0x7f) << shift;
      if (!(byte & 0x80))
        return value;
    }
  souk_reader_bytes (reader, SIZE_MAX); /* poison */
  return 0;
}

SoukFields
souk_fields (SoukSlice message)
{
  return (SoukFields){ .reader = souk_reader (message) };
}

bool
souk_fields_next (SoukFields *self)
{
  if (self->reader.failed || self->reader.left == 0)
    return false;

  const uint8_t *start = self->reader.at;
  uint64_t key = read_varint (&self->reader);
  self->is_bytes = false;
  self->value = 0;
  self->bytes = SOUK_SLICE_EMPTY;
  switch (key & 7)
    {
    case WIRE_VARINT:
      self->value = read_varint (&self->reader);
      break;
    case WIRE_FIXED64:
      souk_reader_bytes (&self->reader, 8);
      break;
      case WIRE_BYTES: {
        uint64_t len = read_varint (&self->reader);
        self->bytes = souk_reader_bytes (&self->reader, len > SIZE_MAX ? SIZE_MAX : (size_t)len);
        self->is_bytes = true;
        break;
      }
    case WIRE_FIXED32:
      souk_reader_bytes (&self->reader, 4);
      break;
    default:
      souk_reader_bytes (&self->reader, SIZE_MAX);
      break;
    }
  /* "field numbers … 1 to 536,870,911" */
  if (key >> 3 == 0 || key >> 3 > 0x1fffffff)
    souk_reader_bytes (&self->reader, SIZE_MAX);
  if (self->reader.failed)
    return false;
  self->number = (uint32_t)(key >> 3);
  self->raw = souk_slice (start, (size_t)(self->reader.at - start));
  return true;
}

bool
souk_fields_ok (const SoukFields *self)
{
  return !self->reader.failed;
}

static size_t
varint_size (uint64_t value)
{
  uint8_t scratch[SOUK_VARINT_SIZE_MAX];
  return souk_varint_encode (value, scratch);
}

void
souk_append_field_number (GByteArray *out, uint32_t number, uint64_t value)
{
  souk_append_varint (out, (uint64_t)number << 3 | WIRE_VARINT);
  souk_append_varint (out, value);
}

void
souk_append_field_head (GByteArray *out, uint32_t number, size_t len)
{
  souk_append_varint (out, (uint64_t)number << 3 | WIRE_BYTES);
  souk_append_varint (out, len);
}

void
souk_append_field_bytes (GByteArray *out, uint32_t number, SoukSlice bytes)
{
  souk_append_field_head (out, number, bytes.len);
  souk_append (out, bytes);
}

size_t
souk_field_size (uint32_t number, size_t len)
{
  return varint_size ((uint64_t)number << 3) + varint_size (len) + len;
}
