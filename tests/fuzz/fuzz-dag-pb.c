/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * DAG-PB nodes from any bytes: what is read, and has all its fields, is written back as it was.
 */
#include "wire/dag-pb.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SoukDagPbNode node;
  if (souk_dag_pb_decode (souk_slice (data, size), &node) != SOUK_STATUS_OK)
    return 0;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  for (size_t i = 0; i < souk_dag_pb_link_count (&node); i++)
    {
      const SoukDagPbLink *link = souk_dag_pb_link (&node, i);
      souk_dag_pb_append_link (out, &link->cid, link->name, link->tsize);
    }
  if (node.has_data)
    souk_dag_pb_append_data (out, node.data);

  /* Absent names and sizes come back empty, so the bytes may differ; their meaning does not. */
  SoukDagPbNode back;
  g_assert (souk_dag_pb_decode (souk_slice_from_array (out), &back) == SOUK_STATUS_OK);
  g_assert (souk_dag_pb_link_count (&back) == souk_dag_pb_link_count (&node));
  for (size_t i = 0; i < souk_dag_pb_link_count (&node); i++)
    {
      const SoukDagPbLink *a = souk_dag_pb_link (&node, i);
      const SoukDagPbLink *b = souk_dag_pb_link (&back, i);
      g_assert (souk_cid_is_equal (&a->cid, &b->cid) && a->tsize == b->tsize
                && souk_slice_is_equal (a->name, b->name));
    }
  g_assert (back.has_data == node.has_data && souk_slice_is_equal (back.data, node.data));
  souk_dag_pb_done (&back);
  souk_dag_pb_done (&node);
  return 0;
}
