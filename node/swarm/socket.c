/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * TCP sockets. GLIB, node thread. See socket.h.
 */
#include "swarm/socket.h"

#include "swarm/swarm.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connections that wait for accept(). */
#define BACKLOG 128

typedef union {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} Address;

static socklen_t
make_address (Address *out, SoukSlice ip, uint16_t port)
{
  memset (out, 0, sizeof *out);
  if (ip.len == 4)
    {
      out->v4.sin_family = AF_INET;
      out->v4.sin_port = htons (port);
      memcpy (&out->v4.sin_addr, ip.data, 4);
      return sizeof out->v4;
    }
  g_assert (ip.len == 16);
  out->v6.sin6_family = AF_INET6;
  out->v6.sin6_port = htons (port);
  memcpy (&out->v6.sin6_addr, ip.data, 16);
  return sizeof out->v6;
}

/* False for other families. A v4 address in v6 clothes becomes v4. */
static bool
read_address (const struct sockaddr *in, uint16_t port, bool use_port, SoukMultiaddr *out)
{
  static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
  if (in->sa_family == AF_INET)
    {
      const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)in;
      *out = souk_multiaddr_from_tcp (souk_slice (&v4->sin_addr, 4),
                                      use_port ? port : ntohs (v4->sin_port));
      return true;
    }
  if (in->sa_family != AF_INET6)
    return false;
  const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)in;
  const uint8_t *bytes = (const uint8_t *)&v6->sin6_addr;
  bool is_mapped = memcmp (bytes, mapped, sizeof mapped) == 0;
  *out = souk_multiaddr_from_tcp (is_mapped ? souk_slice (bytes + 12, 4) : souk_slice (bytes, 16),
                                  use_port ? port : ntohs (v6->sin6_port));
  return true;
}

static int
fail (int fd, const char *what, GError **error)
{
  int code = errno;
  if (fd >= 0)
    close (fd);
  g_set_error (error, SOUK_SWARM_ERROR, SOUK_SWARM_ERROR_SYSTEM, "%s: %s", what, g_strerror (code));
  return -1;
}

static void
set_option (int fd, int level, int option)
{
  int one = 1;
  setsockopt (fd, level, option, &one, sizeof one);
}

static int
open_socket (SoukSlice ip)
{
  return socket (ip.len == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int
souk_socket_listen (SoukSlice ip, uint16_t port, GError **error)
{
  Address address;
  socklen_t len = make_address (&address, ip, port);
  int fd = open_socket (ip);
  if (fd < 0)
    return fail (fd, "Cannot make a socket", error);
  set_option (fd, SOL_SOCKET, SO_REUSEADDR);
  if (ip.len == 16)
    set_option (fd, IPPROTO_IPV6, IPV6_V6ONLY);
  if (bind (fd, &address.any, len) != 0)
    return fail (fd, "Cannot use the address", error);
  if (listen (fd, BACKLOG) != 0)
    return fail (fd, "Cannot listen", error);
  return fd;
}

int
souk_socket_connect (SoukSlice ip, uint16_t port, GError **error)
{
  Address address;
  socklen_t len = make_address (&address, ip, port);
  int fd = open_socket (ip);
  if (fd < 0)
    return fail (fd, "Cannot make a socket", error);
  set_option (fd, IPPROTO_TCP, TCP_NODELAY);
  if (connect (fd, &address.any, len) != 0 && errno != EINPROGRESS)
    return fail (fd, "Cannot connect", error);
  return fd;
}

int
souk_socket_accept (int fd, SoukMultiaddr *out_from)
{
  Address address = { 0 };
  socklen_t len = sizeof address;
  int accepted;
  do
    accepted = accept4 (fd, &address.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
  while (accepted < 0 && (errno == EINTR || errno == ECONNABORTED));
  if (accepted < 0)
    return -1;
  set_option (accepted, IPPROTO_TCP, TCP_NODELAY);
  if (!read_address (&address.any, 0, false, out_from))
    {
      close (accepted);
      return -1;
    }
  return accepted;
}

int
souk_socket_error (int fd)
{
  int code = 0;
  socklen_t len = sizeof code;
  if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &code, &len) != 0)
    return errno;
  return code;
}

bool
souk_socket_local (int fd, SoukMultiaddr *out)
{
  Address address = { 0 };
  socklen_t len = sizeof address;
  return getsockname (fd, &address.any, &len) == 0 && read_address (&address.any, 0, false, out);
}

ssize_t
souk_socket_read (int fd, uint8_t *out, size_t size)
{
  ssize_t got;
  do
    got = recv (fd, out, size, 0);
  while (got < 0 && errno == EINTR);
  return got;
}

ssize_t
souk_socket_write (int fd, SoukSlice in)
{
  ssize_t put;
  do
    put = send (fd, in.data, in.len, MSG_NOSIGNAL);
  while (put < 0 && errno == EINTR);
  return put;
}

static bool
is_link_local (const struct sockaddr *in)
{
  if (in->sa_family != AF_INET6)
    return false;
  const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)in;
  return IN6_IS_ADDR_LINKLOCAL (&v6->sin6_addr);
}

void
souk_socket_interfaces (size_t ip_len, uint16_t port, GArray *out)
{
  struct ifaddrs *list = NULL;
  int family = ip_len == 4 ? AF_INET : AF_INET6;
  if (getifaddrs (&list) != 0)
    return;
  for (struct ifaddrs *at = list; at != NULL; at = at->ifa_next)
    {
      SoukMultiaddr addr;
      if (at->ifa_addr == NULL || at->ifa_addr->sa_family != family || !(at->ifa_flags & IFF_UP)
          || is_link_local (at->ifa_addr) || !read_address (at->ifa_addr, port, true, &addr))
        continue;
      g_array_append_val (out, addr);
    }
  freeifaddrs (list);
}

bool
souk_ip_is_unspecified (SoukSlice ip)
{
  for (size_t i = 0; i < ip.len; i++)
    if (ip.data[i] != 0)
      return false;
  return true;
}

bool
souk_ip_is_loopback (SoukSlice ip)
{
  static const uint8_t v6[16] = { [15] = 1 };
  return ip.len == 4 ? ip.data[0] == 127 : memcmp (ip.data, v6, 16) == 0;
}
