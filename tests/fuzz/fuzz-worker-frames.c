/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Frames both ways: a job as the worker reads it, and a worker's answer as the node reads it, in
 * pieces of any size. Limits hold whatever comes.
 */
#include "exec/collector.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
try_job (SoukSlice frames)
{
  SoukExecSpec spec;
  if (souk_exec_spec_decode (frames, &spec) != SOUK_STATUS_OK)
    return;
  g_assert (spec.settings.memory_pages > 0 && spec.settings.memory_pages <= 65536);
  g_assert (spec.args->len <= SOUK_EXEC_STRINGS_MAX && spec.env->len <= SOUK_EXEC_STRINGS_MAX);
  g_assert (spec.files->len <= SOUK_EXEC_FILES_MAX);
  for (guint i = 0; i < spec.files->len; i++)
    g_assert (souk_exec_path_is_valid (g_array_index (spec.files, SoukExecGivenFile, i).path));
  souk_exec_spec_done (&spec);
}

static void
try_answer (const uint8_t *data, size_t size, size_t step)
{
  enum { OUTPUT_MAX = 100, FILES_MAX = 50 };
  SoukCollector collector;
  size_t output = 0, files = 0;
  souk_collector_init (&collector, OUTPUT_MAX, FILES_MAX);
  for (size_t at = 0; at < size; at += step)
    {
      SoukCollectorChunk chunk;
      souk_collector_feed (&collector, souk_slice (data + at, MIN (step, size - at)));
      while (souk_collector_next (&collector, &chunk))
        output += chunk.bytes.len;
    }
  for (guint i = 0; i < collector.files->len; i++)
    {
      const SoukExecFile *file = g_ptr_array_index (collector.files, i);
      files += g_bytes_get_size (file->bytes);
      g_assert (g_str_has_prefix (file->path, "/out/") && strstr (file->path, "/../") == NULL);
    }
  g_assert (output == collector.output->len + collector.errors->len);
  g_assert (output <= OUTPUT_MAX && files <= FILES_MAX);
  if (collector.reason != NULL)
    g_assert (g_utf8_validate (collector.reason, -1, NULL));
  souk_collector_done (&collector);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 1)
    return 0;
  try_job (souk_slice (data + 1, size - 1));
  try_answer (data + 1, size - 1, 1 + data[0]);
  return 0;
}
