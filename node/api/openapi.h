/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The OpenAPI 3.1 document, made from the command table. GLIB, any thread.
 */
#pragma once
#include <json-glib/json-glib.h>

/* Returns: (transfer full): the whole document. */
JsonNode *souk_openapi_document (const char *version);
