/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One stream to a peer. GLIB, node thread. See stream.h.
 *
 * The session calls in here from its pump only, so that no callback runs inside a function that the
 * owner has called. Whole messages are read straight from the connection's buffer; one that is larger
 * than what may wait there is gathered in `partial`, which frees the peer's window.
 */
#include "swarm/session.h"

#include "base/varint.h"

struct SoukStream {
  int refs;
  SoukSession *session; /* NULL once closed */
  uint32_t id;
  SoukPeerId peer;
  const char *protocol;
  bool is_inbound;
  bool is_relayed;

  SoukOpenFunc open_done; /* who waits for the stream */
  void *open_user;

  bool is_started;
  bool is_finished; /* on_closed was called or is not wanted */
  unsigned in_callback;
  const SoukStreamHandlers *handlers;
  size_t message_max;
  void *user;
  GDestroyNotify destroy;

  SoukByteQueue queue; /* what the connection has not taken */
  size_t queue_max;
  bool was_refused;
  bool wants_close;
  bool write_closed;

  SoukByteQueue partial; /* a message that has begun */
  bool is_paused;
  bool has_eof;
  bool eof_told;
  GSource *timeout;
};

/* ---- life ---- */

SoukStream *
souk_stream_new (SoukSession *session, uint32_t id, const char *protocol, bool is_inbound)
{
  SoukStream *self = g_new0 (SoukStream, 1);
  self->refs = 1;
  self->session = session;
  self->id = id;
  self->peer = session->peer;
  self->protocol = protocol;
  self->is_inbound = is_inbound;
  self->is_relayed = session->is_relayed;
  self->queue_max = SOUK_STREAM_QUEUE_MAX;
  souk_conn_set_user (session->conn, id, self);
  g_hash_table_add (session->streams, self);
  return self;
}

SoukStream *
souk_stream_ref (SoukStream *self)
{
  self->refs++;
  return self;
}

/* Gives the owner's data back, when none of its functions is running. */
static void
release_user (SoukStream *self)
{
  if (!self->is_finished || self->in_callback > 0)
    return;
  GDestroyNotify destroy = g_steal_pointer (&self->destroy);
  void *user = g_steal_pointer (&self->user);
  self->handlers = NULL;
  if (destroy != NULL)
    destroy (user);
}

void
souk_stream_unref (SoukStream *self)
{
  if (--self->refs > 0)
    return;
  g_assert (self->session == NULL && self->in_callback == 0);
  release_user (self);
  souk_byte_queue_done (&self->queue);
  souk_byte_queue_done (&self->partial);
  g_free (self);
}

static void
enter (SoukStream *self)
{
  souk_stream_ref (self);
  self->in_callback++;
}

static void
leave (SoukStream *self)
{
  self->in_callback--;
  release_user (self);
  souk_stream_unref (self);
}

static void
clear_timeout (SoukStream *self)
{
  if (self->timeout == NULL)
    return;
  g_source_destroy (self->timeout);
  g_clear_pointer (&self->timeout, g_source_unref);
}

/* The session is no longer ours; drops its reference. */
static void
detach (SoukStream *self)
{
  SoukSession *session = g_steal_pointer (&self->session);
  if (session == NULL)
    return;
  clear_timeout (self);
  g_hash_table_remove (session->streams, self);
  souk_stream_unref (self);
}

void
souk_stream_closed (SoukStream *self, SoukStatus status)
{
  if (self->session == NULL)
    return;
  SoukSwarm *swarm = self->session->swarm;
  enter (self);
  detach (self);
  SoukOpenFunc done = g_steal_pointer (&self->open_done);
  if (done != NULL)
    {
      g_autoptr (GError) error
          = souk_swarm_error (status == SOUK_STATUS_OK ? SOUK_STATUS_STREAM_RESET : status);
      done (swarm, NULL, error, self->open_user);
    }
  if (self->is_started && !self->is_finished)
    {
      self->is_finished = true;
      if (self->handlers->on_closed != NULL)
        self->handlers->on_closed (self, status, self->user);
    }
  self->is_finished = true;
  leave (self);
}

void
souk_stream_reset (SoukStream *self)
{
  SoukSession *session = self->session;
  if (session == NULL)
    return;
  enter (self);
  if (session->conn != NULL)
    souk_conn_reset (session->conn, self->id);
  souk_session_touch (session);
  self->is_finished = true;
  detach (self);
  leave (self);
}

/* Ends it because of what the peer did: the owner hears of it. */
static void
fail (SoukStream *self, SoukStatus status)
{
  SoukSession *session = self->session;
  if (session == NULL)
    return;
  souk_conn_reset (session->conn, self->id);
  souk_session_touch (session);
  souk_stream_ref (self);
  souk_stream_closed (self, status);
  souk_swarm_penalise (session->swarm, &self->peer, status);
  souk_stream_unref (self);
}

static gboolean
on_timeout (gpointer data)
{
  SoukStream *self = data;
  SoukSession *session = souk_session_ref (self->session);
  fail (self, SOUK_STATUS_TIMED_OUT);
  souk_session_unref (session);
  return G_SOURCE_REMOVE;
}

