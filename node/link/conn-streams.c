/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The streams of a connection: agreeing on a protocol, and the application's use of them. PURE. See
 * conn.h.
 */
#include "link/conn-private.h"

#include "link/multistream-limits.h"

/* ---- the table ---- */

SoukConnStream *
souk_conn_find (const SoukConn *self, uint32_t id)
{
  return self->yamux == NULL ? NULL : souk_yamux_user (self->yamux, id);
}

void
souk_conn_stream_free (gpointer data)
{
  SoukConnStream *stream = data;
  if (stream->kind == KIND_IDENTIFY_ASK || stream->kind == KIND_PUSH_READ)
    souk_identify_done (&stream->service.identify);
  g_strfreev (stream->offers);
  g_free (stream);
}

static SoukConnStream *
add_stream (SoukConn *self, uint32_t id, SoukConnKind kind)
{
  SoukConnStream *stream = g_new0 (SoukConnStream, 1);
  stream->id = id;
  stream->kind = kind;
  stream->timed_link.data = stream;
  g_hash_table_insert (self->streams, GUINT_TO_POINTER (id), stream);
  souk_yamux_set_user (self->yamux, id, stream);
  souk_conn_set_deadline (self, stream, SOUK_MULTISTREAM_TIMEOUT_MS);
  return stream;
}

void
souk_conn_drop (SoukConn *self, SoukConnStream *stream)
{
  souk_conn_clear_deadline (self, stream);
  if (stream->is_inbound && !stream->is_agreed)
    self->n_negotiating--;
  if (stream->is_inbound && stream->is_agreed && stream->kind != KIND_APP)
    self->n_services--;
  souk_yamux_set_user (self->yamux, stream->id, NULL);
  g_hash_table_remove (self->streams, GUINT_TO_POINTER (stream->id));
}

/* Resets the stream and forgets it. */
static void
kill_stream (SoukConn *self, SoukConnStream *stream)
{
  uint32_t id = stream->id;
  souk_conn_drop (self, stream);
  souk_yamux_reset (self->yamux, id);
}

static void
push_for (SoukConn *self, const SoukConnStream *stream, SoukConnEventType type, SoukStatus status)
{
  souk_conn_push (self, (SoukConnEvent){ .type = type,
                                         .stream = stream->id,
                                         .user = stream->user,
                                         .protocol = stream->protocol,
                                         .status = status });
}

/* An outbound stream cannot be had: tells whoever waits. */
static void
tell_failure (SoukConn *self, SoukConnStream *stream, SoukStatus status)
{
  if (stream->kind != KIND_APP)
    souk_conn_service_failed (self, stream);
  else if (!stream->is_inbound)
    push_for (self, stream, SOUK_CONN_STREAM_FAILED, status);
}

/* ---- deadlines ---- */

void
souk_conn_clear_deadline (SoukConn *self, SoukConnStream *stream)
{
  if (stream->is_timed)
    g_queue_unlink (&self->timed, &stream->timed_link);
  stream->is_timed = false;
}

void
souk_conn_set_deadline (SoukConn *self, SoukConnStream *stream, int64_t in_ms)
{
  souk_conn_clear_deadline (self, stream);
  stream->deadline = souk_mono_add_ms (self->now, in_ms);
  stream->is_timed = true;
  g_queue_push_tail_link (&self->timed, &stream->timed_link);
  self->timed_min = souk_mono_min (self->timed_min, stream->deadline);
}

void
souk_conn_tick_streams (SoukConn *self)
{
  GList *next = NULL;
  self->timed_min = SOUK_MONO_NEVER;
  for (GList *link = self->timed.head; link != NULL; link = next)
    {
      SoukConnStream *stream = link->data;
      next = link->next;
      if (!souk_mono_is_due (stream->deadline, self->now))
        {
          self->timed_min = souk_mono_min (self->timed_min, stream->deadline);
          continue;
        }
      tell_failure (self, stream, SOUK_STATUS_TIMED_OUT);
      kill_stream (self, stream);
    }
}

/* ---- negotiation ---- */

SoukStatus
souk_conn_open_kind (SoukConn *self, SoukConnKind kind, const char *const *protocols,
                     SoukConnStream **out)
{
  uint32_t id = 0;
  if (self->stage != STAGE_OPEN)
    return SOUK_STATUS_CLOSED;
  SOUK_TRY (souk_yamux_open (self->yamux, &id, self->now));
  SoukConnStream *stream = add_stream (self, id, kind);
  stream->offers = g_strdupv ((char **)protocols);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  souk_multistream_dial (&stream->negotiation, protocols, bytes);
  souk_yamux_write_all (self->yamux, id, souk_slice_from_array (bytes));
  *out = stream;
  return SOUK_STATUS_OK;
}

