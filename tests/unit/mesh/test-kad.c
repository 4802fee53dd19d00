/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests of the hash-table machine: some machines whose requests arrive at once, or never.
 */
#include "mesh/kad.h"

#include "mesh/kad-limits.h"
#include "support.h"

#define NODES_MAX 40
#define WALL ((SoukWall){ INT64_C (1790000000000000) })

typedef struct {
  SoukPeerId id;
  SoukMultiaddr addr;
  SoukSeededRng rng;
  SoukKad *kad;
  bool is_deaf;      /* nothing reaches it */
  SoukKadEvent done; /* the last DONE; its pointers are borrowed no longer than it is looked at */
  unsigned n_done, n_providers, n_progress;
  SoukPeerId provider;
  GBytes *value;
  bool is_bootstrapped;
} TestNode;

typedef struct {
  TestNode nodes[NODES_MAX];
  size_t count;
  SoukMono now;
} TestNet;

/* "/test/": a value begins with a digit, and the larger is the better. */
static SoukStatus
validate_test (SoukSlice key, SoukSlice value)
{
  return value.len > 0 && g_ascii_isdigit (value.data[0]) ? SOUK_STATUS_OK : SOUK_STATUS_KAD_RECORD;
}

static bool
is_better_test (SoukSlice key, SoukSlice value, SoukSlice other)
{
  return value.data[0] > other.data[0];
}

static const SoukKadNamespace test_namespace = { "/test/", validate_test, is_better_test };
static const SoukKadNamespace *const namespaces[]
    = { &souk_kad_namespace_pk, &souk_kad_namespace_ipns, &test_namespace, NULL };

static void
net_init (TestNet *net, size_t count)
{
  *net = (TestNet){ .count = count, .now = { 1000000 } };
  for (size_t i = 0; i < count; i++)
    {
      TestNode *node = &net->nodes[i];
      SoukIdentity identity;
      uint8_t seed[32] = { (uint8_t)(i + 1) };
      souk_identity_init_seed (&identity, seed);
      node->id = souk_identity_peer_id (&identity);
      souk_seeded_rng_init_number (&node->rng, i);
      g_autofree char *text = g_strdup_printf ("/ip4/127.0.0.1/tcp/%zu", i + 1);
      souk_assert_status (souk_multiaddr_parse (text, &node->addr), OK);
      SoukKadConfig config = { .self = node->id, .is_server = true, .namespaces = namespaces };
      node->kad = souk_kad_new (&config, &node->rng.rng, net->now);
      souk_kad_set_addrs (node->kad, &node->addr, 1);
    }
}

static void
net_done (TestNet *net)
{
  for (size_t i = 0; i < net->count; i++)
    {
      souk_kad_free (net->nodes[i].kad);
      g_clear_pointer (&net->nodes[i].value, g_bytes_unref);
    }
}

static TestNode *
node_of (TestNet *net, const SoukPeerId *id)
{
  for (size_t i = 0; i < net->count; i++)
    if (souk_peer_id_is_equal (&net->nodes[i].id, id))
      return &net->nodes[i];
  return NULL;
}

/* As identify does on both sides. */
static void
meet (TestNet *net, TestNode *a, TestNode *b)
{
  souk_kad_add_peer (a->kad, &b->id, &b->addr, 1, souk_kad_is_server (b->kad), net->now);
  souk_kad_add_peer (b->kad, &a->id, &a->addr, 1, souk_kad_is_server (a->kad), net->now);
}

static void
carry (TestNet *net, TestNode *from, const SoukKadEvent *event)
{
  TestNode *to = node_of (net, &event->peer);
  g_autoptr (GByteArray) reply = g_byte_array_new ();
  if (to == NULL)
    {
      souk_kad_replied (from->kad, event->request, NULL, net->now);
      return;
    }
  if (to->is_deaf)
    return;
  meet (net, from, to);
  SoukStatus status = souk_kad_serve (to->kad, &from->id, souk_slice_from_bytes (event->bytes),
                                      WALL, net->now, reply);
  SoukSlice slice = souk_slice_from_array (reply);
  if (status == SOUK_STATUS_OK)
    status = souk_kad_replied (from->kad, event->request, &slice, net->now);
  else
    souk_kad_replied (from->kad, event->request, NULL, net->now);
}

