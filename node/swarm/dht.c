/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Drives the distributed hash table. See dht.h.
 *
 * Each request goes on a stream of its own, whose sending side stays open until the answer is here:
 * some programs look whether more may come before they read what has come.
 */
#include "swarm/dht.h"

#include "mesh/kad-limits.h"
#include "swarm/clock.h"

/* A stream that brings no further request by then is over. */
#define SERVE_MS 60000

/* Answers of the swarm may come when the driver is gone; they find NULL here. */
typedef struct {
  SoukDht *self;
} Alive;

struct SoukDht {
  SoukSwarm *swarm;
  SoukDhtConfig config;
  SoukKad *kad;
  GHashTable *queries; /* &query->id -> SoukDhtQuery, owned */
  GSource *timer;
  Alive *alive;
  unsigned watch;
  bool is_pumping;
};

struct SoukDhtQuery {
  SoukDht *dht;
  uint64_t id;
  SoukDhtFunc done;
  void *user;
  GArray *providers; /* SoukPeerId */
};

/* One request under way. */
typedef struct {
  Alive *alive;
  uint64_t request;
  GBytes *bytes;
  bool wants_reply, is_reported;
} Asking;

static void pump (SoukDht *self);

/* ---- asking ---- */

static void
asking_free (gpointer data)
{
  Asking *asking = data;
  g_rc_box_release (asking->alive);
  g_bytes_unref (asking->bytes);
  g_free (asking);
}

/* Tells the machine, once, what came of it. */
static SoukStatus
report (Asking *asking, const SoukSlice *reply)
{
  SoukDht *self = asking->alive->self;
  if (asking->is_reported || self == NULL)
    return SOUK_STATUS_OK;
  asking->is_reported = true;
  SoukStatus status = souk_kad_replied (self->kad, asking->request, reply, souk_mono_now ());
  pump (self);
  return status;
}

static void
on_answer (SoukStream *stream, SoukSlice message, void *user)
{
  Asking *asking = user;
  Alive *alive = g_rc_box_acquire (asking->alive);
  g_autoptr (SoukStream) kept = souk_stream_ref (stream);
  SoukPeerId peer = *souk_stream_peer (stream);
  SoukStatus status = report (asking, &message);
  if (status != SOUK_STATUS_OK && alive->self != NULL)
    souk_swarm_penalise (alive->self->swarm, &peer, status);
  g_rc_box_release (alive);
  souk_stream_close_write (kept);
}

static void
on_asked_drained (SoukStream *stream, void *user)
{
  Asking *asking = user;
  SoukSlice nothing = SOUK_SLICE_EMPTY;
  if (!asking->wants_reply)
    report (asking, &nothing);
}

static void
on_asked_end (SoukStream *stream, void *user)
{
  souk_stream_close_write (stream);
}

/* js-libp2p resets a stream on which it has read an announcement and then the end: a reset after the
 * peer has agreed to the protocol tells nothing. */
static void
on_asked_closed (SoukStream *stream, SoukStatus status, void *user)
{
  Asking *asking = user;
  SoukSlice nothing = SOUK_SLICE_EMPTY;
  bool is_sent = status == SOUK_STATUS_OK || status == SOUK_STATUS_STREAM_RESET;
  report (asking, !asking->wants_reply && is_sent ? &nothing : NULL);
}

static const SoukStreamHandlers ask_handlers = {
  .on_message = on_answer,
  .on_drained = on_asked_drained,
  .on_end = on_asked_end,
  .on_closed = on_asked_closed,
};

static void
on_opened (SoukSwarm *swarm, SoukStream *stream, const GError *error, void *user)
{
  Asking *asking = user;
  if (stream == NULL || asking->alive->self == NULL)
    {
      report (asking, NULL);
      asking_free (asking);
      return;
    }
  souk_stream_start (stream, &ask_handlers, SOUK_KAD_MESSAGE_SIZE_MAX, asking, asking_free);
  souk_stream_set_timeout (stream, SOUK_KAD_REQUEST_MS);
  souk_stream_send (stream, souk_slice_from_bytes (asking->bytes));
  if (!asking->wants_reply)
    souk_stream_close_write (stream);
}

static void
open_stream (Asking *asking, const SoukPeerId *peer)
{
  SoukDht *self = asking->alive->self;
  /* The same name twice: a request without an answer has to know that it was taken. */
  const char *const twice[] = { self->config.protocol, self->config.protocol, NULL };
  if (asking->wants_reply)
    souk_swarm_open (self->swarm, peer, self->config.protocol, on_opened, asking);
  else
    souk_swarm_open_any (self->swarm, peer, twice, on_opened, asking);
}

