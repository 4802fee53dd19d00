/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From an HTTP method, path, query and body to a row of the command table and its arguments. GLIB,
 * any thread; no server in it, so that it is tested and fuzzed alone.
 */
#pragma once
#include "api/call.h"

/* Finds the row of a method and a path; literal words win over {arguments}.
 * Out: (transfer full): the arguments that the path holds, percent-decoded.
 * Returns: (nullable): NULL when no row has the path; *out_other_method tells whether one has it
 * with another method. */
const SoukCommand *souk_request_match (const char *method, const char *path, JsonObject **out_args,
                                       bool *out_other_method);

/* Adds the query's arguments, each as the type that the table gives it.
 * Returns: (nullable) (transfer full): what is wrong. */
SoukProblem *souk_request_add_query (const SoukCommand *command, const char *query,
                                     JsonObject *args);

/* Adds the members of a JSON body, which must be an object or empty. */
SoukProblem *souk_request_add_body (const SoukCommand *command, GBytes *body, JsonObject *args);
