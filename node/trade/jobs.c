/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The requester's driver: apply, store, execute. See jobs.h and market/machine.h.
 */
#include "trade/jobs-private.h"

#include "api/values.h"
#include "market/job-table.h"
#include "store/documents.h"
#include "store/pins.h"
#include "swarm/clock.h"

#include <string.h>

/* A record stays on the board this long after its bid window: late enough for slow gossip, soon
 * enough that tombstones do not fill the author's share of the catalogue. */
#define RECORD_LIFE_S 300
/* Jobs that have ended and are looked at again at the start, since a chain may undo blocks. */
#define RECENT_MAX 100
#define LIVE_LOAD_MAX 1000

static void settle (SoukJobEntry *entry);
static void go_on (SoukJobEntry *entry);

/* ---- entries ---- */

static void
entry_free (gpointer data)
{
  SoukJobEntry *entry = data;
  souk_job_link_close (entry);
  souk_alarm_clear (&entry->alarm);
  souk_job_free (entry->job);
  g_free (entry->progress);
  g_free (entry);
}

static SoukJobEntry *
entry_new (SoukJobs *self, SoukJob *job)
{
  SoukJobEntry *entry = g_new0 (SoukJobEntry, 1);
  entry->jobs = self;
  entry->job = job;
  g_hash_table_insert (self->entries, job->id, entry);
  return entry;
}

/* Forgets what has ended; it stays in the store. */
static gboolean
is_done (gpointer key, gpointer value, gpointer user_data)
{
  SoukJobEntry *entry = value;
  return souk_job_is_over (entry->job) && entry->job->deal_count == 0 && entry->pending == 0
         && entry->writes == 0;
}

SoukJobEntry *
souk_jobs_find_thing (SoukJobs *self, const uint8_t thing[SOUK_RECORD_ID_SIZE])
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SoukJobEntry *entry = value;
      if (memcmp (entry->job->record->thing, thing, SOUK_RECORD_ID_SIZE) == 0)
        return entry;
    }
  return NULL;
}

void
souk_job_entry_emit (SoukJobEntry *entry)
{
  JsonObject *event = json_object_new ();
  json_object_set_object_member (
      event, "job", souk_job_json (&entry->jobs->context, entry->job, entry->progress));
  souk_dispatch_emit (entry->jobs->context.dispatch, "job.changed", event);
}

/* ---- storing ---- */

/* What an event may change besides the phase. */
typedef struct {
  SoukJobPhase phase;
  size_t faulty;
  SoukPeerId peer;
} Before;

static size_t
count_faulty (const SoukJob *job, const SoukPeerId **out_last)
{
  size_t count = 0;
  for (size_t i = 0; i < job->bid_count; i++)
    if (job->bids[i]->out == SOUK_BID_FAULTY)
      {
        count++;
        *out_last = &job->bids[i]->bid.peer;
      }
  return count;
}

static Before
look (const SoukJob *job)
{
  const SoukPeerId *last;
  const SoukJobBid *bid = souk_job_current_bid (job);
  Before before = { .phase = job->phase, .faulty = count_faulty (job, &last) };
  if (bid != NULL)
    before.peer = bid->bid.peer;
  return before;
}

static void
log_phase (SoukJobEntry *entry)
{
  const SoukJob *job = entry->job;
  const SoukJobBid *bid = souk_job_current_bid (job);
  g_autofree char *id = souk_hex_encode (souk_slice (job->id, sizeof job->id));
  souk_log_record (entry->jobs->context.log, SOUK_LOG_NOTICE, "job.phase",
                   souk_job_phase_sentence (job->phase), souk_log_string ("job", id),
                   souk_log_string ("phase", souk_job_phase_name (job->phase)),
                   souk_log_peer ("provider", bid != NULL ? &bid->bid.peer : NULL),
                   souk_log_string ("choice", bid != NULL ? bid->sentence : NULL),
                   souk_log_string ("reason", souk_job_reason_name (job->reason)),
                   souk_log_string ("detail", job->detail));
}

