/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sockets that accept, and who is let in. GLIB, node thread.
 *
 * A connection costs its maker one packet and us a socket and a handshake; so each host has a rate,
 * a number, and all together have a number of handshakes. Who is refused is closed without a word.
 */
#include "swarm/session.h"

#include <glib-unix.h>
#include <unistd.h>

/* Connections that are taken before others have their turn. */
#define ACCEPTS_MAX 16
/* The burst of a host's bucket, in seconds' worth. */
#define BURST_S 4

struct SoukListener {
  SoukSwarm *swarm;
  int fd;
  GSource *source;
  SoukMultiaddr addr;
};

typedef struct {
  double tokens;
  SoukMono at;
} Bucket;

void
souk_listener_free (gpointer data)
{
  SoukListener *self = data;
  g_source_destroy (self->source);
  g_source_unref (self->source);
  close (self->fd);
  g_free (self);
}

/* Takes a token from the host's bucket. */
static bool
may_connect_now (SoukSwarm *self, SoukSlice ip)
{
  SoukMono now = souk_mono_now ();
  g_autoptr (GBytes) key = souk_slice_to_bytes (ip);
  double rate = self->limits.inbound_per_ip_s, burst = rate * BURST_S;
  Bucket *bucket = g_hash_table_lookup (self->inbound_rate, key);
  if (bucket == NULL)
    {
      if (g_hash_table_size (self->inbound_rate) >= SOUK_SWARM_RATE_HOSTS_MAX)
        g_hash_table_remove_all (self->inbound_rate);
      bucket = g_new0 (Bucket, 1);
      *bucket = (Bucket){ burst, now };
      g_hash_table_insert (self->inbound_rate, g_bytes_ref (key), bucket);
    }
  bucket->tokens += rate * (double)souk_mono_diff_us (now, bucket->at) / SOUK_US_PER_S;
  bucket->tokens = MIN (bucket->tokens, burst);
  bucket->at = now;
  if (bucket->tokens < 1)
    return false;
  bucket->tokens -= 1;
  return true;
}

static unsigned
count_inbound_from (SoukSwarm *self, SoukSlice ip)
{
  unsigned n = 0;
  for (guint i = 0; i < self->sessions->len; i++)
    {
      SoukSession *session = g_ptr_array_index (self->sessions, i);
      SoukSlice other;
      uint16_t port;
      if (session->is_inbound && souk_multiaddr_is_tcp (&session->addr, &other, &port)
          && souk_slice_is_equal (ip, other))
        n++;
    }
  return n;
}

static bool
is_let_in (SoukSwarm *self, const SoukMultiaddr *from)
{
  SoukSlice ip;
  uint16_t port;
  if (!souk_multiaddr_is_tcp (from, &ip, &port))
    return false;
  if (self->sessions->len >= self->limits.connections_max
      || self->n_handshakes >= self->limits.handshakes_max)
    return false;
  if (souk_ip_is_loopback (ip))
    return true;
  return may_connect_now (self, ip)
         && count_inbound_from (self, ip) < self->limits.connections_per_ip_max;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer data)
{
  SoukListener *self = data;
  for (int i = 0; i < ACCEPTS_MAX; i++)
    {
      SoukMultiaddr from;
      int accepted = souk_socket_accept (fd, &from);
      if (accepted < 0)
        break;
      if (is_let_in (self->swarm, &from))
        {
          souk_session_accept (self->swarm, accepted, &from);
          continue;
        }
      g_autofree char *text = souk_multiaddr_to_string (&from);
      souk_swarm_log (self->swarm, "inbound-refused", SOUK_STATUS_LIMIT, NULL, text);
      close (accepted);
    }
  return G_SOURCE_CONTINUE;
}

bool
souk_swarm_listen (SoukSwarm *swarm, const SoukMultiaddr *addr, GError **error)
{
  SoukSlice ip;
  uint16_t port = 0;
  if (!souk_multiaddr_is_tcp (addr, &ip, &port))
    {
      g_autofree char *text = souk_multiaddr_to_string (addr);
      g_set_error (error, SOUK_SWARM_ERROR, SOUK_STATUS_UNSUPPORTED,
                   "Cannot listen on %s: not an address of TCP", text);
      return false;
    }
  int fd = souk_socket_listen (ip, port, error);
  if (fd < 0)
    {
      g_autofree char *text = souk_multiaddr_to_string (addr);
      g_prefix_error (error, "Cannot listen on %s: ", text);
      return false;
    }
  SoukListener *self = g_new0 (SoukListener, 1);
  self->swarm = swarm;
  self->fd = fd;
  souk_socket_local (fd, &self->addr);
  self->source = g_unix_fd_source_new (fd, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_set_static_name (self->source, "souk listener");
  g_source_attach (self->source, swarm->context);
  g_ptr_array_add (swarm->listeners, self);
  g_autofree char *text = souk_multiaddr_to_string (&self->addr);
  souk_swarm_log (swarm, "listening", SOUK_STATUS_OK, NULL, text);
  souk_swarm_self_changed (swarm);
  return true;
}

void
souk_listener_append_addrs (const SoukListener *self, GArray *out)
{
  SoukSlice ip;
  uint16_t port = 0;
  if (!souk_multiaddr_is_tcp (&self->addr, &ip, &port))
    return;
  if (souk_ip_is_unspecified (ip))
    souk_socket_interfaces (ip.len, port, out);
  else
    g_array_append_val (out, self->addr);
}
