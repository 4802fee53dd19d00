/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The gossipsub machine against any order of inputs. The input is a list of operations: peers come,
 * go and send RPCs (any bytes, or well-formed ones with signed messages), the node publishes,
 * judges and lets time pass. Its own RPCs must always be well formed, and its figures bounded.
 */
#include "mesh/gossip.h"
#include "mesh/gossip-limits.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define PEERS 4
#define TOPICS 3

typedef struct {
  SoukReader in;
  SoukIdentity identities[PEERS + 1]; /* the last is the node's */
  SoukPeerId peers[PEERS];
  SoukSeededRng rng;
  SoukGossip *gossip;
  SoukMono now;
  SoukGossipId ids[8]; /* messages without a verdict yet */
  unsigned ids_count;
  uint64_t seqno;
  bool is_changed; /* the RPC that is being made has a wrong byte */
} Run;

static const char *const topics[TOPICS] = { "a", "topic/b", "/souk/1/prompts" };

static void
check (Run *run)
{
  SoukGossipStats stats;
  souk_gossip_stats (run->gossip, &stats);
  g_assert (stats.peers <= PEERS);
  g_assert (stats.topics <= SOUK_GOSSIP_OWN_TOPICS_MAX + PEERS * SOUK_GOSSIP_PEER_TOPICS_MAX);
  g_assert (stats.seen <= SOUK_GOSSIP_SEEN_MAX);
  g_assert (stats.pending <= SOUK_GOSSIP_PENDING_MAX);
  g_assert (stats.pending_bytes <= SOUK_GOSSIP_PENDING_BYTES_MAX);
  g_assert (stats.cached_bytes <= SOUK_GOSSIP_CACHE_BYTES_MAX);
  g_assert (stats.queued_bytes <= PEERS * SOUK_GOSSIP_QUEUE_BYTES_MAX);
  g_assert (stats.promises <= SOUK_GOSSIP_PROMISES_MAX);
  for (unsigned i = 0; i < TOPICS; i++)
    g_assert (souk_gossip_mesh_size (run->gossip, topics[i])
              <= souk_gossip_topic_peers (run->gossip, topics[i]));
}

static void
pull (Run *run)
{
  SoukGossipEvent event;
  while (souk_gossip_next (run->gossip, &event))
    switch (event.type)
      {
      case SOUK_GOSSIP_EVENT_SEND:
        g_assert (souk_gossip_rpc_check (souk_slice_from_bytes (event.rpc)) == SOUK_STATUS_OK);
        break;
      case SOUK_GOSSIP_EVENT_MESSAGE:
        run->ids[run->ids_count++ % G_N_ELEMENTS (run->ids)] = event.id;
        break;
      case SOUK_GOSSIP_EVENT_SUBSCRIBED:
      case SOUK_GOSSIP_EVENT_UNSUBSCRIBED:
      case SOUK_GOSSIP_EVENT_GRAFTED:
      case SOUK_GOSSIP_EVENT_PRUNED:
      case SOUK_GOSSIP_EVENT_REFUSED:
        g_assert (event.topic != NULL);
        break;
      }
  check (run);
}

/* A message signed by anybody; some are changed after. */
static void
append_message (Run *run, GByteArray *rpc)
{
  uint8_t who = souk_reader_u8 (&run->in);
  SoukSlice topic = souk_slice_from_text (topics[who / 8 % TOPICS]);
  uint64_t seqno = who & 0x80 ? run->seqno++ : souk_reader_u8 (&run->in);
  g_autoptr (GBytes) message = souk_gossip_message_sign (
      &run->identities[who % (PEERS + 1)], topic, souk_reader_varint_bytes (&run->in), seqno);
  souk_append_field_bytes (rpc, SOUK_RPC_PUBLISH, souk_slice_from_bytes (message));
  run->is_changed |= (who & 0x40) != 0;
  if (who & 0x40)
    rpc->data[rpc->len - 1 - souk_reader_u8 (&run->in) % 100] ^= 1;
}

