/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The heartbeat: mesh and fanout maintenance, gossip emission (gossipsub v1.0 "Heartbeat", v1.1
 * "Heartbeat Maintenance", "Outbound Mesh Quotas"). PURE. See gossip-private.h.
 */
#include "mesh/gossip-private.h"

/* IHAVE ids in one control message; longer ones would not split over RPCs. */
#define IHAVE_BYTES_MAX (16 * 1024)
/* A peer cannot keep us out of its mesh for longer than this by what its PRUNE says. */
#define BACKOFF_MS_MAX (10 * 60 * 1000)

typedef struct {
  SoukMono since, until;
} Backoff;

double
souk_gossip_peer_score (const SoukGossipPeer *peer)
{
  return souk_gossip_score_value (peer->score);
}

/* ---- backoff ---- */

void
souk_gossip_back_off (SoukGossipTopic *topic, const SoukPeerId *peer, int64_t backoff_ms,
                      SoukMono now)
{
  Backoff *backoff = g_hash_table_lookup (topic->backoffs, peer);
  SoukMono until = souk_mono_add_ms (now, MIN (backoff_ms, BACKOFF_MS_MAX));
  if (backoff == NULL)
    {
      if (g_hash_table_size (topic->backoffs) >= SOUK_GOSSIP_BACKOFFS_MAX)
        return;
      backoff = g_new0 (Backoff, 1);
      g_hash_table_insert (topic->backoffs, g_memdup2 (peer, sizeof *peer), backoff);
    }
  backoff->since = now;
  if (until.us > backoff->until.us)
    backoff->until = until;
}

bool
souk_gossip_is_backed_off (SoukGossipTopic *topic, const SoukPeerId *peer, SoukMono now,
                           bool *out_is_fresh)
{
  Backoff *backoff = g_hash_table_lookup (topic->backoffs, peer);
  if (backoff == NULL || souk_mono_is_due (backoff->until, now))
    return false;
  if (out_is_fresh != NULL)
    *out_is_fresh
        = !souk_mono_is_due (souk_mono_add_ms (backoff->since, SOUK_GOSSIP_GRAFT_FLOOD_MS), now);
  return true;
}

static gboolean
is_backoff_over (gpointer key, gpointer value, gpointer data)
{
  SoukMono until = ((Backoff *)value)->until;
  return souk_mono_is_due (souk_mono_add_ms (until, SOUK_GOSSIP_BACKOFF_SLACK_MS),
                           *(SoukMono *)data);
}

/* ---- mesh links ---- */

void
souk_gossip_graft (SoukGossip *self, SoukGossipTopic *topic, SoukGossipPeer *peer)
{
  g_assert (topic->is_joined);
  g_assert (!g_ptr_array_find (topic->mesh, peer, NULL));
  g_ptr_array_add (topic->mesh, peer);
  souk_gossip_score_grafted (peer->score, topic->slot);
  souk_gossip_push_event (self, SOUK_GOSSIP_EVENT_GRAFTED, &peer->id, topic->name);
}

void
souk_gossip_prune (SoukGossip *self, SoukGossipTopic *topic, SoukGossipPeer *peer, bool tell,
                   int64_t backoff_ms, SoukMono now)
{
  if (g_ptr_array_remove (topic->mesh, peer))
    {
      souk_gossip_score_pruned (peer->score, topic->slot);
      souk_gossip_push_event (self, SOUK_GOSSIP_EVENT_PRUNED, &peer->id, topic->name);
    }
  souk_gossip_back_off (topic, &peer->id, backoff_ms, now);
  if (!tell)
    return;
  /* "the pruning peer should include the backoff period in the PRUNE message"; 1.0 has no field. */
  uint64_t said_s = peer->protocol == SOUK_GOSSIP_V1_0 ? 0 : (uint64_t)(backoff_ms / 1000);
  souk_append_gossip_prune (peer->control, topic->text, said_s);
  souk_gossip_queue_touch (self, peer);
}

static void
graft_and_tell (SoukGossip *self, SoukGossipTopic *topic, SoukGossipPeer *peer)
{
  souk_gossip_graft (self, topic, peer);
  souk_append_gossip_graft (peer->control, topic->text);
  souk_gossip_queue_touch (self, peer);
}

/* ---- choosing peers ---- */

static void
shuffle (SoukRng *rng, GPtrArray *array)
{
  for (guint i = array->len; i > 1; i--)
    {
      guint j = (guint)souk_rng_below (rng, i);
      gpointer swap = array->pdata[i - 1];
      array->pdata[i - 1] = array->pdata[j];
      array->pdata[j] = swap;
    }
}

/* Returns: (transfer container): subscribers in neither mesh nor fanout, with at least that
 * score, in random order. */
static GPtrArray *
others (SoukGossip *self, SoukGossipTopic *topic, double score_min)
{
  GPtrArray *found = g_ptr_array_new ();
  for (guint i = 0; i < topic->peers->len; i++)
    {
      SoukGossipPeer *peer = g_ptr_array_index (topic->peers, i);
      if (!g_ptr_array_find (topic->mesh, peer, NULL)
          && !g_ptr_array_find (topic->fanout, peer, NULL)
          && souk_gossip_peer_score (peer) >= score_min)
        g_ptr_array_add (found, peer);
    }
  shuffle (self->rng, found);
  return found;
}

