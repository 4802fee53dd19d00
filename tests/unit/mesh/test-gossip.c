/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests of mesh/gossip.c, gossip-receive.c and gossip-queue.c.
 */
#include "net.h"

#include <string.h>

#define TOPIC "/souk/1/prompts"

static void
test_two_nodes (void)
{
  Net net;
  net_init (&net, 2, NULL);
  net_subscribe_all (&net, TOPIC);
  net_connect (&net, 0, 1, SOUK_GOSSIP_V1_1);
  net_run (&net, 200);
  g_assert_cmpuint (souk_gossip_mesh_size (net.nodes[0].gossip, TOPIC), ==, 1);
  g_assert_cmpuint (souk_gossip_mesh_size (net.nodes[1].gossip, TOPIC), ==, 1);
  g_assert_cmpuint (net_publish (&net, 0, TOPIC, "hello"), ==, 1);
  net_run (&net, 5000);
  g_assert_cmpuint (net.nodes[1].messages->len, ==, 1);
  g_assert_cmpuint (net.nodes[0].messages->len, ==, 0);
  g_assert_true (souk_peer_id_is_equal (&net.nodes[1].last_author, &net.nodes[0].id));
  g_assert_cmpuint (net.nodes[1].last_seqno, ==, 1000);
  net_publish (&net, 0, TOPIC, "hello");
  net_pump (&net);
  g_assert_cmpuint (net.nodes[1].last_seqno, ==, 1001);
  net_done (&net);
}

static void
test_line (void)
{
  Net net;
  net_init (&net, 8, NULL);
  net_subscribe_all (&net, TOPIC);
  for (size_t i = 0; i + 1 < net.count; i++)
    net_connect (&net, i, i + 1, SOUK_GOSSIP_V1_2);
  net_run (&net, 200);
  net_publish (&net, 0, TOPIC, "through");
  net_run (&net, 3000);
  for (size_t i = 1; i < net.count; i++)
    g_assert_cmpuint (net.nodes[i].messages->len, ==, 1);
  net_done (&net);
}

static void
test_verdicts (void)
{
  Net net;
  net_init (&net, 3, NULL);
  net_subscribe_all (&net, TOPIC);
  net_connect (&net, 0, 1, SOUK_GOSSIP_V1_1);
  net_connect (&net, 1, 2, SOUK_GOSSIP_V1_1);
  net_run (&net, 200);

  net.nodes[1].holds_verdicts = true;
  net_publish (&net, 0, TOPIC, "wait");
  net_run (&net, 2000);
  g_assert_cmpuint (net.nodes[2].messages->len, ==, 0);
  g_assert_true (souk_gossip_validated (net.nodes[1].gossip, net.nodes[1].last_id,
                                        SOUK_GOSSIP_ACCEPT, net.now));
  g_assert_false (souk_gossip_validated (net.nodes[1].gossip, net.nodes[1].last_id,
                                         SOUK_GOSSIP_ACCEPT, net.now));
  net_pump (&net);
  g_assert_cmpuint (net.nodes[2].messages->len, ==, 1);

  net.nodes[1].holds_verdicts = false;
  net.nodes[1].verdict = SOUK_GOSSIP_IGNORE;
  net_publish (&net, 0, TOPIC, "ignore");
  net_run (&net, 2000);
  g_assert_cmpuint (net.nodes[2].messages->len, ==, 1);
  g_assert_cmpfloat (net_score (&net, 0, 1), >, 0);

  net.nodes[1].verdict = SOUK_GOSSIP_REJECT;
  net_publish (&net, 0, TOPIC, "reject");
  net_pump (&net);
  g_assert_cmpuint (net.nodes[2].messages->len, ==, 1);
  g_assert_cmpfloat (net_score (&net, 0, 1), <, 0);
  net_done (&net);
}

static void
test_verdict_too_late (void)
{
  Net net;
  SoukGossipStats stats;
  net_init (&net, 2, NULL);
  net_subscribe_all (&net, TOPIC);
  net_connect (&net, 0, 1, SOUK_GOSSIP_V1_1);
  net_run (&net, 200);
  net.nodes[1].holds_verdicts = true;
  net_publish (&net, 0, TOPIC, "wait");
  net_pump (&net);
  souk_gossip_stats (net.nodes[1].gossip, &stats);
  g_assert_cmpuint (stats.pending, ==, 1);
  net_run (&net, SOUK_GOSSIP_PENDING_MS + 2000);
  souk_gossip_stats (net.nodes[1].gossip, &stats);
  g_assert_cmpuint (stats.pending, ==, 0);
  g_assert_cmpuint (stats.pending_bytes, ==, 0);
  g_assert_false (souk_gossip_validated (net.nodes[1].gossip, net.nodes[1].last_id,
                                         SOUK_GOSSIP_ACCEPT, net.now));
  net_done (&net);
}

