/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What this node wants: whom to ask, when to ask another. PURE. See bitswap-private.h.
 *
 *   WAITING --room--> ASKED --block--> gone
 *      |  ^             | denied, slow, or the peer left
 *      |  +-------------+
 *      | nobody to ask   ^ somebody has it
 *      +--> SEEKING -----+
 */
#include "mesh/bitswap-private.h"

/* Wants that find no room in one pass before it ends: a long list whose peer is busy costs little. */
#define BLOCKED_MAX 64

/* ---- room ---- */

static unsigned
window_of (const SoukBitswapPeer *peer)
{
  size_t blocks = SOUK_BITSWAP_WINDOW_BYTES / peer->block_size;
  return (unsigned)CLAMP (blocks, 1, SOUK_BITSWAP_WINDOW_BLOCKS_MAX);
}

/* A peer is filled up to its window and then left alone until half of it is here: many wants go
 * in few messages. */
static bool
has_room (SoukBitswapPeer *peer)
{
  if (peer->asked >= window_of (peer))
    peer->is_filling = false;
  else if (peer->asked <= window_of (peer) / 2)
    peer->is_filling = true;
  return peer->is_filling;
}

/* ---- asks ---- */

static SoukBitswapAsk *
find_ask (SoukBitswapWant *want, uint64_t serial)
{
  for (guint i = 0; i < want->asks->len; i++)
    {
      SoukBitswapAsk *ask = &g_array_index (want->asks, SoukBitswapAsk, i);
      if (ask->serial == serial)
        return ask;
    }
  return NULL;
}

static void
tell (SoukBitswapPeer *peer, const SoukCid *cid, SoukBitswapWantType type, bool is_cancel)
{
  SoukBitswapEntry entry = {
    .cid = *cid,
    .priority = 1,
    .type = type,
    .is_cancel = is_cancel,
    .send_dont_have = !is_cancel,
  };
  souk_append_bitswap_entry (peer->entries, &entry);
}

static void
ask_for (SoukBitswapWant *want, SoukBitswapPeer *peer, SoukBitswapWantType type)
{
  SoukBitswapAsk *ask = find_ask (want, peer->serial);
  if (ask == NULL)
    {
      SoukBitswapAsk first = { .serial = peer->serial };
      g_array_append_val (want->asks, first);
      ask = &g_array_index (want->asks, SoukBitswapAsk, want->asks->len - 1);
    }
  if (type == SOUK_BITSWAP_WANT_BLOCK && !ask->is_block)
    {
      ask->is_block = true;
      peer->asked++;
    }
  if (type == SOUK_BITSWAP_WANT_HAVE)
    ask->state = SOUK_ASK_OPEN;
  tell (peer, &want->cid, type, false);
}

/* No block is to be expected from that ask any more. */
static void
close_ask (SoukBitswap *self, SoukBitswapAsk *ask)
{
  SoukBitswapPeer *peer = ask->is_block ? souk_bitswap_find_serial (self, ask->serial) : NULL;
  ask->is_block = false;
  if (peer != NULL)
    peer->asked--;
  self->may_start = true;
}

/* ---- whom to ask ---- */

static bool
is_eligible (SoukBitswapWant *want, const SoukBitswapPeer *peer)
{
  SoukBitswapAsk *ask = find_ask (want, peer->serial);
  return ask == NULL || ask->state == SOUK_ASK_OPEN || ask->state == SOUK_ASK_HAS;
}

