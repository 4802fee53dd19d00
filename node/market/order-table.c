/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order machine's rows. PURE. See order.h and order-table.h.
 *
 * Read a row as: in any of these phases, when this comes, do the action, go there. What has no row
 * has no meaning in that phase and changes nothing.
 */
#include "market/order-table.h"

#include "market/content.h"

#include <string.h>

#define ON(phase) (UINT64_C (1) << SOUK_ORDER_##phase)
#define IN(input) SOUK_ORDER_IN_##input
#define TO(phase) SOUK_ORDER_##phase
#define WHY(reason) SOUK_ORDER_REASON_##reason
#define KEEPS SOUK_SEEN_KEEPS
#define NOTHING SOUK_SEEN_BECOMES_NOTHING
#define SENT SOUK_SEEN_BECOMES_SENT
#define SEEN SOUK_SEEN_BECOMES_SEEN
#define STAYS SOUK_ORDER_STAYS
#define BACK SOUK_ORDER_BACK

/* ---- actions ---- */

static void
keep_detail (SoukOrder *self, const SoukOrderEvent *event)
{
  if (event->detail != NULL)
    souk_sentence_copy (self->detail, sizeof self->detail, event->detail);
}

static void
keep_reason (SoukOrder *self, const SoukOrderEvent *event)
{
  self->reason = event->reason;
  keep_detail (self, event);
}

static void
keep_offer (SoukOrder *self, const SoukOrderEvent *event)
{
  self->has_offer = true;
  self->terms = *event->terms;
  memcpy (self->signature, event->signature, sizeof self->signature);
  memcpy (self->capsule, event->capsule, sizeof self->capsule);
  memcpy (self->deal, event->hash, sizeof self->deal);
}

static void
keep_tx (SoukOrder *self, const SoukOrderEvent *event)
{
  self->has_tx[event->command] = true;
  memcpy (self->tx[event->command], event->hash, SOUK_HASH_SIZE);
}

static void
keep_deliver_by (SoukOrder *self, const SoukOrderEvent *event)
{
  self->deliver_by = event->deadline;
  /* An order that was given up before its purchase went through has a new life. */
  self->reason = SOUK_ORDER_REASON_NONE;
  self->detail[0] = '\0';
}

static void
keep_key (SoukOrder *self, const SoukOrderEvent *event)
{
  self->confirm_by = event->deadline;
  memcpy (self->key, event->hash, sizeof self->key);
  self->has_key = true;
  self->has_content_key
      = souk_capsule_open (self->content_key, self->capsule, self->key, self->terms.content_hash)
        == SOUK_STATUS_OK;
}

static void
keep_confirm_by (SoukOrder *self, const SoukOrderEvent *event)
{
  self->confirm_by = event->deadline;
}

static void
keep_resolve_by (SoukOrder *self, const SoukOrderEvent *event)
{
  self->resolve_by = event->deadline;
}

static void
keep_settlement (SoukOrder *self, const SoukOrderEvent *event)
{
  self->before = self->phase;
  self->settlement = event->settlement;
}

static void
drop_settlement (SoukOrder *self, const SoukOrderEvent *event)
{
  self->settlement = (SoukSettlement){ 0 };
  self->reason = SOUK_ORDER_REASON_NONE;
}

static void
drop_delivery (SoukOrder *self, const SoukOrderEvent *event)
{
  /* The key stays known: what was revealed is revealed. */
  self->confirm_by = 0;
}

static void
drop_purchase (SoukOrder *self, const SoukOrderEvent *event)
{
  self->deliver_by = 0;
  self->confirm_by = 0;
}

/* ---- the buyer ---- */

/* The money is in the contract, and the key is not here. */
#define WAITING (ON (BOUGHT) | ON (REFUND_DUE) | ON (REFUNDING))
/* The money is in the contract, the content is checked. */
#define HAPPY (ON (OPENED) | ON (RELEASING))
/* The money is in the contract, and something is wrong with what came. */
#define WRONG (ON (MISMATCH) | ON (PROVING))
#define UNHAPPY (ON (DISPUTE_DUE) | ON (DISPUTING) | ON (WITHHELD))
#define JUDGED (ON (DISPUTED) | ON (RESOLVE_DUE) | ON (RESOLVING))
#define FUNDED (WAITING | ON (DELIVERED) | HAPPY | WRONG | UNHAPPY | JUDGED)

