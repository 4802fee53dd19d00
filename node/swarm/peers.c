/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who is known: addresses, what identify said, scores and bans. GLIB, node thread.
 */
#include "swarm/session.h"

#include <math.h>

void
souk_peer_free (gpointer data)
{
  SoukPeer *peer = data;
  g_array_unref (peer->addrs);
  g_ptr_array_unref (peer->sessions);
  g_free (peer->agent);
  g_strfreev (peer->protocols);
  g_clear_pointer (&peer->record, g_bytes_unref);
  g_free (peer);
}

SoukPeer *
souk_swarm_find_peer (SoukSwarm *self, const SoukPeerId *id)
{
  return g_hash_table_lookup (self->peers, id);
}

/* Forgets the peer that was not seen for the longest time. Returns: whether there was one. */
static bool
forget_one (SoukSwarm *self)
{
  GHashTableIter iter;
  gpointer value;
  SoukPeer *oldest = NULL;
  SoukMono now = souk_mono_now ();
  g_hash_table_iter_init (&iter, self->peers);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SoukPeer *peer = value;
      if (peer->sessions->len == 0 && !souk_peer_is_banned (peer, now)
          && (oldest == NULL || peer->seen_at.us < oldest->seen_at.us))
        oldest = peer;
    }
  if (oldest != NULL)
    g_hash_table_remove (self->peers, &oldest->id);
  return oldest != NULL;
}

SoukPeer *
souk_swarm_get_peer (SoukSwarm *self, const SoukPeerId *id)
{
  SoukPeer *peer = souk_swarm_find_peer (self, id);
  if (peer != NULL)
    return peer;
  if (g_hash_table_size (self->peers) >= SOUK_SWARM_PEERS_MAX && !forget_one (self))
    return NULL;
  peer = g_new0 (SoukPeer, 1);
  peer->id = *id;
  peer->addrs = g_array_new (FALSE, FALSE, sizeof (SoukPeerAddr));
  peer->sessions = g_ptr_array_new ();
  peer->round_trip_us = -1;
  peer->seen_at = peer->score_at = souk_mono_now ();
  g_hash_table_insert (self->peers, &peer->id, peer);
  return peer;
}

/* ---- addresses ---- */

static int
find_addr (const SoukPeer *peer, const SoukMultiaddr *addr)
{
  for (guint i = 0; i < peer->addrs->len; i++)
    if (souk_multiaddr_is_equal (&g_array_index (peer->addrs, SoukPeerAddr, i).addr, addr))
      return (int)i;
  return -1;
}

/* Puts the address first; what it is known for stays. */
static void
remember_addr (SoukPeer *peer, const SoukMultiaddr *addr)
{
  SoukPeerAddr entry = { .addr = souk_multiaddr_without_peer_id (addr) };
  int at = find_addr (peer, &entry.addr);
  if (at >= 0)
    {
      entry = g_array_index (peer->addrs, SoukPeerAddr, at);
      g_array_remove_index (peer->addrs, (guint)at);
    }
  g_array_prepend_val (peer->addrs, entry);
  if (peer->addrs->len > SOUK_SWARM_ADDRS_PER_PEER_MAX)
    g_array_set_size (peer->addrs, SOUK_SWARM_ADDRS_PER_PEER_MAX);
}

void
souk_swarm_add_addrs (SoukSwarm *self, const SoukPeerId *id, const SoukMultiaddr *addrs,
                      size_t n_addrs)
{
  if (souk_peer_id_is_equal (id, &self->shared.self))
    return;
  SoukPeer *peer = souk_swarm_get_peer (self, id);
  if (peer == NULL || souk_peer_is_banned (peer, souk_mono_now ()))
    return;
  for (size_t i = n_addrs; i > 0; i--)
    remember_addr (peer, &addrs[i - 1]);
}

void
souk_peer_addr_result (SoukPeer *peer, const SoukMultiaddr *addr, bool is_good, SoukMono now)
{
  if (is_good)
    remember_addr (peer, addr);
  int at = find_addr (peer, addr);
  if (at < 0)
    return;
  SoukPeerAddr *entry = &g_array_index (peer->addrs, SoukPeerAddr, at);
  int64_t wait_ms = SOUK_SWARM_BACKOFF_MS;
  for (unsigned i = 0; i < entry->fails && wait_ms < SOUK_SWARM_BACKOFF_MAX_MS; i++)
    wait_ms *= 2;
  entry->fails = is_good ? 0 : entry->fails + 1;
  entry->retry_at
      = is_good ? now : souk_mono_add_ms (now, MIN (wait_ms, SOUK_SWARM_BACKOFF_MAX_MS));
}

void
souk_peer_identified (SoukPeer *peer, const SoukIdentifyInfo *info)
{
  if (info->agent != NULL)
    {
      g_free (peer->agent);
      peer->agent = g_strdup (info->agent);
    }
  if (info->has_protocols || peer->protocols == NULL)
    {
      g_strfreev (peer->protocols);
      peer->protocols = g_strdupv (info->protocols);
    }
  if (info->has_observed)
    peer->observed = info->observed;
  if (info->record != NULL && (peer->record == NULL || info->record_seq >= peer->record_seq))
    {
      g_clear_pointer (&peer->record, g_bytes_unref);
      peer->record = g_bytes_ref (info->record);
      peer->record_seq = info->record_seq;
    }
  for (size_t i = info->n_addrs; i > 0; i--)
    remember_addr (peer, &info->addrs[i - 1]);
}

/* ---- connections ---- */

/* Direct ones before relayed ones; of two direct ones that crossed, the one which the side with the
 * smaller id has dialled: both ends choose the same. */
