/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A job that says hello to its arguments and its environment.
 */
#include <stdio.h>
#include <stdlib.h>

int
main (int argc, char **argv)
{
  printf ("hello");
  for (int i = 1; i < argc; i++)
    printf (" %s", argv[i]);
  printf (" from %s\n", getenv ("PLACE") != NULL ? getenv ("PLACE") : "nowhere");
  fprintf (stderr, "to the error stream\n");
  return argc;
}
