/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The requester's end of the conversation with the provider (/souk/job/1.0.0). See jobs.h.
 *
 * One stream for one awarded bid: the award, then whatever the provider tells, the receipt last.
 * When it breaks while something is still to be said or heard, the machine's command is failed,
 * comes again after its pause, and a new stream begins with "follow".
 */
#include "trade/jobs-private.h"

#include "market/job-table.h"
#include "swarm/clock.h"

#include <string.h>

/* The provider says that it has the receipt within this. */
#define RECEIPT_ANSWER_MS 10000
/* Progress lines are shown at most this often. */
#define EMIT_EVERY_US 250000
/* A new percentage is worth a write when it is this much more. */
#define PERCENT_STEP 5

/* Who listens to a stream. A stream that is left to end by itself has nobody. */
struct SoukJobEar {
  SoukJobEntry *entry;
};

/* ---- closing ---- */

static void
stop_listening (SoukJobLink *link)
{
  souk_alarm_clear (&link->answer);
  if (link->ear != NULL)
    link->ear->entry = NULL;
  link->ear = NULL;
}

void
souk_job_link_close (SoukJobEntry *entry)
{
  SoukJobLink *link = &entry->link;
  stop_listening (link);
  if (link->reach != NULL)
    souk_reach_cancel (g_steal_pointer (&link->reach));
  if (link->stream != NULL)
    souk_stream_reset (g_steal_pointer (&link->stream));
}

/* Ends it after what is queued. */
static void
close_softly (SoukJobEntry *entry)
{
  SoukJobLink *link = &entry->link;
  if (link->stream == NULL)
    {
      souk_job_link_close (entry);
      return;
    }
  stop_listening (link);
  SoukStream *stream = g_steal_pointer (&link->stream);
  souk_stream_set_timeout (stream, RECEIPT_ANSWER_MS);
  souk_stream_close_write (stream);
}

/* What the conversation is for, in the present phase. */
static bool
is_wanted (const SoukJob *job)
{
  switch (job->phase)
    {
    case SOUK_JOB_AWARDING:
    case SOUK_JOB_AWARDED:
    case SOUK_JOB_FUNDING:
    case SOUK_JOB_FUNDED:
    case SOUK_JOB_STAGING:
    case SOUK_JOB_RUNNING:
    case SOUK_JOB_RESULT_COMMITTED:
    case SOUK_JOB_ACCEPTED:
    case SOUK_JOB_SETTLING:
      return true;
    case SOUK_JOB_DRAFT:
    case SOUK_JOB_POSTED:
    case SOUK_JOB_BIDDING:
    case SOUK_JOB_SETTLED:
    case SOUK_JOB_NO_BIDS:
    case SOUK_JOB_PROVIDER_LOST:
    case SOUK_JOB_REFUNDING:
    case SOUK_JOB_REFUNDED:
    case SOUK_JOB_TIMED_OUT:
    case SOUK_JOB_CANCELLED:
    case SOUK_JOB_FAILED:
      return false;
    case SOUK_JOB_PHASE_COUNT:
      break;
    }
  g_assert_not_reached ();
}

void
souk_job_link_check (SoukJobEntry *entry)
{
  SoukJobLink *link = &entry->link;
  const SoukJobBid *bid = souk_job_current_bid (entry->job);
  if (link->stream == NULL && link->reach == NULL)
    return;
  bool is_same = bid != NULL && memcmp (bid->bid.id, link->bid, SOUK_BID_ID_SIZE) == 0;
  if (is_same && is_wanted (entry->job))
    return;
  /* Whoever still works for nothing is told so. */
  if (link->stream != NULL && entry->job->phase != SOUK_JOB_SETTLED)
    souk_job_send_id (link->stream, SOUK__JOB_MESSAGE__BODY_CANCEL,
                      souk_slice (link->bid, SOUK_BID_ID_SIZE));
  close_softly (entry);
}

