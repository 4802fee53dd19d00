/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Jobs as replies and events show them, and the commands that ask for them. See jobs.h.
 */
#include "trade/jobs-private.h"

#include "api/values.h"
#include "market/job-table.h"
#include "store/documents.h"
#include "swarm/clock.h"

#include <string.h>

#define PAGE_DEFAULT 100
#define PAGE_MAX 1000
#define PAGE_OFFSET_MAX 1000000

/* ---- the shape "Job" ---- */

static JsonArray *
bids_json (const SoukJob *job)
{
  JsonArray *bids = json_array_new ();
  for (size_t i = 0; i < job->bid_count; i++)
    {
      const SoukJobBid *bid = job->bids[i];
      JsonObject *object = json_object_new ();
      JsonObject *parts = json_object_new ();
      const double whole = SOUK_SCORE_WHOLE;
      souk_json_set_peer (object, "provider", &bid->bid.peer);
      souk_json_set_coins (object, "price", bid->bid.price);
      souk_json_set_wei (object, "price_wei", bid->bid.price);
      json_object_set_double_member (object, "score", bid->score / whole);
      json_object_set_double_member (parts, "price", bid->parts.price / whole);
      json_object_set_double_member (parts, "reliability", bid->parts.reliability / whole);
      json_object_set_double_member (parts, "latency", bid->parts.latency / whole);
      json_object_set_double_member (parts, "locality", bid->parts.locality / whole);
      json_object_set_object_member (object, "parts", parts);
      json_object_set_boolean_member (object, "is_winner", (ptrdiff_t)i == job->current);
      json_object_set_string_member (object, "reason",
                                     bid->out == SOUK_BID_FAULTY ? bid->detail : bid->sentence);
      json_array_add_object_element (bids, object);
    }
  return bids;
}

/* The phase, why it came to that, and what the other side said. */
static char *
sentence_of (const SoukJob *job)
{
  g_autoptr (GString) text = g_string_new (souk_job_phase_sentence (job->phase));
  if (job->reason != SOUK_JOB_REASON_NONE)
    g_string_append_printf (text, " %s", souk_job_reason_sentence (job->reason));
  if (job->detail[0] != '\0' && strcmp (job->detail, souk_job_reason_sentence (job->reason)) != 0)
    g_string_append_printf (text, " %s", job->detail);
  if (job->has_result && job->result.failure != SOUK_JOB_FAILURE_NONE)
    g_string_append_printf (text, " %s",
                            job->result.sentence[0] != '\0'
                                ? job->result.sentence
                                : souk_job_failure_sentence (job->result.failure));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Price, fee and what the chain knows, of the current bid; is_final waits for the last transaction,
 * whose cost is a part of the job. */
static void
set_money (const SoukTradeContext *context, const SoukJob *job, JsonObject *object)
{
  const SoukJobBid *bid = souk_job_current_bid (job);
  SoukMoneyOwner owner = { .kind = "job" };
  SoukWei fee, net;
  memcpy (owner.id, job->id, sizeof owner.id);
  if (bid != NULL)
    {
      souk_json_set_peer (object, "provider", &bid->bid.peer);
      souk_json_set_coins (object, "price", bid->bid.price);
      souk_json_set_wei (object, "price_wei", bid->bid.price);
      souk_wei_split_fee (bid->bid.price, &fee, &net);
      souk_json_set_wei (object, "fee_wei", fee);
      souk_json_set_wei (object, "net_wei", net);
      if (bid->bid.has_terms)
        souk_json_set_hash (object, "deal", bid->deal);
    }
  bool has_money = context->money != NULL && !souk_job_spec_is_free (job->spec);
  json_object_set_boolean_member (
      object, "is_final",
      souk_job_is_over (job) && !(has_money && souk_money_has_open_tx (context->money, &owner)));
  souk_json_set_wei (object, "gas_wei",
                     has_money ? souk_money_gas_spent (context->money, &owner) : SOUK_WEI_ZERO);
  json_object_set_array_member (object, "transactions",
                                has_money ? souk_money_transactions (context->money, &owner)
                                          : json_array_new ());
}

static void
set_result (const SoukJob *job, JsonObject *object)
{
  if (!job->has_result)
    return;
  if (job->result.failure != SOUK_JOB_FAILURE_NONE)
    json_object_set_string_member (object, "failure", souk_job_failure_name (job->result.failure));
  json_object_set_int_member (object, "exit_code", job->result.exit_code);
  souk_json_set_cid (object, "result_cid", &job->result.cid);
  json_object_set_int_member (object, "fuel", (gint64)MIN (job->result.fuel, INT64_MAX));
}

static const char *
phase_name (uint32_t phase)
{
  return souk_job_phase_name ((SoukJobPhase)phase);
}

JsonObject *
souk_job_json (const SoukTradeContext *context, const SoukJob *job, const char *progress)
{
  JsonObject *object = json_object_new ();
  const char *then;
  SoukWall deadline = souk_job_deadline (job, &then);
  bool is_over = souk_job_is_over (job);
  g_autofree char *id = souk_hex_encode (souk_slice (job->id, sizeof job->id));
  g_autofree char *sentence = sentence_of (job);
  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "title", job->spec->title);
  json_object_set_string_member (object, "role", "requester");
  json_object_set_string_member (object, "phase", souk_job_phase_name (job->phase));
  json_object_set_string_member (object, "sentence", sentence);
  souk_json_set_cid (object, "module", &job->spec->module);
  souk_json_set_coins (object, "max_price", job->spec->max_price);
  souk_json_set_peer (object, "requester", &job->record->author);
  json_object_set_int_member (object, "attempt", job->attempt);
  if (progress != NULL)
    json_object_set_string_member (object, "progress", progress);
  set_money (context, job, object);
  set_result (job, object);
  if (!is_over && deadline.us != SOUK_WALL_NEVER.us)
    {
      souk_json_set_time (object, "deadline", deadline);
      json_object_set_string_member (object, "then", then);
    }
  souk_json_set_time (object, "created", job->timeline.entries[0].at);
  json_object_set_array_member (object, "bids", bids_json (job));
  json_object_set_array_member (object, "timeline",
                                souk_timeline_json (&job->timeline, phase_name));
  return object;
}

