/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding peers on the local network (libp2p specs, discovery/mdns; RFC 6762). GLIB, node thread.
 *
 * Asks for _p2p._udp.local, answers with a PTR and a TXT record that holds our private addresses, and
 * hands what it finds to the swarm (souk_swarm_add_addrs, on_discovered). Only private addresses are
 * said and believed. Switching it off is freeing it.
 */
#pragma once
#include "swarm/swarm.h"

typedef struct SoukMdns SoukMdns;

/* First and later questions; an answer is not given more often than each of the third. */
#define SOUK_MDNS_FIRST_MS 200
#define SOUK_MDNS_EVERY_MS 10000
#define SOUK_MDNS_ANSWER_EVERY_MS 500
/* Seconds that an answer is good for. */
#define SOUK_MDNS_TTL_S 120
/* A datagram that is read; the usual limit of multicast DNS. */
#define SOUK_MDNS_DATAGRAM_MAX 9000

/* Starts on every IPv4 interface that can do multicast, or only on `interface` (an address, for
 * tests) when it is not NULL. */
SoukMdns *souk_mdns_new (SoukSwarm *swarm, const char *interface, GError **error);
void souk_mdns_free (SoukMdns *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukMdns, souk_mdns_free)
