/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files and folders in memory. PURE. See memfs.h.
 */
#include "worker/memfs.h"

#include <string.h>

static SoukMemNode *
node_new (SoukMemfs *self, bool is_folder)
{
  SoukMemNode *node = g_new0 (SoukMemNode, 1);
  node->refs = 1;
  node->inode = ++self->next_inode;
  self->n_nodes++;
  if (is_folder)
    {
      node->by_name = g_hash_table_new (g_str_hash, g_str_equal);
      node->children = g_ptr_array_new ();
    }
  return node;
}

SoukMemNode *
souk_mem_node_ref (SoukMemNode *node)
{
  node->refs++;
  return node;
}

void
souk_memfs_unref (SoukMemfs *self, SoukMemNode *node)
{
  if (--node->refs > 0)
    return;
  if (node->children != NULL)
    {
      for (guint i = 0; i < node->children->len; i++)
        {
          SoukMemNode *child = g_ptr_array_index (node->children, i);
          child->parent = NULL;
          souk_memfs_unref (self, child);
        }
      g_ptr_array_unref (node->children);
      g_hash_table_unref (node->by_name);
    }
  if (node->room > 0)
    {
      self->used -= node->len;
      g_free (node->data);
    }
  g_free (node->name);
  g_free (node);
  self->n_nodes--;
}

void
souk_memfs_init (SoukMemfs *self, uint64_t bytes_max)
{
  memset (self, 0, sizeof *self);
  self->max = bytes_max;
  self->root = node_new (self, true);
}

void
souk_memfs_done (SoukMemfs *self)
{
  souk_memfs_unref (self, self->root);
  self->root = NULL;
}

