/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Swarms on loopback: connecting, limits, scores, streams.
 */
#include "swarm-pair.h"

#include <gio/gio.h>

static void
test_connect (void)
{
  g_autoptr (Node) a = node_new (1);
  g_autoptr (Node) b = node_new (2);
  connect_nodes (a, b);
  wait_for (a->n_identified == 1 && b->n_identified == 1);
  g_assert_cmpuint (a->n_connected, ==, 1);
  g_assert_cmpuint (b->n_connected, ==, 1);
  g_assert_true (souk_swarm_peer_serves (a->swarm, &b->id, "/ipfs/ping/1.0.0"));
  g_autoptr (SoukPeerInfo) info = souk_swarm_peer_info (b->swarm, &a->id);
  g_assert_true (info->is_connected);
  g_assert_true (info->is_inbound);
  g_assert_cmpstr (info->agent, ==, "test/1");
  g_assert_nonnull (info->record);
  /* It can be dialled at the address that it has said. */
  g_assert_cmpuint (info->addrs->len, ==, 1);
  /* A second dial is answered by the connection that is there. */
  connect_nodes (a, b);
  g_assert_cmpuint (a->n_connected, ==, 1);

  souk_swarm_disconnect (a->swarm, &b->id);
  g_assert_cmpuint (a->n_disconnected, ==, 1);
  wait_for (b->n_disconnected == 1);
  Outcome outcome = { 0 };
  souk_swarm_dial_peer (b->swarm, &a->id, outcome_dial, &outcome);
  wait_for (outcome.is_done);
  g_assert_true (outcome.is_good);
}

static void
test_failures (void)
{
  g_autoptr (Node) a = node_new (1);
  g_autoptr (Node) b = node_new (2);
  Outcome closed = { 0 }, wrong = { 0 }, self = { 0 }, unknown = { 0 }, other = { 0 };
  SoukMultiaddr addr, bare;
  souk_multiaddr_parse ("/ip4/127.0.0.1/tcp/1", &addr);
  souk_swarm_dial (a->swarm, &addr, outcome_dial, &closed);
  bare = souk_multiaddr_without_peer_id (&b->addr);
  SoukPeerId stranger = a->id;
  stranger.hash.digest[10] ^= 1;
  g_assert_cmpint (souk_multiaddr_with_peer_id (&bare, &stranger, &addr), ==, SOUK_STATUS_OK);
  souk_swarm_dial (a->swarm, &addr, outcome_dial, &wrong);
  souk_swarm_dial (a->swarm, &a->addr, outcome_dial, &self);
  souk_swarm_dial_peer (a->swarm, &stranger, outcome_dial, &unknown);
  souk_multiaddr_parse ("/ip4/127.0.0.1/udp/1/quic-v1", &addr);
  souk_swarm_dial (a->swarm, &addr, outcome_dial, &other);
  wait_for (closed.is_done && wrong.is_done && self.is_done && unknown.is_done && other.is_done);
  g_assert_error (closed.error, SOUK_SWARM_ERROR, SOUK_SWARM_ERROR_SYSTEM);
  g_assert_error (wrong.error, SOUK_SWARM_ERROR, SOUK_STATUS_WRONG_PEER);
  g_assert_error (self.error, SOUK_SWARM_ERROR, SOUK_STATUS_SELF_DIAL);
  g_assert_nonnull (unknown.error);
  g_assert_error (other.error, SOUK_SWARM_ERROR, SOUK_STATUS_UNSUPPORTED);
  g_clear_error (&closed.error);
  g_clear_error (&wrong.error);
  g_clear_error (&self.error);
  g_clear_error (&unknown.error);
  g_clear_error (&other.error);
}

static void
test_self_without_id (void)
{
  g_autoptr (Node) a = node_new (1);
  Outcome outcome = { 0 };
  SoukMultiaddr addr = souk_multiaddr_without_peer_id (&a->addr);
  souk_swarm_dial (a->swarm, &addr, outcome_dial, &outcome);
  wait_for (outcome.is_done);
  g_assert_error (outcome.error, SOUK_SWARM_ERROR, SOUK_STATUS_SELF_DIAL);
  g_clear_error (&outcome.error);
}

