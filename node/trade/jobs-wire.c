/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages, alarms and look-ups of the compute flow. See jobs-wire.h.
 */
#include "trade/jobs-wire.h"

#include "api/values.h"
#include "market/fields.h"
#include "swarm/clock.h"

#include <string.h>

#define ALARM_MS_MAX 60000

/* ---- messages ---- */

Souk__JobMessage *
souk_job_message_read (SoukSlice in)
{
  Souk__JobMessage *message = souk_message_unpack (&souk__job_message__descriptor, in);
  if (message == NULL || souk_message_is_canonical (&message->base, in))
    return message;
  souk_message_free (message);
  return NULL;
}

bool
souk_job_message_send (SoukStream *stream, const Souk__JobMessage *message)
{
  g_autoptr (GBytes) bytes = souk_message_pack (message);
  return souk_stream_send (stream, souk_slice_from_bytes (bytes));
}

bool
souk_job_send_id (SoukStream *stream, Souk__JobMessage__BodyCase kind, SoukSlice id)
{
  Souk__JobMessage message = SOUK__JOB_MESSAGE__INIT;
  message.body_case = kind;
  switch (kind)
    {
    case SOUK__JOB_MESSAGE__BODY_AWARD_ACK:
    case SOUK__JOB_MESSAGE__BODY_FUNDED:
    case SOUK__JOB_MESSAGE__BODY_FOLLOW:
    case SOUK__JOB_MESSAGE__BODY_SETTLED:
    case SOUK__JOB_MESSAGE__BODY_CANCEL:
      /* All of them are the one bytes field of the union. */
      message.follow = souk_field_from_slice (id);
      return souk_job_message_send (stream, &message);
    case SOUK__JOB_MESSAGE__BODY__NOT_SET:
    case SOUK__JOB_MESSAGE__BODY_AWARD:
    case SOUK__JOB_MESSAGE__BODY_REFUSAL:
    case SOUK__JOB_MESSAGE__BODY_PROGRESS:
    case SOUK__JOB_MESSAGE__BODY_RESULT:
    case SOUK__JOB_MESSAGE__BODY_RECEIPT:
    case _SOUK__JOB_MESSAGE__BODY__CASE_IS_INT_SIZE:
      break;
    }
  g_assert_not_reached ();
}

static void
fill_refusal (Souk__Refusal *refusal, const char *code, const char *sentence)
{
  souk__refusal__init (refusal);
  refusal->code = (char *)code;
  refusal->sentence = (char *)sentence;
}

bool
souk_job_send_refusal (SoukStream *stream, const char *code, const char *sentence)
{
  Souk__Refusal refusal;
  Souk__JobMessage message = SOUK__JOB_MESSAGE__INIT;
  fill_refusal (&refusal, code, sentence);
  message.body_case = SOUK__JOB_MESSAGE__BODY_REFUSAL;
  message.refusal = &refusal;
  return souk_job_message_send (stream, &message);
}

bool
souk_job_send_result (SoukStream *stream, const SoukJobResult *result)
{
  uint8_t hash[SOUK_HASH_SIZE];
  g_autoptr (GBytes) cid = NULL;
  Souk__JobResult body = SOUK__JOB_RESULT__INIT;
  Souk__JobMessage message = SOUK__JOB_MESSAGE__INIT;
  body.failure = (uint32_t)result->failure;
  body.exit_code = (uint32_t)result->exit_code;
  if (result->cid.version != 0)
    {
      cid = souk_cid_to_bytes (&result->cid);
      body.cid = souk_field_from_slice (souk_slice_from_bytes (cid));
      souk_result_hash (hash, &result->cid);
      body.result_hash = souk_field_from_slice (souk_slice (hash, sizeof hash));
    }
  body.stdout_bytes = result->stdout_bytes;
  body.stderr_bytes = result->stderr_bytes;
  body.fuel = result->fuel;
  body.wall_ms = result->wall_ms;
  body.sentence = (char *)result->sentence;
  message.body_case = SOUK__JOB_MESSAGE__BODY_RESULT;
  message.result = &body;
  return souk_job_message_send (stream, &message);
}

bool
souk_job_result_read (const Souk__JobResult *message, SoukJobResult *out,
                      uint8_t out_hash[SOUK_HASH_SIZE])
{
  SoukJobResult result = { 0 };
  if (message->failure >= SOUK_JOB_FAILURE_COUNT)
    return false;
  result.failure = (SoukJobFailure)message->failure;
  result.exit_code = (int32_t)message->exit_code;
  result.stdout_bytes = message->stdout_bytes;
  result.stderr_bytes = message->stderr_bytes;
  result.fuel = message->fuel;
  result.wall_ms = message->wall_ms;
  souk_sentence_copy (result.sentence, sizeof result.sentence, message->sentence);
  memset (out_hash, 0, SOUK_HASH_SIZE);
  /* Only a failure of the provider's has nothing to fetch. */
  bool is_empty = souk_job_failure_is_providers (result.failure);
  if (!is_empty
      && (!souk_field_cid (message->cid, &result.cid)
          || !souk_field_hash (message->result_hash, out_hash)))
    return false;
  *out = result;
  return true;
}

bool
souk_id_is (ProtobufCBinaryData field, const uint8_t id[32])
{
  return field.len == 32 && memcmp (field.data, id, 32) == 0;
}

GBytes *
souk_bid_reply_new (const uint8_t *id, const char *code, const char *sentence)
{
  Souk__BidReply reply = SOUK__BID_REPLY__INIT;
  Souk__Refusal refusal;
  if (id != NULL)
    {
      reply.body_case = SOUK__BID_REPLY__BODY_ACCEPTED;
      reply.accepted = souk_field_from_slice (souk_slice (id, SOUK_BID_ID_SIZE));
    }
  else
    {
      fill_refusal (&refusal, code, sentence);
      reply.body_case = SOUK__BID_REPLY__BODY_REFUSAL;
      reply.refusal = &refusal;
    }
  return souk_message_pack (&reply);
}

