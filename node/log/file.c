/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A rotating file of lines. GLIB. See file.h.
 */
#include "log/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct SoukLogFile {
  char *path;
  uint64_t bytes_max;
  unsigned kept;
  int fd; /* -1 after a failed rotation, until it succeeds */
  uint64_t size;
};

static bool
open_file (SoukLogFile *self)
{
  struct stat info;
  self->fd = open (self->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->fd < 0)
    return false;
  self->size = fstat (self->fd, &info) == 0 ? (uint64_t)info.st_size : 0;
  return true;
}

SoukLogFile *
souk_log_file_new (const char *path, uint64_t bytes_max, unsigned kept, GError **error)
{
  SoukLogFile *self = g_new0 (SoukLogFile, 1);
  self->path = g_strdup (path);
  self->bytes_max = bytes_max;
  self->kept = kept;
  if (open_file (self))
    return self;
  int code = errno;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
               "The log file %s can not be opened: %s", path, g_strerror (code));
  souk_log_file_free (self);
  return NULL;
}

void
souk_log_file_free (SoukLogFile *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self);
}

/* Moves each file one number up; the last falls off. A rename that fails (the file is not there
 * yet) leaves its number empty. */
static void
rotate (SoukLogFile *self)
{
  close (self->fd);
  self->fd = -1;
  for (unsigned i = self->kept; i > 0; i--)
    {
      g_autofree char *from
          = i == 1 ? g_strdup (self->path) : g_strdup_printf ("%s.%u", self->path, i - 1);
      g_autofree char *to = g_strdup_printf ("%s.%u", self->path, i);
      (void)rename (from, to);
    }
}

bool
souk_log_file_write (SoukLogFile *self, const char *line)
{
  size_t len = strlen (line) + 1;
  if (self->fd >= 0 && self->size > 0 && self->size + len > self->bytes_max)
    rotate (self);
  if (self->fd < 0 && !open_file (self))
    return false;

  struct iovec parts[2] = { { (char *)line, len - 1 }, { (char *)"\n", 1 } };
  ssize_t wrote;
  do
    wrote = writev (self->fd, parts, 2);
  while (wrote < 0 && errno == EINTR);
  if (wrote > 0)
    self->size += (uint64_t)wrote;
  return wrote == (ssize_t)len;
}
