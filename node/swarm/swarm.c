/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The swarm: life, protocols, watchers, what we say of ourselves. GLIB, node thread. See swarm.h.
 */
#include "swarm/session.h"

#include <string.h>

#define PROTOCOL_VERSION "ipfs/0.1.0"
/* Changes within this time are told together. */
#define SELF_CHANGED_MS 200
/* How often connections that are not needed are looked for. */
#define HOUSEKEEPING_MS 5000

G_DEFINE_QUARK (souk - swarm - error - quark, souk_swarm_error)

typedef struct {
  SoukLaterFunc func;
  void *data;
} Closure;

GError *
souk_swarm_error (SoukStatus status)
{
  return g_error_new_literal (SOUK_SWARM_ERROR, (int)status, souk_status_sentence (status));
}

void
souk_swarm_log (SoukSwarm *self, const char *name, SoukStatus status, const SoukPeerId *peer,
                const char *detail)
{
  if (self->events.on_log != NULL)
    self->events.on_log (self->events.user, name, status, peer, detail);
}

/* ---- what runs soon ---- */

static gboolean
later_dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  return callback (data);
}

/* Only what was there when it began: a closure that makes another does not starve the sockets. */
static gboolean
run_later (gpointer data)
{
  SoukSwarm *self = data;
  g_source_set_ready_time (self->later_source, -1);
  for (guint n = self->later.length; n > 0; n--)
    {
      Closure *closure = g_queue_pop_head (&self->later);
      closure->func (closure->data);
      g_free (closure);
    }
  if (self->later.length > 0)
    g_source_set_ready_time (self->later_source, 0);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs later_funcs = { .dispatch = later_dispatch };

void
souk_swarm_later (SoukSwarm *self, SoukLaterFunc func, void *data)
{
  Closure *closure = g_new (Closure, 1);
  *closure = (Closure){ func, data };
  g_queue_push_tail (&self->later, closure);
  g_source_set_ready_time (self->later_source, 0);
}

/* ---- housekeeping ---- */

/* Of two connections that crossed, its dialler closes the one that is not used. */
static void
close_double (SoukSwarm *self, SoukPeer *peer)
{
  SoukSession *keep = souk_peer_session (peer);
  for (guint i = 0; i < peer->sessions->len; i++)
    {
      SoukSession *session = g_ptr_array_index (peer->sessions, i);
      if (session != keep && (!session->is_inbound || session->is_relayed)
          && souk_session_n_streams (session) == 0)
        {
          souk_session_close (session, SOUK_STATUS_OK);
          return;
        }
    }
}

static gboolean
on_housekeeping (gpointer data)
{
  SoukSwarm *self = data;
  g_autoptr (GArray) peers = souk_swarm_connected_peers (self);
  for (guint i = 0; i < peers->len; i++)
    {
      SoukPeer *peer = souk_swarm_find_peer (self, &g_array_index (peers, SoukPeerId, i));
      if (peer != NULL && peer->sessions->len > 1)
        close_double (self, peer);
    }
  return G_SOURCE_CONTINUE;
}

/* ---- life ---- */

static void
service_free (gpointer data)
{
  SoukService *service = data;
  if (service->destroy != NULL)
    service->destroy (service->user);
  g_free (service);
}

static void
build_identify (SoukSwarm *self)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;
  g_hash_table_iter_init (&iter, self->services);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (names, name);
  g_ptr_array_sort_values (names, (GCompareFunc)strcmp);
  g_ptr_array_add (names, NULL);
  souk_conn_shared_set_protocols (&self->shared, (const char *const *)names->pdata);

  g_autoptr (GArray) addrs = souk_swarm_listen_addrs (self);
  for (guint i = addrs->len; i > 0; i--)
    if (!self->announces_private
        && souk_multiaddr_is_private (&g_array_index (addrs, SoukMultiaddr, i - 1)))
      g_array_remove_index (addrs, i - 1);
  /* "the `seq` field contains a sequence number that MUST increase monotonically" */
  uint64_t seq = (uint64_t)souk_wall_now ().us;
  self->record_seq = MAX (seq, self->record_seq + 1);
  SoukIdentifyLocal local = { .identity = self->identity,
                              .protocol_version = PROTOCOL_VERSION,
                              .agent = self->agent,
                              .protocols = souk_conn_shared_protocols (&self->shared),
                              .addrs = (const SoukMultiaddr *)(const void *)addrs->data,
                              .n_addrs = addrs->len,
                              .record_seq = self->record_seq };
  g_autoptr (GBytes) message = souk_identify_encode (&local);
  souk_conn_shared_set_identify (&self->shared, message);
}

