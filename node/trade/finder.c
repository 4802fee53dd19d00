/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking for content, and announcing it. See finder.h.
 */
#include "trade/finder.h"

#include "mesh/kad-limits.h"
#include "store/pins.h"

/* How often the pins are compared with what is announced. */
#define PINS_MS (10 * 60 * 1000)
#define PINS_FIRST_MS 2000
#define PINS_PAGE 500

struct SoukFinder {
  SoukSwarm *swarm;
  SoukStore *store;
  SoukDht *dht;
  GHashTable *looks;    /* SoukCid, owned -> Look */
  GHashTable *provided; /* SoukCid, owned */
  GSource *timer;
};

typedef struct {
  SoukFinder *self;
  SoukCid root;
  SoukDhtQuery *query;
} Look;

/* ---- looking ---- */

static void
on_providers (SoukDht *dht, const SoukDhtResult *result, void *user)
{
  g_autofree Look *look = user;
  SoukFinder *self = look->self;
  unsigned n_dialled = 0;
  g_hash_table_remove (self->looks, &look->root);
  if (result->status != SOUK_STATUS_OK)
    return;
  for (guint i = 0; i < result->peers->len && n_dialled < SOUK_FINDER_PROVIDERS_MAX; i++)
    {
      const SoukPeerId *peer = &g_array_index (result->peers, SoukPeerId, i);
      if (souk_swarm_is_connected (self->swarm, peer)
          || souk_peer_id_is_equal (peer, souk_swarm_self (self->swarm)))
        continue;
      souk_swarm_dial_peer (self->swarm, peer, NULL, NULL);
      n_dialled++;
    }
}

void
souk_finder_look (SoukFinder *self, const SoukCid *root)
{
  if (g_hash_table_size (self->looks) >= SOUK_FINDER_LOOKS_MAX
      || g_hash_table_contains (self->looks, root))
    return;
  Look *look = g_new0 (Look, 1);
  *look = (Look){ self, *root, NULL };
  if (souk_dht_find_providers (self->dht, root, SOUK_FINDER_PROVIDERS_MAX, on_providers, look,
                               &look->query)
      == SOUK_STATUS_OK)
    g_hash_table_insert (self->looks, g_memdup2 (root, sizeof *root), look);
  else
    g_free (look);
}

/* ---- announcing ---- */

void
souk_finder_pinned (SoukFinder *self, const SoukCid *root)
{
  if (g_hash_table_contains (self->provided, root)
      || souk_dht_keep_provided (self->dht, root) != SOUK_STATUS_OK)
    return;
  g_hash_table_add (self->provided, g_memdup2 (root, sizeof *root));
}

static void
compare_pins (SoukFinder *self)
{
  g_autoptr (GHashTable) pinned
      = g_hash_table_new_full (souk_cid_hash, souk_cid_equal, g_free, NULL);
  guint n;
  for (unsigned at = 0; at < SOUK_KAD_OWN_MAX; at += PINS_PAGE)
    {
      g_autoptr (GPtrArray) page = souk_pins_list (self->store, NULL, at, PINS_PAGE);
      n = page != NULL ? page->len : 0;
      for (guint i = 0; i < n; i++)
        {
          SoukPin *pin = g_ptr_array_index (page, i);
          g_hash_table_add (pinned, g_memdup2 (&pin->root, sizeof pin->root));
          souk_finder_pinned (self, &pin->root);
        }
      if (n < PINS_PAGE)
        break;
    }
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, self->provided);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_hash_table_contains (pinned, key))
      {
        souk_dht_unprovide (self->dht, key);
        g_hash_table_iter_remove (&iter);
      }
}

static void
set_timer (SoukFinder *self, unsigned ms, GSourceFunc func)
{
  self->timer = g_timeout_source_new (ms);
  g_source_set_callback (self->timer, func, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

static gboolean
on_timer (gpointer user_data)
{
  SoukFinder *self = user_data;
  compare_pins (self);
  g_clear_pointer (&self->timer, g_source_unref);
  set_timer (self, PINS_MS, on_timer);
  return G_SOURCE_REMOVE;
}

/* ---- life ---- */

SoukFinder *
souk_finder_new (SoukSwarm *swarm, SoukStore *store, SoukDht *dht)
{
  SoukFinder *self = g_new0 (SoukFinder, 1);
  self->swarm = swarm;
  self->store = store;
  self->dht = dht;
  self->looks = g_hash_table_new_full (souk_cid_hash, souk_cid_equal, g_free, NULL);
  self->provided = g_hash_table_new_full (souk_cid_hash, souk_cid_equal, g_free, NULL);
  set_timer (self, PINS_FIRST_MS, on_timer);
  return self;
}

void
souk_finder_free (SoukFinder *self)
{
  GHashTableIter iter;
  gpointer look;
  if (self == NULL)
    return;
  g_source_destroy (self->timer);
  g_source_unref (self->timer);
  g_hash_table_iter_init (&iter, self->looks);
  while (g_hash_table_iter_next (&iter, NULL, &look))
    {
      souk_dht_cancel (((Look *)look)->query);
      g_free (look);
    }
  g_hash_table_unref (self->looks);
  g_hash_table_unref (self->provided);
  g_free (self);
}
