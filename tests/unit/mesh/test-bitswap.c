/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests of mesh/bitswap.c, bitswap-client.c and bitswap-server.c: some machines with stores, on
 * lines that lose nothing unless told so.
 */
#include "mesh/bitswap.h"

#include "mesh/bitswap-limits.h"

#include <string.h>

#define NODES_MAX 8

typedef struct {
  SoukPeerId id;
  SoukSeededRng rng;
  SoukBitswap *bitswap;
  GHashTable *store; /* SoukCid -> GBytes */
  unsigned received, failed, sends, needs;
  size_t largest;
  bool is_deaf; /* what it is sent is lost */
} Node;

typedef struct {
  Node nodes[NODES_MAX];
  size_t count;
  SoukMono now;
} Bench;

static void
bench_init (Bench *bench, size_t count)
{
  memset (bench, 0, sizeof *bench);
  bench->count = count;
  bench->now = (SoukMono){ 1000000 };
  for (size_t i = 0; i < count; i++)
    {
      Node *node = &bench->nodes[i];
      SoukIdentity identity;
      uint8_t seed[32] = { (uint8_t)(i + 1) };
      souk_identity_init_seed (&identity, seed);
      node->id = souk_identity_peer_id (&identity);
      souk_seeded_rng_init_number (&node->rng, i);
      node->store = g_hash_table_new_full (souk_cid_hash, souk_cid_equal, g_free,
                                           (GDestroyNotify)g_bytes_unref);
      node->bitswap = souk_bitswap_new (&node->rng.rng, bench->now);
    }
}

static void
bench_done (Bench *bench)
{
  for (size_t i = 0; i < bench->count; i++)
    {
      souk_bitswap_free (bench->nodes[i].bitswap);
      g_hash_table_unref (bench->nodes[i].store);
    }
}

static void
connect_pair (Bench *bench, size_t a, size_t b)
{
  souk_bitswap_add_peer (bench->nodes[a].bitswap, &bench->nodes[b].id, bench->now);
  souk_bitswap_add_peer (bench->nodes[b].bitswap, &bench->nodes[a].id, bench->now);
}

static SoukCid
put (Bench *bench, size_t node, uint64_t number, size_t len)
{
  g_autofree uint8_t *data = g_malloc0 (len + 8);
  memcpy (data, &number, sizeof number);
  GBytes *block = g_bytes_new (data, len);
  SoukCid cid = souk_cid_of (SOUK_CODEC_RAW, souk_slice_from_bytes (block));
  g_hash_table_insert (bench->nodes[node].store, g_memdup2 (&cid, sizeof cid), block);
  souk_bitswap_block_added (bench->nodes[node].bitswap, &cid);
  return cid;
}

static void
want (Bench *bench, size_t node, const SoukCid *cid, const SoukPeerId *preferred)
{
  g_assert_cmpint (souk_bitswap_want (bench->nodes[node].bitswap, cid, preferred, 0, bench->now),
                   ==, SOUK_STATUS_OK);
}

static void
carry (Bench *bench, Node *from, const SoukBitswapEvent *event)
{
  from->sends++;
  from->largest = MAX (from->largest, g_bytes_get_size (event->bytes));
  for (size_t i = 0; i < bench->count; i++)
    if (souk_peer_id_is_equal (&bench->nodes[i].id, &event->peer) && !bench->nodes[i].is_deaf)
      g_assert_cmpint (
          souk_bitswap_recv (bench->nodes[i].bitswap, &from->id, event->bytes, bench->now), ==,
          SOUK_STATUS_OK);
  souk_bitswap_sent (from->bitswap, &event->peer, true);
}

