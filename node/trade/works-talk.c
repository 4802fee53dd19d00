/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The provider's end of the conversation with the requester (/souk/job/1.0.0). See works.h.
 *
 * A stream says first which bid it is about, by an award or a follow; the newest stream about a bid
 * takes the place of an older one. Only the bid's requester is listened to.
 */
#include "trade/works-private.h"

#include "market/work-table.h"
#include "swarm/clock.h"

#include <string.h>

/* A stream that says nothing about a bid is ended. */
#define FIRST_WORD_MS 10000

/* One open stream. Lives as long as the stream does. */
struct SoukTalk {
  SoukWorks *works; /* NULL: nobody listens any more */
  SoukStream *stream;
  SoukWorkEntry *entry;  /* NULL until it is said which */
  bool is_award_waiting; /* the award is answered when it is stored */
};

/* ---- ending ---- */

static void
detach (SoukTalk *talk)
{
  if (talk->entry != NULL)
    talk->entry->talk = NULL;
  talk->entry = NULL;
}

static void
talk_free (gpointer data)
{
  SoukTalk *talk = data;
  detach (talk);
  if (talk->works != NULL)
    g_ptr_array_remove_fast (talk->works->talks, talk);
  g_free (talk);
}

void
souk_work_drop_talk (SoukWorkEntry *entry)
{
  SoukTalk *talk = entry->talk;
  if (talk == NULL)
    return;
  detach (talk);
  souk_stream_reset (talk->stream);
}

/* ---- saying ---- */

void
souk_work_acknowledge (SoukWorkEntry *entry)
{
  SoukTalk *talk = entry->talk;
  if (talk == NULL || !talk->is_award_waiting)
    return;
  talk->is_award_waiting = false;
  souk_job_send_id (talk->stream, SOUK__JOB_MESSAGE__BODY_AWARD_ACK,
                    souk_slice (entry->work->bid.id, SOUK_BID_ID_SIZE));
}

void
souk_work_tell (SoukWorkEntry *entry)
{
  Souk__JobProgress progress = SOUK__JOB_PROGRESS__INIT;
  Souk__JobMessage message = SOUK__JOB_MESSAGE__INIT;
  if (entry->talk == NULL || !souk_work_is_live (entry->work))
    return;
  entry->told_us = g_get_monotonic_time ();
  progress.phase = entry->work->phase;
  progress.sentence = entry->line;
  message.body_case = SOUK__JOB_MESSAGE__BODY_PROGRESS;
  message.progress = &progress;
  souk_job_message_send (entry->talk->stream, &message);
}

void
souk_work_hand_over (SoukWorkEntry *entry)
{
  SoukWorkEvent event = { .kind = SOUK_WORK_EVENT_RESULT_SENT };
  if (entry->talk == NULL)
    souk_work_entry_fail (entry, SOUK_WORK_COMMAND_SEND_RESULT, false,
                          "The requester is not connected.");
  else if (!souk_job_send_result (entry->talk->stream, &entry->work->result))
    souk_work_entry_fail (entry, SOUK_WORK_COMMAND_SEND_RESULT, false,
                          "The requester does not read what it is told.");
  else
    souk_work_entry_take (entry, &event, NULL);
}

void
souk_work_say_settled (SoukWorkEntry *entry)
{
  const SoukWork *work = entry->work;
  bool has_tx = work->has_tx[SOUK_WORK_COMMAND_SUBMIT_SETTLE];
  if (entry->talk != NULL)
    souk_job_send_id (entry->talk->stream, SOUK__JOB_MESSAGE__BODY_SETTLED,
                      has_tx
                          ? souk_slice (work->tx[SOUK_WORK_COMMAND_SUBMIT_SETTLE], SOUK_HASH_SIZE)
                          : SOUK_SLICE_EMPTY);
}

/* ---- awards ---- */

/* This stream is about this bid from now on. */
static void
attach (SoukTalk *talk, SoukWorkEntry *entry)
{
  if (entry->talk != talk)
    souk_work_drop_talk (entry);
  detach (talk);
  talk->entry = entry;
  entry->talk = talk;
  souk_stream_set_timeout (talk->stream, 0);
}

static SoukWorkEntry *
find (SoukTalk *talk, ProtobufCBinaryData bid)
{
  SoukWorkEntry *entry
      = bid.len == SOUK_BID_ID_SIZE ? souk_works_find_bid (talk->works, bid.data) : NULL;
  if (entry == NULL
      || !souk_peer_id_is_equal (&entry->work->requester, souk_stream_peer (talk->stream)))
    return NULL;
  return entry;
}