static void
on_done (TestNode *node, const SoukKadEvent *event)
{
  node->n_done++;
  node->done = *event;
  g_clear_pointer (&node->value, g_bytes_unref);
  if (event->bytes != NULL)
    node->value = g_bytes_ref (event->bytes);
}

static void
net_pump (TestNet *net)
{
  bool is_busy = true;
  while (is_busy)
    {
      is_busy = false;
      for (size_t i = 0; i < net->count; i++)
        {
          TestNode *node = &net->nodes[i];
          SoukKadEvent event;
          while (souk_kad_next (node->kad, &event))
            {
              is_busy = true;
              switch (event.type)
                {
                case SOUK_KAD_EVENT_REQUEST:
                  carry (net, node, &event);
                  break;
                case SOUK_KAD_EVENT_PROVIDER:
                  node->n_providers++;
                  node->provider = event.peer;
                  break;
                case SOUK_KAD_EVENT_DONE:
                  on_done (node, &event);
                  break;
                case SOUK_KAD_EVENT_PROGRESS:
                  node->n_progress++;
                  node->is_bootstrapped = event.done == event.total;
                  break;
                }
            }
        }
    }
}

static void
net_run (TestNet *net, int64_t ms, int64_t step_ms)
{
  for (int64_t passed = 0; passed < ms; passed += step_ms)
    {
      net->now = souk_mono_add_ms (net->now, step_ms);
      for (size_t i = 0; i < net->count; i++)
        if (souk_mono_is_due (souk_kad_deadline (net->nodes[i].kad), net->now))
          souk_kad_tick (net->nodes[i].kad, net->now);
      net_pump (net);
    }
}

/* All know the first, and find the others through it. */
static void
net_join (TestNet *net)
{
  for (size_t i = 1; i < net->count; i++)
    {
      meet (net, &net->nodes[i], &net->nodes[0]);
      souk_kad_bootstrap (net->nodes[i].kad, net->now);
      net_pump (net);
    }
}

#define KEY SOUK_SLICE_LITERAL ("/test/key")

static void
put (TestNet *net, TestNode *node, const char *value)
{
  uint64_t query;
  souk_assert_status (
      souk_kad_put (node->kad, KEY, souk_slice_from_text (value), WALL, net->now, &query), OK);
  net_pump (net);
}

static void
get (TestNet *net, TestNode *node, unsigned quorum, const char *wanted)
{
  uint64_t query;
  unsigned before = node->n_done;
  souk_assert_status (souk_kad_get (node->kad, KEY, quorum, net->now, &query), OK);
  net_pump (net);
  g_assert_cmpuint (node->n_done, ==, before + 1);
  g_assert_cmpuint (node->done.query, ==, query);
  if (wanted == NULL)
    {
      souk_assert_status (node->done.status, KAD_NOT_FOUND);
      return;
    }
  souk_assert_status (node->done.status, OK);
  g_assert_cmpmem (wanted, strlen (wanted), g_bytes_get_data (node->value, NULL),
                   g_bytes_get_size (node->value));
}

static void
test_alone (void)
{
  TestNet net;
  uint64_t query;
  net_init (&net, 1);
  souk_assert_status (souk_kad_find_closest (net.nodes[0].kad, KEY, net.now, &query), OK);
  g_assert_cmpuint (net.nodes[0].n_done, ==, 0);
  net_pump (&net);
  g_assert_cmpuint (net.nodes[0].n_done, ==, 1);
  souk_assert_status (net.nodes[0].done.status, KAD_ALONE);
  net_done (&net);
}