/* ---- look-ups ---- */

/* Finds a job here or in the store; `out_owned` is to be freed. Returns: (nullable). */
static const SoukJob *
find (SoukJobs *self, const uint8_t id[SOUK_ORDER_ID_SIZE], SoukJob **out_owned,
      const char **out_progress)
{
  SoukJobEntry *entry = g_hash_table_lookup (self->entries, id);
  *out_progress = NULL;
  if (entry != NULL)
    {
      *out_progress = entry->progress;
      return entry->job;
    }
  g_autoptr (SoukDocument) document = souk_documents_get (self->context.store, SOUK_JOB_KIND,
                                                          souk_slice (id, SOUK_ORDER_ID_SIZE));
  if (document == NULL
      || souk_job_from_bytes (souk_slice_from_bytes (document->body), out_owned) != SOUK_STATUS_OK)
    return NULL;
  return *out_owned;
}

static bool
read_id (SoukCall *call, uint8_t out[SOUK_ORDER_ID_SIZE])
{
  return souk_hex_decode_exact (souk_call_string (call, "id", ""), out, SOUK_ORDER_ID_SIZE);
}

static void
fail_unknown (SoukCall *call)
{
  souk_call_fail (call, 404, "no-such-job", "There is no job %s here.",
                  souk_call_string (call, "id", ""));
}

static void
on_show (SoukCall *call, gpointer user_data)
{
  SoukJobs *self = user_data;
  uint8_t id[SOUK_ORDER_ID_SIZE];
  g_autoptr (SoukJob) owned = NULL;
  const char *progress;
  JsonObject *object = NULL;
  if (read_id (call, id))
    {
      const SoukJob *job = find (self, id, &owned, &progress);
      object = job != NULL ? souk_job_json (&self->context, job, progress)
                           : souk_works_show (self->works, id);
    }
  if (object != NULL)
    souk_call_reply (call, souk_json_object_node (object));
  else
    fail_unknown (call);
}

static void
on_result (SoukCall *call, gpointer user_data)
{
  SoukJobs *self = user_data;
  uint8_t id[SOUK_ORDER_ID_SIZE];
  g_autoptr (SoukJob) owned = NULL;
  const char *progress;
  const SoukJob *job = read_id (call, id) ? find (self, id, &owned, &progress) : NULL;
  if (job != NULL)
    souk_job_reply_result (self, job, call);
  else
    fail_unknown (call);
}

/* ---- compute.list ---- */

/* The newest of one kind. */
static GPtrArray *
list_kind (SoukJobs *self, const char *kind, unsigned count)
{
  return souk_documents_list (self->context.store, kind, SOUK_PHASE_ANY, 0, count);
}

static JsonObject *
json_of (SoukJobs *self, const SoukDocument *document, bool is_work)
{
  gsize size;
  const uint8_t *id = g_bytes_get_data (document->id, &size);
  g_autoptr (SoukJob) owned = NULL;
  const char *progress;
  if (size != SOUK_ORDER_ID_SIZE)
    return NULL;
  if (is_work)
    return souk_works_show (self->works, id);
  const SoukJob *job = find (self, id, &owned, &progress);
  return job != NULL ? souk_job_json (&self->context, job, progress) : NULL;
}

