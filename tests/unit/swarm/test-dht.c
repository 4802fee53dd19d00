/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hash table between swarms on loopback.
 */
#include "swarm-pair.h"

#include "swarm/dht.h"
#include "swarm/rpc.h"

#define COUNT 4

typedef struct {
  Node *nodes[COUNT];
  SoukDht *dhts[COUNT];
} Fixture;

typedef struct {
  bool is_done;
  SoukStatus status;
  unsigned n_peers, n_named;
  SoukPeerId first;
} Answer;

static size_t
table_size (SoukDht *dht)
{
  SoukKadStats stats;
  souk_dht_stats (dht, &stats);
  return stats.peers;
}

/* All connected to the first; the last is a client. */
static void
set_up (Fixture *f)
{
  for (uint8_t i = 0; i < COUNT; i++)
    {
      SoukDhtConfig config = { .protocol = SOUK_KAD_PROTOCOL, .is_server = i < COUNT - 1 };
      f->nodes[i] = node_new ((uint8_t)(i + 1));
      f->dhts[i] = souk_dht_new (f->nodes[i]->swarm, &config);
    }
  for (uint8_t i = 1; i < COUNT; i++)
    connect_nodes (f->nodes[i], f->nodes[0]);
  wait_for (table_size (f->dhts[0]) == COUNT - 2 && table_size (f->dhts[1]) == COUNT - 2
            && table_size (f->dhts[2]) == COUNT - 2 && table_size (f->dhts[3]) == COUNT - 1);
}

static void
tear_down (Fixture *f)
{
  for (unsigned i = 0; i < COUNT; i++)
    {
      souk_dht_free (f->dhts[i]);
      node_free (f->nodes[i]);
    }
}

static void
on_done (SoukDht *dht, const SoukDhtResult *result, void *user)
{
  Answer *answer = user;
  g_assert_false (answer->is_done);
  *answer = (Answer){ true, result->status, result->n_peers, result->peers->len, { { 0 } } };
  if (result->peers->len > 0)
    answer->first = g_array_index (result->peers, SoukPeerId, 0);
}

static void
test_providers (void)
{
  Fixture f;
  Answer provided = { 0 }, found = { 0 }, missing = { 0 };
  SoukCid cid = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("content"));
  SoukCid other = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("other"));
  set_up (&f);
  g_assert_cmpint (souk_dht_provide (f.dhts[3], &cid, on_done, &provided, NULL), ==,
                   SOUK_STATUS_OK);
  g_assert_false (provided.is_done);
  wait_for (provided.is_done);
  g_assert_cmpint (provided.status, ==, SOUK_STATUS_OK);
  g_assert_cmpuint (provided.n_peers, ==, COUNT - 1);
  g_assert_cmpint (souk_dht_find_providers (f.dhts[1], &cid, 1, on_done, &found, NULL), ==,
                   SOUK_STATUS_OK);
  wait_for (found.is_done);
  g_assert_cmpint (found.status, ==, SOUK_STATUS_OK);
  g_assert_cmpuint (found.n_named, ==, 1);
  g_assert_true (souk_peer_id_is_equal (&found.first, &f.nodes[3]->id));
  g_assert_cmpint (souk_dht_find_providers (f.dhts[1], &other, 1, on_done, &missing, NULL), ==,
                   SOUK_STATUS_OK);
  wait_for (missing.is_done);
  g_assert_cmpint (missing.status, ==, SOUK_STATUS_KAD_NOT_FOUND);
  tear_down (&f);
}

static void
test_modes (void)
{
  Fixture f;
  set_up (&f);
  g_assert_false (souk_swarm_is_served (f.nodes[3]->swarm, SOUK_KAD_PROTOCOL));
  /* Who becomes a server says so by identify, and is in the tables then. */
  souk_dht_set_server (f.dhts[3], true);
  g_assert_true (souk_swarm_is_served (f.nodes[3]->swarm, SOUK_KAD_PROTOCOL));
  wait_for (table_size (f.dhts[0]) == COUNT - 1);
  souk_dht_set_server (f.dhts[3], false);
  wait_for (table_size (f.dhts[0]) == COUNT - 2);
  tear_down (&f);
}

static void
test_cancel (void)
{
  Fixture f;
  Answer answer = { 0 }, other = { 0 };
  SoukDhtQuery *query;
  set_up (&f);
  souk_dht_find_closest (f.dhts[1], SOUK_SLICE_LITERAL ("key"), on_done, &answer, &query);
  souk_dht_cancel (query);
  souk_dht_find_closest (f.dhts[1], SOUK_SLICE_LITERAL ("key"), on_done, &other, NULL);
  wait_for (other.is_done);
  g_assert_false (answer.is_done);
  g_assert_cmpuint (other.n_named, ==, COUNT - 2);
  /* One that is open when all ends. */
  souk_dht_find_closest (f.dhts[2], SOUK_SLICE_LITERAL ("key"), on_done, &answer, NULL);
  tear_down (&f);
  g_assert_false (answer.is_done);
}

typedef struct {
  bool is_done, is_good;
} Asked;

static void
on_reply (SoukSwarm *swarm, GBytes *reply, const GError *error, void *user)
{
  Asked *asked = user;
  asked->is_done = true;
  asked->is_good = reply != NULL;
}

static void
test_garbage (void)
{
  Fixture f;
  Asked asked = { 0 };
  set_up (&f);
  g_autoptr (GBytes) garbage = g_bytes_new_static ("\x12\xff", 2);
  souk_rpc_call (f.nodes[1]->swarm, &f.nodes[0]->id, SOUK_KAD_PROTOCOL, garbage, 1000, 5000,
                 on_reply, &asked);
  wait_for (asked.is_done);
  g_assert_false (asked.is_good);
  g_autoptr (SoukPeerInfo) info = souk_swarm_peer_info (f.nodes[0]->swarm, &f.nodes[1]->id);
  g_assert_cmpfloat (info->score, !=, 0);
  tear_down (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/swarm/dht/a-client-provides-and-is-found", test_providers);
  g_test_add_func ("/swarm/dht/a-mode-changes-what-others-have-in-their-tables", test_modes);
  g_test_add_func ("/swarm/dht/a-cancelled-lookup-makes-no-call", test_cancel);
  g_test_add_func ("/swarm/dht/a-request-that-cannot-be-read-costs-score", test_garbage);
  return g_test_run ();
}