static const SoukOrderRow buyer_rows[] = {
  /* clang-format off */
  { ON (DRAFT),           IN (START_FREE),       TO (FETCHING),        KEEPS,   NULL,            0 },
  { ON (DRAFT),           IN (START_PAID),       TO (OFFER_REQUESTED), SENT,    NULL,            0 },
  { ON (DRAFT) | ON (OFFER_REQUESTED) | ON (OFFERED) | ON (FETCHING) | ON (CONTENT_FETCHED),
                          IN (CANCEL),           TO (CANCELLED),       KEEPS,   NULL,            WHY (CANCELLED) },
  { ON (OFFER_REQUESTED), IN (OFFER_GOOD),       TO (OFFERED),         SEEN,    keep_offer,      0 },
  { ON (OFFER_REQUESTED), IN (OFFER_BAD),        TO (FAILED),          SEEN,    keep_detail,     WHY (OFFER_BAD) },
  { ON (OFFER_REQUESTED), IN (REFUSED),          TO (FAILED),          SEEN,    keep_detail,     WHY (SELLER_REFUSED) },
  { ON (OFFER_REQUESTED), IN (TIMEOUT),          TO (FAILED),          KEEPS,   NULL,            WHY (SELLER_SILENT) },
  { ON (OFFER_REQUESTED) | ON (OFFERED) | ON (FETCHING) | ON (CONTENT_FETCHED),
                          IN (GIVE_UP),          TO (FAILED),          KEEPS,   keep_reason,     0 },
  { ON (OFFERED) | ON (FETCHING),
                          IN (TIMEOUT),          TO (FAILED),          KEEPS,   NULL,            WHY (CONTENT_MISSING) },
  { ON (OFFERED),         IN (FETCHED),          TO (CONTENT_FETCHED), KEEPS,   NULL,            0 },
  { ON (FETCHING),        IN (FETCHED),          TO (DELIVERED),       KEEPS,   NULL,            0 },
  { ON (CONTENT_FETCHED), IN (TX_STORED),        TO (BUYING),          SENT,    keep_tx,         0 },
  { ON (CONTENT_FETCHED), IN (TIMEOUT),          TO (FAILED),          KEEPS,   NULL,            WHY (OFFER_EXPIRED) },
  { ON (BUYING),          IN (TX_FAILED),        TO (FAILED),          KEEPS,   keep_detail,     WHY (BUY_FAILED) },
  /* The chain is the truth, whatever was believed here. */
  { ON (OFFERED) | ON (CONTENT_FETCHED) | ON (BUYING) | ON (FAILED) | ON (CANCELLED),
                          IN (BOUGHT),           TO (BOUGHT),          SENT,    keep_deliver_by, 0 },

  { ON (BOUGHT),          IN (TIMEOUT),          TO (REFUND_DUE),      KEEPS,   NULL,            WHY (NOT_DELIVERED) },
  { WAITING,              IN (KEY_RIGHT),        TO (DELIVERED),       SEEN,    keep_key,        0 },
  { WAITING,              IN (KEY_WRONG),        TO (MISMATCH),        SEEN,    keep_key,        WHY (WRONG_KEY) },
  { ON (REFUND_DUE),      IN (TX_STORED),        TO (REFUNDING),       SENT,    keep_tx,         0 },
  { ON (REFUNDING),       IN (TX_FAILED),        TO (REFUND_DUE),      KEEPS,   keep_detail,     0 },

  { ON (DELIVERED),       IN (OPENED),           TO (OPENED),          NOTHING, NULL,            0 },
  { ON (DELIVERED),       IN (OPENED_OVER),      TO (COMPLETE),        KEEPS,   NULL,            0 },
  { ON (DELIVERED),       IN (OPEN_BAD),         TO (WITHHELD),        NOTHING, keep_detail,     WHY (CONTENT_BAD) },
  { ON (DELIVERED),       IN (OPEN_BAD_ARBITER), TO (DISPUTE_DUE),     NOTHING, keep_detail,     WHY (CONTENT_BAD) },
  { ON (DELIVERED),       IN (OPEN_BAD_OVER),    TO (FAILED),          KEEPS,   keep_detail,     WHY (CONTENT_BAD) },
  { ON (OPENED),          IN (TX_STORED),        TO (RELEASING),       SENT,    keep_tx,         0 },
  { ON (RELEASING),       IN (TX_FAILED),        TO (OPENED),          KEEPS,   keep_detail,     0 },

  { ON (MISMATCH),        IN (TX_STORED),        TO (PROVING),         SENT,    keep_tx,         0 },
  { ON (PROVING),         IN (TX_FAILED),        TO (MISMATCH),        KEEPS,   keep_detail,     0 },
  { ON (DISPUTE_DUE),     IN (TX_STORED),        TO (DISPUTING),       SENT,    keep_tx,         0 },
  { ON (DISPUTE_DUE),     IN (TIMEOUT),          TO (WITHHELD),        KEEPS,   NULL,            0 },
  { ON (DISPUTING),       IN (TX_FAILED),        TO (DISPUTE_DUE),     KEEPS,   keep_detail,     0 },
  { ON (DISPUTE_DUE) | ON (DISPUTING) | ON (WITHHELD),
                          IN (DISPUTED),         TO (DISPUTED),        SENT,    keep_resolve_by, 0 },
  { ON (DISPUTED),        IN (TIMEOUT),          TO (RESOLVE_DUE),     KEEPS,   NULL,            0 },
  { ON (RESOLVE_DUE),     IN (TX_STORED),        TO (RESOLVING),       SENT,    keep_tx,         0 },
  { ON (RESOLVING),       IN (TX_FAILED),        TO (RESOLVE_DUE),     KEEPS,   keep_detail,     0 },

  /* How the money goes, by whoever's doing. */
  { WAITING,              IN (RELEASED),         TO (FAILED),          SEEN,    keep_settlement, WHY (PAID_UNDELIVERED) },
  { ON (DELIVERED),       IN (RELEASED),         STAYS,                SEEN,    keep_settlement, 0 },
  { HAPPY,                IN (RELEASED),         TO (COMPLETE),        SEEN,    keep_settlement, 0 },
  { WRONG,                IN (RELEASED),         TO (FAILED),          SEEN,    keep_settlement, WHY (WRONG_KEY) },
  { UNHAPPY | JUDGED,     IN (RELEASED),         TO (FAILED),          SEEN,    keep_settlement, WHY (CONTENT_BAD) },
  { FUNDED,               IN (REFUNDED),         TO (REFUNDED),        SEEN,    keep_settlement, 0 },
  { JUDGED,               IN (RESOLVED),         TO (RESOLVED),        SEEN,    keep_settlement, 0 },

  /* What the chain takes back. Checked content stays checked, so the release goes on. */
  { FUNDED,               IN (UNDO_BOUGHT),      TO (BUYING),          SENT,    drop_purchase,   0 },
  { ON (DELIVERED) | WRONG | UNHAPPY,
                          IN (UNDO_DELIVERED),   TO (BOUGHT),          KEEPS,   drop_delivery,   0 },
  { HAPPY,                IN (UNDO_DELIVERED),   STAYS,                KEEPS,   drop_delivery,   0 },
  { HAPPY,                IN (KEY_RIGHT),        STAYS,                KEEPS,   keep_confirm_by, 0 },
  { JUDGED,               IN (UNDO_DISPUTED),    TO (DISPUTING),       SENT,    NULL,            0 },
  { ON (COMPLETE) | ON (REFUNDED) | ON (RESOLVED) | ON (FAILED),
                          IN (UNDO_SETTLED),     BACK,                 SENT,    drop_settlement, 0 },
  { ON (DELIVERED),       IN (UNDO_SETTLED),     STAYS,                KEEPS,   drop_settlement, 0 },
  /* clang-format on */
};

