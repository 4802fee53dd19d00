/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `souk node`: a node without a display.
 */
#pragma once

/* Runs a node until SIGTERM or SIGINT. argv[0] is the program. When the node is ready, one JSON
 * line on stdout says where: {"event":"ready","peer_id":…,"listen":[…],"api":…,"socket":…}.
 * Returns: an exit status (cli.h). */
int souk_headless_run (int argc, char **argv);