static void
test_name (void)
{
  g_autoptr (Node) a = node_new (1);
  g_autoptr (Node) b = node_new (2);
  SoukMultiaddrPart parts[SOUK_MULTIADDR_PARTS_MAX];
  SoukMultiaddr addr;
  Outcome outcome = { 0 };
  souk_multiaddr_parts (&b->addr, parts);
  g_autofree char *text = g_strdup_printf ("/dns4/localhost/tcp/%d",
                                           parts[1].value.data[0] << 8 | parts[1].value.data[1]);
  g_assert_cmpint (souk_multiaddr_parse (text, &addr), ==, SOUK_STATUS_OK);
  souk_swarm_dial (a->swarm, &addr, outcome_dial, &outcome);
  wait_for (outcome.is_done);
  g_assert_no_error (outcome.error);
  g_assert_true (souk_swarm_is_connected (a->swarm, &b->id));
}

/* Both dial at once: one connection is left in the end, and it works all the time. */
static void
test_crossing (void)
{
  g_autoptr (Node) a = node_new (1);
  g_autoptr (Node) b = node_new (2);
  Outcome one = { 0 }, two = { 0 };
  souk_swarm_dial (a->swarm, &b->addr, outcome_dial, &one);
  souk_swarm_dial (b->swarm, &a->addr, outcome_dial, &two);
  wait_for (one.is_done && two.is_done);
  g_assert_true (one.is_good && two.is_good);
  g_assert_cmpuint (a->n_connected, ==, 1);
  g_assert_cmpuint (b->n_connected, ==, 1);
  wait_for_ms (false, 6000);
  g_assert_cmpuint (a->n_disconnected + b->n_disconnected, ==, 0);
  g_assert_true (souk_swarm_is_connected (a->swarm, &b->id));
  g_assert_true (souk_swarm_is_connected (b->swarm, &a->id));
}

static void
test_ban (void)
{
  g_autoptr (Node) a = node_new (1);
  g_autoptr (Node) b = node_new (2);
  connect_nodes (a, b);
  souk_swarm_penalise (a->swarm, &b->id, SOUK_STATUS_PROTOCOL_REFUSED);
  g_assert_true (souk_swarm_is_connected (a->swarm, &b->id));
  for (int i = 0; i < 5; i++)
    souk_swarm_penalise (a->swarm, &b->id, SOUK_STATUS_BAD_SIGNATURE);
  /* Five times 20, less a little that has faded: the sixth is too much. */
  souk_swarm_penalise (a->swarm, &b->id, SOUK_STATUS_BAD_SIGNATURE);
  g_assert_cmpuint (a->n_banned, ==, 1);
  g_assert_false (souk_swarm_is_connected (a->swarm, &b->id));
  Outcome outcome = { 0 };
  souk_swarm_dial (a->swarm, &b->addr, outcome_dial, &outcome);
  wait_for (outcome.is_done);
  g_assert_error (outcome.error, SOUK_SWARM_ERROR, SOUK_STATUS_LIMIT);
  g_clear_error (&outcome.error);
  /* The peer comes by itself and is sent away. */
  wait_for (b->n_disconnected == 1);
  outcome = (Outcome){ 0 };
  souk_swarm_dial (b->swarm, &a->addr, outcome_dial, &outcome);
  wait_for (outcome.is_done);
  g_clear_error (&outcome.error);
  wait_for (!souk_swarm_is_connected (b->swarm, &a->id));
  g_assert_cmpuint (a->n_connected, ==, 1);
}