/* The conversation broke, or did not begin. */
static void
fail (SoukJobEntry *entry, const char *detail)
{
  SoukJobCommand command = souk_job_phase_info (entry->job->phase)->command;
  souk_job_link_close (entry);
  switch (command)
    {
    case SOUK_JOB_COMMAND_SEND_AWARD:
    case SOUK_JOB_COMMAND_FOLLOW_JOB:
    case SOUK_JOB_COMMAND_SEND_RECEIPT:
      souk_job_entry_fail (entry, command, 0, SOUK_JOB_REASON_NONE, false, detail);
      return;
    case SOUK_JOB_COMMAND_NONE:
    case SOUK_JOB_COMMAND_PUBLISH_JOB:
    case SOUK_JOB_COMMAND_SUBMIT_FUND:
    case SOUK_JOB_COMMAND_FETCH_RESULT:
    case SOUK_JOB_COMMAND_SUBMIT_REFUND:
    case SOUK_JOB_COMMAND_SUBMIT_RELEASE:
      return; /* nothing hangs on it now; it is opened again when something does */
    case SOUK_JOB_COMMAND_COUNT:
      break;
    }
  g_assert_not_reached ();
}

/* ---- hearing ---- */

static void
hear_progress (SoukJobEntry *entry, const Souk__JobProgress *progress)
{
  SoukJob *job = entry->job;
  SoukJobEvent event = { .percent = MIN (progress->percent, 100) };
  char line[SOUK_SENTENCE_MAX + 1];
  bool is_new = false;
  souk_sentence_copy (line, sizeof line, progress->sentence);
  if (line[0] != '\0' && g_strcmp0 (line, entry->progress) != 0)
    {
      g_free (entry->progress);
      entry->progress = g_strdup (line);
      is_new = true;
    }
  /* A heartbeat that brings nothing new costs no write. */
  bool is_running = progress->phase == SOUK_WORK_RUNNING;
  event.kind = is_running ? SOUK_JOB_EVENT_RUNNING : SOUK_JOB_EVENT_STAGING;
  bool is_known
      = is_running ? job->phase == SOUK_JOB_RUNNING && event.percent < job->percent + PERCENT_STEP
                   : job->phase != SOUK_JOB_FUNDED;
  bool tells = is_running || progress->phase == SOUK_WORK_STAGING;
  if (tells && !is_known)
    souk_job_entry_take (entry, &event, NULL);
  int64_t now_us = g_get_monotonic_time ();
  if (!is_new || now_us - entry->emitted_us < EMIT_EVERY_US)
    return;
  entry->emitted_us = now_us;
  souk_job_entry_emit (entry);
}

static void
hear_refusal (SoukJobEntry *entry, const Souk__Refusal *refusal)
{
  char sentence[SOUK_SENTENCE_MAX + 1];
  SoukJobEvent event = { .kind = SOUK_JOB_EVENT_REFUSED, .detail = sentence };
  g_autofree char *id = souk_hex_encode (souk_slice (entry->job->id, sizeof entry->job->id));
  souk_sentence_copy (sentence, sizeof sentence, refusal->sentence);
  souk_log_record (entry->jobs->context.log, SOUK_LOG_NOTICE, "job.award-refused",
                   "The chosen provider does not take the job.", souk_log_string ("job", id),
                   souk_log_peer ("peer", &entry->link.peer),
                   souk_log_string ("code", refusal->code), souk_log_string ("reason", sentence));
  souk_job_entry_take (entry, &event, NULL);
}

static SoukStatus
hear_result (SoukJobEntry *entry, const Souk__JobResult *message)
{
  SoukJobResult result;
  SoukJobEvent event = { .kind = SOUK_JOB_EVENT_RESULT, .result = &result };
  if (!souk_job_result_read (message, &result, event.hash))
    return SOUK_STATUS_BAD_ENCODING;
  souk_job_entry_take (entry, &event, NULL);
  return SOUK_STATUS_OK;
}

