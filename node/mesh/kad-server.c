/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answering requests (libp2p specs, kad-dht, "RPC messages"). PURE. See kad-private.h.
 */
#include "mesh/kad-private.h"

/* ---- limits ---- */

/* Counts a request of the peer. Returns: false when it makes too many. */
static bool
is_within_rate (SoukKad *self, const SoukPeerId *peer, SoukMono now)
{
  SoukKadRate *rate = g_hash_table_lookup (self->rates, peer);
  if (rate == NULL)
    {
      if (g_hash_table_size (self->rates) >= SOUK_KAD_RATE_PEERS_MAX)
        {
          GHashTableIter iter;
          gpointer data;
          g_hash_table_iter_init (&iter, self->rates);
          while (g_hash_table_iter_next (&iter, NULL, &data))
            if (souk_mono_is_due (((SoukKadRate *)data)->until, now))
              g_hash_table_iter_remove (&iter);
          if (g_hash_table_size (self->rates) >= SOUK_KAD_RATE_PEERS_MAX)
            return false;
        }
      rate = g_new0 (SoukKadRate, 1);
      rate->until = souk_mono_add_ms (now, SOUK_KAD_RATE_MS);
      g_hash_table_insert (self->rates, g_memdup2 (peer, sizeof *peer), rate);
    }
  if (souk_mono_is_due (rate->until, now))
    *rate = (SoukKadRate){ souk_mono_add_ms (now, SOUK_KAD_RATE_MS), 0 };
  return rate->count++ < SOUK_KAD_RATE_MAX;
}

/* ---- answers ---- */

/* "the k closest": without the one who asks, and only such as can be reached and have answered. */
static void
append_closer (SoukKad *self, const SoukPeerId *asker, const SoukKadKey *target, GByteArray *out)
{
  g_autoptr (GPtrArray) nearest
      = souk_kad_table_nearest (self->table, target, SOUK_KAD_K + SOUK_KAD_K / 2);
  unsigned n = 0;
  for (guint i = 0; i < nearest->len && n < SOUK_KAD_K; i++)
    {
      const SoukKadEntry *entry = g_ptr_array_index (nearest, i);
      if (entry->failures > 0 || entry->addrs == NULL || souk_peer_id_is_equal (&entry->id, asker))
        continue;
      souk_append_kad_peer (out, SOUK_KAD_CLOSER, &entry->id, entry->addrs,
                            g_hash_table_contains (self->contacts, &entry->id));
      n++;
    }
}

static void
find_node (SoukKad *self, const SoukPeerId *asker, const SoukKadMessage *request, GByteArray *out)
{
  SoukPeerId named;
  SoukKadKey target = souk_kad_key (request->key);
  souk_append_kad_head (out, SOUK_KAD_FIND_NODE, request->key);
  /* The peer itself, where it is known: a client is in nobody's table. */
  if (souk_peer_id_from_bytes (request->key, &named) == SOUK_STATUS_OK
      && souk_kad_table_find (self->table, &named) == NULL)
    {
      bool is_self = souk_peer_id_is_equal (&named, &self->config.self);
      GBytes *addrs = is_self ? self->own_addrs : souk_kad_known_addrs (self, &named);
      if (addrs != NULL)
        souk_append_kad_peer (out, SOUK_KAD_CLOSER, &named, addrs, !is_self);
    }
  append_closer (self, asker, &target, out);
}

static void
get_value (SoukKad *self, const SoukPeerId *asker, const SoukKadMessage *request, SoukMono now,
           GByteArray *out)
{
  SoukKadValue value;
  SoukKadKey target = souk_kad_key (request->key);
  souk_append_kad_head (out, SOUK_KAD_GET_VALUE, request->key);
  if (souk_kad_store_get (self->store, request->key, now, &value))
    souk_append_kad_record (out, request->key, souk_slice_from_bytes (value.value), value.received);
  append_closer (self, asker, &target, out);
}

/* "The target node validates record, and if it is valid, it stores it in the datastore and as a
 * response echoes the request." A worse value than the one that is here is not stored. */
static SoukStatus
put_value (SoukKad *self, const SoukPeerId *asker, const SoukKadMessage *request, SoukWall wall,
           SoukMono now, GByteArray *out)
{
  SoukKadValue old;
  const SoukKadNamespace *const *spaces = self->config.namespaces;
  if (!request->has_record || !souk_slice_is_equal (request->key, request->record_key))
    return SOUK_STATUS_BAD_KAD;
  SOUK_TRY (souk_kad_validate (spaces, request->key, request->value));
  if (!souk_kad_store_get (self->store, request->key, now, &old)
      || souk_slice_is_equal (request->value, souk_slice_from_bytes (old.value))
      || souk_kad_is_better (spaces, request->key, request->value,
                             souk_slice_from_bytes (old.value)))
    SOUK_TRY (souk_kad_store_put (self->store, request->key, request->value, asker, wall, now));
  souk_append (out, request->whole);
  return SOUK_STATUS_OK;
}

