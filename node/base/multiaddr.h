/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Self-describing network addresses (multiformats, multiaddr). PURE.
 *
 * A value type: the binary form inline, so that an address is copied and compared without owners.
 */
#pragma once
#include "base/peer-id.h"

/* The codes that are read (multiaddr, protocols.csv). */
#define SOUK_PROTO_IP4 4
#define SOUK_PROTO_TCP 6
#define SOUK_PROTO_DNS 53
#define SOUK_PROTO_DNS4 54
#define SOUK_PROTO_DNS6 55
#define SOUK_PROTO_DNSADDR 56
#define SOUK_PROTO_IP6 41
#define SOUK_PROTO_IP6ZONE 42
#define SOUK_PROTO_UDP 273
#define SOUK_PROTO_P2P 421
#define SOUK_PROTO_P2P_CIRCUIT 290
#define SOUK_PROTO_TLS 448
#define SOUK_PROTO_SNI 449
#define SOUK_PROTO_QUIC_V1 461
#define SOUK_PROTO_WS 477
#define SOUK_PROTO_WSS 478
#define SOUK_PROTO_WEBTRANSPORT 465
#define SOUK_PROTO_WEBRTC_DIRECT 280
#define SOUK_PROTO_CERTHASH 466

/* A relayed address with two peer ids and a DNS name fits; a longer one is refused. */
#define SOUK_MULTIADDR_SIZE_MAX 512
/* More components than any real address has. */
#define SOUK_MULTIADDR_PARTS_MAX 16

typedef struct {
  uint16_t len;
  uint8_t bytes[SOUK_MULTIADDR_SIZE_MAX];
} SoukMultiaddr;

/* One component: its code and its value bytes (without the length prefix). */
typedef struct {
  uint64_t code;
  SoukSlice value;
} SoukMultiaddrPart;

SoukStatus souk_multiaddr_parse (const char *text, SoukMultiaddr *out);
/* Checks every component; BAD_MULTIADDR for unknown codes or bad lengths. */
SoukStatus souk_multiaddr_from_bytes (SoukSlice in, SoukMultiaddr *out);
SoukSlice souk_multiaddr_bytes (const SoukMultiaddr *addr);
/* Returns: (transfer full): "/ip4/127.0.0.1/tcp/4001/p2p/12D3…". */
char *souk_multiaddr_to_string (const SoukMultiaddr *addr);
bool souk_multiaddr_is_equal (const SoukMultiaddr *a, const SoukMultiaddr *b);
/* Writes up to SOUK_MULTIADDR_PARTS_MAX components, which point into `addr`. Returns: how many. */
size_t souk_multiaddr_parts (const SoukMultiaddr *addr,
                             SoukMultiaddrPart out[SOUK_MULTIADDR_PARTS_MAX]);
/* The last /p2p component. False when there is none. */
bool souk_multiaddr_peer_id (const SoukMultiaddr *addr, SoukPeerId *out);
/* Removes a trailing /p2p component; or appends one, in place of one that is there.
 * BAD_MULTIADDR when the address becomes too long. */
SoukMultiaddr souk_multiaddr_without_peer_id (const SoukMultiaddr *addr);
SoukStatus souk_multiaddr_with_peer_id (const SoukMultiaddr *addr, const SoukPeerId *id,
                                        SoukMultiaddr *out);
/* True for /ip4|ip6/…/tcp/… with nothing behind but /p2p: what the TCP transport takes.
 * Out: the address bytes (4 or 16), and the port. */
bool souk_multiaddr_is_tcp (const SoukMultiaddr *addr, SoukSlice *out_ip, uint16_t *out_port);
/* Builds /ip4|ip6/…/tcp/…; ip.len is 4 or 16. */
SoukMultiaddr souk_multiaddr_from_tcp (SoukSlice ip, uint16_t port);
/* True for loopback, private (RFC 1918, RFC 4193), link-local, shared (RFC 6598) and unspecified
 * addresses, and for names under localhost and .local. A relayed address is judged by its relay. */
bool souk_multiaddr_is_private (const SoukMultiaddr *addr);
