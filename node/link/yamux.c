/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Yamux: the session. PURE. See yamux.h; one stream is yamux-stream.c.
 */
#include "link/yamux-private.h"

#include <string.h>

static void
send_ping (SoukYamux *self, SoukMono now)
{
  self->ping_value++;
  self->ping_waits = true;
  self->ping_at = now;
  souk_yamux_put (self, (SoukYamuxHeader){ SOUK_YAMUX_PING, SOUK_YAMUX_SYN, 0, self->ping_value },
                  SOUK_SLICE_EMPTY);
}

static void
stream_free (gpointer data)
{
  SoukYamuxStream *stream = data;
  souk_byte_queue_done (&stream->unread);
  g_free (stream);
}

SoukYamux *
souk_yamux_new (bool is_dialler, SoukMono now)
{
  SoukYamux *self = g_new0 (SoukYamux, 1);
  self->is_dialler = is_dialler;
  self->now = self->heard_at = now;
  self->streams = g_hash_table_new_full (NULL, NULL, NULL, stream_free);
  self->next_id = is_dialler ? 1 : 2;
  self->round_trip_us = -1;
  g_queue_init (&self->dirty);
  g_queue_init (&self->blocked);
  send_ping (self, now);
  return self;
}

void
souk_yamux_free (SoukYamux *self)
{
  /* The queues' links lie inside the streams. */
  g_queue_init (&self->dirty);
  g_queue_init (&self->blocked);
  g_hash_table_unref (self->streams);
  souk_byte_queue_done (&self->out);
  g_free (self);
}

/* ---- the table of streams ---- */

SoukYamuxStream *
souk_yamux_find (const SoukYamux *self, uint32_t id)
{
  if (self->last != NULL && self->last->id == id)
    return self->last;
  return g_hash_table_lookup (self->streams, GUINT_TO_POINTER (id));
}

SoukYamuxStream *
souk_yamux_add (SoukYamux *self, uint32_t id, bool is_outbound)
{
  SoukYamuxStream *stream = g_new0 (SoukYamuxStream, 1);
  stream->id = id;
  stream->is_outbound = is_outbound;
  stream->needs_syn = is_outbound;
  stream->needs_ack = !is_outbound;
  stream->dirty_link.data = stream->blocked_link.data = stream;
  stream->send_window = SOUK_YAMUX_WINDOW_INITIAL;
  stream->recv_window = stream->window_size = SOUK_YAMUX_WINDOW_INITIAL;
  stream->granted_at = self->now;
  g_hash_table_insert (self->streams, GUINT_TO_POINTER (id), stream);
  if (is_outbound)
    {
      self->n_outbound++;
      self->n_unacked++;
    }
  else
    {
      self->n_inbound++;
    }
  return stream;
}

void
souk_yamux_remove (SoukYamux *self, SoukYamuxStream *stream)
{
  if (stream->pending != 0)
    g_queue_unlink (&self->dirty, &stream->dirty_link);
  if (stream->is_blocked)
    g_queue_unlink (&self->blocked, &stream->blocked_link);
  if (stream->is_outbound)
    {
      self->n_outbound--;
      self->n_unacked -= !stream->is_acked;
    }
  else
    {
      self->n_inbound--;
    }
  self->unread -= souk_byte_queue_len (&stream->unread);
  self->growth -= stream->window_size - SOUK_YAMUX_WINDOW_INITIAL;
  if (self->last == stream)
    self->last = NULL;
  g_hash_table_remove (self->streams, GUINT_TO_POINTER (stream->id));
}

void
souk_yamux_raise (SoukYamux *self, SoukYamuxStream *stream, unsigned pending)
{
  if (stream->pending == 0)
    g_queue_push_tail_link (&self->dirty, &stream->dirty_link);
  stream->pending |= pending;
}

void
souk_yamux_put (SoukYamux *self, SoukYamuxHeader header, SoukSlice payload)
{
  uint8_t *at = souk_byte_queue_reserve (&self->out, SOUK_YAMUX_HEADER_SIZE + payload.len);
  souk_yamux_header_encode (header, at);
  if (payload.len > 0)
    memcpy (at + SOUK_YAMUX_HEADER_SIZE, payload.data, payload.len);
  souk_byte_queue_commit (&self->out, SOUK_YAMUX_HEADER_SIZE + payload.len);
}

/* ---- frames that come in ---- */

/* Returns: the new stream; NULL when it was refused by a reset. */
static SoukStatus
take_syn (SoukYamux *self, uint32_t id, SoukYamuxStream **out)
{
  /* "The client side should use odd ID's, and the server even." */
  bool is_peers = (id % 2 == 1) != self->is_dialler;
  if (!is_peers || souk_yamux_find (self, id) != NULL)
    return SOUK_STATUS_BAD_FRAME;
  if (self->n_inbound == SOUK_YAMUX_INBOUND_MAX || self->we_left)
    {
      souk_yamux_put (self, (SoukYamuxHeader){ SOUK_YAMUX_WINDOW_UPDATE, SOUK_YAMUX_RST, id, 0 },
                      SOUK_SLICE_EMPTY);
      *out = NULL;
      return SOUK_STATUS_OK;
    }
  *out = souk_yamux_add (self, id, false);
  souk_yamux_raise (self, *out, PENDING_OPENED);
  return SOUK_STATUS_OK;
}

