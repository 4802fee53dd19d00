/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading of a worker's answer. PURE. See collector.h.
 */
#include "exec/collector.h"

#include <string.h>

#define OUT_FOLDER "/out/"

void
souk_exec_file_free (SoukExecFile *file)
{
  g_free (file->path);
  g_bytes_unref (file->bytes);
  g_free (file);
}

void
souk_collector_init (SoukCollector *self, uint64_t output_bytes, uint64_t file_bytes)
{
  memset (self, 0, sizeof *self);
  self->output_left = output_bytes;
  self->file_left = file_bytes;
  self->pending = g_byte_array_new ();
  self->output = g_byte_array_new ();
  self->errors = g_byte_array_new ();
  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_exec_file_free);
  self->paths = g_hash_table_new (g_str_hash, g_str_equal);
}

void
souk_collector_done (SoukCollector *self)
{
  g_clear_pointer (&self->pending, g_byte_array_unref);
  g_clear_pointer (&self->output, g_byte_array_unref);
  g_clear_pointer (&self->errors, g_byte_array_unref);
  g_clear_pointer (&self->paths, g_hash_table_unref);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->open_data, g_byte_array_unref);
  g_clear_pointer (&self->open_path, g_free);
  g_clear_pointer (&self->reason, g_free);
}

/* What was kept of the answer stays; nothing more is taken. */
static void
break_off (SoukCollector *self, SoukExecFailure failure)
{
  if (self->failure == SOUK_EXEC_NONE)
    self->failure = failure;
}

static void
close_file (SoukCollector *self)
{
  if (self->open_path == NULL)
    return;
  SoukExecFile *file = g_new (SoukExecFile, 1);
  file->path = g_steal_pointer (&self->open_path);
  file->bytes = g_byte_array_free_to_bytes (g_steal_pointer (&self->open_data));
  g_ptr_array_add (self->files, file);
  g_hash_table_add (self->paths, file->path);
}

static void
open_file (SoukCollector *self, SoukSlice path)
{
  close_file (self);
  bool is_below_out
      = path.len > strlen (OUT_FOLDER) && memcmp (path.data, OUT_FOLDER, strlen (OUT_FOLDER)) == 0;
  if (!is_below_out || !souk_exec_path_is_valid (path))
    {
      break_off (self, SOUK_EXEC_WORKER_CRASHED);
      return;
    }
  if (self->files->len >= SOUK_EXEC_FILES_MAX)
    {
      break_off (self, SOUK_EXEC_OUTPUT_LIMIT);
      return;
    }
  g_autofree char *text = g_strndup ((const char *)path.data, path.len);
  if (g_hash_table_contains (self->paths, text))
    {
      break_off (self, SOUK_EXEC_WORKER_CRASHED);
      return;
    }
  self->open_path = g_steal_pointer (&text);
  self->open_data = g_byte_array_new ();
}

static void
add_file_data (SoukCollector *self, SoukSlice bytes)
{
  if (self->open_path == NULL)
    break_off (self, SOUK_EXEC_WORKER_CRASHED);
  else if (bytes.len > self->file_left)
    break_off (self, SOUK_EXEC_OUTPUT_LIMIT);
  else
    {
      self->file_left -= bytes.len;
      souk_append (self->open_data, bytes);
    }
}

static void
take_report (SoukCollector *self, SoukSlice payload)
{
  close_file (self);
  if (souk_exec_report_decode (payload, &self->report) != SOUK_STATUS_OK)
    {
      break_off (self, SOUK_EXEC_WORKER_CRASHED);
      return;
    }
  self->has_report = true;
  /* The text comes from a stranger and goes to a person: it is made valid and plain. */
  SoukSlice text = self->report.reason;
  self->reason = g_utf8_make_valid ((const char *)text.data, (gssize)text.len);
  for (char *at = self->reason; *at != '\0'; at++)
    if ((unsigned char)*at < 0x20 || *at == 0x7f)
      *at = ' ';
  self->report.reason = SOUK_SLICE_EMPTY;
}

/* Keeps a chunk. Returns: false when it is more than the job may write. */
static bool
take_chunk (SoukCollector *self, const SoukFrame *frame, SoukCollectorChunk *out)
{
  if (frame->payload.len > self->output_left)
    {
      break_off (self, SOUK_EXEC_OUTPUT_LIMIT);
      return false;
    }
  self->output_left -= frame->payload.len;
  out->is_error = frame->type == SOUK_FRAME_STDERR;
  out->bytes = frame->payload;
  souk_append (out->is_error ? self->errors : self->output, frame->payload);
  return true;
}

/* Takes one frame. Returns: true when it is a chunk. */
static bool
take_frame (SoukCollector *self, const SoukFrame *frame, SoukCollectorChunk *out)
{
  if (self->has_report)
    {
      break_off (self, SOUK_EXEC_WORKER_CRASHED);
      return false;
    }
  switch (frame->type)
    {
    case SOUK_FRAME_STDOUT:
    case SOUK_FRAME_STDERR:
      return take_chunk (self, frame, out);
    case SOUK_FRAME_OUT_FILE:
      open_file (self, frame->payload);
      return false;
    case SOUK_FRAME_OUT_DATA:
      add_file_data (self, frame->payload);
      return false;
    case SOUK_FRAME_EXIT:
      take_report (self, frame->payload);
      return false;
    case SOUK_FRAME_LIMITS:
    case SOUK_FRAME_MODULE:
    case SOUK_FRAME_INPUT:
    case SOUK_FRAME_ARG:
    case SOUK_FRAME_ENV:
    case SOUK_FRAME_FILE:
    case SOUK_FRAME_END:
      break;
    }
  break_off (self, SOUK_EXEC_WORKER_CRASHED);
  return false;
}

void
souk_collector_feed (SoukCollector *self, SoukSlice bytes)
{
  if (self->taken > 0)
    {
      g_byte_array_remove_range (self->pending, 0, (guint)self->taken);
      self->taken = 0;
    }
  if (self->failure == SOUK_EXEC_NONE)
    souk_append (self->pending, bytes);
}

bool
souk_collector_next (SoukCollector *self, SoukCollectorChunk *out)
{
  while (self->failure == SOUK_EXEC_NONE)
    {
      SoukFrame frame;
      size_t used = 0;
      SoukSlice rest
          = souk_slice (self->pending->data + self->taken, self->pending->len - self->taken);
      if (rest.len == 0)
        return false;
      SoukStatus status = souk_frame_decode (rest, SOUK_FRAME_ANSWER_SIZE_MAX, &frame, &used);
      if (status == SOUK_STATUS_SHORT_READ)
        return false;
      if (status != SOUK_STATUS_OK)
        {
          break_off (self, SOUK_EXEC_WORKER_CRASHED);
          return false;
        }
      self->taken += used;
      if (take_frame (self, &frame, out))
        return true;
    }
  return false;
}
