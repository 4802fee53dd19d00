/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The log's file with rotation: PATH, then PATH.1 … PATH.n, the oldest removed. GLIB.
 *
 * Not thread-safe: the log's lock is held. Each line is one write() onto an O_APPEND descriptor,
 * so that a kill tears at most the line being written; lines are never flushed to the disk by
 * force. Mode 0600. A failed write is reported and the next one tries again.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct SoukLogFile SoukLogFile;

/* Returns: (transfer full) (nullable): NULL and a GFileError when it can not be opened. */
SoukLogFile *souk_log_file_new (const char *path, uint64_t bytes_max, unsigned kept,
                                GError **error);
void souk_log_file_free (SoukLogFile *self);
/* Appends the line and a newline. Returns: false when the disk refused it. */
bool souk_log_file_write (SoukLogFile *self, const char *line);
