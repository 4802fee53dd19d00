/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Small private files: read whole into the caller's buffer, made once and never replaced. GLIB.
 *
 * Nothing is copied to a buffer that this file does not zero. Any thread; the calls block on the
 * disk.
 */
#pragma once
#include "base/bytes.h"
#include "wallet/error.h"

/* Reads a regular file of at most `size_max` bytes into `out`.
 * Out: its length, and its permission bits when `out_mode` is not NULL.
 * Returns: false and MISSING, FILE (cannot be read) or DAMAGED (too long, or no regular file);
 * `out` is zeroed then. */
bool souk_secret_file_read (uint8_t *out, size_t *out_len, unsigned *out_mode, const char *path,
                            size_t size_max, GError **error);

/* Makes the file with mode 0600: whole and on the disk when this returns true, else not there at
 * all, also after a power cut.
 * Returns: false and EXISTS when something of that name is there already, else FILE. */
bool souk_secret_file_create (const char *path, SoukSlice content, GError **error);