static void
put_document (SoukStoreBatch *batch, const SoukJob *job)
{
  g_autoptr (GBytes) body = souk_job_to_bytes (job);
  souk_documents_put (batch, SOUK_JOB_KIND, souk_slice (job->id, sizeof job->id),
                      souk_job_is_over (job) ? SOUK_DOCUMENT_OVER : SOUK_DOCUMENT_LIVE,
                      job->timeline.entries[0].at, souk_slice_from_bytes (body));
}

static void
on_stored (const GError *error, gpointer user)
{
  SoukJobEntry *entry = user;
  entry->writes--;
  if (error != NULL)
    {
      souk_log_record (entry->jobs->context.log, SOUK_LOG_ERROR, "job.not-stored",
                       "A job's state could not be written to the disk, so it does not go on.",
                       souk_log_error ("reason", error));
      if (entry->call != NULL)
        souk_call_fail (g_steal_pointer (&entry->call), 507, "not-stored", "%s", error->message);
      return;
    }
  if (entry->writes == 0)
    settle (entry);
}

/* How well the provider did goes into its history with the same write. */
static void
note_history (SoukJobEntry *entry, const Before *before, SoukStoreBatch *batch)
{
  const SoukPeerId *peer = NULL;
  if (count_faulty (entry->job, &peer) > before->faulty)
    souk_jobs_note (entry->jobs, batch, &before->peer, false);
  if (entry->job->phase == SOUK_JOB_ACCEPTED && before->phase == SOUK_JOB_RESULT_COMMITTED)
    souk_jobs_note (entry->jobs, batch, &before->peer, true);
}

static void
store (SoukJobEntry *entry, const Before *before, SoukMoneyWrite *write)
{
  SoukStoreBatch *batch = write != NULL ? souk_money_write_batch (write)
                                        : souk_store_batch_new (entry->jobs->context.store);
  put_document (batch, entry->job);
  note_history (entry, before, batch);
  if (entry->job->phase != before->phase)
    log_phase (entry);
  entry->writes++;
  if (write != NULL)
    souk_money_write_then (write, on_stored, entry);
  else
    souk_store_commit (batch, on_stored, entry);
}

SoukStatus
souk_job_entry_take (SoukJobEntry *entry, const SoukJobEvent *event, SoukMoneyWrite *write)
{
  Before before = look (entry->job);
  SoukStatus status = souk_job_apply (entry->job, event, souk_wall_now ());
  if (status == SOUK_STATUS_OK)
    store (entry, &before, write);
  return status;
}

void
souk_job_entry_keep (SoukJobEntry *entry, SoukMoneyWrite *write)
{
  Before before = look (entry->job);
  store (entry, &before, write);
}

void
souk_job_entry_fail (SoukJobEntry *entry, SoukJobCommand command, size_t deal, SoukJobReason reason,
                     bool is_final, const char *detail)
{
  SoukJobEvent event = {
    .kind = SOUK_JOB_EVENT_COMMAND_FAILED,
    .command = command,
    .deal_index = deal,
    .reason = reason,
    .is_final = is_final,
    .detail = detail,
  };
  g_autofree char *id = souk_hex_encode (souk_slice (entry->job->id, sizeof entry->job->id));
  souk_log_record (entry->jobs->context.log, SOUK_LOG_INFO, "job.step-failed",
                   "A step of a job did not work out; it is tried again or given up.",
                   souk_log_string ("job", id),
                   souk_log_string ("step", souk_job_command_name (command)),
                   souk_log_string ("detail", detail));
  souk_job_entry_take (entry, &event, NULL);
}

/* ---- the board ---- */

/* Fills a draft of the job's record. */
static void
draft_of (const SoukJob *job, SoukRecord *out)
{
  const SoukRecord *record = job->record;
  *out = (SoukRecord){
    .type = SOUK_RECORD_JOB,
    .wallet = record->wallet,
    .key_len = record->key_len,
    .expires
    = souk_wall_seconds (souk_wall_now ()) + RECORD_LIFE_S + job->spec->bid_window_ms / 1000,
  };
  memcpy (out->wallet_proof, record->wallet_proof, sizeof out->wallet_proof);
  memcpy (out->key, record->key, record->key_len);
}

