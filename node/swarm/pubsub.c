/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Drives gossipsub. See pubsub.h.
 *
 * A peer joins the machine when our own stream to it is agreed on, since until then nothing can be
 * sent; what it sends before that waits in its paused inbound stream.
 */
#include "swarm/pubsub.h"

#include "mesh/gossip-limits.h"
#include "swarm/clock.h"
#include "swarm/timer.h"
#include "swarm/swarm-private.h"

#include <string.h>

/* Newest first: the dialler takes the first that the other side has. */
static const char *const protocol_names[]
    = { "/meshsub/1.2.0", "/meshsub/1.1.0", "/meshsub/1.0.0", NULL };
static const SoukGossipProtocol protocols[]
    = { SOUK_GOSSIP_V1_2, SOUK_GOSSIP_V1_1, SOUK_GOSSIP_V1_0 };

/* Answers of the swarm may come when the driver is gone; they find NULL here. */
typedef struct {
  SoukPubsub *self;
} Alive;

struct SoukPubsub {
  SoukSwarm *swarm;
  SoukGossip *gossip;
  GHashTable *peers;    /* SoukPeerId * -> Peer *, owned */
  GHashTable *handlers; /* topic -> Handler *, owned */
  SoukTimer *timer;
  Alive *alive;
  unsigned watch;
  bool is_pumping;
};

/* A peer that we have a stream to, or are opening one to. */
typedef struct {
  SoukPeerId id;
  SoukStream *out; /* a reference; NULL until it is open */
  SoukStream *in;  /* a reference; NULL until it has come */
  bool is_opening;
  bool is_member; /* of the machine */
} Peer;

typedef struct {
  SoukPeerId id;
  Alive *alive;
} Opening;

typedef struct {
  SoukPubsubFunc func;
  void *user;
} Handler;

static void pump (SoukPubsub *self);

/* ---- peers ---- */

static void
peer_free (gpointer data)
{
  Peer *peer = data;
  if (peer->out != NULL)
    souk_stream_reset (peer->out);
  if (peer->in != NULL)
    souk_stream_reset (peer->in);
  g_clear_pointer (&peer->out, souk_stream_unref);
  g_clear_pointer (&peer->in, souk_stream_unref);
  g_free (peer);
}

static Peer *
peer_find (SoukPubsub *self, const SoukPeerId *id)
{
  return g_hash_table_lookup (self->peers, id);
}

static Peer *
peer_ensure (SoukPubsub *self, const SoukPeerId *id)
{
  Peer *peer = peer_find (self, id);
  if (peer != NULL)
    return peer;
  peer = g_new0 (Peer, 1);
  peer->id = *id;
  g_hash_table_insert (self->peers, &peer->id, peer);
  return peer;
}

static void
peer_drop (SoukPubsub *self, const SoukPeerId *id)
{
  SoukPeerId kept = *id;
  souk_gossip_remove_peer (self->gossip, &kept, souk_mono_now ());
  g_hash_table_remove (self->peers, &kept);
}

/* ---- streams ---- */

static void
on_message (SoukStream *stream, SoukSlice message, void *user)
{
  SoukPubsub *self = user;
  SoukPeerId id = *souk_stream_peer (stream);
  SoukStatus status = souk_gossip_recv (self->gossip, &id, message, souk_mono_now ());
  if (status != SOUK_STATUS_OK)
    {
      souk_swarm_penalise (self->swarm, &id, status);
      peer_drop (self, &id);
    }
  pump (self);
}

static void
on_in_closed (SoukStream *stream, SoukStatus status, void *user)
{
  SoukPubsub *self = user;
  Peer *peer = peer_find (self, souk_stream_peer (stream));
  if (peer != NULL && peer->in == stream)
    g_clear_pointer (&peer->in, souk_stream_unref);
}

static const SoukStreamHandlers in_handlers = {
  .on_message = on_message,
  .on_closed = on_in_closed,
};

static void
on_drained (SoukStream *stream, void *user)
{
  SoukPubsub *self = user;
  souk_gossip_set_writable (self->gossip, souk_stream_peer (stream), true);
  pump (self);
}

static void
on_out_closed (SoukStream *stream, SoukStatus status, void *user)
{
  SoukPubsub *self = user;
  Peer *peer = peer_find (self, souk_stream_peer (stream));
  if (peer != NULL && peer->out == stream)
    peer_drop (self, souk_stream_peer (stream));
}

