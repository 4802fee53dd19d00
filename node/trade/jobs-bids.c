/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bids on this node's jobs, and what is remembered of those who made them. See jobs.h.
 *
 * An answer is sent before the bid is on the disk: a bid that a kill loses is one of several, and
 * its provider is told nothing that costs it anything.
 */
#include "trade/jobs-private.h"

#include "store/documents.h"
#include "swarm/clock.h"

#include <string.h>

#define HISTORY_KIND "provider-history"
#define HISTORY_SIZE 8
/* The round trip of a peer that was not measured yet. */
#define RTT_MS_UNKNOWN 100

/* ---- history ---- */

SoukHistory
souk_jobs_history (SoukJobs *self, const SoukPeerId *peer)
{
  const SoukHistory *fresh = g_hash_table_lookup (self->history, peer);
  SoukHistory history = { 0 };
  if (fresh != NULL)
    return *fresh;
  g_autoptr (GBytes) id = souk_peer_id_to_bytes (peer);
  g_autoptr (SoukDocument) document
      = souk_documents_get (self->context.store, HISTORY_KIND, souk_slice_from_bytes (id));
  if (document != NULL && g_bytes_get_size (document->body) == HISTORY_SIZE)
    {
      SoukReader reader = souk_reader (souk_slice_from_bytes (document->body));
      history.done = souk_reader_u32_be (&reader);
      history.failed = souk_reader_u32_be (&reader);
    }
  return history;
}

void
souk_jobs_note (SoukJobs *self, SoukStoreBatch *batch, const SoukPeerId *peer, bool is_good)
{
  SoukHistory history = souk_jobs_history (self, peer);
  g_autoptr (GBytes) id = souk_peer_id_to_bytes (peer);
  g_autoptr (GByteArray) body = g_byte_array_new ();
  uint32_t *count = is_good ? &history.done : &history.failed;
  if (*count < UINT32_MAX)
    (*count)++;
  souk_append_u32_be (body, history.done);
  souk_append_u32_be (body, history.failed);
  souk_documents_put (batch, HISTORY_KIND, souk_slice_from_bytes (id), 0, souk_wall_now (),
                      souk_slice_from_array (body));
  g_hash_table_replace (self->history, g_memdup2 (peer, sizeof *peer),
                        g_memdup2 (&history, sizeof history));
}

/* ---- bids ---- */

static uint32_t
rtt_ms_of (SoukSwarm *swarm, const SoukPeerId *peer)
{
  g_autoptr (SoukPeerInfo) info = souk_swarm_peer_info (swarm, peer);
  if (info == NULL || info->round_trip_us < 0)
    return RTT_MS_UNKNOWN;
  return (uint32_t)MIN (info->round_trip_us / SOUK_US_PER_MS, 60000);
}

static void
log_bid (SoukJobEntry *entry, const SoukBid *bid, SoukStatus status)
{
  g_autofree char *id = souk_hex_encode (souk_slice (entry->job->id, sizeof entry->job->id));
  g_autofree char *price = souk_wei_to_coins (bid->price, SOUK_COIN_DECIMALS);
  if (status == SOUK_STATUS_OK)
    souk_log_record (entry->jobs->context.log, SOUK_LOG_INFO, "job.bid", "A provider made a bid.",
                     souk_log_string ("job", id), souk_log_peer ("peer", &bid->peer),
                     souk_log_string ("price", price),
                     souk_log_int ("eta_ms", (int64_t)MIN (bid->eta_ms, INT64_MAX)));
  else
    souk_log_record (entry->jobs->context.log, SOUK_LOG_NOTICE, "job.bid-refused",
                     "A bid was refused.", souk_log_string ("job", id),
                     souk_log_peer ("peer", &bid->peer), souk_log_string ("price", price),
                     souk_log_status ("status", status),
                     souk_log_string ("reason", souk_status_sentence (status)));
}

/* Gives a bid to its job. */
static SoukStatus
take_bid (SoukJobs *self, const SoukBid *bid)
{
  SoukJobEntry *entry = souk_jobs_find_thing (self, bid->job);
  if (entry == NULL)
    return SOUK_STATUS_BID_JOB;
  SoukHistory history = souk_jobs_history (self, &bid->peer);
  SoukJobEvent event = {
    .kind = SOUK_JOB_EVENT_BID,
    .bid = bid,
    .rtt_ms = rtt_ms_of (self->context.swarm, &bid->peer),
    .done = history.done,
    .failed = history.failed,
  };
  if (bid->has_terms)
    {
      SoukDomain domain = souk_job_domain (entry->job->spec);
      souk_bid_digest (&domain, &bid->terms, event.hash);
    }
  SoukStatus status = souk_job_entry_take (entry, &event, NULL);
  log_bid (entry, bid, status);
  return status;
}

static void
on_bid (SoukSwarm *swarm, SoukRpcRequest *request, SoukSlice message, void *user)
{
  SoukJobs *self = user;
  const SoukPeerId *peer = souk_rpc_request_peer (request);
  SoukBid bid;
  SoukStatus status = souk_bid_from_bytes (message, peer, &bid);
  if (status == SOUK_STATUS_OK)
    status = take_bid (self, &bid);
  /* A job that is gone from here may be fresh on the board over there. */
  if (status != SOUK_STATUS_OK && status != SOUK_STATUS_BID_JOB)
    souk_swarm_penalise (swarm, peer, status);
  g_autoptr (GBytes) reply
      = souk_bid_reply_new (status == SOUK_STATUS_OK ? bid.id : NULL, souk_status_name (status),
                            souk_status_sentence (status));
  souk_rpc_reply (request, souk_slice_from_bytes (reply));
}

void
souk_jobs_serve_bids (SoukJobs *self)
{
  souk_rpc_serve (self->context.swarm, SOUK_BID_PROTOCOL, SOUK_BID_MESSAGE_MAX, SOUK_BID_ANSWER_MS,
                  on_bid, self, NULL);
}