/* An RPC of one message, signed by node 0, in which one byte of the signature is wrong. */
static GByteArray *
forged_rpc (Net *net, uint64_t seqno)
{
  GByteArray *rpc = g_byte_array_new ();
  g_autoptr (GBytes) message = souk_gossip_message_sign (
      &net->nodes[0].identity, SOUK_SLICE_LITERAL (TOPIC), SOUK_SLICE_LITERAL ("forged"), seqno);
  souk_append_field_bytes (rpc, SOUK_RPC_PUBLISH, souk_slice_from_bytes (message));
  rpc->data[rpc->len - 1] ^= 1;
  return rpc;
}

static void
test_forged (void)
{
  Net net;
  SoukGossipStats stats;
  net_init (&net, 2, NULL);
  net_subscribe_all (&net, TOPIC);
  net_connect (&net, 0, 1, SOUK_GOSSIP_V1_1);
  net_run (&net, 200);
  SoukGossip *victim = net.nodes[1].gossip;
  /* A forged copy does not keep the true message out. */
  g_autoptr (GByteArray) first = forged_rpc (&net, 1000);
  souk_gossip_recv (victim, &net.nodes[0].id, souk_slice_from_array (first), net.now);
  net_publish (&net, 0, TOPIC, "true");
  net_pump (&net);
  g_assert_cmpint (net.nodes[1].last_refusal, ==, SOUK_STATUS_BAD_SIGNATURE);
  g_assert_cmpuint (net.nodes[1].messages->len, ==, 1);
  /* And its sender is soon not read any more. */
  for (uint64_t i = 0; i < 10; i++)
    {
      g_autoptr (GByteArray) rpc = forged_rpc (&net, 5000 + i);
      souk_gossip_recv (victim, &net.nodes[0].id, souk_slice_from_array (rpc), net.now);
    }
  souk_gossip_stats (victim, &stats);
  g_assert_cmpuint (stats.invalid, <, 10);
  net_publish (&net, 0, TOPIC, "too late");
  net_pump (&net);
  g_assert_cmpuint (net.nodes[1].messages->len, ==, 1);
  net_done (&net);
}

static void
test_own_message_returns (void)
{
  Net net;
  net_init (&net, 2, NULL);
  net_subscribe_all (&net, TOPIC);
  net_connect (&net, 0, 1, SOUK_GOSSIP_V1_1);
  net_run (&net, 200);
  g_autoptr (GByteArray) rpc = g_byte_array_new ();
  g_autoptr (GBytes) message = souk_gossip_message_sign (
      &net.nodes[0].identity, SOUK_SLICE_LITERAL (TOPIC), SOUK_SLICE_LITERAL ("old"), 1);
  souk_append_field_bytes (rpc, SOUK_RPC_PUBLISH, souk_slice_from_bytes (message));
  souk_gossip_recv (net.nodes[0].gossip, &net.nodes[1].id, souk_slice_from_array (rpc), net.now);
  net_pump (&net);
  g_assert_cmpuint (net.nodes[0].messages->len, ==, 0);
  net_done (&net);
}

