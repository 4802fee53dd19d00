/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two boards meet (/souk/sync/1.0.0): drives mesh/sync over a stream, and sends the records that
 * the other side lacks. See board.h. GLIB, node thread.
 *
 *   message = 0, a message of mesh/sync | 1, a signed record
 *
 * The dialler of the connection begins, so that two nodes do it once. Each side closes when the
 * reconciliation is done and all that it owes is sent. Records are taken like any other, so a peer
 * that sends rubbish here pays as it does in gossip.
 */
#include "trade/board-private.h"

#include "swarm/clock.h"
#include "swarm/timer.h"

enum { KIND_SYNC = 0, KIND_RECORD = 1 };

struct SoukBoardSync {
  SoukBoard *board;
  SoukBoardConfig config;
  GPtrArray *sessions; /* of Session *, owned */
  GHashTable *begun;   /* SoukPeerId * -> gint64 *: when a peer last began one, monotonic */
  GArray *again;       /* of Again, the earliest first: second meetings that are due */
  SoukMono next_random;
  unsigned watch;
  SoukTimer *timer;
};

typedef struct {
  SoukPeerId peer;
  SoukMono at;
} Again;

typedef struct {
  SoukBoardSync *owner;
  SoukSync *machine;
  SoukStream *stream; /* a reference */
  bool is_initiator;
  bool is_closed_here;
  unsigned records_in;
  unsigned records_out;
  uint64_t bytes_in;
  uint64_t bytes_out;
} Session;

static void
session_free (gpointer data)
{
  Session *session = data;
  souk_sync_free (session->machine);
  souk_stream_unref (session->stream);
  g_free (session);
}

static bool
send_kind (Session *session, uint8_t kind, SoukSlice bytes)
{
  g_autoptr (GByteArray) message = g_byte_array_sized_new ((guint)bytes.len + 1);
  souk_append_u8 (message, kind);
  souk_append (message, bytes);
  session->bytes_out += message->len;
  return souk_stream_send (session->stream, souk_slice_from_array (message));
}

static void
fail (Session *session, SoukStatus status)
{
  SoukBoardSync *self = session->owner;
  SoukPeerId peer = *souk_stream_peer (session->stream);
  souk_log_record (self->config.log, SOUK_LOG_WARNING, "board.sync-failed",
                   "A peer broke the catalogue sync.", souk_log_peer ("peer", &peer),
                   souk_log_status ("status", status));
  souk_swarm_penalise (self->config.swarm, &peer, status);
  souk_stream_reset (session->stream);
  g_ptr_array_remove_fast (self->sessions, session);
}

/* Sends what is due: the machine's message first, so that the other side can work meanwhile. */
static void
pump (Session *session)
{
  SoukSyncItem owed;
  g_autoptr (GBytes) message = souk_sync_take_message (session->machine);
  if (message != NULL)
    send_kind (session, KIND_SYNC, souk_slice_from_bytes (message));
  /* Half of the queue is left for the machine's messages. */
  while (souk_stream_queued (session->stream) < SOUK_STREAM_QUEUE_MAX / 2
         && souk_sync_next_owed (session->machine, &owed))
    {
      g_autoptr (GBytes) record = souk_board_record_bytes (session->owner->board, owed.id);
      if (record == NULL)
        continue; /* replaced or expired meanwhile: the next meeting has it */
      send_kind (session, KIND_RECORD, souk_slice_from_bytes (record));
      session->records_out++;
    }
  if (!session->is_closed_here && souk_sync_is_done (session->machine)
      && souk_stream_queued (session->stream) < SOUK_STREAM_QUEUE_MAX / 2)
    {
      session->is_closed_here = true;
      souk_stream_close_write (session->stream);
    }
}

