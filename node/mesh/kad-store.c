/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values and provider records. PURE. See kad-store.h.
 */
#include "mesh/kad-store.h"

#include "mesh/kad-limits.h"

typedef struct {
  GBytes *value;
  SoukWall received;
  SoukMono expires;
  SoukPeerId from;
} Value;

typedef struct {
  SoukPeerId id;
  GBytes *addrs;
  SoukMono addrs_until, expires;
} Provider;

struct SoukKadStore {
  GHashTable *values;      /* key GBytes -> Value */
  GHashTable *providers;   /* key GBytes -> GPtrArray of Provider, the newest last */
  GHashTable *n_values;    /* SoukPeerId -> how many values it has put here */
  GHashTable *n_providers; /* likewise, of provider records */
  size_t provider_records;
};

/* ---- counts by peer ---- */

static guint
count_of (GHashTable *counts, const SoukPeerId *id)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (counts, id));
}

static void
count_change (GHashTable *counts, const SoukPeerId *id, int by)
{
  guint count = (guint)((int)count_of (counts, id) + by);
  if (count == 0)
    g_hash_table_remove (counts, id);
  else
    g_hash_table_insert (counts, g_memdup2 (id, sizeof *id), GUINT_TO_POINTER (count));
}

/* ---- life ---- */

static void
value_free (gpointer data)
{
  Value *value = data;
  g_bytes_unref (value->value);
  g_free (value);
}

static void
provider_free (gpointer data)
{
  Provider *provider = data;
  g_clear_pointer (&provider->addrs, g_bytes_unref);
  g_free (provider);
}

static void
key_free (gpointer data)
{
  g_bytes_unref (data);
}

static void
list_free (gpointer data)
{
  g_ptr_array_unref (data);
}

SoukKadStore *
souk_kad_store_new (void)
{
  SoukKadStore *self = g_new0 (SoukKadStore, 1);
  self->values = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, key_free, value_free);
  self->providers = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, key_free, list_free);
  self->n_values = g_hash_table_new_full (souk_peer_id_hash, souk_peer_id_equal, g_free, NULL);
  self->n_providers = g_hash_table_new_full (souk_peer_id_hash, souk_peer_id_equal, g_free, NULL);
  return self;
}

void
souk_kad_store_free (SoukKadStore *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->values);
  g_hash_table_unref (self->providers);
  g_hash_table_unref (self->n_values);
  g_hash_table_unref (self->n_providers);
  g_free (self);
}

/* ---- values ---- */

SoukStatus
souk_kad_store_put (SoukKadStore *self, SoukSlice key, SoukSlice bytes, const SoukPeerId *from,
                    SoukWall received, SoukMono now)
{
  g_autoptr (GBytes) name = souk_slice_to_bytes (key);
  Value *old = g_hash_table_lookup (self->values, name);
  bool is_new_of_peer = old == NULL || !souk_peer_id_is_equal (&old->from, from);
  if ((old == NULL && g_hash_table_size (self->values) >= SOUK_KAD_RECORDS_MAX)
      || (is_new_of_peer && count_of (self->n_values, from) >= SOUK_KAD_RECORDS_PEER_MAX))
    return SOUK_STATUS_LIMIT;
  if (old != NULL)
    count_change (self->n_values, &old->from, -1);
  count_change (self->n_values, from, 1);
  Value *value = g_new0 (Value, 1);
  *value = (Value){ souk_slice_to_bytes (bytes), received,
                    souk_mono_add_ms (now, SOUK_KAD_EXPIRE_MS), *from };
  g_hash_table_insert (self->values, g_steal_pointer (&name), value);
  return SOUK_STATUS_OK;
}

bool
souk_kad_store_get (const SoukKadStore *self, SoukSlice key, SoukMono now, SoukKadValue *out)
{
  g_autoptr (GBytes) name = g_bytes_new_static (key.data, key.len);
  Value *value = g_hash_table_lookup (self->values, name);
  if (value == NULL || souk_mono_is_due (value->expires, now))
    return false;
  *out = (SoukKadValue){ value->value, value->received };
  return true;
}

/* ---- providers ---- */