SoukSwarm *
souk_swarm_new (const SoukSwarmConfig *config)
{
  SoukSwarm *self = g_new0 (SoukSwarm, 1);
  self->context = g_main_context_ref_thread_default ();
  self->identity = config->identity;
  self->rng = config->rng;
  self->agent = g_strdup (config->agent);
  self->limits = config->limits;
  self->events = config->events;
  self->announces_private = config->announces_private;
  souk_conn_shared_init (&self->shared, self->identity, self->rng);
  self->read_buffer = g_malloc (SOUK_SWARM_READ_SIZE);
  self->peers = g_hash_table_new_full (souk_peer_id_hash, souk_peer_id_equal, NULL, souk_peer_free);
  self->services = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, service_free);
  self->sessions = g_ptr_array_new ();
  self->listeners = g_ptr_array_new_with_free_func (souk_listener_free);
  self->inbound_rate
      = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, g_free);
  self->announced = g_array_new (FALSE, FALSE, sizeof (SoukMultiaddr));
  self->dials = g_ptr_array_new ();
  self->watchers = g_array_new (FALSE, FALSE, sizeof (SoukWatcher));
  g_queue_init (&self->later);

  self->later_source = g_source_new (&later_funcs, sizeof (GSource));
  g_source_set_callback (self->later_source, run_later, self, NULL);
  g_source_set_static_name (self->later_source, "souk later");
  g_source_attach (self->later_source, self->context);
  self->housekeeping = g_timeout_source_new (HOUSEKEEPING_MS);
  g_source_set_callback (self->housekeeping, on_housekeeping, self, NULL);
  g_source_attach (self->housekeeping, self->context);
  build_identify (self);
  return self;
}

static void
drop_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

void
souk_swarm_free (SoukSwarm *self)
{
  if (self == NULL)
    return;
  self->is_freeing = true;
  g_ptr_array_set_size (self->listeners, 0);
  souk_swarm_cancel_dials (self);
  while (self->sessions->len > 0)
    {
      SoukSession *session = g_ptr_array_index (self->sessions, 0);
      if (session->state == SESSION_LINGERING)
        souk_session_abandon (session);
      else
        souk_session_close (session, SOUK_STATUS_OK);
    }
  /* What was promised to come later comes now: each closure frees what it holds. */
  while (self->later.length > 0)
    run_later (self);
  drop_source (&self->later_source);
  drop_source (&self->housekeeping);
  drop_source (&self->self_changed);
  g_hash_table_unref (self->services);
  g_hash_table_unref (self->peers);
  g_hash_table_unref (self->inbound_rate);
  g_ptr_array_unref (self->sessions);
  g_ptr_array_unref (self->listeners);
  g_ptr_array_unref (self->dials);
  g_array_unref (self->announced);
  g_array_unref (self->watchers);
  souk_conn_shared_done (&self->shared);
  g_free (self->read_buffer);
  g_free (self->agent);
  g_main_context_unref (self->context);
  g_free (self);
}

const SoukPeerId *
souk_swarm_self (const SoukSwarm *self)
{
  return &self->shared.self;
}

const SoukIdentity *
souk_swarm_identity (const SoukSwarm *self)
{
  return self->identity;
}

SoukRng *
souk_swarm_rng (const SoukSwarm *self)
{
  return self->rng;
}

/* ---- what we say of ourselves ---- */