static void
refuse (SoukTalk *talk, SoukWorkEntry *entry, const char *code, const char *sentence)
{
  g_autofree char *id = entry != NULL
                            ? souk_hex_encode (souk_slice (entry->work->id, sizeof entry->work->id))
                            : NULL;
  souk_log_record (talk->works->context.log, SOUK_LOG_NOTICE, "work.award-refused",
                   "A requester's award was declined.", souk_log_string ("job", id),
                   souk_log_peer ("requester", souk_stream_peer (talk->stream)),
                   souk_log_string ("code", code), souk_log_string ("reason", sentence));
  souk_job_send_refusal (talk->stream, code, sentence);
}

static void
on_award (SoukTalk *talk, const Souk__Award *award)
{
  SoukWorks *self = talk->works;
  SoukWorkEntry *entry = find (talk, award->bid);
  SoukWorkEvent event = { .kind = SOUK_WORK_EVENT_AWARDED };
  const char *sentence;
  if (entry == NULL)
    {
      refuse (talk, NULL, "no-such-bid", "This node has made no such bid, or it has lapsed.");
      return;
    }
  if (entry->work->phase != SOUK_WORK_BID_MADE)
    {
      /* An award that is told again is answered again. */
      if (!souk_work_is_live (entry->work))
        {
          refuse (talk, entry, "bid-over", "This bid has come to its end already.");
          return;
        }
      attach (talk, entry);
      talk->is_award_waiting = true;
      if (entry->writes == 0)
        souk_work_acknowledge (entry);
      return;
    }
  const char *code = souk_works_refuse (self, entry->work->spec, &sentence);
  if (code != NULL)
    {
      event = (SoukWorkEvent){ .kind = SOUK_WORK_EVENT_DECLINED, .detail = sentence };
      refuse (talk, entry, code, sentence);
    }
  else
    {
      attach (talk, entry);
      talk->is_award_waiting = true;
    }
  souk_work_entry_take (entry, &event, NULL);
}

/* Where the work stands, and the result if the requester may lack it. */
static void
tell_again (SoukTalk *talk)
{
  SoukWorkEntry *entry = talk->entry;
  SoukWorkPhase phase = entry->work->phase;
  souk_work_tell (entry);
  if (phase == SOUK_WORK_UPLOADING || phase == SOUK_WORK_REPORTING)
    souk_work_entry_retry (entry);
  else if (entry->work->has_result)
    souk_job_send_result (talk->stream, &entry->work->result);
  else if (souk_work_is_over (entry->work))
    refuse (talk, entry, souk_work_phase_name (phase), souk_work_phase_sentence (phase));
}

static void
on_follow (SoukTalk *talk, ProtobufCBinaryData bid)
{
  SoukWorkEntry *entry = find (talk, bid);
  if (entry == NULL)
    {
      refuse (talk, NULL, "no-such-bid", "This node has made no such bid, or it has lapsed.");
      return;
    }
  attach (talk, entry);
  tell_again (talk);
}

/* ---- the rest of what a requester says ---- */

static SoukStatus
on_receipt (SoukWorkEntry *entry, const Souk__JobReceipt *message)
{
  SoukReceiptTerms terms;
  SoukWorkEvent event = { .kind = SOUK_WORK_EVENT_RECEIPT };
  if (!souk_work_is_free (entry->work))
    {
      SoukDomain domain = souk_job_domain (entry->work->spec);
      SOUK_TRY (souk_receipt_terms_read (souk_slice_from_field (message->terms), &terms));
      if (message->signature.len != SOUK_ECDSA_SIZE)
        return SOUK_STATUS_RECEIPT_BAD;
      souk_receipt_digest (&domain, &terms, event.hash);
      event.receipt = &terms;
      event.signature = message->signature.data;
    }
  SoukStatus status = souk_work_entry_take (entry, &event, NULL);
  if (status == SOUK_STATUS_OK || status == SOUK_STATUS_STALE_EVENT)
    souk_work_say_settled (entry);
  return status == SOUK_STATUS_STALE_EVENT ? SOUK_STATUS_OK : status;
}

