/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One connection of the swarm, as its files see it. GLIB, node thread; included only here.
 */
#pragma once
#include "swarm/swarm-private.h"

typedef enum {
  SESSION_CONNECTING, /* TCP */
  SESSION_RUNNING,
  SESSION_LINGERING, /* closed; the last bytes go */
  SESSION_DEAD,
} SoukSessionState;

struct SoukSession {
  int refs;
  SoukSwarm *swarm;
  SoukSessionState state;
  GSource *source; /* the socket and the timer in one */
  gpointer fd_tag;
  int fd;            /* -1 over a stream */
  SoukStream *under; /* the stream below, or NULL */
  SoukConn *conn;    /* NULL while CONNECTING */
  SoukMono deadline; /* of CONNECTING and LINGERING */
  bool is_inbound;
  bool is_relayed;
  bool is_upgraded;
  bool is_pumping;
  bool has_expected;
  SoukPeerId expected;
  SoukPeerId peer;         /* once upgraded */
  SoukMultiaddr addr;      /* of the other side, without its id */
  SoukDial *dial;          /* outbound, until upgraded or failed */
  SoukDialFunc adopt_done; /* over a stream, likewise */
  void *adopt_user;
  GHashTable *streams; /* set of SoukStream, each with a reference */
  GArray *pings;       /* of waiters */
  SoukWall connected_at;
  uint64_t bytes_in;
  uint64_t bytes_out;
};

SoukSession *souk_session_ref (SoukSession *self);
void souk_session_unref (SoukSession *self);
/* Starts with a socket that is connected (inbound). */
void souk_session_accept (SoukSwarm *swarm, int fd, const SoukMultiaddr *addr);
/* Starts with a socket that connects. Returns: (transfer none). */
SoukSession *souk_session_connect (SoukSwarm *swarm, int fd, const SoukMultiaddr *addr,
                                   const SoukPeerId *expected, SoukDial *dial);
/* Has the session pumped soon: something was written or read from outside the pump. */
void souk_session_touch (SoukSession *self);
/* Says goodbye and ends. */
void souk_session_close (SoukSession *self, SoukStatus status);
/* Ends a session that lingers. */
void souk_session_abandon (SoukSession *self);
void souk_session_ping (SoukSession *self, SoukPongFunc done, void *user);
unsigned souk_session_n_streams (const SoukSession *self);
