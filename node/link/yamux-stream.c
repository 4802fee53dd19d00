/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Yamux: one stream, its windows, reads and writes. PURE. See yamux.h.
 */
#include "link/yamux-private.h"

/* Stream numbers are 31 bits here: a connection that used more ends before it wraps. */
#define ID_MAX (UINT32_MAX / 2)

uint16_t
souk_yamux_stream_flags (SoukYamuxStream *stream)
{
  uint16_t flags = 0;
  if (stream->needs_syn)
    flags |= SOUK_YAMUX_SYN;
  if (stream->needs_ack)
    flags |= SOUK_YAMUX_ACK;
  stream->needs_syn = stream->needs_ack = false;
  return flags;
}

SoukStatus
souk_yamux_open (SoukYamux *self, uint32_t *out_stream, SoukMono now)
{
  self->now = now;
  if (self->peer_left || self->we_left)
    return SOUK_STATUS_GONE_AWAY;
  if (self->n_outbound == SOUK_YAMUX_OUTBOUND_MAX || self->n_unacked == SOUK_YAMUX_ACK_BACKLOG_MAX
      || self->next_id > ID_MAX)
    return SOUK_STATUS_LIMIT;
  souk_yamux_add (self, self->next_id, true);
  *out_stream = self->next_id;
  self->next_id += 2;
  return SOUK_STATUS_OK;
}

void
souk_yamux_set_user (SoukYamux *self, uint32_t id, void *user)
{
  SoukYamuxStream *stream = souk_yamux_find (self, id);
  if (stream != NULL)
    stream->user = user;
}

void *
souk_yamux_user (const SoukYamux *self, uint32_t id)
{
  SoukYamuxStream *stream = souk_yamux_find (self, id);
  return stream == NULL ? NULL : stream->user;
}

/* A stream that the owner may still use. */
static SoukYamuxStream *
find_alive (const SoukYamux *self, uint32_t id)
{
  SoukYamuxStream *stream = souk_yamux_find (self, id);
  return stream == NULL || (stream->pending & PENDING_RESET) ? NULL : stream;
}

void
souk_yamux_stream_maybe_end (SoukYamux *self, SoukYamuxStream *stream)
{
  if (stream->eof_pulled && stream->write_closed && souk_byte_queue_len (&stream->unread) == 0)
    souk_yamux_raise (self, stream, PENDING_ENDED);
}

/* ---- writing ---- */

void
souk_yamux_stream_unblock (SoukYamux *self, SoukYamuxStream *stream)
{
  if (!stream->is_blocked || stream->send_window == 0
      || souk_byte_queue_len (&self->out) >= SOUK_YAMUX_OUT_MAX)
    return;
  stream->is_blocked = false;
  g_queue_unlink (&self->blocked, &stream->blocked_link);
  souk_yamux_raise (self, stream, PENDING_WRITABLE);
}

/* Queues data frames; the caller has checked the window. */
static void
put_data (SoukYamux *self, SoukYamuxStream *stream, SoukSlice in)
{
  for (size_t done = 0; done < in.len;)
    {
      size_t part = MIN (in.len - done, SOUK_YAMUX_DATA_MAX);
      souk_yamux_put (self,
                      (SoukYamuxHeader){ SOUK_YAMUX_DATA, souk_yamux_stream_flags (stream),
                                         stream->id, (uint32_t)part },
                      souk_slice (in.data + done, part));
      done += part;
    }
  stream->send_window -= (uint32_t)in.len;
}

bool
souk_yamux_write_all (SoukYamux *self, uint32_t id, SoukSlice in)
{
  SoukYamuxStream *stream = find_alive (self, id);
  if (stream == NULL || stream->write_closed || in.len > stream->send_window)
    return false;
  put_data (self, stream, in);
  return true;
}

size_t
souk_yamux_write (SoukYamux *self, uint32_t id, SoukSlice in)
{
  SoukYamuxStream *stream = find_alive (self, id);
  if (stream == NULL || stream->write_closed)
    return 0;
  size_t waiting = souk_byte_queue_len (&self->out);
  size_t room = waiting >= SOUK_YAMUX_OUT_MAX ? 0 : SOUK_YAMUX_OUT_MAX - waiting;
  size_t len = MIN (in.len, MIN (room, stream->send_window));
  put_data (self, stream, souk_slice (in.data, len));
  if (len < in.len && !stream->is_blocked)
    {
      stream->is_blocked = true;
      g_queue_push_tail_link (&self->blocked, &stream->blocked_link);
    }
  return len;
}

