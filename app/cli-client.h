/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HTTP over the node's Unix socket, for the command line: one blocking request at a time.
 */
#pragma once
#include "api/command.h"

#include <json-glib/json-glib.h>

typedef struct SoukCliClient SoukCliClient;

typedef struct {
  long status;    /* HTTP's, or 0 when nobody answers */
  JsonNode *json; /* (nullable): what the node answered, when it is JSON */
  GBytes *bytes;  /* the same as bytes */
} SoukCliAnswer;

SoukCliClient *souk_cli_client_new (const char *data_dir);
void souk_cli_client_free (SoukCliClient *self);
/* The socket's path; borrowed. */
const char *souk_cli_client_path (const SoukCliClient *self);
/* Runs a row of the table. Returns: (transfer full): never NULL. */
SoukCliAnswer *souk_cli_client_call (SoukCliClient *self, const SoukCommand *command,
                                     JsonObject *args, GBytes *body);
void souk_cli_answer_free (SoukCliAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukCliAnswer, souk_cli_answer_free)
