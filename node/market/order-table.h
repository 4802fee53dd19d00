/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order machine's rows, for order.c and for the tests that walk all of them. PURE.
 */
#pragma once
#include "market/order.h"

/* Events as the rows see them: what had to be decided is decided (order.c, refine). */
/* clang-format off */
#define SOUK_ORDER_INPUTS(X)                                                                        \
  X (START_FREE) X (START_PAID) X (CANCEL) X (OFFER_GOOD) X (OFFER_BAD) X (REFUSED) X (FETCHED)     \
  X (OPENED) X (OPENED_OVER) X (OPEN_BAD) X (OPEN_BAD_ARBITER) X (OPEN_BAD_OVER) X (GIVE_UP)        \
  X (TX_STORED) X (TX_FAILED) X (BOUGHT) X (KEY_RIGHT) X (KEY_WRONG) X (DISPUTED)                   \
  X (RELEASED) X (REFUNDED) X (RESOLVED)                                                            \
  X (UNDO_BOUGHT) X (UNDO_DELIVERED) X (UNDO_DISPUTED) X (UNDO_SETTLED) X (TIMEOUT)
/* clang-format on */

typedef enum {
#define SOUK_ORDER_INPUT_ENUM(symbol) SOUK_ORDER_IN_##symbol,
  SOUK_ORDER_INPUTS (SOUK_ORDER_INPUT_ENUM)
#undef SOUK_ORDER_INPUT_ENUM
      SOUK_ORDER_INPUT_COUNT
} SoukOrderInput;

/* Two targets that are no phases: none, and the phase before a settlement. */
#define SOUK_ORDER_STAYS 0
#define SOUK_ORDER_BACK 63

typedef struct {
  uint64_t from; /* a mask of phases */
  SoukOrderInput input;
  uint8_t to; /* a phase, SOUK_ORDER_STAYS or SOUK_ORDER_BACK */
  SoukSeenChange seen;
  void (*action) (SoukOrder *self, const SoukOrderEvent *event); /* NULL: none */
  SoukOrderReason reason; /* NONE: the reason stays, or the action sets it */
} SoukOrderRow;

const SoukOrderRow *souk_order_rows (SoukOrderRole role, size_t *out_count);
/* Returns: (nullable): the one row for this, if any. */
const SoukOrderRow *souk_order_find_row (SoukOrderRole role, SoukOrderPhase phase,
                                         SoukOrderInput input);

/* Which deadline a phase has; order.c says when each is. */
typedef enum {
  SOUK_ORDER_DEADLINE_NONE,
  SOUK_ORDER_DEADLINE_ASK,     /* a minute for the seller's answer */
  SOUK_ORDER_DEADLINE_FETCH,   /* ten minutes, and the offer must still hold */
  SOUK_ORDER_DEADLINE_BUY,     /* shortly before the offer ends */
  SOUK_ORDER_DEADLINE_LAPSE,   /* shortly after it */
  SOUK_ORDER_DEADLINE_DELIVER, /* the chain's, and a little, as clocks differ */
  SOUK_ORDER_DEADLINE_CONFIRM, /* the chain's */
  SOUK_ORDER_DEADLINE_OBJECT,  /* the same, and something happens */
  SOUK_ORDER_DEADLINE_CLAIM,   /* the same and a little */
  SOUK_ORDER_DEADLINE_RESOLVE, /* the chain's and a little */
} SoukOrderDeadline;

typedef struct {
  const char *name;
  SoukOrderCommand command;
  SoukOrderCommand watched;
  uint32_t tries_max; /* 0: for ever */
  uint32_t pause_ms;
  SoukOrderDeadline deadline;
  const char *sentence;
  const char *then;
} SoukOrderPhaseInfo;

/* Returns: (nullable): NULL for a number that is no phase. */
const SoukOrderPhaseInfo *souk_order_phase_info (unsigned phase);
