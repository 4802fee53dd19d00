/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding peers on the local network. GLIB, node thread. See mdns.h.
 *
 * One UDP socket on port 5353, shared with other programs, joined to 224.0.0.251 on each interface.
 * Interfaces are looked up again with each question, so that a laptop that changes networks is found.
 */
#include "swarm/mdns.h"

#include "swarm/timer.h"

#include "swarm/mdns-codec.h"
#include "swarm/swarm-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 5353
#define INTERFACES_MAX 16
/* Datagrams that are read before others have their turn. */
#define READS_MAX 32

struct SoukMdns {
  SoukSwarm *swarm;
  int fd;
  GSource *source;
  SoukTimer *timer;
  bool has_interface;
  struct in_addr interface;
  char name[SOUK_MDNS_NAME_SIZE];
  SoukMono answered_at;
  struct in_addr joined[INTERFACES_MAX];
  size_t n_joined;
};

static struct in_addr
group (void)
{
  return (struct in_addr){ htonl (0xe00000fb) };
}

/* ---- interfaces ---- */

static void
join (SoukMdns *self, struct in_addr address)
{
  if (self->n_joined == INTERFACES_MAX)
    return;
  struct ip_mreqn request = { .imr_multiaddr = group (), .imr_address = address };
  if (setsockopt (self->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request) != 0
      && errno != EADDRINUSE)
    return;
  self->joined[self->n_joined++] = address;
}

static void
join_all (SoukMdns *self)
{
  struct ifaddrs *list = NULL;
  self->n_joined = 0;
  if (self->has_interface)
    {
      join (self, self->interface);
      return;
    }
  if (getifaddrs (&list) != 0)
    return;
  for (struct ifaddrs *at = list; at != NULL; at = at->ifa_next)
    if (at->ifa_addr != NULL && at->ifa_addr->sa_family == AF_INET && (at->ifa_flags & IFF_UP)
        && (at->ifa_flags & (IFF_MULTICAST | IFF_LOOPBACK)))
      join (self, ((struct sockaddr_in *)(void *)at->ifa_addr)->sin_addr);
  freeifaddrs (list);
}

static void
send_everywhere (SoukMdns *self, const GByteArray *datagram)
{
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons (PORT), .sin_addr = group () };
  for (size_t i = 0; i < self->n_joined; i++)
    {
      setsockopt (self->fd, IPPROTO_IP, IP_MULTICAST_IF, &self->joined[i], sizeof self->joined[i]);
      /* A network that is gone takes nothing; the next question finds the new one. */
      (void)!sendto (self->fd, datagram->data, datagram->len, MSG_NOSIGNAL, (struct sockaddr *)&to,
                     sizeof to);
    }
}

/* ---- asking and answering ---- */

static void
ask (SoukMdns *self)
{
  g_autoptr (GByteArray) datagram = g_byte_array_new ();
  join_all (self);
  souk_mdns_append_query (datagram);
  send_everywhere (self, datagram);
}

static void
on_timer (void *user)
{
  SoukMdns *self = user;
  ask (self);
  souk_timer_set (self->timer, souk_mono_add_ms (souk_mono_now (), SOUK_MDNS_EVERY_MS));
}

/* "Loopback [...] addresses should not [be] sent": but a swarm on loopback alone is a test. */
static GArray *
private_addrs (SoukMdns *self)
{
  g_autoptr (GArray) all = souk_swarm_listen_addrs (self->swarm);
  GArray *out = g_array_new (FALSE, FALSE, sizeof (SoukMultiaddr));
  for (guint i = 0; i < all->len; i++)
    {
      SoukMultiaddr addr;
      const SoukMultiaddr *at = &g_array_index (all, SoukMultiaddr, i);
      SoukSlice ip;
      uint16_t port;
      if (souk_multiaddr_is_tcp (at, &ip, &port) && souk_multiaddr_is_private (at)
          && souk_multiaddr_with_peer_id (at, souk_swarm_self (self->swarm), &addr)
                 == SOUK_STATUS_OK)
        g_array_append_val (out, addr);
    }
  return out;
}

static void
answer (SoukMdns *self)
{
  SoukMono now = souk_mono_now ();
  if (!souk_mono_is_due (souk_mono_add_ms (self->answered_at, SOUK_MDNS_ANSWER_EVERY_MS), now))
    return;
  self->answered_at = now;
  g_autoptr (GArray) addrs = private_addrs (self);
  g_autoptr (GByteArray) datagram = g_byte_array_new ();
  if (addrs->len == 0)
    return;
  souk_mdns_append_answer (datagram, self->name, SOUK_MDNS_TTL_S,
                           (const SoukMultiaddr *)(const void *)addrs->data, addrs->len);
  send_everywhere (self, datagram);
}

