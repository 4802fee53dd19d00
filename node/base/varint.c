/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Unsigned varints. PURE. See varint.h.
 */
#include "base/varint.h"

/* "implementations of this spec MUST restrict the size of the varint to a max of 9 bytes" */
#define READ_SIZE_MAX 9

size_t
souk_varint_encode (uint64_t value, uint8_t out[SOUK_VARINT_SIZE_MAX])
{
  size_t len = 0;
  while (value >= 0x80)
    {
      out[len++] = (uint8_t)(value | 0x80);
      value >>= 7;
    }
  out[len++] = (uint8_t)value;
  return len;
}

SoukStatus
souk_varint_decode (SoukSlice in, uint64_t *out_value, size_t *out_used)
{
  uint64_t value = 0;
  for (size_t i = 0; i < in.len && i < READ_SIZE_MAX; i++)
    {
      uint8_t byte = in.data[i];
      value |= (uint64_t)(byte & 0x7f) << (7 * i);
      if (byte & 0x80)
        continue;
      /* A last group of zero is a longer form of the same number. */
      if (byte == 0 && i > 0)
        return SOUK_STATUS_BAD_VARINT;
      *out_value = value;
      *out_used = i + 1;
      return SOUK_STATUS_OK;
    }
  return in.len < READ_SIZE_MAX ? SOUK_STATUS_SHORT_READ : SOUK_STATUS_BAD_VARINT;
}
