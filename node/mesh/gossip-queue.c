/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What waits to be sent to each peer. PURE. See gossip-private.h.
 *
 * Subscriptions and control messages wait as encoded fields: protobuf's repeated fields may be
 * appended to each other, so that everything since the last RPC goes out in one. Messages wait as
 * references to one copy. A slow peer's queue is bounded; what does not fit is dropped, and IHAVE
 * offers it again.
 */
#include "mesh/gossip-private.h"

/* Control messages and subscriptions in one RPC; the rest follows in the next. */
#define FIELDS_PER_RPC_MAX (32 * 1024)

typedef struct {
  GBytes *message;
  SoukGossipId id, alias;
} Waiting;

static void
waiting_free (Waiting *waiting)
{
  g_bytes_unref (waiting->message);
  g_free (waiting);
}

void
souk_gossip_queue_init (SoukGossipPeer *peer)
{
  peer->subscriptions = g_byte_array_new ();
  peer->control = g_byte_array_new ();
  g_queue_init (&peer->messages);
}

void
souk_gossip_queue_done (SoukGossip *self, SoukGossipPeer *peer)
{
  Waiting *waiting;
  if (peer->is_queued)
    g_queue_remove (&self->sendable, peer);
  while ((waiting = g_queue_pop_head (&peer->messages)) != NULL)
    waiting_free (waiting);
  self->stats.queued_bytes -= peer->queued_bytes;
  g_byte_array_unref (peer->subscriptions);
  g_byte_array_unref (peer->control);
}

void
souk_gossip_queue_touch (SoukGossip *self, SoukGossipPeer *peer)
{
  bool is_empty = peer->subscriptions->len == 0 && peer->control->len == 0
                  && g_queue_is_empty (&peer->messages);
  if (peer->is_queued || !peer->is_writable || is_empty)
    return;
  peer->is_queued = true;
  g_queue_push_tail (&self->sendable, peer);
}

bool
souk_gossip_queue_message (SoukGossip *self, SoukGossipPeer *peer, GBytes *message, SoukGossipId id,
                           SoukGossipId alias)
{
  size_t len = g_bytes_get_size (message);
  if (peer->messages.length >= SOUK_GOSSIP_QUEUE_MESSAGES_MAX
      || peer->queued_bytes + len > SOUK_GOSSIP_QUEUE_BYTES_MAX)
    {
      self->stats.dropped++;
      return false;
    }
  Waiting *waiting = g_new (Waiting, 1);
  *waiting = (Waiting){ g_bytes_ref (message), id, alias };
  g_queue_push_tail (&peer->messages, waiting);
  peer->queued_bytes += len;
  self->stats.queued_bytes += len;
  souk_gossip_queue_touch (self, peer);
  return true;
}

bool
souk_gossip_queue_has_room (const SoukGossipPeer *peer)
{
  return peer->control->len < SOUK_GOSSIP_QUEUE_CONTROL_MAX;
}

/* Moves whole fields from the front of `from` to the end of `to`, at most `max` bytes but at least
 * one field. */
static void
move_fields (GByteArray *from, GByteArray *to, size_t max)
{
  size_t len = 0;
  SoukFields fields = souk_fields (souk_slice_from_array (from));
  while (souk_fields_next (&fields) && (len == 0 || len + fields.raw.len <= max))
    len += fields.raw.len;
  souk_append (to, souk_slice (from->data, len));
  g_byte_array_remove_range (from, 0, (guint)len);
}

static bool
is_unwanted (const SoukGossipPeer *peer, const Waiting *waiting)
{
  return peer->dont_want != NULL
         && (souk_gossip_seen_has (peer->dont_want, waiting->id)
             || souk_gossip_seen_has (peer->dont_want, waiting->alias));
}

GBytes *
souk_gossip_queue_take (SoukGossip *self, SoukGossipPeer *peer)
{
  Waiting *waiting;
  g_autoptr (GByteArray) rpc = g_byte_array_new ();

  if (peer->subscriptions->len > 0)
    move_fields (peer->subscriptions, rpc, FIELDS_PER_RPC_MAX);
  if (peer->control->len > 0)
    {
      g_autoptr (GByteArray) control = g_byte_array_new ();
      move_fields (peer->control, control, FIELDS_PER_RPC_MAX);
      souk_append_field_bytes (rpc, SOUK_RPC_CONTROL, souk_slice_from_array (control));
    }
  while ((waiting = g_queue_peek_head (&peer->messages)) != NULL)
    {
      size_t len = g_bytes_get_size (waiting->message);
      bool unwanted = is_unwanted (peer, waiting);
      if (!unwanted && rpc->len > 0 && rpc->len + len > SOUK_GOSSIP_RPC_SIZE_TARGET)
        break;
      if (!unwanted)
        souk_append_field_bytes (rpc, SOUK_RPC_PUBLISH, souk_slice_from_bytes (waiting->message));
      g_queue_pop_head (&peer->messages);
      peer->queued_bytes -= len;
      self->stats.queued_bytes -= len;
      waiting_free (waiting);
    }
  return rpc->len > 0 ? g_byte_array_free_to_bytes (g_steal_pointer (&rpc)) : NULL;
}