/* Sockets that say nothing. */
static void
test_handshakes_max (void)
{
  SoukSwarmLimits limits = SOUK_SWARM_LIMITS_DEFAULT;
  limits.handshakes_max = 3;
  g_autoptr (Node) a = node_new_limited (1, limits);
  GSocketConnection *connections[6] = { NULL };
  SoukMultiaddrPart parts[SOUK_MULTIADDR_PARTS_MAX];
  souk_multiaddr_parts (&a->addr, parts);
  uint16_t port = (uint16_t)(parts[1].value.data[0] << 8 | parts[1].value.data[1]);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  for (int i = 0; i < 6; i++)
    connections[i] = g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, NULL);
  wait_for (a->n_refused == 3);
  for (int i = 0; i < 6; i++)
    g_clear_object (&connections[i]);
  /* When they are gone there is room again. */
  g_autoptr (Node) b = node_new (2);
  Outcome outcome = { 0 };
  do
    {
      g_clear_error (&outcome.error);
      outcome = (Outcome){ 0 };
      wait_for_ms (false, 20);
      souk_swarm_dial (b->swarm, &a->addr, outcome_dial, &outcome);
      wait_for (outcome.is_done);
    }
  while (!outcome.is_good);
}

static void
test_many (void)
{
  g_autoptr (Node) hub = node_new (100);
  Node *nodes[30];
  Outcome outcomes[30] = { 0 };
  for (uint8_t i = 0; i < 30; i++)
    {
      nodes[i] = node_new (i);
      souk_swarm_dial (hub->swarm, &nodes[i]->addr, outcome_dial, &outcomes[i]);
    }
  for (int i = 0; i < 30; i++)
    {
      wait_for (outcomes[i].is_done);
      g_assert_no_error (outcomes[i].error);
    }
  g_autoptr (GArray) peers = souk_swarm_connected_peers (hub->swarm);
  g_assert_cmpuint (peers->len, ==, 30);
  wait_for (hub->n_identified == 30);
  for (int i = 0; i < 30; i++)
    node_free (nodes[i]);
  wait_for (hub->n_disconnected == 30);
}

static void
test_push (void)
{
  g_autoptr (Node) a = node_new (1);
  g_autoptr (Node) b = node_new (2);
  connect_nodes (a, b);
  wait_for (b->n_identified == 1);
  g_assert_false (souk_swarm_peer_serves (b->swarm, &a->id, "/late/1"));
  souk_swarm_serve (a->swarm, "/late/1", NULL, NULL, NULL);
  wait_for (souk_swarm_peer_serves (b->swarm, &a->id, "/late/1"));
  souk_swarm_unserve (a->swarm, "/late/1");
  wait_for (!souk_swarm_peer_serves (b->swarm, &a->id, "/late/1"));
}

static void
on_pong (SoukSwarm *swarm, const SoukPeerId *peer, int64_t round_trip_us, void *user)
{
  *(int64_t *)user = round_trip_us;
}

static void
test_ping (void)
{
  g_autoptr (Node) a = node_new (1);
  g_autoptr (Node) b = node_new (2);
  int64_t one = -2, two = -2, three = -2;
  souk_swarm_ping (a->swarm, &b->id, on_pong, &three);
  wait_for (three == -1);
  connect_nodes (a, b);
  souk_swarm_ping (a->swarm, &b->id, on_pong, &one);
  souk_swarm_ping (a->swarm, &b->id, on_pong, &two);
  wait_for (one > 0 && two > 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/swarm/swarm/two-nodes-connect-identify-part-and-meet-again", test_connect);
  g_test_add_func ("/swarm/swarm/a-dial-that-fails-says-why", test_failures);
  g_test_add_func ("/swarm/swarm/dialling-oneself-is-noticed", test_self_without_id);
  g_test_add_func ("/swarm/swarm/a-name-is-resolved", test_name);
  g_test_add_func ("/swarm/swarm/dials-that-cross-leave-one-connection", test_crossing);
  g_test_add_func ("/swarm/swarm/a-repeat-offender-is-banned", test_ban);
  g_test_add_func ("/swarm/swarm/silent-sockets-do-not-take-every-place", test_handshakes_max);
  g_test_add_func ("/swarm/swarm/a-hub-has-thirty-peers", test_many);
  g_test_add_func ("/swarm/swarm/a-new-protocol-is-pushed-to-peers", test_push);
  g_test_add_func ("/swarm/swarm/pings-are-answered-or-reported-missing", test_ping);
  return g_test_run ();
}