void
souk_gossip_fill_mesh (SoukGossip *self, SoukGossipTopic *topic, size_t count, bool outbound,
                       double score_min, SoukMono now)
{
  g_autoptr (GPtrArray) candidates = others (self, topic, score_min);
  for (guint i = 0; i < candidates->len && count > 0; i++)
    {
      SoukGossipPeer *peer = g_ptr_array_index (candidates, i);
      /* Even when it is over here, the other side clears its own a little later. */
      if ((outbound && !peer->is_outbound) || g_hash_table_contains (topic->backoffs, &peer->id))
        continue;
      graft_and_tell (self, topic, peer);
      count--;
    }
}

void
souk_gossip_fill_fanout (SoukGossip *self, SoukGossipTopic *topic, SoukMono now)
{
  g_autoptr (GPtrArray) candidates = others (self, topic, SOUK_GOSSIP_SCORE_PUBLISH);
  for (guint i = 0; i < candidates->len && topic->fanout->len < SOUK_GOSSIP_D; i++)
    g_ptr_array_add (topic->fanout, g_ptr_array_index (candidates, i));
}

/* ---- mesh maintenance ---- */

static int
by_score_descending (gconstpointer a, gconstpointer b)
{
  double score_a = souk_gossip_peer_score (*(SoukGossipPeer *const *)a);
  double score_b = souk_gossip_peer_score (*(SoukGossipPeer *const *)b);
  return score_a < score_b ? 1 : score_a > score_b ? -1 : 0;
}

static size_t
count_outbound (const GPtrArray *peers, guint count)
{
  size_t outbound = 0;
  for (guint i = 0; i < count; i++)
    outbound += ((SoukGossipPeer *)g_ptr_array_index (peers, i))->is_outbound;
  return outbound;
}

/* Brings outbound peers from behind the first D into them, for inbound ones from D_score on, until
 * D_out of the first D are outbound or no more can be done. */
static void
promote_outbound (GPtrArray *order)
{
  size_t outbound = count_outbound (order, SOUK_GOSSIP_D);
  guint place = SOUK_GOSSIP_D;
  for (guint i = SOUK_GOSSIP_D; i < order->len && outbound < SOUK_GOSSIP_D_OUT; i++)
    {
      if (!((SoukGossipPeer *)order->pdata[i])->is_outbound)
        continue;
      do
        place--;
      while (place > 0 && ((SoukGossipPeer *)order->pdata[place])->is_outbound);
      gpointer swap = order->pdata[place];
      order->pdata[place] = order->pdata[i];
      order->pdata[i] = swap;
      outbound++;
    }
}

/* "the peer keeps the best D_score scoring peers and selects the remaining peers to keep at
 * random … under the constraint that D_out peers are outbound connections" */
static void
shrink (SoukGossip *self, SoukGossipTopic *topic, SoukMono now)
{
  g_autoptr (GPtrArray) order = g_ptr_array_copy (topic->mesh, NULL, NULL);
  g_autoptr (GPtrArray) rest = g_ptr_array_new ();
  shuffle (self->rng, order);
  g_ptr_array_sort (order, by_score_descending);
  for (guint i = SOUK_GOSSIP_D_SCORE; i < order->len; i++)
    g_ptr_array_add (rest, order->pdata[i]);
  shuffle (self->rng, rest);
  for (guint i = 0; i < rest->len; i++)
    order->pdata[SOUK_GOSSIP_D_SCORE + i] = rest->pdata[i];
  promote_outbound (order);
  for (guint i = SOUK_GOSSIP_D; i < order->len; i++)
    souk_gossip_prune (self, topic, order->pdata[i], true, SOUK_GOSSIP_BACKOFF_MS, now);
}

static void
prune_bad (SoukGossip *self, SoukGossipTopic *topic, SoukMono now)
{
  for (guint i = topic->mesh->len; i > 0; i--)
    {
      SoukGossipPeer *peer = g_ptr_array_index (topic->mesh, i - 1);
      if (souk_gossip_peer_score (peer) < 0)
        souk_gossip_prune (self, topic, peer, true, SOUK_GOSSIP_BACKOFF_MS, now);
    }
}

/* "If the median score is below the threshold, the router opportunistically grafts (at least) two
 * peers with score above the median in the mesh." */
static void
graft_opportunistically (SoukGossip *self, SoukGossipTopic *topic, SoukMono now)
{
  if (topic->mesh->len < 2)
    return;
  g_autoptr (GPtrArray) order = g_ptr_array_copy (topic->mesh, NULL, NULL);
  g_ptr_array_sort (order, by_score_descending);
  double median = souk_gossip_peer_score (order->pdata[order->len / 2]);
  if (median < SOUK_GOSSIP_SCORE_OPPORTUNISTIC)
    souk_gossip_fill_mesh (self, topic, SOUK_GOSSIP_OPPORTUNISTIC_PEERS, false, median + 0.001,
                           now);
}

