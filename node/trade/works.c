/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The provider's driver: apply, store, execute. See works.h and market/machine.h.
 */
#include "trade/works-private.h"

#include "market/work-table.h"
#include "store/documents.h"
#include "swarm/clock.h"
#include "trade/works-sandbox.h"

#include <string.h>

#define LIVE_LOAD_MAX 1000
#define RECENT_MAX 100
#define EARNED_LOAD_MAX 10000
#define RUN_MS_USUAL 5000
/* A priced bid that lapsed is remembered so long, since the chain may tell of its money later. */
#define LAPSED_KEPT_S 3600

/* Who awards and does not pay holds a place only so long; the bid holds longer, and what is paid
 * after that waits in the sandbox's queue. */
#define FUNDS_PATIENCE_S 90

static void settle (SoukWorkEntry *entry);
static void go_on (SoukWorkEntry *entry);

/* ---- entries ---- */

static void
entry_free (gpointer data)
{
  SoukWorkEntry *entry = data;
  if (entry->reach != NULL)
    souk_reach_cancel (entry->reach);
  souk_work_drop_run (entry);
  souk_work_drop_talk (entry);
  souk_alarm_clear (&entry->alarm);
  souk_alarm_clear (&entry->beat);
  souk_work_free (entry->work);
  g_free (entry);
}

/* Whether it was ever more than a bid; the beginning of a timeline is always kept. */
static bool
was_awarded (const SoukWork *work)
{
  for (uint32_t i = 0; i < MIN (work->timeline.len, SOUK_TIMELINE_HEAD); i++)
    if (work->timeline.entries[i].phase == SOUK_WORK_WAITING_FUNDS
        || work->timeline.entries[i].phase == SOUK_WORK_STAGING)
      return true;
  return false;
}

static SoukWorkEntry *
entry_new (SoukWorks *self, SoukWork *work)
{
  SoukWorkEntry *entry = g_new0 (SoukWorkEntry, 1);
  entry->works = self;
  entry->work = work;
  entry->was_awarded = was_awarded (work);
  g_hash_table_insert (self->entries, work->id, entry);
  return entry;
}

/* Forgets what has ended; what was awarded stays in the store. */
static gboolean
is_done (gpointer key, gpointer value, gpointer user_data)
{
  SoukWorkEntry *entry = value;
  const SoukWork *work = entry->work;
  if (!souk_work_is_over (work) || entry->pending > 0 || entry->writes > 0)
    return FALSE;
  return souk_work_is_free (work)
         || souk_timeline_since (&work->timeline).us
                < souk_wall_now ().us - LAPSED_KEPT_S * SOUK_US_PER_S;
}

SoukWorkEntry *
souk_works_find_bid (SoukWorks *self, const uint8_t bid[SOUK_BID_ID_SIZE])
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SoukWorkEntry *entry = value;
      if (memcmp (entry->work->bid.id, bid, SOUK_BID_ID_SIZE) == 0)
        return entry;
    }
  return NULL;
}

unsigned
souk_works_busy (SoukWorks *self)
{
  GHashTableIter iter;
  gpointer value;
  unsigned count = 0;
  int64_t patient_us = souk_wall_now ().us - FUNDS_PATIENCE_S * SOUK_US_PER_S;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const SoukWork *work = ((SoukWorkEntry *)value)->work;
      bool is_awaited = work->phase == SOUK_WORK_WAITING_FUNDS
                        && souk_timeline_since (&work->timeline).us > patient_us;
      count += is_awaited || work->phase == SOUK_WORK_STAGING || work->phase == SOUK_WORK_RUNNING;
    }
  return count;
}

void
souk_work_entry_emit (SoukWorkEntry *entry)
{
  if (!entry->was_awarded)
    return;
  JsonObject *event = json_object_new ();
  json_object_set_object_member (event, "job",
                                 souk_work_json (&entry->works->context, entry->work, entry->line));
  souk_dispatch_emit (entry->works->context.dispatch, "job.changed", event);
}

/* ---- storing ---- */

static void
log_phase (SoukWorkEntry *entry)
{
  const SoukWork *work = entry->work;
  g_autofree char *id = souk_hex_encode (souk_slice (work->id, sizeof work->id));
  g_autofree char *thing = souk_thing_to_string (work->record->thing);
  souk_log_record (entry->works->context.log, entry->was_awarded ? SOUK_LOG_NOTICE : SOUK_LOG_INFO,
                   "work.phase", souk_work_phase_sentence (work->phase),
                   souk_log_string ("job", id), souk_log_string ("thing", thing),
                   souk_log_string ("phase", souk_work_phase_name (work->phase)),
                   souk_log_peer ("requester", &work->requester),
                   souk_log_string ("reason", souk_work_reason_name (work->reason)),
                   souk_log_string ("detail", work->detail));
}