static void
test_values (void)
{
  TestNet net;
  net_init (&net, 30);
  net_join (&net);
  get (&net, &net.nodes[7], 1, NULL);
  put (&net, &net.nodes[3], "1 one");
  souk_assert_status (net.nodes[3].done.status, OK);
  g_assert_cmpuint (net.nodes[3].done.n_peers, ==, SOUK_KAD_K);
  get (&net, &net.nodes[29], 1, "1 one");
  get (&net, &net.nodes[3], 1, "1 one");
  get (&net, &net.nodes[12], 100, "1 one");
  net_done (&net);
}

static void
test_better_value (void)
{
  TestNet net;
  net_init (&net, 30);
  net_join (&net);
  put (&net, &net.nodes[3], "2 new");
  /* A worse one does not replace it. */
  put (&net, &net.nodes[4], "1 old");
  get (&net, &net.nodes[9], 10, "2 new");
  net_done (&net);
}

/* Two halves hold different values; who asks for a quorum gets the better one, and the others too
 * are sent it. */
static void
test_correction (void)
{
  TestNet net;
  net_init (&net, 12);
  for (size_t i = 0; i < 6; i++)
    for (size_t j = 0; j < 6; j++)
      if (i != j)
        {
          meet (&net, &net.nodes[i], &net.nodes[j]);
          meet (&net, &net.nodes[6 + i], &net.nodes[6 + j]);
        }
  put (&net, &net.nodes[0], "1 old");
  put (&net, &net.nodes[6], "2 new");
  meet (&net, &net.nodes[1], &net.nodes[7]);
  get (&net, &net.nodes[1], 12, "2 new");
  for (size_t i = 2; i < 6; i++)
    {
      SoukKadMessage answer;
      g_autoptr (GByteArray) request = g_byte_array_new (), reply = g_byte_array_new ();
      souk_append_kad_head (request, SOUK_KAD_GET_VALUE, KEY);
      souk_assert_status (souk_kad_serve (net.nodes[i].kad, &net.nodes[11].id,
                                          souk_slice_from_array (request), WALL, net.now, reply),
                          OK);
      souk_assert_status (souk_kad_message_parse (souk_slice_from_array (reply), &answer), OK);
      g_assert_true (answer.has_record);
      g_assert_cmpint (answer.value.data[0], ==, '2');
    }
  net_done (&net);
}

static void
test_providers (void)
{
  TestNet net;
  uint64_t query;
  SoukMultihash hash = souk_multihash_sha256 (SOUK_SLICE_LITERAL ("content"));
  g_autoptr (GByteArray) key = g_byte_array_new ();
  souk_append_multihash (key, &hash);
  SoukSlice slice = souk_slice_from_array (key);
  net_init (&net, 8);
  net_join (&net);
  souk_assert_status (souk_kad_provide (net.nodes[5].kad, slice, net.now, &query), OK);
  net_pump (&net);
  souk_assert_status (net.nodes[5].done.status, OK);
  g_assert_cmpuint (net.nodes[5].done.n_peers, ==, 7);
  souk_assert_status (souk_kad_find_providers (net.nodes[0].kad, slice, 1, net.now, &query), OK);
  net_pump (&net);
  souk_assert_status (net.nodes[0].done.status, OK);
  g_assert_cmpuint (net.nodes[0].n_providers, ==, 1);
  g_assert_true (souk_peer_id_is_equal (&net.nodes[0].provider, &net.nodes[5].id));

  /* It is kept up: after three days the others still know it, although each record lives two. */
  net_run (&net, 72LL * 3600 * 1000, 60 * 1000);
  souk_assert_status (souk_kad_find_providers (net.nodes[1].kad, slice, 1, net.now, &query), OK);
  net_pump (&net);
  g_assert_cmpuint (net.nodes[1].n_providers, ==, 1);

  /* And forgotten when it is not. */
  souk_kad_unprovide (net.nodes[5].kad, slice);
  net_run (&net, 49LL * 3600 * 1000, 60 * 1000);
  souk_assert_status (souk_kad_find_providers (net.nodes[2].kad, slice, 1, net.now, &query), OK);
  net_pump (&net);
  souk_assert_status (net.nodes[2].done.status, KAD_NOT_FOUND);
  net_done (&net);
}