static void
test_sizes (void)
{
  Net net;
  SoukGossipConfig config = { .data_size_max = SOUK_GOSSIP_DATA_SIZE_MAX };
  size_t peers;
  net_init (&net, 2, &config);
  net_subscribe_all (&net, TOPIC);
  net_connect (&net, 0, 1, SOUK_GOSSIP_V1_1);
  net_run (&net, 200);
  g_autofree uint8_t *large = g_malloc0 (SOUK_GOSSIP_DATA_SIZE_MAX + 1);
  g_assert_cmpint (souk_gossip_publish (net.nodes[0].gossip, TOPIC,
                                        souk_slice (large, SOUK_GOSSIP_DATA_SIZE_MAX + 1), net.now,
                                        &peers),
                   ==, SOUK_STATUS_TOO_LARGE);
  g_assert_cmpint (souk_gossip_publish (net.nodes[0].gossip, TOPIC,
                                        souk_slice (large, SOUK_GOSSIP_DATA_SIZE_MAX), net.now,
                                        &peers),
                   ==, SOUK_STATUS_OK);
  net_pump (&net);
  g_assert_cmpuint (net.nodes[1].messages->len, ==, 1);
  net_done (&net);

  /* A node with the smaller limit takes it for an invalid message. */
  net_init (&net, 2, NULL);
  net_subscribe_all (&net, TOPIC);
  net_connect (&net, 0, 1, SOUK_GOSSIP_V1_1);
  net_run (&net, 200);
  g_autoptr (GByteArray) rpc = g_byte_array_new ();
  g_autoptr (GBytes) message
      = souk_gossip_message_sign (&net.nodes[0].identity, SOUK_SLICE_LITERAL (TOPIC),
                                  souk_slice (large, SOUK_GOSSIP_DATA_SIZE_DEFAULT + 1), 9);
  souk_append_field_bytes (rpc, SOUK_RPC_PUBLISH, souk_slice_from_bytes (message));
  souk_gossip_recv (net.nodes[1].gossip, &net.nodes[0].id, souk_slice_from_array (rpc), net.now);
  net_pump (&net);
  g_assert_cmpuint (net.nodes[1].messages->len, ==, 0);
  g_assert_cmpint (net.nodes[1].last_refusal, ==, SOUK_STATUS_TOO_LARGE);
  g_assert_cmpfloat (net_score (&net, 0, 1), <, 0);
  net_done (&net);
}

static void
test_slow_peer (void)
{
  Net net;
  SoukGossipStats stats;
  size_t peers;
  g_autofree uint8_t *data = g_malloc0 (SOUK_GOSSIP_DATA_SIZE_DEFAULT);
  net_init (&net, 2, NULL);
  net_subscribe_all (&net, TOPIC);
  net_connect (&net, 0, 1, SOUK_GOSSIP_V1_1);
  net_run (&net, 200);
  souk_gossip_set_writable (net.nodes[0].gossip, &net.nodes[1].id, false);
  for (int i = 0; i < 200; i++)
    souk_gossip_publish (net.nodes[0].gossip, TOPIC,
                         souk_slice (data, SOUK_GOSSIP_DATA_SIZE_DEFAULT), net.now, &peers);
  net_pump (&net);
  souk_gossip_stats (net.nodes[0].gossip, &stats);
  g_assert_cmpuint (net.nodes[1].messages->len, ==, 0);
  g_assert_cmpuint (stats.queued_bytes, <=, SOUK_GOSSIP_QUEUE_BYTES_MAX);
  g_assert_cmpuint (stats.dropped, >, 100);
  souk_gossip_set_writable (net.nodes[0].gossip, &net.nodes[1].id, true);
  net_pump (&net);
  g_assert_cmpuint (net.nodes[1].messages->len, ==, 200 - stats.dropped);
  souk_gossip_stats (net.nodes[0].gossip, &stats);
  g_assert_cmpuint (stats.queued_bytes, ==, 0);
  net_done (&net);
}

static void
test_topic_limits (void)
{
  Net net;
  SoukGossipStats stats;
  net_init (&net, 2, NULL);
  net_connect (&net, 0, 1, SOUK_GOSSIP_V1_1);
  net_pump (&net);
  /* More topics than are kept; names that are none. */
  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *name = g_strdup_printf ("topic-%d", i);
      g_autoptr (GByteArray) rpc = g_byte_array_new ();
      souk_append_gossip_subscription (rpc, souk_slice_from_text (name), true);
      souk_append_gossip_subscription (rpc, SOUK_SLICE_EMPTY, true);
      souk_append_gossip_subscription (rpc, SOUK_SLICE_LITERAL ("a\0b"), true);
      souk_gossip_recv (net.nodes[1].gossip, &net.nodes[0].id, souk_slice_from_array (rpc),
                        net.now);
    }
  souk_gossip_stats (net.nodes[1].gossip, &stats);
  g_assert_cmpuint (stats.topics, ==, SOUK_GOSSIP_PEER_TOPICS_MAX);
  net_disconnect (&net, 0, 1);
  souk_gossip_stats (net.nodes[1].gossip, &stats);
  g_assert_cmpuint (stats.topics, ==, 0);

  /* Own topics. */
  SoukStatus status = SOUK_STATUS_OK;
  for (int i = 0; i <= SOUK_GOSSIP_OWN_TOPICS_MAX; i++)
    {
      g_autofree char *name = g_strdup_printf ("own-%d", i);
      g_assert_cmpint (status, ==, SOUK_STATUS_OK);
      status = souk_gossip_subscribe (net.nodes[1].gossip, name, net.now);
    }
  g_assert_cmpint (status, ==, SOUK_STATUS_LIMIT);
  souk_gossip_unsubscribe (net.nodes[1].gossip, "own-3", net.now);
  g_assert_cmpint (souk_gossip_subscribe (net.nodes[1].gossip, "own-x", net.now), ==,
                   SOUK_STATUS_OK);
  net_done (&net);
}