/* A bid is a document of its own kind until it is awarded; one that was not taken leaves none. */
static void
put_document (SoukWorkEntry *entry, SoukStoreBatch *batch)
{
  const SoukWork *work = entry->work;
  SoukSlice id = souk_slice (work->id, sizeof work->id);
  bool is_over = souk_work_is_over (work);
  const char *kind = entry->was_awarded ? SOUK_WORK_KIND : SOUK_WORK_BID_KIND;
  if (entry->was_awarded || is_over)
    souk_documents_remove (batch, SOUK_WORK_BID_KIND, id);
  if (!entry->was_awarded && is_over)
    return;
  g_autoptr (GBytes) body = souk_work_to_bytes (work);
  souk_documents_put (batch, kind, id, is_over ? SOUK_DOCUMENT_OVER : SOUK_DOCUMENT_LIVE,
                      work->timeline.entries[0].at, souk_slice_from_bytes (body));
}

static void
on_stored (const GError *error, gpointer user)
{
  SoukWorkEntry *entry = user;
  entry->writes--;
  if (error != NULL)
    souk_log_record (entry->works->context.log, SOUK_LOG_ERROR, "work.not-stored",
                     "The state of work could not be written to the disk, so it does not go on.",
                     souk_log_error ("reason", error));
  else if (entry->writes == 0)
    settle (entry);
}

static void
note_earned (SoukWorkEntry *entry, SoukWei before)
{
  SoukWei *earned = &entry->works->earned;
  SoukWei after = entry->work->settlement.to_payee;
  if (souk_wei_compare (after, before) >= 0)
    {
      SoukWei more;
      if (souk_wei_sub (after, before, &more) == SOUK_STATUS_OK)
        (void)souk_wei_add (*earned, more, earned);
    }
  else if (souk_wei_sub (*earned, before, earned) == SOUK_STATUS_OK)
    (void)souk_wei_add (*earned, after, earned);
}

static void
store (SoukWorkEntry *entry, SoukWorkPhase before, SoukMoneyWrite *write)
{
  SoukStoreBatch *batch = write != NULL ? souk_money_write_batch (write)
                                        : souk_store_batch_new (entry->works->context.store);
  entry->was_awarded = entry->was_awarded || was_awarded (entry->work);
  put_document (entry, batch);
  if (entry->work->phase != before || before == SOUK_WORK_BID_MADE)
    log_phase (entry);
  entry->writes++;
  if (write != NULL)
    souk_money_write_then (write, on_stored, entry);
  else
    souk_store_commit (batch, on_stored, entry);
}

SoukStatus
souk_work_entry_take (SoukWorkEntry *entry, const SoukWorkEvent *event, SoukMoneyWrite *write)
{
  SoukWorkPhase before = entry->work->phase;
  SoukWei earned = entry->work->settlement.to_payee;
  SoukStatus status = souk_work_apply (entry->work, event, souk_wall_now ());
  if (status != SOUK_STATUS_OK)
    return status;
  note_earned (entry, earned);
  store (entry, before, write);
  return SOUK_STATUS_OK;
}

void
souk_work_entry_keep (SoukWorkEntry *entry, SoukMoneyWrite *write)
{
  store (entry, entry->work->phase, write);
}

void
souk_work_entry_fail (SoukWorkEntry *entry, SoukWorkCommand command, bool is_final,
                      const char *detail)
{
  SoukWorkEvent event = {
    .kind = SOUK_WORK_EVENT_COMMAND_FAILED,
    .command = command,
    .is_final = is_final,
    .detail = detail,
  };
  g_autofree char *id = souk_hex_encode (souk_slice (entry->work->id, sizeof entry->work->id));
  souk_log_record (entry->works->context.log, SOUK_LOG_INFO, "work.step-failed",
                   "A step of work did not work out; it is tried again or given up.",
                   souk_log_string ("job", id),
                   souk_log_string ("step", souk_work_command_name (command)),
                   souk_log_string ("detail", detail));
  souk_work_entry_take (entry, &event, NULL);
}

/* ---- executing ---- */