static void
test_client (void)
{
  TestNet net;
  uint64_t query;
  net_init (&net, 10);
  souk_kad_set_server (net.nodes[9].kad, false);
  net_join (&net);
  SoukKadStats stats;
  souk_kad_stats (net.nodes[9].kad, &stats);
  g_assert_cmpuint (stats.peers, ==, 9);
  for (size_t i = 0; i < 9; i++)
    {
      souk_kad_stats (net.nodes[i].kad, &stats);
      g_assert_cmpuint (stats.peers, ==, 8);
    }
  /* In nobody's table, but who is connected to it can say where it is. */
  souk_assert_status (souk_kad_find_peer (net.nodes[4].kad, &net.nodes[9].id, net.now, &query), OK);
  net_pump (&net);
  souk_assert_status (net.nodes[4].done.status, OK);
  g_autoptr (GByteArray) request = g_byte_array_new (), reply = g_byte_array_new ();
  souk_append_kad_head (request, SOUK_KAD_GET_VALUE, KEY);
  souk_assert_status (souk_kad_serve (net.nodes[9].kad, &net.nodes[0].id,
                                      souk_slice_from_array (request), WALL, net.now, reply),
                      PROTOCOL_REFUSED);
  net_done (&net);
}

static void
test_find_peer (void)
{
  TestNet net;
  uint64_t query;
  SoukPeerId nobody = { souk_multihash_sha256 (SOUK_SLICE_LITERAL ("nobody")) };
  net_init (&net, 20);
  for (size_t i = 1; i < net.count; i++)
    meet (&net, &net.nodes[i - 1], &net.nodes[i]);
  souk_assert_status (souk_kad_find_peer (net.nodes[0].kad, &net.nodes[19].id, net.now, &query),
                      OK);
  net_pump (&net);
  souk_assert_status (net.nodes[0].done.status, OK);
  g_assert_true (souk_peer_id_is_equal (&net.nodes[0].done.peer, &net.nodes[19].id));
  souk_assert_status (souk_kad_find_peer (net.nodes[0].kad, &nobody, net.now, &query), OK);
  net_pump (&net);
  souk_assert_status (net.nodes[0].done.status, KAD_NOT_FOUND);
  net_done (&net);
}

/* A dead peer near the key costs what a slow one may take, and its place goes to the next, which
 * may be dead too. */
static void
test_dead_peers (void)
{
  TestNet net;
  net_init (&net, 40);
  net_join (&net);
  for (size_t i = 1; i < net.count; i += 4)
    net.nodes[i].is_deaf = true;
  uint64_t query;
  souk_assert_status (souk_kad_find_closest (net.nodes[2].kad, KEY, net.now, &query), OK);
  net_pump (&net);
  g_assert_cmpuint (net.nodes[2].n_done, ==, 0);
  net_run (&net, 8 * (SOUK_KAD_SLOW_MS + SOUK_KAD_TICK_MS), 100);
  g_assert_cmpuint (net.nodes[2].n_done, ==, 1);
  souk_assert_status (net.nodes[2].done.status, OK);
  net_done (&net);
}

static void
test_bootstrap (void)
{
  TestNet net;
  net_init (&net, 30);
  /* Asked for while nobody is there: begins with the first peer. */
  souk_kad_bootstrap (net.nodes[1].kad, net.now);
  net_run (&net, 1000, 100);
  g_assert_cmpuint (net.nodes[1].n_progress, ==, 0);
  net_join (&net);
  net_run (&net, 1000, 100);
  for (size_t i = 1; i < net.count; i++)
    g_assert_true (net.nodes[i].is_bootstrapped);
  net_done (&net);
}

static SoukStatus
serve (TestNet *net, SoukKadType type, const char *key, const char *value)
{
  g_autoptr (GByteArray) request = g_byte_array_new (), reply = g_byte_array_new ();
  souk_append_kad_head (request, type, souk_slice_from_text (key));
  if (value != NULL)
    souk_append_kad_record (request, souk_slice_from_text (key), souk_slice_from_text (value),
                            (SoukWall){ 0 });
  return souk_kad_serve (net->nodes[0].kad, &net->nodes[1].id, souk_slice_from_array (request),
                         WALL, net->now, reply);
}

