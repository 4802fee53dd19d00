/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Blocks that are files: DATA/blocks/xy/CID.data, where xy are the two letters before the last of
 * the CID's text (the first ones are the same for all). GLIB.
 *
 * How a file becomes durable, the one rule for all: written under blocks/tmp/, fdatasync(), rename()
 * to its name, fsync() of the folders touched (once per call), and only then may a row in the
 * database speak of it. Removal goes the other way: the row first, then the file. So a kill at any
 * point leaves at most a file that no row knows (souk_store_check() removes it, a later put of the
 * same block takes its place), and blocks/tmp/ is emptied on open. A file under its name is always
 * whole.
 *
 * Thread: writing and removing on the writer thread, reading on any.
 */
#pragma once
#include "base/bytes.h"
#include "store/error.h"

typedef struct SoukBlockFiles SoukBlockFiles;

typedef struct {
  const char *name; /* the CID's text */
  SoukSlice bytes;
} SoukBlockFile;

/* Files that are open at once while a group is made durable. */
#define SOUK_BLOCK_FILES_GROUP_MAX 32

SoukBlockFiles *souk_block_files_open (const char *data_dir, GError **error);
void souk_block_files_close (SoukBlockFiles *self);

/* Makes all of them durable, or fails and leaves none half-written. */
bool souk_block_files_write (SoukBlockFiles *self, const SoukBlockFile *files, size_t n_files,
                             GError **error);
/* Returns: (transfer full) (nullable): the file's bytes, unchecked. NOT_FOUND, or IO; a file of
 * more than `size_max` bytes is BAD_BLOCK. */
GBytes *souk_block_files_read (SoukBlockFiles *self, const char *name, size_t size_max,
                               GError **error);
/* Removes the file; one that is not there is fine. */
void souk_block_files_remove (SoukBlockFiles *self, const char *name);
/* Calls with the name of each file there is. */
void souk_block_files_each (SoukBlockFiles *self, void (*visit) (const char *name, gpointer user),
                            gpointer user);
/* Bytes that are free on the file system for an ordinary user; INT64_MAX when it does not say. */
int64_t souk_block_files_free_space (SoukBlockFiles *self);
