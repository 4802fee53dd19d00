/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One connection: the pump between a socket (or a stream of a relay) and its SoukConn. GLIB, node
 * thread.
 *
 * One GSource for each session holds its socket and its one timer. The order of work on each
 * wake-up: finish local work (events, what streams have queued), flush, then read what is new, so
 * that a fast sender cannot keep us from answering. A session is referenced by the swarm until it is
 * dead; the pump holds a reference of its own, since callbacks may close anything.
 */
#include "swarm/session.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
  GSource source;
  SoukSession *session;
} SessionSource;

typedef struct {
  SoukPongFunc done;
  void *user;
} PingWaiter;

static void pump (SoukSession *self, GIOCondition condition);
static void end (SoukSession *self, SoukStatus status, const GError *error);

SoukSession *
souk_session_ref (SoukSession *self)
{
  self->refs++;
  return self;
}

void
souk_session_unref (SoukSession *self)
{
  if (--self->refs > 0)
    return;
  g_assert (self->state == SESSION_DEAD);
  g_hash_table_unref (self->streams);
  g_array_unref (self->pings);
  g_clear_pointer (&self->conn, souk_conn_free);
  g_free (self);
}

/* ---- the source ---- */

static gboolean
session_dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  SoukSession *self = ((SessionSource *)source)->session;
  GIOCondition condition = self->fd_tag != NULL ? g_source_query_unix_fd (source, self->fd_tag) : 0;
  pump (self, condition);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs session_funcs = { .dispatch = session_dispatch };

static void
set_condition (SoukSession *self, GIOCondition condition)
{
  if (self->fd_tag != NULL)
    g_source_modify_unix_fd (self->source, self->fd_tag, condition);
}

static void
set_timer (SoukSession *self, SoukMono deadline)
{
  if (self->source != NULL)
    g_source_set_ready_time (self->source,
                             deadline.us == SOUK_MONO_NEVER.us ? -1 : MAX (deadline.us, 0));
}

void
souk_session_touch (SoukSession *self)
{
  if (!self->is_pumping && self->source != NULL)
    g_source_set_ready_time (self->source, 0);
}

/* ---- life ---- */

static SoukSession *
session_new (SoukSwarm *swarm, int fd, const SoukMultiaddr *addr, bool is_inbound)
{
  SoukSession *self = g_new0 (SoukSession, 1);
  self->refs = 1;
  self->swarm = swarm;
  self->fd = fd;
  self->is_inbound = is_inbound;
  self->addr = souk_multiaddr_without_peer_id (addr);
  self->streams = g_hash_table_new (NULL, NULL);
  self->pings = g_array_new (FALSE, FALSE, sizeof (PingWaiter));
  self->source = g_source_new (&session_funcs, sizeof (SessionSource));
  ((SessionSource *)self->source)->session = self;
  g_source_set_static_name (self->source, "souk session");
  if (fd >= 0)
    self->fd_tag = g_source_add_unix_fd (self->source, fd, G_IO_IN);
  g_source_attach (self->source, swarm->context);
  g_ptr_array_add (swarm->sessions, self);
  swarm->n_handshakes += is_inbound;
  return self;
}

static void
start_conn (SoukSession *self)
{
  SoukConnConfig config = { .shared = &self->swarm->shared,
                            .is_dialler = !self->is_inbound,
                            .expected = self->has_expected ? &self->expected : NULL,
                            .observed = self->is_relayed ? NULL : &self->addr };
  self->state = SESSION_RUNNING;
  self->conn = souk_conn_new (&config, souk_mono_now ());
  souk_session_touch (self);
}

void
souk_session_accept (SoukSwarm *swarm, int fd, const SoukMultiaddr *addr)
{
  start_conn (session_new (swarm, fd, addr, true));
}

