/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dag/unixfs-builder.h"

#include "base/keccak.h"

#include "support.h"

#include <string.h>

/* Larger inputs than this take seconds: they run with -m slow. */
#define QUICK_SIZE_MAX (64 * 1024 * 1024)

typedef struct {
  uint64_t blocks;
  uint64_t bytes;
} Tally;

static void
pull_blocks (SoukUnixfsBuilder *builder, Tally *tally)
{
  SoukDagBlock block;
  while (souk_unixfs_builder_next (builder, &block))
    {
      tally->blocks++;
      tally->bytes += g_bytes_get_size (block.bytes);
      g_bytes_unref (block.bytes);
    }
}

static void
feed_all (SoukUnixfsBuilder *builder, SoukSlice in, Tally *tally)
{
  while (in.len > 0)
    {
      size_t taken = souk_unixfs_builder_feed (builder, in);
      in = souk_slice (in.data + taken, in.len - taken);
      pull_blocks (builder, tally);
    }
}

/* Feeds an input of the vectors in pieces of an odd number of blocks. */
static void
feed_pattern (SoukUnixfsBuilder *builder, const char *pattern, uint64_t size, Tally *tally)
{
  enum { PIECE = 16 * 6151 };
  g_autofree uint8_t *piece = g_malloc (PIECE);
  SoukTestStream stream;
  souk_test_stream_init (&stream, pattern);
  while (size > 0)
    {
      size_t len = (size_t)MIN (size, PIECE);
      souk_test_stream_fill (&stream, piece, len);
      feed_all (builder, souk_slice (piece, len), tally);
      size -= len;
    }
}

static void
check_root (JsonObject *file, JsonObject *want)
{
  SoukUnixfsOptions options = {
    .chunk_size = (size_t)json_object_get_int_member (want, "chunk_size"),
    .width_max = (size_t)json_object_get_int_member (want, "width"),
    .raw_leaves = json_object_get_boolean_member (want, "raw_leaves"),
    .cid_version = (uint8_t)json_object_get_int_member (want, "cid_version"),
  };
  g_autoptr (SoukUnixfsBuilder) builder = souk_unixfs_builder_new (options);
  uint64_t size = (uint64_t)json_object_get_int_member (file, "size");
  Tally tally = { 0 };
  SoukDagRoot root;

  if (json_object_has_member (file, "text"))
    feed_all (builder, souk_slice_from_text (json_object_get_string_member (file, "text")), &tally);
  else
    feed_pattern (builder, json_object_get_string_member (file, "pattern"), size, &tally);
  g_assert_false (souk_unixfs_builder_root (builder, &root));
  souk_unixfs_builder_finish (builder);
  pull_blocks (builder, &tally);
  g_assert_true (souk_unixfs_builder_root (builder, &root));

  g_autofree char *cid = souk_cid_to_string (&root.cid);
  g_assert_cmpstr (cid, ==, json_object_get_string_member (want, "cid"));
  g_assert_cmpuint (root.file_size, ==, size);
  g_assert_cmpuint (souk_unixfs_builder_fed (builder), ==, size);
  g_assert_cmpuint (tally.bytes, ==, (uint64_t)json_object_get_int_member (want, "dag_size"));
  g_assert_cmpuint (root.dag_size, ==, tally.bytes);
  g_assert_cmpuint (tally.blocks, ==, (uint64_t)json_object_get_int_member (want, "blocks"));
}

static void
test_vectors (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("unixfs.json");
  JsonArray *files = json_object_get_array_member (vectors, "files");
  for (guint i = 0; i < json_array_get_length (files); i++)
    {
      JsonObject *file = json_array_get_object_element (files, i);
      JsonArray *roots = json_object_get_array_member (file, "roots");
      if (json_object_get_int_member (file, "size") > QUICK_SIZE_MAX && !g_test_slow ())
        continue;
      for (guint r = 0; r < json_array_get_length (roots); r++)
        check_root (file, json_array_get_object_element (roots, r));
    }
}

