/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two connections back to back, with a wire that cuts the bytes at random places: for the tests of
 * link/conn. Virtual time; everything follows from the seed.
 */
#pragma once
#include "link/conn.h"

#include <string.h>

#define PAIR_EVENTS_MAX 4096

typedef struct {
  SoukIdentity identity;
  SoukSeededRng rng;
  SoukConnShared *shared;
  SoukConn *conn;
  SoukConnEvent events[PAIR_EVENTS_MAX]; /* all that came, in order; `info` is not kept */
  unsigned n_events;
  unsigned n_identified;
  char *agent;
  bool record_ok;
  char **protocols;
  GByteArray *wire; /* what this side has sent and the other has not got */
} PairSide;

typedef struct {
  PairSide side[2]; /* 0 dials */
  SoukSeededRng rng;
  SoukMono now;
  size_t chunk_max;
} Pair;

static inline void
pair_side_init (PairSide *side, uint64_t seed, const char *agent)
{
  uint8_t key[32] = { (uint8_t)seed, 99 };
  static const char *const protocols[] = { "/echo/1.0.0", "/other/1.0.0", NULL };
  SoukMultiaddr addr;
  souk_identity_init_seed (&side->identity, key);
  souk_seeded_rng_init_number (&side->rng, seed);
  side->shared = g_new0 (SoukConnShared, 1);
  souk_conn_shared_init (side->shared, &side->identity, &side->rng.rng);
  souk_conn_shared_set_protocols (side->shared, protocols);
  g_assert_cmpint (souk_multiaddr_parse ("/ip4/10.1.2.3/tcp/4001", &addr), ==, SOUK_STATUS_OK);
  SoukIdentifyLocal local = { .identity = &side->identity,
                              .protocol_version = "ipfs/0.1.0",
                              .agent = agent,
                              .protocols = souk_conn_shared_protocols (side->shared),
                              .addrs = &addr,
                              .n_addrs = 1,
                              .record_seq = 5 };
  g_autoptr (GBytes) message = souk_identify_encode (&local);
  souk_conn_shared_set_identify (side->shared, message);
  side->wire = g_byte_array_new ();
}

/* `expected` NULL: side 1. */
static inline Pair *
pair_new_expecting (uint64_t seed, size_t chunk_max, const SoukPeerId *expected)
{
  Pair *pair = g_new0 (Pair, 1);
  pair->now = (SoukMono){ 1000000 };
  pair->chunk_max = chunk_max;
  souk_seeded_rng_init_number (&pair->rng, seed);
  pair_side_init (&pair->side[0], seed * 2 + 1, "zero/1");
  pair_side_init (&pair->side[1], seed * 2 + 2, "one/1");
  SoukPeerId other = souk_identity_peer_id (&pair->side[1].identity);
  SoukMultiaddr seen;
  g_assert_cmpint (souk_multiaddr_parse ("/ip4/10.9.9.9/tcp/9", &seen), ==, SOUK_STATUS_OK);
  for (int i = 0; i < 2; i++)
    {
      SoukConnConfig config = { .shared = pair->side[i].shared,
                                .is_dialler = i == 0,
                                .expected = i == 1             ? NULL
                                            : expected != NULL ? expected
                                                               : &other,
                                .observed = &seen };
      pair->side[i].conn = souk_conn_new (&config, pair->now);
    }
  return pair;
}

static inline Pair *
pair_new (uint64_t seed, size_t chunk_max)
{
  return pair_new_expecting (seed, chunk_max, NULL);
}

static inline void
pair_free (Pair *pair)
{
  for (int i = 0; i < 2; i++)
    {
      PairSide *side = &pair->side[i];
      souk_conn_free (side->conn);
      souk_conn_shared_done (side->shared);
      g_free (side->shared);
      g_byte_array_unref (side->wire);
      g_free (side->agent);
      g_strfreev (side->protocols);
    }
  g_free (pair);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pair, pair_free)

static inline void
pair_pull (PairSide *side)
{
  SoukConnEvent event;
  while (souk_conn_next (side->conn, &event))
    {
      if (event.type == SOUK_CONN_IDENTIFIED)
        {
          side->n_identified++;
          g_free (side->agent);
          side->agent = g_strdup (event.info->agent);
          side->record_ok = event.info->record != NULL;
          g_strfreev (side->protocols);
          side->protocols = g_strdupv (event.info->protocols);
          event.info = NULL;
        }
      g_assert_cmpuint (side->n_events, <, PAIR_EVENTS_MAX);
      side->events[side->n_events++] = event;
    }
}

static inline size_t
pair_chunk (Pair *pair, size_t available)
{
  size_t chunk = 1 + souk_rng_below (&pair->rng.rng, pair->chunk_max);
  return MIN (available, chunk);
}

/* Moves one chunk each way. Returns: whether anything moved. */
static inline bool
pair_step (Pair *pair)
{
  bool moved = false;
  pair->now.us += 100;
  for (int i = 0; i < 2; i++)
    {
      PairSide *from = &pair->side[i], *to = &pair->side[1 - i];
      pair_pull (from);
      SoukSlice out = souk_conn_peek_out (from->conn);
      if (out.len > 0)
        {
          size_t len = pair_chunk (pair, out.len);
          souk_append (from->wire, souk_slice (out.data, len));
          souk_conn_sent (from->conn, len);
          moved = true;
        }
      pair_pull (from);
      if (from->wire->len > 0)
        {
          size_t len = pair_chunk (pair, from->wire->len);
          souk_conn_recv (to->conn, souk_slice (from->wire->data, len), pair->now);
          g_byte_array_remove_range (from->wire, 0, (guint)len);
          moved = true;
        }
      pair_pull (to);
    }
  return moved;
}

/* Until nothing moves any more. */
static inline void
pair_run (Pair *pair)
{
  while (pair_step (pair))
    ;
}

/* Returns: the n-th event of the type (from 0), or NULL. */
static inline const SoukConnEvent *
pair_event (const PairSide *side, SoukConnEventType type, unsigned n)
{
  for (unsigned i = 0; i < side->n_events; i++)
    if (side->events[i].type == type && n-- == 0)
      return &side->events[i];
  return NULL;
}

static inline unsigned
pair_count (const PairSide *side, SoukConnEventType type)
{
  unsigned n = 0;
  while (pair_event (side, type, n) != NULL)
    n++;
  return n;
}
