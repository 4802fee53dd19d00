/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dag/unixfs-reader.h"

#include "base/rng.h"
#include "dag/unixfs-builder.h"
#include "support.h"

#include <string.h>

/* A file, its blocks by CID, and its root. */
typedef struct {
  GHashTable *blocks; /* SoukCid * -> GBytes * */
  GBytes *content;
  SoukDagRoot root;
} Fixture;

static SoukCid
add_block (Fixture *self, uint64_t codec, GBytes *bytes)
{
  SoukCid cid = souk_cid_of (codec, souk_slice_from_bytes (bytes));
  g_hash_table_insert (self->blocks, g_memdup2 (&cid, sizeof cid), bytes);
  return cid;
}

static void
fixture_init (Fixture *self)
{
  memset (self, 0, sizeof *self);
  self->blocks = g_hash_table_new_full (souk_cid_hash, souk_cid_equal, g_free,
                                        (GDestroyNotify)g_bytes_unref);
}

static void
fixture_build (Fixture *self, const char *pattern, size_t size, SoukUnixfsOptions options)
{
  fixture_init (self);
  g_autofree uint8_t *data = g_malloc (size + 1);
  SoukTestStream stream;
  souk_test_stream_init (&stream, pattern);
  souk_test_stream_fill (&stream, data, size);
  self->content = g_bytes_new (data, size);

  g_autoptr (SoukUnixfsBuilder) builder = souk_unixfs_builder_new (options);
  SoukDagBlock block;
  size_t at = 0;
  do
    {
      at += souk_unixfs_builder_feed (builder, souk_slice (data + at, size - at));
      if (at == size)
        souk_unixfs_builder_finish (builder);
      while (souk_unixfs_builder_next (builder, &block))
        g_hash_table_insert (self->blocks, g_memdup2 (&block.cid, sizeof block.cid), block.bytes);
    }
  while (!souk_unixfs_builder_root (builder, &self->root));
}

static void
fixture_done (Fixture *self)
{
  g_hash_table_unref (self->blocks);
  g_clear_pointer (&self->content, g_bytes_unref);
}

/* Reads to the end or to a failure. Blocks come back in a random order, a few at a time.
 * Returns: what came out. */
static GByteArray *
read_through (Fixture *self, SoukUnixfsReader *reader, uint64_t seed, size_t *out_asked)
{
  SoukSeededRng rng;
  souk_seeded_rng_init_number (&rng, seed);
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (SoukCid));
  GByteArray *out = g_byte_array_new ();
  int idle = 0; /* rounds in which nothing happened: two are a hang */
  *out_asked = 0;

  while (!souk_unixfs_reader_is_done (reader)
         && souk_unixfs_reader_status (reader) == SOUK_STATUS_OK)
    {
      SoukCid cid;
      GBytes *bytes;
      while (souk_unixfs_reader_need (reader, &cid))
        {
          g_array_append_val (wanted, cid);
          (*out_asked)++;
        }
      bool fed = wanted->len > 0;
      if (fed)
        {
          guint pick = (guint)souk_rng_below (&rng.rng, wanted->len);
          cid = g_array_index (wanted, SoukCid, pick);
          g_array_remove_index_fast (wanted, pick);
          GBytes *block = g_hash_table_lookup (self->blocks, &cid);
          g_assert_nonnull (block);
          souk_unixfs_reader_feed (reader, &cid, block);
        }
      bool came = fed;
      while (souk_unixfs_reader_next (reader, &bytes))
        {
          g_assert_cmpuint (g_bytes_get_size (bytes), >, 0);
          souk_append (out, souk_slice_from_bytes (bytes));
          g_bytes_unref (bytes);
          came = true;
        }
      idle = came ? 0 : idle + 1;
      g_assert_cmpint (idle, <, 2);
    }
  return out;
}

static void
check_range (Fixture *self, uint64_t offset, uint64_t len, uint64_t seed)
{
  g_autoptr (SoukUnixfsReader) reader
      = souk_unixfs_reader_new (&self->root.cid, offset, len, UINT64_MAX);
  size_t asked;
  g_autoptr (GByteArray) have = read_through (self, reader, seed, &asked);
  SoukSlice content = souk_slice_from_bytes (self->content);
  size_t begin = (size_t)MIN (offset, content.len);
  size_t want_len = (size_t)MIN (len, content.len - begin);
  uint64_t size = 0;

  souk_assert_status (souk_unixfs_reader_status (reader), OK);
  g_assert_true (souk_unixfs_reader_is_done (reader));
  g_assert_cmpmem (have->data, have->len, want_len > 0 ? content.data + begin : NULL, want_len);
  g_assert_true (souk_unixfs_reader_size (reader, &size));
  g_assert_cmpuint (size, ==, content.len);
}

