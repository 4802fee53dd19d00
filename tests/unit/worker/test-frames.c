/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Frames between node and worker.
 */
#include "worker/frames.h"

#include <string.h>

static void
append_frame (GByteArray *out, SoukFrameType type, SoukSlice payload)
{
  uint8_t header[SOUK_FRAME_HEADER_SIZE];
  souk_frame_header (header, type, payload.len);
  g_byte_array_append (out, header, sizeof header);
  souk_append (out, payload);
}

static GByteArray *
small_job (void)
{
  GByteArray *out = g_byte_array_new ();
  g_autoptr (GByteArray) settings = g_byte_array_new ();
  SoukExecSettings wanted = { .memory_pages = 7,
                              .output_bytes = 8,
                              .fuel = 9,
                              .deterministic = true,
                              .seed = UINT64_MAX,
                              .cpu_ms = 11,
                              .file_bytes = 12 };
  souk_exec_settings_encode (&wanted, settings);
  append_frame (out, SOUK_FRAME_LIMITS, souk_slice_from_array (settings));
  append_frame (out, SOUK_FRAME_MODULE, SOUK_SLICE_LITERAL ("module"));
  append_frame (out, SOUK_FRAME_ARG, SOUK_SLICE_LITERAL ("one"));
  append_frame (out, SOUK_FRAME_ENV, SOUK_SLICE_LITERAL ("A=b"));
  append_frame (out, SOUK_FRAME_FILE, SOUK_SLICE_LITERAL ("\0\0\0\2/xdata"));
  return out;
}

static SoukStatus
decode (const GByteArray *frames)
{
  SoukExecSpec spec;
  SoukStatus status = souk_exec_spec_decode (souk_slice_from_array (frames), &spec);
  if (status == SOUK_STATUS_OK)
    souk_exec_spec_done (&spec);
  return status;
}

static void
test_job (void)
{
  g_autoptr (GByteArray) frames = small_job ();
  SoukExecSpec spec;
  g_assert_cmpint (decode (frames), ==, SOUK_STATUS_SHORT_READ); /* no END */
  append_frame (frames, SOUK_FRAME_END, SOUK_SLICE_EMPTY);
  g_assert_cmpint (souk_exec_spec_decode (souk_slice_from_array (frames), &spec), ==,
                   SOUK_STATUS_OK);
  g_assert_cmpuint (spec.settings.memory_pages, ==, 7);
  g_assert_cmpuint (spec.settings.seed, ==, UINT64_MAX);
  g_assert_cmpuint (spec.settings.cpu_ms, ==, 11);
  g_assert_true (spec.settings.deterministic);
  g_assert_cmpstr (spec.args->pdata[0], ==, "one");
  g_assert_null (spec.args->pdata[1]);
  g_assert_cmpuint (spec.files->len, ==, 1);
  const SoukExecGivenFile *file = &g_array_index (spec.files, SoukExecGivenFile, 0);
  g_assert_true (souk_slice_is_equal (file->path, SOUK_SLICE_LITERAL ("/x")));
  g_assert_true (souk_slice_is_equal (file->bytes, SOUK_SLICE_LITERAL ("data")));
  souk_exec_spec_done (&spec);
  /* every prefix is short, and nothing may follow */
  for (guint len = 0; len < frames->len; len++)
    {
      SoukSlice part = souk_slice (frames->data, len);
      g_assert_cmpint (souk_exec_spec_decode (part, &spec), ==, SOUK_STATUS_SHORT_READ);
    }
  append_frame (frames, SOUK_FRAME_END, SOUK_SLICE_EMPTY);
  g_assert_cmpint (decode (frames), ==, SOUK_STATUS_BAD_ENCODING);
}

static void
test_bad_jobs (void)
{
  static const struct {
    SoukFrameType type;
    SoukSlice payload;
  } rows[] = {
    { SOUK_FRAME_STDOUT, SOUK_SLICE_LITERAL ("answer") },
    { SOUK_FRAME_ARG, SOUK_SLICE_LITERAL ("a\0b") },
    { SOUK_FRAME_FILE, SOUK_SLICE_LITERAL ("\0\0\0\4/../") },
    { SOUK_FRAME_FILE, SOUK_SLICE_LITERAL ("\0\0\0\xff/x") },
    { SOUK_FRAME_LIMITS, SOUK_SLICE_LITERAL ("short") },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GByteArray) frames = small_job ();
      append_frame (frames, rows[i].type, rows[i].payload);
      append_frame (frames, SOUK_FRAME_END, SOUK_SLICE_EMPTY);
      g_assert_cmpint (decode (frames), ==, SOUK_STATUS_BAD_ENCODING);
    }
  g_autoptr (GByteArray) many = small_job ();
  for (unsigned i = 0; i < SOUK_EXEC_STRINGS_MAX; i++)
    append_frame (many, SOUK_FRAME_ARG, SOUK_SLICE_LITERAL ("x"));
  append_frame (many, SOUK_FRAME_END, SOUK_SLICE_EMPTY);
  g_assert_cmpint (decode (many), ==, SOUK_STATUS_TOO_LARGE);
  g_autoptr (GByteArray) nothing = g_byte_array_new ();
  append_frame (nothing, SOUK_FRAME_END, SOUK_SLICE_EMPTY);
  g_assert_cmpint (decode (nothing), ==, SOUK_STATUS_BAD_ENCODING);
}

