/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gossip between two processes over loopback, as two nodes do it: how long a message takes, and how
 * many arrive in a second. Prints; judges nothing. `bench-gossip --json` prints one line for run.py,
 * which has the same measured with js-libp2p beside it.
 *
 * The parent publishes, its child receives; all processes of a machine share one monotonic clock, so
 * a message carries the time at which it was published.
 */
#include "swarm/pubsub.h"
#include "swarm/system-rng.h"

#include <glib-unix.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOPIC "bench"
#define MESSAGE_SIZE 100
#define TIMED_COUNT 300
#define TIMED_EVERY_MS 5
#define MANY_COUNT 20000
#define MANY_BATCH 64

/* One of the two processes. */
typedef struct {
  SoukIdentity identity;
  SoukSwarm *swarm;
  SoukPubsub *pubsub;
  GMainLoop *loop;
  unsigned published;
  /* of the receiver */
  double latency_us[TIMED_COUNT];
  unsigned n_timed, n_many;
  gint64 many_first_us, many_last_us;
  int out_fd;
} Side;

typedef struct {
  unsigned n_timed, n_many;
  double p50_us, p95_us, p99_us, per_s;
} Result;

static int
compare (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void
side_init (Side *self, uint8_t number)
{
  uint8_t seed[32] = { number, 0xb };
  souk_identity_init_seed (&self->identity, seed);
  SoukSwarmConfig config = { .identity = &self->identity,
                             .rng = souk_system_rng (),
                             .agent = "bench/1",
                             .limits = SOUK_SWARM_LIMITS_DEFAULT,
                             .announces_private = true };
  self->loop = g_main_loop_new (NULL, FALSE);
  self->swarm = souk_swarm_new (&config);
  self->pubsub = souk_pubsub_new (self->swarm);
}

static void
side_done (Side *self)
{
  souk_pubsub_free (self->pubsub);
  souk_swarm_free (self->swarm);
  souk_identity_done (&self->identity);
  g_main_loop_unref (self->loop);
}

/* ---- the receiver ---- */

static void
finish (Side *self)
{
  Result result = { .n_timed = self->n_timed, .n_many = self->n_many };
  unsigned n = self->n_timed;
  qsort (self->latency_us, n, sizeof self->latency_us[0], compare);
  if (n > 0)
    {
      result.p50_us = self->latency_us[n / 2];
      result.p95_us = self->latency_us[n * 95 / 100];
      result.p99_us = self->latency_us[n * 99 / 100];
    }
  if (self->many_last_us > self->many_first_us)
    result.per_s
        = (double)(self->n_many - 1) * 1e6 / (double)(self->many_last_us - self->many_first_us);
  g_assert (write (self->out_fd, &result, sizeof result) == sizeof result);
  g_main_loop_quit (self->loop);
}

static SoukGossipVerdict
on_message (SoukPubsub *pubsub, const SoukPeerId *author, const SoukPeerId *from, SoukSlice data,
            void *user)
{
  Side *self = user;
  gint64 now = g_get_monotonic_time (), sent;
  g_assert (data.len == MESSAGE_SIZE);
  memcpy (&sent, data.data, sizeof sent);
  if (self->n_timed < TIMED_COUNT)
    {
      self->latency_us[self->n_timed++] = (double)(now - sent);
      return SOUK_GOSSIP_ACCEPT;
    }
  if (self->n_many++ == 0)
    self->many_first_us = now;
  self->many_last_us = now;
  if (self->n_many == MANY_COUNT)
    finish (self);
  return SOUK_GOSSIP_ACCEPT;
}

/* Not all has come. */
static gboolean
on_too_late (gpointer data)
{
  finish (data);
  return G_SOURCE_REMOVE;
}

static void
receive (int addr_fd, int result_fd)
{
  Side self = { .out_fd = result_fd };
  SoukMultiaddr any, full;
  g_autoptr (GError) error = NULL;
  side_init (&self, 1);
  souk_multiaddr_parse ("/ip4/127.0.0.1/tcp/0", &any);
  if (!souk_swarm_listen (self.swarm, &any, &error))
    g_error ("%s", error->message);
  g_autoptr (GArray) addrs = souk_swarm_listen_addrs (self.swarm);
  souk_multiaddr_with_peer_id (&g_array_index (addrs, SoukMultiaddr, 0),
                               souk_swarm_self (self.swarm), &full);
  souk_pubsub_subscribe (self.pubsub, TOPIC, on_message, &self);
  g_assert (write (addr_fd, &full, sizeof full) == sizeof full);
  g_timeout_add_seconds (60, on_too_late, &self);
  g_main_loop_run (self.loop);
  side_done (&self);
}

/* ---- the sender ---- */

static void
publish (Side *self)
{
  uint8_t data[MESSAGE_SIZE] = { 0 };
  gint64 now = g_get_monotonic_time ();
  memcpy (data, &now, sizeof now);
  memcpy (data + sizeof now, &self->published, sizeof self->published);
  souk_pubsub_publish (self->pubsub, TOPIC, souk_slice (data, sizeof data), NULL);
  self->published++;
}

/* As many as the connection takes, and a little at a time, so that the sockets breathe. */
static gboolean
on_many (gpointer data)
{
  Side *self = data;
  SoukGossipStats stats;
  souk_pubsub_stats (self->pubsub, &stats);
  for (unsigned i = 0; i < MANY_BATCH && stats.queued_bytes < 256 * 1024; i++)
    {
      if (self->published == TIMED_COUNT + MANY_COUNT)
        return G_SOURCE_REMOVE;
      publish (self);
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_timed (gpointer data)
{
  Side *self = data;
  if (self->published == TIMED_COUNT)
    {
      g_idle_add (on_many, self);
      return G_SOURCE_REMOVE;
    }
  publish (self);
  return G_SOURCE_CONTINUE;
}

/* Waits until the other side takes part. */
static gboolean
on_wait (gpointer data)
{
  Side *self = data;
  if (souk_pubsub_mesh_size (self->pubsub, TOPIC) == 0)
    return G_SOURCE_CONTINUE;
  g_timeout_add (TIMED_EVERY_MS, on_timed, self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_result (gint fd, GIOCondition condition, gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static SoukGossipVerdict
on_echo (SoukPubsub *pubsub, const SoukPeerId *author, const SoukPeerId *from, SoukSlice data,
         void *user)
{
  return SOUK_GOSSIP_ACCEPT;
}

static Result
send_all (int addr_fd, int result_fd)
{
  Side self = { 0 };
  SoukMultiaddr addr;
  Result result = { 0 };
  g_assert (read (addr_fd, &addr, sizeof addr) == sizeof addr);
  side_init (&self, 2);
  souk_pubsub_subscribe (self.pubsub, TOPIC, on_echo, &self);
  souk_swarm_dial (self.swarm, &addr, NULL, NULL);
  g_timeout_add (20, on_wait, &self);
  g_unix_fd_add (result_fd, G_IO_IN | G_IO_HUP, on_result, self.loop);
  g_main_loop_run (self.loop);
  if (read (result_fd, &result, sizeof result) != sizeof result)
    g_error ("the receiver has ended");
  side_done (&self);
  return result;
}

int
main (int argc, char **argv)
{
  int addr_pipe[2], result_pipe[2];
  g_assert (sodium_init () >= 0);
  g_assert (pipe (addr_pipe) == 0 && pipe (result_pipe) == 0);
  pid_t child = fork ();
  g_assert (child >= 0);
  if (child == 0)
    {
      receive (addr_pipe[1], result_pipe[1]);
      return 0;
    }
  close (result_pipe[1]);
  Result result = send_all (addr_pipe[0], result_pipe[0]);
  waitpid (child, NULL, 0);
  if (argc > 1 && g_str_equal (argv[1], "--json"))
    printf ("{\"timed\": %u, \"many\": %u, \"p50_ms\": %.3f, \"p95_ms\": %.3f, \"p99_ms\": %.3f, "
            "\"per_s\": %.0f}\n",
            result.n_timed, result.n_many, result.p50_us / 1000, result.p95_us / 1000,
            result.p99_us / 1000, result.per_s);
  else
    printf ("gossip, 100 bytes: %.2f ms median, %.2f ms p95, %.0f messages/s (%u of %d came)\n",
            result.p50_us / 1000, result.p95_us / 1000, result.per_s,
            result.n_timed + result.n_many, TIMED_COUNT + MANY_COUNT);
  return 0;
}
