/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Frames between node and worker, and the names of failures. PURE. See frames.h.
 */
#include "worker/frames.h"

#include <string.h>

static const struct {
  const char *name, *sentence;
  bool comparable;
} failures[SOUK_EXEC_FAILURE_COUNT] = {
#define ROW(symbol, name, comparable, sentence) { name, sentence, comparable },
  SOUK_EXEC_FAILURE_TABLE (ROW)
#undef ROW
};

static const struct {
  const char *name;
  bool comparable;
} traps[SOUK_EXEC_TRAP_COUNT] = {
#define ROW(symbol, name, comparable) { name, comparable },
  SOUK_EXEC_TRAP_TABLE (ROW)
#undef ROW
};

const char *
souk_exec_failure_name (SoukExecFailure failure)
{
  g_assert (failure < SOUK_EXEC_FAILURE_COUNT);
  return failures[failure].name;
}

const char *
souk_exec_failure_sentence (SoukExecFailure failure)
{
  g_assert (failure < SOUK_EXEC_FAILURE_COUNT);
  return failures[failure].sentence;
}

const char *
souk_exec_trap_name (SoukExecTrap trap)
{
  g_assert (trap < SOUK_EXEC_TRAP_COUNT);
  return traps[trap].name;
}

bool
souk_exec_failure_is_comparable (SoukExecFailure failure, SoukExecTrap trap)
{
  g_assert (failure < SOUK_EXEC_FAILURE_COUNT && trap < SOUK_EXEC_TRAP_COUNT);
  return failures[failure].comparable && traps[trap].comparable;
}

void
souk_frame_header (uint8_t out[SOUK_FRAME_HEADER_SIZE], SoukFrameType type, size_t len)
{
  uint32_t be = GUINT32_TO_BE ((uint32_t)len);
  g_assert (len <= UINT32_MAX);
  out[0] = (uint8_t)type;
  memcpy (out + 1, &be, sizeof be);
}

static bool
is_frame_type (uint8_t type)
{
  return (type >= SOUK_FRAME_LIMITS && type <= SOUK_FRAME_END)
         || (type >= SOUK_FRAME_STDOUT && type <= SOUK_FRAME_EXIT);
}

SoukStatus
souk_frame_decode (SoukSlice in, size_t payload_max, SoukFrame *out, size_t *out_used)
{
  SoukReader reader = souk_reader (in);
  uint8_t type = souk_reader_u8 (&reader);
  uint32_t len = souk_reader_u32_be (&reader);
  if (!souk_reader_ok (&reader))
    return SOUK_STATUS_SHORT_READ;
  if (!is_frame_type (type))
    return SOUK_STATUS_BAD_ENCODING;
  if (len > payload_max)
    return SOUK_STATUS_TOO_LARGE;
  SoukSlice payload = souk_reader_bytes (&reader, len);
  if (!souk_reader_ok (&reader))
    return SOUK_STATUS_SHORT_READ;
  *out = (SoukFrame){ (SoukFrameType)type, payload };
  *out_used = SOUK_FRAME_HEADER_SIZE + len;
  return SOUK_STATUS_OK;
}

void
souk_exec_settings_encode (const SoukExecSettings *settings, GByteArray *out)
{
  souk_append_u32_be (out, settings->memory_pages);
  souk_append_u64_be (out, settings->output_bytes);
  souk_append_u64_be (out, settings->file_bytes);
  souk_append_u64_be (out, settings->fuel);
  souk_append_u64_be (out, settings->cpu_ms);
  souk_append_u8 (out, settings->deterministic);
  souk_append_u64_be (out, settings->seed);
}

static SoukStatus
settings_decode (SoukSlice payload, SoukExecSettings *out)
{
  SoukReader reader = souk_reader (payload);
  SoukExecSettings settings = { 0 };
  settings.memory_pages = souk_reader_u32_be (&reader);
  settings.output_bytes = souk_reader_u64_be (&reader);
  settings.file_bytes = souk_reader_u64_be (&reader);
  settings.fuel = souk_reader_u64_be (&reader);
  settings.cpu_ms = souk_reader_u64_be (&reader);
  settings.deterministic = souk_reader_u8 (&reader) != 0;
  settings.seed = souk_reader_u64_be (&reader);
  if (!souk_reader_is_done (&reader))
    return SOUK_STATUS_BAD_ENCODING;
  if (settings.memory_pages == 0 || settings.memory_pages > 65536 || settings.fuel > INT64_MAX / 2)
    return SOUK_STATUS_BAD_NUMBER;
  *out = settings;
  return SOUK_STATUS_OK;
}

void
souk_exec_report_encode (const SoukExecReport *report, GByteArray *out)
{
  souk_append_u8 (out, (uint8_t)report->failure);
  souk_append_u8 (out, (uint8_t)report->trap);
  souk_append_u32_be (out, report->exit_code);
  souk_append_u64_be (out, report->fuel_used);
  souk_append_u32_be (out, report->wall_ms);
  souk_append_u32_be (out, report->memory_pages);
  souk_append_u32_be (out, report->memory_peak_kb);
  souk_append_u8 (out, report->has_jit);
  souk_append (
      out, souk_slice (report->reason.data, MIN (report->reason.len, SOUK_EXEC_REASON_SIZE_MAX)));
}