static void
test_reads_back (void)
{
  static const size_t sizes[] = { 0, 1, 12, 256, 257, 1000, 20000, 20001 };
  static const SoukUnixfsOptions options[]
      = { { 256, 3, true, 1 }, { 256, 3, false, 0 }, { 100, 174, true, 1 }, { 64, 2, false, 1 } };
  for (size_t o = 0; o < G_N_ELEMENTS (options); o++)
    for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++)
      {
        Fixture fixture;
        fixture_build (&fixture, "random", sizes[s], options[o]);
        for (uint64_t seed = 0; seed < 3; seed++)
          check_range (&fixture, 0, UINT64_MAX, seed);
        fixture_done (&fixture);
      }
}

static void
test_ranges (void)
{
  Fixture fixture;
  SoukSeededRng rng;
  souk_seeded_rng_init_number (&rng, 7);
  fixture_build (&fixture, "random", 20001, (SoukUnixfsOptions){ 256, 3, true, 1 });
  for (int i = 0; i < 200; i++)
    check_range (&fixture, souk_rng_below (&rng.rng, 20100), souk_rng_below (&rng.rng, 2000),
                 (uint64_t)i);
  check_range (&fixture, 20001, 1, 0);
  check_range (&fixture, UINT64_MAX, UINT64_MAX, 0);
  check_range (&fixture, 0, 0, 0);
  check_range (&fixture, 5, 0, 0); /* an empty range inside of a leaf */

  /* One byte asks for one path: the root, a node on each level, the leaf. */
  g_autoptr (SoukUnixfsReader) reader
      = souk_unixfs_reader_new (&fixture.root.cid, 10000, 1, UINT64_MAX);
  size_t asked;
  g_autoptr (GByteArray) have = read_through (&fixture, reader, 0, &asked);
  g_assert_cmpuint (have->len, ==, 1);
  g_assert_cmpuint (asked, ==, 5); /* 79 leaves, width 3 */
  fixture_done (&fixture);
}

static void
test_twins (void)
{
  Fixture fixture;
  fixture_build (&fixture, "zeros", 256 * 40, (SoukUnixfsOptions){ 256, 174, true, 1 });
  g_autoptr (SoukUnixfsReader) reader
      = souk_unixfs_reader_new (&fixture.root.cid, 0, UINT64_MAX, UINT64_MAX);
  size_t asked;
  g_autoptr (GByteArray) have = read_through (&fixture, reader, 0, &asked);
  g_assert_cmpuint (have->len, ==, 256 * 40);
  g_assert_cmpuint (asked, ==, 2);
  fixture_done (&fixture);
}

static void
test_window (void)
{
  Fixture fixture;
  fixture_build (&fixture, "random", 256 * 200, (SoukUnixfsOptions){ 256, 1024, true, 1 });
  g_autoptr (SoukUnixfsReader) reader
      = souk_unixfs_reader_new (&fixture.root.cid, 0, UINT64_MAX, UINT64_MAX);
  SoukCid cid;
  g_assert_true (souk_unixfs_reader_need (reader, &cid));
  g_assert_false (souk_unixfs_reader_need (reader, &cid));
  souk_unixfs_reader_feed (reader, &cid, g_hash_table_lookup (fixture.blocks, &cid));
  size_t count = 0;
  while (souk_unixfs_reader_need (reader, &cid))
    count++;
  g_assert_cmpuint (count, ==, SOUK_DAG_AHEAD_MAX);

  souk_unixfs_reader_ask_again (reader);
  count = 0;
  while (souk_unixfs_reader_need (reader, &cid))
    count++;
  g_assert_cmpuint (count, ==, SOUK_DAG_AHEAD_MAX);

  /* The last one of the window comes first: it is kept, and takes its place in the window. */
  GBytes *bytes;
  souk_assert_status (
      souk_unixfs_reader_feed (reader, &cid, g_hash_table_lookup (fixture.blocks, &cid)), OK);
  g_assert_false (souk_unixfs_reader_next (reader, &bytes));
  g_assert_false (souk_unixfs_reader_need (reader, &cid));
  fixture_done (&fixture);
}

