/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The decision whether to take a job. PURE. See policy.h.
 */
#include "exec/policy.h"

#include <glib.h>

#define MINUTES_PER_DAY 1440u

SoukPolicy
souk_policy_default (void)
{
  return (SoukPolicy){
    .jobs_max = 1,
    .weekdays = 0x7f,
    .job_memory_mb_max = 2048,
    .job_wall_ms_max = 3600 * 1000,
    .job_disk_mb_max = 512,
    .memory_free_mb_min = 1024,
    .disk_free_mb_min = 2048,
  };
}

static bool
is_in_hours (const SoukPolicy *policy, const SoukPolicyState *state)
{
  unsigned from = policy->from_minute % MINUTES_PER_DAY;
  unsigned to = policy->to_minute % MINUTES_PER_DAY;
  unsigned day = state->weekday % 7;
  bool is_over_midnight = from > to;
  if (from < to && (state->minute < from || state->minute >= to))
    return false;
  if (is_over_midnight && state->minute < from)
    {
      if (state->minute >= to)
        return false;
      day = (day + 6) % 7; /* these hours began yesterday */
    }
  return policy->weekdays >> day & 1;
}

static bool
is_short (uint64_t left, uint64_t wanted, uint64_t min)
{
  return left < min || left - min < wanted;
}

SoukPolicyVerdict
souk_policy_decide (const SoukPolicy *policy, const SoukPolicyState *state,
                    const SoukPolicyAsk *ask)
{
  static const SoukPolicyAsk nothing = { 0 };
  if (ask == NULL)
    ask = &nothing;
  if (!policy->is_enabled)
    return SOUK_POLICY_DISABLED;
  if (!state->has_sandbox)
    return SOUK_POLICY_SANDBOX;
  if (ask->memory_mb > policy->job_memory_mb_max)
    return SOUK_POLICY_JOB_MEMORY;
  if (ask->wall_ms > policy->job_wall_ms_max)
    return SOUK_POLICY_JOB_TIME;
  if (ask->disk_mb > policy->job_disk_mb_max)
    return SOUK_POLICY_JOB_DISK;
  if (state->n_jobs >= policy->jobs_max)
    return SOUK_POLICY_BUSY;
  if (!is_in_hours (policy, state))
    return SOUK_POLICY_HOURS;
  if (state->is_on_battery && !policy->on_battery)
    return SOUK_POLICY_BATTERY;
  if (state->is_metered && !policy->on_metered)
    return SOUK_POLICY_METERED;
  if (is_short (state->memory_free_mb, ask->memory_mb, policy->memory_free_mb_min))
    return SOUK_POLICY_LOW_MEMORY;
  if (is_short (state->disk_free_mb, ask->disk_mb, policy->disk_free_mb_min))
    return SOUK_POLICY_LOW_DISK;
  return SOUK_POLICY_TAKE;
}

static const struct {
  const char *name, *sentence;
} verdicts[SOUK_POLICY_COUNT] = {
#define ROW(symbol, name, sentence) { name, sentence },
  SOUK_POLICY_TABLE (ROW)
#undef ROW
};

const char *
souk_policy_name (SoukPolicyVerdict verdict)
{
  g_assert (verdict < SOUK_POLICY_COUNT);
  return verdicts[verdict].name;
}

const char *
souk_policy_sentence (SoukPolicyVerdict verdict)
{
  g_assert (verdict < SOUK_POLICY_COUNT);
  return verdicts[verdict].sentence;
}
