/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bitswap machine against any order of inputs: peers come, go and send messages (any bytes, or
 * well-formed ones about a few blocks), the node wants, cancels and serves, time passes. What it
 * sends must be well formed, a reported block must be what its name says, figures are bounded.
 */
#include "mesh/bitswap.h"
#include "mesh/bitswap-limits.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define PEERS 4
#define BLOCKS 16

typedef struct {
  SoukReader in;
  SoukPeerId peers[PEERS];
  SoukCid cids[BLOCKS];
  GBytes *blocks[BLOCKS];
  bool has[BLOCKS];
  SoukSeededRng rng;
  SoukBitswap *bitswap;
  SoukMono now;
} Run;

static void
answer (Run *run, const SoukBitswapEvent *event, uint8_t how)
{
  SoukBitswapHolding holding = { 0 };
  for (unsigned i = 0; i < BLOCKS; i++)
    if (run->has[i] && souk_cid_is_equal (&run->cids[i], &event->cid))
      {
        holding.is_here = true;
        holding.size_bytes = g_bytes_get_size (run->blocks[i]);
        holding.block = event->needs_block || how & 1 ? run->blocks[i] : NULL;
      }
  souk_bitswap_answer (run->bitswap, &event->peer, &event->cid, &holding, run->now);
}

static void
pull (Run *run, uint8_t how)
{
  SoukBitswapEvent event;
  SoukBitswapStats stats;
  while (souk_bitswap_next (run->bitswap, &event, run->now))
    switch (event.type)
      {
      case SOUK_BITSWAP_EVENT_SEND:
        g_assert (souk_bitswap_message_check (souk_slice_from_bytes (event.bytes))
                  == SOUK_STATUS_OK);
        if (how & 2)
          souk_bitswap_sent (run->bitswap, &event.peer, how & 4);
        break;
      case SOUK_BITSWAP_EVENT_NEED:
        if (how & 8)
          answer (run, &event, how);
        break;
      case SOUK_BITSWAP_EVENT_BLOCK:
        g_assert (souk_cid_matches (&event.cid, souk_slice_from_bytes (event.bytes)));
        g_assert (!souk_bitswap_is_wanted (run->bitswap, &event.cid));
        break;
      case SOUK_BITSWAP_EVENT_FAILED:
        break;
      }
  souk_bitswap_stats (run->bitswap, &stats);
  g_assert (stats.peers <= PEERS);
  g_assert (stats.wants <= BLOCKS);
  g_assert (stats.ledger <= stats.peers * SOUK_BITSWAP_LEDGER_MAX);
  g_assert (stats.queued_bytes <= stats.peers * SOUK_BITSWAP_QUEUE_BYTES);
}

static GBytes *
well_formed (Run *run)
{
  g_autoptr (GByteArray) entries = g_byte_array_new ();
  g_autoptr (GByteArray) message = g_byte_array_new ();
  unsigned parts = souk_reader_u8 (&run->in) % 16;
  for (unsigned i = 0; i < parts; i++)
    {
      uint8_t kind = souk_reader_u8 (&run->in), which = souk_reader_u8 (&run->in);
      const SoukCid *cid = &run->cids[which % BLOCKS];
      SoukBitswapEntry entry = {
        .cid = *cid,
        .priority = kind,
        .is_cancel = kind & 16,
        .send_dont_have = kind & 32,
        .type = kind & 64 ? SOUK_BITSWAP_WANT_HAVE : SOUK_BITSWAP_WANT_BLOCK,
      };
      if (kind % 3 == 0)
        souk_append_bitswap_entry (entries, &entry);
      else if (kind % 3 == 1)
        souk_append_bitswap_presence (message, cid, kind & 16);
      else
        souk_append_bitswap_payload (message, cid, souk_slice_from_bytes (run->blocks[which / 16]));
    }
  souk_append_bitswap_wantlist (message, souk_slice_from_array (entries), parts == 3);
  return g_byte_array_free_to_bytes (g_steal_pointer (&message));
}

static void
step (Run *run)
{
  uint8_t op = souk_reader_u8 (&run->in);
  uint8_t arg = souk_reader_u8 (&run->in);
  const SoukPeerId *peer = &run->peers[arg % PEERS];
  const SoukCid *cid = &run->cids[arg % BLOCKS];
  g_autoptr (GBytes) message = NULL;
  switch (op % 9)
    {
    case 0:
      souk_bitswap_add_peer (run->bitswap, peer, run->now);
      break;
    case 1:
      souk_bitswap_remove_peer (run->bitswap, peer, run->now);
      break;
    case 2:
      message = souk_slice_to_bytes (souk_reader_varint_bytes (&run->in));
      souk_bitswap_recv (run->bitswap, peer, message, run->now);
      break;
    case 3:
    case 4:
      message = well_formed (run);
      g_assert (souk_bitswap_recv (run->bitswap, peer, message, run->now) == SOUK_STATUS_OK);
      break;
    case 5:
      souk_bitswap_want (run->bitswap, cid, arg & 0x80 ? &run->peers[arg / 16 % PEERS] : NULL,
                         arg & 0x40 ? 4000 : 0, run->now);
      break;
    case 6:
      souk_bitswap_cancel (run->bitswap, cid);
      break;
    case 7:
      run->has[arg % BLOCKS] = !run->has[arg % BLOCKS];
      souk_bitswap_block_added (run->bitswap, cid);
      break;
    case 8:
      run->now = souk_mono_add_ms (run->now, (int64_t)arg * arg);
      souk_bitswap_tick (run->bitswap, run->now);
      for (unsigned i = 0; arg & 1 && i < PEERS; i++)
        souk_bitswap_sent (run->bitswap, &run->peers[i], true);
      break;
    }
  pull (run, op / 9);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Run run = { .in = souk_reader (souk_slice (data, size)), .now = { 1000 } };
  for (uint8_t i = 0; i < PEERS; i++)
    {
      SoukIdentity identity;
      uint8_t seed[32] = { i };
      souk_identity_init_seed (&identity, seed);
      run.peers[i] = souk_identity_peer_id (&identity);
    }
  for (unsigned i = 0; i < BLOCKS; i++)
    {
      uint8_t bytes[1500] = { (uint8_t)i };
      run.blocks[i] = g_bytes_new (bytes, i * 100);
      run.cids[i] = souk_cid_of (i % 2 ? SOUK_CODEC_RAW : SOUK_CODEC_DAG_PB,
                                 souk_slice_from_bytes (run.blocks[i]));
    }
  souk_seeded_rng_init_number (&run.rng, 1);
  run.bitswap = souk_bitswap_new (&run.rng.rng, run.now);
  while (souk_reader_ok (&run.in) && run.in.left > 0)
    step (&run);
  souk_bitswap_free (run.bitswap);
  for (unsigned i = 0; i < BLOCKS; i++)
    g_bytes_unref (run.blocks[i]);
  return 0;
}
