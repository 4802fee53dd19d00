/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How often one peer, and all peers together, may have the same event recorded. GLIB.
 *
 * Two token buckets must both have a token: one of (event, who), one of the event. The first stops
 * one peer from washing the log away, the second a crowd of made-up peers. Not thread-safe: the
 * log's lock is held. Time comes as an argument.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define SOUK_LOG_PEER_BURST 20
#define SOUK_LOG_PEER_REFILL_US (5 * G_USEC_PER_SEC)
#define SOUK_LOG_EVENT_BURST 200
#define SOUK_LOG_EVENT_REFILL_US (G_USEC_PER_SEC / 2)
/* Buckets remembered at once: a crowd beyond it shares the event's own bucket. */
#define SOUK_LOG_BUCKETS_MAX 1024

typedef struct SoukLogLimit SoukLogLimit;

SoukLogLimit *souk_log_limit_new (void);
void souk_log_limit_free (SoukLogLimit *self);

/* True when the record may be written; then *out_suppressed is how many of the same (event, who)
 * were held back since the last one. */
bool souk_log_limit_admit (SoukLogLimit *self, const char *event, const char *who, int64_t now_us,
                           uint64_t *out_suppressed);

/* Takes what was held back of one event and is due to be told: its peers have been quiet for a
 * refill, or `all`. One sum over its peers, so that telling it can not flood the log either. False
 * when there is none.
 * Out: (transfer full): the event. */
bool souk_log_limit_take (SoukLogLimit *self, int64_t now_us, bool all, char **out_event,
                          unsigned *out_peers, uint64_t *out_suppressed);
