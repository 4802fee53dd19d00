/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Nodes of the compute flow in one main context, on loopback, without a chain; and bare swarms that
 * play strangers. For test-jobs*.c.
 */
#pragma once
#include "trade/jobs.h"

typedef struct {
  char *dir;
  SoukIdentity identity;
  SoukDispatch *dispatch;
  SoukStore *store;
  SoukSwarm *swarm;
  SoukPubsub *pubsub;
  SoukExchange *exchange;
  SoukBoard *board;
  SoukLibrary *library;
  SoukWorks *works;
  SoukJobs *jobs;
  SoukMultiaddr addr;
  SoukPeerId id;
  GPtrArray *phases; /* of char *: the phases that events told, in order */
} JobsNode;

/* `number` tells nodes of one test apart. */
JobsNode *jobs_node_new (uint8_t number, bool is_provider);
/* A swarm and nothing else. */
JobsNode *jobs_stranger_new (uint8_t number);
void jobs_node_free (JobsNode *node);
/* Connects two nodes, and waits until each has heard what the other speaks. */
void jobs_node_connect (JobsNode *from, JobsNode *to);
/* Runs the context until the condition holds; fails the test after 20 s. */
void jobs_wait (bool (*condition) (void *user), void *user, const char *what);
/* Lets the context run for so long. */
void jobs_settle (unsigned ms);
/* Runs a command and waits for its answer. Returns: (transfer full) (nullable): NULL when it was a
 * problem, whose code goes to out_code (transfer full). */
JsonObject *jobs_call (JobsNode *node, const char *command, JsonObject *args, char **out_code);
/* Adds a file. Returns: (transfer full): its CID. */
char *jobs_add (JobsNode *node, const void *data, size_t len);
/* Tries the sandbox. False, and the test is skipped, when this computer cannot lock jobs in. */
bool jobs_has_sandbox (JobsNode *provider);