/* Addresses of one peer stand together in a message; each run of them is handed over at once. */
static void
take_found (SoukMdns *self, const SoukMdnsMessage *message)
{
  for (size_t i = 0; i < message->n_addrs;)
    {
      SoukPeerId id, other;
      SoukMultiaddr addrs[SOUK_SWARM_ADDRS_PER_PEER_MAX];
      size_t n_addrs = 0;
      souk_multiaddr_peer_id (&message->addrs[i], &id);
      for (; i < message->n_addrs && souk_multiaddr_peer_id (&message->addrs[i], &other)
             && souk_peer_id_is_equal (&id, &other);
           i++)
        if (souk_multiaddr_is_private (&message->addrs[i]) && n_addrs < G_N_ELEMENTS (addrs))
          addrs[n_addrs++] = message->addrs[i];
      if (n_addrs > 0 && !souk_peer_id_is_equal (&id, souk_swarm_self (self->swarm)))
        souk_swarm_discovered (self->swarm, &id, addrs, n_addrs);
    }
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer data)
{
  SoukMdns *self = data;
  g_autofree SoukMdnsMessage *message = g_new (SoukMdnsMessage, 1);
  for (int i = 0; i < READS_MAX; i++)
    {
      uint8_t datagram[SOUK_MDNS_DATAGRAM_MAX];
      ssize_t got = recv (fd, datagram, sizeof datagram, 0);
      if (got <= 0)
        break;
      if (!souk_mdns_read (souk_slice (datagram, (size_t)got), message))
        continue;
      if (message->asks_peers)
        answer (self);
      if (message->asks_meta)
        {
          g_autoptr (GByteArray) reply = g_byte_array_new ();
          souk_mdns_append_meta_answer (reply, SOUK_MDNS_TTL_S);
          send_everywhere (self, reply);
        }
      take_found (self, message);
    }
  return G_SOURCE_CONTINUE;
}

/* ---- life ---- */

static int
open_socket (GError **error)
{
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1, ttl = 255;
  struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons (PORT) };
  if (fd >= 0)
    {
      /* Other programs on this computer do multicast DNS as well. */
      setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
      setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
      setsockopt (fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl);
      setsockopt (fd, IPPROTO_IP, IP_MULTICAST_LOOP, &one, sizeof one);
      if (bind (fd, (struct sockaddr *)&any, sizeof any) == 0)
        return fd;
    }
  g_set_error (error, SOUK_SWARM_ERROR, SOUK_SWARM_ERROR_SYSTEM,
               "Cannot look for peers on the local network: %s", g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

static void
make_name (char out[SOUK_MDNS_NAME_SIZE], SoukRng *rng)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  for (int i = 0; i < SOUK_MDNS_NAME_SIZE - 1; i++)
    out[i] = letters[souk_rng_below (rng, sizeof letters - 1)];
  out[SOUK_MDNS_NAME_SIZE - 1] = '\0';
}

SoukMdns *
souk_mdns_new (SoukSwarm *swarm, const char *interface, GError **error)
{
  int fd = open_socket (error);
  if (fd < 0)
    return NULL;
  SoukMdns *self = g_new0 (SoukMdns, 1);
  self->swarm = swarm;
  self->fd = fd;
  self->answered_at = souk_mono_add_ms (souk_mono_now (), -SOUK_MDNS_ANSWER_EVERY_MS);
  if (interface != NULL)
    {
      SoukMultiaddr addr;
      SoukSlice ip;
      uint16_t port;
      g_autofree char *text = g_strdup_printf ("/ip4/%s/tcp/0", interface);
      self->has_interface = souk_multiaddr_parse (text, &addr) == SOUK_STATUS_OK
                            && souk_multiaddr_is_tcp (&addr, &ip, &port);
      if (self->has_interface)
        memcpy (&self->interface, ip.data, sizeof self->interface);
    }
  make_name (self->name, souk_swarm_rng (swarm));
  self->source = g_unix_fd_source_new (fd, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, swarm->context);
  self->timer = souk_timer_new (on_timer, self);
  souk_timer_set (self->timer, souk_mono_add_ms (souk_mono_now (), SOUK_MDNS_FIRST_MS));
  join_all (self);
  return self;
}

void
souk_mdns_free (SoukMdns *self)
{
  if (self == NULL)
    return;
  g_source_destroy (self->source);
  g_source_unref (self->source);
  souk_timer_free (self->timer);
  close (self->fd);
  g_free (self);
}
