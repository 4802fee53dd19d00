/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A job that computes for about a second, for limits on time.
 */
#include <stdio.h>
#include <stdlib.h>

int
main (int argc, char **argv)
{
  unsigned long long rounds = argc > 1 ? strtoull (argv[1], NULL, 10) : 1000000000ull, x = 1;
  for (unsigned long long i = 0; i < rounds; i++)
    x = x * 6364136223846793005ull + 1442695040888963407ull;
  printf ("%llu\n", x);
  return 0;
}
