/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Many streams over one connection: Yamux (libp2p specs, yamux, r0). PURE.
 *
 * A machine: plain bytes and `now` go in; plain bytes, pulled events and one deadline come out. A
 * stream is named by its number. It exists from souk_yamux_open() or the OPENED event until its ENDED
 * or WAS_RESET event is pulled, or until souk_yamux_reset(); afterwards its number is unknown, and
 * calls with it do nothing.
 *
 * Writes go straight into the output queue as far as the peer's window and the queue's limit allow;
 * the rest is the caller's to keep until WRITABLE. Reads grant window: what is not read is not
 * granted, so a slow reader slows its sender. FIN is always a frame of its own without payload,
 * since some peers lose the payload of a data frame that carries it.
 *
 * A status other than OK from souk_yamux_recv() or souk_yamux_tick() ends the whole connection.
 */
#pragma once
#include "base/status.h"
#include "base/time.h"
#include "link/byte-queue.h"
#include "link/yamux-limits.h"

typedef struct SoukYamux SoukYamux;

typedef enum {
  SOUK_YAMUX_OPENED,      /* the peer has opened this stream */
  SOUK_YAMUX_READABLE,    /* bytes wait: souk_yamux_peek() */
  SOUK_YAMUX_WRITABLE,    /* a write that was cut short may go on */
  SOUK_YAMUX_EOF,         /* the peer writes no more; what it wrote may still wait to be read */
  SOUK_YAMUX_ENDED,       /* it has ended both ways and was read to its end: it is gone */
  SOUK_YAMUX_WAS_RESET,   /* the stream is gone */
  SOUK_YAMUX_PEER_LEAVES, /* GO_AWAY: no new streams; `code` says why (0 is normal) */
} SoukYamuxEventType;

typedef struct {
  SoukYamuxEventType type;
  uint32_t stream;
  uint32_t code;
  void *user; /* what souk_yamux_set_user() gave, when the stream exists */
} SoukYamuxEvent;

/* Returns: (transfer full): the machine of the dialler or of the listener. It pings at once, to
 * learn the round-trip time. */
SoukYamux *souk_yamux_new (bool is_dialler, SoukMono now);
/* Frees it; streams are forgotten without a word to the peer. */
void souk_yamux_free (SoukYamux *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukYamux, souk_yamux_free)

/* Takes bytes, all of them. Returns: OK, BAD_FRAME, WINDOW_OVERRUN or CONTROL_FLOOD. */
SoukStatus souk_yamux_recv (SoukYamux *self, SoukSlice in, SoukMono now);
/* Pulls the next event; false when there is none. */
bool souk_yamux_next (SoukYamux *self, SoukYamuxEvent *out);
/* What goes to the peer, and how much of it has gone. */
SoukSlice souk_yamux_peek_out (const SoukYamux *self);
void souk_yamux_sent (SoukYamux *self, size_t len);
SoukMono souk_yamux_deadline (const SoukYamux *self);
/* Does what is due. Returns: OK, or TIMED_OUT when the peer left a ping unanswered. */
SoukStatus souk_yamux_tick (SoukYamux *self, SoukMono now);

/* Opens a stream; its SYN goes with its first frame.
 * Returns: OK, LIMIT (too many streams, or too many that wait for an answer), GONE_AWAY. */
SoukStatus souk_yamux_open (SoukYamux *self, uint32_t *out_stream, SoukMono now);
void souk_yamux_set_user (SoukYamux *self, uint32_t stream, void *user);
/* Returns: the user pointer; NULL when the stream is unknown. */
void *souk_yamux_user (const SoukYamux *self, uint32_t stream);

/* Returns: how many bytes of `in` are on their way; when fewer than all, WRITABLE comes later. 0 for
 * an unknown stream and after close_write. */
size_t souk_yamux_write (SoukYamux *self, uint32_t stream, SoukSlice in);
/* Writes all of `in` at once, past the queue's limit: for the short messages that a peer's request
 * calls for. False, and nothing written, when the peer's window is smaller, or the stream gone. */
bool souk_yamux_write_all (SoukYamux *self, uint32_t stream, SoukSlice in);
/* The bytes that wait; valid until the next call that is not a peek. */
SoukSlice souk_yamux_peek (const SoukYamux *self, uint32_t stream);
/* Drops `len` of them and grants the peer as many again. */
void souk_yamux_consume (SoukYamux *self, uint32_t stream, size_t len, SoukMono now);
/* Says that no more will be written. */
void souk_yamux_close_write (SoukYamux *self, uint32_t stream);
/* Ends the stream at once, both ways. */
void souk_yamux_reset (SoukYamux *self, uint32_t stream);
/* Says that the connection ends (0 normal, 1 protocol error, 2 internal error). */
void souk_yamux_go_away (SoukYamux *self, uint32_t code);

/* The last measured round trip in microseconds; -1 when there is none yet. */
int64_t souk_yamux_round_trip_us (const SoukYamux *self);
/* Streams alive, and bytes that wait to be sent. */
unsigned souk_yamux_n_streams (const SoukYamux *self);
size_t souk_yamux_out_len (const SoukYamux *self);
