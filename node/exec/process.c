/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory and processor time of another process. GLIB. See process.h.
 */
#include "exec/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads a small file of /proc into `out` as text. Called every 20 ms, so without allocation. */
static bool
read_proc (pid_t pid, const char *name, char *out, size_t size)
{
  char path[64];
  g_snprintf (path, sizeof path, "/proc/%d/%s", (int)pid, name);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  ssize_t len = read (fd, out, size - 1);
  close (fd);
  if (len <= 0)
    return false;
  out[len] = '\0';
  return true;
}

/* The fields of /proc/PID/stat behind the name, which may itself hold spaces and brackets. */
static const char *
stat_fields (char *text)
{
  char *bracket = strrchr (text, ')');
  return bracket != NULL && bracket[1] == ' ' ? bracket + 2 : NULL;
}

/* For kernels without /proc/PID/task/TID/children. */
static pid_t
search_child (pid_t parent)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      char text[512];
      pid_t pid = (pid_t)atoi (name);
      int above = 0;
      if (pid <= 0 || !read_proc (pid, "stat", text, sizeof text))
        continue;
      const char *fields = stat_fields (text);
      if (fields != NULL && sscanf (fields, "%*c %d", &above) == 1 && above == parent)
        return pid;
    }
  return 0;
}

pid_t
souk_process_first_child (pid_t parent)
{
  char name[64], text[256];
  g_snprintf (name, sizeof name, "task/%d/children", (int)parent);
  if (read_proc (parent, name, text, sizeof text))
    return (pid_t)atoi (text);
  g_autofree char *path = g_strdup_printf ("/proc/%d/%s", (int)parent, name);
  return g_file_test (path, G_FILE_TEST_EXISTS) ? 0 : search_child (parent);
}

bool
souk_process_use (pid_t pid, SoukProcessUse *out)
{
  char text[1024];
  unsigned long long user = 0, kernel = 0, pages = 0;
  if (!read_proc (pid, "stat", text, sizeof text))
    return false;
  const char *fields = stat_fields (text);
  /* state, then ten that are skipped, utime, stime; see proc_pid_stat(5) */
  if (fields == NULL
      || sscanf (fields, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &kernel)
             != 2)
    return false;
  if (!read_proc (pid, "statm", text, sizeof text) || sscanf (text, "%*u %llu", &pages) != 1)
    return false;
  out->cpu_ms = (user + kernel) * 1000 / (unsigned long long)sysconf (_SC_CLK_TCK);
  out->memory_kb = pages * (unsigned long long)sysconf (_SC_PAGESIZE) / 1024;
  return true;
}
