/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the hash-table machine's files share; nobody else includes it. PURE.
 *
 *   kad.c         life, peers, requests and their answers, events, the clock
 *   kad-query.c   one lookup, from its first candidates to its end
 *   kad-server.c  answering others
 *   kad-upkeep.c  filling and refreshing the table, announcing again
 *
 * Lists that are walked are arrays and queues in order of coming, so that a run can be repeated.
 */
#pragma once
#include "mesh/kad.h"
#include "mesh/kad-limits.h"
#include "mesh/kad-store.h"
#include "mesh/kad-table.h"

typedef enum {
  SOUK_KAD_GOAL_CLOSEST,
  SOUK_KAD_GOAL_PEER,
  SOUK_KAD_GOAL_GET,
  SOUK_KAD_GOAL_PUT,
  SOUK_KAD_GOAL_PROVIDERS,
  SOUK_KAD_GOAL_PROVIDE,
} SoukKadGoal;

/* Who began it: what happens at its end. */
typedef enum { SOUK_KAD_BY_CALLER, SOUK_KAD_BY_REFRESH, SOUK_KAD_BY_SWEEP } SoukKadBy;

typedef enum {
  SOUK_KAD_NEW,
  SOUK_KAD_ASKED,
  SOUK_KAD_SLOW, /* asked, no answer yet, and nobody waits for it any more */
  SOUK_KAD_ANSWERED,
  SOUK_KAD_FAILED,
} SoukKadState;

typedef struct {
  SoukPeerId id;
  SoukKadKey distance;
  GBytes *addrs; /* packed; may be NULL */
  SoukKadState state;
  bool is_second; /* it was asked once more */
  unsigned holds; /* GET: which value it has, as query->best_serial; 0: none */
  bool is_told;   /* PUT, PROVIDE: it has been sent the value or the announcement */
} SoukKadCandidate;

typedef struct {
  uint64_t id;
  SoukKadGoal goal;
  SoukKadBy by;
  GBytes *raw;
  SoukKadKey key;
  SoukPeerId target;     /* PEER */
  GPtrArray *candidates; /* owned, the nearest first */
  unsigned in_flight;    /* ASKED */
  unsigned n_answered;
  SoukMono until;
  bool is_telling; /* the lookup is over; the nearest are told */
  unsigned n_open, n_told;
  unsigned n_late; /* told, slow, and not waited for unless nobody else answers */
  GBytes *value;   /* PUT: to be stored; GET: the best so far */
  unsigned best_serial;
  unsigned wanted, n_found; /* GET, PROVIDERS */
  GHashTable *found;        /* PROVIDERS: SoukPeerId, owned */
} SoukKadQuery;

typedef struct {
  uint64_t id, query; /* query 0: a sign of life, or a correction */
  SoukPeerId peer;
  SoukKadType type;
  SoukMono slow_at, until;
  bool is_slow;
  GList link; /* in self->requests */
} SoukKadRequest;

/* What this node provides. */
typedef struct {
  SoukKadKey key;
  GBytes *raw;
  SoukMono due;
  uint64_t query; /* the announcement under way; 0: none */
} SoukKadOwn;

typedef struct {
  SoukMono until;
  unsigned count;
} SoukKadRate;

struct SoukKad {
  SoukKadConfig config;
  SoukRng *rng;
  SoukKadKey key;
  GBytes *raw; /* our id's bytes */
  GBytes *own_addrs;
  SoukKadTable *table;
  SoukKadStore *store;
  GHashTable *contacts; /* SoukPeerId -> packed addresses, or NULL */
  GHashTable *rates;    /* SoukPeerId -> SoukKadRate */
  uint64_t serial;
  GPtrArray *queries;    /* SoukKadQuery, owned */
  GQueue requests;       /* SoukKadRequest, in the order of their deadlines */
  GHashTable *by_number; /* &request->id -> request, owned */
  GQueue events;         /* SoukKadEvent, owned */
  SoukKadEvent *current;
  bool was_full; /* a lookup could not ask for want of room */
  SoukMono tick_at, expire_at;
  /* kad-upkeep.c */
  SoukMono refresh_at;
  SoukMono looked_at[SOUK_KAD_BUCKETS];
  bool is_refreshing, is_self_done;
  unsigned refresh_next, refresh_depth, refresh_open, refresh_done;
  GPtrArray *own; /* SoukKadOwn, owned, by key */
  guint sweep_at; /* index of where the sweep is */
  unsigned sweep_open;
  SoukMono own_due; /* not later than the first due one */
  SoukKadStats stats;
};

/* ---- kad.c ---- */
SoukKadEvent *souk_kad_push_event (SoukKad *self, SoukKadEventType type);
bool souk_kad_has_room (const SoukKad *self);
/* Sends a request; there must be room. `message` is taken. */
void souk_kad_send (SoukKad *self, uint64_t query, const SoukPeerId *peer, GBytes *addrs,
                    SoukKadType type, GByteArray *message, SoukMono now);
SoukKadQuery *souk_kad_find_query (const SoukKad *self, uint64_t id);
/* What is known of a peer's addresses; (transfer none) (nullable). */
GBytes *souk_kad_known_addrs (const SoukKad *self, const SoukPeerId *peer);

/* ---- kad-query.c ---- */
/* NULL when there are too many. */
SoukKadQuery *souk_kad_query_new (SoukKad *self, SoukKadGoal goal, SoukKadBy by, SoukSlice raw,
                                  SoukMono now);
void souk_kad_query_free (SoukKadQuery *query);
/* Asks further, or ends it: `query` may be gone afterwards. */
void souk_kad_query_step (SoukKad *self, SoukKadQuery *query, SoukMono now);
/* `request` has got an answer, or (NULL) none. Steps. */
SoukStatus souk_kad_query_answered (SoukKad *self, SoukKadQuery *query,
                                    const SoukKadRequest *request, const SoukKadMessage *answer,
                                    SoukMono now);
void souk_kad_query_slow (SoukKad *self, SoukKadQuery *query, const SoukKadRequest *request,
                          SoukMono now);
void souk_kad_query_end (SoukKad *self, SoukKadQuery *query, SoukStatus status, SoukMono now);
/* Notes a provider and tells the caller. Returns: true when enough are found. */
bool souk_kad_query_found_provider (SoukKad *self, SoukKadQuery *query, const SoukPeerId *id,
                                    GBytes *addrs);
/* GET: a valid value, of a peer or our own. */
void souk_kad_query_found_value (SoukKad *self, SoukKadQuery *query, SoukKadCandidate *candidate,
                                 SoukSlice value);

/* ---- kad-upkeep.c ---- */
void souk_kad_upkeep_init (SoukKad *self, SoukMono now);
void souk_kad_upkeep_done (SoukKad *self);
void souk_kad_upkeep_tick (SoukKad *self, SoukMono now);
SoukMono souk_kad_upkeep_deadline (const SoukKad *self);
/* True when this node provides what `key` names. */
bool souk_kad_is_provided (SoukKad *self, SoukSlice key);
/* A lookup of a refresh is over. */
void souk_kad_refresh_ended (SoukKad *self, SoukMono now);
/* An announcement is over; it reached `n_told` peers. */
void souk_kad_sweep_ended (SoukKad *self, const SoukKadQuery *query, SoukMono now);
