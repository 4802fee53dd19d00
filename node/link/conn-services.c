/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a connection does by itself: identify, identify/push and ping. PURE. See conn.h.
 *
 * Answers are written past the output queue's limit (they are short); a peer that asks without
 * reading ends in CONTROL_FLOOD.
 */
#include "link/conn-private.h"

static const char *const identify_offer[] = { SOUK_IDENTIFY_PROTOCOL, NULL };
static const char *const push_offer[] = { SOUK_IDENTIFY_PUSH_PROTOCOL, NULL };
static const char *const ping_offer[] = { SOUK_PING_PROTOCOL, NULL };

/* Drops the stream and resets it. */
static void
abandon (SoukConn *self, SoukConnStream *stream)
{
  uint32_t id = stream->id;
  souk_conn_service_failed (self, stream);
  souk_conn_drop (self, stream);
  souk_yamux_reset (self->yamux, id);
}

/* Says who we are, and that this is all. */
static void
write_identify (SoukConn *self, SoukConnStream *stream)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  souk_identify_append (out, self->shared->identify, self->has_observed ? &self->observed : NULL);
  souk_yamux_write_all (self->yamux, stream->id, souk_slice_from_array (out));
  souk_yamux_close_write (self->yamux, stream->id);
}

/* A push costs a signature check: a bucket that refills with time. */
static bool
may_push (SoukConn *self)
{
  SoukMono earliest = souk_mono_add_ms (self->now, -INT64_C (1) * SOUK_IDENTIFY_PUSH_BURST
                                                       * SOUK_IDENTIFY_PUSH_EVERY_MS);
  if (self->push_budget_from.us < earliest.us)
    self->push_budget_from = earliest;
  SoukMono next = souk_mono_add_ms (self->push_budget_from, SOUK_IDENTIFY_PUSH_EVERY_MS);
  if (next.us > self->now.us)
    return false;
  self->push_budget_from = next;
  return true;
}

void
souk_conn_service_start (SoukConn *self, SoukConnStream *stream)
{
  souk_conn_set_deadline (self, stream,
                          stream->kind == KIND_PING_ANSWER ? SOUK_PING_IDLE_MS
                                                           : SOUK_IDENTIFY_TIMEOUT_MS);
  switch (stream->kind)
    {
    case KIND_IDENTIFY_ANSWER:
      write_identify (self, stream);
      break;
    case KIND_PUSH_READ:
      if (!may_push (self))
        abandon (self, stream);
      break;
    case KIND_PUSH_WRITE:
      write_identify (self, stream);
      break;
    case KIND_IDENTIFY_ASK:
    case KIND_PING_ANSWER:
    case KIND_PING_ASK:
    case KIND_APP:
      break;
    }
}

static void
end_ping (SoukConn *self, int64_t round_trip_us)
{
  self->is_pinging = false;
  souk_conn_push (self, (SoukConnEvent){ .type = SOUK_CONN_PONG, .round_trip_us = round_trip_us });
}

static void
read_pong (SoukConn *self, SoukConnStream *stream)
{
  int64_t round_trip_us = -1;
  SoukSlice in = souk_yamux_peek (self->yamux, stream->id);
  SoukStatus status = souk_ping_recv (&stream->service.ping, in, self->now, &round_trip_us);
  if (status == SOUK_STATUS_SHORT_READ)
    return;
  if (status != SOUK_STATUS_OK)
    {
      abandon (self, stream);
      return;
    }
  end_ping (self, round_trip_us);
  /* From here on nobody waits for the stream. */
  stream->service.ping.sent_at = SOUK_MONO_NEVER;
  souk_yamux_consume (self->yamux, stream->id, in.len, self->now);
  souk_yamux_close_write (self->yamux, stream->id);
}

static void
echo_ping (SoukConn *self, SoukConnStream *stream)
{
  SoukSlice in = souk_yamux_peek (self->yamux, stream->id);
  size_t len = souk_ping_echo_len (in);
  if (len == 0)
    return;
  if (!souk_yamux_write_all (self->yamux, stream->id, souk_slice (in.data, len)))
    {
      abandon (self, stream);
      return;
    }
  souk_yamux_consume (self->yamux, stream->id, len, self->now);
  souk_conn_set_deadline (self, stream, SOUK_PING_IDLE_MS);
}

