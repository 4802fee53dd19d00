/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests of mesh/kad-codec.c: js-libp2p's bytes, and the generated code as a second reader.
 */
#include "mesh/kad-codec.h"

#include "mesh/kad-limits.h"
#include "support.h"
#include "wire/kad.pb-c.h"
#include "wire/message.h"

typedef struct {
  JsonObject *root;
  SoukPeerId a, b;
  GBytes *content; /* a multihash */
} Vectors;

#define TEST_KEY SOUK_SLICE_LITERAL ("/test/key")
#define TEST_VALUE SOUK_SLICE_LITERAL ("value")
/* 2026-01-02T03:04:05.678Z */
#define TEST_TIME ((SoukWall){ INT64_C (1767323045678000) })

static void
vectors_init (Vectors *self)
{
  self->root = souk_test_vectors ("kad.json");
  g_autoptr (GBytes) a = souk_test_member_hex (self->root, "peer_a");
  g_autoptr (GBytes) b = souk_test_member_hex (self->root, "peer_b");
  g_autoptr (GBytes) message = souk_test_member_hex (self->root, "get_providers");
  SoukKadMessage view;
  souk_assert_status (souk_peer_id_from_bytes (souk_slice_from_bytes (a), &self->a), OK);
  souk_assert_status (souk_peer_id_from_bytes (souk_slice_from_bytes (b), &self->b), OK);
  souk_assert_status (souk_kad_message_parse (souk_slice_from_bytes (message), &view), OK);
  self->content = souk_slice_to_bytes (view.key);
}

static void
vectors_done (Vectors *self)
{
  json_object_unref (self->root);
  g_bytes_unref (self->content);
}

static const char *
hex (const Vectors *vectors, const char *name)
{
  return json_object_get_string_member (vectors->root, name);
}

static void
test_keys (void)
{
  Vectors v;
  vectors_init (&v);
  SoukKadKey peer = souk_kad_key_of_peer (&v.a), text = souk_kad_key (TEST_KEY);
  SoukKadKey content = souk_kad_key (souk_slice_from_bytes (v.content));
  souk_assert_hex (souk_slice (peer.bytes, 32), hex (&v, "key_of_peer_a"));
  souk_assert_hex (souk_slice (text.bytes, 32), hex (&v, "key_of_test_key"));
  souk_assert_hex (souk_slice (content.bytes, 32), hex (&v, "key_of_content"));
  g_assert_cmpuint (souk_kad_key_shared (&peer, &peer), ==, 256);
  SoukKadKey one = { { 0 } }, other = { { 0, 0x10 } };
  g_assert_cmpuint (souk_kad_key_shared (&one, &other), ==, 11);
  SoukKadKey distance = souk_kad_key_distance (&one, &other);
  g_assert_cmpint (souk_kad_key_compare (&distance, &other), ==, 0);
  vectors_done (&v);
}

static void
test_writes (void)
{
  Vectors v;
  vectors_init (&v);
  SoukMultiaddr addr;
  souk_assert_status (souk_multiaddr_parse ("/ip4/127.0.0.1/tcp/4001", &addr), OK);
  g_autoptr (GBytes) addrs = souk_kad_addrs_pack (&addr, 1, SOUK_KAD_ADDRS_ANY);
  g_autoptr (GBytes) b = souk_peer_id_to_bytes (&v.b);
  g_autoptr (GByteArray) out = g_byte_array_new ();

  souk_append_kad_head (out, SOUK_KAD_PUT_VALUE, TEST_KEY);
  souk_append_kad_record (out, TEST_KEY, TEST_VALUE, TEST_TIME);
  souk_assert_hex (souk_slice_from_array (out), hex (&v, "put_value"));
  g_byte_array_set_size (out, 0);
  souk_append_kad_head (out, SOUK_KAD_GET_VALUE, TEST_KEY);
  souk_assert_hex (souk_slice_from_array (out), hex (&v, "get_value"));
  g_byte_array_set_size (out, 0);
  souk_append_kad_head (out, SOUK_KAD_ADD_PROVIDER, souk_slice_from_bytes (v.content));
  souk_append_kad_peer (out, SOUK_KAD_PROVIDERS, &v.a, addrs, false);
  souk_assert_hex (souk_slice_from_array (out), hex (&v, "add_provider"));
  g_byte_array_set_size (out, 0);
  souk_append_kad_head (out, SOUK_KAD_GET_PROVIDERS, souk_slice_from_bytes (v.content));
  souk_assert_hex (souk_slice_from_array (out), hex (&v, "get_providers"));
  g_byte_array_set_size (out, 0);
  souk_append_kad_head (out, SOUK_KAD_FIND_NODE, souk_slice_from_bytes (b));
  souk_assert_hex (souk_slice_from_array (out), hex (&v, "find_node"));
  vectors_done (&v);
}

