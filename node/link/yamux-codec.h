/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The header of a Yamux frame (libp2p specs, yamux, "Framing"): 12 bytes, big-endian. PURE.
 *
 *   version u8 (0) | type u8 | flags u16 | stream id u32 | length u32
 */
#pragma once
#include "base/bytes.h"
#include "base/status.h"

#define SOUK_YAMUX_HEADER_SIZE 12

/* On the wire: do not renumber. */
typedef enum {
  SOUK_YAMUX_DATA = 0,
  SOUK_YAMUX_WINDOW_UPDATE = 1,
  SOUK_YAMUX_PING = 2,
  SOUK_YAMUX_GO_AWAY = 3,
} SoukYamuxType;

#define SOUK_YAMUX_SYN 0x1
#define SOUK_YAMUX_ACK 0x2
#define SOUK_YAMUX_FIN 0x4
#define SOUK_YAMUX_RST 0x8

typedef struct {
  SoukYamuxType type;
  uint16_t flags;
  uint32_t stream;
  uint32_t length; /* bytes that follow, window delta, ping value, or why the peer goes away */
} SoukYamuxHeader;

void souk_yamux_header_encode (SoukYamuxHeader header, uint8_t out[SOUK_YAMUX_HEADER_SIZE]);
/* Returns: OK, or BAD_FRAME for another version, type or flag, and for a stream id that does not
 * fit the type ("Both Ping and Go Away messages should always use the 0 StreamID"). */
SoukStatus souk_yamux_header_decode (const uint8_t in[SOUK_YAMUX_HEADER_SIZE],
                                     SoukYamuxHeader *out);
