/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What conn.c (upgrade, bytes, time), conn-streams.c (negotiation and the application's streams) and
 * conn-services.c (identify and ping) share. PURE; included by these only.
 */
#pragma once
#include "link/byte-queue.h"
#include "link/conn.h"
#include "link/multistream.h"
#include "link/ping.h"
#include "link/yamux.h"

/* Inbound kinds in the order of the services in `shared->protocols`. */
typedef enum {
  KIND_IDENTIFY_ANSWER, /* we say who we are */
  KIND_PUSH_READ,       /* the peer says what has changed */
  KIND_PING_ANSWER,
  KIND_APP,
  KIND_IDENTIFY_ASK, /* outbound from here on */
  KIND_PUSH_WRITE,
  KIND_PING_ASK,
} SoukConnKind;

#define N_SERVICES 3

typedef struct {
  uint32_t id;
  SoukConnKind kind;
  bool is_inbound;
  bool is_agreed;   /* the protocol is negotiated */
  bool wants_write; /* a write came before the protocol was agreed */
  bool closes_when_agreed;
  bool is_timed;     /* linked in `timed` */
  SoukMono deadline; /* valid while is_timed */
  GList timed_link;
  SoukMultistream negotiation;
  char **offers;        /* outbound */
  const char *protocol; /* once agreed; interned: it is one of the few that we serve or offer */
  union {
    SoukIdentify identify; /* KIND_IDENTIFY_ASK, KIND_PUSH_READ */
    SoukPing ping;         /* KIND_PING_ASK */
  } service;
  void *user;
} SoukConnStream;

typedef enum {
  STAGE_SECURITY, /* multistream-select in the clear: /noise */
  STAGE_NOISE,
  STAGE_MUXER, /* multistream-select in the secure channel: /yamux/1.0.0 */
  STAGE_OPEN,
  STAGE_CLOSED,
} SoukConnStage;

struct SoukConn {
  SoukConnShared *shared;
  SoukConnStage stage;
  bool is_dialler;
  bool has_observed;
  SoukMultiaddr observed;
  SoukMono now; /* as last told */
  SoukMono handshake_deadline;

  SoukMultistream negotiation; /* of security, then of the muxer */
  SoukNoise noise;
  SoukByteQueue in;       /* what is not a whole message yet */
  SoukByteQueue in_plain; /* STAGE_MUXER */
  SoukByteQueue out;      /* sealed */
  SoukYamux *yamux;       /* NULL before STAGE_OPEN; kept when closed, for the last bytes */

  GQueue events;          /* of SoukConnEvent, ours to free */
  SoukConnEvent *current; /* the one that was pulled last */
  SoukIdentifyInfo *info; /* of the IDENTIFIED event that was pulled last */
  GHashTable *streams;    /* id -> SoukConnStream, owned */
  GQueue timed;           /* streams with a deadline */
  SoukMono timed_min;     /* not later than any of their deadlines */
  unsigned n_negotiating; /* inbound */
  unsigned n_services;    /* inbound */
  bool is_pinging;
  bool peer_left;
  SoukMono push_budget_from; /* the token bucket of inbound pushes */
};

/* ---- conn.c ---- */
/* Ends the connection; `status` OK says goodbye, others call it an error. */
void souk_conn_fail (SoukConn *self, SoukStatus status);
/* Queues an event; it is copied. */
void souk_conn_push (SoukConn *self, SoukConnEvent event);

/* ---- conn-streams.c ---- */
SoukConnStream *souk_conn_find (const SoukConn *self, uint32_t id);
void souk_conn_stream_free (gpointer stream);
/* Forgets the stream; its number is not Yamux's any more, or will be reset by the caller. */
void souk_conn_drop (SoukConn *self, SoukConnStream *stream);
/* Sets the deadline, or clears it. */
void souk_conn_set_deadline (SoukConn *self, SoukConnStream *stream, int64_t in_ms);
void souk_conn_clear_deadline (SoukConn *self, SoukConnStream *stream);
/* Opens an outbound stream of any kind. NULL when it cannot be. */
SoukStatus souk_conn_open_kind (SoukConn *self, SoukConnKind kind, const char *const *protocols,
                                SoukConnStream **out);
/* Turns what happened to a stream into events and services. */
void souk_conn_take (SoukConn *self, const SoukYamuxEvent *event);
/* Ends streams whose deadline is due. */
void souk_conn_tick_streams (SoukConn *self);

/* ---- conn-services.c ---- */
void souk_conn_service_start (SoukConn *self, SoukConnStream *stream);
/* These may drop the stream. */
void souk_conn_service_readable (SoukConn *self, SoukConnStream *stream);
void souk_conn_service_eof (SoukConn *self, SoukConnStream *stream);
/* The stream was refused, reset or too slow: says so where someone waits; drops nothing. */
void souk_conn_service_failed (SoukConn *self, SoukConnStream *stream);
void souk_conn_ask_identify (SoukConn *self);