static void
on_message (SoukStream *stream, SoukSlice in, void *user)
{
  Session *session = user;
  SoukStatus status = SOUK_STATUS_BAD_ENCODING;
  session->bytes_in += in.len;
  SoukReader reader = souk_reader (in);
  uint8_t kind = souk_reader_u8 (&reader);
  SoukSlice rest = souk_slice (reader.at, reader.left);

  if (souk_reader_ok (&reader) && kind == KIND_SYNC)
    status = souk_sync_recv (session->machine, rest);
  else if (souk_reader_ok (&reader) && kind == KIND_RECORD)
    {
      SoukPutResult result
          = souk_board_take (session->owner->board, rest, souk_stream_peer (stream), &status);
      if (result != SOUK_PUT_REFUSED || souk_status_fault (status) != SOUK_FAULT_PEER)
        status = SOUK_STATUS_OK;
      session->records_in++;
    }
  if (status != SOUK_STATUS_OK)
    fail (session, status);
  else
    pump (session);
}

static void
on_drained (SoukStream *stream, void *user)
{
  pump (user);
}

static void
on_closed (SoukStream *stream, SoukStatus status, void *user)
{
  Session *session = user;
  SoukBoardSync *self = session->owner;
  SoukPeerId peer = *souk_stream_peer (stream);
  if (session->records_in + session->records_out > 0)
    souk_log_record (self->config.log, SOUK_LOG_INFO, "board.synced",
                     "The catalogues of two nodes are the same now.", souk_log_peer ("peer", &peer),
                     souk_log_status ("status", status),
                     souk_log_int ("records_in", session->records_in),
                     souk_log_int ("records_out", session->records_out),
                     souk_log_int ("bytes_in", (int64_t)session->bytes_in),
                     souk_log_int ("bytes_out", (int64_t)session->bytes_out));
  g_ptr_array_remove_fast (self->sessions, session);
}

static const SoukStreamHandlers handlers = {
  .on_message = on_message,
  .on_drained = on_drained,
  .on_closed = on_closed,
};

static void
start_session (SoukBoardSync *self, SoukStream *stream, bool is_initiator)
{
  SoukSyncSet *set = souk_board_sync_set (self->board);
  Session *session = g_new0 (Session, 1);
  session->owner = self;
  session->stream = souk_stream_ref (stream);
  session->is_initiator = is_initiator;
  session->machine = is_initiator
                         ? souk_sync_new_initiator (set, souk_swarm_rng (self->config.swarm))
                         : souk_sync_new_responder (set);
  souk_sync_set_unref (set);
  g_ptr_array_add (self->sessions, session);
  souk_stream_start (stream, &handlers, SOUK_SYNC_MESSAGE_SIZE_MAX + 1, session, NULL);
  souk_stream_set_timeout (stream, SOUK_BOARD_SYNC_TIMEOUT_MS);
  pump (session);
}

static Session *
session_with (SoukBoardSync *self, const SoukPeerId *peer)
{
  for (guint i = 0; i < self->sessions->len; i++)
    {
      Session *session = self->sessions->pdata[i];
      if (souk_peer_id_is_equal (souk_stream_peer (session->stream), peer))
        return session;
    }
  return NULL;
}

/* Notes that a peer begins a session. False when it began one a moment ago. */
static bool
may_begin (SoukBoardSync *self, const SoukPeerId *peer)
{
  gint64 now = g_get_monotonic_time ();
  gint64 *last = g_hash_table_lookup (self->begun, peer);
  if (last != NULL && now - *last < SOUK_BOARD_SYNC_PAUSE_S * G_USEC_PER_SEC)
    return false;
  if (g_hash_table_size (self->begun) >= SOUK_BOARD_SYNC_PEERS_MAX)
    g_hash_table_remove_all (self->begun);
  g_hash_table_insert (self->begun, g_memdup2 (peer, sizeof *peer), g_memdup2 (&now, sizeof now));
  return true;
}

static void
on_inbound (SoukSwarm *swarm, SoukStream *stream, void *user)
{
  SoukBoardSync *self = user;
  const SoukPeerId *peer = souk_stream_peer (stream);
  /* One at a time with each peer, and not often: each costs a copy of the set. */
  if (session_with (self, peer) == NULL && may_begin (self, peer))
    start_session (self, stream, false);
}

