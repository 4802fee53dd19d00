/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RPCs from a peer: subscriptions and messages (libp2p specs, pubsub/README.md). PURE. See
 * gossip-private.h.
 *
 * An RPC is first walked whole; a malformed one changes nothing but the sender's score. Order in
 * it: subscriptions, messages, control. A message's way: topic and size, author's form, seen or
 * not, signature (the dear step, done once per message), then the node's verdict. A message is not
 * "seen" before its signature is right, or a forged copy could keep the true one out.
 */
#include "mesh/gossip-private.h"

#include <string.h>

/* P7 for bytes that are no RPC: a few of them end in the graylist. */
#define MALFORMED_PENALTY 4

bool
souk_gossip_add_subscription (SoukGossip *self, SoukGossipPeer *peer, SoukGossipTopic *topic)
{
  if (g_ptr_array_find (peer->topics, topic, NULL))
    return true;
  if (peer->topics->len >= SOUK_GOSSIP_PEER_TOPICS_MAX)
    return false;
  g_ptr_array_add (peer->topics, topic);
  g_ptr_array_add (topic->peers, peer);
  souk_gossip_push_event (self, SOUK_GOSSIP_EVENT_SUBSCRIBED, &peer->id, topic->name);
  return true;
}

void
souk_gossip_remove_subscription (SoukGossip *self, SoukGossipPeer *peer, SoukGossipTopic *topic)
{
  if (!g_ptr_array_remove (peer->topics, topic))
    return;
  g_ptr_array_remove (topic->peers, peer);
  g_ptr_array_remove (topic->fanout, peer);
  if (g_ptr_array_remove (topic->mesh, peer))
    {
      souk_gossip_score_pruned (peer->score, topic->slot);
      souk_gossip_push_event (self, SOUK_GOSSIP_EVENT_PRUNED, &peer->id, topic->name);
    }
  souk_gossip_push_event (self, SOUK_GOSSIP_EVENT_UNSUBSCRIBED, &peer->id, topic->name);
}

static void
recv_subscription (SoukGossip *self, SoukGossipPeer *peer, SoukSlice body)
{
  bool subscribe = false;
  SoukSlice name = SOUK_SLICE_EMPTY;
  SoukFields fields = souk_fields (body);
  while (souk_fields_next (&fields))
    if (fields.number == SOUK_SUB_SUBSCRIBE)
      subscribe = fields.value != 0;
    else if (fields.number == SOUK_SUB_TOPIC)
      name = fields.bytes;

  SoukGossipTopic *topic = subscribe && peer->topics->len < SOUK_GOSSIP_PEER_TOPICS_MAX
                               ? souk_gossip_intern_topic (self, name)
                               : souk_gossip_find_topic (self, name);
  if (topic == NULL)
    return;
  if (subscribe)
    souk_gossip_add_subscription (self, peer, topic);
  else
    souk_gossip_remove_subscription (self, peer, topic);
  souk_gossip_drop_topic_if_idle (self, topic);
}

static void
invalid (SoukGossip *self, SoukGossipPeer *peer, SoukGossipTopic *topic, SoukStatus status)
{
  self->stats.invalid++;
  souk_gossip_score_invalid (peer->score, topic->slot);
  souk_gossip_push_refusal (self, &peer->id, topic->name, status);
}

/* A further copy of a message: its sender has it, and shares the blame if it is bad. */
static void
note_copy (SoukGossip *self, SoukGossipPeer *peer, SoukGossipId id)
{
  self->stats.duplicates++;
  SoukGossipPending *pending = g_hash_table_lookup (self->pending, &id);
  if (pending == NULL || pending->senders->len >= SOUK_GOSSIP_SENDERS_MAX)
    return;
  for (guint i = 0; i < pending->senders->len; i++)
    if (g_array_index (pending->senders, uint64_t, i) == peer->serial)
      return;
  g_array_append_val (pending->senders, peer->serial);
}

/* Keeps a message until its verdict, and reports it. Takes the names. */
static void
await_verdict (SoukGossip *self, SoukGossipPeer *peer, SoukGossipTopic *topic,
               const SoukGossipMessage *message, const SoukPeerId *author, GBytes *names[2],
               SoukGossipId id, SoukGossipId alias, SoukMono now)
{
  SoukGossipPending *pending = g_rc_box_new0 (SoukGossipPending);
  pending->id = id;
  pending->alias = alias;
  pending->message = souk_slice_to_bytes (message->raw);
  pending->names[0] = g_steal_pointer (&names[0]);
  pending->names[1] = g_steal_pointer (&names[1]);
  g_assert (souk_gossip_message_parse (souk_slice_from_bytes (pending->message), &pending->view)
            == SOUK_STATUS_OK);
  pending->topic = g_strdup (topic->name);
  pending->author = *author;
  pending->sender = peer->id;
  pending->senders = g_array_new (FALSE, FALSE, sizeof (uint64_t));
  g_array_append_val (pending->senders, peer->serial);
  pending->until = souk_mono_add_ms (now, SOUK_GOSSIP_PENDING_MS);

  g_hash_table_insert (self->pending, &pending->id, pending);
  g_queue_push_tail (&self->pending_order, pending);
  self->pending_bytes += message->raw.len;
  souk_gossip_tell_dont_want (self, topic, pending);
  souk_gossip_push_message (self, pending);
}

