/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file system in memory.
 */
#include "worker/memfs.h"

#include <string.h>

#define PATH(text) SOUK_SLICE_LITERAL (text)

static SoukMemNode *
must_find (SoukMemfs *fs, const char *path)
{
  SoukMemNode *node = NULL;
  g_assert_cmpint (souk_memfs_find (fs, fs->root, souk_slice_from_text (path), &node), ==, WASI_OK);
  return node;
}

static WasiErrno
find_error (SoukMemfs *fs, SoukMemNode *base, const char *path)
{
  SoukMemNode *node;
  return souk_memfs_find (fs, base, souk_slice_from_text (path), &node);
}

static void
test_paths (void)
{
  SoukMemfs fs;
  souk_memfs_init (&fs, 1000);
  g_assert_cmpint (souk_memfs_give (&fs, PATH ("/a/b/c.txt"), PATH ("text")), ==, WASI_OK);
  SoukMemNode *folder = must_find (&fs, "a/b");
  g_assert_true (souk_mem_node_is_folder (folder));
  g_assert_true (must_find (&fs, "a//b/./../b/c.txt") == must_find (&fs, "a/b/c.txt"));
  g_assert_true (must_find (&fs, ".") == fs.root);
  g_assert_cmpint (find_error (&fs, fs.root, "a/x"), ==, WASI_NOENT);
  g_assert_cmpint (find_error (&fs, fs.root, "a/b/c.txt/d"), ==, WASI_NOTDIR);
  g_assert_cmpint (find_error (&fs, fs.root, "a/b/c.txt/"), ==, WASI_NOTDIR);
  g_assert_cmpint (find_error (&fs, fs.root, ""), ==, WASI_NOENT);
  /* nothing leads out, not even of a folder inside */
  g_assert_cmpint (find_error (&fs, fs.root, "/a"), ==, WASI_NOTCAPABLE);
  g_assert_cmpint (find_error (&fs, fs.root, "../a"), ==, WASI_NOTCAPABLE);
  g_assert_cmpint (find_error (&fs, fs.root, "a/../../a"), ==, WASI_NOTCAPABLE);
  g_assert_cmpint (find_error (&fs, folder, "../b/c.txt"), ==, WASI_NOTCAPABLE);
  g_assert_cmpint (find_error (&fs, folder, "c.txt"), ==, WASI_OK);
  souk_memfs_done (&fs);
  g_assert_cmpuint (fs.n_nodes, ==, 0);
}

static void
test_given_files (void)
{
  SoukMemfs fs;
  souk_memfs_init (&fs, 1000);
  g_assert_cmpint (souk_memfs_give (&fs, PATH ("/in"), PATH ("x")), ==, WASI_OK);
  g_assert_cmpint (souk_memfs_give (&fs, PATH ("/in"), PATH ("y")), ==, WASI_EXIST);
  g_assert_cmpint (souk_memfs_give (&fs, PATH ("/in/below"), PATH ("y")), ==, WASI_NOTDIR);
  souk_memfs_done (&fs);
}

static void
test_copy_on_write (void)
{
  SoukMemfs fs;
  char given[] = "abcdef", out[16] = { 0 };
  souk_memfs_init (&fs, 10);
  souk_memfs_give (&fs, PATH ("/f"), souk_slice (given, 6));
  SoukMemNode *file = must_find (&fs, "f");
  g_assert_cmpuint (fs.used, ==, 0);
  g_assert_cmpint (souk_memfs_write (&fs, file, 2, PATH ("XY")), ==, WASI_OK);
  g_assert_cmpuint (souk_memfs_read (file, 0, (uint8_t *)out, sizeof out), ==, 6);
  g_assert_cmpstr (out, ==, "abXYef");
  g_assert_cmpstr (given, ==, "abcdef");
  g_assert_cmpuint (fs.used, ==, 6);
  souk_memfs_done (&fs);
}