/* The peer that is to send the block; NULL when it must be sought first. */
static SoukBitswapPeer *
choose (SoukBitswap *self, SoukBitswapWant *want)
{
  SoukBitswapPeer *best = NULL;
  if (want->has_preferred)
    {
      SoukBitswapPeer *preferred = souk_bitswap_find_peer (self, &want->preferred);
      if (preferred != NULL && is_eligible (want, preferred))
        return preferred;
    }
  for (guint i = 0; i < want->asks->len; i++)
    {
      SoukBitswapAsk *ask = &g_array_index (want->asks, SoukBitswapAsk, i);
      SoukBitswapPeer *peer
          = ask->state == SOUK_ASK_HAS ? souk_bitswap_find_serial (self, ask->serial) : NULL;
      if (peer != NULL && (best == NULL || peer->asked < best->asked))
        best = peer;
    }
  if (best != NULL)
    return best;
  SoukBitswapPeer *favourite = souk_bitswap_find_serial (self, self->favourite);
  if (favourite == NULL && self->peers->len == 1)
    favourite = g_ptr_array_index (self->peers, 0);
  return favourite != NULL && is_eligible (want, favourite) ? favourite : NULL;
}

/* Asks everybody (or a random part) whether they have it. */
static void
seek (SoukBitswap *self, SoukBitswapWant *want, SoukMono now)
{
  want->state = SOUK_WANT_SEEKING;
  want->retry_at = souk_mono_add_ms (now, SOUK_BITSWAP_SEEK_MS);
  guint count = MIN (self->peers->len, SOUK_BITSWAP_SEEK_PEERS_MAX);
  guint first = self->peers->len > 0 ? (guint)souk_rng_below (self->rng, self->peers->len) : 0;
  for (guint i = 0; i < count; i++)
    {
      SoukBitswapPeer *peer = g_ptr_array_index (self->peers, (first + i) % self->peers->len);
      SoukBitswapAsk *ask = find_ask (want, peer->serial);
      /* A slow peer that was asked for the block may have dropped the question, or may still send
       * it: repeating the question changes nothing then. */
      if (ask != NULL && ask->is_block)
        tell (peer, &want->cid, SOUK_BITSWAP_WANT_BLOCK, false);
      else if (ask == NULL || ask->state != SOUK_ASK_HAS_NOT)
        ask_for (want, peer, SOUK_BITSWAP_WANT_HAVE);
    }
}

/* Tries one waiting want. Returns: false when it has to wait on. */
static bool
start (SoukBitswap *self, SoukBitswapWant *want, SoukMono now)
{
  SoukBitswapPeer *peer = choose (self, want);
  if (peer == NULL)
    {
      seek (self, want, now);
      return true;
    }
  if (!has_room (peer))
    return false;
  ask_for (want, peer, SOUK_BITSWAP_WANT_BLOCK);
  want->state = SOUK_WANT_ASKED;
  want->asked_of = peer->serial;
  want->retry_at = souk_mono_add_ms (now, SOUK_BITSWAP_ASK_MS);
  return true;
}

void
souk_bitswap_client_start (SoukBitswap *self, SoukMono now)
{
  if (!self->may_start)
    return;
  self->may_start = false;
  unsigned blocked = 0;
  for (GList *l = self->waiting.head; l != NULL && blocked < BLOCKED_MAX;)
    {
      GList *next = l->next;
      if (start (self, l->data, now))
        g_queue_delete_link (&self->waiting, l);
      else
        blocked++;
      l = next;
    }
}

static void
wait_again (SoukBitswap *self, SoukBitswapWant *want)
{
  g_assert (want->state != SOUK_WANT_WAITING);
  want->state = SOUK_WANT_WAITING;
  /* It came before those that wait. */
  g_queue_push_head (&self->waiting, want);
  self->may_start = true;
}

/* ---- wants ---- */

