/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a worker's answer, honest and not.
 */
#include "exec/collector.h"

#include <string.h>

static void
append_frame (GByteArray *out, SoukFrameType type, SoukSlice payload)
{
  uint8_t header[SOUK_FRAME_HEADER_SIZE];
  souk_frame_header (header, type, payload.len);
  g_byte_array_append (out, header, sizeof header);
  souk_append (out, payload);
}

static void
append_report (GByteArray *out, SoukExecFailure failure)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  SoukExecReport report = { .failure = failure, .reason = SOUK_SLICE_LITERAL ("be\xff\nfore") };
  souk_exec_report_encode (&report, payload);
  append_frame (out, SOUK_FRAME_EXIT, souk_slice_from_array (payload));
}

/* Feeds the answer in pieces of `step` bytes. Returns: the chunks, "o:" or "e:" before each. */
static char *
feed (SoukCollector *collector, const GByteArray *answer, guint step)
{
  GString *text = g_string_new (NULL);
  for (guint at = 0; at < answer->len; at += step)
    {
      SoukCollectorChunk chunk;
      souk_collector_feed (collector, souk_slice (answer->data + at, MIN (step, answer->len - at)));
      while (souk_collector_next (collector, &chunk))
        g_string_append_printf (text, "%c:%.*s ", chunk.is_error ? 'e' : 'o', (int)chunk.bytes.len,
                                chunk.bytes.data);
    }
  return g_string_free (text, FALSE);
}

static GByteArray *
honest_answer (void)
{
  GByteArray *answer = g_byte_array_new ();
  append_frame (answer, SOUK_FRAME_STDOUT, SOUK_SLICE_LITERAL ("one"));
  append_frame (answer, SOUK_FRAME_STDERR, SOUK_SLICE_LITERAL ("two"));
  append_frame (answer, SOUK_FRAME_OUT_FILE, SOUK_SLICE_LITERAL ("/out/a"));
  append_frame (answer, SOUK_FRAME_OUT_DATA, SOUK_SLICE_LITERAL ("da"));
  append_frame (answer, SOUK_FRAME_OUT_DATA, SOUK_SLICE_LITERAL ("ta"));
  append_frame (answer, SOUK_FRAME_OUT_FILE, SOUK_SLICE_LITERAL ("/out/b/c"));
  return answer;
}

static void
test_honest (void)
{
  g_autoptr (GByteArray) answer = honest_answer ();
  append_report (answer, SOUK_EXEC_NONE);
  for (guint step = 1; step <= answer->len; step++)
    {
      SoukCollector collector;
      souk_collector_init (&collector, 6, 4);
      g_autofree char *chunks = feed (&collector, answer, step);
      g_assert_cmpstr (chunks, ==, "o:one e:two ");
      g_assert_cmpint (collector.failure, ==, SOUK_EXEC_NONE);
      g_assert_true (collector.has_report);
      g_assert_cmpstr (collector.reason, ==, "be\xef\xbf\xbd fore");
      g_assert_cmpuint (collector.files->len, ==, 2);
      const SoukExecFile *file = g_ptr_array_index (collector.files, 0);
      g_assert_cmpstr (file->path, ==, "/out/a");
      g_assert_cmpmem (g_bytes_get_data (file->bytes, NULL), g_bytes_get_size (file->bytes), "data",
                       4);
      souk_collector_done (&collector);
    }
}

static void
check_failure (const GByteArray *answer, SoukExecFailure failure)
{
  SoukCollector collector;
  souk_collector_init (&collector, 6, 4);
  g_autofree char *chunks = feed (&collector, answer, 3);
  g_assert_cmpint (collector.failure, ==, failure);
  /* nothing more is taken, and nothing kept that comes */
  souk_collector_feed (&collector, SOUK_SLICE_LITERAL ("anything"));
  SoukCollectorChunk chunk;
  g_assert_false (souk_collector_next (&collector, &chunk));
  souk_collector_done (&collector);
}

static void
test_dishonest (void)
{
  static const struct {
    SoukFrameType type;
    SoukSlice payload;
    SoukExecFailure failure;
  } rows[] = {
    { SOUK_FRAME_STDOUT, SOUK_SLICE_LITERAL ("x"), SOUK_EXEC_OUTPUT_LIMIT },
    { SOUK_FRAME_OUT_DATA, SOUK_SLICE_LITERAL ("x"), SOUK_EXEC_OUTPUT_LIMIT },
    { SOUK_FRAME_OUT_FILE, SOUK_SLICE_LITERAL ("/out/a"), SOUK_EXEC_WORKER_CRASHED },
    { SOUK_FRAME_OUT_FILE, SOUK_SLICE_LITERAL ("/out/../x"), SOUK_EXEC_WORKER_CRASHED },
    { SOUK_FRAME_OUT_FILE, SOUK_SLICE_LITERAL ("/etc/passwd"), SOUK_EXEC_WORKER_CRASHED },
    { SOUK_FRAME_OUT_FILE, SOUK_SLICE_LITERAL ("/out/"), SOUK_EXEC_WORKER_CRASHED },
    { SOUK_FRAME_MODULE, SOUK_SLICE_LITERAL ("x"), SOUK_EXEC_WORKER_CRASHED },
    { SOUK_FRAME_EXIT, SOUK_SLICE_LITERAL ("x"), SOUK_EXEC_WORKER_CRASHED },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GByteArray) answer = honest_answer ();
      append_frame (answer, rows[i].type, rows[i].payload);
      check_failure (answer, rows[i].failure);
    }
  g_autoptr (GByteArray) twice = honest_answer ();
  append_report (twice, SOUK_EXEC_NONE);
  append_report (twice, SOUK_EXEC_NONE);
  check_failure (twice, SOUK_EXEC_WORKER_CRASHED);
  g_autoptr (GByteArray) noise = g_byte_array_new ();
  souk_append (noise, SOUK_SLICE_LITERAL ("GET / HTTP/1.1"));
  check_failure (noise, SOUK_EXEC_WORKER_CRASHED);
}

static void
test_many_files (void)
{
  g_autoptr (GByteArray) answer = g_byte_array_new ();
  for (unsigned i = 0; i <= SOUK_EXEC_FILES_MAX; i++)
    {
      g_autofree char *path = g_strdup_printf ("/out/%u", i);
      append_frame (answer, SOUK_FRAME_OUT_FILE, souk_slice_from_text (path));
    }
  check_failure (answer, SOUK_EXEC_OUTPUT_LIMIT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exec/collector/an-honest-answer-is-read-in-any-pieces", test_honest);
  g_test_add_func ("/exec/collector/an-answer-that-breaks-a-rule-is-broken-off", test_dishonest);
  g_test_add_func ("/exec/collector/the-number-of-files-is-limited", test_many_files);
  return g_test_run ();
}
