/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the bitswap machine's files share; nobody else includes it. PURE.
 *
 *   bitswap.c         life, peers, messages in and out, the clock
 *   bitswap-client.c  what this node wants
 *   bitswap-server.c  what peers want
 *
 * Lists that are walked are arrays and queues in order of coming, so that a run can be repeated.
 */
#pragma once
#include "mesh/bitswap.h"
#include "mesh/bitswap-limits.h"

typedef struct {
  SoukPeerId id;
  uint64_t serial; /* never used again */
  /* Fetching from it. */
  GByteArray *entries;  /* want-list lines to be sent */
  unsigned asked;       /* blocks asked of it and not here */
  size_t block_size;    /* what its blocks have had lately */
  SoukMono progress_at; /* when it last sent a wanted block */
  bool is_filling;      /* may be asked for more; see client's has_room() */
  /* Serving it. */
  GHashTable *ledger; /* &line->cid -> Line, owned */
  GQueue todo;        /* Line, borrowed: to be NEEDed; the highest priority first */
  unsigned needs;     /* NEEDs without an answer */
  GQueue blocks;      /* Outgoing, owned: to be sent */
  size_t blocks_bytes;
  GByteArray *presences; /* encoded, to be sent */
  bool is_sending;       /* between SEND and souk_bitswap_sent() */
} SoukBitswapPeer;

typedef enum {
  SOUK_WANT_WAITING, /* in self->waiting: to be asked for when there is room */
  SOUK_WANT_SEEKING, /* peers were asked whether they have it */
  SOUK_WANT_ASKED,   /* `asked_of` is to send it */
} SoukWantState;

typedef struct {
  SoukCid cid;
  SoukWantState state;
  bool has_preferred;
  SoukPeerId preferred;
  SoukMono until;    /* the caller's end */
  SoukMono retry_at; /* SEEKING, ASKED: when to look further */
  uint64_t asked_of; /* ASKED: a peer's serial */
  GArray *asks;      /* SoukBitswapAsk: who was told of it */
  GList order_link;  /* in self->order */
} SoukBitswapWant;

typedef enum { SOUK_ASK_OPEN, SOUK_ASK_HAS, SOUK_ASK_HAS_NOT, SOUK_ASK_SLOW } SoukAskState;

typedef struct {
  uint64_t serial;
  SoukAskState state;
  bool is_block; /* was asked for the block, and counts in peer->asked */
} SoukBitswapAsk;

struct SoukBitswap {
  SoukRng *rng;
  uint64_t serial;
  GPtrArray *peers;   /* SoukBitswapPeer, owned */
  GHashTable *by_id;  /* &peer->id -> peer */
  guint turn;         /* whose turn it is: the index of a peer */
  GHashTable *wants;  /* &want->cid -> want, owned */
  GQueue order;       /* all wants, the oldest first */
  GQueue waiting;     /* those in WAITING */
  bool may_start;     /* something changed since the waiting wants were looked at */
  uint64_t favourite; /* serial of the peer that sent the last block */
  GQueue events;      /* SoukBitswapEvent, owned: BLOCK and FAILED */
  GBytes *current;    /* what the last event points at */
  SoukMono tick_at, ledger_at;
  SoukBitswapStats stats;
};

/* ---- bitswap.c ---- */
SoukBitswapPeer *souk_bitswap_find_peer (const SoukBitswap *self, const SoukPeerId *id);
SoukBitswapPeer *souk_bitswap_find_serial (const SoukBitswap *self, uint64_t serial);
void souk_bitswap_push_event (SoukBitswap *self, SoukBitswapEventType type, const SoukPeerId *peer,
                              const SoukCid *cid, GBytes *bytes);

/* ---- bitswap-client.c ---- */
void souk_bitswap_client_add_peer (SoukBitswap *self, SoukBitswapPeer *peer);
void souk_bitswap_client_remove_peer (SoukBitswap *self, SoukBitswapPeer *peer);
/* Asks for waiting wants as far as there is room. */
void souk_bitswap_client_start (SoukBitswap *self, SoukMono now);
void souk_bitswap_client_recv_presence (SoukBitswap *self, SoukBitswapPeer *peer,
                                        const SoukCid *cid, bool has, SoukMono now);
/* A block whose CID is right; `block` is taken by reference. */
void souk_bitswap_client_recv_block (SoukBitswap *self, SoukBitswapPeer *peer, const SoukCid *cid,
                                     GBytes *block, SoukMono now);
void souk_bitswap_client_tick (SoukBitswap *self, SoukMono now);
void souk_bitswap_client_free_want (SoukBitswap *self, SoukBitswapWant *want);

/* ---- bitswap-server.c ---- */
void souk_bitswap_server_init (SoukBitswapPeer *peer);
void souk_bitswap_server_done (SoukBitswap *self, SoukBitswapPeer *peer);
void souk_bitswap_server_recv_wantlist (SoukBitswap *self, SoukBitswapPeer *peer,
                                        SoukSlice wantlist, SoukMono now);
/* The next NEED of a peer; false when it has none or there is no room. */
bool souk_bitswap_server_next_need (SoukBitswapPeer *peer, SoukBitswapEvent *out);
bool souk_bitswap_server_has_answers (const SoukBitswapPeer *peer);
/* Moves answers into a message, up to its size target. */
void souk_bitswap_server_take_answers (SoukBitswap *self, SoukBitswapPeer *peer,
                                       GByteArray *message);
void souk_bitswap_server_expire (SoukBitswap *self, SoukBitswapPeer *peer, SoukMono now);
