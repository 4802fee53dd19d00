/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hash table's wire and its keys (libp2p specs, kad-dht, "RPC messages"). PURE.
 *
 *   Message { type=1; key=2; record=3 Record; closerPeers=8 Peer…; providerPeers=9 Peer…;
 *             clusterLevelRaw=10 (not used) }
 *   Record  { key=1; value=2; timeReceived=5 (RFC 3339) }
 *   Peer    { id=1; addrs=2 multiaddr…; connection=3 }
 *
 * Read in place (mesh/fields.h). A peer's addresses are kept packed, as the run of `addrs` fields
 * that the wire has: one reference serves the table, the answers and the lookups, and nothing is
 * encoded twice.
 */
#pragma once
#include "base/multiaddr.h"
#include "base/time.h"
#include "mesh/fields.h"

/* ---- keys ---- */

/* "the distance between two keys is XOR(sha256(key1), sha256(key2))" */
typedef struct {
  uint8_t bytes[32];
} SoukKadKey;

SoukKadKey souk_kad_key (SoukSlice raw);
SoukKadKey souk_kad_key_of_peer (const SoukPeerId *id);
SoukKadKey souk_kad_key_distance (const SoukKadKey *a, const SoukKadKey *b);
/* <0 when `a` is the smaller number. */
int souk_kad_key_compare (const SoukKadKey *a, const SoukKadKey *b);
/* How many leading bits are the same: 0 to 256. */
unsigned souk_kad_key_shared (const SoukKadKey *a, const SoukKadKey *b);

/* ---- addresses ---- */

/* Which addresses go in and out. */
typedef enum {
  SOUK_KAD_ADDRS_ANY,
  SOUK_KAD_ADDRS_PUBLIC,  /* /ipfs/kad/1.0.0 */
  SOUK_KAD_ADDRS_PRIVATE, /* /ipfs/lan/kad/1.0.0 */
} SoukKadAddrs;

/* Returns: (transfer full) (nullable): NULL when none is left. At most SOUK_KAD_ADDRS_MAX. */
GBytes *souk_kad_addrs_pack (const SoukMultiaddr *addrs, size_t n_addrs, SoukKadAddrs which);
/* Writes up to `max` addresses. Returns: how many. `packed` may be NULL. */
size_t souk_kad_addrs_unpack (GBytes *packed, SoukMultiaddr *out, size_t max);

/* ---- messages ---- */

/* On the wire: do not renumber. */
typedef enum {
  SOUK_KAD_PUT_VALUE = 0,
  SOUK_KAD_GET_VALUE = 1,
  SOUK_KAD_ADD_PROVIDER = 2,
  SOUK_KAD_GET_PROVIDERS = 3,
  SOUK_KAD_FIND_NODE = 4,
  SOUK_KAD_PING = 5,
} SoukKadType;

/* The numbers of the two lists of peers. */
#define SOUK_KAD_CLOSER 8
#define SOUK_KAD_PROVIDERS 9

/* A view of a message; the slices point into it. */
typedef struct {
  SoukSlice whole;
  SoukKadType type;
  SoukSlice key;
  bool has_record;
  SoukSlice record_key, value, time_received;
} SoukKadMessage;

/* Walks all of it. TOO_LARGE, or BAD_KAD when it cannot be read. */
SoukStatus souk_kad_message_parse (SoukSlice bytes, SoukKadMessage *out);

typedef struct {
  SoukPeerId id;
  SoukSlice fields; /* for souk_kad_peer_addrs */
  unsigned connection;
} SoukKadPeerView;

/* Walks the peers of one list; those whose id cannot be read are left out. */
typedef struct {
  SoukFields fields;
  uint32_t number;
  unsigned left;
} SoukKadPeers;

SoukKadPeers souk_kad_peers (const SoukKadMessage *message, uint32_t number);
bool souk_kad_peers_next (SoukKadPeers *self, SoukKadPeerView *out);
/* Returns: (transfer full) (nullable): the peer's addresses that can be read and are wanted. */
GBytes *souk_kad_peer_addrs (const SoukKadPeerView *peer, SoukKadAddrs which);

/* Writers, in the order of the fields. */
void souk_append_kad_head (GByteArray *out, SoukKadType type, SoukSlice key);
/* `received` 0 leaves the time out. */
void souk_append_kad_record (GByteArray *out, SoukSlice key, SoukSlice value, SoukWall received);
void souk_append_kad_peer (GByteArray *out, uint32_t number, const SoukPeerId *id, GBytes *addrs,
                           bool is_connected);
