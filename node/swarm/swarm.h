/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * This node among its peers: listening, dialling, connections, who is there, protocols. GLIB.
 *
 * One swarm per node, on the node thread: it uses the thread-default main context of the thread that
 * made it, and every function and callback runs there. It pumps SoukConn machines (link/) over TCP
 * sockets; what it calls a peer is an identity that a handshake has proven.
 *
 * Callbacks may call anything here but souk_swarm_free(). Errors that reach a caller are GErrors of
 * SOUK_SWARM_ERROR whose code is a SoukStatus when a peer or a protocol is the cause, and
 * SOUK_SWARM_ERROR_SYSTEM when the operating system is.
 */
#pragma once
#include "base/multiaddr.h"
#include "base/rng.h"
#include "base/time.h"
#include "link/identify-codec.h"
#include "swarm/stream.h"
#include "swarm/swarm-limits.h"

/* code: a SoukStatus, or this. */
#define SOUK_SWARM_ERROR (souk_swarm_error_quark ())
#define SOUK_SWARM_ERROR_SYSTEM 10000
GQuark souk_swarm_error_quark (void);

typedef struct SoukSwarm SoukSwarm;

/* Where the swarm's log records go; log/ is behind it. `name` is the stable name of what happened
 * ("peer-connected", "dial-failed", "peer-banned", …), `status` OK when nothing is wrong, `peer` and
 * `detail` may be NULL. No payload and no key is ever in `detail`. */
typedef struct {
  void (*on_log) (void *user, const char *name, SoukStatus status, const SoukPeerId *peer,
                  const char *detail);
  void *user;
} SoukSwarmEvents;

typedef struct {
  const SoukIdentity *identity; /* borrowed; outlives the swarm */
  SoukRng *rng;                 /* borrowed; outlives the swarm (souk_system_rng()) */
  const char *agent;            /* copied: "souk/0.1.0" */
  SoukSwarmLimits limits;       /* SOUK_SWARM_LIMITS_DEFAULT */
  SoukSwarmEvents events;
  bool announces_private; /* say loopback and LAN addresses in identify (a LAN or a test) */
} SoukSwarmConfig;

SoukSwarm *souk_swarm_new (const SoukSwarmConfig *config);
/* Closes everything; streams get on_closed, pending calls their error. Not from inside a callback. */
void souk_swarm_free (SoukSwarm *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukSwarm, souk_swarm_free)
const SoukPeerId *souk_swarm_self (const SoukSwarm *self);
const SoukIdentity *souk_swarm_identity (const SoukSwarm *self);
SoukRng *souk_swarm_rng (const SoukSwarm *self);

/* ---- where others reach us ---- */

/* Listens on /ip4|ip6/ADDRESS/tcp/PORT; port 0 is any free one. */
bool souk_swarm_listen (SoukSwarm *self, const SoukMultiaddr *addr, GError **error);
/* The addresses that listen, with real ports, unspecified ones spread over the interfaces, and those
 * of souk_swarm_set_announced(). Returns: (element-type SoukMultiaddr) (transfer full). */
GArray *souk_swarm_listen_addrs (SoukSwarm *self);
/* Further addresses to announce: relayed, mapped by the router, observed and confirmed. */
void souk_swarm_set_announced (SoukSwarm *self, const SoukMultiaddr *addrs, size_t n_addrs);

/* ---- connecting ---- */

/* `peer` is who answered, or NULL and why not. */
typedef void (*SoukDialFunc) (SoukSwarm *self, const SoukPeerId *peer, const GError *error,
                              void *user);
/* Dials /ip4|ip6|dns4|dns6|dns/…/tcp/PORT[/p2p/PEER]. `done` (may be NULL) is called once, never from
 * inside this call; dials of one peer or address join. A peer that is connected is the answer. */
void souk_swarm_dial (SoukSwarm *self, const SoukMultiaddr *addr, SoukDialFunc done, void *user);
/* Dials a peer at its known addresses, best first (souk_swarm_add_addrs, identify). */
void souk_swarm_dial_peer (SoukSwarm *self, const SoukPeerId *peer, SoukDialFunc done, void *user);
/* Remembers addresses of a peer, newest first; those of banned peers are not kept. */
void souk_swarm_add_addrs (SoukSwarm *self, const SoukPeerId *peer, const SoukMultiaddr *addrs,
                           size_t n_addrs);
/* Closes all connections to the peer. */
void souk_swarm_disconnect (SoukSwarm *self, const SoukPeerId *peer);
/* Runs a connection over a stream instead of a socket (circuit relay): takes over `under`, whose
 * handlers must not be set. `expected` may be NULL for an inbound one. */
void souk_swarm_adopt (SoukSwarm *self, SoukStream *under, bool is_dialler,
                       const SoukPeerId *expected, const SoukMultiaddr *addr, SoukDialFunc done,
                       void *user);

/* ---- who is there ---- */

