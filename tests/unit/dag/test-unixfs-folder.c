/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dag/unixfs-folder.h"

#include "support.h"

#include <string.h>

static SoukDagRoot
root_of_text (const char *text)
{
  g_autoptr (SoukUnixfsBuilder) builder = souk_unixfs_builder_new (SOUK_UNIXFS_V1_2025);
  souk_unixfs_builder_feed (builder, souk_slice_from_text (text));
  souk_unixfs_builder_finish (builder);
  SoukDagRoot root;
  g_assert_true (souk_unixfs_builder_root (builder, &root));
  return root;
}

/* Builds the folder that a vector describes, with the folders in it. */
static SoukDagRoot
root_of_folder (JsonArray *array, SoukDagBlock *out_block)
{
  guint len = json_array_get_length (array);
  g_autofree SoukFolderEntry *entries = g_new0 (SoukFolderEntry, len + 1);
  SoukDagRoot root;

  /* Backwards, since the builder sorts. */
  for (guint i = 0; i < len; i++)
    {
      JsonObject *member = json_array_get_object_element (array, len - 1 - i);
      SoukDagBlock inner = { 0 };
      SoukDagRoot child
          = json_object_has_member (member, "text")
                ? root_of_text (json_object_get_string_member (member, "text"))
                : root_of_folder (json_object_get_array_member (member, "entries"), &inner);
      g_clear_pointer (&inner.bytes, g_bytes_unref);
      entries[i].name = json_object_get_string_member (member, "name");
      entries[i].cid = child.cid;
      entries[i].dag_size = child.dag_size;
    }
  souk_assert_status (souk_folder_build (1, entries, len, out_block, &root), OK);
  return root;
}

static void
test_vectors (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("unixfs.json");
  JsonArray *folders = json_object_get_array_member (vectors, "folders");
  for (guint i = 0; i < json_array_get_length (folders); i++)
    {
      JsonObject *folder = json_array_get_object_element (folders, i);
      JsonArray *members = json_object_get_array_member (folder, "entries");
      SoukDagBlock block;
      SoukDagRoot root = root_of_folder (members, &block);
      g_autoptr (GBytes) bytes = block.bytes;
      g_autofree char *cid = souk_cid_to_string (&root.cid);
      g_assert_cmpstr (cid, ==, json_object_get_string_member (folder, "cid"));
      g_assert_cmpint (root.dag_size, ==, json_object_get_int_member (folder, "dag_size"));

      g_autoptr (GArray) entries = NULL;
      souk_assert_status (souk_folder_list (&root.cid, souk_slice_from_bytes (bytes), &entries),
                          OK);
      g_assert_cmpuint (entries->len, ==, json_array_get_length (members));
      for (guint e = 0; e < entries->len; e++)
        g_assert_cmpstr (
            g_array_index (entries, SoukFolderEntry, e).name, ==,
            json_object_get_string_member (json_array_get_object_element (members, e), "name"));
    }
}

static void
test_find (void)
{
  SoukDagRoot child = root_of_text ("x");
  SoukFolderEntry entries[] = { { "b", child.cid, 1 }, { "a", child.cid, 1 } };
  SoukDagBlock block;
  SoukDagRoot root;
  souk_assert_status (souk_folder_build (0, entries, 2, &block, &root), OK);
  g_autoptr (GBytes) bytes = block.bytes;
  g_assert_cmpuint (root.cid.version, ==, 0);

  bool found = false;
  SoukCid cid;
  SoukSlice slice = souk_slice_from_bytes (bytes);
  souk_assert_status (souk_folder_find (&root.cid, slice, "b", &found, &cid), OK);
  g_assert_true (found);
  g_assert_true (souk_cid_is_equal (&cid, &child.cid));
  souk_assert_status (souk_folder_find (&root.cid, slice, "c", &found, &cid), OK);
  g_assert_false (found);
}

