/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bitswap 1.2.0 as one machine: fetching blocks from connected peers and serving them (IPFS specs,
 * bitswap-protocol). PURE.
 *
 * Messages (without their length prefix) and `now` go in; events are pulled until there are none;
 * one deadline says when souk_bitswap_tick() has work.
 *
 * Fetching: a wanted block is asked of the peer that the caller prefers, else of the one that sent
 * the last block; when that peer denies it or is slow, all are asked whether they have it and one
 * that does is asked for it. So the usual fetch costs one message and no peer sends a block twice.
 * Every block is checked against its CID before BLOCK reports it.
 *
 * Serving: each peer's want-list is kept; NEED asks the driver for a block only when there is room
 * to send it. A want that cannot be served stays until it is cancelled or too old, and is served
 * when souk_bitswap_block_added() says that the block came.
 *
 * The driver sends each SEND on a new stream and answers souk_bitswap_sent(); until then it gets
 * no further SEND for that peer. Owner: whoever made it. Limits: bitswap-limits.h.
 */
#pragma once
#include "base/peer-id.h"
#include "base/rng.h"
#include "base/time.h"
#include "mesh/bitswap-codec.h"

#define SOUK_BITSWAP_PROTOCOL "/ipfs/bitswap/1.2.0"

typedef struct SoukBitswap SoukBitswap;

typedef enum {
  SOUK_BITSWAP_EVENT_SEND,   /* `bytes` to `peer`, with a length prefix; then souk_bitswap_sent() */
  SOUK_BITSWAP_EVENT_NEED,   /* answer souk_bitswap_answer (peer, cid, …), now or later */
  SOUK_BITSWAP_EVENT_BLOCK,  /* `bytes` is the block `cid`, from `peer` */
  SOUK_BITSWAP_EVENT_FAILED, /* `cid` did not come in time */
} SoukBitswapEventType;

/* Valid until the next call of souk_bitswap_next(). */
typedef struct {
  SoukBitswapEventType type;
  SoukPeerId peer;  /* all but FAILED */
  SoukCid cid;      /* all but SEND */
  GBytes *bytes;    /* SEND, BLOCK */
  bool needs_block; /* NEED: false when presence and size will do */
} SoukBitswapEvent;

/* What the store says of a block. */
typedef struct {
  bool is_here;
  size_t size_bytes; /* when is_here */
  GBytes *block;     /* (nullable) (transfer none): the data; needed when NEED says so */
} SoukBitswapHolding;

typedef struct {
  size_t peers, wants, ledger, queued_bytes;
  uint64_t blocks_received, bytes_received, duplicates, blocks_sent, bytes_sent, messages_sent;
} SoukBitswapStats;

SoukBitswap *souk_bitswap_new (SoukRng *rng, SoukMono now);
void souk_bitswap_free (SoukBitswap *self);

/* A peer that speaks the protocol. LIMIT when there are too many, or when it is here already. */
SoukStatus souk_bitswap_add_peer (SoukBitswap *self, const SoukPeerId *peer, SoukMono now);
void souk_bitswap_remove_peer (SoukBitswap *self, const SoukPeerId *peer, SoukMono now);

/* Wants a block. `preferred` (nullable) is asked first, when it is connected; `timeout_ms` 0 waits
 * for ever. Wanting twice is wanting once, with the newer preference and the later end.
 * Returns: OK; LIMIT; UNSUPPORTED for hashes that cannot be checked. */
SoukStatus souk_bitswap_want (SoukBitswap *self, const SoukCid *cid, const SoukPeerId *preferred,
                              int64_t timeout_ms, SoukMono now);
void souk_bitswap_cancel (SoukBitswap *self, const SoukCid *cid);
bool souk_bitswap_is_wanted (const SoukBitswap *self, const SoukCid *cid);

/* One message from a peer; blocks keep a reference to it. Not OK: the peer broke the protocol. */
SoukStatus souk_bitswap_recv (SoukBitswap *self, const SoukPeerId *peer, GBytes *message,
                              SoukMono now);
/* The answer to a NEED. Nothing when the peer left or cancelled meanwhile. */
void souk_bitswap_answer (SoukBitswap *self, const SoukPeerId *peer, const SoukCid *cid,
                          const SoukBitswapHolding *holding, SoukMono now);
/* A block came into the store: peers that wait for it get it. */
void souk_bitswap_block_added (SoukBitswap *self, const SoukCid *cid);

bool souk_bitswap_next (SoukBitswap *self, SoukBitswapEvent *out, SoukMono now);
/* The last SEND to `peer` is written, or (`is_ok` false) its stream failed: what it asked for is
 * asked again in time. */
void souk_bitswap_sent (SoukBitswap *self, const SoukPeerId *peer, bool is_ok);
SoukMono souk_bitswap_deadline (const SoukBitswap *self);
void souk_bitswap_tick (SoukBitswap *self, SoukMono now);
void souk_bitswap_stats (const SoukBitswap *self, SoukBitswapStats *out);
