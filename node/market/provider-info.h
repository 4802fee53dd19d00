/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Provider announcements: what a node that shares compute says of itself (souk.proto, Provider).
 * PURE.
 *
 * Nobody relies on it: it tells the window who is there and what a job may cost, and the bid is
 * what binds. A decoded one is owned by who decoded it.
 */
#pragma once
#include "base/u256.h"
#include "market/record.h"

#define SOUK_PROVIDER_CPUS_MAX 4096
#define SOUK_PROVIDER_JOBS_MAX 1024

typedef struct {
  uint32_t cpus;
  uint32_t memory_mb;
  uint32_t jobs_max;
  uint32_t jobs_now;
  SoukWei price_per_s; /* for a second of wall clock, in the coin */
  uint64_t chain_id;   /* 0 exactly when free */
  GStrv features;      /* "wasi-preview1" and the like */
  char *note;
} SoukProviderInfo;

/* Returns: OK or PROVIDER_INFO. `wallet` is the record's, zero when it has none. */
SoukStatus souk_provider_info_check (const SoukProviderInfo *self, const SoukAddress *wallet);
/* Returns: (transfer full). */
GBytes *souk_provider_info_to_body (const SoukProviderInfo *self);
/* Out: (transfer full). */
SoukStatus souk_provider_info_from_record (const SoukRecord *record, SoukProviderInfo **out);
void souk_provider_info_free (SoukProviderInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukProviderInfo, souk_provider_info_free)