static void
execute (SoukWorkEntry *entry, SoukWorkCommand command)
{
  switch (command)
    {
    case SOUK_WORK_COMMAND_STAGE_JOB:
      souk_work_stage (entry);
      return;
    case SOUK_WORK_COMMAND_RUN_JOB:
      souk_work_run (entry);
      return;
    case SOUK_WORK_COMMAND_SEND_RESULT:
      souk_work_hand_over (entry);
      return;
    case SOUK_WORK_COMMAND_SUBMIT_SETTLE:
    case SOUK_WORK_COMMAND_SUBMIT_RESULT:
    case SOUK_WORK_COMMAND_SUBMIT_RELEASE:
    case SOUK_WORK_COMMAND_SUBMIT_REFUND:
      souk_work_submit (entry, command);
      return;
    case SOUK_WORK_COMMAND_NONE:
    case SOUK_WORK_COMMAND_COUNT:
      break;
    }
  g_assert_not_reached ();
}

static gboolean
on_alarm (gpointer user_data)
{
  SoukWorkEntry *entry = user_data;
  SoukWorkPhase before = entry->work->phase;
  g_clear_pointer (&entry->alarm.source, g_source_unref);
  if (souk_work_tick (entry->work, souk_wall_now ()))
    store (entry, before, NULL);
  else if (entry->writes == 0)
    go_on (entry);
  return G_SOURCE_REMOVE;
}

static gboolean
on_beat (gpointer user_data)
{
  SoukWorkEntry *entry = user_data;
  g_clear_pointer (&entry->beat.source, g_source_unref);
  souk_work_tell (entry);
  go_on (entry);
  return G_SOURCE_REMOVE;
}

void
souk_work_entry_retry (SoukWorkEntry *entry)
{
  souk_work_resume (entry->work);
  if (entry->writes == 0)
    go_on (entry);
}

static void
go_on (SoukWorkEntry *entry)
{
  SoukWork *work = entry->work;
  SoukWorkCommand command;
  if (work->phase != SOUK_WORK_STAGING && work->phase != SOUK_WORK_RUNNING)
    souk_work_drop_run (entry);
  while (entry->writes == 0
         && (command = souk_work_next_command (work, souk_wall_now ())) != SOUK_WORK_COMMAND_NONE)
    execute (entry, command);
  souk_alarm_set (&entry->alarm, souk_work_wake (work), on_alarm, entry);
  if (!souk_work_is_live (work))
    souk_alarm_clear (&entry->beat);
  else if (entry->beat.source == NULL)
    souk_alarm_set (&entry->beat,
                    (SoukWall){ souk_wall_now ().us + SOUK_HEARTBEAT_MS * SOUK_US_PER_MS }, on_beat,
                    entry);
}

/* What was applied is stored: tell of it, and do what is to be done. */
static void
settle (SoukWorkEntry *entry)
{
  souk_work_entry_emit (entry);
  if (entry->was_awarded)
    {
      souk_work_acknowledge (entry);
      souk_work_tell (entry);
      souk_provider_emit (entry->works->provider);
    }
  if (souk_work_is_over (entry->work))
    souk_work_unpin (entry);
  go_on (entry);
}

/* ---- for the commands ---- */

size_t
souk_works_count (SoukWorks *self)
{
  GHashTableIter iter;
  gpointer value;
  size_t count = 0;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SoukWorkEntry *entry = value;
      count += entry->was_awarded && !souk_work_is_over (entry->work);
    }
  return count;
}

JsonObject *
souk_works_show (SoukWorks *self, const uint8_t id[SOUK_ORDER_ID_SIZE])
{
  SoukWorkEntry *entry = g_hash_table_lookup (self->entries, id);
  g_autoptr (SoukWork) owned = NULL;
  if (entry != NULL)
    return entry->was_awarded ? souk_work_json (&self->context, entry->work, entry->line) : NULL;
  g_autoptr (SoukDocument) document = souk_documents_get (self->context.store, SOUK_WORK_KIND,
                                                          souk_slice (id, SOUK_ORDER_ID_SIZE));
  if (document == NULL
      || souk_work_from_bytes (souk_slice_from_bytes (document->body), &owned) != SOUK_STATUS_OK)
    return NULL;
  return souk_work_json (&self->context, owned, NULL);
}

bool
souk_works_stop (SoukWorks *self, const uint8_t id[SOUK_ORDER_ID_SIZE])
{
  SoukWorkEntry *entry = g_hash_table_lookup (self->entries, id);
  SoukWorkEvent event = { .kind = SOUK_WORK_EVENT_STOP, .detail = "Its owner stopped the job." };
  return entry != NULL && souk_work_entry_take (entry, &event, NULL) == SOUK_STATUS_OK;
}