static void
pump (Bench *bench)
{
  SoukBitswapEvent event;
  bool again = true;
  while (again)
    {
      again = false;
      for (size_t i = 0; i < bench->count; i++)
        for (Node *node = &bench->nodes[i]; souk_bitswap_next (node->bitswap, &event, bench->now);)
          {
            SoukBitswapHolding holding = { 0 };
            again = true;
            switch (event.type)
              {
              case SOUK_BITSWAP_EVENT_SEND:
                carry (bench, node, &event);
                break;
              case SOUK_BITSWAP_EVENT_NEED:
                node->needs++;
                holding.block = g_hash_table_lookup (node->store, &event.cid);
                holding.is_here = holding.block != NULL;
                holding.size_bytes = holding.is_here ? g_bytes_get_size (holding.block) : 0;
                souk_bitswap_answer (node->bitswap, &event.peer, &event.cid, &holding, bench->now);
                break;
              case SOUK_BITSWAP_EVENT_BLOCK:
                node->received++;
                g_assert_true (souk_cid_matches (&event.cid, souk_slice_from_bytes (event.bytes)));
                break;
              case SOUK_BITSWAP_EVENT_FAILED:
                node->failed++;
                break;
              }
          }
    }
}

static void
run (Bench *bench, int64_t ms)
{
  pump (bench);
  for (int64_t t = 0; t < ms; t += 500)
    {
      bench->now = souk_mono_add_ms (bench->now, 500);
      for (size_t i = 0; i < bench->count; i++)
        souk_bitswap_tick (bench->nodes[i].bitswap, bench->now);
      pump (bench);
    }
}

static SoukBitswapStats
stats_of (Bench *bench, size_t node)
{
  SoukBitswapStats stats;
  souk_bitswap_stats (bench->nodes[node].bitswap, &stats);
  return stats;
}

static void
test_fetch (void)
{
  Bench bench;
  bench_init (&bench, 2);
  connect_pair (&bench, 0, 1);
  SoukCid small = put (&bench, 1, 1, 100), large = put (&bench, 1, 2, SOUK_BITSWAP_BLOCK_SIZE_MAX);
  want (&bench, 0, &small, NULL);
  want (&bench, 0, &large, &bench.nodes[1].id);
  want (&bench, 0, &large, NULL);
  pump (&bench);
  g_assert_cmpuint (bench.nodes[0].received, ==, 2);
  g_assert_cmpuint (bench.nodes[0].sends, ==, 1);
  g_assert_cmpuint (bench.nodes[1].largest, <=, SOUK_BITSWAP_MESSAGE_SIZE_MAX);
  g_assert_false (souk_bitswap_is_wanted (bench.nodes[0].bitswap, &small));
  SoukBitswapStats stats = stats_of (&bench, 1);
  g_assert_cmpuint (stats.ledger, ==, 0);
  g_assert_cmpuint (stats.queued_bytes, ==, 0);
  g_assert_cmpint (souk_bitswap_deadline (bench.nodes[0].bitswap).us, ==, INT64_MAX);
  bench_done (&bench);
}

static void
test_many (void)
{
  enum { BLOCKS = 1000 };
  Bench bench;
  bench_init (&bench, 2);
  connect_pair (&bench, 0, 1);
  for (uint64_t i = 0; i < BLOCKS; i++)
    {
      SoukCid cid = put (&bench, 1, i, 64 * 1024);
      want (&bench, 0, &cid, &bench.nodes[1].id);
    }
  pump (&bench);
  g_assert_cmpuint (bench.nodes[0].received, ==, BLOCKS);
  g_assert_cmpuint (stats_of (&bench, 0).duplicates, ==, 0);
  /* Few messages: a handful of want-lists, and about 30 blocks in each answer. */
  g_test_message ("%u want-lists, %u answers", bench.nodes[0].sends, bench.nodes[1].sends);
  g_assert_cmpuint (bench.nodes[0].sends, <=, 16);
  g_assert_cmpuint (bench.nodes[1].sends, <=, BLOCKS / 20);
  g_assert_cmpuint (bench.nodes[1].largest, <=, SOUK_BITSWAP_MESSAGE_SIZE_TARGET);
  bench_done (&bench);
}