static void
recv_message (SoukGossip *self, SoukGossipPeer *peer, SoukSlice raw, SoukMono now)
{
  SoukGossipMessage message;
  SoukPeerId author;
  SoukGossipId id, alias;
  if (souk_gossip_message_parse (raw, &message) != SOUK_STATUS_OK)
    {
      souk_gossip_score_misbehaved (peer->score, MALFORMED_PENALTY);
      return;
    }
  SoukGossipTopic *topic = souk_gossip_find_topic (self, message.topic);
  if (topic == NULL || !topic->is_joined)
    return;
  SoukStatus status = message.data.len > self->config.data_size_max
                              || raw.len > message.data.len + SOUK_GOSSIP_ENVELOPE_SIZE_MAX
                          ? SOUK_STATUS_TOO_LARGE
                          : souk_gossip_message_author (&message, &author);
  if (status != SOUK_STATUS_OK)
    {
      invalid (self, peer, topic, status);
      return;
    }
  if (souk_peer_id_is_equal (&author, &self->id))
    return;

  GBytes *names[2] = { NULL, NULL };
  souk_gossip_name_message (self, &message, names, &id, &alias);
  souk_gossip_keep_promises (self, id, alias);
  bool is_full = self->pending_order.length >= SOUK_GOSSIP_PENDING_MAX
                 || self->pending_bytes + raw.len > SOUK_GOSSIP_PENDING_BYTES_MAX;
  if (souk_gossip_seen_has (self->seen, id))
    note_copy (self, peer, id);
  else if (is_full)
    self->stats.dropped++; /* not seen: a later copy may find room */
  else
    {
      status = souk_gossip_message_verify (&message, &author);
      if (status == SOUK_STATUS_OK)
        {
          souk_gossip_seen_add (self->seen, id, alias, now);
          await_verdict (self, peer, topic, &message, &author, names, id, alias, now);
        }
      else if (status == SOUK_STATUS_UNSUPPORTED)
        self->stats
            .ignored++; /* a key that cannot be checked here may be right: nobody is to blame */
      else
        invalid (self, peer, topic, status);
    }
  g_clear_pointer (&names[0], g_bytes_unref);
  g_clear_pointer (&names[1], g_bytes_unref);
}

/* Reads one kind of an RPC's fields. */
static void
recv_fields (SoukGossip *self, SoukGossipPeer *peer, SoukSlice rpc, uint32_t number, SoukMono now)
{
  unsigned count = 0;
  SoukFields fields = souk_fields (rpc);
  while (souk_fields_next (&fields))
    {
      if (fields.number != number)
        continue;
      count++;
      if (number == SOUK_RPC_SUBSCRIPTIONS && count <= SOUK_GOSSIP_RPC_SUBSCRIPTIONS_MAX)
        recv_subscription (self, peer, fields.bytes);
      else if (number == SOUK_RPC_PUBLISH && count <= SOUK_GOSSIP_RPC_MESSAGES_MAX
               && souk_gossip_peer_score (peer) >= SOUK_GOSSIP_SCORE_GRAYLIST)
        recv_message (self, peer, fields.bytes, now);
      else if (number == SOUK_RPC_CONTROL)
        souk_gossip_recv_control (self, peer, fields.bytes, now);
    }
}

SoukStatus
souk_gossip_recv (SoukGossip *self, const SoukPeerId *id, SoukSlice rpc, SoukMono now)
{
  SoukGossipPeer *peer = souk_gossip_find_peer (self, id);
  if (peer == NULL || souk_gossip_peer_score (peer) < SOUK_GOSSIP_SCORE_GRAYLIST)
    return SOUK_STATUS_OK;
  SoukStatus status = souk_gossip_rpc_check (rpc);
  if (status != SOUK_STATUS_OK)
    {
      souk_gossip_score_misbehaved (peer->score, MALFORMED_PENALTY);
      return status;
    }
  recv_fields (self, peer, rpc, SOUK_RPC_SUBSCRIPTIONS, now);
  recv_fields (self, peer, rpc, SOUK_RPC_PUBLISH, now);
  recv_fields (self, peer, rpc, SOUK_RPC_CONTROL, now);
  return SOUK_STATUS_OK;
}
