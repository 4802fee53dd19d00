/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fetching a job's data, running it, and packing what comes out. See works.h.
 *
 * Staged data is in memory until the job has run, and in the store under a pin until the work is
 * over, so that a restart finds it. All of a job's data together has a limit, and so has what it
 * gives back.
 */
#include "trade/works-private.h"

#include "market/work-table.h"
#include "store/pins.h"
#include "swarm/clock.h"
#include "trade/works-sandbox.h"

#include <gio/gio.h>
#include <string.h>

/* Short, since a requester that does not serve its own data holds a place here. */
#define FETCH_BLOCK_MS 10000
/* How often a line of output is told to the requester. */
#define TELL_EVERY_US 500000
/* What is kept of a line that has not ended. */
#define LINE_SIZE_MAX 1024
#define OUT_FOLDER "/out/"
/* Files of a result besides the two streams and the note. */
#define RESULT_FILES_MAX (SOUK_LIBRARY_FOLDER_ENTRIES_MAX - 3)
#define NOTE_NAME "souk-left-out.txt"
#define UNSEEN_RESULT_KEPT_S (7 * 24 * 3600)

struct SoukRun {
  SoukWorkEntry *entry; /* NULL: dropped while the store still works for it */
  GPtrArray *staged;    /* of GBytes *: module, input if there is one, files */
  uint64_t bytes_left;
  SoukFetch *fetch;
  SoukSandboxJob *job;
  GString *partial; /* of the newest line */
  SoukJobResult result;
  bool is_packing;
};

static void
run_free (SoukRun *run)
{
  g_ptr_array_unref (run->staged);
  g_string_free (run->partial, TRUE);
  g_free (run);
}

static SoukRun *
run_new (SoukWorkEntry *entry)
{
  SoukRun *run = g_new0 (SoukRun, 1);
  run->entry = entry;
  run->staged = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  run->bytes_left = SOUK_STAGED_BYTES_MAX;
  run->partial = g_string_new (NULL);
  entry->run = run;
  return run;
}

void
souk_work_drop_run (SoukWorkEntry *entry)
{
  SoukRun *run = g_steal_pointer (&entry->run);
  if (run == NULL)
    return;
  if (run->fetch != NULL)
    souk_fetch_cancel (run->fetch);
  if (run->job != NULL)
    souk_sandbox_cancel (run->job);
  run->entry = NULL;
  if (!run->is_packing)
    run_free (run);
}

/* ---- staging ---- */

static void stage_next (SoukRun *run);

static void
on_fetched (GBytes *content, const GError *error, void *user)
{
  SoukRun *run = user;
  SoukWorkEntry *entry = run->entry;
  run->fetch = NULL;
  if (content == NULL)
    {
      /* What is too large or no file stays so. */
      bool is_final = !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
                      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY);
      souk_work_drop_run (entry);
      souk_work_entry_fail (entry, SOUK_WORK_COMMAND_STAGE_JOB, is_final, error->message);
      return;
    }
  run->bytes_left -= MIN (run->bytes_left, g_bytes_get_size (content));
  g_ptr_array_add (run->staged, g_bytes_ref (content));
  stage_next (run);
}

static void
stage_next (SoukRun *run)
{
  SoukWorkEntry *entry = run->entry;
  SoukWorkEvent event = { .kind = SOUK_WORK_EVENT_STAGED };
  const SoukCid *cid = souk_job_spec_content (entry->work->spec, run->staged->len);
  SoukFetchOptions options = {
    .preferred = &entry->work->requester,
    .size_max = MAX (run->bytes_left, 1),
    .timeout_ms = FETCH_BLOCK_MS,
    .owner = SOUK_WORK_PIN,
    .reason = "Data of a job that runs here",
  };
  if (cid == NULL)
    souk_work_entry_take (entry, &event, NULL);
  else
    run->fetch = souk_library_fetch (entry->works->context.library, cid, &options, on_fetched, run);
}

void
souk_work_stage (SoukWorkEntry *entry)
{
  souk_work_drop_run (entry);
  stage_next (run_new (entry));
}

/* After a restart: what was staged is in the store. False when something is gone. */
static bool
read_staged (SoukRun *run)
{
  SoukWorkEntry *entry = run->entry;
  const SoukCid *cid;
  while ((cid = souk_job_spec_content (entry->work->spec, run->staged->len)) != NULL)
    {
      GBytes *content
          = souk_library_read (entry->works->context.library, cid, MAX (run->bytes_left, 1));
      if (content == NULL)
        return false;
      run->bytes_left -= MIN (run->bytes_left, g_bytes_get_size (content));
      g_ptr_array_add (run->staged, content);
    }
  return true;
}

