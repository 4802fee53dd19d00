/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The test peer's commands about connections and streams: id, dial, conns, peer, ping, echo, perf, …
 */
#include "peer.h"

#include <string.h>
#include <sys/resource.h>

#define ECHO_PROTOCOL "/echo/1.0.0"
#define PERF_PROTOCOL "/perf/1.0.0"
#define PING_PROTOCOL "/ipfs/ping/1.0.0"
#define BLOCK_SIZE (64 * 1024)
#define QUEUE_MAX (1024 * 1024)

static double
ms_since (gint64 start)
{
  return (double)(g_get_monotonic_time () - start) / 1000;
}

/* ---- sending and counting many bytes ---- */

/* A side that sends `left` bytes of the pattern 0, 1, … 250 or of zeros. */
typedef struct {
  guint64 left;
  guint64 at;
  bool is_zeros;
  bool is_closed;
} Sender;

static void
fill (uint8_t *out, size_t len, guint64 at)
{
  for (size_t i = 0; i < len; i++)
    out[i] = (uint8_t)((at + i) % 251);
}

static void
sender_run (Sender *self, SoukStream *stream)
{
  static uint8_t block[BLOCK_SIZE];
  while (self->left > 0)
    {
      size_t len = MIN (self->left, sizeof block);
      if (!self->is_zeros)
        fill (block, len, self->at);
      if (!souk_stream_write (stream, souk_slice (block, len)))
        return;
      self->left -= len;
      self->at += len;
    }
  if (!self->is_closed)
    {
      self->is_closed = true;
      souk_stream_close_write (stream);
    }
}

/* ---- the echo server ---- */

static size_t
echo_data (SoukStream *stream, SoukSlice in, void *user)
{
  SoukSlice part = souk_slice (in.data, MIN (in.len, BLOCK_SIZE));
  if (souk_stream_write (stream, part))
    return part.len;
  souk_stream_pause (stream);
  return 0;
}

static void
echo_drained (SoukStream *stream, void *user)
{
  souk_stream_resume (stream);
}

static void
echo_end (SoukStream *stream, void *user)
{
  souk_stream_close_write (stream);
}

static const SoukStreamHandlers echo_server
    = { .on_data = echo_data, .on_drained = echo_drained, .on_end = echo_end };

static void
on_echo (SoukSwarm *swarm, SoukStream *stream, void *user)
{
  souk_stream_set_queue_max (stream, QUEUE_MAX);
  souk_stream_start (stream, &echo_server, 0, NULL, NULL);
}

/* ---- the perf server ---- */

typedef struct {
  uint8_t head[8];
  size_t head_len;
  Sender sender;
} PerfServer;

static size_t
perf_data (SoukStream *stream, SoukSlice in, void *user)
{
  PerfServer *self = user;
  size_t len = MIN (in.len, sizeof self->head - self->head_len);
  memcpy (self->head + self->head_len, in.data, len);
  self->head_len += len;
  return in.len;
}

static void
perf_end (SoukStream *stream, void *user)
{
  PerfServer *self = user;
  SoukReader reader = souk_reader (souk_slice (self->head, sizeof self->head));
  self->sender = (Sender){ .left = souk_reader_u64_be (&reader), .is_zeros = true };
  sender_run (&self->sender, stream);
}

static void
perf_drained (SoukStream *stream, void *user)
{
  PerfServer *self = user;
  sender_run (&self->sender, stream);
}

static const SoukStreamHandlers perf_server
    = { .on_data = perf_data, .on_end = perf_end, .on_drained = perf_drained };

static void
on_perf (SoukSwarm *swarm, SoukStream *stream, void *user)
{
  souk_stream_set_queue_max (stream, QUEUE_MAX);
  souk_stream_start (stream, &perf_server, 0, g_new0 (PerfServer, 1), g_free);
}

void
peer_link_start (Peer *peer)
{
  souk_swarm_serve (peer->swarm, ECHO_PROTOCOL, on_echo, NULL, NULL);
  souk_swarm_serve (peer->swarm, PERF_PROTOCOL, on_perf, NULL, NULL);
}

/* ---- commands with a stream: pingStream, echo, perf ---- */

typedef struct {
  PeerCommand *command; /* NULL once answered */
  gint64 start;
  Sender sender;
  guint64 got;
  bool is_same;
  /* perf */
  guint64 up, down;
  gint64 sent_at;
  /* pingStream */
  gint64 left;
  gint64 asked_at;
  JsonArray *rtts;
} Exchange;

static void
exchange_free (gpointer data)
{
  Exchange *self = data;
  g_clear_pointer (&self->rtts, json_array_unref);
  g_free (self);
}

