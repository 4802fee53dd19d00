/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One stream to a peer, raw bytes or length-delimited messages, with backpressure both ways. GLIB,
 * node thread.
 *
 * A stream is reference-counted; the swarm holds one reference until on_closed has returned, so that
 * an owner who handles on_closed needs none of its own. After on_closed every function is harmless.
 *
 * Reading: what on_data does not take stays and counts against the peer's window; a paused stream
 * reads nothing, so that a slow consumer slows the sender. Writing: bytes queue up to a maximum and a
 * write that does not fit is refused as a whole; on_drained says when the queue is low again.
 */
#pragma once
#include "base/peer-id.h"
#include "base/status.h"

typedef struct SoukStream SoukStream;

/* Any member may be NULL. The slices are valid during the call. */
typedef struct {
  /* Raw streams. Returns: how many bytes are used; the rest comes again with more, or after
   * souk_stream_resume(). */
  size_t (*on_data) (SoukStream *stream, SoukSlice in, void *user);
  /* Message streams: one whole message without its length. */
  void (*on_message) (SoukStream *stream, SoukSlice message, void *user);
  /* The queue has fallen to half of its maximum after a write was refused, or is empty. */
  void (*on_drained) (SoukStream *stream, void *user);
  /* The peer writes no more; all it wrote was delivered. */
  void (*on_end) (SoukStream *stream, void *user);
  /* The last call. OK: both sides have closed. PROTOCOL_REFUSED, STREAM_RESET, CLOSED (the connection
   * is gone), TOO_LARGE or BAD_VARINT (a bad message), … otherwise. Not called after
   * souk_stream_reset(). */
  void (*on_closed) (SoukStream *stream, SoukStatus status, void *user);
} SoukStreamHandlers;

/* Begins. `handlers` is static. `message_max` 0 makes it raw; otherwise it is the largest message that
 * is read, and a larger one resets the stream and costs the peer score. `destroy` (may be NULL) gets
 * `user` when the stream is done with it. */
void souk_stream_start (SoukStream *self, const SoukStreamHandlers *handlers, size_t message_max,
                        void *user, GDestroyNotify destroy);

SoukStream *souk_stream_ref (SoukStream *self);
void souk_stream_unref (SoukStream *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukStream, souk_stream_unref)

const SoukPeerId *souk_stream_peer (const SoukStream *self);
/* NULL until it is agreed on. */
const char *souk_stream_protocol (const SoukStream *self);
bool souk_stream_is_inbound (const SoukStream *self);
bool souk_stream_is_closed (const SoukStream *self);
/* True when the connection below goes through a relay, which limits its bytes and its time. */
bool souk_stream_is_relayed (const SoukStream *self);

/* Queues bytes as they are. False, and nothing queued, when the queue would exceed its maximum, or
 * the stream is closed for writing. */
bool souk_stream_write (SoukStream *self, SoukSlice in);
/* Queues a varint length and the message. */
bool souk_stream_send (SoukStream *self, SoukSlice message);
/* Bytes that wait in the queue; its maximum (SOUK_STREAM_QUEUE_MAX unless changed). */
size_t souk_stream_queued (const SoukStream *self);
void souk_stream_set_queue_max (SoukStream *self, size_t bytes);

/* Stops and goes on delivering what the peer sends. */
void souk_stream_pause (SoukStream *self);
void souk_stream_resume (SoukStream *self);

/* Closes our side after what is queued. */
void souk_stream_close_write (SoukStream *self);
/* Ends it at once, both ways; on_closed is not called. */
void souk_stream_reset (SoukStream *self);
/* Resets it when it is not done within `ms` from now; 0 removes the limit. on_closed(TIMED_OUT). */
void souk_stream_set_timeout (SoukStream *self, unsigned ms);