SoukSession *
souk_session_connect (SoukSwarm *swarm, int fd, const SoukMultiaddr *addr,
                      const SoukPeerId *expected, SoukDial *dial)
{
  SoukSession *self = session_new (swarm, fd, addr, false);
  self->state = SESSION_CONNECTING;
  self->dial = dial;
  self->has_expected = expected != NULL;
  if (expected != NULL)
    self->expected = *expected;
  self->deadline = souk_mono_add_ms (souk_mono_now (), SOUK_SWARM_DIAL_MS);
  set_condition (self, G_IO_OUT);
  set_timer (self, self->deadline);
  return self;
}

/* ---- over a stream ---- */

static size_t
under_data (SoukStream *stream, SoukSlice in, void *user)
{
  SoukSession *self = user;
  if (self->state == SESSION_RUNNING)
    {
      self->bytes_in += in.len;
      souk_conn_recv (self->conn, in, souk_mono_now ());
      souk_session_touch (self);
    }
  return in.len;
}

static void
under_drained (SoukStream *stream, void *user)
{
  souk_session_touch (user);
}

static void
under_end (SoukStream *stream, void *user)
{
  SoukSession *self = user;
  if (self->state == SESSION_RUNNING)
    souk_conn_recv_eof (self->conn, souk_mono_now ());
  souk_session_touch (self);
}

static void
under_closed (SoukStream *stream, SoukStatus status, void *user)
{
  under_end (stream, user);
}

static const SoukStreamHandlers under_handlers = {
  .on_data = under_data, .on_drained = under_drained, .on_end = under_end, .on_closed = under_closed
};

static void
unref_session (gpointer session)
{
  souk_session_unref (session);
}

void
souk_swarm_adopt (SoukSwarm *swarm, SoukStream *under, bool is_dialler, const SoukPeerId *expected,
                  const SoukMultiaddr *addr, SoukDialFunc done, void *user)
{
  SoukSession *self = session_new (swarm, -1, addr, !is_dialler);
  self->is_relayed = true;
  self->has_expected = expected != NULL;
  if (expected != NULL)
    self->expected = *expected;
  self->adopt_done = done;
  self->adopt_user = user;
  self->under = souk_stream_ref (under);
  start_conn (self);
  souk_stream_start (under, &under_handlers, 0, souk_session_ref (self), unref_session);
}

/* ---- events ---- */

/* Two dials that crossed make two connections; both sides keep the one that the peer with the smaller
 * id has dialled. The other's dialler closes it once nothing runs over it (swarm.c). */
static void
upgraded (SoukSession *self)
{
  SoukSwarm *swarm = self->swarm;
  SoukMono now = souk_mono_now ();
  self->peer = *souk_conn_peer (self->conn);
  SoukPeer *peer = souk_swarm_get_peer (swarm, &self->peer);
  if (peer == NULL || souk_peer_is_banned (peer, now)
      || peer->sessions->len >= SOUK_SWARM_CONNECTIONS_PER_PEER_MAX)
    {
      souk_session_close (self, SOUK_STATUS_LIMIT);
      return;
    }
  self->is_upgraded = true;
  swarm->n_handshakes -= self->is_inbound;
  self->connected_at = souk_wall_now ();
  peer->seen_at = now;
  g_ptr_array_add (peer->sessions, self);
  bool is_first = peer->sessions->len == 1;
  if (!self->is_inbound && !self->is_relayed)
    souk_peer_addr_result (peer, &self->addr, true, now);

  g_autofree char *addr = souk_multiaddr_to_string (&self->addr);
  souk_swarm_log (swarm, "peer-connected", SOUK_STATUS_OK, &self->peer, addr);
  if (is_first)
    souk_swarm_tell (swarm, WATCH_CONNECTED, &self->peer);
  SoukDialFunc done = self->adopt_done;
  self->adopt_done = NULL;
  if (done != NULL)
    done (swarm, &self->peer, NULL, self->adopt_user);
  SoukDial *dial = g_steal_pointer (&self->dial);
  if (dial != NULL)
    souk_dial_succeeded (dial, self);
  souk_swarm_start_dials (swarm);
}

