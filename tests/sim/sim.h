/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The mesh simulator: many nodes of the real pure code (gossip, sync, records, catalogue) in one
 * process, on virtual time.
 *
 * A run is a function of its configuration: the same seed gives the same trace hash on every
 * machine. Links have latency, jitter, bandwidth, stalls (a lost packet's retransmission) and
 * drops; the network splits and heals; nodes crash, losing all but the records on their disk, and
 * come back; some lie. Invariants are checked at each step; one that does not hold ends the program with the
 * seed and the virtual time. When the storms are over, every live record must be everywhere.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t seed;
  size_t nodes;            /* 2..SIM_NODES_MAX */
  size_t dials;            /* links that each node opens */
  size_t listings;         /* published by each node */
  unsigned storm_s;        /* publishing, and all that goes wrong */
  unsigned calm_s;         /* then peace */
  unsigned stall_permille; /* of messages */
  unsigned link_life_s;    /* mean time until a link drops */
  unsigned crashes;        /* in all */
  unsigned partitions;     /* in all */
  unsigned liars;          /* hostile nodes among them */
  unsigned wall_skew_s;    /* clocks are wrong by up to this */
} SimConfig;

#define SIM_NODES_MAX 512

typedef struct {
  uint64_t trace;                   /* a hash of every event in order */
  uint64_t events, messages, bytes; /* on links */
  uint64_t sync_messages, sync_bytes, sync_sessions, sync_records;
  uint64_t by_gossip, by_sync;       /* how records came to nodes first */
  uint64_t duplicates, iwant_served; /* of the gossip machines */
  size_t live, published;            /* records that count in the end; all ever */
  double delivered_percent;          /* live records at nodes, in the end */
  double p50_ms, p99_ms, max_ms;     /* virtual time from publication to a node */
  double calm_p50_ms, calm_p99_ms;   /* of records published when nothing was wrong */
  double degree_mean;
  size_t degree_min, degree_max;
  size_t memory_max; /* seen entries of the fullest node */
  unsigned drops, crashes, partitions;
  unsigned lies, liars_found; /* found: in somebody's graylist once */
  double virtual_s;
} SimReport;

/* What the program and the tests start from. */
SimConfig sim_config_usual (uint64_t seed);
/* Runs it. Aborts, naming seed and time, when an invariant is broken. */
void sim_run (const SimConfig *config, SimReport *out);
/* Prints the report as lines that begin with `prefix`. */
void sim_report_print (const SimConfig *config, const SimReport *report, const char *prefix);
