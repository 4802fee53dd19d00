/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One question, one answer: length-delimited messages over a stream of their own. GLIB, node thread.
 *
 * For conversations use souk_stream_start() with a message_max.
 */
#pragma once
#include "swarm/swarm.h"

typedef struct SoukRpcCall SoukRpcCall;
typedef struct SoukRpcRequest SoukRpcRequest;

/* `reply` or `error` is NULL. */
typedef void (*SoukRpcFunc) (SoukSwarm *swarm, GBytes *reply, const GError *error, void *user);
/* Opens a stream to a connected peer, sends `request`, closes our side, and waits for one message.
 * `done` is called once, never from inside this call. `timeout_ms` covers all of it.
 * Returns: (transfer none): valid until `done` is called; only for souk_rpc_cancel(). */
SoukRpcCall *souk_rpc_call (SoukSwarm *swarm, const SoukPeerId *peer, const char *protocol,
                            GBytes *request, size_t reply_max, unsigned timeout_ms,
                            SoukRpcFunc done, void *user);
/* Ends the call; `done` is not called. */
void souk_rpc_cancel (SoukRpcCall *call);

/* A question has come. Answer with souk_rpc_reply() or souk_rpc_refuse(), now or later. */
typedef void (*SoukRpcHandler) (SoukSwarm *swarm, SoukRpcRequest *request, SoukSlice message,
                                void *user);
/* Serves the protocol with one answer to each question. A peer that does not ask within `timeout_ms`,
 * or asks with more than `request_max` bytes, is reset. */
void souk_rpc_serve (SoukSwarm *swarm, const char *protocol, size_t request_max,
                     unsigned timeout_ms, SoukRpcHandler handler, void *user,
                     GDestroyNotify destroy);
const SoukPeerId *souk_rpc_request_peer (const SoukRpcRequest *request);
/* Each takes the request over: it is gone afterwards, whether or not the peer is still there. */
void souk_rpc_reply (SoukRpcRequest *request, SoukSlice message);
void souk_rpc_refuse (SoukRpcRequest *request);