static void
remove_provider (SoukKadStore *self, GPtrArray *list, guint index)
{
  Provider *provider = g_ptr_array_index (list, index);
  count_change (self->n_providers, &provider->id, -1);
  self->provider_records--;
  g_ptr_array_remove_index (list, index);
}

static bool
find_provider (GPtrArray *list, const SoukPeerId *id, guint *out_index)
{
  for (guint i = 0; list != NULL && i < list->len; i++)
    if (souk_peer_id_is_equal (&((Provider *)list->pdata[i])->id, id))
      {
        *out_index = i;
        return true;
      }
  return false;
}

SoukStatus
souk_kad_store_provide (SoukKadStore *self, SoukSlice key, const SoukPeerId *id, GBytes *addrs,
                        SoukMono now)
{
  g_autoptr (GBytes) name = souk_slice_to_bytes (key);
  GPtrArray *list = g_hash_table_lookup (self->providers, name);
  guint index;
  if (find_provider (list, id, &index))
    remove_provider (self, list, index);
  else if (self->provider_records >= SOUK_KAD_PROVIDERS_MAX
           || count_of (self->n_providers, id) >= SOUK_KAD_PROVIDERS_PEER_MAX)
    return SOUK_STATUS_LIMIT;
  if (list == NULL)
    {
      list = g_ptr_array_new_with_free_func (provider_free);
      g_hash_table_insert (self->providers, g_steal_pointer (&name), list);
    }
  /* The one that was not heard for longest is the likeliest to be gone. */
  if (list->len >= SOUK_KAD_PROVIDERS_KEY_MAX)
    remove_provider (self, list, 0);
  Provider *provider = g_new0 (Provider, 1);
  *provider = (Provider){
    .id = *id,
    .addrs = addrs != NULL ? g_bytes_ref (addrs) : NULL,
    .addrs_until = souk_mono_add_ms (now, SOUK_KAD_ADDRS_MS),
    .expires = souk_mono_add_ms (now, SOUK_KAD_EXPIRE_MS),
  };
  g_ptr_array_add (list, provider);
  count_change (self->n_providers, id, 1);
  self->provider_records++;
  return SOUK_STATUS_OK;
}

GArray *
souk_kad_store_providers (const SoukKadStore *self, SoukSlice key, SoukMono now)
{
  g_autoptr (GBytes) name = g_bytes_new_static (key.data, key.len);
  GArray *found = g_array_new (FALSE, FALSE, sizeof (SoukKadProvider));
  GPtrArray *list = g_hash_table_lookup (self->providers, name);
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      Provider *provider = g_ptr_array_index (list, i);
      SoukKadProvider one = { provider->id, NULL };
      if (souk_mono_is_due (provider->expires, now))
        continue;
      if (!souk_mono_is_due (provider->addrs_until, now))
        one.addrs = provider->addrs;
      g_array_append_val (found, one);
    }
  return found;
}

/* ---- expiry ---- */

static void
expire_values (SoukKadStore *self, SoukMono now)
{
  GHashTableIter iter;
  gpointer data;
  g_hash_table_iter_init (&iter, self->values);
  while (g_hash_table_iter_next (&iter, NULL, &data))
    {
      Value *value = data;
      if (!souk_mono_is_due (value->expires, now))
        continue;
      count_change (self->n_values, &value->from, -1);
      g_hash_table_iter_remove (&iter);
    }
}

void
souk_kad_store_expire (SoukKadStore *self, SoukMono now)
{
  GHashTableIter iter;
  gpointer data;
  expire_values (self, now);
  g_hash_table_iter_init (&iter, self->providers);
  while (g_hash_table_iter_next (&iter, NULL, &data))
    {
      GPtrArray *list = data;
      for (guint i = list->len; i > 0; i--)
        {
          Provider *provider = g_ptr_array_index (list, i - 1);
          if (souk_mono_is_due (provider->addrs_until, now))
            g_clear_pointer (&provider->addrs, g_bytes_unref);
          if (souk_mono_is_due (provider->expires, now))
            remove_provider (self, list, i - 1);
        }
      if (list->len == 0)
        g_hash_table_iter_remove (&iter);
    }
}

size_t
souk_kad_store_values (const SoukKadStore *self)
{
  return g_hash_table_size (self->values);
}

size_t
souk_kad_store_provider_records (const SoukKadStore *self)
{
  return self->provider_records;
}