SoukDomain
souk_job_domain (const SoukJobSpec *spec)
{
  return (SoukDomain){ spec->chain_id, spec->contract };
}

const SoukCid *
souk_job_spec_content (const SoukJobSpec *spec, guint place)
{
  if (place == 0)
    return &spec->module;
  if (place == 1 && spec->has_input)
    return &spec->input;
  size_t file = place - 1 - spec->has_input;
  return file < spec->file_count ? &spec->files[file].cid : NULL;
}

bool
souk_job_spec_has_content (const SoukJobSpec *spec, const SoukCid *cid)
{
  const SoukCid *content;
  for (guint i = 0; (content = souk_job_spec_content (spec, i)) != NULL; i++)
    if (souk_cid_is_equal (content, cid))
      return true;
  return false;
}

JsonArray *
souk_timeline_json (const SoukTimeline *timeline, SoukPhaseName name)
{
  JsonArray *array = json_array_new ();
  for (uint32_t i = 0; i < timeline->len; i++)
    {
      JsonObject *entry = json_object_new ();
      json_object_set_string_member (entry, "phase", name (timeline->entries[i].phase));
      souk_json_set_time (entry, "time", timeline->entries[i].at);
      json_array_add_object_element (array, entry);
    }
  return array;
}

/* ---- tables ---- */

guint
souk_id_hash (gconstpointer id)
{
  guint hash;
  memcpy (&hash, id, sizeof hash);
  return hash;
}

gboolean
souk_id_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, 32) == 0;
}

/* ---- alarms ---- */

void
souk_alarm_clear (SoukAlarm *self)
{
  if (self->source == NULL)
    return;
  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

void
souk_alarm_set (SoukAlarm *self, SoukWall when, GSourceFunc func, gpointer user)
{
  souk_alarm_clear (self);
  if (when.us == SOUK_WALL_NEVER.us)
    return;
  int64_t now_us = souk_wall_now ().us;
  /* Rounded up, so that the moment has come when it rings. */
  int64_t wait_ms = when.us <= now_us ? 0 : (when.us - now_us) / SOUK_US_PER_MS + 1;
  self->source = g_timeout_source_new ((guint)MIN (wait_ms, ALARM_MS_MAX));
  g_source_set_callback (self->source, func, user, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}

/* ---- reaching ---- */

struct SoukReach {
  SoukSwarm *swarm;
  SoukPeerId peer;
  char *protocol;
  GBytes *request; /* NULL: a stream is wanted */
  size_t reply_max;
  unsigned timeout_ms;
  SoukReachStream on_stream; /* NULL, so the next: cancelled */
  SoukReachReply on_reply;
  void *user;
  SoukRpcCall *call;
};

static void
reach_free (SoukReach *self)
{
  g_free (self->protocol);
  g_clear_pointer (&self->request, g_bytes_unref);
  g_free (self);
}

static void
reach_end (SoukReach *self, SoukStream *stream, GBytes *reply, const GError *error)
{
  if (self->on_stream != NULL)
    self->on_stream (stream, error, self->user);
  else if (self->on_reply != NULL)
    self->on_reply (reply, error, self->user);
  reach_free (self);
}

static void
on_opened (SoukSwarm *swarm, SoukStream *stream, const GError *error, void *user)
{
  reach_end (user, stream, NULL, error);
}

static void
on_answered (SoukSwarm *swarm, GBytes *reply, const GError *error, void *user)
{
  reach_end (user, NULL, reply, error);
}

static void
on_connected (SoukSwarm *swarm, const SoukPeerId *peer, const GError *error, void *user)
{
  SoukReach *self = user;
  if (error != NULL || (self->on_stream == NULL && self->on_reply == NULL))
    reach_end (self, NULL, NULL, error);
  else if (self->request == NULL)
    souk_swarm_open (swarm, &self->peer, self->protocol, on_opened, self);
  else
    self->call = souk_rpc_call (swarm, &self->peer, self->protocol, self->request, self->reply_max,
                                self->timeout_ms, on_answered, self);
}

static SoukReach *
reach_new (SoukSwarm *swarm, const SoukPeerId *peer, const char *protocol, void *user)
{
  SoukReach *self = g_new0 (SoukReach, 1);
  self->swarm = swarm;
  self->peer = *peer;
  self->protocol = g_strdup (protocol);
  self->user = user;
  return self;
}

SoukReach *
souk_reach_open (SoukSwarm *swarm, const SoukPeerId *peer, const char *protocol,
                 SoukReachStream done, void *user)
{
  SoukReach *self = reach_new (swarm, peer, protocol, user);
  self->on_stream = done;
  souk_swarm_dial_peer (swarm, peer, on_connected, self);
  return self;
}

SoukReach *
souk_reach_ask (SoukSwarm *swarm, const SoukPeerId *peer, const char *protocol, GBytes *request,
                size_t reply_max, unsigned timeout_ms, SoukReachReply done, void *user)
{
  SoukReach *self = reach_new (swarm, peer, protocol, user);
  self->request = g_bytes_ref (request);
  self->reply_max = reply_max;
  self->timeout_ms = timeout_ms;
  self->on_reply = done;
  souk_swarm_dial_peer (swarm, peer, on_connected, self);
  return self;
}

void
souk_reach_cancel (SoukReach *self)
{
  self->on_stream = NULL;
  self->on_reply = NULL;
  if (self->call == NULL)
    return; /* the swarm calls back: then it is freed */
  souk_rpc_cancel (self->call);
  reach_free (self);
}
