/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A whole libp2p connection as one machine: multistream-select, Noise, Yamux, identify, ping. PURE.
 *
 * The driver moves bytes between a transport and the machine:
 *
 *   souk_conn_recv (conn, bytes, now)          what came (souk_conn_recv_eof at its end)
 *   while (souk_conn_next (conn, &event)) …    pull events until there are none, after EVERY call
 *   souk_conn_peek_out / souk_conn_sent        what goes; pull events again, streams may be writable
 *   souk_conn_deadline / souk_conn_tick        one timer
 *
 * Life: handshake -> UPGRADED -> streams -> CLOSED (always the last event; no stream has events
 * behind it). What remains of the output after CLOSED is worth one try to send: it says goodbye.
 *
 * A stream is a number. It lives from STREAM_OPENED or souk_conn_open() until STREAM_ENDED,
 * STREAM_FAILED or STREAM_RESET is pulled, souk_conn_reset() is called, or the connection is CLOSED.
 * Calls with an unknown number do nothing. With a single protocol offered, writing need not wait for
 * STREAM_READY: the bytes travel behind the offer, and a refusal is STREAM_FAILED.
 *
 * Identify runs by itself as soon as the connection is upgraded, both ways; pings and pushes of the
 * peer are served. The machine is owned by its driver and not shared between threads.
 */
#pragma once
#include "base/multiaddr.h"
#include "base/rng.h"
#include "base/time.h"
#include "link/conn-limits.h"
#include "link/identify.h"
#include "link/noise.h"

typedef struct SoukConn SoukConn;

/* ---- what all connections of a node share ---- */

/* Owned by the swarm; outlives its connections. Members are private but for `self`. */
typedef struct {
  SoukPeerId self;
  SoukNoiseKeys keys;
  SoukRng *rng;
  char **protocols; /* NULL-terminated: the services' own, then the application's */
  GBytes *identify; /* what we say of ourselves, without observedAddr */
  uint8_t scratch[SOUK_NOISE_MESSAGE_MAX];
} SoukConnShared;

/* Makes the node's static Noise key. `rng` is borrowed. */
void souk_conn_shared_init (SoukConnShared *self, const SoukIdentity *identity, SoukRng *rng);
void souk_conn_shared_done (SoukConnShared *self);
/* What is served from now on, besides identify and ping; a NULL-terminated list. */
void souk_conn_shared_set_protocols (SoukConnShared *self, const char *const *protocols);
/* All protocols that are served, as identify names them. */
const char *const *souk_conn_shared_protocols (const SoukConnShared *self);
/* What is said of this node from now on (souk_identify_encode). Connections hear it by
 * souk_conn_push_identify(). */
void souk_conn_shared_set_identify (SoukConnShared *self, GBytes *message);

/* ---- events ---- */

typedef enum {
  SOUK_CONN_UPGRADED,      /* souk_conn_peer() is proven; streams may be opened */
  SOUK_CONN_IDENTIFIED,    /* `info`: an answer or a push */
  SOUK_CONN_PONG,          /* `round_trip_us`; -1 when the ping failed */
  SOUK_CONN_STREAM_OPENED, /* the peer opened a stream with `protocol` */
  SOUK_CONN_STREAM_READY,  /* our stream: `protocol` is agreed */
  SOUK_CONN_STREAM_FAILED, /* our stream: it is gone, `status` says why */
  SOUK_CONN_READABLE,      /* bytes wait in souk_conn_peek() */
  SOUK_CONN_WRITABLE,      /* a write that was cut short may go on */
  SOUK_CONN_EOF,           /* the peer writes no more */
  SOUK_CONN_STREAM_ENDED,  /* closed both ways and read to its end: it is gone */
  SOUK_CONN_STREAM_RESET,  /* it is gone; what was not read is lost */
  SOUK_CONN_CLOSED,        /* `status`: OK when we closed, else why */
} SoukConnEventType;

/* Pointers in it are valid until the next call to the connection. */
typedef struct {
  SoukConnEventType type;
  uint32_t stream; /* 0 when the event is the connection's */
  void *user;      /* the stream's */
  const char *protocol;
  SoukStatus status;
  int64_t round_trip_us;
  const SoukIdentifyInfo *info;
} SoukConnEvent;

/* ---- the connection ---- */

typedef struct {
  SoukConnShared *shared;
  bool is_dialler;
  const SoukPeerId *expected;    /* dialler: who must answer; NULL for anyone */
  const SoukMultiaddr *observed; /* where we see the peer; NULL when unknown */
} SoukConnConfig;

/* Returns: (transfer full): a connection in its handshake; everything in `config` but `shared` is
 * copied. */
SoukConn *souk_conn_new (const SoukConnConfig *config, SoukMono now);
void souk_conn_free (SoukConn *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukConn, souk_conn_free)

/* Takes bytes, all of them. A failure is the CLOSED event. */
void souk_conn_recv (SoukConn *self, SoukSlice in, SoukMono now);
/* The transport has ended. */
void souk_conn_recv_eof (SoukConn *self, SoukMono now);
/* Pulls the next event; false when there is none. */
bool souk_conn_next (SoukConn *self, SoukConnEvent *out);
/* Seals what waits and shows it. */
SoukSlice souk_conn_peek_out (SoukConn *self);
void souk_conn_sent (SoukConn *self, size_t len);
SoukMono souk_conn_deadline (const SoukConn *self);
void souk_conn_tick (SoukConn *self, SoukMono now);

/* Says goodbye; CLOSED{OK} follows. */
void souk_conn_close (SoukConn *self);
/* Asks for the round trip; PONG follows. False when one is under way or the handshake is not done. */
bool souk_conn_ping (SoukConn *self, SoukMono now);
/* Tells the peer what souk_conn_shared_set_identify() has set. */
void souk_conn_push_identify (SoukConn *self, SoukMono now);

bool souk_conn_is_upgraded (const SoukConn *self);
/* Who is at the other end; once upgraded. */
const SoukPeerId *souk_conn_peer (const SoukConn *self);
/* The peer's identity key in its envelope; once upgraded. */
GBytes *souk_conn_peer_key (const SoukConn *self);
/* The multiplexer's last measured round trip; -1 when there is none. */
int64_t souk_conn_round_trip_us (const SoukConn *self);
unsigned souk_conn_n_streams (const SoukConn *self);

/* ---- streams ---- */

/* Opens a stream and offers protocols in order (NULL-terminated, 1 to SOUK_CONN_OFFERS_MAX).
 * Returns: OK, LIMIT, GONE_AWAY, or CLOSED when there is no upgraded connection. */
SoukStatus souk_conn_open (SoukConn *self, const char *const *protocols, void *user,
                           uint32_t *out_stream, SoukMono now);
void souk_conn_set_user (SoukConn *self, uint32_t stream, void *user);
/* Returns: how many bytes were taken; when fewer than all, WRITABLE comes later. */
size_t souk_conn_write (SoukConn *self, uint32_t stream, SoukSlice in);
/* The bytes that wait; valid until the next call that is not a peek. */
SoukSlice souk_conn_peek (const SoukConn *self, uint32_t stream);
/* Takes `len` of them away; only what is taken lets the peer send more. */
void souk_conn_consume (SoukConn *self, uint32_t stream, size_t len, SoukMono now);
void souk_conn_close_write (SoukConn *self, uint32_t stream);
void souk_conn_reset (SoukConn *self, uint32_t stream);
