/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Jobs of others that this node runs: the provider's side (DESIGN 6.2, 7). GLIB, node thread.
 *
 * Binds provider.show and provider.set. Emits "job.changed" {"job": …} and "provider.changed"
 * {"provider": …}. While the switch is on, each job on the board that fits the owner's rules gets a
 * signed bid; an awarded one is staged, run in the sandbox (exec/), packed into a folder
 * {stdout, stderr, files below /out} and handed to the requester. Every refusal is a log record
 * that says why.
 *
 * Limits: SOUK_WORKS_BIDS_MAX bids that wait for an award, SOUK_WORKS_BIDS_PER_PEER_MAX of one
 * requester; SOUK_WORKS_STREAMS_MAX open conversations, SOUK_WORKS_STREAMS_PER_PEER_MAX of one
 * peer; SOUK_STAGED_BYTES_MAX for a job's data, and as many jobs at a time as the owner allows.
 */
#pragma once
#include "trade/context.h"

#define SOUK_WORKS_BIDS_MAX 256
#define SOUK_WORKS_BIDS_PER_PEER_MAX 16
#define SOUK_WORKS_STREAMS_MAX 256
#define SOUK_WORKS_STREAMS_PER_PEER_MAX 16

typedef struct SoukWorks SoukWorks;

/* Goes on with stored work. `data_dir` is where room on the disk is asked for; `is_provider` turns
 * the switch on, as provider.set does. */
SoukWorks *souk_works_new (const SoukTradeContext *context, const char *data_dir, bool is_provider);
/* As souk_jobs_free(); what runs is killed and runs again at the next start. */
void souk_works_free (SoukWorks *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukWorks, souk_works_free)
/* Jobs that were awarded to this node and have not ended. */
size_t souk_works_count (SoukWorks *self);

/* ---- for the commands, which jobs.h binds ---- */

/* Returns: (transfer full) (nullable): the shape "Job" of work that was awarded; NULL when there is
 * none of this id. */
JsonObject *souk_works_show (SoukWorks *self, const uint8_t id[32]);
/* Stops work that is staged or runs, by this node's own will. False when it is not. */
bool souk_works_stop (SoukWorks *self, const uint8_t id[32]);