static void
take_fin (SoukYamux *self, SoukYamuxStream *stream)
{
  if (stream->read_closed)
    return;
  stream->read_closed = true;
  souk_yamux_raise (self, stream, PENDING_EOF);
}

static SoukStatus
take_window (SoukYamux *self, SoukYamuxStream *stream, uint32_t delta)
{
  if (delta > UINT32_MAX - stream->send_window)
    return SOUK_STATUS_BAD_FRAME;
  stream->send_window += delta;
  souk_yamux_stream_unblock (self, stream);
  return SOUK_STATUS_OK;
}

static SoukStatus
take_data_header (SoukYamux *self, SoukYamuxStream *stream, SoukYamuxHeader header)
{
  if (header.length > stream->recv_window)
    return SOUK_STATUS_WINDOW_OVERRUN;
  if (stream->read_closed && header.length > 0)
    {
      souk_yamux_stream_fail (self, stream);
      return SOUK_STATUS_OK;
    }
  stream->recv_window -= header.length;
  self->body_stream = stream->id;
  return SOUK_STATUS_OK;
}

/* A frame of type DATA or WINDOW_UPDATE. Frames for unknown streams are dropped: they cross with a
 * reset of ours, or come after FIN both ways. */
static SoukStatus
take_stream_frame (SoukYamux *self, SoukYamuxHeader header)
{
  bool is_data = header.type == SOUK_YAMUX_DATA;
  self->body_left = is_data ? header.length : 0;
  self->body_stream = 0;
  self->body_fin = false;

  SoukYamuxStream *stream = NULL;
  if (header.flags & SOUK_YAMUX_SYN)
    SOUK_TRY (take_syn (self, header.stream, &stream));
  else
    stream = souk_yamux_find (self, header.stream);
  if (stream == NULL || (stream->pending & PENDING_RESET))
    return SOUK_STATUS_OK;
  self->last = stream;

  if (stream->is_outbound && !stream->is_acked)
    {
      /* A frame for a stream of which the peer cannot know yet. */
      if (stream->needs_syn)
        return SOUK_STATUS_BAD_FRAME;
      stream->is_acked = true;
      self->n_unacked--;
    }
  if (header.flags & SOUK_YAMUX_RST)
    {
      souk_yamux_stream_was_reset (self, stream);
      return SOUK_STATUS_OK;
    }
  if (is_data)
    SOUK_TRY (take_data_header (self, stream, header));
  else
    SOUK_TRY (take_window (self, stream, header.length));
  if (header.flags & SOUK_YAMUX_FIN)
    {
      if (self->body_left > 0)
        self->body_fin = true;
      else
        take_fin (self, stream);
    }
  return SOUK_STATUS_OK;
}

static void
take_ping (SoukYamux *self, SoukYamuxHeader header)
{
  if (header.flags & SOUK_YAMUX_SYN)
    {
      header.flags = SOUK_YAMUX_ACK;
      souk_yamux_put (self, header, SOUK_SLICE_EMPTY);
    }
  else if (self->ping_waits && header.length == self->ping_value)
    {
      self->ping_waits = false;
      self->round_trip_us = souk_mono_diff_us (self->now, self->ping_at);
    }
}

static SoukStatus
take_header (SoukYamux *self)
{
  SoukYamuxHeader header;
  SOUK_TRY (souk_yamux_header_decode (self->header, &header));
  switch (header.type)
    {
    case SOUK_YAMUX_DATA:
    case SOUK_YAMUX_WINDOW_UPDATE:
      return take_stream_frame (self, header);
    case SOUK_YAMUX_PING:
      take_ping (self, header);
      return SOUK_STATUS_OK;
    case SOUK_YAMUX_GO_AWAY:
      self->peer_left = self->peer_left_pending = true;
      self->peer_left_code = header.length;
      return SOUK_STATUS_OK;
    }
  g_assert_not_reached ();
}

/* Part of a data frame's payload. */
static void
take_body (SoukYamux *self, SoukSlice part)
{
  SoukYamuxStream *stream
      = self->body_stream == 0 ? NULL : souk_yamux_find (self, self->body_stream);
  self->body_left -= (uint32_t)part.len;
  if (stream == NULL || (stream->pending & PENDING_RESET))
    return;
  if (self->unread + part.len > SOUK_YAMUX_UNREAD_MAX)
    {
      souk_yamux_stream_fail (self, stream);
      return;
    }
  souk_byte_queue_append (&stream->unread, part);
  self->unread += part.len;
  souk_yamux_raise (self, stream, PENDING_READABLE);
  if (self->body_left == 0 && self->body_fin)
    take_fin (self, stream);
}