SoukStatus
souk_bitswap_want (SoukBitswap *self, const SoukCid *cid, const SoukPeerId *preferred,
                   int64_t timeout_ms, SoukMono now)
{
  SoukMono until = timeout_ms > 0 ? souk_mono_add_ms (now, timeout_ms) : SOUK_MONO_NEVER;
  if (cid->hash.code != SOUK_MULTIHASH_SHA2_256 || cid->hash.len != 32)
    return SOUK_STATUS_UNSUPPORTED;

  SoukBitswapWant *want = g_hash_table_lookup (self->wants, cid);
  if (want == NULL)
    {
      if (g_hash_table_size (self->wants) >= SOUK_BITSWAP_WANTS_MAX)
        return SOUK_STATUS_LIMIT;
      if (self->order.length == 0)
        self->tick_at = souk_mono_add_ms (now, SOUK_BITSWAP_TICK_MS);
      want = g_new0 (SoukBitswapWant, 1);
      want->cid = *cid;
      want->until = until;
      want->asks = g_array_new (FALSE, TRUE, sizeof (SoukBitswapAsk));
      want->order_link.data = want;
      want->state = SOUK_WANT_WAITING;
      g_hash_table_insert (self->wants, &want->cid, want);
      g_queue_push_tail_link (&self->order, &want->order_link);
      g_queue_push_tail (&self->waiting, want);
      self->may_start = true;
    }
  if (until.us > want->until.us)
    want->until = until;
  if (preferred != NULL)
    {
      want->preferred = *preferred;
      want->has_preferred = true;
      if (want->state == SOUK_WANT_SEEKING)
        wait_again (self, want);
    }
  return SOUK_STATUS_OK;
}

void
souk_bitswap_client_free_want (SoukBitswap *self, SoukBitswapWant *want)
{
  for (guint i = 0; i < want->asks->len; i++)
    close_ask (self, &g_array_index (want->asks, SoukBitswapAsk, i));
  if (want->state == SOUK_WANT_WAITING)
    g_queue_remove (&self->waiting, want);
  g_queue_unlink (&self->order, &want->order_link);
  g_hash_table_remove (self->wants, &want->cid);
  g_array_unref (want->asks);
  g_free (want);
}

/* Tells everybody who was asked, but not `except`, that it is not wanted any more. */
static void
tell_cancel (SoukBitswap *self, SoukBitswapWant *want, const SoukBitswapPeer *except)
{
  for (guint i = 0; i < want->asks->len; i++)
    {
      SoukBitswapAsk *ask = &g_array_index (want->asks, SoukBitswapAsk, i);
      SoukBitswapPeer *peer = souk_bitswap_find_serial (self, ask->serial);
      if (peer != NULL && peer != except)
        tell (peer, &want->cid, SOUK_BITSWAP_WANT_BLOCK, true);
    }
}

void
souk_bitswap_cancel (SoukBitswap *self, const SoukCid *cid)
{
  SoukBitswapWant *want = g_hash_table_lookup (self->wants, cid);
  if (want == NULL)
    return;
  tell_cancel (self, want, NULL);
  souk_bitswap_client_free_want (self, want);
}

bool
souk_bitswap_is_wanted (const SoukBitswap *self, const SoukCid *cid)
{
  return g_hash_table_contains (self->wants, cid);
}

/* ---- what comes ---- */

void
souk_bitswap_client_recv_block (SoukBitswap *self, SoukBitswapPeer *peer, const SoukCid *cid,
                                GBytes *block, SoukMono now)
{
  size_t len = g_bytes_get_size (block);
  SoukBitswapWant *want = g_hash_table_lookup (self->wants, cid);
  if (want == NULL)
    {
      self->stats.duplicates++;
      return;
    }
  self->stats.blocks_received++;
  self->stats.bytes_received += len;
  self->favourite = peer->serial;
  peer->progress_at = now;
  peer->block_size = MAX ((3 * peer->block_size + len) / 4, SOUK_BITSWAP_BLOCK_SIZE_GUESS_MIN);
  souk_bitswap_push_event (self, SOUK_BITSWAP_EVENT_BLOCK, &peer->id, cid, block);
  tell_cancel (self, want, peer);
  souk_bitswap_client_free_want (self, want);
}

