/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words of the order machine: commands, reasons, phases. PURE. See order.h.
 *
 * Numbers are on disk: do not renumber. Names are stable: the API and the log carry them.
 * Phase columns: number, symbol, name, its command, the command whose transaction it waits for,
 * how often the command may fail (0: for ever), first pause in ms, which deadline, what it is, what
 * happens by itself at the deadline.
 */
#pragma once

/* clang-format off */
#define SOUK_ORDER_COMMANDS(X)                                                                      \
  X (0,  NONE,            "none",            false)                                                 \
  X (1,  REQUEST_OFFER,   "request-offer",   false)                                                 \
  X (2,  FETCH_CONTENT,   "fetch-content",   false)                                                 \
  X (3,  SUBMIT_BUY,      "submit-buy",      true)                                                  \
  X (4,  OPEN_CONTENT,    "open-content",    false)                                                 \
  X (5,  SUBMIT_RELEASE,  "submit-release",  true)                                                  \
  X (6,  SUBMIT_REFUND,   "submit-refund",   true)                                                  \
  X (7,  SUBMIT_MISMATCH, "submit-mismatch", true)                                                  \
  X (8,  SUBMIT_DISPUTE,  "submit-dispute",  true)                                                  \
  X (9,  SUBMIT_RESOLVE,  "submit-resolve",  true)                                                  \
  X (10, SUBMIT_DELIVER,  "submit-deliver",  true)

#define SOUK_ORDER_REASONS(X)                                                                       \
  X (0,  NONE,            "none",            "Nothing went wrong.")                                 \
  X (1,  CANCELLED,       "cancelled",       "You cancelled it before any money moved.")            \
  X (2,  SELLER_SILENT,   "seller-silent",   "The seller's node did not answer.")                   \
  X (3,  SELLER_REFUSED,  "seller-refused",  "The seller's node refused.")                          \
  X (4,  OFFER_BAD,       "offer-bad",       "The seller's offer is not what the listing says.")    \
  X (5,  OFFER_EXPIRED,   "offer-expired",   "The seller's offer ran out before it could be bought.") \
  X (6,  CONTENT_MISSING, "content-missing", "Nobody could send the content, so nothing was paid.") \
  X (7,  CONTENT_BAD,     "content-bad",     "The content cannot be opened or is not the one listed.") \
  X (8,  WRONG_KEY,       "wrong-key",       "The seller revealed a key that is not the listing's.") \
  X (9,  NO_FUNDS,        "no-funds",        "The wallet cannot pay the price and the gas.")        \
  X (10, BUY_FAILED,      "buy-failed",      "The contract refused the purchase.")                  \
  X (11, NOT_DELIVERED,   "not-delivered",   "The key did not come in time.")                       \
  X (12, PAID_UNDELIVERED, "paid-undelivered", "The money was released before the key came.")       \
  X (13, NOT_BOUGHT,      "not-bought",      "The buyer did not buy while the offer held.")         \
  X (14, NO_WALLET,       "no-wallet",       "There is no open wallet to pay from.")

