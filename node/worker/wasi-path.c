/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * WASI: what a program does with paths. PURE. See wasi.h.
 *
 * A path is looked up below an open folder, and nothing leads out of it.
 */
#include "worker/wasi-private.h"

/* What a path argument names: the folder it starts from, and the text in the program's memory. */
typedef struct {
  SoukMemNode *base;
  SoukSlice path;
} Place;

static WasiErrno
get_place (SoukWasi *self, uint32_t number, uint32_t pointer, uint32_t len, Place *out)
{
  WASI_FD (fd, number);
  WASI_MEMORY (path, pointer, len);
  if (fd->node == NULL || !souk_mem_node_is_folder (fd->node))
    return WASI_NOTDIR;
  if (len > SOUK_EXEC_PATH_SIZE_MAX)
    return WASI_NAMETOOLONG;
  if (len > 0 && memchr (path, 0, len) != NULL)
    return WASI_INVAL;
  *out = (Place){ fd->node, souk_slice (path, len) };
  wasi_charge (self, len + 64);
  return WASI_OK;
}

/* Finds or makes what path_open() opens. */
static WasiErrno
open_node (SoukWasi *self, const Place *place, uint32_t how, uint64_t rights, SoukMemNode **out)
{
  WasiErrno error = souk_memfs_find (&self->files, place->base, place->path, out);
  if (error == WASI_NOENT && how & WASI_OPEN_CREATE && !(how & WASI_OPEN_DIRECTORY))
    return souk_memfs_create (&self->files, place->base, place->path, out);
  if (error != WASI_OK)
    return error;
  if (how & WASI_OPEN_CREATE && how & WASI_OPEN_EXCLUSIVE)
    return WASI_EXIST;
  bool is_folder = souk_mem_node_is_folder (*out);
  if (how & WASI_OPEN_DIRECTORY && !is_folder)
    return WASI_NOTDIR;
  if (is_folder && how & (WASI_OPEN_CREATE | WASI_OPEN_TRUNCATE))
    return WASI_ISDIR;
  if (how & WASI_OPEN_TRUNCATE)
    return souk_memfs_resize (&self->files, *out, 0);
  return WASI_OK;
}

/* Arguments: folder, lookup flags, path, its length, open flags, rights, rights of what is opened
 * below, descriptor flags, result. */
WASI_CALL (wasi_path_open)
{
  Place place;
  SoukMemNode *node;
  uint32_t number = 0;
  WASI_MEMORY (result, args[8].u32, 4);
  WasiErrno error = get_place (self, args[0].u32, args[2].u32, args[3].u32, &place);
  if (error == WASI_OK)
    error = open_node (self, &place, args[4].u32, args[5].u64, &node);
  if (error == WASI_OK)
    error
        = wasi_fd_open (self, node, args[5].u64 & WASI_RIGHTS_ALL, (uint16_t)args[7].u32, &number);
  if (error == WASI_OK)
    wasi_put_u32 (result, number);
  return wasi_files_result (self, error);
}

/* Arguments: folder, lookup flags, path, its length, result. */
WASI_CALL (wasi_path_filestat_get)
{
  Place place;
  SoukMemNode *node;
  WasiErrno error = get_place (self, args[0].u32, args[2].u32, args[3].u32, &place);
  if (error == WASI_OK)
    error = souk_memfs_find (&self->files, place.base, place.path, &node);
  if (error != WASI_OK)
    return error;
  bool is_folder = souk_mem_node_is_folder (node);
  return wasi_put_filestat (self, args[4].u32, is_folder ? WASI_TYPE_DIRECTORY : WASI_TYPE_FILE,
                            node->inode, node->len);
}

/* Arguments: folder, lookup flags, path, its length, times. There are no times to set. */
WASI_CALL (wasi_path_filestat_set_times)
{
  Place place;
  SoukMemNode *node;
  WasiErrno error = get_place (self, args[0].u32, args[2].u32, args[3].u32, &place);
  return error != WASI_OK ? error : souk_memfs_find (&self->files, place.base, place.path, &node);
}

/* Arguments: folder, path, its length, buffer, its length, result. Nothing is ever a link. */
WASI_CALL (wasi_path_readlink)
{
  Place place;
  SoukMemNode *node;
  WasiErrno error = get_place (self, args[0].u32, args[1].u32, args[2].u32, &place);
  if (error == WASI_OK)
    error = souk_memfs_find (&self->files, place.base, place.path, &node);
  return error != WASI_OK ? error : WASI_INVAL;
}

/* Arguments of the next three: folder, path, its length. */
WASI_CALL (wasi_path_create_directory)
{
  Place place;
  WasiErrno error = get_place (self, args[0].u32, args[1].u32, args[2].u32, &place);
  if (error == WASI_OK)
    error = souk_memfs_make_folder (&self->files, place.base, place.path);
  return wasi_files_result (self, error);
}

WASI_CALL (wasi_path_unlink_file)
{
  Place place;
  WasiErrno error = get_place (self, args[0].u32, args[1].u32, args[2].u32, &place);
  return error != WASI_OK ? error : souk_memfs_unlink (&self->files, place.base, place.path);
}

WASI_CALL (wasi_path_remove_directory)
{
  Place place;
  WasiErrno error = get_place (self, args[0].u32, args[1].u32, args[2].u32, &place);
  return error != WASI_OK ? error : souk_memfs_remove_folder (&self->files, place.base, place.path);
}

/* Arguments: folder, path, its length; the same of the new name. */
WASI_CALL (wasi_path_rename)
{
  Place from, to;
  WasiErrno error = get_place (self, args[0].u32, args[1].u32, args[2].u32, &from);
  if (error == WASI_OK)
    error = get_place (self, args[3].u32, args[4].u32, args[5].u32, &to);
  if (error == WASI_OK)
    error = souk_memfs_rename (&self->files, from.base, from.path, to.base, to.path);
  return error;
}
