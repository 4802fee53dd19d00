/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests of mesh/gossip-codec.c: another program's bytes, and the generated code as a second
 * reader.
 */
#include "mesh/gossip-codec.h"

#include "net.h"
#include "wire/gossipsub.pb-c.h"
#include "wire/message.h"

#include <string.h>

static void
assert_same (SoukSlice found, GBytes *wanted)
{
  g_assert_cmpmem (found.data, found.len, g_bytes_get_data (wanted, NULL),
                   g_bytes_get_size (wanted));
}

static void
test_vector_verifies (void)
{
  SoukGossipMessage message;
  SoukPeerId author;
  g_autoptr (GBytes) raw = vector_bytes ("gossip", "message");
  g_autoptr (GBytes) data = vector_bytes ("gossip", "data");
  g_assert_cmpint (souk_gossip_message_parse (souk_slice_from_bytes (raw), &message), ==,
                   SOUK_STATUS_OK);
  assert_same (message.data, data);
  g_assert_cmpint (souk_gossip_message_author (&message, &author), ==, SOUK_STATUS_OK);
  g_assert_cmpint (souk_gossip_message_verify (&message, &author), ==, SOUK_STATUS_OK);

  g_autoptr (GByteArray) spec = g_byte_array_new ();
  g_autoptr (GByteArray) js = g_byte_array_new ();
  g_autoptr (GBytes) wanted_spec = vector_bytes ("gossip", "name_spec");
  g_autoptr (GBytes) wanted_js = vector_bytes ("gossip", "name_js");
  g_assert_true (souk_gossip_message_name (&message, SOUK_GOSSIP_NAME_SPEC, spec));
  g_assert_true (souk_gossip_message_name (&message, SOUK_GOSSIP_NAME_JS, js));
  assert_same (souk_slice_from_array (spec), wanted_spec);
  assert_same (souk_slice_from_array (js), wanted_js);
}

static void
test_sign_as_vector (void)
{
  SoukIdentity identity;
  SoukGossipMessage ours;
  g_autofree char *topic = vector_text ("gossip", "topic");
  g_autoptr (GBytes) seed = vector_bytes ("gossip", "seed");
  g_autoptr (GBytes) data = vector_bytes ("gossip", "data");
  g_autoptr (GBytes) signature = vector_bytes ("gossip", "signature");
  souk_identity_init_seed (&identity, g_bytes_get_data (seed, NULL));
  g_autoptr (GBytes) raw = souk_gossip_message_sign (&identity, souk_slice_from_text (topic),
                                                     souk_slice_from_bytes (data), 1);
  g_assert_cmpint (souk_gossip_message_parse (souk_slice_from_bytes (raw), &ours), ==,
                   SOUK_STATUS_OK);
  assert_same (ours.signature, signature);

  /* The js name is made of the id when the message has no key. */
  g_autoptr (GByteArray) js = g_byte_array_new ();
  g_autoptr (GBytes) wanted_js = vector_bytes ("gossip", "name_js");
  g_assert_cmpuint (ours.key.len, ==, 0);
  g_assert_true (souk_gossip_message_name (&ours, SOUK_GOSSIP_NAME_JS, js));
  assert_same (souk_slice_from_array (js), wanted_js);
}

static void
test_unknown_field_is_signed (void)
{
  SoukIdentity identity;
  SoukGossipMessage message;
  SoukPeerId author;
  uint8_t seed[32] = { 7 }, signature[64];
  souk_identity_init_seed (&identity, seed);
  g_autoptr (GBytes) plain
      = souk_gossip_message_sign (&identity, SOUK_SLICE_LITERAL ("t"), SOUK_SLICE_LITERAL ("d"), 9);
  /* The same message with a field 15 in front, signed anew. */
  g_autoptr (GByteArray) content = g_byte_array_new ();
  souk_append (content, SOUK_SLICE_LITERAL ("libp2p-pubsub:"));
  souk_append_field_number (content, 15, 1);
  SoukFields fields = souk_fields (souk_slice_from_bytes (plain));
  while (souk_fields_next (&fields))
    if (fields.number < 5)
      souk_append (content, fields.raw);
  souk_identity_sign (&identity, signature, souk_slice_from_array (content));
  g_byte_array_remove_range (content, 0, strlen ("libp2p-pubsub:"));
  souk_append_field_bytes (content, 5, souk_slice (signature, 64));

  g_assert_cmpint (souk_gossip_message_parse (souk_slice_from_array (content), &message), ==,
                   SOUK_STATUS_OK);
  g_assert_cmpint (souk_gossip_message_author (&message, &author), ==, SOUK_STATUS_OK);
  g_assert_cmpint (souk_gossip_message_verify (&message, &author), ==, SOUK_STATUS_OK);
  content->data[1] = 2; /* the unknown field's value */
  g_assert_cmpint (souk_gossip_message_verify (&message, &author), ==, SOUK_STATUS_BAD_SIGNATURE);
}

