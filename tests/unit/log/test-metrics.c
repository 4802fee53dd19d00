/* SPDX-License-Identifier: GPL-3.0-or-later
 * Counters and gauges.
 */
#include "log/metrics.h"

static void
test_text (void)
{
  g_autoptr (SoukMetrics) metrics = souk_metrics_new ();
  SoukMetric *bytes
      = souk_metrics_gauge (metrics, "souk_store_bytes", "Bytes on disk.", NULL, NULL);
  SoukMetric *in = souk_metrics_counter (metrics, "souk_frames", "Frames.", "direction", "in");
  SoukMetric *out = souk_metrics_counter (metrics, "souk_frames", "Frames.", "direction", "out");

  souk_metric_set (bytes, 5);
  souk_metric_add (bytes, -2);
  souk_metric_add (in, 1);
  souk_metric_add (out, 40);
  g_assert_true (souk_metrics_counter (metrics, "souk_frames", "Frames.", "direction", "in") == in);
  g_autofree char *text = souk_metrics_to_text (metrics);
  g_assert_cmpstr (text, ==,
                   "# TYPE souk_frames counter\n"
                   "# HELP souk_frames Frames.\n"
                   "souk_frames_total{direction=\"in\"} 1\n"
                   "souk_frames_total{direction=\"out\"} 40\n"
                   "# TYPE souk_store_bytes gauge\n"
                   "# HELP souk_store_bytes Bytes on disk.\n"
                   "souk_store_bytes 3\n"
                   "# EOF\n");
}

static gpointer
add_many (gpointer data)
{
  for (int i = 0; i < 100000; i++)
    souk_metric_add (data, 1);
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (SoukMetrics) metrics = souk_metrics_new ();
  SoukMetric *metric = souk_metrics_counter (metrics, "souk_x", "X.", NULL, NULL);
  GThread *other = g_thread_new ("add", add_many, metric);
  add_many (metric);
  g_thread_join (other);
  g_assert_cmpint (souk_metric_get (metric), ==, 200000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log/metrics/the-text-is-openmetrics-in-order-of-name", test_text);
  g_test_add_func ("/log/metrics/two-threads-lose-nothing", test_threads);
  return g_test_run ();
}
