/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Control messages from a peer (gossipsub v1.0 "Message Processing", v1.1 "Spam Protection
 * Measures", v1.2 "IDONTWANT Message"). PURE. See gossip-private.h.
 *
 * Ids may have either name of a message (gossip-codec.h); an id of no message that this node
 * knows is asked for (IHAVE) or not served (IWANT), whatever it looks like.
 */
#include "mesh/gossip-private.h"

/* js-libp2p's ids begin with the key's envelope: field 1 (type, 0 to 3), then field 2. */
static SoukGossipNaming
naming_of (SoukSlice id)
{
  bool is_js
      = id.len > 3 && id.data[0] == 0x08 && id.data[1] <= SOUK_KEY_ECDSA && id.data[2] == 0x12;
  return is_js ? SOUK_GOSSIP_NAME_JS : SOUK_GOSSIP_NAME_SPEC;
}

/* The topic that a control message names in its field 1; NULL when it is not joined. */
static SoukGossipTopic *
joined_topic (SoukGossip *self, SoukSlice body)
{
  SoukGossipTopic *topic = NULL;
  SoukFields fields = souk_fields (body);
  while (souk_fields_next (&fields))
    if (fields.number == 1 && fields.is_bytes)
      topic = souk_gossip_find_topic (self, fields.bytes);
  return topic != NULL && topic->is_joined ? topic : NULL;
}

/* Moves to the next id of `number`; false at the end, or when the peer's allowance is used up. */
static bool
next_id (SoukGossip *self, SoukFields *fields, uint32_t number, unsigned *used, unsigned max,
         SoukGossipId *out)
{
  while (*used < max && souk_fields_next (fields))
    {
      if (fields->number != number || !fields->is_bytes)
        continue;
      ++*used;
      if (fields->bytes.len == 0 || fields->bytes.len > SOUK_GOSSIP_ID_SIZE_MAX)
        continue;
      *out = souk_gossip_id (self->id_key, fields->bytes);
      return true;
    }
  return false;
}

/* ---- promises ---- */

void
souk_gossip_keep_promises (SoukGossip *self, SoukGossipId id, SoukGossipId alias)
{
  for (guint i = self->promises->len; i > 0; i--)
    {
      SoukGossipId promised = g_array_index (self->promises, SoukGossipPromise, i - 1).id;
      if (souk_gossip_id_is_equal (promised, id) || souk_gossip_id_is_equal (promised, alias))
        g_array_remove_index_fast (self->promises, i - 1);
    }
}

void
souk_gossip_break_promises (SoukGossip *self, SoukMono now)
{
  for (guint i = self->promises->len; i > 0; i--)
    {
      SoukGossipPromise promise = g_array_index (self->promises, SoukGossipPromise, i - 1);
      if (!souk_mono_is_due (promise.until, now))
        continue;
      SoukGossipPeer *peer = souk_gossip_find_serial (self, promise.serial);
      if (peer != NULL)
        souk_gossip_score_misbehaved (peer->score, 1);
      g_array_remove_index_fast (self->promises, i - 1);
    }
}

/* ---- IHAVE, IWANT, IDONTWANT ---- */

static void
recv_ihave (SoukGossip *self, SoukGossipPeer *peer, SoukSlice body, SoukMono now)
{
  if (souk_gossip_peer_score (peer) < SOUK_GOSSIP_SCORE_GOSSIP
      || peer->ihave_messages >= SOUK_GOSSIP_IHAVE_MESSAGES_MAX
      || !souk_gossip_queue_has_room (peer) || joined_topic (self, body) == NULL)
    return;
  peer->ihave_messages++;

  SoukGossipId id, promised = { 0 };
  uint64_t wanted = 0;
  g_autoptr (GByteArray) ids = g_byte_array_new ();
  SoukFields fields = souk_fields (body);
  while (next_id (self, &fields, SOUK_IHAVE_IDS, &peer->ihave_ids, SOUK_GOSSIP_IHAVE_IDS_MAX, &id))
    {
      peer->naming = naming_of (fields.bytes);
      if (souk_gossip_seen_has (self->seen, id))
        continue;
      souk_append_field_bytes (ids, SOUK_IWANT_IDS, fields.bytes);
      /* "the router tracks a random message ID within the advertised set" */
      if (souk_rng_below (self->rng, ++wanted) == 0)
        promised = id;
    }
  if (wanted == 0)
    return;
  souk_append_gossip_ids (peer->control, SOUK_CONTROL_IWANT, souk_slice_from_array (ids));
  souk_gossip_queue_touch (self, peer);
  if (self->promises->len < SOUK_GOSSIP_PROMISES_MAX)
    {
      SoukGossipPromise promise
          = { promised, peer->serial, souk_mono_add_ms (now, SOUK_GOSSIP_PROMISE_MS) };
      g_array_append_val (self->promises, promise);
    }
}

static void
recv_iwant (SoukGossip *self, SoukGossipPeer *peer, SoukSlice body)
{
  SoukGossipId id;
  if (souk_gossip_peer_score (peer) < SOUK_GOSSIP_SCORE_GOSSIP)
    return;
  SoukFields fields = souk_fields (body);
  while (next_id (self, &fields, SOUK_IWANT_IDS, &peer->iwant_ids, SOUK_GOSSIP_IWANT_IDS_MAX, &id))
    {
      SoukGossipCached *cached = souk_gossip_cache_get (self->cache, id);
      if (cached != NULL
          && souk_gossip_cached_count (cached, peer->serial) <= SOUK_GOSSIP_RETRANSMISSIONS_MAX
          && souk_gossip_queue_message (self, peer, cached->message, cached->id, cached->alias))
        self->stats.iwant_served++;
    }
}

static void
recv_idontwant (SoukGossip *self, SoukGossipPeer *peer, SoukSlice body, SoukMono now)
{
  SoukGossipId id;
  SoukFields fields = souk_fields (body);
  while (next_id (self, &fields, SOUK_IDONTWANT_IDS, &peer->idontwant_ids,
                  SOUK_GOSSIP_IDONTWANT_IDS_MAX, &id))
    {
      peer->naming = naming_of (fields.bytes);
      if (peer->dont_want == NULL)
        peer->dont_want
            = souk_gossip_seen_new (SOUK_GOSSIP_IDONTWANT_IDS_MAX, SOUK_GOSSIP_DONT_WANT_MS);
      souk_gossip_seen_add (peer->dont_want, id, id, now);
    }
}

void
souk_gossip_tell_dont_want (SoukGossip *self, SoukGossipTopic *topic,
                            const SoukGossipPending *pending)
{
  if (g_bytes_get_size (pending->message) < SOUK_GOSSIP_IDONTWANT_SIZE_MIN)
    return;
  for (guint i = 0; i < topic->mesh->len; i++)
    {
      SoukGossipPeer *peer = g_ptr_array_index (topic->mesh, i);
      if (peer->protocol < SOUK_GOSSIP_V1_2 || souk_peer_id_is_equal (&peer->id, &pending->sender)
          || !souk_gossip_queue_has_room (peer))
        continue;
      GBytes *name = pending->names[peer->naming];
      if (name == NULL)
        name = pending->names[SOUK_GOSSIP_NAME_SPEC];
      g_autoptr (GByteArray) ids = g_byte_array_new ();
      souk_append_field_bytes (ids, SOUK_IDONTWANT_IDS, souk_slice_from_bytes (name));
      souk_append_gossip_ids (peer->control, SOUK_CONTROL_IDONTWANT, souk_slice_from_array (ids));
      souk_gossip_queue_touch (self, peer);
    }
}

/* ---- GRAFT, PRUNE ---- */

static void
recv_graft (SoukGossip *self, SoukGossipPeer *peer, SoukSlice body, SoukMono now)
{
  bool is_fresh = false;
  /* "GRAFT messages for unknown topics are ignored" */
  SoukGossipTopic *topic = joined_topic (self, body);
  if (topic == NULL || g_ptr_array_find (topic->mesh, peer, NULL))
    return;

  bool is_refused = false;
  if (souk_gossip_is_backed_off (topic, &peer->id, now, &is_fresh))
    {
      /* "When a peer tries to regraft too early, the pruning peer may apply a behavioural
       * penalty" */
      souk_gossip_score_misbehaved (peer->score, is_fresh ? 2 : 1);
      is_refused = true;
    }
  else if (souk_gossip_peer_score (peer) < 0)
    is_refused = true;
  /* "it only accepts the new peer in the mesh if it is an outbound connection" */
  else if (topic->mesh->len >= SOUK_GOSSIP_D_HI && !peer->is_outbound)
    is_refused = true;
  else if (!souk_gossip_add_subscription (self, peer, topic))
    is_refused = true;

  if (!is_refused)
    souk_gossip_graft (self, topic, peer);
  else if (souk_gossip_queue_has_room (peer))
    souk_gossip_prune (self, topic, peer, true, SOUK_GOSSIP_BACKOFF_MS, now);
}

static void
recv_prune (SoukGossip *self, SoukGossipPeer *peer, SoukSlice body, SoukMono now)
{
  SoukGossipTopic *topic = joined_topic (self, body);
  if (topic == NULL)
    return;
  int64_t backoff_ms = SOUK_GOSSIP_BACKOFF_MS;
  SoukFields fields = souk_fields (body);
  while (souk_fields_next (&fields))
    if (fields.number == SOUK_PRUNE_BACKOFF && !fields.is_bytes && fields.value > 0)
      backoff_ms = (int64_t)MIN (fields.value, 86400) * 1000;
  souk_gossip_prune (self, topic, peer, false, backoff_ms, now);
}

void
souk_gossip_recv_control (SoukGossip *self, SoukGossipPeer *peer, SoukSlice control, SoukMono now)
{
  unsigned meshes = 0;
  SoukFields fields = souk_fields (control);
  while (souk_fields_next (&fields))
    {
      if (!fields.is_bytes)
        continue;
      switch (fields.number)
        {
        case SOUK_CONTROL_IHAVE:
          recv_ihave (self, peer, fields.bytes, now);
          break;
        case SOUK_CONTROL_IWANT:
          recv_iwant (self, peer, fields.bytes);
          break;
        case SOUK_CONTROL_GRAFT:
          if (meshes++ < SOUK_GOSSIP_RPC_MESHES_MAX)
            recv_graft (self, peer, fields.bytes, now);
          break;
        case SOUK_CONTROL_PRUNE:
          if (meshes++ < SOUK_GOSSIP_RPC_MESHES_MAX)
            recv_prune (self, peer, fields.bytes, now);
          break;
        case SOUK_CONTROL_IDONTWANT:
          recv_idontwant (self, peer, fields.bytes, now);
          break;
        default: /* extensions that this node does not speak */
          break;
        }
    }
}
