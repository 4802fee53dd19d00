/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The routing table. PURE. See kad-table.h.
 */
#include "mesh/kad-table.h"

#include "mesh/kad-limits.h"

typedef struct {
  GPtrArray *entries; /* SoukKadEntry, owned; the one heard least recently first; NULL: none yet */
  GPtrArray *waiting; /* likewise, at most SOUK_KAD_WAITING_MAX */
} Bucket;

struct SoukKadTable {
  SoukKadKey key;
  Bucket buckets[SOUK_KAD_BUCKETS];
  size_t size;
};

/* ---- entries ---- */

static void
entry_free (gpointer data)
{
  SoukKadEntry *entry = data;
  g_clear_pointer (&entry->addrs, g_bytes_unref);
  g_free (entry);
}

/* The range that a peer's first public address lies in. */
static uint64_t
range_of (GBytes *addrs)
{
  SoukMultiaddr list[SOUK_KAD_ADDRS_MAX];
  size_t n = souk_kad_addrs_unpack (addrs, list, SOUK_KAD_ADDRS_MAX);
  for (size_t i = 0; i < n; i++)
    {
      SoukSlice ip;
      uint16_t port;
      if (souk_multiaddr_is_private (&list[i]) || !souk_multiaddr_is_tcp (&list[i], &ip, &port))
        continue;
      SoukReader reader = souk_reader (ip);
      return ip.len == 4 ? UINT64_C (1) << 32 | souk_reader_u16_be (&reader)
                         : UINT64_C (2) << 32 | souk_reader_u32_be (&reader);
    }
  return 0;
}

static SoukKadEntry *
entry_new (const SoukPeerId *id, const SoukKadKey *key, GBytes *addrs, SoukMono now)
{
  SoukKadEntry *entry = g_new0 (SoukKadEntry, 1);
  *entry = (SoukKadEntry){ .id = *id, .key = *key, .seen_at = now, .range = range_of (addrs) };
  entry->addrs = addrs != NULL ? g_bytes_ref (addrs) : NULL;
  return entry;
}

static SoukKadEntry *
find_in (GPtrArray *list, const SoukPeerId *id, guint *out_index)
{
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      SoukKadEntry *entry = g_ptr_array_index (list, i);
      if (souk_peer_id_is_equal (&entry->id, id))
        {
          *out_index = i;
          return entry;
        }
    }
  return NULL;
}

static bool
has_room_for_range (const Bucket *bucket, uint64_t range)
{
  unsigned count = 0;
  if (range == 0)
    return true;
  for (guint i = 0; i < bucket->entries->len; i++)
    count += ((SoukKadEntry *)bucket->entries->pdata[i])->range == range;
  return count < SOUK_KAD_RANGE_MAX;
}

/* ---- life ---- */

SoukKadTable *
souk_kad_table_new (const SoukKadKey *self_key)
{
  SoukKadTable *self = g_new0 (SoukKadTable, 1);
  self->key = *self_key;
  return self;
}

void
souk_kad_table_free (SoukKadTable *self)
{
  for (unsigned i = 0; self != NULL && i < SOUK_KAD_BUCKETS; i++)
    {
      g_clear_pointer (&self->buckets[i].entries, g_ptr_array_unref);
      g_clear_pointer (&self->buckets[i].waiting, g_ptr_array_unref);
    }
  g_free (self);
}

/* NULL for our own key, which has no bucket. */
static Bucket *
bucket_of (const SoukKadTable *self, const SoukKadKey *key)
{
  unsigned shared = souk_kad_key_shared (&self->key, key);
  return shared < SOUK_KAD_BUCKETS ? (Bucket *)&self->buckets[shared] : NULL;
}

/* ---- coming and going ---- */

/* Moves an entry to the end of those heard from. */
static void
move_last (GPtrArray *list, guint index)
{
  gpointer entry = g_ptr_array_steal_index (list, index);
  g_ptr_array_add (list, entry);
}

static void
entry_update (GPtrArray *list, guint index, GBytes *addrs, SoukMono now)
{
  SoukKadEntry *entry = g_ptr_array_index (list, index);
  entry->seen_at = now;
  entry->failures = 0;
  entry->is_checked = false;
  if (addrs != NULL && entry->addrs != addrs)
    {
      g_clear_pointer (&entry->addrs, g_bytes_unref);
      entry->addrs = g_bytes_ref (addrs);
      entry->range = range_of (addrs);
    }
  move_last (list, index);
}

/* The entry to be asked for a sign of life; NULL when one is being asked. */
static SoukKadEntry *
check_one (Bucket *bucket)
{
  for (guint i = 0; i < bucket->entries->len; i++)
    if (((SoukKadEntry *)bucket->entries->pdata[i])->is_checked)
      return NULL;
  SoukKadEntry *oldest = g_ptr_array_index (bucket->entries, 0);
  oldest->is_checked = true;
  return oldest;
}

