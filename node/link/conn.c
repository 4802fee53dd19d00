/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A whole libp2p connection: the upgrade, bytes in and out, time. PURE. See conn.h.
 *
 * The dialler sends the header, its one offer "/noise" and the first Noise message in one go: three
 * round trips from the TCP handshake to the first answer on a stream.
 */
#include "link/conn-private.h"

#include "link/multistream-limits.h"

#include <string.h>

static const char *const security_protocols[] = { "/noise", NULL };
static const char *const muxer_protocols[] = { "/yamux/1.0.0", NULL };
static const char *const service_protocols[N_SERVICES + 1]
    = { SOUK_IDENTIFY_PROTOCOL, SOUK_IDENTIFY_PUSH_PROTOCOL, SOUK_PING_PROTOCOL, NULL };

/* ---- what all connections share ---- */

void
souk_conn_shared_init (SoukConnShared *self, const SoukIdentity *identity, SoukRng *rng)
{
  static const char *const none[] = { NULL };
  memset (self, 0, sizeof *self);
  self->self = souk_identity_peer_id (identity);
  self->rng = rng;
  souk_noise_keys_init (&self->keys, identity, muxer_protocols, rng);
  souk_conn_shared_set_protocols (self, none);
  self->identify = g_bytes_new_static ("", 0);
}

void
souk_conn_shared_done (SoukConnShared *self)
{
  souk_noise_keys_done (&self->keys);
  g_clear_pointer (&self->protocols, g_strfreev);
  g_clear_pointer (&self->identify, g_bytes_unref);
  memset (self->scratch, 0, sizeof self->scratch);
}

void
souk_conn_shared_set_protocols (SoukConnShared *self, const char *const *protocols)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_strv_builder_addv (builder, (const char **)service_protocols);
  g_strv_builder_addv (builder, (const char **)protocols);
  g_strfreev (self->protocols);
  self->protocols = g_strv_builder_end (builder);
}

const char *const *
souk_conn_shared_protocols (const SoukConnShared *self)
{
  return (const char *const *)self->protocols;
}

void
souk_conn_shared_set_identify (SoukConnShared *self, GBytes *message)
{
  g_bytes_ref (message);
  g_bytes_unref (self->identify);
  self->identify = message;
}

/* ---- life ---- */

static void
append_out (SoukConn *self, const GByteArray *bytes)
{
  souk_byte_queue_append (&self->out, souk_slice_from_array (bytes));
}

SoukConn *
souk_conn_new (const SoukConnConfig *config, SoukMono now)
{
  SoukConn *self = g_new0 (SoukConn, 1);
  self->shared = config->shared;
  self->is_dialler = config->is_dialler;
  self->now = now;
  self->handshake_deadline = souk_mono_add_ms (now, SOUK_CONN_HANDSHAKE_MS);
  self->push_budget_from = souk_mono_add_ms (now, -INT64_C (1) * SOUK_IDENTIFY_PUSH_BURST
                                                      * SOUK_IDENTIFY_PUSH_EVERY_MS);
  self->timed_min = SOUK_MONO_NEVER;
  self->streams = g_hash_table_new_full (NULL, NULL, NULL, souk_conn_stream_free);
  g_queue_init (&self->events);
  g_queue_init (&self->timed);
  self->has_observed = config->observed != NULL;
  if (config->observed != NULL)
    self->observed = *config->observed;

  if (self->is_dialler)
    {
      g_autoptr (GByteArray) out = g_byte_array_new ();
      souk_multistream_dial (&self->negotiation, security_protocols, out);
      souk_noise_dial (&self->noise, &self->shared->keys, config->expected, self->shared->rng, out);
      append_out (self, out);
    }
  else
    {
      souk_multistream_listen (&self->negotiation);
      souk_noise_listen (&self->noise, &self->shared->keys, self->shared->rng);
    }
  return self;
}

