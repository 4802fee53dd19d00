/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Watching a process by /proc.
 */
#include "exec/process.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
test_own (void)
{
  SoukProcessUse use, more;
  enum { SIZE = 64 << 20 };
  g_assert_true (souk_process_use (getpid (), &use));
  g_assert_cmpuint (use.memory_kb, >, 500);
  uint8_t *block = g_malloc (SIZE);
  memset (block, 1, SIZE);
  gint64 until = g_get_monotonic_time () + 100000;
  while (g_get_monotonic_time () < until)
    block[g_random_int_range (0, SIZE)]++;
  g_assert_true (souk_process_use (getpid (), &more));
  g_assert_cmpuint (more.memory_kb, >=, use.memory_kb + (SIZE >> 11));
  g_assert_cmpuint (more.cpu_ms, >, use.cpu_ms);
  g_free (block);
}

static void
test_child (void)
{
  SoukProcessUse use;
  pid_t child = fork ();
  if (child == 0)
    {
      pause ();
      _exit (0);
    }
  g_assert_cmpint (souk_process_first_child (getpid ()), ==, child);
  g_assert_true (souk_process_use (child, &use));
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);
  g_assert_cmpint (souk_process_first_child (getpid ()), ==, 0);
  g_assert_false (souk_process_use (child, &use));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exec/process/memory-and-time-are-seen", test_own);
  g_test_add_func ("/exec/process/a-child-is-found-and-missed", test_child);
  return g_test_run ();
}