/* The services stand first in the list of what is served. */
static void
agree_inbound (SoukConn *self, SoukConnStream *stream)
{
  size_t chosen = stream->negotiation.chosen;
  stream->kind = chosen < N_SERVICES ? (SoukConnKind)chosen : KIND_APP;
  stream->protocol = g_intern_string (self->shared->protocols[chosen]);
  stream->is_agreed = true;
  self->n_negotiating--;
  if (stream->kind == KIND_APP)
    {
      push_for (self, stream, SOUK_CONN_STREAM_OPENED, SOUK_STATUS_OK);
      return;
    }
  if (self->n_services++ < SOUK_CONN_SERVICES_MAX)
    souk_conn_service_start (self, stream);
  else
    kill_stream (self, stream);
}

static void
agree_outbound (SoukConn *self, SoukConnStream *stream)
{
  stream->protocol = g_intern_string (stream->offers[stream->negotiation.chosen]);
  stream->is_agreed = true;
  if (stream->kind != KIND_APP)
    {
      souk_conn_service_start (self, stream);
      return;
    }
  push_for (self, stream, SOUK_CONN_STREAM_READY, SOUK_STATUS_OK);
  if (stream->wants_write)
    push_for (self, stream, SOUK_CONN_WRITABLE, SOUK_STATUS_OK);
  if (stream->closes_when_agreed)
    souk_yamux_close_write (self->yamux, stream->id);
}

/* Takes what has come for a stream whose protocol is not agreed. May drop the stream. */
static void
negotiate (SoukConn *self, SoukConnStream *stream)
{
  g_autoptr (GByteArray) answer = g_byte_array_new ();
  uint32_t id = stream->id;
  size_t used = 0;
  const char *const *protocols = stream->is_inbound ? souk_conn_shared_protocols (self->shared)
                                                    : (const char *const *)stream->offers;
  SoukStatus status = souk_multistream_recv (&stream->negotiation, protocols,
                                             souk_yamux_peek (self->yamux, id), &used, answer);
  /* A refusal is said even when data of the refused protocol came with the offer. */
  if (answer->len > 0)
    souk_yamux_write_all (self->yamux, id, souk_slice_from_array (answer));
  if (status != SOUK_STATUS_OK)
    {
      tell_failure (self, stream, status);
      kill_stream (self, stream);
      return;
    }
  souk_yamux_consume (self->yamux, id, used, self->now);
  if (!stream->negotiation.is_done)
    return;
  souk_conn_clear_deadline (self, stream);
  if (stream->is_inbound)
    agree_inbound (self, stream);
  else
    agree_outbound (self, stream);

  /* The first bytes of the protocol itself may stand behind. */
  stream = souk_conn_find (self, id);
  if (stream == NULL || souk_yamux_peek (self->yamux, id).len == 0)
    return;
  if (stream->kind == KIND_APP)
    push_for (self, stream, SOUK_CONN_READABLE, SOUK_STATUS_OK);
  else
    souk_conn_service_readable (self, stream);
}

/* ---- what the multiplexer says ---- */

static void
take_opened (SoukConn *self, uint32_t id)
{
  if (self->n_negotiating == SOUK_CONN_NEGOTIATING_MAX)
    {
      souk_yamux_reset (self->yamux, id);
      return;
    }
  SoukConnStream *stream = add_stream (self, id, KIND_APP);
  stream->is_inbound = true;
  souk_multistream_listen (&stream->negotiation);
  self->n_negotiating++;
}

static void
take_eof (SoukConn *self, SoukConnStream *stream)
{
  if (!stream->is_agreed)
    {
      tell_failure (self, stream, SOUK_STATUS_CUT_OFF);
      kill_stream (self, stream);
    }
  else if (stream->kind == KIND_APP)
    {
      push_for (self, stream, SOUK_CONN_EOF, SOUK_STATUS_OK);
    }
  else
    {
      souk_conn_service_eof (self, stream);
    }
}

/* The stream is not Yamux's any more. */
static void
take_end (SoukConn *self, SoukConnStream *stream, bool was_reset)
{
  if (!stream->is_agreed || stream->kind != KIND_APP)
    tell_failure (self, stream, SOUK_STATUS_STREAM_RESET);
  else if (stream->kind == KIND_APP)
    push_for (self, stream, was_reset ? SOUK_CONN_STREAM_RESET : SOUK_CONN_STREAM_ENDED,
              SOUK_STATUS_OK);
  souk_conn_drop (self, stream);
}

