/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A job that prints what two computers might disagree about: time, chance, order.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int
main (void)
{
  unsigned char random[8];
  struct stat info;
  struct timespec now;
  volatile double zero = 0;
  double nan = zero / zero;
  uint64_t bits;
  getentropy (random, sizeof random);
  for (unsigned i = 0; i < sizeof random; i++)
    printf ("%02x", random[i]);
  sleep (100);
  memcpy (&bits, &nan, sizeof bits);
  clock_gettime (CLOCK_MONOTONIC, &now);
  printf (" %ld %ld %016llx\n", (long)time (NULL), (long)now.tv_nsec, (unsigned long long)bits);
  DIR *dir = opendir ("/in");
  struct dirent *entry;
  while ((entry = readdir (dir)) != NULL)
    printf ("%s %llu\n", entry->d_name, (unsigned long long)entry->d_ino);
  stat ("/in/a", &info);
  printf ("%lld %ld\n", (long long)info.st_size, (long)info.st_mtime);
  return 0;
}
