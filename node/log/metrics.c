/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Counters and gauges (OpenMetrics 1.0). GLIB. See metrics.h.
 */
#include "log/metrics.h"

#include <string.h>

struct SoukMetric {
  char *name;
  char *help;
  char *labels; /* "" or {label="value"} */
  bool is_counter;
  int64_t value; /* atomic */
};

struct SoukMetrics {
  GMutex lock;       /* guards the list, not the values */
  GPtrArray *series; /* SoukMetric, never removed */
};

static void
metric_free (gpointer data)
{
  SoukMetric *self = data;
  g_free (self->name);
  g_free (self->help);
  g_free (self->labels);
  g_free (self);
}

SoukMetrics *
souk_metrics_new (void)
{
  SoukMetrics *self = g_new0 (SoukMetrics, 1);
  g_mutex_init (&self->lock);
  self->series = g_ptr_array_new_with_free_func (metric_free);
  return self;
}

void
souk_metrics_free (SoukMetrics *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->series);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static SoukMetric *
find_or_make (SoukMetrics *self, bool is_counter, const char *name, const char *help,
              const char *label, const char *value)
{
  g_autofree char *labels = NULL;
  if (label != NULL)
    {
      g_autofree char *escaped = g_strescape (value, NULL);
      labels = g_strdup_printf ("{%s=\"%s\"}", label, escaped);
    }
  else
    labels = g_strdup ("");

  g_mutex_lock (&self->lock);
  SoukMetric *found = NULL;
  for (guint i = 0; i < self->series->len && found == NULL; i++)
    {
      SoukMetric *each = g_ptr_array_index (self->series, i);
      if (strcmp (each->name, name) != 0)
        continue;
      g_assert (each->is_counter == is_counter);
      if (strcmp (each->labels, labels) == 0)
        found = each;
    }
  if (found == NULL)
    {
      g_assert (self->series->len < SOUK_METRICS_MAX);
      found = g_new0 (SoukMetric, 1);
      found->name = g_strdup (name);
      found->help = g_strdup (help);
      found->labels = g_steal_pointer (&labels);
      found->is_counter = is_counter;
      g_ptr_array_add (self->series, found);
    }
  g_mutex_unlock (&self->lock);
  return found;
}

SoukMetric *
souk_metrics_counter (SoukMetrics *self, const char *name, const char *help, const char *label,
                      const char *value)
{
  return find_or_make (self, true, name, help, label, value);
}

SoukMetric *
souk_metrics_gauge (SoukMetrics *self, const char *name, const char *help, const char *label,
                    const char *value)
{
  return find_or_make (self, false, name, help, label, value);
}

void
souk_metric_add (SoukMetric *self, int64_t by)
{
  g_assert (by >= 0 || !self->is_counter);
  __atomic_fetch_add (&self->value, by, __ATOMIC_RELAXED);
}

void
souk_metric_set (SoukMetric *self, int64_t value)
{
  g_assert (!self->is_counter);
  __atomic_store_n (&self->value, value, __ATOMIC_RELAXED);
}

int64_t
souk_metric_get (const SoukMetric *self)
{
  return __atomic_load_n (&self->value, __ATOMIC_RELAXED);
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  const SoukMetric *left = *(SoukMetric *const *)a, *right = *(SoukMetric *const *)b;
  int order = strcmp (left->name, right->name);
  return order != 0 ? order : strcmp (left->labels, right->labels);
}

char *
souk_metrics_to_text (SoukMetrics *self)
{
  GString *out = g_string_new (NULL);
  const char *family = "";

  g_mutex_lock (&self->lock);
  g_ptr_array_sort (self->series, by_name);
  for (guint i = 0; i < self->series->len; i++)
    {
      const SoukMetric *each = g_ptr_array_index (self->series, i);
      if (strcmp (family, each->name) != 0)
        g_string_append_printf (out, "# TYPE %s %s\n# HELP %s %s\n", each->name,
                                each->is_counter ? "counter" : "gauge", each->name, each->help);
      family = each->name;
      g_string_append_printf (out, "%s%s%s %" G_GINT64_FORMAT "\n", each->name,
                              each->is_counter ? "_total" : "", each->labels,
                              souk_metric_get (each));
    }
  g_mutex_unlock (&self->lock);
  g_string_append (out, "# EOF\n");
  return g_string_free_and_steal (out);
}
