/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Identify and the signed peer record, with vectors of another implementation.
 */
#include "link/identify.h"
#include "vectors.h"

static void
vector_identity (const char *name, SoukIdentity *out)
{
  uint8_t seed[32];
  JsonObject *object = json_object_get_object_member (vectors_object ("identities"), name);
  vectors_fill (object, "seed", seed, 32);
  souk_identity_init_seed (out, seed);
}

static SoukMultiaddr
address (const char *text)
{
  SoukMultiaddr addr;
  g_assert_cmpint (souk_multiaddr_parse (text, &addr), ==, SOUK_STATUS_OK);
  return addr;
}

static void
test_record (void)
{
  SoukIdentity a, b;
  JsonObject *vector = vectors_object ("peer_record");
  vector_identity ("a", &a);
  vector_identity ("b", &b);
  SoukPeerId id_a = souk_identity_peer_id (&a), id_b = souk_identity_peer_id (&b);
  SoukMultiaddr addr = address (json_object_get_string_member (vector, "address"));
  g_autoptr (GBytes) expected = vectors_bytes (vector, "envelope");
  g_autoptr (GBytes) sealed = souk_peer_record_seal (&a, &addr, 1, 1);
  g_assert_true (g_bytes_equal (sealed, expected));

  SoukMultiaddr out[4];
  size_t len = 0;
  uint64_t seq = 0;
  SoukSlice in = souk_slice_from_bytes (sealed);
  g_assert_cmpint (souk_peer_record_open (in, &id_a, out, 4, &len, &seq), ==, SOUK_STATUS_OK);
  g_assert_cmpuint (len, ==, 1);
  g_assert_cmpuint (seq, ==, 1);
  g_assert_true (souk_multiaddr_is_equal (&out[0], &addr));
  g_assert_cmpint (souk_peer_record_open (in, &id_b, out, 4, &len, &seq), ==,
                   SOUK_STATUS_BAD_PEER_RECORD);
  /* Any changed byte is noticed. */
  for (size_t at = 0; at < in.len; at++)
    {
      g_autofree uint8_t *changed = g_memdup2 (in.data, in.len);
      changed[at] ^= 1;
      g_assert_cmpint (
          souk_peer_record_open (souk_slice (changed, in.len), &id_a, out, 4, &len, &seq), !=,
          SOUK_STATUS_OK);
    }
}

static void
test_message (void)
{
  SoukIdentity a;
  JsonObject *vector = vectors_object ("identify");
  vector_identity ("a", &a);
  SoukPeerId id = souk_identity_peer_id (&a);
  g_autoptr (GBytes) message = vectors_bytes (vector, "message");
  g_autoptr (SoukIdentifyInfo) info = NULL;
  g_assert_cmpint (souk_identify_decode (souk_slice_from_bytes (message), &id, &info), ==,
                   SOUK_STATUS_OK);
  g_assert_cmpstr (info->agent, ==, "test/1");
  g_assert_cmpstr (info->protocol_version, ==, "ipfs/0.1.0");
  g_assert_cmpstr (info->protocols[0], ==, "/ipfs/id/1.0.0");
  g_assert_cmpstr (info->protocols[1], ==, "/ipfs/ping/1.0.0");
  g_assert_null (info->protocols[2]);
  g_assert_cmpuint (info->n_addrs, ==, 1);
  SoukMultiaddr addr = address (json_object_get_string_member (vector, "addr"));
  SoukMultiaddr observed = address (json_object_get_string_member (vector, "observed"));
  g_assert_true (souk_multiaddr_is_equal (&info->addrs[0], &addr));
  g_assert_true (info->has_observed);
  g_assert_true (souk_multiaddr_is_equal (&info->observed, &observed));
  g_assert_nonnull (info->record);
  g_assert_cmpuint (info->record_seq, ==, 1);
}