static void
test_denied (void)
{
  Bench bench;
  bench_init (&bench, 4);
  for (size_t i = 1; i < 4; i++)
    connect_pair (&bench, 0, i);
  /* The preferred peer has not got it, another has: no time passes. */
  SoukCid cid = put (&bench, 3, 1, 5000);
  want (&bench, 0, &cid, &bench.nodes[1].id);
  pump (&bench);
  g_assert_cmpuint (bench.nodes[0].received, ==, 1);
  /* The other peers' ledgers are empty again: the want was cancelled. */
  for (size_t i = 1; i < 4; i++)
    g_assert_cmpuint (stats_of (&bench, i).ledger, ==, 0);
  bench_done (&bench);
}

static void
test_comes_later (void)
{
  Bench bench;
  bench_init (&bench, 2);
  connect_pair (&bench, 0, 1);
  uint8_t late[300] = { 1 };
  SoukCid cid = souk_cid_of (SOUK_CODEC_RAW, souk_slice (late, sizeof late));
  want (&bench, 0, &cid, NULL);
  run (&bench, 1000);
  g_assert_cmpuint (bench.nodes[0].received, ==, 0);
  g_assert_true (g_hash_table_insert (bench.nodes[1].store, g_memdup2 (&cid, sizeof cid),
                                      g_bytes_new (late, sizeof late)));
  souk_bitswap_block_added (bench.nodes[1].bitswap, &cid);
  pump (&bench);
  g_assert_cmpuint (bench.nodes[0].received, ==, 1);
  bench_done (&bench);
}

static void
test_slow_peer (void)
{
  Bench bench;
  bench_init (&bench, 3);
  connect_pair (&bench, 0, 1);
  connect_pair (&bench, 0, 2);
  SoukCid cid = put (&bench, 1, 1, 5000);
  put (&bench, 2, 1, 5000);
  bench.nodes[1].is_deaf = true;
  want (&bench, 0, &cid, &bench.nodes[1].id);
  run (&bench, SOUK_BITSWAP_ASK_MS - 1000);
  g_assert_cmpuint (bench.nodes[0].received, ==, 0);
  run (&bench, 2000);
  g_assert_cmpuint (bench.nodes[0].received, ==, 1);

  /* A lost question is asked again even when there is nobody else. */
  SoukCid other = put (&bench, 1, 2, 5000);
  souk_bitswap_remove_peer (bench.nodes[0].bitswap, &bench.nodes[2].id, bench.now);
  want (&bench, 0, &other, NULL);
  pump (&bench);
  bench.nodes[1].is_deaf = false;
  run (&bench, SOUK_BITSWAP_ASK_MS + 1000);
  g_assert_cmpuint (bench.nodes[0].received, ==, 2);
  bench_done (&bench);
}

static void
test_peer_leaves_and_comes (void)
{
  Bench bench;
  bench_init (&bench, 3);
  connect_pair (&bench, 0, 1);
  bench.nodes[1].is_deaf = true;
  SoukCid cid = put (&bench, 2, 1, 5000);
  want (&bench, 0, &cid, NULL);
  pump (&bench);
  souk_bitswap_remove_peer (bench.nodes[0].bitswap, &bench.nodes[1].id, bench.now);
  pump (&bench);
  connect_pair (&bench, 0, 2);
  pump (&bench);
  g_assert_cmpuint (bench.nodes[0].received, ==, 1);
  bench_done (&bench);
}

static void
test_timeout_and_cancel (void)
{
  Bench bench;
  bench_init (&bench, 2);
  connect_pair (&bench, 0, 1);
  SoukCid cid = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("nowhere"));
  SoukCid other = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("nowhere else"));
  souk_bitswap_want (bench.nodes[0].bitswap, &cid, NULL, 3000, bench.now);
  want (&bench, 0, &other, NULL);
  run (&bench, 2000);
  g_assert_cmpuint (stats_of (&bench, 1).ledger, ==, 2);
  g_assert_cmpuint (bench.nodes[0].failed, ==, 0);
  run (&bench, 2000);
  g_assert_cmpuint (bench.nodes[0].failed, ==, 1);
  souk_bitswap_cancel (bench.nodes[0].bitswap, &other);
  pump (&bench);
  g_assert_cmpuint (stats_of (&bench, 1).ledger, ==, 0);
  g_assert_cmpuint (stats_of (&bench, 0).wants, ==, 0);
  bench_done (&bench);
}

