/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Links of blocks. GLIB. See links.h.
 */
#include "store/links.h"

#include "wire/dag-pb.h"

void
souk_store_links_of (const SoukCid *cid, SoukSlice block, SoukStoreVisitLink visit, gpointer user)
{
  SoukDagPbNode node;

  if (cid->codec != SOUK_CODEC_DAG_PB || souk_dag_pb_decode (block, &node) != SOUK_STATUS_OK)
    return;
  for (guint i = 0; i < node.links->len; i++)
    visit (&g_array_index (node.links, SoukDagPbLink, i).cid, user);
  souk_dag_pb_done (&node);
}