static void
test_round_trip (void)
{
  static const char *const protocols[] = { "/x/1", "/y/1", NULL };
  SoukIdentity a;
  vector_identity ("a", &a);
  SoukPeerId id = souk_identity_peer_id (&a);
  SoukMultiaddr addrs[100];
  for (int i = 0; i < 100; i++)
    {
      g_autofree char *text = g_strdup_printf ("/ip4/10.0.0.%d/tcp/4001", i);
      addrs[i] = address (text);
    }
  SoukIdentifyLocal local = { .identity = &a,
                              .agent = "me/1",
                              .protocols = protocols,
                              .addrs = addrs,
                              .n_addrs = 100,
                              .record_seq = 9 };
  g_autoptr (GBytes) message = souk_identify_encode (&local);
  g_autoptr (GByteArray) wire = g_byte_array_new ();
  SoukMultiaddr observed = address ("/ip6/::1/tcp/5");
  souk_identify_append (wire, message, &observed);
  g_assert_cmpuint (wire->len, <, SOUK_IDENTIFY_MESSAGE_MAX);

  SoukIdentify reader = { 0 };
  size_t at = 0;
  for (size_t end = 1; end <= wire->len; end++)
    {
      size_t used = 0;
      g_assert_cmpint (souk_identify_recv (&reader, souk_slice (wire->data + at, end - at), &used),
                       ==, SOUK_STATUS_OK);
      at += used;
    }
  g_assert_cmpuint (at, ==, wire->len);
  g_autoptr (SoukIdentifyInfo) info = NULL;
  g_assert_cmpint (souk_identify_finish (&reader, &id, &info), ==, SOUK_STATUS_OK);
  g_assert_cmpuint (info->n_addrs, ==, SOUK_IDENTIFY_ADDRS_MAX);
  g_assert_true (souk_multiaddr_is_equal (&info->observed, &observed));
  g_assert_cmpuint (info->record_seq, ==, 9);
  g_assert_cmpstr (info->agent, ==, "me/1");
  souk_identify_done (&reader);
}

static void
test_parts (void)
{
  SoukIdentify reader = { 0 };
  SoukIdentity a;
  size_t used = 0;
  vector_identity ("a", &a);
  SoukPeerId id = souk_identity_peer_id (&a);
  /* Field 6 (the agent) in one message, field 3 (a protocol) twice in the next. */
  g_assert_cmpint (
      souk_identify_recv (&reader, SOUK_SLICE_LITERAL ("\x04\x32\x02hi\x08\x1a\x02/a\x1a\x02/b"),
                          &used),
      ==, SOUK_STATUS_OK);
  g_autoptr (SoukIdentifyInfo) info = NULL;
  g_assert_cmpint (souk_identify_finish (&reader, &id, &info), ==, SOUK_STATUS_OK);
  g_assert_cmpstr (info->agent, ==, "hi");
  g_assert_cmpuint (g_strv_length (info->protocols), ==, 2);
  souk_identify_done (&reader);
  g_assert_cmpint (souk_identify_recv (&reader, SOUK_SLICE_LITERAL ("\xff\xff\x03"), &used), ==,
                   SOUK_STATUS_TOO_LARGE);
  souk_identify_done (&reader);
}

static void
test_other_key (void)
{
  SoukIdentity a, b;
  vector_identity ("a", &a);
  vector_identity ("b", &b);
  SoukPeerId id_b = souk_identity_peer_id (&b);
  g_autoptr (GBytes) message = vectors_bytes (vectors_object ("identify"), "message");
  SoukIdentifyInfo *info = NULL;
  g_assert_cmpint (souk_identify_decode (souk_slice_from_bytes (message), &id_b, &info), ==,
                   SOUK_STATUS_WRONG_PEER);
}

/* What a person sees is clean. */
static void
test_agent (void)
{
  SoukIdentity a;
  vector_identity ("a", &a);
  SoukPeerId id = souk_identity_peer_id (&a);
  g_autoptr (SoukIdentifyInfo) info = NULL;
  g_assert_cmpint (souk_identify_decode (SOUK_SLICE_LITERAL ("\x32\x07"
                                                             "a\x1b[\xff\n\x7f"
                                                             "b"),
                                         &id, &info),
                   ==, SOUK_STATUS_OK);
  g_assert_cmpstr (info->agent, ==,
                   "a[\xef\xbf\xbd"
                   "b");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/link/identify/a-peer-record-is-the-one-that-others-make", test_record);
  g_test_add_func ("/link/identify/a-message-of-another-implementation-is-read", test_message);
  g_test_add_func ("/link/identify/what-does-not-fit-is-left-out", test_round_trip);
  g_test_add_func ("/link/identify/parts-are-merged-and-too-much-is-refused", test_parts);
  g_test_add_func ("/link/identify/the-key-of-another-peer-is-refused", test_other_key);
  g_test_add_func ("/link/identify/an-agent-has-no-control-characters", test_agent);
  return g_test_run ();
}
