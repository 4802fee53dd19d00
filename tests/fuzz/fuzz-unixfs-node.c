/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * UnixFS nodes and folders from any block.
 */
#include "dag/unixfs-folder.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SoukCid cid = { .version = 1, .codec = SOUK_CODEC_DAG_PB };
  SoukSlice block = souk_slice (data, size);
  SoukUnixfsNode node;
  g_autoptr (GArray) entries = NULL;
  bool found;

  if (souk_unixfs_node_decode (&cid, block, &node) == SOUK_STATUS_OK)
    {
      if (node.type == SOUK_UNIXFS_FILE)
        g_assert (node.sizes->len == souk_dag_pb_link_count (&node.node));
      souk_unixfs_node_done (&node);
    }
  if (souk_folder_list (&cid, block, &entries) != SOUK_STATUS_OK)
    return 0;
  for (guint i = 0; i < entries->len; i++)
    {
      SoukFolderEntry *entry = &g_array_index (entries, SoukFolderEntry, i);
      SoukCid target;
      g_assert (souk_folder_name_is_valid (souk_slice_from_text (entry->name)));
      g_assert (souk_folder_find (&cid, block, entry->name, &found, &target) == SOUK_STATUS_OK);
      g_assert (found && souk_cid_is_equal (&target, &entry->cid));
      if (i == 8)
        break;
    }
  return 0;
}
