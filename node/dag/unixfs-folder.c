/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Plain folders. PURE. See unixfs-folder.h.
 */
#include "dag/unixfs-folder.h"

#include <stdlib.h>
#include <string.h>

bool
souk_folder_name_is_valid (SoukSlice name)
{
  if (name.len == 0 || name.len > SOUK_DAG_NAME_SIZE_MAX
      || !g_utf8_validate_len ((const char *)name.data, name.len, NULL)
      || souk_slice_is_equal (name, SOUK_SLICE_LITERAL ("."))
      || souk_slice_is_equal (name, SOUK_SLICE_LITERAL ("..")))
    return false;
  for (size_t i = 0; i < name.len; i++)
    if (name.data[i] < ' ' || name.data[i] == '/' || name.data[i] == 0x7f)
      return false;
  return true;
}

static int
compare_entries (const void *a, const void *b)
{
  const SoukFolderEntry *const *left = a;
  const SoukFolderEntry *const *right = b;
  return strcmp ((*left)->name, (*right)->name);
}

uint64_t
souk_folder_links_size (const SoukFolderEntry *entries, size_t len)
{
  uint64_t size = 0;
  for (size_t i = 0; i < len; i++)
    {
      g_autoptr (GBytes) cid = souk_cid_to_bytes (&entries[i].cid);
      size += strlen (entries[i].name) + g_bytes_get_size (cid);
    }
  return size;
}

SoukStatus
souk_folder_build (uint8_t cid_version, const SoukFolderEntry *entries, size_t len,
                   SoukDagBlock *out_block, SoukDagRoot *out_root)
{
  g_autofree const SoukFolderEntry **sorted = g_new (const SoukFolderEntry *, len + 1);
  g_autoptr (GByteArray) block = g_byte_array_new ();
  SoukDagRoot root = { 0 };

  if (souk_folder_links_size (entries, len) > SOUK_DAG_FOLDER_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  for (size_t i = 0; i < len; i++)
    sorted[i] = &entries[i];
  qsort (sorted, len, sizeof *sorted, compare_entries);
  for (size_t i = 0; i < len; i++)
    {
      SoukSlice name = souk_slice_from_text (sorted[i]->name);
      if (!souk_folder_name_is_valid (name)
          || (i > 0 && strcmp (sorted[i - 1]->name, sorted[i]->name) == 0))
        return SOUK_STATUS_BAD_DAG;
      souk_dag_pb_append_link (block, &sorted[i]->cid, name, sorted[i]->dag_size);
      root.dag_size += sorted[i]->dag_size;
    }
  souk_unixfs_append_folder (block);
  root.dag_size += block->len;
  root.cid = souk_unixfs_cid (cid_version, SOUK_CODEC_DAG_PB, souk_slice_from_array (block));
  out_block->cid = root.cid;
  out_block->bytes = g_byte_array_free_to_bytes (g_steal_pointer (&block));
  *out_root = root;
  return SOUK_STATUS_OK;
}

/* OK when the node is a plain folder. */
static SoukStatus
check_type (SoukUnixfsType type)
{
  switch (type)
    {
    case SOUK_UNIXFS_FOLDER:
      return SOUK_STATUS_OK;
    case SOUK_UNIXFS_HAMT_SHARD:
      return SOUK_STATUS_UNSUPPORTED;
    case SOUK_UNIXFS_RAW:
    case SOUK_UNIXFS_FILE:
    case SOUK_UNIXFS_METADATA:
    case SOUK_UNIXFS_SYMLINK:
      return SOUK_STATUS_NOT_A_FOLDER;
    }
  return SOUK_STATUS_BAD_DAG;
}

static void
clear_entry (gpointer data)
{
  SoukFolderEntry *entry = data;
  g_free ((char *)entry->name);
}

/* Copies the links out; each name may be there once. */
static SoukStatus
list_links (const SoukDagPbNode *node, GArray *entries)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (size_t i = 0; i < souk_dag_pb_link_count (node); i++)
    {
      const SoukDagPbLink *link = souk_dag_pb_link (node, i);
      if (!souk_folder_name_is_valid (link->name))
        return SOUK_STATUS_BAD_DAG;
      SoukFolderEntry entry = { .cid = link->cid, .dag_size = link->tsize };
      entry.name = g_strndup ((const char *)link->name.data, link->name.len);
      g_array_append_val (entries, entry);
      if (!g_hash_table_add (seen, (char *)entry.name))
        return SOUK_STATUS_BAD_DAG;
    }
  return SOUK_STATUS_OK;
}

SoukStatus
souk_folder_list (const SoukCid *cid, SoukSlice block, GArray **out_entries)
{
  SoukUnixfsNode node;
  SOUK_TRY (souk_unixfs_node_decode (cid, block, &node));
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (SoukFolderEntry));
  g_array_set_clear_func (entries, clear_entry);

  SoukStatus status = check_type (node.type);
  if (status == SOUK_STATUS_OK)
    status = list_links (&node.node, entries);
  souk_unixfs_node_done (&node);
  if (status == SOUK_STATUS_OK)
    *out_entries = g_steal_pointer (&entries);
  return status;
}

SoukStatus
souk_folder_find (const SoukCid *cid, SoukSlice block, const char *name, bool *out_found,
                  SoukCid *out_cid)
{
  g_autoptr (GArray) entries = NULL;
  SOUK_TRY (souk_folder_list (cid, block, &entries));
  *out_found = false;
  for (guint i = 0; i < entries->len && !*out_found; i++)
    {
      const SoukFolderEntry *entry = &g_array_index (entries, SoukFolderEntry, i);
      if (strcmp (entry->name, name) != 0)
        continue;
      *out_found = true;
      *out_cid = entry->cid;
    }
  return SOUK_STATUS_OK;
}