static void
on_dialled (SoukSwarm *swarm, const SoukPeerId *peer, const GError *error, void *user)
{
  Asking *asking = user;
  if (peer != NULL && asking->alive->self != NULL)
    {
      open_stream (asking, peer);
      return;
    }
  report (asking, NULL);
  asking_free (asking);
}

/* Remembers where a peer is, for dialling it. */
static void
learn (SoukDht *self, const SoukPeerId *peer, GBytes *packed)
{
  SoukMultiaddr addrs[SOUK_KAD_ADDRS_MAX];
  size_t n = souk_kad_addrs_unpack (packed, addrs, SOUK_KAD_ADDRS_MAX);
  if (n > 0)
    souk_swarm_add_addrs (self->swarm, peer, addrs, n);
}

static void
send_request (SoukDht *self, const SoukKadEvent *event)
{
  Asking *asking = g_new0 (Asking, 1);
  *asking = (Asking){ .alive = g_rc_box_acquire (self->alive),
                      .request = event->request,
                      .bytes = g_bytes_ref (event->bytes),
                      .wants_reply = event->wants_reply };
  if (souk_swarm_is_connected (self->swarm, &event->peer))
    {
      open_stream (asking, &event->peer);
      return;
    }
  learn (self, &event->peer, event->addrs);
  souk_swarm_dial_peer (self->swarm, &event->peer, on_dialled, asking);
}

/* ---- serving ---- */

static void
on_request (SoukStream *stream, SoukSlice message, void *user)
{
  SoukDht *self = ((Alive *)user)->self;
  SoukPeerId peer = *souk_stream_peer (stream);
  g_autoptr (GByteArray) answer = g_byte_array_new ();
  if (self == NULL)
    {
      souk_stream_reset (stream);
      return;
    }
  SoukStatus status
      = souk_kad_serve (self->kad, &peer, message, souk_wall_now (), souk_mono_now (), answer);
  souk_stream_set_timeout (stream, SERVE_MS);
  /* Who asks without reading is not heard further. */
  if (status != SOUK_STATUS_OK
      || (answer->len > 0 && !souk_stream_send (stream, souk_slice_from_array (answer))))
    souk_stream_reset (stream);
  if (status != SOUK_STATUS_OK)
    souk_swarm_penalise (self->swarm, &peer, status);
  pump (self);
}

static void
on_requests_end (SoukStream *stream, void *user)
{
  souk_stream_close_write (stream);
}

static const SoukStreamHandlers serve_handlers = {
  .on_message = on_request,
  .on_end = on_requests_end,
};

static void
on_inbound (SoukSwarm *swarm, SoukStream *stream, void *user)
{
  SoukDht *self = user;
  souk_stream_start (stream, &serve_handlers, SOUK_KAD_MESSAGE_SIZE_MAX,
                     g_rc_box_acquire (self->alive), g_rc_box_release);
  souk_stream_set_queue_max (stream, 2 * SOUK_KAD_MESSAGE_SIZE_MAX);
  souk_stream_set_timeout (stream, SERVE_MS);
}

/* ---- peers ---- */

static void
add_peer (SoukDht *self, const SoukPeerId *peer)
{
  g_autoptr (SoukPeerInfo) info = souk_swarm_peer_info (self->swarm, peer);
  if (info == NULL || !info->is_identified)
    return;
  /* Where it was reached comes first, what it says of itself after that. */
  if (!info->is_inbound && !info->is_relayed && info->addr.len > 0)
    g_array_prepend_val (info->addrs, info->addr);
  souk_kad_add_peer (
      self->kad, peer, (const SoukMultiaddr *)(void *)info->addrs->data, info->addrs->len,
      souk_swarm_peer_serves (self->swarm, peer, self->config.protocol), souk_mono_now ());
}

static void
on_identified (SoukSwarm *swarm, const SoukPeerId *peer, const SoukIdentifyInfo *info, void *user)
{
  SoukDht *self = user;
  add_peer (self, peer);
  pump (self);
}

static void
on_disconnected (SoukSwarm *swarm, const SoukPeerId *peer, void *user)
{
  souk_kad_remove_contact (((SoukDht *)user)->kad, peer);
}

static void
on_self_changed (SoukSwarm *swarm, void *user)
{
  SoukDht *self = user;
  g_autoptr (GArray) addrs = souk_swarm_listen_addrs (swarm);
  souk_kad_set_addrs (self->kad, (const SoukMultiaddr *)(void *)addrs->data, addrs->len);
}

static const SoukSwarmWatch watch = {
  .on_identified = on_identified,
  .on_disconnected = on_disconnected,
  .on_self_changed = on_self_changed,
};

/* ---- the pump ---- */

static void
query_free (gpointer data)
{
  SoukDhtQuery *query = data;
  g_array_unref (query->providers);
  g_free (query);
}

