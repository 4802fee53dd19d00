/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the command line shows answers: for a person as lines and tables, for a program as JSON.
 */
#pragma once
#include "cli-client.h"

/* The sentence of a problem document, on stderr. */
void souk_cli_print_problem (const SoukCliAnswer *answer);
void souk_cli_print_json (JsonNode *json);
/* One value a line, or a row a line. */
void souk_cli_print_reply (const SoukCommand *command, JsonNode *json);
/* One log record a line. */
void souk_cli_print_log_record (JsonObject *record, bool is_json);
