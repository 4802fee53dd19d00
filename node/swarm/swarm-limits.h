/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Limits of the swarm: what strangers may make this node do. GLIB.
 */
#pragma once

/* A configuration may change these. */
typedef struct {
  unsigned connections_max; /* all, handshakes included; each costs a socket and about 10 KiB */
  unsigned connections_per_ip_max; /* inbound; loopback is exempt: tests run many nodes there */
  unsigned handshakes_max;         /* inbound and not upgraded: the cheapest attack there is */
  unsigned inbound_per_ip_s;       /* new inbound connections of one address per second, burst 4x */
  unsigned dials_max;              /* outbound and not upgraded; more wait in a queue */
} SoukSwarmLimits;

#define SOUK_SWARM_LIMITS_DEFAULT                                                                  \
  ((SoukSwarmLimits){ .connections_max = 400,                                                      \
                      .connections_per_ip_max = 16,                                                \
                      .handshakes_max = 64,                                                        \
                      .inbound_per_ip_s = 5,                                                       \
                      .dials_max = 16 })

/* TCP and handshake together, for each address. */
#define SOUK_SWARM_DIAL_MS 10000
/* Dials that wait for a free place; further ones fail at once. */
#define SOUK_SWARM_DIAL_QUEUE_MAX 256
/* An address that failed is not dialled again for this long, doubled each time up to the second. */
#define SOUK_SWARM_BACKOFF_MS 1000
#define SOUK_SWARM_BACKOFF_MAX_MS 300000
/* Peers that are remembered; the longest unseen one without a connection is forgotten first. */
#define SOUK_SWARM_PEERS_MAX 4096
#define SOUK_SWARM_ADDRS_PER_PEER_MAX 16
/* Addresses of remote hosts whose inbound rate is counted at once. */
#define SOUK_SWARM_RATE_HOSTS_MAX 4096

/* A peer whose penalties add up to this is banned; they fade by half in the second. */
#define SOUK_SWARM_BAN_SCORE 100
#define SOUK_SWARM_SCORE_HALF_LIFE_MS 600000
#define SOUK_SWARM_BAN_MS 3600000

/* Bytes that wait in one stream for the connection, unless its owner says otherwise: a bitswap message
 * and a half fit. */
#define SOUK_STREAM_QUEUE_MAX (8 * 1024 * 1024)
/* One read of a socket, and how many in a row before others have their turn. */
#define SOUK_SWARM_READ_SIZE (256 * 1024)
#define SOUK_SWARM_READS_MAX 4
/* What is left to say to a peer after the end gets this long. */
#define SOUK_SWARM_LINGER_MS 2000
/* Connections that one peer may have to us at once; two dials that cross make two. */
#define SOUK_SWARM_CONNECTIONS_PER_PEER_MAX 2
