/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The gossipsub machine: life, peers, topics, publishing, verdicts, events, the clock. PURE. See
 * gossip.h and gossip-private.h.
 */
#include "mesh/gossip-private.h"

#include <sodium.h>
#include <string.h>

const char *
souk_gossip_protocol_name (SoukGossipProtocol protocol)
{
  switch (protocol)
    {
    case SOUK_GOSSIP_V1_0:
      return "/meshsub/1.0.0";
    case SOUK_GOSSIP_V1_1:
      return "/meshsub/1.1.0";
    case SOUK_GOSSIP_V1_2:
      return "/meshsub/1.2.0";
    }
  g_assert_not_reached ();
}

/* ---- life ---- */

static void
topic_free (gpointer data)
{
  SoukGossipTopic *topic = data;
  g_ptr_array_unref (topic->peers);
  g_ptr_array_unref (topic->mesh);
  g_ptr_array_unref (topic->fanout);
  g_hash_table_unref (topic->backoffs);
  g_free (topic->name);
  g_free (topic);
}

SoukGossip *
souk_gossip_new (const SoukGossipConfig *config, const SoukIdentity *identity, uint64_t seqno_first,
                 SoukRng *rng, SoukMono now)
{
  SoukGossip *self = g_new0 (SoukGossip, 1);
  self->config = *config;
  if (self->config.data_size_max == 0)
    self->config.data_size_max = SOUK_GOSSIP_DATA_SIZE_DEFAULT;
  g_assert (self->config.data_size_max <= SOUK_GOSSIP_DATA_SIZE_MAX);
  self->identity = identity;
  self->id = souk_identity_peer_id (identity);
  self->rng = rng;
  souk_rng_fill (rng, self->id_key, sizeof self->id_key);
  self->seqno = seqno_first;
  self->peers = g_ptr_array_new ();
  self->by_id = g_hash_table_new (souk_peer_id_hash, souk_peer_id_equal);
  self->topics = g_ptr_array_new_with_free_func (topic_free);
  self->by_name = g_hash_table_new (souk_gossip_id_hash, souk_gossip_id_equal);
  self->scores = souk_gossip_scores_new ();
  self->seen = souk_gossip_seen_new (SOUK_GOSSIP_SEEN_MAX, SOUK_GOSSIP_SEEN_MS);
  self->cache = souk_gossip_cache_new ();
  self->pending = g_hash_table_new (souk_gossip_id_hash, souk_gossip_id_equal);
  g_queue_init (&self->pending_order);
  self->promises = g_array_new (FALSE, FALSE, sizeof (SoukGossipPromise));
  g_queue_init (&self->events);
  g_queue_init (&self->sendable);
  self->heartbeat_at = souk_mono_add_ms (now, SOUK_GOSSIP_HEARTBEAT_FIRST_MS);
  return self;
}

static void
pending_done (gpointer data)
{
  SoukGossipPending *pending = data;
  g_bytes_unref (pending->message);
  g_clear_pointer (&pending->names[0], g_bytes_unref);
  g_clear_pointer (&pending->names[1], g_bytes_unref);
  g_array_unref (pending->senders);
  g_free (pending->topic);
}

void
souk_gossip_pending_unref (SoukGossipPending *pending)
{
  g_rc_box_release_full (pending, pending_done);
}

static void
event_free (SoukGossipQueuedEvent *event)
{
  if (event == NULL)
    return;
  g_clear_pointer (&event->pending, souk_gossip_pending_unref);
  g_free (event->topic);
  g_free (event);
}

