/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why a contract refused: the data of a revert, as a name and a sentence. PURE.
 */
#pragma once
#include "base/bytes.h"
#include "chain/abi.h"

/* A reason that a contract wrote itself is cut here: a person reads it. */
#define SOUK_REVERT_TEXT_MAX 200

/* {name, argument types, has a number, sentence} */
/* clang-format off */
#define SOUK_REVERT_TABLE(X)                                                                       \
  X (NotParty,        "",        "This step belongs to another party of the deal.")                \
  X (WrongState,      "uint8",   "The deal is not in a state where this step exists.")             \
  X (TooEarly,        "uint256", "The other side may still act.")                                  \
  X (TooLate,         "uint256", "The time for this step is over.")                                \
  X (BadValue,        "",        "The amount is zero, too large, not covered, or not what was sent along.") \
  X (BadSignature,    "",        "The signature is not that of the party which the terms name.")   \
  X (BadTerms,        "",        "The terms are inconsistent, cancelled, out of bounds, or void by a newer counter.") \
  X (TransferFailed,  "",        "The receiver refused the coin.")                                 \
  X (TokenNotExact,   "",        "The token moved another amount than it was told to.")            \
  X (BadKey,          "",        "The key or the capsule is not what the offer commits to.")       \
  X (NotMismatch,     "",        "Key and capsule give the content key of the listing: the delivery was right.") \
  X (EnforcedPause,   "",        "The contract takes no new deals at present.")                    \
  X (ExpectedPause,   "",        "The contract is not paused.")                                    \
  X (ReentrancyGuardReentrantCall, "", "The call came from inside another call of the contract.")  \
  X (OwnableUnauthorizedAccount, "address", "Only the contract's owner may do this.")              \
  X (OwnableInvalidOwner, "address", "This address cannot own the contract.")                      \
  X (SafeERC20FailedOperation, "address", "The token refused the transfer.")
/* clang-format on */

typedef struct {
  uint8_t selector[SOUK_ABI_SELECTOR_SIZE];
  bool is_known;        /* one of the table, or Solidity's own Error and Panic */
  const char *name;     /* "TooLate", "Error", "Panic", "" ; owned by the table */
  const char *sentence; /* never NULL; owned by the table */
  bool has_argument;
  SoukU256 argument;                   /* TooEarly, TooLate, WrongState, Panic */
  char text[SOUK_REVERT_TEXT_MAX + 1]; /* Error(string)'s, valid UTF-8, else "" */
} SoukRevert;

/* Reads revert data of any form; data that says nothing gives an unknown revert. */
void souk_revert_decode (SoukSlice data, SoukRevert *out);
