/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Many hash-table machines on virtual time: messages are lost, nodes go and new ones come, and
 * lookups are counted. A seed determines the whole run.
 */
#pragma once
#include "mesh/kad.h"

#define KAD_SIM_NODES_MAX 10000

typedef struct {
  uint64_t seed;
  size_t nodes;
  unsigned minutes;        /* after all have joined */
  unsigned loss_percent;   /* of messages, each way */
  unsigned churn_percent;  /* of nodes a minute: it goes, and another comes */
  unsigned lookups_minute; /* of each kind */
} KadSimConfig;

typedef struct {
  unsigned started, succeeded;
  double mean_ms, p50_ms, p95_ms; /* of those that succeeded */
} KadSimFigure;

typedef struct {
  KadSimFigure closest;   /* half of the live twenty nearest, and the nearest of all, are named */
  KadSimFigure values;    /* a value that was put is found */
  KadSimFigure providers; /* a provider that lives is found */
  uint64_t messages, lost, joins, digest;
  double bootstrap_mean_ms, table_mean;
} KadSimReport;

KadSimConfig kad_sim_config_usual (uint64_t seed);
void kad_sim_run (const KadSimConfig *config, KadSimReport *out);
void kad_sim_print (const KadSimConfig *config, const KadSimReport *report, const char *prefix);
