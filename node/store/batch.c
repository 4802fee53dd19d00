/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Building batches. GLIB. See batch.h.
 */
#include "store/batch.h"

#include "store/internal.h"

static void
block_op_clear (gpointer data)
{
  SoukStoreBlockOp *op = data;
  g_clear_pointer (&op->bytes, g_bytes_unref);
}

SoukStoreBatch *
souk_store_batch_new (SoukStore *self)
{
  SoukStoreBatch *batch = g_new0 (SoukStoreBatch, 1);
  batch->store = self;
  batch->ops = g_array_new (FALSE, FALSE, sizeof (SoukStoreOp));
  batch->values = g_array_new (FALSE, FALSE, sizeof (SoukValue));
  batch->bytes = g_byte_array_new ();
  batch->blocks = g_array_new (FALSE, FALSE, sizeof (SoukStoreBlockOp));
  g_array_set_clear_func (batch->blocks, block_op_clear);
  return batch;
}

void
souk_store_batch_free (SoukStoreBatch *batch)
{
  if (batch == NULL)
    return;
  souk_store_unreserve (batch->store, batch->reserved_bytes);
  g_array_unref (batch->ops);
  g_array_unref (batch->values);
  g_byte_array_unref (batch->bytes);
  g_array_unref (batch->blocks);
  g_free (batch);
}

void
souk_batch_add_values (SoukStoreBatch *batch, const char *static_sql, const SoukValue *values,
                       size_t n_values)
{
  SoukStoreOp op = { static_sql, batch->values->len, (guint)n_values };
  for (size_t i = 0; i < n_values; i++)
    {
      SoukValue value = values[i];
      value.offset = batch->bytes->len;
      souk_append (batch->bytes, value.bytes);
      value.bytes.data = NULL;
      g_array_append_val (batch->values, value);
    }
  g_array_append_val (batch->ops, op);
}

size_t
souk_batch_size (const SoukStoreBatch *batch)
{
  return batch->bytes->len + (size_t)batch->block_bytes;
}