static void
read_identify (SoukConn *self, SoukConnStream *stream)
{
  size_t used = 0;
  SoukStatus status = souk_identify_recv (&stream->service.identify,
                                          souk_yamux_peek (self->yamux, stream->id), &used);
  souk_yamux_consume (self->yamux, stream->id, used, self->now);
  if (status != SOUK_STATUS_OK)
    abandon (self, stream);
}

void
souk_conn_service_readable (SoukConn *self, SoukConnStream *stream)
{
  switch (stream->kind)
    {
    case KIND_IDENTIFY_ASK:
    case KIND_PUSH_READ:
      read_identify (self, stream);
      break;
    case KIND_PING_ANSWER:
      echo_ping (self, stream);
      break;
    case KIND_PING_ASK:
      read_pong (self, stream);
      break;
    case KIND_IDENTIFY_ANSWER:
    case KIND_PUSH_WRITE:
      /* The other side has nothing to say here; what it says is dropped. */
      souk_yamux_consume (self->yamux, stream->id, souk_yamux_peek (self->yamux, stream->id).len,
                          self->now);
      break;
    case KIND_APP:
      break;
    }
}

/* The sender has said all: decodes it and passes it on. */
static void
finish_identify (SoukConn *self, SoukConnStream *stream)
{
  SoukIdentifyInfo *info = NULL;
  SoukStatus status = souk_identify_finish (&stream->service.identify, &self->noise.peer, &info);
  if (status == SOUK_STATUS_WRONG_PEER || status == SOUK_STATUS_BAD_ENCODING)
    {
      souk_conn_fail (self, SOUK_STATUS_BAD_ENCODING);
      return;
    }
  if (status != SOUK_STATUS_OK)
    return;
  /* One is kept: the event that was queued before, if any, is pulled before the next byte. */
  g_clear_pointer (&self->info, souk_identify_info_free);
  self->info = info;
  souk_conn_push (self, (SoukConnEvent){ .type = SOUK_CONN_IDENTIFIED, .info = info });
}

void
souk_conn_service_eof (SoukConn *self, SoukConnStream *stream)
{
  uint32_t id = stream->id;
  if (stream->kind == KIND_IDENTIFY_ASK || stream->kind == KIND_PUSH_READ)
    finish_identify (self, stream);
  /* What is left of a message that was not whole has no use, and would keep the stream alive. */
  if (stream->kind == KIND_PING_ASK)
    read_pong (self, stream);
  stream = souk_conn_find (self, id);
  if (stream == NULL || self->stage != STAGE_OPEN)
    return;
  souk_yamux_consume (self->yamux, id, souk_yamux_peek (self->yamux, id).len, self->now);
  souk_yamux_close_write (self->yamux, id);
}

void
souk_conn_service_failed (SoukConn *self, SoukConnStream *stream)
{
  if (stream->kind == KIND_PING_ASK && stream->service.ping.sent_at.us != SOUK_MONO_NEVER.us)
    end_ping (self, -1);
}

/* ---- started by us ---- */

void
souk_conn_ask_identify (SoukConn *self)
{
  SoukConnStream *stream = NULL;
  /* Its write side stays open: some close the whole stream when they see an early end. */
  souk_conn_open_kind (self, KIND_IDENTIFY_ASK, identify_offer, &stream);
}

void
souk_conn_push_identify (SoukConn *self, SoukMono now)
{
  SoukConnStream *stream = NULL;
  self->now = now;
  souk_conn_open_kind (self, KIND_PUSH_WRITE, push_offer, &stream);
}

bool
souk_conn_ping (SoukConn *self, SoukMono now)
{
  SoukConnStream *stream = NULL;
  self->now = now;
  if (self->is_pinging
      || souk_conn_open_kind (self, KIND_PING_ASK, ping_offer, &stream) != SOUK_STATUS_OK)
    return false;
  self->is_pinging = true;
  souk_ping_ask (&stream->service.ping, self->shared->rng, now);
  return souk_yamux_write_all (self->yamux, stream->id,
                               souk_slice (stream->service.ping.payload, SOUK_PING_SIZE));
}