#define SOUK_ORDER_PHASES(X)                                                                        \
  /* ---- the buyer's ---- */                                                                       \
  X (1,  DRAFT,           "draft",           NONE,            NONE,            0, 0,     NONE,    "Not started.", "") \
  X (2,  OFFER_REQUESTED, "offer-requested", REQUEST_OFFER,   NONE,            4, 3000,  ASK,     "Asking the seller for an offer.", "The order ends; nothing is paid.") \
  X (3,  OFFERED,         "offered",         FETCH_CONTENT,   NONE,            6, 5000,  FETCH,   "The seller made an offer; fetching the sealed content first.", "The order ends; nothing is paid.") \
  X (4,  FETCHING,        "fetching",        FETCH_CONTENT,   NONE,            6, 5000,  FETCH,   "Fetching the content.", "The order ends.") \
  X (5,  CONTENT_FETCHED, "content-fetched", SUBMIT_BUY,      NONE,            6, 5000,  BUY,     "The sealed content is here; about to pay into the contract.", "The order ends; nothing is paid.") \
  X (6,  BUYING,          "buying",          NONE,            SUBMIT_BUY,      0, 0,     NONE,    "The payment waits for the chain.", "") \
  X (7,  BOUGHT,          "bought",          NONE,            NONE,            0, 0,     DELIVER, "The contract holds the money; waiting for the seller's key.", "Your money is claimed back by itself.") \
  X (8,  DELIVERED,       "delivered",       OPEN_CONTENT,    NONE,            0, 2000,  NONE,    "Opening and checking the content.", "") \
  X (9,  OPENED,          "opened",          SUBMIT_RELEASE,  NONE,            0, 5000,  CONFIRM, "The content is checked and yours; releasing the money.", "The seller can take the money without your release.") \
  X (10, RELEASING,       "releasing",       NONE,            SUBMIT_RELEASE,  0, 0,     CONFIRM, "The release waits for the chain.", "The seller can take the money without your release.") \
  X (11, COMPLETE,        "complete",        NONE,            NONE,            0, 0,     NONE,    "Done.", "") \
  X (12, REFUND_DUE,      "refund-due",      SUBMIT_REFUND,   NONE,            0, 5000,  NONE,    "The key did not come; claiming the money back.", "") \
  X (13, REFUNDING,       "refunding",       NONE,            SUBMIT_REFUND,   0, 0,     NONE,    "The refund waits for the chain.", "") \
  X (14, REFUNDED,        "refunded",        NONE,            NONE,            0, 0,     NONE,    "The money went back to the buyer.", "") \
  X (15, MISMATCH,        "mismatch",        SUBMIT_MISMATCH, NONE,            0, 5000,  CONFIRM, "The key is wrong; proving it to the contract.", "The seller can take the money.") \
  X (16, PROVING,         "proving",         NONE,            SUBMIT_MISMATCH, 0, 0,     CONFIRM, "The proof waits for the chain.", "The seller can take the money.") \
  X (17, DISPUTE_DUE,     "dispute-due",     SUBMIT_DISPUTE,  NONE,            0, 5000,  OBJECT,  "The content is bad; calling the arbiter.", "It is too late for a dispute.") \
  X (18, DISPUTING,       "disputing",       NONE,            SUBMIT_DISPUTE,  0, 0,     CONFIRM, "The dispute waits for the chain.", "The seller can take the money.") \
  X (19, DISPUTED,        "disputed",        NONE,            NONE,            0, 0,     RESOLVE, "The arbiter decides.", "The money is halved by itself.") \
  X (20, RESOLVE_DUE,     "resolve-due",     SUBMIT_RESOLVE,  NONE,            0, 5000,  NONE,    "The arbiter was silent; halving the money.", "") \
  X (21, RESOLVING,       "resolving",       NONE,            SUBMIT_RESOLVE,  0, 0,     NONE,    "The halving waits for the chain.", "") \
  X (22, RESOLVED,        "resolved",        NONE,            NONE,            0, 0,     NONE,    "The money was split.", "") \
  X (23, WITHHELD,        "withheld",        NONE,            NONE,            0, 0,     CONFIRM, "The content is bad; the money is not released.", "The seller can take the money all the same.") \
  X (24, FAILED,          "failed",          NONE,            NONE,            0, 0,     NONE,    "It did not work out.", "") \
  X (25, CANCELLED,       "cancelled",       NONE,            NONE,            0, 0,     NONE,    "Cancelled.", "") \
  /* ---- the seller's; REFUNDED, DISPUTED, RESOLVE_DUE, RESOLVING, RESOLVED are shared ---- */     \
  X (32, OFFER_MADE,      "offer-made",      NONE,            NONE,            0, 0,     LAPSE,   "An offer is out; the buyer may buy.", "The offer lapses.") \
  X (33, LAPSED,          "lapsed",          NONE,            NONE,            0, 0,     NONE,    "The buyer did not buy.", "") \
  X (34, FUNDED_SEEN,     "funded-seen",     SUBMIT_DELIVER,  NONE,            0, 3000,  DELIVER, "The contract holds the buyer's money; revealing the key.", "The buyer can take the money back.") \
  X (35, DELIVERING,      "delivering",      NONE,            SUBMIT_DELIVER,  0, 0,     DELIVER, "The key waits for the chain.", "The buyer can take the money back.") \
  X (36, HANDED_OVER,     "handed-over",     NONE,            NONE,            0, 0,     CLAIM,   "The buyer has the key.", "The money is claimed by itself.") \
  X (37, CLAIM_DUE,       "claim-due",       SUBMIT_RELEASE,  NONE,            0, 5000,  NONE,    "The buyer was silent; claiming the money.", "") \
  X (38, CLAIMING,        "claiming",        NONE,            SUBMIT_RELEASE,  0, 0,     NONE,    "The claim waits for the chain.", "") \
  X (39, PAID,            "paid",            NONE,            NONE,            0, 0,     NONE,    "Paid.", "") \
  X (40, MISSED,          "missed",          NONE,            NONE,            0, 0,     NONE,    "The key came too late; the buyer gets the money back.", "")
/* clang-format on */

typedef enum {
#define SOUK_ORDER_COMMAND_ENUM(number, symbol, name, is_transaction)                              \
  SOUK_ORDER_COMMAND_##symbol = number,
  SOUK_ORDER_COMMANDS (SOUK_ORDER_COMMAND_ENUM)
#undef SOUK_ORDER_COMMAND_ENUM
      SOUK_ORDER_COMMAND_COUNT
} SoukOrderCommand;

typedef enum {
#define SOUK_ORDER_REASON_ENUM(number, symbol, name, sentence) SOUK_ORDER_REASON_##symbol = number,
  SOUK_ORDER_REASONS (SOUK_ORDER_REASON_ENUM)
#undef SOUK_ORDER_REASON_ENUM
      SOUK_ORDER_REASON_COUNT
} SoukOrderReason;

typedef enum {
#define SOUK_ORDER_PHASE_ENUM(number, symbol, ...) SOUK_ORDER_##symbol = number,
  SOUK_ORDER_PHASES (SOUK_ORDER_PHASE_ENUM)
#undef SOUK_ORDER_PHASE_ENUM
} SoukOrderPhase;

/* Phases fit into a 64-bit mask. */
#define SOUK_ORDER_PHASE_MAX 63

/* Returns: the stable name. Never NULL. */
const char *souk_order_command_name (SoukOrderCommand command);
const char *souk_order_reason_name (SoukOrderReason reason);
const char *souk_order_reason_sentence (SoukOrderReason reason);
const char *souk_order_phase_name (SoukOrderPhase phase);
const char *souk_order_phase_sentence (SoukOrderPhase phase);