static void
test_uninvited (void)
{
  Fixture fixture;
  fixture_build (&fixture, "random", 1000, (SoukUnixfsOptions){ 256, 3, true, 1 });
  g_autoptr (SoukUnixfsReader) reader
      = souk_unixfs_reader_new (&fixture.root.cid, 0, UINT64_MAX, UINT64_MAX);
  g_autoptr (GBytes) other = g_bytes_new ("other", 5);
  SoukCid cid = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("other"));
  souk_assert_status (souk_unixfs_reader_feed (reader, &cid, other), OK);
  g_assert_false (souk_unixfs_reader_is_done (reader));
  size_t asked;
  g_autoptr (GByteArray) have = read_through (&fixture, reader, 0, &asked);
  g_assert_cmpuint (have->len, ==, 1000);
  fixture_done (&fixture);
}

/* Reads a tree made by hand. Returns: how it ends. */
static SoukStatus
read_tree (Fixture *fixture, const SoukCid *root, uint64_t size_max, size_t *out_len)
{
  g_autoptr (SoukUnixfsReader) reader = souk_unixfs_reader_new (root, 0, UINT64_MAX, size_max);
  size_t asked;
  g_autoptr (GByteArray) have = read_through (fixture, reader, 1, &asked);
  *out_len = have->len;
  return souk_unixfs_reader_status (reader);
}

static SoukCid
add_node (Fixture *fixture, SoukSlice data, const SoukCid *children, const uint64_t *sizes,
          size_t count)
{
  GByteArray *block = g_byte_array_new ();
  uint64_t sum = data.len;
  for (size_t i = 0; i < count; i++)
    {
      souk_dag_pb_append_link (block, &children[i], SOUK_SLICE_EMPTY, 1);
      sum += sizes[i];
    }
  souk_unixfs_append_file (block, data, sum, sizes, count, NULL);
  return add_block (fixture, SOUK_CODEC_DAG_PB, g_byte_array_free_to_bytes (block));
}

static void
test_lies (void)
{
  Fixture fixture;
  size_t len;
  fixture_init (&fixture);
  SoukCid leaf = add_block (&fixture, SOUK_CODEC_RAW, g_bytes_new ("abc", 3));

  uint64_t longer = 4;
  SoukCid root = add_node (&fixture, SOUK_SLICE_EMPTY, &leaf, &longer, 1);
  souk_assert_status (read_tree (&fixture, &root, UINT64_MAX, &len), BAD_DAG);
  uint64_t shorter = 2;
  root = add_node (&fixture, SOUK_SLICE_EMPTY, &leaf, &shorter, 1);
  souk_assert_status (read_tree (&fixture, &root, UINT64_MAX, &len), BAD_DAG);
  g_assert_cmpuint (len, ==, 0);
  uint64_t right = 3;
  root = add_node (&fixture, SOUK_SLICE_LITERAL ("inline "), &leaf, &right, 1);
  souk_assert_status (read_tree (&fixture, &root, 10, &len), OK);
  g_assert_cmpuint (len, ==, 10);
  souk_assert_status (read_tree (&fixture, &root, 9, &len), TOO_LARGE);

  /* A folder is no file, neither as the root nor inside of one. */
  GByteArray *block = g_byte_array_new ();
  souk_unixfs_append_folder (block);
  SoukCid folder = add_block (&fixture, SOUK_CODEC_DAG_PB, g_byte_array_free_to_bytes (block));
  souk_assert_status (read_tree (&fixture, &folder, UINT64_MAX, &len), NOT_A_FILE);
  root = add_node (&fixture, SOUK_SLICE_EMPTY, &folder, &right, 1);
  souk_assert_status (read_tree (&fixture, &root, UINT64_MAX, &len), BAD_DAG);
  fixture_done (&fixture);
}

static void
test_bombs (void)
{
  Fixture fixture;
  size_t len;
  fixture_init (&fixture);
  SoukCid leaf = add_block (&fixture, SOUK_CODEC_RAW, g_bytes_new ("a", 1));

  /* A chain that is too deep. */
  uint64_t one = 1;
  SoukCid node = leaf;
  for (int i = 0; i < SOUK_DAG_DEPTH_MAX; i++)
    node = add_node (&fixture, SOUK_SLICE_EMPTY, &node, &one, 1);
  souk_assert_status (read_tree (&fixture, &node, UINT64_MAX, &len), OK);
  node = add_node (&fixture, SOUK_SLICE_EMPTY, &node, &one, 1);
  souk_assert_status (read_tree (&fixture, &node, UINT64_MAX, &len), TOO_LARGE);

  /* A tree of 1000^4 empty parts ends at once. */
  enum { WIDTH = 1000 };
  g_autofree SoukCid *children = g_new (SoukCid, WIDTH);
  g_autofree uint64_t *sizes = g_new0 (uint64_t, WIDTH);
  node = add_block (&fixture, SOUK_CODEC_RAW, g_bytes_new ("", 0));
  for (int level = 0; level < 4; level++)
    {
      for (size_t i = 0; i < WIDTH; i++)
        children[i] = node;
      node = add_node (&fixture, SOUK_SLICE_EMPTY, children, sizes, WIDTH);
    }
  souk_assert_status (read_tree (&fixture, &node, UINT64_MAX, &len), OK);
  g_assert_cmpuint (len, ==, 0);
  fixture_done (&fixture);
}

