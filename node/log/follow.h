/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Those who read the log as it grows, each on its own GMainContext. GLIB, any thread.
 *
 * Each follower has a queue of at most SOUK_LOG_FOLLOW_MAX entries and one pending source that
 * empties it; one that does not keep up loses the oldest, which it sees as a gap in `seq`.
 */
#pragma once
#include "log/log.h"

typedef struct SoukLogFollowers SoukLogFollowers;

SoukLogFollowers *souk_log_followers_new (void);
void souk_log_followers_free (SoukLogFollowers *self);
unsigned souk_log_followers_add (SoukLogFollowers *self, const SoukLogFilter *filter,
                                 GMainContext *context, SoukLogFollow follow, gpointer user,
                                 GDestroyNotify destroy);
void souk_log_followers_remove (SoukLogFollowers *self, unsigned number);
/* Queues the entry for each follower whose filter lets it through. */
void souk_log_followers_offer (SoukLogFollowers *self, SoukLogEntry *entry);

/* True when the entry passes level, area and text of the filter. */
bool souk_log_filter_matches (const SoukLogFilter *filter, const SoukLogEntry *entry);
