/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Drives bitswap. See exchange.h.
 *
 * Each message goes on a stream of its own, since other programs read one message a stream and
 * answer on streams of theirs. Our side of an inbound stream stays open until the peer has ended
 * its own: some programs take an early half-close for the end of the connection.
 */
#include "swarm/exchange.h"

#include "mesh/bitswap-limits.h"
#include "swarm/clock.h"
#include "swarm/timer.h"

/* A message that is not written by then is asked for again. */
#define SEND_MS 60000

/* Answers of the swarm may come when the driver is gone; they find NULL here. */
typedef struct {
  SoukExchange *self;
} Alive;

struct SoukExchange {
  SoukSwarm *swarm;
  SoukBitswap *bitswap;
  SoukBlockSource source;
  GHashTable *wants; /* SoukCid * (owned) -> GPtrArray of SoukExchangeWant *, owned */
  SoukTimer *timer;
  Alive *alive;
  unsigned watch;
  bool is_pumping;
};

struct SoukExchangeWant {
  SoukExchange *exchange;
  SoukCid cid;
  SoukBlockFunc done;
  void *user;
};

/* One message under way. */
typedef struct {
  Alive *alive;
  SoukPeerId peer;
  GBytes *bytes;
  bool is_reported;
} Sending;

static void pump (SoukExchange *self);

/* ---- sending ---- */

static void
sending_free (Sending *sending)
{
  g_rc_box_release (sending->alive);
  g_clear_pointer (&sending->bytes, g_bytes_unref);
  g_free (sending);
}

/* Tells the machine, once, how it went. */
static void
report (Sending *sending, bool is_ok)
{
  SoukExchange *self = sending->alive->self;
  if (sending->is_reported || self == NULL)
    return;
  sending->is_reported = true;
  souk_bitswap_sent (self->bitswap, &sending->peer, is_ok);
  pump (self);
}

/* All is handed to the connection: the next message may go. */
static void
on_sent_drained (SoukStream *stream, void *user)
{
  report (user, true);
}

static void
on_sent_closed (SoukStream *stream, SoukStatus status, void *user)
{
  report (user, status == SOUK_STATUS_OK);
  sending_free (user);
}

static const SoukStreamHandlers send_handlers = {
  .on_drained = on_sent_drained,
  .on_closed = on_sent_closed,
};

static void
on_opened (SoukSwarm *swarm, SoukStream *stream, const GError *error, void *user)
{
  Sending *sending = user;
  if (stream == NULL || sending->alive->self == NULL)
    {
      report (sending, false);
      sending_free (sending);
      return;
    }
  souk_stream_start (stream, &send_handlers, SOUK_BITSWAP_MESSAGE_SIZE_MAX, sending, NULL);
  souk_stream_set_timeout (stream, SEND_MS);
  souk_stream_send (stream, souk_slice_from_bytes (sending->bytes));
  g_clear_pointer (&sending->bytes, g_bytes_unref);
  souk_stream_close_write (stream);
}

static void
send_message (SoukExchange *self, const SoukBitswapEvent *event)
{
  Sending *sending = g_new0 (Sending, 1);
  sending->alive = g_rc_box_acquire (self->alive);
  sending->peer = event->peer;
  sending->bytes = g_bytes_ref (event->bytes);
  souk_swarm_open (self->swarm, &event->peer, SOUK_BITSWAP_PROTOCOL, on_opened, sending);
}

/* ---- receiving ---- */

static void
on_message (SoukStream *stream, SoukSlice message, void *user)
{
  SoukExchange *self = user;
  SoukPeerId peer = *souk_stream_peer (stream);
  g_autoptr (GBytes) bytes = souk_slice_to_bytes (message);
  SoukStatus status = souk_bitswap_recv (self->bitswap, &peer, bytes, souk_mono_now ());
  if (status != SOUK_STATUS_OK)
    {
      souk_swarm_penalise (self->swarm, &peer, status);
      souk_stream_reset (stream);
    }
  pump (self);
}