static void
test_wide (void)
{
  /* Twenty nodes of 8000 children under one root: more parts than the list may have, so that the
   * later nodes wait for the earlier ones. */
  Fixture fixture;
  size_t len;
  enum { WIDTH = 8000, NODES = 20 };
  g_autofree SoukCid *children = g_new (SoukCid, WIDTH);
  g_autofree uint64_t *sizes = g_new (uint64_t, WIDTH);
  fixture_init (&fixture);
  SoukCid leaf = add_block (&fixture, SOUK_CODEC_RAW, g_bytes_new ("a", 1));
  SoukCid nodes[NODES];
  uint64_t node_sizes[NODES];
  for (size_t i = 0; i < WIDTH; i++)
    {
      children[i] = leaf;
      sizes[i] = 1;
    }
  for (size_t n = 0; n < NODES; n++)
    {
      nodes[n] = add_node (&fixture, SOUK_SLICE_EMPTY, children, sizes, WIDTH - n);
      node_sizes[n] = WIDTH - n;
    }
  SoukCid root = add_node (&fixture, SOUK_SLICE_EMPTY, nodes, node_sizes, NODES);
  souk_assert_status (read_tree (&fixture, &root, UINT64_MAX, &len), OK);
  g_assert_cmpuint (len, ==, WIDTH * NODES - NODES * (NODES - 1) / 2);
  fixture_done (&fixture);
}

static void
test_full_window (void)
{
  /* Later nodes arrive before the first: their leaves fill the window, and the first goes on. */
  Fixture fixture;
  fixture_build (&fixture, "random", 256 * 100 * 20, (SoukUnixfsOptions){ 256, 100, true, 1 });
  for (uint64_t seed = 0; seed < 20; seed++)
    check_range (&fixture, 0, UINT64_MAX, seed);
  fixture_done (&fixture);
}

static void
test_identity (void)
{
  Fixture fixture;
  size_t len;
  fixture_init (&fixture);
  SoukCid children[3];
  uint64_t sizes[3] = { 3, 3, 3 };
  for (size_t i = 0; i < 3; i++)
    children[i] = (SoukCid){ .version = 1,
                             .codec = SOUK_CODEC_RAW,
                             .hash = souk_multihash_identity (SOUK_SLICE_LITERAL ("abc")) };
  children[1] = add_block (&fixture, SOUK_CODEC_RAW, g_bytes_new ("xyz", 3));
  SoukCid root = add_node (&fixture, SOUK_SLICE_EMPTY, children, sizes, 3);
  souk_assert_status (read_tree (&fixture, &root, UINT64_MAX, &len), OK);
  g_assert_cmpuint (len, ==, 9);
  souk_assert_status (read_tree (&fixture, &children[0], UINT64_MAX, &len), OK);
  g_assert_cmpuint (len, ==, 3);
  fixture_done (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dag/unixfs-reader/what-was-built-is-read-back-in-any-order-of-blocks",
                   test_reads_back);
  g_test_add_func ("/dag/unixfs-reader/a-range-gives-its-bytes-and-asks-for-nothing-else",
                   test_ranges);
  g_test_add_func ("/dag/unixfs-reader/equal-blocks-are-asked-for-once", test_twins);
  g_test_add_func ("/dag/unixfs-reader/no-more-is-asked-ahead-than-the-window-holds", test_window);
  g_test_add_func ("/dag/unixfs-reader/a-block-that-nobody-asked-for-is-ignored", test_uninvited);
  g_test_add_func ("/dag/unixfs-reader/lies-about-sizes-and-types-end-the-read", test_lies);
  g_test_add_func ("/dag/unixfs-reader/deep-and-empty-trees-end", test_bombs);
  g_test_add_func ("/dag/unixfs-reader/more-parts-than-fit-are-read-one-node-after-another",
                   test_wide);
  g_test_add_func ("/dag/unixfs-reader/a-window-full-of-later-parts-does-not-stop-the-first",
                   test_full_window);
  g_test_add_func ("/dag/unixfs-reader/blocks-inside-of-their-cid-are-not-asked-for",
                   test_identity);
  return g_test_run ();
}
