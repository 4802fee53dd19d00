/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The multicast DNS messages of peer discovery (libp2p specs, discovery/mdns; RFC 1035, section 4).
 * No I/O.
 */
#pragma once
#include "base/multiaddr.h"

#define SOUK_MDNS_SERVICE "_p2p._udp.local"
#define SOUK_MDNS_META_SERVICE "_services._dns-sd._udp.local"
/* "a random, lower-case alphanumeric string of least 32 characters" */
#define SOUK_MDNS_NAME_SIZE 33
/* Addresses that are taken from one datagram. */
#define SOUK_MDNS_ADDRS_MAX 32

/* What a datagram is about. */
typedef struct {
  bool asks_peers; /* a question for the service */
  bool asks_meta;  /* a question for all services */
  size_t n_addrs;
  SoukMultiaddr addrs[SOUK_MDNS_ADDRS_MAX]; /* each ends in /p2p/… */
} SoukMdnsMessage;

/* Appends the question for all peers. */
void souk_mdns_append_query (GByteArray *out);
/* Appends the answer: PTR to `name`, and a TXT record with the addresses, which end in /p2p/…;
 * addresses that do not fit into 255 bytes of text or into the datagram are left out. */
void souk_mdns_append_answer (GByteArray *out, const char *name, uint32_t ttl_s,
                              const SoukMultiaddr *addrs, size_t n_addrs);
/* Appends the answer to the meta query. */
void souk_mdns_append_meta_answer (GByteArray *out, uint32_t ttl_s);
/* Reads a datagram. False when it is malformed; then nothing in it is believed. */
bool souk_mdns_read (SoukSlice in, SoukMdnsMessage *out);
