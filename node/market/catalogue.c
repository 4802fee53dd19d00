/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The catalogue. PURE. See catalogue.h.
 *
 * Two hash tables over one set of entries, and a sorted view that is rebuilt when it is asked for
 * after a change: syncs are rare, puts come in bursts.
 */
#include "market/catalogue.h"

#include "market/job-spec.h"
#include "market/listing.h"
#include "market/provider-info.h"

#include <string.h>

struct SoukCatalogue {
  size_t total_max;
  size_t per_author_max;
  bool keeps_bytes;
  GHashTable *by_thing;  /* entry->thing -> entry, owned */
  GHashTable *by_id;     /* entry->id -> entry, the same entries */
  GHashTable *by_author; /* SoukPeerId * (owned) -> how many entries */
  GPtrArray *sorted;     /* borrowed entries; right only while is_sorted */
  bool is_sorted;
  int64_t next_expiry; /* never later than the earliest; INT64_MAX when empty */
};

/* Ids are hashes, so their first bytes are as good as any hash of them. */
static guint
id_hash (gconstpointer id)
{
  guint hash;
  memcpy (&hash, id, sizeof hash);
  return hash;
}

static gboolean
id_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, SOUK_RECORD_ID_SIZE) == 0;
}

static void
entry_free (gpointer data)
{
  SoukCatalogueEntry *entry = data;
  g_clear_pointer (&entry->bytes, g_bytes_unref);
  g_free (entry);
}

SoukCatalogue *
souk_catalogue_new (size_t total_max, size_t per_author_max, bool keeps_bytes)
{
  SoukCatalogue *self = g_new0 (SoukCatalogue, 1);
  self->total_max = total_max != 0 ? total_max : SOUK_CATALOGUE_MAX;
  self->per_author_max = per_author_max != 0 ? per_author_max : SOUK_CATALOGUE_PER_AUTHOR_MAX;
  self->keeps_bytes = keeps_bytes;
  self->by_thing = g_hash_table_new_full (id_hash, id_equal, NULL, entry_free);
  self->by_id = g_hash_table_new (id_hash, id_equal);
  self->by_author = g_hash_table_new_full (souk_peer_id_hash, souk_peer_id_equal, g_free, NULL);
  self->sorted = g_ptr_array_new ();
  self->next_expiry = INT64_MAX;
  return self;
}

void
souk_catalogue_free (SoukCatalogue *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->sorted);
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->by_thing);
  g_hash_table_unref (self->by_author);
  g_free (self);
}

static size_t
author_count (const SoukCatalogue *self, const SoukPeerId *author)
{
  return GPOINTER_TO_SIZE (g_hash_table_lookup (self->by_author, author));
}

static void
author_add (SoukCatalogue *self, const SoukPeerId *author, int change)
{
  size_t count = author_count (self, author) + (size_t)change;
  if (count == 0)
    g_hash_table_remove (self->by_author, author);
  else
    g_hash_table_insert (self->by_author, g_memdup2 (author, sizeof *author),
                         GSIZE_TO_POINTER (count));
}

static void
entry_set (SoukCatalogue *self, SoukCatalogueEntry *entry, const SoukRecord *record)
{
  memcpy (entry->id, record->id, SOUK_RECORD_ID_SIZE);
  entry->sequence = record->sequence;
  entry->expires = record->expires;
  entry->is_withdrawn = record->is_withdrawn;
  g_clear_pointer (&entry->bytes, g_bytes_unref);
  if (self->keeps_bytes)
    entry->bytes = g_bytes_ref (record->bytes);
  g_hash_table_insert (self->by_id, entry->id, entry);
  self->next_expiry = MIN (self->next_expiry, entry->expires);
  self->is_sorted = false;
}

static SoukPutResult
refuse (SoukStatus status, SoukStatus *out_status)
{
  *out_status = status;
  return SOUK_PUT_REFUSED;
}

SoukPutResult
souk_catalogue_put_record (SoukCatalogue *self, const SoukRecord *record, SoukWall now,
                           SoukStatus *out_status)
{
  *out_status = SOUK_STATUS_OK;
  if (record->expires <= souk_wall_seconds (now))
    {
      *out_status = SOUK_STATUS_RECORD_EXPIRED;
      return SOUK_PUT_EXPIRED;
    }
  SoukCatalogueEntry *entry = g_hash_table_lookup (self->by_thing, record->thing);
  if (entry != NULL)
    {
      if (!souk_record_is_newer (record->sequence, record->id, entry->sequence, entry->id))
        return SOUK_PUT_STALE;
      g_hash_table_remove (self->by_id, entry->id);
      entry_set (self, entry, record);
      return record->is_withdrawn ? SOUK_PUT_WITHDRAWN : SOUK_PUT_REPLACED;
    }
  if (g_hash_table_size (self->by_thing) >= self->total_max)
    return refuse (SOUK_STATUS_CATALOGUE_FULL, out_status);
  if (author_count (self, &record->author) >= self->per_author_max)
    return refuse (SOUK_STATUS_AUTHOR_FULL, out_status);
  entry = g_new0 (SoukCatalogueEntry, 1);
  memcpy (entry->thing, record->thing, SOUK_RECORD_ID_SIZE);
  entry->author = record->author;
  entry->type = record->type;
  entry_set (self, entry, record);
  g_hash_table_insert (self->by_thing, entry->thing, entry);
  author_add (self, &record->author, 1);
  return record->is_withdrawn ? SOUK_PUT_WITHDRAWN : SOUK_PUT_ADDED;
}