void
souk_yamux_close_write (SoukYamux *self, uint32_t id)
{
  SoukYamuxStream *stream = find_alive (self, id);
  if (stream == NULL || stream->write_closed)
    return;
  stream->write_closed = true;
  uint16_t flags = (uint16_t)(souk_yamux_stream_flags (stream) | SOUK_YAMUX_FIN);
  souk_yamux_put (self, (SoukYamuxHeader){ SOUK_YAMUX_WINDOW_UPDATE, flags, id, 0 },
                  SOUK_SLICE_EMPTY);
  souk_yamux_stream_maybe_end (self, stream);
}

/* ---- reading ---- */

SoukSlice
souk_yamux_peek (const SoukYamux *self, uint32_t id)
{
  SoukYamuxStream *stream = souk_yamux_find (self, id);
  return stream == NULL ? SOUK_SLICE_EMPTY : souk_byte_queue_peek (&stream->unread);
}

/* A window that was used up quickly is what limits the stream: it doubles. */
static void
maybe_grow (SoukYamux *self, SoukYamuxStream *stream, SoukMono now)
{
  int64_t took_us = souk_mono_diff_us (now, stream->granted_at);
  uint32_t more = MIN (stream->window_size, SOUK_YAMUX_WINDOW_MAX - stream->window_size);
  if (self->round_trip_us >= 0 && took_us < SOUK_YAMUX_GROW_ROUND_TRIPS * self->round_trip_us
      && self->growth + more <= SOUK_YAMUX_GROWTH_MAX)
    {
      stream->window_size += more;
      self->growth += more;
    }
}

void
souk_yamux_consume (SoukYamux *self, uint32_t id, size_t len, SoukMono now)
{
  self->now = now;
  SoukYamuxStream *stream = souk_yamux_find (self, id);
  if (stream == NULL)
    return;
  souk_byte_queue_consume (&stream->unread, len);
  self->unread -= len;
  if (stream->pending & PENDING_RESET)
    return;
  if (stream->read_closed)
    {
      souk_yamux_stream_maybe_end (self, stream);
      return;
    }

  /* Many small updates cost more than they speed up: wait for half a window. */
  size_t held = stream->recv_window + souk_byte_queue_len (&stream->unread);
  if (stream->window_size - held < stream->window_size / 2)
    return;
  maybe_grow (self, stream, now);
  uint32_t credit = (uint32_t)(stream->window_size - held);
  stream->recv_window += credit;
  stream->granted_at = now;
  souk_yamux_put (
      self,
      (SoukYamuxHeader){ SOUK_YAMUX_WINDOW_UPDATE, souk_yamux_stream_flags (stream), id, credit },
      SOUK_SLICE_EMPTY);
}

/* ---- the quick end ---- */

void
souk_yamux_stream_was_reset (SoukYamux *self, SoukYamuxStream *stream)
{
  if (stream->is_blocked)
    g_queue_unlink (&self->blocked, &stream->blocked_link);
  stream->is_blocked = false;
  /* What came before the reset may say why: a refused protocol, often. */
  souk_yamux_raise (self, stream, PENDING_RESET);
  stream->pending &= PENDING_OPENED | PENDING_READABLE | PENDING_RESET;
}

static void
put_reset (SoukYamux *self, SoukYamuxStream *stream)
{
  /* Of a stream whose SYN was never sent the peer knows nothing. */
  if (!stream->needs_syn)
    souk_yamux_put (self,
                    (SoukYamuxHeader){ SOUK_YAMUX_WINDOW_UPDATE, SOUK_YAMUX_RST, stream->id, 0 },
                    SOUK_SLICE_EMPTY);
}

void
souk_yamux_stream_fail (SoukYamux *self, SoukYamuxStream *stream)
{
  put_reset (self, stream);
  souk_yamux_stream_was_reset (self, stream);
}

void
souk_yamux_reset (SoukYamux *self, uint32_t id)
{
  SoukYamuxStream *stream = souk_yamux_find (self, id);
  if (stream == NULL)
    return;
  if (!(stream->pending & PENDING_RESET))
    put_reset (self, stream);
  souk_yamux_remove (self, stream);
}
