/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order machine: its life. PURE. See order.h; the rows are in order-table.c.
 */
#include "market/order.h"

#include "market/content.h"
#include "market/order-table.h"

#include <sodium.h>
#include <string.h>

#define ASK_S 60
#define FETCH_S 600
/* A purchase needs some blocks before the offer ends. */
#define BUY_LEFT_S 30
/* Block times and clocks differ by some seconds; who acts after a deadline waits so long. */
#define GRACE_S 15

/* ---- making and freeing ---- */

static SoukOrder *
order_new (SoukOrderRole role, SoukOrderPhase phase, const SoukRecord *record,
           const SoukListing *listing, const SoukPeerId *peer, const SoukAddress *buyer,
           SoukWall now, SoukRng *rng)
{
  SoukOrder *self = g_new0 (SoukOrder, 1);
  souk_rng_fill (rng, self->id, sizeof self->id);
  self->role = role;
  self->phase = phase;
  memcpy (self->thing, record->thing, sizeof self->thing);
  memcpy (self->record, record->id, sizeof self->record);
  self->peer = *peer;
  souk_sentence_copy (self->title, sizeof self->title, listing->title);
  self->cid = listing->cid;
  self->size_bytes = listing->size_bytes;
  self->price = listing->price;
  self->chain_id = listing->chain_id;
  self->contract = listing->contract;
  self->expected = (SoukOfferExpected){
    .seller = record->wallet,
    .buyer = *buyer,
    .token = listing->token,
    .price = listing->price,
    .deliver_within_s = listing->deliver_within_s,
    .confirm_window_s = listing->confirm_window_s,
  };
  memcpy (self->expected.key_commitment, listing->key_commitment, SOUK_HASH_SIZE);
  souk_timeline_add (&self->timeline, phase, now);
  return self;
}

SoukOrder *
souk_order_new_buyer (const SoukRecord *record, const SoukListing *listing,
                      const SoukAddress *buyer, SoukWall now, SoukRng *rng)
{
  return order_new (SOUK_ORDER_BUYER, SOUK_ORDER_DRAFT, record, listing, &record->author, buyer,
                    now, rng);
}

SoukOrder *
souk_order_new_seller (const SoukRecord *record, const SoukListing *listing,
                       const SoukPeerId *buyer_peer, const SoukOfferDraft *draft,
                       const uint8_t signature[SOUK_ECDSA_SIZE], const uint8_t deal[SOUK_HASH_SIZE],
                       SoukWall now, SoukRng *rng)
{
  g_assert (!souk_listing_is_free (listing));
  SoukOrder *self = order_new (SOUK_ORDER_SELLER, SOUK_ORDER_OFFER_MADE, record, listing,
                               buyer_peer, &draft->terms.buyer, now, rng);
  self->has_offer = true;
  self->terms = draft->terms;
  memcpy (self->signature, signature, sizeof self->signature);
  memcpy (self->deal, deal, sizeof self->deal);
  memcpy (self->capsule, draft->capsule, sizeof self->capsule);
  memcpy (self->key, draft->key, sizeof self->key);
  self->has_key = true;
  self->seen = SOUK_SEEN_SENT;
  return self;
}

void
souk_order_free (SoukOrder *self)
{
  if (self == NULL)
    return;
  sodium_memzero (self, sizeof *self);
  g_free (self);
}

/* ---- events ---- */

static SoukOrderInput
refine_opened (const SoukOrder *self, bool is_good)
{
  bool is_over = souk_order_is_free (self) || self->settlement.end != SOUK_END_NONE;
  if (is_good)
    return is_over ? SOUK_ORDER_IN_OPENED_OVER : SOUK_ORDER_IN_OPENED;
  if (is_over)
    return SOUK_ORDER_IN_OPEN_BAD_OVER;
  return souk_address_is_zero (&self->terms.arbiter) ? SOUK_ORDER_IN_OPEN_BAD
                                                     : SOUK_ORDER_IN_OPEN_BAD_ARBITER;
}

static SoukOrderInput
refine_key (const SoukOrder *self, const uint8_t key[32])
{
  uint8_t content_key[SOUK_CONTENT_KEY_SIZE];
  if (self->role == SOUK_ORDER_SELLER)
    return SOUK_ORDER_IN_KEY_RIGHT;
  SoukStatus status = souk_capsule_open (content_key, self->capsule, key, self->terms.content_hash);
  sodium_memzero (content_key, sizeof content_key);
  return status == SOUK_STATUS_OK ? SOUK_ORDER_IN_KEY_RIGHT : SOUK_ORDER_IN_KEY_WRONG;
}