static void
exchange_closed (SoukStream *stream, SoukStatus status, void *user)
{
  Exchange *self = user;
  PeerCommand *command = g_steal_pointer (&self->command);
  if (command != NULL)
    peer_fail (command, souk_status_name (status));
}

static void
exchange_drained (SoukStream *stream, void *user)
{
  Exchange *self = user;
  sender_run (&self->sender, stream);
}

static size_t
echo_back (SoukStream *stream, SoukSlice in, void *user)
{
  Exchange *self = user;
  uint8_t expect[4096];
  size_t len = MIN (in.len, sizeof expect);
  fill (expect, len, self->got);
  self->is_same &= memcmp (expect, in.data, len) == 0;
  self->got += len;
  return len;
}

static void
echo_over (SoukStream *stream, void *user)
{
  Exchange *self = user;
  JsonObject *object = json_object_new ();
  json_object_set_int_member (object, "size", (gint64)self->got);
  json_object_set_boolean_member (object, "same", self->is_same);
  json_object_set_double_member (object, "ms", ms_since (self->start));
  peer_answer (g_steal_pointer (&self->command), object);
}

static const SoukStreamHandlers echo_client = { .on_data = echo_back,
                                                .on_drained = exchange_drained,
                                                .on_end = echo_over,
                                                .on_closed = exchange_closed };

static size_t
perf_back (SoukStream *stream, SoukSlice in, void *user)
{
  Exchange *self = user;
  if (self->got == 0)
    self->sent_at = g_get_monotonic_time ();
  self->got += in.len;
  return in.len;
}

static void
perf_over (SoukStream *stream, void *user)
{
  Exchange *self = user;
  JsonObject *object = json_object_new ();
  gint64 end = g_get_monotonic_time (), sent = self->sent_at > 0 ? self->sent_at : end;
  json_object_set_int_member (object, "upload", (gint64)self->up);
  json_object_set_int_member (object, "download", (gint64)self->got);
  json_object_set_double_member (object, "uploadSeconds", (double)(sent - self->start) / 1e6);
  json_object_set_double_member (object, "downloadSeconds", (double)(end - sent) / 1e6);
  json_object_set_double_member (object, "seconds", (double)(end - self->start) / 1e6);
  peer_answer (g_steal_pointer (&self->command), object);
}

static const SoukStreamHandlers perf_client = { .on_data = perf_back,
                                                .on_drained = exchange_drained,
                                                .on_end = perf_over,
                                                .on_closed = exchange_closed };

static void
ping_ask (Exchange *self, SoukStream *stream)
{
  static const uint8_t question[32] = { 7, 7, 7 };
  self->asked_at = g_get_monotonic_time ();
  souk_stream_write (stream, souk_slice (question, sizeof question));
}

static size_t
ping_back (SoukStream *stream, SoukSlice in, void *user)
{
  Exchange *self = user;
  if (in.len < 32)
    return 0;
  json_array_add_double_element (self->rtts, ms_since (self->asked_at));
  if (--self->left > 0)
    {
      ping_ask (self, stream);
      return 32;
    }
  souk_stream_close_write (stream);
  JsonObject *object = json_object_new ();
  json_object_set_array_member (object, "rtts", g_steal_pointer (&self->rtts));
  peer_answer (g_steal_pointer (&self->command), object);
  return 32;
}

static const SoukStreamHandlers ping_client
    = { .on_data = ping_back, .on_closed = exchange_closed };

static void
on_exchange (SoukSwarm *swarm, SoukStream *stream, const GError *error, void *user)
{
  Exchange *self = user;
  if (stream == NULL)
    {
      peer_fail_error (self->command, error);
      exchange_free (self);
      return;
    }
  souk_stream_set_queue_max (stream, QUEUE_MAX);
  self->start = g_get_monotonic_time ();
  if (g_str_equal (self->command->name, "pingStream"))
    {
      souk_stream_start (stream, &ping_client, 0, self, exchange_free);
      ping_ask (self, stream);
    }
  else if (g_str_equal (self->command->name, "echo"))
    {
      souk_stream_start (stream, &echo_client, 0, self, exchange_free);
      sender_run (&self->sender, stream);
    }
  else
    {
      uint8_t head[8];
      for (int i = 0; i < 8; i++)
        head[i] = (uint8_t)(self->down >> (56 - 8 * i));
      souk_stream_start (stream, &perf_client, 0, self, exchange_free);
      souk_stream_write (stream, souk_slice (head, sizeof head));
      sender_run (&self->sender, stream);
    }
}