static SoukStatus
hear (SoukJobEntry *entry, const Souk__JobMessage *message)
{
  SoukJobEvent event = { .kind = SOUK_JOB_EVENT_AWARD_ACK };
  switch (message->body_case)
    {
    case SOUK__JOB_MESSAGE__BODY_AWARD_ACK:
      if (!souk_id_is (message->award_ack, entry->link.bid))
        return SOUK_STATUS_BAD_ENCODING;
      if (souk_job_entry_take (entry, &event, NULL) == SOUK_STATUS_OK)
        souk_job_entry_withdraw (entry);
      return SOUK_STATUS_OK;
    case SOUK__JOB_MESSAGE__BODY_REFUSAL:
      hear_refusal (entry, message->refusal);
      return SOUK_STATUS_OK;
    case SOUK__JOB_MESSAGE__BODY_PROGRESS:
      hear_progress (entry, message->progress);
      return SOUK_STATUS_OK;
    case SOUK__JOB_MESSAGE__BODY_RESULT:
      return hear_result (entry, message->result);
    case SOUK__JOB_MESSAGE__BODY_SETTLED:
      event.kind = SOUK_JOB_EVENT_RECEIPT_SENT;
      souk_alarm_clear (&entry->link.answer);
      souk_job_entry_take (entry, &event, NULL);
      return SOUK_STATUS_OK;
    case SOUK__JOB_MESSAGE__BODY__NOT_SET:
    case SOUK__JOB_MESSAGE__BODY_AWARD:
    case SOUK__JOB_MESSAGE__BODY_FUNDED:
    case SOUK__JOB_MESSAGE__BODY_FOLLOW:
    case SOUK__JOB_MESSAGE__BODY_RECEIPT:
    case SOUK__JOB_MESSAGE__BODY_CANCEL:
    case _SOUK__JOB_MESSAGE__BODY__CASE_IS_INT_SIZE:
      return SOUK_STATUS_BAD_ENCODING;
    }
  return SOUK_STATUS_BAD_ENCODING;
}

static void
on_message (SoukStream *stream, SoukSlice in, void *user)
{
  SoukJobEar *ear = user;
  SoukJobEntry *entry = ear->entry;
  if (entry == NULL)
    return;
  SOUK_AUTO_MESSAGE Souk__JobMessage *message = souk_job_message_read (in);
  SoukStatus status = message != NULL ? hear (entry, message) : SOUK_STATUS_BAD_ENCODING;
  souk_job_heard (entry->job, souk_wall_now ());
  if (status == SOUK_STATUS_OK || ear->entry == NULL)
    return;
  SoukPeerId peer = entry->link.peer;
  fail (entry, souk_status_sentence (status));
  souk_swarm_penalise (entry->jobs->context.swarm, &peer, status);
}

static void
on_closed (SoukStream *stream, SoukStatus status, void *user)
{
  SoukJobEar *ear = user;
  SoukJobEntry *entry = ear->entry;
  if (entry == NULL)
    return;
  entry->link.stream = NULL;
  stop_listening (&entry->link);
  fail (entry, status == SOUK_STATUS_OK ? "The provider ended the conversation."
                                        : souk_status_sentence (status));
}

static const SoukStreamHandlers handlers = {
  .on_message = on_message,
  .on_closed = on_closed,
};

/* ---- saying ---- */

static bool
say_award (SoukJobEntry *entry)
{
  Souk__Award award = SOUK__AWARD__INIT;
  Souk__JobMessage message = SOUK__JOB_MESSAGE__INIT;
  award.job_record = souk_field_from_slice (souk_slice_from_bytes (entry->job->record->bytes));
  award.bid = souk_field_from_slice (souk_slice (entry->link.bid, SOUK_BID_ID_SIZE));
  message.body_case = SOUK__JOB_MESSAGE__BODY_AWARD;
  message.award = &award;
  return souk_job_message_send (entry->link.stream, &message);
}