static void
test_every_flipped_bit_is_found (void)
{
  SoukIdentity identity;
  uint8_t seed[32] = { 3 };
  souk_identity_init_seed (&identity, seed);
  g_autoptr (GBytes) good = souk_gossip_message_sign (&identity, SOUK_SLICE_LITERAL ("topic"),
                                                      SOUK_SLICE_LITERAL ("data"), 5);
  size_t len = g_bytes_get_size (good);
  for (size_t bit = 0; bit < len * 8; bit++)
    {
      g_autofree uint8_t *bad = g_memdup2 (g_bytes_get_data (good, NULL), len);
      SoukGossipMessage message;
      SoukPeerId author;
      bad[bit / 8] ^= 1 << bit % 8;
      if (souk_gossip_message_parse (souk_slice (bad, len), &message) == SOUK_STATUS_OK
          && souk_gossip_message_author (&message, &author) == SOUK_STATUS_OK)
        g_assert_cmpint (souk_gossip_message_verify (&message, &author), !=, SOUK_STATUS_OK);
    }
}

static void
test_unsigned (void)
{
  g_autoptr (GBytes) good = vector_bytes ("gossip", "message");
  for (uint32_t left_out = 1; left_out <= 5; left_out++)
    {
      SoukGossipMessage message;
      SoukPeerId author;
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      SoukFields fields = souk_fields (souk_slice_from_bytes (good));
      while (souk_fields_next (&fields))
        if (fields.number != left_out)
          souk_append (bytes, fields.raw);
      g_assert_cmpint (souk_gossip_message_parse (souk_slice_from_array (bytes), &message), ==,
                       SOUK_STATUS_OK);
      bool is_needed = left_out == 1 || left_out == 3 || left_out == 5;
      g_assert_cmpint (souk_gossip_message_author (&message, &author), ==,
                       is_needed ? SOUK_STATUS_UNSIGNED : SOUK_STATUS_OK);
    }
}

static void
test_other_key (void)
{
  SoukIdentity other;
  SoukGossipMessage message;
  SoukPeerId author;
  uint8_t seed[32] = { 99 };
  souk_identity_init_seed (&other, seed);
  g_autoptr (GBytes) key = souk_identity_public_key (&other);
  g_autoptr (GBytes) good = vector_bytes ("gossip", "message");
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  souk_append (bytes, souk_slice_from_bytes (good));
  souk_append_field_bytes (bytes, 6, souk_slice_from_bytes (key));
  g_assert_cmpint (souk_gossip_message_parse (souk_slice_from_array (bytes), &message), ==,
                   SOUK_STATUS_OK);
  g_assert_cmpint (souk_gossip_message_author (&message, &author), ==, SOUK_STATUS_BAD_PEER_ID);
}

static void
assert_control (const char *name, GByteArray *control)
{
  g_autoptr (GBytes) wanted = vector_bytes ("gossip", name);
  g_autoptr (GByteArray) rpc = g_byte_array_new ();
  souk_append_field_bytes (rpc, SOUK_RPC_CONTROL, souk_slice_from_array (control));
  assert_same (souk_slice_from_array (rpc), wanted);
  g_assert_cmpint (souk_gossip_rpc_check (souk_slice_from_array (rpc)), ==, SOUK_STATUS_OK);
  g_byte_array_set_size (control, 0);
}

static void
test_control_vectors (void)
{
  const SoukSlice topic = SOUK_SLICE_LITERAL ("news");
  g_autoptr (GByteArray) control = g_byte_array_new ();
  g_autoptr (GByteArray) ids = g_byte_array_new ();
  souk_append_gossip_graft (control, topic);
  assert_control ("rpc_graft", control);
  souk_append_gossip_prune (control, topic, 60);
  assert_control ("rpc_prune", control);
  souk_append_field_bytes (ids, SOUK_IHAVE_IDS, SOUK_SLICE_LITERAL ("id1"));
  souk_append_field_bytes (ids, SOUK_IHAVE_IDS, SOUK_SLICE_LITERAL ("id2"));
  souk_append_gossip_ihave (control, topic, souk_slice_from_array (ids));
  assert_control ("rpc_ihave", control);
  g_byte_array_set_size (ids, 0);
  souk_append_field_bytes (ids, SOUK_IWANT_IDS, SOUK_SLICE_LITERAL ("id1"));
  souk_append_gossip_ids (control, SOUK_CONTROL_IWANT, souk_slice_from_array (ids));
  assert_control ("rpc_iwant", control);
  souk_append_gossip_ids (control, SOUK_CONTROL_IDONTWANT, souk_slice_from_array (ids));
  assert_control ("rpc_idontwant", control);

  g_autoptr (GBytes) wanted = vector_bytes ("gossip", "rpc_subscribe");
  g_autoptr (GByteArray) rpc = g_byte_array_new ();
  souk_append_gossip_subscription (rpc, topic, true);
  assert_same (souk_slice_from_array (rpc), wanted);
}