static void
test_unwanted_and_wrong (void)
{
  Bench bench;
  bench_init (&bench, 2);
  connect_pair (&bench, 0, 1);
  SoukCid cid = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("right"));
  want (&bench, 0, &cid, NULL);
  pump (&bench);
  /* Other data under the wanted name has another name. */
  g_autoptr (GByteArray) array = g_byte_array_new ();
  souk_append_bitswap_payload (array, &cid, SOUK_SLICE_LITERAL ("wrong"));
  g_autoptr (GBytes) message = g_bytes_new (array->data, array->len);
  g_assert_cmpint (
      souk_bitswap_recv (bench.nodes[0].bitswap, &bench.nodes[1].id, message, bench.now), ==,
      SOUK_STATUS_OK);
  pump (&bench);
  g_assert_cmpuint (bench.nodes[0].received, ==, 0);
  g_assert_cmpuint (stats_of (&bench, 0).duplicates, ==, 1);
  g_assert_true (souk_bitswap_is_wanted (bench.nodes[0].bitswap, &cid));
  SoukCid identity = cid;
  identity.hash = souk_multihash_identity (SOUK_SLICE_LITERAL ("x"));
  g_assert_cmpint (souk_bitswap_want (bench.nodes[0].bitswap, &identity, NULL, 0, bench.now), ==,
                   SOUK_STATUS_UNSUPPORTED);
  bench_done (&bench);
}

/* The test as a greedy client of node 0. */
static void
test_greedy_client (void)
{
  Bench bench;
  SoukBitswapEvent event;
  bench_init (&bench, 2);
  souk_bitswap_add_peer (bench.nodes[0].bitswap, &bench.nodes[1].id, bench.now);
  g_autoptr (GByteArray) entries = g_byte_array_new ();
  g_autoptr (GByteArray) array = g_byte_array_new ();
  for (uint64_t i = 0; i < 2 * SOUK_BITSWAP_LEDGER_MAX; i++)
    {
      SoukBitswapEntry entry = { .cid = put (&bench, 0, i, 60000), .priority = (int32_t)i };
      souk_append_bitswap_entry (entries, &entry);
    }
  souk_append_bitswap_wantlist (array, souk_slice_from_array (entries), true);
  g_autoptr (GBytes) message = g_bytes_new (array->data, array->len);
  for (int i = 0; i < 3; i++)
    souk_bitswap_recv (bench.nodes[0].bitswap, &bench.nodes[1].id, message, bench.now);
  g_assert_cmpuint (stats_of (&bench, 0).ledger, ==, SOUK_BITSWAP_LEDGER_MAX);

  /* It reads nothing: after the first SEND, only as much is fetched as may be queued. */
  unsigned sends = 0, needs = 0;
  while (souk_bitswap_next (bench.nodes[0].bitswap, &event, bench.now))
    if (event.type == SOUK_BITSWAP_EVENT_SEND)
      sends++;
    else
      {
        GBytes *block = g_hash_table_lookup (bench.nodes[0].store, &event.cid);
        SoukBitswapHolding holding = { true, g_bytes_get_size (block), block };
        g_assert_cmpint (event.type, ==, SOUK_BITSWAP_EVENT_NEED);
        if (needs++ == 0)
          {
            /* The highest priority comes first. */
            SoukCid last = put (&bench, 1, SOUK_BITSWAP_LEDGER_MAX - 1, 60000);
            g_assert_true (souk_cid_is_equal (&last, &event.cid));
          }
        souk_bitswap_answer (bench.nodes[0].bitswap, &event.peer, &event.cid, &holding, bench.now);
      }
  SoukBitswapStats stats = stats_of (&bench, 0);
  g_assert_cmpuint (sends, ==, 1);
  g_assert_cmpuint (stats.queued_bytes, <=, SOUK_BITSWAP_QUEUE_BYTES + 60000);
  souk_bitswap_remove_peer (bench.nodes[0].bitswap, &bench.nodes[1].id, bench.now);
  stats = stats_of (&bench, 0);
  g_assert_cmpuint (stats.ledger, ==, 0);
  g_assert_cmpuint (stats.queued_bytes, ==, 0);
  bench_done (&bench);
}

