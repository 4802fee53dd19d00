/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dag/hamt.h"

#include "dag/folder-reader.h"
#include "dag/path.h"
#include "dag/walk.h"

#include "dag-support.h"
#include "support.h"

#include <string.h>

static void
test_vectors (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("unixfs.json");
  JsonArray *cases = json_object_get_array_member (vectors, "numbered_folders");
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *one = json_array_get_object_element (cases, i);
      g_autoptr (GArray) blocks = NULL;
      SoukDagRoot root;
      unsigned count = (unsigned)json_object_get_int_member (one, "count");
      NumberedFolder folder;
      numbered_folder_init (&folder, count);
      if (json_object_get_int_member (one, "threshold") == 1)
        souk_assert_status (souk_hamt_build (1, folder.entries, count, &blocks, &root), OK);
      else
        souk_assert_status (souk_folder_build_blocks (1, folder.entries, count, &blocks, &root),
                            OK);
      numbered_folder_done (&folder);
      g_autofree char *cid = souk_cid_to_string (&root.cid);
      g_assert_cmpstr (cid, ==, json_object_get_string_member (one, "cid"));
      g_assert_cmpint (blocks->len, ==, json_object_get_int_member (one, "folder_blocks"));
      g_assert_cmpint (root.dag_size, ==, json_object_get_int_member (one, "dag_size"));
      if (count == 6000)
        g_assert_cmpstr (cid, ==, json_object_get_string_member (vectors, "sharded_folder"));
    }
}

static void
test_refuses (void)
{
  SoukCid cid = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_EMPTY);
  SoukFolderEntry twice[] = { { "a", cid, 1 }, { "b", cid, 1 }, { "a", cid, 1 } };
  SoukFolderEntry slash[] = { { "a/b", cid, 1 } };
  GArray *blocks = NULL;
  SoukDagRoot root;
  souk_assert_status (souk_hamt_build (1, twice, 3, &blocks, &root), BAD_DAG);
  souk_assert_status (souk_hamt_build (1, slash, 1, &blocks, &root), BAD_DAG);
  g_assert_null (blocks);
}

/* A shard with one link, made by hand. */
static SoukStatus
check_shard (const char *name, const char *bits, uint64_t hash, uint64_t fanout)
{
  SoukCid child = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_EMPTY);
  g_autoptr (GByteArray) block = g_byte_array_new ();
  g_autoptr (GByteArray) data = g_byte_array_new ();
  g_autoptr (GBytes) field = souk_test_hex (bits);
  souk_dag_pb_append_link (block, &child, souk_slice_from_text (name), 0);
  souk_append_u8 (data, 0x08);
  souk_append_u8 (data, SOUK_UNIXFS_HAMT_SHARD);
  souk_append_u8 (data, 0x12);
  souk_append_varint_bytes (data, souk_slice_from_bytes (field));
  souk_append_u8 (data, 0x28);
  souk_append_varint (data, hash);
  souk_append_u8 (data, 0x30);
  souk_append_varint (data, fanout);
  souk_dag_pb_append_data (block, souk_slice_from_array (data));

  SoukCid cid = souk_cid_of (SOUK_CODEC_DAG_PB, souk_slice_from_array (block));
  SoukUnixfsNode node;
  SoukHamtShape shape;
  souk_assert_status (souk_unixfs_node_decode (&cid, souk_slice_from_array (block), &node), OK);
  SoukStatus status = souk_hamt_check (&node, &shape);
  souk_unixfs_node_done (&node);
  return status;
}

static void
test_checks (void)
{
  souk_assert_status (check_shard ("03name", "08", 0x22, 256), OK);
  souk_assert_status (check_shard ("03", "08", 0x22, 256), OK);
  souk_assert_status (check_shard ("3name", "08", 0x22, 16), OK);
  souk_assert_status (check_shard ("003name", "08", 0x22, 1024), OK);
  souk_assert_status (check_shard ("03name", "08", 0x12, 256), UNSUPPORTED);
  souk_assert_status (check_shard ("03name", "08", 0x22, 100), UNSUPPORTED);
  souk_assert_status (check_shard ("03name", "08", 0x22, 0), UNSUPPORTED);
  souk_assert_status (check_shard ("03name", "08", 0x22, 2048), UNSUPPORTED);
  souk_assert_status (check_shard ("04name", "08", 0x22, 256), BAD_DAG);
  souk_assert_status (check_shard ("0aname", "0400", 0x22, 256), BAD_DAG);
  souk_assert_status (check_shard ("0", "01", 0x22, 256), BAD_DAG);
  souk_assert_status (check_shard ("03name", "18", 0x22, 256), BAD_DAG);
  souk_assert_status (check_shard ("03na/me", "08", 0x22, 256), BAD_DAG);
  souk_assert_status (check_shard ("3name", "000008", 0x22, 16), BAD_DAG);
}