static SoukOrderInput
refine_settled (const SoukOrderEvent *event)
{
  switch (event->settlement.end)
    {
    case SOUK_END_RELEASED:
      return SOUK_ORDER_IN_RELEASED;
    case SOUK_END_REFUNDED:
      return SOUK_ORDER_IN_REFUNDED;
    case SOUK_END_RESOLVED:
      return SOUK_ORDER_IN_RESOLVED;
    case SOUK_END_NONE:
      break;
    }
  return SOUK_ORDER_INPUT_COUNT;
}

/* The bad offer's status becomes the detail that the person reads. */
static SoukOrderInput
refine_offer (const SoukOrder *self, SoukOrderEvent *event, SoukWall now)
{
  SoukStatus status = souk_offer_check (event->terms, event->capsule, event->hash, event->signature,
                                        &self->expected, now);
  if (status == SOUK_STATUS_OK)
    return SOUK_ORDER_IN_OFFER_GOOD;
  event->detail = souk_status_sentence (status);
  return SOUK_ORDER_IN_OFFER_BAD;
}

/* Decides what an event means before the rows are asked; INPUT_COUNT: nothing. */
static SoukOrderInput
refine (const SoukOrder *self, SoukOrderEvent *event, SoukWall now)
{
  const SoukOrderPhaseInfo *info = souk_order_phase_info (self->phase);
  switch (event->kind)
    {
    case SOUK_ORDER_EVENT_START:
      return souk_order_is_free (self) ? SOUK_ORDER_IN_START_FREE : SOUK_ORDER_IN_START_PAID;
    case SOUK_ORDER_EVENT_CANCEL:
      return SOUK_ORDER_IN_CANCEL;
    case SOUK_ORDER_EVENT_OFFER:
      return self->phase == SOUK_ORDER_OFFER_REQUESTED ? refine_offer (self, event, now)
                                                       : SOUK_ORDER_INPUT_COUNT;
    case SOUK_ORDER_EVENT_REFUSED:
      return SOUK_ORDER_IN_REFUSED;
    case SOUK_ORDER_EVENT_FETCHED:
      return SOUK_ORDER_IN_FETCHED;
    case SOUK_ORDER_EVENT_OPENED:
      return refine_opened (self, event->is_good);
    case SOUK_ORDER_EVENT_COMMAND_FAILED:
      return SOUK_ORDER_IN_GIVE_UP;
    case SOUK_ORDER_EVENT_TX_STORED:
      return event->command == info->command ? SOUK_ORDER_IN_TX_STORED : SOUK_ORDER_INPUT_COUNT;
    case SOUK_ORDER_EVENT_TX_FAILED:
      return event->command == info->watched ? SOUK_ORDER_IN_TX_FAILED : SOUK_ORDER_INPUT_COUNT;
    case SOUK_ORDER_EVENT_BOUGHT:
      /* A purchase that is told again after its end is a replay. */
      return self->has_offer && self->settlement.end == SOUK_END_NONE ? SOUK_ORDER_IN_BOUGHT
                                                                      : SOUK_ORDER_INPUT_COUNT;
    case SOUK_ORDER_EVENT_DELIVERED:
      /* A log that is read again tells what is known. */
      if (!self->has_offer || (self->has_content_key && self->confirm_by == event->deadline))
        return SOUK_ORDER_INPUT_COUNT;
      return refine_key (self, event->hash);
    case SOUK_ORDER_EVENT_DISPUTED:
      return SOUK_ORDER_IN_DISPUTED;
    case SOUK_ORDER_EVENT_SETTLED:
      return self->has_offer ? refine_settled (event) : SOUK_ORDER_INPUT_COUNT;
    case SOUK_ORDER_EVENT_UNDO_BOUGHT:
      return SOUK_ORDER_IN_UNDO_BOUGHT;
    case SOUK_ORDER_EVENT_UNDO_DELIVERED:
      return SOUK_ORDER_IN_UNDO_DELIVERED;
    case SOUK_ORDER_EVENT_UNDO_DISPUTED:
      return SOUK_ORDER_IN_UNDO_DISPUTED;
    case SOUK_ORDER_EVENT_UNDO_SETTLED:
      return self->settlement.end != SOUK_END_NONE ? SOUK_ORDER_IN_UNDO_SETTLED
                                                   : SOUK_ORDER_INPUT_COUNT;
    case SOUK_ORDER_EVENT_TIMEOUT:
      return SOUK_ORDER_IN_TIMEOUT;
    }
  g_assert_not_reached ();
}

