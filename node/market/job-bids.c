/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bids on one job: taking them, dropping them, choosing. PURE. See job.h and job-table.h.
 */
#include "market/job-table.h"

#include <string.h>

static bool
is_of_this_round (const SoukJobBid *bid)
{
  return bid->out == SOUK_BID_IN || bid->out == SOUK_BID_DECLINED;
}

static SoukStatus
check_bidder (const SoukJob *self, const SoukPeerId *peer, size_t *out_place)
{
  size_t in_round = 0;
  *out_place = self->bid_count;
  for (size_t i = 0; i < self->bid_count; i++)
    {
      const SoukJobBid *bid = self->bids[i];
      in_round += is_of_this_round (bid);
      if (!souk_peer_id_is_equal (&bid->bid.peer, peer))
        continue;
      if (bid->out == SOUK_BID_FAULTY)
        return SOUK_STATUS_BID_BARRED;
      /* A newer bid of the same provider takes the place of its older one. */
      if (bid->out == SOUK_BID_IN)
        *out_place = i;
    }
  if (*out_place == self->bid_count
      && (in_round >= SOUK_BIDS_MAX || self->bid_count >= SOUK_JOB_BIDS_MAX))
    return SOUK_STATUS_LIMIT;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_job_add_bid (SoukJob *self, const SoukJobEvent *event, SoukWall now)
{
  size_t place;
  if (souk_job_find_row (self->phase, SOUK_JOB_IN_BID) == NULL)
    return SOUK_STATUS_BID_LATE;
  SOUK_TRY (check_bidder (self, &event->bid->peer, &place));
  SOUK_TRY (souk_bid_check (event->bid, &self->expected, event->hash, now));
  if (place == self->bid_count)
    self->bids[self->bid_count++] = g_new0 (SoukJobBid, 1);
  SoukJobBid *bid = self->bids[place];
  *bid = (SoukJobBid){
    .bid = *event->bid,
    .rtt_ms = event->rtt_ms,
    .done = event->done,
    .failed = event->failed,
  };
  if (event->bid->has_terms)
    memcpy (bid->deal, event->hash, sizeof bid->deal);
  return SOUK_STATUS_OK;
}

void
souk_job_drop_current (SoukJob *self, SoukBidOut out, const char *detail)
{
  g_assert (self->current >= 0);
  SoukJobBid *bid = self->bids[self->current];
  bid->out = out;
  souk_sentence_copy (bid->detail, sizeof bid->detail, detail);
  self->current = -1;
}

void
souk_job_age_bids (SoukJob *self)
{
  for (size_t i = 0; i < self->bid_count; i++)
    if (is_of_this_round (self->bids[i]))
      self->bids[i]->out = SOUK_BID_OLD;
}

bool
souk_job_had_bids (const SoukJob *self)
{
  for (size_t i = 0; i < self->bid_count; i++)
    if (is_of_this_round (self->bids[i]))
      return true;
  return false;
}

static void
drop_expired (SoukJob *self, SoukWall now)
{
  for (size_t i = 0; i < self->bid_count; i++)
    {
      SoukJobBid *bid = self->bids[i];
      if (bid->out != SOUK_BID_IN
          || bid->bid.valid_until >= souk_wall_seconds (now) + SOUK_BID_LEFT_S_MIN)
        continue;
      bid->out = SOUK_BID_DECLINED;
      souk_sentence_copy (bid->detail, sizeof bid->detail, "It has expired.");
    }
}

bool
souk_job_choose (SoukJob *self, SoukWall now)
{
  SoukBidder bidders[SOUK_JOB_BIDS_MAX];
  size_t places[SOUK_JOB_BIDS_MAX];
  size_t count = 0;
  drop_expired (self, now);
  for (size_t i = 0; i < self->bid_count; i++)
    {
      const SoukJobBid *bid = self->bids[i];
      if (bid->out == SOUK_BID_OLD)
        continue;
      places[count] = i;
      bidders[count++] = (SoukBidder){
        .peer = bid->bid.peer,
        .price = bid->bid.price,
        .eta_ms = bid->bid.eta_ms,
        .rtt_ms = bid->rtt_ms,
        .local_permille = bid->bid.local_permille,
        .done = bid->done,
        .failed = bid->failed,
        .is_out = bid->out != SOUK_BID_IN,
        .out_word = bid->detail,
      };
    }
  g_autoptr (SoukChoice) choice = souk_scheduler_choose (bidders, count, SOUK_SCHEDULER_WEIGHTS);
  for (size_t i = 0; i < count; i++)
    {
      SoukJobBid *bid = self->bids[places[i]];
      bid->score = choice->scores[i].total;
      bid->parts = choice->scores[i].parts;
      souk_sentence_copy (bid->sentence, sizeof bid->sentence, choice->scores[i].reason);
    }
  self->current = choice->winner >= 0 ? (ptrdiff_t)places[choice->winner] : -1;
  return self->current >= 0;
}