SoukStatus
souk_exec_report_decode (SoukSlice payload, SoukExecReport *out)
{
  SoukReader reader = souk_reader (payload);
  SoukExecReport report = { 0 };
  uint8_t failure = souk_reader_u8 (&reader), trap = souk_reader_u8 (&reader);
  report.exit_code = souk_reader_u32_be (&reader);
  report.fuel_used = souk_reader_u64_be (&reader);
  report.wall_ms = souk_reader_u32_be (&reader);
  report.memory_pages = souk_reader_u32_be (&reader);
  report.memory_peak_kb = souk_reader_u32_be (&reader);
  report.has_jit = souk_reader_u8 (&reader) != 0;
  report.reason = souk_reader_bytes (&reader, reader.left);
  if (!souk_reader_ok (&reader))
    return SOUK_STATUS_SHORT_READ;
  if (failure >= SOUK_EXEC_FAILURE_COUNT || trap >= SOUK_EXEC_TRAP_COUNT
      || report.reason.len > SOUK_EXEC_REASON_SIZE_MAX)
    return SOUK_STATUS_BAD_ENCODING;
  report.failure = (SoukExecFailure)failure;
  report.trap = (SoukExecTrap)trap;
  *out = report;
  return SOUK_STATUS_OK;
}

/* Adds one argument or variable; `size` is what all of them take so far. */
static SoukStatus
add_string (GPtrArray *strings, SoukSlice text, size_t *size)
{
  if (text.len > 0 && memchr (text.data, 0, text.len) != NULL)
    return SOUK_STATUS_BAD_ENCODING;
  *size += text.len + 1;
  if (strings->len >= SOUK_EXEC_STRINGS_MAX || *size > SOUK_EXEC_STRINGS_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  g_ptr_array_add (strings, g_strndup ((const char *)text.data, text.len));
  return SOUK_STATUS_OK;
}

static SoukStatus
add_file (SoukExecSpec *spec, SoukSlice payload)
{
  SoukReader reader = souk_reader (payload);
  SoukExecGivenFile file = { 0 };
  file.path = souk_reader_bytes (&reader, souk_reader_u32_be (&reader));
  file.bytes = souk_reader_bytes (&reader, reader.left);
  if (!souk_reader_ok (&reader) || !souk_exec_path_is_valid (file.path))
    return SOUK_STATUS_BAD_ENCODING;
  if (spec->files->len >= SOUK_EXEC_FILES_MAX)
    return SOUK_STATUS_TOO_LARGE;
  g_array_append_val (spec->files, file);
  return SOUK_STATUS_OK;
}

/* Takes one frame of a job. */
static SoukStatus
add_frame (SoukExecSpec *spec, const SoukFrame *frame, size_t sizes[2])
{
  switch (frame->type)
    {
    case SOUK_FRAME_LIMITS:
      return settings_decode (frame->payload, &spec->settings);
    case SOUK_FRAME_MODULE:
      spec->module = frame->payload;
      return SOUK_STATUS_OK;
    case SOUK_FRAME_INPUT:
      spec->input = frame->payload;
      return SOUK_STATUS_OK;
    case SOUK_FRAME_ARG:
      return add_string (spec->args, frame->payload, &sizes[0]);
    case SOUK_FRAME_ENV:
      return add_string (spec->env, frame->payload, &sizes[1]);
    case SOUK_FRAME_FILE:
      return add_file (spec, frame->payload);
    case SOUK_FRAME_END:
      return SOUK_STATUS_OK;
    case SOUK_FRAME_STDOUT:
    case SOUK_FRAME_STDERR:
    case SOUK_FRAME_OUT_FILE:
    case SOUK_FRAME_OUT_DATA:
    case SOUK_FRAME_EXIT:
      break;
    }
  return SOUK_STATUS_BAD_ENCODING;
}

static SoukStatus
add_frames (SoukExecSpec *spec, SoukSlice frames)
{
  size_t sizes[2] = { 0, 0 };
  for (;;)
    {
      SoukFrame frame;
      size_t used = 0;
      SOUK_TRY (souk_frame_decode (frames, SOUK_EXEC_INPUTS_SIZE_MAX, &frame, &used));
      SOUK_TRY (add_frame (spec, &frame, sizes));
      frames = souk_slice (frames.data + used, frames.len - used);
      if (frame.type == SOUK_FRAME_END)
        break;
    }
  /* A job without settings has no limits, so it is none. */
  if (frames.len > 0 || spec->settings.memory_pages == 0)
    return SOUK_STATUS_BAD_ENCODING;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_exec_spec_decode (SoukSlice frames, SoukExecSpec *out)
{
  SoukExecSpec spec = {
    .args = g_ptr_array_new_null_terminated (8, g_free, TRUE),
    .env = g_ptr_array_new_null_terminated (8, g_free, TRUE),
    .files = g_array_new (FALSE, TRUE, sizeof (SoukExecGivenFile)),
  };
  SoukStatus status = add_frames (&spec, frames);
  if (status == SOUK_STATUS_OK)
    *out = spec;
  else
    souk_exec_spec_done (&spec);
  return status;
}

void
souk_exec_spec_done (SoukExecSpec *spec)
{
  g_clear_pointer (&spec->args, g_ptr_array_unref);
  g_clear_pointer (&spec->env, g_ptr_array_unref);
  g_clear_pointer (&spec->files, g_array_unref);
}

bool
souk_exec_path_is_valid (SoukSlice path)
{
  const char *text = (const char *)path.data;
  if (path.len < 2 || path.len > SOUK_EXEC_PATH_SIZE_MAX || text[0] != '/')
    return false;
  if (!g_utf8_validate_len (text, path.len, NULL))
    return false;
  size_t from = 1;
  for (size_t i = 1; i <= path.len; i++)
    {
      if (i < path.len && (path.data[i] < 0x20 || path.data[i] == 0x7f))
        return false;
      if (i < path.len && text[i] != '/')
        continue;
      size_t part = i - from;
      if (part == 0 || (part == 1 && text[from] == '.')
          || (part == 2 && text[from] == '.' && text[from + 1] == '.'))
        return false;
      from = i + 1;
    }
  return true;
}
