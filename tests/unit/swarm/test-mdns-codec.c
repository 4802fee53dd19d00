/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Multicast DNS messages.
 */
#include "swarm/mdns-codec.h"

#include "base/rng.h"

#include <string.h>

#define ID "12D3KooWRdFFg3yTbTsDq5Z1yCvCWbqznEFro9jeVivo7rkayJ4D"

static SoukMultiaddr
address (const char *text)
{
  SoukMultiaddr addr;
  g_assert_cmpint (souk_multiaddr_parse (text, &addr), ==, SOUK_STATUS_OK);
  return addr;
}

static void
test_round_trip (void)
{
  g_autofree SoukMdnsMessage *message = g_new0 (SoukMdnsMessage, 1);
  g_autoptr (GByteArray) query = g_byte_array_new ();
  g_autoptr (GByteArray) answer = g_byte_array_new ();
  g_autoptr (GByteArray) meta = g_byte_array_new ();
  SoukMultiaddr addrs[2]
      = { address ("/ip4/10.0.0.7/tcp/4001/p2p/" ID), address ("/ip6/fd00::1/tcp/4001/p2p/" ID) };
  souk_mdns_append_query (query);
  g_assert_true (souk_mdns_read (souk_slice_from_array (query), message));
  g_assert_true (message->asks_peers);
  g_assert_false (message->asks_meta);
  souk_mdns_append_answer (answer, "abcdefghijklmnopqrstuvwxyz012345", 120, addrs, 2);
  g_assert_true (souk_mdns_read (souk_slice_from_array (answer), message));
  g_assert_false (message->asks_peers);
  g_assert_cmpuint (message->n_addrs, ==, 2);
  g_assert_true (souk_multiaddr_is_equal (&message->addrs[0], &addrs[0]));
  g_assert_true (souk_multiaddr_is_equal (&message->addrs[1], &addrs[1]));
  souk_mdns_append_meta_answer (meta, 120);
  g_assert_true (souk_mdns_read (souk_slice_from_array (meta), message));
  g_assert_cmpuint (message->n_addrs, ==, 0);

  /* A time to live of nothing says goodbye. */
  g_byte_array_set_size (answer, 0);
  souk_mdns_append_answer (answer, "abcdefghijklmnopqrstuvwxyz012345", 0, addrs, 2);
  g_assert_true (souk_mdns_read (souk_slice_from_array (answer), message));
  g_assert_cmpuint (message->n_addrs, ==, 0);
}

/* As others write it: capital letters, a pointer to the name, the flush bit, records of other types. */
static void
test_foreign (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  static const uint8_t header[] = { 0, 0, 0x84, 0, 0, 0, 0, 2, 0, 0, 0, 1 };
  static const char text[] = "dnsaddr=/ip4/10.0.0.9/tcp/5/p2p/" ID;
  souk_append (bytes, souk_slice (header, sizeof header));
  /* At 12: _P2P._udp.local PTR x._P2P… */
  souk_append (bytes, SOUK_SLICE_LITERAL ("\x04_P2P\x04_udp\x05local\x00"));
  souk_append (bytes, SOUK_SLICE_LITERAL ("\x00\x0c\x80\x01\x00\x00\x00\x78\x00\x04\x01x\xc0\x0c"));
  /* An address record of some host. */
  souk_append (bytes, SOUK_SLICE_LITERAL (
                          "\x01h\xc0\x16\x00\x01\x00\x01\x00\x00\x00\x78\x00\x04\x0a\x00\x00\x09"));
  /* TXT of x._P2P…, in the additional section. */
  souk_append (bytes, SOUK_SLICE_LITERAL ("\x01x\xc0\x0c\x00\x10\x80\x01\x00\x00\x00\x78"));
  souk_append_u16_be (bytes, (uint16_t)(sizeof text));
  souk_append_u8 (bytes, (uint8_t)(sizeof text - 1));
  souk_append (bytes, SOUK_SLICE_LITERAL (text));
  g_autofree SoukMdnsMessage *message = g_new0 (SoukMdnsMessage, 1);
  g_assert_true (souk_mdns_read (souk_slice_from_array (bytes), message));
  g_assert_cmpuint (message->n_addrs, ==, 1);
}

static void
test_loop (void)
{
  g_autofree SoukMdnsMessage *message = g_new0 (SoukMdnsMessage, 1);
  /* A name that points to itself. */
  static const uint8_t loop[] = { 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 12, 0, 1 };
  g_assert_false (souk_mdns_read (souk_slice (loop, sizeof loop), message));
  static const uint8_t many[] = { 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0 };
  g_assert_false (souk_mdns_read (souk_slice (many, sizeof many), message));
}

static void
test_cut_and_changed (void)
{
  g_autofree SoukMdnsMessage *message = g_new0 (SoukMdnsMessage, 1);
  g_autoptr (GByteArray) answer = g_byte_array_new ();
  SoukMultiaddr addr = address ("/ip4/10.0.0.7/tcp/4001/p2p/" ID);
  SoukSeededRng rng;
  souk_seeded_rng_init_number (&rng, 1);
  souk_mdns_append_answer (answer, "abcdefghijklmnopqrstuvwxyz012345", 120, &addr, 1);
  for (guint len = 0; len < answer->len; len++)
    g_assert_false (souk_mdns_read (souk_slice (answer->data, len), message));
  for (int i = 0; i < 20000; i++)
    {
      g_autofree uint8_t *changed = g_memdup2 (answer->data, answer->len);
      changed[souk_rng_below (&rng.rng, answer->len)] = (uint8_t)souk_rng_u64 (&rng.rng);
      changed[souk_rng_below (&rng.rng, answer->len)] = (uint8_t)souk_rng_u64 (&rng.rng);
      souk_mdns_read (souk_slice (changed, answer->len), message);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/swarm/mdns-codec/what-is-written-is-read", test_round_trip);
  g_test_add_func ("/swarm/mdns-codec/pointers-and-capitals-are-read", test_foreign);
  g_test_add_func ("/swarm/mdns-codec/loops-and-floods-are-refused", test_loop);
  g_test_add_func ("/swarm/mdns-codec/a-damaged-datagram-does-no-harm", test_cut_and_changed);
  return g_test_run ();
}
