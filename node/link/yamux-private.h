/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What yamux.c (the session: frames, events, timers) and yamux-stream.c (one stream: windows, reads,
 * writes) share. PURE; included by these two only.
 */
#pragma once
#include "link/yamux-codec.h"
#include "link/yamux.h"

/* Events that wait for a stream, as bits; pulled lowest first. */
enum {
  PENDING_OPENED = 1 << 0,
  PENDING_READABLE = 1 << 1,
  PENDING_WRITABLE = 1 << 2,
  PENDING_EOF = 1 << 3,
  PENDING_ENDED = 1 << 4,
  PENDING_RESET = 1 << 5,
};

typedef struct {
  uint32_t id;
  bool is_outbound;
  bool needs_syn;    /* the next frame carries it; nothing is on the wire before */
  bool needs_ack;    /* likewise */
  bool is_acked;     /* outbound: the peer has sent something for this stream */
  bool read_closed;  /* FIN has come */
  bool eof_pulled;   /* ... and its event was pulled */
  bool write_closed; /* our FIN is in the queue */
  bool is_blocked;   /* linked in `blocked`: a write was cut short */
  unsigned pending;  /* PENDING_*; linked in `dirty` when not 0 */
  GList dirty_link;
  GList blocked_link;

  uint32_t send_window; /* what the peer still takes */
  uint32_t recv_window; /* what the peer may still send; + unread <= window_size */
  uint32_t window_size; /* grows; INITIAL <= it <= MAX */
  SoukMono granted_at;
  SoukByteQueue unread;
  void *user;
} SoukYamuxStream;

struct SoukYamux {
  bool is_dialler;
  SoukMono now; /* as last told */
  SoukByteQueue out;

  GHashTable *streams; /* id -> SoukYamuxStream, owned */
  SoukYamuxStream *last;
  GQueue dirty;
  GQueue blocked;
  uint32_t next_id;
  unsigned n_inbound;
  unsigned n_outbound;
  unsigned n_unacked; /* outbound streams that are not is_acked */
  uint64_t unread;    /* sum over all streams */
  uint64_t growth;    /* sum of window_size - INITIAL over all streams */

  /* The frame that is coming in. */
  uint8_t header[SOUK_YAMUX_HEADER_SIZE];
  size_t header_len;
  uint32_t body_stream; /* 0: the body is dropped */
  uint32_t body_left;
  bool body_fin; /* FIN came with this data frame */

  bool we_left;
  bool peer_left;
  bool peer_left_pending;
  uint32_t peer_left_code;

  bool ping_waits;
  uint32_t ping_value;
  SoukMono ping_at;  /* when the last ping was sent */
  SoukMono heard_at; /* when the last byte came */
  int64_t round_trip_us;
};

/* ---- yamux.c ---- */
SoukYamuxStream *souk_yamux_find (const SoukYamux *self, uint32_t id);
/* Makes the stream known. */
SoukYamuxStream *souk_yamux_add (SoukYamux *self, uint32_t id, bool is_outbound);
/* Frees it. */
void souk_yamux_remove (SoukYamux *self, SoukYamuxStream *stream);
/* Queues an event of the stream. */
void souk_yamux_raise (SoukYamux *self, SoukYamuxStream *stream, unsigned pending);
/* Queues a frame; `payload` belongs to DATA only. */
void souk_yamux_put (SoukYamux *self, SoukYamuxHeader header, SoukSlice payload);

/* ---- yamux-stream.c ---- */
/* The flags that the stream owes to its next frame. */
uint16_t souk_yamux_stream_flags (SoukYamuxStream *stream);
/* Raises ENDED when the stream has ended both ways and was read. */
void souk_yamux_stream_maybe_end (SoukYamux *self, SoukYamuxStream *stream);
/* Raises WRITABLE when a blocked stream can write again. */
void souk_yamux_stream_unblock (SoukYamux *self, SoukYamuxStream *stream);
/* Ends the stream for both: RST to the peer, RESET to the owner. */
void souk_yamux_stream_fail (SoukYamux *self, SoukYamuxStream *stream);
/* Ends the stream for the owner: the peer has reset it. */
void souk_yamux_stream_was_reset (SoukYamux *self, SoukYamuxStream *stream);
