/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The choice among bids. PURE. See scheduler.h.
 */
#include "market/scheduler.h"

#define PARTS 4

static const char *const strong_words[PARTS] = {
  "the best price",
  "the best record with this node",
  "the quickest expected answer",
  "most of the data at hand",
};

static const char *const weak_words[PARTS] = {
  "its price is higher",
  "its record with this node is weaker",
  "it would answer later",
  "it has less of the data at hand",
};

static uint32_t
part (const SoukScoreParts *parts, size_t i)
{
  const uint32_t values[PARTS]
      = { parts->price, parts->reliability, parts->latency, parts->locality };
  return values[i];
}

/* best * 1000 / own, 1000 when own is 0. Amounts have 128 bits at most, so nothing overflows. */
static uint32_t
price_part (SoukWei best, SoukWei own)
{
  SoukU256 scaled, quotient;
  uint64_t value;
  if (souk_wei_is_zero (own))
    return SOUK_SCORE_WHOLE;
  SoukStatus status
      = souk_u256_mul (souk_wei_to_u256 (best), souk_u256_from_u64 (SOUK_SCORE_WHOLE), &scaled);
  if (status != SOUK_STATUS_OK)
    return 0;
  souk_u256_divmod (scaled, souk_wei_to_u256 (own), &quotient, NULL);
  bool fits = souk_u256_to_u64 (quotient, &value);
  return fits ? (uint32_t)MIN (value, SOUK_SCORE_WHOLE) : 0;
}

/* A bidder's claims may be any number; a day is as bad as for ever. */
static uint64_t
answer_ms (const SoukBidder *bidder)
{
  return MIN (bidder->eta_ms, SOUK_JOB_WALL_MS_MAX) + bidder->rtt_ms + 1;
}

static void
score_parts (const SoukBidder *bidders, size_t count, SoukBidScore *scores)
{
  SoukWei cheapest = bidders[0].price;
  uint64_t fastest = answer_ms (&bidders[0]);
  for (size_t i = 1; i < count; i++)
    {
      if (souk_wei_compare (bidders[i].price, cheapest) < 0)
        cheapest = bidders[i].price;
      fastest = MIN (fastest, answer_ms (&bidders[i]));
    }
  for (size_t i = 0; i < count; i++)
    {
      const SoukBidder *bidder = &bidders[i];
      uint64_t known = (uint64_t)bidder->done + bidder->failed + 2;
      scores[i].parts = (SoukScoreParts){
        .price = price_part (cheapest, bidder->price),
        .reliability = (uint32_t)(((uint64_t)bidder->done + 1) * SOUK_SCORE_WHOLE / known),
        .latency = (uint32_t)(fastest * SOUK_SCORE_WHOLE / answer_ms (bidder)),
        .locality = MIN (bidder->local_permille, SOUK_SCORE_WHOLE),
      };
    }
}

static uint32_t
weighted (const SoukScoreParts *parts, const SoukScoreParts *weights)
{
  uint64_t sum = 0, whole = 0;
  for (size_t i = 0; i < PARTS; i++)
    {
      sum += (uint64_t)part (parts, i) * part (weights, i);
      whole += part (weights, i);
    }
  g_assert (whole > 0);
  return (uint32_t)(sum / whole);
}

static bool
is_better (const SoukBidder *a, const SoukBidScore *score_a, const SoukBidder *b,
           const SoukBidScore *score_b)
{
  if (score_a->total != score_b->total)
    return score_a->total > score_b->total;
  int by_price = souk_wei_compare (a->price, b->price);
  if (by_price != 0)
    return by_price < 0;
  return souk_peer_id_compare (&a->peer, &b->peer) < 0;
}

/* The part in which `self` is furthest ahead of `other`, by weight; -1 when in none. */
static int
widest_lead (const SoukScoreParts *self, const SoukScoreParts *other, const SoukScoreParts *weights)
{
  int found = -1;
  int64_t lead = 0;
  for (size_t i = 0; i < PARTS; i++)
    {
      int64_t gap = ((int64_t)part (self, i) - part (other, i)) * part (weights, i);
      if (gap > lead)
        {
          lead = gap;
          found = (int)i;
        }
    }
  return found;
}

static char *
winner_sentence (const SoukChoice *choice, const SoukBidder *bidders, ptrdiff_t second)
{
  const SoukBidScore *score = &choice->scores[choice->winner];
  if (second < 0)
    return g_strdup_printf ("Chosen with %u of 1000: it is the only bid left.", score->total);
  const SoukBidScore *other = &choice->scores[second];
  int lead = widest_lead (&score->parts, &other->parts, &choice->weights);
  if (score->total > other->total && lead >= 0)
    return g_strdup_printf ("Chosen with %u of 1000, %u ahead of the next bid: it has %s.",
                            score->total, score->total - other->total, strong_words[lead]);
  bool by_price = souk_wei_compare (bidders[choice->winner].price, bidders[second].price) != 0;
  return g_strdup_printf ("Chosen with %u of 1000, equal to the next bid: %s.", score->total,
                          by_price ? "it is cheaper" : "its peer id comes first");
}

static char *
loser_sentence (const SoukChoice *choice, const SoukBidder *bidders, size_t i)
{
  const SoukBidScore *score = &choice->scores[i];
  if (bidders[i].is_out)
    return g_strdup_printf ("Not considered: %s", bidders[i].out_word);
  const SoukBidScore *won = &choice->scores[choice->winner];
  int lead = widest_lead (&won->parts, &score->parts, &choice->weights);
  if (won->total > score->total && lead >= 0)
    return g_strdup_printf ("%u of 1000, %u behind the chosen bid: %s.", score->total,
                            won->total - score->total, weak_words[lead]);
  bool by_price = souk_wei_compare (bidders[choice->winner].price, bidders[i].price) != 0;
  return g_strdup_printf ("%u of 1000, equal to the chosen bid, which %s.", score->total,
                          by_price ? "is cheaper" : "has the peer id that comes first");
}

SoukChoice *
souk_scheduler_choose (const SoukBidder *bidders, size_t count, SoukScoreParts weights)
{
  SoukChoice *choice = g_new0 (SoukChoice, 1);
  ptrdiff_t second = -1;
  choice->weights = weights;
  choice->winner = -1;
  choice->count = count;
  choice->scores = g_new0 (SoukBidScore, count + 1);
  if (count > 0)
    score_parts (bidders, count, choice->scores);
  for (size_t i = 0; i < count; i++)
    {
      SoukBidScore *score = &choice->scores[i];
      score->total = weighted (&score->parts, &weights);
      if (bidders[i].is_out)
        continue;
      ptrdiff_t best = choice->winner;
      if (best < 0 || is_better (&bidders[i], score, &bidders[best], &choice->scores[best]))
        {
          second = best;
          choice->winner = (ptrdiff_t)i;
        }
      else if (second < 0
               || is_better (&bidders[i], score, &bidders[second], &choice->scores[second]))
        second = (ptrdiff_t)i;
    }
  for (size_t i = 0; i < count; i++)
    choice->scores[i].reason = (ptrdiff_t)i == choice->winner
                                   ? winner_sentence (choice, bidders, second)
                                   : loser_sentence (choice, bidders, i);
  return choice;
}

void
souk_choice_free (SoukChoice *self)
{
  if (self == NULL)
    return;
  for (size_t i = 0; i < self->count; i++)
    g_free (self->scores[i].reason);
  g_free (self->scores);
  g_free (self);
}
