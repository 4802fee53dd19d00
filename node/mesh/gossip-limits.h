/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gossipsub's parameters and the maximum of everything that a stranger can make grow. PURE.
 *
 * Mesh parameters are the specification's defaults; limits say what each of them stops.
 */
#pragma once

/* ---- mesh parameters (gossipsub v1.0, "Parameters"; v1.1, "Overview of New Parameters") ---- */
#define SOUK_GOSSIP_D 6
#define SOUK_GOSSIP_D_LO 4
#define SOUK_GOSSIP_D_HI 12
#define SOUK_GOSSIP_D_SCORE 4
#define SOUK_GOSSIP_D_OUT 2
#define SOUK_GOSSIP_D_LAZY 6
/* "the gossip factor … recommended value 0.25": one peer in four. */
#define SOUK_GOSSIP_FACTOR 4
#define SOUK_GOSSIP_HEARTBEAT_MS 1000
#define SOUK_GOSSIP_HEARTBEAT_FIRST_MS 100
#define SOUK_GOSSIP_CACHE_WINDOWS 5
#define SOUK_GOSSIP_CACHE_GOSSIP_WINDOWS 3
#define SOUK_GOSSIP_SEEN_MS 120000
#define SOUK_GOSSIP_FANOUT_MS 60000
#define SOUK_GOSSIP_BACKOFF_MS 60000
#define SOUK_GOSSIP_UNSUBSCRIBE_BACKOFF_MS 10000
/* Grafting waits this much longer than the backoff, since the other side clears its own late. */
#define SOUK_GOSSIP_BACKOFF_SLACK_MS 1000
/* A GRAFT this soon after our PRUNE counts twice: it cannot be a matter of clocks. */
#define SOUK_GOSSIP_GRAFT_FLOOD_MS 10000
#define SOUK_GOSSIP_OPPORTUNISTIC_TICKS 60
#define SOUK_GOSSIP_OPPORTUNISTIC_PEERS 2
/* A smaller message costs less than the IDONTWANTs that would save it. */
#define SOUK_GOSSIP_IDONTWANT_SIZE_MIN 512
#define SOUK_GOSSIP_DONT_WANT_MS 3000
#define SOUK_GOSSIP_PROMISE_MS 3000

/* ---- sizes ---- */
/* A message's data: the default, and what a configuration may ask for. */
#define SOUK_GOSSIP_DATA_SIZE_DEFAULT (64 * 1024)
#define SOUK_GOSSIP_DATA_SIZE_MAX (1024 * 1024)
/* What an envelope adds at most: author, seqno, topic, signature, an RSA key. */
#define SOUK_GOSSIP_ENVELOPE_SIZE_MAX 4096
/* An RPC larger than this is not read at all; one message of the largest kind and control fit. */
#define SOUK_GOSSIP_RPC_SIZE_MAX (2 * 1024 * 1024)
/* Messages are put together into one RPC up to this size; other programs read at least 64 KiB. */
#define SOUK_GOSSIP_RPC_SIZE_TARGET (64 * 1024)
#define SOUK_GOSSIP_TOPIC_SIZE_MAX 256
#define SOUK_GOSSIP_ID_SIZE_MAX 256
#define SOUK_GOSSIP_FROM_SIZE_MAX 128

/* ---- per peer ---- */
#define SOUK_GOSSIP_PEERS_MAX 512
#define SOUK_GOSSIP_OWN_TOPICS_MAX 64
/* Names kept of one peer's topics: 512 peers can make 8 MiB of names, no more. */
#define SOUK_GOSSIP_PEER_TOPICS_MAX 64
/* Work that one RPC can ask for; what is over it is not read (gossip heals a lost message). A
 * signature takes about 0.1 ms to verify. */
#define SOUK_GOSSIP_RPC_SUBSCRIPTIONS_MAX 128
#define SOUK_GOSSIP_RPC_MESSAGES_MAX 1024
#define SOUK_GOSSIP_RPC_MESHES_MAX 128
/* Per heartbeat, "capped to a certain number of IHAVE messages and aggregate number of ids". */
#define SOUK_GOSSIP_IHAVE_MESSAGES_MAX 10
#define SOUK_GOSSIP_IHAVE_IDS_MAX 5000
#define SOUK_GOSSIP_IWANT_IDS_MAX 5000
#define SOUK_GOSSIP_IDONTWANT_IDS_MAX 1000
/* How often one message is sent to one peer on its asking. */
#define SOUK_GOSSIP_RETRANSMISSIONS_MAX 3
/* What waits for a slow peer; more is dropped and counted. */
#define SOUK_GOSSIP_QUEUE_MESSAGES_MAX 4096
#define SOUK_GOSSIP_QUEUE_BYTES_MAX (4 * 1024 * 1024)
#define SOUK_GOSSIP_QUEUE_CONTROL_MAX (256 * 1024)

/* ---- the whole ---- */
#define SOUK_GOSSIP_SEEN_MAX 65536
#define SOUK_GOSSIP_CACHE_MESSAGES_MAX 8192
#define SOUK_GOSSIP_CACHE_BYTES_MAX (32 * 1024 * 1024)
/* Messages that wait for the node's verdict; a verdict that takes longer counts as IGNORE. */
#define SOUK_GOSSIP_PENDING_MAX 1024
#define SOUK_GOSSIP_PENDING_BYTES_MAX (16 * 1024 * 1024)
#define SOUK_GOSSIP_PENDING_MS 30000
#define SOUK_GOSSIP_PROMISES_MAX 1024
/* Copies of one message remembered while its verdict is open. */
#define SOUK_GOSSIP_SENDERS_MAX 32
#define SOUK_GOSSIP_BACKOFFS_MAX 1024
/* Scores kept of peers that left with a bad one, "so that malicious peers cannot easily reset". */
#define SOUK_GOSSIP_SCORES_KEPT_MAX 1024
#define SOUK_GOSSIP_SCORE_KEEP_MS 600000
