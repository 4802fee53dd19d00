/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Swarms on loopback in one main context, and waiting for things: for the tests of swarm/.
 */
#pragma once
#include "swarm/swarm.h"
#include "swarm/system-rng.h"

#include <string.h>

typedef struct {
  SoukIdentity identity;
  SoukSwarm *swarm;
  SoukMultiaddr addr; /* with the peer id */
  SoukPeerId id;
  unsigned n_connected, n_disconnected, n_identified, n_banned, n_refused;
} Node;

static inline void
node_connected (SoukSwarm *swarm, const SoukPeerId *peer, void *user)
{
  ((Node *)user)->n_connected++;
}

static inline void
node_disconnected (SoukSwarm *swarm, const SoukPeerId *peer, void *user)
{
  ((Node *)user)->n_disconnected++;
}

static inline void
node_identified (SoukSwarm *swarm, const SoukPeerId *peer, const SoukIdentifyInfo *info, void *user)
{
  ((Node *)user)->n_identified++;
}

static const SoukSwarmWatch node_watch = { .on_connected = node_connected,
                                           .on_disconnected = node_disconnected,
                                           .on_identified = node_identified };

static inline void
node_log (void *user, const char *name, SoukStatus status, const SoukPeerId *peer,
          const char *detail)
{
  Node *node = user;
  node->n_banned += g_str_equal (name, "peer-banned");
  node->n_refused += g_str_equal (name, "inbound-refused");
}

static inline Node *
node_new_limited (uint8_t number, SoukSwarmLimits limits)
{
  Node *node = g_new0 (Node, 1);
  uint8_t seed[32] = { number, 5 };
  souk_identity_init_seed (&node->identity, seed);
  SoukSwarmConfig config = { .identity = &node->identity,
                             .rng = souk_system_rng (),
                             .agent = "test/1",
                             .limits = limits,
                             .events = { node_log, node },
                             .announces_private = true };
  node->swarm = souk_swarm_new (&config);
  node->id = *souk_swarm_self (node->swarm);
  souk_swarm_watch (node->swarm, &node_watch, node);
  SoukMultiaddr any;
  g_autoptr (GError) error = NULL;
  g_assert_cmpint (souk_multiaddr_parse ("/ip4/127.0.0.1/tcp/0", &any), ==, SOUK_STATUS_OK);
  souk_swarm_listen (node->swarm, &any, &error);
  g_assert_no_error (error);
  g_autoptr (GArray) addrs = souk_swarm_listen_addrs (node->swarm);
  g_assert_cmpint (souk_multiaddr_with_peer_id (&g_array_index (addrs, SoukMultiaddr, 0), &node->id,
                                                &node->addr),
                   ==, SOUK_STATUS_OK);
  return node;
}

static inline Node *
node_new (uint8_t number)
{
  return node_new_limited (number, SOUK_SWARM_LIMITS_DEFAULT);
}

static inline void
node_free (Node *node)
{
  souk_swarm_free (node->swarm);
  souk_identity_done (&node->identity);
  g_free (node);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Node, node_free)

static inline gboolean
wait_over (gpointer data)
{
  *(bool *)data = true;
  return G_SOURCE_REMOVE;
}

/* Runs the main loop until `condition` holds, for at most `ms`. */
#define wait_for_ms(condition, ms)                                                                 \
  do                                                                                               \
    {                                                                                              \
      bool wait_is_over = false;                                                                   \
      guint wait_source = g_timeout_add ((ms), wait_over, &wait_is_over);                          \
      while (!(condition) && !wait_is_over)                                                        \
        g_main_context_iteration (NULL, TRUE);                                                     \
      if (!wait_is_over)                                                                           \
        g_source_remove (wait_source);                                                             \
    }                                                                                              \
  while (0)

#define wait_for(condition)                                                                        \
  do                                                                                               \
    {                                                                                              \
      wait_for_ms (condition, 20000);                                                              \
      g_assert_true (condition);                                                                   \
    }                                                                                              \
  while (0)

typedef struct {
  bool is_done;
  bool is_good;
  GError *error;
} Outcome;

static inline void
outcome_dial (SoukSwarm *swarm, const SoukPeerId *peer, const GError *error, void *user)
{
  Outcome *outcome = user;
  g_assert_false (outcome->is_done);
  outcome->is_done = true;
  outcome->is_good = peer != NULL;
  outcome->error = error != NULL ? g_error_copy (error) : NULL;
}

static inline void
connect_nodes (Node *from, Node *to)
{
  Outcome outcome = { 0 };
  souk_swarm_dial (from->swarm, &to->addr, outcome_dial, &outcome);
  g_assert_false (outcome.is_done);
  wait_for (outcome.is_done);
  g_assert_no_error (outcome.error);
  wait_for (souk_swarm_is_connected (to->swarm, &from->id));
}
