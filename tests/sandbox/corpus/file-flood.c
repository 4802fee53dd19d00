/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A job that fills its file system.
 */
#include <stdio.h>

int
main (void)
{
  static char block[65536];
  FILE *out = fopen ("/out/flood", "w");
  for (;;)
    fwrite (block, 1, sizeof block, out);
}
