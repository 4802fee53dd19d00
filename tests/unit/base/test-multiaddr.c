/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/multiaddr.h"

#include "support.h"

#include <string.h>

#define PEER_A "12D3KooWRdFFg3yTbTsDq5Z1yCvCWbqznEFro9jeVivo7rkayJ4D"
#define PEER_B "12D3KooWGSrXQQXYp31AUbZ64eJMb3hGywN4dmzpaZW3rWW22EfF"

static SoukMultiaddr
parse (const char *text)
{
  SoukMultiaddr addr;
  souk_assert_status (souk_multiaddr_parse (text, &addr), OK);
  return addr;
}

static void
assert_text (const SoukMultiaddr *addr, const char *want)
{
  g_autofree char *text = souk_multiaddr_to_string (addr);
  g_assert_cmpstr (text, ==, want);
}

static void
test_vectors (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("multiaddrs.json");
  JsonArray *rows = json_object_get_array_member (vectors, "addresses");
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      const char *text = json_object_get_string_member (row, "text");
      SoukMultiaddr addr = parse (text);
      SoukMultiaddr back;
      souk_assert_hex (souk_multiaddr_bytes (&addr), json_object_get_string_member (row, "bytes"));
      assert_text (&addr, text);
      souk_assert_status (souk_multiaddr_from_bytes (souk_multiaddr_bytes (&addr), &back), OK);
      g_assert_true (souk_multiaddr_is_equal (&addr, &back));
    }
}

static void
test_texts (void)
{
  static const char *const same[] = {
    "/ip4/0.0.0.0/tcp/0",
    "/ip4/255.255.255.255/tcp/65535",
    "/ip6/2001:db8::1/udp/1/quic-v1/webtransport",
    "/ip6zone/eth0/ip6/fe80::1/tcp/1",
    "/dns/localhost/tcp/1",
    "/dns6/example.org/tcp/443/wss",
    "/ip4/1.2.3.4/tcp/443/tls/sni/example.org/ws",
    "/ip4/1.2.3.4/udp/1/webrtc-direct/certhash/uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g",
    "/p2p/" PEER_A,
    "/p2p-circuit",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (same); i++)
    {
      SoukMultiaddr addr = parse (same[i]);
      assert_text (&addr, same[i]);
    }
  SoukMultiaddr old
      = parse ("/ip4/1.2.3.4/tcp/1/ipfs/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
  assert_text (&old, "/ip4/1.2.3.4/tcp/1/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
}

static void
test_bad_texts (void)
{
  static const char *const bad[] = {
    "",
    "/",
    "//",
    "ip4/1.2.3.4",
    "/ip4",
    "/ip4/",
    "/ip4/1.2.3",
    "/ip4/1.2.3.256",
    "/ip4/01.2.3.4",
    "/ip4/::1",
    "/ip6/1.2.3.4",
    "/ip6/:::",
    "/ip4/1.2.3.4/tcp",
    "/ip4/1.2.3.4/tcp/",
    "/ip4/1.2.3.4/tcp/65536",
    "/ip4/1.2.3.4/tcp/100000",
    "/ip4/1.2.3.4/tcp/-1",
    "/ip4/1.2.3.4/tcp/1 ",
    "/ip4/1.2.3.4/tcp/1/",
    "/ip4/1.2.3.4/tcp/1/p2p",
    "/ip4/1.2.3.4/tcp/1/p2p/hello",
    "/nonsense/1",
    "/dns4//tcp/1",
    "/dns4/a b",
    "/ip4/1.2.3.4/udp/1/webrtc-direct/certhash/uAA",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      SoukMultiaddr addr = { .len = 7 };
      souk_assert_status (souk_multiaddr_parse (bad[i], &addr), BAD_MULTIADDR);
      g_assert_cmpuint (addr.len, ==, 7);
    }
}

static void
test_bad_bytes (void)
{
  static const char *const bad[] = {
    "",
    "04",
    "047f0000",
    "047f00000106",
    "047f000001060f",
    "8400047f000001",     /* a code in a longer form */
    "01",                 /* a code that nobody has */
    "3601",               /* a name beyond the end */
    "3600",               /* an empty name */
    "3603612f62",         /* a name with a slash */
    "3603610a62",         /* … with a line end */
    "3601ff",             /* … that is not UTF-8 */
    "a503020012",         /* a peer id that is none */
    "d2030100",           /* a certificate's hash that is none */
    "047f000001060fa1ff", /* rubbish behind */
  };
  SoukMultiaddr addr;
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) bytes = souk_test_hex (bad[i]);
      souk_assert_status (souk_multiaddr_from_bytes (souk_slice_from_bytes (bytes), &addr),
                          BAD_MULTIADDR);
    }
}