/* ---- packing ---- */

static void
on_packed (const SoukDagRoot *root, const GError *error, void *user)
{
  SoukRun *run = user;
  SoukWorkEntry *entry = run->entry;
  SoukWorkEvent event = { .kind = SOUK_WORK_EVENT_DONE, .result = &run->result };
  run->is_packing = false;
  if (entry == NULL)
    {
      run_free (run);
      return;
    }
  if (root != NULL)
    run->result.cid = root->cid;
  else
    {
      run->result.failure = SOUK_JOB_FAILURE_STORE_FAILED;
      event.detail = error->message;
    }
  souk_work_entry_take (entry, &event, NULL);
}

static void
take_file (GArray *files, const char *name, GBytes *content)
{
  SoukLibraryFile file = { name, content };
  g_array_append_val (files, file);
}

/* True for what may lie beside the two streams. */
static bool
is_plain (const char *name)
{
  return name[0] != '\0' && strchr (name, '/') == NULL && strcmp (name, "stdout") != 0
         && strcmp (name, "stderr") != 0 && strcmp (name, NOTE_NAME) != 0
         && souk_folder_name_is_valid (souk_slice_from_text (name));
}

/* Lists the program's files by their names; those that do not fit into a plain folder are named in
 * the note. */
static void
take_files (GArray *files, const SoukSandboxEnd *end, GString *note)
{
  uint64_t bytes_left = SOUK_RESULT_FILES_MAX;
  for (guint i = 0; i < end->files->len; i++)
    {
      const SoukSandboxFile *file = end->files->pdata[i];
      const char *name
          = g_str_has_prefix (file->path, OUT_FOLDER) ? file->path + strlen (OUT_FOLDER) : "";
      uint64_t size = g_bytes_get_size (file->content);
      if (files->len < RESULT_FILES_MAX && size <= bytes_left && is_plain (name))
        {
          take_file (files, name, file->content);
          bytes_left -= size;
        }
      else if (note->len < LINE_SIZE_MAX * 64)
        g_string_append_printf (note, "%s\n", file->path);
    }
}

static void
pack (SoukRun *run, const SoukSandboxEnd *end)
{
  SoukWorks *works = run->entry->works;
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (SoukLibraryFile));
  g_autoptr (GString) note = g_string_new (NULL);
  g_autoptr (GBytes) note_bytes = NULL;
  g_autoptr (GError) error = NULL;
  take_file (files, "stdout", end->output);
  take_file (files, "stderr", end->errors);
  take_files (files, end, note);
  if (note->len > 0)
    {
      g_string_prepend (note, "These files are not in the result, since it is one plain folder:\n");
      note_bytes = g_bytes_new (note->str, note->len);
      take_file (files, NOTE_NAME, note_bytes);
    }
  run->is_packing = true;
  if (souk_library_add_folder (works->context.library, (const SoukLibraryFile *)files->data,
                               files->len, SOUK_WORK_PIN, "Result of a job that ran here",
                               on_packed, run, &error))
    return;
  on_packed (NULL, error, run);
}

/* ---- running ---- */

/* Keeps the newest line that has something in it. */
static void
on_output (SoukSlice chunk, void *user)
{
  SoukRun *run = user;
  SoukWorkEntry *entry = run->entry;
  for (size_t i = 0; i < chunk.len; i++)
    {
      if (chunk.data[i] != '\n')
        {
          if (run->partial->len < LINE_SIZE_MAX)
            g_string_append_c (run->partial, (char)chunk.data[i]);
          continue;
        }
      if (run->partial->len > 0)
        souk_sentence_copy (entry->line, sizeof entry->line, run->partial->str);
      g_string_truncate (run->partial, 0);
    }
  if (g_get_monotonic_time () - entry->told_us < TELL_EVERY_US)
    return;
  souk_work_tell (entry);
  souk_work_entry_emit (entry);
}

static void
note_time (SoukWorks *works, uint64_t wall_ms)
{
  works->run_ms_usual = (works->run_ms_usual * 3 + wall_ms) / 4;
}

