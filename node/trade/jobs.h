/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Jobs that this node asks the market to run: the requester's side (DESIGN 6.2). GLIB, node thread.
 *
 * Binds compute.request, compute.list, compute.show, compute.result and compute.cancel; list, show
 * and cancel speak of the provider's side (works.h) as well. Emits "job.changed" {"job": …}.
 *
 * Each step is applied to the machine (market/job.h), stored, and only then executed, so that a node
 * that is killed goes on where it was. Limits: SOUK_JOBS_LIVE_MAX jobs at a time; what one job's
 * bidders can grow is limited by the machine.
 */
#pragma once
#include "trade/works.h"

#define SOUK_JOBS_LIVE_MAX 256

typedef struct SoukJobs SoukJobs;

/* Goes on with stored jobs. `works` outlives it. */
SoukJobs *souk_jobs_new (const SoukTradeContext *context, SoukWorks *works);
/* The store is stopped by then (souk_store_stop), and the library, the board, the swarm and the
 * money are freed in the same turn of the loop: what they would still call is gone. */
void souk_jobs_free (SoukJobs *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukJobs, souk_jobs_free)
/* Jobs that have not ended. */
size_t souk_jobs_count (SoukJobs *self);