/* A snapshot of what is known of a peer. */
typedef struct {
  SoukPeerId id;
  bool is_connected;
  bool is_inbound; /* of the connection in use */
  bool is_relayed; /* likewise */
  bool is_identified;
  bool is_banned;
  SoukMultiaddr addr;     /* of the connection in use; len 0 when not connected */
  char *agent;            /* NULL until identified */
  char **protocols;       /* NULL-terminated, empty until identified */
  GArray *addrs;          /* of SoukMultiaddr: where it may be dialled */
  GBytes *record;         /* its signed peer record, NULL when none */
  SoukMultiaddr observed; /* where it sees us; len 0 when not said */
  int64_t round_trip_us;  /* -1 when unknown */
  SoukWall connected_at;
  unsigned n_streams;
  double score; /* 0 is good; penalties add up and fade */
  uint64_t bytes_in;
  uint64_t bytes_out;
} SoukPeerInfo;

void souk_peer_info_free (SoukPeerInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukPeerInfo, souk_peer_info_free)
/* Returns: (transfer full) (nullable): NULL for a peer that is not known. */
SoukPeerInfo *souk_swarm_peer_info (SoukSwarm *self, const SoukPeerId *peer);
/* Returns: (element-type SoukPeerId) (transfer full). */
GArray *souk_swarm_connected_peers (SoukSwarm *self);
/* Every peer that is remembered, connected or not. Returns: as above. */
GArray *souk_swarm_known_peers (SoukSwarm *self);
bool souk_swarm_is_connected (SoukSwarm *self, const SoukPeerId *peer);
/* True once identify has said that the peer serves the protocol. */
bool souk_swarm_peer_serves (SoukSwarm *self, const SoukPeerId *peer, const char *protocol);

/* Takes from the peer's score what the status costs; a repeat offender is banned: disconnected, and
 * refused for SOUK_SWARM_BAN_MS. Statuses that are not the peer's fault cost nothing. */
void souk_swarm_penalise (SoukSwarm *self, const SoukPeerId *peer, SoukStatus status);

/* Any member may be NULL. */
typedef struct {
  void (*on_connected) (SoukSwarm *self, const SoukPeerId *peer, void *user); /* the first one */
  void (*on_identified) (SoukSwarm *self, const SoukPeerId *peer, const SoukIdentifyInfo *info,
                         void *user);
  void (*on_disconnected) (SoukSwarm *self, const SoukPeerId *peer, void *user); /* the last one */
  /* Found by mDNS; souk_swarm_add_addrs() has been done. */
  void (*on_discovered) (SoukSwarm *self, const SoukPeerId *peer, void *user);
  /* Our own addresses or protocols have changed. */
  void (*on_self_changed) (SoukSwarm *self, void *user);
} SoukSwarmWatch;

/* Returns: an id for souk_swarm_unwatch(). `watch` is static. */
unsigned souk_swarm_watch (SoukSwarm *self, const SoukSwarmWatch *watch, void *user);
void souk_swarm_unwatch (SoukSwarm *self, unsigned id);

/* `round_trip_us` is -1 when the peer did not answer. */
typedef void (*SoukPongFunc) (SoukSwarm *self, const SoukPeerId *peer, int64_t round_trip_us,
                              void *user);
void souk_swarm_ping (SoukSwarm *self, const SoukPeerId *peer, SoukPongFunc done, void *user);

/* ---- protocols ---- */

/* An inbound stream: call souk_stream_start() before returning, or it is reset. */
typedef void (*SoukStreamFunc) (SoukSwarm *self, SoukStream *stream, void *user);
/* Serves a protocol from now on; identify says so. Serving the same again replaces the handler.
 * `destroy` (may be NULL) is called with `user` when it ends. */
void souk_swarm_serve (SoukSwarm *self, const char *protocol, SoukStreamFunc handler, void *user,
                       GDestroyNotify destroy);
void souk_swarm_unserve (SoukSwarm *self, const char *protocol);
bool souk_swarm_is_served (SoukSwarm *self, const char *protocol);
/* Returns: (transfer full): all that is served, as identify names them; free with g_strfreev. */
char **souk_swarm_protocols (SoukSwarm *self);

/* `stream` or `error` is NULL. Call souk_stream_start() before returning, or it is reset. */
typedef void (*SoukOpenFunc) (SoukSwarm *self, SoukStream *stream, const GError *error, void *user);
/* Opens a stream to a connected peer. With one protocol `done` is called as soon as the stream is on
 * its way, and a refusal comes as on_closed(PROTOCOL_REFUSED); souk_swarm_open_any() waits for the
 * answer. `done` is called once, never from inside this call. */
void souk_swarm_open (SoukSwarm *self, const SoukPeerId *peer, const char *protocol,
                      SoukOpenFunc done, void *user);
void souk_swarm_open_any (SoukSwarm *self, const SoukPeerId *peer, const char *const *protocols,
                          SoukOpenFunc done, void *user);
