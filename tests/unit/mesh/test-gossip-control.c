/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests of mesh/gossip-control.c: one machine, and the test as its peer.
 */
#include "net.h"

#include <string.h>

#define TOPIC "t"

/* What a SEND of node 0 contains of one kind. */
static unsigned
count_control (Net *net, uint32_t kind)
{
  unsigned count = 0;
  SoukGossipEvent event;
  while (souk_gossip_next (net->nodes[0].gossip, &event))
    {
      if (event.type != SOUK_GOSSIP_EVENT_SEND)
        continue;
      SoukFields rpc = souk_fields (souk_slice_from_bytes (event.rpc));
      while (souk_fields_next (&rpc))
        {
          if (rpc.number == SOUK_RPC_PUBLISH && kind == 0)
            count++;
          if (rpc.number != SOUK_RPC_CONTROL)
            continue;
          SoukFields control = souk_fields (rpc.bytes);
          while (souk_fields_next (&control))
            count += control.number == kind;
        }
    }
  return count;
}

/* Node 1 says something to node 0. */
static void
say (Net *net, GByteArray *control)
{
  g_autoptr (GByteArray) rpc = g_byte_array_new ();
  souk_append_field_bytes (rpc, SOUK_RPC_CONTROL, souk_slice_from_array (control));
  g_assert_cmpint (souk_gossip_recv (net->nodes[0].gossip, &net->nodes[1].id,
                                     souk_slice_from_array (rpc), net->now),
                   ==, SOUK_STATUS_OK);
  g_byte_array_set_size (control, 0);
}

/* Node 0 in the topic, node 1 known to it as subscriber; all talk so far is done. */
static void
begin (Net *net, SoukGossipProtocol protocol)
{
  net_init (net, 2, NULL);
  g_autoptr (GByteArray) rpc = g_byte_array_new ();
  souk_gossip_add_peer (net->nodes[0].gossip, &net->nodes[1].id, protocol, false, net->now);
  souk_append_gossip_subscription (rpc, SOUK_SLICE_LITERAL (TOPIC), true);
  souk_gossip_recv (net->nodes[0].gossip, &net->nodes[1].id, souk_slice_from_array (rpc), net->now);
  souk_gossip_subscribe (net->nodes[0].gossip, TOPIC, net->now);
  g_assert_cmpuint (count_control (net, SOUK_CONTROL_GRAFT), ==, 1);
}

static void
beat (Net *net)
{
  net->now = souk_mono_add_ms (net->now, SOUK_GOSSIP_HEARTBEAT_MS);
  souk_gossip_tick (net->nodes[0].gossip, net->now);
}

static void
append_ihave (GByteArray *control, const char *prefix, unsigned count)
{
  g_autoptr (GByteArray) ids = g_byte_array_new ();
  for (unsigned i = 0; i < count; i++)
    {
      g_autofree char *id = g_strdup_printf ("%s-%u", prefix, i);
      souk_append_field_bytes (ids, SOUK_IHAVE_IDS, souk_slice_from_text (id));
    }
  souk_append_gossip_ihave (control, SOUK_SLICE_LITERAL (TOPIC), souk_slice_from_array (ids));
}

static void
test_ihave (void)
{
  Net net;
  g_autoptr (GByteArray) control = g_byte_array_new ();
  begin (&net, SOUK_GOSSIP_V1_1);
  append_ihave (control, "a", 3);
  say (&net, control);
  g_assert_cmpuint (count_control (&net, SOUK_CONTROL_IWANT), ==, 1);
  /* No topic, no question. */
  souk_append_gossip_ihave (control, SOUK_SLICE_LITERAL ("other"), SOUK_SLICE_EMPTY);
  say (&net, control);
  g_assert_cmpuint (count_control (&net, SOUK_CONTROL_IWANT), ==, 0);
  /* Too many of them: ten in a heartbeat are heard. */
  for (unsigned i = 0; i < 30; i++)
    append_ihave (control, i % 2 ? "b" : "c", 1);
  say (&net, control);
  g_assert_cmpuint (count_control (&net, SOUK_CONTROL_IWANT), ==,
                    SOUK_GOSSIP_IHAVE_MESSAGES_MAX - 1);
  beat (&net);
  append_ihave (control, "d", 1);
  say (&net, control);
  g_assert_cmpuint (count_control (&net, SOUK_CONTROL_IWANT), ==, 1);
  net_done (&net);
}

