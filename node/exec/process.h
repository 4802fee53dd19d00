/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Watches a process from outside by /proc: memory and processor time. GLIB; any thread.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct {
  uint64_t memory_kb, cpu_ms;
} SoukProcessUse;

/* Returns: the first child of `parent`, or 0 when there is none (yet). */
pid_t souk_process_first_child (pid_t parent);
/* Returns: false when the process is gone. */
bool souk_process_use (pid_t pid, SoukProcessUse *out);