static void
identified (SoukSession *self, const SoukIdentifyInfo *info)
{
  SoukPeer *peer = souk_swarm_find_peer (self->swarm, &self->peer);
  if (peer == NULL)
    return;
  if (info->record_status != SOUK_STATUS_OK)
    souk_swarm_penalise (self->swarm, &self->peer, info->record_status);
  souk_peer_identified (peer, info);
  souk_swarm_tell_identified (self->swarm, &self->peer, info);
}

static void
pong (SoukSession *self, int64_t round_trip_us)
{
  g_autoptr (GArray) waiters = self->pings;
  self->pings = g_array_new (FALSE, FALSE, sizeof (PingWaiter));
  SoukPeer *peer = souk_swarm_find_peer (self->swarm, &self->peer);
  if (peer != NULL && round_trip_us >= 0)
    peer->round_trip_us = round_trip_us;
  for (guint i = 0; i < waiters->len; i++)
    {
      PingWaiter waiter = g_array_index (waiters, PingWaiter, i);
      waiter.done (self->swarm, &self->peer, round_trip_us, waiter.user);
    }
}

static void
stream_opened (SoukSession *self, uint32_t id, const char *protocol)
{
  const SoukService *service = souk_swarm_find_service (self->swarm, protocol);
  if (service == NULL)
    {
      souk_conn_reset (self->conn, id);
      return;
    }
  g_autoptr (SoukStream) stream = souk_stream_ref (souk_stream_new (self, id, protocol, true));
  service->handler (self->swarm, stream, service->user);
  if (!souk_stream_is_started (stream))
    souk_stream_reset (stream);
}

static void
take_event (SoukSession *self, const SoukConnEvent *event)
{
  g_autoptr (SoukStream) stream = event->user != NULL ? souk_stream_ref (event->user) : NULL;
  switch (event->type)
    {
    case SOUK_CONN_UPGRADED:
      upgraded (self);
      return;
    case SOUK_CONN_IDENTIFIED:
      identified (self, event->info);
      return;
    case SOUK_CONN_PONG:
      pong (self, event->round_trip_us);
      return;
    case SOUK_CONN_STREAM_OPENED:
      stream_opened (self, event->stream, event->protocol);
      return;
    case SOUK_CONN_CLOSED:
      end (self, event->status, NULL);
      return;
    case SOUK_CONN_STREAM_READY:
    case SOUK_CONN_STREAM_FAILED:
    case SOUK_CONN_READABLE:
    case SOUK_CONN_WRITABLE:
    case SOUK_CONN_EOF:
    case SOUK_CONN_STREAM_ENDED:
    case SOUK_CONN_STREAM_RESET:
      break;
    }
  if (stream == NULL)
    return;
  switch (event->type)
    {
    case SOUK_CONN_STREAM_READY:
      souk_stream_ready (stream, event->protocol);
      break;
    case SOUK_CONN_READABLE:
      souk_stream_readable (stream);
      break;
    case SOUK_CONN_WRITABLE:
      souk_stream_writable (stream);
      break;
    case SOUK_CONN_EOF:
      souk_stream_eof (stream);
      break;
    case SOUK_CONN_STREAM_FAILED:
      souk_stream_closed (stream, event->status);
      break;
    case SOUK_CONN_STREAM_ENDED:
      souk_stream_closed (stream, SOUK_STATUS_OK);
      break;
    case SOUK_CONN_STREAM_RESET:
      souk_stream_closed (stream, SOUK_STATUS_STREAM_RESET);
      break;
    case SOUK_CONN_UPGRADED:
    case SOUK_CONN_IDENTIFIED:
    case SOUK_CONN_PONG:
    case SOUK_CONN_STREAM_OPENED:
    case SOUK_CONN_CLOSED:
      break;
    }
}

static void
take_events (SoukSession *self)
{
  SoukConnEvent event;
  while (self->state == SESSION_RUNNING && souk_conn_next (self->conn, &event))
    take_event (self, &event);
}

/* ---- bytes ---- */

