/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests of mesh/gossip-mesh.c: degrees, backoff, fanout, gossip.
 */
#include "net.h"

#define TOPIC "t"

static void
connect_all (Net *net)
{
  for (size_t a = 0; a < net->count; a++)
    for (size_t b = a + 1; b < net->count; b++)
      net_connect (net, a, b, SOUK_GOSSIP_V1_1);
}

static void
test_degrees (void)
{
  Net net;
  net_init (&net, 30, NULL);
  net_subscribe_all (&net, TOPIC);
  connect_all (&net);
  net_run (&net, 5000);
  for (size_t i = 0; i < net.count; i++)
    {
      size_t degree = souk_gossip_mesh_size (net.nodes[i].gossip, TOPIC);
      g_assert_cmpuint (degree, >=, SOUK_GOSSIP_D_LO);
      g_assert_cmpuint (degree, <=, SOUK_GOSSIP_D_HI);
      g_assert_cmpuint (souk_gossip_topic_peers (net.nodes[i].gossip, TOPIC), ==, 29);
    }
  /* Half of them leave: the others' meshes close the gaps. */
  for (size_t a = 0; a < 15; a++)
    for (size_t b = 0; b < net.count; b++)
      if (net.is_connected[a][b])
        net_disconnect (&net, a, b);
  net_run (&net, 3000);
  for (size_t i = 15; i < net.count; i++)
    g_assert_cmpuint (souk_gossip_mesh_size (net.nodes[i].gossip, TOPIC), >=, SOUK_GOSSIP_D_LO);
  net_publish (&net, 20, TOPIC, "still here");
  net_run (&net, 1000);
  for (size_t i = 15; i < net.count; i++)
    g_assert_cmpuint (net.nodes[i].messages->len, ==, i != 20);
  net_done (&net);
}

static void
test_oversubscribed (void)
{
  Net net;
  net_init (&net, 25, NULL);
  net_subscribe_all (&net, TOPIC);
  /* Everybody dials node 0; node 0 dials two. All want it in their mesh, having nobody else. */
  for (size_t i = 1; i < net.count; i++)
    net_connect (&net, i <= 2 ? 0 : i, i <= 2 ? i : 0, SOUK_GOSSIP_V1_1);
  net_run (&net, 3000);
  size_t degree = souk_gossip_mesh_size (net.nodes[0].gossip, TOPIC);
  g_assert_cmpuint (degree, <=, SOUK_GOSSIP_D_HI);
  g_assert_cmpuint (degree, >=, SOUK_GOSSIP_D_LO);
  /* The quota: both outbound peers stay. */
  g_assert_cmpuint (souk_gossip_mesh_size (net.nodes[1].gossip, TOPIC), ==, 1);
  g_assert_cmpuint (souk_gossip_mesh_size (net.nodes[2].gossip, TOPIC), ==, 1);
  /* Nobody who was refused is punished: they keep to the backoff. */
  net_run (&net, 20000);
  for (size_t i = 1; i < net.count; i++)
    g_assert_cmpfloat (net_score (&net, i, 0), >=, 0);
  /* And what they have not by the mesh they get by gossip. */
  net_publish (&net, 0, TOPIC, "to all");
  net_run (&net, 3000);
  for (size_t i = 1; i < net.count; i++)
    g_assert_cmpuint (net.nodes[i].messages->len, ==, 1);
  net_done (&net);
}

