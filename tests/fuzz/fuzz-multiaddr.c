/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Multiaddrs from any bytes and any text: both forms lead to each other.
 */
#include "base/multiaddr.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check (const SoukMultiaddr *addr)
{
  SoukMultiaddr back;
  SoukPeerId id;
  SoukSlice ip;
  uint16_t port;
  g_autofree char *text = souk_multiaddr_to_string (addr);
  g_assert (souk_multiaddr_parse (text, &back) == SOUK_STATUS_OK);
  g_assert (souk_multiaddr_is_equal (addr, &back));

  souk_multiaddr_is_private (addr);
  souk_multiaddr_peer_id (addr, &id);
  if (souk_multiaddr_is_tcp (addr, &ip, &port))
    {
      SoukMultiaddr bare = souk_multiaddr_without_peer_id (addr);
      SoukMultiaddr built = souk_multiaddr_from_tcp (ip, port);
      g_assert (souk_multiaddr_is_equal (&bare, &built));
    }
  id.hash = souk_multihash_sha256 (SOUK_SLICE_EMPTY);
  if (souk_multiaddr_with_peer_id (addr, &id, &back) == SOUK_STATUS_OK)
    {
      SoukPeerId found;
      g_assert (souk_multiaddr_peer_id (&back, &found));
      g_assert (souk_peer_id_is_equal (&id, &found));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SoukMultiaddr addr;
  g_autofree char *text = g_strndup ((const char *)data, size);
  if (souk_multiaddr_from_bytes (souk_slice (data, size), &addr) == SOUK_STATUS_OK)
    {
      g_assert (souk_slice_is_equal (souk_multiaddr_bytes (&addr), souk_slice (data, size)));
      check (&addr);
    }
  if (souk_multiaddr_parse (text, &addr) == SOUK_STATUS_OK)
    check (&addr);
  return 0;
}
