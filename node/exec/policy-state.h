/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads for policy.h what this computer is like now: time, power, network, memory, disk. GLIB.
 *
 * Each reading is a few small files of /sys and /proc and one question to GNetworkMonitor, which
 * waits for nobody. What cannot be read counts as allowed: on mains, unmetered, room enough.
 */
#pragma once
#include "exec/policy.h"

/* Fills in everything but n_jobs and has_sandbox. `folder` is where the node's data is. */
void souk_policy_state_read (SoukPolicyState *state, const char *folder);

/* The same for power alone, from a folder like /sys/class/power_supply. Returns: true when some
 * battery discharges and no mains supply is online. */
bool souk_policy_is_on_battery (const char *power_folder);