void
souk_gossip_free (SoukGossip *self)
{
  SoukGossipQueuedEvent *event;
  SoukGossipPending *pending;
  if (self == NULL)
    return;
  while (self->peers->len > 0)
    {
      SoukPeerId id = ((SoukGossipPeer *)g_ptr_array_index (self->peers, 0))->id;
      souk_gossip_remove_peer (self, &id, self->heartbeat_at);
    }
  while ((event = g_queue_pop_head (&self->events)) != NULL)
    event_free (event);
  event_free (self->current);
  g_clear_pointer (&self->current_rpc, g_bytes_unref);
  while ((pending = g_queue_pop_head (&self->pending_order)) != NULL)
    souk_gossip_pending_unref (pending);
  g_hash_table_unref (self->pending);
  g_array_unref (self->promises);
  souk_gossip_cache_free (self->cache);
  souk_gossip_seen_free (self->seen);
  g_hash_table_unref (self->by_name);
  g_ptr_array_unref (self->topics);
  souk_gossip_scores_free (self->scores);
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->peers);
  sodium_memzero (self->id_key, sizeof self->id_key);
  g_free (self);
}

/* ---- peers ---- */

SoukGossipPeer *
souk_gossip_find_peer (const SoukGossip *self, const SoukPeerId *id)
{
  return g_hash_table_lookup (self->by_id, id);
}

SoukGossipPeer *
souk_gossip_find_serial (const SoukGossip *self, uint64_t serial)
{
  for (guint i = 0; i < self->peers->len; i++)
    if (((SoukGossipPeer *)self->peers->pdata[i])->serial == serial)
      return self->peers->pdata[i];
  return NULL;
}

SoukStatus
souk_gossip_add_peer (SoukGossip *self, const SoukPeerId *id, SoukGossipProtocol protocol,
                      bool is_outbound, SoukMono now)
{
  if (self->peers->len >= SOUK_GOSSIP_PEERS_MAX || souk_gossip_find_peer (self, id) != NULL)
    return SOUK_STATUS_LIMIT;
  SoukGossipPeer *peer = g_new0 (SoukGossipPeer, 1);
  peer->id = *id;
  peer->serial = self->serial++;
  peer->protocol = protocol;
  peer->naming = self->config.naming;
  peer->is_outbound = is_outbound;
  peer->is_writable = true;
  peer->topics = g_ptr_array_new ();
  peer->score = souk_gossip_scores_open (self->scores, id);
  souk_gossip_queue_init (peer);
  g_ptr_array_add (self->peers, peer);
  g_hash_table_insert (self->by_id, &peer->id, peer);
  for (guint i = 0; i < self->topics->len; i++)
    {
      SoukGossipTopic *topic = g_ptr_array_index (self->topics, i);
      if (topic->is_joined)
        souk_append_gossip_subscription (peer->subscriptions, topic->text, true);
    }
  souk_gossip_queue_touch (self, peer);
  return SOUK_STATUS_OK;
}

void
souk_gossip_remove_peer (SoukGossip *self, const SoukPeerId *id, SoukMono now)
{
  SoukGossipPeer *peer = souk_gossip_find_peer (self, id);
  if (peer == NULL)
    return;
  while (peer->topics->len > 0)
    {
      SoukGossipTopic *topic = g_ptr_array_index (peer->topics, peer->topics->len - 1);
      souk_gossip_remove_subscription (self, peer, topic);
      souk_gossip_drop_topic_if_idle (self, topic);
    }
  for (guint i = self->promises->len; i > 0; i--)
    if (g_array_index (self->promises, SoukGossipPromise, i - 1).serial == peer->serial)
      g_array_remove_index_fast (self->promises, i - 1);
  souk_gossip_scores_close (self->scores, peer->score, now);
  souk_gossip_queue_done (self, peer);
  souk_gossip_seen_free (peer->dont_want);
  g_ptr_array_unref (peer->topics);
  g_hash_table_remove (self->by_id, &peer->id);
  g_ptr_array_remove (self->peers, peer);
  g_free (peer);
}

void
souk_gossip_set_writable (SoukGossip *self, const SoukPeerId *id, bool is_writable)
{
  SoukGossipPeer *peer = souk_gossip_find_peer (self, id);
  if (peer == NULL)
    return;
  peer->is_writable = is_writable;
  if (!is_writable && peer->is_queued)
    {
      g_queue_remove (&self->sendable, peer);
      peer->is_queued = false;
    }
  souk_gossip_queue_touch (self, peer);
}