/* Merges two lists, each newest first. */
static JsonArray *
merge (SoukJobs *self, GPtrArray *jobs, GPtrArray *works, unsigned offset, unsigned limit)
{
  JsonArray *items = json_array_new ();
  guint job = 0, work = 0;
  while ((job < jobs->len || work < works->len) && json_array_get_length (items) < limit)
    {
      const SoukDocument *a = job < jobs->len ? jobs->pdata[job] : NULL;
      const SoukDocument *b = work < works->len ? works->pdata[work] : NULL;
      bool is_work = a == NULL || (b != NULL && b->updated.us > a->updated.us);
      JsonObject *object = json_of (self, is_work ? b : a, is_work);
      *(is_work ? &work : &job) += 1;
      if (object == NULL)
        continue;
      if (offset > 0)
        {
          offset--;
          json_object_unref (object);
          continue;
        }
      json_array_add_object_element (items, object);
    }
  return items;
}

static void
on_list (SoukCall *call, gpointer user_data)
{
  SoukJobs *self = user_data;
  const char *role = souk_call_string (call, "role", NULL);
  unsigned offset = (unsigned)CLAMP (souk_call_integer (call, "offset", 0), 0, PAGE_OFFSET_MAX);
  unsigned limit = (unsigned)CLAMP (souk_call_integer (call, "limit", PAGE_DEFAULT), 1, PAGE_MAX);
  bool wants_jobs = role == NULL || strcmp (role, "requester") == 0;
  bool wants_works = role == NULL || strcmp (role, "provider") == 0;
  if (!wants_jobs && !wants_works)
    {
      souk_call_fail (call, 400, "bad-role", "\"%s\" is no role; there are requester and provider.",
                      role);
      return;
    }
  g_autoptr (GPtrArray) jobs = list_kind (self, SOUK_JOB_KIND, wants_jobs ? offset + limit : 0);
  g_autoptr (GPtrArray) works = list_kind (self, SOUK_WORK_KIND, wants_works ? offset + limit : 0);
  gint64 total = 0;
  if (wants_jobs)
    total += souk_documents_count (self->context.store, SOUK_JOB_KIND, SOUK_PHASE_ANY);
  if (wants_works)
    total += souk_documents_count (self->context.store, SOUK_WORK_KIND, SOUK_PHASE_ANY);
  souk_call_reply_list (call, merge (self, jobs, works, offset, limit), total);
}

/* ---- compute.cancel ---- */

static void
cancel (SoukJobEntry *entry, SoukCall *call)
{
  SoukJobEvent event = { .kind = SOUK_JOB_EVENT_CANCEL };
  SoukJobPhase phase = entry->job->phase;
  if (entry->call != NULL || souk_job_entry_take (entry, &event, NULL) != SOUK_STATUS_OK)
    {
      souk_call_fail (call, 409, "too-late", "The job cannot be cancelled any more: %s",
                      souk_job_phase_sentence (phase));
      return;
    }
  entry->call = call;
}

static void
on_cancel (SoukCall *call, gpointer user_data)
{
  SoukJobs *self = user_data;
  uint8_t id[SOUK_ORDER_ID_SIZE];
  g_autoptr (SoukJob) owned = NULL;
  const char *progress;
  if (!read_id (call, id))
    {
      fail_unknown (call);
      return;
    }
  SoukJobEntry *entry = g_hash_table_lookup (self->entries, id);
  if (entry != NULL)
    {
      cancel (entry, call);
      return;
    }
  JsonObject *work = souk_works_show (self->works, id);
  if (work != NULL && souk_works_stop (self->works, id))
    {
      json_object_unref (work);
      souk_call_reply (call, souk_json_object_node (souk_works_show (self->works, id)));
      return;
    }
  if (work == NULL && find (self, id, &owned, &progress) == NULL)
    fail_unknown (call);
  else
    souk_call_fail (call, 409, "too-late", "The job has ended, or its result is made already.");
  g_clear_pointer (&work, json_object_unref);
}

void
souk_jobs_bind_commands (SoukJobs *self)
{
  souk_dispatch_bind (self->context.dispatch, "compute.show", on_show, self);
  souk_dispatch_bind (self->context.dispatch, "compute.result", on_result, self);
  souk_dispatch_bind (self->context.dispatch, "compute.list", on_list, self);
  souk_dispatch_bind (self->context.dispatch, "compute.cancel", on_cancel, self);
}