static void
on_opened (SoukSwarm *swarm, SoukStream *stream, const GError *error, void *user)
{
  if (stream != NULL)
    start_session (user, stream, true);
}

static void
meet (SoukBoardSync *self, const SoukPeerId *peer)
{
  if (souk_swarm_peer_serves (self->config.swarm, peer, SOUK_SYNC_PROTOCOL)
      && session_with (self, peer) == NULL)
    souk_swarm_open (self->config.swarm, peer, SOUK_SYNC_PROTOCOL, on_opened, self);
}

static void
set_timer (SoukBoardSync *self)
{
  SoukMono at = self->next_random;
  if (self->again->len > 0)
    at = souk_mono_min (at, g_array_index (self->again, Again, 0).at);
  souk_timer_set (self->timer, at);
}

static void
on_identified (SoukSwarm *swarm, const SoukPeerId *peer, const SoukIdentifyInfo *info, void *user)
{
  SoukBoardSync *self = user;
  g_autoptr (SoukPeerInfo) known = souk_swarm_peer_info (swarm, peer);
  if (known == NULL || known->is_inbound)
    return;
  meet (self, peer);
  if (self->again->len >= SOUK_BOARD_SYNC_PEERS_MAX)
    return;
  Again again = { *peer, souk_mono_add_ms (souk_mono_now (), SOUK_BOARD_SYNC_AGAIN_MS) };
  g_array_append_val (self->again, again);
  set_timer (self);
}

static const SoukSwarmWatch watch = { .on_identified = on_identified };

static void
meet_anyone (SoukBoardSync *self)
{
  g_autoptr (GArray) peers = souk_swarm_connected_peers (self->config.swarm);
  if (peers->len == 0)
    return;
  uint64_t pick = souk_rng_below (souk_swarm_rng (self->config.swarm), peers->len);
  meet (self, &g_array_index (peers, SoukPeerId, pick));
}

static void
on_timer (void *user)
{
  SoukBoardSync *self = user;
  SoukMono now = souk_mono_now ();
  while (self->again->len > 0 && souk_mono_is_due (g_array_index (self->again, Again, 0).at, now))
    {
      SoukPeerId peer = g_array_index (self->again, Again, 0).peer;
      g_array_remove_index (self->again, 0);
      meet (self, &peer);
    }
  if (souk_mono_is_due (self->next_random, now))
    {
      meet_anyone (self);
      self->next_random = souk_mono_add_ms (now, SOUK_BOARD_SYNC_EVERY_MS);
    }
  set_timer (self);
}

SoukBoardSync *
souk_board_sync_new (SoukBoard *board, const SoukBoardConfig *config)
{
  SoukBoardSync *self = g_new0 (SoukBoardSync, 1);
  self->board = board;
  self->config = *config;
  self->sessions = g_ptr_array_new_with_free_func (session_free);
  self->begun = g_hash_table_new_full (souk_peer_id_hash, souk_peer_id_equal, g_free, g_free);
  souk_swarm_serve (config->swarm, SOUK_SYNC_PROTOCOL, on_inbound, self, NULL);
  self->watch = souk_swarm_watch (config->swarm, &watch, self);
  self->again = g_array_new (FALSE, FALSE, sizeof (Again));
  self->next_random = souk_mono_add_ms (souk_mono_now (), SOUK_BOARD_SYNC_EVERY_MS);
  self->timer = souk_timer_new (on_timer, self);
  set_timer (self);
  return self;
}

void
souk_board_sync_free (SoukBoardSync *self)
{
  if (self == NULL)
    return;
  souk_timer_free (self->timer);
  souk_swarm_unwatch (self->config.swarm, self->watch);
  souk_swarm_unserve (self->config.swarm, SOUK_SYNC_PROTOCOL);
  while (self->sessions->len > 0)
    {
      Session *session = self->sessions->pdata[0];
      souk_stream_reset (session->stream);
      g_ptr_array_remove_index_fast (self->sessions, 0);
    }
  g_ptr_array_unref (self->sessions);
  g_hash_table_unref (self->begun);
  g_array_unref (self->again);
  g_free (self);
}