/* ---- the seller ---- */

#define REVEALING (ON (FUNDED_SEEN) | ON (DELIVERING) | ON (MISSED))
#define REVEALED (ON (HANDED_OVER) | ON (CLAIM_DUE) | ON (CLAIMING))
#define HELD (REVEALING | REVEALED | JUDGED)

static const SoukOrderRow seller_rows[] = {
  /* clang-format off */
  { ON (OFFER_MADE),      IN (TIMEOUT),          TO (LAPSED),          KEEPS,   NULL,            WHY (NOT_BOUGHT) },
  { ON (OFFER_MADE) | ON (LAPSED),
                          IN (BOUGHT),           TO (FUNDED_SEEN),     SEEN,    keep_deliver_by, 0 },
  { ON (FUNDED_SEEN),     IN (TX_STORED),        TO (DELIVERING),      SENT,    keep_tx,         0 },
  { ON (DELIVERING),      IN (TX_FAILED),        TO (FUNDED_SEEN),     KEEPS,   keep_detail,     0 },
  { ON (FUNDED_SEEN) | ON (DELIVERING),
                          IN (TIMEOUT),          TO (MISSED),          KEEPS,   NULL,            WHY (NOT_DELIVERED) },
  { REVEALING,            IN (KEY_RIGHT),        TO (HANDED_OVER),     SENT,    keep_confirm_by, 0 },
  { ON (HANDED_OVER),     IN (TIMEOUT),          TO (CLAIM_DUE),       KEEPS,   NULL,            0 },
  { ON (CLAIM_DUE),       IN (TX_STORED),        TO (CLAIMING),        SENT,    keep_tx,         0 },
  { ON (CLAIMING),        IN (TX_FAILED),        TO (CLAIM_DUE),       KEEPS,   keep_detail,     0 },
  { REVEALED,             IN (DISPUTED),         TO (DISPUTED),        SEEN,    keep_resolve_by, 0 },
  { ON (DISPUTED),        IN (TIMEOUT),          TO (RESOLVE_DUE),     KEEPS,   NULL,            0 },
  { ON (RESOLVE_DUE),     IN (TX_STORED),        TO (RESOLVING),       SENT,    keep_tx,         0 },
  { ON (RESOLVING),       IN (TX_FAILED),        TO (RESOLVE_DUE),     KEEPS,   keep_detail,     0 },

  { HELD,                 IN (RELEASED),         TO (PAID),            SEEN,    keep_settlement, 0 },
  { HELD,                 IN (REFUNDED),         TO (REFUNDED),        SEEN,    keep_settlement, 0 },
  { JUDGED,               IN (RESOLVED),         TO (RESOLVED),        SEEN,    keep_settlement, 0 },

  { HELD,                 IN (UNDO_BOUGHT),      TO (OFFER_MADE),      SEEN,    drop_purchase,   0 },
  /* The key's transaction is stored, and whoever sends those sends it again. */
  { REVEALED,             IN (UNDO_DELIVERED),   TO (DELIVERING),      SENT,    drop_delivery,   0 },
  { JUDGED,               IN (UNDO_DISPUTED),    TO (HANDED_OVER),     KEEPS,   NULL,            0 },
  { ON (PAID) | ON (REFUNDED) | ON (RESOLVED),
                          IN (UNDO_SETTLED),     BACK,                 KEEPS,   drop_settlement, 0 },
  /* clang-format on */
};

