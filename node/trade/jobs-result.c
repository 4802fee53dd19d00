/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Results: fetched from the provider by their CID, checked, and shown. See jobs.h.
 *
 * Blocks are what their CIDs name, whoever sends them (library.h); what is checked here is that the
 * folder is the one that the result speaks of.
 */
#include "trade/jobs-private.h"

#include "api/values.h"
#include "market/job-table.h"

#include <string.h>

static uint64_t
result_size_max (const SoukJob *job)
{
  return job->spec->limits.output_bytes + SOUK_RESULT_FILES_MAX;
}

static bool
has_file (GHashTable *files, const char *name, uint64_t size)
{
  GBytes *content = g_hash_table_lookup (files, name);
  return content != NULL && g_bytes_get_size (content) == size;
}

static void
on_fetched (GHashTable *files, const GError *error, void *user)
{
  SoukJobEntry *entry = user;
  const SoukJobResult *result = &entry->job->result;
  SoukJobEvent event = { .kind = SOUK_JOB_EVENT_FETCHED };
  entry->pending--;
  entry->is_fetching = false;
  if (entry->job->phase != SOUK_JOB_RESULT_COMMITTED)
    return;
  if (files == NULL)
    souk_job_entry_fail (entry, SOUK_JOB_COMMAND_FETCH_RESULT, 0, SOUK_JOB_REASON_RESULT_MISSING,
                         false, error->message);
  else if (!has_file (files, "stdout", result->stdout_bytes)
           || !has_file (files, "stderr", result->stderr_bytes))
    souk_job_entry_fail (entry, SOUK_JOB_COMMAND_FETCH_RESULT, 0, SOUK_JOB_REASON_RESULT_BAD, false,
                         "The folder is not the one that the result speaks of.");
  else
    souk_job_entry_take (entry, &event, NULL);
}

void
souk_job_fetch_result (SoukJobEntry *entry)
{
  const SoukJobBid *bid = souk_job_current_bid (entry->job);
  SoukFetchOptions options = {
    .preferred = &bid->bid.peer,
    .size_max = result_size_max (entry->job),
    .owner = SOUK_JOB_PIN,
    .reason = "Result of a job",
  };
  if (entry->is_fetching)
    return;
  entry->is_fetching = true;
  entry->pending++;
  souk_library_fetch_folder (entry->jobs->context.library, &entry->job->result.cid, &options,
                             on_fetched, entry);
}

/* ---- compute.result ---- */

typedef struct {
  SoukCall *call;
  SoukJobResult result;
} Showing;

static void
set_text (JsonObject *object, const char *name, GHashTable *files)
{
  GBytes *content = g_hash_table_lookup (files, name);
  gsize size = 0;
  const char *data = content != NULL ? g_bytes_get_data (content, &size) : "";
  g_autofree char *text = g_utf8_make_valid (data != NULL ? data : "", (gssize)size);
  json_object_set_string_member (object, name, text);
}

static void
on_read (GHashTable *files, const GError *error, void *user)
{
  Showing *showing = user;
  const SoukJobResult *result = &showing->result;
  if (files == NULL)
    souk_call_fail (showing->call, 503, "result-missing", "The result is not here any more: %s.",
                    error->message);
  else
    {
      JsonObject *object = json_object_new ();
      json_object_set_int_member (object, "exit_code", result->exit_code);
      set_text (object, "stdout", files);
      set_text (object, "stderr", files);
      souk_json_set_cid (object, "result_cid", &result->cid);
      json_object_set_int_member (object, "fuel", (gint64)MIN (result->fuel, INT64_MAX));
      json_object_set_int_member (object, "wall_ms", (gint64)MIN (result->wall_ms, INT64_MAX));
      souk_call_reply (showing->call, souk_json_object_node (object));
    }
  g_free (showing);
}

void
souk_job_reply_result (SoukJobs *self, const SoukJob *job, SoukCall *call)
{
  bool is_here = job->phase == SOUK_JOB_ACCEPTED || job->phase == SOUK_JOB_SETTLING
                 || job->phase == SOUK_JOB_SETTLED;
  SoukFetchOptions options = { .size_max = result_size_max (job) };
  if (!is_here || !job->has_result)
    {
      souk_call_fail (call, 409, "no-result", "The job has no result: %s",
                      souk_job_phase_sentence (job->phase));
      return;
    }
  Showing *showing = g_new0 (Showing, 1);
  *showing = (Showing){ call, job->result };
  souk_library_fetch_folder (self->context.library, &job->result.cid, &options, on_read, showing);
}
