/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See dag-support.h.
 */
#include "dag-support.h"

#include "support.h"

#include <string.h>

void
numbered_folder_init (NumberedFolder *self, unsigned count)
{
  self->entries = g_new0 (SoukFolderEntry, count + 1);
  self->names = g_new0 (char *, count + 1);
  for (unsigned i = 0; i < count; i++)
    {
      g_autofree char *content = g_strdup_printf ("%u", i);
      self->names[i] = g_strdup_printf ("file-%05u.txt", i);
      self->entries[i].name = self->names[i];
      self->entries[i].cid = souk_cid_of (SOUK_CODEC_RAW, souk_slice_from_text (content));
      self->entries[i].dag_size = strlen (content);
    }
}

void
numbered_folder_done (NumberedFolder *self)
{
  g_strfreev (self->names);
  g_free (self->entries);
}

void
test_dag_add (TestDag *self, const SoukCid *cid, GBytes *bytes)
{
  g_assert_true (souk_cid_matches (cid, souk_slice_from_bytes (bytes)));
  g_hash_table_insert (self->blocks, g_memdup2 (cid, sizeof *cid), bytes);
}

static void
add_blocks (TestDag *self, GArray *blocks)
{
  for (guint i = 0; i < blocks->len; i++)
    {
      SoukDagBlock *block = &g_array_index (blocks, SoukDagBlock, i);
      test_dag_add (self, &block->cid, g_bytes_ref (block->bytes));
    }
}

SoukCid
test_dag_add_folder (TestDag *self, const SoukFolderEntry *entries, size_t len, SoukDagRoot *out)
{
  g_autoptr (GArray) blocks = NULL;
  souk_assert_status (souk_folder_build_blocks (1, entries, len, &blocks, out), OK);
  add_blocks (self, blocks);
  return out->cid;
}

SoukCid
numbered_dag_init (TestDag *self, unsigned count, bool is_split)
{
  NumberedFolder folder;
  SoukDagRoot root;
  self->blocks = g_hash_table_new_full (souk_cid_hash, souk_cid_equal, g_free,
                                        (GDestroyNotify)g_bytes_unref);
  numbered_folder_init (&folder, count);
  for (unsigned i = 0; i < count; i++)
    {
      char *content = g_strdup_printf ("%u", i);
      test_dag_add (self, &folder.entries[i].cid, g_bytes_new_take (content, strlen (content)));
    }
  if (is_split)
    {
      g_autoptr (GArray) blocks = NULL;
      souk_assert_status (souk_hamt_build (1, folder.entries, count, &blocks, &root), OK);
      add_blocks (self, blocks);
    }
  else
    test_dag_add_folder (self, folder.entries, count, &root);
  numbered_folder_done (&folder);
  return root.cid;
}

void
test_dag_done (TestDag *self)
{
  g_hash_table_unref (self->blocks);
}

GBytes *
test_dag_get (TestDag *self, const SoukCid *cid)
{
  GBytes *bytes = g_hash_table_lookup (self->blocks, cid);
  g_assert_nonnull (bytes);
  return bytes;
}