void
souk_gossip_set_application_score (SoukGossip *self, const SoukPeerId *id, double value)
{
  SoukGossipPeer *peer = souk_gossip_find_peer (self, id);
  if (peer != NULL)
    souk_gossip_score_set_application (peer->score, value);
}

bool
souk_gossip_score (SoukGossip *self, const SoukPeerId *id, double *out)
{
  SoukGossipPeer *peer = souk_gossip_find_peer (self, id);
  if (peer == NULL)
    return false;
  *out = souk_gossip_peer_score (peer);
  return true;
}

/* ---- topics ---- */

SoukGossipTopic *
souk_gossip_find_topic (const SoukGossip *self, SoukSlice name)
{
  SoukGossipId key = souk_gossip_id (self->id_key, name);
  return g_hash_table_lookup (self->by_name, &key);
}

SoukGossipTopic *
souk_gossip_intern_topic (SoukGossip *self, SoukSlice name)
{
  if (name.len == 0 || name.len > SOUK_GOSSIP_TOPIC_SIZE_MAX
      || memchr (name.data, '\0', name.len) != NULL)
    return NULL;
  SoukGossipTopic *topic = souk_gossip_find_topic (self, name);
  if (topic != NULL)
    return topic;
  topic = g_new0 (SoukGossipTopic, 1);
  topic->key = souk_gossip_id (self->id_key, name);
  topic->name = g_strndup ((const char *)name.data, name.len);
  topic->text = souk_slice_from_text (topic->name);
  topic->peers = g_ptr_array_new ();
  topic->mesh = g_ptr_array_new ();
  topic->fanout = g_ptr_array_new ();
  topic->backoffs = g_hash_table_new_full (souk_peer_id_hash, souk_peer_id_equal, g_free, g_free);
  g_ptr_array_add (self->topics, topic);
  g_hash_table_insert (self->by_name, &topic->key, topic);
  return topic;
}

void
souk_gossip_drop_topic_if_idle (SoukGossip *self, SoukGossipTopic *topic)
{
  if (topic->is_joined || topic->peers->len > 0)
    return;
  g_hash_table_remove (self->by_name, &topic->key);
  g_ptr_array_remove (self->topics, topic);
}

static void
announce (SoukGossip *self, SoukGossipTopic *topic, bool subscribe)
{
  for (guint i = 0; i < self->peers->len; i++)
    {
      SoukGossipPeer *peer = g_ptr_array_index (self->peers, i);
      souk_append_gossip_subscription (peer->subscriptions, topic->text, subscribe);
      souk_gossip_queue_touch (self, peer);
    }
}

SoukStatus
souk_gossip_subscribe (SoukGossip *self, const char *name, SoukMono now)
{
  SoukGossipTopic *topic = souk_gossip_intern_topic (self, souk_slice_from_text (name));
  if (topic == NULL)
    return SOUK_STATUS_TOO_LARGE;
  if (topic->is_joined)
    return SOUK_STATUS_OK;

  G_STATIC_ASSERT (SOUK_GOSSIP_OWN_TOPICS_MAX <= 64);
  unsigned slot = 0;
  while (slot < SOUK_GOSSIP_OWN_TOPICS_MAX && self->slots >> slot & 1)
    slot++;
  if (slot == SOUK_GOSSIP_OWN_TOPICS_MAX)
    {
      souk_gossip_drop_topic_if_idle (self, topic);
      return SOUK_STATUS_LIMIT;
    }
  self->slots |= UINT64_C (1) << slot;
  topic->slot = slot;
  topic->is_joined = true;
  announce (self, topic, true);

  /* "the router will move those peers from the fanout map to mesh[topic]": those that the mesh
   * would take now, which fill_mesh() finds among all subscribers. */
  g_ptr_array_set_size (topic->fanout, 0);
  souk_gossip_fill_mesh (self, topic, SOUK_GOSSIP_D, false, 0, now);
  return SOUK_STATUS_OK;
}