SoukStatus
souk_yamux_recv (SoukYamux *self, SoukSlice in, SoukMono now)
{
  self->now = self->heard_at = now;
  while (in.len > 0)
    {
      size_t used;
      if (self->body_left > 0)
        {
          used = MIN (in.len, self->body_left);
          take_body (self, souk_slice (in.data, used));
        }
      else
        {
          used = MIN (in.len, SOUK_YAMUX_HEADER_SIZE - self->header_len);
          memcpy (self->header + self->header_len, in.data, used);
          self->header_len += used;
          if (self->header_len == SOUK_YAMUX_HEADER_SIZE)
            {
              self->header_len = 0;
              SOUK_TRY (take_header (self));
            }
        }
      in = souk_slice (in.data + used, in.len - used);
      if (souk_byte_queue_len (&self->out) > SOUK_YAMUX_OUT_MAX + SOUK_YAMUX_CONTROL_MAX)
        return SOUK_STATUS_CONTROL_FLOOD;
    }
  return SOUK_STATUS_OK;
}

/* ---- events ---- */

bool
souk_yamux_next (SoukYamux *self, SoukYamuxEvent *out)
{
  static const SoukYamuxEventType types[]
      = { SOUK_YAMUX_OPENED, SOUK_YAMUX_READABLE, SOUK_YAMUX_WRITABLE,
          SOUK_YAMUX_EOF,    SOUK_YAMUX_ENDED,    SOUK_YAMUX_WAS_RESET };
  GList *link = g_queue_peek_head_link (&self->dirty);
  if (link == NULL)
    {
      bool is_pending = self->peer_left_pending;
      self->peer_left_pending = false;
      if (is_pending)
        *out = (SoukYamuxEvent){ SOUK_YAMUX_PEER_LEAVES, 0, self->peer_left_code, NULL };
      return is_pending;
    }

  SoukYamuxStream *stream = link->data;
  int bit = g_bit_nth_lsf (stream->pending, -1);
  stream->pending &= ~(1u << bit);
  if (stream->pending == 0)
    g_queue_unlink (&self->dirty, link);
  *out = (SoukYamuxEvent){ types[bit], stream->id, 0, stream->user };
  if (types[bit] == SOUK_YAMUX_WAS_RESET || types[bit] == SOUK_YAMUX_ENDED)
    {
      souk_yamux_remove (self, stream);
    }
  else if (types[bit] == SOUK_YAMUX_EOF)
    {
      stream->eof_pulled = true;
      souk_yamux_stream_maybe_end (self, stream);
    }
  return true;
}

/* ---- output and time ---- */

SoukSlice
souk_yamux_peek_out (const SoukYamux *self)
{
  return souk_byte_queue_peek (&self->out);
}

void
souk_yamux_sent (SoukYamux *self, size_t len)
{
  souk_byte_queue_consume (&self->out, len);
  /* Half-empty, so that a writer wakes for more than a few bytes. */
  if (souk_byte_queue_len (&self->out) > SOUK_YAMUX_OUT_MAX / 2)
    return;
  GList *next = NULL;
  for (GList *link = self->blocked.head; link != NULL; link = next)
    {
      next = link->next;
      souk_yamux_stream_unblock (self, link->data);
    }
}

SoukMono
souk_yamux_deadline (const SoukYamux *self)
{
  if (!self->ping_waits)
    return souk_mono_add_ms (self->ping_at, SOUK_YAMUX_KEEPALIVE_MS);
  /* A peer that sends other things is alive: its pong waits behind them. */
  SoukMono since = self->heard_at.us > self->ping_at.us ? self->heard_at : self->ping_at;
  return souk_mono_add_ms (since, SOUK_YAMUX_PONG_TIMEOUT_MS);
}

SoukStatus
souk_yamux_tick (SoukYamux *self, SoukMono now)
{
  self->now = now;
  if (!souk_mono_is_due (souk_yamux_deadline (self), now))
    return SOUK_STATUS_OK;
  if (self->ping_waits)
    return SOUK_STATUS_TIMED_OUT;
  send_ping (self, now);
  return SOUK_STATUS_OK;
}

void
souk_yamux_go_away (SoukYamux *self, uint32_t code)
{
  if (self->we_left)
    return;
  self->we_left = true;
  souk_yamux_put (self, (SoukYamuxHeader){ SOUK_YAMUX_GO_AWAY, 0, 0, code }, SOUK_SLICE_EMPTY);
}

int64_t
souk_yamux_round_trip_us (const SoukYamux *self)
{
  return self->round_trip_us;
}

unsigned
souk_yamux_n_streams (const SoukYamux *self)
{
  return self->n_inbound + self->n_outbound;
}

size_t
souk_yamux_out_len (const SoukYamux *self)
{
  return souk_byte_queue_len (&self->out);
}
