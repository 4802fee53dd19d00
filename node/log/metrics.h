/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Named figures of the node, and their text for /metrics (OpenMetrics 1.0). GLIB, any thread.
 *
 * A driver asks for its figures once, keeps the pointers, and adds to them without a lock. Names
 * are "souk_what_unit" without "_total", which the text adds to counters. At most
 * SOUK_METRICS_MAX series exist: a label's values are the programmer's, never a stranger's.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Far more than the node has; asking for more is a programmer's error. */
#define SOUK_METRICS_MAX 512

typedef struct SoukMetrics SoukMetrics;
typedef struct SoukMetric SoukMetric;

SoukMetrics *souk_metrics_new (void);
void souk_metrics_free (SoukMetrics *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukMetrics, souk_metrics_free)

/* The series of that name, made at the first call. `help` is a sentence; `label` and `value` may
 * be NULL. A name is a counter (only grows) or a gauge (any value), not both.
 * Returns: (transfer none): lives as long as the metrics. */
SoukMetric *souk_metrics_counter (SoukMetrics *self, const char *name, const char *help,
                                  const char *label, const char *value);
SoukMetric *souk_metrics_gauge (SoukMetrics *self, const char *name, const char *help,
                                const char *label, const char *value);

/* Atomic. `by` is not negative for a counter. */
void souk_metric_add (SoukMetric *self, int64_t by);
/* Gauges only. */
void souk_metric_set (SoukMetric *self, int64_t value);
int64_t souk_metric_get (const SoukMetric *self);

/* Returns: (transfer full): the OpenMetrics text of all, in order of name, with its "# EOF". */
char *souk_metrics_to_text (SoukMetrics *self);