static void
test_refusals (void)
{
  TestNet net;
  net_init (&net, 2);
  souk_assert_status (serve (&net, SOUK_KAD_PUT_VALUE, "/other/key", "1"), KAD_NAMESPACE);
  souk_assert_status (serve (&net, SOUK_KAD_PUT_VALUE, "/test/key", "no digit"), KAD_RECORD);
  souk_assert_status (serve (&net, SOUK_KAD_PUT_VALUE, "/test/key", NULL), BAD_KAD);
  souk_assert_status (serve (&net, SOUK_KAD_PUT_VALUE, "/ipns/what", "1"), KAD_RECORD);
  souk_assert_status (serve (&net, SOUK_KAD_ADD_PROVIDER, "no multihash", NULL), BAD_KAD);
  souk_assert_status (serve (&net, SOUK_KAD_PUT_VALUE, "/test/key", "1"), OK);
  net_done (&net);
}

static void
test_limits (void)
{
  TestNet net;
  SoukKadStats stats;
  unsigned n_ok = 0;
  net_init (&net, 2);
  for (unsigned i = 0; i < 2 * SOUK_KAD_RECORDS_PEER_MAX; i++)
    {
      g_autofree char *key = g_strdup_printf ("/test/%u", i);
      n_ok += serve (&net, SOUK_KAD_PUT_VALUE, key, "1") == SOUK_STATUS_OK;
      net.now = souk_mono_add_ms (net.now, SOUK_KAD_RATE_MS / 100);
    }
  g_assert_cmpuint (n_ok, ==, SOUK_KAD_RECORDS_PEER_MAX);
  souk_kad_stats (net.nodes[0].kad, &stats);
  g_assert_cmpuint (stats.values, ==, SOUK_KAD_RECORDS_PEER_MAX);
  n_ok = 0;
  net.now = souk_mono_add_ms (net.now, SOUK_KAD_RATE_MS);
  for (unsigned i = 0; i < 2 * SOUK_KAD_RATE_MAX; i++)
    n_ok += serve (&net, SOUK_KAD_GET_VALUE, "/test/1", NULL) == SOUK_STATUS_OK;
  g_assert_cmpuint (n_ok, ==, SOUK_KAD_RATE_MAX);
  net.now = souk_mono_add_ms (net.now, SOUK_KAD_EXPIRE_MS + SOUK_KAD_EXPIRY_TICK_MS);
  souk_assert_status (serve (&net, SOUK_KAD_PUT_VALUE, "/test/more", "1"), LIMIT);
  souk_kad_tick (net.nodes[0].kad, net.now);
  souk_assert_status (serve (&net, SOUK_KAD_PUT_VALUE, "/test/more", "1"), OK);
  net_done (&net);
}

static void
test_liar (void)
{
  TestNet net;
  SoukKadEvent event;
  uint64_t query;
  net_init (&net, 2);
  souk_kad_add_peer (net.nodes[0].kad, &net.nodes[1].id, &net.nodes[1].addr, 1, true, net.now);
  souk_assert_status (souk_kad_get (net.nodes[0].kad, KEY, 1, net.now, &query), OK);
  g_assert_true (souk_kad_next (net.nodes[0].kad, &event));
  g_assert_cmpint (event.type, ==, SOUK_KAD_EVENT_REQUEST);
  g_autoptr (GByteArray) reply = g_byte_array_new ();
  souk_append_kad_head (reply, SOUK_KAD_GET_VALUE, KEY);
  souk_append_kad_record (reply, KEY, SOUK_SLICE_LITERAL ("no digit"), (SoukWall){ 0 });
  SoukSlice slice = souk_slice_from_array (reply);
  souk_assert_status (souk_kad_replied (net.nodes[0].kad, event.request, &slice, net.now),
                      KAD_RECORD);
  g_assert_true (souk_kad_next (net.nodes[0].kad, &event));
  souk_assert_status (event.status, KAD_NOT_FOUND);
  net_done (&net);
}

