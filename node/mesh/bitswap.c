/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bitswap machine: life, peers, messages, the clock. PURE. See bitswap.h and
 * bitswap-private.h.
 */
#include "mesh/bitswap-private.h"

/* How often old wants of peers are looked for. */
#define LEDGER_TICK_MS 10000
/* No peer's serial. */
#define NOBODY UINT64_MAX

SoukBitswap *
souk_bitswap_new (SoukRng *rng, SoukMono now)
{
  SoukBitswap *self = g_new0 (SoukBitswap, 1);
  self->rng = rng;
  self->peers = g_ptr_array_new ();
  self->by_id = g_hash_table_new (souk_peer_id_hash, souk_peer_id_equal);
  self->wants = g_hash_table_new (souk_cid_hash, souk_cid_equal);
  self->favourite = NOBODY;
  g_queue_init (&self->order);
  g_queue_init (&self->waiting);
  g_queue_init (&self->events);
  self->tick_at = souk_mono_add_ms (now, SOUK_BITSWAP_TICK_MS);
  self->ledger_at = souk_mono_add_ms (now, LEDGER_TICK_MS);
  return self;
}

static void
event_free (SoukBitswapEvent *event)
{
  g_clear_pointer (&event->bytes, g_bytes_unref);
  g_free (event);
}

void
souk_bitswap_free (SoukBitswap *self)
{
  SoukBitswapEvent *event;
  if (self == NULL)
    return;
  while (self->order.length > 0)
    souk_bitswap_client_free_want (self, self->order.head->data);
  while (self->peers->len > 0)
    {
      SoukPeerId id = ((SoukBitswapPeer *)g_ptr_array_index (self->peers, 0))->id;
      souk_bitswap_remove_peer (self, &id, self->tick_at);
    }
  while ((event = g_queue_pop_head (&self->events)) != NULL)
    event_free (event);
  g_clear_pointer (&self->current, g_bytes_unref);
  g_hash_table_unref (self->wants);
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->peers);
  g_free (self);
}

/* ---- peers ---- */

SoukBitswapPeer *
souk_bitswap_find_peer (const SoukBitswap *self, const SoukPeerId *id)
{
  return g_hash_table_lookup (self->by_id, id);
}

SoukBitswapPeer *
souk_bitswap_find_serial (const SoukBitswap *self, uint64_t serial)
{
  for (guint i = 0; i < self->peers->len; i++)
    if (((SoukBitswapPeer *)self->peers->pdata[i])->serial == serial)
      return self->peers->pdata[i];
  return NULL;
}

SoukStatus
souk_bitswap_add_peer (SoukBitswap *self, const SoukPeerId *id, SoukMono now)
{
  if (self->peers->len >= SOUK_BITSWAP_PEERS_MAX || souk_bitswap_find_peer (self, id) != NULL)
    return SOUK_STATUS_LIMIT;
  SoukBitswapPeer *peer = g_new0 (SoukBitswapPeer, 1);
  peer->id = *id;
  peer->serial = self->serial++;
  peer->entries = g_byte_array_new ();
  peer->block_size = SOUK_BITSWAP_BLOCK_SIZE_GUESS;
  peer->is_filling = true;
  peer->progress_at = souk_mono_add_ms (now, -SOUK_BITSWAP_ASK_MS);
  souk_bitswap_server_init (peer);
  g_ptr_array_add (self->peers, peer);
  g_hash_table_insert (self->by_id, &peer->id, peer);
  souk_bitswap_client_add_peer (self, peer);
  return SOUK_STATUS_OK;
}

void
souk_bitswap_remove_peer (SoukBitswap *self, const SoukPeerId *id, SoukMono now)
{
  SoukBitswapPeer *peer = souk_bitswap_find_peer (self, id);
  if (peer == NULL)
    return;
  g_hash_table_remove (self->by_id, &peer->id);
  g_ptr_array_remove (self->peers, peer);
  souk_bitswap_client_remove_peer (self, peer);
  souk_bitswap_server_done (self, peer);
  g_byte_array_unref (peer->entries);
  g_free (peer);
}

/* ---- messages in ---- */

static SoukStatus
recv_payload (SoukBitswap *self, SoukBitswapPeer *peer, GBytes *message, SoukSlice payload,
              SoukMono now)
{
  SoukSlice data;
  SoukCid cid;
  /* Hashing is for those who were asked. */
  if (self->order.length == 0)
    {
      self->stats.duplicates++;
      return SOUK_STATUS_OK;
    }
  SoukStatus status = souk_bitswap_payload_parse (payload, &data, &cid);
  if (status != SOUK_STATUS_OK)
    return status == SOUK_STATUS_UNSUPPORTED ? SOUK_STATUS_OK : status;
  gsize offset = (gsize)(data.data - (const uint8_t *)g_bytes_get_data (message, NULL));
  g_autoptr (GBytes) block
      = data.len > 0 ? g_bytes_new_from_bytes (message, offset, data.len) : g_bytes_new (NULL, 0);
  souk_bitswap_client_recv_block (self, peer, &cid, block, now);
  return SOUK_STATUS_OK;
}

static void
recv_presence (SoukBitswap *self, SoukBitswapPeer *peer, SoukSlice presence, SoukMono now)
{
  SoukCid cid;
  bool has;
  if (souk_bitswap_presence_parse (presence, &cid, &has) == SOUK_STATUS_OK)
    souk_bitswap_client_recv_presence (self, peer, &cid, has, now);
}

