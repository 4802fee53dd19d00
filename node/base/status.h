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
  X (BAD_MULTISTREAM,     "bad-multistream",     PEER,  10, "The peer negotiates a protocol in a way that multistream-select does not know.") \
  X (PROTOCOL_REFUSED,    "protocol-refused",    NONE,  0,  "The peer does not speak this protocol.") \
  X (BAD_HANDSHAKE,       "bad-handshake",       PEER,  20, "The handshake of the secure channel is malformed.") \
  X (BAD_MAC,             "bad-mac",             PEER,  20, "Encrypted data was altered, or encrypted with another key.") \
  X (WRONG_PEER,          "wrong-peer",          NONE,  0,  "Another peer than the expected one answers at this address.") \
  X (SELF_DIAL,           "self-dial",           NONE,  0,  "The address leads back to this node.") \
  X (NO_SECURITY,         "no-security",         NONE,  0,  "The peer does not offer the Noise secure channel.") \
  X (NO_MUXER,            "no-muxer",            NONE,  0,  "The peer has no stream multiplexer in common with Souk.") \
  X (BAD_FRAME,           "bad-frame",           PEER,  20, "A frame of the stream multiplexer is malformed or comes at the wrong time.") \
  X (WINDOW_OVERRUN,      "window-overrun",      PEER,  20, "The peer sends more than the receive window allows.") \
  X (CONTROL_FLOOD,       "control-flood",       PEER,  20, "The peer asks for more answers than it reads.") \
  X (TIMED_OUT,           "timed-out",           PEER,  1,  "The peer did not answer in time.") \
  X (STREAM_RESET,        "stream-reset",        NONE,  0,  "The stream was reset.") \
  X (UNKNOWN_STREAM,      "unknown-stream",      LOCAL, 0,  "There is no such stream any more.") \
  X (GONE_AWAY,           "gone-away",           NONE,  0,  "The peer says that it ends the connection.") \
  X (CLOSED,              "closed",              NONE,  0,  "The connection is closed.") \
  X (CUT_OFF,             "cut-off",             NONE,  0,  "The connection ended in the middle of something.") \
  X (BAD_PEER_RECORD,     "bad-peer-record",     PEER,  10, "A signed peer record is malformed or of another peer.") \
  /* ---- mesh ---- */                                                                              \
  X (UNSIGNED,            "unsigned",              PEER,  20, "The message does not say who wrote it, or is not signed.") \
  X (BAD_BLOCK,           "bad-block",             PEER,  20, "A block is not what its identifier names.") \
  X (BAD_SYNC,            "bad-sync",              PEER,  10, "The two sides' lists cannot be compared: the ranges are out of order.") \
  X (BAD_KAD,             "bad-kad",               PEER,  10, "A message of the distributed hash table cannot be read, or does not answer what was asked.") \
  X (KAD_NAMESPACE,       "kad-namespace",         LOCAL, 0,  "Records of this name space are not checked here, and so not kept.") \
  X (KAD_RECORD,          "kad-record",            PEER,  10, "The record does not hold what its key names.") \
  X (KAD_NOT_FOUND,       "kad-not-found",         NONE,  0,  "Nobody in the distributed hash table has what was looked for.") \
  X (KAD_ALONE,           "kad-alone",             NONE,  0,  "No peer of the distributed hash table answers.") \
  /* ---- dag ---- */                                                                               \
  X (BAD_DAG,             "bad-dag",               PEER,  10, "The blocks do not fit together as the content says.") \
  X (NOT_A_FILE,          "not-a-file",            LOCAL, 0,  "This content is no file.")           \
  X (NOT_A_FOLDER,        "not-a-folder",          LOCAL, 0,  "This content is no folder.")         \
  X (NO_SUCH_NAME,        "no-such-name",          LOCAL, 0,  "The folder has nothing of this name.") \
  /* ---- market ---- */                                                                            \
  X (RECORD_FORM,         "record-form",           PEER,  20, "The record is not in its one canonical form.") \
  X (RECORD_TYPE,         "record-type",           PEER,  0,  "The record is of a type that Souk does not know.") \
  X (RECORD_KEY,          "record-key",            PEER,  10, "The record's key is missing or too long.") \
  X (RECORD_EXPIRED,      "record-expired",        PEER,  0,  "The record has expired.") \
  X (RECORD_EXPIRY,       "record-expiry",         PEER,  10, "The record would live longer than 30 days.") \
  X (RECORD_WALLET,       "record-wallet",         PEER,  20, "The wallet has not signed for this peer.") \
  X (RECORD_BODY,         "record-body",           PEER,  10, "The record has no body, or one although it withdraws.") \
  X (LISTING_TEXT,        "listing-text",          PEER,  10, "A text of the listing is missing, too long or not clean UTF-8.") \
  X (LISTING_TAGS,        "listing-tags",          PEER,  10, "The listing's tags or model hints are too many, too long or empty.") \
  X (LISTING_CATEGORY,    "listing-category",      PEER,  10, "The listing's category is no short lower-case word.") \
  X (LISTING_PRICE,       "listing-price",         PEER,  10, "The listing's price is not a sane amount.") \
  X (LISTING_CHAIN,       "listing-chain",         PEER,  10, "A priced listing needs a wallet, a chain, a contract and a key commitment; a free one has none.") \
  X (LISTING_CONTENT,     "listing-content",       PEER,  10, "The listing's content id or size is wrong.") \
  X (LISTING_WINDOW,      "listing-window",        PEER,  10, "The listing's times for delivery or confirmation are out of bounds.") \
  X (JOB_MODULE,          "job-module",            PEER,  10, "The job names no module, or an input that is no content id.") \
  X (JOB_ARGS,            "job-args",              PEER,  10, "The job's arguments, environment or title are too many or too long.") \
  X (JOB_FILES,           "job-files",             PEER,  10, "A file of the job has no proper path or content id.") \
  X (JOB_LIMITS,          "job-limits",            PEER,  10, "The job's limits are missing or beyond what Souk runs.") \
  X (JOB_PRICE,           "job-price",             PEER,  10, "The job's highest price lacks its wallet, chain or contract, or is not sane.") \
  X (JOB_TIME,            "job-time",              PEER,  10, "The job's bid window, deadline or settlement times are out of bounds.") \
  X (PROVIDER_INFO,       "provider-info",         PEER,  10, "The provider's announcement does not hold together.") \
  X (CATALOGUE_FULL,      "catalogue-full",        LOCAL, 0,  "The catalogue is full.") \
  X (AUTHOR_FULL,         "author-full",           LOCAL, 0,  "This author has too many records here already.") \
  X (OFFER_FORM,          "offer-form",            PEER,  10, "The offer is not in the form that was agreed.") \
  X (OFFER_PARTY,         "offer-party",           PEER,  20, "The offer names another seller, buyer, token or arbiter.") \
  X (OFFER_PRICE,         "offer-price",           PEER,  20, "The offer asks for another price than the listing.") \
  X (OFFER_HASH,          "offer-hash",            PEER,  20, "The offer commits to another content than the listing.") \
  X (OFFER_CAPSULE,       "offer-capsule",         PEER,  20, "The capsule is not the one that the offer commits to.") \
  X (OFFER_WINDOW,        "offer-window",          PEER,  10, "The offer's times differ from the listing's.") \
  X (OFFER_EXPIRED,       "offer-expired",         PEER,  0,  "The offer has expired or soon will.") \
  X (BID_FORM,            "bid-form",              PEER,  10, "The bid is not in the form that was agreed.") \
  X (BID_JOB,             "bid-job",               PEER,  10, "The bid is for another job.") \
  X (BID_PARTY,           "bid-party",             PEER,  20, "The bid names another provider, requester, token or arbiter.") \
  X (BID_PRICE,           "bid-price",             PEER,  2,  "The bid asks for more than the job's highest price.") \
  X (BID_WINDOW,          "bid-window",            PEER,  10, "The bid's settlement times differ from the job's.") \
  X (BID_EXPIRED,         "bid-expired",           PEER,  0,  "The bid has expired or soon will.") \
  X (BID_LATE,            "bid-late",              PEER,  0,  "The bid came when no more bids were taken.") \
  X (BID_BARRED,          "bid-barred",            PEER,  0,  "This provider has already failed at this job.") \
  X (RECEIPT_BAD,         "receipt-bad",           PEER,  20, "The receipt is not the requester's word for this result and this price.") \
  X (CONTENT_KEY,         "content-key",           PEER,  20, "The key is not the one that the listing commits to.") \
  X (CONTENT_SEAL,        "content-seal",          PEER,  20, "The key does not open the content.") \
  X (STALE_EVENT,         "stale-event",           LOCAL, 0,  "This has no meaning in the present state.") \
  X (STATE_FORM,          "state-form",            LOCAL, 0,  "The saved state cannot be read.") \
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