static SoukStatus
hear (SoukTalk *talk, const Souk__JobMessage *message)
{
  SoukWorkEvent cancelled = { .kind = SOUK_WORK_EVENT_CANCELLED };
  switch (message->body_case)
    {
    case SOUK__JOB_MESSAGE__BODY_AWARD:
      on_award (talk, message->award);
      return SOUK_STATUS_OK;
    case SOUK__JOB_MESSAGE__BODY_FOLLOW:
      on_follow (talk, message->follow);
      return SOUK_STATUS_OK;
    case SOUK__JOB_MESSAGE__BODY_FUNDED:
      /* Only the chain's word counts. But it may have come here first: what was told since then
       * had no meaning over there. */
      if (talk->entry != NULL)
        tell_again (talk);
      return SOUK_STATUS_OK;
    case SOUK__JOB_MESSAGE__BODY_RECEIPT:
      return talk->entry != NULL ? on_receipt (talk->entry, message->receipt)
                                 : SOUK_STATUS_BAD_ENCODING;
    case SOUK__JOB_MESSAGE__BODY_CANCEL:
      if (talk->entry != NULL)
        souk_work_entry_take (talk->entry, &cancelled, NULL);
      return SOUK_STATUS_OK;
    case SOUK__JOB_MESSAGE__BODY__NOT_SET:
    case SOUK__JOB_MESSAGE__BODY_AWARD_ACK:
    case SOUK__JOB_MESSAGE__BODY_REFUSAL:
    case SOUK__JOB_MESSAGE__BODY_PROGRESS:
    case SOUK__JOB_MESSAGE__BODY_RESULT:
    case SOUK__JOB_MESSAGE__BODY_SETTLED:
    case _SOUK__JOB_MESSAGE__BODY__CASE_IS_INT_SIZE:
      break;
    }
  return SOUK_STATUS_BAD_ENCODING;
}

static void
on_message (SoukStream *stream, SoukSlice in, void *user)
{
  SoukTalk *talk = user;
  SoukWorks *works = talk->works;
  if (works == NULL)
    return;
  SOUK_AUTO_MESSAGE Souk__JobMessage *message = souk_job_message_read (in);
  SoukStatus status = message != NULL ? hear (talk, message) : SOUK_STATUS_BAD_ENCODING;
  if (status == SOUK_STATUS_OK)
    return;
  SoukPeerId peer = *souk_stream_peer (stream);
  souk_stream_reset (stream);
  souk_swarm_penalise (works->context.swarm, &peer, status);
}

static void
on_end (SoukStream *stream, void *user)
{
  souk_stream_close_write (stream);
}

static const SoukStreamHandlers handlers = {
  .on_message = on_message,
  .on_end = on_end,
};

/* ---- serving ---- */

static unsigned
count_of (SoukWorks *self, const SoukPeerId *peer)
{
  unsigned count = 0;
  for (guint i = 0; i < self->talks->len; i++)
    {
      const SoukTalk *talk = self->talks->pdata[i];
      count += souk_peer_id_is_equal (souk_stream_peer (talk->stream), peer);
    }
  return count;
}

static void
on_stream (SoukSwarm *swarm, SoukStream *stream, void *user)
{
  SoukWorks *self = user;
  if (self->talks->len >= SOUK_WORKS_STREAMS_MAX
      || count_of (self, souk_stream_peer (stream)) >= SOUK_WORKS_STREAMS_PER_PEER_MAX)
    {
      souk_log_record (self->context.log, SOUK_LOG_WARNING, "work.too-many-streams",
                       "A peer has too many conversations about jobs open.",
                       souk_log_peer ("peer", souk_stream_peer (stream)));
      return; /* not started: reset */
    }
  SoukTalk *talk = g_new0 (SoukTalk, 1);
  talk->works = self;
  talk->stream = stream;
  g_ptr_array_add (self->talks, talk);
  souk_stream_start (stream, &handlers, SOUK_JOB_MESSAGE_MAX, talk, talk_free);
  souk_stream_set_timeout (stream, FIRST_WORD_MS);
}

void
souk_works_serve (SoukWorks *self)
{
  souk_swarm_serve (self->context.swarm, SOUK_JOB_PROTOCOL, on_stream, self, NULL);
}

void
souk_works_unserve (SoukWorks *self)
{
  souk_swarm_unserve (self->context.swarm, SOUK_JOB_PROTOCOL);
  while (self->talks->len > 0)
    {
      SoukTalk *talk = self->talks->pdata[0];
      souk_stream_reset (talk->stream);
    }
}
