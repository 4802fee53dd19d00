/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hash-table machine against any order of inputs: peers come and go, ask and answer (any bytes,
 * or well-formed ones), lookups begin and are cancelled, time passes. What it sends and answers must
 * be well formed, each lookup ends once, figures are bounded.
 */
#include "mesh/kad.h"
#include "mesh/kad-limits.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define PEERS 64
#define PENDING 64

typedef struct {
  SoukReader in;
  SoukPeerId peers[PEERS];
  SoukMultiaddr addrs[2];
  SoukSeededRng rng;
  SoukKad *kad;
  SoukMono now;
  uint64_t pending[PENDING];
  SoukKadType types[PENDING];
  unsigned n_pending;
  GHashTable *lookups; /* that have begun and not ended */
} Run;

static const char *const keys[] = { "/pk/x", "/ipns/x", "/test/x", "\x12\x02xy", "k" };

static SoukStatus
validate (SoukSlice key, SoukSlice value)
{
  return value.len > 0 && value.data[0] & 1 ? SOUK_STATUS_OK : SOUK_STATUS_KAD_RECORD;
}

static bool
is_better (SoukSlice key, SoukSlice value, SoukSlice other)
{
  return value.data[0] > other.data[0];
}

static const SoukKadNamespace test_namespace = { "/test/", validate, is_better };
static const SoukKadNamespace *const namespaces[]
    = { &souk_kad_namespace_pk, &souk_kad_namespace_ipns, &test_namespace, NULL };

static SoukSlice
key_of (uint8_t arg)
{
  return souk_slice_from_text (keys[arg % G_N_ELEMENTS (keys)]);
}

static void
note_request (Run *run, const SoukKadEvent *event)
{
  SoukKadMessage message;
  g_assert (souk_kad_message_parse (souk_slice_from_bytes (event->bytes), &message)
            == SOUK_STATUS_OK);
  g_assert (event->wants_reply == (message.type != SOUK_KAD_ADD_PROVIDER));
  unsigned at = run->n_pending < PENDING ? run->n_pending++ : (unsigned)(event->request % PENDING);
  run->pending[at] = event->request;
  run->types[at] = message.type;
}

static void
pull (Run *run)
{
  SoukKadEvent event;
  SoukKadStats stats;
  while (souk_kad_next (run->kad, &event))
    switch (event.type)
      {
      case SOUK_KAD_EVENT_REQUEST:
        note_request (run, &event);
        break;
      case SOUK_KAD_EVENT_PROVIDER:
        g_assert (g_hash_table_contains (run->lookups, &event.query));
        break;
      case SOUK_KAD_EVENT_DONE:
        g_assert (g_hash_table_remove (run->lookups, &event.query));
        g_assert (event.closest->len <= SOUK_KAD_K);
        break;
      case SOUK_KAD_EVENT_PROGRESS:
        g_assert (event.done <= event.total);
        break;
      }
  souk_kad_stats (run->kad, &stats);
  g_assert (stats.peers <= PEERS && stats.contacts <= PEERS);
  g_assert (stats.queries <= SOUK_KAD_QUERIES_MAX && stats.requests <= SOUK_KAD_REQUESTS_MAX);
  g_assert (stats.values <= PEERS * SOUK_KAD_RECORDS_PEER_MAX);
  g_assert (stats.own <= G_N_ELEMENTS (keys));
}

/* A well-formed message of the type. */
static GByteArray *
well_formed (Run *run, SoukKadType type, uint8_t arg)
{
  GByteArray *out = g_byte_array_new ();
  uint8_t value = souk_reader_u8 (&run->in), n = souk_reader_u8 (&run->in);
  souk_append_kad_head (out, type, key_of (arg));
  if (value & 128)
    souk_append_kad_record (out, key_of (arg), souk_slice (&value, 1), (SoukWall){ value });
  g_autoptr (GBytes) addrs = souk_kad_addrs_pack (run->addrs, n & 1, SOUK_KAD_ADDRS_ANY);
  for (unsigned i = 0; i < n % 32u; i++)
    souk_append_kad_peer (out, i & 8 ? SOUK_KAD_PROVIDERS : SOUK_KAD_CLOSER,
                          &run->peers[(value + i) % PEERS], addrs, i & 1);
  return out;
}

static void
reply (Run *run, uint8_t arg, bool is_wild)
{
  if (run->n_pending == 0)
    return;
  unsigned at = arg % run->n_pending;
  uint64_t request = run->pending[at];
  SoukKadType type = run->types[at];
  run->pending[at] = run->pending[--run->n_pending];
  run->types[at] = run->types[run->n_pending];
  if (is_wild)
    {
      SoukSlice bytes = souk_reader_varint_bytes (&run->in);
      souk_kad_replied (run->kad, request, arg & 128 ? &bytes : NULL, run->now);
      return;
    }
  g_autoptr (GByteArray) message = well_formed (run, type, arg / 8);
  SoukSlice bytes = souk_slice_from_array (message);
  souk_kad_replied (run->kad, request, &bytes, run->now);
}