static void
test_reads (void)
{
  Vectors v;
  SoukKadMessage message;
  SoukKadPeerView peer;
  SoukMultiaddr addr;
  vectors_init (&v);
  g_autoptr (GBytes) put = souk_test_member_hex (v.root, "put_value");
  g_autoptr (GBytes) add = souk_test_member_hex (v.root, "add_provider");
  souk_assert_status (souk_kad_message_parse (souk_slice_from_bytes (put), &message), OK);
  g_assert_cmpint (message.type, ==, SOUK_KAD_PUT_VALUE);
  g_assert_true (message.has_record);
  g_assert_true (souk_slice_is_equal (message.record_key, TEST_KEY));
  g_assert_true (souk_slice_is_equal (message.value, TEST_VALUE));
  g_assert_cmpuint (message.time_received.len, ==, 30);

  souk_assert_status (souk_kad_message_parse (souk_slice_from_bytes (add), &message), OK);
  g_assert_cmpint (message.type, ==, SOUK_KAD_ADD_PROVIDER);
  SoukKadPeers peers = souk_kad_peers (&message, SOUK_KAD_CLOSER);
  g_assert_false (souk_kad_peers_next (&peers, &peer));
  peers = souk_kad_peers (&message, SOUK_KAD_PROVIDERS);
  g_assert_true (souk_kad_peers_next (&peers, &peer));
  g_assert_true (souk_peer_id_is_equal (&peer.id, &v.a));
  g_autoptr (GBytes) addrs = souk_kad_peer_addrs (&peer, SOUK_KAD_ADDRS_PRIVATE);
  g_assert_cmpuint (souk_kad_addrs_unpack (addrs, &addr, 1), ==, 1);
  g_autofree char *text = souk_multiaddr_to_string (&addr);
  g_assert_cmpstr (text, ==, "/ip4/127.0.0.1/tcp/4001");
  g_assert_null (souk_kad_peer_addrs (&peer, SOUK_KAD_ADDRS_PUBLIC));
  g_assert_false (souk_kad_peers_next (&peers, &peer));
  vectors_done (&v);
}

static void
test_generated_code_writes_it (void)
{
  Vectors v;
  SoukKadMessage view;
  SoukKadPeerView one;
  vectors_init (&v);
  g_autoptr (GBytes) id = souk_peer_id_to_bytes (&v.b);
  Kad__Pb__Message message = KAD__PB__MESSAGE__INIT;
  Kad__Pb__Message__Peer peer = KAD__PB__MESSAGE__PEER__INIT, *peers[] = { &peer };
  peer.id = souk_field_from_slice (souk_slice_from_bytes (id));
  peer.connection = KAD__PB__MESSAGE__CONNECTION_TYPE__CAN_CONNECT;
  message.type = KAD__PB__MESSAGE__MESSAGE_TYPE__FIND_NODE;
  message.key = souk_field_from_slice (TEST_KEY);
  message.cluster_level_raw = 3;
  message.closer_peers = peers;
  message.n_closer_peers = 1;
  g_autoptr (GBytes) packed = souk_message_pack (&message);
  souk_assert_status (souk_kad_message_parse (souk_slice_from_bytes (packed), &view), OK);
  g_assert_cmpint (view.type, ==, SOUK_KAD_FIND_NODE);
  SoukKadPeers list = souk_kad_peers (&view, SOUK_KAD_CLOSER);
  g_assert_true (souk_kad_peers_next (&list, &one));
  g_assert_true (souk_peer_id_is_equal (&one.id, &v.b));
  g_assert_cmpuint (one.connection, ==, 2);
  vectors_done (&v);
}

static void
test_malformed (void)
{
  static const char *const bad[] = { "0806", "1205", "1a020a05", "42020a05", "4201ff", "4205" };
  SoukKadMessage message;
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) bytes = souk_test_hex (bad[i]);
      souk_assert_status (souk_kad_message_parse (souk_slice_from_bytes (bytes), &message),
                          BAD_KAD);
    }
  g_autofree uint8_t *large = g_malloc0 (SOUK_KAD_MESSAGE_SIZE_MAX + 1);
  souk_assert_status (
      souk_kad_message_parse (souk_slice (large, SOUK_KAD_MESSAGE_SIZE_MAX + 1), &message),
      TOO_LARGE);
  g_autoptr (GByteArray) long_key = g_byte_array_new ();
  souk_append_kad_head (long_key, SOUK_KAD_GET_VALUE,
                        souk_slice (large, SOUK_KAD_KEY_SIZE_MAX + 1));
  souk_assert_status (souk_kad_message_parse (souk_slice_from_array (long_key), &message), BAD_KAD);
}

static void
test_many_peers (void)
{
  SoukKadMessage message;
  SoukKadPeerView peer;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  Vectors v;
  vectors_init (&v);
  souk_append_kad_head (out, SOUK_KAD_FIND_NODE, TEST_KEY);
  for (unsigned i = 0; i < 1000; i++)
    souk_append_kad_peer (out, SOUK_KAD_CLOSER, &v.a, NULL, true);
  souk_assert_status (souk_kad_message_parse (souk_slice_from_array (out), &message), OK);
  SoukKadPeers peers = souk_kad_peers (&message, SOUK_KAD_CLOSER);
  unsigned n = 0;
  while (souk_kad_peers_next (&peers, &peer))
    n++;
  g_assert_cmpuint (n, ==, SOUK_KAD_PEERS_MAX);

  SoukMultiaddr addrs[20];
  for (unsigned i = 0; i < G_N_ELEMENTS (addrs); i++)
    souk_assert_status (souk_multiaddr_parse ("/ip4/8.8.8.8/tcp/1", &addrs[i]), OK);
  g_autoptr (GBytes) packed = souk_kad_addrs_pack (addrs, 20, SOUK_KAD_ADDRS_PUBLIC);
  g_assert_cmpuint (souk_kad_addrs_unpack (packed, addrs, 20), ==, SOUK_KAD_ADDRS_MAX);
  vectors_done (&v);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mesh/kad-codec/keys-are-those-of-js-libp2p", test_keys);
  g_test_add_func ("/mesh/kad-codec/writes-what-js-libp2p-writes", test_writes);
  g_test_add_func ("/mesh/kad-codec/reads-what-js-libp2p-writes", test_reads);
  g_test_add_func ("/mesh/kad-codec/reads-what-generated-code-writes",
                   test_generated_code_writes_it);
  g_test_add_func ("/mesh/kad-codec/malformed-messages-are-refused", test_malformed);
  g_test_add_func ("/mesh/kad-codec/peers-and-addresses-beyond-the-limit-are-not-looked-at",
                   test_many_peers);
  return g_test_run ();
}