static const SoukStreamHandlers out_handlers = {
  .on_drained = on_drained,
  .on_closed = on_out_closed,
};

/* An inbound stream replaces an older one: a peer that reconnects opens anew. */
static void
on_inbound (SoukSwarm *swarm, SoukStream *stream, void *user)
{
  SoukPubsub *self = user;
  Peer *peer = peer_ensure (self, souk_stream_peer (stream));
  if (peer->in != NULL)
    souk_stream_reset (peer->in);
  g_clear_pointer (&peer->in, souk_stream_unref);
  peer->in = souk_stream_ref (stream);
  souk_stream_start (stream, &in_handlers, SOUK_GOSSIP_RPC_SIZE_MAX, self, NULL);
  if (!peer->is_member)
    souk_stream_pause (stream);
}

static SoukGossipProtocol
protocol_of (const SoukStream *stream)
{
  const char *name = souk_stream_protocol (stream);
  for (size_t i = 0; protocol_names[i] != NULL; i++)
    if (g_strcmp0 (name, protocol_names[i]) == 0)
      return protocols[i];
  return SOUK_GOSSIP_V1_0;
}

static void
on_opened (SoukSwarm *swarm, SoukStream *stream, const GError *error, void *user)
{
  g_autofree Opening *opening = user;
  SoukPubsub *self = opening->alive->self;
  SoukPeerId id = opening->id;
  g_rc_box_release (opening->alive);
  Peer *peer = self != NULL ? peer_find (self, &id) : NULL;
  if (peer == NULL)
    return;
  peer->is_opening = false;
  if (stream == NULL || peer->out != NULL)
    return;

  g_autoptr (SoukPeerInfo) info = souk_swarm_peer_info (swarm, &id);
  bool is_outbound = info != NULL && !info->is_inbound;
  if (souk_gossip_add_peer (self->gossip, &id, protocol_of (stream), is_outbound, souk_mono_now ())
      != SOUK_STATUS_OK)
    return;
  peer->is_member = true;
  peer->out = souk_stream_ref (stream);
  souk_stream_start (stream, &out_handlers, SOUK_GOSSIP_RPC_SIZE_MAX, self, NULL);
  if (peer->in != NULL)
    souk_stream_resume (peer->in);
  pump (self);
}

/* Opens our stream to a peer that serves pubsub and has none. */
static void
open_to (SoukPubsub *self, const SoukPeerId *id)
{
  bool serves = false;
  for (size_t i = 0; protocol_names[i] != NULL; i++)
    serves = serves || souk_swarm_peer_serves (self->swarm, id, protocol_names[i]);
  if (!serves)
    return;
  Peer *peer = peer_ensure (self, id);
  if (peer->out != NULL || peer->is_opening)
    return;
  peer->is_opening = true;
  Opening *opening = g_new0 (Opening, 1);
  opening->id = *id;
  opening->alive = g_rc_box_acquire (self->alive);
  souk_swarm_open_any (self->swarm, id, protocol_names, on_opened, opening);
}

static void
on_identified (SoukSwarm *swarm, const SoukPeerId *peer, const SoukIdentifyInfo *info, void *user)
{
  open_to (user, peer);
}

static void
on_disconnected (SoukSwarm *swarm, const SoukPeerId *peer, void *user)
{
  SoukPubsub *self = user;
  peer_drop (self, peer);
  pump (self);
}

static const SoukSwarmWatch watch = {
  .on_identified = on_identified,
  .on_disconnected = on_disconnected,
};

/* ---- the pump ---- */

static void
send_rpc (SoukPubsub *self, const SoukGossipEvent *event)
{
  Peer *peer = peer_find (self, event->peer);
  if (peer == NULL || peer->out == NULL)
    return;
  if (!souk_stream_send (peer->out, souk_slice_from_bytes (event->rpc)))
    souk_gossip_set_writable (self->gossip, event->peer, false);
}

static void
judge (SoukPubsub *self, const SoukGossipEvent *event)
{
  SoukGossipId id = event->id;
  Handler *handler = g_hash_table_lookup (self->handlers, event->topic);
  SoukGossipVerdict verdict = SOUK_GOSSIP_IGNORE;
  if (handler != NULL)
    verdict = handler->func (self, event->author, event->peer, event->data, handler->user);
  souk_gossip_validated (self->gossip, id, verdict, souk_mono_now ());
}