/* Returns: whether all is written. A broken socket ends the session when it is read. */
static bool
write_some (SoukSession *self)
{
  for (;;)
    {
      SoukSlice out = souk_conn_peek_out (self->conn);
      ssize_t put;
      if (out.len == 0)
        return true;
      if (self->under != NULL)
        {
          size_t room = SOUK_STREAM_QUEUE_MAX / 8;
          size_t waiting = souk_stream_queued (self->under);
          put = (ssize_t)MIN (out.len, waiting < room ? room - waiting : 0);
          if (put == 0 || !souk_stream_write (self->under, souk_slice (out.data, (size_t)put)))
            return false;
        }
      else
        {
          put = souk_socket_write (self->fd, out);
        }
      if (put < 0)
        return false;
      self->bytes_out += (uint64_t)put;
      souk_conn_sent (self->conn, (size_t)put);
    }
}

/* Streams may write more when something has gone, so that events and output take turns. */
static bool
flush (SoukSession *self)
{
  bool is_all = true;
  while (self->state == SESSION_RUNNING)
    {
      uint64_t before = self->bytes_out;
      is_all = write_some (self);
      take_events (self);
      if (self->bytes_out == before || !is_all)
        break;
    }
  return is_all;
}

static void
read_some (SoukSession *self)
{
  for (int i = 0; i < SOUK_SWARM_READS_MAX && self->state == SESSION_RUNNING; i++)
    {
      uint8_t *buffer = self->swarm->read_buffer;
      ssize_t got = souk_socket_read (self->fd, buffer, SOUK_SWARM_READ_SIZE);
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return;
      if (got <= 0)
        {
          souk_conn_recv_eof (self->conn, souk_mono_now ());
          take_events (self);
          return;
        }
      self->bytes_in += (uint64_t)got;
      souk_conn_recv (self->conn, souk_slice (buffer, (size_t)got), souk_mono_now ());
      take_events (self);
      flush (self);
      if (got < SOUK_SWARM_READ_SIZE / 2)
        return;
    }
}

/* TCP has answered, or has not in time. */
static void
connecting (SoukSession *self, GIOCondition condition)
{
  if (condition == 0 && !souk_mono_is_due (self->deadline, souk_mono_now ()))
    return;
  int code = condition == 0 ? ETIMEDOUT : souk_socket_error (self->fd);
  if (code == 0)
    {
      start_conn (self);
      return;
    }
  g_autoptr (GError) error = g_error_new (SOUK_SWARM_ERROR, SOUK_SWARM_ERROR_SYSTEM,
                                          "Cannot connect: %s", g_strerror (code));
  end (self, SOUK_STATUS_CLOSED, error);
}

static void
dispose (SoukSession *self)
{
  if (self->state == SESSION_DEAD)
    return;
  self->state = SESSION_DEAD;
  self->fd_tag = NULL;
  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  if (self->under != NULL)
    {
      souk_stream_reset (self->under);
      g_clear_pointer (&self->under, souk_stream_unref);
    }
  g_ptr_array_remove_fast (self->swarm->sessions, self);
  if (!self->swarm->is_freeing)
    souk_swarm_start_dials (self->swarm);
  souk_session_unref (self);
}

/* The last bytes go, then ours is shut; then the peer's end is waited for, so that the kernel does
 * not throw away what is under way. */
static void
linger (SoukSession *self, GIOCondition condition)
{
  bool is_all = write_some (self);
  if (is_all && self->fd >= 0)
    shutdown (self->fd, SHUT_WR);
  bool is_over = self->fd < 0 && is_all;
  if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))
    {
      ssize_t got = souk_socket_read (self->fd, self->swarm->read_buffer, SOUK_SWARM_READ_SIZE);
      is_over |= got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
    }
  if (is_over || souk_mono_is_due (self->deadline, souk_mono_now ()))
    {
      dispose (self);
      return;
    }
  set_condition (self, is_all ? G_IO_IN : G_IO_IN | G_IO_OUT);
  set_timer (self, self->deadline);
}

