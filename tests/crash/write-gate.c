/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A gate in front of a process's writes, to kill it between any two of them. Tests only; loaded with
 * LD_PRELOAD. It counts the calls that change what a node keeps: write, pwrite, fsync, fdatasync on
 * files whose path ends in "-wal" or ".sqlite" or has "/blocks/" in it, rename and unlink of the
 * latter.
 *
 *   SOUK_CRASH_COUNT_FILE=PATH  keeps the count there, as decimal digits: a dry run tells how many
 *   SOUK_CRASH_AT=N             SIGKILL at call N, counted from 1
 *   SOUK_CRASH_WHEN=before|after|torn
 *                               before the call is made (default), after it has been, or, of a
 *                               write, after the first half of its bytes
 *   SOUK_CRASH_TRACE=PATH       appends one line for each call
 *
 * Thread: any. Child processes count for themselves; those that write no such file leave no trace.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__ ((visibility ("default")))

enum {
  WHEN_BEFORE,
  WHEN_AFTER,
  WHEN_TORN,
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static long crash_at; /* 0: never */
static int crash_when;
static int count_fd = -1;
static int trace_fd = -1;
static long count; /* atomic */

static int
open_named (const char *variable, int flags)
{
  const char *path = getenv (variable);
  return path != NULL ? open (path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600) : -1;
}

static void
start (void)
{
  const char *at = getenv ("SOUK_CRASH_AT");
  const char *when = getenv ("SOUK_CRASH_WHEN");
  crash_at = at != NULL ? atol (at) : 0;
  crash_when = when == NULL || strcmp (when, "before") == 0 ? WHEN_BEFORE
               : strcmp (when, "torn") == 0                 ? WHEN_TORN
                                                            : WHEN_AFTER;
  count_fd = open_named ("SOUK_CRASH_COUNT_FILE", 0);
  trace_fd = open_named ("SOUK_CRASH_TRACE", O_APPEND);
}

static bool
ends_with (const char *text, const char *end)
{
  size_t text_len = strlen (text), end_len = strlen (end);
  return text_len >= end_len && strcmp (text + text_len - end_len, end) == 0;
}

static bool
is_kept (const char *path)
{
  return ends_with (path, "-wal") || ends_with (path, ".sqlite")
         || strstr (path, "/blocks/") != NULL || ends_with (path, "/blocks");
}

/* The path of a descriptor, and of `name` below it when that is not absolute. False when it has
 * none that is kept. */
static bool
is_kept_at (int fd, const char *name, char path[4096])
{
  char link[64];
  ssize_t len = 0;

  if (name == NULL || (name[0] != '/' && fd != AT_FDCWD))
    {
      snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
      len = readlink (link, path, 2048);
      if (len < 0)
        return false;
      path[len] = '\0';
    }
  if (name != NULL)
    snprintf (path + len, 4096 - (size_t)len, "%s%s", len > 0 ? "/" : "", name);
  return is_kept (path);
}

/* The system's own calls, not through this file. */
static void
raw_write (int fd, const char *text, size_t len)
{
  syscall (SYS_write, fd, text, len);
}

static void
die (void)
{
  syscall (SYS_kill, (long)getpid (), SIGKILL);
  for (;;)
    pause ();
}

/* Counts a call on a kept file and dies before it when it is its turn.
 * Returns: the call's number, or 0 when it is none of ours. */
static long
enter (int fd, const char *name, const char *call)
{
  char path[4096];
  char text[4200];
  int saved = errno;

  pthread_once (&once, start);
  if (!is_kept_at (fd, name, path))
    {
      errno = saved;
      return 0;
    }
  long number = __atomic_add_fetch (&count, 1, __ATOMIC_SEQ_CST);
  if (count_fd >= 0)
    {
      int len = snprintf (text, sizeof text, "%ld\n", number);
      syscall (SYS_pwrite64, count_fd, text, (size_t)len, 0L);
    }
  if (trace_fd >= 0)
    {
      int len = snprintf (text, sizeof text, "%ld %s %s\n", number, call, path);
      raw_write (trace_fd, text, (size_t)len);
    }
  if (number == crash_at && crash_when == WHEN_BEFORE)
    die ();
  errno = saved;
  return number;
}

static bool
is_torn (long number)
{
  return number != 0 && number == crash_at && crash_when == WHEN_TORN;
}

static void
leave (long number)
{
  if (number != 0 && number == crash_at)
    die ();
}

EXPORT ssize_t
write (int fd, const void *data, size_t len)
{
  long number = enter (fd, NULL, "write");
  ssize_t wrote = syscall (SYS_write, fd, data, is_torn (number) ? len / 2 : len);
  leave (number);
  return wrote;
}

static ssize_t
gated_pwrite (int fd, const void *data, size_t len, off64_t offset)
{
  long number = enter (fd, NULL, "pwrite");
  ssize_t wrote = syscall (SYS_pwrite64, fd, data, is_torn (number) ? len / 2 : len, offset);
  leave (number);
  return wrote;
}

EXPORT ssize_t
pwrite (int fd, const void *data, size_t len, off_t offset)
{
  return gated_pwrite (fd, data, len, offset);
}

EXPORT ssize_t
pwrite64 (int fd, const void *data, size_t len, off64_t offset)
{
  return gated_pwrite (fd, data, len, offset);
}

EXPORT int
fsync (int fd)
{
  long number = enter (fd, NULL, "fsync");
  int result = (int)syscall (SYS_fsync, fd);
  leave (number);
  return result;
}

EXPORT int
fdatasync (int fd)
{
  long number = enter (fd, NULL, "fdatasync");
  int result = (int)syscall (SYS_fdatasync, fd);
  leave (number);
  return result;
}

EXPORT int
renameat (int from_fd, const char *from, int to_fd, const char *to)
{
  long number = enter (to_fd, to, "rename");
  int result = (int)syscall (SYS_renameat2, from_fd, from, to_fd, to, 0L);
  leave (number);
  return result;
}

EXPORT int
rename (const char *from, const char *to)
{
  return renameat (AT_FDCWD, from, AT_FDCWD, to);
}

EXPORT int
unlinkat (int fd, const char *name, int flags)
{
  long number = enter (fd, name, "unlink");
  int result = (int)syscall (SYS_unlinkat, fd, name, flags);
  leave (number);
  return result;
}

EXPORT int
unlink (const char *name)
{
  return unlinkat (AT_FDCWD, name, 0);
}