void
souk_conn_free (SoukConn *self)
{
  if (self == NULL)
    return;
  g_queue_clear_full (&self->events, g_free);
  g_free (self->current);
  g_clear_pointer (&self->info, souk_identify_info_free);
  g_queue_init (&self->timed); /* its links lie inside the streams */
  g_hash_table_unref (self->streams);
  g_clear_pointer (&self->yamux, souk_yamux_free);
  souk_noise_done (&self->noise);
  souk_byte_queue_done (&self->in);
  souk_byte_queue_done (&self->in_plain);
  souk_byte_queue_done (&self->out);
  g_free (self);
}

void
souk_conn_push (SoukConn *self, SoukConnEvent event)
{
  g_queue_push_tail (&self->events, g_memdup2 (&event, sizeof event));
}

void
souk_conn_fail (SoukConn *self, SoukStatus status)
{
  if (self->stage == STAGE_CLOSED)
    return;
  if (self->yamux != NULL)
    souk_yamux_go_away (self->yamux, souk_status_fault (status) == SOUK_FAULT_PEER ? 1 : 0);
  self->stage = STAGE_CLOSED;
  souk_conn_push (self, (SoukConnEvent){ .type = SOUK_CONN_CLOSED, .status = status });
}

/* ---- the upgrade ---- */

static void
open_muxer (SoukConn *self)
{
  self->stage = STAGE_OPEN;
  self->yamux = souk_yamux_new (self->is_dialler, self->now);
  souk_conn_push (self, (SoukConnEvent){ .type = SOUK_CONN_UPGRADED });
  souk_conn_ask_identify (self);
}

/* Seals what belongs to the negotiation of the muxer. */
static void
seal_out (SoukConn *self, SoukSlice plain)
{
  size_t size = plain.len + SOUK_NOISE_PREFIX_SIZE + SOUK_NOISE_TAG_SIZE;
  uint8_t *at = souk_byte_queue_reserve (&self->out, size);
  souk_byte_queue_commit (&self->out, souk_noise_seal (&self->noise, plain, at));
}

/* The secure channel stands. "the muxer [...] is selected [...] in the security handshake" when the
 * peer has sent a list; multistream-select does it otherwise. */
static SoukStatus
start_muxer (SoukConn *self)
{
  if (souk_peer_id_is_equal (&self->noise.peer, &self->shared->self))
    return SOUK_STATUS_SELF_DIAL;
  if (self->noise.peer_muxers[0] != NULL)
    {
      if (!g_strv_contains ((const char *const *)self->noise.peer_muxers, muxer_protocols[0]))
        return SOUK_STATUS_NO_MUXER;
      open_muxer (self);
      return SOUK_STATUS_OK;
    }
  self->stage = STAGE_MUXER;
  if (self->is_dialler)
    {
      g_autoptr (GByteArray) out = g_byte_array_new ();
      souk_multistream_dial (&self->negotiation, muxer_protocols, out);
      seal_out (self, souk_slice_from_array (out));
    }
  else
    {
      souk_multistream_listen (&self->negotiation);
    }
  return SOUK_STATUS_OK;
}

static SoukStatus
recv_security (SoukConn *self, SoukSlice in, size_t *out_used)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  SoukStatus status
      = souk_multistream_recv (&self->negotiation, security_protocols, in, out_used, out);
  append_out (self, out);
  if (self->negotiation.is_done)
    self->stage = STAGE_NOISE;
  return status == SOUK_STATUS_PROTOCOL_REFUSED ? SOUK_STATUS_NO_SECURITY : status;
}

static SoukStatus
recv_noise (SoukConn *self, SoukSlice in, size_t *out_used)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  SOUK_TRY (souk_noise_recv (&self->noise, in, out_used, out));
  append_out (self, out);
  return self->noise.stage == SOUK_NOISE_DONE ? start_muxer (self) : SOUK_STATUS_OK;
}

