/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hash table's parameters and the maximum of everything that a stranger can make grow. PURE.
 */
#pragma once

/* "The recommended value for k is 20." */
#define SOUK_KAD_K 20
/* "a default value of 10": requests under way of one lookup. */
#define SOUK_KAD_ALPHA 10
/* Peers of the table that a lookup begins with: more than k, so that when some near the key are
 * dead others step in that no answer would name. */
#define SOUK_KAD_SEEDS (3 * SOUK_KAD_K)

/* ---- the wire ---- */
/* Twenty peers with all their addresses, and as many providers, take a quarter of this. */
#define SOUK_KAD_MESSAGE_SIZE_MAX (256 * 1024)
#define SOUK_KAD_KEY_SIZE_MAX 128
/* A public key of RSA-4096 and an IPNS record fit. */
#define SOUK_KAD_VALUE_SIZE_MAX (16 * 1024)
/* Peers read of one answer's list; what is behind them is not looked at. */
#define SOUK_KAD_PEERS_MAX 64
/* Addresses kept of a peer, and their bytes: enough for two transports on both families. */
#define SOUK_KAD_ADDRS_MAX 8
#define SOUK_KAD_ADDRS_BYTES_MAX 1024

/* ---- the table ---- */
#define SOUK_KAD_BUCKETS 256
/* Newcomers that wait for a place in a full bucket. */
#define SOUK_KAD_WAITING_MAX 4
/* Peers of one public range (IPv4 /16, IPv6 /32) in one bucket: one who owns a range cannot fill
 * the part of the table that is nearest to a key. */
#define SOUK_KAD_RANGE_MAX 2
/* A peer that fails this many times in a row leaves the table. */
#define SOUK_KAD_FAILURES_MAX 2
/* Connected peers that are known besides, so that others can ask for their addresses. */
#define SOUK_KAD_CONTACTS_MAX 1024

/* ---- lookups ---- */
#define SOUK_KAD_QUERIES_MAX 128
#define SOUK_KAD_REQUESTS_MAX 256
/* Peers that one lookup remembers; the farthest are forgotten first. */
#define SOUK_KAD_CANDIDATES_MAX 256
/* Providers that one lookup reports. */
#define SOUK_KAD_FOUND_MAX 256
/* A peer that has not answered by then is asked once more; after as long again it no longer holds the
 * lookup up, but may still answer. */
#define SOUK_KAD_SLOW_MS 1200
#define SOUK_KAD_REQUEST_MS 10000
#define SOUK_KAD_QUERY_MS 60000

/* ---- what is kept for others ---- */
#define SOUK_KAD_RECORDS_MAX 4096
#define SOUK_KAD_RECORDS_PEER_MAX 256
#define SOUK_KAD_PROVIDERS_MAX 65536
#define SOUK_KAD_PROVIDERS_PEER_MAX 8192
#define SOUK_KAD_PROVIDERS_KEY_MAX 64
/* Providers in one answer, drawn at random when there are more. */
#define SOUK_KAD_PROVIDERS_ANSWER_MAX 20
/* "In the IPFS DHT the Expiration Interval is set to 48 hours." */
#define SOUK_KAD_EXPIRE_MS (48LL * 3600 * 1000)
/* After the refresh interval a provider's addresses may be old, and only its id is given out. */
#define SOUK_KAD_ADDRS_MS (30LL * 60 * 1000)
/* Requests that one peer may make in one window, and how many peers are counted. */
#define SOUK_KAD_RATE_MAX 400
#define SOUK_KAD_RATE_MS 10000
#define SOUK_KAD_RATE_PEERS_MAX 4096

/* ---- what this node keeps up ---- */
#define SOUK_KAD_OWN_MAX 65536
#define SOUK_KAD_REPUBLISH_MS (24LL * 3600 * 1000)
/* A key that reached nobody is tried again sooner. */
#define SOUK_KAD_RETRY_MS (60LL * 1000)
/* Announcements under way at a time. */
#define SOUK_KAD_SWEEP_MAX 4
/* "(default: 10 minutes)" */
#define SOUK_KAD_REFRESH_MS (10LL * 60 * 1000)
/* Deeper buckets are covered by the lookup of our own id; finding a key for them takes 2^n tries. */
#define SOUK_KAD_REFRESH_BUCKETS_MAX 12
#define SOUK_KAD_REFRESH_AT_ONCE 6
#define SOUK_KAD_TICK_MS 200
/* How often what has expired is thrown away. */
#define SOUK_KAD_EXPIRY_TICK_MS (10LL * 60 * 1000)