void
souk_bitswap_client_recv_presence (SoukBitswap *self, SoukBitswapPeer *peer, const SoukCid *cid,
                                   bool has, SoukMono now)
{
  SoukBitswapWant *want = g_hash_table_lookup (self->wants, cid);
  SoukBitswapAsk *ask = want != NULL ? find_ask (want, peer->serial) : NULL;
  if (ask == NULL)
    return;
  ask->state = has ? SOUK_ASK_HAS : SOUK_ASK_HAS_NOT;
  if (!has)
    close_ask (self, ask);
  bool is_answer = want->state == SOUK_WANT_ASKED && want->asked_of == peer->serial;
  if (has ? want->state == SOUK_WANT_SEEKING : is_answer)
    wait_again (self, want);
}

/* ---- peers and the clock ---- */

void
souk_bitswap_client_add_peer (SoukBitswap *self, SoukBitswapPeer *peer)
{
  for (GList *l = self->order.head; l != NULL; l = l->next)
    {
      SoukBitswapWant *want = l->data;
      if (want->state != SOUK_WANT_SEEKING)
        continue;
      if (want->has_preferred && souk_peer_id_is_equal (&want->preferred, &peer->id))
        wait_again (self, want);
      else
        ask_for (want, peer, SOUK_BITSWAP_WANT_HAVE);
    }
}

void
souk_bitswap_client_remove_peer (SoukBitswap *self, SoukBitswapPeer *peer)
{
  for (GList *l = self->order.head; l != NULL; l = l->next)
    {
      SoukBitswapWant *want = l->data;
      for (guint i = 0; i < want->asks->len; i++)
        if (g_array_index (want->asks, SoukBitswapAsk, i).serial == peer->serial)
          {
            g_array_remove_index_fast (want->asks, i);
            break;
          }
      if (want->state == SOUK_WANT_ASKED && want->asked_of == peer->serial)
        wait_again (self, want);
    }
}

/* A peer that sends other blocks meanwhile is not slow, only busy. */
static bool
is_overdue (SoukBitswap *self, SoukBitswapWant *want, SoukMono now)
{
  SoukBitswapPeer *peer
      = want->state == SOUK_WANT_ASKED ? souk_bitswap_find_serial (self, want->asked_of) : NULL;
  if (peer != NULL
      && !souk_mono_is_due (souk_mono_add_ms (peer->progress_at, SOUK_BITSWAP_ASK_MS), now))
    return false;
  return souk_mono_is_due (want->retry_at, now);
}

static void
look_further (SoukBitswap *self, SoukBitswapWant *want, SoukMono now)
{
  SoukBitswapAsk *ask;
  switch (want->state)
    {
    case SOUK_WANT_WAITING:
      return;
    case SOUK_WANT_ASKED:
      /* The ask stays open: the block may be on its way, and counts in what is outstanding. */
      ask = find_ask (want, want->asked_of);
      if (ask != NULL)
        ask->state = SOUK_ASK_SLOW;
      wait_again (self, want);
      return;
    case SOUK_WANT_SEEKING:
      /* From the beginning: what a peer had not it may have now, and a message may be lost. */
      for (guint i = 0; i < want->asks->len; i++)
        close_ask (self, &g_array_index (want->asks, SoukBitswapAsk, i));
      g_array_set_size (want->asks, 0);
      seek (self, want, now);
      return;
    }
}

void
souk_bitswap_client_tick (SoukBitswap *self, SoukMono now)
{
  GList *next;
  for (GList *l = self->order.head; l != NULL; l = next)
    {
      SoukBitswapWant *want = l->data;
      next = l->next;
      if (souk_mono_is_due (want->until, now))
        {
          souk_bitswap_push_event (self, SOUK_BITSWAP_EVENT_FAILED, NULL, &want->cid, NULL);
          tell_cancel (self, want, NULL);
          souk_bitswap_client_free_want (self, want);
        }
      else if (is_overdue (self, want, now))
        look_further (self, want, now);
    }
  self->may_start = true;
}
