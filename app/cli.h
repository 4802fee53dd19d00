/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The command line: `souk NOUN VERB …` asks the running node over its Unix socket.
 */
#pragma once

/* Exit statuses, for scripts. */
#define SOUK_EXIT_OK 0
#define SOUK_EXIT_FAILED 1  /* the node answered with a problem */
#define SOUK_EXIT_USAGE 2   /* the words make no command */
#define SOUK_EXIT_NO_NODE 3 /* no node runs on the data directory */

/* Runs one command; argv[0] is the noun. Prints the answer, or a sentence on stderr.
 * Returns: an exit status. */
int souk_cli_run (int argc, char **argv);

/* Prints every command with its arguments. */
void souk_cli_print_help (void);