static void
on_end (SoukStream *stream, void *user)
{
  souk_stream_close_write (stream);
}

static const SoukStreamHandlers receive_handlers = {
  .on_message = on_message,
  .on_end = on_end,
};

static void
on_inbound (SoukSwarm *swarm, SoukStream *stream, void *user)
{
  souk_stream_start (stream, &receive_handlers, SOUK_BITSWAP_MESSAGE_SIZE_MAX, user, NULL);
}

/* ---- peers ---- */

static void
on_identified (SoukSwarm *swarm, const SoukPeerId *peer, const SoukIdentifyInfo *info, void *user)
{
  SoukExchange *self = user;
  if (souk_swarm_peer_serves (swarm, peer, SOUK_BITSWAP_PROTOCOL))
    souk_bitswap_add_peer (self->bitswap, peer, souk_mono_now ());
  pump (self);
}

static void
on_disconnected (SoukSwarm *swarm, const SoukPeerId *peer, void *user)
{
  SoukExchange *self = user;
  souk_bitswap_remove_peer (self->bitswap, peer, souk_mono_now ());
  pump (self);
}

static const SoukSwarmWatch watch = {
  .on_identified = on_identified,
  .on_disconnected = on_disconnected,
};

/* ---- the pump ---- */

static void
answer_need (SoukExchange *self, const SoukBitswapEvent *event)
{
  SoukBitswapHolding holding = { 0 };
  g_autoptr (GBytes) block = NULL;
  if (event->needs_block)
    {
      block = self->source.get (&event->cid, self->source.user);
      holding.is_here = block != NULL;
      holding.size_bytes = block != NULL ? g_bytes_get_size (block) : 0;
      holding.block = block;
    }
  else
    holding.is_here = self->source.has (&event->cid, &holding.size_bytes, self->source.user);
  souk_bitswap_answer (self->bitswap, &event->peer, &event->cid, &holding, souk_mono_now ());
}

/* Tells everyone who wanted a block, or that it did not come. */
static void
finish (SoukExchange *self, const SoukCid *cid, GBytes *block)
{
  gpointer key = NULL, value = NULL;
  if (!g_hash_table_steal_extended (self->wants, cid, &key, &value))
    return;
  g_autofree SoukCid *owned_cid = key;
  g_autoptr (GPtrArray) waiting = value;
  Alive *alive = g_rc_box_acquire (self->alive);
  while (waiting->len > 0 && alive->self != NULL)
    {
      SoukExchangeWant *want = g_ptr_array_steal_index (waiting, 0);
      if (want->done != NULL)
        want->done (self, owned_cid, block, want->user);
      g_free (want);
    }
  g_rc_box_release (alive);
}

static void
handle (SoukExchange *self, const SoukBitswapEvent *event)
{
  switch (event->type)
    {
    case SOUK_BITSWAP_EVENT_SEND:
      send_message (self, event);
      break;
    case SOUK_BITSWAP_EVENT_NEED:
      answer_need (self, event);
      break;
    case SOUK_BITSWAP_EVENT_BLOCK:
      finish (self, &event->cid, event->bytes);
      break;
    case SOUK_BITSWAP_EVENT_FAILED:
      finish (self, &event->cid, NULL);
      break;
    }
}

/* Works off the machine's events. A callback may want more: then the outer pump goes on. */
static void
pump (SoukExchange *self)
{
  SoukBitswapEvent event;
  if (self->is_pumping)
    return;
  self->is_pumping = true;
  Alive *alive = g_rc_box_acquire (self->alive);
  while (alive->self != NULL && souk_bitswap_next (self->bitswap, &event, souk_mono_now ()))
    {
      /* The event is the machine's until the next pull; a callback may pull inside. */
      g_autoptr (GBytes) bytes = event.bytes != NULL ? g_bytes_ref (event.bytes) : NULL;
      event.bytes = bytes;
      handle (self, &event);
    }
  bool is_here = alive->self != NULL;
  g_rc_box_release (alive);
  if (!is_here)
    return;
  self->is_pumping = false;
  souk_timer_set (self->timer, souk_bitswap_deadline (self->bitswap));
}