static void
test_broken_promises (void)
{
  Net net;
  SoukGossipStats stats;
  g_autoptr (GByteArray) control = g_byte_array_new ();
  begin (&net, SOUK_GOSSIP_V1_1);
  for (unsigned round = 0; round < 12; round++)
    {
      g_autofree char *prefix = g_strdup_printf ("r%u", round);
      append_ihave (control, prefix, 2);
      say (&net, control);
      beat (&net);
    }
  for (unsigned i = 0; i < 4; i++)
    beat (&net);
  count_control (&net, 0);
  g_assert_cmpfloat (net_score (&net, 1, 0), <, -10);
  /* Its gossip is not heard any more. */
  append_ihave (control, "z", 2);
  say (&net, control);
  g_assert_cmpuint (count_control (&net, SOUK_CONTROL_IWANT), ==, 0);
  souk_gossip_stats (net.nodes[0].gossip, &stats);
  g_assert_cmpuint (stats.promises, ==, 0);
  net_done (&net);
}

/* Node 1 advertises a message of node 2's under a js name and sends it: the promise is kept. */
static void
test_promise_by_js_name (void)
{
  Net net;
  SoukGossipStats stats;
  SoukIdentity author;
  SoukGossipMessage view;
  SoukGossipEvent event;
  uint8_t seed[32] = { 77 };
  g_autoptr (GByteArray) control = g_byte_array_new ();
  g_autoptr (GByteArray) rpc = g_byte_array_new ();
  g_autoptr (GByteArray) name = g_byte_array_new ();
  g_autoptr (GByteArray) ids = g_byte_array_new ();
  begin (&net, SOUK_GOSSIP_V1_1);
  souk_identity_init_seed (&author, seed);
  g_autoptr (GBytes) message = souk_gossip_message_sign (&author, SOUK_SLICE_LITERAL (TOPIC),
                                                         SOUK_SLICE_LITERAL ("data"), 3);
  souk_gossip_message_parse (souk_slice_from_bytes (message), &view);
  souk_gossip_message_name (&view, SOUK_GOSSIP_NAME_JS, name);
  souk_append_field_bytes (ids, SOUK_IHAVE_IDS, souk_slice_from_array (name));
  souk_append_gossip_ihave (control, SOUK_SLICE_LITERAL (TOPIC), souk_slice_from_array (ids));
  say (&net, control);
  g_assert_cmpuint (count_control (&net, SOUK_CONTROL_IWANT), ==, 1);
  souk_gossip_stats (net.nodes[0].gossip, &stats);
  g_assert_cmpuint (stats.promises, ==, 1);

  souk_append_field_bytes (rpc, SOUK_RPC_PUBLISH, souk_slice_from_bytes (message));
  souk_gossip_recv (net.nodes[0].gossip, &net.nodes[1].id, souk_slice_from_array (rpc), net.now);
  souk_gossip_stats (net.nodes[0].gossip, &stats);
  g_assert_cmpuint (stats.promises, ==, 0);
  g_assert_true (souk_gossip_next (net.nodes[0].gossip, &event));
  while (event.type != SOUK_GOSSIP_EVENT_MESSAGE)
    g_assert_true (souk_gossip_next (net.nodes[0].gossip, &event));
  souk_gossip_validated (net.nodes[0].gossip, event.id, SOUK_GOSSIP_ACCEPT, net.now);

  /* Offered again by that name, it is not asked for; asked for by that name, it is served. */
  count_control (&net, 0);
  souk_append_gossip_ihave (control, SOUK_SLICE_LITERAL (TOPIC), souk_slice_from_array (ids));
  say (&net, control);
  g_assert_cmpuint (count_control (&net, SOUK_CONTROL_IWANT), ==, 0);
  g_byte_array_set_size (ids, 0);
  souk_append_field_bytes (ids, SOUK_IWANT_IDS, souk_slice_from_array (name));
  souk_append_gossip_ids (control, SOUK_CONTROL_IWANT, souk_slice_from_array (ids));
  say (&net, control);
  g_assert_cmpuint (count_control (&net, 0), ==, 1);
  net_done (&net);
}