static void
open_exchange (PeerCommand *command, const SoukPeerId *id)
{
  Exchange *self = g_new0 (Exchange, 1);
  bool is_echo = g_str_equal (command->name, "echo"), is_perf = g_str_equal (command->name, "perf");
  self->command = command;
  self->is_same = true;
  self->left = peer_arg (command, 1, 10);
  self->rtts = json_array_new ();
  self->up = (guint64)peer_arg (command, 1, 0);
  self->down = (guint64)peer_arg (command, 2, 0);
  self->sender = is_echo ? (Sender){ .left = (guint64)peer_arg (command, 1, 1024) }
                         : (Sender){ .left = self->up, .is_zeros = true };
  souk_swarm_open (command->peer->swarm, id,
                   is_echo   ? ECHO_PROTOCOL
                   : is_perf ? PERF_PROTOCOL
                             : PING_PROTOCOL,
                   on_exchange, self);
}

static void
run_exchange (PeerCommand *command)
{
  peer_connect (command, open_exchange);
}

/* ---- ping ---- */

typedef struct {
  PeerCommand *command;
  SoukPeerId id;
  gint64 left;
  JsonArray *rtts;
} Pings;

static void
on_pong (SoukSwarm *swarm, const SoukPeerId *id, int64_t round_trip_us, void *user)
{
  Pings *self = user;
  if (round_trip_us < 0)
    {
      peer_fail (self->command, "no answer");
      json_array_unref (self->rtts);
      g_free (self);
      return;
    }
  json_array_add_double_element (self->rtts, (double)round_trip_us / 1000);
  if (--self->left > 0)
    {
      souk_swarm_ping (swarm, &self->id, on_pong, self);
      return;
    }
  JsonObject *object = json_object_new ();
  json_object_set_array_member (object, "rtts", self->rtts);
  peer_answer (self->command, object);
  g_free (self);
}

static void
start_pings (PeerCommand *command, const SoukPeerId *id)
{
  Pings *self = g_new0 (Pings, 1);
  *self = (Pings){ command, *id, peer_arg (command, 1, 1), json_array_new () };
  souk_swarm_ping (command->peer->swarm, id, on_pong, self);
}

static void
run_ping (PeerCommand *command)
{
  peer_connect (command, start_pings);
}

/* ---- connections ---- */

static JsonObject *
connection_object (const SoukPeerInfo *info)
{
  JsonObject *object = json_object_new ();
  g_autofree char *id = souk_peer_id_to_string (&info->id);
  g_autofree char *addr = souk_multiaddr_to_string (&info->addr);
  json_object_set_string_member (object, "peer", id);
  json_object_set_string_member (object, "addr", addr);
  json_object_set_string_member (object, "direction", info->is_inbound ? "inbound" : "outbound");
  json_object_set_string_member (object, "encryption", "/noise");
  json_object_set_string_member (object, "multiplexer", "/yamux/1.0.0");
  json_object_set_boolean_member (object, "limited", info->is_relayed);
  json_object_set_int_member (object, "nStreams", info->n_streams);
  json_object_set_double_member (object, "rtt", (double)info->round_trip_us / 1000);
  return object;
}

typedef struct {
  PeerCommand *command;
  gint64 start;
} Dial;

static void
on_dialled (SoukSwarm *swarm, const SoukPeerId *id, const GError *error, void *user)
{
  g_autofree Dial *self = user;
  if (id == NULL)
    {
      peer_fail_error (self->command, error);
      return;
    }
  g_autoptr (SoukPeerInfo) info = souk_swarm_peer_info (swarm, id);
  JsonObject *object = connection_object (info);
  json_object_set_double_member (object, "ms", ms_since (self->start));
  peer_answer (self->command, object);
}

static void
run_dial (PeerCommand *command)
{
  bool is_addr;
  SoukMultiaddr addr;
  SoukPeerId id;
  if (!peer_target (command->args[0], &is_addr, &addr, &id))
    {
      peer_fail (command, "neither an address nor a peer id");
      return;
    }
  Dial *self = g_new0 (Dial, 1);
  *self = (Dial){ command, g_get_monotonic_time () };
  if (is_addr)
    souk_swarm_dial (command->peer->swarm, &addr, on_dialled, self);
  else
    souk_swarm_dial_peer (command->peer->swarm, &id, on_dialled, self);
}

static void
run_hangup (PeerCommand *command)
{
  SoukPeerId id;
  if (souk_peer_id_parse (command->args[0], &id) == SOUK_STATUS_OK)
    souk_swarm_disconnect (command->peer->swarm, &id);
  peer_answer (command, NULL);
}

