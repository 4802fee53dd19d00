/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the worker locks itself in, beside what is put around it: resource limits, Landlock, seccomp.
 *
 * The order matters. Limits and Landlock come before the engine starts, since Landlock holds for
 * the calling thread and those that it starts. The second filter comes after the engine has opened
 * its files and before a byte of the job's module is looked at; it is put on all threads.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* What the engine's threads and a deep recursion of the program have to fit into. */
#define SOUK_WORKER_STACK_SIZE (64u << 20)

/* Resource limits: processor time (a second line behind the node's watch), no core file, no
 * large file, few descriptors; the stack is made larger. Closes what is open beyond the standard
 * three. Returns: false when a limit cannot be set. */
bool souk_lock_limits (uint64_t cpu_ms);

/* Landlock: reading below /proc and of /dev/urandom is all that is left of the file system, and of
 * TCP nothing. Returns: false when the kernel has Landlock but refuses; a kernel without it is no
 * failure, as this is not the only wall. */
bool souk_lock_files (void);

/* The second filter, on all threads: no file is opened any more, nothing is executed. Returns:
 * false when it could not be loaded, or does not hold when it is tried. */
bool souk_lock_calls (void);

/* Writes the first filter, which bubblewrap loads before it starts the worker, as BPF to `fd`.
 * Returns: false on failure. */
bool souk_lock_export_first_filter (int fd);
