/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The provider's switch and rules: settings, why nothing is taken now, provider.show and
 * provider.set. GLIB, node thread. Part of works.h.
 *
 * Settings are a document, so that they stay over restarts. Whether this computer can lock jobs in
 * is found out when the switch is turned on, and again with each time it is.
 */
#pragma once
#include "base/u256.h"
#include "exec/policy.h"
#include "trade/context.h"

typedef struct {
  bool is_enabled;
  SoukWei price; /* of a job */
  unsigned jobs_max;
  uint32_t memory_mb;
  uint64_t wall_ms;
  bool on_battery;
  bool on_metered;
} SoukProviderSettings;

typedef struct SoukProvider SoukProvider;

/* What the switch asks of the works; `user` goes with all of them. */
typedef struct {
  /* Tries the sandbox; then souk_provider_set_sandbox(). */
  void (*check_sandbox) (void *user);
  /* The settings have changed. */
  void (*changed) (void *user);
  unsigned (*jobs_now) (void *user);
  SoukWei (*earned) (void *user);
  void *user;
} SoukProviderOwner;

SoukProvider *souk_provider_new (const SoukTradeContext *context, const char *data_dir,
                                 bool is_provider, const SoukProviderOwner *owner);
void souk_provider_free (SoukProvider *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukProvider, souk_provider_free)

/* Checks the sandbox when the switch is on: once, after the owner is complete. */
void souk_provider_start (SoukProvider *self);
const SoukProviderSettings *souk_provider_settings (const SoukProvider *self);
/* `problem` NULL: jobs can be locked in; else a sentence that says what to do. */
void souk_provider_set_sandbox (SoukProvider *self, const char *problem);
/* May a job that asks for this be taken now? `ask` NULL: any job. The sentence is borrowed. */
SoukPolicyVerdict souk_provider_decide (SoukProvider *self, const SoukPolicyAsk *ask,
                                        const char **out_sentence);
/* Tells of the switch as it is: works have begun or ended. */
void souk_provider_emit (SoukProvider *self);