void
souk_stream_set_timeout (SoukStream *self, unsigned ms)
{
  clear_timeout (self);
  if (ms == 0 || self->session == NULL)
    return;
  self->timeout = g_timeout_source_new (ms);
  g_source_set_callback (self->timeout, on_timeout, self, NULL);
  g_source_attach (self->timeout, self->session->swarm->context);
}

/* ---- opening ---- */

bool
souk_stream_is_started (const SoukStream *self)
{
  return self->is_started;
}

static void
hand_over (SoukStream *self)
{
  SoukOpenFunc done = g_steal_pointer (&self->open_done);
  if (done == NULL || self->session == NULL)
    return;
  enter (self);
  done (self->session->swarm, self, NULL, self->open_user);
  if (!self->is_started)
    souk_stream_reset (self);
  leave (self);
}

static void
hand_over_later (void *data)
{
  SoukStream *self = data;
  hand_over (self);
  souk_stream_unref (self);
}

void
souk_stream_expect (SoukStream *self, SoukOpenFunc done, void *user, bool at_once)
{
  self->open_done = done;
  self->open_user = user;
  if (at_once)
    souk_swarm_later (self->session->swarm, hand_over_later, souk_stream_ref (self));
}

void
souk_stream_ready (SoukStream *self, const char *protocol)
{
  self->protocol = protocol;
  hand_over (self);
}

void
souk_stream_start (SoukStream *self, const SoukStreamHandlers *handlers, size_t message_max,
                   void *user, GDestroyNotify destroy)
{
  g_assert (!self->is_started);
  self->is_started = true;
  self->handlers = handlers;
  self->message_max = message_max;
  self->user = user;
  self->destroy = destroy;
  if (self->session == NULL)
    self->is_finished = true;
  /* What has come already is looked at from the pump. */
  souk_stream_resume (self);
}

/* ---- reading ---- */

/* Reads the length of a message at the start of `in`.
 * Returns: OK with the size of prefix and message; SHORT_READ; TOO_LARGE; BAD_VARINT. */
static SoukStatus
message_size (const SoukStream *self, SoukSlice in, size_t *out_prefix, size_t *out_size)
{
  uint64_t len = 0;
  size_t prefix = 0;
  SOUK_TRY (souk_varint_decode (in, &len, &prefix));
  if (len > self->message_max)
    return SOUK_STATUS_TOO_LARGE;
  *out_prefix = prefix;
  *out_size = prefix + (size_t)len;
  return SOUK_STATUS_OK;
}

static void
tell_message (SoukStream *self, SoukSlice message)
{
  enter (self);
  if (self->handlers->on_message != NULL)
    self->handlers->on_message (self, message, self->user);
  leave (self);
}

static bool
may_read (const SoukStream *self)
{
  return self->session != NULL && self->is_started && !self->is_paused
         && self->session->conn != NULL;
}

/* Takes one message, or a part of one. Returns: whether it is worth going on. */
static bool
read_message (SoukStream *self)
{
  SoukConn *conn = self->session->conn;
  SoukSlice in = souk_conn_peek (conn, self->id);
  SoukSlice begun = souk_byte_queue_peek (&self->partial);
  size_t prefix = 0, size = 0;
  if (in.len == 0)
    return false;
  if (begun.len == 0)
    {
      SoukStatus status = message_size (self, in, &prefix, &size);
      if (status == SOUK_STATUS_OK && in.len >= size)
        {
          tell_message (self, souk_slice (in.data + prefix, size - prefix));
          if (self->session != NULL)
            souk_conn_consume (conn, self->id, size, souk_mono_now ());
          return true;
        }
      if (status != SOUK_STATUS_OK && status != SOUK_STATUS_SHORT_READ)
        {
          fail (self, status);
          return false;
        }
    }

  /* Not more than the message: what is behind it is the next one's. */
  SoukStatus status
      = begun.len == 0 ? SOUK_STATUS_SHORT_READ : message_size (self, begun, &prefix, &size);
  size_t len = status == SOUK_STATUS_OK ? MIN (in.len, size - begun.len) : 1;
  if (status != SOUK_STATUS_OK && status != SOUK_STATUS_SHORT_READ)
    {
      fail (self, status);
      return false;
    }
  souk_byte_queue_append (&self->partial, souk_slice (in.data, len));
  souk_conn_consume (conn, self->id, len, souk_mono_now ());
  begun = souk_byte_queue_peek (&self->partial);
  if (message_size (self, begun, &prefix, &size) == SOUK_STATUS_OK && begun.len == size)
    {
      SoukByteQueue whole = self->partial;
      self->partial = (SoukByteQueue){ 0 };
      tell_message (self, souk_slice (begun.data + prefix, size - prefix));
      souk_byte_queue_done (&whole);
    }
  return true;
}