static gboolean
on_self_changed (gpointer data)
{
  SoukSwarm *self = data;
  drop_source (&self->self_changed);
  for (guint i = 0; i < self->sessions->len; i++)
    {
      SoukSession *session = g_ptr_array_index (self->sessions, i);
      if (!session->is_upgraded || session->state != SESSION_RUNNING)
        continue;
      souk_conn_push_identify (session->conn, souk_mono_now ());
      souk_session_touch (session);
    }
  souk_swarm_tell (self, WATCH_SELF_CHANGED, NULL);
  return G_SOURCE_REMOVE;
}

void
souk_swarm_self_changed (SoukSwarm *self)
{
  build_identify (self);
  if (self->self_changed != NULL)
    return;
  self->self_changed = g_timeout_source_new (SELF_CHANGED_MS);
  g_source_set_callback (self->self_changed, on_self_changed, self, NULL);
  g_source_attach (self->self_changed, self->context);
}

GArray *
souk_swarm_listen_addrs (SoukSwarm *self)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (SoukMultiaddr));
  for (guint i = 0; i < self->listeners->len; i++)
    souk_listener_append_addrs (g_ptr_array_index (self->listeners, i), out);
  g_array_append_vals (out, self->announced->data, self->announced->len);
  return out;
}

void
souk_swarm_set_announced (SoukSwarm *self, const SoukMultiaddr *addrs, size_t n_addrs)
{
  bool is_same = n_addrs == self->announced->len;
  for (size_t i = 0; i < n_addrs && is_same; i++)
    is_same
        = souk_multiaddr_is_equal (&addrs[i], &g_array_index (self->announced, SoukMultiaddr, i));
  if (is_same)
    return;
  g_array_set_size (self->announced, 0);
  g_array_append_vals (self->announced, addrs, (guint)n_addrs);
  souk_swarm_self_changed (self);
}

/* ---- watchers ---- */

unsigned
souk_swarm_watch (SoukSwarm *self, const SoukSwarmWatch *watch, void *user)
{
  SoukWatcher watcher = { ++self->next_watcher, watch, user };
  g_array_append_val (self->watchers, watcher);
  return watcher.id;
}

void
souk_swarm_unwatch (SoukSwarm *self, unsigned id)
{
  for (guint i = 0; i < self->watchers->len; i++)
    if (g_array_index (self->watchers, SoukWatcher, i).id == id)
      {
        g_array_remove_index (self->watchers, i);
        return;
      }
}

/* Watchers that come or go meanwhile are not confused: each is looked up by its number. */
static bool
next_watcher (SoukSwarm *self, unsigned *last, SoukWatcher *out)
{
  for (guint i = 0; i < self->watchers->len; i++)
    {
      *out = g_array_index (self->watchers, SoukWatcher, i);
      if (out->id > *last)
        {
          *last = out->id;
          return true;
        }
    }
  return false;
}

void
souk_swarm_tell (SoukSwarm *self, SoukWatchKind kind, const SoukPeerId *peer)
{
  SoukWatcher watcher;
  unsigned last = 0;
  SoukPeerId copy = peer != NULL ? *peer : self->shared.self;
  while (next_watcher (self, &last, &watcher))
    switch (kind)
      {
      case WATCH_CONNECTED:
        if (watcher.watch->on_connected != NULL)
          watcher.watch->on_connected (self, &copy, watcher.user);
        break;
      case WATCH_DISCONNECTED:
        if (watcher.watch->on_disconnected != NULL)
          watcher.watch->on_disconnected (self, &copy, watcher.user);
        break;
      case WATCH_DISCOVERED:
        if (watcher.watch->on_discovered != NULL)
          watcher.watch->on_discovered (self, &copy, watcher.user);
        break;
      case WATCH_SELF_CHANGED:
        if (watcher.watch->on_self_changed != NULL)
          watcher.watch->on_self_changed (self, watcher.user);
        break;
      }
}

void
souk_swarm_tell_identified (SoukSwarm *self, const SoukPeerId *peer, const SoukIdentifyInfo *info)
{
  SoukWatcher watcher;
  unsigned last = 0;
  while (next_watcher (self, &last, &watcher))
    if (watcher.watch->on_identified != NULL)
      watcher.watch->on_identified (self, peer, info, watcher.user);
}

