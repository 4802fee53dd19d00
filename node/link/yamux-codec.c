/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The header of a Yamux frame. PURE. See yamux-codec.h.
 */
#include "link/yamux-codec.h"

#define FLAGS_ALL (SOUK_YAMUX_SYN | SOUK_YAMUX_ACK | SOUK_YAMUX_FIN | SOUK_YAMUX_RST)

void
souk_yamux_header_encode (SoukYamuxHeader header, uint8_t out[SOUK_YAMUX_HEADER_SIZE])
{
  out[0] = 0;
  out[1] = (uint8_t)header.type;
  out[2] = (uint8_t)(header.flags >> 8);
  out[3] = (uint8_t)header.flags;
  for (int i = 0; i < 4; i++)
    {
      out[4 + i] = (uint8_t)(header.stream >> (24 - 8 * i));
      out[8 + i] = (uint8_t)(header.length >> (24 - 8 * i));
    }
}

SoukStatus
souk_yamux_header_decode (const uint8_t in[SOUK_YAMUX_HEADER_SIZE], SoukYamuxHeader *out)
{
  SoukReader reader = souk_reader (souk_slice (in, SOUK_YAMUX_HEADER_SIZE));
  uint8_t version = souk_reader_u8 (&reader);
  uint8_t type = souk_reader_u8 (&reader);
  SoukYamuxHeader header = { .flags = souk_reader_u16_be (&reader) };
  header.stream = souk_reader_u32_be (&reader);
  header.length = souk_reader_u32_be (&reader);
  if (version != 0 || type > SOUK_YAMUX_GO_AWAY || (header.flags & ~FLAGS_ALL) != 0)
    return SOUK_STATUS_BAD_FRAME;
  header.type = (SoukYamuxType)type;
  bool is_session = header.type == SOUK_YAMUX_PING || header.type == SOUK_YAMUX_GO_AWAY;
  if (is_session != (header.stream == 0))
    return SOUK_STATUS_BAD_FRAME;
  *out = header;
  return SOUK_STATUS_OK;
}
