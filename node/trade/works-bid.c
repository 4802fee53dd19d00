/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which jobs this node offers to run, and the bid for each. See works.h.
 */
#include "trade/works-private.h"

#include "store/blocks.h"
#include "swarm/clock.h"
#include "trade/works-sandbox.h"

#include <string.h>

/* A free bid holds this much longer than the window in which bids are taken. */
#define FREE_BID_LEFT_S 120
/* What is left of a job's time, at the least, for it to be worth a bid. */
#define JOB_LEFT_S_MIN 30
/* Fetching a job's data and handing the result over, as bids promise it. */
#define HANDLING_MS 1000
#define LOCAL_MODULE 700
#define LOCAL_INPUT 300

/* ---- deciding ---- */

static void
log_refusal (SoukWorks *self, const SoukRecord *record, const char *code, const char *sentence)
{
  g_autofree char *thing = souk_thing_to_string (record->thing);
  souk_log_record (self->context.log, SOUK_LOG_INFO, "work.no-bid",
                   "A job on the market gets no bid from this node.",
                   souk_log_string ("thing", thing), souk_log_peer ("requester", &record->author),
                   souk_log_string ("code", code), souk_log_string ("reason", sentence));
}

/* The price is not this computer's, or could not be paid. */
static const char *
refuse_price (SoukWorks *self, const SoukJobSpec *spec, const char **out_sentence)
{
  SoukWei price = souk_provider_settings (self->provider)->price;
  if (souk_wei_compare (spec->max_price, price) < 0)
    {
      *out_sentence = "The job pays less than this computer asks.";
      return "price";
    }
  if (souk_wei_is_zero (price))
    return NULL;
  if (self->context.money == NULL)
    {
      *out_sentence = "This node has no chain to be paid on.";
      return "no-chain";
    }
  SoukDomain domain = souk_money_domain (self->context.money, SOUK_ESCROW_MARKET_COMPUTE);
  if (spec->chain_id != domain.chain_id
      || !souk_address_is_equal (&spec->contract, &domain.contract)
      || !souk_address_is_zero (&spec->token))
    {
      *out_sentence = "The job is paid on another chain, by another contract or in another coin.";
      return "other-chain";
    }
  return NULL;
}

const char *
souk_works_refuse (SoukWorks *self, const SoukJobSpec *spec, const char **out_sentence)
{
  SoukPolicyAsk ask = {
    .memory_mb = spec->limits.memory_mb,
    .wall_ms = spec->limits.wall_ms,
    .disk_mb = spec->limits.output_bytes >> 20,
  };
  SoukPolicyVerdict verdict = souk_provider_decide (self->provider, &ask, out_sentence);
  if (verdict != SOUK_POLICY_TAKE)
    return souk_policy_name (verdict);
  if (spec->limits.output_bytes > SOUK_RESULT_OUTPUT_MAX)
    {
      *out_sentence = "The job may write more than this computer keeps.";
      return "job-output";
    }
  if (spec->deadline < souk_wall_seconds (souk_wall_now ()) + JOB_LEFT_S_MIN)
    {
      *out_sentence = "The job's deadline is too near.";
      return "deadline";
    }
  return refuse_price (self, spec, out_sentence);
}

/* What this node has to do with the job or its author already. */
static const char *
refuse_again (SoukWorks *self, const SoukRecord *record, const char **out_sentence)
{
  GHashTableIter iter;
  gpointer value;
  unsigned all = 0, of_peer = 0;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const SoukWorkEntry *entry = value;
      const SoukWork *work = entry->work;
      bool is_this = memcmp (work->record->thing, record->thing, SOUK_RECORD_ID_SIZE) == 0;
      bool is_bid = work->phase == SOUK_WORK_BID_MADE;
      if (is_this && entry->was_awarded)
        {
          *out_sentence = "This node has had the job already.";
          return "again";
        }
      all += is_bid;
      of_peer += is_bid && souk_peer_id_is_equal (&work->requester, &record->author);
    }
  if (all < SOUK_WORKS_BIDS_MAX && of_peer < SOUK_WORKS_BIDS_PER_PEER_MAX)
    return NULL;
  *out_sentence = "Too many bids are waiting for an answer.";
  return "bids";
}

/* ---- bidding ---- */

static uint32_t
local_permille (SoukWorks *self, const SoukJobSpec *spec)
{
  uint32_t local = 0;
  if (souk_blocks_size (self->context.store, &spec->module) >= 0)
    local += LOCAL_MODULE;
  if (!spec->has_input || souk_blocks_size (self->context.store, &spec->input) >= 0)
    local += LOCAL_INPUT;
  return local;
}