void
souk_conn_take (SoukConn *self, const SoukYamuxEvent *event)
{
  SoukConnStream *stream = event->user;
  if (event->type == SOUK_YAMUX_OPENED)
    {
      take_opened (self, event->stream);
      return;
    }
  if (stream == NULL)
    return;
  switch (event->type)
    {
    case SOUK_YAMUX_READABLE:
      if (!stream->is_agreed)
        negotiate (self, stream);
      else if (stream->kind == KIND_APP)
        push_for (self, stream, SOUK_CONN_READABLE, SOUK_STATUS_OK);
      else
        souk_conn_service_readable (self, stream);
      break;
    case SOUK_YAMUX_WRITABLE:
      if (stream->kind == KIND_APP)
        push_for (self, stream, SOUK_CONN_WRITABLE, SOUK_STATUS_OK);
      break;
    case SOUK_YAMUX_EOF:
      take_eof (self, stream);
      break;
    case SOUK_YAMUX_ENDED:
    case SOUK_YAMUX_WAS_RESET:
      take_end (self, stream, event->type == SOUK_YAMUX_WAS_RESET);
      break;
    case SOUK_YAMUX_OPENED:
    case SOUK_YAMUX_PEER_LEAVES:
      break;
    }
}

/* ---- the application's streams ---- */

/* The application's stream; NULL for services and for numbers that are unknown. */
static SoukConnStream *
find_app (const SoukConn *self, uint32_t id)
{
  if (self->stage != STAGE_OPEN)
    return NULL;
  SoukConnStream *stream = souk_conn_find (self, id);
  return stream != NULL && stream->kind == KIND_APP ? stream : NULL;
}

SoukStatus
souk_conn_open (SoukConn *self, const char *const *protocols, void *user, uint32_t *out_stream,
                SoukMono now)
{
  SoukConnStream *stream = NULL;
  size_t len = g_strv_length ((char **)protocols);
  g_assert (len > 0 && len <= SOUK_CONN_OFFERS_MAX);
  self->now = now;
  SOUK_TRY (souk_conn_open_kind (self, KIND_APP, protocols, &stream));
  stream->user = user;
  *out_stream = stream->id;
  return SOUK_STATUS_OK;
}

void
souk_conn_set_user (SoukConn *self, uint32_t id, void *user)
{
  SoukConnStream *stream = find_app (self, id);
  if (stream != NULL)
    stream->user = user;
}

/* With one offer a refusal ends the stream, so that nothing is lost by writing early. With several
 * the bytes would be read as the answer to the wrong one. */
static bool
may_write (const SoukConnStream *stream)
{
  return stream->is_agreed || (!stream->is_inbound && stream->offers[1] == NULL);
}

size_t
souk_conn_write (SoukConn *self, uint32_t id, SoukSlice in)
{
  SoukConnStream *stream = find_app (self, id);
  if (stream == NULL || stream->closes_when_agreed)
    return 0;
  if (!may_write (stream))
    {
      stream->wants_write = true;
      return 0;
    }
  return souk_yamux_write (self->yamux, id, in);
}

SoukSlice
souk_conn_peek (const SoukConn *self, uint32_t id)
{
  SoukConnStream *stream = find_app (self, id);
  return stream == NULL || !stream->is_agreed ? SOUK_SLICE_EMPTY
                                              : souk_yamux_peek (self->yamux, id);
}

void
souk_conn_consume (SoukConn *self, uint32_t id, size_t len, SoukMono now)
{
  self->now = now;
  if (find_app (self, id) != NULL)
    souk_yamux_consume (self->yamux, id, len, now);
}

void
souk_conn_close_write (SoukConn *self, uint32_t id)
{
  SoukConnStream *stream = find_app (self, id);
  if (stream == NULL)
    return;
  /* Some peers lose an end that comes before they have chosen the protocol's handler; so that an end,
   * other than data, waits for the answer. */
  if (stream->is_agreed)
    souk_yamux_close_write (self->yamux, id);
  else
    stream->closes_when_agreed = true;
}

void
souk_conn_reset (SoukConn *self, uint32_t id)
{
  SoukConnStream *stream = find_app (self, id);
  if (stream == NULL)
    return;
  kill_stream (self, stream);
  /* Nothing more is heard of it. */
  GList *next = NULL;
  for (GList *link = self->events.head; link != NULL; link = next)
    {
      SoukConnEvent *event = link->data;
      next = link->next;
      if (event->stream == id)
        {
          g_free (event);
          g_queue_delete_link (&self->events, link);
        }
    }
}