void
souk_gossip_unsubscribe (SoukGossip *self, const char *name, SoukMono now)
{
  SoukGossipTopic *topic = souk_gossip_find_topic (self, souk_slice_from_text (name));
  if (topic == NULL || !topic->is_joined)
    return;
  announce (self, topic, false);
  while (topic->mesh->len > 0)
    souk_gossip_prune (self, topic, topic->mesh->pdata[topic->mesh->len - 1], true,
                       SOUK_GOSSIP_UNSUBSCRIBE_BACKOFF_MS, now);
  topic->is_joined = false;
  self->slots &= ~(UINT64_C (1) << topic->slot);
  souk_gossip_scores_forget_topic (self->scores, topic->slot);
  souk_gossip_drop_topic_if_idle (self, topic);
}

/* ---- messages ---- */

void
souk_gossip_name_message (const SoukGossip *self, const SoukGossipMessage *message,
                          GBytes *out_names[2], SoukGossipId *out_id, SoukGossipId *out_alias)
{
  g_autoptr (GByteArray) spec = g_byte_array_new ();
  g_autoptr (GByteArray) js = g_byte_array_new ();
  souk_gossip_message_name (message, SOUK_GOSSIP_NAME_SPEC, spec);
  bool has_js = souk_gossip_message_name (message, SOUK_GOSSIP_NAME_JS, js);
  *out_id = souk_gossip_id (self->id_key, souk_slice_from_array (spec));
  *out_alias = has_js ? souk_gossip_id (self->id_key, souk_slice_from_array (js)) : *out_id;
  out_names[SOUK_GOSSIP_NAME_SPEC] = g_byte_array_free_to_bytes (g_steal_pointer (&spec));
  out_names[SOUK_GOSSIP_NAME_JS]
      = has_js ? g_byte_array_free_to_bytes (g_steal_pointer (&js)) : NULL;
}

/* To whom an own message goes at once. */
static GPtrArray *
targets_of (SoukGossip *self, SoukGossipTopic *topic, SoukMono now)
{
  /* "a peer's own messages will always be published to all known peers in the topic" */
  if (!self->config.no_flood_publish)
    return topic->peers;
  if (topic->is_joined)
    return topic->mesh;
  topic->fanout_until = souk_mono_add_ms (now, SOUK_GOSSIP_FANOUT_MS);
  souk_gossip_fill_fanout (self, topic, now);
  return topic->fanout;
}