static void
test_limits (void)
{
  SoukMemfs fs;
  SoukMemNode *file;
  souk_memfs_init (&fs, 10);
  souk_memfs_create (&fs, fs.root, PATH ("f"), &file);
  g_assert_cmpint (souk_memfs_write (&fs, file, 8, PATH ("ab")), ==, WASI_OK);
  g_assert_cmpint (souk_memfs_write (&fs, file, 9, PATH ("ab")), ==, WASI_NOSPC);
  g_assert_cmpint (souk_memfs_write (&fs, file, UINT64_MAX, PATH ("ab")), ==, WASI_NOSPC);
  g_assert_cmpint (souk_memfs_resize (&fs, file, 11), ==, WASI_NOSPC);
  g_assert_cmpint (souk_memfs_resize (&fs, file, 3), ==, WASI_OK);
  g_assert_cmpuint (fs.used, ==, 3);
  /* what is cut off and grown again is zeros */
  uint8_t out[10];
  g_assert_cmpint (souk_memfs_resize (&fs, file, 10), ==, WASI_OK);
  g_assert_cmpuint (souk_memfs_read (file, 0, out, sizeof out), ==, 10);
  for (int i = 0; i < 10; i++)
    g_assert_cmpint (out[i], ==, 0);
  g_assert_cmpuint (souk_memfs_read (file, 10, out, 1), ==, 0);
  g_assert_cmpuint (souk_memfs_read (file, UINT64_MAX, out, 1), ==, 0);
  /* the room of an unlinked file comes back with its last user */
  souk_mem_node_ref (file);
  g_assert_cmpint (souk_memfs_unlink (&fs, fs.root, PATH ("f")), ==, WASI_OK);
  g_assert_cmpuint (fs.used, ==, 10);
  souk_memfs_unref (&fs, file);
  g_assert_cmpuint (fs.used, ==, 0);
  souk_memfs_done (&fs);
}

static void
test_count_and_depth (void)
{
  SoukMemfs fs;
  WasiErrno error = WASI_OK;
  souk_memfs_init (&fs, 10);
  g_autoptr (GString) path = g_string_new ("d");
  unsigned depth = 0;
  for (; error == WASI_OK; depth++)
    {
      error = souk_memfs_make_folder (&fs, fs.root, souk_slice_from_text (path->str));
      g_string_append (path, "/d");
    }
  g_assert_cmpint (error, ==, WASI_NAMETOOLONG);
  g_assert_cmpuint (depth, ==, SOUK_MEMFS_DEPTH_MAX + 1);
  for (error = WASI_OK; error == WASI_OK;)
    {
      SoukMemNode *file;
      g_autofree char *name = g_strdup_printf ("%u", fs.n_nodes);
      error = souk_memfs_create (&fs, fs.root, souk_slice_from_text (name), &file);
    }
  g_assert_cmpint (error, ==, WASI_NOSPC);
  g_assert_cmpuint (fs.n_nodes, ==, SOUK_MEMFS_NODES_MAX);
  souk_memfs_done (&fs);
}

static void
test_names (void)
{
  SoukMemfs fs;
  SoukMemNode *file;
  char longest[SOUK_MEMFS_NAME_SIZE_MAX + 2];
  memset (longest, 'a', sizeof longest);
  souk_memfs_init (&fs, 10);
#define CREATE(slice) souk_memfs_create (&fs, fs.root, (slice), &file)
  g_assert_cmpint (CREATE (PATH ("a\nb")), ==, WASI_ILSEQ);
  g_assert_cmpint (CREATE (PATH ("\xff")), ==, WASI_ILSEQ);
  g_assert_cmpint (CREATE (PATH ("..")), ==, WASI_INVAL);
  g_assert_cmpint (CREATE (PATH ("a/")), ==, WASI_ISDIR);
  g_assert_cmpint (CREATE (souk_slice (longest, SOUK_MEMFS_NAME_SIZE_MAX + 1)), ==,
                   WASI_NAMETOOLONG);
  g_assert_cmpint (CREATE (souk_slice (longest, SOUK_MEMFS_NAME_SIZE_MAX)), ==, WASI_OK);
  g_assert_cmpint (CREATE (PATH ("\xc3\xa4")), ==, WASI_OK);
  souk_memfs_done (&fs);
}