/* Plain bytes while the muxer is negotiated. */
static SoukStatus
recv_muxer (SoukConn *self, SoukSlice plain)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  size_t used = 0;
  souk_byte_queue_append (&self->in_plain, plain);
  SoukStatus status = souk_multistream_recv (&self->negotiation, muxer_protocols,
                                             souk_byte_queue_peek (&self->in_plain), &used, out);
  if (out->len > 0)
    seal_out (self, souk_slice_from_array (out));
  if (status == SOUK_STATUS_PROTOCOL_REFUSED)
    return SOUK_STATUS_NO_MUXER;
  SOUK_TRY (status);
  souk_byte_queue_consume (&self->in_plain, used);
  if (!self->negotiation.is_done)
    return SOUK_STATUS_OK;
  open_muxer (self);
  status = souk_yamux_recv (self->yamux, souk_byte_queue_peek (&self->in_plain), self->now);
  souk_byte_queue_done (&self->in_plain);
  return status;
}

/* ---- bytes in ---- */

/* The size of the sealed message at the start of `in`, prefix included; 0 when that is not known. */
static size_t
message_size (SoukSlice in)
{
  if (in.len < SOUK_NOISE_PREFIX_SIZE)
    return 0;
  return SOUK_NOISE_PREFIX_SIZE + ((size_t)in.data[0] << 8 | in.data[1]);
}

/* Opens one sealed message, when it is whole. */
static SoukStatus
recv_sealed (SoukConn *self, SoukSlice in, size_t *out_used)
{
  size_t size = message_size (in), len = 0;
  *out_used = 0;
  if (size == 0 || in.len < size)
    return SOUK_STATUS_OK;
  SoukSlice sealed = souk_slice (in.data + SOUK_NOISE_PREFIX_SIZE, size - SOUK_NOISE_PREFIX_SIZE);
  SOUK_TRY (souk_noise_open (&self->noise, sealed, self->shared->scratch, &len));
  *out_used = size;
  SoukSlice plain = souk_slice (self->shared->scratch, len);
  if (self->stage == STAGE_MUXER)
    return recv_muxer (self, plain);
  return souk_yamux_recv (self->yamux, plain, self->now);
}

static SoukStatus
recv_some (SoukConn *self, SoukSlice in, size_t *out_used)
{
  switch (self->stage)
    {
    case STAGE_SECURITY:
      return recv_security (self, in, out_used);
    case STAGE_NOISE:
      return recv_noise (self, in, out_used);
    case STAGE_MUXER:
    case STAGE_OPEN:
      return recv_sealed (self, in, out_used);
    case STAGE_CLOSED:
      *out_used = in.len;
      return SOUK_STATUS_OK;
    }
  g_assert_not_reached ();
}

/* Uses whole messages from the start of `in`, as many as there are. */
static size_t
recv_all (SoukConn *self, SoukSlice in)
{
  size_t total = 0;
  for (;;)
    {
      size_t used = 0;
      SoukConnStage before = self->stage;
      SoukStatus status = recv_some (self, souk_slice (in.data + total, in.len - total), &used);
      if (status != SOUK_STATUS_OK)
        {
          souk_conn_fail (self, status);
          return in.len;
        }
      total += used;
      if (total == in.len || (used == 0 && self->stage == before))
        return total;
    }
}

void
souk_conn_recv (SoukConn *self, SoukSlice in, SoukMono now)
{
  self->now = now;
  while (souk_byte_queue_len (&self->in) > 0 && in.len > 0)
    {
      /* Only what completes the message that has begun is copied behind its start. */
      SoukSlice begun = souk_byte_queue_peek (&self->in);
      bool is_sealed = self->stage == STAGE_OPEN || self->stage == STAGE_MUXER;
      size_t size = message_size (begun);
      size_t want = !is_sealed ? in.len : size == 0 ? 1 : size - begun.len;
      size_t len = MIN (in.len, want);
      souk_byte_queue_append (&self->in, souk_slice (in.data, len));
      in = souk_slice (in.data + len, in.len - len);
      size_t used = recv_all (self, souk_byte_queue_peek (&self->in));
      souk_byte_queue_consume (&self->in, used);
    }
  if (in.len == 0)
    return;
  size_t used = recv_all (self, in);
  souk_byte_queue_append (&self->in, souk_slice (in.data + used, in.len - used));
}

