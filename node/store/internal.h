/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The store's insides, for the modules of store/ only. GLIB.
 */
#pragma once
#include "store/batch.h"
#include "store/block-files.h"
#include "store/db.h"
#include "store/writer.h"

struct SoukStore {
  char *data_dir;
  int lock_fd;
  SoukLog *log;
  SoukStoreLinks links;
  int64_t free_bytes_min;
  int64_t inline_bytes_max;
  SoukDb *reader;        /* node thread */
  SoukBlockFiles *files; /* any thread reads, the writer writes */
  SoukWriter *writer;
  bool is_stopped;

  GMutex usage_lock; /* guards what follows */
  int64_t disk_bytes_max;
  int64_t blocks;
  int64_t block_bytes;    /* committed */
  int64_t reserved_bytes; /* in batches that have not ended */
};

/* Sets aside `bytes` of the disk limit for a block that is to be put. FULL when there is no room. */
bool souk_store_reserve (SoukStore *self, int64_t bytes, GError **error);
void souk_store_unreserve (SoukStore *self, int64_t bytes);
/* On the writer thread, after a commit: what is on disk now. */
void souk_store_note_usage (SoukStore *self, SoukDb *db);
