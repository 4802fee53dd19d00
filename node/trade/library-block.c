/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Single blocks. See library-block.h.
 */
#include "trade/library-block.h"

#include "store/blocks.h"
#include "trade/library-private.h"

#define BLOCK_TIMEOUT_MS 30000

struct SoukBlockWant {
  SoukLibrary *library;
  SoukExchangeWant *want;
  SoukBlockWantDone done;
  void *user;
};

GBytes *
souk_library_block (SoukLibrary *self, const SoukCid *cid)
{
  return souk_blocks_get (self->store, cid, NULL);
}

/* Keeps the block. That the store is full is no reason to keep it from its reader. */
static void
keep (SoukLibrary *self, const SoukCid *cid, GBytes *block)
{
  g_autoptr (SoukStoreBatch) batch = souk_store_batch_new (self->store);
  if (souk_blocks_put (batch, cid, block, NULL))
    souk_store_commit (g_steal_pointer (&batch), NULL, NULL);
}

static void
on_block (SoukExchange *exchange, const SoukCid *cid, GBytes *block, void *user)
{
  g_autofree SoukBlockWant *want = user;
  SoukCid owned = *cid;
  if (block != NULL)
    keep (want->library, &owned, block);
  want->done (&owned, block, want->user);
}

SoukBlockWant *
souk_library_want_block (SoukLibrary *self, const SoukCid *cid, SoukBlockWantDone done, void *user)
{
  SoukBlockWant *want = g_new0 (SoukBlockWant, 1);
  *want = (SoukBlockWant){ .library = self, .done = done, .user = user };
  want->want = souk_exchange_want (self->exchange, cid, NULL, BLOCK_TIMEOUT_MS, on_block, want);
  if (want->want == NULL)
    g_clear_pointer (&want, g_free);
  return want;
}

void
souk_block_want_cancel (SoukBlockWant *want)
{
  souk_exchange_cancel (want->want);
  g_free (want);
}