static void
running (SoukSession *self, GIOCondition condition)
{
  SoukMono now = souk_mono_now ();
  if (souk_mono_is_due (souk_conn_deadline (self->conn), now))
    souk_conn_tick (self->conn, now);
  take_events (self);
  flush (self);
  if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR) && self->state == SESSION_RUNNING)
    read_some (self);
  bool is_all = flush (self);
  if (self->state != SESSION_RUNNING)
    return;
  set_condition (self, is_all ? G_IO_IN : G_IO_IN | G_IO_OUT);
  set_timer (self, souk_conn_deadline (self->conn));
}

static void
pump (SoukSession *self, GIOCondition condition)
{
  g_assert (!self->is_pumping);
  souk_session_ref (self);
  self->is_pumping = true;
  if (self->state == SESSION_CONNECTING)
    connecting (self, condition);
  if (self->state == SESSION_RUNNING)
    running (self, condition);
  if (self->state == SESSION_LINGERING)
    linger (self, condition);
  self->is_pumping = false;
  souk_session_unref (self);
}

/* ---- the end ---- */

static void
close_streams (SoukSession *self)
{
  GHashTableIter iter;
  gpointer stream;
  for (;;)
    {
      g_hash_table_iter_init (&iter, self->streams);
      if (!g_hash_table_iter_next (&iter, &stream, NULL))
        return;
      souk_stream_closed (stream, SOUK_STATUS_CLOSED);
    }
}

/* Tells everybody whom it concerns, once. */
static void
end (SoukSession *self, SoukStatus status, const GError *error)
{
  SoukSwarm *swarm = self->swarm;
  if (self->state == SESSION_LINGERING || self->state == SESSION_DEAD)
    return;
  bool has_conn = self->conn != NULL;
  self->state = SESSION_LINGERING;
  self->deadline = souk_mono_add_ms (souk_mono_now (), has_conn ? SOUK_SWARM_LINGER_MS : 0);
  close_streams (self);
  pong (self, -1);

  g_autoptr (GError) made = error != NULL ? g_error_copy (error) : souk_swarm_error (status);
  if (self->is_upgraded)
    {
      SoukPeer *peer = souk_swarm_find_peer (swarm, &self->peer);
      g_ptr_array_remove_fast (peer->sessions, self);
      peer->seen_at = souk_mono_now ();
      souk_swarm_log (swarm, "peer-disconnected", status, &self->peer, NULL);
      if (peer->sessions->len == 0)
        souk_swarm_tell (swarm, WATCH_DISCONNECTED, &self->peer);
      souk_swarm_penalise (swarm, &self->peer, status);
    }
  else
    {
      g_autofree char *addr = souk_multiaddr_to_string (&self->addr);
      swarm->n_handshakes -= self->is_inbound;
      souk_swarm_log (swarm, self->is_inbound ? "handshake-failed" : "dial-failed", status,
                      self->has_expected ? &self->expected : NULL, addr);
    }
  SoukDialFunc done = self->adopt_done;
  self->adopt_done = NULL;
  if (done != NULL)
    done (swarm, NULL, made, self->adopt_user);
  SoukDial *dial = g_steal_pointer (&self->dial);
  if (dial != NULL)
    souk_dial_failed (dial, self, made);
  if (swarm->is_freeing || !has_conn)
    {
      if (has_conn)
        write_some (self);
      dispose (self);
    }
  else
    {
      souk_session_touch (self);
    }
}

void
souk_session_close (SoukSession *self, SoukStatus status)
{
  souk_session_ref (self);
  if (self->conn != NULL)
    souk_conn_close (self->conn);
  end (self, status, NULL);
  souk_session_unref (self);
}

void
souk_session_abandon (SoukSession *self)
{
  g_assert (self->state == SESSION_LINGERING && !self->is_pumping);
  dispose (self);
}

/* ---- questions ---- */

void
souk_session_ping (SoukSession *self, SoukPongFunc done, void *user)
{
  PingWaiter waiter = { done, user };
  g_array_append_val (self->pings, waiter);
  souk_conn_ping (self->conn, souk_mono_now ());
  souk_session_touch (self);
}

unsigned
souk_session_n_streams (const SoukSession *self)
{
  return g_hash_table_size (self->streams);
}
