/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a running node is made of, for the files of node/ itself. GLIB, node thread.
 *
 * node.c makes the parts in the order in which they stand here and frees them backwards. A part
 * may use those above it.
 */
#pragma once
#include "api/http.h"
#include "log/log.h"
#include "network.h"
#include "node.h"
#include "store/store.h"
#include "swarm/mdns.h"
#include "swarm/swarm.h"
#include "trade/money.h"
#include "trade/jobs.h"
#include "trade/orders.h"
#include "trade/prompts.h"
#include "wallet/wallet.h"

typedef struct {
  const SoukNodeConfig *config; /* borrowed; the start only */
  char *data_dir;
  gint64 started_us; /* monotonic */
  GDateTime *started;

  SoukLog *log;
  SoukNetwork *network; /* NULL: no chain */
  SoukStore *store;
  SoukIdentity identity;
  SoukDispatch *dispatch;
  SoukSwarm *swarm;
  SoukPubsub *pubsub;
  SoukExchange *exchange;
  SoukDht *dht;
  SoukFinder *finder;
  SoukBoard *board;
  SoukLibrary *library;
  SoukWallet *wallet; /* NULL: no chain; so the next */
  SoukMoney *money;
  SoukPrompts *prompts;
  SoukOrders *orders;
  SoukWorks *works;
  SoukJobs *jobs;
  SoukMdns *mdns;
  SoukTokens *tokens;
  SoukHttp *http;
  gint64 ready_ms;
} SoukParts;

/* Makes all parts. On failure what was made stays, for souk_parts_done(). */
bool souk_parts_init (SoukParts *self, const SoukNodeConfig *config, GError **error);
void souk_parts_done (SoukParts *self);

/* Binds the commands of the node itself: status, peers, logs, tokens, content, wallet. */
void souk_node_bind_commands (SoukParts *parts);
