/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can go wrong by a peer's or a protocol's doing: one table. PURE, no allocation.
 *
 * Each row is {symbol, name, fault, penalty, sentence}. The name is stable: the log, the API and
 * other programs match on it. The penalty is what a peer's score loses when it is at fault.
 * Errors of the environment (disk, network, chain) are GErrors and are made by drivers.
 */
#pragma once
#include <stdbool.h>

/* Whose doing a failure is. */
typedef enum {
  SOUK_FAULT_NONE,  /* nobody's: not a failure, or the ordinary end of a thing */
  SOUK_FAULT_PEER,  /* the other side broke the protocol */
  SOUK_FAULT_LOCAL, /* this side cannot go on (limits, configuration) */
} SoukFault;

/* clang-format off */
#define SOUK_STATUS_TABLE(X)                                                                        \
  /* ---- base ---- */                                                                              \
  X (OK,                  "ok",                    NONE,  0,  "All is well.")                       \
  X (SHORT_READ,          "short-read",            PEER,  5,  "The message ends before it should.") \
  X (BAD_VARINT,          "bad-varint",            PEER,  5,  "A number is longer than its shortest form or than 9 bytes.") \
  X (BAD_ENCODING,        "bad-encoding",          PEER,  5,  "The bytes are not of the form that the format asks for.") \
  X (BAD_CID,             "bad-cid",               PEER,  5,  "This is not a content identifier that Souk can read.") \
  X (BAD_MULTIADDR,       "bad-multiaddr",         PEER,  2,  "This is not an address that Souk can read.") \
  X (BAD_PEER_ID,         "bad-peer-id",           PEER,  5,  "This is not a peer id that Souk can read.") \
  X (TOO_LARGE,           "too-large",             PEER,  10, "The message is larger than the limit.") \
  X (UNSUPPORTED,         "unsupported",           LOCAL, 0,  "Souk does not support this form.")    \
  X (OVERFLOW,            "overflow",              LOCAL, 0,  "The amount does not fit into 256 bits.") \
  X (BAD_NUMBER,          "bad-number",            LOCAL, 0,  "This is not a number that Souk can read.") \
  X (BAD_SIGNATURE,       "bad-signature",         PEER,  20, "The signature does not match its author.") \
  X (LIMIT,               "limit",                 LOCAL, 0,  "A limit of this node is reached.")    \
  /* ---- wire ---- */                                                                              \
  /* ---- link ---- */                                                                              \
  /* ---- mesh ---- */                                                                              \
  X (UNSIGNED,            "unsigned",              PEER,  20, "The message does not say who wrote it, or is not signed.") \
  X (BAD_BLOCK,           "bad-block",             PEER,  20, "A block is not what its identifier names.") \
  X (BAD_SYNC,            "bad-sync",              PEER,  10, "The two sides' lists cannot be compared: the ranges are out of order.") \
  /* ---- dag ---- */                                                                               \
  X (BAD_DAG,             "bad-dag",               PEER,  10, "The blocks do not fit together as the content says.") \
  X (NOT_A_FILE,          "not-a-file",            LOCAL, 0,  "This content is no file.")           \
  X (NOT_A_FOLDER,        "not-a-folder",          LOCAL, 0,  "This content is no folder.")         \
  /* ---- market ---- */                                                                            \
  /* ---- chain ---- */                                                                             \
  /* ---- end ---- */
/* clang-format on */

typedef enum {
#define SOUK_STATUS_ENUM(symbol, name, fault, penalty, sentence) SOUK_STATUS_##symbol,
  SOUK_STATUS_TABLE (SOUK_STATUS_ENUM)
#undef SOUK_STATUS_ENUM
  SOUK_STATUS_COUNT
} SoukStatus;

/* Returns: the stable name ("bad-varint"). Never NULL; owned by the table. */
const char *souk_status_name (SoukStatus status);

/* Returns: a sentence for a person. Never NULL; owned by the table. */
const char *souk_status_sentence (SoukStatus status);

/* Returns: whose doing the failure is. */
SoukFault souk_status_fault (SoukStatus status);

/* Returns: what a peer at fault loses of its score, 0 to 100. */
int souk_status_penalty (SoukStatus status);

/* Returns from the calling function when `expr` is not OK. */
#define SOUK_TRY(expr)                                                                             \
  do                                                                                               \
    {                                                                                              \
      SoukStatus souk_try_status_ = (expr);                                                        \
      if (souk_try_status_ != SOUK_STATUS_OK)                                                      \
        return souk_try_status_;                                                                   \
    }                                                                                              \
  while (0)