static void
log_end (SoukWorkEntry *entry, const SoukJobResult *result)
{
  g_autofree char *id = souk_hex_encode (souk_slice (entry->work->id, sizeof entry->work->id));
  souk_log_record (entry->works->context.log, SOUK_LOG_NOTICE, "work.ran",
                   "A job has run to its end here.", souk_log_string ("job", id),
                   souk_log_string ("failure", souk_job_failure_name (result->failure)),
                   souk_log_int ("exit_code", result->exit_code),
                   souk_log_int ("wall_ms", (int64_t)result->wall_ms),
                   souk_log_int ("fuel", (int64_t)MIN (result->fuel, INT64_MAX)),
                   souk_log_string ("detail", result->sentence));
}

static void
on_end (const SoukJobResult *result, const SoukSandboxEnd *end, void *user)
{
  SoukRun *run = user;
  SoukWorkEntry *entry = run->entry;
  SoukWorkEvent event = { .kind = SOUK_WORK_EVENT_DONE, .result = &run->result };
  run->job = NULL;
  run->result = *result;
  log_end (entry, result);
  if (!souk_job_failure_is_providers (result->failure))
    {
      note_time (entry->works, result->wall_ms);
      pack (run, end);
      return;
    }
  event.detail = result->sentence;
  souk_work_entry_take (entry, &event, NULL);
}

static void
sandbox_file_free (gpointer data)
{
  SoukSandboxFile *file = data;
  g_free (file->path);
  g_bytes_unref (file->content);
  g_free (file);
}

/* The job's files with their places in its file system. */
static GPtrArray *
files_of (SoukRun *run)
{
  const SoukJobSpec *spec = run->entry->work->spec;
  GPtrArray *files = g_ptr_array_new_with_free_func (sandbox_file_free);
  for (size_t i = 0; i < spec->file_count; i++)
    {
      SoukSandboxFile *file = g_new0 (SoukSandboxFile, 1);
      file->path = g_strconcat ("/", spec->files[i].path, NULL);
      file->content = g_bytes_ref (run->staged->pdata[1 + spec->has_input + i]);
      g_ptr_array_add (files, file);
    }
  return files;
}

void
souk_work_run (SoukWorkEntry *entry)
{
  static const SoukSandboxWatch watch = { on_output, on_end };
  const SoukWork *work = entry->work;
  uint64_t seed;
  if (entry->run != NULL && (entry->run->job != NULL || entry->run->is_packing))
    return;
  SoukRun *run = entry->run != NULL ? entry->run : run_new (entry);
  if (!read_staged (run))
    {
      souk_work_drop_run (entry);
      souk_work_entry_fail (entry, SOUK_WORK_COMMAND_RUN_JOB, true,
                            "The job's data is not in the store any more.");
      return;
    }
  memcpy (&seed, work->bid.job_hash, sizeof seed);
  g_autoptr (GPtrArray) files = files_of (run);
  entry->line[0] = '\0';
  run->job = souk_sandbox_run (entry->works->sandbox, work->spec, run->staged->pdata[0],
                               work->spec->has_input ? run->staged->pdata[1] : NULL, files, seed,
                               &watch, run);
  /* The sandbox has its own copy. */
  g_ptr_array_set_size (run->staged, 0);
  run->bytes_left = SOUK_STAGED_BYTES_MAX;
}

/* True when other work that goes on here has the same data under the same pin. */
static bool
is_shared (const SoukWorkEntry *entry, const SoukCid *cid)
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, entry->works->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const SoukWorkEntry *other = value;
      if (other != entry && other->was_awarded && !souk_work_is_over (other->work)
          && souk_job_spec_has_content (other->work->spec, cid))
        return true;
    }
  return false;
}

void
souk_work_unpin (SoukWorkEntry *entry)
{
  const SoukWork *work = entry->work;
  const SoukCid *cid;
  if (!entry->was_awarded)
    return;
  SoukStoreBatch *batch = souk_store_batch_new (entry->works->context.store);
  for (guint i = 0; (cid = souk_job_spec_content (work->spec, i)) != NULL; i++)
    if (!is_shared (entry, cid))
      souk_pins_remove (batch, cid, SOUK_WORK_PIN);
  if (work->has_result && work->reason == SOUK_WORK_REASON_NO_RECEIPT)
    {
      /* A requester that was away may still come for it. */
      SoukWall until = { souk_wall_now ().us + UNSEEN_RESULT_KEPT_S * SOUK_US_PER_S };
      souk_pins_add (batch, &work->result.cid, SOUK_WORK_PIN, "Result that was not fetched", until);
    }
  else if (work->has_result)
    souk_pins_remove (batch, &work->result.cid, SOUK_WORK_PIN);
  souk_store_commit (batch, NULL, NULL);
}