static void
append_control (Run *run, GByteArray *rpc)
{
  uint8_t what = souk_reader_u8 (&run->in);
  SoukSlice topic = souk_slice_from_text (topics[what / 8 % TOPICS]);
  g_autoptr (GByteArray) control = g_byte_array_new ();
  g_autoptr (GByteArray) ids = g_byte_array_new ();
  for (unsigned i = 0; i < what / 32u; i++)
    souk_append_field_bytes (ids, what % 5 == 0 ? 2 : 1, souk_reader_varint_bytes (&run->in));
  switch (what % 5)
    {
    case 0:
      souk_append_gossip_ihave (control, topic, souk_slice_from_array (ids));
      break;
    case 1:
      souk_append_gossip_ids (control, SOUK_CONTROL_IWANT, souk_slice_from_array (ids));
      break;
    case 2:
      souk_append_gossip_graft (control, topic);
      break;
    case 3:
      souk_append_gossip_prune (control, topic, souk_reader_u8 (&run->in));
      break;
    case 4:
      souk_append_gossip_ids (control, SOUK_CONTROL_IDONTWANT, souk_slice_from_array (ids));
      break;
    }
  souk_append_field_bytes (rpc, SOUK_RPC_CONTROL, souk_slice_from_array (control));
}

static void
well_formed_rpc (Run *run, const SoukPeerId *peer)
{
  g_autoptr (GByteArray) rpc = g_byte_array_new ();
  unsigned parts = souk_reader_u8 (&run->in) % 8;
  run->is_changed = false;
  for (unsigned i = 0; i < parts; i++)
    {
      uint8_t kind = souk_reader_u8 (&run->in);
      if (kind % 4 == 0)
        souk_append_gossip_subscription (rpc, souk_slice_from_text (topics[kind / 8 % TOPICS]),
                                         kind & 4);
      else if (kind % 4 == 1)
        append_message (run, rpc);
      else
        append_control (run, rpc);
    }
  SoukStatus status = souk_gossip_recv (run->gossip, peer, souk_slice_from_array (rpc), run->now);
  g_assert (status == SOUK_STATUS_OK || run->is_changed);
}

static void
step (Run *run)
{
  uint8_t op = souk_reader_u8 (&run->in);
  uint8_t arg = souk_reader_u8 (&run->in);
  const SoukPeerId *peer = &run->peers[arg % PEERS];
  const char *topic = topics[arg % TOPICS];
  size_t peers;
  switch (op % 12)
    {
    case 0:
      souk_gossip_add_peer (run->gossip, peer, (SoukGossipProtocol)(arg / 8 % 3), arg & 0x80,
                            run->now);
      break;
    case 1:
      souk_gossip_remove_peer (run->gossip, peer, run->now);
      break;
    case 2:
      souk_gossip_recv (run->gossip, peer, souk_reader_varint_bytes (&run->in), run->now);
      break;
    case 3:
    case 4:
    case 5:
      well_formed_rpc (run, peer);
      break;
    case 6:
      souk_gossip_subscribe (run->gossip, topic, run->now);
      break;
    case 7:
      souk_gossip_unsubscribe (run->gossip, topic, run->now);
      break;
    case 8:
      souk_gossip_publish (run->gossip, topic, souk_reader_varint_bytes (&run->in), run->now,
                           &peers);
      break;
    case 9:
      souk_gossip_validated (run->gossip, run->ids[arg % G_N_ELEMENTS (run->ids)],
                             (SoukGossipVerdict)(arg / 8 % 3), run->now);
      break;
    case 10:
      souk_gossip_set_writable (run->gossip, peer, arg & 0x80);
      break;
    case 11:
      run->now = souk_mono_add_ms (run->now, (int64_t)arg * arg);
      souk_gossip_tick (run->gossip, run->now);
      break;
    }
  /* Not always: events pile up too. */
  if (!(op & 0x80))
    pull (run);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Run run = { .in = souk_reader (souk_slice (data, size)), .now = { 1000 } };
  SoukGossipConfig config = { .data_size_max = 2000 };
  for (uint8_t i = 0; i <= PEERS; i++)
    {
      uint8_t seed[32] = { i };
      souk_identity_init_seed (&run.identities[i], seed);
      if (i < PEERS)
        run.peers[i] = souk_identity_peer_id (&run.identities[i]);
    }
  config.no_flood_publish = souk_reader_u8 (&run.in) & 1;
  souk_seeded_rng_init_number (&run.rng, 1);
  run.gossip = souk_gossip_new (&config, &run.identities[PEERS], 1000, &run.rng.rng, run.now);
  while (souk_reader_ok (&run.in) && run.in.left > 0)
    step (&run);
  pull (&run);
  souk_gossip_free (run.gossip);
  return 0;
}