static void
on_published (const SoukRecord *record, const GError *error, void *user)
{
  SoukJobEntry *entry = user;
  SoukJobEvent event = { .kind = SOUK_JOB_EVENT_PUBLISHED };
  SoukRecord *kept = NULL;
  entry->pending--;
  if (error != NULL)
    {
      souk_job_entry_fail (entry, SOUK_JOB_COMMAND_PUBLISH_JOB, 0, SOUK_JOB_REASON_NONE, false,
                           error->message);
      return;
    }
  /* An award shows the record of the present round. */
  SoukStatus status = souk_record_decode_kept (souk_slice_from_bytes (record->bytes), &kept);
  g_assert (status == SOUK_STATUS_OK);
  souk_record_free (entry->job->record);
  entry->job->record = kept;
  souk_job_entry_take (entry, &event, NULL);
}

static void
publish (SoukJobEntry *entry)
{
  SoukRecord draft;
  draft_of (entry->job, &draft);
  draft.body = entry->job->record->body;
  entry->pending++;
  SoukStatus status = souk_board_publish (entry->jobs->context.board, &draft, on_published, entry);
  if (status == SOUK_STATUS_OK)
    return;
  entry->pending--;
  souk_job_entry_fail (entry, SOUK_JOB_COMMAND_PUBLISH_JOB, 0, SOUK_JOB_REASON_NONE, false,
                       souk_status_sentence (status));
}

void
souk_job_entry_withdraw (SoukJobEntry *entry)
{
  SoukRecord draft;
  g_autoptr (SoukRecord) record
      = souk_board_get (entry->jobs->context.board, entry->job->record->thing);
  if (record == NULL || record->is_withdrawn)
    return;
  draft_of (entry->job, &draft);
  draft.is_withdrawn = true;
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  draft.body = nothing;
  /* Nothing hangs on it: the record runs out by itself. */
  souk_board_publish (entry->jobs->context.board, &draft, NULL, NULL);
}

/* ---- the end ---- */

/* True when another job that goes on has the same data under the same pin. */
static bool
is_shared (const SoukJobEntry *entry, const SoukCid *cid)
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, entry->jobs->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const SoukJobEntry *other = value;
      if (other != entry && !souk_job_is_over (other->job)
          && souk_job_spec_has_content (other->job->spec, cid))
        return true;
    }
  return false;
}

/* Its data may go; its result stays for the person. */
static void
let_go (SoukJobEntry *entry)
{
  const SoukCid *cid;
  SoukStoreBatch *batch = souk_store_batch_new (entry->jobs->context.store);
  for (guint i = 0; (cid = souk_job_spec_content (entry->job->spec, i)) != NULL; i++)
    if (!is_shared (entry, cid))
      souk_pins_remove (batch, cid, SOUK_JOB_PIN);
  souk_store_commit (batch, NULL, NULL);
  souk_job_entry_withdraw (entry);
}

/* ---- executing ---- */

static void
execute (SoukJobEntry *entry, const SoukJobOrder *order)
{
  switch (order->command)
    {
    case SOUK_JOB_COMMAND_PUBLISH_JOB:
      publish (entry);
      return;
    case SOUK_JOB_COMMAND_SEND_AWARD:
    case SOUK_JOB_COMMAND_FOLLOW_JOB:
    case SOUK_JOB_COMMAND_SEND_RECEIPT:
      souk_job_link_speak (entry);
      return;
    case SOUK_JOB_COMMAND_FETCH_RESULT:
      souk_job_fetch_result (entry);
      return;
    case SOUK_JOB_COMMAND_SUBMIT_FUND:
      souk_job_fund (entry);
      return;
    case SOUK_JOB_COMMAND_SUBMIT_REFUND:
    case SOUK_JOB_COMMAND_SUBMIT_RELEASE:
      souk_job_close_deal (entry, order->deal, order->command);
      return;
    case SOUK_JOB_COMMAND_NONE:
    case SOUK_JOB_COMMAND_COUNT:
      break;
    }
  g_assert_not_reached ();
}

static gboolean
on_alarm (gpointer user_data)
{
  SoukJobEntry *entry = user_data;
  Before before = look (entry->job);
  g_clear_pointer (&entry->alarm.source, g_source_unref);
  if (souk_job_tick (entry->job, souk_wall_now ()))
    store (entry, &before, NULL);
  else if (entry->writes == 0)
    go_on (entry);
  return G_SOURCE_REMOVE;
}

