/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a block links to.
 */
#include "store/links.h"

#include "store/gc.h"
#include "store/pins.h"
#include "util.h"
#include "wire/dag-pb.h"

static void
on_link (const SoukCid *link, gpointer user)
{
  g_array_append_vals (user, link, 1);
}

static unsigned
count_links (uint64_t codec, SoukSlice block)
{
  g_autoptr (GArray) links = g_array_new (FALSE, FALSE, sizeof (SoukCid));
  SoukCid cid = souk_cid_of (codec, block);
  souk_store_links_of (&cid, block, on_link, links);
  return links->len;
}

static GByteArray *
make_node (const SoukCid *leaves, unsigned n_leaves)
{
  GByteArray *node = g_byte_array_new ();
  for (unsigned i = 0; i < n_leaves; i++)
    souk_dag_pb_append_link (node, &leaves[i], SOUK_SLICE_EMPTY, 4);
  souk_dag_pb_append_data (node, SOUK_SLICE_LITERAL ("data"));
  return node;
}

static void
test_links (void)
{
  SoukCid leaves[2] = { souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("a")),
                        souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("b")) };
  g_autoptr (GByteArray) node = make_node (leaves, 2);
  SoukSlice block = souk_slice_from_array (node);

  g_assert_cmpuint (count_links (SOUK_CODEC_DAG_PB, block), ==, 2);
  g_assert_cmpuint (count_links (SOUK_CODEC_RAW, block), ==, 0);
  g_assert_cmpuint (count_links (SOUK_CODEC_DAG_PB, souk_slice (block.data, block.len - 1)), ==, 0);
}

static void
on_collected (const SoukGcReport *report, const GError *error, gpointer user)
{
  g_assert_no_error (error);
  *(int64_t *)user = report->blocks_removed;
}

static void
test_pinned (void)
{
  char *folder = make_folder ();
  SoukStoreConfig config = { .data_dir = folder, .free_bytes_min = 1024 };
  SoukStore *store = souk_store_open (&config, NULL);
  SoukCid leaves[2];
  int64_t removed = -1;

  for (unsigned i = 0; i < 2; i++)
    {
      g_autoptr (GBytes) bytes = make_bytes (100, i);
      leaves[i] = put_block (store, bytes);
    }
  g_autoptr (GByteArray) node = make_node (leaves, 1);
  SoukCid root = souk_cid_of (SOUK_CODEC_DAG_PB, souk_slice_from_array (node));
  g_autoptr (GBytes) bytes = g_bytes_new (node->data, node->len);
  SoukStoreBatch *batch = souk_store_batch_new (store);
  g_assert_true (souk_blocks_put (batch, &root, bytes, NULL));
  souk_pins_add (batch, &root, "user", "a test", (SoukWall){ 0 });
  commit (batch);

  souk_gc_run (store, -1, on_collected, &removed);
  while (removed < 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (removed, ==, 1);
  g_assert_true (souk_blocks_has (store, &root) && souk_blocks_has (store, &leaves[0]));
  g_assert_false (souk_blocks_has (store, &leaves[1]));
  souk_store_close (store);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/links/a-dag-pb-block-has-links-and-a-malformed-one-none", test_links);
  g_test_add_func ("/store/links/a-pinned-dag-pb-root-keeps-its-leaves", test_pinned);
  return g_test_run ();
}