static void
enter (SoukOrder *self, unsigned to, SoukWall now)
{
  SoukOrderPhase phase = to == SOUK_ORDER_BACK ? self->before : (SoukOrderPhase)to;
  g_assert (souk_order_phase_info (phase) != NULL);
  self->phase = phase;
  souk_timeline_add (&self->timeline, phase, now);
}

static void
take_row (SoukOrder *self, const SoukOrderRow *row, const SoukOrderEvent *event, SoukWall now)
{
  if (row->action != NULL)
    row->action (self, event);
  if (row->reason != SOUK_ORDER_REASON_NONE)
    self->reason = row->reason;
  souk_seen_change (&self->seen, row->seen);
  if (row->to == SOUK_ORDER_STAYS)
    return;
  enter (self, row->to, now);
  if (row->input == SOUK_ORDER_IN_TX_FAILED)
    souk_retry_later (&self->retry, souk_order_phase_info (self->phase)->pause_ms, now);
  else if (row->input != SOUK_ORDER_IN_TX_STORED)
    /* Transactions that fail again and again cost gas each time: their pauses keep growing. */
    souk_retry_reset (&self->retry);
}

/* A command's failure ends the order only where a row says so, and only for good reasons. */
static SoukStatus
command_failed (SoukOrder *self, const SoukOrderEvent *event, SoukWall now)
{
  const SoukOrderPhaseInfo *info = souk_order_phase_info (self->phase);
  if (event->command == SOUK_ORDER_COMMAND_NONE || event->command != info->command)
    return SOUK_STATUS_STALE_EVENT;
  const SoukOrderRow *row = souk_order_find_row (self->role, self->phase, SOUK_ORDER_IN_GIVE_UP);
  bool is_last = info->tries_max != 0 && self->retry.tries + 1 >= info->tries_max;
  if (row != NULL && (event->is_final || is_last))
    take_row (self, row, event, now);
  else
    souk_retry_later (&self->retry, info->pause_ms, now);
  return SOUK_STATUS_OK;
}

SoukStatus
souk_order_apply (SoukOrder *self, const SoukOrderEvent *event, SoukWall now)
{
  if (event->kind == SOUK_ORDER_EVENT_COMMAND_FAILED)
    return command_failed (self, event, now);
  SoukOrderEvent refined = *event;
  SoukOrderInput input = refine (self, &refined, now);
  if (input == SOUK_ORDER_INPUT_COUNT)
    return SOUK_STATUS_STALE_EVENT;
  const SoukOrderRow *row = souk_order_find_row (self->role, self->phase, input);
  if (row == NULL)
    return SOUK_STATUS_STALE_EVENT;
  take_row (self, row, &refined, now);
  return SOUK_STATUS_OK;
}

/* ---- commands and time ---- */

SoukOrderCommand
souk_order_next_command (SoukOrder *self, SoukWall now)
{
  const SoukOrderPhaseInfo *info = souk_order_phase_info (self->phase);
  if (info->command == SOUK_ORDER_COMMAND_NONE || !souk_retry_take (&self->retry, now))
    return SOUK_ORDER_COMMAND_NONE;
  return info->command;
}

void
souk_order_resume (SoukOrder *self)
{
  self->retry.is_issued = false;
  self->retry.due = (SoukWall){ 0 };
}

/* Seconds since 1970 plus something, or never for what is not known. */
static SoukWall
at_second (int64_t second, int64_t more)
{
  if (second <= 0 || second > INT64_MAX / SOUK_US_PER_S - more)
    return SOUK_WALL_NEVER;
  return souk_wall_from_seconds (second + more);
}

static SoukWall
offer_end (const SoukOrder *self, int64_t more)
{
  uint64_t until;
  if (!self->has_offer || !souk_u256_to_u64 (self->terms.valid_until, &until) || until > INT64_MAX)
    return SOUK_WALL_NEVER;
  return at_second ((int64_t)until, more);
}