/* What was applied is stored: do what is to be done. */
static void
go_on (SoukJobEntry *entry)
{
  SoukJobOrder order;
  souk_job_link_check (entry);
  while (entry->writes == 0 && souk_job_next_command (entry->job, souk_wall_now (), &order))
    execute (entry, &order);
  souk_alarm_set (&entry->alarm, souk_job_wake (entry->job), on_alarm, entry);
}

/* And tell of it. */
static void
settle (SoukJobEntry *entry)
{
  if (entry->call != NULL)
    souk_call_reply (
        g_steal_pointer (&entry->call),
        souk_json_object_node (souk_job_json (&entry->jobs->context, entry->job, entry->progress)));
  souk_job_entry_emit (entry);
  if (souk_job_is_over (entry->job))
    let_go (entry);
  go_on (entry);
}

/* ---- life ---- */

void
souk_jobs_add (SoukJobs *self, SoukJob *job, SoukCall *call)
{
  SoukJobEvent start = { .kind = SOUK_JOB_EVENT_START };
  const SoukCid *cid;
  g_hash_table_foreach_remove (self->entries, is_done, NULL);
  SoukJobEntry *entry = entry_new (self, job);
  entry->call = call;
  /* Again, since a job of the same data may have ended meanwhile. */
  SoukStoreBatch *batch = souk_store_batch_new (self->context.store);
  for (guint i = 0; (cid = souk_job_spec_content (job->spec, i)) != NULL; i++)
    souk_pins_add (batch, cid, SOUK_JOB_PIN, "Part of a job", (SoukWall){ 0 });
  souk_store_commit (batch, NULL, NULL);
  souk_job_entry_take (entry, &start, NULL);
}

static void
load (SoukJobs *self, int64_t phase, unsigned limit)
{
  g_autoptr (GPtrArray) documents
      = souk_documents_list (self->context.store, SOUK_JOB_KIND, phase, 0, limit);
  for (guint i = 0; i < documents->len; i++)
    {
      const SoukDocument *document = documents->pdata[i];
      SoukJob *job = NULL;
      SoukStatus status = souk_job_from_bytes (souk_slice_from_bytes (document->body), &job);
      if (status != SOUK_STATUS_OK)
        {
          souk_log_record (self->context.log, SOUK_LOG_ERROR, "job.not-readable",
                           "A stored job cannot be read; it is left alone.",
                           souk_log_status ("status", status));
          continue;
        }
      if (souk_job_is_over (job) && job->deal_count == 0)
        souk_job_free (job);
      else
        {
          SoukJobEntry *entry = entry_new (self, job);
          souk_job_resume (job, souk_wall_now ());
          souk_alarm_set (&entry->alarm, souk_wall_now (), on_alarm, entry);
        }
    }
}

SoukJobs *
souk_jobs_new (const SoukTradeContext *context, SoukWorks *works)
{
  SoukJobs *self = g_new0 (SoukJobs, 1);
  self->context = *context;
  self->works = works;
  self->entries = g_hash_table_new_full (souk_id_hash, souk_id_equal, NULL, entry_free);
  self->history = g_hash_table_new_full (souk_peer_id_hash, souk_peer_id_equal, g_free, g_free);
  souk_jobs_bind_request (self);
  souk_jobs_bind_commands (self);
  souk_jobs_serve_bids (self);
  if (context->money != NULL)
    souk_jobs_watch_money (self);
  load (self, SOUK_DOCUMENT_LIVE, LIVE_LOAD_MAX);
  load (self, SOUK_DOCUMENT_OVER, RECENT_MAX);
  return self;
}

void
souk_jobs_free (SoukJobs *self)
{
  if (self == NULL)
    return;
  souk_swarm_unserve (self->context.swarm, SOUK_BID_PROTOCOL);
  g_hash_table_unref (self->entries);
  g_hash_table_unref (self->history);
  g_free (self);
}

size_t
souk_jobs_count (SoukJobs *self)
{
  GHashTableIter iter;
  gpointer value;
  size_t count = 0;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SoukJobEntry *entry = value;
      count += !souk_job_is_over (entry->job);
    }
  return count;
}