static void
serve (Run *run, uint8_t arg, bool is_wild)
{
  SoukKadMessage parsed;
  const SoukPeerId *peer = &run->peers[arg % PEERS];
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GByteArray) message
      = is_wild ? NULL : well_formed (run, (SoukKadType)(arg % 6u), arg / 6);
  SoukSlice bytes = is_wild ? souk_reader_varint_bytes (&run->in) : souk_slice_from_array (message);
  SoukStatus status
      = souk_kad_serve (run->kad, peer, bytes, (SoukWall){ run->now.us }, run->now, out);
  if (status == SOUK_STATUS_OK && out->len > 0)
    g_assert (souk_kad_message_parse (souk_slice_from_array (out), &parsed) == SOUK_STATUS_OK);
}

static void
start (Run *run, uint8_t arg)
{
  SoukSlice key = key_of (arg / 8);
  uint64_t query = 0;
  SoukStatus status = SOUK_STATUS_LIMIT;
  switch (arg % 8)
    {
    case 0:
      status = souk_kad_find_closest (run->kad, key, run->now, &query);
      break;
    case 1:
      status = souk_kad_find_peer (run->kad, &run->peers[arg % PEERS], run->now, &query);
      break;
    case 2:
      status = souk_kad_get (run->kad, key, arg / 64, run->now, &query);
      break;
    case 3:
      status
          = souk_kad_put (run->kad, key, souk_slice (&arg, 1), (SoukWall){ 1 }, run->now, &query);
      break;
    case 4:
      status = souk_kad_find_providers (run->kad, key, arg / 32, run->now, &query);
      break;
    case 5:
      status = souk_kad_provide (run->kad, key, run->now, arg & 128 ? &query : NULL);
      break;
    case 6:
      souk_kad_unprovide (run->kad, key);
      break;
    case 7:
      souk_kad_bootstrap (run->kad, run->now);
      break;
    }
  if (status == SOUK_STATUS_OK && query != 0)
    g_hash_table_add (run->lookups, g_memdup2 (&query, sizeof query));
}

static void
cancel (Run *run)
{
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, run->lookups);
  if (!g_hash_table_iter_next (&iter, &key, NULL))
    return;
  souk_kad_cancel (run->kad, *(uint64_t *)key);
  g_hash_table_iter_remove (&iter);
}

static void
step (Run *run)
{
  uint8_t op = souk_reader_u8 (&run->in), arg = souk_reader_u8 (&run->in);
  switch (op % 10)
    {
    case 0:
      souk_kad_add_peer (run->kad, &run->peers[arg % PEERS], run->addrs, arg / 64 % 3, arg & 128,
                         run->now);
      break;
    case 1:
      souk_kad_remove_contact (run->kad, &run->peers[arg % PEERS]);
      break;
    case 2:
    case 3:
      serve (run, arg, op % 10 == 2);
      break;
    case 4:
    case 5:
    case 6:
      reply (run, arg, op % 10 == 4);
      break;
    case 7:
      start (run, arg);
      break;
    case 8:
      run->now = souk_mono_add_ms (run->now, (int64_t)arg * arg * (op & 128 ? 1000 : 1));
      souk_kad_tick (run->kad, run->now);
      break;
    case 9:
      pull (run);
      if (arg & 1)
        cancel (run);
      souk_kad_set_server (run->kad, arg & 6);
      break;
    }
  pull (run);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Run run = { .in = souk_reader (souk_slice (data, size)), .now = { 1000000 } };
  for (uint8_t i = 0; i < PEERS; i++)
    run.peers[i] = (SoukPeerId){ souk_multihash_sha256 (souk_slice (&i, 1)) };
  souk_multiaddr_parse ("/ip4/8.8.8.8/tcp/1", &run.addrs[0]);
  souk_multiaddr_parse ("/ip4/10.0.0.1/tcp/1", &run.addrs[1]);
  souk_seeded_rng_init_number (&run.rng, 1);
  run.lookups = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  uint8_t self = PEERS;
  SoukKadConfig config = { .self = { souk_multihash_sha256 (souk_slice (&self, 1)) },
                           .is_server = true,
                           .namespaces = namespaces };
  run.kad = souk_kad_new (&config, &run.rng.rng, run.now);
  while (souk_reader_ok (&run.in) && run.in.left > 0)
    step (&run);
  souk_kad_free (run.kad);
  g_hash_table_unref (run.lookups);
  return 0;
}