static void
fill_bid (SoukWorks *self, const SoukRecord *record, const SoukJobSpec *spec, SoukBid *out)
{
  const SoukProviderSettings *settings = souk_provider_settings (self->provider);
  int64_t now_s = souk_wall_seconds (souk_wall_now ());
  *out = (SoukBid){
    .peer = *souk_swarm_self (self->context.swarm),
    .price = settings->price,
    .eta_ms = MIN (self->run_ms_usual, spec->limits.wall_ms) + HANDLING_MS,
    .valid_until = now_s + spec->bid_window_ms / 1000 + FREE_BID_LEFT_S,
    .cpus = g_get_num_processors (),
    .memory_mb = settings->memory_mb,
    .local_permille = local_permille (self, spec),
  };
  memcpy (out->job, record->thing, sizeof out->job);
  souk_job_hash (out->job_hash, souk_slice_from_bytes (record->body));
}

/* The requester's answer. A refused bid is left to lapse: the chain might still tell of it. */
static void
on_answer (GBytes *reply, const GError *error, void *user)
{
  SoukWorkEntry *entry = user;
  SoukLog *log = entry->works->context.log;
  SoukWork *work = entry->work;
  g_autofree char *id = souk_hex_encode (souk_slice (work->id, sizeof work->id));
  SOUK_AUTO_MESSAGE Souk__BidReply *message = NULL;
  entry->reach = NULL;
  if (reply != NULL)
    message = souk_message_unpack (&souk__bid_reply__descriptor, souk_slice_from_bytes (reply));
  if (message != NULL && message->body_case == SOUK__BID_REPLY__BODY_ACCEPTED
      && souk_id_is (message->accepted, work->bid.id))
    {
      souk_log_record (log, SOUK_LOG_INFO, "work.bid-taken", "The requester has this node's bid.",
                       souk_log_string ("job", id), souk_log_peer ("requester", &work->requester));
      return;
    }
  char sentence[SOUK_SENTENCE_MAX + 1] = "Its answer makes no sense.";
  if (error != NULL)
    souk_sentence_copy (sentence, sizeof sentence, error->message);
  else if (message != NULL && message->body_case == SOUK__BID_REPLY__BODY_REFUSAL)
    souk_sentence_copy (sentence, sizeof sentence, message->refusal->sentence);
  souk_log_record (log, SOUK_LOG_INFO, "work.bid-refused",
                   "The requester does not take this node's bid.", souk_log_string ("job", id),
                   souk_log_peer ("requester", &work->requester),
                   souk_log_string ("reason", sentence));
}

static void
make_bid (SoukWorks *self, const SoukRecord *record, const SoukJobSpec *spec)
{
  SoukBid bid;
  uint8_t deal[SOUK_HASH_SIZE];
  const char *sentence;
  fill_bid (self, record, spec, &bid);
  bool has_price = !souk_wei_is_zero (bid.price);
  if (has_price && !souk_works_sign_bid (self, record, spec, &bid, deal, &sentence))
    {
      log_refusal (self, record, "no-wallet", sentence);
      return;
    }
  g_autoptr (GBytes) message = souk_bid_to_bytes (&bid);
  SoukWork *work = souk_work_new (record, &bid, has_price ? deal : NULL, souk_wall_now (),
                                  souk_swarm_rng (self->context.swarm));
  SoukWorkEntry *entry = souk_works_add (self, work);
  /* The bid binds this node only once it is awarded, which waits for the disk. */
  entry->reach = souk_reach_ask (self->context.swarm, &record->author, SOUK_BID_PROTOCOL, message,
                                 SOUK_BID_MESSAGE_MAX, SOUK_BID_ANSWER_MS, on_answer, entry);
}

static void
on_record (SoukBoard *board, const SoukRecord *record, SoukPutResult result, void *user)
{
  SoukWorks *self = user;
  g_autoptr (SoukJobSpec) spec = NULL;
  const char *code, *sentence;
  if (record->type != SOUK_RECORD_JOB || record->is_withdrawn
      || !souk_provider_settings (self->provider)->is_enabled
      || souk_peer_id_is_equal (&record->author, souk_swarm_self (self->context.swarm))
      || souk_job_spec_from_record (record, &spec) != SOUK_STATUS_OK)
    return;
  code = souk_works_refuse (self, spec, &sentence);
  if (code == NULL)
    code = refuse_again (self, record, &sentence);
  if (code != NULL)
    log_refusal (self, record, code, sentence);
  else
    make_bid (self, record, spec);
}

void
souk_works_watch_board (SoukWorks *self)
{
  souk_board_watch (self->context.board, on_record, self);
}