static void
test_limits (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  SoukMultiaddr addr;
  for (int i = 0; i < SOUK_MULTIADDR_PARTS_MAX; i++)
    g_string_append (text, "/p2p-circuit");
  souk_assert_status (souk_multiaddr_parse (text->str, &addr), OK);
  SoukMultiaddrPart parts[SOUK_MULTIADDR_PARTS_MAX];
  g_assert_cmpuint (souk_multiaddr_parts (&addr, parts), ==, SOUK_MULTIADDR_PARTS_MAX);
  g_string_append (text, "/p2p-circuit");
  souk_assert_status (souk_multiaddr_parse (text->str, &addr), BAD_MULTIADDR);

  g_autofree char *name = g_strnfill (SOUK_MULTIADDR_SIZE_MAX, 'a');
  g_autofree char *long_text = g_strconcat ("/dns/", name, NULL);
  souk_assert_status (souk_multiaddr_parse (long_text, &addr), BAD_MULTIADDR);
  g_autofree char *huge = g_strnfill (10000, '/');
  souk_assert_status (souk_multiaddr_parse (huge, &addr), BAD_MULTIADDR);
}

static void
test_peer_ids (void)
{
  SoukPeerId a;
  SoukPeerId b;
  SoukPeerId found;
  SoukMultiaddr out;
  souk_assert_status (souk_peer_id_parse (PEER_A, &a), OK);
  souk_assert_status (souk_peer_id_parse (PEER_B, &b), OK);

  SoukMultiaddr bare = parse ("/ip4/1.2.3.4/tcp/1");
  g_assert_false (souk_multiaddr_peer_id (&bare, &found));
  souk_assert_status (souk_multiaddr_with_peer_id (&bare, &a, &out), OK);
  assert_text (&out, "/ip4/1.2.3.4/tcp/1/p2p/" PEER_A);
  g_assert_true (souk_multiaddr_peer_id (&out, &found));
  g_assert_true (souk_peer_id_is_equal (&found, &a));
  SoukMultiaddr again = souk_multiaddr_without_peer_id (&out);
  g_assert_true (souk_multiaddr_is_equal (&again, &bare));
  souk_assert_status (souk_multiaddr_with_peer_id (&out, &b, &out), OK);
  assert_text (&out, "/ip4/1.2.3.4/tcp/1/p2p/" PEER_B);

  SoukMultiaddr relayed = parse ("/ip4/1.2.3.4/tcp/1/p2p/" PEER_A "/p2p-circuit/p2p/" PEER_B);
  g_assert_true (souk_multiaddr_peer_id (&relayed, &found));
  g_assert_true (souk_peer_id_is_equal (&found, &b));
  again = souk_multiaddr_without_peer_id (&relayed);
  assert_text (&again, "/ip4/1.2.3.4/tcp/1/p2p/" PEER_A "/p2p-circuit");
  again = souk_multiaddr_without_peer_id (&again);
  assert_text (&again, "/ip4/1.2.3.4/tcp/1/p2p/" PEER_A "/p2p-circuit");
}