static void
test_listing (void)
{
  enum { COUNT = 2000 };
  TestDag dag;
  SoukCid root = numbered_dag_init (&dag, COUNT, true);
  g_autoptr (SoukFolderReader) reader = souk_folder_reader_new (&root);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  while (!souk_folder_reader_is_done (reader))
    {
      SoukCid cid;
      SoukFolderEntry entry;
      while (souk_folder_reader_need (reader, &cid))
        souk_folder_reader_feed (reader, &cid, test_dag_get (&dag, &cid));
      while (souk_folder_reader_next (reader, &entry))
        {
          g_assert_true (g_str_has_prefix (entry.name, "file-"));
          g_assert_true (g_hash_table_add (names, g_strdup (entry.name)));
        }
      souk_assert_status (souk_folder_reader_status (reader), OK);
    }
  g_assert_cmpuint (g_hash_table_size (names), ==, COUNT);
  test_dag_done (&dag);
}

/* Follows a path. Returns: its status; counts the blocks that it took. */
static SoukStatus
follow (TestDag *dag, const SoukCid *root, const char *text, SoukCid *out, unsigned *out_blocks)
{
  g_autoptr (SoukPath) path = souk_path_new (root, text);
  SoukCid cid;
  *out_blocks = 0;
  while (souk_path_need (path, &cid))
    {
      ++*out_blocks;
      souk_path_feed (path, &cid, test_dag_get (dag, &cid));
    }
  g_assert_true (souk_path_result (path, out) == (souk_path_status (path) == SOUK_STATUS_OK));
  return souk_path_status (path);
}

static void
test_lookup (void)
{
  TestDag dag;
  SoukCid found;
  unsigned blocks;
  SoukCid root = numbered_dag_init (&dag, 6000, false);
  SoukCid want = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("4711"));
  souk_assert_status (follow (&dag, &root, "file-04711.txt", &found, &blocks), OK);
  g_assert_true (souk_cid_is_equal (&found, &want));
  g_assert_cmpuint (blocks, <=, 3);
  souk_assert_status (follow (&dag, &root, "/file-04711.txt/", &found, &blocks), OK);
  souk_assert_status (follow (&dag, &root, "", &found, &blocks), OK);
  g_assert_true (souk_cid_is_equal (&found, &root));
  g_assert_cmpuint (blocks, ==, 0);
  souk_assert_status (follow (&dag, &root, "file-99999.txt", &found, &blocks), NO_SUCH_NAME);
  souk_assert_status (follow (&dag, &root, "..", &found, &blocks), NO_SUCH_NAME);
  souk_assert_status (follow (&dag, &root, "file-04711.txt/x", &found, &blocks), NOT_A_FOLDER);
  test_dag_done (&dag);
}

static void
test_path_through_folders (void)
{
  TestDag dag;
  SoukCid found;
  SoukDagRoot root;
  unsigned blocks;
  SoukCid many = numbered_dag_init (&dag, 500, true);
  SoukFolderEntry inner = { "many", many, 1 };
  SoukCid middle = test_dag_add_folder (&dag, &inner, 1, &root);
  SoukFolderEntry outer[] = { { "a", middle, 1 }, { "many", many, 1 } };
  SoukCid top = test_dag_add_folder (&dag, outer, 2, &root);
  souk_assert_status (follow (&dag, &top, "a/many/file-00042.txt", &found, &blocks), OK);
  SoukCid want = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("42"));
  g_assert_true (souk_cid_is_equal (&found, &want));
  souk_assert_status (follow (&dag, &top, "b/many", &found, &blocks), NO_SUCH_NAME);
  g_autofree char *deep = g_strnfill (2 * (SOUK_DAG_PATH_NAMES_MAX + 1), '/');
  for (size_t i = 1; i < strlen (deep); i += 2)
    deep[i] = 'a';
  souk_assert_status (follow (&dag, &top, deep, &found, &blocks), TOO_LARGE);
  test_dag_done (&dag);
}