static SoukWall
deadline_of (const SoukOrder *self, SoukOrderDeadline kind)
{
  SoukWall since = souk_timeline_since (&self->timeline);
  switch (kind)
    {
    case SOUK_ORDER_DEADLINE_NONE:
      return SOUK_WALL_NEVER;
    case SOUK_ORDER_DEADLINE_ASK:
      return (SoukWall){ since.us + ASK_S * SOUK_US_PER_S };
    case SOUK_ORDER_DEADLINE_FETCH:
      return souk_wall_min ((SoukWall){ since.us + FETCH_S * SOUK_US_PER_S },
                            offer_end (self, -BUY_LEFT_S));
    case SOUK_ORDER_DEADLINE_BUY:
      return offer_end (self, -BUY_LEFT_S);
    case SOUK_ORDER_DEADLINE_LAPSE:
      return offer_end (self, GRACE_S);
    case SOUK_ORDER_DEADLINE_DELIVER:
      return at_second (self->deliver_by, GRACE_S);
    case SOUK_ORDER_DEADLINE_CONFIRM:
    case SOUK_ORDER_DEADLINE_OBJECT:
      return at_second (self->confirm_by, 0);
    case SOUK_ORDER_DEADLINE_CLAIM:
      return at_second (self->confirm_by, GRACE_S);
    case SOUK_ORDER_DEADLINE_RESOLVE:
      return at_second (self->resolve_by, GRACE_S);
    }
  g_assert_not_reached ();
}

SoukWall
souk_order_deadline (const SoukOrder *self, const char **out_then)
{
  const SoukOrderPhaseInfo *info = souk_order_phase_info (self->phase);
  *out_then = info->then;
  return deadline_of (self, info->deadline);
}

/* The deadline, where something happens at it. */
static SoukWall
acting_deadline (const SoukOrder *self)
{
  if (souk_order_find_row (self->role, self->phase, SOUK_ORDER_IN_TIMEOUT) == NULL)
    return SOUK_WALL_NEVER;
  return deadline_of (self, souk_order_phase_info (self->phase)->deadline);
}

SoukWall
souk_order_wake (const SoukOrder *self)
{
  SoukWall wake = acting_deadline (self);
  bool has_command = souk_order_phase_info (self->phase)->command != SOUK_ORDER_COMMAND_NONE;
  if (has_command && !self->retry.is_issued)
    wake = souk_wall_min (wake, self->retry.due);
  return wake;
}

bool
souk_order_tick (SoukOrder *self, SoukWall now)
{
  bool has_changed = false;
  /* One wake-up may be late for several deadlines in a row; each phase is entered at most once. */
  while (acting_deadline (self).us <= now.us)
    {
      SoukOrderEvent timeout = { .kind = SOUK_ORDER_EVENT_TIMEOUT };
      SoukStatus status = souk_order_apply (self, &timeout, now);
      g_assert (status == SOUK_STATUS_OK);
      has_changed = true;
    }
  return has_changed;
}

bool
souk_order_is_free (const SoukOrder *self)
{
  return souk_wei_is_zero (self->price);
}

bool
souk_order_is_over (const SoukOrder *self)
{
  switch (self->phase)
    {
    case SOUK_ORDER_COMPLETE:
    case SOUK_ORDER_REFUNDED:
    case SOUK_ORDER_RESOLVED:
    case SOUK_ORDER_FAILED:
    case SOUK_ORDER_CANCELLED:
    case SOUK_ORDER_LAPSED:
    case SOUK_ORDER_PAID:
      return true;
    case SOUK_ORDER_DRAFT:
    case SOUK_ORDER_OFFER_REQUESTED:
    case SOUK_ORDER_OFFERED:
    case SOUK_ORDER_FETCHING:
    case SOUK_ORDER_CONTENT_FETCHED:
    case SOUK_ORDER_BUYING:
    case SOUK_ORDER_BOUGHT:
    case SOUK_ORDER_DELIVERED:
    case SOUK_ORDER_OPENED:
    case SOUK_ORDER_RELEASING:
    case SOUK_ORDER_REFUND_DUE:
    case SOUK_ORDER_REFUNDING:
    case SOUK_ORDER_MISMATCH:
    case SOUK_ORDER_PROVING:
    case SOUK_ORDER_DISPUTE_DUE:
    case SOUK_ORDER_DISPUTING:
    case SOUK_ORDER_DISPUTED:
    case SOUK_ORDER_RESOLVE_DUE:
    case SOUK_ORDER_RESOLVING:
    case SOUK_ORDER_WITHHELD:
    case SOUK_ORDER_OFFER_MADE:
    case SOUK_ORDER_FUNDED_SEEN:
    case SOUK_ORDER_DELIVERING:
    case SOUK_ORDER_HANDED_OVER:
    case SOUK_ORDER_CLAIM_DUE:
    case SOUK_ORDER_CLAIMING:
    case SOUK_ORDER_MISSED:
      return false;
    }
  g_assert_not_reached ();
}

SoukOrderCommand
souk_order_watched (const SoukOrder *self)
{
  return souk_order_phase_info (self->phase)->watched;
}
