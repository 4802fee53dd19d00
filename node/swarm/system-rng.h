/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Randomness from the operating system, for everything that is not a test. GLIB, any thread.
 */
#pragma once
#include "base/rng.h"

/* Returns: (transfer none): the one generator; stateless and safe for all threads. */
SoukRng *souk_system_rng (void);