SoukSession *
souk_peer_session (const SoukPeer *peer)
{
  SoukSession *best = NULL;
  for (guint i = 0; i < peer->sessions->len; i++)
    {
      SoukSession *session = g_ptr_array_index (peer->sessions, i);
      if (session->state != SESSION_RUNNING)
        continue;
      bool we_are_smaller = souk_peer_id_compare (&session->swarm->shared.self, &peer->id) < 0;
      bool is_better
          = best == NULL || (best->is_relayed && !session->is_relayed)
            || (best->is_relayed == session->is_relayed && best->is_inbound == we_are_smaller
                && session->is_inbound != we_are_smaller);
      if (is_better)
        best = session;
    }
  return best;
}

bool
souk_swarm_is_connected (SoukSwarm *self, const SoukPeerId *id)
{
  SoukPeer *peer = souk_swarm_find_peer (self, id);
  return peer != NULL && peer->sessions->len > 0;
}

bool
souk_swarm_peer_serves (SoukSwarm *self, const SoukPeerId *id, const char *protocol)
{
  SoukPeer *peer = souk_swarm_find_peer (self, id);
  return peer != NULL && peer->protocols != NULL
         && g_strv_contains ((const char *const *)peer->protocols, protocol);
}

void
souk_swarm_disconnect (SoukSwarm *self, const SoukPeerId *id)
{
  SoukPeer *peer = souk_swarm_find_peer (self, id);
  /* The peer itself may be forgotten by what closing sets off. */
  while (peer != NULL && peer->sessions->len > 0)
    {
      souk_session_close (g_ptr_array_index (peer->sessions, 0), SOUK_STATUS_OK);
      peer = souk_swarm_find_peer (self, id);
    }
}

static GArray *
list_peers (SoukSwarm *self, bool only_connected)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (SoukPeerId));
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, self->peers);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SoukPeer *peer = value;
      if (!only_connected || peer->sessions->len > 0)
        g_array_append_val (out, peer->id);
    }
  return out;
}

GArray *
souk_swarm_connected_peers (SoukSwarm *self)
{
  return list_peers (self, true);
}

GArray *
souk_swarm_known_peers (SoukSwarm *self)
{
  return list_peers (self, false);
}

/* ---- scores ---- */

bool
souk_peer_is_banned (const SoukPeer *peer, SoukMono now)
{
  return peer->banned_until.us > now.us;
}

/* Penalties fade: the score is kept as of `score_at`. */
static double
faded_score (const SoukPeer *peer, SoukMono now)
{
  double ms = (double)souk_mono_diff_us (now, peer->score_at) / SOUK_US_PER_MS;
  return peer->score * exp2 (-ms / SOUK_SWARM_SCORE_HALF_LIFE_MS);
}

void
souk_swarm_penalise (SoukSwarm *self, const SoukPeerId *id, SoukStatus status)
{
  int penalty = souk_status_fault (status) == SOUK_FAULT_PEER ? souk_status_penalty (status) : 0;
  SoukPeer *peer = penalty > 0 ? souk_swarm_get_peer (self, id) : NULL;
  if (peer == NULL)
    return;
  SoukMono now = souk_mono_now ();
  peer->score = faded_score (peer, now) + penalty;
  peer->score_at = now;
  souk_swarm_log (self, "peer-penalised", status, id, NULL);
  if (peer->score < SOUK_SWARM_BAN_SCORE || souk_peer_is_banned (peer, now))
    return;
  peer->banned_until = souk_mono_add_ms (now, SOUK_SWARM_BAN_MS);
  souk_swarm_log (self, "peer-banned", status, id, NULL);
  souk_swarm_disconnect (self, id);
}

/* ---- snapshots ---- */

SoukPeerInfo *
souk_swarm_peer_info (SoukSwarm *self, const SoukPeerId *id)
{
  SoukPeer *peer = souk_swarm_find_peer (self, id);
  if (peer == NULL)
    return NULL;
  SoukMono now = souk_mono_now ();
  SoukSession *session = souk_peer_session (peer);
  SoukPeerInfo *info = g_new0 (SoukPeerInfo, 1);
  info->id = *id;
  info->is_banned = souk_peer_is_banned (peer, now);
  info->is_identified = peer->protocols != NULL;
  info->agent = g_strdup (peer->agent);
  info->protocols = peer->protocols != NULL ? g_strdupv (peer->protocols) : g_new0 (char *, 1);
  info->record = peer->record != NULL ? g_bytes_ref (peer->record) : NULL;
  info->observed = peer->observed;
  info->score = faded_score (peer, now);
  info->round_trip_us = peer->round_trip_us;
  info->addrs = g_array_new (FALSE, FALSE, sizeof (SoukMultiaddr));
  for (guint i = 0; i < peer->addrs->len; i++)
    g_array_append_val (info->addrs, g_array_index (peer->addrs, SoukPeerAddr, i).addr);
  if (session != NULL)
    {
      int64_t measured = souk_conn_round_trip_us (session->conn);
      info->is_connected = true;
      info->is_inbound = session->is_inbound;
      info->is_relayed = session->is_relayed;
      info->addr = session->addr;
      info->connected_at = session->connected_at;
      info->n_streams = souk_session_n_streams (session);
      info->bytes_in = session->bytes_in;
      info->bytes_out = session->bytes_out;
      if (measured >= 0 && info->round_trip_us < 0)
        info->round_trip_us = measured;
    }
  return info;
}

void
souk_peer_info_free (SoukPeerInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->agent);
  g_strfreev (info->protocols);
  g_clear_pointer (&info->record, g_bytes_unref);
  g_array_unref (info->addrs);
  g_free (info);
}
