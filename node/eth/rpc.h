/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON-RPC to one of several Ethereum nodes, over libcurl. GLIB, the thread whose context it was made in.
 *
 * A call goes to the endpoint that answered last; one that does not answer, answers rubbish, or turns
 * out to serve another chain rests for a while and the call goes on to the next. Each endpoint is asked
 * for its chain id before it is trusted, and again after it failed.
 *
 * Ownership: the owner frees it; calls that wait are dropped without a callback (their user data is
 * destroyed). A callback may start calls, cancel calls and free the client.
 * Failure: SOUK_ETH_ERROR; UNREACHABLE once no endpoint is left to try.
 */
#pragma once
#include "eth/errors.h"

#define SOUK_ETH_RPC_URLS_MAX 8
/* Calls that are under way or wait for a connection. */
#define SOUK_ETH_RPC_CALLS_MAX 1024
#define SOUK_ETH_RPC_CONNECTIONS_MAX 8
/* One answer; a range of logs is the largest. */
#define SOUK_ETH_RPC_ANSWER_MAX (16u << 20)
#define SOUK_ETH_RPC_DEADLINE_MS 15000
/* How long an endpoint that failed rests: doubled each time, up to the maximum. */
#define SOUK_ETH_RPC_REST_MS 1000
#define SOUK_ETH_RPC_REST_MS_MAX 60000

typedef struct SoukEthRpc SoukEthRpc;

typedef struct {
  const char *const *urls; /* NULL-terminated, http or https, the preferred one first */
  guint64 chain_id;        /* what every endpoint must serve */
  unsigned deadline_ms;    /* of one attempt; 0: DEADLINE_MS */
  size_t answer_max;       /* 0: ANSWER_MAX */
} SoukEthRpcConfig;

/* `result` (which may hold null) or `error`, both borrowed. */
typedef void (*SoukEthRpcCallback) (JsonNode *result, const GError *error, gpointer user_data);

/* Returns: (nullable): NULL when there is no URL, too many, or one that is not http(s). */
SoukEthRpc *souk_eth_rpc_new (const SoukEthRpcConfig *config, GError **error);
void souk_eth_rpc_free (SoukEthRpc *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukEthRpc, souk_eth_rpc_free)

/* Calls `method` with `params`, the text of a JSON array. The callback comes later, never from within.
 * Returns: a ticket for _cancel. */
guint64 souk_eth_rpc_call (SoukEthRpc *self, const char *method, const char *params,
                           SoukEthRpcCallback callback, gpointer user_data, GDestroyNotify destroy);
/* Drops a call: no callback. A ticket that is done is ignored. */
void souk_eth_rpc_cancel (SoukEthRpc *self, guint64 ticket);

guint64 souk_eth_rpc_chain_id (const SoukEthRpc *self);
/* Returns: the URL that answered last, without what may be a secret in it: scheme and host only.
 * (transfer full). */
char *souk_eth_rpc_endpoint (const SoukEthRpc *self);
