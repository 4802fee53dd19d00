/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Blocks as files. GLIB. See block-files.h for the order of writes.
 */
#include "store/block-files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SUFFIX ".data"

struct SoukBlockFiles {
  int dir;           /* blocks/ */
  uint64_t last_tmp; /* names in blocks/tmp/; writer thread only */
};

static bool
fail (GError **error, const char *what, const char *name)
{
  int code = errno;
  g_set_error (error, SOUK_STORE_ERROR,
               code == ENOSPC || code == EDQUOT ? SOUK_STORE_ERROR_NO_SPACE
               : code == ENOENT                 ? SOUK_STORE_ERROR_NOT_FOUND
                                                : SOUK_STORE_ERROR_IO,
               "The block file %s can not be %s: %s", name, what, g_strerror (code));
  return false;
}

static DIR *
open_dir_at (int at, const char *name)
{
  int fd = openat (at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return NULL;
  DIR *dir = fdopendir (fd);
  if (dir == NULL)
    close (fd);
  return dir;
}

/* What a kill left behind while it was written. */
static void
empty_tmp (SoukBlockFiles *self)
{
  DIR *dir = open_dir_at (self->dir, "tmp");
  if (dir == NULL)
    return;
  for (struct dirent *each; (each = readdir (dir)) != NULL;)
    if (each->d_name[0] != '.')
      unlinkat (dirfd (dir), each->d_name, 0);
  closedir (dir);
}

SoukBlockFiles *
souk_block_files_open (const char *data_dir, GError **error)
{
  g_autofree char *path = g_build_filename (data_dir, "blocks", NULL);
  SoukBlockFiles *self = g_new0 (SoukBlockFiles, 1);

  if ((mkdir (path, 0700) != 0 && errno != EEXIST)
      || (self->dir = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0
      || (mkdirat (self->dir, "tmp", 0700) != 0 && errno != EEXIST))
    {
      fail (error, "kept: its folder fails", path);
      g_free (self);
      return NULL;
    }
  empty_tmp (self);
  return self;
}

void
souk_block_files_close (SoukBlockFiles *self)
{
  if (self == NULL)
    return;
  close (self->dir);
  g_free (self);
}

/* "xy" of a name. */
static void
folder_of (const char *name, char out[3])
{
  size_t len = strlen (name);
  g_assert (len >= 4 && strchr (name, '/') == NULL);
  out[0] = name[len - 3];
  out[1] = name[len - 2];
  out[2] = '\0';
}

/* "xy/NAME.data". Returns: (transfer full). */
static char *
path_of (const char *name)
{
  char folder[3];
  folder_of (name, folder);
  return g_strdup_printf ("%s/%s" SUFFIX, folder, name);
}

static bool
write_all (int fd, SoukSlice bytes)
{
  while (bytes.len > 0)
    {
      ssize_t wrote = write (fd, bytes.data, bytes.len);
      if (wrote < 0 && errno == EINTR)
        continue;
      if (wrote <= 0)
        return false;
      bytes = souk_slice (bytes.data + wrote, bytes.len - (size_t)wrote);
    }
  return true;
}

typedef struct {
  int fd;
  char tmp[32]; /* "tmp/12"; "" once it is renamed */
} Pending;

/* Writes without waiting for the disk; the kernel is told to begin. */
static bool
start_one (SoukBlockFiles *self, const SoukBlockFile *file, Pending *pending, GError **error)
{
  g_snprintf (pending->tmp, sizeof pending->tmp, "tmp/%" G_GUINT64_FORMAT, ++self->last_tmp);
  pending->fd = openat (self->dir, pending->tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (pending->fd < 0 || !write_all (pending->fd, file->bytes))
    return fail (error, "written", file->name);
  (void)sync_file_range (pending->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
  return true;
}

/* Waits for the disk, then gives the file its name. Folders touched go into `folders`. */
static bool
finish_one (SoukBlockFiles *self, const SoukBlockFile *file, Pending *pending, GHashTable *folders,
            GError **error)
{
  char folder[3];
  g_autofree char *path = path_of (file->name);

  if (fdatasync (pending->fd) != 0)
    return fail (error, "flushed", file->name);
  folder_of (file->name, folder);
  if (mkdirat (self->dir, folder, 0700) == 0)
    g_hash_table_add (folders, g_strdup ("."));
  if (renameat (self->dir, pending->tmp, self->dir, path) != 0)
    return fail (error, "named", file->name);
  pending->tmp[0] = '\0';
  g_hash_table_add (folders, g_strdup (folder));
  return true;
}

static bool
sync_folders (SoukBlockFiles *self, GHashTable *folders, GError **error)
{
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, folders);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      int fd = openat (self->dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      bool ok = fd >= 0 && fsync (fd) == 0;
      if (!ok)
        fail (error, "listed durably in", name);
      if (fd >= 0)
        close (fd);
      if (!ok)
        return false;
    }
  return true;
}

static bool
write_group (SoukBlockFiles *self, const SoukBlockFile *files, size_t n_files, GHashTable *folders,
             GError **error)
{
  Pending pending[SOUK_BLOCK_FILES_GROUP_MAX];
  bool ok = true;
  size_t started = 0;

  for (; ok && started < n_files; started++)
    ok = start_one (self, &files[started], &pending[started], error);
  for (size_t i = 0; i < started; i++)
    {
      if (ok)
        ok = finish_one (self, &files[i], &pending[i], folders, error);
      if (pending[i].fd >= 0)
        close (pending[i].fd);
      if (pending[i].tmp[0] != '\0')
        unlinkat (self->dir, pending[i].tmp, 0);
    }
  return ok;
}

bool
souk_block_files_write (SoukBlockFiles *self, const SoukBlockFile *files, size_t n_files,
                        GError **error)
{
  g_autoptr (GHashTable) folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (size_t at = 0; at < n_files; at += SOUK_BLOCK_FILES_GROUP_MAX)
    if (!write_group (self, files + at, MIN (n_files - at, SOUK_BLOCK_FILES_GROUP_MAX), folders,
                      error))
      return false;
  return sync_folders (self, folders, error);
}

GBytes *
souk_block_files_read (SoukBlockFiles *self, const char *name, size_t size_max, GError **error)
{
  g_autofree char *path = path_of (name);
  int fd = openat (self->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat info;

  if (fd < 0)
    {
      fail (error, "opened", name);
      return NULL;
    }
  if (fstat (fd, &info) != 0 || info.st_size < 0 || (uint64_t)info.st_size > size_max)
    {
      g_set_error (error, SOUK_STORE_ERROR, SOUK_STORE_ERROR_BAD_BLOCK,
                   "The block file %s is larger than a block.", name);
      close (fd);
      return NULL;
    }
  size_t size = (size_t)info.st_size, got = 0;
  g_autofree uint8_t *data = g_malloc (size + 1);
  while (got < size)
    {
      ssize_t more = read (fd, data + got, size - got);
      if (more < 0 && errno == EINTR)
        continue;
      if (more < 0)
        {
          fail (error, "read", name);
          close (fd);
          return NULL;
        }
      if (more == 0)
        break; /* shorter than it was: the hash will tell */
      got += (size_t)more;
    }
  close (fd);
  return g_bytes_new_take (g_steal_pointer (&data), got);
}

void
souk_block_files_remove (SoukBlockFiles *self, const char *name)
{
  g_autofree char *path = path_of (name);
  unlinkat (self->dir, path, 0);
}

static void
each_in (int at, const char *folder, void (*visit) (const char *name, gpointer user), gpointer user)
{
  DIR *dir = open_dir_at (at, folder);
  if (dir == NULL)
    return;
  for (struct dirent *each; (each = readdir (dir)) != NULL;)
    if (g_str_has_suffix (each->d_name, SUFFIX))
      {
        g_autofree char *name = g_strndup (each->d_name, strlen (each->d_name) - strlen (SUFFIX));
        visit (name, user);
      }
  closedir (dir);
}

void
souk_block_files_each (SoukBlockFiles *self, void (*visit) (const char *name, gpointer user),
                       gpointer user)
{
  DIR *dir = open_dir_at (self->dir, ".");
  if (dir == NULL)
    return;
  for (struct dirent *each; (each = readdir (dir)) != NULL;)
    if (strlen (each->d_name) == 2 && each->d_name[0] != '.')
      each_in (self->dir, each->d_name, visit, user);
  closedir (dir);
}

int64_t
souk_block_files_free_space (SoukBlockFiles *self)
{
  struct statvfs info;
  if (fstatvfs (self->dir, &info) != 0)
    return INT64_MAX;
  return (int64_t)(info.f_bavail * info.f_frsize);
}
