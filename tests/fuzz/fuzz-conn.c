/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole connections: two honest ends with a wire that the input cuts, and that may at last damage a
 * byte; both live through all of it, and only damage closes them.
 */
#include "link/conn.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char *const served[] = { "/a/1", "/b/1", NULL };
static const char *const offers[][3]
    = { { "/a/1", NULL }, { "/no/1", NULL }, { "/no/1", "/b/1", NULL }, { "/b/1", NULL } };

typedef struct {
  SoukIdentity identity;
  SoukSeededRng rng;
  SoukConnShared *shared;
  SoukConn *conn;
  GByteArray *wire;
  bool is_closed;
  uint32_t streams[8];
} Side;

static void
side_init (Side *side, uint8_t number, bool is_dialler)
{
  uint8_t seed[32] = { number };
  souk_identity_init_seed (&side->identity, seed);
  souk_seeded_rng_init_number (&side->rng, number);
  side->shared = g_new0 (SoukConnShared, 1);
  souk_conn_shared_init (side->shared, &side->identity, &side->rng.rng);
  souk_conn_shared_set_protocols (side->shared, served);
  SoukConnConfig config = { .shared = side->shared, .is_dialler = is_dialler };
  side->conn = souk_conn_new (&config, (SoukMono){ 1 });
  side->wire = g_byte_array_new ();
}

static void
side_done (Side *side)
{
  souk_conn_free (side->conn);
  souk_conn_shared_done (side->shared);
  g_free (side->shared);
  g_byte_array_unref (side->wire);
}

static void
side_pull (Side *side, SoukMono now)
{
  SoukConnEvent event;
  while (souk_conn_next (side->conn, &event))
    {
      g_assert (!side->is_closed);
      side->is_closed = event.type == SOUK_CONN_CLOSED;
      if (event.type == SOUK_CONN_STREAM_OPENED)
        side->streams[event.stream % 8] = event.stream;
      if (event.type == SOUK_CONN_READABLE)
        souk_conn_consume (side->conn, event.stream, souk_conn_peek (side->conn, event.stream).len,
                           now);
    }
}

static void
step (Side *side, Side *other, uint8_t op, uint8_t arg, bool *is_damaged, SoukMono now)
{
  uint32_t *stream = &side->streams[arg % 8];
  switch (op / 2 % 10)
    {
    case 0:
      if (souk_conn_n_streams (side->conn) < 20)
        souk_conn_open (side->conn, offers[arg % 4], NULL, stream, now);
      break;
    case 1:
      souk_conn_write (side->conn, *stream, souk_slice (side->shared->scratch, arg * 7u));
      break;
    case 2:
      souk_conn_close_write (side->conn, *stream);
      break;
    case 3:
      souk_conn_reset (side->conn, *stream);
      break;
    case 4:
      souk_conn_ping (side->conn, now);
      break;
    case 5:
      souk_conn_push_identify (side->conn, now);
      break;
    case 6:
      if (arg < 2 && side->wire->len > 0)
        {
          *is_damaged = true;
          side->wire->data[side->wire->len / 2] ^= 1;
        }
      break;
      default: {
        SoukSlice out = souk_conn_peek_out (side->conn);
        souk_append (side->wire, out);
        souk_conn_sent (side->conn, out.len);
        side_pull (side, now);
        guint len = MIN (side->wire->len, (guint)arg * 8);
        souk_conn_recv (other->conn, souk_slice (side->wire->data, len), now);
        g_byte_array_remove_range (side->wire, 0, len);
        side_pull (other, now);
        break;
      }
    }
  side_pull (side, now);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Side sides[2] = { 0 };
  bool is_damaged = false;
  SoukMono now = { 1 };
  side_init (&sides[0], 1, true);
  side_init (&sides[1], 2, false);
  for (size_t i = 0; i + 1 < size; i += 2)
    {
      now.us += 50;
      step (&sides[data[i] & 1], &sides[1 - (data[i] & 1)], data[i], data[i + 1], &is_damaged, now);
      g_assert (is_damaged || (!sides[0].is_closed && !sides[1].is_closed));
    }
  side_done (&sides[0]);
  side_done (&sides[1]);
  return 0;
}
