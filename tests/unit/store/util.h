/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the tests of the store share: a store in a folder of its own, and waiting for it.
 */
#pragma once
#include "store/blocks.h"
#include "store/store.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
remove_entry (const char *path, const struct stat *info, int kind, struct FTW *at)
{
  return remove (path);
}

/* A kill tells nothing about flushes, which the kernel outlives, so tests that kill a process many
 * times do without a disk where they can. Call it before the first folder is made. */
static inline void
prefer_memory (void)
{
  if (g_getenv ("TMPDIR") == NULL && access ("/dev/shm", W_OK) == 0)
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
}

static inline char *
make_folder (void)
{
  GError *error = NULL;
  char *folder = g_dir_make_tmp ("souk-store-XXXXXX", &error);
  g_assert_no_error (error);
  return folder;
}

static inline void
remove_folder (char *folder)
{
  nftw (folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  g_free (folder);
}

/* In these tests a dag-pb block is a run of CIDs and then anything. */
static inline void
toy_links (const SoukCid *cid, SoukSlice block, SoukStoreVisitLink visit, gpointer user)
{
  SoukReader reader = souk_reader (block);
  for (;;)
    {
      SoukCid link = souk_reader_cid (&reader);
      if (!souk_reader_ok (&reader))
        return;
      visit (&link, user);
    }
}

static inline SoukStore *
open_store_sized (const char *folder, int64_t disk_bytes_max)
{
  GError *error = NULL;
  SoukStoreConfig config = {
    .data_dir = folder, .links = toy_links, .disk_bytes_max = disk_bytes_max, .free_bytes_min = 1024
  };
  SoukStore *store = souk_store_open (&config, &error);
  g_assert_no_error (error);
  return store;
}

static inline SoukStore *
open_store (const char *folder)
{
  return open_store_sized (folder, 0);
}

static inline void
commit (SoukStoreBatch *batch)
{
  GError *error = NULL;
  souk_store_commit_wait (batch, &error);
  g_assert_no_error (error);
}

/* A block of `size` bytes that `seed` determines. */
static inline GBytes *
make_bytes (size_t size, uint32_t seed)
{
  uint8_t *data = g_malloc (size);
  uint32_t state = seed * 2654435761u + 1;
  for (size_t i = 0; i < size; i++)
    {
      state = state * 1664525u + 1013904223u;
      data[i] = (uint8_t)(state >> 24);
    }
  return g_bytes_new_take (data, size);
}

static inline SoukCid
cid_of (GBytes *bytes)
{
  return souk_cid_of (SOUK_CODEC_RAW, souk_slice_from_bytes (bytes));
}

/* Puts a raw block durably. */
static inline SoukCid
put_block (SoukStore *store, GBytes *bytes)
{
  GError *error = NULL;
  SoukCid cid = cid_of (bytes);
  SoukStoreBatch *batch = souk_store_batch_new (store);
  souk_blocks_put (batch, &cid, bytes, &error);
  g_assert_no_error (error);
  commit (batch);
  return cid;
}

/* Puts a block that links to `links`. */
static inline SoukCid
put_parent (SoukStore *store, const SoukCid *links, size_t n_links)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  for (size_t i = 0; i < n_links; i++)
    souk_append_cid (data, &links[i]);
  SoukCid cid = souk_cid_of (SOUK_CODEC_DAG_PB, souk_slice_from_array (data));
  g_autoptr (GBytes) bytes = g_bytes_new (data->data, data->len);
  SoukStoreBatch *batch = souk_store_batch_new (store);
  g_assert_true (souk_blocks_put (batch, &cid, bytes, NULL));
  commit (batch);
  return cid;
}

/* The path of a block's file. */
static inline char *
block_path (const char *folder, const SoukCid *cid)
{
  g_autofree char *name = souk_block_name (cid);
  size_t len = strlen (name);
  return g_strdup_printf ("%s/blocks/%c%c/%s.data", folder, name[len - 3], name[len - 2], name);
}