static void
check_meta (JsonObject *one)
{
  SoukUnixfsOptions options = {
    .chunk_size = (size_t)json_object_get_int_member (one, "chunk_size"),
    .width_max = (size_t)json_object_get_int_member (one, "width"),
    .raw_leaves = json_object_get_boolean_member (one, "raw_leaves"),
    .cid_version = 1,
    .meta.has_mode = json_object_has_member (one, "mode"),
    .meta.mode = (uint32_t)json_object_get_int_member_with_default (one, "mode", 0),
    .meta.has_mtime = json_object_has_member (one, "mtime_s"),
    .meta.mtime_s = json_object_get_int_member_with_default (one, "mtime_s", 0),
    .meta.mtime_ns = (uint32_t)json_object_get_int_member_with_default (one, "mtime_ns", 0),
  };
  g_autoptr (SoukUnixfsBuilder) builder = souk_unixfs_builder_new (options);
  SoukDagBlock block;
  SoukDagBlock last = { 0 };
  SoukDagRoot root;
  SoukUnixfsNode node;
  Tally tally = { 0 };

  feed_pattern (builder, json_object_get_string_member (one, "pattern"),
                (uint64_t)json_object_get_int_member (one, "size"), &tally);
  souk_unixfs_builder_finish (builder);
  while (souk_unixfs_builder_next (builder, &block))
    {
      g_clear_pointer (&last.bytes, g_bytes_unref);
      last = block;
    }
  g_assert_true (souk_unixfs_builder_root (builder, &root));
  g_autofree char *cid = souk_cid_to_string (&root.cid);
  g_assert_cmpstr (cid, ==, json_object_get_string_member (one, "cid"));

  /* What was written is read, but for a mode that is the default and was left out. */
  souk_assert_status (
      souk_unixfs_node_decode (&last.cid, souk_slice_from_bytes (last.bytes), &node), OK);
  g_assert_cmpint (node.meta.mtime_s, ==, options.meta.mtime_s);
  g_assert_cmpuint (node.meta.mtime_ns, ==, options.meta.mtime_ns);
  g_assert_true (node.meta.has_mtime == options.meta.has_mtime);
  if (node.meta.has_mode || options.meta.mode != 0644)
    g_assert_cmpuint (node.meta.mode, ==, options.meta.mode);
  souk_unixfs_node_done (&node);
  g_bytes_unref (last.bytes);
}

static void
test_meta (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("unixfs.json");
  JsonArray *cases = json_object_get_array_member (vectors, "files_with_meta");
  for (guint i = 0; i < json_array_get_length (cases); i++)
    check_meta (json_array_get_object_element (cases, i));

  JsonObject *hello = json_object_get_object_member (vectors, "file_with_mode_and_time");
  SoukUnixfsOptions options = SOUK_UNIXFS_V1_2025;
  options.meta = (SoukUnixfsMeta){ true, 0644, true, 1700000000, 0 };
  g_autoptr (SoukUnixfsBuilder) builder = souk_unixfs_builder_new (options);
  SoukDagRoot root;
  Tally tally = { 0 };
  feed_all (builder, souk_slice_from_text (json_object_get_string_member (hello, "text")), &tally);
  souk_unixfs_builder_finish (builder);
  g_assert_true (souk_unixfs_builder_root (builder, &root));
  g_autofree char *cid = souk_cid_to_string (&root.cid);
  g_assert_cmpstr (cid, ==, json_object_get_string_member (hello, "cid"));
}

