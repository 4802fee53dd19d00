/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The read-only gateway: GET and HEAD /ipfs/{cid}[/{path}] (IPFS specs: path gateway, trustless
 * gateway). GLIB, node thread.
 *
 * A job answers one request: it follows the path, then streams the file, a folder's list as JSON, the
 * raw block, or an archive. What is not here is fetched from peers. It holds back while the client
 * reads slowly, and ends a client that reads nothing for SOUK_GATEWAY_STALL_MS. What strangers wrote
 * gets a type that no browser runs, and is put in a sandbox without scripts. A failure after the
 * first byte cuts the connection, since HTTP has no other way left to say it.
 */
#pragma once
#include "api/gateway-request.h"

#include <libsoup/soup.h>

#define SOUK_GATEWAY_JOBS_MAX 32
#define SOUK_GATEWAY_STALL_MS 60000
/* What waits for a slow client in one job: no more is read then. */
#define SOUK_GATEWAY_BACKLOG_MAX (1024 * 1024)
/* Blocks of a path, which an archive repeats. */
#define SOUK_GATEWAY_PATH_SIZE_MAX (16 * 1024 * 1024)

/* Where blocks come from: the node's library. */
typedef void (*SoukGatewayBlockFunc) (const SoukCid *cid, GBytes *block, void *data);
typedef struct {
  /* Returns: (transfer full) (nullable): a block that is here. */
  GBytes *(*get) (const SoukCid *cid, void *user);
  /* Asks peers; `done` is called once, later, with NULL when nobody sent it. Returns: (nullable): for
   * cancel, until `done`; NULL when it cannot be asked for, and then `done` is not called. */
  void *(*want) (const SoukCid *cid, SoukGatewayBlockFunc done, void *data, void *user);
  void (*cancel) (void *want);
  void *user;
} SoukGatewaySource;

typedef struct SoukGatewayJob SoukGatewayJob;

/* Answers with a problem what has not been answered yet. */
typedef void (*SoukGatewayFail) (const SoukProblem *problem, void *user);

/* True for the paths that are the gateway's. */
bool souk_gateway_has_path (const char *path);
/* Takes a request whose path is the gateway's and whose method is GET or HEAD, and pauses it. The
 * source outlives the job. `fail` may come at once, and then the message is not paused.
 * Returns: to be freed when the message has ended, for whatever reason. */
SoukGatewayJob *souk_gateway_job_new (const SoukGatewaySource *source, SoupServerMessage *message,
                                      SoukGatewayFail fail, void *user);
void souk_gateway_job_free (SoukGatewayJob *self);
