/* SPDX-License-Identifier: GPL-3.0-or-later
 * A process that writes batches is killed at a random moment: all that it was told is durable is
 * there, nothing is torn. Several batches are under way at once, so that they share flushes.
 */
#include "crash-util.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 12
#define UNDER_WAY 5

typedef struct {
  SoukStore *store;
  int out;
  uint32_t next;
} Writer;

static void
on_written (const GError *error, gpointer user)
{
  Writer *writer = user;
  if (error != NULL || write (writer->out, ".", 1) != 1)
    _exit (1);
  souk_store_commit (make_batch (writer->store, writer->next++), on_written, writer);
}

/* In the child: one '.' for each batch that is durable, in order, until it is killed. */
static void
write_until_killed (const char *folder, uint32_t first, int out)
{
  Writer writer = { open_store (folder), out, first };
  for (int i = 0; i < UNDER_WAY; i++)
    souk_store_commit (make_batch (writer.store, writer.next++), on_written, &writer);
  for (;;)
    g_main_context_iteration (NULL, TRUE);
}

/* Kills it `after_us` after it has begun or, with `is_warm`, after the first batch is durable.
 * Returns: how many batches the child said were durable. */
static uint32_t
run_and_kill (const char *folder, uint32_t first, bool is_warm, unsigned after_us)
{
  int ends[2];
  g_assert_cmpint (pipe (ends), ==, 0);
  pid_t child = fork ();
  if (child == 0)
    {
      close (ends[0]);
      write_until_killed (folder, first, ends[1]);
    }
  close (ends[1]);
  uint32_t acknowledged = 0;
  char byte;
  if (is_warm && read (ends[0], &byte, 1) == 1)
    acknowledged++;
  g_usleep (after_us);
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);

  while (read (ends[0], &byte, 1) == 1)
    acknowledged++;
  close (ends[0]);
  return acknowledged;
}

static void
test_kill (void)
{
  char *folder = make_folder ();
  uint32_t present = 0;

  for (int round = 0; round < ROUNDS; round++)
    {
      uint32_t acknowledged = run_and_kill (folder, present, round % 3 != 0,
                                            (unsigned)g_test_rand_int_range (100, 20000));
      uint32_t before = present;
      present = verify (folder, before + acknowledged);
      g_test_message ("round %d: %u told, %u there", round, acknowledged, present - before);
      g_assert_cmpuint (present - before, <=, acknowledged + UNDER_WAY);
    }
  g_assert_cmpuint (present, >, 0);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  prefer_memory ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/crash/a-kill-loses-nothing-that-was-told-durable", test_kill);
  return g_test_run ();
}
