/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What test-write-gate kills: writes batches into the store in DATA from FIRST to LAST - 1, one '.'
 * on stdout for each that is durable, collects garbage in between, ends in order.
 */
#include "crash-util.h"

#include "store/gc.h"

#include <stdlib.h>
#include <unistd.h>

static void
on_collected (const SoukGcReport *report, const GError *error, gpointer user)
{
  *(bool *)user = true;
}

static void
collect (SoukStore *store)
{
  bool is_done = false;
  souk_gc_run (store, -1, on_collected, &is_done);
  while (!is_done)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc, char **argv)
{
  g_assert (argc == 4);
  uint32_t first = (uint32_t)atoi (argv[2]), last = (uint32_t)atoi (argv[3]);
  SoukStore *store = open_store (argv[1]);

  for (uint32_t k = first; k < last; k++)
    {
      commit (make_batch (store, k));
      if (write (STDOUT_FILENO, ".", 1) != 1)
        return 1;
      if (k == 1)
        collect (store);
    }
  souk_store_close (store);
  return 0;
}