/* ---- the owner of the switch ---- */

static void
on_checked (const char *problem, void *user)
{
  SoukWorks *self = user;
  souk_provider_set_sandbox (self->provider, problem);
}

static void
check_sandbox (void *user)
{
  SoukWorks *self = user;
  souk_sandbox_check (self->sandbox, on_checked, self);
}

static void
on_settings (void *user)
{
  SoukWorks *self = user;
  souk_sandbox_set_jobs_at_once (self->sandbox, souk_provider_settings (self->provider)->jobs_max);
}

static unsigned
jobs_now (void *user)
{
  return souk_works_busy (user);
}

static SoukWei
earned (void *user)
{
  SoukWorks *self = user;
  return self->earned;
}

/* ---- life ---- */

SoukWorkEntry *
souk_works_add (SoukWorks *self, SoukWork *work)
{
  g_hash_table_foreach_remove (self->entries, is_done, NULL);
  SoukWorkEntry *entry = entry_new (self, work);
  store (entry, SOUK_WORK_BID_MADE, NULL);
  return entry;
}

static SoukWork *
read_document (SoukWorks *self, const SoukDocument *document)
{
  SoukWork *work = NULL;
  SoukStatus status = souk_work_from_bytes (souk_slice_from_bytes (document->body), &work);
  if (status != SOUK_STATUS_OK)
    souk_log_record (self->context.log, SOUK_LOG_ERROR, "work.not-readable",
                     "Stored work cannot be read; it is left alone.",
                     souk_log_status ("status", status));
  return work;
}

static void
load (SoukWorks *self, const char *kind, int64_t phase, unsigned limit)
{
  g_autoptr (GPtrArray) documents
      = souk_documents_list (self->context.store, kind, phase, 0, limit);
  for (guint i = 0; i < documents->len; i++)
    {
      SoukWork *work = read_document (self, documents->pdata[i]);
      if (work == NULL)
        continue;
      if (souk_work_is_over (work) && souk_work_is_free (work))
        {
          souk_work_free (work);
          continue;
        }
      SoukWorkEntry *entry = entry_new (self, work);
      souk_work_resume (work);
      souk_alarm_set (&entry->alarm, souk_wall_now (), on_alarm, entry);
    }
}

/* What ended work has brought. */
static void
load_earned (SoukWorks *self)
{
  g_autoptr (GPtrArray) documents = souk_documents_list (self->context.store, SOUK_WORK_KIND,
                                                         SOUK_DOCUMENT_OVER, 0, EARNED_LOAD_MAX);
  for (guint i = 0; i < documents->len; i++)
    {
      g_autoptr (SoukWork) work = read_document (self, documents->pdata[i]);
      if (work != NULL)
        (void)souk_wei_add (self->earned, work->settlement.to_payee, &self->earned);
    }
}

SoukWorks *
souk_works_new (const SoukTradeContext *context, const char *data_dir, bool is_provider)
{
  SoukWorks *self = g_new0 (SoukWorks, 1);
  SoukProviderOwner owner = { check_sandbox, on_settings, jobs_now, earned, self };
  self->context = *context;
  self->entries = g_hash_table_new_full (souk_id_hash, souk_id_equal, NULL, entry_free);
  self->talks = g_ptr_array_new ();
  self->run_ms_usual = RUN_MS_USUAL;
  self->sandbox = souk_sandbox_new ();
  load_earned (self);
  self->provider = souk_provider_new (context, data_dir, is_provider, &owner);
  on_settings (self);
  souk_works_serve (self);
  souk_works_watch_board (self);
  if (context->money != NULL)
    souk_works_watch_money (self);
  load (self, SOUK_WORK_BID_KIND, SOUK_PHASE_ANY, LIVE_LOAD_MAX);
  load (self, SOUK_WORK_KIND, SOUK_DOCUMENT_LIVE, LIVE_LOAD_MAX);
  load (self, SOUK_WORK_KIND, SOUK_DOCUMENT_OVER, RECENT_MAX);
  souk_provider_start (self->provider);
  return self;
}

void
souk_works_free (SoukWorks *self)
{
  if (self == NULL)
    return;
  souk_works_unserve (self);
  g_hash_table_unref (self->entries);
  g_ptr_array_unref (self->talks);
  souk_sandbox_free (self->sandbox);
  souk_provider_free (self->provider);
  g_free (self);
}