SoukStatus
souk_gossip_publish (SoukGossip *self, const char *name, SoukSlice data, SoukMono now,
                     size_t *out_peers)
{
  SoukSlice text = souk_slice_from_text (name);
  if (data.len > self->config.data_size_max || text.len == 0
      || text.len > SOUK_GOSSIP_TOPIC_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;

  SoukGossipMessage view;
  SoukGossipId id, alias;
  GBytes *names[2];
  g_autoptr (GBytes) message = souk_gossip_message_sign (self->identity, text, data, self->seqno++);
  g_assert (souk_gossip_message_parse (souk_slice_from_bytes (message), &view) == SOUK_STATUS_OK);
  souk_gossip_name_message (self, &view, names, &id, &alias);
  souk_gossip_seen_add (self->seen, id, alias, now);
  souk_gossip_cache_put (self->cache, id, alias, name, message, names);
  g_bytes_unref (names[0]);
  g_bytes_unref (names[1]);
  self->stats.published++;

  *out_peers = 0;
  SoukGossipTopic *topic = souk_gossip_find_topic (self, text);
  GPtrArray *targets = topic != NULL ? targets_of (self, topic, now) : NULL;
  for (guint i = 0; targets != NULL && i < targets->len; i++)
    {
      SoukGossipPeer *peer = g_ptr_array_index (targets, i);
      if (souk_gossip_peer_score (peer) >= SOUK_GOSSIP_SCORE_PUBLISH
          && souk_gossip_queue_message (self, peer, message, id, alias))
        ++*out_peers;
    }
  return SOUK_STATUS_OK;
}

static bool
has_sent (const SoukGossipPending *pending, const SoukGossipPeer *peer)
{
  for (guint i = 0; i < pending->senders->len; i++)
    if (g_array_index (pending->senders, uint64_t, i) == peer->serial)
      return true;
  return false;
}

static void
accept (SoukGossip *self, SoukGossipPending *pending)
{
  self->stats.delivered++;
  souk_gossip_cache_put (self->cache, pending->id, pending->alias, pending->topic, pending->message,
                         pending->names);
  SoukGossipTopic *topic = souk_gossip_find_topic (self, pending->view.topic);
  if (topic == NULL || !topic->is_joined)
    return;
  SoukGossipPeer *first
      = souk_gossip_find_serial (self, g_array_index (pending->senders, uint64_t, 0));
  if (first != NULL)
    souk_gossip_score_first_delivery (first->score, topic->slot);
  for (guint i = 0; i < topic->mesh->len; i++)
    {
      SoukGossipPeer *peer = g_ptr_array_index (topic->mesh, i);
      if (!has_sent (pending, peer) && !souk_peer_id_is_equal (&peer->id, &pending->author)
          && souk_gossip_queue_message (self, peer, pending->message, pending->id, pending->alias))
        self->stats.forwarded++;
    }
}

static void
reject (SoukGossip *self, SoukGossipPending *pending)
{
  self->stats.invalid++;
  SoukGossipTopic *topic = souk_gossip_find_topic (self, pending->view.topic);
  if (topic == NULL || !topic->is_joined)
    return;
  for (guint i = 0; i < pending->senders->len; i++)
    {
      SoukGossipPeer *peer
          = souk_gossip_find_serial (self, g_array_index (pending->senders, uint64_t, i));
      if (peer != NULL)
        souk_gossip_score_invalid (peer->score, topic->slot);
    }
}

bool
souk_gossip_validated (SoukGossip *self, SoukGossipId id, SoukGossipVerdict verdict, SoukMono now)
{
  SoukGossipPending *pending = g_hash_table_lookup (self->pending, &id);
  if (pending == NULL)
    return false;
  g_hash_table_remove (self->pending, &id);
  g_queue_remove (&self->pending_order, pending);
  self->pending_bytes -= g_bytes_get_size (pending->message);
  switch (verdict)
    {
    case SOUK_GOSSIP_ACCEPT:
      accept (self, pending);
      break;
    case SOUK_GOSSIP_IGNORE:
      self->stats.ignored++;
      break;
    case SOUK_GOSSIP_REJECT:
      reject (self, pending);
      break;
    }
  souk_gossip_pending_unref (pending);
  return true;
}

/* ---- events and the clock ---- */

static SoukGossipQueuedEvent *
push_event (SoukGossip *self, SoukGossipEventType type, const SoukPeerId *peer, const char *topic)
{
  SoukGossipQueuedEvent *event = g_new0 (SoukGossipQueuedEvent, 1);
  event->type = type;
  event->peer = *peer;
  event->topic = g_strdup (topic);
  g_queue_push_tail (&self->events, event);
  return event;
}

void
souk_gossip_push_event (SoukGossip *self, SoukGossipEventType type, const SoukPeerId *peer,
                        const char *topic)
{
  push_event (self, type, peer, topic);
}

void
souk_gossip_push_refusal (SoukGossip *self, const SoukPeerId *peer, const char *topic,
                          SoukStatus status)
{
  push_event (self, SOUK_GOSSIP_EVENT_REFUSED, peer, topic)->status = status;
}

void
souk_gossip_push_message (SoukGossip *self, SoukGossipPending *pending)
{
  SoukGossipQueuedEvent *event = g_new0 (SoukGossipQueuedEvent, 1);
  event->type = SOUK_GOSSIP_EVENT_MESSAGE;
  event->peer = pending->sender;
  event->pending = g_rc_box_acquire (pending);
  g_queue_push_tail (&self->events, event);
}

static bool
next_send (SoukGossip *self, SoukGossipEvent *out)
{
  SoukGossipPeer *peer;
  while ((peer = g_queue_pop_head (&self->sendable)) != NULL)
    {
      peer->is_queued = false;
      self->current_rpc = souk_gossip_queue_take (self, peer);
      souk_gossip_queue_touch (self, peer);
      if (self->current_rpc == NULL)
        continue;
      self->current_peer = peer->id;
      *out = (SoukGossipEvent){
        .type = SOUK_GOSSIP_EVENT_SEND,
        .peer = &self->current_peer,
        .rpc = self->current_rpc,
      };
      return true;
    }
  return false;
}

bool
souk_gossip_next (SoukGossip *self, SoukGossipEvent *out)
{
  g_clear_pointer (&self->current_rpc, g_bytes_unref);
  g_clear_pointer (&self->current, event_free);
  self->current = g_queue_pop_head (&self->events);
  if (self->current == NULL)
    return next_send (self, out);

  *out = (SoukGossipEvent){
    .type = self->current->type,
    .peer = &self->current->peer,
    .topic = self->current->topic,
    .status = self->current->status,
  };
  SoukGossipPending *pending = self->current->pending;
  if (pending != NULL)
    {
      uint64_t seqno_be;
      memcpy (&seqno_be, pending->view.seqno.data, sizeof seqno_be);
      out->topic = pending->topic;
      out->id = pending->id;
      out->author = &pending->author;
      out->seqno = GUINT64_FROM_BE (seqno_be);
      out->data = pending->view.data;
    }
  return true;
}

SoukMono
souk_gossip_deadline (const SoukGossip *self)
{
  return self->heartbeat_at;
}

void
souk_gossip_tick (SoukGossip *self, SoukMono now)
{
  SoukGossipPending *pending;
  if (!souk_mono_is_due (self->heartbeat_at, now))
    return;
  /* A machine that slept does not make up for the beats it missed. */
  self->heartbeat_at = souk_mono_add_ms (now, SOUK_GOSSIP_HEARTBEAT_MS);
  while ((pending = g_queue_peek_head (&self->pending_order)) != NULL
         && souk_mono_is_due (pending->until, now))
    souk_gossip_validated (self, pending->id, SOUK_GOSSIP_IGNORE, now);
  souk_gossip_heartbeat (self, now);
}

void
souk_gossip_stats (const SoukGossip *self, SoukGossipStats *out)
{
  *out = self->stats;
  out->peers = self->peers->len;
  out->topics = self->topics->len;
  out->seen = souk_gossip_seen_size (self->seen);
  out->cached = souk_gossip_cache_size (self->cache);
  out->cached_bytes = souk_gossip_cache_bytes (self->cache);
  out->pending = self->pending_order.length;
  out->pending_bytes = self->pending_bytes;
  out->promises = self->promises->len;
}

size_t
souk_gossip_mesh_size (const SoukGossip *self, const char *name)
{
  SoukGossipTopic *topic = souk_gossip_find_topic (self, souk_slice_from_text (name));
  return topic != NULL ? topic->mesh->len : 0;
}

bool
souk_gossip_is_meshed (const SoukGossip *self, const char *name, const SoukPeerId *id)
{
  SoukGossipTopic *topic = souk_gossip_find_topic (self, souk_slice_from_text (name));
  SoukGossipPeer *peer = souk_gossip_find_peer (self, id);
  return topic != NULL && peer != NULL && g_ptr_array_find (topic->mesh, peer, NULL);
}

size_t
souk_gossip_topic_peers (const SoukGossip *self, const char *name)
{
  SoukGossipTopic *topic = souk_gossip_find_topic (self, souk_slice_from_text (name));
  return topic != NULL ? topic->peers->len : 0;
}