static void
on_done (SoukDht *self, const SoukKadEvent *event)
{
  SoukDhtQuery *query = NULL;
  if (!g_hash_table_steal_extended (self->queries, &event->query, NULL, (gpointer *)&query))
    return;
  SoukDhtResult result = { .status = event->status,
                           .n_peers = event->n_peers,
                           .value = event->bytes,
                           .peers = event->closest };
  if (query->providers->len > 0)
    result.peers = query->providers;
  else if (event->addrs != NULL)
    {
      learn (self, &event->peer, event->addrs);
      g_array_append_val (query->providers, event->peer);
      result.peers = query->providers;
    }
  if (query->done != NULL)
    query->done (self, &result, query->user);
  query_free (query);
}

static void
handle (SoukDht *self, const SoukKadEvent *event)
{
  SoukDhtQuery *query;
  switch (event->type)
    {
    case SOUK_KAD_EVENT_REQUEST:
      send_request (self, event);
      break;
    case SOUK_KAD_EVENT_PROVIDER:
      learn (self, &event->peer, event->addrs);
      query = g_hash_table_lookup (self->queries, &event->query);
      if (query != NULL)
        g_array_append_val (query->providers, event->peer);
      break;
    case SOUK_KAD_EVENT_DONE:
      on_done (self, event);
      break;
    case SOUK_KAD_EVENT_PROGRESS:
      if (self->config.on_progress != NULL)
        self->config.on_progress (self, event->done, event->total, event->n_peers,
                                  self->config.user);
      break;
    }
}

/* Works off the machine's events. Nobody pulls inside, since the outer pump goes on. */
static void
pump (SoukDht *self)
{
  SoukKadEvent event;
  if (self->is_pumping)
    return;
  self->is_pumping = true;
  while (souk_kad_next (self->kad, &event))
    handle (self, &event);
  self->is_pumping = false;
  SoukMono deadline = souk_kad_deadline (self->kad);
  g_source_set_ready_time (self->timer,
                           deadline.us == SOUK_MONO_NEVER.us ? -1 : MAX (deadline.us, 0));
}

