/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the swarm share. GLIB, node thread; included only here.
 *
 *   swarm.c     life, protocols, watchers, what we say of ourselves
 *   peers.c     who is known: addresses, scores, bans
 *   listen.c    sockets that accept, and who is let in
 *   dial.c      connecting to an address or a peer
 *   session.c   one connection: the pump between a socket and its SoukConn (session.h)
 *   stream.c    one stream
 *   socket.c    the system calls
 */
#pragma once
#include "link/byte-queue.h"
#include "link/conn.h"
#include "swarm/clock.h"
#include "swarm/socket.h"
#include "swarm/swarm.h"

typedef struct SoukSession SoukSession;
typedef struct SoukDial SoukDial;
typedef struct SoukListener SoukListener;

/* ---- one peer that is known ---- */

typedef struct {
  SoukMultiaddr addr;
  unsigned fails;
  SoukMono retry_at;
} SoukPeerAddr;

typedef struct {
  SoukPeerId id;       /* the key in `peers` */
  GArray *addrs;       /* of SoukPeerAddr, newest first */
  GPtrArray *sessions; /* upgraded ones; borrowed */
  char *agent;
  char **protocols; /* NULL until identified */
  GBytes *record;
  uint64_t record_seq;
  SoukMultiaddr observed;
  int64_t round_trip_us;
  double score;
  SoukMono score_at;
  SoukMono banned_until; /* in the past when not banned */
  SoukMono seen_at;
} SoukPeer;

/* ---- the swarm ---- */

typedef struct {
  unsigned id;
  const SoukSwarmWatch *watch;
  void *user;
} SoukWatcher;

typedef struct {
  SoukStreamFunc handler;
  void *user;
  GDestroyNotify destroy;
} SoukService;

typedef void (*SoukLaterFunc) (void *data);

struct SoukSwarm {
  GMainContext *context;
  const SoukIdentity *identity;
  SoukRng *rng;
  char *agent;
  SoukSwarmLimits limits;
  SoukSwarmEvents events;
  bool announces_private;
  bool is_freeing;

  SoukConnShared shared;
  uint8_t *read_buffer;     /* SOUK_SWARM_READ_SIZE */
  GHashTable *peers;        /* SoukPeerId -> SoukPeer, owned */
  GHashTable *services;     /* char * -> SoukService, owned */
  GPtrArray *sessions;      /* all, each with a reference */
  unsigned n_handshakes;    /* inbound sessions that are not upgraded */
  GPtrArray *listeners;     /* owned */
  GHashTable *inbound_rate; /* GBytes (address) -> bucket */
  GArray *announced;        /* of SoukMultiaddr */
  GPtrArray *dials;         /* under way or queued */
  GArray *watchers;         /* of SoukWatcher */
  unsigned next_watcher;
  uint64_t record_seq;
  GSource *self_changed; /* NULL when nothing is to be told */
  GSource *housekeeping;
  GSource *later_source;
  GQueue later; /* of closures */
};

/* ---- swarm.c ---- */
void souk_swarm_log (SoukSwarm *self, const char *name, SoukStatus status, const SoukPeerId *peer,
                     const char *detail);
/* Runs `func` from the main loop soon, in order. */
void souk_swarm_later (SoukSwarm *self, SoukLaterFunc func, void *data);
/* Our addresses or protocols have changed: identify is rebuilt now, peers are told soon. */
void souk_swarm_self_changed (SoukSwarm *self);
const SoukService *souk_swarm_find_service (SoukSwarm *self, const char *protocol);
GError *souk_swarm_error (SoukStatus status);

typedef enum {
  WATCH_CONNECTED,
  WATCH_DISCONNECTED,
  WATCH_DISCOVERED,
  WATCH_SELF_CHANGED,
} SoukWatchKind;
void souk_swarm_tell (SoukSwarm *self, SoukWatchKind kind, const SoukPeerId *peer);
void souk_swarm_tell_identified (SoukSwarm *self, const SoukPeerId *peer,
                                 const SoukIdentifyInfo *info);
/* mDNS: remembers the addresses and says that the peer was found. */
void souk_swarm_discovered (SoukSwarm *self, const SoukPeerId *peer, const SoukMultiaddr *addrs,
                            size_t n_addrs);

/* ---- peers.c ---- */
void souk_peer_free (gpointer peer);
SoukPeer *souk_swarm_find_peer (SoukSwarm *self, const SoukPeerId *id);
/* Finds or remembers; NULL when there is no room even after forgetting. */
SoukPeer *souk_swarm_get_peer (SoukSwarm *self, const SoukPeerId *id);
bool souk_peer_is_banned (const SoukPeer *peer, SoukMono now);
/* The connection to use for a new stream; NULL when there is none. */
SoukSession *souk_peer_session (const SoukPeer *peer);
void souk_peer_identified (SoukPeer *peer, const SoukIdentifyInfo *info);
/* An address has answered or failed. */
void souk_peer_addr_result (SoukPeer *peer, const SoukMultiaddr *addr, bool is_good, SoukMono now);

/* ---- listen.c ---- */
void souk_listener_free (gpointer listener);
void souk_listener_append_addrs (const SoukListener *listener, GArray *out);

/* ---- dial.c ---- */
/* The session of a dial is upgraded, or has failed with `error` (transfer none). */
void souk_dial_succeeded (SoukDial *dial, SoukSession *session);
void souk_dial_failed (SoukDial *dial, SoukSession *session, const GError *error);
/* A place may be free: starts dials that wait. */
void souk_swarm_start_dials (SoukSwarm *self);
/* Ends all with an error. */
void souk_swarm_cancel_dials (SoukSwarm *self);

/* ---- stream.c ---- */
/* Returns: (transfer full): the session keeps it until it is closed. */
SoukStream *souk_stream_new (SoukSession *session, uint32_t id, const char *protocol,
                             bool is_inbound);
/* Sets who waits for the stream; `at_once`: call it from the main loop, else when it is ready. */
void souk_stream_expect (SoukStream *self, SoukOpenFunc done, void *user, bool at_once);
bool souk_stream_is_started (const SoukStream *self);
void souk_stream_ready (SoukStream *self, const char *protocol);
void souk_stream_readable (SoukStream *self);
void souk_stream_writable (SoukStream *self);
void souk_stream_eof (SoukStream *self);
/* The connection has forgotten it. */
void souk_stream_closed (SoukStream *self, SoukStatus status);
SoukSession *souk_stream_session (const SoukStream *self);