/* Draws the providers to be named when there are more than an answer has room for. */
static void
append_providers (SoukKad *self, SoukSlice key, GArray *providers, GByteArray *out)
{
  guint n = 0;
  if (souk_kad_is_provided (self, key))
    {
      souk_append_kad_peer (out, SOUK_KAD_PROVIDERS, &self->config.self, self->own_addrs, true);
      n++;
    }
  for (; n < SOUK_KAD_PROVIDERS_ANSWER_MAX && providers->len > 0; n++)
    {
      bool has_room_for_all = providers->len <= SOUK_KAD_PROVIDERS_ANSWER_MAX - n;
      guint i = has_room_for_all ? 0 : (guint)souk_rng_below (self->rng, providers->len);
      SoukKadProvider one = g_array_index (providers, SoukKadProvider, i);
      if (one.addrs == NULL)
        one.addrs = souk_kad_known_addrs (self, &one.id);
      souk_append_kad_peer (out, SOUK_KAD_PROVIDERS, &one.id, one.addrs,
                            g_hash_table_contains (self->contacts, &one.id));
      g_array_remove_index (providers, i);
    }
}

static void
get_providers (SoukKad *self, const SoukPeerId *asker, const SoukKadMessage *request, SoukMono now,
               GByteArray *out)
{
  SoukKadKey target = souk_kad_key (request->key);
  g_autoptr (GArray) providers = souk_kad_store_providers (self->store, request->key, now);
  souk_append_kad_head (out, SOUK_KAD_GET_PROVIDERS, request->key);
  append_closer (self, asker, &target, out);
  append_providers (self, request->key, providers, out);
}

/* "keys for provider records are multihashes"; some programs still send whole CIDs. */
static bool
is_content_key (SoukSlice key)
{
  SoukCid cid;
  SoukReader reader = souk_reader (key);
  souk_reader_multihash (&reader);
  return souk_reader_is_done (&reader) || souk_cid_from_bytes (key, &cid) == SOUK_STATUS_OK;
}

/* "all providerPeers that match the RPC sender's PeerID are recorded as providers" */
static SoukStatus
add_provider (SoukKad *self, const SoukPeerId *asker, const SoukKadMessage *request, SoukMono now)
{
  SoukKadPeerView view;
  SoukKadPeers peers = souk_kad_peers (request, SOUK_KAD_PROVIDERS);
  if (!is_content_key (request->key))
    return SOUK_STATUS_BAD_KAD;
  while (souk_kad_peers_next (&peers, &view))
    if (souk_peer_id_is_equal (&view.id, asker))
      {
        g_autoptr (GBytes) addrs = souk_kad_peer_addrs (&view, self->config.addrs);
        return souk_kad_store_provide (self->store, request->key, asker, addrs, now);
      }
  return SOUK_STATUS_OK;
}

static SoukStatus
serve (SoukKad *self, const SoukPeerId *peer, const SoukKadMessage *request, SoukWall wall,
       SoukMono now, GByteArray *out)
{
  if (request->key.len == 0 && request->type != SOUK_KAD_PING)
    return SOUK_STATUS_BAD_KAD;
  switch (request->type)
    {
    case SOUK_KAD_PUT_VALUE:
      return put_value (self, peer, request, wall, now, out);
    case SOUK_KAD_GET_VALUE:
      get_value (self, peer, request, now, out);
      break;
    case SOUK_KAD_ADD_PROVIDER:
      return add_provider (self, peer, request, now);
    case SOUK_KAD_GET_PROVIDERS:
      get_providers (self, peer, request, now, out);
      break;
    case SOUK_KAD_FIND_NODE:
      find_node (self, peer, request, out);
      break;
    case SOUK_KAD_PING:
      souk_append_kad_head (out, SOUK_KAD_PING, request->key);
      break;
    }
  return SOUK_STATUS_OK;
}

SoukStatus
souk_kad_serve (SoukKad *self, const SoukPeerId *peer, SoukSlice bytes, SoukWall wall, SoukMono now,
                GByteArray *out)
{
  SoukKadMessage request;
  SoukStatus status = SOUK_STATUS_OK;
  if (!self->config.is_server)
    return SOUK_STATUS_PROTOCOL_REFUSED;
  if (!is_within_rate (self, peer, now))
    status = SOUK_STATUS_LIMIT;
  if (status == SOUK_STATUS_OK)
    status = souk_kad_message_parse (bytes, &request);
  if (status == SOUK_STATUS_OK)
    status = serve (self, peer, &request, wall, now, out);
  if (status != SOUK_STATUS_OK)
    {
      self->stats.refused++;
      return status;
    }
  self->stats.served++;
  souk_kad_table_seen (self->table, peer, now);
  return SOUK_STATUS_OK;
}