static void
test_unsubscribe (void)
{
  Net net;
  net_init (&net, 2, NULL);
  net_subscribe_all (&net, TOPIC);
  net_connect (&net, 0, 1, SOUK_GOSSIP_V1_1);
  net_run (&net, 1000);
  souk_gossip_unsubscribe (net.nodes[0].gossip, TOPIC, net.now);
  net_pump (&net);
  g_assert_cmpuint (souk_gossip_mesh_size (net.nodes[1].gossip, TOPIC), ==, 0);
  g_assert_cmpuint (souk_gossip_topic_peers (net.nodes[1].gossip, TOPIC), ==, 0);
  g_assert_cmpuint (net_publish (&net, 1, TOPIC, "nobody hears"), ==, 0);
  net_run (&net, 1000);
  souk_gossip_subscribe (net.nodes[0].gossip, TOPIC, net.now);
  net_run (&net, 5000);
  g_assert_cmpuint (souk_gossip_mesh_size (net.nodes[0].gossip, TOPIC), ==, 0);
  net_run (&net, SOUK_GOSSIP_UNSUBSCRIBE_BACKOFF_MS);
  g_assert_cmpuint (souk_gossip_mesh_size (net.nodes[0].gossip, TOPIC), ==, 1);
  g_assert_cmpfloat (net_score (&net, 0, 1), >=, 0);
  net_done (&net);
}

static void
test_fanout (void)
{
  Net net;
  SoukGossipConfig config = { .no_flood_publish = true };
  net_init (&net, 12, &config);
  for (size_t i = 1; i < net.count; i++)
    {
      souk_gossip_subscribe (net.nodes[i].gossip, TOPIC, net.now);
      net_connect (&net, 0, i, SOUK_GOSSIP_V1_1);
      for (size_t j = 1; j < i; j++)
        net_connect (&net, j, i, SOUK_GOSSIP_V1_1);
    }
  net_run (&net, 2000);
  g_assert_cmpuint (net_publish (&net, 0, TOPIC, "one"), ==, SOUK_GOSSIP_D);
  net_run (&net, 3000);
  for (size_t i = 1; i < net.count; i++)
    g_assert_cmpuint (net.nodes[i].messages->len, ==, 1);
  net_run (&net, SOUK_GOSSIP_FANOUT_MS);
  souk_gossip_subscribe (net.nodes[0].gossip, TOPIC, net.now);
  net_pump (&net);
  g_assert_cmpuint (souk_gossip_mesh_size (net.nodes[0].gossip, TOPIC), ==, SOUK_GOSSIP_D);
  net_done (&net);
}

static void
test_flood (void)
{
  Net net;
  net_init (&net, 20, NULL);
  net_subscribe_all (&net, TOPIC);
  connect_all (&net);
  net_run (&net, 2000);
  g_assert_cmpuint (net_publish (&net, 0, TOPIC, "all"), ==, 19);
  net_done (&net);
}

static void
test_bad_peers_leave_the_mesh (void)
{
  Net net;
  net_init (&net, 2, NULL);
  net_subscribe_all (&net, TOPIC);
  net_connect (&net, 0, 1, SOUK_GOSSIP_V1_1);
  net_run (&net, 1000);
  souk_gossip_set_application_score (net.nodes[1].gossip, &net.nodes[0].id, -50);
  net_run (&net, 1100);
  g_assert_cmpuint (souk_gossip_mesh_size (net.nodes[1].gossip, TOPIC), ==, 0);
  g_assert_cmpuint (souk_gossip_mesh_size (net.nodes[0].gossip, TOPIC), ==, 0);
  net_done (&net);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mesh/gossip-mesh/degrees-keep-their-bounds-when-half-the-nodes-leave",
                   test_degrees);
  g_test_add_func ("/mesh/gossip-mesh/a-node-that-all-want-keeps-its-bound-and-its-outbound-peers",
                   test_oversubscribed);
  g_test_add_func ("/mesh/gossip-mesh/after-leaving-a-topic-the-backoff-is-kept", test_unsubscribe);
  g_test_add_func ("/mesh/gossip-mesh/a-publisher-outside-the-topic-has-a-fanout", test_fanout);
  g_test_add_func ("/mesh/gossip-mesh/an-own-message-goes-to-everybody", test_flood);
  g_test_add_func ("/mesh/gossip-mesh/a-peer-with-a-negative-score-leaves-the-mesh",
                   test_bad_peers_leave_the_mesh);
  return g_test_run ();
}
