/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The store, killed at each of its writes: before it, after it, in the middle of it. Each time all
 * that it said was durable is there, nothing is torn, and a second start finishes the work.
 *
 * SOUK_CRASH_STEP=N looks at every Nth write only; 1 is all of them.
 */
#include "crash-util.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define BATCHES 4

static char *victim, *gate;

/* Runs the victim from batch `first`. Out: how many batches it said were durable.
 * Returns: true when it was killed. */
static bool
run_victim (const char *folder, uint32_t first, const char *count_file, long at, const char *when,
            uint32_t *out_told)
{
  g_auto (GStrv) env = g_get_environ ();
  g_autofree char *at_text = g_strdup_printf ("%ld", at);
  g_autofree char *first_text = g_strdup_printf ("%u", first);
  g_autofree char *last_text = g_strdup_printf ("%d", BATCHES);
  char *argv[] = { victim, (char *)folder, first_text, last_text, NULL };
  g_autofree char *out = NULL;
  g_autoptr (GError) error = NULL;
  int status = 0;

  env = g_environ_setenv (env, "LD_PRELOAD", gate, TRUE);
  env = g_environ_setenv (env, "SOUK_CRASH_AT", at_text, TRUE);
  env = g_environ_setenv (env, "SOUK_CRASH_WHEN", when, TRUE);
  if (count_file != NULL)
    env = g_environ_setenv (env, "SOUK_CRASH_COUNT_FILE", count_file, TRUE);
  g_assert_true (
      g_spawn_sync (NULL, argv, env, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, &status, &error));
  g_assert_no_error (error);
  *out_told = (uint32_t)strlen (out);
  if (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL)
    return true;
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  return false;
}

static long
count_writes (void)
{
  char *folder = make_folder ();
  g_autofree char *count_file = g_strdup_printf ("%s.count", folder);
  g_autofree char *text = NULL;
  uint32_t told;

  g_assert_false (run_victim (folder, 0, count_file, 0, "before", &told));
  g_assert_cmpuint (told, ==, BATCHES);
  g_assert_cmpuint (verify (folder, BATCHES), ==, BATCHES);
  g_assert_true (g_file_get_contents (count_file, &text, NULL, NULL));
  remove (count_file);
  remove_folder (folder);
  return atol (text);
}

static void
crash_at (long at, const char *when)
{
  char *folder = make_folder ();
  uint32_t told, told_then;

  g_assert_true (run_victim (folder, 0, NULL, at, when, &told));
  uint32_t present = verify (folder, told);
  g_assert_cmpuint (present, <=, told + 1);
  g_assert_false (run_victim (folder, present, NULL, 0, when, &told_then));
  g_assert_cmpuint (verify (folder, BATCHES), ==, BATCHES);
  remove_folder (folder);
}

static void
test_every_write (gconstpointer when)
{
  const char *step_text = g_getenv ("SOUK_CRASH_STEP");
  long step = step_text != NULL ? atol (step_text) : 1;
  long total = count_writes ();

  g_test_message ("%ld writes, every %ld", total, step);
  g_assert_cmpint (total, >, 40);
  for (long at = 1; at <= total; at += step)
    crash_at (at, when);
}

int
main (int argc, char **argv)
{
  prefer_memory ();
  g_test_init (&argc, &argv, NULL);
  g_assert (argc == 3);
  victim = argv[1];
  gate = argv[2];
  g_test_add_data_func ("/crash/store/killed-before-any-write-it-goes-on", "before",
                        test_every_write);
  g_test_add_data_func ("/crash/store/killed-after-any-write-it-goes-on", "after",
                        test_every_write);
  g_test_add_data_func ("/crash/store/killed-within-any-write-it-goes-on", "torn",
                        test_every_write);
  return g_test_run ();
}