static void
test_pk (void)
{
  SoukIdentity identity;
  uint8_t seed[32] = { 9 };
  souk_identity_init_seed (&identity, seed);
  SoukPeerId id = souk_identity_peer_id (&identity);
  g_autoptr (GBytes) public_key = souk_identity_public_key (&identity);
  g_autoptr (GByteArray) key = g_byte_array_new ();
  souk_append (key, SOUK_SLICE_LITERAL ("/pk/"));
  souk_append_peer_id (key, &id);
  SoukSlice slice = souk_slice_from_array (key);
  souk_assert_status (souk_kad_validate (namespaces, slice, souk_slice_from_bytes (public_key)),
                      OK);
  key->data[key->len - 1] ^= 1;
  souk_assert_status (souk_kad_validate (namespaces, slice, souk_slice_from_bytes (public_key)),
                      KAD_RECORD);
  souk_assert_status (souk_kad_validate (namespaces, SOUK_SLICE_LITERAL ("/pk/"),
                                         souk_slice_from_bytes (public_key)),
                      KAD_NAMESPACE);
  g_byte_array_set_size (key, 0);
  souk_append (key, SOUK_SLICE_LITERAL ("/ipns/"));
  souk_append_peer_id (key, &id);
  souk_assert_status (
      souk_kad_validate (namespaces, souk_slice_from_array (key), SOUK_SLICE_LITERAL ("record")),
      KAD_NAMESPACE);
}

static void
test_many_own (void)
{
  TestNet net;
  SoukKadStats stats;
  net_init (&net, 8);
  net_join (&net);
  for (unsigned i = 0; i < 200; i++)
    {
      SoukMultihash hash = souk_multihash_sha256 (souk_slice (&i, sizeof i));
      g_autoptr (GByteArray) key = g_byte_array_new ();
      souk_append_multihash (key, &hash);
      souk_assert_status (
          souk_kad_provide (net.nodes[1].kad, souk_slice_from_array (key), net.now, NULL), OK);
    }
  net_run (&net, 120 * 1000, 500);
  for (size_t i = 2; i < 8; i++)
    {
      souk_kad_stats (net.nodes[i].kad, &stats);
      g_assert_cmpuint (stats.provider_records, ==, 200);
    }
  g_assert_cmpuint (net.nodes[1].n_done, ==, 0);
  net_done (&net);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mesh/kad/without-peers-a-lookup-says-so", test_alone);
  g_test_add_func ("/mesh/kad/a-value-is-found-by-everybody", test_values);
  g_test_add_func ("/mesh/kad/a-worse-value-replaces-no-better-one", test_better_value);
  g_test_add_func ("/mesh/kad/who-holds-a-worse-value-is-sent-the-better-one", test_correction);
  g_test_add_func ("/mesh/kad/providers-are-announced-again-and-expire", test_providers);
  g_test_add_func ("/mesh/kad/many-things-are-announced-in-turn", test_many_own);
  g_test_add_func ("/mesh/kad/a-client-is-in-no-table-and-serves-nothing", test_client);
  g_test_add_func ("/mesh/kad/a-peer-is-found-along-a-chain", test_find_peer);
  g_test_add_func ("/mesh/kad/dead-peers-cost-a-lookup-bounded-time", test_dead_peers);
  g_test_add_func ("/mesh/kad/the-table-is-filled-from-the-first-peer", test_bootstrap);
  g_test_add_func ("/mesh/kad/what-is-wrong-with-a-request-has-a-name", test_refusals);
  g_test_add_func ("/mesh/kad/one-peer-may-keep-and-ask-only-so-much", test_limits);
  g_test_add_func ("/mesh/kad/a-false-value-is-not-believed", test_liar);
  g_test_add_func ("/mesh/kad/a-public-key-belongs-to-its-id", test_pk);
  return g_test_run ();
}