SoukStatus
souk_bitswap_recv (SoukBitswap *self, const SoukPeerId *id, GBytes *message, SoukMono now)
{
  SoukBitswapPeer *peer = souk_bitswap_find_peer (self, id);
  SoukSlice bytes = souk_slice_from_bytes (message);
  if (peer == NULL)
    return SOUK_STATUS_OK;
  SOUK_TRY (souk_bitswap_message_check (bytes));

  SoukFields fields = souk_fields (bytes);
  while (souk_fields_next (&fields))
    switch (fields.number)
      {
      case SOUK_BITSWAP_WANTLIST:
        souk_bitswap_server_recv_wantlist (self, peer, fields.bytes, now);
        break;
      case SOUK_BITSWAP_PAYLOAD:
        SOUK_TRY (recv_payload (self, peer, message, fields.bytes, now));
        break;
      case SOUK_BITSWAP_PRESENCES:
        recv_presence (self, peer, fields.bytes, now);
        break;
      default: /* pendingBytes, and the blocks of 1.0.0, which nobody sends under this name */
        break;
      }
  return SOUK_STATUS_OK;
}

/* ---- events and the clock ---- */

void
souk_bitswap_push_event (SoukBitswap *self, SoukBitswapEventType type, const SoukPeerId *peer,
                         const SoukCid *cid, GBytes *bytes)
{
  SoukBitswapEvent *event = g_new0 (SoukBitswapEvent, 1);
  event->type = type;
  event->cid = *cid;
  if (peer != NULL)
    event->peer = *peer;
  if (bytes != NULL)
    event->bytes = g_bytes_ref (bytes);
  g_queue_push_tail (&self->events, event);
}

/* The peer whose turn it is, `i` places further. */
static SoukBitswapPeer *
peer_in_turn (SoukBitswap *self, guint i)
{
  return g_ptr_array_index (self->peers, (self->turn + i) % self->peers->len);
}

static bool
next_need (SoukBitswap *self, SoukBitswapEvent *out)
{
  for (guint i = 0; i < self->peers->len; i++)
    if (souk_bitswap_server_next_need (peer_in_turn (self, i), out))
      return true;
  return false;
}

static bool
next_send (SoukBitswap *self, SoukBitswapEvent *out)
{
  for (guint i = 0; i < self->peers->len; i++)
    {
      SoukBitswapPeer *peer = peer_in_turn (self, i);
      if (peer->is_sending || (peer->entries->len == 0 && !souk_bitswap_server_has_answers (peer)))
        continue;
      g_autoptr (GByteArray) message = g_byte_array_new ();
      if (peer->entries->len > 0)
        souk_append_bitswap_wantlist (message, souk_slice_from_array (peer->entries), false);
      g_byte_array_set_size (peer->entries, 0);
      souk_bitswap_server_take_answers (self, peer, message);
      g_assert (message->len <= SOUK_BITSWAP_MESSAGE_SIZE_MAX);
      peer->is_sending = true;
      self->turn = (self->turn + i + 1) % self->peers->len;
      self->stats.messages_sent++;
      self->current = g_byte_array_free_to_bytes (g_steal_pointer (&message));
      *out = (SoukBitswapEvent){
        .type = SOUK_BITSWAP_EVENT_SEND,
        .peer = peer->id,
        .bytes = self->current,
      };
      return true;
    }
  return false;
}

bool
souk_bitswap_next (SoukBitswap *self, SoukBitswapEvent *out, SoukMono now)
{
  g_clear_pointer (&self->current, g_bytes_unref);
  SoukBitswapEvent *event = g_queue_pop_head (&self->events);
  if (event != NULL)
    {
      *out = *event;
      self->current = g_steal_pointer (&event->bytes);
      event_free (event);
      return true;
    }
  souk_bitswap_client_start (self, now);
  return next_need (self, out) || next_send (self, out);
}

void
souk_bitswap_sent (SoukBitswap *self, const SoukPeerId *id, bool is_ok)
{
  SoukBitswapPeer *peer = souk_bitswap_find_peer (self, id);
  if (peer != NULL)
    peer->is_sending = false;
}

SoukMono
souk_bitswap_deadline (const SoukBitswap *self)
{
  SoukMono deadline = SOUK_MONO_NEVER;
  if (self->order.length > 0)
    deadline = self->tick_at;
  if (self->stats.ledger > 0)
    deadline = souk_mono_min (deadline, self->ledger_at);
  return deadline;
}

void
souk_bitswap_tick (SoukBitswap *self, SoukMono now)
{
  if (souk_mono_is_due (self->tick_at, now))
    {
      self->tick_at = souk_mono_add_ms (now, SOUK_BITSWAP_TICK_MS);
      souk_bitswap_client_tick (self, now);
    }
  if (souk_mono_is_due (self->ledger_at, now))
    {
      self->ledger_at = souk_mono_add_ms (now, LEDGER_TICK_MS);
      for (guint i = 0; i < self->peers->len; i++)
        souk_bitswap_server_expire (self, g_ptr_array_index (self->peers, i), now);
    }
}

void
souk_bitswap_stats (const SoukBitswap *self, SoukBitswapStats *out)
{
  *out = self->stats;
  out->peers = self->peers->len;
  out->wants = self->order.length;
}
