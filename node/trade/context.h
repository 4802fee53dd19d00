/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What every flow of trade/ works with: borrowed, and alive for as long as the flow. GLIB, node thread.
 */
#pragma once
#include "api/call.h"
#include "log/log.h"
#include "store/store.h"
#include "swarm/exchange.h"
#include "swarm/pubsub.h"
#include "swarm/swarm.h"
#include "trade/board.h"
#include "trade/library.h"

typedef struct SoukMoney SoukMoney; /* money.h */

typedef struct {
  SoukDispatch *dispatch;
  SoukLog *log;
  SoukStore *store;
  SoukSwarm *swarm;
  SoukPubsub *pubsub;
  SoukExchange *exchange;
  SoukBoard *board;
  SoukLibrary *library;
  SoukMoney *money; /* NULL: no chain, so only what is free is traded */
} SoukTradeContext;