static void
test_tcp (void)
{
  static const struct {
    const char *text;
    bool is_tcp;
  } cases[] = {
    { "/ip4/1.2.3.4/tcp/4001", true },
    { "/ip4/1.2.3.4/tcp/4001/p2p/" PEER_A, true },
    { "/ip6/::1/tcp/4001", true },
    { "/ip4/1.2.3.4/udp/4001", false },
    { "/ip4/1.2.3.4/tcp/4001/ws", false },
    { "/dns/a/tcp/4001", false },
    { "/ip4/1.2.3.4", false },
    { "/ip4/1.2.3.4/tcp/4001/p2p/" PEER_A "/p2p-circuit", false },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SoukMultiaddr addr = parse (cases[i].text);
      SoukSlice ip;
      uint16_t port;
      g_assert_cmpint (souk_multiaddr_is_tcp (&addr, &ip, &port), ==, cases[i].is_tcp);
      if (!cases[i].is_tcp)
        continue;
      g_assert_cmpuint (port, ==, 4001);
      SoukMultiaddr built = souk_multiaddr_from_tcp (ip, port);
      SoukMultiaddr bare = souk_multiaddr_without_peer_id (&addr);
      g_assert_true (souk_multiaddr_is_equal (&built, &bare));
    }
}

static void
test_private (void)
{
  static const char *const private_texts[] = {
    "/ip4/127.0.0.1/tcp/1",
    "/ip4/10.1.2.3/tcp/1",
    "/ip4/172.16.0.1/tcp/1",
    "/ip4/172.31.255.255/tcp/1",
    "/ip4/192.168.1.1/tcp/1",
    "/ip4/169.254.0.1/tcp/1",
    "/ip4/100.64.0.1/tcp/1",
    "/ip4/100.127.9.9/tcp/1",
    "/ip4/0.0.0.0/tcp/1",
    "/ip6/::1/tcp/1",
    "/ip6/::/tcp/1",
    "/ip6/fd00::1/tcp/1",
    "/ip6/fe80::1/tcp/1",
    "/ip6/febf::1/tcp/1",
    "/ip6/::ffff:10.0.0.1/tcp/1",
    "/ip6zone/x/ip6/fe80::1/tcp/1",
    "/dns/LocalHost/tcp/1",
    "/dns4/printer.local/tcp/1",
    "/ip4/10.0.0.1/tcp/1/p2p/" PEER_A "/p2p-circuit",
  };
  static const char *const public_texts[] = {
    "/ip4/8.8.8.8/tcp/1",     "/ip4/172.32.0.1/tcp/1",
    "/ip4/172.15.0.1/tcp/1",  "/ip4/100.128.0.1/tcp/1",
    "/ip4/192.169.0.1/tcp/1", "/ip6/2001:db8::1/tcp/1",
    "/ip6/fec0::1/tcp/1",     "/ip6/::ffff:8.8.8.8/tcp/1",
    "/dns/example.org/tcp/1", "/dns/notlocal/tcp/1",
    "/p2p-circuit",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (private_texts); i++)
    {
      SoukMultiaddr addr = parse (private_texts[i]);
      g_assert_true (souk_multiaddr_is_private (&addr));
    }
  for (size_t i = 0; i < G_N_ELEMENTS (public_texts); i++)
    {
      SoukMultiaddr addr = parse (public_texts[i]);
      g_assert_false (souk_multiaddr_is_private (&addr));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/multiaddr/both-forms-are-those-of-other-programs", test_vectors);
  g_test_add_func ("/base/multiaddr/texts-come-back-as-they-were", test_texts);
  g_test_add_func ("/base/multiaddr/bad-texts-are-refused", test_bad_texts);
  g_test_add_func ("/base/multiaddr/bad-bytes-are-refused", test_bad_bytes);
  g_test_add_func ("/base/multiaddr/long-addresses-are-refused", test_limits);
  g_test_add_func ("/base/multiaddr/a-peer-id-is-found-put-on-and-taken-off", test_peer_ids);
  g_test_add_func ("/base/multiaddr/what-tcp-can-dial-is-known", test_tcp);
  g_test_add_func ("/base/multiaddr/private-addresses-are-known", test_private);
  return g_test_run ();
}