void
souk_conn_recv_eof (SoukConn *self, SoukMono now)
{
  self->now = now;
  bool is_clean = self->stage == STAGE_OPEN && souk_byte_queue_len (&self->in) == 0;
  souk_conn_fail (self, self->peer_left ? SOUK_STATUS_GONE_AWAY
                        : is_clean      ? SOUK_STATUS_CLOSED
                                        : SOUK_STATUS_CUT_OFF);
}

/* ---- events ---- */

bool
souk_conn_next (SoukConn *self, SoukConnEvent *out)
{
  SoukYamuxEvent event;
  while (self->events.head == NULL && self->stage == STAGE_OPEN
         && souk_yamux_next (self->yamux, &event))
    {
      if (event.type != SOUK_YAMUX_PEER_LEAVES)
        souk_conn_take (self, &event);
      else if (event.code != 0)
        souk_conn_fail (self, SOUK_STATUS_GONE_AWAY);
      else
        self->peer_left = true;
    }
  /* The peer opens nothing more and nothing is left: the rest of the connection has no use. */
  if (self->peer_left && self->stage == STAGE_OPEN && souk_yamux_n_streams (self->yamux) == 0)
    souk_conn_fail (self, SOUK_STATUS_GONE_AWAY);

  SoukConnEvent *next = g_queue_pop_head (&self->events);
  if (next == NULL)
    return false;
  g_free (self->current);
  self->current = next;
  *out = *next;
  /* The owner may have set its pointer after the event was queued. */
  SoukConnStream *stream = next->stream == 0 ? NULL : souk_conn_find (self, next->stream);
  if (stream != NULL)
    out->user = stream->user;
  return true;
}

/* ---- bytes out ---- */

SoukSlice
souk_conn_peek_out (SoukConn *self)
{
  while (self->yamux != NULL && souk_byte_queue_len (&self->out) < SOUK_CONN_SEALED_MAX)
    {
      SoukSlice plain = souk_yamux_peek_out (self->yamux);
      if (plain.len == 0)
        break;
      plain.len = MIN (plain.len, SOUK_NOISE_PLAIN_MAX);
      seal_out (self, plain);
      souk_yamux_sent (self->yamux, plain.len);
    }
  return souk_byte_queue_peek (&self->out);
}

void
souk_conn_sent (SoukConn *self, size_t len)
{
  souk_byte_queue_consume (&self->out, len);
}

/* ---- time ---- */

SoukMono
souk_conn_deadline (const SoukConn *self)
{
  switch (self->stage)
    {
    case STAGE_SECURITY:
    case STAGE_NOISE:
    case STAGE_MUXER:
      return self->handshake_deadline;
    case STAGE_OPEN:
      return souk_mono_min (souk_yamux_deadline (self->yamux), self->timed_min);
    case STAGE_CLOSED:
      return SOUK_MONO_NEVER;
    }
  g_assert_not_reached ();
}

void
souk_conn_tick (SoukConn *self, SoukMono now)
{
  self->now = now;
  if (!souk_mono_is_due (souk_conn_deadline (self), now))
    return;
  if (self->stage != STAGE_OPEN)
    {
      souk_conn_fail (self, SOUK_STATUS_TIMED_OUT);
      return;
    }
  SoukStatus status = souk_yamux_tick (self->yamux, now);
  if (status != SOUK_STATUS_OK)
    souk_conn_fail (self, status);
  else
    souk_conn_tick_streams (self);
}

void
souk_conn_close (SoukConn *self)
{
  souk_conn_fail (self, SOUK_STATUS_OK);
}

/* ---- questions ---- */

bool
souk_conn_is_upgraded (const SoukConn *self)
{
  return self->stage == STAGE_OPEN;
}

const SoukPeerId *
souk_conn_peer (const SoukConn *self)
{
  g_assert (self->noise.stage == SOUK_NOISE_DONE);
  return &self->noise.peer;
}

GBytes *
souk_conn_peer_key (const SoukConn *self)
{
  return self->noise.peer_key;
}

int64_t
souk_conn_round_trip_us (const SoukConn *self)
{
  return self->yamux == NULL ? -1 : souk_yamux_round_trip_us (self->yamux);
}

unsigned
souk_conn_n_streams (const SoukConn *self)
{
  return g_hash_table_size (self->streams);
}
