/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The test peer's hash table. See peer.h.
 *
 *   dhtPut KEY VALUE | dhtGet KEY [QUORUM] | provide CID | findProviders CID [HOW MANY]
 *   findPeer PEER | closest KEY | dhtMode [MODE]
 */
#include "peer.h"

#include <string.h>

/* What a test writes there is text. */
static SoukStatus
validate_test (SoukSlice key, SoukSlice value)
{
  return g_utf8_validate_len ((const char *)value.data, value.len, NULL) ? SOUK_STATUS_OK
                                                                         : SOUK_STATUS_KAD_RECORD;
}

static bool
is_better_test (SoukSlice key, SoukSlice value, SoukSlice other)
{
  return false;
}

static const SoukKadNamespace test_namespace = { "/test/", validate_test, is_better_test };
static const SoukKadNamespace *const namespaces[]
    = { &souk_kad_namespace_pk, &souk_kad_namespace_ipns, &test_namespace, NULL };

static void
on_progress (SoukDht *dht, unsigned done, unsigned total, unsigned n_peers, void *user)
{
  JsonObject *object = json_object_new ();
  json_object_set_int_member (object, "done", done);
  json_object_set_int_member (object, "total", total);
  json_object_set_int_member (object, "peers", n_peers);
  peer_event (user, "dht:progress", object);
}

void
peer_dht_start (Peer *peer, const char *protocol, const char *mode)
{
  SoukDhtConfig config = { .protocol = protocol,
                           .is_server = g_strcmp0 (mode, "client") != 0,
                           .namespaces = namespaces,
                           .on_progress = on_progress,
                           .user = peer };
  peer->dht = souk_dht_new (peer->swarm, &config);
}

static JsonArray *
addrs_of (Peer *peer, const SoukPeerId *id)
{
  JsonArray *array = json_array_new ();
  g_autoptr (SoukPeerInfo) info = souk_swarm_peer_info (peer->swarm, id);
  for (guint i = 0; info != NULL && i < info->addrs->len; i++)
    {
      g_autofree char *text
          = souk_multiaddr_to_string (&g_array_index (info->addrs, SoukMultiaddr, i));
      json_array_add_string_element (array, text);
    }
  return array;
}

static void
on_done (SoukDht *dht, const SoukDhtResult *result, void *user)
{
  PeerCommand *command = user;
  if (result->status != SOUK_STATUS_OK)
    {
      peer_fail (command, souk_status_name (result->status));
      return;
    }
  JsonObject *object = json_object_new ();
  JsonArray *peers = json_array_new ();
  for (guint i = 0; i < result->peers->len; i++)
    {
      const SoukPeerId *id = &g_array_index (result->peers, SoukPeerId, i);
      JsonObject *one = json_object_new ();
      g_autofree char *text = souk_peer_id_to_string (id);
      json_object_set_string_member (one, "id", text);
      json_object_set_array_member (one, "addrs", addrs_of (command->peer, id));
      json_array_add_object_element (peers, one);
    }
  json_object_set_array_member (object, "peers", peers);
  json_object_set_int_member (object, "responses", result->n_peers);
  if (result->value != NULL)
    {
      SoukSlice value = souk_slice_from_bytes (result->value);
      g_autofree char *text = g_strndup ((const char *)value.data, value.len);
      json_object_set_string_member (object, "value", text);
    }
  peer_answer (command, object);
}

/* Answers at once when it did not begin. */
static void
begun (PeerCommand *command, SoukStatus status)
{
  if (status != SOUK_STATUS_OK)
    peer_fail (command, souk_status_name (status));
}

static bool
has_dht (PeerCommand *command)
{
  if (command->peer->dht == NULL)
    peer_fail (command, "no DHT here");
  return command->peer->dht != NULL;
}

static void
run_put (PeerCommand *command)
{
  if (has_dht (command))
    begun (command, souk_dht_put (command->peer->dht, souk_slice_from_text (command->args[0]),
                                  souk_slice_from_text (command->args[1]), on_done, command, NULL));
}

static void
run_get (PeerCommand *command)
{
  if (has_dht (command))
    begun (command, souk_dht_get (command->peer->dht, souk_slice_from_text (command->args[0]),
                                  (unsigned)peer_arg (command, 1, 1), on_done, command, NULL));
}

static void
run_closest (PeerCommand *command)
{
  if (has_dht (command))
    begun (command,
           souk_dht_find_closest (command->peer->dht, souk_slice_from_text (command->args[0]),
                                  on_done, command, NULL));
}

static void
run_content (PeerCommand *command)
{
  SoukCid cid;
  if (!has_dht (command))
    return;
  if (souk_cid_parse (command->args[0], &cid) != SOUK_STATUS_OK)
    peer_fail (command, "no CID");
  else if (g_str_equal (command->name, "provide"))
    begun (command, souk_dht_provide (command->peer->dht, &cid, on_done, command, NULL));
  else
    begun (command,
           souk_dht_find_providers (command->peer->dht, &cid, (unsigned)peer_arg (command, 1, 20),
                                    on_done, command, NULL));
}

static void
run_find_peer (PeerCommand *command)
{
  SoukPeerId id;
  if (!has_dht (command))
    return;
  if (souk_peer_id_parse (command->args[0], &id) != SOUK_STATUS_OK)
    peer_fail (command, "no peer id");
  else
    begun (command, souk_dht_find_peer (command->peer->dht, &id, on_done, command, NULL));
}

static void
run_mode (PeerCommand *command)
{
  SoukKadStats stats;
  if (!has_dht (command))
    return;
  if (command->n_args > 0)
    souk_dht_set_server (command->peer->dht, g_str_equal (command->args[0], "server"));
  souk_dht_stats (command->peer->dht, &stats);
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, "mode",
                                 souk_dht_is_server (command->peer->dht) ? "server" : "client");
  json_object_set_int_member (object, "table", (gint64)stats.peers);
  json_object_set_int_member (object, "records", (gint64)stats.provider_records);
  json_object_set_int_member (object, "values", (gint64)stats.values);
  json_object_set_int_member (object, "refused", (gint64)stats.refused);
  peer_answer (command, object);
}

const PeerRow peer_dht_rows[] = {
  { "dhtPut", 2, run_put },
  { "dhtGet", 1, run_get },
  { "closest", 1, run_closest },
  { "provide", 1, run_content },
  { "findProviders", 1, run_content },
  { "findPeer", 1, run_find_peer },
  { "dhtMode", 0, run_mode },
  { NULL, 0, NULL },
};