static gboolean
on_timer (gpointer user_data)
{
  SoukDht *self = user_data;
  g_source_set_ready_time (self->timer, -1);
  souk_kad_tick (self->kad, souk_mono_now ());
  pump (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_timer (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs timer_funcs = { .dispatch = dispatch_timer };

/* Not at once: `done` must not come from inside a call. */
static void
pump_soon (SoukDht *self)
{
  if (!self->is_pumping)
    g_source_set_ready_time (self->timer, 0);
}

/* ---- life ---- */

static SoukKadAddrs
addrs_of (const char *protocol)
{
  if (g_str_equal (protocol, SOUK_KAD_PROTOCOL_WAN))
    return SOUK_KAD_ADDRS_PUBLIC;
  if (g_str_equal (protocol, SOUK_KAD_PROTOCOL_LAN))
    return SOUK_KAD_ADDRS_PRIVATE;
  return SOUK_KAD_ADDRS_ANY;
}

SoukDht *
souk_dht_new (SoukSwarm *swarm, const SoukDhtConfig *config)
{
  SoukDht *self = g_new0 (SoukDht, 1);
  self->swarm = swarm;
  self->config = *config;
  SoukKadConfig kad = { .self = *souk_swarm_self (swarm),
                        .addrs = addrs_of (config->protocol),
                        .namespaces = config->namespaces };
  self->kad = souk_kad_new (&kad, souk_swarm_rng (swarm), souk_mono_now ());
  self->queries = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, query_free);
  self->alive = g_rc_box_new0 (Alive);
  self->alive->self = self;
  self->timer = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_callback (self->timer, on_timer, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
  self->watch = souk_swarm_watch (swarm, &watch, self);
  on_self_changed (swarm, self);
  souk_dht_set_server (self, config->is_server);
  g_autoptr (GArray) peers = souk_swarm_connected_peers (swarm);
  for (guint i = 0; i < peers->len; i++)
    add_peer (self, &g_array_index (peers, SoukPeerId, i));
  souk_dht_bootstrap (self);
  return self;
}

void
souk_dht_free (SoukDht *self)
{
  if (self == NULL)
    return;
  souk_dht_set_server (self, false);
  self->alive->self = NULL;
  g_rc_box_release (self->alive);
  souk_swarm_unwatch (self->swarm, self->watch);
  g_source_destroy (self->timer);
  g_source_unref (self->timer);
  g_hash_table_unref (self->queries);
  souk_kad_free (self->kad);
  g_free (self);
}

void
souk_dht_set_server (SoukDht *self, bool is_server)
{
  if (is_server == souk_kad_is_server (self->kad))
    return;
  souk_kad_set_server (self->kad, is_server);
  if (is_server)
    souk_swarm_serve (self->swarm, self->config.protocol, on_inbound, self, NULL);
  else
    souk_swarm_unserve (self->swarm, self->config.protocol);
}

bool
souk_dht_is_server (const SoukDht *self)
{
  return souk_kad_is_server (self->kad);
}

void
souk_dht_bootstrap (SoukDht *self)
{
  souk_kad_bootstrap (self->kad, souk_mono_now ());
  pump_soon (self);
}

/* ---- lookups ---- */

/* Notes a lookup that the machine has begun. */
static SoukStatus
begun (SoukDht *self, SoukStatus status, uint64_t id, SoukDhtFunc done, void *user,
       SoukDhtQuery **out)
{
  if (status != SOUK_STATUS_OK)
    return status;
  SoukDhtQuery *query = g_new0 (SoukDhtQuery, 1);
  *query = (SoukDhtQuery){ self, id, done, user, g_array_new (FALSE, FALSE, sizeof (SoukPeerId)) };
  g_hash_table_insert (self->queries, &query->id, query);
  if (out != NULL)
    *out = query;
  pump_soon (self);
  return SOUK_STATUS_OK;
}

SoukStatus
souk_dht_find_closest (SoukDht *self, SoukSlice key, SoukDhtFunc done, void *user,
                       SoukDhtQuery **out)
{
  uint64_t id = 0;
  SoukStatus status = souk_kad_find_closest (self->kad, key, souk_mono_now (), &id);
  return begun (self, status, id, done, user, out);
}

SoukStatus
souk_dht_find_peer (SoukDht *self, const SoukPeerId *peer, SoukDhtFunc done, void *user,
                    SoukDhtQuery **out)
{
  uint64_t id = 0;
  SoukStatus status = souk_kad_find_peer (self->kad, peer, souk_mono_now (), &id);
  return begun (self, status, id, done, user, out);
}

SoukStatus
souk_dht_get (SoukDht *self, SoukSlice key, unsigned quorum, SoukDhtFunc done, void *user,
              SoukDhtQuery **out)
{
  uint64_t id = 0;
  SoukStatus status = souk_kad_get (self->kad, key, quorum, souk_mono_now (), &id);
  return begun (self, status, id, done, user, out);
}

SoukStatus
souk_dht_put (SoukDht *self, SoukSlice key, SoukSlice value, SoukDhtFunc done, void *user,
              SoukDhtQuery **out)
{
  uint64_t id = 0;
  SoukStatus status = souk_kad_put (self->kad, key, value, souk_wall_now (), souk_mono_now (), &id);
  return begun (self, status, id, done, user, out);
}

static GByteArray *
content_key (const SoukCid *cid)
{
  GByteArray *key = g_byte_array_new ();
  souk_append_multihash (key, &cid->hash);
  return key;
}

SoukStatus
souk_dht_find_providers (SoukDht *self, const SoukCid *cid, unsigned wanted, SoukDhtFunc done,
                         void *user, SoukDhtQuery **out)
{
  uint64_t id = 0;
  g_autoptr (GByteArray) key = content_key (cid);
  SoukStatus status = souk_kad_find_providers (self->kad, souk_slice_from_array (key), wanted,
                                               souk_mono_now (), &id);
  return begun (self, status, id, done, user, out);
}

SoukStatus
souk_dht_provide (SoukDht *self, const SoukCid *cid, SoukDhtFunc done, void *user,
                  SoukDhtQuery **out)
{
  uint64_t id = 0;
  g_autoptr (GByteArray) key = content_key (cid);
  SoukStatus status
      = souk_kad_provide (self->kad, souk_slice_from_array (key), souk_mono_now (), &id);
  return begun (self, status, id, done, user, out);
}

SoukStatus
souk_dht_keep_provided (SoukDht *self, const SoukCid *cid)
{
  g_autoptr (GByteArray) key = content_key (cid);
  SoukStatus status
      = souk_kad_provide (self->kad, souk_slice_from_array (key), souk_mono_now (), NULL);
  pump_soon (self);
  return status;
}

void
souk_dht_unprovide (SoukDht *self, const SoukCid *cid)
{
  g_autoptr (GByteArray) key = content_key (cid);
  souk_kad_unprovide (self->kad, souk_slice_from_array (key));
}

void
souk_dht_cancel (SoukDhtQuery *query)
{
  SoukDht *self = query->dht;
  souk_kad_cancel (self->kad, query->id);
  g_hash_table_remove (self->queries, &query->id);
}

void
souk_dht_stats (const SoukDht *self, SoukKadStats *out)
{
  souk_kad_stats (self->kad, out);
}