static void
maintain_mesh (SoukGossip *self, SoukGossipTopic *topic, SoukMono now)
{
  prune_bad (self, topic, now);
  if (topic->mesh->len < SOUK_GOSSIP_D_LO)
    souk_gossip_fill_mesh (self, topic, SOUK_GOSSIP_D - topic->mesh->len, false, 0, now);
  if (topic->mesh->len > SOUK_GOSSIP_D_HI)
    shrink (self, topic, now);
  size_t outbound = count_outbound (topic->mesh, topic->mesh->len);
  if (topic->mesh->len >= SOUK_GOSSIP_D_LO && topic->mesh->len < SOUK_GOSSIP_D_HI
      && outbound < SOUK_GOSSIP_D_OUT)
    souk_gossip_fill_mesh (self, topic, SOUK_GOSSIP_D_OUT - outbound, true, 0, now);
  if (self->ticks % SOUK_GOSSIP_OPPORTUNISTIC_TICKS == 0 && topic->mesh->len < SOUK_GOSSIP_D_HI - 1)
    graft_opportunistically (self, topic, now);
  g_assert (topic->mesh->len <= SOUK_GOSSIP_D_HI);
}

static void
maintain_fanout (SoukGossip *self, SoukGossipTopic *topic, SoukMono now)
{
  if (souk_mono_is_due (topic->fanout_until, now))
    {
      g_ptr_array_set_size (topic->fanout, 0);
      return;
    }
  for (guint i = topic->fanout->len; i > 0; i--)
    if (souk_gossip_peer_score (topic->fanout->pdata[i - 1]) < SOUK_GOSSIP_SCORE_PUBLISH)
      g_ptr_array_remove_index (topic->fanout, i - 1);
  souk_gossip_fill_fanout (self, topic, now);
}

/* ---- gossip ---- */

/* Appends IHAVEs of `messages` in the peer's naming. */
static void
tell_have (SoukGossipPeer *peer, SoukGossipTopic *topic, GPtrArray *messages)
{
  g_autoptr (GByteArray) ids = g_byte_array_new ();
  guint count = MIN (messages->len, SOUK_GOSSIP_IHAVE_IDS_MAX);
  for (guint i = 0; i < count; i++)
    {
      SoukGossipCached *cached = g_ptr_array_index (messages, i);
      GBytes *name = cached->names[peer->naming];
      if (name == NULL)
        name = cached->names[SOUK_GOSSIP_NAME_SPEC];
      souk_append_field_bytes (ids, SOUK_IHAVE_IDS, souk_slice_from_bytes (name));
      if (ids->len < IHAVE_BYTES_MAX && i + 1 < count)
        continue;
      souk_append_gossip_ihave (peer->control, topic->text, souk_slice_from_array (ids));
      g_byte_array_set_size (ids, 0);
    }
}

static void
emit_gossip (SoukGossip *self, SoukGossipTopic *topic)
{
  g_autoptr (GPtrArray) messages = souk_gossip_cache_recent (self->cache, topic->name);
  if (messages->len == 0)
    return;
  shuffle (self->rng, messages);
  g_autoptr (GPtrArray) chosen = others (self, topic, SOUK_GOSSIP_SCORE_GOSSIP);
  guint count = MAX (SOUK_GOSSIP_D_LAZY, chosen->len / SOUK_GOSSIP_FACTOR);
  for (guint i = 0; i < chosen->len && count > 0; i++)
    {
      SoukGossipPeer *peer = g_ptr_array_index (chosen, i);
      if (!souk_gossip_queue_has_room (peer))
        continue;
      tell_have (peer, topic, messages);
      souk_gossip_queue_touch (self, peer);
      count--;
    }
}

static void
reset_peer (SoukGossipPeer *peer, SoukMono now)
{
  peer->ihave_messages = peer->ihave_ids = peer->iwant_ids = peer->idontwant_ids = 0;
  if (peer->dont_want != NULL)
    souk_gossip_seen_expire (peer->dont_want, now);
}

void
souk_gossip_heartbeat (SoukGossip *self, SoukMono now)
{
  self->ticks++;
  souk_gossip_break_promises (self, now);
  souk_gossip_scores_decay (self->scores, now);
  souk_gossip_seen_expire (self->seen, now);
  for (guint i = 0; i < self->peers->len; i++)
    reset_peer (g_ptr_array_index (self->peers, i), now);
  for (guint i = self->topics->len; i > 0; i--)
    {
      SoukGossipTopic *topic = g_ptr_array_index (self->topics, i - 1);
      bool had_fanout = topic->fanout->len > 0;
      g_hash_table_foreach_remove (topic->backoffs, is_backoff_over, &now);
      if (topic->is_joined)
        maintain_mesh (self, topic, now);
      else if (had_fanout)
        maintain_fanout (self, topic, now);
      if (topic->is_joined || topic->fanout->len > 0)
        emit_gossip (self, topic);
      souk_gossip_drop_topic_if_idle (self, topic);
    }
  souk_gossip_cache_shift (self->cache);
}