static void
test_malformed (void)
{
  Net net;
  net_init (&net, 2, NULL);
  net_subscribe_all (&net, TOPIC);
  net_connect (&net, 0, 1, SOUK_GOSSIP_V1_1);
  net_run (&net, 200);
  const uint8_t bad[] = { 0x0a, 0x05 };
  for (int i = 0; i < 3; i++)
    g_assert_cmpint (souk_gossip_recv (net.nodes[1].gossip, &net.nodes[0].id,
                                       souk_slice (bad, sizeof bad), net.now),
                     ==, SOUK_STATUS_BAD_ENCODING);
  g_assert_cmpfloat (net_score (&net, 0, 1), <, -80);
  /* Nobody and a graylisted peer are not read. */
  SoukPeerId nobody = net.nodes[1].id;
  g_assert_cmpint (
      souk_gossip_recv (net.nodes[1].gossip, &nobody, souk_slice (bad, sizeof bad), net.now), ==,
      SOUK_STATUS_OK);
  g_assert_cmpint (souk_gossip_recv (net.nodes[1].gossip, &net.nodes[0].id,
                                     souk_slice (bad, sizeof bad), net.now),
                   ==, SOUK_STATUS_OK);
  /* Coming back does not help. */
  net_disconnect (&net, 0, 1);
  net_connect (&net, 0, 1, SOUK_GOSSIP_V1_1);
  g_assert_cmpfloat (net_score (&net, 0, 1), <, -80);
  net_done (&net);
}

static void
test_pending_is_bounded (void)
{
  Net net;
  SoukGossipStats stats;
  net_init (&net, 2, NULL);
  net_subscribe_all (&net, TOPIC);
  net_connect (&net, 0, 1, SOUK_GOSSIP_V1_1);
  net_run (&net, 200);
  net.nodes[1].holds_verdicts = true;
  for (int i = 0; i < SOUK_GOSSIP_PENDING_MAX + 50; i++)
    {
      net_publish (&net, 0, TOPIC, "x");
      net_pump (&net);
    }
  souk_gossip_stats (net.nodes[1].gossip, &stats);
  g_assert_cmpuint (stats.pending, ==, SOUK_GOSSIP_PENDING_MAX);
  g_assert_cmpuint (stats.dropped, ==, 50);
  net_done (&net);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mesh/gossip/a-message-reaches-a-neighbour-once", test_two_nodes);
  g_test_add_func ("/mesh/gossip/a-message-goes-through-a-line-of-nodes", test_line);
  g_test_add_func ("/mesh/gossip/nothing-is-forwarded-before-its-verdict", test_verdicts);
  g_test_add_func ("/mesh/gossip/a-verdict-that-does-not-come-counts-as-ignore",
                   test_verdict_too_late);
  g_test_add_func ("/mesh/gossip/a-forged-copy-harms-only-its-sender", test_forged);
  g_test_add_func ("/mesh/gossip/an-own-message-that-returns-is-not-delivered",
                   test_own_message_returns);
  g_test_add_func ("/mesh/gossip/a-message-over-the-limit-is-refused", test_sizes);
  g_test_add_func ("/mesh/gossip/a-slow-peer's-queue-is-bounded", test_slow_peer);
  g_test_add_func ("/mesh/gossip/topics-are-bounded", test_topic_limits);
  g_test_add_func ("/mesh/gossip/malformed-bytes-end-in-the-graylist", test_malformed);
  g_test_add_func ("/mesh/gossip/messages-without-a-verdict-are-bounded", test_pending_is_bounded);
  return g_test_run ();
}
