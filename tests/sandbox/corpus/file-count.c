/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A job that makes files without end.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int
main (void)
{
  for (unsigned i = 0;; i++)
    {
      char name[32];
      snprintf (name, sizeof name, "/out/%u", i);
      int fd = open (name, O_CREAT | O_WRONLY, 0666);
      if (fd >= 0)
        close (fd);
    }
}