static void
test_frame (void)
{
  SoukFrame frame;
  size_t used = 0;
#define DECODE(text, max) souk_frame_decode (SOUK_SLICE_LITERAL (text), (max), &frame, &used)
  g_assert_cmpint (DECODE ("\x10\0\0\0\2abc", 2), ==, SOUK_STATUS_OK);
  g_assert_cmpuint (used, ==, 7);
  g_assert_cmpint (DECODE ("\x10\0\0\0\2abc", 1), ==, SOUK_STATUS_TOO_LARGE);
  g_assert_cmpint (DECODE ("\x10\xff\xff\xff\xff", 100), ==, SOUK_STATUS_TOO_LARGE);
  g_assert_cmpint (DECODE ("\0\0\0\0\0", 100), ==, SOUK_STATUS_BAD_ENCODING);
  g_assert_cmpint (DECODE ("\x15\0\0\0\0", 100), ==, SOUK_STATUS_BAD_ENCODING);
  g_assert_cmpint (DECODE ("\x10\0\0", 100), ==, SOUK_STATUS_SHORT_READ);
}

static void
test_report (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  SoukExecReport report = { .failure = SOUK_EXEC_TRAP,
                            .trap = SOUK_EXEC_TRAP_DIVISION,
                            .exit_code = UINT32_MAX,
                            .fuel_used = 5,
                            .memory_peak_kb = 6,
                            .has_jit = true,
                            .reason = SOUK_SLICE_LITERAL ("why") };
  SoukExecReport back;
  souk_exec_report_encode (&report, bytes);
  SoukSlice slice = souk_slice_from_array (bytes);
  g_assert_cmpint (souk_exec_report_decode (slice, &back), ==, SOUK_STATUS_OK);
  g_assert_cmpint (back.failure, ==, SOUK_EXEC_TRAP);
  g_assert_cmpint (back.trap, ==, SOUK_EXEC_TRAP_DIVISION);
  g_assert_cmpuint (back.exit_code, ==, UINT32_MAX);
  g_assert_cmpuint (back.memory_peak_kb, ==, 6);
  g_assert_true (souk_slice_is_equal (back.reason, report.reason));
  bytes->data[0] = SOUK_EXEC_FAILURE_COUNT;
  g_assert_cmpint (souk_exec_report_decode (slice, &back), ==, SOUK_STATUS_BAD_ENCODING);
  g_assert_cmpint (souk_exec_report_decode (souk_slice (bytes->data, 10), &back), ==,
                   SOUK_STATUS_SHORT_READ);
}

static void
test_paths (void)
{
  static const char *const good[] = { "/x", "/out/a b/c.txt", "/\xc3\xa4", "/...", "/.x" };
  static const char *const bad[] = { "",    "/",       "x",    "/x/",   "//x",   "/x//y", "/.",
                                     "/..", "/a/../b", "/a/.", "/a\nb", "/\xff", "/\x7f" };
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (souk_exec_path_is_valid (souk_slice_from_text (good[i])));
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (souk_exec_path_is_valid (souk_slice_from_text (bad[i])));
  g_autofree char *longest = g_strnfill (SOUK_EXEC_PATH_SIZE_MAX + 1, 'a');
  longest[0] = '/';
  g_assert_false (souk_exec_path_is_valid (souk_slice_from_text (longest)));
  g_assert_true (souk_exec_path_is_valid (souk_slice (longest, SOUK_EXEC_PATH_SIZE_MAX)));
}

static void
test_names (void)
{
  g_assert_cmpstr (souk_exec_failure_name (SOUK_EXEC_OUT_OF_FUEL), ==, "out-of-fuel");
  g_assert_cmpstr (souk_exec_trap_name (SOUK_EXEC_TRAP_STACK_OVERFLOW), ==, "stack-overflow");
  g_assert_true (souk_exec_failure_is_comparable (SOUK_EXEC_TRAP, SOUK_EXEC_TRAP_STACK_OVERFLOW));
  g_assert_false (souk_exec_failure_is_comparable (SOUK_EXEC_TRAP, SOUK_EXEC_TRAP_ENGINE_STACK));
  g_assert_false (souk_exec_failure_is_comparable (SOUK_EXEC_KILLED_WALL, SOUK_EXEC_TRAP_NONE));
  for (int i = 0; i < SOUK_EXEC_FAILURE_COUNT; i++)
    g_assert_true (g_str_has_suffix (souk_exec_failure_sentence ((SoukExecFailure)i), "."));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(title, function) g_test_add_func ("/worker/frames/" title, function)
  ADD ("a-job-is-read-as-it-was-written", test_job);
  ADD ("a-job-that-breaks-a-rule-is-refused", test_bad_jobs);
  ADD ("a-frame-says-its-length-truly", test_frame);
  ADD ("a-report-is-read-as-it-was-written", test_report);
  ADD ("paths-are-absolute-and-plain", test_paths);
  ADD ("failures-have-names-and-sentences", test_names);
  return g_test_run ();
}