static void
on_timer (void *user)
{
  SoukExchange *self = user;
  souk_bitswap_tick (self->bitswap, souk_mono_now ());
  pump (self);
}

/* ---- life ---- */

static void
wants_free (gpointer data)
{
  g_ptr_array_unref (data);
}

SoukExchange *
souk_exchange_new (SoukSwarm *swarm, const SoukBlockSource *source)
{
  SoukExchange *self = g_new0 (SoukExchange, 1);
  self->swarm = swarm;
  self->source = *source;
  self->bitswap = souk_bitswap_new (souk_swarm_rng (swarm), souk_mono_now ());
  self->wants = g_hash_table_new_full (souk_cid_hash, souk_cid_equal, g_free, wants_free);
  self->alive = g_rc_box_new0 (Alive);
  self->alive->self = self;
  self->timer = souk_timer_new (on_timer, self);
  self->watch = souk_swarm_watch (swarm, &watch, self);
  souk_swarm_serve (swarm, SOUK_BITSWAP_PROTOCOL, on_inbound, self, NULL);
  return self;
}

void
souk_exchange_free (SoukExchange *self)
{
  if (self == NULL)
    return;
  self->alive->self = NULL;
  g_rc_box_release (self->alive);
  souk_swarm_unwatch (self->swarm, self->watch);
  souk_swarm_unserve (self->swarm, SOUK_BITSWAP_PROTOCOL);
  souk_timer_free (self->timer);
  g_hash_table_unref (self->wants);
  souk_bitswap_free (self->bitswap);
  g_free (self);
}

SoukExchangeWant *
souk_exchange_want (SoukExchange *self, const SoukCid *cid, const SoukPeerId *preferred,
                    unsigned timeout_ms, SoukBlockFunc done, void *user)
{
  if (souk_bitswap_want (self->bitswap, cid, preferred, timeout_ms, souk_mono_now ())
      != SOUK_STATUS_OK)
    return NULL;
  GPtrArray *waiting = g_hash_table_lookup (self->wants, cid);
  if (waiting == NULL)
    {
      waiting = g_ptr_array_new_with_free_func (g_free);
      g_hash_table_insert (self->wants, g_memdup2 (cid, sizeof *cid), waiting);
    }
  SoukExchangeWant *want = g_new0 (SoukExchangeWant, 1);
  *want = (SoukExchangeWant){ self, *cid, done, user };
  g_ptr_array_add (waiting, want);
  /* Not at once: `done` must not come from inside this call. */
  if (!self->is_pumping)
    souk_timer_set_soon (self->timer);
  return want;
}

void
souk_exchange_cancel (SoukExchangeWant *want)
{
  SoukExchange *self = want->exchange;
  GPtrArray *waiting = g_hash_table_lookup (self->wants, &want->cid);
  SoukCid cid = want->cid;
  /* One of those that are being told at this moment. */
  if (waiting == NULL)
    {
      want->done = NULL;
      return;
    }
  g_ptr_array_remove (waiting, want);
  if (waiting->len > 0)
    return;
  g_hash_table_remove (self->wants, &cid);
  souk_bitswap_cancel (self->bitswap, &cid);
}

void
souk_exchange_block_added (SoukExchange *self, const SoukCid *cid)
{
  souk_bitswap_block_added (self->bitswap, cid);
  if (!self->is_pumping)
    souk_timer_set_soon (self->timer);
}

void
souk_exchange_stats (const SoukExchange *self, SoukBitswapStats *out)
{
  souk_bitswap_stats (self->bitswap, out);
}
