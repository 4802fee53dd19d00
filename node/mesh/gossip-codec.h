/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pubsub's wire (libp2p specs, pubsub/README.md and gossipsub v1.0 to v1.2): messages, their
 * signatures and their ids. PURE.
 *
 *   RPC     { subscriptions=1 {subscribe=1, topicid=2}; publish=2 Message; control=3 }
 *   Message { from=1, data=2, seqno=3, topic=4, signature=5, key=6 }
 *   control { ihave=1 {topicID=1, messageIDs=2}; iwant=2 {messageIDs=1}; graft=3 {topicID=1};
 *             prune=4 {topicID=1, peers=2, backoff=3}; idontwant=5 {messageIDs=1} }
 *
 * Policy is StrictSign: a message without author, sequence number and a valid signature is dropped.
 * The signature is over "libp2p-pubsub:" and the message without its fields signature and key, in
 * the order received; the specification leaves the key in, but every implementation takes it out.
 */
#pragma once
#include "base/peer-id.h"
#include "mesh/fields.h"

/* Field numbers. */
enum {
  SOUK_RPC_SUBSCRIPTIONS = 1,
  SOUK_RPC_PUBLISH = 2,
  SOUK_RPC_CONTROL = 3,
  SOUK_SUB_SUBSCRIBE = 1,
  SOUK_SUB_TOPIC = 2,
  SOUK_CONTROL_IHAVE = 1,
  SOUK_CONTROL_IWANT = 2,
  SOUK_CONTROL_GRAFT = 3,
  SOUK_CONTROL_PRUNE = 4,
  SOUK_CONTROL_IDONTWANT = 5,
  SOUK_IHAVE_TOPIC = 1,
  SOUK_IHAVE_IDS = 2,
  SOUK_IWANT_IDS = 1,
  SOUK_IDONTWANT_IDS = 1,
  SOUK_GRAFT_TOPIC = 1,
  SOUK_PRUNE_TOPIC = 1,
  SOUK_PRUNE_PEERS = 2,
  SOUK_PRUNE_BACKOFF = 3,
};

/* Views into one Message's bytes. */
typedef struct {
  SoukSlice raw;
  SoukSlice from, data, seqno, topic, signature, key;
} SoukGossipMessage;

/* A message id as this node keeps it: 128 bits of SipHash over the id's bytes, keyed for this
 * run, so that a stranger cannot choose ids that collide and every table has entries of one size. */
typedef struct {
  uint64_t low, high;
} SoukGossipId;

/* Two ways to name a message. The specification's is from || seqno; js-libp2p's is
 * public key || seqno. A node keeps both for each message. */
typedef enum { SOUK_GOSSIP_NAME_SPEC, SOUK_GOSSIP_NAME_JS } SoukGossipNaming;

/* Walks an RPC and all that is in it.
 * Returns: OK when every field is well formed, else BAD_ENCODING or TOO_LARGE. */
SoukStatus souk_gossip_rpc_check (SoukSlice rpc);

/* Finds the fields of a Message. BAD_ENCODING when malformed. */
SoukStatus souk_gossip_message_parse (SoukSlice raw, SoukGossipMessage *out);
/* StrictSign's form: an author that is a peer id, 8 bytes of seqno, a signature, a key that (when
 * present) is the author's. UNSIGNED or BAD_PEER_ID otherwise; cheap, without cryptography. */
SoukStatus souk_gossip_message_author (const SoukGossipMessage *message, SoukPeerId *out);
/* Checks the signature. OK, BAD_SIGNATURE, or UNSUPPORTED for key types that are not read. */
SoukStatus souk_gossip_message_verify (const SoukGossipMessage *message, const SoukPeerId *author);
/* Returns: (transfer full): a signed Message. */
GBytes *souk_gossip_message_sign (const SoukIdentity *identity, SoukSlice topic, SoukSlice data,
                                  uint64_t seqno);
/* Appends the id's bytes. False when the name has no key to be made of (a hashed peer id without
 * a key field has no js name). */
bool souk_gossip_message_name (const SoukGossipMessage *message, SoukGossipNaming naming,
                               GByteArray *out);

/* The short form of the id in `bytes`; `key` is 16 random bytes. */
SoukGossipId souk_gossip_id (const uint8_t key[16], SoukSlice bytes);
bool souk_gossip_id_is_equal (SoukGossipId a, SoukGossipId b);
/* For GHashTable with SoukGossipId * keys. */
guint souk_gossip_id_hash (gconstpointer id);
gboolean souk_gossip_id_equal (gconstpointer a, gconstpointer b);

/* Control messages, appended to the bytes of a ControlMessage; a subscription to those of an RPC. */
void souk_append_gossip_subscription (GByteArray *rpc, SoukSlice topic, bool subscribe);
void souk_append_gossip_graft (GByteArray *control, SoukSlice topic);
void souk_append_gossip_prune (GByteArray *control, SoukSlice topic, uint64_t backoff_s);
/* `ids` is a run of encoded id fields (number 2 for IHAVE, 1 for the others). */
void souk_append_gossip_ihave (GByteArray *control, SoukSlice topic, SoukSlice ids);
void souk_append_gossip_ids (GByteArray *control, uint32_t kind, SoukSlice ids);