static void
test_generated_code_reads_it (void)
{
  SoukIdentity identity;
  uint8_t seed[32] = { 1 };
  souk_identity_init_seed (&identity, seed);
  g_autoptr (GByteArray) rpc = g_byte_array_new ();
  g_autoptr (GByteArray) control = g_byte_array_new ();
  g_autoptr (GBytes) message = souk_gossip_message_sign (&identity, SOUK_SLICE_LITERAL ("topic"),
                                                         SOUK_SLICE_LITERAL ("data"), 77);
  souk_append_gossip_subscription (rpc, SOUK_SLICE_LITERAL ("topic"), false);
  souk_append_field_bytes (rpc, SOUK_RPC_PUBLISH, souk_slice_from_bytes (message));
  souk_append_gossip_prune (control, SOUK_SLICE_LITERAL ("topic"), 10);
  souk_append_gossip_graft (control, SOUK_SLICE_LITERAL ("other"));
  souk_append_field_bytes (rpc, SOUK_RPC_CONTROL, souk_slice_from_array (control));

  SOUK_AUTO_MESSAGE Gossipsub__RPC *read
      = souk_message_unpack (&gossipsub__rpc__descriptor, souk_slice_from_array (rpc));
  g_assert_nonnull (read);
  g_assert_cmpuint (read->n_subscriptions, ==, 1);
  g_assert_cmpstr (read->subscriptions[0]->topicid, ==, "topic");
  g_assert_false (read->subscriptions[0]->subscribe);
  g_assert_cmpstr (read->publish[0]->topic, ==, "topic");
  g_assert_cmpuint (read->publish[0]->seqno.len, ==, 8);
  g_assert_cmpuint (read->publish[0]->seqno.data[7], ==, 77);
  g_assert_cmpuint (read->control->prune[0]->backoff, ==, 10);
  g_assert_cmpstr (read->control->graft[0]->topicid, ==, "other");
}

static void
test_bad_rpcs (void)
{
  static const char *const texts[] = {
    "0a0108",       /* a subscription that ends early */
    "12040a05ab",   /* a message longer than the RPC */
    "0801",         /* subscriptions as a number */
    "1a041a020a05", /* a graft that ends early */
  };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) bytes = souk_hex_decode (texts[i]);
      g_assert_cmpint (souk_gossip_rpc_check (souk_slice_from_bytes (bytes)), ==,
                       SOUK_STATUS_BAD_ENCODING);
    }
  g_autofree uint8_t *large = g_malloc0 (SOUK_GOSSIP_RPC_SIZE_MAX + 1);
  g_assert_cmpint (souk_gossip_rpc_check (souk_slice (large, SOUK_GOSSIP_RPC_SIZE_MAX + 1)), ==,
                   SOUK_STATUS_TOO_LARGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mesh/gossip-codec/a-message-of-another-program-verifies",
                   test_vector_verifies);
  g_test_add_func ("/mesh/gossip-codec/the-signature-is-the-other-program's", test_sign_as_vector);
  g_test_add_func ("/mesh/gossip-codec/an-unknown-field-is-part-of-what-is-signed",
                   test_unknown_field_is_signed);
  g_test_add_func ("/mesh/gossip-codec/every-flipped-bit-is-found",
                   test_every_flipped_bit_is_found);
  g_test_add_func ("/mesh/gossip-codec/author-seqno-and-signature-are-needed", test_unsigned);
  g_test_add_func ("/mesh/gossip-codec/a-key-that-is-not-the-author's-is-refused", test_other_key);
  g_test_add_func ("/mesh/gossip-codec/control-messages-are-the-other-program's",
                   test_control_vectors);
  g_test_add_func ("/mesh/gossip-codec/the-generated-code-reads-it", test_generated_code_reads_it);
  g_test_add_func ("/mesh/gossip-codec/malformed-and-large-rpcs-are-refused", test_bad_rpcs);
  return g_test_run ();
}