static void
test_back_pressure (void)
{
  g_autoptr (SoukUnixfsBuilder) builder = souk_unixfs_builder_new (
      (SoukUnixfsOptions){ .chunk_size = 4, .width_max = 2, .raw_leaves = true, .cid_version = 1 });
  g_assert_cmpuint (souk_unixfs_builder_feed (builder, SOUK_SLICE_LITERAL ("abcdefgh")), ==, 4);
  g_assert_cmpuint (souk_unixfs_builder_feed (builder, SOUK_SLICE_LITERAL ("efgh")), ==, 0);
  SoukDagBlock block;
  g_assert_true (souk_unixfs_builder_next (builder, &block));
  g_assert_true (souk_cid_matches (&block.cid, SOUK_SLICE_LITERAL ("abcd")));
  g_bytes_unref (block.bytes);
  g_assert_false (souk_unixfs_builder_next (builder, &block));
  g_assert_cmpuint (souk_unixfs_builder_feed (builder, SOUK_SLICE_LITERAL ("efgh")), ==, 4);
  /* What was not pulled goes with the builder. */
}

/* The tree of n chunks of one byte and width 2, worked out level by level. */
static uint64_t
count_of_nodes (uint64_t leaves)
{
  uint64_t count = leaves;
  while (leaves > 1)
    {
      leaves = (leaves + 1) / 2;
      count += leaves;
    }
  return count;
}

static void
test_shapes (void)
{
  uint8_t bytes[70];
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (uint8_t)i;
  for (size_t len = 1; len <= sizeof bytes; len++)
    {
      g_autoptr (SoukUnixfsBuilder) builder
          = souk_unixfs_builder_new ((SoukUnixfsOptions){ 1, 2, true, 1 });
      Tally tally = { 0 };
      feed_all (builder, souk_slice (bytes, len), &tally);
      souk_unixfs_builder_finish (builder);
      pull_blocks (builder, &tally);
      g_assert_cmpuint (tally.blocks, ==, count_of_nodes (len));
    }
}

/* With -m perf: how fast a file goes in, and how fast the hash alone is. */
static void
test_speed (void)
{
  if (!g_test_perf ())
    {
      g_test_skip ("runs with -m perf");
      return;
    }
  enum { PIECE = 1024 * 1024, COUNT = 256 };
  g_autofree uint8_t *piece = g_malloc (PIECE);
  uint8_t digest[SOUK_HASH_SIZE];
  Tally tally = { 0 };
  SoukTestStream stream;
  souk_test_stream_init (&stream, "random");
  souk_test_stream_fill (&stream, piece, PIECE);

  g_test_timer_start ();
  for (int i = 0; i < COUNT; i++)
    souk_sha256 (digest, souk_slice (piece, PIECE));
  double seconds = g_test_timer_elapsed ();
  g_test_maximized_result (COUNT / seconds, "SHA-256 alone: %.0f MiB/s", COUNT / seconds);

  const SoukUnixfsOptions presets[]
      = { SOUK_UNIXFS_V1_2025, SOUK_UNIXFS_KUBO_V1, SOUK_UNIXFS_V0_2015 };
  for (size_t p = 0; p < G_N_ELEMENTS (presets); p++)
    {
      g_autoptr (SoukUnixfsBuilder) builder = souk_unixfs_builder_new (presets[p]);
      g_test_timer_start ();
      for (int i = 0; i < COUNT; i++)
        feed_all (builder, souk_slice (piece, PIECE), &tally);
      souk_unixfs_builder_finish (builder);
      pull_blocks (builder, &tally);
      seconds = g_test_timer_elapsed ();
      g_test_maximized_result (COUNT / seconds, "import, preset %zu: %.0f MiB/s", p,
                               COUNT / seconds);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dag/unixfs-builder/mode-and-time-are-written-as-others-do", test_meta);
  g_test_add_func ("/dag/unixfs-builder/roots-are-those-of-other-ipfs-programs", test_vectors);
  g_test_add_func ("/dag/unixfs-builder/a-ready-block-holds-the-input-back", test_back_pressure);
  g_test_add_func ("/dag/unixfs-builder/every-level-is-filled-from-the-left", test_shapes);
  g_test_add_func ("/dag/unixfs-builder/a-file-goes-in-at-the-speed-of-its-hash", test_speed);
  return g_test_run ();
}