/* Where in the children, which rise by inode number, `inode` is or belongs. */
static guint
child_position (const SoukMemNode *folder, uint64_t inode)
{
  guint low = 0, high = folder->children->len;
  while (low < high)
    {
      guint middle = (low + high) / 2;
      const SoukMemNode *child = g_ptr_array_index (folder->children, middle);
      if (child->inode < inode)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* Puts `node` into the folder; the folder takes over the reference. */
static void
attach (SoukMemNode *folder, SoukMemNode *node, const char *name)
{
  g_free (node->name);
  node->name = g_strdup (name);
  node->parent = folder;
  g_ptr_array_insert (folder->children, (gint)child_position (folder, node->inode), node);
  g_hash_table_insert (folder->by_name, node->name, node);
}

/* Takes `node` out of its folder; the caller gets the folder's reference. */
static void
detach (SoukMemNode *node)
{
  SoukMemNode *folder = node->parent;
  g_hash_table_remove (folder->by_name, node->name);
  g_ptr_array_remove_index (folder->children, child_position (folder, node->inode));
  node->parent = NULL;
}

static unsigned
depth_of (const SoukMemNode *node)
{
  unsigned depth = 0;
  for (; node->parent != NULL; node = node->parent)
    depth++;
  return depth;
}

/* Takes the next part off a path. Returns: false when nothing is left. */
static bool
next_part (SoukSlice *path, SoukSlice *out)
{
  while (path->len > 0 && path->data[0] == '/')
    *path = souk_slice (path->data + 1, path->len - 1);
  if (path->len == 0)
    return false;
  const uint8_t *slash = memchr (path->data, '/', path->len);
  size_t len = slash != NULL ? (size_t)(slash - path->data) : path->len;
  *out = souk_slice (path->data, len);
  *path = souk_slice (path->data + len, path->len - len);
  return true;
}

static bool
is_part (SoukSlice part, const char *text)
{
  return souk_slice_is_equal (part, souk_slice_from_text (text));
}

/* Names that cannot be given back to the requester as part of a path are never made. */
static WasiErrno
check_name (SoukSlice part, char out[SOUK_MEMFS_NAME_SIZE_MAX + 1])
{
  if (part.len > SOUK_MEMFS_NAME_SIZE_MAX)
    return WASI_NAMETOOLONG;
  for (size_t i = 0; i < part.len; i++)
    if (part.data[i] < 0x20 || part.data[i] == 0x7f)
      return WASI_ILSEQ;
  if (!g_utf8_validate_len ((const char *)part.data, part.len, NULL))
    return WASI_ILSEQ;
  memcpy (out, part.data, part.len);
  out[part.len] = '\0';
  return WASI_OK;
}

/* Goes from `node` along one part; *level counts how far below the starting folder it is. */
static WasiErrno
walk (SoukMemNode *node, SoukSlice part, int *level, SoukMemNode **out)
{
  char name[SOUK_MEMFS_NAME_SIZE_MAX + 1];
  if (!souk_mem_node_is_folder (node))
    return WASI_NOTDIR;
  *out = node;
  if (is_part (part, "."))
    return WASI_OK;
  if (is_part (part, ".."))
    {
      if (--*level < 0)
        return WASI_NOTCAPABLE;
      if (node->parent == NULL) /* the folder was removed while it was open */
        return WASI_NOENT;
      *out = node->parent;
      return WASI_OK;
    }
  WasiErrno error = check_name (part, name);
  if (error != WASI_OK)
    return error;
  ++*level;
  *out = g_hash_table_lookup (node->by_name, name);
  return *out != NULL ? WASI_OK : WASI_NOENT;
}

WasiErrno
souk_memfs_find (SoukMemfs *self, SoukMemNode *base, SoukSlice path, SoukMemNode **out)
{
  SoukSlice part;
  SoukMemNode *node = base;
  int level = 0;
  if (path.len == 0)
    return WASI_NOENT;
  if (path.data[0] == '/')
    return WASI_NOTCAPABLE;
  bool wants_folder = path.data[path.len - 1] == '/';
  while (next_part (&path, &part))
    {
      WasiErrno error = walk (node, part, &level, &node);
      if (error != WASI_OK)
        return error;
    }
  if (wants_folder && !souk_mem_node_is_folder (node))
    return WASI_NOTDIR;
  *out = node;
  return WASI_OK;
}

/* Splits a path into the folder that holds its last part, and that part. */
static WasiErrno
find_parent (SoukMemfs *self, SoukMemNode *base, SoukSlice path, SoukMemNode **out_folder,
             char out_name[SOUK_MEMFS_NAME_SIZE_MAX + 1])
{
  while (path.len > 1 && path.data[path.len - 1] == '/')
    path.len--;
  size_t at = path.len;
  while (at > 0 && path.data[at - 1] != '/')
    at--;
  SoukSlice last = souk_slice (path.data + at, path.len - at);
  if (last.len == 0)
    return path.len == 0 ? WASI_NOENT : WASI_NOTCAPABLE;
  if (is_part (last, ".") || is_part (last, ".."))
    return WASI_INVAL;
  *out_folder = base;
  if (at > 0)
    {
      WasiErrno error = souk_memfs_find (self, base, souk_slice (path.data, at), out_folder);
      if (error != WASI_OK)
        return error;
    }
  return check_name (last, out_name);
}

/* Makes a node at the path, which must be free. */
static WasiErrno
make (SoukMemfs *self, SoukMemNode *base, SoukSlice path, bool is_folder, SoukMemNode **out)
{
  char name[SOUK_MEMFS_NAME_SIZE_MAX + 1];
  SoukMemNode *folder;
  WasiErrno error = find_parent (self, base, path, &folder, name);
  if (error != WASI_OK)
    return error;
  if (g_hash_table_contains (folder->by_name, name))
    return WASI_EXIST;
  if (!is_folder && path.data[path.len - 1] == '/')
    return WASI_ISDIR;
  if (folder->parent == NULL && folder != self->root)
    return WASI_NOENT;
  if (self->n_nodes >= SOUK_MEMFS_NODES_MAX)
    return WASI_NOSPC;
  if (depth_of (folder) >= SOUK_MEMFS_DEPTH_MAX)
    return WASI_NAMETOOLONG;
  *out = node_new (self, is_folder);
  (*out)->is_touched = true;
  attach (folder, *out, name);
  return WASI_OK;
}

WasiErrno
souk_memfs_create (SoukMemfs *self, SoukMemNode *base, SoukSlice path, SoukMemNode **out)
{
  return make (self, base, path, false, out);
}

WasiErrno
souk_memfs_make_folder (SoukMemfs *self, SoukMemNode *base, SoukSlice path)
{
  SoukMemNode *folder;
  return make (self, base, path, true, &folder);
}

WasiErrno
souk_memfs_make_folders (SoukMemfs *self, SoukSlice path)
{
  SoukSlice rest = path, part;
  SoukMemNode *node = self->root;
  while (next_part (&rest, &part))
    {
      SoukMemNode *next;
      int level = 0;
      WasiErrno error = walk (node, part, &level, &next);
      if (error == WASI_NOENT)
        error = make (self, node, part, true, &next);
      if (error != WASI_OK)
        return error;
      node = next;
    }
  return souk_mem_node_is_folder (node) ? WASI_OK : WASI_NOTDIR;
}

WasiErrno
souk_memfs_give (SoukMemfs *self, SoukSlice path, SoukSlice bytes)
{
  SoukMemNode *file;
  size_t at = path.len;
  while (at > 0 && path.data[at - 1] != '/')
    at--;
  WasiErrno error = souk_memfs_make_folders (self, souk_slice (path.data, at));
  if (error != WASI_OK)
    return error;
  if (path.len < 2 || path.data[0] != '/')
    return WASI_INVAL;
  error = make (self, self->root, souk_slice (path.data + 1, path.len - 1), false, &file);
  if (error != WASI_OK)
    return error;
  file->data = (uint8_t *)bytes.data;
  file->len = bytes.len;
  file->is_touched = false;
  return WASI_OK;
}

WasiErrno
souk_memfs_unlink (SoukMemfs *self, SoukMemNode *base, SoukSlice path)
{
  SoukMemNode *node;
  WasiErrno error = souk_memfs_find (self, base, path, &node);
  if (error != WASI_OK)
    return error;
  if (souk_mem_node_is_folder (node))
    return WASI_ISDIR;
  detach (node);
  souk_memfs_unref (self, node);
  return WASI_OK;
}

WasiErrno
souk_memfs_remove_folder (SoukMemfs *self, SoukMemNode *base, SoukSlice path)
{
  char name[SOUK_MEMFS_NAME_SIZE_MAX + 1];
  SoukMemNode *folder;
  WasiErrno error = find_parent (self, base, path, &folder, name);
  if (error != WASI_OK)
    return error;
  SoukMemNode *node = g_hash_table_lookup (folder->by_name, name);
  if (node == NULL)
    return WASI_NOENT;
  if (!souk_mem_node_is_folder (node))
    return WASI_NOTDIR;
  if (node->children->len > 0)
    return WASI_NOTEMPTY;
  detach (node);
  souk_memfs_unref (self, node);
  return WASI_OK;
}

/* Whether `node` may take the place of `there`, which may be NULL. */
static WasiErrno
check_replace (SoukMemNode *node, SoukMemNode *there)
{
  if (there == NULL || there == node)
    return WASI_OK;
  if (souk_mem_node_is_folder (node) && !souk_mem_node_is_folder (there))
    return WASI_NOTDIR;
  if (!souk_mem_node_is_folder (node) && souk_mem_node_is_folder (there))
    return WASI_ISDIR;
  return souk_mem_node_is_folder (there) && there->children->len > 0 ? WASI_NOTEMPTY : WASI_OK;
}

/* How many levels of folders stand below `node`, itself included. */
static unsigned
height_of (const SoukMemNode *node)
{
  unsigned height = 0;
  for (guint i = 0; node->children != NULL && i < node->children->len; i++)
    height = MAX (height, height_of (g_ptr_array_index (node->children, i)));
  return height + 1;
}

WasiErrno
souk_memfs_rename (SoukMemfs *self, SoukMemNode *from_base, SoukSlice from, SoukMemNode *to_base,
                   SoukSlice to)
{
  char from_name[SOUK_MEMFS_NAME_SIZE_MAX + 1], to_name[SOUK_MEMFS_NAME_SIZE_MAX + 1];
  SoukMemNode *from_folder, *to_folder;
  WasiErrno error = find_parent (self, from_base, from, &from_folder, from_name);
  if (error == WASI_OK)
    error = find_parent (self, to_base, to, &to_folder, to_name);
  if (error != WASI_OK)
    return error;
  SoukMemNode *node = g_hash_table_lookup (from_folder->by_name, from_name);
  SoukMemNode *there = g_hash_table_lookup (to_folder->by_name, to_name);
  if (node == NULL)
    return WASI_NOENT;
  error = check_replace (node, there);
  if (error != WASI_OK || there == node)
    return error;
  /* A folder does not move below itself. */
  for (SoukMemNode *above = to_folder; above != NULL; above = above->parent)
    if (above == node)
      return WASI_INVAL;
  if (to_folder->parent == NULL && to_folder != self->root)
    return WASI_NOENT;
  if (depth_of (to_folder) + height_of (node) > SOUK_MEMFS_DEPTH_MAX + 1)
    return WASI_NAMETOOLONG;
  if (there != NULL)
    {
      detach (there);
      souk_memfs_unref (self, there);
    }
  detach (node);
  attach (to_folder, node, to_name);
  node->is_touched = true;
  return WASI_OK;
}

size_t
souk_memfs_read (const SoukMemNode *file, uint64_t offset, uint8_t *out, size_t len)
{
  if (offset >= file->len)
    return 0;
  size_t count = MIN (len, file->len - (size_t)offset);
  memcpy (out, file->data + offset, count);
  return count;
}

WasiErrno
souk_memfs_resize (SoukMemfs *self, SoukMemNode *file, uint64_t len)
{
  uint64_t owned = file->room > 0 ? file->len : 0;
  if (len > self->max || self->used - owned > self->max - len)
    return WASI_NOSPC;
  file->is_touched = true;
  if (file->room == 0 || len > file->room)
    {
      size_t room = MAX (64, (size_t)len + (size_t)len / 2);
      if (file->room == 0)
        {
          uint8_t *copy = g_malloc (room);
          if (file->len > 0)
            memcpy (copy, file->data, MIN (file->len, (size_t)len));
          file->data = copy;
        }
      else
        file->data = g_realloc (file->data, room);
      file->room = room;
    }
  if (len > file->len)
    memset (file->data + file->len, 0, (size_t)len - file->len);
  file->len = (size_t)len;
  self->used = self->used - owned + len;
  return WASI_OK;
}

WasiErrno
souk_memfs_write (SoukMemfs *self, SoukMemNode *file, uint64_t offset, SoukSlice bytes)
{
  if (bytes.len == 0)
    return WASI_OK;
  if (offset > self->max || bytes.len > self->max - offset)
    return WASI_NOSPC;
  uint64_t end = offset + bytes.len;
  /* A borrowed file has to become the program's own even when it does not grow. */
  if (end > file->len || file->room == 0)
    {
      WasiErrno error = souk_memfs_resize (self, file, MAX (end, file->len));
      if (error != WASI_OK)
        return error;
    }
  file->is_touched = true;
  memcpy (file->data + offset, bytes.data, bytes.len);
  return WASI_OK;
}

/* Walks the folder; `path` is its path without a slash at the end. */
static void
each_touched (SoukMemNode *folder, GString *path, SoukMemfsFunc each, void *user)
{
  size_t len = path->len;
  for (guint i = 0; i < folder->children->len; i++)
    {
      SoukMemNode *child = g_ptr_array_index (folder->children, i);
      g_string_append_c (path, '/');
      g_string_append (path, child->name);
      if (souk_mem_node_is_folder (child))
        each_touched (child, path, each, user);
      else if (child->is_touched)
        each (souk_slice (path->str, path->len), souk_slice (child->data, child->len), user);
      g_string_truncate (path, len);
    }
}

void
souk_memfs_foreach_touched (SoukMemfs *self, SoukSlice path, SoukMemfsFunc each, void *user)
{
  SoukMemNode *folder;
  g_assert (path.len > 1 && path.data[0] == '/');
  if (souk_memfs_find (self, self->root, souk_slice (path.data + 1, path.len - 1), &folder)
          != WASI_OK
      || !souk_mem_node_is_folder (folder))
    return;
  g_autoptr (GString) text = g_string_new_len ((const char *)path.data, (gssize)path.len);
  each_touched (folder, text, each, user);
}