SoukKadPlace
souk_kad_table_add (SoukKadTable *self, const SoukPeerId *id, GBytes *addrs, SoukMono now,
                    const SoukKadEntry **out_check)
{
  SoukKadKey key = souk_kad_key_of_peer (id);
  Bucket *bucket = bucket_of (self, &key);
  guint index;
  *out_check = NULL;
  if (bucket == NULL)
    return SOUK_KAD_REFUSED;
  if (bucket->entries == NULL)
    {
      bucket->entries = g_ptr_array_new_with_free_func (entry_free);
      bucket->waiting = g_ptr_array_new_with_free_func (entry_free);
    }
  if (find_in (bucket->entries, id, &index) != NULL)
    {
      entry_update (bucket->entries, index, addrs, now);
      return SOUK_KAD_IS_IN;
    }
  if (!has_room_for_range (bucket, range_of (addrs)))
    return SOUK_KAD_REFUSED;
  if (bucket->entries->len < SOUK_KAD_K)
    {
      g_ptr_array_add (bucket->entries, entry_new (id, &key, addrs, now));
      self->size++;
      return SOUK_KAD_IS_IN;
    }
  if (find_in (bucket->waiting, id, &index) != NULL)
    entry_update (bucket->waiting, index, addrs, now);
  else
    {
      if (bucket->waiting->len >= SOUK_KAD_WAITING_MAX)
        g_ptr_array_remove_index (bucket->waiting, 0);
      g_ptr_array_add (bucket->waiting, entry_new (id, &key, addrs, now));
    }
  *out_check = check_one (bucket);
  return SOUK_KAD_WAITS;
}

void
souk_kad_table_seen (SoukKadTable *self, const SoukPeerId *id, SoukMono now)
{
  SoukKadKey key = souk_kad_key_of_peer (id);
  Bucket *bucket = bucket_of (self, &key);
  guint index;
  if (bucket != NULL && find_in (bucket->entries, id, &index) != NULL)
    entry_update (bucket->entries, index, NULL, now);
}

/* Takes an entry out; the newest of those who wait, and whose range has room, comes in. */
static void
replace (SoukKadTable *self, Bucket *bucket, guint index)
{
  g_ptr_array_remove_index (bucket->entries, index);
  self->size--;
  for (guint i = bucket->waiting->len; i > 0; i--)
    {
      SoukKadEntry *next = g_ptr_array_index (bucket->waiting, i - 1);
      if (!has_room_for_range (bucket, next->range))
        continue;
      g_ptr_array_add (bucket->entries, g_ptr_array_steal_index (bucket->waiting, i - 1));
      self->size++;
      return;
    }
}

bool
souk_kad_table_failed (SoukKadTable *self, const SoukPeerId *id)
{
  SoukKadKey key = souk_kad_key_of_peer (id);
  Bucket *bucket = bucket_of (self, &key);
  guint index;
  SoukKadEntry *entry = bucket != NULL ? find_in (bucket->entries, id, &index) : NULL;
  if (entry == NULL)
    return false;
  entry->failures++;
  bool was_checked = entry->is_checked;
  entry->is_checked = false;
  /* One lost message is no death, except where somebody waits for the place. */
  if (entry->failures < SOUK_KAD_FAILURES_MAX && !(was_checked && bucket->waiting->len > 0))
    return false;
  replace (self, bucket, index);
  return true;
}

void
souk_kad_table_remove (SoukKadTable *self, const SoukPeerId *id)
{
  SoukKadKey key = souk_kad_key_of_peer (id);
  Bucket *bucket = bucket_of (self, &key);
  guint index;
  if (bucket == NULL)
    return;
  if (find_in (bucket->waiting, id, &index) != NULL)
    g_ptr_array_remove_index (bucket->waiting, index);
  if (find_in (bucket->entries, id, &index) != NULL)
    replace (self, bucket, index);
}

/* ---- looking ---- */

const SoukKadEntry *
souk_kad_table_find (const SoukKadTable *self, const SoukPeerId *id)
{
  SoukKadKey key = souk_kad_key_of_peer (id);
  Bucket *bucket = bucket_of (self, &key);
  guint index;
  return bucket != NULL ? find_in (bucket->entries, id, &index) : NULL;
}

static void
gather (const Bucket *bucket, GPtrArray *out)
{
  for (guint i = 0; bucket->entries != NULL && i < bucket->entries->len; i++)
    g_ptr_array_add (out, g_ptr_array_index (bucket->entries, i));
}

static int
compare_nearer (gconstpointer a, gconstpointer b, gpointer target)
{
  SoukKadKey first = souk_kad_key_distance (&(*(SoukKadEntry *const *)a)->key, target);
  SoukKadKey second = souk_kad_key_distance (&(*(SoukKadEntry *const *)b)->key, target);
  return souk_kad_key_compare (&first, &second);
}

GPtrArray *
souk_kad_table_nearest (const SoukKadTable *self, const SoukKadKey *target, size_t max)
{
  GPtrArray *found = g_ptr_array_new ();
  unsigned shared = MIN (souk_kad_key_shared (&self->key, target), SOUK_KAD_BUCKETS - 1);
  /* Those of the target's own bucket are nearer than all that share more with us, and those are
   * nearer than any that share less. */
  gather (&self->buckets[shared], found);
  bool is_enough = found->len >= max;
  for (unsigned i = shared + 1; !is_enough && i < SOUK_KAD_BUCKETS; i++)
    gather (&self->buckets[i], found);
  for (unsigned i = shared; found->len < max && i > 0; i--)
    gather (&self->buckets[i - 1], found);
  g_ptr_array_sort_with_data (found, compare_nearer, (gpointer)target);
  if (found->len > max)
    g_ptr_array_set_size (found, (int)max);
  return found;
}

size_t
souk_kad_table_size (const SoukKadTable *self)
{
  return self->size;
}

size_t
souk_kad_table_bucket_size (const SoukKadTable *self, unsigned bucket)
{
  GPtrArray *entries = self->buckets[bucket].entries;
  return entries != NULL ? entries->len : 0;
}

unsigned
souk_kad_table_depth (const SoukKadTable *self)
{
  for (unsigned i = SOUK_KAD_BUCKETS; i > 0; i--)
    if (souk_kad_table_bucket_size (self, i - 1) > 0)
      return i;
  return 0;
}