static void
test_names (void)
{
  static const char *const bad[]
      = { "", ".", "..", "a/b", "/", "a\nb", "\x7f", "\xff\xfe", "a\x01" };
  static const char *const good[] = { "a", "...", "a b", "\xc3\xa9", ".hidden", "\\" };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (souk_folder_name_is_valid (souk_slice_from_text (bad[i])));
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (souk_folder_name_is_valid (souk_slice_from_text (good[i])));
  g_autofree char *longest = g_strnfill (SOUK_DAG_NAME_SIZE_MAX, 'x');
  g_assert_true (souk_folder_name_is_valid (souk_slice_from_text (longest)));
  g_autofree char *longer = g_strnfill (SOUK_DAG_NAME_SIZE_MAX + 1, 'x');
  g_assert_false (souk_folder_name_is_valid (souk_slice_from_text (longer)));
  g_assert_false (souk_folder_name_is_valid (souk_slice ("a\0b", 3)));
}

static void
test_refuses (void)
{
  SoukDagRoot child = root_of_text ("x");
  SoukFolderEntry twice[] = { { "a", child.cid, 1 }, { "a", child.cid, 1 } };
  SoukFolderEntry slash[] = { { "a/b", child.cid, 1 } };
  SoukDagBlock block;
  SoukDagRoot root;
  souk_assert_status (souk_folder_build (1, twice, 2, &block, &root), BAD_DAG);
  souk_assert_status (souk_folder_build (1, slash, 1, &block, &root), BAD_DAG);

  /* The same two from another's hand. */
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      souk_dag_pb_append_link (bytes, &child.cid, souk_slice_from_text (i == 0 ? "a" : "a/b"), 1);
      if (i == 0)
        souk_dag_pb_append_link (bytes, &child.cid, SOUK_SLICE_LITERAL ("a"), 1);
      souk_unixfs_append_folder (bytes);
      SoukCid cid = souk_cid_of (SOUK_CODEC_DAG_PB, souk_slice_from_array (bytes));
      g_autoptr (GArray) entries = NULL;
      souk_assert_status (souk_folder_list (&cid, souk_slice_from_array (bytes), &entries),
                          BAD_DAG);
    }
}

static void
test_too_large (void)
{
  SoukDagRoot child = root_of_text ("x");
  enum { COUNT = 6000 };
  g_autofree SoukFolderEntry *entries = g_new0 (SoukFolderEntry, COUNT);
  for (int i = 0; i < COUNT; i++)
    entries[i]
        = (SoukFolderEntry){ g_strdup_printf ("file-%05d.txt", i), child.cid, child.dag_size };
  SoukDagBlock block;
  SoukDagRoot root;
  souk_assert_status (souk_folder_build (1, entries, COUNT, &block, &root), TOO_LARGE);
  for (int i = 0; i < COUNT; i++)
    g_free ((char *)entries[i].name);
}

static void
test_other_types (void)
{
  static const struct {
    const char *data;
    SoukStatus status;
  } cases[] = {
    { "0a020801", SOUK_STATUS_OK },           { "0a0408021800", SOUK_STATUS_NOT_A_FOLDER },
    { "0a020804", SOUK_STATUS_NOT_A_FOLDER }, { "0a020805", SOUK_STATUS_UNSUPPORTED },
    { "0a020806", SOUK_STATUS_BAD_ENCODING }, { "", SOUK_STATUS_BAD_DAG },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) block = souk_test_hex (cases[i].data);
      g_autoptr (GArray) entries = NULL;
      SoukCid cid = souk_cid_of (SOUK_CODEC_DAG_PB, souk_slice_from_bytes (block));
      SoukStatus status = souk_folder_list (&cid, souk_slice_from_bytes (block), &entries);
      g_assert_cmpstr (souk_status_name (status), ==, souk_status_name (cases[i].status));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dag/unixfs-folder/roots-are-those-of-other-ipfs-programs", test_vectors);
  g_test_add_func ("/dag/unixfs-folder/an-entry-is-found-by-its-name", test_find);
  g_test_add_func ("/dag/unixfs-folder/names-cannot-leave-the-folder", test_names);
  g_test_add_func ("/dag/unixfs-folder/doubled-and-bad-names-are-refused-both-ways", test_refuses);
  g_test_add_func ("/dag/unixfs-folder/a-folder-for-many-blocks-is-refused", test_too_large);
  g_test_add_func ("/dag/unixfs-folder/files-links-and-shards-are-told-apart", test_other_types);
  return g_test_run ();
}
