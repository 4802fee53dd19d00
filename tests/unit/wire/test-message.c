/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/message.h"

#include "support.h"
#include "wire/bitswap.pb-c.h"
#include "wire/gossipsub.pb-c.h"
#include "wire/identify.pb-c.h"
#include "wire/noise.pb-c.h"
#include "wire/peer-record.pb-c.h"
#include "wire/souk.pb-c.h"

static void *
unpack_member (const ProtobufCMessageDescriptor *type, JsonObject *object, const char *name)
{
  g_autoptr (GBytes) bytes = souk_test_member_hex (object, name);
  void *message = souk_message_unpack (type, souk_slice_from_bytes (bytes));
  g_assert_nonnull (message);
  return message;
}

/* What comes out when it is packed again. */
static void
assert_packs (const void *message, const char *hex)
{
  g_autoptr (GBytes) bytes = souk_message_pack (message);
  souk_assert_hex (souk_slice_from_bytes (bytes), hex);
}

static void
test_libp2p (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("messages.json");
  SOUK_AUTO_MESSAGE Noise__HandshakePayload *noise
      = unpack_member (&noise__handshake_payload__descriptor, vectors, "noise_payload");
  g_assert_cmpuint (noise->identity_sig.len, ==, 64);
  g_assert_cmpuint (noise->extensions->n_stream_muxers, ==, 1);
  g_assert_cmpstr (noise->extensions->stream_muxers[0], ==, "/yamux/1.0.0");
  assert_packs (noise, json_object_get_string_member (vectors, "noise_payload"));

  SOUK_AUTO_MESSAGE Identify__Identify *identify
      = unpack_member (&identify__identify__descriptor, vectors, "identify");
  g_assert_cmpstr (identify->agentversion, ==, "test/1");
  g_assert_cmpuint (identify->n_protocols, ==, 2);
  g_assert_true (identify->has_signedpeerrecord);

  SOUK_AUTO_MESSAGE PeerRecord__Envelope *envelope
      = unpack_member (&peer_record__envelope__descriptor, vectors, "envelope");
  assert_packs (envelope, json_object_get_string_member (vectors, "envelope"));
  souk_assert_hex (souk_slice_from_field (envelope->payload),
                   json_object_get_string_member (vectors, "peer_record"));
  SOUK_AUTO_MESSAGE PeerRecord__PeerRecord *record
      = unpack_member (&peer_record__peer_record__descriptor, vectors, "peer_record");
  g_assert_cmpuint (record->seq, ==, 1);
  g_assert_cmpuint (record->n_addresses, ==, 1);
}

static void
test_gossipsub (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("messages.json");
  JsonArray *rows = json_object_get_array_member (vectors, "gossipsub");
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      const char *hex = json_array_get_string_element (rows, i);
      g_autoptr (GBytes) bytes = souk_test_hex (hex);
      SOUK_AUTO_MESSAGE Gossipsub__RPC *rpc
          = souk_message_unpack (&gossipsub__rpc__descriptor, souk_slice_from_bytes (bytes));
      g_assert_nonnull (rpc);
      assert_packs (rpc, hex);
    }
}

static void
test_bitswap (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("messages.json");
  JsonObject *rows = json_object_get_object_member (vectors, "bitswap");
  SOUK_AUTO_MESSAGE Bitswap__Message *want
      = unpack_member (&bitswap__message__descriptor, rows, "wantHave");
  const Bitswap__Message__Wantlist__Entry *entry = want->wantlist->entries[0];
  g_assert_cmpint (entry->wanttype, ==, BITSWAP__MESSAGE__WANTLIST__WANT_TYPE__Have);
  g_assert_true (entry->senddonthave);
  g_assert_false (entry->cancel);
  SOUK_AUTO_MESSAGE Bitswap__Message *block
      = unpack_member (&bitswap__message__descriptor, rows, "block");
  souk_assert_hex (souk_slice_from_field (block->payload[0]->prefix), "01551220");
  assert_packs (block, json_object_get_string_member (rows, "block"));
  SOUK_AUTO_MESSAGE Bitswap__Message *missing
      = unpack_member (&bitswap__message__descriptor, rows, "dontHave");
  g_assert_cmpint (missing->blockpresences[0]->type, ==,
                   BITSWAP__MESSAGE__BLOCK_PRESENCE_TYPE__DontHave);
}