SoukStatus
souk_record_check_body (const SoukRecord *record)
{
  if (record->is_withdrawn)
    return SOUK_STATUS_OK;
  switch (record->type)
    {
      case SOUK_RECORD_LISTING: {
        g_autoptr (SoukListing) listing = NULL;
        return souk_listing_from_record (record, &listing);
      }
      case SOUK_RECORD_JOB: {
        g_autoptr (SoukJobSpec) spec = NULL;
        return souk_job_spec_from_record (record, &spec);
      }
      case SOUK_RECORD_PROVIDER: {
        g_autoptr (SoukProviderInfo) info = NULL;
        return souk_provider_info_from_record (record, &info);
      }
    }
  g_assert_not_reached ();
}

SoukPutResult
souk_catalogue_put (SoukCatalogue *self, SoukSlice bytes, SoukWall now, SoukRecord **out_record,
                    SoukStatus *out_status)
{
  uint8_t id[SOUK_RECORD_ID_SIZE];
  g_autoptr (SoukRecord) record = NULL;
  *out_record = NULL;
  *out_status = SOUK_STATUS_OK;
  /* Gossip brings each record many times: a hash is cheaper than a signature. */
  souk_sha256 (id, bytes);
  if (g_hash_table_contains (self->by_id, id))
    return SOUK_PUT_STALE;
  SoukStatus status = souk_record_decode (bytes, now, &record);
  if (status == SOUK_STATUS_RECORD_EXPIRED)
    {
      *out_status = status;
      return SOUK_PUT_EXPIRED;
    }
  if (status == SOUK_STATUS_OK)
    status = souk_record_check_body (record);
  if (status != SOUK_STATUS_OK)
    return refuse (status, out_status);
  SoukPutResult result = souk_catalogue_put_record (self, record, now, out_status);
  if (result <= SOUK_PUT_WITHDRAWN)
    *out_record = g_steal_pointer (&record);
  return result;
}

GByteArray *
souk_catalogue_expire (SoukCatalogue *self, SoukWall now)
{
  GByteArray *removed = g_byte_array_new ();
  int64_t now_s = souk_wall_seconds (now);
  if (now_s < self->next_expiry)
    return removed;
  GHashTableIter iter;
  gpointer value;
  self->next_expiry = INT64_MAX;
  g_hash_table_iter_init (&iter, self->by_thing);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SoukCatalogueEntry *entry = value;
      if (entry->expires > now_s)
        {
          self->next_expiry = MIN (self->next_expiry, entry->expires);
          continue;
        }
      souk_append (removed, souk_slice (entry->thing, SOUK_RECORD_ID_SIZE));
      g_hash_table_remove (self->by_id, entry->id);
      author_add (self, &entry->author, -1);
      g_hash_table_iter_remove (&iter);
      self->is_sorted = false;
    }
  return removed;
}

int64_t
souk_catalogue_next_expiry (const SoukCatalogue *self)
{
  return self->next_expiry;
}

size_t
souk_catalogue_size (const SoukCatalogue *self)
{
  return g_hash_table_size (self->by_thing);
}

const SoukCatalogueEntry *
souk_catalogue_by_thing (const SoukCatalogue *self, const uint8_t thing[SOUK_RECORD_ID_SIZE])
{
  return g_hash_table_lookup (self->by_thing, thing);
}

const SoukCatalogueEntry *
souk_catalogue_by_id (const SoukCatalogue *self, const uint8_t id[SOUK_RECORD_ID_SIZE])
{
  return g_hash_table_lookup (self->by_id, id);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const SoukCatalogueEntry *left = *(const SoukCatalogueEntry *const *)a;
  const SoukCatalogueEntry *right = *(const SoukCatalogueEntry *const *)b;
  if (left->expires != right->expires)
    return left->expires < right->expires ? -1 : 1;
  return memcmp (left->id, right->id, SOUK_RECORD_ID_SIZE);
}

const SoukCatalogueEntry *const *
souk_catalogue_sorted (SoukCatalogue *self, size_t *out_count)
{
  if (!self->is_sorted)
    {
      GHashTableIter iter;
      gpointer value;
      g_ptr_array_set_size (self->sorted, 0);
      g_hash_table_iter_init (&iter, self->by_thing);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        g_ptr_array_add (self->sorted, value);
      g_ptr_array_sort (self->sorted, compare_entries);
      self->is_sorted = true;
    }
  *out_count = self->sorted->len;
  return (const SoukCatalogueEntry *const *)self->sorted->pdata;
}
