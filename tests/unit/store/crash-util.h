/* SPDX-License-Identifier: GPL-3.0-or-later
 * A run of batches that is killed, and what must be there afterwards. Batch k, counted from 0, has a
 * document k, a small block, a large block, a pin of each, and a block that nothing pins.
 */
#pragma once
#include "store/check.h"
#include "store/documents.h"
#include "store/pins.h"
#include "util.h"

static inline SoukStoreBatch *
make_batch (SoukStore *store, uint32_t k)
{
  SoukStoreBatch *batch = souk_store_batch_new (store);
  g_autoptr (GBytes) small = make_bytes (200, 2 * k);
  g_autoptr (GBytes) large = make_bytes (30000, 2 * k + 1);
  g_autoptr (GBytes) loose = make_bytes (20000, 2 * k + 1);
  SoukCid small_cid = cid_of (small), large_cid = cid_of (large), loose_cid = cid_of (loose);

  souk_blocks_put (batch, &loose_cid, loose, NULL);
  souk_blocks_put (batch, &small_cid, small, NULL);
  souk_blocks_put (batch, &large_cid, large, NULL);
  souk_pins_add (batch, &small_cid, "test", "a test", (SoukWall){ 0 });
  souk_pins_add (batch, &large_cid, "test", "a test", (SoukWall){ 0 });
  souk_documents_put (batch, "batch", souk_slice (&k, sizeof k), k, (SoukWall){ k },
                      souk_slice_from_bytes (small));
  return batch;
}

/* True when all of batch k is there; asserts that it is not there in part. Its blocks alone may be,
 * since they become durable first. */
static inline bool
has_batch (SoukStore *store, uint32_t k)
{
  g_autoptr (SoukDocument) document
      = souk_documents_get (store, "batch", souk_slice (&k, sizeof k));
  g_autoptr (GBytes) small = make_bytes (200, 2 * k);
  g_autoptr (GBytes) large = make_bytes (30000, 2 * k + 1);
  SoukCid small_cid = cid_of (small), large_cid = cid_of (large);

  if (document == NULL)
    {
      g_assert_false (souk_pins_has (store, &large_cid, (SoukWall){ 1 }));
      return false;
    }
  g_autoptr (GBytes) small_back = souk_blocks_get (store, &small_cid, NULL);
  g_autoptr (GBytes) large_back = souk_blocks_get (store, &large_cid, NULL);
  g_assert_cmpint (document->phase, ==, k);
  g_assert_true (g_bytes_equal (document->body, small));
  g_assert_true (small_back != NULL && g_bytes_equal (small_back, small));
  g_assert_true (large_back != NULL && g_bytes_equal (large_back, large));
  g_assert_true (souk_pins_has (store, &large_cid, (SoukWall){ 1 })
                 && souk_pins_has (store, &small_cid, (SoukWall){ 1 }));
  return true;
}

static inline void
on_check (const SoukStoreReport *report, const GError *error, gpointer user)
{
  g_assert_no_error (error);
  *(SoukStoreReport *)user = *report;
}

/* Opens what a kill left and checks it: the first `acknowledged` batches are there, and no others
 * but whole ones in a row. Returns: how many there are. */
static inline uint32_t
verify (const char *folder, uint32_t acknowledged)
{
  SoukStore *store = open_store (folder);
  SoukStoreReport report = { .blocks_checked = -1 };
  uint32_t k = 0;

  while (has_batch (store, k))
    k++;
  g_assert_cmpuint (k, >=, acknowledged);
  g_assert_cmpint (souk_documents_count (store, "batch", SOUK_PHASE_ANY), ==, k);
  souk_store_check (store, on_check, &report);
  while (report.blocks_checked < 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (report.blocks_damaged, ==, 0);
  g_assert_true (report.is_database_sound);
  souk_store_close (store);
  return k;
}