/* Walks. Returns: how many blocks came; fails unless each came once. */
static unsigned
count_blocks (TestDag *dag, const SoukCid *root, SoukWalkScope scope)
{
  g_autoptr (SoukWalk) walk = souk_walk_new (root, scope);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (souk_cid_hash, souk_cid_equal, g_free, NULL);
  while (!souk_walk_is_done (walk))
    {
      SoukCid cid;
      SoukDagBlock block;
      while (souk_walk_need (walk, &cid))
        souk_walk_feed (walk, &cid, test_dag_get (dag, &cid));
      while (souk_walk_next (walk, &block))
        {
          g_bytes_unref (block.bytes);
          g_assert_true (g_hash_table_add (seen, g_memdup2 (&block.cid, sizeof block.cid)));
        }
      souk_assert_status (souk_walk_status (walk), OK);
    }
  return g_hash_table_size (seen);
}

static void
test_walk (void)
{
  TestDag dag;
  SoukDagRoot root;
  SoukCid many = numbered_dag_init (&dag, 2000, true);
  g_assert_cmpuint (count_blocks (&dag, &many, SOUK_WALK_BLOCK), ==, 1);
  g_assert_cmpuint (count_blocks (&dag, &many, SOUK_WALK_ENTITY), ==, 285);
  g_assert_cmpuint (count_blocks (&dag, &many, SOUK_WALK_ALL), ==, 285 + 2000);
  SoukFolderEntry twice[] = { { "a", many, 1 }, { "b", many, 1 } };
  SoukCid top = test_dag_add_folder (&dag, twice, 2, &root);
  g_assert_cmpuint (count_blocks (&dag, &top, SOUK_WALK_ENTITY), ==, 1);
  g_assert_cmpuint (count_blocks (&dag, &top, SOUK_WALK_ALL), ==, 1 + 285 + 2000);
  test_dag_done (&dag);
}

/* Nothing has to be fetched for blocks that their CIDs hold, however deep they stand. */
static void
test_identity (void)
{
  SoukCid child = { .version = 1, .codec = SOUK_CODEC_RAW };
  SoukCid folder = { .version = 1, .codec = SOUK_CODEC_DAG_PB };
  SoukCid found;
  SoukDagBlock block;
  SoukDagRoot root;
  child.hash = souk_multihash_identity (SOUK_SLICE_LITERAL ("x"));
  SoukFolderEntry inner = { "b", child, 1 };
  souk_assert_status (souk_folder_build (1, &inner, 1, &block, &root), OK);
  folder.hash = souk_multihash_identity (souk_slice_from_bytes (block.bytes));
  g_bytes_unref (block.bytes);
  SoukFolderEntry outer = { "a", folder, 1 };
  souk_assert_status (souk_folder_build (1, &outer, 1, &block, &root), OK);
  root.cid.hash = souk_multihash_identity (souk_slice_from_bytes (block.bytes));
  g_bytes_unref (block.bytes);

  g_autoptr (SoukWalk) walk = souk_walk_new (&root.cid, SOUK_WALK_ALL);
  g_autoptr (SoukFolderReader) reader = souk_folder_reader_new (&root.cid);
  g_autoptr (SoukPath) path = souk_path_new (&root.cid, "a/b");
  SoukFolderEntry entry;
  g_assert_false (souk_walk_next (walk, &block));
  g_assert_true (souk_walk_is_done (walk));
  g_assert_true (souk_folder_reader_next (reader, &entry));
  g_assert_true (souk_folder_reader_is_done (reader));
  g_assert_false (souk_path_need (path, &found));
  g_assert_true (souk_path_result (path, &found));
  g_assert_true (souk_cid_is_equal (&found, &child));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dag/hamt/folders-have-the-roots-of-other-programs", test_vectors);
  g_test_add_func ("/dag/hamt/names-that-are-bad-or-twice-there-are-refused", test_refuses);
  g_test_add_func ("/dag/hamt/a-shard-must-agree-with-itself", test_checks);
  g_test_add_func ("/dag/hamt/a-split-folder-lists-each-entry-once", test_listing);
  g_test_add_func ("/dag/hamt/a-name-is-found-without-the-whole-folder", test_lookup);
  g_test_add_func ("/dag/hamt/a-path-goes-through-plain-and-split-folders",
                   test_path_through_folders);
  g_test_add_func ("/dag/hamt/a-walk-gives-what-its-scope-says-and-each-block-once", test_walk);
  g_test_add_func ("/dag/hamt/blocks-within-their-cids-are-not-asked-for", test_identity);
  return g_test_run ();
}