const SoukOrderRow *
souk_order_rows (SoukOrderRole role, size_t *out_count)
{
  switch (role)
    {
    case SOUK_ORDER_BUYER:
      *out_count = G_N_ELEMENTS (buyer_rows);
      return buyer_rows;
    case SOUK_ORDER_SELLER:
      *out_count = G_N_ELEMENTS (seller_rows);
      return seller_rows;
    }
  g_assert_not_reached ();
}

const SoukOrderRow *
souk_order_find_row (SoukOrderRole role, SoukOrderPhase phase, SoukOrderInput input)
{
  size_t count;
  const SoukOrderRow *rows = souk_order_rows (role, &count);
  for (size_t i = 0; i < count; i++)
    if (rows[i].input == input && (rows[i].from >> phase & 1) != 0)
      return &rows[i];
  return NULL;
}

/* ---- words ---- */

static const SoukOrderPhaseInfo phases[SOUK_ORDER_PHASE_MAX + 1] = {
#define PHASE_ROW(number, symbol, name, command, watched, tries, pause, deadline, sentence, then)  \
  [number] = { name,                                                                               \
               SOUK_ORDER_COMMAND_##command,                                                       \
               SOUK_ORDER_COMMAND_##watched,                                                       \
               tries,                                                                              \
               pause,                                                                              \
               SOUK_ORDER_DEADLINE_##deadline,                                                     \
               sentence,                                                                           \
               then },
  SOUK_ORDER_PHASES (PHASE_ROW)
#undef PHASE_ROW
};

static const char *const command_names[SOUK_ORDER_COMMAND_COUNT] = {
#define COMMAND_NAME(number, symbol, name, is_transaction) [number] = name,
  SOUK_ORDER_COMMANDS (COMMAND_NAME)
#undef COMMAND_NAME
};

static const char *const reason_words[SOUK_ORDER_REASON_COUNT][2] = {
#define REASON_WORDS(number, symbol, name, sentence) [number] = { name, sentence },
  SOUK_ORDER_REASONS (REASON_WORDS)
#undef REASON_WORDS
};

const SoukOrderPhaseInfo *
souk_order_phase_info (unsigned phase)
{
  if (phase > SOUK_ORDER_PHASE_MAX || phases[phase].name == NULL)
    return NULL;
  return &phases[phase];
}

const char *
souk_order_command_name (SoukOrderCommand command)
{
  g_assert ((unsigned)command < SOUK_ORDER_COMMAND_COUNT);
  return command_names[command];
}

const char *
souk_order_reason_name (SoukOrderReason reason)
{
  g_assert ((unsigned)reason < SOUK_ORDER_REASON_COUNT);
  return reason_words[reason][0];
}

const char *
souk_order_reason_sentence (SoukOrderReason reason)
{
  g_assert ((unsigned)reason < SOUK_ORDER_REASON_COUNT);
  return reason_words[reason][1];
}

const char *
souk_order_phase_name (SoukOrderPhase phase)
{
  const SoukOrderPhaseInfo *info = souk_order_phase_info (phase);
  g_assert (info != NULL);
  return info->name;
}

const char *
souk_order_phase_sentence (SoukOrderPhase phase)
{
  const SoukOrderPhaseInfo *info = souk_order_phase_info (phase);
  g_assert (info != NULL);
  return info->sentence;
}