static void
test_cancelled_while_queued (void)
{
  Bench bench;
  bench_init (&bench, 2);
  connect_pair (&bench, 0, 1);
  SoukCid cids[4];
  for (uint64_t i = 0; i < 4; i++)
    {
      cids[i] = put (&bench, 1, i, 1500000);
      want (&bench, 0, &cids[i], NULL);
    }
  /* 1 sends the first answer, which stays on the way; then 0 cancels all. */
  SoukBitswapEvent event;
  g_assert_true (souk_bitswap_next (bench.nodes[0].bitswap, &event, bench.now));
  souk_bitswap_recv (bench.nodes[1].bitswap, &bench.nodes[0].id, event.bytes, bench.now);
  souk_bitswap_sent (bench.nodes[0].bitswap, &bench.nodes[1].id, true);
  unsigned sends = 0;
  while (souk_bitswap_next (bench.nodes[1].bitswap, &event, bench.now))
    if (event.type == SOUK_BITSWAP_EVENT_NEED)
      {
        GBytes *block = g_hash_table_lookup (bench.nodes[1].store, &event.cid);
        SoukBitswapHolding holding = { true, g_bytes_get_size (block), block };
        souk_bitswap_answer (bench.nodes[1].bitswap, &event.peer, &event.cid, &holding, bench.now);
      }
    else
      sends++;
  g_assert_cmpuint (sends, ==, 1);
  for (uint64_t i = 0; i < 4; i++)
    souk_bitswap_cancel (bench.nodes[0].bitswap, &cids[i]);
  pump (&bench);
  souk_bitswap_sent (bench.nodes[1].bitswap, &bench.nodes[0].id, true);
  pump (&bench);
  SoukBitswapStats stats = stats_of (&bench, 1);
  g_assert_cmpuint (stats.blocks_sent, ==, 1);
  g_assert_cmpuint (stats.ledger, ==, 0);
  g_assert_cmpuint (stats.queued_bytes, ==, 0);
  bench_done (&bench);
}

static void
test_old_wants (void)
{
  Bench bench;
  bench_init (&bench, 2);
  connect_pair (&bench, 0, 1);
  SoukCid cid = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("nowhere"));
  want (&bench, 0, &cid, NULL);
  pump (&bench);
  g_assert_cmpuint (stats_of (&bench, 1).ledger, ==, 1);
  bench.nodes[1].is_deaf = true;
  run (&bench, SOUK_BITSWAP_LEDGER_MS + 20000);
  g_assert_cmpuint (stats_of (&bench, 1).ledger, ==, 0);
  bench_done (&bench);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mesh/bitswap/blocks-are-fetched-with-one-question", test_fetch);
  g_test_add_func ("/mesh/bitswap/many-blocks-take-few-messages", test_many);
  g_test_add_func ("/mesh/bitswap/a-denied-block-is-fetched-from-another", test_denied);
  g_test_add_func ("/mesh/bitswap/a-block-that-comes-later-is-served", test_comes_later);
  g_test_add_func ("/mesh/bitswap/a-slow-peer-is-left-and-a-lost-question-repeated",
                   test_slow_peer);
  g_test_add_func ("/mesh/bitswap/a-want-outlives-its-peer", test_peer_leaves_and_comes);
  g_test_add_func ("/mesh/bitswap/a-want-ends-by-time-or-cancel", test_timeout_and_cancel);
  g_test_add_func ("/mesh/bitswap/a-wrong-block-is-not-taken", test_unwanted_and_wrong);
  g_test_add_func ("/mesh/bitswap/a-greedy-client-is-bounded", test_greedy_client);
  g_test_add_func ("/mesh/bitswap/a-cancelled-block-is-not-sent", test_cancelled_while_queued);
  g_test_add_func ("/mesh/bitswap/old-wants-of-peers-are-forgotten", test_old_wants);
  return g_test_run ();
}