/* Works off the machine's events. A handler may publish: then the outer pump goes on. */
static void
pump (SoukPubsub *self)
{
  SoukGossipEvent event;
  if (self->is_pumping)
    return;
  self->is_pumping = true;
  while (souk_gossip_next (self->gossip, &event))
    switch (event.type)
      {
      case SOUK_GOSSIP_EVENT_SEND:
        send_rpc (self, &event);
        break;
      case SOUK_GOSSIP_EVENT_MESSAGE:
        judge (self, &event);
        break;
      case SOUK_GOSSIP_EVENT_REFUSED:
        souk_swarm_log (self->swarm, "gossip-refused", event.status, event.peer, event.topic);
        break;
      case SOUK_GOSSIP_EVENT_SUBSCRIBED:
      case SOUK_GOSSIP_EVENT_UNSUBSCRIBED:
      case SOUK_GOSSIP_EVENT_GRAFTED:
      case SOUK_GOSSIP_EVENT_PRUNED:
        break;
      }
  self->is_pumping = false;
  souk_timer_set (self->timer, souk_gossip_deadline (self->gossip));
}

static void
on_timer (void *user)
{
  SoukPubsub *self = user;
  souk_gossip_tick (self->gossip, souk_mono_now ());
  pump (self);
}

/* ---- life ---- */

SoukPubsub *
souk_pubsub_new (SoukSwarm *swarm)
{
  SoukPubsub *self = g_new0 (SoukPubsub, 1);
  SoukGossipConfig config = { 0 };
  self->swarm = swarm;
  self->alive = g_rc_box_new0 (Alive);
  self->alive->self = self;
  /* Numbers grow over restarts when they begin with the clock. */
  self->gossip
      = souk_gossip_new (&config, souk_swarm_identity (swarm), (uint64_t)souk_wall_now ().us * 1000,
                         souk_swarm_rng (swarm), souk_mono_now ());
  self->peers = g_hash_table_new_full (souk_peer_id_hash, souk_peer_id_equal, NULL, peer_free);
  self->handlers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->timer = souk_timer_new (on_timer, self);
  self->watch = souk_swarm_watch (swarm, &watch, self);
  for (size_t i = 0; protocol_names[i] != NULL; i++)
    souk_swarm_serve (swarm, protocol_names[i], on_inbound, self, NULL);
  souk_timer_set (self->timer, souk_gossip_deadline (self->gossip));
  return self;
}

void
souk_pubsub_free (SoukPubsub *self)
{
  if (self == NULL)
    return;
  self->alive->self = NULL;
  g_rc_box_release (self->alive);
  souk_swarm_unwatch (self->swarm, self->watch);
  for (size_t i = 0; protocol_names[i] != NULL; i++)
    souk_swarm_unserve (self->swarm, protocol_names[i]);
  souk_timer_free (self->timer);
  g_hash_table_unref (self->peers);
  g_hash_table_unref (self->handlers);
  souk_gossip_free (self->gossip);
  g_free (self);
}

SoukStatus
souk_pubsub_subscribe (SoukPubsub *self, const char *topic, SoukPubsubFunc func, void *user)
{
  SOUK_TRY (souk_gossip_subscribe (self->gossip, topic, souk_mono_now ()));
  Handler *handler = g_new0 (Handler, 1);
  *handler = (Handler){ func, user };
  g_hash_table_replace (self->handlers, g_strdup (topic), handler);
  pump (self);
  return SOUK_STATUS_OK;
}

void
souk_pubsub_unsubscribe (SoukPubsub *self, const char *topic)
{
  souk_gossip_unsubscribe (self->gossip, topic, souk_mono_now ());
  g_hash_table_remove (self->handlers, topic);
  pump (self);
}

SoukStatus
souk_pubsub_publish (SoukPubsub *self, const char *topic, SoukSlice data, size_t *out_peers)
{
  size_t n_peers = 0;
  SOUK_TRY (souk_gossip_publish (self->gossip, topic, data, souk_mono_now (), &n_peers));
  if (out_peers != NULL)
    *out_peers = n_peers;
  pump (self);
  return SOUK_STATUS_OK;
}

size_t
souk_pubsub_mesh_size (const SoukPubsub *self, const char *topic)
{
  return souk_gossip_mesh_size (self->gossip, topic);
}

size_t
souk_pubsub_topic_peers (const SoukPubsub *self, const char *topic)
{
  return souk_gossip_topic_peers (self->gossip, topic);
}

void
souk_pubsub_stats (const SoukPubsub *self, SoukGossipStats *out)
{
  souk_gossip_stats (self->gossip, out);
}
