/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Token buckets by event and by (event, peer). GLIB. See limit.h.
 */
#include "log/limit.h"

typedef struct {
  char *event;
  char *who; /* "" in the event's own bucket */
  int tokens;
  int64_t refilled_us;
  int64_t suppressed_us; /* when the last one was held back */
  uint64_t suppressed;
} Bucket;

struct SoukLogLimit {
  GHashTable *buckets; /* Bucket -> itself */
};

static guint
bucket_hash (gconstpointer key)
{
  const Bucket *bucket = key;
  return g_str_hash (bucket->event) * 31 + g_str_hash (bucket->who);
}

static gboolean
bucket_equal (gconstpointer a, gconstpointer b)
{
  const Bucket *left = a, *right = b;
  return g_str_equal (left->event, right->event) && g_str_equal (left->who, right->who);
}

static void
bucket_free (gpointer data)
{
  Bucket *bucket = data;
  g_free (bucket->event);
  g_free (bucket->who);
  g_free (bucket);
}

SoukLogLimit *
souk_log_limit_new (void)
{
  SoukLogLimit *self = g_new0 (SoukLogLimit, 1);
  self->buckets = g_hash_table_new_full (bucket_hash, bucket_equal, bucket_free, NULL);
  return self;
}

void
souk_log_limit_free (SoukLogLimit *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->buckets);
  g_free (self);
}

static bool
is_event_bucket (const Bucket *bucket)
{
  return bucket->who[0] == '\0';
}

static void
refill (Bucket *bucket, int64_t now_us)
{
  bool is_event = is_event_bucket (bucket);
  int burst = is_event ? SOUK_LOG_EVENT_BURST : SOUK_LOG_PEER_BURST;
  int64_t each_us = is_event ? SOUK_LOG_EVENT_REFILL_US : SOUK_LOG_PEER_REFILL_US;
  int64_t gained = (now_us - bucket->refilled_us) / each_us;

  if (gained >= burst - bucket->tokens)
    {
      bucket->tokens = burst;
      bucket->refilled_us = now_us;
    }
  else if (gained > 0)
    {
      bucket->tokens += (int)gained;
      bucket->refilled_us += gained * each_us;
    }
}

/* A full bucket with nothing to tell is as good as none. */
static gboolean
is_idle (gpointer key, gpointer value, gpointer user)
{
  Bucket *bucket = key;
  refill (bucket, *(int64_t *)user);
  return bucket->suppressed == 0
         && bucket->tokens
                == (is_event_bucket (bucket) ? SOUK_LOG_EVENT_BURST : SOUK_LOG_PEER_BURST);
}

static Bucket *
bucket_of (SoukLogLimit *self, const char *event, const char *who, int64_t now_us)
{
  Bucket key = { .event = (char *)event, .who = (char *)who };
  Bucket *found = g_hash_table_lookup (self->buckets, &key);
  if (found != NULL)
    {
      refill (found, now_us);
      return found;
    }
  if (who[0] != '\0' && g_hash_table_size (self->buckets) >= SOUK_LOG_BUCKETS_MAX)
    {
      g_hash_table_foreach_remove (self->buckets, is_idle, &now_us);
      if (g_hash_table_size (self->buckets) >= SOUK_LOG_BUCKETS_MAX)
        return bucket_of (self, event, "", now_us);
    }
  found = g_new0 (Bucket, 1);
  found->event = g_strdup (event);
  found->who = g_strdup (who);
  found->tokens = is_event_bucket (found) ? SOUK_LOG_EVENT_BURST : SOUK_LOG_PEER_BURST;
  found->refilled_us = now_us;
  g_hash_table_add (self->buckets, found);
  return found;
}

bool
souk_log_limit_admit (SoukLogLimit *self, const char *event, const char *who, int64_t now_us,
                      uint64_t *out_suppressed)
{
  /* In this order: making room for a peer's bucket may remove an idle event's. */
  Bucket *one = bucket_of (self, event, who, now_us);
  Bucket *all = bucket_of (self, event, "", now_us);

  if (one->tokens == 0 || all->tokens == 0)
    {
      one->suppressed++;
      one->suppressed_us = now_us;
      return false;
    }
  all->tokens--;
  if (one != all)
    one->tokens--;
  *out_suppressed = one->suppressed;
  one->suppressed = 0;
  return true;
}

bool
souk_log_limit_take (SoukLogLimit *self, int64_t now_us, bool all, char **out_event,
                     unsigned *out_peers, uint64_t *out_suppressed)
{
  g_autofree char *event = NULL;
  unsigned peers = 0;
  uint64_t suppressed = 0;
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->buckets);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      Bucket *bucket = key;
      if (bucket->suppressed == 0 || (event != NULL && !g_str_equal (event, bucket->event))
          || (!all && now_us - bucket->suppressed_us < SOUK_LOG_PEER_REFILL_US))
        continue;
      if (event == NULL)
        event = g_strdup (bucket->event);
      peers++;
      suppressed += bucket->suppressed;
      bucket->suppressed = 0;
    }
  if (event == NULL)
    return false;
  *out_event = g_steal_pointer (&event);
  *out_peers = peers;
  *out_suppressed = suppressed;
  return true;
}