static void
test_iwant (void)
{
  Net net;
  size_t peers;
  g_autoptr (GByteArray) control = g_byte_array_new ();
  g_autoptr (GByteArray) ids = g_byte_array_new ();
  begin (&net, SOUK_GOSSIP_V1_1);
  souk_gossip_publish (net.nodes[0].gossip, TOPIC, SOUK_SLICE_LITERAL ("x"), net.now, &peers);
  g_assert_cmpuint (count_control (&net, 0), ==, 1);

  g_autoptr (GBytes) from = souk_peer_id_to_bytes (&net.nodes[0].id);
  g_autoptr (GByteArray) name = g_byte_array_new ();
  souk_append (name, souk_slice_from_bytes (from));
  souk_append_u64_be (name, 1000);
  souk_append_field_bytes (ids, SOUK_IWANT_IDS, souk_slice_from_array (name));
  souk_append_field_bytes (ids, SOUK_IWANT_IDS, SOUK_SLICE_LITERAL ("unknown"));
  for (unsigned i = 0; i < 6; i++)
    {
      souk_append_gossip_ids (control, SOUK_CONTROL_IWANT, souk_slice_from_array (ids));
      say (&net, control);
      g_assert_cmpuint (count_control (&net, 0), ==, i < SOUK_GOSSIP_RETRANSMISSIONS_MAX);
    }
  net_done (&net);
}

static void
test_graft_and_prune (void)
{
  Net net;
  const SoukSlice topic = SOUK_SLICE_LITERAL (TOPIC);
  g_autoptr (GByteArray) control = g_byte_array_new ();
  begin (&net, SOUK_GOSSIP_V1_1);
  souk_append_gossip_graft (control, SOUK_SLICE_LITERAL ("unknown"));
  say (&net, control);
  g_assert_cmpuint (count_control (&net, SOUK_CONTROL_PRUNE), ==, 0);

  souk_append_gossip_prune (control, topic, 30);
  say (&net, control);
  g_assert_cmpuint (souk_gossip_mesh_size (net.nodes[0].gossip, TOPIC), ==, 0);
  for (unsigned i = 0; i < 30; i++)
    beat (&net);
  g_assert_cmpuint (count_control (&net, SOUK_CONTROL_GRAFT), ==, 0);
  beat (&net);
  beat (&net);
  g_assert_cmpuint (count_control (&net, SOUK_CONTROL_GRAFT), ==, 1);
  g_assert_cmpuint (souk_gossip_mesh_size (net.nodes[0].gossip, TOPIC), ==, 1);

  /* Grafting within the backoff is refused and costs score in the end. */
  souk_append_gossip_prune (control, topic, 60);
  say (&net, control);
  for (unsigned i = 0; i < 4; i++)
    {
      souk_append_gossip_graft (control, topic);
      say (&net, control);
      g_assert_cmpuint (count_control (&net, SOUK_CONTROL_PRUNE), ==, 1);
    }
  g_assert_cmpuint (souk_gossip_mesh_size (net.nodes[0].gossip, TOPIC), ==, 0);
  g_assert_cmpfloat (net_score (&net, 1, 0), <, 0);
  net_done (&net);
}