static void
run_conns (PeerCommand *command)
{
  JsonArray *list = json_array_new ();
  g_autoptr (GArray) peers = souk_swarm_connected_peers (command->peer->swarm);
  for (guint i = 0; i < peers->len; i++)
    {
      g_autoptr (SoukPeerInfo) info
          = souk_swarm_peer_info (command->peer->swarm, &g_array_index (peers, SoukPeerId, i));
      json_array_add_object_element (list, connection_object (info));
    }
  JsonObject *object = json_object_new ();
  json_object_set_array_member (object, "conns", list);
  peer_answer (command, object);
}

static void
run_peer (PeerCommand *command)
{
  SoukPeerId id;
  SoukPeerInfo *found = souk_peer_id_parse (command->args[0], &id) == SOUK_STATUS_OK
                            ? souk_swarm_peer_info (command->peer->swarm, &id)
                            : NULL;
  g_autoptr (SoukPeerInfo) info = found;
  if (info == NULL)
    {
      peer_fail (command, "unknown peer");
      return;
    }
  JsonObject *object = json_object_new ();
  JsonArray *addrs = json_array_new (), *protocols = json_array_new ();
  for (guint i = 0; i < info->addrs->len; i++)
    {
      JsonObject *entry = json_object_new ();
      g_autofree char *text
          = souk_multiaddr_to_string (&g_array_index (info->addrs, SoukMultiaddr, i));
      json_object_set_string_member (entry, "addr", text);
      json_object_set_boolean_member (entry, "isCertified", info->record != NULL);
      json_array_add_object_element (addrs, entry);
    }
  for (char **name = info->protocols; *name != NULL; name++)
    json_array_add_string_element (protocols, *name);
  json_object_set_string_member (object, "peer", command->args[0]);
  json_object_set_array_member (object, "addrs", addrs);
  json_object_set_array_member (object, "protocols", protocols);
  json_object_set_string_member (object, "agent", info->agent);
  json_object_set_double_member (object, "score", info->score);
  json_object_set_boolean_member (object, "hasEnvelope", info->record != NULL);
  peer_answer (command, object);
}

/* ---- newStream ---- */

static void
on_new_stream (SoukSwarm *swarm, SoukStream *stream, const GError *error, void *user)
{
  PeerCommand *command = user;
  if (stream == NULL)
    {
      peer_fail_error (command, error);
      return;
    }
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, "protocol", souk_stream_protocol (stream));
  peer_answer (command, object);
}

static void
open_new_stream (PeerCommand *command, const SoukPeerId *id)
{
  /* The same name twice: the answer is waited for. */
  const char *const protocols[] = { command->args[1], command->args[1], NULL };
  souk_swarm_open_any (command->peer->swarm, id, protocols, on_new_stream, command);
}

static void
run_new_stream (PeerCommand *command)
{
  peer_connect (command, open_new_stream);
}

/* ---- the node ---- */

static void
run_id (PeerCommand *command)
{
  JsonObject *object = json_object_new ();
  SoukPeerId self = *souk_swarm_self (command->peer->swarm);
  g_autofree char *id = souk_peer_id_to_string (&self);
  g_autoptr (GArray) list = souk_swarm_listen_addrs (command->peer->swarm);
  JsonArray *addrs = json_array_new ();
  for (guint i = 0; i < list->len; i++)
    {
      SoukMultiaddr addr;
      souk_multiaddr_with_peer_id (&g_array_index (list, SoukMultiaddr, i), &self, &addr);
      g_autofree char *text = souk_multiaddr_to_string (&addr);
      json_array_add_string_element (addrs, text);
    }
  json_object_set_string_member (object, "peer", id);
  json_object_set_array_member (object, "addrs", addrs);
  peer_answer (command, object);
}

static void
run_mem (PeerCommand *command)
{
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  JsonObject *object = json_object_new ();
  json_object_set_int_member (object, "rss", (gint64)usage.ru_maxrss * 1024);
  json_object_set_int_member (object, "cpu_us",
                              (gint64)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
                                      * G_USEC_PER_SEC
                                  + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  peer_answer (command, object);
}

const PeerRow peer_link_rows[] = {
  { "id", 0, run_id },         { "addrs", 0, run_id },
  { "mem", 0, run_mem },       { "dial", 1, run_dial },
  { "hangup", 1, run_hangup }, { "conns", 0, run_conns },
  { "peer", 1, run_peer },     { "newStream", 2, run_new_stream },
  { "ping", 1, run_ping },     { "pingStream", 1, run_exchange },
  { "echo", 1, run_exchange }, { "perf", 1, run_exchange },
  { NULL, 0, NULL },
};