static bool
read_raw (SoukStream *self)
{
  SoukSlice in = souk_conn_peek (self->session->conn, self->id);
  if (in.len == 0)
    return false;
  enter (self);
  size_t used
      = self->handlers->on_data == NULL ? in.len : self->handlers->on_data (self, in, self->user);
  g_assert (used <= in.len);
  if (self->session != NULL)
    souk_conn_consume (self->session->conn, self->id, used, souk_mono_now ());
  leave (self);
  return used > 0;
}

static void
tell_end (SoukStream *self)
{
  if (!self->has_eof || self->eof_told || !may_read (self)
      || souk_conn_peek (self->session->conn, self->id).len > 0)
    return;
  self->eof_told = true;
  if (souk_byte_queue_len (&self->partial) > 0)
    {
      fail (self, SOUK_STATUS_CUT_OFF);
      return;
    }
  enter (self);
  if (self->handlers->on_end != NULL)
    self->handlers->on_end (self, self->user);
  leave (self);
}

void
souk_stream_readable (SoukStream *self)
{
  souk_stream_ref (self);
  while (may_read (self) && (self->message_max > 0 ? read_message (self) : read_raw (self)))
    ;
  tell_end (self);
  souk_stream_unref (self);
}

void
souk_stream_eof (SoukStream *self)
{
  self->has_eof = true;
  souk_stream_readable (self);
}

void
souk_stream_pause (SoukStream *self)
{
  self->is_paused = true;
}

static void
resume_later (void *data)
{
  SoukStream *self = data;
  if (may_read (self))
    {
      SoukSession *session = souk_session_ref (self->session);
      souk_stream_readable (self);
      souk_session_touch (session);
      souk_session_unref (session);
    }
  souk_stream_unref (self);
}

void
souk_stream_resume (SoukStream *self)
{
  self->is_paused = false;
  if (self->session != NULL)
    souk_swarm_later (self->session->swarm, resume_later, souk_stream_ref (self));
}

/* ---- writing ---- */

bool
souk_stream_write (SoukStream *self, SoukSlice in)
{
  if (self->session == NULL || self->session->conn == NULL || self->wants_close
      || self->write_closed)
    return false;
  size_t waiting = souk_byte_queue_len (&self->queue);
  if (in.len > self->queue_max - MIN (waiting, self->queue_max))
    {
      self->was_refused = true;
      return false;
    }
  size_t taken = waiting > 0 ? 0 : souk_conn_write (self->session->conn, self->id, in);
  souk_byte_queue_append (&self->queue, souk_slice (in.data + taken, in.len - taken));
  souk_session_touch (self->session);
  return true;
}

bool
souk_stream_send (SoukStream *self, SoukSlice message)
{
  uint8_t prefix[SOUK_VARINT_SIZE_MAX];
  size_t len = souk_varint_encode (message.len, prefix);
  /* Both or neither. */
  if (message.len + len + souk_byte_queue_len (&self->queue) > self->queue_max)
    {
      self->was_refused = true;
      return false;
    }
  return souk_stream_write (self, souk_slice (prefix, len)) && souk_stream_write (self, message);
}

size_t
souk_stream_queued (const SoukStream *self)
{
  return souk_byte_queue_len (&self->queue);
}

void
souk_stream_set_queue_max (SoukStream *self, size_t bytes)
{
  self->queue_max = bytes;
}

static void
close_now (SoukStream *self)
{
  self->write_closed = true;
  souk_conn_close_write (self->session->conn, self->id);
  souk_session_touch (self->session);
}

void
souk_stream_writable (SoukStream *self)
{
  if (self->session == NULL)
    return;
  SoukSlice in = souk_byte_queue_peek (&self->queue);
  bool had = in.len > 0;
  if (had)
    souk_byte_queue_consume (&self->queue, souk_conn_write (self->session->conn, self->id, in));
  size_t waiting = souk_byte_queue_len (&self->queue);
  if (waiting == 0 && self->wants_close && !self->write_closed)
    close_now (self);
  bool is_low = self->was_refused && waiting <= self->queue_max / 2;
  if (!is_low && !(had && waiting == 0))
    return;
  self->was_refused = false;
  if (self->is_started && !self->is_finished && self->handlers->on_drained != NULL
      && !self->wants_close)
    {
      enter (self);
      self->handlers->on_drained (self, self->user);
      leave (self);
    }
}

void
souk_stream_close_write (SoukStream *self)
{
  if (self->session == NULL || self->session->conn == NULL || self->wants_close)
    return;
  self->wants_close = true;
  if (souk_byte_queue_len (&self->queue) == 0)
    close_now (self);
}

/* ---- questions ---- */

const SoukPeerId *
souk_stream_peer (const SoukStream *self)
{
  return &self->peer;
}

const char *
souk_stream_protocol (const SoukStream *self)
{
  return self->protocol;
}

bool
souk_stream_is_inbound (const SoukStream *self)
{
  return self->is_inbound;
}

bool
souk_stream_is_closed (const SoukStream *self)
{
  return self->session == NULL;
}

bool
souk_stream_is_relayed (const SoukStream *self)
{
  return self->is_relayed;
}

SoukSession *
souk_stream_session (const SoukStream *self)
{
  return self->session;
}