static gboolean
on_no_answer (gpointer user_data)
{
  SoukJobEntry *entry = user_data;
  g_clear_pointer (&entry->link.answer.source, g_source_unref);
  fail (entry, "The provider did not say that it has the receipt.");
  return G_SOURCE_REMOVE;
}

/* Says that the result is good; signed when the job has a price. */
static bool
say_receipt (SoukJobEntry *entry)
{
  SoukReceiptTerms terms;
  uint8_t words[SOUK_RECEIPT_TERMS_SIZE];
  uint8_t signature[SOUK_ECDSA_SIZE];
  Souk__JobReceipt receipt = SOUK__JOB_RECEIPT__INIT;
  Souk__JobMessage message = SOUK__JOB_MESSAGE__INIT;
  if (souk_job_receipt (entry->job, &terms))
    {
      if (!souk_job_sign_receipt (entry, &terms, signature))
        return false;
      souk_receipt_terms_write (&terms, words);
      receipt.terms = souk_field_from_slice (souk_slice (words, sizeof words));
      receipt.signature = souk_field_from_slice (souk_slice (signature, sizeof signature));
    }
  message.body_case = SOUK__JOB_MESSAGE__BODY_RECEIPT;
  message.receipt = &receipt;
  SoukWall until = { souk_wall_now ().us + RECEIPT_ANSWER_MS * SOUK_US_PER_MS };
  souk_alarm_set (&entry->link.answer, until, on_no_answer, entry);
  return souk_job_message_send (entry->link.stream, &message);
}

/* Says what the phase wants said. `is_fresh`: the stream has just begun. */
static bool
say (SoukJobEntry *entry, bool is_fresh)
{
  const SoukJob *job = entry->job;
  SoukStream *stream = entry->link.stream;
  SoukSlice bid = souk_slice (entry->link.bid, SOUK_BID_ID_SIZE);
  if (job->phase == SOUK_JOB_AWARDING)
    return say_award (entry);
  if (is_fresh && !souk_job_send_id (stream, SOUK__JOB_MESSAGE__BODY_FOLLOW, bid))
    return false;
  if (job->phase == SOUK_JOB_FUNDED)
    return souk_job_send_id (stream, SOUK__JOB_MESSAGE__BODY_FUNDED,
                             souk_slice (souk_job_current_bid (job)->deal, SOUK_HASH_SIZE));
  if (job->phase == SOUK_JOB_ACCEPTED)
    return say_receipt (entry);
  return true;
}

static void
on_reached (SoukStream *stream, const GError *error, void *user)
{
  SoukJobEntry *entry = user;
  entry->link.reach = NULL;
  if (stream == NULL)
    {
      fail (entry, error->message);
      return;
    }
  entry->link.stream = stream;
  entry->link.ear = g_new0 (SoukJobEar, 1);
  entry->link.ear->entry = entry;
  souk_stream_start (stream, &handlers, SOUK_JOB_MESSAGE_MAX, entry->link.ear, g_free);
  if (!say (entry, true))
    fail (entry, "The provider does not read what it is told.");
}

void
souk_job_link_speak (SoukJobEntry *entry)
{
  SoukJobLink *link = &entry->link;
  const SoukJobBid *bid = souk_job_current_bid (entry->job);
  g_assert (bid != NULL);
  souk_job_link_check (entry);
  if (link->reach != NULL)
    return; /* it says it when it is there */
  if (link->stream != NULL)
    {
      if (!say (entry, false))
        fail (entry, "The provider does not read what it is told.");
      return;
    }
  memcpy (link->bid, bid->bid.id, SOUK_BID_ID_SIZE);
  link->peer = bid->bid.peer;
  link->reach = souk_reach_open (entry->jobs->context.swarm, &link->peer, SOUK_JOB_PROTOCOL,
                                 on_reached, entry);
}
