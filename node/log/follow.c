/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Followers of the log. GLIB. See follow.h.
 *
 * A follower is counted: the list holds one reference, its pending source another. `is_gone` is
 * looked at before each call, so that none comes after souk_log_unfollow() on that context.
 */
#include "log/follow.h"

#include <string.h>

typedef struct {
  gatomicrefcount refs;
  GMutex lock;  /* guards queue and source */
  GQueue queue; /* SoukLogEntry */
  bool has_source;
  bool is_gone; /* atomic */
  unsigned number;
  SoukLogLevel level;
  char *area;
  char *text;
  GMainContext *context;
  SoukLogFollow follow;
  gpointer user;
  GDestroyNotify destroy;
} Follower;

struct SoukLogFollowers {
  GMutex lock;
  GPtrArray *list; /* Follower */
  unsigned last_number;
};

static void
follower_unref (gpointer data)
{
  Follower *self = data;
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  if (self->destroy != NULL)
    self->destroy (self->user);
  g_queue_clear_full (&self->queue, (GDestroyNotify)souk_log_entry_unref);
  g_mutex_clear (&self->lock);
  g_main_context_unref (self->context);
  g_free (self->area);
  g_free (self->text);
  g_free (self);
}

/* The list's hand lets go: no further call. */
static void
follower_leave (gpointer data)
{
  Follower *self = data;
  __atomic_store_n (&self->is_gone, true, __ATOMIC_RELEASE);
  follower_unref (self);
}

static bool
contains_ignoring_case (const char *text, const char *part)
{
  size_t len = strlen (part);
  for (; *text != '\0'; text++)
    if (g_ascii_strncasecmp (text, part, len) == 0)
      return true;
  return len == 0;
}

bool
souk_log_filter_matches (const SoukLogFilter *filter, const SoukLogEntry *entry)
{
  return entry->level >= filter->level
         && (filter->area == NULL || strcmp (filter->area, entry->area) == 0)
         && (filter->text == NULL || contains_ignoring_case (entry->line, filter->text));
}

SoukLogFollowers *
souk_log_followers_new (void)
{
  SoukLogFollowers *self = g_new0 (SoukLogFollowers, 1);
  g_mutex_init (&self->lock);
  self->list = g_ptr_array_new_with_free_func (follower_leave);
  return self;
}

void
souk_log_followers_free (SoukLogFollowers *self)
{
  g_ptr_array_unref (self->list);
  g_mutex_clear (&self->lock);
  g_free (self);
}

unsigned
souk_log_followers_add (SoukLogFollowers *self, const SoukLogFilter *filter, GMainContext *context,
                        SoukLogFollow follow, gpointer user, GDestroyNotify destroy)
{
  Follower *follower = g_new0 (Follower, 1);
  g_atomic_ref_count_init (&follower->refs);
  g_mutex_init (&follower->lock);
  g_queue_init (&follower->queue);
  follower->level = filter->level;
  follower->area = g_strdup (filter->area);
  follower->text = g_strdup (filter->text);
  follower->context = g_main_context_ref (context != NULL ? context : g_main_context_default ());
  follower->follow = follow;
  follower->user = user;
  follower->destroy = destroy;

  g_mutex_lock (&self->lock);
  unsigned number = ++self->last_number;
  follower->number = number;
  g_ptr_array_add (self->list, follower);
  g_mutex_unlock (&self->lock);
  return number;
}

void
souk_log_followers_remove (SoukLogFollowers *self, unsigned number)
{
  Follower *leaving = NULL;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->list->len && leaving == NULL; i++)
    {
      Follower *each = g_ptr_array_index (self->list, i);
      if (each->number == number)
        leaving = g_ptr_array_steal_index (self->list, i);
    }
  g_mutex_unlock (&self->lock);
  if (leaving != NULL)
    follower_leave (leaving);
}

/* On the follower's context: calls with all that has come. */
static gboolean
deliver (gpointer data)
{
  Follower *self = data;
  GQueue taken = G_QUEUE_INIT;

  g_mutex_lock (&self->lock);
  taken = self->queue;
  g_queue_init (&self->queue);
  self->has_source = false;
  g_mutex_unlock (&self->lock);

  for (SoukLogEntry *entry; (entry = g_queue_pop_head (&taken)) != NULL;)
    {
      if (!__atomic_load_n (&self->is_gone, __ATOMIC_ACQUIRE))
        self->follow (entry, self->user);
      souk_log_entry_unref (entry);
    }
  return G_SOURCE_REMOVE;
}

static void
offer_one (Follower *self, SoukLogEntry *entry)
{
  g_mutex_lock (&self->lock);
  if (g_queue_get_length (&self->queue) >= SOUK_LOG_FOLLOW_MAX)
    souk_log_entry_unref (g_queue_pop_head (&self->queue));
  g_queue_push_tail (&self->queue, souk_log_entry_ref (entry));
  if (!self->has_source)
    {
      GSource *source = g_idle_source_new ();
      g_source_set_priority (source, G_PRIORITY_DEFAULT);
      g_atomic_ref_count_inc (&self->refs);
      g_source_set_callback (source, deliver, self, follower_unref);
      g_source_attach (source, self->context);
      g_source_unref (source);
      self->has_source = true;
    }
  g_mutex_unlock (&self->lock);
}

void
souk_log_followers_offer (SoukLogFollowers *self, SoukLogEntry *entry)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->list->len; i++)
    {
      Follower *each = g_ptr_array_index (self->list, i);
      SoukLogFilter filter = { .level = each->level, .area = each->area, .text = each->text };
      if (souk_log_filter_matches (&filter, entry))
        offer_one (each, entry);
    }
  g_mutex_unlock (&self->lock);
}