static void
test_rename (void)
{
  SoukMemfs fs;
  SoukMemNode *file, *root;
  souk_memfs_init (&fs, 100);
  root = fs.root;
  souk_memfs_make_folder (&fs, root, PATH ("a"));
  souk_memfs_make_folder (&fs, root, PATH ("a/b"));
  souk_memfs_make_folder (&fs, root, PATH ("c"));
  souk_memfs_create (&fs, root, PATH ("f"), &file);
  g_assert_cmpint (souk_memfs_rename (&fs, root, PATH ("a"), root, PATH ("a/b/a")), ==, WASI_INVAL);
  g_assert_cmpint (souk_memfs_rename (&fs, root, PATH ("c"), root, PATH ("a")), ==, WASI_NOTEMPTY);
  g_assert_cmpint (souk_memfs_rename (&fs, root, PATH ("f"), root, PATH ("c")), ==, WASI_ISDIR);
  g_assert_cmpint (souk_memfs_rename (&fs, root, PATH ("c"), root, PATH ("f")), ==, WASI_NOTDIR);
  g_assert_cmpint (souk_memfs_rename (&fs, root, PATH ("f"), root, PATH ("f")), ==, WASI_OK);
  g_assert_cmpint (souk_memfs_rename (&fs, root, PATH ("a"), root, PATH ("c")), ==, WASI_OK);
  g_assert_cmpint (souk_memfs_rename (&fs, root, PATH ("f"), root, PATH ("c/b/g")), ==, WASI_OK);
  g_assert_true (must_find (&fs, "c/b/g") == file);
  g_assert_cmpint (find_error (&fs, root, "f"), ==, WASI_NOENT);
  souk_memfs_done (&fs);
  g_assert_cmpuint (fs.n_nodes, ==, 0);
}

static void
test_removed_folder (void)
{
  SoukMemfs fs;
  SoukMemNode *file;
  souk_memfs_init (&fs, 100);
  souk_memfs_make_folder (&fs, fs.root, PATH ("a"));
  SoukMemNode *folder = souk_mem_node_ref (must_find (&fs, "a"));
  g_assert_cmpint (souk_memfs_unlink (&fs, fs.root, PATH ("a")), ==, WASI_ISDIR);
  g_assert_cmpint (souk_memfs_remove_folder (&fs, fs.root, PATH ("a")), ==, WASI_OK);
  /* nothing is made in what cannot be reached any more */
  g_assert_cmpint (souk_memfs_create (&fs, folder, PATH ("x"), &file), ==, WASI_NOENT);
  souk_memfs_unref (&fs, folder);
  souk_memfs_done (&fs);
  g_assert_cmpuint (fs.n_nodes, ==, 0);
}

static void
on_touched (SoukSlice path, SoukSlice bytes, void *user)
{
  g_string_append_printf (user, "%.*s=%.*s;", (int)path.len, path.data, (int)bytes.len,
                          bytes.data != NULL ? (const char *)bytes.data : "");
}

static void
test_touched (void)
{
  SoukMemfs fs;
  SoukMemNode *file;
  g_autoptr (GString) text = g_string_new (NULL);
  souk_memfs_init (&fs, 100);
  souk_memfs_give (&fs, PATH ("/out/given"), PATH ("1"));
  souk_memfs_give (&fs, PATH ("/out/changed"), PATH ("2"));
  souk_memfs_give (&fs, PATH ("/in/moved"), PATH ("3"));
  souk_memfs_create (&fs, fs.root, PATH ("out/empty"), &file);
  souk_memfs_write (&fs, must_find (&fs, "out/changed"), 1, PATH ("!"));
  souk_memfs_rename (&fs, fs.root, PATH ("in/moved"), fs.root, PATH ("out/moved"));
  souk_memfs_foreach_touched (&fs, PATH ("/out"), on_touched, text);
  g_assert_cmpstr (text->str, ==, "/out/changed=2!;/out/moved=3;/out/empty=;");
  souk_memfs_done (&fs);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(title, function) g_test_add_func ("/worker/memfs/" title, function)
  ADD ("paths-lead-in-and-never-out", test_paths);
  ADD ("given-files-do-not-exclude-each-other", test_given_files);
  ADD ("a-given-file-is-copied-when-it-is-written", test_copy_on_write);
  ADD ("bytes-are-limited-and-come-back", test_limits);
  ADD ("number-and-depth-are-limited", test_count_and_depth);
  ADD ("names-can-be-given-back", test_names);
  ADD ("renaming-keeps-the-tree-a-tree", test_rename);
  ADD ("a-removed-folder-holds-nothing-new", test_removed_folder);
  ADD ("results-are-what-the-program-touched", test_touched);
  return g_test_run ();
}
