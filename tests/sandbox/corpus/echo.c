/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A job that copies standard input to standard output.
 */
#include <stdio.h>

int
main (void)
{
  static char buffer[65536];
  size_t len;
  while ((len = fread (buffer, 1, sizeof buffer, stdin)) > 0)
    fwrite (buffer, 1, len, stdout);
  return 0;
}
