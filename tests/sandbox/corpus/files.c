/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A job that reads the files it was given, tries to leave its root, and writes results.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const outside[] = {
  "/etc/passwd",    "/proc/self/environ", "../../etc/passwd", "/../etc/passwd",
  "/in/../../proc", "/dev/urandom",       "/worker",
};

int
main (void)
{
  char text[64] = { 0 };
  for (unsigned i = 0; i < sizeof outside / sizeof *outside; i++)
    if (open (outside[i], O_RDONLY) >= 0)
      return 10 + (int)i;
  FILE *in = fopen ("/in/number.txt", "r+");
  if (in == NULL || fgets (text, sizeof text, in) == NULL)
    return 1;
  /* The given file is the job's own copy. */
  rewind (in);
  fputs ("changed", in);
  fclose (in);
  if (mkdir ("/out/deep", 0777) != 0 || rename ("/in/number.txt", "/out/deep/moved.txt") != 0)
    return 2;
  FILE *out = fopen ("/out/result.txt", "w");
  fprintf (out, "twice %s", text);
  fclose (out);
  FILE *scratch = fopen ("/tmp/scratch", "w");
  fputs ("not a result", scratch);
  fclose (scratch);
  DIR *dir = opendir ("/");
  struct dirent *entry;
  while ((entry = readdir (dir)) != NULL)
    printf ("%s\n", entry->d_name);
  closedir (dir);
  return symlink ("/etc", "/out/link") == 0 ? 3 : 0;
}
