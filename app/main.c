/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One program: `souk` opens the window, `souk node` runs without a display, and
 * `souk NOUN VERB` speaks to a node that runs.
 */
#include "cli.h"
#include "headless.h"
#include "souk-config.h"
#ifdef SOUK_HAS_WINDOW
#include "application.h"
#endif

#include <glib.h>
#include <locale.h>
#include <string.h>

static void
print_help (void)
{
  g_print ("souk: an open market for prompts and for compute, with nobody in the middle.\n\n"
           "  souk\n      Opens the window; the node runs inside it.\n"
           "  souk node [--data-dir DIR] [--listen MULTIADDR]… [--bootstrap MULTIADDR]…\n"
           "            [--api HOST:PORT] [--network NAME] [--provider] [--no-mdns] [--verbose]\n"
           "      Runs a node without a display; prints one JSON line when it is ready.\n");
  souk_cli_print_help ();
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  if (argc >= 2 && (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "help") == 0))
    {
      print_help ();
      return SOUK_EXIT_OK;
    }
  if (argc >= 2 && strcmp (argv[1], "--version") == 0)
    {
      g_print ("souk %s\n", SOUK_VERSION);
      return SOUK_EXIT_OK;
    }
  if (argc >= 2 && strcmp (argv[1], "node") == 0 && (argc == 2 || argv[2][0] == '-'))
    return souk_headless_run (argc - 1, argv + 1);
  if (argc >= 2 && argv[1][0] != '-')
    return souk_cli_run (argc - 1, argv + 1);
#ifdef SOUK_HAS_WINDOW
  return souk_application_main (argc, argv);
#else
  g_printerr ("souk: this build has no window; use `souk node`, or see souk --help.\n");
  return SOUK_EXIT_USAGE;
#endif
}