void
souk_swarm_discovered (SoukSwarm *self, const SoukPeerId *peer, const SoukMultiaddr *addrs,
                       size_t n_addrs)
{
  souk_swarm_add_addrs (self, peer, addrs, n_addrs);
  souk_swarm_tell (self, WATCH_DISCOVERED, peer);
}

/* ---- protocols ---- */

const SoukService *
souk_swarm_find_service (SoukSwarm *self, const char *protocol)
{
  return g_hash_table_lookup (self->services, protocol);
}

void
souk_swarm_serve (SoukSwarm *self, const char *protocol, SoukStreamFunc handler, void *user,
                  GDestroyNotify destroy)
{
  bool is_new = souk_swarm_find_service (self, protocol) == NULL;
  SoukService *service = g_new0 (SoukService, 1);
  *service = (SoukService){ handler, user, destroy };
  g_hash_table_insert (self->services, g_strdup (protocol), service);
  if (is_new)
    souk_swarm_self_changed (self);
}

void
souk_swarm_unserve (SoukSwarm *self, const char *protocol)
{
  if (g_hash_table_remove (self->services, protocol))
    souk_swarm_self_changed (self);
}

bool
souk_swarm_is_served (SoukSwarm *self, const char *protocol)
{
  return souk_swarm_find_service (self, protocol) != NULL;
}

char **
souk_swarm_protocols (SoukSwarm *self)
{
  return g_strdupv (self->shared.protocols);
}

/* ---- opening streams ---- */

typedef struct {
  SoukSwarm *swarm;
  SoukOpenFunc done;
  void *user;
  SoukStatus status;
} OpenFailure;

static void
tell_open_failure (void *data)
{
  OpenFailure *failure = data;
  g_autoptr (GError) error = souk_swarm_error (failure->status);
  failure->done (failure->swarm, NULL, error, failure->user);
  g_free (failure);
}

void
souk_swarm_open_any (SoukSwarm *self, const SoukPeerId *id, const char *const *protocols,
                     SoukOpenFunc done, void *user)
{
  SoukPeer *peer = souk_swarm_find_peer (self, id);
  SoukSession *session = peer != NULL ? souk_peer_session (peer) : NULL;
  SoukStatus status = SOUK_STATUS_CLOSED;
  uint32_t stream = 0;
  if (session != NULL)
    status = souk_conn_open (session->conn, protocols, NULL, &stream, souk_mono_now ());
  if (status != SOUK_STATUS_OK)
    {
      OpenFailure *failure = g_new0 (OpenFailure, 1);
      *failure = (OpenFailure){ self, done, user, status };
      souk_swarm_later (self, tell_open_failure, failure);
      return;
    }
  bool is_single = protocols[1] == NULL;
  const char *protocol = is_single ? g_intern_string (protocols[0]) : NULL;
  SoukStream *opened = souk_stream_new (session, stream, protocol, false);
  souk_stream_expect (opened, done, user, is_single);
  souk_session_touch (session);
}

void
souk_swarm_open (SoukSwarm *self, const SoukPeerId *peer, const char *protocol, SoukOpenFunc done,
                 void *user)
{
  const char *const protocols[] = { protocol, NULL };
  souk_swarm_open_any (self, peer, protocols, done, user);
}

typedef struct {
  SoukSwarm *swarm;
  SoukPeerId peer;
  SoukPongFunc done;
  void *user;
} PingFailure;

static void
tell_ping_failure (void *data)
{
  PingFailure *failure = data;
  failure->done (failure->swarm, &failure->peer, -1, failure->user);
  g_free (failure);
}

void
souk_swarm_ping (SoukSwarm *self, const SoukPeerId *id, SoukPongFunc done, void *user)
{
  SoukPeer *peer = souk_swarm_find_peer (self, id);
  SoukSession *session = peer != NULL ? souk_peer_session (peer) : NULL;
  if (session != NULL)
    {
      souk_session_ping (session, done, user);
      return;
    }
  PingFailure *failure = g_new0 (PingFailure, 1);
  *failure = (PingFailure){ self, *id, done, user };
  souk_swarm_later (self, tell_ping_failure, failure);
}
