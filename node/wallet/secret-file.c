/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private files. GLIB. See secret-file.h.
 *
 * Making one: a new file beside it, written and synced, gets its name by a rename that fails when
 * the name is taken, and then the folder is synced. So a wallet that is there can not be lost to a
 * second start, and half a file never has the name.
 */
#include "wallet/secret-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
fail (GError **error, SoukWalletError code, const char *what, const char *path)
{
  int saved = errno;
  g_set_error (error, SOUK_WALLET_ERROR, code, "%s %s: %s.", what, path, g_strerror (saved));
  return false;
}

/* Reads until the end or until one byte more than `size_max` was there; -1 on an error. */
static ssize_t
read_whole (int fd, uint8_t *out, size_t size_max)
{
  size_t filled = 0;
  uint8_t extra;
  for (;;)
    {
      bool is_full = filled == size_max;
      ssize_t got = is_full ? read (fd, &extra, 1) : read (fd, out + filled, size_max - filled);
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        return -1;
      if (got == 0)
        return (ssize_t)filled;
      if (is_full)
        return (ssize_t)size_max + 1;
      filled += (size_t)got;
    }
}

/* Like souk_secret_file_read(), but what was read before a failure is still in `out`. */
static bool
read_file (uint8_t *out, size_t *out_len, unsigned *out_mode, const char *path, size_t size_max,
           GError **error)
{
  struct stat info;
  /* Not blocking: a pipe of that name must not hold up the start. */
  g_autofd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return fail (error, errno == ENOENT ? SOUK_WALLET_ERROR_MISSING : SOUK_WALLET_ERROR_FILE,
                 "Cannot open", path);
  if (fstat (fd, &info) != 0)
    return fail (error, SOUK_WALLET_ERROR_FILE, "Cannot look at", path);
  if (!S_ISREG (info.st_mode))
    {
      g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_DAMAGED, "%s is not a file.", path);
      return false;
    }
  ssize_t len = read_whole (fd, out, size_max);
  if (len < 0)
    return fail (error, SOUK_WALLET_ERROR_FILE, "Cannot read", path);
  if ((size_t)len > size_max)
    {
      g_set_error (error, SOUK_WALLET_ERROR, SOUK_WALLET_ERROR_DAMAGED,
                   "%s is too long to be what it should be.", path);
      return false;
    }
  *out_len = (size_t)len;
  if (out_mode != NULL)
    *out_mode = info.st_mode & 07777;
  return true;
}

bool
souk_secret_file_read (uint8_t *out, size_t *out_len, unsigned *out_mode, const char *path,
                       size_t size_max, GError **error)
{
  if (read_file (out, out_len, out_mode, path, size_max, error))
    return true;
  sodium_memzero (out, size_max);
  return false;
}

static bool
write_whole (int fd, SoukSlice content)
{
  while (content.len > 0)
    {
      ssize_t put = write (fd, content.data, content.len);
      if (put < 0 && errno == EINTR)
        continue;
      if (put < 0)
        return false;
      content.data += put;
      content.len -= (size_t)put;
    }
  return fsync (fd) == 0;
}

/* Moves `from` to `to` unless there is one. Not every file system knows the flag; a hard link has
 * the same effect. */
static bool
rename_to_free_name (const char *from, const char *to)
{
  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return true;
  if (errno != EINVAL && errno != ENOSYS)
    return false;
  return link (from, to) == 0 && unlink (from) == 0;
}

static bool
sync_folder_of (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofd int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return fd >= 0 && fsync (fd) == 0;
}

bool
souk_secret_file_create (const char *path, SoukSlice content, GError **error)
{
  g_autofree char *temporary = g_strconcat (path, ".new-XXXXXX", NULL);
  g_autofd int fd = g_mkstemp_full (temporary, O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail (error, SOUK_WALLET_ERROR_FILE, "Cannot write beside", path);
  if (!write_whole (fd, content))
    {
      fail (error, SOUK_WALLET_ERROR_FILE, "Cannot write", temporary);
      g_unlink (temporary);
      return false;
    }
  if (!rename_to_free_name (temporary, path))
    {
      fail (error, errno == EEXIST ? SOUK_WALLET_ERROR_EXISTS : SOUK_WALLET_ERROR_FILE,
            "Cannot make", path);
      g_unlink (temporary);
      return false;
    }
  if (!sync_folder_of (path))
    return fail (error, SOUK_WALLET_ERROR_FILE, "Cannot sync the folder of", path);
  return true;
}