static void
test_record (void)
{
  /* The signature's field is the last: the rest is what is signed. */
  Souk__Record record = SOUK__RECORD__INIT;
  record.type = 1;
  record.author = souk_field_from_slice (SOUK_SLICE_LITERAL ("author"));
  record.sequence = 7;
  record.body = souk_field_from_slice (SOUK_SLICE_LITERAL ("body"));
  g_autoptr (GBytes) unsigned_bytes = souk_message_pack (&record);
  record.signature = souk_field_from_slice (SOUK_SLICE_LITERAL ("signature"));
  g_autoptr (GByteArray) signed_bytes = g_byte_array_new ();
  souk_append_varint_message (signed_bytes, &record);

  SoukReader reader = souk_reader (souk_slice_from_array (signed_bytes));
  SoukSlice packed = souk_reader_varint_bytes (&reader);
  g_assert_true (souk_reader_is_done (&reader));
  SoukSlice head = souk_slice_from_bytes (unsigned_bytes);
  g_assert_true (souk_slice_is_equal (souk_slice (packed.data, head.len), head));
  SOUK_AUTO_MESSAGE Souk__Record *back = souk_message_unpack (&souk__record__descriptor, packed);
  g_assert_cmpuint (back->sequence, ==, 7);
  g_assert_cmpuint (back->wallet.len, ==, 0);
}

static void
test_oneof (void)
{
  Souk__Refusal refusal = SOUK__REFUSAL__INIT;
  refusal.code = (char *)"too-late";
  Souk__JobMessage message = SOUK__JOB_MESSAGE__INIT;
  message.body_case = SOUK__JOB_MESSAGE__BODY_REFUSAL;
  message.refusal = &refusal;
  g_autoptr (GBytes) bytes = souk_message_pack (&message);
  SOUK_AUTO_MESSAGE Souk__JobMessage *back
      = souk_message_unpack (&souk__job_message__descriptor, souk_slice_from_bytes (bytes));
  g_assert_cmpint (back->body_case, ==, SOUK__JOB_MESSAGE__BODY_REFUSAL);
  g_assert_cmpstr (back->refusal->code, ==, "too-late");
}

static void
test_refuses (void)
{
  static const char *const bad[] = { "0a", "0a05", "ffffffffffffffffffffff", "0a01ff", "00" };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) bytes = souk_test_hex (bad[i]);
      g_assert_null (
          souk_message_unpack (&gossipsub__rpc__descriptor, souk_slice_from_bytes (bytes)));
    }
}

static void
test_bomb (void)
{
  /* Half a million empty messages in one: 1 MiB here, 60 MiB unpacked. */
  enum { COUNT = 512 * 1024 };
  g_autoptr (GByteArray) bomb = g_byte_array_sized_new (2 * COUNT);
  for (int i = 0; i < COUNT; i++)
    souk_append (bomb, SOUK_SLICE_LITERAL ("\x12\x00"));
  g_assert_null (souk_message_unpack (&gossipsub__rpc__descriptor, souk_slice_from_array (bomb)));
  /* A few hundred are nothing to worry about. */
  g_byte_array_set_size (bomb, 600);
  SOUK_AUTO_MESSAGE Gossipsub__RPC *rpc
      = souk_message_unpack (&gossipsub__rpc__descriptor, souk_slice_from_array (bomb));
  g_assert_cmpuint (rpc->n_publish, ==, 300);
}

static void
test_honest_size (void)
{
  /* A large and honest message fits: 20,000 message ids of 40 bytes. */
  g_autoptr (GByteArray) ids = g_byte_array_new ();
  uint8_t id[42] = { 0x12, 40 };
  for (int i = 0; i < 20000; i++)
    souk_append (ids, souk_slice (id, sizeof id));
  SOUK_AUTO_MESSAGE Gossipsub__ControlIHave *ihave
      = souk_message_unpack (&gossipsub__control_ihave__descriptor, souk_slice_from_array (ids));
  g_assert_cmpuint (ihave->n_messageids, ==, 20000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/message/noise-identify-and-peer-records-of-others", test_libp2p);
  g_test_add_func ("/wire/message/gossipsub-messages-of-others-both-ways", test_gossipsub);
  g_test_add_func ("/wire/message/bitswap-messages-of-others", test_bitswap);
  g_test_add_func ("/wire/message/a-record-is-signed-as-its-own-beginning", test_record);
  g_test_add_func ("/wire/message/a-conversation-says-which-message-it-is", test_oneof);
  g_test_add_func ("/wire/message/broken-messages-are-refused", test_refuses);
  g_test_add_func ("/wire/message/a-message-that-swells-is-refused", test_bomb);
  g_test_add_func ("/wire/message/a-large-honest-message-is-taken", test_honest_size);
  return g_test_run ();
}
