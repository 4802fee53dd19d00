/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What requester and provider say to each other about a job, and small things that both sides of
 * the flow share. GLIB, node thread.
 *
 * /souk/bid/1.0.0 is one question and one answer; /souk/job/1.0.0 is a conversation that the
 * requester opens for each awarded bid, and opens again when it breaks (souk.proto, JobMessage).
 */
#pragma once
#include "chain/eip712.h"
#include "market/work.h"
#include "swarm/rpc.h"
#include "trade/context.h"
#include "wire/message.h"
#include "wire/souk.pb-c.h"

#define SOUK_BID_PROTOCOL "/souk/bid/1.0.0"
#define SOUK_JOB_PROTOCOL "/souk/job/1.0.0"
/* A bid with its terms and signature. */
#define SOUK_BID_MESSAGE_MAX 4096
/* An award carries a whole record. */
#define SOUK_JOB_MESSAGE_MAX (SOUK_RECORD_SIZE_MAX + 4096)
#define SOUK_BID_ANSWER_MS 10000

/* Owners of pins: the requester's content and results, the provider's staged data and results. */
#define SOUK_JOB_PIN "job"
#define SOUK_WORK_PIN "work"
/* Kinds of documents; their phase is one of the two below. */
#define SOUK_JOB_KIND "job"
#define SOUK_WORK_KIND "work"
#define SOUK_WORK_BID_KIND "work-bid" /* work that was not awarded yet */
#define SOUK_DOCUMENT_LIVE 0
#define SOUK_DOCUMENT_OVER 1

/* Standard output and error together; the sandbox gives no more either. */
#define SOUK_RESULT_OUTPUT_MAX (64 * 1024 * 1024)
/* What a job may keep in files, and so the most that it gives back in them. */
#define SOUK_RESULT_FILES_MAX (64 * 1024 * 1024)
/* Module, input and files together: what the sandbox takes. */
#define SOUK_STAGED_BYTES_MAX (256 * 1024 * 1024)

/* ---- messages ---- */

/* Reads a message that a peer sent. Returns: (transfer full) (nullable): free with
 * souk_message_free; NULL when it is malformed or not canonical. */
Souk__JobMessage *souk_job_message_read (SoukSlice in);
/* Each queues a message; false when the stream is closed or full. */
bool souk_job_message_send (SoukStream *stream, const Souk__JobMessage *message);
bool souk_job_send_id (SoukStream *stream, Souk__JobMessage__BodyCase kind, SoukSlice id);
bool souk_job_send_refusal (SoukStream *stream, const char *code, const char *sentence);
bool souk_job_send_result (SoukStream *stream, const SoukJobResult *result);
/* A peer's result; the hash that it states goes to out_hash. */
bool souk_job_result_read (const Souk__JobResult *message, SoukJobResult *out,
                           uint8_t out_hash[SOUK_HASH_SIZE]);
bool souk_id_is (ProtobufCBinaryData field, const uint8_t id[32]);

/* Returns: (transfer full): a BidReply; `id` NULL makes it a refusal. */
GBytes *souk_bid_reply_new (const uint8_t *id, const char *code, const char *sentence);

/* ---- the chain ---- */

/* Where a priced job's deal lives. */
SoukDomain souk_job_domain (const SoukJobSpec *spec);

/* ---- a job's data ---- */

/* Module, input if there is one, files: the CID at this place, NULL behind the last. */
const SoukCid *souk_job_spec_content (const SoukJobSpec *spec, guint place);
bool souk_job_spec_has_content (const SoukJobSpec *spec, const SoukCid *cid);

/* ---- replies ---- */

/* The stable name of a phase by its number on disk. */
typedef const char *(*SoukPhaseName) (uint32_t phase);
/* Returns: (transfer full): shapes "TimelineEntry". */
JsonArray *souk_timeline_json (const SoukTimeline *timeline, SoukPhaseName name);

/* ---- tables by 32-byte ids ---- */

guint souk_id_hash (gconstpointer id);
gboolean souk_id_equal (gconstpointer a, gconstpointer b);

/* ---- alarms ---- */

/* One timer, set again and again. Zero-initialised. */
typedef struct {
  GSource *source;
} SoukAlarm;
/* Calls at `when`, or a minute from now if that is sooner, since wall clocks jump; SOUK_WALL_NEVER
 * clears it. The function returns G_SOURCE_REMOVE. */
void souk_alarm_set (SoukAlarm *self, SoukWall when, GSourceFunc func, gpointer user);
void souk_alarm_clear (SoukAlarm *self);

/* ---- reaching a peer that may not be connected ---- */

typedef struct SoukReach SoukReach;
/* `stream` or `error` is NULL; start the stream before returning. */
typedef void (*SoukReachStream) (SoukStream *stream, const GError *error, void *user);
/* `reply` or `error` is NULL. */
typedef void (*SoukReachReply) (GBytes *reply, const GError *error, void *user);
/* Each calls `done` once, later, unless it is cancelled. Returns: valid until `done`. */
SoukReach *souk_reach_open (SoukSwarm *swarm, const SoukPeerId *peer, const char *protocol,
                            SoukReachStream done, void *user);
SoukReach *souk_reach_ask (SoukSwarm *swarm, const SoukPeerId *peer, const char *protocol,
                           GBytes *request, size_t reply_max, unsigned timeout_ms,
                           SoukReachReply done, void *user);
void souk_reach_cancel (SoukReach *self);