static void
test_idontwant (void)
{
  Net net;
  SoukIdentity author;
  SoukGossipMessage view;
  uint8_t seed[32] = { 78 }, large[1000] = { 0 };
  net_init (&net, 3, NULL);
  net_subscribe_all (&net, TOPIC);
  net_connect (&net, 0, 1, SOUK_GOSSIP_V1_2);
  net_connect (&net, 0, 2, SOUK_GOSSIP_V1_2);
  net_run (&net, 1000);
  net.is_connected[0][1] = net.is_connected[0][2] = false; /* the test reads what 0 sends */
  souk_identity_init_seed (&author, seed);

  for (uint64_t round = 0; round < 2; round++)
    {
      g_autoptr (GByteArray) rpc = g_byte_array_new ();
      g_autoptr (GByteArray) control = g_byte_array_new ();
      g_autoptr (GByteArray) ids = g_byte_array_new ();
      g_autoptr (GByteArray) name = g_byte_array_new ();
      g_autoptr (GBytes) message = souk_gossip_message_sign (
          &author, SOUK_SLICE_LITERAL (TOPIC), souk_slice (large, sizeof large), round);
      souk_gossip_message_parse (souk_slice_from_bytes (message), &view);
      souk_gossip_message_name (&view, SOUK_GOSSIP_NAME_SPEC, name);
      souk_append_field_bytes (ids, SOUK_IDONTWANT_IDS, souk_slice_from_array (name));
      souk_append_gossip_ids (control, SOUK_CONTROL_IDONTWANT, souk_slice_from_array (ids));
      if (round == 1)
        say (&net, control);
      souk_append_field_bytes (rpc, SOUK_RPC_PUBLISH, souk_slice_from_bytes (message));
      unsigned before = net.nodes[0].sent;
      souk_gossip_recv (net.nodes[0].gossip, &net.nodes[2].id, souk_slice_from_array (rpc),
                        net.now);
      net_pump (&net);
      /* To 1: IDONTWANT and the message, in one RPC or two; in round 1 only the former. */
      SoukSlice last = souk_slice_from_bytes (net.nodes[0].last_rpc);
      g_assert_cmpuint (net.nodes[0].sent, >, before);
      g_assert_true (round == 1 ? last.len < sizeof large : last.len > sizeof large);
    }
  net_done (&net);
}

static void
test_flood_of_ids (void)
{
  Net net;
  SoukGossipStats stats;
  g_autoptr (GByteArray) control = g_byte_array_new ();
  begin (&net, SOUK_GOSSIP_V1_2);
  for (unsigned i = 0; i < 20; i++)
    {
      g_autoptr (GByteArray) ids = g_byte_array_new ();
      for (uint64_t j = 0; j < 5000; j++)
        {
          uint64_t id = i * 5000 + j;
          souk_append_field_bytes (ids, SOUK_IDONTWANT_IDS, souk_slice (&id, sizeof id));
        }
      souk_append_gossip_ids (control, SOUK_CONTROL_IDONTWANT, souk_slice_from_array (ids));
      say (&net, control);
      append_ihave (control, "many", 5000);
      say (&net, control);
    }
  souk_gossip_stats (net.nodes[0].gossip, &stats);
  g_assert_cmpuint (stats.promises, <=, SOUK_GOSSIP_IHAVE_MESSAGES_MAX);
  g_assert_cmpuint (count_control (&net, SOUK_CONTROL_IWANT), <=, 2);
  net_done (&net);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mesh/gossip-control/offered-messages-are-asked-for-within-limits", test_ihave);
  g_test_add_func ("/mesh/gossip-control/broken-promises-cost-score", test_broken_promises);
  g_test_add_func ("/mesh/gossip-control/a-message-is-known-by-both-its-names",
                   test_promise_by_js_name);
  g_test_add_func ("/mesh/gossip-control/an-asked-for-message-is-sent-three-times-at-most",
                   test_iwant);
  g_test_add_func ("/mesh/gossip-control/graft-and-prune-keep-to-the-backoff",
                   test_graft_and_prune);
  g_test_add_func ("/mesh/gossip-control/what-a-peer-does-not-want-is-not-sent", test_idontwant);
  g_test_add_func ("/mesh/gossip-control/floods-of-ids-are-bounded", test_flood_of_ids);
  return g_test_run ();
}
